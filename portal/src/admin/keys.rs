//! Rotation of portal and service key, with its audit row.

use super::{AdminError, Operator};
use crate::keys::Role;
use crate::store::device_settings_changed;

impl Operator {
    /// Announces a next key: in the trust entry, and for the service key in every device's settings.
    pub async fn announce_next_key(&mut self, role: Role) -> Result<(), AdminError> {
        self.keys.announce_next(role, &self.randomness)?;
        self.key_act("key-announced").await
    }

    /// Lets the announced key take over. A running service signs with it after its next start.
    pub async fn take_over_key(&mut self, role: Role) -> Result<(), AdminError> {
        self.keys.take_over(role)?;
        self.key_act("key-taken-over").await
    }

    async fn key_act(&self, act: &str) -> Result<(), AdminError> {
        let mut transaction = self.store.begin().await?;
        device_settings_changed(&mut transaction).await?;
        self.seal_act(transaction, &self.entry(act)).await
    }
}
