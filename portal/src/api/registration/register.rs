//! Who may register: what is asked of a registration, in order, before anything is changed.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{ConnectInfo, Request as HttpRequest, State};
use axum::response::Response as HttpResponse;
use shikaku::guide::Code;
use shikaku::http::signature::SignedRequest;
use shikaku::http::{PublicKey, Request, Response};
use shikaku::identifier::fits_a_line;
use shikaku::registration::{DEVICE_NAME_LIMIT, RegistrationAnswer, RegistrationRequest};

use super::begin;
use super::bind::{Newcomer, bind, fresh_answer};
use super::proof::{Known, Proven};
use super::tell;
use crate::api::caller::{may_act, verify};
use crate::api::exchange::answer;
use crate::api::refusal::Refusal;
use crate::app::Service;
use crate::limits::Peer;
use crate::store::keys::{self, Key, KeyState};
use crate::store::terms;

/// Registers a device: signed by its new key, and proven by the account's registration code, which never travels.
///
/// Unknown account, wrong code and dead code are answered alike; only the right proof learns `registration-used` or
/// `registration-expired`. A key that is bound already gets a fresh answer, so that a lost one strands nobody.
#[utoipa::path(
    post,
    path = "/v1/registrations",
    request_body = RegistrationRequest,
    responses((status = 200, description = "The device is bound", body = RegistrationAnswer))
)]
pub(in crate::api) async fn register(
    State(service): State<Arc<Service>>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    request: HttpRequest,
) -> HttpResponse {
    let this = Arc::clone(&service);
    let peer = Peer::of(from.ip());
    answer(this, request, move |request| async move { decide(&service, peer, &request).await }).await
}

async fn decide(service: &Arc<Service>, peer: Peer, request: &Arc<Request>) -> Result<Response, Refusal> {
    let now = service.clock.now();
    let wanted: RegistrationRequest = begin(request, &service.quotas.registrations, peer, now)?;
    let newcomer = authentic(service, peer, request, wanted).await?;
    let bound = keys::find(&mut *service.store.read().await?, &newcomer.key.id()).await?;
    match bound {
        None => {
            service.nonces.check(&newcomer.wanted.nonce, &newcomer.wanted.account_id, now)?;
            consented(service, &newcomer.wanted).await?;
            introduce(service, peer, &newcomer).await
        }
        Some(key) => {
            consented(service, &newcomer.wanted).await?;
            repeat(service, peer, &newcomer, key).await
        }
    }
}

/// The form of the request, and its signature by the key that it brings.
async fn authentic(
    service: &Arc<Service>,
    peer: Peer,
    request: &Arc<Request>,
    wanted: RegistrationRequest,
) -> Result<Newcomer, Refusal> {
    let key_id = SignedRequest::read(request, &service.origin)?.key_id().clone();
    let key = PublicKey::from_spki(&wanted.spki).map_err(|_| Code::RequestMalformed)?;
    if key.id() != key_id {
        return Err(Code::RequestSignature.into());
    }
    if wanted.device_name.chars().count() > DEVICE_NAME_LIMIT || !fits_a_line(&wanted.device_name) {
        return Err(Code::RequestMalformed.into());
    }
    service.wrong_proofs.admit((peer, wanted.account_id.clone()), service.clock.now())?;
    verify(service, request, key.spki()).await?;
    Ok(Newcomer::new(key, wanted, request))
}

/// The terms that were consented to are those in force. Told before anything is asked of the account, and nothing is
/// consumed.
async fn consented(service: &Service, wanted: &RegistrationRequest) -> Result<(), Refusal> {
    let current = terms::current(&mut *service.store.read().await?).await?;
    match current {
        Some(terms) if wanted.terms_version < terms.version => Err(Refusal::terms(terms)),
        Some(terms) if wanted.terms_version > terms.version => Err(Code::RequestMalformed.into()),
        _ => Ok(()),
    }
}

/// A key that nobody has seen before.
async fn introduce(service: &Arc<Service>, peer: Peer, newcomer: &Newcomer) -> Result<Response, Refusal> {
    let known = Known::of(&newcomer.wanted, &mut service.store.read().await?).await?;
    match known.judge(service, &newcomer.wanted) {
        Proven::Live(account, sealed) => {
            service.wrong_proofs.succeeded(&(peer, account.id.clone()));
            bind(service, newcomer, &account, &sealed).await?;
            fresh_answer(service, &newcomer.key.id()).await
        }
        Proven::Dead(code) => Err(code.into()),
        Proven::Nothing(account) => {
            tell::wrong_proof(service, peer, &newcomer.wanted.account_id, account);
            Err(Code::RegistrationRefused.into())
        }
    }
}

/// A key that is bound already, to this account or to another.
async fn repeat(
    service: &Arc<Service>,
    peer: Peer,
    newcomer: &Newcomer,
    key: Key,
) -> Result<Response, Refusal> {
    if key.account != newcomer.wanted.account_id || key.released || key.state != KeyState::Current {
        return Err(Code::RegistrationRefused.into());
    }
    may_act(&key, service.today())?;
    let known = Known::of(&newcomer.wanted, &mut service.store.read().await?).await?;
    if !known.repeats(service, &newcomer.wanted) {
        tell::wrong_proof(service, peer, &newcomer.wanted.account_id, None);
        return Err(Code::RegistrationRefused.into());
    }
    fresh_answer(service, &key.id).await
}
