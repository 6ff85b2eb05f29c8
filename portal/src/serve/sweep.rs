//! What the service does by itself: forget what it no longer needs, read what an operator has changed, stay certified.

use std::sync::Arc;
use std::time::Duration;

use axum_server::tls_rustls::RustlsConfig;
use tokio::time::{MissedTickBehavior, interval};

use super::tls::Identity;
use crate::app::Service;
use crate::clock::Clock;
use crate::erasure;
use crate::store::{StoreError, challenges, outcomes};

/// How often what is over is erased, and test roots are read again.
const TIDY: Duration = Duration::from_secs(20);
/// How often the certificate is made anew.
const RENEWAL: Duration = Duration::from_hours(24);
/// Seconds for which an expired challenge is still known as such, and not just unknown.
const CHALLENGE_KEPT: u64 = 86_400;

/// Erases stored answers and forgets outcomes and challenges whose time is over; never ends.
pub(super) async fn keep_tidy(service: Arc<Service>) {
    let mut rounds = interval(TIDY);
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        rounds.tick().await;
        if let Err(error) = tidy(&service).await {
            tracing::error!(%error, "what is over was not erased");
        }
    }
}

/// One round.
async fn tidy(service: &Service) -> Result<(), StoreError> {
    service.cards.refresh(&service.store).await?;
    let now = service.clock.now();
    let mut transaction = service.store.begin().await?;
    let erased = outcomes::sweep(&mut transaction, now).await?;
    challenges::sweep(&mut transaction, now.minus(CHALLENGE_KEPT)).await?;
    transaction.commit().await?;
    let spent = erasure::codes(&service.store, &service.keys.sealing, &service.randomness, now).await?;
    if erased + spent > 0 { service.store.fold_log().await } else { Ok(()) }
}

/// Makes the listener's certificate anew each day; never ends.
pub(super) async fn keep_certified(service: Arc<Service>, identity: Identity, listener: RustlsConfig) {
    let mut days = interval(RENEWAL);
    days.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        days.tick().await;
        if let Err(error) = identity.renew(&listener, &service.origin, Clock::system().now()) {
            tracing::error!(%error, "the TLS certificate was not renewed");
        }
    }
}
