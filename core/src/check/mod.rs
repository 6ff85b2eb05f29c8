//! A signed check as pure steps: challenge, tap, signed request, verified answer.

mod begin;
mod evidence;
mod messages;
mod named;
mod pool;
mod shown;
#[cfg(test)]
mod tests;
mod unsent;
mod visual;

pub use crate::qualification::Mode;
pub use crate::settings::OPEN_CHALLENGES;
pub use begin::{Attestation, CheckError, PendingCheck, service_transcript};
pub use evidence::{Evidence, EvidenceError, VerifiedEvidence};
pub use messages::{
    CERTIFICATE_LIMIT, CHALLENGES_PATH, CHECKS_PATH, ChallengesAnswer, ChallengesRequest, CheckRequest,
    STAFF_NAME_LIMIT,
};
pub use named::NamedCheck;
pub use pool::{ChallengePool, SECONDS_FOR_A_TAP};
pub use unsent::{CheckOutcome, UnsentCheck, VerifiedAnswer};
pub use visual::{NameAttestation, NameFormat, NameToConfirm, SurfaceRecord, VisualCheck};

/// The answer to a [`CheckRequest`].
pub type CheckAnswer = crate::qualification::Answer;
