//! What staff see and take away of an answer: only ever of one that the service has signed.

use super::VerifiedAnswer;
use crate::qualification::{NothingInForce, Sheet, text};

impl VerifiedAnswer {
    /// What staff see.
    pub fn sheet(&self) -> Sheet {
        Sheet::of(self.answer())
    }

    /// The export text v1 of the qualification in force, or of the one of several that staff `chose`.
    pub fn text(&self, chosen: Option<usize>) -> Result<String, NothingInForce> {
        text::v1(self.answer(), chosen)
    }

    /// The export JSON: the whole answer, for machines and eyes.
    pub fn json(&self) -> String {
        // Writing into memory fails only for maps with keys that are no texts; there is no map here.
        serde_json::to_string_pretty(self.answer()).unwrap_or_default()
    }
}

#[cfg(test)]
impl VerifiedAnswer {
    /// An answer as if a service had signed it, for tests of what comes after the signature.
    pub(crate) fn sample(answer: crate::qualification::Answer) -> Self {
        use crate::http::signature::AnswerSignature;
        use crate::http::{IdempotencyKey, JSON, KeyId, Request, Response};
        use crate::transcript::Challenge;

        let created = answer.executed_at();
        let origin = "https://shikaku.example".parse().unwrap();
        let request = Request::post(&origin, super::CHECKS_PATH, &IdempotencyKey([1; 16]), Vec::new());
        let response = Response::new(200, JSON, answer.to_json());
        let challenge =
            Challenge { id: [1; 16], nonce: [2; 32], issued_at: created, expires_at: created.plus(300) };
        let signature = AnswerSignature { key_id: KeyId::of(&[]), created };
        Self::from_evidence(answer, signature, (request, response), challenge)
    }
}
