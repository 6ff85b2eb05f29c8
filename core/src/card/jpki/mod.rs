//! The JPKI application (公的個人認証AP), its state in the type: what needs the PIN exists only after VERIFY.
//!
//! Where a form that not every card understands is refused, the standard one follows, at most once. No function
//! here sends the same command twice, and none but [`Jpki::verify`] can spend a try.

mod certificate_file;
mod pin;
mod signature;

use core::marker::PhantomData;

use super::profile::{self, Profile, Token};
use super::strategy::ReaderLimits;
use crate::apdu::command::{Command, FileId};
use crate::apdu::exchange::{Broken, Transceive, exchange};
use crate::apdu::{Fault, Status};
pub(crate) use certificate_file::CertificateFile;
pub(crate) use pin::{Counter, Naming, Verification};
pub(crate) use signature::Unsigned;

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

pub(crate) async fn select_away<T: Transceive + Send + Sync>(card: &mut T) -> Closing {
    match exchange(card, Command::select_application(profile::CARD_MANAGER)).await {
        Ok(response) => match response.status() {
            Status::Success => Closing::Done,
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

    /// One short read of 1 to 256 octets of the selected file.
    async fn read(&mut self, offset: u16, length: u16) -> Result<Result<Vec<u8>, Status>, Failure> {
        self.read_with(Command::read(offset, length), length).await
    }

    /// One read; more than the `length` that it asks for is garbage.
    async fn read_with(&mut self, command: Command, length: u16) -> Result<Result<Vec<u8>, Status>, Failure> {
        match exchange(self.card, command).await?.read() {
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

/// Whether a driving licence lies there; asked only when the JPKI application is absent.
pub(crate) async fn is_driving_licence<T: Transceive + Send + Sync>(card: &mut T) -> Result<bool, Failure> {
    let answer = exchange(card, Command::select_application(profile::DRIVING_LICENCE)).await?;
    Ok(answer.status() == Status::Success)
}
