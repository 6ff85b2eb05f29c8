//! `POST /v1/checks`: a signed check is judged and answered, once.

use std::sync::Arc;

use axum::extract::{Request as HttpRequest, State};
use axum::response::Response as HttpResponse;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use shikaku::certificate::Certificate;
use shikaku::check::{CHECKS_PATH, CheckRequest, STAFF_NAME_LIMIT};
use shikaku::guide::Code;
use shikaku::http::{JSON, Request, Response};
use shikaku::identifier::{Date, fits_a_line};
use shikaku::instant::UnixTime;
use shikaku::qualification::{Answer, Finding, Mode};
use shikaku::transcript::{Challenge, PendingTranscript, Purpose};

use super::caller::{Admitted, Caller, admit, may_act};
use super::claims::{self, Standing};
use super::exchange::{answer, blocking, read_body};
use super::judgement::{Rejection, judge};
use super::refusal::Refusal;
use super::settings::on_the_wire;
use super::stored::{self, Ending, KeepFault};
use crate::app::Service;
use crate::audit::{self, Entry};
use crate::failpoint::fail_point;
use crate::source::{Question, Source, SourceFault, ask_in_time};
use crate::store::challenges::{self, State as ChallengeState};
use crate::store::claims::{self as stored_claims, Claim};
use crate::store::{Constraint, StoreError, Transaction, keys};

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
        let (challenge, claim) = match claims::standing(&service, &caller, &check.challenge_id).await? {
            Standing::Open(challenge) => (challenge, None),
            Standing::Claimed(challenge, claim) => (challenge, Some(claim)),
            // Since this operation was looked for: by a duplicate, or by another operation.
            Standing::Over => return winner(&service, &caller).await,
        };
        match decide(&service, &caller, &challenge, &check, claim).await? {
            Some(decided) => conclude(&service, &caller, &challenge, &check, &decided).await,
            None => winner(&service, &caller).await,
        }
    })
    .await
}

/// A final outcome that nobody has been told yet.
struct Decided {
    /// The one moment of day, phase and answer: with a claim, that of the claim.
    at: UnixTime,
    code: Code,
    answer: Response,
    /// The claim that it closes, if the source was asked in the name of one.
    claim: Option<Claim>,
}

/// How a check was made, as audit rows have it.
pub(super) const fn mode_of(check: &CheckRequest) -> &'static str {
    match check.mode {
        Mode::Pin => "pin",
    }
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
    if staff.chars().count() > STAFF_NAME_LIMIT || !fits_a_line(staff) {
        return Err(Code::RequestMalformed.into());
    }
    Ok(check)
}

/// Certificate and card signature on a thread of their own, then the source. Nothing is written yet but the claim, where
/// the source wants one; none if the challenge was gone before it could be claimed.
///
/// What resumes a claim is judged anew: a certificate that was revoked meanwhile is refused, whatever the source knows.
async fn decide(
    service: &Arc<Service>,
    caller: &Caller,
    challenge: &Challenge,
    check: &CheckRequest,
    claim: Option<Claim>,
) -> Result<Option<Decided>, Refusal> {
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
            return Ok(Some(Decided { at: now, code, answer: Refusal::from(code).judgement(), claim }));
        }
    };
    let claim = match (claim, service.source.wants_claim()) {
        (None, true) => match claims::make(service, caller, challenge, check).await? {
            None => return Ok(None),
            made => made,
        },
        (claim, _) => claim,
    };
    let at = claim.as_ref().map_or(now, |claim| claim.asked_at);
    let finding = ask(service, claim.as_ref(), &card, Date::of(at)).await?;
    let phase = on_the_wire(institution.phase_on(Date::of(at)));
    let answer = Answer::new(at, institution.code.clone(), phase, check.mode, card.not_after(), finding);
    let (code, answer) = (answer.code(), Response::new(200, JSON, answer.to_json()));
    Ok(Some(Decided { at, code, answer, claim }))
}

/// What the source knows of the card's holder.
async fn ask(
    service: &Service,
    claim: Option<&Claim>,
    card: &Certificate,
    day: Date,
) -> Result<Finding, Refusal> {
    let question = Question { issuer_key_id: card.issuer_key_id(), serial: card.serial(), day };
    let asked = match (&service.source, claim) {
        (Source::Local(source), _) => source.ask(question).await,
        (Source::Remote(source), Some(claim)) => ask_in_time(source.as_ref(), claim.id, question).await,
        (Source::Remote(_), None) => Err(SourceFault::Down),
    };
    fail_point!("source-answered");
    asked.map_err(|fault| {
        tracing::error!(%fault, "the source did not answer");
        Code::SourceDown.into()
    })
}

/// The one transaction: challenge used, claim closed, outcome stored, audit row written. Who loses reads the winner's
/// row.
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
    let from = if decided.claim.is_some() { ChallengeState::Claimed } else { ChallengeState::Open };
    let (id, key) = (&challenge.id, &caller.key.id);
    if !challenges::change_state(&mut transaction, id, key, from, ChallengeState::Used).await? {
        transaction.rollback().await?;
        return Ok(false);
    }
    fail_point!("check-challenge-used");
    // What closes a claim happens now; what is decided at once happened when it was decided.
    let mut at = decided.at;
    if let Some(claim) = &decided.claim {
        at = service.clock.now();
        if !stored_claims::close(&mut transaction, &claim.id, at).await? {
            transaction.rollback().await?;
            return Ok(false);
        }
        fail_point!("check-claim-closed");
    }
    let ending = Ending {
        path: CHECKS_PATH,
        challenge: Some(&challenge.id),
        outcome: decided.code.as_str(),
        answer: &decided.answer,
        // A claim may be resumed long after its challenge's end; its answer is kept as long from then on.
        erase_at: Some(challenge.expires_at.max(at).plus(ANSWER_KEPT)),
    };
    stored::keep(service, &mut transaction, caller, &ending).await?;
    fail_point!("check-outcome-stored");
    let answer_sha256 = Sha256::digest(&decided.answer.body);
    let row =
        Entry { answer_sha256: &answer_sha256, ..Entry::new(at, mode_of(check), decided.code.as_str()) };
    record(service, &mut transaction, caller, check, decided.at, row).await?;
    fail_point!("check-audited");
    transaction.commit().await?;
    fail_point!("check-committed");
    Ok(true)
}

/// Writes `row` to the audit with what every row about this check has in common; `moment` is the one whose phase it was
/// made in.
pub(super) async fn record(
    service: &Service,
    transaction: &mut Transaction,
    caller: &Caller,
    check: &CheckRequest,
    moment: UnixTime,
    row: Entry<'_>,
) -> Result<(), StoreError> {
    let institution = &caller.key.institution;
    let entry = Entry {
        device: &caller.key.device.to_string(),
        institution: institution.code.as_str(),
        staff: check.staff.as_deref().unwrap_or_default(),
        challenge: &check.challenge_id,
        certificate_hash: &service.keys.audit.certificate_hash(&check.certificate),
        request_sha256: &caller.request_sha256,
        phase: institution.phase_on(Date::of(moment)).as_str(),
        ..row
    };
    audit::append(transaction, &service.keys.node, &entry).await.map(drop)
}

const fn lost(error: &StoreError) -> bool {
    matches!(error, StoreError::Constraint(Constraint::Outcome | Constraint::OutcomeOfChallenge))
}

/// The outcome that a concurrent duplicate has stored. If there is none the challenge has gone another way: the device may
/// have been stopped meanwhile, or another operation has used it.
async fn winner(service: &Arc<Service>, caller: &Caller) -> Result<Response, Refusal> {
    if let Some(answer) = stored::find(service, caller, CHECKS_PATH).await? {
        return Ok(answer);
    }
    let key = keys::find(&mut *service.store.read().await?, &caller.key.id).await?;
    may_act(&key.ok_or(Code::DeviceUnknown)?, service.today())?;
    Err(Code::ChallengeUsed.into())
}
