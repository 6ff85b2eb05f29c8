//! What crosses the wire for a check.

use serde::{Deserialize, Serialize};

use super::{NameAttestation, VisualCheck};
use crate::identifier::octets;
use crate::qualification::{Answer, Mode};
use crate::transcript::Challenge;

/// `POST`: fetches challenges.
pub const CHALLENGES_PATH: &str = "/v1/challenges";
/// `POST`: sends a signed check.
pub const CHECKS_PATH: &str = "/v1/checks";

/// Longest name of a staff member, in characters.
pub const STAFF_NAME_LIMIT: usize = 64;

/// Longest card certificate, in octets; real ones have about 1600.
pub const CERTIFICATE_LIMIT: usize = 4096;

/// Asks for challenges.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ChallengesRequest {
    /// How many, 1 to [`super::OPEN_CHALLENGES`].
    pub count: u8,
}

/// Fresh challenges.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ChallengesAnswer {
    /// The challenges, for this device alone.
    pub challenges: Vec<Challenge>,
    /// Version of the device settings in force.
    pub settings_version: u64,
}

/// A signed check. Which device, institution, purpose and challenge the card's signature is for, the service
/// knows itself: nothing of the transcript is taken from here but the certificate.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CheckRequest {
    /// The challenge that was signed.
    #[serde(with = "octets")]
    #[cfg_attr(feature = "schema", schema(value_type = String, min_length = 22, max_length = 22))]
    pub challenge_id: [u8; 16],
    /// The card's user-authentication certificate, DER, at most [`CERTIFICATE_LIMIT`] octets.
    #[serde(with = "octets::any")]
    #[cfg_attr(feature = "schema", schema(value_type = String))]
    pub certificate: Vec<u8>,
    /// How the holder's presence is shown.
    pub mode: Mode,
    /// The card's signature over the transcript, PKCS #1 v1.5 with SHA-256: with mode `pin` by the key of the
    /// certificate, with mode `visual` by the key of the card face over the visual transcript.
    #[serde(with = "octets")]
    #[cfg_attr(feature = "schema", schema(value_type = String, min_length = 342, max_length = 342))]
    pub card_signature: [u8; 256],
    /// Who did the check, if the institution wants it said; at most [`STAFF_NAME_LIMIT`] characters. A visual check
    /// always says who compared photo and person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub staff: Option<String>,
    /// Exactly with mode `visual`: what stands in the PIN's place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visual: Option<VisualCheck>,
}

impl CheckRequest {
    /// Whether `answer` is one to this step of a check made in this way: before staff have confirmed the name, none that
    /// holds anything of the person, and none ever after they have denied it.
    pub(super) fn may_be_answered_with(&self, answer: &Answer) -> bool {
        let step = self.visual.as_ref().map(|visual| &visual.name);
        let may = match (self.mode, step) {
            (Mode::Pin, None) | (Mode::Visual, Some(NameAttestation::Confirmed { .. })) => true,
            (Mode::Visual, Some(NameAttestation::Unseen)) => answer.finding().qualifications().is_empty(),
            _ => false,
        };
        may && answer.mode() == self.mode
    }
}

/// The certificate is a person's and stays out of logs.
impl core::fmt::Debug for CheckRequest {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("CheckRequest").field("mode", &self.mode).finish_non_exhaustive()
    }
}
