//! USB card readers across the FFI: the shell moves transfers, the core says what they mean.

use std::sync::{Arc, Mutex, PoisonError};

use shikaku::ccid::{CardState, Descriptor, Done, Endpoint, Notification, Unsupported, Unusable};
use shikaku::tap::{Fault, ReaderLimits};

use crate::shelter::sheltered;

// Each mirror repeats a type of the core. A variant or field that is missing here does not compile.

/// Whether a card lies there.
#[uniffi::remote(Enum)]
pub enum CardState {
    /// There, and powered.
    Active,
    /// There, without power.
    Inactive,
    /// Not there.
    Absent,
}

/// What the interrupt pipe tells.
#[uniffi::remote(Enum)]
pub enum Notification {
    /// A card came, or lies there.
    Present,
    /// The card went, or none lies there.
    Absent,
    /// The reader's hardware failed.
    HardwareError,
    /// Nothing that concerns this slot.
    Other,
}

/// One end of a pipe.
#[uniffi::remote(Record)]
pub struct Endpoint {
    /// Address with its direction bit.
    pub address: u8,
    /// Octets of one packet, 1 to 1024.
    pub packet: u16,
}

/// Why no interface of a device can be used.
#[uniffi::remote(Enum)]
pub enum Unsupported {
    /// It is no card reader.
    NotAReader,
    /// It lacks its class descriptor or a bulk endpoint.
    Incomplete,
    /// The host would have to speak the card's transmission protocol itself.
    TpduLevel,
    /// No signature fits into one of its messages.
    ShortMessages {
        /// Octets, header included.
        octets: u32,
    },
}

/// Why a reader cannot be used at all.
#[uniffi::remote(Enum)]
pub enum Unusable {
    /// There is none.
    Absent,
    /// The person at the device refused this app the reader.
    PermissionRefused,
    /// It cannot be opened or claimed: another program holds it.
    Busy,
    /// It is of a kind that is not served.
    Unsupported(Unsupported),
}

/// A device that is no usable card reader.
#[derive(Debug, thiserror::Error, uniffi::Error)]
pub enum UsbError {
    /// None of its interfaces can be used.
    #[error("{detail}")]
    Refused {
        /// Why.
        reason: Unusable,
        /// In English; may be logged.
        detail: String,
    },
}

/// The code of the guide for a reader that cannot be used.
#[uniffi::export]
pub fn unusable_code(reason: Unusable) -> String {
    reason.code().as_str().to_owned()
}

/// What the shell does next at a USB reader.
#[derive(uniffi::Enum)]
pub enum UsbStep {
    /// Send these octets on the bulk-out endpoint, once, then call `written` or `fail`.
    Write {
        /// A whole message. It may hold a PIN: wipe it after sending, never log or repeat it.
        message: Vec<u8>,
    },
    /// Make one transfer on the bulk-in endpoint, then call `received` or `fail`.
    Read {
        /// Room for so many octets, a whole number of packets up to 16,384.
        most: u32,
        /// How long to wait, in milliseconds.
        within_ms: u32,
    },
    /// The card is powered.
    Powered {
        /// Its answer to reset.
        atr: Vec<u8>,
    },
    /// What lies there now.
    Card {
        /// As the reader says.
        state: CardState,
    },
    /// The card's answer to a command.
    Response {
        /// Data and status word.
        response: Vec<u8>,
    },
    /// Nothing came of the request.
    Failed {
        /// For the tap.
        fault: Fault,
        /// Code of the guide, if it struck outside a tap.
        code: String,
        /// In English; may be logged.
        detail: String,
    },
}

/// One slot of a USB card reader. Begin with `power_on`, `status`, `transmit` or `power_off`, then follow the steps.
#[derive(uniffi::Object)]
pub struct UsbCardReader {
    descriptor: Descriptor,
    reader: Mutex<shikaku::ccid::Reader>,
}

#[uniffi::export]
impl UsbCardReader {
    /// The first slot of the first usable interface in the raw descriptors of a device.
    #[uniffi::constructor]
    pub fn of_descriptors(raw: Vec<u8>) -> Result<Arc<Self>, UsbError> {
        let found = Descriptor::read(&raw).map(|found| found.into_iter().next());
        let descriptor = found.and_then(|first| first.ok_or(Unsupported::NotAReader)).map_err(|why| {
            UsbError::Refused { reason: Unusable::Unsupported(why), detail: why.to_string() }
        })?;
        let reader = Mutex::new(shikaku::ccid::Reader::new(descriptor, 0));
        Ok(Arc::new(Self { descriptor, reader }))
    }

    /// Number of the interface to be claimed.
    pub fn interface_number(&self) -> u8 {
        self.descriptor.interface
    }

    /// Towards the reader.
    pub fn bulk_out(&self) -> Endpoint {
        self.descriptor.bulk_out
    }

    /// From the reader.
    pub fn bulk_in(&self) -> Endpoint {
        self.descriptor.bulk_in
    }

    /// Tells that a card came or went; not every reader has it.
    pub fn interrupt(&self) -> Option<Endpoint> {
        self.descriptor.interrupt
    }

    /// What a tap may ask of it.
    pub fn limits(&self) -> ReaderLimits {
        self.descriptor.limits()
    }

    /// Powers the card.
    pub fn power_on(&self) -> UsbStep {
        self.step(shikaku::ccid::Reader::power_on)
    }

    /// Cuts the card's power, and with it its PIN state.
    pub fn power_off(&self) -> UsbStep {
        self.step(shikaku::ccid::Reader::power_off)
    }

    /// Asks whether a card lies there.
    pub fn status(&self) -> UsbStep {
        self.step(shikaku::ccid::Reader::status)
    }

    /// Sends one command APDU.
    pub fn transmit(&self, command: Vec<u8>) -> UsbStep {
        self.step(|reader| reader.transmit(command.into()))
    }

    /// What the interrupt pipe told of this slot.
    pub fn notified(&self, octets: Vec<u8>) -> Notification {
        self.reader.lock().unwrap_or_else(PoisonError::into_inner).notified(&octets)
    }

    /// Goes on after the message has been sent whole.
    pub fn written(&self) -> UsbStep {
        self.step(shikaku::ccid::Reader::written)
    }

    /// Goes on with what one transfer brought, after so many milliseconds.
    pub fn received(&self, octets: Vec<u8>, elapsed_ms: u32) -> UsbStep {
        self.step(|reader| reader.received(&octets, elapsed_ms))
    }

    /// Ends the request without an answer.
    pub fn fail(&self, fault: Fault) -> UsbStep {
        self.step(|reader| reader.fail(fault))
    }
}

impl UsbCardReader {
    fn step(&self, turn: impl FnOnce(&mut shikaku::ccid::Reader) -> shikaku::ccid::Step) -> UsbStep {
        // A request that panicked is over, so a poisoned lock is no danger.
        let held = || self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        match sheltered(|| turn(&mut held()), || held().fail(Fault::ReaderFailed)) {
            // The octets cross the FFI as they are; the foreign side answers for them from there on.
            shikaku::ccid::Step::Write { mut message } => {
                UsbStep::Write { message: std::mem::take::<Vec<u8>>(&mut message) }
            }
            shikaku::ccid::Step::Read { most, within_ms } => {
                UsbStep::Read { most: u32::try_from(most).unwrap_or(u32::MAX), within_ms }
            }
            shikaku::ccid::Step::Done(Done::Powered { atr }) => UsbStep::Powered { atr },
            shikaku::ccid::Step::Done(Done::Card(state)) => UsbStep::Card { state },
            shikaku::ccid::Step::Done(Done::Response(response)) => UsbStep::Response { response },
            shikaku::ccid::Step::Done(Done::Failed(failure)) => UsbStep::Failed {
                fault: failure.fault,
                code: failure.code().as_str().to_owned(),
                detail: failure.cause.to_string(),
            },
        }
    }
}
