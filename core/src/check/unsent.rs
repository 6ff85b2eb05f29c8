//! A signed check that has no answer yet: kept sealed, sent again under the same Idempotency-Key while its challenge
//! lives, and nothing is shown of it before the service has answered.

use serde::{Deserialize, Serialize};

use super::{CHECKS_PATH, CheckRequest, Evidence, NameAttestation, NameToConfirm, NamedCheck};
use crate::http::problem::Retry;
use crate::http::signature::{AnswerSignature, SigningFault, sign_request};
use crate::http::{Believed, IdempotencyKey, PublicKey, Refusal, Request, Response, Signer, judge};
use crate::identifier::{InstitutionCode, ServiceOrigin, octets};
use crate::instant::UnixTime;
use crate::qualification::Answer;
use crate::transcript::Challenge;

/// A check that the card has signed and that the service has not answered. Part of the sealed state.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnsentCheck {
    challenge: Challenge,
    origin: ServiceOrigin,
    institution: InstitutionCode,
    key: IdempotencyKey,
    #[serde(with = "octets::any")]
    body: Vec<u8>,
}

/// The body holds a person's certificate and stays out of logs.
impl core::fmt::Debug for UnsentCheck {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("UnsentCheck").field("expires_at", &self.challenge.expires_at).finish_non_exhaustive()
    }
}

/// What came of sending a check once.
#[derive(Debug)]
pub enum CheckOutcome {
    /// The service answered. Final: the unsent check is done.
    Answered(Box<VerifiedAnswer>),
    /// The first step of a visual check is done: the name is to be shown and confirmed or denied, which is a check of its
    /// own to send. Nothing is checked yet.
    NameToConfirm(Box<NamedCheck>),
    /// The service refused, for good: this check cannot be sent again, and its challenge is gone.
    Refused(Refusal),
    /// Nothing final: keep the check and send it again while its challenge lives.
    Keep(Refusal),
}

impl UnsentCheck {
    pub(super) fn new(
        challenge: Challenge,
        origin: ServiceOrigin,
        institution: InstitutionCode,
        key: IdempotencyKey,
        body: &CheckRequest,
    ) -> Self {
        // Writing into memory cannot fail: there is no map in it.
        let body = serde_json::to_vec(body).unwrap_or_default();
        Self { challenge, origin, institution, key, body }
    }

    /// Whether the challenge still lives, by the service's time. Afterwards the card has to be tapped again.
    pub fn is_alive(&self, now: UnixTime) -> bool {
        now < self.challenge.expires_at
    }

    /// Until when it can be sent.
    pub const fn expires_at(&self) -> UnixTime {
        self.challenge.expires_at
    }

    /// The request, octet for octet the same body under the same Idempotency-Key each time, signed anew.
    pub fn request(&self, device_key: &dyn Signer, now: UnixTime) -> Result<Request, SigningFault> {
        let mut request = Request::post(&self.origin, CHECKS_PATH, &self.key, self.body.clone());
        sign_request(&mut request, device_key, now)?;
        Ok(request)
    }

    /// Judges what came back for `request`, which must be one of [`UnsentCheck::request`].
    pub fn judge(&self, request: &Request, answer: &Response, service_keys: &[PublicKey]) -> CheckOutcome {
        let ours = request.idempotency_key() == Ok(self.key) && request.body == self.body;
        if !ours {
            return CheckOutcome::Keep(Refusal::InTheWay);
        }
        match judge::<Said>(answer, request, service_keys) {
            Ok(Believed { body, signature }) => match self.fitting(body) {
                Some((_, Said::Answer(said))) => {
                    let raw = (request.clone(), answer.clone());
                    let challenge = self.challenge.clone();
                    let answer = VerifiedAnswer { answer: *said, signature, raw, challenge };
                    CheckOutcome::Answered(Box::new(answer))
                }
                Some((request, Said::Name(said))) => {
                    let Self { challenge, origin, institution, .. } = self.clone();
                    let named = NamedCheck { challenge, origin, institution, request, said };
                    CheckOutcome::NameToConfirm(Box::new(named))
                }
                // Signed, but said to somebody else, or to another step: nobody sees another's data.
                None => CheckOutcome::Refused(Refusal::Unreadable),
            },
            Err(refusal) if refusal.retry() == Retry::Same => CheckOutcome::Keep(refusal),
            Err(refusal) => CheckOutcome::Refused(refusal),
        }
    }

    /// What was sent, with what was said to it, if that is for this check and for this step of it.
    fn fitting(&self, said: Said) -> Option<(CheckRequest, Said)> {
        let sent: CheckRequest = serde_json::from_slice(&self.body).ok()?;
        let fits = match &said {
            Said::Answer(answer) => {
                answer.institution() == &self.institution && sent.may_be_answered_with(answer)
            }
            Said::Name(name) => {
                let asked = sent.visual.as_ref().map(|visual| &visual.name);
                asked == Some(&NameAttestation::Unseen)
                    && name.challenge_id == self.challenge.id
                    && name.institution == self.institution
            }
        };
        fits.then_some((sent, said))
    }
}

/// What the service says to a check with status 200. The two differ in their `format`.
#[derive(Deserialize)]
#[serde(untagged)]
enum Said {
    Answer(Box<Answer>),
    Name(NameToConfirm),
}

/// An answer that the service has signed for a check of ours. Only this is shown, and only two things make one:
/// [`UnsentCheck::judge`] and [`Evidence::verify`].
#[derive(Debug)]
pub struct VerifiedAnswer {
    answer: Answer,
    signature: AnswerSignature,
    raw: (Request, Response),
    challenge: Challenge,
}

impl VerifiedAnswer {
    pub(super) const fn from_evidence(
        answer: Answer,
        signature: AnswerSignature,
        raw: (Request, Response),
        challenge: Challenge,
    ) -> Self {
        Self { answer, signature, raw, challenge }
    }

    /// What the service said.
    pub const fn answer(&self) -> &Answer {
        &self.answer
    }

    /// Which service key signed it, and when.
    pub const fn signature(&self) -> &AnswerSignature {
        &self.signature
    }

    /// The evidence of it, for a `.shikaku` file; made right after the check, since no answer is kept.
    pub fn evidence(&self, device_key_spki: &[u8]) -> Evidence {
        let (request, answer) = &self.raw;
        Evidence::new(request, answer, &self.challenge, device_key_spki)
    }
}
