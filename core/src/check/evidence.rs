//! `.shikaku`: the evidence of a check that an institution can keep, and that anybody with the trust list can verify.
//!
//! Its form is a compact JWS (`typ` `shikaku-evidence+jws`) by the device key, whose payload holds request and
//! answer as they crossed the wire, with their signatures, and what the card's signature covers beside them:
//! `{version, request: {method, authority, path, headers, body}, answer: {status, headers, body}, device_key,
//! challenge}`, headers as pairs of those fields that the signatures need, bodies and key as base64url.
//!
//! Three signatures are verified, none of which needs the registry: the device's over the request, the card's over
//! the transcript rebuilt from challenge, device key, origin, institution and certificate (in a visual check that of its
//! face's own key, with the record that carries it), and the service's over the answer to exactly this request. The last one is what makes it evidence: the keys of the others are only named
//! in it, and the service answered because it knew them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use super::{CHECKS_PATH, CheckRequest, VerifiedAnswer, service_transcript};
use crate::certificate::{Anchors, Certificate, Hierarchy};
use crate::guide::Code;
use crate::http::signature::SignedRequest;
use crate::http::{Headers, KeyId, PublicKey, Request, Response, Signer, SignerFault, judge};
use crate::identifier::octets;
use crate::jws::{self, JwsError};
use crate::qualification::Answer;
use crate::transcript::{Challenge, PendingTranscript};
use crate::trust::TrustList;

/// `typ` of the JWS.
const TYPE: &str = "shikaku-evidence+jws";
/// The version of this form.
const VERSION: u32 = 1;
/// Header fields of a request that its signature, and the answer's, cover or stand in.
const REQUEST_FIELDS: [&str; 5] =
    ["content-type", "content-digest", "idempotency-key", "signature-input", "signature"];
/// Header fields of an answer.
const ANSWER_FIELDS: [&str; 4] = ["content-type", "content-digest", "signature-input", "signature"];

/// Request and answer of one check, with everything that is needed to verify them.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    version: u32,
    request: SentRequest,
    answer: GivenAnswer,
    #[serde(with = "octets::any")]
    device_key: Vec<u8>,
    challenge: Challenge,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SentRequest {
    method: String,
    authority: String,
    path: String,
    headers: Vec<(String, String)>,
    #[serde(with = "octets::any")]
    body: Vec<u8>,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct GivenAnswer {
    status: u16,
    headers: Vec<(String, String)>,
    #[serde(with = "octets::any")]
    body: Vec<u8>,
}

/// Why a file is no evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EvidenceError {
    /// Not a `.shikaku` file of this version, or changed.
    #[error("not an evidence file of this version, or changed since: {0}")]
    Container(JwsError),
    /// The payload is not request, answer, key and challenge of a check.
    #[error("the evidence is malformed")]
    Malformed,
    /// No entry of the trust list is for that service.
    #[error("the service is not in the trust list")]
    UnknownService,
    /// The service's signature over the answer does not fit.
    #[error("the service has not given this answer to this request")]
    Answer,
    /// The device's signature over the request does not fit.
    #[error("the device has not sent this request")]
    Device,
    /// The card's signature over the transcript does not fit.
    #[error("the card has not signed this check")]
    Card,
}

impl EvidenceError {
    /// The code that says it to the staff.
    pub const fn code(&self) -> Code {
        match self {
            Self::UnknownService => Code::TrustList,
            Self::Card => Code::CardSignatureWrong,
            _ => Code::AnswerSignature,
        }
    }
}

/// Verified evidence.
#[derive(Debug)]
pub struct VerifiedEvidence {
    /// The answer.
    pub answer: VerifiedAnswer,
    /// Name of the service in the trust list.
    pub service: String,
    /// Whether that is a test service.
    pub test: bool,
    /// The device that asked.
    pub device: KeyId,
    /// SHA-256 of the card's certificate. Whether its issuer is to be believed, the service has judged.
    pub certificate_sha256: [u8; 32],
}

impl Evidence {
    pub(super) fn new(
        request: &Request,
        answer: &Response,
        challenge: &Challenge,
        device_key: &[u8],
    ) -> Self {
        Self {
            version: VERSION,
            request: SentRequest {
                method: request.method.clone(),
                authority: request.authority.clone(),
                path: request.path.clone(),
                headers: chosen(&request.headers, &REQUEST_FIELDS),
                body: request.body.clone(),
            },
            answer: GivenAnswer {
                status: answer.status,
                headers: chosen(&answer.headers, &ANSWER_FIELDS),
                body: answer.body.clone(),
            },
            device_key: device_key.to_vec(),
            challenge: challenge.clone(),
        }
    }

    /// The file: a compact JWS by the device key.
    pub fn sign(&self, device_key: &dyn Signer) -> Result<String, SignerFault> {
        let payload = serde_json::to_vec(self).map_err(|_| SignerFault::Unavailable)?;
        jws::sign(TYPE, &payload, device_key)
    }

    /// Reads and verifies a file against a trust list; asks nobody.
    pub fn verify(file: &str, trust: &TrustList) -> Result<VerifiedEvidence, EvidenceError> {
        let (evidence, device_key) = Self::open(file.trim())?;
        let Self { request, answer, challenge, .. } = evidence;
        if !has_only(&request.headers, &REQUEST_FIELDS) || !has_only(&answer.headers, &ANSWER_FIELDS) {
            return Err(EvidenceError::Malformed);
        }
        let entry = trust.entries().iter().find(|entry| entry.origin.authority() == request.authority);
        let entry = entry.ok_or(EvidenceError::UnknownService)?;
        let request = request.into_request();
        let answer = answer.into_response();
        if request.path != CHECKS_PATH {
            return Err(EvidenceError::Malformed);
        }
        let believed =
            judge::<Answer>(&answer, &request, &entry.service_keys).map_err(|_| EvidenceError::Answer)?;
        let signed = SignedRequest::read(&request, &entry.origin).map_err(|_| EvidenceError::Device)?;
        signed.verify(&device_key, signed.created()).map_err(|_| EvidenceError::Device)?;
        let sent: CheckRequest =
            serde_json::from_slice(&request.body).map_err(|_| EvidenceError::Malformed)?;
        if sent.challenge_id != challenge.id {
            return Err(EvidenceError::Malformed);
        }
        if !sent.may_be_answered_with(&believed.body) {
            return Err(EvidenceError::Malformed);
        }
        let institution = believed.body.institution();
        let transcript = service_transcript(&challenge, device_key.spki(), institution, &entry.origin);
        let card = Certificate::from_der(&sent.certificate).map_err(|_| EvidenceError::Card)?;
        was_here(&card, &sent, &transcript).ok_or(EvidenceError::Card)?;
        let answer =
            VerifiedAnswer::from_evidence(believed.body, believed.signature, (request, answer), challenge);
        Ok(VerifiedEvidence {
            answer,
            service: entry.name.clone(),
            test: entry.test,
            device: device_key.id(),
            certificate_sha256: card.sha256(),
        })
    }

    /// Opens the container with the device key that it names itself: that alone proves nothing, and is judged with
    /// the request.
    fn open(file: &str) -> Result<(Self, PublicKey), EvidenceError> {
        let payload = file.split('.').nth(1).and_then(|part| URL_SAFE_NO_PAD.decode(part).ok());
        let payload = payload.filter(|_| file.len() <= jws::JWS_LIMIT);
        let payload = payload.ok_or(EvidenceError::Container(JwsError::Form))?;
        let evidence: Self = serde_json::from_slice(&payload).map_err(|_| EvidenceError::Malformed)?;
        let key = PublicKey::from_spki(&evidence.device_key).map_err(|_| EvidenceError::Malformed)?;
        jws::verify(file, TYPE, core::slice::from_ref(&key)).map_err(EvidenceError::Container)?;
        if evidence.version == VERSION { Ok((evidence, key)) } else { Err(EvidenceError::Malformed) }
    }
}

/// Whether the card was here for this check: by the signature of its certificate's key, or in a visual check of its
/// face's own key, with the record that says so.
///
/// A production card's face is held against the pinned keys as well. That of a test card hangs together under a key
/// that no verifier has: its service has judged who issued it, as it has for every certificate.
fn was_here(card: &Certificate, sent: &CheckRequest, transcript: &PendingTranscript) -> Option<()> {
    let Some(visual) = &sent.visual else {
        return card.verify(&transcript.bind(&sent.certificate), &sent.card_signature).ok();
    };
    let surface = visual.surface().ok()?;
    if card.hierarchy() == Hierarchy::Production {
        surface.accept(&Anchors::production(), Hierarchy::Production).ok()?;
    }
    surface.hangs_together(&transcript.visual().bind(&sent.certificate), &sent.card_signature).ok()
}

impl core::fmt::Debug for Evidence {
    /// Never the person.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Evidence({}, person not shown)", self.request.authority)
    }
}

impl SentRequest {
    fn into_request(self) -> Request {
        let headers = collected(&self.headers);
        let Self { method, authority, path, body, .. } = self;
        Request { method, authority, path, query: None, headers, body }
    }
}

impl GivenAnswer {
    fn into_response(self) -> Response {
        Response { status: self.status, headers: collected(&self.headers), body: self.body }
    }
}

fn chosen(headers: &Headers, names: &[&str]) -> Vec<(String, String)> {
    let kept = headers.iter().filter(|(name, _)| names.contains(name));
    kept.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// Whether these are the fields that signatures cover or stand in, and no others: what nobody signed is no evidence.
fn has_only(pairs: &[(String, String)], names: &[&str]) -> bool {
    pairs.iter().all(|(name, _)| names.contains(&name.as_str()))
}

fn collected(pairs: &[(String, String)]) -> Headers {
    let mut headers = Headers::new();
    for (name, value) in pairs {
        headers.push(name, value);
    }
    headers
}
