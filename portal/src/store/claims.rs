//! Claims: a remote source is asked in the name of one challenge, for one operation, under one name that stays.
//!
//! A claim is written before the source is asked and closed with the outcome, so that whoever asks again, after a fault
//! or another process's death, asks under the same name.

use shikaku::http::{IdempotencyKey, KeyId};
use shikaku::identifier::InstitutionCode;
use shikaku::instant::UnixTime;
use shikaku::registration::DeviceId;

use super::challenges::State;
use super::columns::{Columns as _, time};
use super::{Connection, StoreError, Transaction};
use crate::source::ClaimId;

/// A claim as the store has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// What the source knows it by.
    pub id: ClaimId,
    /// SHA-256 of the body of the request that claimed.
    pub request_sha256: [u8; 32],
    /// When the source was first asked: the moment that its answer is for.
    pub asked_at: UnixTime,
    /// When it was closed with an outcome, if it was.
    pub answered_at: Option<UnixTime>,
}

/// An open claim whose time is over, and whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forsaken {
    /// The claim.
    pub claim: Claim,
    /// The challenge that it was made of.
    pub challenge: [u8; 16],
    /// The key that claimed it.
    pub key: KeyId,
    /// How the check was made, as audit rows have it.
    pub mode: String,
    /// The device that asked.
    pub device: DeviceId,
    /// Its institution.
    pub institution: InstitutionCode,
}

const COLUMNS: &str = "c.id, c.request_sha256, c.asked_at, c.answered_at";

/// The claim that an operation of this key made.
pub async fn find(
    connection: &mut Connection,
    key: &KeyId,
    operation: &IdempotencyKey,
) -> Result<Option<Claim>, StoreError> {
    let statement = format!("SELECT {COLUMNS} FROM claims c WHERE c.keyid = $1 AND c.idempotency_key = $2");
    let row = sqlx::query(sqlx::AssertSqlSafe(statement))
        .bind(key.0.as_slice())
        .bind(operation.0.as_slice())
        .fetch_optional(connection)
        .await?;
    row.as_ref().map(read).transpose()
}

/// The open claim that was made of a challenge, by whichever operation: that of a visual check is made by its first step
/// and closed by its second.
pub async fn of_challenge(
    connection: &mut Connection,
    challenge: &[u8; 16],
) -> Result<Option<Claim>, StoreError> {
    let statement =
        format!("SELECT {COLUMNS} FROM claims c WHERE c.challenge = $1 AND c.answered_at IS NULL");
    let row = sqlx::query(sqlx::AssertSqlSafe(statement))
        .bind(challenge.as_slice())
        .fetch_optional(connection)
        .await?;
    row.as_ref().map(read).transpose()
}

/// Writes a claim. A second one of the operation is refused by [`super::Constraint::ClaimOfOperation`], one of the
/// challenge by [`super::Constraint::ClaimOfChallenge`]; the challenge's row must be locked.
pub async fn store(
    transaction: &mut Transaction,
    claim: &Claim,
    challenge: &[u8; 16],
    key: &KeyId,
    operation: &IdempotencyKey,
    mode: &str,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO claims (id, challenge, keyid, idempotency_key, request_sha256, mode, asked_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(claim.id.0.as_slice())
    .bind(challenge.as_slice())
    .bind(key.0.as_slice())
    .bind(operation.0.as_slice())
    .bind(claim.request_sha256.as_slice())
    .bind(mode)
    .bind(time(claim.asked_at)?)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// Closes an open claim; `false` if it is closed or gone.
pub async fn close(transaction: &mut Transaction, id: &ClaimId, now: UnixTime) -> Result<bool, StoreError> {
    let closed = sqlx::query("UPDATE claims SET answered_at = $2 WHERE id = $1 AND answered_at IS NULL")
        .bind(id.0.as_slice())
        .bind(time(now)?)
        .execute(&mut **transaction)
        .await?;
    Ok(closed.rows_affected() == 1)
}

/// Open claims that nobody will resume, a thousand at most, oldest first: those made before `before`, whose challenge was
/// retired, or of a visual check whose challenge has ended. One that cannot be read is an error of its own.
pub async fn forsaken(
    connection: &mut Connection,
    before: UnixTime,
    now: UnixTime,
) -> Result<Vec<Result<Forsaken, StoreError>>, StoreError> {
    let statement = format!(
        "SELECT {COLUMNS}, c.challenge, c.keyid, c.mode, d.id AS device, a.institution FROM claims c \
         JOIN challenges h ON h.id = c.challenge JOIN device_keys k ON k.keyid = c.keyid \
         JOIN devices d ON d.id = k.device JOIN accounts a ON a.id = d.account \
         WHERE c.answered_at IS NULL AND (c.asked_at < $1 OR h.state NOT IN ('claimed', 'named') \
         OR (c.mode = 'visual' AND h.expires_at <= $2)) ORDER BY c.asked_at LIMIT 1000"
    );
    let statement = sqlx::query(sqlx::AssertSqlSafe(statement)).bind(time(before)?).bind(time(now)?);
    let rows = statement.fetch_all(connection).await?;
    let whole = |row| -> Result<Forsaken, StoreError> {
        let row: &sqlx::any::AnyRow = row;
        let institution = InstitutionCode::admitted(&row.text("institution")?);
        Ok(Forsaken {
            claim: read(row)?,
            challenge: row.exactly("challenge")?,
            key: KeyId(row.exactly("keyid")?),
            mode: row.text("mode")?,
            device: row.parsed("device")?,
            institution: institution.map_err(|_| StoreError::Damaged("institution"))?,
        })
    };
    Ok(rows.iter().map(whole).collect())
}

/// Gives an open claim up and retires its challenge; `false` if it was closed meanwhile, and then nothing has changed.
pub async fn give_up(transaction: &mut Transaction, forsaken: &Forsaken) -> Result<bool, StoreError> {
    let Forsaken { claim, challenge, key, .. } = forsaken;
    // The challenge first, as whoever closes a claim locks it.
    for from in [State::Claimed, State::Named] {
        super::challenges::change_state(transaction, challenge, key, from, State::Retired).await?;
    }
    let gone = sqlx::query("DELETE FROM claims WHERE id = $1 AND answered_at IS NULL")
        .bind(claim.id.0.as_slice())
        .execute(&mut **transaction)
        .await?;
    Ok(gone.rows_affected() == 1)
}

/// Forgets claims that were closed before `before`; returns how many rows went.
pub async fn forget_closed(transaction: &mut Transaction, before: UnixTime) -> Result<u64, StoreError> {
    let gone = sqlx::query("DELETE FROM claims WHERE answered_at < $1")
        .bind(time(before)?)
        .execute(&mut **transaction)
        .await?;
    Ok(gone.rows_affected())
}

fn read(row: &sqlx::any::AnyRow) -> Result<Claim, StoreError> {
    Ok(Claim {
        id: ClaimId(row.exactly("id")?),
        request_sha256: row.exactly("request_sha256")?,
        asked_at: row.time("asked_at")?,
        answered_at: row.optional_time("answered_at")?,
    })
}
