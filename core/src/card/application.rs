//! What the card face and the text input application have in common: files behind a printed number with a counter.
//!
//! No function here sends anything twice, and none but [`verify`] can spend a try.

use zeroize::Zeroizing;

use super::jpki::Failure;
use super::profile::PRINTED_TRIES;
use super::strategy::ReaderLimits;
use super::tries::{Consent, Hold, Permit, TriesLeft};
use crate::apdu::command::{Aid, Command, FileId, SHORT_READ};
use crate::apdu::exchange::{Transceive, exchange};
use crate::apdu::response::Response;
use crate::apdu::{Fault, Status};
use crate::evidence::tlv;

/// Reads of one record, as a multiple of what the longest one needs: a card may answer in smaller parts.
const READS_MARGIN: usize = 4;

/// What the counter of a printed number says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tally {
    Left(TriesLeft),
    /// 6300: it may be tried without end.
    Unlimited,
    Blocked,
    /// Neither: nothing may be tried.
    Unreadable(Status),
}

impl Tally {
    /// Leave to send one VERIFY, by the rules of [`TriesLeft::permit`]. `None` where nothing may be tried at all.
    pub(crate) fn permit(self, consent: Consent, certificate: [u8; 32]) -> Option<Result<Permit, Hold>> {
        match self {
            Self::Left(tries) => Some(tries.permit(consent, Some(certificate))),
            Self::Unlimited => Some(Ok(Permit::without_limit())),
            Self::Blocked | Self::Unreadable(_) => None,
        }
    }
}

/// What became of a VERIFY with a printed number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Printed {
    Accepted,
    Refused(Status),
    /// An answer that is none: whether a try was spent is not known.
    Garbled,
    /// No answer: whether a try was spent is not known.
    Lost(Fault),
}

pub(super) async fn select<T: Transceive + Send + Sync>(card: &mut T, aid: Aid) -> Result<(), Failure> {
    match exchange(card, Command::select_application(aid)).await?.status() {
        Status::Success => Ok(()),
        other => Err(Failure::Status(other)),
    }
}

/// Tries left; leaves the file selected, which VERIFY needs. Spends nothing.
pub(super) async fn tally<T: Transceive + Send + Sync>(card: &mut T, file: FileId) -> Result<Tally, Failure> {
    select_file(card, file).await?;
    let status = bare_status(&exchange(card, Command::tries_left()).await?)?;
    Ok(match status {
        Status::Tries { left: 0 } | Status::AuthenticationBlocked | Status::ReferenceBlocked => {
            Tally::Blocked
        }
        Status::Tries { left } => {
            TriesLeft::new(left, PRINTED_TRIES).map_or(Tally::Unreadable(status), Tally::Left)
        }
        Status::NoLimit => Tally::Unlimited,
        other => Tally::Unreadable(other),
    })
}

/// **Spends a try** unless the number is right: sends this VERIFY, once. Call after [`tally`]: `permit` is made from
/// what it said.
pub(super) async fn verify<T: Transceive + Send + Sync>(
    card: &mut T,
    command: Command,
    _used_up: Permit,
) -> Printed {
    match exchange(card, command).await.map_err(Failure::from).and_then(|answer| bare_status(&answer)) {
        Ok(Status::Success) => Printed::Accepted,
        Ok(other) | Err(Failure::Status(other)) => Printed::Refused(other),
        Err(Failure::Garbage) => Printed::Garbled,
        Err(Failure::Fault(fault)) => Printed::Lost(fault),
    }
}

/// The object with this tag at the front of a file: its length comes from its own header, never from the file, which
/// is padded. `Ok(None)` if it is another object, longer than `longest`, or stops before its end. Spends nothing.
///
/// What is read is a person's, so the octets have their room from the start and are wiped.
pub(super) async fn read_object<T: Transceive + Send + Sync>(
    card: &mut T,
    (file, tag, longest): (FileId, u16, usize),
    limits: ReaderLimits,
) -> Result<Option<Zeroizing<Vec<u8>>>, Failure> {
    select_file(card, file).await?;
    let mut octets = Zeroizing::new(Vec::with_capacity(longest + usize::from(SHORT_READ)));
    octets.extend(read(card, 0, limits.part()).await?.map_err(Failure::Status)?);
    let fewest = longest.div_ceil(limits.part().into());
    for _ in 0..=READS_MARGIN * fewest {
        let length = match tlv::object_length(&octets, tag) {
            Some(length) if length > longest => return Ok(None),
            Some(length) => length,
            None if octets.len() < tlv::HEADER_LENGTH => tlv::HEADER_LENGTH,
            None => return Ok(None),
        };
        let missing = length.saturating_sub(octets.len());
        if missing == 0 {
            octets.truncate(length);
            return Ok(Some(octets));
        }
        let Ok(offset) = u16::try_from(octets.len()) else { return Ok(None) };
        let part = u16::try_from(missing).unwrap_or(SHORT_READ).min(limits.part());
        match read(card, offset, part).await? {
            Ok(more) if !more.is_empty() => octets.extend(more),
            Ok(_) | Err(Status::PastEnd) => return Ok(None),
            Err(other) => return Err(Failure::Status(other)),
        }
    }
    Ok(None)
}

/// One short read of 1 to 256 octets; more than was asked for is garbage.
async fn read<T: Transceive + Send + Sync>(
    card: &mut T,
    offset: u16,
    length: u16,
) -> Result<Result<Vec<u8>, Status>, Failure> {
    match exchange(card, Command::read(offset, length)).await?.read() {
        Ok(octets) if octets.len() > usize::from(length) => Err(Failure::Garbage),
        answer => Ok(answer),
    }
}

async fn select_file<T: Transceive + Send + Sync>(card: &mut T, file: FileId) -> Result<(), Failure> {
    match exchange(card, Command::select_file(file)).await?.status() {
        Status::Success => Ok(()),
        other => Err(Failure::Status(other)),
    }
}

/// The status of an answer that must carry no data.
fn bare_status(response: &Response) -> Result<Status, Failure> {
    if response.has_data() { Err(Failure::Garbage) } else { Ok(response.status()) }
}
