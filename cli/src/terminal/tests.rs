//! Folders of a terminal, as accidents and older programs leave them.

use std::fs;
use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use shikaku::http::{Signer as _, SoftwareKey};
use shikaku::terminal::{DeviceKey, Storage as _};
use shikaku::vault::{self, DataKey, Place};

use super::*;

/// A folder of one test's own, removed with the value.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("shikaku-terminal-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        Self(path)
    }

    fn open(&self) -> Result<Folder, Failure> {
        Folder::open(Some(&self.0))
    }

    fn names(&self) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(&self.0)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    /// What a program of before kept: the state of then, and these files with a device key.
    fn of_an_older_program(name: &str, files: &[(&str, u64, &SoftwareKey)]) -> Self {
        let scratch = Self::new(name);
        drop(scratch.open().unwrap());
        let octets = fs::read(scratch.0.join("data.key")).unwrap();
        let (key, id) = octets.split_first_chunk::<32>().unwrap();
        let device = URL_SAFE_NO_PAD.encode(id);
        let seal = |file: &str, generation, octets: &[u8]| {
            let record = file.split('.').next().unwrap();
            let place = Place { device: &device, record, schema: 1 };
            let nonce = [u8::try_from(generation).unwrap(); 12];
            let sealed = vault::seal(&DataKey::new(*key), &place, generation, nonce, octets).unwrap();
            fs::write(scratch.0.join(file), sealed).unwrap();
        };
        for (file, generation, key) in files {
            seal(file, *generation, &key.to_pkcs8().unwrap());
        }
        seal("state.1", 1, older_state().as_bytes());
        fs::write(scratch.0.join("generation"), "1").unwrap();
        scratch
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The members that the state had then, and no others.
fn older_state() -> String {
    let spki = |seed| URL_SAFE_NO_PAD.encode(key(seed).spki());
    let trust = serde_json::json!({ "entries": [{
        "name": "サービス", "origin": "https://shikaku.example", "portal_keys": [spki(8)], "service_keys": [spki(9)],
        "tls_roots": ["MAA"], "test": true,
    }]});
    let settings = serde_json::json!({
        "version": 1, "device_id": "BwcHBwcHBwcHBwcHBwcHBw", "institution": "1310112345",
        "institution_name": "クリニック", "origin": "https://shikaku.example", "phase": "live",
        "phase_since": 1_800_000_000, "test": false, "visual": false, "history": false, "staff": [],
        "idle_lock_seconds": 0, "limits": { "checks_per_minute": 30, "burst": 10, "open_challenges": 4 },
        "minimum_app_version": "0.1.0", "notices": [], "service_keys": [], "test_anchors": [],
    });
    let (trust, none) = (trust.to_string(), [0; 0]);
    serde_json::json!({
        "trust": trust, "settings": settings, "challenges": none, "clock_offset": 7, "unsent": none,
    })
    .to_string()
}

fn key(seed: u8) -> SoftwareKey {
    SoftwareKey::from_random(&[seed; 32]).unwrap()
}

fn code<T>(result: Result<T, Failure>) -> Option<Code> {
    result.err().and_then(|failure| failure.code())
}

#[test]
fn a_key_is_kept_under_its_name_and_signs_until_it_is_erased() {
    let scratch = Scratch::new("keys");
    let folder = scratch.open().unwrap();
    assert_eq!(folder.public_key("device-1"), Ok(None));
    assert_eq!(folder.create("device-1", Some(&[7; 32])), Ok(None), "nothing here attests");
    let spki = folder.public_key("device-1").unwrap().unwrap();
    drop(folder);
    let folder = scratch.open().unwrap();
    assert_eq!(folder.public_key("device-1").unwrap().unwrap(), spki);
    let signature = folder.sign("device-1", b"message").unwrap();
    shikaku::http::PublicKey::from_spki(&spki).unwrap().verify(b"message", &signature).unwrap();
    fs::copy(scratch.0.join("device-1"), scratch.0.join("device-2")).unwrap();
    assert!(folder.public_key("device-2").is_err(), "a key opens in its own place only");
    DeviceKey::erase(&folder, "device-1").unwrap();
    assert_eq!(folder.public_key("device-1"), Ok(None));
}

#[cfg(unix)]
#[test]
fn nobody_else_may_read_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let scratch = Scratch::new("mode");
    let folder = scratch.open().unwrap();
    folder.create("device-1", None).unwrap();
    folder.write("state.1", b"sealed").unwrap();
    for name in scratch.names() {
        let mode = fs::metadata(scratch.0.join(&name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    drop(folder);
    fs::set_permissions(&scratch.0, fs::Permissions::from_mode(0o755)).unwrap();
    assert!(scratch.open().is_err());
}

#[test]
fn one_process_at_a_time() {
    let scratch = Scratch::new("lock");
    let folder = scratch.open().unwrap();
    assert!(scratch.open().is_err());
    drop(folder);
    assert!(scratch.open().is_ok());
}

#[test]
fn a_write_that_cannot_be_done_is_told_with_its_file() {
    let scratch = Scratch::new("unwritable");
    let folder = scratch.open().unwrap();
    // A folder in the place of the temporary file.
    fs::create_dir(scratch.0.join("state.1.new")).unwrap();
    assert!(folder.write("state.1", b"sealed").is_err());
    assert!(folder.broken().unwrap().contains("state.1"));
}

#[test]
fn a_lost_sealing_key_is_not_made_anew_and_whatever_is_left_can_be_given_up() {
    let scratch = Scratch::new("lost");
    let folder = scratch.open().unwrap();
    folder.create("device-1", None).unwrap();
    fs::write(scratch.0.join("state.0.new"), b"cut off").unwrap();
    drop(folder);
    fs::remove_file(scratch.0.join("data.key")).unwrap();
    assert_eq!(code(scratch.open()), Some(Code::StateKeyLost));
    discard(Some(&scratch.0)).unwrap();
    assert_eq!(scratch.names(), ["lock"]);
    assert!(scratch.open().is_ok());
}

#[test]
fn a_device_of_an_older_program_goes_on_under_its_key() {
    let (first, second, next) = (key(1), key(2), key(3));
    let files = [("device.1", 1, &first), ("device.0", 2, &second), ("next.1", 1, &next)];
    let scratch = Scratch::of_an_older_program("older", &files);
    for time in ["taken over", "as it is then"] {
        let (pc, _) = Pc::registered(Some(&scratch.0)).map_err(|failure| failure.to_string()).expect(time);
        let facts = pc.terminal.facts().unwrap();
        assert_eq!((facts.institution_name.as_str(), facts.clock_offset), ("クリニック", 7));
        let of_second = shikaku::http::KeyId::of(second.spki()).to_string();
        assert_eq!(facts.key_id, Some(of_second), "{time}: the newest generation is the device's key");
    }
    assert_eq!(scratch.names(), ["data.key", "device-1", "generation", "lock", "state.1"]);
}

#[test]
fn a_key_of_an_older_program_that_does_not_open_is_told_and_left_where_it_is() {
    let scratch = Scratch::of_an_older_program("older-damaged", &[("device.1", 1, &key(1))]);
    fs::write(scratch.0.join("device.1"), b"x").unwrap();
    assert_eq!(code(scratch.open()), Some(Code::StateDamaged));
    assert!(scratch.names().contains(&"device.1".to_owned()));
}
