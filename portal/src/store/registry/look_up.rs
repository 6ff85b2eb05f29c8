//! From a certificate to its holder's qualifications, in one statement and so from one state of the registry.

use shikaku::identifier::Date;
use shikaku::qualification::{Finding, Qualification, judge};

use super::rows::CertificateKey;
use crate::store::columns::Columns as _;
use crate::store::{Connection, StoreError};

/// What the registry knows of a certificate's holder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Holder {
    /// 証明書未連携: the certificate leads to nobody, as after a renewal that was not reported.
    Unlinked,
    /// 利用登録なし: the person has not registered the card as 健康保険証.
    NotEnrolled,
    /// Everything known of an enrolled person, on whatever day it holds.
    Enrolled(Vec<Qualification>),
}

impl Holder {
    /// What this makes of `day`.
    pub fn on(self, day: Date) -> Finding {
        match self {
            Self::Unlinked => Finding::Unlinked,
            Self::NotEnrolled => Finding::NotEnrolled,
            Self::Enrolled(qualifications) => judge(qualifications, day),
        }
    }
}

/// Renewals that are followed back at most: a certificate lives five years, so this is a lifetime.
///
/// The certificate itself and its predecessors, newest first; of each the newest visible row, the newest visible row
/// of its person, and that row's qualifications.
const HOLDER: &str = "\
    WITH RECURSIVE lineage (issuer, serial, hops) AS ( \
        SELECT $1, $2, 0 \
        UNION ALL \
        SELECT l.old_issuer_key_id, l.old_serial, lineage.hops + 1 \
        FROM lineage CROSS JOIN registry_state s \
        JOIN certificate_links l ON l.issuer_key_id = lineage.issuer AND l.serial = lineage.serial \
        WHERE lineage.hops < 16 AND l.generation = ( \
            SELECT MAX(m.generation) FROM certificate_links m \
            WHERE m.issuer_key_id = l.issuer_key_id AND m.serial = l.serial AND m.generation <= s.current) \
    ) \
    SELECT lineage.hops AS hops, p.enrolled AS enrolled, q.body AS body \
    FROM lineage CROSS JOIN registry_state s \
    JOIN certificates c ON c.issuer_key_id = lineage.issuer AND c.serial = lineage.serial \
    JOIN persons p ON p.person = c.person \
    LEFT JOIN qualifications q ON q.person = p.person AND q.generation = p.generation \
    WHERE c.generation = ( \
            SELECT MAX(d.generation) FROM certificates d \
            WHERE d.issuer_key_id = c.issuer_key_id AND d.serial = c.serial \
            AND d.generation BETWEEN s.base AND s.current) \
        AND p.generation = ( \
            SELECT MAX(o.generation) FROM persons o \
            WHERE o.person = p.person AND o.generation BETWEEN s.base AND s.current) \
    ORDER BY lineage.hops, q.ordinal";

/// The holder of the certificate that `issuer_key_id` issued under `serial`.
///
/// A certificate that is not registered itself leads to the holder of the one that it renewed.
pub async fn holder(
    connection: &mut Connection,
    issuer_key_id: &[u8],
    serial: &[u8],
) -> Result<Holder, StoreError> {
    let key = CertificateKey::new(issuer_key_id, serial);
    let rows = sqlx::query(HOLDER).bind(key.issuer_key_id).bind(key.serial).fetch_all(connection).await?;
    let Some(first) = rows.first() else { return Ok(Holder::Unlinked) };
    if !first.flag("enrolled")? {
        return Ok(Holder::NotEnrolled);
    }
    let nearest = first.number("hops")?;
    let mut qualifications = Vec::new();
    for row in &rows {
        if row.number("hops")? != nearest {
            break;
        }
        if let Some(body) = row.optional_text("body")? {
            let one: Qualification = serde_json::from_str(&body).map_err(|_| StoreError::Damaged("body"))?;
            qualifications.push(one);
        }
    }
    Ok(Holder::Enrolled(qualifications))
}
