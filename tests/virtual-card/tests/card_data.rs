//! Cards as data: the embedded ones, those from a folder, and what is wrong with them.

#[cfg(test)]
mod folder;

use std::path::Path;

use folder::{card_with, data};
use shikaku_virtual_card::{CARDS, Card, CardError};

#[test]
fn every_card_folder_is_embedded_and_told_of() {
    let mut folders: Vec<String> = std::fs::read_dir(data().join("cards"))
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    let mut cards = CARDS.to_vec();
    folders.sort();
    cards.sort_unstable();
    assert_eq!(folders, cards);
    let readme = std::fs::read_to_string(data().join("cards/README.md")).unwrap();
    for card in cards {
        assert!(readme.contains(&format!("`{card}`")), "{card}");
    }
}

#[test]
fn a_card_from_its_folder_is_the_embedded_one() {
    for name in CARDS {
        let embedded = Card::from_name(name).unwrap();
        let loaded = Card::load(&data().join("cards").join(name)).unwrap();
        assert_eq!(loaded.atr(), embedded.atr(), "{name}");
        assert_eq!(loaded.certificate(), embedded.certificate(), "{name}");
        assert_eq!(loaded.tries(), embedded.tries(), "{name}");
    }
}

#[test]
fn a_card_that_is_not_there_is_named() {
    assert!(matches!(Card::from_name("nobody"), Err(CardError::UnknownName(name)) if name == "nobody"));
    assert!(matches!(Card::load(Path::new("/nowhere")), Err(CardError::Unreadable { .. })));
}

#[test]
fn a_card_folder_that_is_not_right_says_what_is_wrong() {
    let wrong = |content: &str| card_with(content).unwrap_err();
    let octets = r#"{"octets": {"octets": "0102", "length": LENGTH, "read": "free"}}"#;
    assert!(matches!(wrong(&octets.replace("LENGTH", "1")), CardError::TooLong(0x000a)));
    assert!(matches!(wrong(&octets.replace("LENGTH", "32769")), CardError::TooLong(0x000a)));
    assert!(matches!(wrong(&octets.replace("0102", "010")), CardError::Malformed(_)));
    assert!(matches!(wrong(&octets.replace("free", "always")), CardError::Malformed(_)));
    let key = r#"{"key": {"file": "FILE", "sign": "0018"}}"#;
    assert!(matches!(wrong(&key.replace("FILE", "card.json")), CardError::Key { .. }));
    assert!(matches!(wrong(&key.replace("FILE", "nobody.key")), CardError::Unreadable { .. }));
    let outside = wrong(&key.replace("FILE", "../other.key"));
    assert!(matches!(outside, CardError::MissingFile(name) if name == "../other.key"));
}

#[test]
fn a_credential_without_a_limit_may_be_tried_without_end() {
    let mut card = card_with(r#"{"secret": {"value": "12", "tries": null}}"#).unwrap();
    card.transmit(&[0x00, 0xa4, 0x04, 0x0c, 0x02, 0xa0, 0x00]);
    card.transmit(&[0x00, 0xa4, 0x02, 0x0c, 0x02, 0x00, 0x0a]);
    for _ in 0..20 {
        assert_eq!(card.transmit(b"\x00\x20\x00\x80\x0299"), [0x63, 0x00]);
    }
    assert_eq!(card.transmit(&[0x00, 0x20, 0x00, 0x80]), [0x63, 0x00]);
    assert_eq!(card.transmit(b"\x00\x20\x00\x80\x0212"), [0x90, 0x00]);
}
