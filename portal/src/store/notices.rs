//! お知らせ to the devices of one institution, or of all.

use shikaku::identifier::InstitutionCode;
use shikaku::instant::UnixTime;
use shikaku::settings::Notice;

use super::columns::{Columns as _, time};
use super::{Connection, StoreError, device_settings_changed, institutions};

/// Notices that a device shows at a time, the newest.
const SHOWN: usize = 20;

/// A notice as the store has it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct StoredNotice {
    /// Name of the row; unique.
    pub id: String,
    /// Whose devices show it; `None`: all.
    pub institution: Option<InstitutionCode>,
    /// The text.
    pub text: String,
    /// Since when it is shown.
    pub starts_at: UnixTime,
    /// When it was withdrawn, if it was.
    pub ends_at: Option<UnixTime>,
}

/// Puts a notice up and has the devices that it is for fetch their settings.
pub async fn put(connection: &mut Connection, notice: &StoredNotice) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO notices (id, institution, body, starts_at) VALUES ($1, $2, $3, $4)")
        .bind(&notice.id)
        .bind(notice.institution.as_ref().map(InstitutionCode::as_str))
        .bind(&notice.text)
        .bind(time(notice.starts_at)?)
        .execute(&mut *connection)
        .await?;
    tell(connection, notice.institution.as_ref()).await
}

/// Takes a notice down and has the devices that it was for fetch their settings; `None` if it is not up.
pub async fn withdraw(
    connection: &mut Connection,
    id: &str,
    now: UnixTime,
) -> Result<Option<StoredNotice>, StoreError> {
    let row = sqlx::query("UPDATE notices SET ends_at = $2 WHERE id = $1 AND ends_at IS NULL RETURNING *")
        .bind(id)
        .bind(time(now)?)
        .fetch_optional(&mut *connection)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let notice = read(&row)?;
    tell(connection, notice.institution.as_ref()).await?;
    Ok(Some(notice))
}

/// All notices, the newest first.
pub async fn all(connection: &mut Connection) -> Result<Vec<StoredNotice>, StoreError> {
    let rows = sqlx::query("SELECT * FROM notices ORDER BY starts_at DESC, id").fetch_all(connection).await?;
    rows.iter().map(read).collect()
}

/// The notices that an institution's devices show now, the newest first.
pub async fn shown(
    connection: &mut Connection,
    institution: &InstitutionCode,
    now: UnixTime,
) -> Result<Vec<Notice>, StoreError> {
    let rows = sqlx::query(
        "SELECT id, body FROM notices WHERE (institution IS NULL OR institution = $1) \
         AND starts_at <= $2 AND (ends_at IS NULL OR ends_at > $2) ORDER BY starts_at DESC, id LIMIT $3",
    )
    .bind(institution.as_str())
    .bind(time(now)?)
    .bind(i64::try_from(SHOWN).unwrap_or(i64::MAX))
    .fetch_all(connection)
    .await?;
    rows.iter().map(|row| Ok(Notice { id: row.text("id")?, text: row.text("body")? })).collect()
}

async fn tell(connection: &mut Connection, institution: Option<&InstitutionCode>) -> Result<(), StoreError> {
    match institution {
        Some(code) => institutions::settings_changed(connection, code).await,
        None => device_settings_changed(connection).await,
    }
}

fn read(row: &sqlx::any::AnyRow) -> Result<StoredNotice, StoreError> {
    let institution = row.optional_text("institution")?.map(|code| InstitutionCode::admitted(&code));
    Ok(StoredNotice {
        id: row.text("id")?,
        institution: institution.transpose().map_err(|_| StoreError::Damaged("institution"))?,
        text: row.text("body")?,
        starts_at: row.time("starts_at")?,
        ends_at: row.optional_time("ends_at")?,
    })
}
