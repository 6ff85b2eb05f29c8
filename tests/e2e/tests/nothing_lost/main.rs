//! A card that slips, before and after every exchange of every strategy in every mode, costs nobody more than the try
//! that was typed; and two cards in turn are two persons.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::io::{self, Write as _};

use shikaku::guide::Code;
use shikaku::tap::{Consent, Form, Probe, Stage, Strategy};
use shikaku_virtual_card::{Capabilities, Card};

use reader::{Carrier, Hand, Slip, Usb};
use tap::{Entry, Mode, certificate_of, tries};

mod reader;
mod tap;

/// Says how many were walked, also where a test passes: what is printed is kept back then, what is written is not.
fn report(walked: &str) {
    io::stdout().write_all(format!("{walked}\n").as_bytes()).unwrap();
}

/// Every choice of forms to try, and of forms that are known to work: some are held back until others are known.
fn strategies() -> Vec<Strategy> {
    let chosen = |number: u32, probe| {
        Form::ALL.into_iter().enumerate().fold(Strategy::STANDARD, |strategy, (place, form)| {
            if number >> place & 1 == 1 { strategy.with(form, probe) } else { strategy }
        })
    };
    let choices = (0..1 << Form::ALL.len())
        .flat_map(|number| [Probe::Untried, Probe::Works].map(|probe| chosen(number, probe)));
    choices.collect()
}

/// The card of this mode as one that understands every form, and as one that refuses every form.
fn cards(mode: Mode) -> [Card; 2] {
    let card = Card::from_name(mode.card()).unwrap().remembering_signatures();
    [Capabilities::EVERY, Capabilities::default()]
        .map(|capabilities| card.clone().with_capabilities(capabilities))
}

/// One card, one entry, one slip; then the same person again at the same reader.
fn slip<C: Carrier>(card: &Card, entry: Entry, stages: &[Stage], slip: Slip) {
    let [right, _] = entry.mode.entries();
    let is_right = entry.typed == right;
    let (entry_stage, [lost, wrong, warn, _]) = entry.mode.entry_stage();
    let what = format!("{:?} {} {slip:?} {}", entry.mode, entry.typed, entry.strategy);
    let mut reader = C::with(card.clone(), Some(slip));
    let before = tries(reader.card());
    let ended = reader.tap(entry);

    let stage = stages[slip.at];
    let expected = match stage {
        Stage::Closing if is_right => None,
        Stage::Closing => Some(wrong),
        stage if stage == entry_stage => Some(lost),
        _ => Some(Code::CardRemoved),
    };
    assert_eq!(ended.code, expected, "{what}: {stage:?}");
    assert_eq!(ended.certificate.is_some(), ended.code.is_none(), "{what}: something is there to be sent");

    let verify = stages.iter().position(|stage| *stage == entry_stage).unwrap();
    let is_counted = slip.at > verify || (slip.at == verify && slip.is_heard);
    let after = tries(reader.card());
    let spent: u8 = before.iter().zip(after).filter_map(|(before, after)| Some((*before)? - after?)).sum();
    assert_eq!(spent, u8::from(is_counted && !is_right), "{what}: tries spent");

    let left = reader.card().tries().filter(|_| entry.mode.has_pin());
    let verified = reader.card().journal().verifications();
    let mut again = Entry { typed: right, strategy: ended.strategy, ..entry };
    if left == Some(2) {
        let asked = reader.tap(again);
        assert_eq!((asked.code, asked.tries), (Some(warn), left), "{what}: the next tap");
        assert_eq!(reader.card().journal().verifications(), verified, "{what}: not warned");
        again = Entry { consent: Consent::Warned, strategy: asked.strategy, ..again };
    }
    let good = reader.tap(again);
    assert_eq!(good.code, None, "{what}: the next tap");
    assert!(left.is_none() || good.tries == left, "{what}: the next tap shows {:?}", good.tries);
    assert_eq!(tries(reader.card()), before, "{what}: after the next tap");
}

/// Every slip of every entry at this reader: how many. Strategies that come to the same commands are one.
fn slips<C: Carrier>(strategies: &[Strategy]) -> usize {
    let mut count = 0;
    for mode in Mode::ALL {
        for card in cards(mode) {
            for typed in mode.entries() {
                let mut walked = BTreeSet::new();
                for &strategy in strategies {
                    let entry = Entry { mode, typed, consent: Consent::None, strategy };
                    let sent = C::with(card.clone(), None).tap(entry).sent;
                    let (commands, stages): (Vec<_>, Vec<_>) = sent.into_iter().unzip();
                    if !walked.insert(commands) {
                        continue;
                    }
                    // Up to its VERIFY a wrong entry is the same tap as a right one.
                    let (verify, _) = mode.entry_stage();
                    let is_right = typed == mode.entries()[0];
                    let verify = stages.iter().position(|stage| *stage == verify).unwrap();
                    for at in if is_right { 0 } else { verify }..stages.len() {
                        for is_heard in [false, true] {
                            slip::<C>(&card, entry, &stages, Slip { at, is_heard });
                            count += 1;
                        }
                    }
                }
            }
        }
    }
    count
}

#[test]
fn the_stepper_loses_nothing_in_any_strategy() {
    let (extended, short) = (slips::<Hand<true>>(&strategies()), slips::<Hand<false>>(&strategies()));
    report(&format!("slips of the stepper: {extended} with extended length, {short} without"));
    assert!(extended > 1_000 && short > 500);
}

#[test]
fn no_usb_reader_loses_anything() {
    let usual = [Strategy::DEFAULT];
    let counts =
        [slips::<Usb<0>>(&usual), slips::<Usb<1>>(&usual), slips::<Usb<2>>(&usual), slips::<Usb<3>>(&usual)];
    report(&format!("slips of USB readers, short, extended, chained, manual: {counts:?}"));
    assert!(counts.iter().all(|count| *count > 150), "{counts:?}");
}

/// Another card from each exchange on, with the last try left: nothing is sent to the service, and that try stays.
/// `is_seen`: whether the reader tells, so that the other card must not hear a word of it.
fn changes<C: Carrier>(is_seen: bool) -> usize {
    let mut count = 0;
    for mode in Mode::ALL {
        let [typed, _] = mode.entries();
        let [_, one_try] = mode.worn_cards();
        for strategy in [Strategy::DEFAULT, Strategy::EVERY] {
            for card in cards(mode) {
                let entry = Entry { mode, typed, consent: Consent::None, strategy };
                let stages = C::with(card.clone(), None).tap(entry).sent;
                for (at, (_, stage)) in stages.iter().enumerate() {
                    let what = format!("{mode:?} changed at {at}, {stage:?}, {strategy}");
                    let other = Card::from_name(one_try).unwrap().with_capabilities(card.capabilities());
                    let other_before = tries(&other);
                    let mut reader = C::with(card.clone(), None);
                    let (ended, first) = reader.tap_with_change(entry, at, other);
                    count += 1;
                    assert_eq!(tries(&first), tries(&card), "{what}: the first card");
                    assert_eq!(tries(reader.card()), other_before, "{what}: the other card");
                    if *stage == Stage::Closing {
                        assert_eq!(ended.certificate.as_deref(), card.certificate(), "{what}");
                    } else {
                        assert!(ended.code.is_some(), "{what}: something of two cards is sent");
                    }
                    if is_seen {
                        assert!(
                            reader.card().journal().exchanges().is_empty(),
                            "{what}: the other card heard"
                        );
                    }
                    // The other person's own tap says what is left on that card, and asks.
                    let next = reader.tap(Entry { strategy: ended.strategy, ..entry });
                    let (_, [_, _, _, consent]) = mode.entry_stage();
                    assert_eq!((next.code, next.tries), (Some(consent), Some(1)), "{what}: the next tap");
                    assert_eq!(tries(reader.card()), other_before, "{what}: the next tap");
                }
            }
        }
    }
    count
}

#[test]
fn a_card_that_is_changed_in_mid_tap_is_never_mixed_with_the_first() {
    let counts = [changes::<Hand<true>>(false), changes::<Hand<false>>(false)];
    let seen = [changes::<Usb<0>>(true), changes::<Usb<1>>(true)];
    report(&format!("cards changed in mid-tap: stepper {counts:?}, USB readers {seen:?}"));
    assert!(counts.iter().chain(&seen).all(|count| *count > 100));
}

/// What one person agreed to is not agreed to for the next one's card.
fn agreements<C: Carrier>() {
    for mode in Mode::ALL {
        let [typed, _] = mode.entries();
        let (_, [_, _, warn, consent]) = mode.entry_stage();
        let [two, mut one] = mode.worn_cards().map(|card| Card::from_name(card).unwrap());
        one.replace_certificate(Card::from_name("one-try").unwrap().certificate().unwrap());
        let entry = Entry { mode, typed, consent: Consent::None, strategy: Strategy::DEFAULT };
        let mut reader = C::with(two, None);
        assert_eq!(reader.tap(entry).code, Some(warn));
        reader.change_card(one.clone());
        let warned = Entry { consent: Consent::Warned, ..entry };
        assert_eq!(reader.tap(warned).code, Some(consent), "{mode:?}: warned of another card");

        let another = certificate_of(&Card::from_name("default").unwrap());
        assert_ne!(another, certificate_of(&one));
        let agreed = Consent::LastTry { certificate_sha256: another };
        let other = reader.tap(Entry { consent: agreed, ..entry });
        assert_eq!(other.code, Some(Code::CardChanged), "{mode:?}: agreed to for another card");
        assert_eq!(reader.card().journal().verifications(), 0, "{mode:?}");
        assert_eq!(tries(reader.card()), tries(&one), "{mode:?}");

        let agreed = Consent::LastTry { certificate_sha256: certificate_of(&one) };
        let own = reader.tap(Entry { consent: agreed, ..entry });
        assert_eq!(own.certificate.as_deref(), one.certificate(), "{mode:?}: {:?}", own.code);
    }
}

#[test]
fn what_was_agreed_to_for_one_card_is_not_for_the_next() {
    agreements::<Hand<true>>();
    agreements::<Hand<false>>();
    agreements::<Usb<0>>();
    agreements::<Usb<1>>();
}
