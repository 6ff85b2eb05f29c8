//! What is to be mailed to an institution; a row goes out when mail is set up.

use shikaku::identifier::InstitutionCode;
use shikaku::instant::UnixTime;

use super::columns::time;
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
