//! What goes out to institutions: 利用規約, published by version and never changed afterwards, and messages.

use sha2::{Digest as _, Sha256};

use super::{AdminError, Operator};
use crate::store::outbox::{self, Letter};
use crate::store::terms;

impl Operator {
    /// What waits to be mailed, and what was.
    pub async fn outbox(&self) -> Result<Vec<Letter>, AdminError> {
        Ok(outbox::all(&mut *self.store.read().await?).await?)
    }

    /// Publishes new terms and answers their version. Devices that register from now on must consent to them.
    pub async fn add_terms(&self, text: &str) -> Result<u32, AdminError> {
        if text.trim().is_empty() {
            return Err(AdminError::Empty("利用規約の本文"));
        }
        let sha256: [u8; 32] = Sha256::digest(text).into();
        let mut transaction = self.store.begin().await?;
        let version = terms::publish(&mut transaction, text, &sha256, self.clock.now()).await?;
        self.seal_act(transaction, &self.entry("terms-published").of_file(&sha256)).await?;
        Ok(version)
    }
}
