//! What a device's settings are made of.

use shikaku::identifier::InstitutionCode;
use shikaku::instant::UnixTime;

use super::columns::Columns as _;
use super::{Connection, StoreError};

/// The oldest version of the app that may still work.
pub async fn minimum_app_version(connection: &mut Connection) -> Result<String, StoreError> {
    let row = sqlx::query("SELECT minimum_app_version FROM service_settings WHERE id = 1")
        .fetch_one(connection)
        .await?;
    row.text("minimum_app_version")
}

/// When an institution was added: the beginning of its 運用テスト.
pub async fn added_at(
    connection: &mut Connection,
    institution: &InstitutionCode,
) -> Result<UnixTime, StoreError> {
    let row = sqlx::query("SELECT created_at FROM institutions WHERE code = $1")
        .bind(institution.as_str())
        .fetch_one(connection)
        .await?;
    row.time("created_at")
}
