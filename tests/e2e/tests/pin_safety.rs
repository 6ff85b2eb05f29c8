//! The PIN, whatever a card or a reader does: every exchange of several taps is answered in every way that can be
//! thought of, and the same rules must hold each time.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

use shikaku::replay::Inputs;
use shikaku::tap::{Consent, Fault, Form, Outcome, Probe, ReaderLimits, Step, Strategy, Tap};
use shikaku_tests::transcripts::{Agreed, Scenario, inputs};
use shikaku_virtual_card::{Capabilities, Card};

const FAULTS: [Fault; 8] = [
    Fault::TagLost,
    Fault::Timeout,
    Fault::Cancelled,
    Fault::CardAbsent,
    Fault::TwoCards,
    Fault::ReaderAbsent,
    Fault::ReaderBusy,
    Fault::ReaderFailed,
];

/// What one exchange is answered with instead of the card's own answer.
#[derive(Debug, Clone)]
enum Trick {
    /// This, and the card never sees the command.
    Instead(Vec<u8>),
    /// The card's data with another status word.
    Status(u16),
    /// The card's answer, cut to this length.
    Cut(usize),
    /// Nothing.
    Fault(Fault),
}

/// A tap that has been run to its end.
struct Ran {
    sent: Vec<Vec<u8>>,
    answers: Vec<Result<Vec<u8>, Fault>>,
    outcome: Outcome,
}

fn run(scenario: &Scenario, card: &Card, at: usize, trick: &Trick) -> Ran {
    run_with(&inputs(scenario).unwrap(), card, at, trick)
}

fn run_with(inputs: &Inputs, card: &Card, at: usize, trick: &Trick) -> Ran {
    let mut card = card.clone();
    let mut tap = Tap::new(inputs.request().unwrap());
    let (mut sent, mut answers) = (Vec::new(), Vec::new());
    let mut step = tap.start();
    let outcome = loop {
        match step {
            Step::Done(outcome) => break outcome,
            Step::Transmit { command, .. } => {
                let answer = if sent.len() == at {
                    trick.answer(&mut card, &command)
                } else {
                    Ok(card.transmit(&command))
                };
                sent.push(command.to_vec());
                assert!(sent.len() <= 40, "{at} {trick:?}: it does not end");
                step = match &answer {
                    Ok(response) => tap.advance(response),
                    Err(fault) => tap.fail(*fault),
                };
                answers.push(answer);
            }
        }
    };
    // Whatever the shell does afterwards, nothing more is sent.
    for again in [tap.start(), tap.advance(&[0x90, 0x00]), tap.fail(Fault::TagLost)] {
        assert!(matches!(again, Step::Done(Outcome::Ended(_))));
    }
    Ran { sent, answers, outcome }
}

impl Trick {
    fn answer(&self, card: &mut Card, command: &[u8]) -> Result<Vec<u8>, Fault> {
        match self {
            Self::Instead(response) => Ok(response.clone()),
            Self::Status(word) => {
                let mut response = card.transmit(command);
                response.truncate(response.len() - 2);
                response.extend(word.to_be_bytes());
                Ok(response)
            }
            Self::Cut(length) => {
                let mut response = card.transmit(command);
                response.truncate(*length);
                Ok(response)
            }
            Self::Fault(fault) => Err(*fault),
        }
    }
}

const fn is_verify(command: &[u8]) -> bool {
    matches!(command, [_, 0x20, _, _, _, ..])
}

const fn is_counter(command: &[u8]) -> bool {
    matches!(command, [0x00, 0x20, 0x00, 0x80 | 0x98])
}

/// One that may be asked for once more in the standard form.
const fn is_short_signature(command: &[u8]) -> bool {
    is_signature(command) && !matches!(command, [0x80, 0x2a, 0x00, 0x80, ..])
}

const fn is_signature(command: &[u8]) -> bool {
    matches!(command, [_, 0x2a, ..])
}

/// The rules.
fn judge(scenario: &Scenario, ran: &Ran, what: &str) {
    let positions = |wanted: fn(&[u8]) -> bool| -> Vec<usize> {
        (0..ran.sent.len()).filter(|position| wanted(&ran.sent[*position])).collect()
    };
    let (verified, counted, signed) = (positions(is_verify), positions(is_counter), positions(is_signature));
    assert!(verified.len() <= 1, "{what}: the PIN was sent {} times", verified.len());
    // 6Cxx asks for the same with another length: another command, and the only one that may follow, but for the
    // standard form behind a shorter one.
    let again = |at: &&usize| matches!(ran.answers[**at].as_deref(), Ok([.., 0x6c, _]));
    let asked_again = signed.iter().filter(again).count();
    let short = signed.iter().filter(|at| is_short_signature(&ran.sent[**at])).count();
    let most = if short == 0 { 1 + asked_again } else { 2 + asked_again };
    assert!(signed.len() <= most && short <= 1 + asked_again, "{what}: signed {} times", signed.len());
    if let [pin] = verified[..] {
        let asked = counted.iter().rfind(|position| **position < pin).copied();
        let named = asked.map(|position| ran.sent[position].clone()).unwrap_or_default();
        let verify = [&named[..], &[0x04], scenario.pin.as_bytes()].concat();
        assert_eq!(ran.sent[pin], verify, "{what}: VERIFY is not named as its counter was");
        let answered = asked.map(|position| ran.answers[position].clone());
        let is_short = named.last() == Some(&0x98);
        let enough: &[u8] = match scenario.agreed {
            _ if is_short => &[0xc3],
            Agreed::Nothing => &[0xc3],
            Agreed::Warned => &[0xc3, 0xc2],
            Agreed::LastTryOf(_) => &[0xc3, 0xc2, 0xc1],
        };
        let is_enough = enough.iter().any(|left| answered == Some(Ok(vec![0x63, *left])));
        assert!(is_enough, "{what}: the PIN was sent after {answered:02x?}");
        let is_there = !matches!(ran.answers.last(), Some(Err(fault)) if *fault != Fault::Cancelled);
        // A GET RESPONSE may follow it, nothing else.
        let last = ran.sent.iter().rfind(|command| command[1] != 0xc0);
        let leaves = last.is_some_and(|last| last.starts_with(&[0x00, 0xa4, 0x04, 0x0c, 0x07, 0xa0]));
        assert!(leaves || !is_there, "{what}: the card was left with its PIN state");
    }
    if let [signature, ..] = signed[..] {
        let [pin] = verified[..] else { panic!("{what}: signed without a PIN") };
        assert!(
            pin < signature && ran.answers[pin] == Ok(vec![0x90, 0x00]),
            "{what}: signed after another answer"
        );
    }
    if matches!(ran.outcome, Outcome::Signed(_)) {
        assert!(!signed.is_empty(), "{what}");
    }
    // A file that was named by short id is read once more, selected, if what came cannot be the certificate.
    let may_repeat = |command: &[u8]| {
        command[1] == 0xc0
            || command[1] == 0xb0
                && scenario.strategy != Strategy::STANDARD.with(Form::ExtendedRead, Probe::Untried)
    };
    let mut sent: Vec<&Vec<u8>> = ran.sent.iter().filter(|command| !may_repeat(command)).collect();
    sent.sort_unstable();
    let all = sent.len();
    sent.dedup();
    assert!(sent.len() == all || scenario.card == "phone-android", "{what}: something was sent twice");
}

fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::of("short", "default", ""),
        Scenario::of("extended", "default", "").extended(),
        Scenario::of("wrong", "default", "").typed("9999"),
        Scenario::of("warned", "two-tries", "").agreed(Agreed::Warned),
        Scenario::of("last", "one-try", "").agreed(Agreed::LastTryOf("one-try")),
        Scenario::of("phone", "phone-android", "").extended(),
        every("every", "default"),
        every("every-known", "default").in_forms(known()),
        every("every-warned", "two-tries").in_forms(known()).agreed(Agreed::Warned),
        every("every-last", "one-try").in_forms(known()).agreed(Agreed::LastTryOf("one-try")),
        every("every-wrong", "default").in_forms(known()).typed("9999"),
        every("every-phone", "phone-android").in_forms(known()),
        every("every-phone-tried", "phone-android"),
        every("none", "default").knowing(Capabilities::default()),
    ]
}

/// Every form wanted, on a card that understands each.
fn every(name: &str, card: &'static str) -> Scenario {
    Scenario::of(name, card, "").extended().knowing(Capabilities::EVERY).in_forms(Strategy::EVERY)
}

fn known() -> Strategy {
    Form::ALL.into_iter().fold(Strategy::STANDARD, |strategy, form| strategy.with(form, Probe::Works))
}

fn card(scenario: &Scenario) -> Card {
    let card = Card::from_name(scenario.card).unwrap();
    let capabilities = scenario.capabilities.unwrap_or_else(|| card.capabilities());
    card.with_capabilities(capabilities)
}

fn tricks() -> Vec<Trick> {
    let words = (0x6200..=0x6fff_u16).step_by(0x0100).chain([
        0x0000, 0x6101, 0x6110, 0x6282, 0x63c0, 0x63c1, 0x63c2, 0x63c3, 0x63c4, 0x63cf, 0x6881, 0x6982,
        0x6983, 0x6984, 0x6985, 0x6a82, 0x6a86, 0x6c04, 0x6c36, 0x6cff, 0x9000, 0x9001, 0xffff,
    ]);
    let words: Vec<u16> = words.collect();
    let instead = words.iter().map(|word| Trick::Instead(word.to_be_bytes().to_vec()));
    let status = [0x6101, 0x6282, 0x63c3, 0x6982, 0x6c36, 0x9001].map(Trick::Status);
    let data =
        [vec![0x00, 0x90, 0x00], vec![0xff; 258], vec![0x30; 4000], vec![0x30, 0x82, 0x06, 0x32, 0x90, 0x00]];
    let cut = [0, 1, 2, 3, 100, 257].map(Trick::Cut);
    instead.chain(status).chain(data.map(Trick::Instead)).chain(cut).chain(FAULTS.map(Trick::Fault)).collect()
}

#[test]
fn the_rules_hold_however_any_one_exchange_is_answered() {
    for scenario in scenarios() {
        let card = card(&scenario);
        let good = run(&scenario, &card, usize::MAX, &Trick::Cut(0));
        judge(&scenario, &good, &scenario.name);
        // Up to the counter these differ from the others in nothing.
        let is_variant = !["short", "extended", "phone", "every-known"].contains(&scenario.name.as_str());
        let counter = good.sent.iter().position(|command| is_counter(command)).unwrap();
        for at in (if is_variant { counter } else { 0 })..good.sent.len() {
            for trick in tricks() {
                let ran = run(&scenario, &card, at, &trick);
                judge(&scenario, &ran, &format!("{} {at} {trick:?}", scenario.name));
            }
        }
    }
}

#[test]
fn the_rules_hold_for_every_status_word_at_counter_and_pin() {
    for (scenario, stride) in [
        (Scenario::of("extended", "default", "").extended(), 53),
        (every("every-known", "default").in_forms(known()), 211),
    ] {
        let card = card(&scenario);
        let good = run(&scenario, &card, usize::MAX, &Trick::Cut(0));
        let counter = good.sent.iter().position(|command| is_counter(command)).unwrap();
        let words = (0x6300..=0x6400_u16).chain((0..=u16::MAX).step_by(stride)).chain([0x9000]);
        for word in words {
            for at in [counter, counter + 1] {
                let ran = run(&scenario, &card, at, &Trick::Instead(word.to_be_bytes().to_vec()));
                judge(&scenario, &ran, &format!("{at} {word:04x}"));
                let sent: Vec<_> = ran.sent.iter().filter(|command| is_verify(command)).collect();
                let is_short = sent.iter().any(|command| command[3] == 0x98);
                // What the counter by short id does not answer, the standard one is asked for.
                let asks_on = scenario.name == "every-known";
                assert_eq!(!sent.is_empty(), at != counter || word == 0x63c3 || asks_on, "{at} {word:04x}");
                assert_eq!(is_short, asks_on && (at != counter || word == 0x63c3), "{at} {word:04x}");
            }
        }
    }
}

#[test]
fn any_answer_to_a_verify_by_short_id_but_its_own_ends_the_tap_and_drops_the_form() {
    let scenario = every("every-known", "default").in_forms(known());
    let card = card(&scenario);
    let good = run(&scenario, &card, usize::MAX, &Trick::Cut(0));
    let verify = good.sent.iter().position(|command| is_verify(command)).unwrap();
    assert_eq!(good.sent[verify][..4], [0x00, 0x20, 0x00, 0x98]);
    for word in
        (0x6300..=0x6400_u16).chain(0x6900..=0x6aff).chain((0..=u16::MAX).step_by(211)).chain([0x9000])
    {
        let ran = run(&scenario, &card, verify, &Trick::Instead(word.to_be_bytes().to_vec()));
        let (ends, strategy) = match ran.outcome {
            Outcome::Signed(signed) => (false, signed.strategy),
            Outcome::Ended(end) => (ran.sent.len() == verify + 2, end.strategy),
        };
        // 9000 from a card that saw no PIN: the key stays shut.
        assert!(ends || word == 0x9000, "{word:04x}: it went on");
        let expected = match word {
            0x63c2 => Probe::Works,
            0x6983 | 0x6984 => Probe::Untried,
            _ => Probe::Refused,
        };
        assert_eq!(strategy.verify_by_short_id, expected, "{word:04x}");
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
        let ran = run_with(&inputs, &card, 2, &Trick::Fault(Fault::TagLost));
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
