//! A tap across the FFI: the stepper, its steps, its end.

use std::sync::{Arc, Mutex, PoisonError};

use shikaku::flow::Ticket;
use shikaku::tap::{
    AnyOutcome, AnyTap, Closing, Fault, Outcome, Probe, ReaderLimits, Stage, Strategy, VisualOutcome,
};

use crate::shelter::sheltered;

// Each mirror repeats a type of the core. A variant or field that is missing here does not compile.

/// What the tap is doing; the shell's alert text follows it.
#[uniffi::remote(Enum)]
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

/// Why no answer came, as the shell knows it.
#[uniffi::remote(Enum)]
pub enum Fault {
    /// The card left the field or the slot.
    TagLost,
    /// No answer in time.
    Timeout,
    /// A person, or the system, ended it. The card may still be there.
    Cancelled,
    /// There is no card.
    CardAbsent,
    /// There is more than one.
    TwoCards,
    /// What lies there speaks another way than a My Number Card: a transit card, another NFC card or a phone.
    OtherKind,
    /// There is no reader.
    ReaderAbsent,
    /// Another program holds the reader or the card.
    ReaderBusy,
    /// The reader failed in another way.
    ReaderFailed,
}

/// What is known of a form that not every card understands.
#[uniffi::remote(Enum)]
pub enum Probe {
    /// Not wanted: do without and do not try.
    Off,
    /// Not tried yet.
    Untried,
    /// A card of this family at this reader has answered it.
    Works,
    /// Refused, answered otherwise than it should be, or the card was gone after it: do without.
    Refused,
}

/// Which forms to use; keep what a tap brings back for the next one of the same card family at the same reader, in
/// memory only.
#[uniffi::remote(Record)]
pub struct Strategy {
    /// READ BINARY with an extended Le.
    pub extended_read: Probe,
    /// READ BINARY that names the certificate's file.
    pub read_by_short_id: Probe,
    /// The PIN's counter, its file named in the query.
    pub counter_by_short_id: Probe,
    /// VERIFY that names the PIN's file.
    pub verify_by_short_id: Probe,
    /// A signature that names the key's file.
    pub key_by_short_id: Probe,
    /// A signature over the bare hash.
    pub bare_hash: Probe,
    /// Octets of the longest certificate that was believed, 0 if none was.
    pub longest_certificate: u16,
}

/// What a first tap is begun with.
#[uniffi::export]
pub fn default_strategy() -> Strategy {
    Strategy::DEFAULT
}

/// What the reader in use can carry.
#[uniffi::remote(Record)]
pub struct ReaderLimits {
    /// Whether commands with an extended Le may be sent at all.
    pub extended_length: bool,
    /// Most octets to ask for in one short read, 1 to 256.
    pub short_read: u16,
}

/// A tap that brought a signature. Opaque: it is handed on to the check as it is.
#[derive(uniffi::Object)]
pub struct SignedTap(shikaku::tap::SignedTap);

#[uniffi::export]
impl SignedTap {
    /// Tries that the counter showed before the PIN was sent.
    pub fn tries(&self) -> u8 {
        self.0.tries
    }

    /// What was learned of card and reader.
    pub fn strategy(&self) -> Strategy {
        self.0.strategy
    }
}

/// A tap that ended without a signature.
#[derive(uniffi::Record)]
pub struct TapEnd {
    /// Code of the guide, as in `docs/codes.md`.
    pub code: String,
    /// What exactly happened, in English; may be logged.
    pub detail: String,
    /// Tries left, as far as this tap knows.
    pub tries: Option<u8>,
    /// Where the last try needs the patient's consent: what the next tap has to carry.
    pub consent_for: Option<Vec<u8>>,
    /// Whether the card may still hold the PIN's state: power it off, or let the field go, in any case.
    pub left_open: bool,
    /// What was learned of card and reader.
    pub strategy: Strategy,
}

/// What the shell does next.
#[derive(uniffi::Enum)]
pub enum Step {
    /// Send these octets, once, and come back with the answer or the reason why there is none.
    Transmit {
        /// A command APDU. At stage `Pin` it holds the PIN: wipe it after sending, never log or repeat it.
        command: Vec<u8>,
        /// What it is for.
        stage: Stage,
        /// Tries left, once known.
        tries: Option<u8>,
    },
    /// The card signed. Let it go.
    Signed {
        /// To be handed on to the check.
        tap: Arc<SignedTap>,
    },
    /// The card proved its face. Let it go.
    Proven {
        /// Tries that the counters of the printed number showed before; nothing if they have no limit.
        tries: Option<u8>,
    },
    /// The tap is over without a signature. Let the card go.
    Ended {
        /// Why.
        end: TapEnd,
    },
}

/// Most commands that a tap sends after one that failed: the closing select, and none after that.
const LEFT_TO_DO: usize = 3;

/// One tap of one card. Call `start` once, then `advance` or `fail` for every `Transmit`.
#[derive(uniffi::Object)]
pub struct Tap {
    tap: Mutex<AnyTap>,
    /// The check that the tap belongs to; none for a recording.
    ticket: Option<Ticket>,
    /// How it ended, until the terminal takes it.
    outcome: Mutex<Option<AnyOutcome>>,
}

#[uniffi::export]
impl Tap {
    /// Begins.
    pub fn start(&self) -> Step {
        self.step(AnyTap::start)
    }

    /// Goes on with the card's answer, data and status word.
    pub fn advance(&self, response: Vec<u8>) -> Step {
        self.step(|tap| tap.advance(&response))
    }

    /// Goes on without an answer.
    pub fn fail(&self, fault: Fault) -> Step {
        self.step(|tap| tap.fail(fault))
    }
}

impl Tap {
    /// A tap of nobody's check.
    #[cfg(feature = "replay")]
    pub(crate) fn alone(tap: AnyTap) -> Self {
        Self { tap: Mutex::new(tap), ticket: None, outcome: Mutex::new(None) }
    }

    /// The tap of a check.
    pub(crate) fn awaited(tap: AnyTap, ticket: Ticket) -> Self {
        Self { tap: Mutex::new(tap), ticket: Some(ticket), outcome: Mutex::new(None) }
    }

    /// The end of the tap, once; one that the shell left in mid-way ends as with a reader that failed.
    pub(crate) fn end(&self) -> Option<(Ticket, AnyOutcome)> {
        let mut outcome = self.outcome().take();
        for _ in 0..LEFT_TO_DO {
            outcome = outcome.or_else(|| {
                self.fail(Fault::ReaderFailed);
                self.outcome().take()
            });
        }
        self.ticket.zip(outcome)
    }

    fn outcome(&self) -> std::sync::MutexGuard<'_, Option<AnyOutcome>> {
        self.outcome.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn step(&self, turn: impl FnOnce(&mut AnyTap) -> shikaku::tap::Step<AnyOutcome>) -> Step {
        // A tap that panicked answers that it was driven out of turn, so a poisoned lock is no danger.
        let held = || self.tap.lock().unwrap_or_else(PoisonError::into_inner);
        let step = sheltered(|| turn(&mut held()), || held().fail(Fault::ReaderFailed));
        match step {
            // The octets cross the FFI as they are; the foreign side answers for them from there on.
            shikaku::tap::Step::Transmit { mut command, stage, tries } => {
                Step::Transmit { command: std::mem::take::<Vec<u8>>(&mut command), stage, tries }
            }
            shikaku::tap::Step::Done(outcome) => {
                let over = match &outcome {
                    AnyOutcome::Pin(Outcome::Signed(tap)) => {
                        Step::Signed { tap: Arc::new(SignedTap(tap.clone())) }
                    }
                    AnyOutcome::Pin(Outcome::Ended(end)) => Step::Ended { end: end.clone().into() },
                    AnyOutcome::Visual(VisualOutcome::Proven(evidence)) => {
                        Step::Proven { tries: evidence.tries }
                    }
                    AnyOutcome::Visual(VisualOutcome::Ended(end)) => Step::Ended { end: end.clone().into() },
                };
                self.outcome().get_or_insert(outcome);
                over
            }
        }
    }
}

impl From<shikaku::tap::VisualEnd> for TapEnd {
    fn from(end: shikaku::tap::VisualEnd) -> Self {
        Self {
            code: end.code().as_str().to_owned(),
            detail: end.cause.to_string(),
            tries: end.tries,
            consent_for: end.consent_for().map(Vec::from),
            left_open: left_open(end.closing),
            strategy: end.strategy,
        }
    }
}

const fn left_open(closing: Closing) -> bool {
    !matches!(closing, Closing::NotNeeded | Closing::Done)
}

impl From<shikaku::tap::TapEnd> for TapEnd {
    fn from(end: shikaku::tap::TapEnd) -> Self {
        Self {
            code: end.code().as_str().to_owned(),
            detail: end.cause.to_string(),
            tries: end.tries,
            consent_for: end.consent_for().map(Vec::from),
            left_open: left_open(end.closing),
            strategy: end.strategy,
        }
    }
}
