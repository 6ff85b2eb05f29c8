//! The stepper: a shell pumps bytes, the core decides.
//!
//! ```text
//! step = tap.start()
//! while step is Transmit: step = tap.advance(reader.transmit(command)) or tap.fail(why)
//! ```
//!
//! A fresh [`Tap`] for each tap. Dropping it cancels it and wipes the PIN; the shell then powers the card off,
//! as it does after every tap. [`Inspection`] looks at a card without a PIN, in the same way.

mod any;
mod check;
mod inspection;
mod outcome;
mod stepper;
mod visual;
mod visual_outcome;

use core::fmt;

use zeroize::Zeroizing;

pub use crate::apdu::Fault;
pub use crate::card::jpki::Closing;
pub use crate::card::strategy::{Form, NotAStrategy, Probe, ReaderLimits, Strategy, UnknownForm};
pub use crate::card::tries::Consent;
pub use any::{AnyOutcome, AnyTap};
pub use inspection::{CardReport, CertificateState, Inspection, InspectionEnd, InspectionStep, PinState};
pub use outcome::{Cause, Outcome, SignedTap, TapEnd};
pub use visual::{PrintedNumber, VisualRequest};
pub use visual_outcome::{Seen, VisualCause, VisualEnd, VisualEvidence, VisualOutcome};

use crate::apdu::trace;
use crate::certificate::Anchors;
use crate::instant::UnixTime;
use crate::secret::Pin;
use crate::transcript::PendingTranscript;
use stepper::{Stepper, Turn};

/// Everything that one tap needs. Nothing more is asked for while it runs.
#[derive(Debug)]
pub struct TapRequest {
    /// The PIN, already of the right form. Gone when VERIFY has been built, or when the tap ends.
    pub pin: Pin,
    /// What the card shall sign, but for its certificate.
    pub transcript: PendingTranscript,
    /// The roots that are believed.
    pub anchors: Anchors,
    /// The present time, for the validity of the certificate.
    pub now: UnixTime,
    /// What the patient has agreed to.
    pub consent: Consent,
    /// What the reader can carry.
    pub limits: ReaderLimits,
    /// Which forms to use: [`Strategy::DEFAULT`], or what earlier taps of this card family at this reader have learned.
    pub strategy: Strategy,
}

/// What the tap is doing; the shell's alert text follows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stage {
    /// Looking for the JPKI application.
    Application,
    /// Reading the certificate.
    Certificate,
    /// Reading the PIN's counter.
    Counter,
    /// Verifying the PIN: the one exchange that can spend a try.
    Pin,
    /// Having the card sign.
    Signature,
    /// Visual check: reading who vouches for the card face.
    Surface,
    /// Visual check: reading the counter of a printed number.
    PrintedCounter,
    /// Visual check: verifying a printed number, which can spend a try of its own counter.
    PrintedNumber,
    /// Visual check: reading the signed record of the card face.
    Record,
    /// Visual check: having the card prove that the record is its own.
    Presence,
    /// Visual check: reading the name.
    Name,
    /// Leaving the card so that nobody inherits the PIN state.
    Closing,
}

/// What the shell does next. May hold a PIN, so it is neither cloned nor compared.
pub enum Step<End = Outcome> {
    /// Send these octets, once, and come back with the answer or the reason why there is none.
    Transmit {
        /// A command APDU, wiped when dropped. At stage [`Stage::Pin`] it holds the PIN, at
        /// [`Stage::PrintedNumber`] a number of the card's face: a shell that copies it wipes its copy after sending
        /// and never logs, keeps or repeats it.
        command: Zeroizing<Vec<u8>>,
        /// What it is for.
        stage: Stage,
        /// Tries left, once known: as the counter said, then as a wrong PIN left it.
        tries: Option<u8>,
    },
    /// The tap is over. Power the card off.
    Done(End),
}

/// A command prints masked: a PIN never reaches a log by way of a step.
impl<End: fmt::Debug> fmt::Debug for Step<End> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Transmit { command, stage, tries } => f
                .debug_struct("Transmit")
                .field("command", &trace::command(command))
                .field("stage", stage)
                .field("tries", tries)
                .finish(),
            Self::Done(outcome) => f.debug_tuple("Done").field(outcome).finish(),
        }
    }
}

/// One tap of one card: certificate, PIN, signature.
pub struct Tap(Stepper<Outcome>);

impl Tap {
    /// Prepares a tap. Nothing is sent before [`Tap::start`].
    pub fn new(request: TapRequest) -> Self {
        Self(Stepper::new(|mailbox| check::run(mailbox, request)))
    }

    /// Begins. To be called once, first.
    pub fn start(&mut self) -> Step {
        step(self.0.start())
    }

    /// Goes on with the card's answer (data and status word) to the command of the last step.
    pub fn advance(&mut self, response: &[u8]) -> Step {
        step(self.0.answer(Ok(response.to_vec())))
    }

    /// Goes on without an answer. If VERIFY was under way, the outcome says that the PIN's state is unknown.
    ///
    /// After [`Fault::Cancelled`] the next step may be the closing select, because the card is still there.
    pub fn fail(&mut self, fault: Fault) -> Step {
        step(self.0.answer(Err(fault)))
    }
}

impl fmt::Debug for Tap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tap")
    }
}

/// One tap of one card without its PIN: certificate, printed number, signed record, proof that the record is the
/// card's own. Driven like a [`Tap`].
pub struct VisualTap(Stepper<VisualOutcome>);

impl VisualTap {
    /// Prepares a tap. Nothing is sent before [`VisualTap::start`].
    pub fn new(request: VisualRequest) -> Self {
        Self(Stepper::new(|mailbox| visual::run(mailbox, request)))
    }

    /// Begins. To be called once, first.
    pub fn start(&mut self) -> Step<VisualOutcome> {
        visual_step(self.0.start())
    }

    /// Goes on with the card's answer (data and status word) to the command of the last step.
    pub fn advance(&mut self, response: &[u8]) -> Step<VisualOutcome> {
        visual_step(self.0.answer(Ok(response.to_vec())))
    }

    /// Goes on without an answer. If VERIFY was under way, the outcome says that its state is unknown.
    pub fn fail(&mut self, fault: Fault) -> Step<VisualOutcome> {
        visual_step(self.0.answer(Err(fault)))
    }
}

impl fmt::Debug for VisualTap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("VisualTap")
    }
}

fn step(turn: Turn<Outcome>) -> Step {
    step_or(turn, || Outcome::Ended(TapEnd::out_of_turn()))
}

fn visual_step(turn: Turn<VisualOutcome>) -> Step<VisualOutcome> {
    step_or(turn, || VisualOutcome::Ended(VisualEnd::out_of_turn()))
}

fn step_or<End>(turn: Turn<End>, out_of_turn: impl FnOnce() -> End) -> Step<End> {
    match turn {
        Turn::Transmit { command, stage, tries } => Step::Transmit { command, stage, tries },
        Turn::Done(outcome) => Step::Done(outcome),
        Turn::Refused => Step::Done(out_of_turn()),
    }
}

/// Octets on their way to the shell; wiped wherever they end.
type Outgoing = Zeroizing<Vec<u8>>;

#[cfg(test)]
mod tests;
