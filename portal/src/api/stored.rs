//! Operations that have their final outcome: answered with it, again and again.

use std::sync::Arc;

use sha2::{Digest as _, Sha256};
use shikaku::guide::Code;
use shikaku::http::{JSON, Response};
use shikaku::instant::UnixTime;

use super::caller::Caller;
use super::refusal::Refusal;
use crate::app::Service;
use crate::sealing::Place;
use crate::store::outcomes::{self, Keeping, Outcome};
use crate::store::{StoreError, Transaction};

/// Seconds for which an operation is remembered; the design asks for a day.
const REMEMBERED: u64 = 2 * 86_400;

/// What an operation ended with.
pub(super) struct Ending<'a> {
    /// Path of the request.
    pub(super) path: &'static str,
    /// The challenge that it used up, if it was a check.
    pub(super) challenge: Option<&'a [u8; 16]>,
    /// The outcome: a check's code, a rotation's own name.
    pub(super) outcome: &'static str,
    /// The answer.
    pub(super) answer: &'a Response,
    /// When its body is erased; with the row, if none is given.
    pub(super) erase_at: Option<UnixTime>,
}

/// The stored answer to this operation, if there is one. The same name for another request is refused.
pub(super) async fn find(
    service: &Arc<Service>,
    caller: &Caller,
    path: &str,
) -> Result<Option<Response>, Refusal> {
    let found = outcomes::find(&mut *service.store.read().await?, &caller.key.id, &caller.operation).await?;
    let Some(outcome) = found else { return Ok(None) };
    if outcome.path != path || outcome.request_sha256 != caller.request_sha256 {
        return Err(Code::IdempotencyConflict.into());
    }
    Ok(Some(open(service, caller, &outcome)?))
}

/// Stores an ending in the caller's transaction.
pub(super) async fn keep(
    service: &Service,
    transaction: &mut Transaction,
    caller: &Caller,
    ending: &Ending<'_>,
) -> Result<(), KeepFault> {
    let stored_at = service.clock.now();
    let forget_at = stored_at.plus(REMEMBERED);
    let sealed = service.keys.sealing.seal(place(caller), &ending.answer.body, &service.randomness)?;
    let outcome = Outcome {
        path: ending.path.to_owned(),
        request_sha256: caller.request_sha256,
        status: ending.answer.status,
        code: ending.outcome.to_owned(),
        content_type: ending.answer.headers.only("content-type").unwrap_or(JSON).to_owned(),
        answer_sha256: Sha256::digest(&ending.answer.body).into(),
        answer_sealed: Some(sealed),
    };
    let keeping = Keeping { stored_at, erase_at: ending.erase_at.unwrap_or(forget_at), forget_at };
    let (key, operation) = (&caller.key.id, &caller.operation);
    Ok(outcomes::store(transaction, key, operation, ending.challenge, &outcome, keeping).await?)
}

/// Why an ending was not stored.
#[derive(Debug, thiserror::Error)]
pub(super) enum KeepFault {
    /// The database said no, or failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The answer could not be sealed.
    #[error(transparent)]
    Seal(#[from] crate::sealing::SealError),
}

impl From<KeepFault> for Refusal {
    fn from(fault: KeepFault) -> Self {
        match fault {
            KeepFault::Store(error) => error.into(),
            KeepFault::Seal(error) => error.into(),
        }
    }
}

/// The answer as it was given. Once its body is erased nobody can give it again: then a card has to be tapped anew.
fn open(service: &Service, caller: &Caller, outcome: &Outcome) -> Result<Response, Refusal> {
    let Some(sealed) = &outcome.answer_sealed else { return Err(Code::ChallengeExpired.into()) };
    let body = service.keys.sealing.open(place(caller), sealed)?;
    Ok(Response::new(outcome.status, &outcome.content_type, body.to_vec()))
}

fn place(caller: &Caller) -> Place<'_> {
    Place::Answer { key_id: &caller.key.id.0, idempotency_key: &caller.operation.0 }
}
