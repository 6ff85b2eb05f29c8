//! What an institution is told of the audit: its visual checks (目視確認), each with who attested it and what came of it.

use shikaku::identifier::InstitutionCode;
use shikaku::instant::UnixTime;

use crate::store::columns::{Columns as _, time};
use crate::store::{Connection, StoreError};

/// One row about a visual check. The two steps of one have the same challenge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VisualRow {
    /// When, by the service's clock.
    pub at: UnixTime,
    /// The device's id.
    pub device: String,
    /// Who compared photo and person.
    pub staff: String,
    /// The challenge's id.
    pub challenge: Vec<u8>,
    /// [`super::NAME_SHOWN`], the outcome's code, or with a remote source [`super::ASKED`] and [`super::ABANDONED`], the
    /// latter without staff.
    pub outcome: String,
    /// `live` or `trial` (運用テスト).
    pub phase: String,
}

/// The visual checks of an institution from `from` on and before `until`, in their order.
pub async fn visual_checks(
    connection: &mut Connection,
    institution: &InstitutionCode,
    from: UnixTime,
    until: UnixTime,
) -> Result<Vec<VisualRow>, StoreError> {
    let rows = sqlx::query(
        "SELECT at, device, staff, challenge, outcome, phase FROM audit \
         WHERE institution = $1 AND at >= $2 AND at < $3 AND mode = 'visual' ORDER BY at, node, sequence",
    )
    .bind(institution.as_str())
    .bind(time(from)?)
    .bind(time(until)?)
    .fetch_all(connection)
    .await?;
    let read = |row: &sqlx::any::AnyRow| {
        Ok(VisualRow {
            at: row.time("at")?,
            device: row.text("device")?,
            staff: row.text("staff")?,
            challenge: row.octets("challenge")?,
            outcome: row.text("outcome")?,
            phase: row.text("phase")?,
        })
    };
    rows.iter().map(read).collect()
}
