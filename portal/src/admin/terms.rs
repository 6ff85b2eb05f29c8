//! What goes out to institutions: 利用規約, published by version and never changed afterwards, and messages.

use sha2::{Digest as _, Sha256};

use super::{AdminError, Operator};
use crate::store::columns::{Columns as _, number, time};
use crate::store::outbox::{self, Letter};
use crate::store::{StoreError, device_settings_changed};

impl Operator {
    /// What waits to be mailed, and what was.
    pub async fn outbox(&self) -> Result<Vec<Letter>, AdminError> {
        Ok(outbox::all(&mut *self.store.read().await?).await?)
    }

    /// Publishes new terms and answers their version. Devices that register from now on must consent to them.
    pub async fn add_terms(&self, text: &str) -> Result<u32, AdminError> {
        if text.trim().is_empty() {
            return Err(AdminError::EmptyTerms);
        }
        let sha256: [u8; 32] = Sha256::digest(text).into();
        let mut transaction = self.store.begin().await?;
        // The settings' row orders those who publish at the same moment.
        device_settings_changed(&mut transaction).await?;
        let last = sqlx::query("SELECT COALESCE(MAX(version), 0) AS version FROM terms")
            .fetch_one(&mut *transaction)
            .await
            .map_err(StoreError::from)?;
        let version = last.number("version")?.saturating_add(1);
        sqlx::query("INSERT INTO terms (version, sha256, body, published_at) VALUES ($1, $2, $3, $4)")
            .bind(number(version)?)
            .bind(sha256.as_slice())
            .bind(text)
            .bind(time(self.clock.now())?)
            .execute(&mut *transaction)
            .await
            .map_err(StoreError::from)?;
        self.seal_act(transaction, &self.entry("terms-published").of_file(&sha256)).await?;
        u32::try_from(version).map_err(|_| StoreError::Range.into())
    }
}
