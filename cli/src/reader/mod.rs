//! Readers, each behind the same small trait, and the loop that drives a tap through one.

mod cancel;
mod family;
#[cfg(feature = "nfc")]
mod nfc;
mod options;
#[cfg(feature = "pcsc")]
mod pcsc;
mod session;
mod sight;
#[cfg(feature = "virtual")]
mod virtual_card;

use shikaku::tap::{Fault, ReaderLimits};

pub(crate) use cancel::Cancel;
pub(crate) use family::Family;
pub(crate) use options::{ReaderArgs, survey, with_files};
pub(crate) use session::{Exchange, Session, TapRun, Watch};
pub(crate) use sight::{CardSight, Sight, Standing};

/// What moves octets between the core and one card.
///
/// A reader sends each command once; it never repeats one by itself.
pub(crate) trait Reader {
    /// Waits for a card and takes it for this program alone.
    fn connect(&mut self, cancel: &Cancel) -> Result<(), ReaderError>;

    /// Sends one command and brings its answer, data and status word.
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, ReaderError>;

    /// Powers the card off, which clears its PIN state. Also done when the reader is dropped.
    fn disconnect(&mut self);

    /// Waits until the reader is seen without a card, so that the one of before is not taken for the next person's.
    /// Also of a reader that was opened since, and has met no card: it may still lie there.
    fn await_lifted(&mut self, cancel: &Cancel) -> Result<(), ReaderError>;

    /// What it can carry.
    fn limits(&self) -> ReaderLimits;

    /// The family of the card that is connected, as far as it says so by itself.
    fn family(&self) -> Family {
        Family::default()
    }

    /// How it is called in messages and reports.
    fn name(&self) -> String;

    /// Roots of the cards that can lie in it and are nobody's, DER: of the virtual card alone.
    fn test_roots(&self) -> Vec<Vec<u8>> {
        Vec::new()
    }
}

/// Why a reader brought nothing: what the core needs to know, and what a person does.
#[derive(Debug, thiserror::Error)]
#[error("{detail}")]
pub(crate) struct ReaderError {
    /// For the core.
    pub(crate) fault: Fault,
    /// For the person; never holds anything of a command or an answer.
    pub(crate) detail: String,
}

impl ReaderError {
    fn new(fault: Fault, detail: impl Into<String>) -> Self {
        Self { fault, detail: detail.into() }
    }
}
