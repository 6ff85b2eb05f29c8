//! A desk with a USB card reader: the core's CCID stepper at one end, a reader that knows nothing of the core at the
//! other. The shell between them moves transfers and decides nothing.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

use shikaku::ccid::{Descriptor, Done, Failure, Reader, Step};
use shikaku::tap::Fault;
use shikaku_virtual_card::Card;
use shikaku_virtual_card::ccid::{Broken, Device, Model, Trouble};

/// The reader with its card, and the core's idea of it.
#[derive(Debug)]
pub struct Desk {
    /// The emulated reader.
    pub device: Device,
    /// The core's stepper.
    pub reader: Reader,
}

impl Desk {
    /// A reader of that kind with a card in it.
    ///
    /// # Panics
    /// If the core does not know the reader by its descriptors.
    pub fn with(card: Card, model: Model, trouble: Option<Trouble>) -> Self {
        let device = Device::new(card, model, trouble);
        let descriptor = Descriptor::read(&device.descriptors()).unwrap()[0];
        Self { device, reader: Reader::new(descriptor, 0) }
    }

    /// Moves transfers until the stepper is done.
    pub fn pump(&mut self, begin: impl FnOnce(&mut Reader) -> Step) -> Done {
        let mut step = begin(&mut self.reader);
        loop {
            step = match step {
                Step::Done(done) => return done,
                Step::Write { message } => match self.device.bulk_out(&message) {
                    Ok(()) => self.reader.written(),
                    Err(broken) => self.reader.fail(fault(broken)),
                },
                Step::Read { most, .. } => match self.device.bulk_in(most) {
                    Ok(octets) => self.reader.received(&octets, 10),
                    Err(broken) => self.reader.fail(fault(broken)),
                },
            }
        }
    }

    /// Powers the card.
    ///
    /// # Errors
    /// If it cannot be powered.
    ///
    /// # Panics
    /// If its answer to reset is not that of the card.
    pub fn power_on(&mut self) -> Result<(), Failure> {
        match self.pump(Reader::power_on) {
            Done::Powered { atr } => assert_eq!(atr, self.device.card().atr()),
            Done::Failed(failure) => return Err(failure),
            other => panic!("power on came to {other:?}"),
        }
        Ok(())
    }

    /// One command and its answer.
    ///
    /// # Errors
    /// If no answer came.
    ///
    /// # Panics
    /// If the stepper takes the transfer for something else.
    pub fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, Failure> {
        match self.pump(|reader| reader.transmit(command.to_vec().into())) {
            Done::Response(response) => Ok(response),
            Done::Failed(failure) => Err(failure),
            other => panic!("a transfer came to {other:?}"),
        }
    }
}

const fn fault(broken: Broken) -> Fault {
    match broken {
        Broken::Timeout => Fault::Timeout,
        Broken::Stall => Fault::ReaderFailed,
        Broken::Gone => Fault::ReaderAbsent,
    }
}
