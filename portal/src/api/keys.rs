//! `POST /v1/keys`: a device changes its key.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response as HttpResponse;
use sha2::{Digest as _, Sha256};
use shikaku::guide::Code;
use shikaku::http::{PublicKey, Response};
use shikaku::registration::{KEYS_PATH, KeysAnswer, KeysRequest, rotation_message};

use super::caller::{Begun, Caller, begin};
use super::exchange::{answer, blocking, ok};
use super::refusal::Refusal;
use super::stored::{self, Ending, KeepFault};
use crate::app::Service;
use crate::audit::{self, Entry};
use crate::store::{Constraint, challenges, keys};

/// Outcome of a rotation, as the store and the audit have it.
const ANNOUNCED: &str = "announced";

/// Announces a new device key, signed by the old one and proven by the new one. The old key stays valid until the
/// first request by the new one; its open challenges retire now.
#[utoipa::path(
    post,
    path = "/v1/keys",
    request_body = KeysRequest,
    responses((status = 200, description = "The new key is known", body = KeysAnswer))
)]
pub(super) async fn rotate(State(service): State<Arc<Service>>, request: Request) -> HttpResponse {
    let this = Arc::clone(&service);
    answer(this, request, |request| async move {
        let (caller, wanted) = match begin(&service, &request, &service.quotas.requests).await? {
            Begun::Again(answer) => return Ok(answer),
            Begun::New(caller, wanted) => (caller, wanted),
        };
        let next = proven(&service, &caller, wanted).await?;
        announce(&service, &caller, &next).await
    })
    .await
}

/// The new key, if it has signed that it is to replace the old one of this device at this service.
async fn proven(service: &Service, caller: &Caller, request: KeysRequest) -> Result<PublicKey, Refusal> {
    let next = PublicKey::from_spki(&request.spki).map_err(|_| Code::KeyProof)?;
    let message = rotation_message(&service.origin, &caller.key.device, &caller.key.spki, next.spki());
    let proven = blocking(move || next.verify(&message, &request.proof).map(|()| next));
    proven.await?.map_err(|_| Code::KeyProof.into())
}

async fn announce(service: &Arc<Service>, caller: &Caller, next: &PublicKey) -> Result<Response, Refusal> {
    let mut transaction = service.store.begin().await?;
    if !keys::lock(&mut transaction, &caller.key.id).await? {
        return Err(Code::DeviceUnknown.into());
    }
    if !keys::announce(&mut transaction, &caller.key.device, next, service.clock.now()).await? {
        return Err(Code::KeyProof.into());
    }
    challenges::retire_all_but(&mut transaction, &caller.key.id, 0).await?;
    let settings_version = caller.key.institution.settings_version(service.today());
    let answer = ok(&KeysAnswer { settings_version })?;
    let ending =
        Ending { path: KEYS_PATH, challenge: None, outcome: ANNOUNCED, answer: &answer, erase_at: None };
    match stored::keep(service, &mut transaction, caller, &ending).await {
        Ok(()) => {}
        // A duplicate came first: its answer is this one's.
        Err(KeepFault::Store(error)) if error.is(Constraint::Outcome) => {
            transaction.rollback().await?;
            return stored::find(service, caller, KEYS_PATH).await?.ok_or_else(|| Code::ServiceDown.into());
        }
        Err(fault) => return Err(fault.into()),
    }
    let institution = &caller.key.institution;
    let entry = Entry {
        device: &caller.key.device.to_string(),
        institution: institution.code.as_str(),
        request_sha256: &caller.request_sha256,
        answer_sha256: &Sha256::digest(&answer.body),
        phase: institution.phase_on(service.today()).as_str(),
        ..Entry::new(service.clock.now(), "rotation", ANNOUNCED)
    };
    audit::append(&mut transaction, &service.keys.node, &entry).await?;
    transaction.commit().await?;
    Ok(answer)
}
