//! Test anchors: roots of test cards and test keys of the card face, for institutions with the test flag alone.

use sha2::{Digest as _, Sha256};
use shikaku::instant::UnixTime;

use super::columns::{Columns as _, time};
use super::{Connection, StoreError};

/// Adds a root (DER) or a key of the card face; `false` if it is there already. The caller has checked that it is one of
/// test cards.
pub async fn add(connection: &mut Connection, der: &[u8], now: UnixTime) -> Result<bool, StoreError> {
    let done =
        sqlx::query("INSERT INTO anchors (sha256, der, added_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING")
            .bind(Sha256::digest(der).as_slice())
            .bind(der)
            .bind(time(now)?)
            .execute(connection)
            .await?;
    Ok(done.rows_affected() == 1)
}

/// All of them in the order in which they were added.
pub async fn all(connection: &mut Connection) -> Result<Vec<Vec<u8>>, StoreError> {
    let rows = sqlx::query("SELECT der FROM anchors ORDER BY added_at, sha256").fetch_all(connection).await?;
    rows.iter().map(|row| row.octets("der")).collect()
}
