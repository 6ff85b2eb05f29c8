//! Rows of an import, and how many of them go into the database with one statement.

use shikaku::qualification::Qualification;
use sqlx::any::AnyArguments;
use sqlx::query::Query;
use sqlx::{Any, AssertSqlSafe};

use crate::store::{Connection, StoreError};

/// Values bound in one statement; below the limits of both engines.
const VALUES: usize = 2000;

/// A certificate by its look-up key.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CertificateKey {
    /// Key id of the issuer (AKI).
    pub issuer_key_id: Vec<u8>,
    /// Serial number, big-endian, without zeros before it: DER puts one there when the first bit is set, lists of
    /// operators may not.
    pub serial: Vec<u8>,
}

impl CertificateKey {
    /// The key of a certificate; `serial` with or without zeros before it.
    pub fn new(issuer_key_id: &[u8], serial: &[u8]) -> Self {
        let zeros = serial.iter().take_while(|octet| **octet == 0).count();
        let serial = serial.get(zeros..).unwrap_or_default().to_vec();
        Self { issuer_key_id: issuer_key_id.to_vec(), serial }
    }
}

/// One person as an import brings it.
#[derive(Debug, Clone)]
pub struct PersonRow {
    /// Where it stands in the file; the first line if it has several.
    pub line: u64,
    /// The operator's name of the person; nothing but the import uses it.
    pub person: String,
    /// 健康保険証利用登録.
    pub enrolled: bool,
    /// Certificates, each once.
    pub certificates: Vec<CertificateKey>,
    /// Qualifications in the order of the file.
    pub qualifications: Vec<Qualification>,
}

/// A renewal: `new` is the successor of `old`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Renewal {
    /// Where it stands in the file.
    pub line: u64,
    /// The certificate that was renewed.
    pub old: CertificateKey,
    /// Its successor.
    pub new: CertificateKey,
}

type Bound<'q> = Query<'q, Any, AnyArguments>;

/// Inserts rows, as many with one statement as its values allow.
///
/// `head` is the statement up to `VALUES`; `bind` binds `width` values of a row.
pub(super) async fn insert<T>(
    connection: &mut Connection,
    head: &'static str,
    width: usize,
    rows: &[T],
    bind: impl for<'q> Fn(Bound<'q>, &T) -> Bound<'q>,
) -> Result<(), StoreError> {
    for rows in rows.chunks(VALUES / width) {
        // The text is made of constants and numbers alone; what comes from a file is bound.
        let mut query = sqlx::query(AssertSqlSafe(statement(head, width, rows.len())));
        for row in rows {
            query = bind(query, row);
        }
        query.execute(&mut *connection).await?;
    }
    Ok(())
}

/// `HEAD VALUES ($1, $2), ($3, $4) …`
fn statement(head: &str, width: usize, rows: usize) -> String {
    let row = |at: usize| {
        let values: Vec<_> = (1..=width).map(|value| format!("${}", at * width + value)).collect();
        format!("({})", values.join(", "))
    };
    let rows: Vec<_> = (0..rows).map(row).collect();
    format!("{head} VALUES {}", rows.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_serial_is_the_same_with_zeros_before_it() {
        assert_eq!(CertificateKey::new(&[1], &[0, 0x8a]), CertificateKey::new(&[1], &[0x8a]));
        assert_ne!(CertificateKey::new(&[1], &[0x8a, 0]), CertificateKey::new(&[1], &[0x8a]));
    }

    #[test]
    fn placeholders_are_counted_through() {
        assert_eq!(statement("INSERT INTO t (a, b)", 2, 2), "INSERT INTO t (a, b) VALUES ($1, $2), ($3, $4)");
    }
}
