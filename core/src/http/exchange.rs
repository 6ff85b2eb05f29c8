//! What an answer means to the client: believed or not, final or to be repeated.

use serde::de::DeserializeOwned;

use super::problem::{Problem, Retry};
use super::signature::{AnswerSignature, verify_answer};
use super::{JSON, PublicKey, Request, Response};
use crate::guide::Code;
use crate::instant::UnixTime;

/// How far the service's clock is ahead of the device's, in seconds; negative when it is behind.
///
/// It is taken only from a signed answer. Freshness never rests on it: that is the challenge's part.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ClockOffset(i64);

impl ClockOffset {
    /// The offset that makes `local` read as `service`.
    pub const fn between(local: UnixTime, service: UnixTime) -> Self {
        Self(
            service
                .0
                .saturating_sub(local.0)
                .cast_signed()
                .saturating_sub(local.0.saturating_sub(service.0).cast_signed()),
        )
    }

    /// The offset that was kept from an earlier answer.
    pub const fn of_seconds(seconds: i64) -> Self {
        Self(seconds)
    }

    /// The service's time when the device's clock shows `local`.
    #[must_use]
    pub const fn correct(self, local: UnixTime) -> UnixTime {
        UnixTime(local.0.saturating_add_signed(self.0))
    }

    /// Seconds by which the service is ahead.
    pub const fn seconds(self) -> i64 {
        self.0
    }
}

/// A believed answer that is no problem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Believed<T> {
    /// The body, read.
    pub body: T,
    /// Who signed it, and when.
    pub signature: AnswerSignature,
}

/// Why an answer is not the one that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No valid signature of the service over this answer to this request: a captive portal, a proxy, an older
    /// answer played back; or one that is about another device's key than the request's. Nothing follows from it; the request may be repeated.
    #[error("something on the way answered instead of the service")]
    InTheWay,
    /// The service itself says no.
    #[error("{}", .problem.title)]
    Problem {
        /// What it says.
        problem: Box<Problem>,
        /// The service's time when it said so.
        created: UnixTime,
    },
    /// Signed by the service, but of a form that this version does not know.
    #[error("the service's answer is of a form that this version does not know")]
    Unreadable,
}

impl Refusal {
    /// The code that says it to the staff. A code that this version does not know is told by what may be done.
    pub fn code(&self) -> Code {
        match self {
            Self::InTheWay => Code::NetworkInTheWay,
            Self::Unreadable => Code::AppOutdated,
            Self::Problem { problem, .. } => problem.code().unwrap_or(match problem.retry {
                Retry::Same => Code::ServiceDown,
                Retry::NewChallenge => Code::ChallengeUnknown,
                Retry::ReRegister => Code::NotRegistered,
                Retry::No | Retry::NewSettings => Code::AppOutdated,
            }),
        }
    }

    /// What may be done next.
    pub fn retry(&self) -> Retry {
        match self {
            Self::InTheWay => Retry::Same,
            Self::Unreadable => Retry::No,
            Self::Problem { problem, .. } => problem.retry,
        }
    }

    /// From when on the same may be sent again, by the service's time, where the service says so.
    pub fn again_from(&self) -> Option<UnixTime> {
        match self {
            Self::Problem { problem, created } => problem.retry_after.map(|seconds| created.plus(seconds)),
            _ => None,
        }
    }

    /// Whether the service no longer takes the challenges that it issued before: they are to be dropped, and new
    /// ones asked for. So it is when it says so of one of them, and with everything that stops the device.
    pub fn retires_challenges(&self) -> bool {
        matches!(self, Self::Problem { problem, .. } if problem.retry != Retry::Same)
            && matches!(
                self.code(),
                Code::ChallengeUnknown
                    | Code::ChallengeExpired
                    | Code::ChallengeUsed
                    | Code::DeviceUnknown
                    | Code::DeviceSuspended
                    | Code::DeviceRevoked
                    | Code::InstitutionEnded
            )
    }

    /// The clock offset that a signed `clock-skew` teaches; no other answer teaches one.
    pub fn clock_offset(&self, local: UnixTime) -> Option<ClockOffset> {
        match self {
            Self::Problem { problem, created } if problem.code() == Some(Code::ClockSkew) => {
                Some(ClockOffset::between(local, *created))
            }
            _ => None,
        }
    }
}

/// Judges an answer to `request`: the signature first, then whether it is a problem, then its form. What a problem
/// says of a device is believed only if it names the key that signed `request`.
pub fn judge<T: DeserializeOwned>(
    answer: &Response,
    request: &Request,
    service_keys: &[PublicKey],
) -> Result<Believed<T>, Refusal> {
    let signature = verify_answer(answer, request, service_keys).map_err(|_| Refusal::InTheWay)?;
    if let Some(problem) = Problem::read(answer) {
        if !problem.is_for(request) {
            return Err(Refusal::InTheWay);
        }
        return Err(Refusal::Problem { problem: Box::new(problem), created: signature.created });
    }
    if answer.status != 200 || answer.headers.only("content-type") != Ok(JSON) {
        return Err(Refusal::Unreadable);
    }
    let body = serde_json::from_slice(&answer.body).map_err(|_| Refusal::Unreadable)?;
    Ok(Believed { body, signature })
}

#[cfg(test)]
mod tests {
    use super::super::signature::{sign_answer, sign_request};
    use super::super::{IdempotencyKey, SoftwareKey};
    use super::*;

    const NOW: UnixTime = UnixTime(1_800_000_000);

    fn request() -> Request {
        let origin = "https://shikaku.example".parse().unwrap();
        let mut request = Request::post(&origin, "/v1/settings", &IdempotencyKey([1; 16]), b"{}".to_vec());
        sign_request(&mut request, &device(), NOW).unwrap();
        request
    }

    fn device() -> SoftwareKey {
        SoftwareKey::from_random(&[6; 32]).unwrap()
    }

    fn key() -> SoftwareKey {
        SoftwareKey::from_random(&[5; 32]).unwrap()
    }

    fn judged(mut answer: Response) -> Result<Believed<String>, Refusal> {
        sign_answer(&mut answer, &request(), &key(), NOW).unwrap();
        judge(&answer, &request(), &[key().public().clone()])
    }

    #[test]
    fn what_is_not_signed_is_in_the_way_whatever_it_says() {
        let problem = Problem::new(Code::DeviceRevoked, 403, Retry::ReRegister).to_response();
        for answer in [
            problem,
            Response::new(200, "text/html", b"<html>Sign in</html>".to_vec()),
            Response::new(302, "text/html", Vec::new()),
            Response::new(502, JSON, b"{}".to_vec()),
            Response::new(200, JSON, b"\"a\"".to_vec()),
        ] {
            let refusal = judge::<String>(&answer, &request(), &[key().public().clone()]).unwrap_err();
            assert_eq!(refusal, Refusal::InTheWay);
            assert_eq!((refusal.code(), refusal.retry()), (Code::NetworkInTheWay, Retry::Same));
            assert_eq!(refusal.clock_offset(NOW), None);
        }
    }

    #[test]
    fn a_signed_answer_is_read_and_one_of_unknown_form_is_not_guessed_at() {
        assert_eq!(judged(Response::new(200, JSON, b"\"a\"".to_vec())).unwrap().body, "a");
        for answer in [
            Response::new(200, JSON, b"1".to_vec()),
            Response::new(200, "text/plain", b"\"a\"".to_vec()),
            Response::new(202, JSON, b"\"a\"".to_vec()),
        ] {
            assert_eq!(judged(answer), Err(Refusal::Unreadable));
        }
    }

    /// Whoever sits on the way can put another key's name and signature on the request: digest and operation stay.
    #[test]
    fn what_is_said_of_another_device_is_in_the_way_though_the_service_signed_it() {
        let mut swapped = request();
        sign_request(&mut swapped, &key(), NOW).unwrap();
        let mut unsigned = request();
        unsigned.headers.remove("signature-input");
        for (code, retry) in [
            (Code::DeviceUnknown, Retry::ReRegister),
            (Code::DeviceSuspended, Retry::No),
            (Code::DeviceRevoked, Retry::ReRegister),
            (Code::InstitutionEnded, Retry::No),
        ] {
            let problem = Problem::new(code, 403, retry);
            for foreign in
                [problem.clone(), problem.clone().about(&swapped), problem.clone().about(&unsigned)]
            {
                assert_eq!(judged(foreign.to_response()), Err(Refusal::InTheWay), "{code}");
            }
            let own = judged(problem.about(&request()).to_response()).unwrap_err();
            assert_eq!(own.code(), code);
        }
        let mut later = Problem::new(Code::ServiceDown, 403, Retry::ReRegister);
        later.code = "something-new".to_owned();
        assert_eq!(judged(later.to_response()), Err(Refusal::InTheWay));
        let other = Problem::new(Code::CertificateRevoked, 422, Retry::No).about(&request());
        assert_eq!(other.key_id, None);
    }

    #[test]
    fn only_a_signed_clock_skew_moves_the_clock() {
        let skew = judged(Problem::new(Code::ClockSkew, 401, Retry::Same).to_response()).unwrap_err();
        let offset = skew.clock_offset(NOW.minus(86_400)).unwrap();
        assert_eq!(offset.seconds(), 86_400);
        assert_eq!(offset.correct(NOW.minus(86_400)), NOW);
        assert_eq!(skew.clock_offset(NOW.plus(60)).unwrap().correct(NOW.plus(61)), NOW.plus(1));
        assert!(!skew.retires_challenges());
        let other = judged(Problem::new(Code::ServiceDown, 503, Retry::Same).to_response()).unwrap_err();
        assert_eq!(other.clock_offset(NOW), None);
    }

    #[test]
    fn challenges_are_dropped_when_the_service_has_dropped_them_and_not_for_a_card() {
        let says =
            |code, retry| judged(Problem::new(code, 403, retry).about(&request()).to_response()).unwrap_err();
        assert!(says(Code::ChallengeExpired, Retry::NewChallenge).retires_challenges());
        assert!(says(Code::DeviceSuspended, Retry::No).retires_challenges());
        assert!(!says(Code::CertificateRevoked, Retry::No).retires_challenges());
        assert!(!Refusal::InTheWay.retires_challenges());
    }

    #[test]
    fn a_code_of_a_later_service_is_told_by_what_may_be_done() {
        let mut problem = Problem::new(Code::ServiceDown, 409, Retry::NewChallenge);
        problem.code = "something-new".to_owned();
        assert_eq!(judged(problem.to_response()).unwrap_err().code(), Code::ChallengeUnknown);
    }
}
