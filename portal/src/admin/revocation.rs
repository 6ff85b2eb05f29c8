//! Test anchors and CRLs.

use sha2::{Digest as _, Sha256};
use shikaku::certificate::revocation::Crl;
use shikaku::certificate::{AnchorError, Anchors, CvKey, der_from};

use super::{AdminError, Operator};
use crate::store::crls::{self, CrlKey, StoredCrl};
use crate::store::{anchors, device_settings_changed};

/// What a loaded CRL is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadedCrl {
    /// Which one it is, and until when it speaks.
    pub stored: StoredCrl,
    /// Certificates that it lists.
    pub entries: usize,
}

impl Operator {
    /// Adds a root of test cards (DER or PEM), or a test key of the card face (281 octets, [`CvKey::parse`]); `false` if it
    /// is there already. It speaks for test institutions alone.
    pub async fn add_anchor(&self, root: &[u8]) -> Result<bool, AdminError> {
        Anchors::none().with_test(root)?;
        let octets = match CvKey::parse(root) {
            Ok(_) => root.to_vec(),
            Err(_) => der_from(root).ok_or(AnchorError::Malformed)?,
        };
        let sha256 = Sha256::digest(&octets).into();
        let mut transaction = self.store.begin().await?;
        if !anchors::add(&mut transaction, &octets, self.clock.now()).await? {
            return Ok(false);
        }
        device_settings_changed(&mut transaction).await?;
        self.seal_act(transaction, &self.entry("anchor-added").of_file(&sha256)).await?;
        Ok(true)
    }

    /// The production roots and the test anchors that were added.
    pub async fn anchors(&self) -> Result<Anchors, AdminError> {
        let mut known = Anchors::production();
        for root in anchors::all(&mut *self.store.read().await?).await? {
            known = known.with_test(&root)?;
        }
        Ok(known)
    }

    /// Loads a CRL (DER) in place of an older one of its issuer and partition.
    ///
    /// It must be signed by a known root, name its partition and its next update, and not be stale. One from the
    /// future is kept: it says nothing until its time has come.
    pub async fn load_crl(&self, der: Vec<u8>) -> Result<LoadedCrl, AdminError> {
        let sha256 = Sha256::digest(&der).into();
        let crl = Crl::from_der(der.clone())?;
        let known = self.anchors().await?;
        let signer = crl.signer(&known).ok_or(AdminError::CrlSigner)?;
        let (Some(partition), Some(next_update)) = (crl.partition(), crl.next_update()) else {
            return Err(AdminError::CrlIncomplete);
        };
        let now = self.clock.now();
        if next_update < now {
            return Err(AdminError::CrlStale);
        }
        let stored = StoredCrl {
            key: CrlKey { issuer_key_id: signer.key_id().to_vec(), partition: partition.to_vec() },
            sha256,
            this_update: crl.this_update(),
            next_update,
            loaded_at: now,
        };
        let mut transaction = self.store.begin().await?;
        if !crls::put(&mut transaction, &stored, &der).await? {
            return Err(AdminError::CrlOlder);
        }
        self.seal_act(transaction, &self.entry("crl-loaded").of_file(&sha256)).await?;
        Ok(LoadedCrl { stored, entries: crl.len() })
    }
}
