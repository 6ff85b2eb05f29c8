//! `POST /v1/challenges`: challenges for the checks to come.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use shikaku::check::{ChallengesAnswer, ChallengesRequest, OPEN_CHALLENGES};
use shikaku::guide::Code;
use shikaku::http::KeyId;
use shikaku::transcript::Challenge;

use super::caller::{Begun, begin};
use super::exchange::{answer, ok};
use super::refusal::Refusal;
use crate::app::Service;
use crate::randomness::RandomnessFault;
use crate::store::{Transaction, challenges, keys};

/// Issues challenges. Beyond four open ones the oldest retire; asking again gives new ones.
#[utoipa::path(
    post,
    path = "/v1/challenges",
    request_body = ChallengesRequest,
    responses((status = 200, description = "Fresh challenges", body = ChallengesAnswer))
)]
pub(super) async fn challenges(State(service): State<Arc<Service>>, request: Request) -> Response {
    let this = Arc::clone(&service);
    answer(this, request, |request| async move {
        let (caller, wanted) = match begin(&service, &request, &service.quotas.requests).await? {
            Begun::Again(answer) => return Ok(answer),
            Begun::New(caller, ChallengesRequest { count }) => (caller, count),
        };
        let count = usize::from(wanted);
        if !(1..=OPEN_CHALLENGES).contains(&count) {
            return Err(Code::RequestMalformed.into());
        }
        let mut transaction = service.store.begin().await?;
        if !keys::lock(&mut transaction, &caller.key.id).await? {
            return Err(Code::DeviceUnknown.into());
        }
        let challenges = issue(&service, &mut transaction, &caller.key.id, count).await?;
        transaction.commit().await?;
        let settings_version = caller.key.institution.settings_version(service.today());
        ok(&ChallengesAnswer { challenges, settings_version })
    })
    .await
}

/// Makes and issues challenges to a key whose row is locked or was just written.
pub(super) async fn issue(
    service: &Service,
    transaction: &mut Transaction,
    key: &KeyId,
    count: usize,
) -> Result<Vec<Challenge>, Refusal> {
    let fresh = (0..count).map(|_| fresh(service)).collect::<Result<Vec<_>, _>>()?;
    challenges::issue(transaction, key, &fresh).await?;
    Ok(fresh)
}

fn fresh(service: &Service) -> Result<Challenge, RandomnessFault> {
    let issued_at = service.clock.now();
    Ok(Challenge {
        id: service.randomness.octets()?,
        nonce: service.randomness.octets()?,
        issued_at,
        expires_at: issued_at.plus(challenges::LIFE),
    })
}
