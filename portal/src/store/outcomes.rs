//! Final outcomes, one per operation: what a repetition is answered with.

use shikaku::http::{IdempotencyKey, KeyId};
use shikaku::instant::UnixTime;

use super::columns::{Columns as _, time};
use super::{Connection, StoreError, Transaction};

/// A final outcome as the store has it.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// Path of the request.
    pub path: String,
    /// SHA-256 of the request's body.
    pub request_sha256: [u8; 32],
    /// Status of the answer.
    pub status: u16,
    /// Outcome code, as in the audit.
    pub code: String,
    /// Media type of the answer.
    pub content_type: String,
    /// SHA-256 of the answer's body.
    pub answer_sha256: [u8; 32],
    /// The answer's body, sealed; none once it was erased.
    pub answer_sealed: Option<Vec<u8>>,
}

/// When an outcome came, when its body goes and when the row goes.
#[derive(Debug, Clone, Copy)]
pub struct Keeping {
    /// Now.
    pub stored_at: UnixTime,
    /// Ten minutes after the challenge's end.
    pub erase_at: UnixTime,
    /// At least 24 hours later.
    pub forget_at: UnixTime,
}

/// The outcome of an operation of this key.
pub async fn find(
    connection: &mut Connection,
    key: &KeyId,
    operation: &IdempotencyKey,
) -> Result<Option<Outcome>, StoreError> {
    let row = sqlx::query(
        "SELECT path, request_sha256, status, code, content_type, answer_sha256, answer_sealed \
         FROM outcomes WHERE keyid = $1 AND idempotency_key = $2",
    )
    .bind(key.0.as_slice())
    .bind(operation.0.as_slice())
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(Outcome {
        path: row.text("path")?,
        request_sha256: row.exactly("request_sha256")?,
        status: u16::try_from(row.number("status")?).map_err(|_| StoreError::Damaged("status"))?,
        code: row.text("code")?,
        content_type: row.text("content_type")?,
        answer_sha256: row.exactly("answer_sha256")?,
        answer_sealed: row.optional_octets("answer_sealed")?,
    }))
}

/// Stores an outcome. A concurrent duplicate is refused by [`super::Constraint::Outcome`], another operation with
/// the same challenge by [`super::Constraint::OutcomeOfChallenge`].
pub async fn store(
    transaction: &mut Transaction,
    key: &KeyId,
    operation: &IdempotencyKey,
    challenge: Option<&[u8; 16]>,
    outcome: &Outcome,
    keeping: Keeping,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO outcomes (keyid, idempotency_key, path, request_sha256, challenge, status, code, content_type, \
         answer_sha256, answer_sealed, stored_at, erase_at, forget_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
    )
    .bind(key.0.as_slice())
    .bind(operation.0.as_slice())
    .bind(&outcome.path)
    .bind(outcome.request_sha256.as_slice())
    .bind(challenge.map(<[u8; 16]>::as_slice))
    .bind(i64::from(outcome.status))
    .bind(&outcome.code)
    .bind(&outcome.content_type)
    .bind(outcome.answer_sha256.as_slice())
    .bind(outcome.answer_sealed.as_deref())
    .bind(time(keeping.stored_at)?)
    .bind(time(keeping.erase_at)?)
    .bind(time(keeping.forget_at)?)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// Erases bodies whose time is over, and forgets rows whose time is; returns how many were touched.
pub async fn sweep(transaction: &mut Transaction, now: UnixTime) -> Result<u64, StoreError> {
    let erased = sqlx::query(
        "UPDATE outcomes SET answer_sealed = NULL WHERE erase_at <= $1 AND answer_sealed IS NOT NULL",
    )
    .bind(time(now)?)
    .execute(&mut **transaction)
    .await?;
    let forgotten = sqlx::query("DELETE FROM outcomes WHERE forget_at <= $1")
        .bind(time(now)?)
        .execute(&mut **transaction)
        .await?;
    Ok(erased.rows_affected() + forgotten.rows_affected())
}
