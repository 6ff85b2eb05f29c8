//! 利用規約: the highest version is in force.

use shikaku::registration::Terms;

use super::columns::Columns as _;
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
