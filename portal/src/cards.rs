//! The card roots that are believed: production for all, test roots for test institutions alone.

use std::sync::Arc;

use shikaku::certificate::Anchors;

use crate::store::{Store, StoreError, anchors};

/// The roots. Test roots are read from the database for each check that may use them, so that what an operator
/// adds counts at once; only test institutions pay for it.
#[derive(Debug)]
pub struct Cards {
    production: Arc<Anchors>,
}

impl Default for Cards {
    fn default() -> Self {
        Self { production: Arc::new(Anchors::production()) }
    }
}

impl Cards {
    /// The roots that are believed for an institution; test roots for test institutions alone. A test root that
    /// cannot be read is left out, and said.
    pub(crate) async fn anchors(&self, is_test: bool, store: &Store) -> Result<Arc<Anchors>, StoreError> {
        if !is_test {
            return Ok(Arc::clone(&self.production));
        }
        let mut believed = Anchors::clone(&self.production);
        for root in anchors::all(&mut *store.read().await?).await? {
            match believed.clone().with_test(&root) {
                Ok(more) => believed = more,
                Err(error) => tracing::error!(%error, "a test root cannot be used"),
            }
        }
        Ok(Arc::new(believed))
    }
}
