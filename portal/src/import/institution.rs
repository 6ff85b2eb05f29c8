//! The institutions file: code and name.

use std::collections::HashSet;
use std::io::BufRead;

use shikaku::identifier::{InstitutionCode, Irregularity, fits_a_line};

use super::lines::Lines;
use super::table::{Column, Header, Row};
use super::value::{ColumnFault, Fault};
use super::{BAD_ROWS_LIMIT, BadRow, ImportError, Watch, read_header};
use crate::store::institutions::{NAME_LIMIT, NewInstitution};

const COLUMNS: &[Column] =
    &[Column { name: "InstitutionCode", required: true }, Column { name: "Name", required: true }];

/// One institution of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstitutionRow {
    /// What is to be added, or renamed.
    pub institution: NewInstitution,
    /// What is odd about an official code: told, not refused.
    pub oddity: Option<Oddity>,
}

/// An old code's irregularity, by line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Oddity {
    /// Line in the file, from 1.
    pub line: u64,
    /// What is odd.
    pub why: Irregularity,
}

/// Reads a whole institutions file; `test` says whether it lists test institutions, and then nothing else.
pub fn institutions(
    file: impl BufRead,
    test: bool,
    watch: &mut dyn Watch,
) -> Result<Vec<InstitutionRow>, ImportError> {
    let mut lines = Lines::new(file);
    let header: Header = read_header(&mut lines, COLUMNS)?;
    let (mut rows, mut seen, mut bad) = (Vec::new(), HashSet::new(), 0_u64);
    while let Some(line) = lines.next()? {
        let number = line.number;
        let row = line.text.map_err(Fault::from).and_then(|line| header.row(line).map_err(Fault::from));
        let row = row.and_then(|row| read(&row, number, test)).and_then(|row| {
            if seen.insert(row.institution.code.clone()) { Ok(row) } else { Err(Fault::InstitutionTwice) }
        });
        match row {
            Ok(row) => rows.push(row),
            Err(fault) => {
                bad += 1;
                watch.bad_row(&BadRow { line: number, fault });
                if bad >= BAD_ROWS_LIMIT {
                    return Err(ImportError::TooManyBadRows);
                }
            }
        }
    }
    match (bad, rows.is_empty()) {
        (0, false) => Ok(rows),
        (0, true) => Err(ImportError::Nothing),
        (count, _) => Err(ImportError::BadRows { count }),
    }
}

fn read(row: &Row, line: u64, test: bool) -> Result<InstitutionRow, Fault> {
    let fault = |column: &'static str| move |why: ColumnFault| Fault::Column { column, why };
    let code = row.get(0).ok_or(ColumnFault::Missing).map_err(fault("InstitutionCode"))?;
    let parsed = if test {
        InstitutionCode::parse_test(code).map(|code| (code, None))
    } else {
        InstitutionCode::parse_lenient(code)
    };
    let (code, odd) = parsed.map_err(ColumnFault::from).map_err(fault("InstitutionCode"))?;
    let name = row.get(1).ok_or(ColumnFault::Missing).map_err(fault("Name"))?;
    if name.chars().count() > NAME_LIMIT || !fits_a_line(name) {
        return Err(fault("Name")(ColumnFault::Person));
    }
    let institution = NewInstitution { code, name: name.to_owned() };
    Ok(InstitutionRow { institution, oddity: odd.map(|why| Oddity { line, why }) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Seen(Vec<BadRow>);

    impl Watch for Seen {
        fn read(&mut self, _: u64) {}

        fn bad_row(&mut self, row: &BadRow) {
            self.0.push(row.clone());
        }
    }

    #[test]
    fn official_codes_come_in_and_odd_ones_are_told() {
        let file = "InstitutionCode,Name\n1310112345,青葉医院\n13-1-0112346,\"若葉, 医院\"\n";
        let rows = institutions(file.as_bytes(), false, &mut Seen::default()).unwrap();
        assert_eq!(rows.len(), 2);
        assert_eq!(rows[1].institution.name, "若葉, 医院");
        assert_eq!(rows[1].oddity, Some(Oddity { line: 3, why: Irregularity::CheckDigit }));
    }

    #[test]
    fn test_institutions_and_real_ones_never_share_a_file() {
        let file = "InstitutionCode,Name\n4810000001,動作確認\n1310112345,青葉医院\n";
        for (test, line) in [(true, 3), (false, 2)] {
            let mut seen = Seen::default();
            let refused = institutions(file.as_bytes(), test, &mut seen);
            assert!(matches!(refused, Err(ImportError::BadRows { count: 1 })));
            assert_eq!(seen.0[0].line, line);
        }
    }

    #[test]
    fn a_name_that_no_device_would_take_is_refused() {
        for name in ["青葉\u{202e}医院", "青葉\u{2028}医院", "青葉\u{7}医院"] {
            let file = format!("InstitutionCode,Name\n1310112345,{name}\n");
            assert!(institutions(file.as_bytes(), false, &mut Seen::default()).is_err(), "{name:?}");
        }
    }

    #[test]
    fn a_code_twice_is_named() {
        let file = "InstitutionCode,Name\n1310112345,A\n1310112345,B\n";
        let mut seen = Seen::default();
        assert!(institutions(file.as_bytes(), false, &mut seen).is_err());
        assert_eq!(seen.0, [BadRow { line: 3, fault: Fault::InstitutionTwice }]);
    }
}
