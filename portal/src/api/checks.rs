//! `POST /v1/checks`: a signed check is judged and answered, once.

use std::sync::Arc;

use axum::extract::{Request as HttpRequest, State};
use axum::response::Response as HttpResponse;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use shikaku::check::{CHECKS_PATH, CheckRequest, STAFF_NAME_LIMIT};
use shikaku::guide::Code;
use shikaku::http::{JSON, Request, Response};
use shikaku::identifier::Date;
use shikaku::instant::UnixTime;
use shikaku::qualification::Answer;
use shikaku::transcript::{Challenge, PendingTranscript, Purpose};

use super::caller::{Admitted, Caller, admit};
use super::exchange::{answer, blocking, read_body};
use super::judgement::{Rejection, judge};
use super::refusal::Refusal;
use super::settings::on_the_wire;
use super::stored::{self, Ending, KeepFault};
use crate::app::Service;
use crate::audit::{self, Entry};
use crate::failpoint::fail_point;
use crate::source::Question;
use crate::store::challenges::{self, Issued, State as ChallengeState};
use crate::store::{Constraint, StoreError};

/// Seconds after its challenge's end at which a stored answer is erased.
const ANSWER_KEPT: u64 = 600;

/// Answers a signed check. What the card's signature must be for, the service knows itself.
///
/// A final outcome (an answer, or a definite refusal of certificate or card signature) uses up the challenge, is
/// written to the audit and stored, all in one transaction; the same Idempotency-Key gets it again.
#[utoipa::path(
    post,
    path = "/v1/checks",
    request_body = CheckRequest,
    responses((status = 200, description = "The answer (資格情報)", body = Answer))
)]
pub(super) async fn check(State(service): State<Arc<Service>>, request: HttpRequest) -> HttpResponse {
    let this = Arc::clone(&service);
    answer(this, request, |request| async move {
        let caller = match admit(&service, &request).await? {
            Admitted::Again(answer) => return Ok(answer),
            Admitted::New(caller) => caller,
        };
        service.quotas.checks.take(caller.key.device, service.clock.now())?;
        let check = read_check(&request)?;
        let Some(challenge) = open_challenge(&service, &caller, &check.challenge_id).await? else {
            // Used since this operation was looked for: by a duplicate, or by another operation.
            return winner(&service, &caller).await;
        };
        let decided = decide(&service, &caller, &challenge, &check).await?;
        conclude(&service, &caller, &challenge, &check, &decided).await
    })
    .await
}

/// A final outcome that nobody has been told yet.
struct Decided {
    /// The one moment of day, phase, answer and audit row.
    at: UnixTime,
    code: Code,
    answer: Response,
}

fn read_check(request: &Request) -> Result<CheckRequest, Refusal> {
    #[derive(Deserialize)]
    struct OtherMode {
        mode: String,
    }
    let check: CheckRequest = match read_body(request) {
        Ok(check) => check,
        Err(refusal) => {
            let other = serde_json::from_slice::<OtherMode>(&request.body);
            // 目視確認, which this version of the service does not offer.
            return Err(if other.is_ok_and(|other| other.mode == "visual") {
                Code::ModeRefused.into()
            } else {
                refusal
            });
        }
    };
    let staff = check.staff.as_deref().unwrap_or_default();
    if staff.chars().count() > STAFF_NAME_LIMIT || staff.chars().any(char::is_control) {
        return Err(Code::RequestMalformed.into());
    }
    Ok(check)
}

/// The challenge, if it was issued to this key and is still open; none if it is used. Another device's is as unknown
/// as one that never was.
async fn open_challenge(
    service: &Service,
    caller: &Caller,
    id: &[u8; 16],
) -> Result<Option<Challenge>, Refusal> {
    let issued = challenges::find(&mut *service.store.read().await?, id).await?;
    let Issued { challenge, key, state } = issued.ok_or(Code::ChallengeUnknown)?;
    if key != caller.key.id {
        return Err(Code::ChallengeUnknown.into());
    }
    match state {
        ChallengeState::Used | ChallengeState::Claimed => Ok(None),
        _ if challenge.expires_at <= service.clock.now() => Err(Code::ChallengeExpired.into()),
        ChallengeState::Retired => Err(Code::ChallengeExpired.into()),
        ChallengeState::Open => Ok(Some(challenge)),
    }
}

/// Certificate and card signature on a thread of their own, then the source. Nothing is written yet.
async fn decide(
    service: &Arc<Service>,
    caller: &Caller,
    challenge: &Challenge,
    check: &CheckRequest,
) -> Result<Decided, Refusal> {
    let institution = &caller.key.institution;
    let transcript = PendingTranscript::new(
        challenge,
        Purpose::QualificationOnly,
        &caller.key.spki,
        &institution.code,
        &service.origin,
    );
    let anchors = service.cards.anchors(institution.is_test, &service.store).await?;
    let (judging, now) = (Arc::clone(service), service.clock.now());
    let (certificate, signature) = (check.certificate.clone(), check.card_signature);
    let judged = blocking(move || {
        judge(&transcript, &certificate, &signature, &anchors, judging.revocation.as_ref(), now)
    });
    let card = match judged.await? {
        Ok(card) => card,
        Err(Rejection::Transient(code)) => return Err(code.into()),
        Err(Rejection::Final(code)) => {
            return Ok(Decided { at: now, code, answer: Refusal::from(code).judgement() });
        }
    };
    let day = Date::of(now);
    let question = Question { issuer_key_id: card.issuer_key_id(), serial: card.serial(), day };
    let finding = service.source.ask(question).await.map_err(|fault| {
        tracing::error!(%fault, "the source did not answer");
        Refusal::from(Code::SourceDown)
    })?;
    let phase = on_the_wire(institution.phase_on(day));
    let answer = Answer::new(now, institution.code.clone(), phase, check.mode, card.not_after(), finding);
    Ok(Decided { at: now, code: answer.code(), answer: Response::new(200, JSON, answer.to_json()) })
}

/// The one transaction: challenge used, outcome stored, audit row written. Who loses reads the winner's row.
async fn conclude(
    service: &Arc<Service>,
    caller: &Caller,
    challenge: &Challenge,
    check: &CheckRequest,
    decided: &Decided,
) -> Result<Response, Refusal> {
    fail_point!("check-decided");
    match write(service, caller, challenge, check, decided).await {
        Ok(true) => Ok(decided.answer.clone()),
        Ok(false) => winner(service, caller).await,
        Err(KeepFault::Store(error)) if lost(&error) => winner(service, caller).await,
        Err(fault) => Err(fault.into()),
    }
}

async fn write(
    service: &Service,
    caller: &Caller,
    challenge: &Challenge,
    check: &CheckRequest,
    decided: &Decided,
) -> Result<bool, KeepFault> {
    let mut transaction = service.store.begin().await?;
    fail_point!("check-begun");
    if !challenges::consume(&mut transaction, &challenge.id, &caller.key.id).await? {
        transaction.rollback().await?;
        return Ok(false);
    }
    fail_point!("check-challenge-used");
    let ending = Ending {
        path: CHECKS_PATH,
        challenge: Some(&challenge.id),
        code: decided.code,
        answer: &decided.answer,
        erase_at: Some(challenge.expires_at.plus(ANSWER_KEPT)),
    };
    stored::keep(service, &mut transaction, caller, &ending).await?;
    fail_point!("check-outcome-stored");
    let institution = &caller.key.institution;
    let entry = Entry {
        device: &caller.key.device.to_string(),
        institution: institution.code.as_str(),
        staff: check.staff.as_deref().unwrap_or_default(),
        challenge: &challenge.id,
        certificate_hash: &service.keys.audit.certificate_hash(&check.certificate),
        request_sha256: &caller.request_sha256,
        answer_sha256: &Sha256::digest(&decided.answer.body),
        phase: institution.phase_on(Date::of(decided.at)).as_str(),
        ..Entry::new(decided.at, "pin", decided.code.as_str())
    };
    audit::append(&mut transaction, &service.keys.node, &entry).await?;
    fail_point!("check-audited");
    transaction.commit().await?;
    fail_point!("check-committed");
    Ok(true)
}

const fn lost(error: &StoreError) -> bool {
    matches!(error, StoreError::Constraint(Constraint::Outcome | Constraint::OutcomeOfChallenge))
}

/// The outcome that a concurrent duplicate has stored; another operation may have used the challenge instead.
async fn winner(service: &Arc<Service>, caller: &Caller) -> Result<Response, Refusal> {
    stored::find(service, caller, CHECKS_PATH).await?.ok_or_else(|| Code::ChallengeUsed.into())
}
