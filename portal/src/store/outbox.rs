//! What is to be mailed to an institution; a row goes out when mail is set up.

use shikaku::identifier::InstitutionCode;
use shikaku::instant::UnixTime;

use super::columns::{Columns as _, time};
use super::{Connection, StoreError};

/// A message to an institution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Name of the row; unique.
    pub id: String,
    /// To whom.
    pub institution: InstitutionCode,
    /// What it is about, as a stable name.
    pub kind: &'static str,
    /// 件名.
    pub subject: &'static str,
    /// 本文.
    pub body: String,
}

/// Puts a message into the outbox.
pub async fn put(connection: &mut Connection, message: &Message, now: UnixTime) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO outbox (id, institution, kind, subject, body, created_at) VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(&message.id)
    .bind(message.institution.as_str())
    .bind(message.kind)
    .bind(message.subject)
    .bind(&message.body)
    .bind(time(now)?)
    .execute(connection)
    .await?;
    Ok(())
}

/// A message as it lies in the outbox.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Letter {
    /// Name of the row.
    pub id: String,
    /// To whom.
    pub institution: InstitutionCode,
    /// What it is about.
    pub kind: String,
    /// 件名.
    pub subject: String,
    /// 本文.
    pub body: String,
    /// When it was put there.
    pub created_at: UnixTime,
    /// When it went out, if it did.
    pub sent_at: Option<UnixTime>,
}

/// All messages, oldest first.
pub async fn all(connection: &mut Connection) -> Result<Vec<Letter>, StoreError> {
    let rows = sqlx::query("SELECT * FROM outbox ORDER BY created_at, id").fetch_all(connection).await?;
    let read = |row| -> Result<Letter, StoreError> {
        let row: &sqlx::any::AnyRow = row;
        let institution = InstitutionCode::admitted(&row.text("institution")?);
        Ok(Letter {
            id: row.text("id")?,
            institution: institution.map_err(|_| StoreError::Damaged("institution"))?,
            kind: row.text("kind")?,
            subject: row.text("subject")?,
            body: row.text("body")?,
            created_at: row.time("created_at")?,
            sent_at: row.optional_time("sent_at")?,
        })
    };
    rows.iter().map(read).collect()
}
