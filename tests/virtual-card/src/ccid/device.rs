//! The reader: one slot, its messages (6.1 and 6.2 of the class), and what goes wrong at it.

use super::model::Model;
use super::transfers::{Transfers, Waiting};
use super::trouble::{Kind, Trouble};
use super::{Broken, descriptors};
use crate::card::Card;

const DATA_BLOCK: u8 = 0x80;
const SLOT_STATUS: u8 = 0x81;
const PARAMETERS: u8 = 0x82;

const FAILED: u8 = 0x40;
const TIME_EXTENSION: u8 = 0x80;

const MUTE: u8 = 0xfe;
const SLOT_BUSY: u8 = 0xe0;
/// The octet of the message that is wrong: its length, its slot, its voltage, its level.
const BAD_LENGTH: u8 = 1;
const BAD_SLOT: u8 = 5;
const BAD_POWER: u8 = 7;
const BAD_LEVEL: u8 = 8;

const HEADER: usize = 10;

/// How often a patient reader asks for time.
const PATIENCE: usize = 30;

/// The pipe towards the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pipe {
    Open,
    /// Halted, until the host opens the device anew.
    Stalled,
    /// The reader is pulled out.
    Gone,
}

/// A reader with a card in it, plugged in.
#[derive(Debug)]
pub struct Device {
    card: Card,
    model: Model,
    trouble: Option<Trouble>,
    pipe: Pipe,
    /// Whether a card lies there.
    has_card: bool,
    has_power: bool,
    /// Asks for time until the power goes, with this sequence number.
    storm: Option<u8>,
    /// What has come of a command in parts.
    command: Vec<u8>,
    /// What has not been fetched yet of an answer in parts.
    response: Vec<u8>,
    exchanges: usize,
    transfers: Transfers,
    has_news: bool,
}

impl Device {
    /// A reader of a kind, with a card in it unless the trouble is that there is none.
    pub fn new(card: Card, model: Model, trouble: Option<Trouble>) -> Self {
        Self {
            card,
            model,
            trouble,
            pipe: Pipe::Open,
            has_card: trouble != Some(Trouble::Empty),
            has_power: false,
            storm: None,
            command: Vec::new(),
            response: Vec::new(),
            exchanges: 0,
            transfers: Transfers::default(),
            has_news: true,
        }
    }

    /// The raw descriptors of device and configuration.
    pub fn descriptors(&self) -> Vec<u8> {
        descriptors::raw(self.model)
    }

    /// The card that lies there, or lay there.
    pub const fn card(&self) -> &Card {
        &self.card
    }

    /// Puts the card back that was pulled.
    pub fn put_card(&mut self) {
        self.has_news |= !self.has_card;
        self.has_card = true;
    }

    /// Takes the card out and puts another one in its place, faster than the host can ask; the one that lay there.
    pub fn change_card(&mut self, card: Card) -> Card {
        self.power_off();
        self.has_news = true;
        self.has_card = true;
        std::mem::replace(&mut self.card, card)
    }

    /// Takes one message.
    pub fn bulk_out(&mut self, message: &[u8]) -> Result<(), Broken> {
        if self.pipe == Pipe::Gone {
            return Err(Broken::Gone);
        }
        let Some((&[kind, a, b, c, d, slot, sequence, first, second, third], data)) =
            message.split_first_chunk::<HEADER>()
        else {
            return Err(Broken::Stall);
        };
        if u32::from_le_bytes([a, b, c, d]) as usize != data.len() || message.len() > self.model.message {
            self.fail(sequence, BAD_LENGTH);
        } else if slot != 0 {
            self.fail(sequence, BAD_SLOT);
        } else {
            match kind {
                0x62 => self.power_on(sequence, first),
                0x63 => {
                    self.power_off();
                    self.say(SLOT_STATUS, sequence, 0, 0, &[]);
                }
                0x65 => self.say(SLOT_STATUS, sequence, 0, 0, &[]),
                // T=1, its five parameters and two octets more (6.2.3).
                0x6c if self.has_power => {
                    self.say(PARAMETERS, sequence, 0, 1, &[0x11, 0x10, 0, 0x4d, 0, 0xfe, 0]);
                }
                0x6c => self.fail(sequence, MUTE),
                0x6f => self.transfer(sequence, u16::from_le_bytes([second, third]), data),
                _ => self.fail(sequence, 0),
            }
        }
        Ok(())
    }

    /// One transfer towards the host.
    pub fn bulk_in(&mut self, most: usize) -> Result<Vec<u8>, Broken> {
        if self.pipe == Pipe::Gone {
            return Err(Broken::Gone);
        }
        if self.pipe == Pipe::Stalled {
            return Err(Broken::Stall);
        }
        if let Some(sequence) = self.storm.filter(|_| self.transfers.is_empty()) {
            self.say(DATA_BLOCK, sequence, TIME_EXTENSION | 1, 0, &[]);
        }
        let brought = self.transfers.next(most, usize::from(self.model.packet));
        if brought == Err(Broken::Stall) {
            self.pipe = Pipe::Stalled;
        }
        brought
    }

    /// What the interrupt pipe tells: a card came or went since it was last asked (6.3.1).
    pub fn interrupt(&mut self) -> Result<Vec<u8>, Broken> {
        if self.pipe == Pipe::Gone {
            return Err(Broken::Gone);
        }
        if !std::mem::take(&mut self.has_news) {
            return Err(Broken::Timeout);
        }
        Ok(vec![0x50, 0b10 | u8::from(self.has_card)])
    }

    fn power_on(&mut self, sequence: u8, power: u8) {
        self.power_off();
        if !self.has_card {
            return self.fail(sequence, MUTE);
        }
        // 0 leaves the voltage to the reader, which not every reader can choose.
        if power > 3 || (power == 0 && !self.model.chooses_voltage()) {
            return self.fail(sequence, BAD_POWER);
        }
        self.has_power = true;
        let atr = self.card.atr().to_vec();
        self.say(DATA_BLOCK, sequence, 0, 0, &atr);
    }

    fn power_off(&mut self) {
        self.card.power_off();
        self.has_power = false;
        self.storm = None;
        self.command.clear();
        self.response.clear();
        self.transfers.clear();
    }

    /// A command, a part of one, or the wish for more of an answer (6.1.4).
    fn transfer(&mut self, sequence: u8, level: u16, data: &[u8]) {
        if !self.has_power {
            return self.fail(sequence, MUTE);
        }
        match level {
            0 if self.command.is_empty() => {}
            1 if self.command.is_empty() && self.model.is_extended() => {}
            2 | 3 if !self.command.is_empty() => {}
            0x10 if data.is_empty() && !self.response.is_empty() => return self.hand_over(sequence, false),
            _ => return self.fail(sequence, BAD_LEVEL),
        }
        self.command.extend_from_slice(data);
        if level & 1 == 1 {
            // More of it follows; the reader says that it is ready for it (6.2.1).
            return self.say(DATA_BLOCK, sequence, 0, 0x10, &[]);
        }
        let command = std::mem::take(&mut self.command);
        self.exchange(sequence, &command);
    }

    fn exchange(&mut self, sequence: u8, command: &[u8]) {
        self.exchanges += 1;
        let trouble = match self.trouble {
            Some(Trouble::At { kind, exchange }) if exchange == self.exchanges => Some(kind),
            _ => None,
        };
        self.response.clear();
        if trouble.is_none_or(Kind::reaches_card) {
            self.response = self.card.transmit(command);
        }
        let Some(kind) = trouble else { return self.hand_over(sequence, true) };
        match kind {
            Kind::Pulled | Kind::PulledAfter => {
                self.power_off();
                self.has_card = false;
                self.has_news = true;
                self.fail(sequence, MUTE);
            }
            Kind::Unplugged | Kind::UnpluggedAfter => {
                self.power_off();
                self.pipe = Pipe::Gone;
            }
            Kind::Mute => self.fail(sequence, MUTE),
            Kind::Busy => self.fail(sequence, SLOT_BUSY),
            Kind::Silent => {}
            Kind::Stalled => self.transfers.push(Waiting::Stall),
            Kind::Storm => self.storm = Some(sequence),
            Kind::Patient => {
                for _ in 0..PATIENCE {
                    self.say(DATA_BLOCK, sequence, TIME_EXTENSION | 1, 0, &[]);
                }
                self.hand_over(sequence, true);
            }
            Kind::Sequence => self.hand_over(sequence.wrapping_add(7), true),
            Kind::Stale => {
                self.say(DATA_BLOCK, sequence.wrapping_sub(1), 0, 0, &[0x90, 0x00]);
                self.hand_over(sequence, true);
            }
            Kind::Short => self
                .transfers
                .push(Waiting::Message(vec![DATA_BLOCK, 2, 0, 0, 0, 0, sequence, 0, 0, 0, 0x90])),
            Kind::Garbage => self.transfers.push(Waiting::Message(vec![0xa5; 23])),
        }
    }

    /// The next part of the answer; all of it, where it fits.
    fn hand_over(&mut self, sequence: u8, is_first: bool) {
        let room = self.model.message - HEADER;
        let rest = self.response.split_off(self.response.len().min(room));
        let part = std::mem::replace(&mut self.response, rest);
        let chain = match (is_first, self.response.is_empty()) {
            (true, true) => 0,
            (true, false) => 1,
            (false, true) => 2,
            (false, false) => 3,
        };
        self.say(DATA_BLOCK, sequence, 0, chain, &part);
    }

    fn fail(&mut self, sequence: u8, error: u8) {
        self.message(DATA_BLOCK, sequence, FAILED, error, 0, &[]);
    }

    /// A message with the status that `marks` adds to what lies there; its low bits are the factor of a time extension.
    fn say(&mut self, kind: u8, sequence: u8, marks: u8, own: u8, data: &[u8]) {
        self.message(kind, sequence, marks & 0xc0, marks & 0x3f, own, data);
    }

    fn message(&mut self, kind: u8, sequence: u8, command: u8, error: u8, own: u8, data: &[u8]) {
        let card = match (self.has_card, self.has_power) {
            (true, true) => 0,
            (true, false) => 1,
            (false, _) => 2,
        };
        let length = u32::try_from(data.len()).unwrap_or(u32::MAX).to_le_bytes();
        let header = [&[kind][..], &length, &[0, sequence, command | card, error, own]].concat();
        self.transfers.push(Waiting::Message([&header, data].concat()));
    }
}
