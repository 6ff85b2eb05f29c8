//! A look at a card without a PIN: what it is, its certificate, its counter. Spends nothing.

use core::fmt;

use super::stepper::{Mailbox, Stepper, Turn};
use super::{Fault, ReaderLimits, Stage, Strategy};
use crate::apdu::{Status, trace};
use crate::card::Token;
use crate::card::jpki::{self, CertificateFile, Counter, Failure, Jpki};
use crate::card::profile::JPKI;
use crate::guide::Code;

/// What the card says of itself.
#[derive(Clone, PartialEq, Eq)]
pub struct CardReport {
    /// What holds the JPKI application, by its label; `None` if the label cannot be read.
    pub token: Option<Token>,
    /// Whether the card says that the user-authentication certificate is there; `None` if it does not say.
    pub available: Option<bool>,
    /// The certificate, or why there is none. Nothing of it has been checked.
    pub certificate: CertificateState,
    /// The PIN's counter.
    pub pin: PinState,
    /// What was learned of card and reader.
    pub strategy: Strategy,
}

/// What lies in the certificate's file.
#[derive(Clone, PartialEq, Eq)]
pub enum CertificateState {
    /// DER, as long as its header says.
    Read(Vec<u8>),
    /// Readable only after the PIN, as on a phone.
    NeedsPin,
    /// No such file.
    Absent,
    /// Not a whole certificate.
    Malformed,
    /// The card answered this.
    Unreadable(Status),
}

/// The certificate is a person's and stays out of logs.
impl fmt::Debug for CertificateState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read(octets) => write!(f, "Read({} octets)", octets.len()),
            Self::NeedsPin => f.write_str("NeedsPin"),
            Self::Absent => f.write_str("Absent"),
            Self::Malformed => f.write_str("Malformed"),
            Self::Unreadable(status) => write!(f, "Unreadable({status})"),
        }
    }
}

impl fmt::Debug for CardReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CardReport")
            .field("token", &self.token)
            .field("available", &self.available)
            .field("certificate", &self.certificate)
            .field("pin", &self.pin)
            .finish_non_exhaustive()
    }
}

/// What the counter of the PIN says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PinState {
    /// Tries left, 1 to 3.
    Left(u8),
    /// None left.
    Blocked,
    /// The card answered this.
    Unreadable(Status),
}

/// Why there is no report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InspectionEnd {
    /// No answer.
    #[error("{0}")]
    Fault(Fault),
    /// No JPKI application.
    #[error("the card has no JPKI application ({0})")]
    NotMyNumber(Status),
    /// A driving licence.
    #[error("a driving licence lies there")]
    DrivingLicence,
    /// Answers that are none.
    #[error("the card's answers make no sense")]
    Garbage,
    /// Called out of turn.
    #[error("the inspection was driven out of turn")]
    OutOfTurn,
}

impl InspectionEnd {
    /// What to tell.
    pub const fn code(self) -> Code {
        match self {
            Self::Fault(fault) => fault.code(),
            Self::NotMyNumber(_) => Code::CardNotMyNumber,
            Self::DrivingLicence => Code::CardDrivingLicence,
            Self::Garbage => Code::CardGarbage,
            Self::OutOfTurn => Code::TapOutOfTurn,
        }
    }
}

/// What the shell does next.
#[derive(Clone, PartialEq, Eq)]
pub enum InspectionStep {
    /// Send these octets, once. They never hold a secret.
    Transmit {
        /// A command APDU.
        command: Vec<u8>,
    },
    /// Over.
    Done(Result<CardReport, InspectionEnd>),
}

impl fmt::Debug for InspectionStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Transmit { command } => f.debug_tuple("Transmit").field(&trace::command(command)).finish(),
            Self::Done(report) => f.debug_tuple("Done").field(report).finish(),
        }
    }
}

/// One look at one card, driven like a [`super::Tap`].
pub struct Inspection(Stepper<Result<CardReport, InspectionEnd>>);

impl Inspection {
    /// Prepares a look. Nothing is sent before [`Inspection::start`].
    pub fn new(limits: ReaderLimits, strategy: Strategy) -> Self {
        Self(Stepper::new(move |card| run(card, limits, strategy)))
    }

    /// Begins. To be called once, first.
    pub fn start(&mut self) -> InspectionStep {
        step(self.0.start())
    }

    /// Goes on with the card's answer.
    pub fn advance(&mut self, response: &[u8]) -> InspectionStep {
        step(self.0.answer(Ok(response.to_vec())))
    }

    /// Goes on without an answer.
    pub fn fail(&mut self, fault: Fault) -> InspectionStep {
        step(self.0.answer(Err(fault)))
    }
}

fn step(turn: Turn<Result<CardReport, InspectionEnd>>) -> InspectionStep {
    match turn {
        Turn::Transmit { command, .. } => InspectionStep::Transmit { command: command.to_vec() },
        Turn::Done(report) => InspectionStep::Done(report),
        Turn::Refused => InspectionStep::Done(Err(InspectionEnd::OutOfTurn)),
    }
}

async fn run(
    mut card: Mailbox,
    limits: ReaderLimits,
    mut strategy: Strategy,
) -> Result<CardReport, InspectionEnd> {
    card.enter(Stage::Application);
    let mut jpki = match Jpki::select(&mut card, &JPKI).await {
        Ok(jpki) => jpki,
        Err(Failure::Status(status)) => {
            let licence = jpki::is_driving_licence(&mut card).await.map_err(ended)?;
            return Err(if licence {
                InspectionEnd::DrivingLicence
            } else {
                InspectionEnd::NotMyNumber(status)
            });
        }
        Err(failure) => return Err(ended(failure)),
    };
    let token = told(jpki.token(limits).await)?;
    let available = told(jpki.is_available(limits).await)?;
    let certificate = match jpki.read_certificate(limits, &mut strategy).await {
        Ok(CertificateFile::Octets(octets)) => CertificateState::Read(octets),
        Ok(CertificateFile::NeedsPin) => CertificateState::NeedsPin,
        Ok(CertificateFile::Absent) => CertificateState::Absent,
        Ok(CertificateFile::Malformed) => CertificateState::Malformed,
        Err(Failure::Status(status)) => CertificateState::Unreadable(status),
        Err(failure) => return Err(ended(failure)),
    };
    // No VERIFY follows, so the form is tried for its own sake where it is wanted.
    let by_short_id = strategy.counter_by_short_id.is_usable();
    let pin = match jpki.counter(by_short_id, &mut strategy).await {
        Ok(Counter::Left(tries, _)) => PinState::Left(tries.count()),
        Ok(Counter::Blocked) => PinState::Blocked,
        Ok(Counter::Unreadable(status)) | Err(Failure::Status(status)) => PinState::Unreadable(status),
        Err(failure) => return Err(ended(failure)),
    };
    Ok(CardReport { token, available, certificate, pin, strategy })
}

/// A record that the card does not give is not told; anything worse ends the look.
fn told<T>(record: Result<T, Failure>) -> Result<Option<T>, InspectionEnd> {
    match record {
        Ok(record) => Ok(Some(record)),
        Err(Failure::Status(_)) => Ok(None),
        Err(failure) => Err(ended(failure)),
    }
}

const fn ended(failure: Failure) -> InspectionEnd {
    match failure {
        Failure::Fault(fault) => InspectionEnd::Fault(fault),
        Failure::Garbage => InspectionEnd::Garbage,
        Failure::Status(status) => InspectionEnd::NotMyNumber(status),
    }
}
