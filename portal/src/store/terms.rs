//! 利用規約: the highest version is in force.

use shikaku::instant::UnixTime;
use shikaku::registration::Terms;

use super::columns::{Columns as _, number, time};
use super::{Connection, StoreError};

/// The terms in force, if any were published.
pub async fn current(connection: &mut Connection) -> Result<Option<Terms>, StoreError> {
    let row = sqlx::query("SELECT version, sha256, body FROM terms ORDER BY version DESC LIMIT 1")
        .fetch_optional(connection)
        .await?;
    row.map(|row| {
        let version = u32::try_from(row.number("version")?).map_err(|_| StoreError::Damaged("version"))?;
        Ok(Terms { version, sha256: row.exactly("sha256")?, text: row.text("body")? })
    })
    .transpose()
}

/// Publishes terms under the next version, and answers it. Those who publish at the same moment wait for each other at
/// the settings' row, which rises with it.
pub async fn publish(
    connection: &mut Connection,
    text: &str,
    sha256: &[u8; 32],
    now: UnixTime,
) -> Result<u32, StoreError> {
    super::device_settings_changed(connection).await?;
    let last = sqlx::query("SELECT COALESCE(MAX(version), 0) AS version FROM terms")
        .fetch_one(&mut *connection)
        .await?;
    let version = last.number("version")?.saturating_add(1);
    sqlx::query("INSERT INTO terms (version, sha256, body, published_at) VALUES ($1, $2, $3, $4)")
        .bind(number(version)?)
        .bind(sha256.as_slice())
        .bind(text)
        .bind(time(now)?)
        .execute(connection)
        .await?;
    u32::try_from(version).map_err(|_| StoreError::Range)
}
