//! What the devices ask: one file per path, and what all of them share.
//!
//! A request comes in through [`exchange::answer`], which bounds it before anything else and signs whatever is
//! answered. [`caller::admit`] says who asks, in the order of protocol.md §5; [`refusal`] is the one place that
//! knows the status of a code.

mod caller;
mod challenges;
mod checks;
mod claims;
mod exchange;
mod health;
mod judgement;
mod keys;
mod openapi;
mod receive;
mod refusal;
pub(crate) mod registration;
mod settings;
mod stored;
mod terms;
mod visual;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::{ConnectInfo, Request, State};
use axum::response::Response;
use axum::routing::{get, post};
use shikaku::check::{CHALLENGES_PATH, CHECKS_PATH};
use shikaku::registration::{KEYS_PATH, NONCE_PATH, REGISTRATION_PATH, TERMS_PATH};
use shikaku::settings::SETTINGS_PATH;

use crate::app::Service;
use refusal::Refusal;

/// Where the service says that it is well.
pub(crate) const HEALTH_PATH: &str = "/healthz";
/// Where the service describes itself.
pub(crate) const OPENAPI_PATH: &str = "/openapi.json";

/// Every path that is ours; what a stranger writes instead stays out of the log.
const PATHS: [&str; 9] = [
    NONCE_PATH,
    REGISTRATION_PATH,
    SETTINGS_PATH,
    KEYS_PATH,
    CHALLENGES_PATH,
    CHECKS_PATH,
    TERMS_PATH,
    HEALTH_PATH,
    OPENAPI_PATH,
];

/// The routes.
pub(crate) fn routes() -> Router<Arc<Service>> {
    Router::new()
        .route(NONCE_PATH, post(registration::nonce))
        .route(REGISTRATION_PATH, post(registration::register))
        .route(SETTINGS_PATH, post(settings::settings))
        .route(KEYS_PATH, post(keys::rotate))
        .route(CHALLENGES_PATH, post(challenges::challenges))
        .route(CHECKS_PATH, post(checks::check))
        .route(TERMS_PATH, get(terms::terms))
        .route(HEALTH_PATH, get(health::health))
        .route(OPENAPI_PATH, get(openapi::document))
        .fallback(no_such_path)
        .method_not_allowed_fallback(no_such_method)
}

/// Nothing lies here. Signed within the quota of the address: the app must know it from a captive portal's page.
async fn no_such_path(
    State(service): State<Arc<Service>>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response {
    exchange::answer_stranger(service, from, request, |_| async { Err(Refusal::no_such_path()) }).await
}

async fn no_such_method(
    State(service): State<Arc<Service>>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response {
    exchange::answer_stranger(service, from, request, |_| async { Err(Refusal::no_such_method()) }).await
}
