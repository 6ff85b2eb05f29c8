//! The chip: its commands (UM0701-02, chapter 7), its field and what lies in it.

use std::collections::BTreeMap;

use super::trouble::Trouble;
use crate::card::Card;
use crate::slip::{Course, Slip};

/// Most octets of a card's answer in one response.
const DATA: usize = 262;
/// Status: no answer from the card.
const TIMEOUT: u8 = 0x01;
/// Status: not in this state.
const WRONG_STATE: u8 = 0x27;
/// Status: the target is released.
const RELEASED: u8 = 0x29;
/// In a status: more octets are waiting.
const MORE: u8 = 0x40;
const TYPE_A_106: u8 = 0x00;
const FELICA_212: u8 = 0x01;
const FELICA_424: u8 = 0x02;
const TYPE_B_106: u8 = 0x03;
/// What a `FeliCa` is asked: any system, its system code with the answer, one time slot.
const POLLING: [u8; 5] = [0x00, 0xff, 0xff, 0x01, 0x00];

/// What the chip does with a command.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Reply {
    /// Response code and data.
    Data(Vec<u8>),
    /// The command is not known.
    SyntaxError,
    Nack,
    Garbage,
    /// The command is taken, and then nothing.
    AckOnly,
    Silence,
}

/// Whether it listens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Until the wake-up preamble.
    Asleep,
    Awake,
    /// For ever.
    Mute,
}

/// A PN532 and the cards in its field.
pub(super) struct Chip {
    /// What lies there, if anything does.
    card: Option<Card>,
    /// How many cards were laid there before.
    earlier: u8,
    trouble: Option<Trouble>,
    state: State,
    field: bool,
    registers: BTreeMap<[u8; 2], u8>,
    /// Of the two places, which has a card that was put to sleep and hears no request until the field was off.
    halted: [bool; 2],
    selected: Option<usize>,
    /// The card has left, until the field was off.
    gone: bool,
    /// The selected card was taken out, and no command has met that yet.
    torn: bool,
    /// What is left of an answer that is handed over in pieces.
    rest: Vec<u8>,
    exchanges: usize,
}

impl Chip {
    /// Asleep, as after power on.
    pub(super) fn new(card: Card, trouble: Option<Trouble>) -> Self {
        Self {
            card: Some(card),
            earlier: 0,
            trouble,
            state: if trouble == Some(Trouble::Mute) { State::Mute } else { State::Asleep },
            field: false,
            registers: BTreeMap::new(),
            halted: [false; 2],
            selected: None,
            gone: false,
            torn: false,
            rest: Vec::new(),
            exchanges: 0,
        }
    }

    pub(super) const fn card(&self) -> Option<&Card> {
        self.card.as_ref()
    }

    /// Commands for a card so far, whichever it was, and whether it heard them or not.
    pub(super) const fn exchanges(&self) -> usize {
        self.exchanges
    }

    /// What lay there goes, without power, and this comes; the chip notices nothing until it speaks to the card or looks
    /// for one. If something is to slip, it is nothing else that goes wrong from now on.
    pub(super) fn lay(&mut self, card: Option<Card>, slip: Option<Slip>) -> Option<Card> {
        let mut before = std::mem::replace(&mut self.card, card);
        if let Some(before) = &mut before {
            before.power_off();
        }
        self.earlier = self.earlier.wrapping_add(1);
        self.torn = self.selected.take().is_some();
        self.halted = [false; 2];
        self.gone = false;
        self.rest.clear();
        self.trouble = slip.map(Trouble::Slip).or(self.trouble);
        before
    }

    /// Takes out what lies there, at the end of the service.
    pub(super) fn into_card(mut self) -> Option<Card> {
        self.lay(None, None)
    }

    pub(super) const fn has_field(&self) -> bool {
        self.field
    }

    pub(super) fn wake(&mut self) {
        if self.state == State::Asleep {
            self.state = State::Awake;
        }
    }

    /// The card has no power any more.
    pub(super) fn field_off(&mut self) {
        self.field = false;
        self.power_off();
        self.halted = [false; 2];
        self.selected = None;
        self.gone = false;
        self.torn = false;
        self.rest.clear();
    }

    /// Answers a command: its code and its parameters.
    pub(super) fn answer(&mut self, command: &[u8]) -> Reply {
        if self.state != State::Awake {
            return Reply::Silence;
        }
        let done = |data: &[u8]| Reply::Data(data.to_vec());
        match command {
            // Diagnose, communication line test: everything comes back.
            [0x00, 0x00, octets @ ..] => Reply::Data([&[0x01, 0x00], octets].concat()),
            // GetFirmwareVersion: PN532 1.6, types A, B and ISO 18092.
            [0x02] => done(&[0x03, 0x32, 0x01, 0x06, 0x07]),
            [0x06, addresses @ ..] => self.read_registers(addresses),
            [0x08, writes @ ..] => self.write_registers(writes),
            // SetParameters, SAMConfiguration.
            [0x12, _] => done(&[0x13]),
            [0x14, 0x01..=0x04, ..] => done(&[0x15]),
            [0x16, ..] => {
                self.state = State::Asleep;
                done(&[0x17, 0x00])
            }
            // RFConfiguration; item 1 is the field.
            [0x32, 0x01, field] => {
                if field & 1 == 0 {
                    self.field_off();
                } else {
                    self.field = true;
                }
                done(&[0x33])
            }
            [0x32, _, ..] => done(&[0x33]),
            [0x40, target, data @ ..] => self.exchange(*target, data),
            // InDeselect and InRelease.
            [code @ (0x44 | 0x52), _] => {
                self.deselect();
                done(&[code + 1, 0x00])
            }
            [0x4a, 1..=2, FELICA_212 | FELICA_424, request @ ..] if *request != POLLING => Reply::SyntaxError,
            [0x4a, 1..=2, kind, ..] => self.list(*kind),
            _ => Reply::SyntaxError,
        }
    }

    fn read_registers(&self, addresses: &[u8]) -> Reply {
        let mut data = vec![0x07];
        let (addresses, _) = addresses.as_chunks::<2>();
        data.extend(addresses.iter().map(|address| self.registers.get(address).copied().unwrap_or(0)));
        Reply::Data(data)
    }

    fn write_registers(&mut self, writes: &[u8]) -> Reply {
        let (writes, _) = writes.as_chunks::<3>();
        for [high, low, value] in writes {
            self.registers.insert([*high, *low], *value);
        }
        Reply::Data(vec![0x09])
    }

    /// `InListPassiveTarget`: the first card of that type that is not put to sleep.
    fn list(&mut self, kind: u8) -> Reply {
        // Looking for a card needs the field, and switches it on.
        self.field = true;
        self.selected = None;
        self.torn = false;
        self.rest.clear();
        let places: &[usize] = match (self.trouble, kind) {
            _ if self.gone || self.card.is_none() => &[],
            (Some(Trouble::TypeA), TYPE_A_106)
            | (Some(Trouble::Felica { rate: 212 }), FELICA_212)
            | (Some(Trouble::Felica { rate: 424 }), FELICA_424) => &[0],
            (Some(Trouble::TypeA | Trouble::Felica { .. } | Trouble::Empty), _) => &[],
            (Some(Trouble::Two), TYPE_B_106) => &[0, 1],
            (_, TYPE_B_106) => &[0],
            _ => &[],
        };
        let awake = |place: &&usize| self.halted.get(**place) == Some(&false);
        let Some(place) = places.iter().find(awake).copied() else {
            return Reply::Data(vec![0x4b, 0x00]);
        };
        self.selected = Some(place);
        let mut data = vec![0x4b, 0x01, 0x01];
        match kind {
            // SENS_RES, SEL_RES with ISO 14443-4, a UID of four octets, ATS.
            TYPE_A_106 => {
                data.extend([0x00, 0x04, 0x20, 0x04, 0x08, 0x11, 0x22, 0x33, 0x05, 0x78, 0x80, 0x70, 0x02]);
            }
            // The answer to the polling: its length and code, IDm, PMm, the system code of transit cards.
            FELICA_212 | FELICA_424 => {
                data.extend([0x14, 0x01, 0x01, 0x10, 0x53, 0x48, 0x49, 0x4b, 0x41, 0x4b]);
                data.extend([0x10, 0x0b, 0x4b, 0x42, 0x84, 0x85, 0xd0, 0xff, 0x00, 0x03]);
            }
            // ATQB: PUPI, application data, 106 kbit/s, frames of 256, ISO 14443-4, 2474 ms; answer to ATTRIB.
            _ => {
                data.extend([0x50, 0x53, 0x48, self.earlier, u8::from(place == 0)]);
                data.extend([0x00, 0x00, 0x00, 0x00, 0x00, 0x81, 0xd1, 0x01, 0x01]);
            }
        }
        Reply::Data(data)
    }

    /// The card goes to sleep; its security status outlives that, as it outlives a warm reset.
    fn deselect(&mut self) {
        if let Some(halted) = self.selected.take().and_then(|place| self.halted.get_mut(place)) {
            *halted = true;
        }
        self.rest.clear();
        if let Some(card) = &mut self.card {
            card.warm_reset();
        }
    }

    fn power_off(&mut self) {
        if let Some(card) = &mut self.card {
            card.power_off();
        }
    }

    /// `InDataExchange`; without data it asks for the rest of an answer.
    fn exchange(&mut self, target: u8, data: &[u8]) -> Reply {
        let Some(place) = self.selected.filter(|_| target == 1) else {
            return status(if std::mem::take(&mut self.torn) { TIMEOUT } else { WRONG_STATE });
        };
        if data.is_empty() && !self.rest.is_empty() {
            return self.piece();
        }
        if self.gone {
            return status(RELEASED);
        }
        self.exchanges += 1;
        let number = self.exchanges;
        let slip = match self.trouble {
            Some(Trouble::Garbage { exchange }) if exchange == number => return Reply::Garbage,
            Some(Trouble::Nack { exchange }) if exchange == number => return Reply::Nack,
            Some(Trouble::Slip(slip)) => Some(slip),
            _ => None,
        };
        let course = Course::at(number, data, slip);
        if course != Course::Whole {
            self.trouble = None;
        }
        if course == Course::Unheard {
            return self.lose();
        }
        // Whoever speaks to the card beside gets no answer: nothing of ours may ever do so.
        let is_other = matches!(self.trouble, Some(Trouble::TypeA | Trouble::Felica { .. }));
        let hears = place == 0 && data.len() <= DATA && !is_other;
        let Some(card) = self.card.as_mut().filter(|_| hears) else {
            return status(TIMEOUT);
        };
        self.rest = course.of(card.transmit(data));
        match course {
            Course::Unheard | Course::Unsaid => self.lose(),
            Course::Mute => {
                self.state = State::Mute;
                Reply::AckOnly
            }
            Course::Whole | Course::Cut | Course::Blank => self.piece(),
        }
    }

    /// The card leaves, and with the power goes its state.
    fn lose(&mut self) -> Reply {
        self.gone = true;
        self.rest.clear();
        self.power_off();
        status(TIMEOUT)
    }

    fn piece(&mut self) -> Reply {
        let most = match self.trouble {
            Some(Trouble::Chunk { octets }) => octets.min(DATA),
            _ => DATA,
        };
        let rest = self.rest.split_off(most.min(self.rest.len()));
        let piece = std::mem::replace(&mut self.rest, rest);
        let more = if self.rest.is_empty() { 0 } else { MORE };
        Reply::Data([&[0x41, more], piece.as_slice()].concat())
    }
}

fn status(status: u8) -> Reply {
    Reply::Data(vec![0x41, status])
}

#[cfg(test)]
mod tests {
    use super::*;

    const SELECT: [u8; 17] =
        [0x40, 0x01, 0x00, 0xa4, 0x04, 0x0c, 0x0a, 0xd3, 0x92, 0xf0, 0x00, 0x26, 0x01, 0, 0, 0, 1];
    const LIST_B: [u8; 4] = [0x4a, 0x01, 0x03, 0x00];

    fn with<T>(trouble: &str, test: impl FnOnce(&mut Chip) -> T) -> T {
        let mut chip = Chip::new(Card::from_name("default").unwrap(), trouble.parse().ok());
        chip.wake();
        test(&mut chip)
    }

    fn data(chip: &mut Chip, command: &[u8]) -> Vec<u8> {
        match chip.answer(command) {
            Reply::Data(data) => data,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_card_answers_once_it_is_selected() {
        with("", |chip| {
            assert_eq!(data(chip, &SELECT), [0x41, WRONG_STATE]);
            assert_eq!(data(chip, &LIST_B)[..3], [0x4b, 0x01, 0x01]);
            assert_eq!(data(chip, &SELECT), [0x41, 0x00, 0x90, 0x00]);
        });
    }

    #[test]
    fn a_long_answer_comes_in_pieces_and_is_whole() {
        with("chunk:1", |chip| {
            data(chip, &LIST_B);
            assert_eq!(data(chip, &SELECT), [0x41, MORE, 0x90]);
            assert_eq!(data(chip, &[0x40, 0x01]), [0x41, 0x00, 0x00]);
            assert_eq!(chip.card().unwrap().journal().totals().exchanges, 1);
        });
    }

    #[test]
    fn of_two_cards_the_second_is_found_when_the_first_sleeps() {
        with("two", |chip| {
            let first = data(chip, &LIST_B);
            data(chip, &[0x44, 0x00]);
            let second = data(chip, &LIST_B);
            assert_ne!(first, second);
            data(chip, &[0x44, 0x00]);
            assert_eq!(data(chip, &LIST_B), [0x4b, 0x00]);
            data(chip, &[0x32, 0x01, 0x00]);
            assert_eq!(data(chip, &LIST_B), first);
        });
    }

    #[test]
    fn a_card_of_type_a_is_none_of_type_b() {
        with("type-a", |chip| {
            assert_eq!(data(chip, &LIST_B), [0x4b, 0x00]);
            assert_eq!(data(chip, &[0x4a, 0x01, 0x00])[1], 1);
        });
    }

    #[test]
    fn a_felica_is_found_at_its_rate_when_it_is_asked_as_it_must_be() {
        for (trouble, rate, other) in [("felica:212", 0x01, 0x02), ("felica:424", 0x02, 0x01)] {
            with(trouble, |chip| {
                let poll = |kind| [&[0x4a, 0x01, kind][..], &POLLING].concat();
                assert_eq!(data(chip, &LIST_B), [0x4b, 0x00]);
                assert_eq!(data(chip, &[0x4a, 0x01, 0x00])[1], 0);
                assert_eq!(data(chip, &poll(other)), [0x4b, 0x00]);
                assert_eq!(data(chip, &poll(rate)).len(), 3 + 20);
                assert_eq!(data(chip, &SELECT), [0x41, TIMEOUT]);
                assert_eq!(chip.answer(&[0x4a, 0x01, rate]), Reply::SyntaxError);
            });
        }
    }

    #[test]
    fn a_lost_card_stays_away_until_the_field_was_off() {
        for (trouble, heard) in [("lost:1", 0), ("lost-after:1", 1)] {
            with(trouble, |chip| {
                data(chip, &LIST_B);
                assert_eq!(data(chip, &SELECT), [0x41, TIMEOUT]);
                assert_eq!(data(chip, &SELECT), [0x41, RELEASED]);
                assert_eq!(chip.card().unwrap().journal().totals().exchanges, heard);
                assert_eq!(data(chip, &LIST_B), [0x4b, 0x00]);
                data(chip, &[0x32, 0x01, 0x00]);
                data(chip, &LIST_B);
                assert_eq!(data(chip, &SELECT), [0x41, 0x00, 0x90, 0x00]);
            });
        }
    }

    #[test]
    fn a_card_that_comes_in_place_of_another_hears_nothing_until_it_is_selected() {
        with("", |chip| {
            let first = data(chip, &LIST_B);
            data(chip, &SELECT);
            let before = chip.lay(Card::from_name("no-extended").ok(), None).unwrap();
            assert_eq!(before.journal().totals().exchanges, 1);
            assert_eq!(data(chip, &SELECT), [0x41, TIMEOUT]);
            assert_eq!(data(chip, &SELECT), [0x41, WRONG_STATE]);
            assert_eq!(chip.card().unwrap().journal().totals().exchanges, 0);
            assert_ne!(data(chip, &LIST_B), first);
            assert_eq!(data(chip, &SELECT), [0x41, 0x00, 0x90, 0x00]);
            chip.lay(None, None);
            assert_eq!(data(chip, &LIST_B), [0x4b, 0x00]);
        });
    }

    #[test]
    fn a_card_is_lost_at_its_first_pin_and_at_no_other() {
        with("lost-at-pin", |chip| {
            let verify = b"\x40\x01\x00\x20\x00\x80\x041234";
            data(chip, &LIST_B);
            assert_eq!(data(chip, verify), [0x41, TIMEOUT]);
            data(chip, &[0x32, 0x01, 0x00]);
            data(chip, &LIST_B);
            assert_eq!(data(chip, verify)[..2], [0x41, 0x00]);
        });
    }

    #[test]
    fn of_an_answer_comes_one_octet_or_none_and_the_next_is_whole() {
        for (trouble, answer) in [("cut:1", &[0x41, 0x00, 0x90][..]), ("blank:1", &[0x41, 0x00])] {
            with(trouble, |chip| {
                data(chip, &LIST_B);
                assert_eq!(data(chip, &SELECT), answer);
                assert_eq!(data(chip, &SELECT), [0x41, 0x00, 0x90, 0x00]);
                assert_eq!(chip.card().unwrap().journal().totals().exchanges, 2);
            });
        }
    }

    #[test]
    fn a_chip_that_falls_mute_has_taken_the_command() {
        with("mute:1", |chip| {
            data(chip, &LIST_B);
            assert_eq!(chip.answer(&SELECT), Reply::AckOnly);
            assert_eq!(chip.answer(&[0x02]), Reply::Silence);
            assert_eq!(chip.card().unwrap().journal().totals().exchanges, 1);
        });
    }
}
