//! The PIN, where the walk in `tests/rules` takes one status word of each class: many more of them at counter and VERIFY;
//! and what a tap does not do with a PIN apart from sending it.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

use shikaku::replay::Inputs;
use shikaku::tap::{Consent, Fault, Form, Outcome, Probe, ReaderLimits, Step, Strategy, Tap};
use shikaku_rules::dialogue::{Answer, End, Passed, drive};
use shikaku_rules::{Judge as _, Rules};
use shikaku_tests::transcripts::{Agreed, Scenario, inputs};
use shikaku_virtual_card::{Capabilities, Card};

/// What a card and a reader did to one tap.
struct Ran {
    passed: Passed,
    outcome: Outcome,
}

impl Ran {
    /// Where a command that is `sought` stands first.
    fn at(&self, sought: fn(&[u8]) -> bool) -> usize {
        self.passed.iter().position(|(command, _)| sought(command)).unwrap()
    }
}

/// A tap with these inputs at `card`, of which the exchange `at` is answered with `instead`; the card never sees it.
/// Judged by the rules, whatever comes of it.
fn run(inputs: &Inputs, card: &Card, at: usize, instead: &Answer) -> Ran {
    let mut lying = card.clone();
    let mut tap = Tap::new(inputs.request().unwrap());
    let (passed, end) =
        drive(
            &mut tap,
            40,
            |sent, command| {
                if sent == at { instead.clone() } else { Ok(lying.transmit(command)) }
            },
        );
    let rules = Rules::of_tap(inputs, &[card.certificate().unwrap()]);
    assert_eq!(rules.judge(&passed, end.as_ref()), Ok(()), "{at} {instead:02x?}");
    let Some(End::Tap(outcome)) = end else { panic!("a tap ends") };
    Ran { passed, outcome }
}

const fn is_verify(command: &[u8]) -> bool {
    matches!(command, [_, 0x20, _, _, _, ..])
}

const fn is_counter(command: &[u8]) -> bool {
    matches!(command, [0x00, 0x20, 0x00, 0x80 | 0x98])
}

/// Every form wanted, on a card that understands each.
fn every(name: &str, card: &'static str) -> Scenario {
    Scenario::of(name, card, "").extended().knowing(Capabilities::EVERY).in_forms(Strategy::EVERY)
}

fn known() -> Strategy {
    Form::ALL.into_iter().fold(Strategy::STANDARD, |strategy, form| strategy.with(form, Probe::Works))
}

/// The scenario's inputs and its card.
fn begin(scenario: &Scenario) -> (Inputs, Card) {
    let card = Card::from_name(scenario.card).unwrap();
    let capabilities = scenario.capabilities.unwrap_or_else(|| card.capabilities());
    (inputs(scenario).unwrap(), card.with_capabilities(capabilities).remembering_signatures())
}

fn undisturbed(inputs: &Inputs, card: &Card) -> Ran {
    run(inputs, card, usize::MAX, &Err(Fault::TagLost))
}

fn word(word: u16) -> Vec<u8> {
    word.to_be_bytes().to_vec()
}

#[test]
fn the_rules_hold_for_every_status_word_at_counter_and_pin() {
    for (scenario, stride) in [
        (Scenario::of("extended", "default", "").extended(), 53),
        (every("every-known", "default").in_forms(known()), 211),
    ] {
        let (inputs, card) = begin(&scenario);
        let counter = undisturbed(&inputs, &card).at(is_counter);
        let words = (0x6300..=0x6400_u16).chain((0..=u16::MAX).step_by(stride)).chain([0x9000]);
        for said in words {
            for at in [counter, counter + 1] {
                let ran = run(&inputs, &card, at, &Ok(word(said)));
                let sent: Vec<_> = ran.passed.iter().filter(|(command, _)| is_verify(command)).collect();
                let is_short = sent.iter().any(|(command, _)| command[3] == 0x98);
                // What the counter by short id does not answer, the standard one is asked for.
                let asks_on = scenario.name == "every-known";
                assert_eq!(!sent.is_empty(), at != counter || said == 0x63c3 || asks_on, "{at} {said:04x}");
                assert_eq!(is_short, asks_on && (at != counter || said == 0x63c3), "{at} {said:04x}");
            }
        }
    }
}

#[test]
fn any_answer_to_a_verify_by_short_id_but_its_own_ends_the_tap_and_drops_the_form() {
    let scenario = every("every-known", "default").in_forms(known());
    let (inputs, card) = begin(&scenario);
    let good = undisturbed(&inputs, &card);
    let verify = good.at(is_verify);
    assert_eq!(good.passed[verify].0[..4], [0x00, 0x20, 0x00, 0x98]);
    for said in
        (0x6300..=0x6400_u16).chain(0x6900..=0x6aff).chain((0..=u16::MAX).step_by(211)).chain([0x9000])
    {
        let ran = run(&inputs, &card, verify, &Ok(word(said)));
        let (ends, strategy) = match ran.outcome {
            Outcome::Signed(signed) => (false, signed.strategy),
            Outcome::Ended(end) => (ran.passed.len() == verify + 2, end.strategy),
        };
        // 9000 from a card that saw no PIN: the key stays shut.
        assert!(ends || said == 0x9000, "{said:04x}: it went on");
        let expected = match said {
            0x63c2 => Probe::Works,
            0x6983 | 0x6984 => Probe::Untried,
            _ => Probe::Refused,
        };
        assert_eq!(strategy.verify_by_short_id, expected, "{said:04x}");
    }
}

#[test]
fn a_dropped_tap_sends_nothing_and_a_second_start_never_repeats_a_command() {
    let scenario = Scenario::of("extended", "default", "").extended();
    let mut card = Card::from_name("default").unwrap();
    let mut tap = Tap::new(inputs(&scenario).unwrap().request().unwrap());
    let mut step = tap.start();
    while let Step::Transmit { command, .. } = &step {
        if is_verify(command) {
            break;
        }
        step = tap.advance(&card.transmit(command));
    }
    assert!(matches!(tap.start(), Step::Done(Outcome::Ended(_))), "VERIFY was handed out a second time");
    assert!(matches!(tap.advance(&[0x90, 0x00]), Step::Done(Outcome::Ended(_))));
}

#[test]
fn a_card_that_is_lost_at_the_extended_read_makes_the_next_taps_trust_it_less() {
    let card = Card::from_name("default").unwrap();
    for (known, learned) in [(Probe::Works, Probe::Untried), (Probe::Untried, Probe::Refused)] {
        let mut inputs = inputs(&Scenario::of("extended", "default", "").extended()).unwrap();
        inputs.strategy.extended_read = known;
        let ran = run(&inputs, &card, 2, &Err(Fault::TagLost));
        let Outcome::Ended(end) = ran.outcome else { panic!("the card is gone") };
        assert_eq!(end.strategy.extended_read, learned);
    }
}

#[test]
fn no_step_prints_the_pin() {
    let scenario = Scenario::of("extended", "default", "").extended().typed("4821");
    let request = inputs(&scenario).unwrap().request().unwrap();
    assert!(!format!("{request:?}").contains("4821"));
    let mut card = Card::from_name("default").unwrap();
    let mut tap = Tap::new(request);
    let mut step = tap.start();
    while let Step::Transmit { command, .. } = &step {
        let printed = format!("{step:?}");
        assert!(!printed.contains("34383231") && !printed.contains("52, 56, 50, 49"), "{printed}");
        step = tap.advance(&card.transmit(command));
    }
}

#[test]
fn consent_and_limits_of_the_exploration_are_what_they_say() {
    let last = inputs(&Scenario::of("last", "one-try", "").agreed(Agreed::LastTryOf("one-try"))).unwrap();
    assert!(matches!(last.consent, Consent::LastTry { .. }));
    assert_eq!(last.limits, ReaderLimits::SHORT);
}
