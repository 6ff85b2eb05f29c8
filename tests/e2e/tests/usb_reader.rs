//! A whole tap through a USB card reader: the core's CCID stepper and its tap at one end, a reader that knows nothing of
//! the core at the other, and everything that can go wrong on the bus between them.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

use shikaku::ccid::{
    CardState, Cause, Descriptor, Done, Failure, Notification, Reader, SlotError, Unsupported,
};
use shikaku::guide::Code;
use shikaku::tap::{Outcome, Tap, TapRequest};
use shikaku_tests::desk::Desk;
use shikaku_tests::transcripts::{Scenario, inputs};
use shikaku_virtual_card::Card;
use shikaku_virtual_card::ccid::{Broken, Device, Kind, Model, Trouble};

const MODELS: [(&str, Model); 4] = [
    ("short", Model::SHORT),
    ("extended", Model::EXTENDED),
    ("chained", Model::CHAINED),
    ("manual", Model::MANUAL),
];

trait Taps {
    /// Power on, the whole tap, power off. `Err` if the card could not be powered.
    fn tap(&mut self) -> Result<Outcome, Failure>;
    fn verifications(&self) -> usize;
}

impl Taps for Desk {
    fn tap(&mut self) -> Result<Outcome, Failure> {
        self.power_on()?;
        let base = inputs(&Scenario::of("usb", "default", "")).unwrap().request().unwrap();
        let mut tap = Tap::new(TapRequest { limits: self.reader.limits(), ..base });
        let mut step = tap.start();
        let outcome = loop {
            step = match step {
                shikaku::tap::Step::Done(outcome) => break outcome,
                shikaku::tap::Step::Transmit { command, .. } => match self.transmit(&command) {
                    Ok(response) => tap.advance(&response),
                    Err(failure) => tap.fail(failure.fault),
                },
            };
        };
        self.pump(Reader::power_off);
        Ok(outcome)
    }

    fn verifications(&self) -> usize {
        self.device.card().journal().verifications()
    }
}

fn desk(card: &str, model: Model, trouble: Option<Trouble>) -> Desk {
    Desk::with(Card::from_name(card).unwrap(), model, trouble)
}

fn code(outcome: &Outcome) -> Option<Code> {
    match outcome {
        Outcome::Signed(_) => None,
        Outcome::Ended(end) => Some(end.code()),
    }
}

#[test]
fn every_kind_of_reader_carries_a_whole_tap_and_the_next_one() {
    for (name, model) in MODELS {
        let mut desk = desk("default", model, None);
        assert_eq!(code(&desk.tap().unwrap()), None, "{name}");
        assert!(desk.device.card().journal().repeated().is_empty(), "{name}: a command was sent twice");
        for taps in 2..=3 {
            assert_eq!(code(&desk.tap().unwrap()), None, "{name}");
            assert_eq!(desk.verifications(), taps, "{name}");
        }
        assert_eq!(desk.device.card().tries(), Some(3), "{name}");
    }
}

#[test]
fn an_extended_read_goes_through_a_reader_that_takes_it_in_parts() {
    for (model, exchanges) in [(Model::SHORT, 15), (Model::EXTENDED, 9), (Model::CHAINED, 9)] {
        let mut desk = desk("default", model, None);
        desk.tap().unwrap();
        assert_eq!(desk.device.card().journal().totals().exchanges, exchanges, "{model:?}");
    }
}

#[test]
fn whatever_happens_at_whichever_exchange_the_pin_reaches_the_card_once_at_most() {
    for (name, model) in MODELS {
        let mut whole = desk("default", model, None);
        whole.tap().unwrap();
        let commands = whole.device.card().journal().exchanges();
        let pin = 1 + commands.iter().position(shikaku_virtual_card::Exchange::is_verification).unwrap();
        let signature = pin + 2;
        for (word, kind) in Kind::ALL {
            for exchange in 1..=commands.len() {
                let what = format!("{name} {word}:{exchange}");
                let mut desk = desk("default", model, Some(Trouble::At { kind, exchange }));
                let found = code(&desk.tap().unwrap());
                // What the reader makes good must not show; nor does what strikes when all is done.
                let is_harmless = matches!(kind, Kind::Patient | Kind::Stale) || exchange > signature;
                let expected = match (is_harmless, exchange == pin) {
                    (true, _) => None,
                    (false, true) => Some(Code::CardRemovedPinUnknown),
                    (false, false) => Some(told(kind)),
                };
                assert_eq!(found, expected, "{what}");
                let reaches = !matches!(kind, Kind::Pulled | Kind::Unplugged | Kind::Mute | Kind::Busy);
                let sent = exchange > pin || is_harmless || (exchange == pin && reaches);
                assert_eq!(desk.verifications(), usize::from(sent), "{what}");
            }
        }
    }
}

/// What a trouble comes to while no PIN is on its way.
fn told(kind: Kind) -> Code {
    match kind {
        Kind::Pulled | Kind::PulledAfter => Code::CardRemoved,
        Kind::Unplugged | Kind::UnpluggedAfter => Code::ReaderAbsent,
        Kind::Mute | Kind::Silent | Kind::Storm | Kind::Sequence => Code::ReaderTimeout,
        Kind::Stalled | Kind::Short | Kind::Garbage => Code::ReaderFailed,
        Kind::Busy => Code::ReaderBusy,
        Kind::Patient | Kind::Stale => panic!("these come to nothing"),
    }
}

#[test]
fn an_empty_reader_says_so_and_a_card_that_is_put_there_is_told_of() {
    let mut desk = desk("default", Model::SHORT, Some(Trouble::Empty));
    assert_eq!(desk.pump(Reader::status), Done::Card(CardState::Absent));
    let failure = desk.tap().unwrap_err();
    assert_eq!(failure.code(), Code::CardAbsent);
    assert_eq!(failure.cause, Cause::Slot { error: SlotError::Mute, card: CardState::Absent });
    assert_eq!(desk.reader.notified(&desk.device.interrupt().unwrap()), Notification::Absent);
    desk.device.put_card();
    assert_eq!(desk.reader.notified(&desk.device.interrupt().unwrap()), Notification::Present);
    assert_eq!(desk.device.interrupt(), Err(Broken::Timeout));
    assert_eq!(desk.pump(Reader::status), Done::Card(CardState::Inactive));
    assert_eq!(code(&desk.tap().unwrap()), None);
    assert_eq!(
        desk.pump(Reader::status),
        Done::Card(CardState::Inactive),
        "the card's power is cut after a tap"
    );
}

#[test]
fn after_a_lost_answer_the_same_reader_serves_the_next_tap() {
    for kind in
        [Kind::Silent, Kind::Storm, Kind::Sequence, Kind::Short, Kind::Garbage, Kind::Busy, Kind::Mute]
    {
        let mut desk = desk("default", Model::SHORT, Some(Trouble::At { kind, exchange: 3 }));
        assert!(code(&desk.tap().unwrap()).is_some());
        assert_eq!(code(&desk.tap().unwrap()), None, "{kind:?}");
        assert_eq!(desk.verifications(), 1);
    }
}

#[test]
fn a_reader_that_wants_the_card_s_own_protocol_is_refused() {
    let device = Device::new(Card::from_name("default").unwrap(), Model::TPDU, None);
    assert_eq!(Descriptor::read(&device.descriptors()), Err(Unsupported::TpduLevel));
}
