//! The one store of the service, over SQLite or PostgreSQL.
//!
//! Rooms of this folder hold single statements with `$1` placeholders that run on both engines; only the
//! migrations differ. How transactions stay right on both:
//!
//! - A writing transaction ([`Store::begin`]) is `BEGIN IMMEDIATE` on SQLite, where writers queue, and READ
//!   COMMITTED on PostgreSQL, where they do not. So no transaction reads, decides and writes blindly: it first
//!   locks the row it decides on (an `UPDATE … RETURNING`, a conditional `UPDATE` whose row count says who won)
//!   or lets a unique constraint decide ([`Constraint`]). Who loses rolls back and reads the winner's row.
//! - Rows are locked in one order, so that nothing deadlocks: account, device key, challenge, claim, outcome,
//!   audit head.
//! - The audit head comes last, because every writer of a node waits for it.
//! - No source, no mail and no other wait lies inside a transaction.

pub mod accounts;
pub mod anchors;
pub mod challenges;
pub mod claims;
pub mod columns;
mod connect;
pub mod crls;
pub mod device_settings;
mod error;
pub mod institutions;
pub mod keys;
mod migrations;
pub mod notices;
pub mod outbox;
pub mod outcomes;
pub mod registrations;
pub mod registry;
pub mod terms;
mod transaction;

pub use connect::{Engine, OpenError, Store};
pub use error::{Constraint, StoreError};
pub use sqlx::AnyConnection as Connection;
pub use transaction::{Reader, Transaction};

/// Tells every device that its settings have changed: the version that each answer names rises.
pub async fn device_settings_changed(connection: &mut Connection) -> Result<(), StoreError> {
    sqlx::query("UPDATE service_settings SET settings_version = settings_version + 1")
        .execute(connection)
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests;
