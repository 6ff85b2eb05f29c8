//! The JPKI application (公的個人認証AP), its state in the type: what needs the PIN exists only after VERIFY.
//!
//! No function here sends anything twice, and none but [`Jpki::verify`] can spend a try.

use core::marker::PhantomData;

use super::profile::{self, Profile, Token};
use super::strategy::{Probe, ReaderLimits, Strategy};
use super::tries::{Permit, TriesLeft};
use crate::apdu::command::{Command, EXTENDED_READ, FileId, SHORT_READ};
use crate::apdu::exchange::{Broken, Transceive, exchange};
use crate::apdu::response::Response;
use crate::apdu::{Fault, Status};
use crate::certificate::{MAX_CERTIFICATE_LENGTH, der};
use crate::secret::Pin;
use crate::transcript::Transcript;

/// Reads of one file, as a multiple of what the longest certificate needs: a card may answer in smaller parts.
const READS_MARGIN: usize = 4;
/// Octets of the longest header of a certificate: tag, and a length of two octets.
const HEADER_LENGTH: usize = 4;

/// Selected, no PIN verified.
pub(crate) struct Locked;
/// VERIFY answered 9000.
pub(crate) struct Unlocked;
/// VERIFY was sent and did not answer 9000; all that is left is to leave.
pub(crate) struct Spent;

/// The application, selected on the card behind `card`.
pub(crate) struct Jpki<'a, T, S> {
    card: &'a mut T,
    profile: &'static Profile,
    state: PhantomData<fn() -> S>,
}

/// What an exchange brought instead of what was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failure {
    Fault(Fault),
    Garbage,
    Status(Status),
}

impl From<Broken> for Failure {
    fn from(broken: Broken) -> Self {
        match broken {
            Broken::Fault(fault) => Self::Fault(fault),
            Broken::Garbage => Self::Garbage,
        }
    }
}

/// What lies in the certificate's file.
pub(crate) enum CertificateFile {
    /// As many octets as the DER header says.
    Octets(Vec<u8>),
    /// 6982: a phone keeps it behind the PIN.
    NeedsPin,
    /// 6A82: there is no such file.
    Absent,
    /// Not the beginning of a certificate, or one that stops before its end.
    Malformed,
}

/// What the PIN's counter says.
pub(crate) enum Counter {
    Left(TriesLeft),
    Blocked,
    /// Neither: nothing may be tried.
    Unreadable(Status),
}

/// What became of a VERIFY.
pub(crate) enum Verification<'a, T> {
    Accepted(Jpki<'a, T, Unlocked>),
    Refused(Jpki<'a, T, Spent>, Status),
    /// An answer that is none: whether a try was spent is not known.
    Garbled(Jpki<'a, T, Spent>),
    /// No answer: whether a try was spent is not known.
    Lost(Jpki<'a, T, Spent>, Fault),
}

/// How the card was left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closing {
    /// No PIN was sent, so there was nothing to leave.
    NotNeeded,
    /// The PIN state was cleared by selecting away.
    Done,
    /// The card refused; the shell's power-off has to clear the PIN state.
    Refused(Status),
    /// The card was gone or did not answer; power was lost with it, or the shell's power-off has to do it.
    Lost,
}

impl<'a, T: Transceive + Send + Sync> Jpki<'a, T, Locked> {
    /// Selects the application. Spends nothing.
    pub(crate) async fn select(card: &'a mut T, profile: &'static Profile) -> Result<Self, Failure> {
        match exchange(card, Command::select_application(profile.application)).await?.status() {
            Status::Success => Ok(Self { card, profile, state: PhantomData }),
            other => Err(Failure::Status(other)),
        }
    }

    /// Tries left of the PIN; leaves its file selected, which VERIFY needs. Spends nothing.
    pub(crate) async fn counter(&mut self) -> Result<Counter, Failure> {
        self.select_file(self.profile.pin).await?.map_err(Failure::Status)?;
        let status = bare_status(&exchange(self.card, Command::tries_left()).await?)?;
        Ok(match status {
            Status::Tries { left: 0 } | Status::AuthenticationBlocked | Status::ReferenceBlocked => {
                Counter::Blocked
            }
            Status::Tries { left } => {
                TriesLeft::new(left, self.profile.tries).map_or(Counter::Unreadable(status), Counter::Left)
            }
            other => Counter::Unreadable(other),
        })
    }

    /// **Spends a try** unless the PIN is right: sends VERIFY, once. The PIN is gone afterwards, whatever comes.
    ///
    /// Call after [`Jpki::counter`]: `permit` is made from what it said.
    pub(crate) async fn verify(self, pin: Pin, permit: Permit) -> Verification<'a, T> {
        let command = Command::verify(&pin);
        drop((pin, permit));
        let answer = exchange(self.card, command).await.map_err(Failure::from);
        match answer.and_then(|response| bare_status(&response)) {
            Ok(Status::Success) => Verification::Accepted(self.become_state()),
            Ok(other) | Err(Failure::Status(other)) => Verification::Refused(self.become_state(), other),
            Err(Failure::Garbage) => Verification::Garbled(self.become_state()),
            Err(Failure::Fault(fault)) => Verification::Lost(self.become_state(), fault),
        }
    }

    /// What the label of the token information says. Spends nothing.
    pub(crate) async fn token(&mut self, limits: ReaderLimits) -> Result<Token, Failure> {
        let label = self.read_record(self.profile.token_information, profile::LABEL_LENGTH, limits).await?;
        Ok(Token::from_label(&label))
    }

    /// Whether the card says that the user-authentication certificate is there. Spends nothing.
    pub(crate) async fn is_available(&mut self, limits: ReaderLimits) -> Result<bool, Failure> {
        let record =
            self.read_record(self.profile.availability, profile::AVAILABILITY_LENGTH, limits).await?;
        record.get(1).map(|octet| *octet == profile::AVAILABLE).ok_or(Failure::Garbage)
    }

    /// The first `length` octets of a file, or as many as it has: the first part that is short is the last one.
    async fn read_record(
        &mut self,
        file: FileId,
        length: u16,
        limits: ReaderLimits,
    ) -> Result<Vec<u8>, Failure> {
        self.select_file(file).await?.map_err(Failure::Status)?;
        let part = limits.part().min(length);
        let mut record =
            exchange(self.card, Command::read(0, part)).await?.read().map_err(Failure::Status)?;
        let mut offset = part;
        while record.len() == usize::from(offset) && offset < length {
            let part = limits.part().min(length - offset);
            match self.read(offset, part).await? {
                Ok(more) => record.extend(more),
                Err(Status::PastEnd) => break,
                Err(other) => return Err(Failure::Status(other)),
            }
            offset += part;
        }
        Ok(record)
    }
}

impl<T: Transceive + Send + Sync> Jpki<'_, T, Unlocked> {
    /// Has the card sign `transcript`, nothing else: 256 octets that the caller verifies. Spends nothing.
    pub(crate) async fn sign(&mut self, transcript: &Transcript) -> Result<[u8; 256], Failure> {
        self.select_file(self.profile.key).await?.map_err(Failure::Status)?;
        let signature =
            exchange(self.card, Command::sign(transcript)).await?.success().map_err(Failure::Status)?;
        signature.try_into().map_err(|_| Failure::Garbage)
    }

    /// Leaves the application and with it the PIN state.
    pub(crate) async fn close(self) -> Closing {
        select_away(self.card).await
    }
}

impl<T: Transceive + Send + Sync> Jpki<'_, T, Spent> {
    /// Leaves the application; a VERIFY whose answer was lost may have been a good one.
    pub(crate) async fn close(self) -> Closing {
        select_away(self.card).await
    }
}

async fn select_away<T: Transceive + Send + Sync>(card: &mut T) -> Closing {
    match exchange(card, Command::select_application(profile::CARD_MANAGER)).await {
        Ok(response) => match response.status() {
            Status::Success | Status::More { .. } => Closing::Done,
            other => Closing::Refused(other),
        },
        Err(_) => Closing::Lost,
    }
}

impl<'a, T: Transceive + Send + Sync, S> Jpki<'a, T, S> {
    /// The carrier, to be told what the next exchange is for.
    pub(crate) fn card(&mut self) -> &mut T {
        self.card
    }

    /// Reads the certificate's file: its length comes from the DER header, never from the file, which is padded.
    /// `strategy` comes back with what was learned. Spends nothing.
    pub(crate) async fn read_certificate(
        &mut self,
        limits: ReaderLimits,
        strategy: &mut Strategy,
    ) -> Result<CertificateFile, Failure> {
        let first = match self.select_file(self.profile.certificate).await? {
            Ok(()) => self.first_read(limits, strategy).await?,
            Err(status) => Err(status),
        };
        let mut octets = match first {
            Ok(octets) => octets,
            Err(Status::SecurityStatus) => return Ok(CertificateFile::NeedsPin),
            Err(Status::NotFound) => return Ok(CertificateFile::Absent),
            Err(other) => return Err(Failure::Status(other)),
        };
        let fewest = MAX_CERTIFICATE_LENGTH.div_ceil(limits.part().into());
        for _ in 0..=READS_MARGIN * fewest {
            let Some(length) = wanted(&octets) else { break };
            let (Ok(offset), Ok(missing @ 1..)) =
                (u16::try_from(octets.len()), u16::try_from(length.saturating_sub(octets.len())))
            else {
                octets.truncate(length);
                return Ok(CertificateFile::Octets(octets));
            };
            match self.read(offset, missing.min(limits.part())).await? {
                Ok(more) if !more.is_empty() => octets.extend(more),
                Ok(_) | Err(Status::PastEnd) => break,
                Err(other) => return Err(Failure::Status(other)),
            }
        }
        Ok(CertificateFile::Malformed)
    }

    /// The beginning of the selected file: in the extended form where reader and strategy have it, else short.
    async fn first_read(
        &mut self,
        limits: ReaderLimits,
        strategy: &mut Strategy,
    ) -> Result<Result<Vec<u8>, Status>, Failure> {
        if !limits.extended_length || strategy.extended_read == Probe::Refused {
            return self.read(0, limits.part()).await;
        }
        let known = strategy.extended_read;
        // Should the card be gone after it, the next tap trusts the form less: some stacks report a command that
        // they cannot carry as a lost tag.
        strategy.extended_read = if known == Probe::Works { Probe::Untried } else { Probe::Refused };
        match exchange(self.card, Command::read_extended()).await?.read() {
            Ok(octets) if octets.len() > usize::from(EXTENDED_READ) => Err(Failure::Garbage),
            Ok(octets) => {
                let is_long = octets.len() > usize::from(SHORT_READ);
                strategy.extended_read = if is_long { Probe::Works } else { Probe::Refused };
                Ok(Ok(octets))
            }
            Err(
                Status::WrongLength
                | Status::WrongParameters
                | Status::ConditionsOfUse
                | Status::InstructionUnknown
                | Status::ExactLength { .. },
            ) => {
                strategy.extended_read = Probe::Refused;
                self.read(0, limits.part()).await
            }
            Err(other) => {
                strategy.extended_read = known;
                Ok(Err(other))
            }
        }
    }

    /// One short read of 1 to 256 octets; more than was asked for is garbage.
    async fn read(&mut self, offset: u16, length: u16) -> Result<Result<Vec<u8>, Status>, Failure> {
        match exchange(self.card, Command::read(offset, length)).await?.read() {
            Ok(octets) if octets.len() > usize::from(length) => Err(Failure::Garbage),
            answer => Ok(answer),
        }
    }

    async fn select_file(&mut self, file: FileId) -> Result<Result<(), Status>, Failure> {
        match exchange(self.card, Command::select_file(file)).await?.status() {
            Status::Success => Ok(Ok(())),
            other => Ok(Err(other)),
        }
    }

    fn become_state<N>(self) -> Jpki<'a, T, N> {
        Jpki { card: self.card, profile: self.profile, state: PhantomData }
    }
}

/// How many octets there must be of a certificate that begins so: its length, once the header is there, else the
/// header; `None` if no certificate begins so.
fn wanted(octets: &[u8]) -> Option<usize> {
    match der::sequence_length(octets) {
        Some(length) => (length <= MAX_CERTIFICATE_LENGTH).then_some(length),
        None => {
            (octets.first() == Some(&der::SEQUENCE) && octets.len() < HEADER_LENGTH).then_some(HEADER_LENGTH)
        }
    }
}

/// Whether a driving licence lies there; asked only when the JPKI application is absent.
pub(crate) async fn is_driving_licence<T: Transceive + Send + Sync>(card: &mut T) -> Result<bool, Failure> {
    let answer = exchange(card, Command::select_application(profile::DRIVING_LICENCE)).await?;
    Ok(answer.status() == Status::Success)
}

/// The status of an answer that must carry no data.
fn bare_status(response: &Response) -> Result<Status, Failure> {
    if response.has_data() { Err(Failure::Garbage) } else { Ok(response.status()) }
}
