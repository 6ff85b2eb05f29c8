//! Why a request brought nothing, and why a reader cannot be used, as data.

use super::descriptor::Unsupported;
use super::message::CardState;
use crate::apdu::Fault;
use crate::guide::Code;

/// Slot error register, `bError` of a request that failed, as a total enum (table 6.2-2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum SlotError {
    /// `FF`.
    #[error("the request was aborted")]
    Aborted,
    /// `FE`: the card did not answer.
    #[error("the card is mute")]
    Mute,
    /// `FD`.
    #[error("parity was wrong on the way to or from the card")]
    Parity,
    /// `FC`.
    #[error("the reader was overrun")]
    Overrun,
    /// `FB`.
    #[error("the reader's hardware failed")]
    Hardware,
    /// `F8`, `F7`: the answer to reset is not one.
    #[error("the card's answer to reset makes no sense")]
    AnswerToReset,
    /// `F6`.
    #[error("the reader does not support the card's protocol")]
    Protocol,
    /// `F5`.
    #[error("the reader does not support the card's class")]
    Class,
    /// `F4`.
    #[error("the card's procedure byte is in conflict")]
    ProcedureByte,
    /// `F3`.
    #[error("the protocol was deactivated")]
    Deactivated,
    /// `F2`: the reader is still settling the card.
    #[error("the reader is busy with its own sequence")]
    Sequence,
    /// `E0`: another request is under way at this slot.
    #[error("the slot is busy")]
    SlotBusy,
    /// `00`.
    #[error("the reader does not know the request")]
    Unknown,
    /// `01` to `7F`: the octet of the request that is wrong.
    #[error("octet {at} of the request is refused")]
    Refused {
        /// Its place.
        at: u8,
    },
    /// Any other, the maker's own among them.
    #[error("slot error {0:02X}")]
    Other(u8),
}

impl From<u8> for SlotError {
    fn from(error: u8) -> Self {
        match error {
            0xff => Self::Aborted,
            0xfe => Self::Mute,
            0xfd => Self::Parity,
            0xfc => Self::Overrun,
            0xfb => Self::Hardware,
            0xf7 | 0xf8 => Self::AnswerToReset,
            0xf6 => Self::Protocol,
            0xf5 => Self::Class,
            0xf4 => Self::ProcedureByte,
            0xf3 => Self::Deactivated,
            0xf2 => Self::Sequence,
            0xe0 => Self::SlotBusy,
            0x00 => Self::Unknown,
            at @ 0x01..=0x7f => Self::Refused { at },
            other => Self::Other(other),
        }
    }
}

/// Why a request brought nothing. Holds nothing of a command or an answer, so it may be logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Cause {
    /// The shell said so.
    #[error("{0}")]
    Shell(Fault),
    /// The reader said so.
    #[error("{error} ({card:?})")]
    Slot {
        /// What.
        error: SlotError,
        /// What lies there now.
        card: CardState,
    },
    /// What came is no message, or not one that answers the request.
    #[error("the reader's message makes no sense")]
    Malformed,
    /// Extensions, stale answers or parts without end.
    #[error("the reader did not come to an end")]
    Endless,
    /// The command is longer than this reader carries; nothing was sent.
    #[error("the command is too long for the reader")]
    TooLong,
    /// The card speaks a protocol that carries no APDU.
    #[error("the card speaks protocol {0}")]
    Protocol(u8),
    /// The shell called out of turn.
    #[error("the reader was driven out of turn")]
    OutOfTurn,
}

/// A request that is over without what was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Failure {
    /// For the tap.
    pub fault: Fault,
    /// For a log.
    pub cause: Cause,
}

impl Failure {
    /// What to tell, if it struck outside a tap.
    pub const fn code(&self) -> Code {
        self.fault.code()
    }

    /// `had_power` says whether the card was powered when the request began: one that is gone was then taken away.
    pub(super) const fn new(cause: Cause, had_power: bool) -> Self {
        let fault = match cause {
            Cause::Shell(fault) => fault,
            Cause::Slot { error, card } => slot_fault(error, card, had_power),
            Cause::Endless => Fault::Timeout,
            Cause::Malformed | Cause::TooLong | Cause::Protocol(_) | Cause::OutOfTurn => Fault::ReaderFailed,
        };
        Self { fault, cause }
    }
}

const fn slot_fault(error: SlotError, card: CardState, had_power: bool) -> Fault {
    match (card, error) {
        (CardState::Absent, _) if !had_power => Fault::CardAbsent,
        (CardState::Absent, _) => Fault::TagLost,
        // Without power a card that had it was lifted, whatever else the reader says of it. The two errors are what
        // a card gives that is moved in its field.
        (CardState::Inactive, _) | (_, SlotError::Parity | SlotError::Overrun) if had_power => Fault::TagLost,
        (_, SlotError::Mute) => Fault::Timeout,
        (_, SlotError::SlotBusy | SlotError::Sequence) => Fault::ReaderBusy,
        (_, SlotError::Aborted) => Fault::Cancelled,
        _ => Fault::ReaderFailed,
    }
}

/// Why a reader cannot be used at all; said before any card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// There is none.
    #[error("there is no reader")]
    Absent,
    /// The person at the device refused this app the reader.
    #[error("the permission to use the reader was refused")]
    PermissionRefused,
    /// It cannot be opened or claimed: another program holds it.
    #[error("another program is using the reader")]
    Busy,
    /// It is of a kind that is not served.
    #[error("{0}")]
    Unsupported(#[from] Unsupported),
}

impl Unusable {
    /// What to tell.
    pub const fn code(&self) -> Code {
        match self {
            Self::Absent => Code::ReaderAbsent,
            Self::PermissionRefused => Code::ReaderPermission,
            Self::Busy => Code::ReaderBusy,
            Self::Unsupported(_) => Code::ReaderUnsupported,
        }
    }
}
