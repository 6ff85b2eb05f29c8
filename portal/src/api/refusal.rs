//! Every refusal of the service: its code, its status, and what the client may do. The one place that maps.

use shikaku::guide::Code;
use shikaku::http::problem::{Problem, Retry};
use shikaku::http::signature::SignatureFault;
use shikaku::http::{Request, Response};
use shikaku::registration::Terms;

use crate::limits::TooMany;
use crate::randomness::RandomnessFault;
use crate::sealing::SealError;
use crate::store::StoreError;

/// A request was not answered with what it asked for.
#[derive(Debug)]
pub(super) struct Refusal {
    code: Code,
    status: u16,
    retry_after: Option<u64>,
    terms: Option<Terms>,
}

/// How long a client waits after a transient fault of ours, seconds.
const PAUSE: u64 = 2;

impl Refusal {
    /// The code.
    pub(super) const fn code(&self) -> Code {
        self.code
    }

    /// Newer terms must be consented to; they come with the refusal.
    pub(super) fn terms(terms: Terms) -> Self {
        Self { terms: Some(terms), ..Self::of(Code::TermsOutdated) }
    }

    /// Nothing lies under this path.
    pub(super) fn no_such_path() -> Self {
        Self { status: 404, ..Self::of(Code::RequestMalformed) }
    }

    /// This path is asked otherwise.
    pub(super) fn no_such_method() -> Self {
        Self { status: 405, ..Self::of(Code::RequestMalformed) }
    }

    /// The answer to `request` that says so, ready to be signed. What it says of a device names that device's key.
    pub(super) fn answer_to(&self, request: &Request) -> Response {
        self.write(&self.problem().about(request))
    }

    /// The answer that says so of a card, ready to be signed: it is about no device.
    pub(super) fn judgement(&self) -> Response {
        self.write(&self.problem())
    }

    fn problem(&self) -> Problem {
        let mut problem = Problem::new(self.code, self.status, manner(self.code).1);
        problem.terms.clone_from(&self.terms);
        problem.retry_after = self.retry_after.filter(|_| self.code == Code::TooManyRequests);
        problem
    }

    fn write(&self, problem: &Problem) -> Response {
        let mut answer = problem.to_response();
        if let Some(seconds) = self.retry_after {
            answer.headers.set("retry-after", seconds.to_string());
        }
        answer
    }

    fn of(code: Code) -> Self {
        let pause = matches!(code, Code::ServiceDown | Code::SourceDown | Code::RevocationUnknown);
        Self { code, status: manner(code).0, retry_after: pause.then_some(PAUSE), terms: None }
    }
}

/// Status and repetition of each code that the service answers.
fn manner(code: Code) -> (u16, Retry) {
    match code {
        Code::RequestSignature | Code::KeyProof => (401, Retry::No),
        Code::ClockSkew => (401, Retry::Same),
        Code::DeviceUnknown => (401, Retry::ReRegister),
        Code::DeviceRevoked => (403, Retry::ReRegister),
        Code::DeviceSuspended
        | Code::InstitutionEnded
        | Code::RegistrationRefused
        | Code::RegistrationExpired
        | Code::RegistrationUsed => (403, Retry::No),
        Code::ChallengeUnknown | Code::ChallengeExpired | Code::ChallengeUsed => (409, Retry::NewChallenge),
        Code::NonceExpired | Code::TermsOutdated => (409, Retry::No),
        Code::RequestTooLarge => (413, Retry::No),
        Code::IdempotencyConflict | Code::ModeRefused | Code::PurposeRefused => (422, Retry::No),
        Code::TooManyRequests => (429, Retry::Same),
        Code::ServiceDown | Code::SourceDown | Code::RevocationUnknown => (503, Retry::Same),
        certificate if is_judgement(certificate) => (422, Retry::No),
        _ => (400, Retry::No),
    }
}

/// Definite refusals of certificate, card signature, card face or name: final outcomes of a check.
pub(super) const fn is_judgement(code: Code) -> bool {
    matches!(
        code,
        Code::CardSignatureWrong
            | Code::CertificateMalformed
            | Code::CertificateProfile
            | Code::CertificateExpired
            | Code::CertificateNotYetValid
            | Code::CertificateTestRefused
            | Code::CertificateIssuerUnknown
            | Code::CertificateIssuerSignature
            | Code::CertificateMobileUnknown
            | Code::CertificateRevoked
            | Code::SurfaceMalformed
            | Code::SurfaceIssuerUnknown
            | Code::SurfaceForged
            | Code::SurfaceCopied
            | Code::SurfaceBirthDate
            | Code::NameDenied
            | Code::NameNotShown
    )
}

impl From<Code> for Refusal {
    fn from(code: Code) -> Self {
        Self::of(code)
    }
}

impl From<SealError> for Refusal {
    fn from(error: SealError) -> Self {
        tracing::error!(%error, "sealing failed");
        Code::ServiceDown.into()
    }
}

impl From<TooMany> for Refusal {
    fn from(too_many: TooMany) -> Self {
        Self { retry_after: Some(too_many.seconds), ..Self::of(Code::TooManyRequests) }
    }
}

impl From<RandomnessFault> for Refusal {
    fn from(fault: RandomnessFault) -> Self {
        tracing::error!(%fault, "no randomness");
        Code::ServiceDown.into()
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        // The store's errors name constraints and engine codes, never values of a row.
        tracing::error!(%error, "the store failed");
        Code::ServiceDown.into()
    }
}

impl From<SignatureFault> for Refusal {
    fn from(fault: SignatureFault) -> Self {
        fault.code().into()
    }
}
