//! The local registry as a source: imported by the operator, asked without a claim.

use super::{Answering, QualificationSource, Query};
use crate::store::{Store, registry};

/// The imported registry in the service's own database.
#[derive(Debug, Clone)]
pub struct Registry {
    store: Store,
}

impl Registry {
    /// The registry in `store`.
    pub const fn new(store: Store) -> Self {
        Self { store }
    }
}

impl QualificationSource for Registry {
    fn needs_claim(&self) -> bool {
        false
    }

    fn look_up<'a>(&'a self, query: Query<'a>) -> Answering<'a> {
        Box::pin(async move {
            let mut reader = self.store.read().await?;
            let certificate = query.certificate;
            Ok(registry::holder(&mut reader, certificate.issuer_key_id(), certificate.serial()).await?)
        })
    }
}
