//! What statements run on: a writing transaction, or a connection for reading.

use core::ops::{Deref, DerefMut};

use sqlx::pool::PoolConnection;
use sqlx::{Any, AnyConnection};
use tokio::sync::OwnedSemaphorePermit;

use super::connect::Engine;
use super::error::StoreError;

/// A writing transaction. Dropped without [`Transaction::commit`] it is rolled back.
///
/// Dereferences to the connection that the rooms' statements take.
#[derive(Debug)]
pub struct Transaction {
    // Declared before the turn: the rollback of a dropped transaction is on its way before the next writer begins.
    inner: sqlx::Transaction<'static, Any>,
    engine: Engine,
    _turn: Option<OwnedSemaphorePermit>,
}

impl Transaction {
    pub(super) const fn new(
        inner: sqlx::Transaction<'static, Any>,
        engine: Engine,
        turn: Option<OwnedSemaphorePermit>,
    ) -> Self {
        Self { inner, engine, _turn: turn }
    }

    /// Which engine lies below.
    pub const fn engine(&self) -> Engine {
        self.engine
    }

    /// Makes everything that was written durable, or nothing of it.
    pub async fn commit(self) -> Result<(), StoreError> {
        Ok(self.inner.commit().await?)
    }

    /// Undoes everything that was written, and waits until it is undone.
    pub async fn rollback(self) -> Result<(), StoreError> {
        Ok(self.inner.rollback().await?)
    }
}

impl Deref for Transaction {
    type Target = AnyConnection;

    fn deref(&self) -> &AnyConnection {
        &self.inner
    }
}

impl DerefMut for Transaction {
    fn deref_mut(&mut self) -> &mut AnyConnection {
        &mut self.inner
    }
}

/// A connection for single reading statements.
#[derive(Debug)]
pub struct Reader(PoolConnection<Any>);

impl Reader {
    pub(super) const fn new(inner: PoolConnection<Any>) -> Self {
        Self(inner)
    }
}

impl Deref for Reader {
    type Target = AnyConnection;

    fn deref(&self) -> &AnyConnection {
        &self.0
    }
}

impl DerefMut for Reader {
    fn deref_mut(&mut self) -> &mut AnyConnection {
        &mut self.0
    }
}
