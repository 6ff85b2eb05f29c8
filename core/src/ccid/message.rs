//! Messages to a reader, each a named constructor, and what comes from it, taken apart (6.1, 6.2, 6.3).

use zeroize::Zeroizing;

use super::failure::SlotError;

/// Octets before the data of every bulk message: type, length, slot, sequence, three of its own.
pub(super) const HEADER: usize = 10;

/// Slot and sequence number: what an answer is told by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) slot: u8,
    pub(super) sequence: u8,
}

/// Which part of a command a message carries, `wLevelParameter` (6.1.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Portion {
    /// All of it.
    Whole,
    /// It begins here and goes on in the next.
    First,
    /// Neither its beginning nor its end.
    Middle,
    /// It ends here.
    Last,
    /// Nothing of it: the answer shall go on.
    More,
}

impl Portion {
    const fn level_parameter(self) -> u16 {
        match self {
            Self::Whole => 0x0000,
            Self::First => 0x0001,
            Self::Last => 0x0002,
            Self::Middle => 0x0003,
            Self::More => 0x0010,
        }
    }
}

/// `PC_to_RDR_IccPowerOn` (6.1.1) → data block with the ATR.
pub(super) fn power_on(mark: Mark, power: u8) -> Zeroizing<Vec<u8>> {
    message(0x62, mark, [power, 0, 0], &[])
}

/// `PC_to_RDR_IccPowerOff` (6.1.2) → slot status.
pub(super) fn power_off(mark: Mark) -> Zeroizing<Vec<u8>> {
    message(0x63, mark, [0; 3], &[])
}

/// `PC_to_RDR_GetSlotStatus` (6.1.3) → slot status.
pub(super) fn slot_status(mark: Mark) -> Zeroizing<Vec<u8>> {
    message(0x65, mark, [0; 3], &[])
}

/// `PC_to_RDR_XfrBlock` (6.1.4) → data block. `bBWI` is 0: the reader keeps the card's own waiting time.
pub(super) fn transfer(mark: Mark, portion: Portion, data: &[u8]) -> Zeroizing<Vec<u8>> {
    let [low, high] = portion.level_parameter().to_le_bytes();
    message(0x6f, mark, [0, low, high], data)
}

/// `PC_to_RDR_GetParameters` (6.1.5) → parameters.
pub(super) fn parameters(mark: Mark) -> Zeroizing<Vec<u8>> {
    message(0x6c, mark, [0; 3], &[])
}

fn message(kind: u8, mark: Mark, own: [u8; 3], data: &[u8]) -> Zeroizing<Vec<u8>> {
    // Room for all of it at once: a vector that grows would leave a copy of a PIN behind. The data never exceed what
    // a message holds, which is far below four octets of length.
    let mut octets = Zeroizing::new(Vec::with_capacity(HEADER + data.len()));
    octets.push(kind);
    octets.extend(u32::try_from(data.len()).unwrap_or(u32::MAX).to_le_bytes());
    octets.extend([mark.slot, mark.sequence]);
    octets.extend(own);
    octets.extend_from_slice(data);
    octets
}

/// Whether a card lies there, `bmICCStatus` (6.2.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CardState {
    /// There, and powered.
    Active,
    /// There, without power.
    Inactive,
    /// Not there.
    Absent,
}

/// How the request went, `bmCommandStatus` and `bError` (6.2.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Progress {
    Succeeded,
    Failed(SlotError),
    /// The card asked for more time; another answer follows.
    Extended,
}

/// What an answer is of, by its type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// `RDR_to_PC_DataBlock` (6.2.1), with `bChainParameter`.
    Data(u8),
    /// `RDR_to_PC_SlotStatus` (6.2.2).
    Slot,
    /// `RDR_to_PC_Parameters` (6.2.3), with `bProtocolNum`.
    Parameters(u8),
}

/// A bulk message from the reader.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Incoming<'a> {
    pub(super) kind: Kind,
    pub(super) mark: Mark,
    pub(super) card: CardState,
    pub(super) progress: Progress,
    pub(super) data: &'a [u8],
}

/// Octets that are no message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Malformed;

/// What has arrived of a message so far.
pub(super) enum Arrival<'a> {
    /// More octets belong to it.
    Partial,
    /// All of it.
    Whole(Incoming<'a>),
}

/// Reads a message of at most `longest` octets.
pub(super) fn arrival(octets: &[u8], longest: usize) -> Result<Arrival<'_>, Malformed> {
    let Some((header, data)) = octets.split_first_chunk::<HEADER>() else { return Ok(Arrival::Partial) };
    let [kind, a, b, c, d, slot, sequence, status, error, own] = *header;
    let length = usize::try_from(u32::from_le_bytes([a, b, c, d])).map_err(|_| Malformed)?;
    if length > longest.saturating_sub(HEADER) || data.len() > length {
        return Err(Malformed);
    }
    if data.len() < length {
        return Ok(Arrival::Partial);
    }
    let kind = match kind {
        0x80 => Kind::Data(own),
        0x81 => Kind::Slot,
        0x82 => Kind::Parameters(own),
        _ => return Err(Malformed),
    };
    let card = match status & 0x03 {
        0 => CardState::Active,
        1 => CardState::Inactive,
        2 => CardState::Absent,
        _ => return Err(Malformed),
    };
    let progress = match status >> 6 {
        0 => Progress::Succeeded,
        1 => Progress::Failed(SlotError::from(error)),
        2 => Progress::Extended,
        _ => return Err(Malformed),
    };
    Ok(Arrival::Whole(Incoming { kind, mark: Mark { slot, sequence }, card, progress, data }))
}

/// What the interrupt pipe tells (6.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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

impl Notification {
    /// `RDR_to_PC_NotifySlotChange` (6.3.1): two bits a slot, the lower one says whether a card lies there.
    /// `RDR_to_PC_HardwareError` (6.3.2). Any octets may come.
    pub(super) fn read(octets: &[u8], slot: u8) -> Self {
        match octets {
            [0x50, states @ ..] => {
                let Some(state) = states.get(usize::from(slot / 4)) else { return Self::Other };
                if state >> (2 * (slot % 4)) & 0x01 == 0 { Self::Absent } else { Self::Present }
            }
            [0x51, of, ..] if *of == slot => Self::HardwareError,
            _ => Self::Other,
        }
    }
}
