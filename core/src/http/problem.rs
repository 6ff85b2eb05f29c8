//! Errors as the service tells them: RFC 9457, with a code and what may be repeated.

use serde::{Deserialize, Serialize};

use super::Response;
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
}

impl Problem {
    /// A problem for `code`, answered with `status`.
    pub fn new(code: Code, status: u16, retry: Retry) -> Self {
        let kind = format!("/problems/{}", code.as_str());
        let title = code.guide().cause_en.to_owned();
        Self { kind, title, status, code: code.as_str().to_owned(), retry, terms: None }
    }

    /// The code, if this version knows it.
    pub fn code(&self) -> Option<Code> {
        self.code.parse().ok()
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
