//! Challenges: issued to one key, open until used, retired or expired.

use shikaku::check::OPEN_CHALLENGES;
use shikaku::http::KeyId;
use shikaku::instant::UnixTime;
use shikaku::transcript::Challenge;

use super::columns::{Columns as _, number, time};
use super::{Connection, StoreError, Transaction};

/// Seconds that a challenge lives.
pub const LIFE: u64 = 300;

/// A challenge as the store has it.
#[derive(Debug, Clone)]
pub struct Issued {
    /// The challenge.
    pub challenge: Challenge,
    /// The key it was issued to.
    pub key: KeyId,
    /// What became of it.
    pub state: State,
    /// With [`State::Named`]: what the name was shown for.
    pub naming: Option<Naming>,
}

/// What the first step of a visual check left behind, so that the second can be held against it. Both are digests over
/// octets that the card has signed and nobody stores: they tell nothing of the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Naming {
    /// SHA-256 of what the first step carried.
    pub of_check: [u8; 32],
    /// SHA-256 of that and of the name that was shown.
    pub with_name: [u8; 32],
}

/// What became of a challenge; that it has expired, only the clock says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Not used yet.
    Open,
    /// Replaced by newer ones.
    Retired,
    /// A remote source is asked in its name: only the operation that claimed it can still use it up.
    Claimed,
    /// The name was shown in its name: only the second step of that visual check can still use it up.
    Named,
    /// Used, for good.
    Used,
}

impl State {
    /// As the column has it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Retired => "retired",
            Self::Claimed => "claimed",
            Self::Named => "named",
            Self::Used => "used",
        }
    }
}

impl std::str::FromStr for State {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "open" => Ok(Self::Open),
            "retired" => Ok(Self::Retired),
            "claimed" => Ok(Self::Claimed),
            "named" => Ok(Self::Named),
            "used" => Ok(Self::Used),
            _ => Err(()),
        }
    }
}

/// Issues challenges to a key and retires its oldest open ones, so that at most [`OPEN_CHALLENGES`] stay open.
///
/// The key's row must be locked, or two requests at once could leave more open.
pub async fn issue(
    transaction: &mut Transaction,
    key: &KeyId,
    fresh: &[Challenge],
) -> Result<(), StoreError> {
    retire_all_but(transaction, key, OPEN_CHALLENGES.saturating_sub(fresh.len())).await?;
    for challenge in fresh {
        sqlx::query(
            "INSERT INTO challenges (id, keyid, nonce, issued_at, expires_at, state) \
             VALUES ($1, $2, $3, $4, $5, 'open')",
        )
        .bind(challenge.id.as_slice())
        .bind(key.0.as_slice())
        .bind(challenge.nonce.as_slice())
        .bind(time(challenge.issued_at)?)
        .bind(time(challenge.expires_at)?)
        .execute(&mut **transaction)
        .await?;
    }
    Ok(())
}

/// Retires the open challenges of a key but the newest `kept`. Expired ones stand among them: they harm nothing.
pub async fn retire_all_but(
    transaction: &mut Transaction,
    key: &KeyId,
    kept: usize,
) -> Result<(), StoreError> {
    // No device ever has a hundred open; PostgreSQL needs no limit here, but SQLite knows no offset without one.
    sqlx::query(
        "UPDATE challenges SET state = 'retired' WHERE id IN (SELECT id FROM challenges \
         WHERE keyid = $1 AND state = 'open' ORDER BY issued_at DESC, id LIMIT 100 OFFSET $2)",
    )
    .bind(key.0.as_slice())
    .bind(number(kept as u64)?)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// The challenge of this name.
pub async fn find(connection: &mut Connection, id: &[u8; 16]) -> Result<Option<Issued>, StoreError> {
    let row = sqlx::query(
        "SELECT id, keyid, nonce, issued_at, expires_at, state, named_for, named_with FROM challenges WHERE id = $1",
    )
    .bind(id.as_slice())
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let state = row.parsed("state")?;
    let naming = match state {
        State::Named => {
            Some(Naming { of_check: row.exactly("named_for")?, with_name: row.exactly("named_with")? })
        }
        _ => None,
    };
    let challenge = Challenge {
        id: row.exactly("id")?,
        nonce: row.exactly("nonce")?,
        issued_at: row.time("issued_at")?,
        expires_at: row.time("expires_at")?,
    };
    Ok(Some(Issued { challenge, key: KeyId(row.exactly("keyid")?), state, naming }))
}

/// Moves a challenge of this key from one state to another and locks it; `false` if it was not, or no longer, in the
/// first, and then nothing has changed.
pub async fn change_state(
    transaction: &mut Transaction,
    id: &[u8; 16],
    key: &KeyId,
    from: State,
    to: State,
) -> Result<bool, StoreError> {
    let changed = sqlx::query("UPDATE challenges SET state = $4 WHERE id = $1 AND keyid = $2 AND state = $3")
        .bind(id.as_slice())
        .bind(key.0.as_slice())
        .bind(from.as_str())
        .bind(to.as_str())
        .execute(&mut **transaction)
        .await?;
    Ok(changed.rows_affected() == 1)
}

/// Moves a challenge of this key from one state to [`State::Named`], as [`change_state`] does.
pub async fn name(
    transaction: &mut Transaction,
    id: &[u8; 16],
    key: &KeyId,
    from: State,
    naming: &Naming,
) -> Result<bool, StoreError> {
    let changed = sqlx::query(
        "UPDATE challenges SET state = 'named', named_for = $4, named_with = $5 \
         WHERE id = $1 AND keyid = $2 AND state = $3",
    )
    .bind(id.as_slice())
    .bind(key.0.as_slice())
    .bind(from.as_str())
    .bind(naming.of_check.as_slice())
    .bind(naming.with_name.as_slice())
    .execute(&mut **transaction)
    .await?;
    Ok(changed.rows_affected() == 1)
}

/// Deletes what expired before `before`, used or not, but for what has an open claim; returns how many rows went.
pub async fn sweep(transaction: &mut Transaction, before: UnixTime) -> Result<u64, StoreError> {
    let swept = sqlx::query(
        "DELETE FROM challenges WHERE expires_at < $1 AND NOT EXISTS \
         (SELECT 1 FROM claims c WHERE c.challenge = challenges.id AND c.answered_at IS NULL)",
    )
    .bind(time(before)?)
    .execute(&mut **transaction)
    .await?;
    Ok(swept.rows_affected())
}
