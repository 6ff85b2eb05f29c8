//! What the service does by itself: forget what it no longer needs, stay certified.

use std::sync::Arc;
use std::time::Duration;

use axum_server::tls_rustls::RustlsConfig;
use tokio::time::{MissedTickBehavior, interval};

use super::tls::Identity;
use crate::app::Service;
use crate::clock::Clock;

/// How often what is over is erased.
const TIDY: Duration = Duration::from_secs(20);

/// Erases stored answers and forgets outcomes and challenges whose time is over; never ends.
pub(super) async fn keep_tidy(service: Arc<Service>) {
    let mut rounds = interval(TIDY);
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        rounds.tick().await;
        if let Err(error) = service.tidy().await {
            tracing::error!(%error, "what is over was not erased");
        }
    }
}

/// Makes the listener's certificate anew each day, or reads the operator's again when its files were written; never
/// ends.
pub(super) async fn keep_certified(service: Arc<Service>, mut identity: Identity, listener: RustlsConfig) {
    let mut rounds = interval(identity.round());
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        rounds.tick().await;
        if let Err(error) = identity.renew(&listener, &service.origin, Clock::system().now()) {
            tracing::error!(%error, "the TLS certificate was not renewed");
        }
    }
}
