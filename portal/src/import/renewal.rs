//! A row of the certificates file: a renewal.

use super::table::{Column, Row};
use super::value::{ColumnFault, Fault, hex};
use crate::store::registry::{CertificateKey, Renewal};

/// Every column that a certificates file may have; documented in docs/registry.md.
pub(super) const COLUMNS: &[Column] = &[
    Column { name: "IssuerKeyId", required: true },
    Column { name: "OldSerial", required: true },
    Column { name: "NewSerial", required: true },
    Column { name: "NewIssuerKeyId", required: false },
];

/// Reads a row.
pub(super) fn read(row: &Row, line: u64) -> Result<Renewal, Fault> {
    let octets = |index: usize| {
        let fault = |why| Fault::Column { column: COLUMNS.get(index).map_or("", |column| column.name), why };
        row.get(index).map(|text| hex(text).map_err(fault)).ok_or_else(|| fault(ColumnFault::Missing))?
    };
    let issuer = octets(0)?;
    let new_issuer = if row.get(3).is_some() { octets(3)? } else { issuer.clone() };
    let old = CertificateKey::new(&issuer, &octets(1)?);
    let new = CertificateKey::new(&new_issuer, &octets(2)?);
    if old == new { Err(Fault::OwnSuccessor) } else { Ok(Renewal { line, old, new }) }
}

#[cfg(test)]
mod tests {
    use super::super::table::Header;
    use super::*;

    #[test]
    fn a_renewal_names_issuer_and_both_serials() {
        let header = Header::read("IssuerKeyId,OldSerial,NewSerial", COLUMNS).unwrap();
        let renewal = read(&header.row("aa,01,02").unwrap(), 2).unwrap();
        let due = Renewal {
            line: 2,
            old: CertificateKey::new(&[0xaa], &[1]),
            new: CertificateKey::new(&[0xaa], &[2]),
        };
        assert_eq!(renewal, due);
        let missing = Fault::Column { column: "NewSerial", why: ColumnFault::Missing };
        assert_eq!(read(&header.row("aa,01,").unwrap(), 2), Err(missing));
        assert_eq!(read(&header.row("aa,01,01").unwrap(), 2), Err(Fault::OwnSuccessor));
    }

    #[test]
    fn the_documentation_names_every_column() {
        let page = include_str!("../../../docs/registry.md");
        for column in COLUMNS {
            assert!(page.contains(&format!("`{}`", column.name)), "{}", column.name);
        }
    }
}
