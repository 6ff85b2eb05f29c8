//! A challenge as a check finds it, and its claim where the source is a remote one.
//!
//! Three steps, and a process may die between any two: the claim with its audit row `asked`; the question, under the
//! claim's name and outside any transaction; the outcome, which closes the claim. A retry of the same operation goes on
//! where the last one broke off, even after the challenge's end.

use std::sync::Arc;

use shikaku::check::CheckRequest;
use shikaku::guide::Code;
use shikaku::transcript::Challenge;

use super::caller::Caller;
use super::checks::{mode_of, record};
use super::refusal::Refusal;
use super::visual;
use crate::app::Service;
use crate::audit::{self, Entry};
use crate::failpoint::fail_point;
use crate::source::ClaimId;
use crate::store::challenges::{self, Issued, Naming, State};
use crate::store::claims::{self, Claim};
use crate::store::{Connection, Constraint};

/// A challenge that waits for the operation that names it.
pub(super) struct Found {
    /// The challenge.
    pub(super) challenge: Challenge,
    /// What is open in its name: this operation's claim, or that of the first step of its visual check.
    pub(super) claim: Option<Claim>,
    /// What the first step of a visual check has left, for its second one.
    pub(super) naming: Option<Naming>,
}

impl Found {
    /// The state that the challenge is in, if nobody is faster.
    pub(super) const fn state(&self) -> State {
        match self {
            Self { naming: Some(_), .. } => State::Named,
            Self { claim: Some(_), .. } => State::Claimed,
            _ => State::Open,
        }
    }
}

/// The challenge of a check, if it was issued to this key: another device's is as unknown as one that never was. None if
/// it was used, claimed or named, by a duplicate of this operation or by another one.
pub(super) async fn find(
    service: &Service,
    caller: &Caller,
    check: &CheckRequest,
) -> Result<Option<Found>, Refusal> {
    let id = &check.challenge_id;
    let mut reader = service.store.read().await?;
    let issued = challenges::find(&mut reader, id).await?;
    let Issued { challenge, key, state, naming } = issued.ok_or(Code::ChallengeUnknown)?;
    if key != caller.key.id {
        return Err(Code::ChallengeUnknown.into());
    }
    // After the challenge: a duplicate that claims it now is seen.
    let claim = match state {
        State::Named => claims::of_challenge(&mut reader, id).await?,
        _ => own_claim(service, caller, &mut reader).await?.filter(|claim| claim.answered_at.is_none()),
    };
    drop(reader);
    let is_waiting = match state {
        State::Open | State::Retired => true,
        State::Claimed => claim.is_some(),
        State::Named => visual::is_second_step(check),
        State::Used => false,
    };
    if !is_waiting {
        return Ok(None);
    }
    let has_ended = challenge.expires_at <= service.clock.now();
    // What was claimed is resumed after its challenge's end too. Not for a name, whose second step would come too late.
    let resumes = claim.is_some() && state != State::Retired && check.visual.is_none();
    if state == State::Retired || (has_ended && !resumes) {
        return Err(Code::ChallengeExpired.into());
    }
    Ok(Some(Found { challenge, claim, naming }))
}

/// Claims the challenge for this operation. A duplicate that was first shares its claim; none if the challenge is not
/// to be had any more.
pub(super) async fn make(
    service: &Arc<Service>,
    caller: &Caller,
    challenge: &Challenge,
    check: &CheckRequest,
) -> Result<Option<Claim>, Refusal> {
    let id = ClaimId(service.randomness.octets()?);
    let request_sha256 = caller.request_sha256;
    let claim = Claim { id, request_sha256, asked_at: service.clock.now(), answered_at: None };
    let key = &caller.key.id;
    let mut transaction = service.store.begin().await?;
    fail_point!("claim-begun");
    if !challenges::change_state(&mut transaction, &challenge.id, key, State::Open, State::Claimed).await? {
        transaction.rollback().await?;
        let first = own_claim(service, caller, &mut *service.store.read().await?).await?;
        return Ok(first.filter(|claim| claim.answered_at.is_none()));
    }
    fail_point!("claim-challenge-claimed");
    let mode = mode_of(check);
    match claims::store(&mut transaction, &claim, &challenge.id, key, &caller.operation, mode).await {
        // The same body names the same challenge, so this operation's claim is for another body.
        Err(error) if error.is(Constraint::ClaimOfOperation) => return Err(Code::IdempotencyConflict.into()),
        other => other?,
    }
    fail_point!("claim-written");
    let row = Entry::new(claim.asked_at, mode, audit::ASKED);
    record(service, &mut transaction, caller, check, claim.asked_at, row).await?;
    fail_point!("claim-audited");
    transaction.commit().await?;
    fail_point!("claim-committed");
    Ok(Some(claim))
}

/// The claim of this operation, if its source wants claims and it has made one. The same name for another request is
/// refused.
async fn own_claim(
    service: &Service,
    caller: &Caller,
    connection: &mut Connection,
) -> Result<Option<Claim>, Refusal> {
    if !service.source.wants_claim() {
        return Ok(None);
    }
    let claim = claims::find(connection, &caller.key.id, &caller.operation).await?;
    if claim.as_ref().is_some_and(|claim| claim.request_sha256 != caller.request_sha256) {
        return Err(Code::IdempotencyConflict.into());
    }
    Ok(claim)
}
