//! The card roots that are believed: production for all, test roots for test institutions alone.

use std::sync::{Arc, PoisonError, RwLock};

use shikaku::certificate::Anchors;

use crate::store::{Store, StoreError, anchors};

/// The roots; test roots are read again from the database when an operator has changed them.
pub struct Cards {
    production: Arc<Anchors>,
    with_test: RwLock<Arc<Anchors>>,
}

impl Cards {
    /// The production roots alone, until [`Cards::refresh`].
    pub fn production() -> Self {
        let production = Arc::new(Anchors::production());
        Self { with_test: RwLock::new(Arc::clone(&production)), production }
    }

    /// Reads the test roots from the database. One that cannot be read is left out, and said.
    pub async fn refresh(&self, store: &Store) -> Result<(), StoreError> {
        let mut believed = Anchors::production();
        for root in anchors::all(&mut *store.read().await?).await? {
            match believed.clone().with_test(&root) {
                Ok(more) => believed = more,
                Err(error) => tracing::error!(%error, "a test root cannot be used"),
            }
        }
        *self.with_test.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(believed);
        Ok(())
    }

    /// The roots that are believed for an institution; test roots for test institutions alone.
    pub(crate) fn anchors(&self, is_test: bool) -> Arc<Anchors> {
        if is_test {
            Arc::clone(&self.with_test.read().unwrap_or_else(PoisonError::into_inner))
        } else {
            Arc::clone(&self.production)
        }
    }
}
