//! The one transaction of a registration, and what the device is answered.

use std::sync::Arc;

use sha2::{Digest as _, Sha256};
use shikaku::check::OPEN_CHALLENGES;
use shikaku::guide::Code;
use shikaku::http::{KeyId, PublicKey, Request, Response};
use shikaku::registration::{DeviceId, RegistrationAnswer, RegistrationRequest};

use super::tell;
use crate::api::challenges::issue;
use crate::api::exchange::ok;
use crate::api::refusal::Refusal;
use crate::api::settings;
use crate::app::Service;
use crate::audit::{self, Entry};
use crate::sealing::Place;
use crate::store::accounts::{self, Account, AccountState};
use crate::store::institutions::{self, Institution, InstitutionPhase};
use crate::store::registrations::{self, NewDevice, SpentCode, SpentReason};
use crate::store::{Constraint, StoreError, Transaction, keys, outbox};

/// Seconds for which a used code is remembered, so that who scans it again learns that it was used.
const REMEMBERED: u64 = 90 * 86_400;

/// A device that asks to be registered; its request is authentic.
pub(super) struct Newcomer {
    pub(super) key: PublicKey,
    pub(super) wanted: RegistrationRequest,
    request_sha256: [u8; 32],
}

impl Newcomer {
    pub(super) fn new(key: PublicKey, wanted: RegistrationRequest, request: &Request) -> Self {
        Self { key, wanted, request_sha256: Sha256::digest(&request.body).into() }
    }
}

/// Erases the code, binds the key, tells the institution: all of it or nothing. Of two devices one wins.
pub(super) async fn bind(
    service: &Arc<Service>,
    newcomer: &Newcomer,
    account: &Account,
    sealed: &[u8],
) -> Result<(), Refusal> {
    let mut transaction = service.store.begin().await?;
    let now = service.clock.now();
    let (from, to) = (AccountState::Issued, AccountState::Registered);
    let won = accounts::change_state(&mut transaction, &account.id, from, to, now).await?
        && registrations::use_code(&mut transaction, &account.id, sealed).await?;
    if !won {
        transaction.rollback().await?;
        return Err(too_late(service, account).await?);
    }
    let institution = institutions::find(&mut transaction, &account.institution).await?;
    let institution =
        institution.filter(|institution| institution.phase_on(service.today()) != InstitutionPhase::Ended);
    let Some(institution) = institution else { return Err(Code::InstitutionEnded.into()) };
    remember(service, &mut transaction, account, sealed).await?;
    match add_device(service, &mut transaction, newcomer, &institution).await {
        Err(error) if error.is(Constraint::DeviceKey) => return Err(Code::RegistrationRefused.into()),
        Err(error) if error.is(Constraint::OneBoundDevice) => return Err(Code::RegistrationUsed.into()),
        other => other?,
    }
    Ok(transaction.commit().await?)
}

/// The answer to a device whose key is bound: current settings, new challenges.
pub(super) async fn fresh_answer(service: &Arc<Service>, key: &KeyId) -> Result<Response, Refusal> {
    let mut transaction = service.store.begin().await?;
    if !keys::lock(&mut transaction, key).await? {
        return Err(Code::DeviceUnknown.into());
    }
    let challenges = issue(service, &mut transaction, key, OPEN_CHALLENGES).await?;
    let bound = keys::find(&mut transaction, key).await?.ok_or(Code::DeviceUnknown)?;
    transaction.commit().await?;
    let settings = settings::signed(service, &bound).await?;
    ok(&RegistrationAnswer { settings, challenges })
}

/// Somebody was first, or the account has changed since the proof was judged.
async fn too_late(service: &Service, account: &Account) -> Result<Refusal, Refusal> {
    let now = accounts::find(&mut *service.store.read().await?, &account.id).await?;
    Ok(match now.map(|account| account.state) {
        Some(AccountState::Registered) => Code::RegistrationUsed.into(),
        Some(AccountState::Suspended) => Code::DeviceSuspended.into(),
        _ => Code::RegistrationRefused.into(),
    })
}

/// Keeps the used code where nothing can show it again.
async fn remember(
    service: &Service,
    transaction: &mut Transaction,
    account: &Account,
    sealed: &[u8],
) -> Result<(), Refusal> {
    let code = service.keys.sealing.open(Place::RegistrationCode(&account.id), sealed)?;
    let sealed = service.keys.sealing.seal(Place::SpentCode(&account.id), &code, &service.randomness)?;
    let spent = SpentCode { sealed, reason: SpentReason::Used };
    let now = service.clock.now();
    registrations::remember_spent(transaction, &account.id, &spent, now, now.plus(REMEMBERED)).await?;
    Ok(())
}

async fn add_device(
    service: &Service,
    transaction: &mut Transaction,
    newcomer: &Newcomer,
    institution: &Institution,
) -> Result<(), StoreError> {
    let (wanted, now) = (&newcomer.wanted, service.clock.now());
    let id = DeviceId(service.randomness.octets().map_err(|_| StoreError::Busy)?);
    let attestation =
        wanted.attestation.as_ref().and_then(|attestation| serde_json::to_vec(attestation).ok());
    let device = NewDevice {
        id,
        account: &wanted.account_id,
        name: &wanted.device_name,
        platform: wanted.platform,
        terms_version: wanted.terms_version,
        attestation: attestation.as_deref(),
    };
    registrations::bind_device(transaction, &device, now).await?;
    keys::add(transaction, &id, &newcomer.key, now).await?;
    outbox::put(transaction, &tell::registered(&id, wanted, institution), now).await?;
    let entry = Entry {
        device: &id.to_string(),
        institution: institution.code.as_str(),
        request_sha256: &newcomer.request_sha256,
        phase: institution.phase_on(service.today()).as_str(),
        ..Entry::new(now, "registration", "registered")
    };
    audit::append(transaction, &service.keys.node, &entry).await?;
    Ok(())
}
