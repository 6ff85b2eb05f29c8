//! The service as one value, and its routes: the same for `serve`, for `demo` and for the tests.

use std::sync::Arc;

use axum::Router;
use shikaku::http::{KeyId, Signer};
use shikaku::identifier::{AccountId, Date, ServiceOrigin};
use shikaku::instant::UnixTime;
use shikaku::registration::DeviceId;
use tokio::sync::Semaphore;

use crate::api;
use crate::api::registration::NonceKey;
use crate::cards::Cards;
use crate::clock::Clock;
use crate::ending;
use crate::erasure;
use crate::keys::Keys;
use crate::limits::{Backoff, Numbers, Peer, Quota, Tally};
use crate::randomness::Randomness;
use crate::revocation::RevocationSource;
use crate::source::Source;
use crate::store::{Store, StoreError, challenges, outcomes};

/// Requests that are decided at the same time; one more is told to come back.
const ADMISSIONS: usize = 256;
/// Wrong proofs of a day after which an institution is told.
const ALARM: u32 = 5;
/// Seconds for which an expired challenge is still known as such, and not just unknown.
const CHALLENGE_KEPT: u64 = 86_400;

/// What a service is made of. Time and randomness are values like everything else.
pub struct Parts {
    /// The database.
    pub store: Store,
    /// The keys.
    pub keys: Keys,
    /// The origin that devices know.
    pub origin: ServiceOrigin,
    /// The clock.
    pub clock: Clock,
    /// The randomness.
    pub randomness: Randomness,
    /// The card roots that are believed.
    pub cards: Cards,
    /// Who knows which certificates are revoked.
    pub revocation: Box<dyn RevocationSource>,
    /// Who knows the qualifications.
    pub source: Source,
    /// Quotas.
    pub numbers: Numbers,
}

/// The service: what every request is answered from.
pub struct Service {
    pub(crate) store: Store,
    pub(crate) keys: Keys,
    pub(crate) origin: ServiceOrigin,
    pub(crate) clock: Clock,
    pub(crate) randomness: Randomness,
    pub(crate) cards: Cards,
    pub(crate) revocation: Box<dyn RevocationSource>,
    pub(crate) source: Source,
    pub(crate) quotas: Quotas,
    pub(crate) wrong_proofs: Backoff<(Peer, AccountId)>,
    pub(crate) alarms: Tally<AccountId>,
    pub(crate) nonces: NonceKey,
    pub(crate) admissions: Arc<Semaphore>,
}

/// One quota for each kind of request.
pub(crate) struct Quotas {
    pub(crate) numbers: Numbers,
    pub(crate) checks: Quota<DeviceId>,
    pub(crate) visual: Quota<DeviceId>,
    pub(crate) requests: Quota<DeviceId>,
    pub(crate) nonces: Quota<Peer>,
    pub(crate) registrations: Quota<Peer>,
    pub(crate) terms: Quota<Peer>,
    pub(crate) strangers: Quota<Peer>,
}

impl Service {
    /// A service of these parts.
    pub fn new(parts: Parts) -> Self {
        let Parts { store, keys, origin, clock, randomness, cards, revocation, source, numbers } = parts;
        Self {
            nonces: NonceKey::new(keys.sealing.derive(b"shikaku-registration-nonce/v1")),
            quotas: Quotas {
                numbers,
                checks: Quota::new(numbers.checks),
                visual: Quota::new(numbers.visual),
                requests: Quota::new(numbers.requests),
                nonces: Quota::new(numbers.nonces),
                registrations: Quota::new(numbers.registrations),
                terms: Quota::new(numbers.terms),
                strangers: Quota::new(numbers.strangers),
            },
            wrong_proofs: Backoff::new(numbers.free_wrong_proofs),
            alarms: Tally::new(ALARM),
            admissions: Arc::new(Semaphore::new(ADMISSIONS)),
            store,
            keys,
            origin,
            clock,
            randomness,
            cards,
            revocation,
            source,
        }
    }

    /// The origin that devices know.
    pub const fn origin(&self) -> &ServiceOrigin {
        &self.origin
    }

    /// Ends the accounts of institutions whose last day has come, erases stored answers and codes, and forgets
    /// outcomes, claims and challenges whose time is over.
    ///
    /// `serve` does it by itself, time and again.
    pub async fn tidy(&self) -> Result<(), StoreError> {
        let now = self.clock.now();
        let (store, keys) = (&self.store, &self.keys);
        // Each step whatever became of the others: a row that one cannot read must not keep what another erases.
        let done = [
            ending::due(store, &keys.node, now).await.map(drop),
            self.sweep(now).await,
            erasure::claims(store, &keys.node, now).await.map(drop),
            erasure::codes(store, &keys.sealing, &self.randomness, now).await.map(drop),
            // Each time, and not only after something was erased here: a registration and an operator's command erase
            // codes, too, a service that was killed had no time to fold, and a reader may have stood in the way of the
            // last round.
            store.fold_log().await,
        ];
        done.into_iter().collect()
    }

    /// Outcomes and challenges whose time is over.
    async fn sweep(&self, now: UnixTime) -> Result<(), StoreError> {
        let mut transaction = self.store.begin().await?;
        outcomes::sweep(&mut transaction, now).await?;
        challenges::sweep(&mut transaction, now.minus(CHALLENGE_KEPT)).await?;
        transaction.commit().await
    }

    /// The calendar day in Tokyo.
    pub(crate) fn today(&self) -> Date {
        Date::of(self.clock.now())
    }

    /// What signs answers and device settings.
    pub(crate) fn signer(&self) -> &dyn Signer {
        self.keys.service.current()
    }
}

impl std::fmt::Debug for Service {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Service")
            .field("origin", &self.origin)
            .field("key", &KeyId::of(self.signer().spki()))
            .finish_non_exhaustive()
    }
}

/// The routes of a service.
///
/// To be served with connection information (`into_make_service_with_connect_info::<SocketAddr>()`): quotas need the
/// peer's address.
pub fn app(service: Arc<Service>) -> Router {
    api::routes().with_state(service)
}
