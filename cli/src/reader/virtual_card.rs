//! The virtual card as a reader with a card in it.

use std::collections::VecDeque;

use shikaku::tap::{Fault, ReaderLimits};
use shikaku_virtual_card::Card;
use shikaku_virtual_card::issue::{Authority, SurfaceAuthority};

use super::sight::{Sight, Standing};
use super::{Cancel, Family, Reader, ReaderError};
use crate::failure::Failure;

/// A reader in which virtual cards lie one after another, and the first again after the last. Their counters live as
/// long as this value.
pub(super) struct VirtualReader {
    /// The card that lies there comes first.
    cards: VecDeque<Card>,
    name: String,
    roots: Vec<Vec<u8>>,
    connected: bool,
    /// A card was connected since the last one was lifted.
    met: bool,
}

impl VirtualReader {
    /// `cards` are names of embedded cards or folders of others, with commas between them.
    pub(super) fn open(cards: &str) -> Result<Self, Failure> {
        let authority =
            Authority::test().map_err(|error| Failure::plain(format_args!("仮想カードのCA: {error}")))?;
        let surface = SurfaceAuthority::test().map_err(Failure::plain)?;
        let roots = vec![authority.certificate().to_vec(), surface.root()];
        let opened = cards.split(',').map(crate::virtual_card::open).collect::<Result<_, _>>()?;
        Ok(Self { cards: opened, name: format!("virtual:{cards}"), roots, connected: false, met: false })
    }

    fn card(&mut self) -> Result<&mut Card, ReaderError> {
        let absent = || ReaderError::new(Fault::CardAbsent, "仮想カードに接続していません");
        if self.connected { self.cards.front_mut().ok_or_else(absent) } else { Err(absent()) }
    }
}

/// As it stands among the readers.
pub(super) fn sight() -> Sight {
    Sight { reader: "virtual".to_owned(), card: None, standing: Standing::Usable }
}

impl Reader for VirtualReader {
    fn connect(&mut self, _: &Cancel) -> Result<(), ReaderError> {
        self.connected = true;
        self.met = true;
        Ok(())
    }

    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, ReaderError> {
        Ok(self.card()?.transmit(command))
    }

    fn disconnect(&mut self) {
        self.connected = false;
        if let Some(card) = self.cards.front_mut() {
            card.power_off();
        }
    }

    fn await_lifted(&mut self, _: &Cancel) -> Result<(), ReaderError> {
        self.disconnect();
        if std::mem::take(&mut self.met) {
            self.cards.rotate_left(1);
        }
        Ok(())
    }

    fn limits(&self) -> ReaderLimits {
        ReaderLimits::EXTENDED
    }

    fn family(&self) -> Family {
        self.cards.front().map(|card| Family::of(card.atr())).unwrap_or_default()
    }

    fn name(&self) -> String {
        self.name.clone()
    }

    fn test_roots(&self) -> Vec<Vec<u8>> {
        self.roots.clone()
    }
}
