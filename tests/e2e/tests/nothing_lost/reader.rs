//! What carries a tap: the stepper's own hand, or a USB reader.

use shikaku::ccid;
use shikaku::tap::{Fault, ReaderLimits};
use shikaku_tests::desk::Desk;
use shikaku_virtual_card::Card;
use shikaku_virtual_card::ccid::{Kind, Model, Trouble};

use super::tap::{Ended, Entry};

/// The card leaves at an exchange, counted from 0 over all taps.
#[derive(Debug, Clone, Copy)]
pub(super) struct Slip {
    pub(super) at: usize,
    /// Whether it has done what it was told before.
    pub(super) is_heard: bool,
}

/// A reader with a card that may slip once.
pub(super) trait Carrier {
    fn with(card: Card, slip: Option<Slip>) -> Self;
    fn card(&self) -> &Card;
    /// Runs a tap, and leaves the card without power.
    fn tap(&mut self, entry: Entry) -> Ended;
    /// Another card lies there instead, the host having seen nothing of it; the one that lay there.
    fn change_card(&mut self, card: Card) -> Card;
    /// Runs a tap in which another card lies there from this exchange on; the card of before comes back.
    fn tap_with_change(&mut self, entry: Entry, at: usize, card: Card) -> (Ended, Card);
}

/// The stepper with a card in the hand: what every reader comes down to. Says nothing of a card that was changed.
pub(super) struct Hand<const EXTENDED: bool> {
    card: Card,
    slip: Option<Slip>,
    exchanges: usize,
}

impl<const EXTENDED: bool> Hand<EXTENDED> {
    const LIMITS: ReaderLimits = if EXTENDED { ReaderLimits::EXTENDED } else { ReaderLimits::SHORT };

    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, Fault> {
        let slip = self.slip.filter(|slip| slip.at == self.exchanges);
        self.exchanges += 1;
        match slip {
            None => Ok(self.card.transmit(command)),
            Some(slip) => {
                if slip.is_heard {
                    self.card.transmit(command);
                }
                self.card.power_off();
                Err(Fault::TagLost)
            }
        }
    }
}

impl<const EXTENDED: bool> Carrier for Hand<EXTENDED> {
    fn with(card: Card, slip: Option<Slip>) -> Self {
        Self { card, slip, exchanges: 0 }
    }

    fn card(&self) -> &Card {
        &self.card
    }

    fn tap(&mut self, entry: Entry) -> Ended {
        let ended = entry.run(Self::LIMITS, |_, command| self.transmit(command));
        self.card.power_off();
        ended
    }

    fn change_card(&mut self, card: Card) -> Card {
        self.card.power_off();
        std::mem::replace(&mut self.card, card)
    }

    fn tap_with_change(&mut self, entry: Entry, at: usize, card: Card) -> (Ended, Card) {
        let mut other = Some(card);
        let ended = entry.run(Self::LIMITS, |number, command| {
            if number == at {
                let card = other.take().unwrap();
                other = Some(self.change_card(card));
            }
            self.transmit(command)
        });
        self.card.power_off();
        (ended, other.unwrap())
    }
}

/// A USB reader of one of the kinds, by its place in [`MODELS`].
pub(super) struct Usb<const MODEL: usize>(Desk);

pub(super) const MODELS: [Model; 4] = [Model::SHORT, Model::EXTENDED, Model::CHAINED, Model::MANUAL];

impl<const MODEL: usize> Carrier for Usb<MODEL> {
    fn with(card: Card, slip: Option<Slip>) -> Self {
        let trouble = slip.map(|slip| Trouble::At {
            kind: if slip.is_heard { Kind::PulledAfter } else { Kind::Pulled },
            exchange: slip.at + 1,
        });
        Self(Desk::with(card, MODELS[MODEL], trouble))
    }

    fn card(&self) -> &Card {
        self.0.device.card()
    }

    fn tap(&mut self, entry: Entry) -> Ended {
        self.0.device.put_card();
        self.0.power_on().unwrap();
        let ended = entry.run(self.0.reader.limits(), |_, command| {
            self.0.transmit(command).map_err(|failure| failure.fault)
        });
        self.0.pump(ccid::Reader::power_off);
        ended
    }

    fn change_card(&mut self, card: Card) -> Card {
        self.0.device.change_card(card)
    }

    fn tap_with_change(&mut self, entry: Entry, at: usize, card: Card) -> (Ended, Card) {
        self.0.power_on().unwrap();
        let mut other = Some(card);
        let ended = entry.run(self.0.reader.limits(), |number, command| {
            if number == at {
                let card = other.take().unwrap();
                other = Some(self.0.device.change_card(card));
            }
            self.0.transmit(command).map_err(|failure| failure.fault)
        });
        self.0.pump(ccid::Reader::power_off);
        (ended, other.unwrap())
    }
}
