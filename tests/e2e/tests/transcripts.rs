//! Every recorded tap through the core, and what must hold over all of them.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};

use shikaku::replay::{Kind, Line, Program, Recording};
use shikaku::tap::{Closing, Fault, Outcome, VisualOutcome};
use shikaku_tests::transcripts::{
    Agreed, Hitch, Scenario, folder, record, record_visual, scenarios, visual_scenarios,
};
use shikaku_virtual_card::Card;

fn texts() -> BTreeMap<String, String> {
    let files = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    files
        .filter(|path| path.extension().is_some_and(|ending| ending == "apdu"))
        .map(|path| {
            (path.file_stem().unwrap().to_str().unwrap().to_owned(), std::fs::read_to_string(&path).unwrap())
        })
        .collect()
}

fn recordings() -> BTreeMap<String, Recording> {
    texts()
        .into_iter()
        .map(|(name, text)| {
            let recording = Recording::parse(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
            (name, recording)
        })
        .collect()
}

fn scenario(name: &str) -> Scenario {
    scenarios().into_iter().find(|scenario| scenario.name == name).unwrap()
}

/// All octets of commands that are not masked.
fn commands(recording: &Recording) -> Vec<Vec<u8>> {
    let sent = recording.lines.iter().filter_map(|line| match line {
        Line::Command(_, octets) => octets.octets(),
        _ => None,
    });
    sent.collect()
}

#[test]
fn every_recording_plays_through_the_core_to_what_it_expects() {
    for (name, recording) in recordings() {
        recording.play().unwrap_or_else(|mismatch| panic!("{name}: {mismatch}"));
    }
}

#[test]
fn the_full_recordings_are_made_again_octet_for_octet() {
    let texts = texts();
    let taps = scenarios().into_iter().map(|scenario| (record(&scenario).map(|made| made.text), scenario));
    let visual = visual_scenarios().into_iter();
    let visual = visual.map(|scenario| (record_visual(&scenario).map(|made| made.text), scenario));
    for (text, Scenario { name, .. }) in taps.chain(visual) {
        let text = text.unwrap_or_else(|error| panic!("{name}: {error:?}"));
        assert!(texts.get(&name) == Some(&text), "{name} is not the recorded one");
    }
}

#[test]
fn there_is_no_recording_that_nobody_makes() {
    let made: BTreeSet<String> =
        scenarios().into_iter().chain(visual_scenarios()).map(|scenario| scenario.name).collect();
    for (name, recording) in recordings() {
        let expected = if name.starts_with("observed-") { Kind::Observed } else { Kind::Full };
        assert_eq!(recording.kind, expected, "{name}");
        assert!(recording.kind == Kind::Observed || made.contains(&name), "{name} has no scenario");
    }
}

#[test]
fn a_good_tap_takes_fourteen_exchanges_short_and_eight_extended_beside_the_closing_select() {
    for (name, expected) in [("good-short", 14), ("good-extended", 8), ("good-extended-refused", 15)] {
        let recorded = record(&scenario(name)).unwrap();
        assert_eq!(recorded.card.journal().exchanges().len(), expected + 1, "{name}");
    }
}

#[test]
fn with_short_ids_it_takes_eleven_and_five_and_with_the_keys_alone_thirteen_and_seven() {
    let counts = [
        ("form-thirteen", 13),
        ("form-seven", 7),
        ("form-eleven", 11),
        ("form-five", 5),
        ("form-hash", 5),
        ("form-learned", 5),
        // Longer than any certificate before: one more, short or extended, and three more where that is refused.
        ("form-longer", 6),
        ("form-much-longer", 6),
        ("form-much-longer-refused", 9),
        // The certificate's file is selected until extended reads have worked.
        ("form-every-first", 6),
        ("form-default-first", 7),
        ("form-default-second", 6),
        // 8, and one for each form that is refused.
        ("form-every-refused", 8 + 3 + 6 + 1),
    ];
    for (name, expected) in counts {
        let recorded = record(&scenario(name)).unwrap();
        assert_eq!(recorded.card.journal().exchanges().len(), expected + 1, "{name}");
    }
}

#[test]
fn a_verify_by_short_id_that_was_answered_strangely_is_never_sent_again() {
    for name in ["form-verify-6a88", "form-verify-6f00-counted", "form-verify-6300", "form-verify-uncounted"]
    {
        let first = scenario(name);
        let strategy_of = |outcome: &Outcome| match outcome {
            Outcome::Signed(signed) => signed.strategy,
            Outcome::Ended(end) => end.strategy,
        };
        let recorded = record(&first).unwrap();
        let counted = recorded.card.tries().unwrap();
        // The next tap, with what was learned: the counter says what is left, and the PIN goes in the standard form.
        let card = if counted == 3 { "default" } else { "two-tries" };
        let next = Scenario { card, strategy: strategy_of(&recorded.outcome), learns: Vec::new(), ..first };
        let recorded = record(&Scenario { agreed: Agreed::Warned, ..next.signs(counted) }).unwrap();
        let exchanges = recorded.card.journal().exchanges();
        let sent: Vec<_> = exchanges.iter().filter(|exchange| exchange.is_verification()).collect();
        assert_eq!(sent.len(), 1, "{name}");
        assert_eq!(sent[0].command[..4], [0x00, 0x20, 0x00, 0x80], "{name}");
    }
}

#[test]
fn no_command_of_a_plastic_card_is_sent_twice_and_no_pin_more_than_once() {
    for scenario in scenarios() {
        let recorded = record(&scenario).unwrap();
        let journal = recorded.card.journal();
        assert!(journal.verifications() <= 1, "{}", scenario.name);
        // A phone's certificate is asked for again after the PIN, because before it the answer was 6982; and a file
        // that turns out not to be selected is read again from its beginning.
        if scenario.card != "phone-android" && scenario.name != "form-read-keeps-selection" {
            assert!(journal.repeated().is_empty(), "{}: {:02x?}", scenario.name, journal.repeated());
        }
    }
}

#[test]
fn no_recording_shows_a_pin_that_was_sent() {
    for (name, recording) in recordings() {
        for command in commands(&recording) {
            assert!(
                command[1] != 0x20 || command.len() == 4 || command == [0x00, 0x20, 0x00, 0x80, 0x00],
                "{name}"
            );
        }
    }
}

#[test]
fn a_pin_is_sent_only_where_it_may_be() {
    let sends: BTreeSet<&str> =
        ["good", "form", "lost", "phone", "pin", "signature", "garbage", "cancelled", "blocked"].into();
    for scenario in scenarios() {
        let recorded = record(&scenario).unwrap();
        let sent = recorded.card.journal().verifications();
        let group = scenario.name.split('-').next().unwrap();
        assert!(sent == 0 || sends.contains(group), "{}", scenario.name);
        let never = ["needed", "other-card", "production", "last-try-on", "counter", "iphone", "certificate"];
        if never.iter().any(|word| scenario.name.contains(word)) {
            assert_eq!(sent, 0, "{}", scenario.name);
        }
    }
}

#[test]
fn what_the_tap_says_of_the_tries_is_what_the_card_holds() {
    for scenario in scenarios() {
        let recorded = record(&scenario).unwrap();
        let is_tampered = scenario.hitches.iter().any(|hitch| matches!(hitch, Hitch::Instead(..)));
        let Outcome::Ended(end) = &recorded.outcome else {
            assert_eq!(recorded.card.tries(), Some(3), "{}: a good PIN sets the counter back", scenario.name);
            continue;
        };
        let verified = recorded.card.journal().verifications() == 1 && scenario.typed == "1234";
        if let (Some(tries), false, false) = (end.tries, is_tampered, verified) {
            assert_eq!(recorded.card.tries(), Some(tries), "{}", scenario.name);
        }
    }
}

#[test]
fn a_lost_answer_to_a_wrong_pin_cost_a_try_that_the_tap_does_not_claim_to_know() {
    let recorded = record(&scenario("pin-lost-answer")).unwrap();
    assert_eq!(recorded.card.tries(), Some(2));
    let Outcome::Ended(end) = recorded.outcome else { panic!("nothing is signed") };
    assert_eq!(end.tries, None);
    let recorded = record(&Scenario {
        hitches: vec![Hitch::LostBefore(12, Fault::TagLost)],
        ..scenario("pin-lost-answer")
    });
    assert_eq!(recorded.unwrap().card.tries(), Some(3));
}

#[test]
fn after_every_pin_that_was_sent_the_card_is_left_while_it_is_there() {
    for scenario in scenarios() {
        let recorded = record(&scenario).unwrap();
        let (closing, fault) = match &recorded.outcome {
            Outcome::Signed(signed) => (signed.closing, false),
            Outcome::Ended(end) => {
                (end.closing, scenario.name.starts_with("lost") || scenario.name.ends_with("timeout"))
            }
        };
        let last = recorded.card.journal().exchanges().last();
        let left =
            last.is_some_and(|exchange| exchange.command.starts_with(&[0x00, 0xa4, 0x04, 0x0c, 0x07, 0xa0]));
        match closing {
            Closing::Done | Closing::Refused(_) => assert!(left, "{}", scenario.name),
            Closing::NotNeeded => assert_eq!(recorded.card.journal().verifications(), 0, "{}", scenario.name),
            Closing::Lost => assert!(fault || scenario.name.contains("lost"), "{}", scenario.name),
        }
    }
}

/// Everything that all recorded taps sent, walked: five applications, their files as listed, and of these by short id
/// none but the certificate, the PIN and the key. The 12-digit number lies in two of the applications, in files that
/// are in no list, and so does what opens it.
#[test]
fn nothing_that_is_ever_sent_opens_the_twelve_digit_number() {
    let applications: [(&[u8], &[u8]); 5] = [
        (b"\xd3\x92\xf0\x00\x26\x01\x00\x00\x00\x01", &[0x06, 0x08, 0x0a, 0x17, 0x18]),
        (b"\xd3\x92\x10\x00\x31\x00\x01\x01\x04\x02", &[0x01, 0x02, 0x04, 0x11, 0x12]),
        (b"\xd3\x92\x10\x00\x31\x00\x01\x01\x04\x08", &[0x02, 0x15]),
        (b"\xa0\x00\x00\x01\x51\x00\x00", &[]),
        (b"\xa0\x00\x00\x02\x31\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00", &[]),
    ];
    for (name, recording) in recordings() {
        if name == "observed-f-status-words"
            || name == "observed-c-counter-with-le"
            || name.starts_with("observed-g2")
        {
            continue; // Others sent these.
        }
        // Some observed ones begin within the JPKI application.
        let mut files = applications[0].1;
        for command in commands(&recording) {
            let known = match command[..4] {
                [0x00, 0xa4, 0x04, 0x0c] => {
                    let application = applications.iter().find(|(aid, _)| aid == &&command[5..]);
                    files = application.map_or(&[], |(_, files)| files);
                    application.is_some()
                }
                [0x00, 0xa4, 0x02, 0x0c] => {
                    command[5] == 0 && files.contains(&command[6]) && command.len() == 7
                }
                [0x00, 0xb0, 0x00..=0x7f, _]
                | [0x00, 0xb0, 0x8a, 0x00]
                | [0x00, 0x20, 0x00, 0x80 | 0x98]
                | [0x80, 0x2a, 0x00 | 0x02, 0x80 | 0x97] => true,
                [0x80, 0x2a, 0x00, 0x00] => recording.program == Program::Visual,
                _ => false,
            };
            assert!(known, "{name}: {command:02x?}");
        }
    }
}

/// What both kinds of counters hold afterwards: whatever a visual tap says is left, is left.
#[test]
fn a_visual_tap_costs_a_try_only_where_it_says_so_and_never_two() {
    for scenario in visual_scenarios() {
        let name = &scenario.name;
        let before = Card::from_name(scenario.card).unwrap();
        let recorded = record_visual(&scenario).unwrap();
        let counters = |card: &Card| {
            [card.surface_tries(0x0011), card.surface_tries(0x0012), card.text_tries()]
                .map(|left| left.unwrap_or(0))
        };
        let (before, after) = (counters(&before), counters(&recorded.card));
        // A good number sets its counter back.
        let lost: u8 = before.iter().zip(after).map(|(before, after)| before.saturating_sub(after)).sum();
        let is_wrong = name.contains("wrong") || name.ends_with("blocked-now");
        assert_eq!(lost, u8::from(is_wrong), "{name}: {before:?} {after:?}");
        let exchanges = recorded.card.journal().exchanges();
        let sent = exchanges.iter().filter(|exchange| exchange.is_verification()).count();
        let never = [
            "needed",
            "other-card",
            "blocked",
            "expired",
            "production",
            "no-surface",
            "phone",
            "juki",
            "counter",
        ];
        let is_sent = name.ends_with("-now")
            || name.ends_with("unlimited")
            || !never.iter().any(|word| name.contains(word));
        assert!(sent <= if name.contains("full") { 2 } else { 1 }, "{name}");
        // Those that the card did not see, or that came before the number.
        if !name.contains("lost") {
            assert_eq!(sent > 0, is_sent, "{name}");
        }
        assert_eq!(recorded.card.tries(), Card::from_name(scenario.card).unwrap().tries(), "{name}");
        match recorded.outcome {
            VisualOutcome::Proven(evidence) => assert_ne!(evidence.closing, Closing::NotNeeded, "{name}"),
            VisualOutcome::Ended(end) if sent == 0 => {
                assert!(matches!(end.closing, Closing::NotNeeded | Closing::Lost), "{name}");
            }
            VisualOutcome::Ended(end) => assert_ne!(end.closing, Closing::NotNeeded, "{name}"),
        }
    }
}

#[test]
fn a_light_visual_tap_takes_sixteen_exchanges_and_a_full_one_thirty_three_beside_the_closing_select() {
    for (name, expected) in [("visual-light-good", 16), ("visual-full-good", 33)] {
        let scenario = visual_scenarios().into_iter().find(|scenario| scenario.name == name).unwrap();
        let recorded = record_visual(&scenario).unwrap();
        assert_eq!(recorded.card.journal().exchanges().len(), expected + 1, "{name}");
    }
}

#[test]
fn consent_is_bound_to_the_certificate_and_not_to_the_count() {
    let other = Scenario { agreed: Agreed::LastTryOf("two-tries"), ..scenario("pin-last-try") };
    let outcome = record(&Scenario { code: Some(shikaku::guide::Code::CardChanged), ..other });
    assert_eq!(outcome.unwrap().card.journal().verifications(), 0);
}
