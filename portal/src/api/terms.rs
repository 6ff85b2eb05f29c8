//! `GET /v1/terms`: the 利用規約 in force.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{ConnectInfo, Request, State};
use axum::response::Response;
use shikaku::registration::Terms;

use super::exchange::{answer, ok};
use super::refusal::Refusal;
use crate::app::Service;
use crate::limits::Peer;
use crate::store::terms;

/// The terms in force, version and text. The answer is signed if the request carries digest and Idempotency-Key.
#[utoipa::path(
    get,
    path = "/v1/terms",
    responses(
        (status = 200, description = "The terms in force", body = Terms),
        (status = 404, description = "No terms are published", body = shikaku::http::problem::Problem,
            content_type = "application/problem+json"),
        (status = 429, description = "The address has asked too often", body = shikaku::http::problem::Problem,
            content_type = "application/problem+json"),
    )
)]
pub(super) async fn terms(
    State(service): State<Arc<Service>>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response {
    let this = Arc::clone(&service);
    answer(this, request, move |_| async move {
        service.quotas.terms.take(Peer::of(from.ip()), service.clock.now())?;
        let current = terms::current(&mut *service.store.read().await?).await?;
        ok(&current.ok_or_else(Refusal::no_such_path)?)
    })
    .await
}
