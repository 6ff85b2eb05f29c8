//! No answer to reset decides anything: a card is known by its applications.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};

use shikaku::tap::{Outcome, Step, Tap};
use shikaku_tests::transcripts::{Scenario, inputs};
use shikaku_virtual_card::Card;

fn data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../data")
}

fn published() -> Vec<String> {
    let text = std::fs::read_to_string(data().join("jpki/atrs.txt")).unwrap();
    text.lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect()
}

/// The card of this name with another ATR.
fn card_with(name: &str, atr: &str, folder: &Path) -> Card {
    std::fs::create_dir_all(folder).unwrap();
    for entry in std::fs::read_dir(data().join("cards").join(name)).unwrap() {
        let path = entry.unwrap().path();
        std::fs::copy(&path, folder.join(path.file_name().unwrap())).unwrap();
    }
    let text = std::fs::read_to_string(folder.join("card.json")).unwrap();
    let own = text.split("\"atr\": \"").nth(1).unwrap().split('"').next().unwrap();
    std::fs::write(folder.join("card.json"), text.replace(own, atr)).unwrap();
    let card = Card::load(folder).unwrap();
    assert_eq!(shikaku::apdu::trace::response(card.atr()).to_string(), atr);
    card
}

fn tap(mut card: Card) -> (Vec<Vec<u8>>, Outcome) {
    let mut tap =
        Tap::new(inputs(&Scenario::of("atr", "default", "").extended()).unwrap().request().unwrap());
    let mut sent = Vec::new();
    let mut step = tap.start();
    loop {
        match step {
            Step::Done(outcome) => return (sent, outcome),
            Step::Transmit { command, .. } => {
                step = tap.advance(&card.transmit(&command));
                sent.push(command.to_vec());
            }
        }
    }
}

#[test]
fn every_published_answer_to_reset_leads_to_the_same_tap() {
    let folder = std::env::temp_dir().join(format!("shikaku-atr-{}", std::process::id()));
    let plain = ["default", "juki"].map(|name| (name, tap(Card::from_name(name).unwrap())));
    for atr in published() {
        for (name, expected) in &plain {
            assert_eq!(tap(card_with(name, &atr, &folder)), *expected, "{name} with {atr}");
        }
    }
    std::fs::remove_dir_all(folder).unwrap();
    assert_eq!(published().len(), 10);
}
