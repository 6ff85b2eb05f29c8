//! `GET /healthz`: whether this node can serve.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;

use crate::app::Service;

/// 200 `ok` when the database answers, 503 otherwise. For the operator's watch, not for devices: unsigned.
#[utoipa::path(
    get,
    path = "/healthz",
    responses(
        (status = 200, description = "The service can serve", body = String, content_type = "text/plain"),
        (status = 503, description = "The database does not answer", body = String, content_type = "text/plain"),
    )
)]
pub(super) async fn health(State(service): State<Arc<Service>>) -> (StatusCode, &'static str) {
    match service.store.is_alive().await {
        Ok(()) => (StatusCode::OK, "ok\n"),
        Err(error) => {
            tracing::error!(%error, "the database does not answer");
            (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n")
        }
    }
}
