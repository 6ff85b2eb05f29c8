//! How a tap ends, and which code each end has.

use core::fmt;

use super::{Closing, Fault, Stage, Strategy};
use crate::apdu::Status;
use crate::certificate::{CertificateError, Refusal};
use crate::guide::Code;
use crate::transcript::Transcript;

/// The end of a tap.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "made once in a tap and moved out of at once")]
pub enum Outcome {
    /// The card signed, and the signature is its certificate's.
    Signed(SignedTap),
    /// Anything else.
    Ended(TapEnd),
}

/// What a good tap brings.
#[derive(Clone, PartialEq, Eq)]
pub struct SignedTap {
    /// User-authentication certificate, DER, accepted under the anchors of the request.
    pub certificate: Vec<u8>,
    /// PKCS #1 v1.5 signature over SHA-256 of the transcript, verified with the certificate's key.
    pub signature: [u8; 256],
    /// What was signed.
    pub transcript: Transcript,
    /// Tries that the counter showed before the PIN was sent. A good PIN has set it back to the full number.
    pub tries: u8,
    /// How the card was left.
    pub closing: Closing,
    /// What was learned of card and reader.
    pub strategy: Strategy,
}

/// The certificate is a person's and stays out of logs.
impl fmt::Debug for SignedTap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedTap")
            .field("tries", &self.tries)
            .field("closing", &self.closing)
            .field("strategy", &self.strategy)
            .finish_non_exhaustive()
    }
}

/// Why there is no signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TapEnd {
    /// The reason, with what belongs to it.
    pub cause: Cause,
    /// Tries left as far as this tap knows; `None` if it never read the counter, or lost the answer to VERIFY.
    pub tries: Option<u8>,
    /// How the card was left.
    pub closing: Closing,
    /// What was learned of card and reader.
    pub strategy: Strategy,
}

/// The reason why a tap ended without a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Cause {
    /// No answer, with no PIN on its way.
    #[error("{0}")]
    Fault(Fault),
    /// No JPKI application.
    #[error("the card has no JPKI application ({0})")]
    NotMyNumber(Status),
    /// A driving licence.
    #[error("a driving licence lies there")]
    DrivingLicence,
    /// A 住基カード.
    #[error("a Juki card lies there")]
    Juki,
    /// An iPhone.
    #[error("an iPhone lies there; no PIN of four digits is known for it")]
    Iphone,
    /// An answer that is none, or of a length that cannot be.
    #[error("the card's answer at {stage:?} makes no sense")]
    Garbage {
        /// Where.
        stage: Stage,
    },
    /// A status word that is not expected.
    #[error("the card answered {status} at {stage:?}")]
    Status {
        /// Where.
        stage: Stage,
        /// What it said.
        status: Status,
    },
    /// No user-authentication certificate on the card.
    #[error("there is no user-authentication certificate on the card")]
    CertificateAbsent,
    /// The certificate's file cannot be read.
    #[error("the certificate cannot be read: the card answered {0}")]
    CertificateUnreadable(Status),
    /// What lies in the file is not a whole certificate.
    #[error("what was read is not a whole certificate")]
    CertificateMalformed,
    /// A certificate of another profile.
    #[error("{0}")]
    CertificateProfile(CertificateError),
    /// A certificate that is not believed.
    #[error("{0}")]
    CertificateRefused(Refusal),
    /// The certificate is behind the PIN and this is no phone: no PIN is sent to it.
    #[error("the certificate wants a PIN first, and this is no phone that we know")]
    CertificateNeedsPin,
    /// Another card than the one that the consent was given for.
    #[error("the consent was given for another card")]
    CardChanged,
    /// The counter does not say how many tries are left.
    #[error("the PIN's counter cannot be read: the card answered {0}")]
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
    /// One try is left on a phone, whose certificate no consent can be held to: not tried.
    #[error("one try is left, and on a phone the last one is not used")]
    LastTryOnPhone,
    /// Blocked before this tap; no PIN was sent, or the card did not look at it.
    #[error("the PIN is blocked")]
    Blocked,
    /// This try was wrong and blocked it.
    #[error("the PIN was wrong and is now blocked")]
    BlockedNow,
    /// Wrong.
    #[error("the PIN is wrong")]
    PinWrong {
        /// Tries left, if the card says so.
        left: Option<u8>,
    },
    /// VERIFY was sent and its answer was lost: whether a try was spent is not known. A new tap reads the counter.
    #[error("the answer to the PIN was lost ({0})")]
    PinUnknown(Fault),
    /// VERIFY was answered by something that is no answer: as unknown as a lost one.
    #[error("the answer to the PIN makes no sense")]
    PinGarbled,
    /// VERIFY was answered by a status that this card does not give to it: as unknown as a lost answer.
    #[error("the card answered {0} to the PIN; whether a try was spent is not known")]
    PinStatus(Status),
    /// The signature is not the certificate's.
    #[error("the card's signature does not fit its certificate")]
    SignatureWrong,
    /// The shell called out of turn: started twice, answered before the start or after the end.
    #[error("the tap was driven out of turn")]
    OutOfTurn,
}

impl TapEnd {
    /// What to tell.
    pub const fn code(&self) -> Code {
        self.cause.code()
    }

    /// Where the last try needs the patient's consent: the certificate that it is to be given for, by SHA-256.
    pub const fn consent_for(&self) -> Option<[u8; 32]> {
        match self.cause {
            Cause::ConsentNeeded { certificate_sha256 } => Some(certificate_sha256),
            _ => None,
        }
    }

    pub(super) const fn out_of_turn() -> Self {
        Self {
            cause: Cause::OutOfTurn,
            tries: None,
            closing: Closing::NotNeeded,
            strategy: Strategy::DEFAULT,
        }
    }
}

impl Cause {
    /// What to tell.
    pub const fn code(&self) -> Code {
        match self {
            Self::Fault(fault) => fault.code(),
            Self::NotMyNumber(_) => Code::CardNotMyNumber,
            Self::DrivingLicence => Code::CardDrivingLicence,
            Self::Juki => Code::CardJuki,
            Self::Iphone => Code::CardIphoneToken,
            Self::Garbage { .. } => Code::CardGarbage,
            Self::Status { .. } => Code::CardStatus,
            Self::CertificateAbsent => Code::CertificateAbsent,
            Self::CertificateUnreadable(_) => Code::CertificateUnreadable,
            Self::CertificateMalformed => Code::CertificateMalformed,
            Self::CertificateProfile(error) => error.code(),
            Self::CertificateRefused(refusal) => refusal.code(),
            Self::CertificateNeedsPin => Code::CertificateNeedsPin,
            Self::CardChanged => Code::CardChanged,
            Self::CounterUnreadable(_) => Code::PinCounterUnreadable,
            Self::WarnNeeded => Code::PinWarnNeeded,
            Self::ConsentNeeded { .. } => Code::PinConsentNeeded,
            Self::LastTryOnPhone => Code::PinLastOnPhone,
            Self::Blocked => Code::PinBlocked,
            Self::BlockedNow => Code::PinBlockedNow,
            Self::PinWrong { .. } => Code::PinWrong,
            Self::PinUnknown(_) | Self::PinGarbled | Self::PinStatus(_) => Code::CardRemovedPinUnknown,
            Self::SignatureWrong => Code::CardSignatureWrong,
            Self::OutOfTurn => Code::TapOutOfTurn,
        }
    }
}

impl Fault {
    /// What to tell when it struck with no PIN on its way.
    pub const fn code(self) -> Code {
        match self {
            Self::TagLost => Code::CardRemoved,
            Self::Timeout => Code::ReaderTimeout,
            Self::Cancelled => Code::TapCancelled,
            Self::CardAbsent => Code::CardAbsent,
            Self::TwoCards => Code::CardTwo,
            Self::OtherKind => Code::CardOtherKind,
            Self::ReaderAbsent => Code::ReaderAbsent,
            Self::ReaderBusy => Code::ReaderBusy,
            Self::ReaderFailed => Code::ReaderFailed,
        }
    }
}
