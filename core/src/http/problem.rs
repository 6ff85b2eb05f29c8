//! Errors as the service tells them: RFC 9457, with a code and what may be repeated.

use serde::{Deserialize, Serialize};

use super::{KeyId, Request, Response, signature};
use crate::guide::Code;
use crate::terms::Terms;

/// Media type of a problem (RFC 9457, section 3).
pub const PROBLEM_JSON: &str = "application/problem+json";

/// What the client may do after an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Retry {
    /// Nothing: the outcome is final.
    No,
    /// The same request with the same Idempotency-Key and a new signature.
    Same,
    /// A new check: new challenge, new tap, new Idempotency-Key.
    NewChallenge,
    /// Fetch the settings, then begin anew.
    NewSettings,
    /// The device has to be registered anew.
    ReRegister,
}

/// An error of the service. Members that are not known are ignored, as RFC 9457, section 3.2 demands, so this one
/// type of the wire does not refuse unknown members.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Problem {
    /// `/problems/` and the code; stable.
    #[serde(rename = "type")]
    pub kind: String,
    /// The code's cause, in English.
    pub title: String,
    /// The status code of the answer.
    pub status: u16,
    /// The code, as in `docs/codes.md`.
    pub code: String,
    /// What the client may do.
    pub retry: Retry,
    /// With `terms-outdated`: the terms that must be consented to now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terms: Option<Terms>,
    /// With `too-many-requests`: seconds after which the same is taken. The header `Retry-After` says it, too, but no
    /// signature covers that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u64>,
    /// With whatever says how the service stands to a device: the name of the device key that it is about, the
    /// request's `keyid`. An answer's signature does not cover that name, so whoever swaps it on the way would
    /// otherwise have the service say of one device what is true of another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_id: Option<KeyId>,
}

impl Problem {
    /// A problem for `code`, answered with `status`.
    pub fn new(code: Code, status: u16, retry: Retry) -> Self {
        let kind = format!("/problems/{}", code.as_str());
        let title = code.guide().cause_en.to_owned();
        let code = code.as_str().to_owned();
        Self { kind, title, status, code, retry, terms: None, retry_after: None, key_id: None }
    }

    /// The code, if this version knows it.
    pub fn code(&self) -> Option<Code> {
        self.code.parse().ok()
    }

    /// Whether it says how the service stands to the device that asked: what stops a device, or asks for another
    /// registration. Such a problem must name the device's key.
    pub fn is_about_device(&self) -> bool {
        let stops = [Code::DeviceUnknown, Code::DeviceSuspended, Code::DeviceRevoked, Code::InstitutionEnded];
        self.retry == Retry::ReRegister || self.code().is_some_and(|code| stops.contains(&code))
    }

    /// Names the key of `request` in a problem that is about its device; others stay as they are.
    #[must_use]
    pub fn about(mut self, request: &Request) -> Self {
        self.key_id = if self.is_about_device() { signature::signer_of(request) } else { None };
        self
    }

    /// Whether it may be taken as an answer to `request`: what is said of a device, only by whose key it was asked.
    pub(super) fn is_for(&self, request: &Request) -> bool {
        !self.is_about_device() || (self.key_id.is_some() && self.key_id == signature::signer_of(request))
    }

    /// Reads an answer that says it is a problem.
    pub fn read(answer: &Response) -> Option<Self> {
        if answer.headers.only("content-type").ok()? != PROBLEM_JSON {
            return None;
        }
        let problem: Self = serde_json::from_slice(&answer.body).ok()?;
        let is_plain = |text: &str| !text.chars().any(char::is_control);
        (problem.status == answer.status && is_plain(&problem.title) && is_plain(&problem.code))
            .then_some(problem)
    }

    /// The answer that carries this problem, ready to be signed.
    pub fn to_response(&self) -> Response {
        let body = serde_json::to_vec(self).unwrap_or_default();
        Response::new(self.status, PROBLEM_JSON, body)
    }
}
