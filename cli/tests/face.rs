//! `shikaku card face` as somebody at a PC meets it.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

/// Exit status zero, and what was printed as JSON: the result, or the failure.
fn face(card: &str, number: &str, more: &[&str]) -> (bool, Value) {
    let mut program = Command::new(env!("CARGO_BIN_EXE_shikaku"))
        .args(["card", "face", "--reader", &format!("virtual:{card}"), "--number-stdin", "--json"])
        .args(more)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    program.stdin.take().unwrap().write_all(format!("{number}\n").as_bytes()).unwrap();
    let done = program.wait_with_output().unwrap();
    let printed = [done.stdout, done.stderr].concat();
    assert!(!String::from_utf8_lossy(&printed).contains(number), "the number is shown");
    let printed = String::from_utf8(printed).unwrap();
    let json = printed.lines().find_map(|line| serde_json::from_str::<Value>(line).ok());
    let json = json.or_else(|| serde_json::from_str(&printed[printed.find('{')?..=printed.rfind('}')?]).ok());
    (done.status.success(), json.unwrap_or_else(|| panic!("no JSON: {printed}")))
}

#[test]
fn a_birth_date_proves_the_card_face_and_a_wrong_one_says_so() {
    let (good, told) = face("default", "550102", &[]);
    assert!(good);
    assert_eq!((told["depth"].as_str(), told["tries"].as_u64()), (Some("light"), Some(10)));
    for (card, number, code) in [
        ("default", "550103", "printed-wrong"),
        ("default", "551301", "printed-form"),
        ("default", "123456789012", "printed-form"),
        ("visual-two-tries", "550102", "printed-warn-needed"),
        ("visual-copied", "550102", "surface-copied"),
        ("no-extended", "550102", "surface-absent"),
    ] {
        let (good, told) = face(card, number, &[]);
        assert!(!good && told.to_string().contains(code), "{card}: {told}");
    }
}

#[test]
fn the_photo_is_written_for_its_owner_alone_and_never_over_another_file() {
    let folder = std::env::temp_dir().join(format!("shikaku-face-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("photo.png");
    let asked = ["--photo", path.to_str().unwrap()];
    let (good, told) = face("default", "55010220361234", &asked);
    assert!(good, "{told}");
    assert_eq!(told["depth"], "full");
    assert!(std::fs::read(&path).unwrap().starts_with(b"\x89PNG\r\n\x1a\n"));
    assert!(is_private(&path));
    assert!(!face("default", "55010220361234", &asked).0, "another file was written over");
    let other = folder.join("other.png");
    let (good, told) = face("default", "550102", &["--photo", other.to_str().unwrap()]);
    assert!(!good && !other.exists(), "{told}");
    std::fs::remove_dir_all(&folder).unwrap();
}

#[cfg(unix)]
fn is_private(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777 == 0o600
}

#[cfg(not(unix))]
fn is_private(_: &Path) -> bool {
    true
}
