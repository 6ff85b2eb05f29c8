//! CRLs that the operator loaded, as a source.

use std::collections::HashMap;
use std::sync::{Arc, RwLock};

use sha2::{Digest as _, Sha256};
use shikaku::certificate::revocation::{Crl, Revocation, Unknown};
use shikaku::certificate::{Anchors, Certificate};
use shikaku::instant::UnixTime;
use tokio::runtime::Handle;
use tokio::sync::Mutex;

use super::RevocationSource;
use crate::store::crls::{self, CrlKey};
use crate::store::{Store, StoreError};

/// A parsed CRL and the digest of what it was parsed from.
type Parsed = ([u8; 32], Arc<Crl>);

/// The stored CRLs. Each is parsed once and again when another took its place; the database is asked each time whether
/// one has, so that every node obeys a CRL from the moment it was loaded.
#[derive(Debug)]
pub struct StoredCrls {
    store: Store,
    runtime: Handle,
    parsed: RwLock<HashMap<CrlKey, Parsed>>,
    /// Held while one is read and parsed. Real ones are large: those who ask meanwhile wait, and find it parsed.
    parsing: Mutex<()>,
}

impl StoredCrls {
    /// The CRLs in `store`, which is asked on `runtime`.
    pub fn new(store: Store, runtime: Handle) -> Self {
        Self { store, runtime, parsed: RwLock::new(HashMap::new()), parsing: Mutex::new(()) }
    }

    fn parsed(&self, key: &CrlKey, digest: &[u8; 32]) -> Option<Arc<Crl>> {
        // A reader that panicked changed nothing.
        let parsed = self.parsed.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        parsed.get(key).filter(|(parsed, _)| parsed == digest).map(|(_, crl)| Arc::clone(crl))
    }

    fn keep(&self, key: CrlKey, digest: [u8; 32], crl: &Arc<Crl>) {
        let mut parsed = self.parsed.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        parsed.insert(key, (digest, Arc::clone(crl)));
    }

    async fn find(&self, key: CrlKey) -> Result<Option<Arc<Crl>>, StoreError> {
        let Some(digest) = crls::digest(&mut *self.store.read().await?, &key).await? else { return Ok(None) };
        if let Some(crl) = self.parsed(&key, &digest) {
            return Ok(Some(crl));
        }
        let _turn = self.parsing.lock().await;
        if let Some(crl) = self.parsed(&key, &digest) {
            return Ok(Some(crl));
        }
        let Some((digest, der)) = crls::der(&mut *self.store.read().await?, &key).await? else {
            return Ok(None);
        };
        if <[u8; 32]>::from(Sha256::digest(&der)) != digest {
            return Err(StoreError::Damaged("crls.der"));
        }
        let crl = Arc::new(Crl::from_der(der).map_err(|_| StoreError::Damaged("crls.der"))?);
        self.keep(key, digest, &crl);
        Ok(Some(crl))
    }
}

impl RevocationSource for StoredCrls {
    fn status(&self, certificate: &Certificate, anchors: &Anchors, now: UnixTime) -> Revocation {
        match self.runtime.block_on(self.find(key_of(certificate))) {
            Ok(Some(crl)) => crl.status(certificate, anchors, now),
            Ok(None) => Revocation::Unknown(Unknown::NoData),
            Err(error) => {
                tracing::warn!(%error, "a CRL could not be read");
                Revocation::Unknown(Unknown::NoData)
            }
        }
    }
}

/// Which CRL speaks of this certificate.
fn key_of(certificate: &Certificate) -> CrlKey {
    CrlKey {
        issuer_key_id: certificate.issuer_key_id().to_vec(),
        partition: certificate.crl_partition().to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use shikaku_test_database::on_both_engines;
    use shikaku_virtual_card::issue::{self, Authority, CrlRequest};
    use sqlx::Executor as _;

    use super::*;
    use crate::store::crls::StoredCrl;

    const NOW: u64 = 1_790_000_000;
    const DEFAULT: &[u8] = include_bytes!("../../../tests/data/cards/default/auth.der");
    const REVOKED: &[u8] = include_bytes!("../../../tests/data/cards/revoked/auth.der");

    fn anchors() -> Anchors {
        Anchors::none().with_test(Authority::test().unwrap().certificate()).unwrap()
    }

    async fn load(store: &Store, der: Vec<u8>) -> bool {
        let crl = Crl::from_der(der.clone()).unwrap();
        let key = CrlKey {
            issuer_key_id: crl.signer(&anchors()).unwrap().key_id().to_vec(),
            partition: crl.partition().unwrap().to_vec(),
        };
        let stored = StoredCrl {
            key,
            sha256: Sha256::digest(&der).into(),
            this_update: crl.this_update(),
            next_update: crl.next_update().unwrap(),
            loaded_at: UnixTime(NOW),
        };
        let mut transaction = store.begin().await.unwrap();
        let done = crls::put(&mut transaction, &stored, &der).await.unwrap();
        transaction.commit().await.unwrap();
        done
    }

    async fn status(source: &Arc<StoredCrls>, certificate: &'static [u8], now: u64) -> Revocation {
        let source = Arc::clone(source);
        let ask = move || {
            let certificate = Certificate::from_der(certificate).unwrap();
            source.status(&certificate, &anchors(), UnixTime(now))
        };
        tokio::task::spawn_blocking(ask).await.unwrap()
    }

    on_both_engines! {
        async fn without_a_crl_nothing_is_good(database: Database) {
            let store = Store::open(database.url()).await.unwrap();
            let source = Arc::new(StoredCrls::new(store, Handle::current()));
            assert_eq!(status(&source, DEFAULT, NOW).await, Revocation::Unknown(Unknown::NoData));
        }

        async fn a_loaded_crl_tells_the_good_from_the_revoked(database: Database) {
            let store = Store::open(database.url()).await.unwrap();
            assert!(load(&store, issue::issue_crl(NOW, &[]).unwrap()).await);
            let source = Arc::new(StoredCrls::new(store, Handle::current()));
            assert_eq!(status(&source, DEFAULT, NOW).await, Revocation::Good);
            assert!(matches!(status(&source, REVOKED, NOW).await, Revocation::Revoked { .. }));
            assert_eq!(status(&source, DEFAULT, NOW + 8 * 86_400).await, Revocation::Unknown(Unknown::Stale));
        }

        async fn a_newer_crl_is_obeyed_from_the_moment_it_is_loaded(database: Database) {
            let store = Store::open(database.url()).await.unwrap();
            load(&store, issue::issue_crl(NOW, &[]).unwrap()).await;
            let source = Arc::new(StoredCrls::new(store.clone(), Handle::current()));
            assert_eq!(status(&source, DEFAULT, NOW).await, Revocation::Good);
            let serial = Certificate::from_der(DEFAULT).unwrap().serial().to_vec();
            let serial = serial.iter().fold(0_u32, |value, octet| value << 8 | u32::from(*octet));
            assert!(load(&store, issue::issue_crl(NOW + 60, &[serial]).unwrap()).await);
            assert!(matches!(status(&source, DEFAULT, NOW + 60).await, Revocation::Revoked { .. }));
            // The older one does not come back.
            assert!(!load(&store, issue::issue_crl(NOW, &[]).unwrap()).await);
            assert!(matches!(status(&source, DEFAULT, NOW + 60).await, Revocation::Revoked { .. }));
        }

        async fn a_crl_is_parsed_once_though_many_ask_for_it_at_once(database: Database) {
            let store = Store::open(database.url()).await.unwrap();
            let serials: Vec<u32> = (1..20_000).collect();
            load(&store, issue::issue_crl(NOW, &serials).unwrap()).await;
            let source = Arc::new(StoredCrls::new(store, Handle::current()));
            let certificate = Certificate::from_der(DEFAULT).unwrap();
            let mut asking = tokio::task::JoinSet::new();
            for _ in 0..16 {
                let (source, key) = (Arc::clone(&source), key_of(&certificate));
                asking.spawn(async move { source.find(key).await.unwrap().unwrap() });
            }
            let found = asking.join_all().await;
            assert!(found.iter().all(|crl| Arc::ptr_eq(crl, &found[0])));
        }

        async fn partitions_are_kept_side_by_side(database: Database) {
            let store = Store::open(database.url()).await.unwrap();
            let other = CrlRequest::new(NOW, &[]).of_another_partition();
            load(&store, Authority::test().unwrap().crl(&other).unwrap()).await;
            let source = Arc::new(StoredCrls::new(store.clone(), Handle::current()));
            assert_eq!(status(&source, DEFAULT, NOW).await, Revocation::Unknown(Unknown::NoData));
            load(&store, issue::issue_crl(NOW, &[]).unwrap()).await;
            assert_eq!(status(&source, DEFAULT, NOW).await, Revocation::Good);
            assert_eq!(crls::all(&mut store.read().await.unwrap()).await.unwrap().len(), 2);
        }

        async fn a_crl_changed_in_the_database_says_nothing(database: Database) {
            let store = Store::open(database.url()).await.unwrap();
            load(&store, issue::issue_crl(NOW, &[]).unwrap()).await;
            let mut transaction = store.begin().await.unwrap();
            transaction.execute("UPDATE crls SET der = sha256").await.unwrap();
            transaction.commit().await.unwrap();
            let source = Arc::new(StoredCrls::new(store, Handle::current()));
            assert_eq!(status(&source, DEFAULT, NOW).await, Revocation::Unknown(Unknown::NoData));
        }
    }
}
