//! The local registry as a source: imported by the operator, asked as often as one likes.

use super::{Asked, QualificationSource, Question};
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
    fn ask<'a>(&'a self, question: Question<'a>) -> Asked<'a> {
        Box::pin(async move {
            let mut reader = self.store.read().await?;
            let holder = registry::holder(&mut reader, question.issuer_key_id, question.serial).await?;
            Ok(holder.on(question.day))
        })
    }
}
