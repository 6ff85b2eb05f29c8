//! The virtual card as a reader with a card in it.

use shikaku::tap::{Fault, ReaderLimits};
use shikaku_virtual_card::Card;
use shikaku_virtual_card::issue::Authority;

use super::{Cancel, Reader, ReaderError};
use crate::failure::Failure;

/// A reader in which the virtual card always lies. Its counters live as long as this value.
pub(super) struct VirtualReader {
    card: Card,
    name: String,
    root: Vec<u8>,
    connected: bool,
}

impl VirtualReader {
    /// `card` is the name of an embedded card or the folder of another.
    pub(super) fn open(card: &str) -> Result<Self, Failure> {
        let authority =
            Authority::test().map_err(|error| Failure::plain(format_args!("仮想カードのCA: {error}")))?;
        let root = authority.certificate().to_vec();
        Ok(Self {
            card: crate::virtual_card::open(card)?,
            name: format!("virtual:{card}"),
            root,
            connected: false,
        })
    }
}

impl Reader for VirtualReader {
    fn connect(&mut self, _: &Cancel) -> Result<(), ReaderError> {
        self.connected = true;
        Ok(())
    }

    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, ReaderError> {
        if self.connected {
            Ok(self.card.transmit(command))
        } else {
            Err(ReaderError::new(Fault::CardAbsent, "仮想カードに接続していません"))
        }
    }

    fn disconnect(&mut self) {
        self.connected = false;
        self.card.power_off();
    }

    fn limits(&self) -> ReaderLimits {
        ReaderLimits::EXTENDED
    }

    fn name(&self) -> String {
        self.name.clone()
    }

    fn test_roots(&self) -> Vec<Vec<u8>> {
        vec![self.root.clone()]
    }
}
