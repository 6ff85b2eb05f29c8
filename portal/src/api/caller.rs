//! Who signed a request: the order of protocol.md §5, cheap to dear.

use std::sync::Arc;

use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};
use shikaku::guide::Code;
use shikaku::http::signature::SignedRequest;
use shikaku::http::{IdempotencyKey, PublicKey, Request, Response};
use shikaku::identifier::Date;
use shikaku::registration::DeviceId;

use super::exchange::{blocking, read_body};
use super::refusal::Refusal;
use super::stored;
use crate::app::Service;
use crate::limits::Quota;
use crate::store::accounts::AccountState;
use crate::store::institutions::InstitutionPhase;
use crate::store::keys::{self, Key, KeyState};

/// A registered device whose request is authentic.
#[derive(Debug)]
pub(super) struct Caller {
    /// Its key, device and institution.
    pub(super) key: Key,
    /// The name of the operation.
    pub(super) operation: IdempotencyKey,
    /// SHA-256 of the request's body.
    pub(super) request_sha256: [u8; 32],
}

/// What an authentic request is to be met with.
pub(super) enum Admitted {
    /// A new operation.
    New(Caller),
    /// An operation that has its final outcome.
    Again(Response),
}

/// Signature form → device state → digest → device signature and its time → stored outcome.
pub(super) async fn admit(service: &Arc<Service>, request: &Arc<Request>) -> Result<Admitted, Refusal> {
    let (key_id, operation) = {
        let signed = SignedRequest::read(request, &service.origin)?;
        (signed.key_id().clone(), *signed.idempotency_key())
    };
    let key = keys::find(&mut *service.store.read().await?, &key_id).await?;
    let key = key.ok_or(Code::DeviceUnknown)?;
    may_act(&key, service.today())?;
    verify(service, request, &key.spki).await?;
    if key.state == KeyState::Next {
        let mut transaction = service.store.begin().await?;
        keys::promote(&mut transaction, &key, service.clock.now()).await?;
        transaction.commit().await?;
    }
    let caller = Caller { key, operation, request_sha256: Sha256::digest(&request.body).into() };
    Ok(match stored::find(service, &caller, &request.path).await? {
        Some(answer) => Admitted::Again(answer),
        None => Admitted::New(caller),
    })
}

/// What every request of a registered device begins with: who asks, its quota, the body. A check reads its own body.
pub(super) enum Begun<T> {
    /// A new operation, and what it asks for.
    New(Caller, T),
    /// An operation that has its final outcome.
    Again(Response),
}

/// Admits a request, counts it, and reads its body.
pub(super) async fn begin<T: DeserializeOwned>(
    service: &Arc<Service>,
    request: &Arc<Request>,
    quota: &Quota<DeviceId>,
) -> Result<Begun<T>, Refusal> {
    match admit(service, request).await? {
        Admitted::Again(answer) => Ok(Begun::Again(answer)),
        Admitted::New(caller) => {
            quota.take(caller.key.device, service.clock.now())?;
            Ok(Begun::New(caller, read_body(request)?))
        }
    }
}

/// Verifies a request against a key, on a thread of its own.
pub(super) async fn verify(
    service: &Arc<Service>,
    request: &Arc<Request>,
    spki: &[u8],
) -> Result<(), Refusal> {
    let key = PublicKey::from_spki(spki).map_err(|_| Code::RequestSignature)?;
    let (service, request) = (Arc::clone(service), Arc::clone(request));
    blocking(move || {
        SignedRequest::read(&request, &service.origin)
            .and_then(|signed| signed.verify(&key, service.clock.now()))
    })
    .await?
    .map_err(Refusal::from)
}

/// Whether a device may act today; which of the reasons it may not is told. That the institution has ended comes first:
/// its accounts are 失効 for that reason, whether or not the sweep has made them so.
pub(super) fn may_act(key: &Key, today: Date) -> Result<(), Refusal> {
    if key.institution.phase_on(today) == InstitutionPhase::Ended {
        return Err(Code::InstitutionEnded.into());
    }
    if key.released || key.account_state == AccountState::Revoked {
        return Err(Code::DeviceRevoked.into());
    }
    if key.state == KeyState::Retired {
        return Err(Code::DeviceUnknown.into());
    }
    match key.account_state {
        AccountState::Registered => Ok(()),
        AccountState::Suspended => Err(Code::DeviceSuspended.into()),
        AccountState::Issued | AccountState::Revoked => Err(Code::DeviceRevoked.into()),
    }
}
