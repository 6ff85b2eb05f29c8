//! `POST /v1/checks`: a signed check is judged and answered, once.

use std::sync::Arc;

use axum::extract::{Request as HttpRequest, State};
use axum::response::Response as HttpResponse;
use sha2::{Digest as _, Sha256};
use shikaku::certificate::Certificate;
use shikaku::check::{
    CHECKS_PATH, CheckRequest, NameFormat, NameToConfirm, STAFF_NAME_LIMIT, service_transcript,
};
use shikaku::guide::Code;
use shikaku::http::{JSON, Request, Response};
use shikaku::identifier::{Date, PersonName, fits_a_line};
use shikaku::instant::UnixTime;
use shikaku::qualification::{Answer, Finding, Mode};
use shikaku::transcript::Challenge;

use super::caller::{Admitted, Caller, admit, may_act};
use super::claims::{self, Found};
use super::exchange::{answer, blocking, read_body};
use super::judgement::{Accepted, Rejection, judge};
use super::refusal::Refusal;
use super::settings::on_the_wire;
use super::stored::{self, Ending, KeepFault};
use super::visual;
use crate::app::Service;
use crate::audit::{self, Entry};
use crate::failpoint::fail_point;
use crate::source::{Question, Source, SourceFault, ask_in_time};
use crate::store::challenges::{self, Naming, State as ChallengeState};
use crate::store::claims::{self as stored_claims, Claim};
use crate::store::{Constraint, StoreError, Transaction, keys};

/// Seconds after its challenge's end at which a stored answer is erased.
const ANSWER_KEPT: u64 = 600;

/// Answers a signed check. What the card's signature must be for, the service knows itself.
///
/// A final outcome (an answer, or a definite refusal of certificate, card or name) uses up the challenge, is written to
/// the audit and stored, all in one transaction; the same Idempotency-Key gets it again. A visual check is two operations
/// on one challenge: the first one is answered with the name, the second one, which says that the card bears it, with the
/// answer.
#[utoipa::path(
    post,
    path = "/v1/checks",
    request_body = CheckRequest,
    responses((
        status = 200,
        description = "The answer (資格情報); to the first step of a visual check the name",
        body = CheckSaid
    ))
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
        visual::admit(&service, &caller, &check)?;
        // None: since this operation was looked for, a duplicate or another operation has used it.
        let Some(found) = claims::find(&service, &caller, &check).await? else {
            return winner(&service, &caller).await;
        };
        let challenge = found.challenge.clone();
        match decide(&service, &caller, found, &check).await? {
            Some(decided) => conclude(&service, &caller, &challenge, &check, &decided).await,
            None => winner(&service, &caller).await,
        }
    })
    .await
}

/// What nobody has been told yet: a final outcome, or the name in a visual check.
struct Decided {
    /// The one moment of day, phase and answer: with a claim, that of the claim.
    at: UnixTime,
    /// The outcome's code, or [`audit::NAME_SHOWN`].
    outcome: &'static str,
    answer: Response,
    /// The state that the challenge must still be in.
    from: ChallengeState,
    /// The claim that a final outcome closes, if the source was asked in the name of one.
    claim: Option<Claim>,
    /// With a name: what the second step will be held against.
    naming: Option<Naming>,
}

impl Decided {
    fn refused(at: UnixTime, code: Code, found: Found) -> Self {
        let answer = Refusal::from(code).judgement();
        Self { at, outcome: code.as_str(), answer, from: found.state(), claim: found.claim, naming: None }
    }
}

/// What a check is answered with.
#[derive(utoipa::ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "the description of the wire alone; both are written as they are")]
enum CheckSaid {
    Answer(Answer),
    Name(NameToConfirm),
}

/// How a check was made, as audit rows have it.
pub(super) const fn mode_of(check: &CheckRequest) -> &'static str {
    match check.mode {
        Mode::Pin => "pin",
        Mode::Visual => "visual",
    }
}

fn read_check(request: &Request) -> Result<CheckRequest, Refusal> {
    let check: CheckRequest = read_body(request)?;
    let staff = check.staff.as_deref().unwrap_or_default();
    if staff.chars().count() > STAFF_NAME_LIMIT || !fits_a_line(staff) {
        return Err(Code::RequestMalformed.into());
    }
    Ok(check)
}

/// Certificate and card signature on a thread of their own, then the source. Nothing is written yet but the claim, where
/// the source wants one; none if the challenge was gone before it could be claimed.
///
/// What resumes a claim, and the second step of a visual check, is judged anew: a certificate that was revoked meanwhile
/// is refused, whatever the source knows.
async fn decide(
    service: &Arc<Service>,
    caller: &Caller,
    mut found: Found,
    check: &CheckRequest,
) -> Result<Option<Decided>, Refusal> {
    let now = service.clock.now();
    if let Err(code) = visual::goes_on(check, found.naming.as_ref()) {
        return Ok(Some(Decided::refused(now, code, found)));
    }
    let card = match judged(service, caller, &found.challenge, check, now).await? {
        Ok(card) => card,
        Err(Rejection::Transient(code)) => return Err(code.into()),
        Err(Rejection::Final(code)) => return Ok(Some(Decided::refused(now, code, found))),
    };
    if found.claim.is_none() && service.source.wants_claim() {
        found.claim = claims::make(service, caller, &found.challenge, check).await?;
        if found.claim.is_none() {
            return Ok(None);
        }
    }
    let at = found.claim.as_ref().map_or(now, |claim| claim.asked_at);
    let finding = ask(service, found.claim.as_ref(), &card.certificate, Date::of(at)).await?;
    let name = match visual::name_to_confirm(check, card.birth_date, &finding) {
        Ok(name) => name,
        Err(code) => return Ok(Some(Decided::refused(at, code, found))),
    };
    let name = name.map(|name| Ok::<_, Refusal>((name, service.randomness.octets()?))).transpose()?;
    Ok(Some(told(caller, check, &card.certificate, found, at, finding, name)))
}

async fn judged(
    service: &Arc<Service>,
    caller: &Caller,
    challenge: &Challenge,
    check: &CheckRequest,
    now: UnixTime,
) -> Result<Result<Accepted, Rejection>, Refusal> {
    let institution = &caller.key.institution;
    let transcript = service_transcript(challenge, &caller.key.spki, &institution.code, &service.origin);
    let anchors = service.cards.anchors(institution.is_test, &service.store).await?;
    let (service, check) = (Arc::clone(service), check.clone());
    blocking(move || judge(&transcript, &check, &anchors, service.revocation.as_ref(), now)).await
}

/// The answer, or the name that comes before it, with its salt.
fn told(
    caller: &Caller,
    check: &CheckRequest,
    card: &Certificate,
    found: Found,
    at: UnixTime,
    finding: Finding,
    name: Option<(PersonName, [u8; 16])>,
) -> Decided {
    let institution = caller.key.institution.code.clone();
    let phase = on_the_wire(caller.key.institution.phase_on(Date::of(at)));
    let naming = name.as_ref().map(|(name, _)| visual::naming(check, name));
    let (outcome, body) = if let Some((name, salt)) = name {
        let challenge_id = check.challenge_id;
        let name = NameToConfirm { format: NameFormat::V1, challenge_id, institution, phase, at, name, salt };
        // Writing into memory cannot fail: there is no map in it.
        (audit::NAME_SHOWN, serde_json::to_vec(&name).unwrap_or_default())
    } else {
        let answer = Answer::new(at, institution, phase, check.mode, card.not_after(), finding);
        (answer.code().as_str(), answer.to_json())
    };
    let answer = Response::new(200, JSON, body);
    Decided { at, outcome, answer, from: found.state(), claim: found.claim, naming }
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

/// The one transaction: challenge used, claim closed, outcome stored, audit row written. With a name instead the challenge
/// is left for the second step, and the claim open. Who loses reads the winner's row.
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
    let (id, key, from) = (&challenge.id, &caller.key.id, decided.from);
    let is_ours = match &decided.naming {
        Some(naming) => challenges::name(&mut transaction, id, key, from, naming).await?,
        None => challenges::change_state(&mut transaction, id, key, from, ChallengeState::Used).await?,
    };
    if !is_ours {
        transaction.rollback().await?;
        return Ok(false);
    }
    fail_point!("check-challenge-used");
    // What closes a claim happens now; what is decided at once happened when it was decided.
    let mut at = decided.at;
    if let Some(claim) = &decided.claim {
        at = service.clock.now();
        if decided.naming.is_none() {
            if !stored_claims::close(&mut transaction, &claim.id, at).await? {
                transaction.rollback().await?;
                return Ok(false);
            }
            fail_point!("check-claim-closed");
        }
    }
    let ending = Ending {
        path: CHECKS_PATH,
        challenge: decided.naming.is_none().then_some(&challenge.id),
        outcome: decided.outcome,
        answer: &decided.answer,
        // A claim may be resumed long after its challenge's end; its answer is kept as long from then on.
        erase_at: Some(challenge.expires_at.max(at).plus(ANSWER_KEPT)),
    };
    stored::keep(service, &mut transaction, caller, &ending).await?;
    fail_point!("check-outcome-stored");
    let answer_sha256 = Sha256::digest(&decided.answer.body);
    let row = Entry { answer_sha256: &answer_sha256, ..Entry::new(at, mode_of(check), decided.outcome) };
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
