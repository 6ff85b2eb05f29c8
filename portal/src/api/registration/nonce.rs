//! Nonces of registrations, without a row for each: what the service needs to know of one stands in it.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{ConnectInfo, Request, State};
use axum::response::Response;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use shikaku::guide::Code;
use shikaku::identifier::AccountId;
use shikaku::instant::UnixTime;
use shikaku::registration::{NonceAnswer, NonceRequest};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use super::begin;
use crate::api::exchange::{answer, ok};
use crate::api::refusal::Refusal;
use crate::app::Service;
use crate::limits::Peer;

/// Seconds that a nonce is good for.
const LIFE: u64 = 600;
/// Domain tag of the nonce's mark, its closing zero octet included.
const TAG: &[u8] = b"shikaku-registration-nonce/v1\0";

/// A nonce for the registration of an account, whether or not there is such an account.
///
/// Nothing is looked up and nothing is kept, so the answer and its time tell nothing, and asking fills nothing.
#[utoipa::path(
    post,
    path = "/v1/registrations/nonce",
    request_body = NonceRequest,
    responses((status = 200, description = "A nonce, good for ten minutes", body = NonceAnswer))
)]
pub(in crate::api) async fn nonce(
    State(service): State<Arc<Service>>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response {
    let this = Arc::clone(&service);
    answer(this, request, move |request| async move {
        let now = service.clock.now();
        let NonceRequest { account_id } = begin(&request, &service.quotas.nonces, Peer::of(from.ip()), now)?;
        // The form of a signed request, but for the signature.
        request.idempotency_key().map_err(|_| Code::RequestMalformed)?;
        let expires_at = now.plus(LIFE);
        let nonce = service.nonces.make(service.randomness.octets()?, &account_id, expires_at);
        ok(&NonceAnswer { nonce, expires_at, server_time: now })
    })
    .await
}

/// The key under which nonces are marked.
pub(crate) struct NonceKey(Zeroizing<[u8; 32]>);

impl NonceKey {
    /// A key that all nodes of the service share.
    pub(crate) const fn new(octets: Zeroizing<[u8; 32]>) -> Self {
        Self(octets)
    }

    /// Random octets 8, end 8, mark 16: the first half of an HMAC-SHA-256 over both and the account.
    fn make(&self, random: [u8; 8], account: &AccountId, expires_at: UnixTime) -> [u8; 32] {
        let end = expires_at.0.to_be_bytes();
        let mark = self.mark(&random, &end, account);
        let mut nonce = [0; 32];
        for (to, from) in nonce.iter_mut().zip(random.iter().chain(&end).chain(&mark)) {
            *to = *from;
        }
        nonce
    }

    /// Whether this service made the nonce for this account, and its time is not over.
    pub(super) fn check(&self, nonce: &[u8; 32], account: &AccountId, now: UnixTime) -> Result<(), Refusal> {
        let (random, rest) = nonce.split_at(8);
        let (end, mark) = rest.split_at(8);
        let ours: bool = self.mark(random, end, account).ct_eq(mark).into();
        let end = end.iter().fold(0, |end, octet| end << 8 | u64::from(*octet));
        if ours && now.0 < end { Ok(()) } else { Err(Code::NonceExpired.into()) }
    }

    fn mark(&self, random: &[u8], end: &[u8], account: &AccountId) -> [u8; 16] {
        let mut mark = [0; 16];
        // HMAC takes keys of any length; without it no nonce would ever be taken.
        if let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&*self.0) {
            for part in [TAG, random, end, account.as_str().as_bytes()] {
                mac.update(part);
            }
            for (to, from) in mark.iter_mut().zip(mac.finalize().into_bytes()) {
                *to = from;
            }
        }
        mark
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixTime = UnixTime(1_800_000_000);

    fn key() -> NonceKey {
        NonceKey::new(Zeroizing::new([7; 32]))
    }

    fn account(text: &str) -> AccountId {
        text.parse().unwrap()
    }

    #[test]
    fn a_nonce_is_good_for_its_account_until_its_end() {
        let nonce = key().make([1; 8], &account("W0000001"), NOW.plus(LIFE));
        assert!(key().check(&nonce, &account("W0000001"), NOW).is_ok());
        assert!(key().check(&nonce, &account("W0000001"), NOW.plus(LIFE - 1)).is_ok());
        assert!(key().check(&nonce, &account("W0000001"), NOW.plus(LIFE)).is_err());
        assert!(key().check(&nonce, &account("W0000002"), NOW).is_err());
        assert!(NonceKey::new(Zeroizing::new([8; 32])).check(&nonce, &account("W0000001"), NOW).is_err());
    }

    #[test]
    fn no_octet_of_a_nonce_can_be_changed() {
        let nonce = key().make([1; 8], &account("W0000001"), NOW.plus(LIFE));
        for at in 0..nonce.len() {
            let mut changed = nonce;
            changed[at] ^= 1;
            assert!(key().check(&changed, &account("W0000001"), NOW).is_err(), "octet {at}");
        }
    }
}
