//! Folders of a terminal, as accidents leave them.

use std::fs;

use shikaku::http::Signer as _;

use super::*;

/// A folder of one test's own, removed with the value.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("shikaku-terminal-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        Self(path)
    }

    fn open(&self) -> Result<Terminal, Failure> {
        Terminal::open(Some(&self.0))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A state that can be told from others by what it has for a trust list.
fn state(trust: &str) -> State {
    let settings = r#"{"version":1,"device_id":"BwcHBwcHBwcHBwcHBwcHBw","institution":"1310112345",
        "institution_name":"クリニック","origin":"https://shikaku.example","phase":"live","phase_since":1800000000,
        "test":false,"visual":false,"history":false,"staff":[],"idle_lock_seconds":0,
        "limits":{"checks_per_minute":30,"burst":10,"open_challenges":4},"minimum_app_version":"0.1.0","notices":[],
        "service_keys":[],"test_anchors":[]}"#;
    State {
        trust: trust.to_owned(),
        settings: serde_json::from_str(settings).unwrap(),
        challenges: ChallengePool::new(),
        clock_offset: 0,
        unsent: Vec::new(),
    }
}

fn code<T>(result: Result<T, Failure>) -> Option<Code> {
    result.err().and_then(|failure| failure.code())
}

#[test]
fn the_key_is_made_once_and_the_state_comes_back() {
    let folder = Folder::new("once");
    let terminal = folder.open().unwrap();
    assert_eq!(code(terminal.registered()), Some(Code::NotRegistered));
    let spki = terminal.device_key().unwrap().spki().to_vec();
    for settings in ["one", "two", "three"] {
        terminal.save(&state(settings)).unwrap();
    }
    drop(terminal);
    let terminal = folder.open().unwrap();
    assert_eq!(terminal.device_key().unwrap().spki(), spki);
    assert_eq!(terminal.registered().unwrap(), state("three"));
}

#[cfg(unix)]
#[test]
fn nobody_else_may_read_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = Folder::new("mode");
    let terminal = folder.open().unwrap();
    terminal.device_key().unwrap();
    terminal.save(&state("one")).unwrap();
    for entry in fs::read_dir(&folder.0).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{:?}", entry.path());
    }
    drop(terminal);
    fs::set_permissions(&folder.0, fs::Permissions::from_mode(0o755)).unwrap();
    assert!(folder.open().is_err());
}

#[test]
fn one_process_at_a_time() {
    let folder = Folder::new("lock");
    let terminal = folder.open().unwrap();
    assert!(folder.open().is_err());
    drop(terminal);
    assert!(folder.open().is_ok());
}

#[test]
fn a_write_that_was_cut_off_leaves_the_state_before() {
    let folder = Folder::new("cut");
    let terminal = folder.open().unwrap();
    terminal.save(&state("one")).unwrap();
    terminal.save(&state("two")).unwrap();
    let newest = folder.0.join("state.0");
    let whole = fs::read(&newest).unwrap();
    fs::write(&newest, &whole[..whole.len() / 2]).unwrap();
    fs::write(folder.0.join("state.0.new"), b"rest").unwrap();
    assert_eq!(terminal.registered().unwrap(), state("one"));
    terminal.save(&state("three")).unwrap();
    assert_eq!(terminal.registered().unwrap(), state("three"));
}

#[test]
fn old_state_files_put_back_are_recognised() {
    let folder = Folder::new("back");
    let terminal = folder.open().unwrap();
    terminal.save(&state("one")).unwrap();
    let old = fs::read(folder.0.join("state.1")).unwrap();
    terminal.save(&state("two")).unwrap();
    terminal.save(&state("three")).unwrap();
    fs::write(folder.0.join("state.1"), old).unwrap();
    fs::remove_file(folder.0.join("state.0")).unwrap();
    assert_eq!(code(terminal.load()), Some(Code::StateRolledBack));
}

#[test]
fn damage_and_a_lost_key_are_told_apart_and_nothing_is_made_anew() {
    let folder = Folder::new("damage");
    let terminal = folder.open().unwrap();
    terminal.device_key().unwrap();
    terminal.save(&state("one")).unwrap();
    fs::write(folder.0.join("state.1"), b"x").unwrap();
    fs::write(folder.0.join("device.1"), b"x").unwrap();
    assert_eq!(code(terminal.load()), Some(Code::StateDamaged));
    assert_eq!(code(terminal.device_key()), Some(Code::StateDamaged));
    assert_eq!(code(terminal.save(&state("two"))), Some(Code::StateDamaged));
    drop(terminal);
    fs::remove_file(folder.0.join("data.key")).unwrap();
    assert_eq!(code(folder.open()), Some(Code::StateKeyLost));
    Terminal::discard(Some(&folder.0)).unwrap();
    assert_eq!(folder.open().unwrap().load().unwrap(), None);
}

#[test]
fn a_wiped_terminal_keeps_nothing() {
    let folder = Folder::new("wipe");
    let terminal = folder.open().unwrap();
    let spki = terminal.device_key().unwrap().spki().to_vec();
    terminal.save(&state("one")).unwrap();
    terminal.wipe().unwrap();
    let left: Vec<_> = fs::read_dir(&folder.0).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["lock"]);
    drop(terminal);
    let terminal = folder.open().unwrap();
    assert_ne!(terminal.device_key().unwrap().spki(), spki);
}
