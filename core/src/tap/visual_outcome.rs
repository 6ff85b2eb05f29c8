//! How a visual tap ends, and which code each end has.

use core::fmt;

use zeroize::Zeroizing;

use super::{Cause, Closing, Fault, Strategy};
use crate::apdu::Status;
use crate::evidence::{SurfaceError, SurfaceEvidence};
use crate::guide::Code;
use crate::photo::Photo;
use crate::transcript::VisualTranscript;

/// The end of a visual tap.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "made once in a tap and moved out of at once")]
pub enum VisualOutcome {
    /// The record is vouched for, and the card has proven that it is its own.
    Proven(VisualEvidence),
    /// Anything else.
    Ended(VisualEnd),
}

/// What a good visual tap brings.
pub struct VisualEvidence {
    /// User-authentication certificate, DER, accepted under the anchors of the request.
    pub certificate: Vec<u8>,
    /// What the service is to see of the card face, accepted under the same anchors.
    pub surface: SurfaceEvidence,
    /// The card's own signature over the transcript, verified with the key in the record.
    pub signature: [u8; 256],
    /// What was signed.
    pub transcript: VisualTranscript,
    /// What only the staff are to see; with 照合番号B alone.
    pub seen: Option<Seen>,
    /// Tries that the counters showed before the number was sent, the lower one of two; `None` if they have no limit.
    pub tries: Option<u8>,
    /// How the card was left.
    pub closing: Closing,
    /// What was learned of card and reader.
    pub strategy: Strategy,
}

/// The evidence is a person's and stays out of logs.
impl fmt::Debug for VisualEvidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VisualEvidence")
            .field("tries", &self.tries)
            .field("closing", &self.closing)
            .field("strategy", &self.strategy)
            .finish_non_exhaustive()
    }
}

/// What the chip shows the staff beside the printed card. Never sent, never stored, wiped when dropped.
pub struct Seen {
    /// The photo.
    pub photo: Photo,
    /// 氏名, of the text input application.
    pub name: Zeroizing<String>,
}

impl fmt::Debug for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seen")
    }
}

/// Why there is no evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VisualEnd {
    /// The reason, with what belongs to it.
    pub cause: VisualCause,
    /// Tries left of the printed number, as far as this tap knows.
    pub tries: Option<u8>,
    /// How the card was left.
    pub closing: Closing,
    /// What was learned of card and reader.
    pub strategy: Strategy,
}

/// The reason why a visual tap ended without evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VisualCause {
    /// What can happen at any tap: faults, other cards, the certificate.
    #[error("{0}")]
    Card(Cause),
    /// The card has no card face application, or not what is needed of it: a phone, an older card.
    #[error("the card face cannot be read from this card ({0})")]
    NoSurface(Status),
    /// What it holds is not to be believed.
    #[error("{0}")]
    Surface(SurfaceError),
    /// The two applications speak of two birth dates.
    #[error("the applications of the card do not agree")]
    TwoPersons,
    /// The counter does not say how many tries are left.
    #[error("the counter of the printed number cannot be read: the card answered {0}")]
    CounterUnreadable(Status),
    /// Two tries are left: begin again as warned.
    #[error("two tries are left and the patient does not know")]
    WarnNeeded,
    /// One try is left: begin again with consent for this certificate.
    #[error("one try is left and the patient has not agreed to use it")]
    ConsentNeeded {
        /// SHA-256 of the certificate that the consent is to be given for.
        certificate_sha256: [u8; 32],
    },
    /// Blocked before this tap; the number was not sent, or the card did not look at it.
    #[error("the printed number is blocked")]
    Blocked,
    /// This try was wrong and blocked it.
    #[error("the printed number was wrong and is now blocked")]
    BlockedNow,
    /// Wrong.
    #[error("the printed number is wrong")]
    Wrong {
        /// Tries left, if the card says so.
        left: Option<u8>,
    },
    /// VERIFY was sent and its answer was lost: whether a try was spent is not known. A new tap reads the counter.
    #[error("the answer to the printed number was lost ({0})")]
    Unknown(Fault),
    /// VERIFY was answered by something that is no answer: as unknown as a lost one.
    #[error("the answer to the printed number makes no sense")]
    Garbled,
    /// VERIFY was answered by a status that this card does not give to it: as unknown as a lost answer.
    #[error("the card answered {0} to the printed number; whether a try was spent is not known")]
    Status(Status),
}

impl VisualEnd {
    /// What to tell.
    pub const fn code(&self) -> Code {
        self.cause.code()
    }

    /// Where the last try needs the patient's consent: the certificate that it is to be given for, by SHA-256.
    pub const fn consent_for(&self) -> Option<[u8; 32]> {
        match self.cause {
            VisualCause::ConsentNeeded { certificate_sha256 } => Some(certificate_sha256),
            _ => None,
        }
    }

    pub(super) fn out_of_turn() -> Self {
        Self {
            cause: VisualCause::Card(Cause::OutOfTurn),
            tries: None,
            closing: Closing::NotNeeded,
            strategy: Strategy::default(),
        }
    }
}

impl VisualCause {
    /// What to tell.
    pub const fn code(&self) -> Code {
        match self {
            Self::Card(cause) => cause.code(),
            Self::NoSurface(_) => Code::SurfaceAbsent,
            Self::Surface(error) => error.code(),
            Self::TwoPersons => Code::SurfaceForged,
            Self::CounterUnreadable(_) => Code::PrintedCounterUnreadable,
            Self::WarnNeeded => Code::PrintedWarnNeeded,
            Self::ConsentNeeded { .. } => Code::PrintedConsentNeeded,
            Self::Blocked => Code::PrintedBlocked,
            Self::BlockedNow => Code::PrintedBlockedNow,
            Self::Wrong { .. } => Code::PrintedWrong,
            Self::Unknown(_) | Self::Garbled | Self::Status(_) => Code::PrintedUnknown,
        }
    }
}

impl From<Cause> for VisualCause {
    fn from(cause: Cause) -> Self {
        Self::Card(cause)
    }
}

impl From<SurfaceError> for VisualCause {
    fn from(error: SurfaceError) -> Self {
        Self::Surface(error)
    }
}
