//! What a device's settings are made of.

use shikaku::identifier::InstitutionCode;
use shikaku::instant::UnixTime;
use shikaku::settings::Notice;

use super::columns::{Columns as _, time};
use super::{Connection, StoreError};

/// The oldest version of the app that may still work.
pub async fn minimum_app_version(connection: &mut Connection) -> Result<String, StoreError> {
    let row = sqlx::query("SELECT minimum_app_version FROM service_settings WHERE id = 1")
        .fetch_one(connection)
        .await?;
    row.text("minimum_app_version")
}

/// The notices that an institution's devices show now, the newest first.
pub async fn notices(
    connection: &mut Connection,
    institution: &InstitutionCode,
    now: UnixTime,
) -> Result<Vec<Notice>, StoreError> {
    let rows = sqlx::query(
        "SELECT id, body FROM notices WHERE (institution IS NULL OR institution = $1) \
         AND starts_at <= $2 AND (ends_at IS NULL OR ends_at > $2) ORDER BY starts_at DESC, id LIMIT 20",
    )
    .bind(institution.as_str())
    .bind(time(now)?)
    .fetch_all(connection)
    .await?;
    rows.iter().map(|row| Ok(Notice { id: row.text("id")?, text: row.text("body")? })).collect()
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
