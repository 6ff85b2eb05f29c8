//! CSV (RFC 4180) with named columns, one row a line: a value holds no line break.

use std::collections::HashMap;

use super::lines::LineFault;

/// The header of a file, judged against the columns that are known.
#[derive(Debug)]
pub(super) struct Header {
    /// For each position in a row the index of the known column.
    positions: Vec<usize>,
}

/// A column that a file may have.
#[derive(Debug, Clone, Copy)]
pub(super) struct Column {
    pub(super) name: &'static str,
    /// Whether the file must have it.
    pub(super) required: bool,
}

/// What is wrong with a header.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HeaderFault {
    /// The file is empty.
    #[error("ファイルが空です。1行目に列名が必要です")]
    Empty,
    /// The first line cannot be read.
    #[error(transparent)]
    Line(#[from] LineFault),
    /// The first line cannot be read as a header.
    #[error("1行目を列名として読めません: {0}")]
    Unreadable(RowFault),
    /// A column that nobody knows.
    #[error("知らない列があります: {0}")]
    Unknown(String),
    /// A column twice.
    #[error("同じ列が2つあります: {0}")]
    Twice(&'static str),
    /// Columns that the file must have.
    #[error("必要な列がありません: {}", .0.join(", "))]
    Missing(Vec<&'static str>),
}

/// What is wrong with a row as such.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RowFault {
    /// Not as many values as the header has columns.
    #[error("値の数が列の数と違います（列 {columns}、値 {values}）")]
    Count {
        /// Columns of the header.
        columns: usize,
        /// Values of the row.
        values: usize,
    },
    /// A quotation mark is not closed on the line.
    #[error("引用符（\"）が閉じていません。値に改行は書けません")]
    Quote,
}

/// The values of a row by known column; what is empty is missing.
#[derive(Debug)]
pub(super) struct Row(HashMap<usize, String>);

impl Header {
    /// Reads the first line.
    pub(super) fn read(line: &str, known: &[Column]) -> Result<Self, HeaderFault> {
        let mut positions = Vec::new();
        for name in split(line).map_err(HeaderFault::Unreadable)? {
            let name = name.trim();
            let index = known.iter().position(|column| column.name.eq_ignore_ascii_case(name));
            let index = index.ok_or_else(|| HeaderFault::Unknown(name.chars().take(40).collect()))?;
            if positions.contains(&index) {
                return Err(HeaderFault::Twice(known.get(index).map_or("", |column| column.name)));
            }
            positions.push(index);
        }
        let missing: Vec<_> = known
            .iter()
            .enumerate()
            .filter(|(index, column)| column.required && !positions.contains(index))
            .map(|(_, column)| column.name)
            .collect();
        if missing.is_empty() { Ok(Self { positions }) } else { Err(HeaderFault::Missing(missing)) }
    }

    /// Reads a further line.
    pub(super) fn row(&self, line: &str) -> Result<Row, RowFault> {
        let values = split(line)?;
        if values.len() != self.positions.len() {
            return Err(RowFault::Count { columns: self.positions.len(), values: values.len() });
        }
        let filled = self.positions.iter().copied().zip(values).filter(|(_, value)| !value.is_empty());
        Ok(Row(filled.collect()))
    }
}

impl Row {
    /// The value of the known column with this index, if it is not empty.
    pub(super) fn get(&self, index: usize) -> Option<&str> {
        self.0.get(&index).map(String::as_str)
    }
}

/// The values of one line. Blanks around an unquoted value are not part of it.
fn split(line: &str) -> Result<Vec<String>, RowFault> {
    let mut values = Vec::new();
    let mut rest = line;
    loop {
        let start = rest.trim_start_matches([' ', '\t']);
        let (value, behind) =
            if let Some(quoted) = start.strip_prefix('"') { unquote(quoted)? } else { bare(start)? };
        values.push(value);
        match behind.strip_prefix(',') {
            Some(behind) => rest = behind,
            None if behind.is_empty() => return Ok(values),
            None => return Err(RowFault::Quote),
        }
    }
}

/// The value up to the comma, and what is behind it.
fn bare(start: &str) -> Result<(String, &str), RowFault> {
    let (value, behind) = start.find(',').map_or((start, ""), |at| start.split_at(at));
    if value.contains('"') { Err(RowFault::Quote) } else { Ok((value.trim_end().to_owned(), behind)) }
}

/// The value up to the closing quotation mark, and what is behind it.
fn unquote(quoted: &str) -> Result<(String, &str), RowFault> {
    let mut value = String::new();
    let mut rest = quoted;
    loop {
        let (part, behind) = rest.split_once('"').ok_or(RowFault::Quote)?;
        value += part;
        match behind.strip_prefix('"') {
            Some(behind) => {
                value.push('"');
                rest = behind;
            }
            None => return Ok((value, behind.trim_start_matches([' ', '\t']))),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const KNOWN: &[Column] = &[
        Column { name: "Person", required: true },
        Column { name: "Serial", required: true },
        Column { name: "Name", required: false },
    ];

    #[test]
    fn quotes_commas_and_blanks_are_read() {
        for (line, due) in [
            ("a,b,c", vec!["a", "b", "c"]),
            ("", vec![""]),
            (",", vec!["", ""]),
            (" a , \"b, \"\"c\"\"\" ,", vec!["a", "b, \"c\"", ""]),
            ("\"\",\" a \"", vec!["", " a "]),
            ("姓\u{3000}名,２", vec!["姓\u{3000}名", "２"]),
        ] {
            assert_eq!(split(line).unwrap(), due, "{line}");
        }
        for line in ["\"a", "a\"b", "\"a\"b", "\"a\"\"", "a,\"b"] {
            assert_eq!(split(line), Err(RowFault::Quote), "{line}");
        }
    }

    #[test]
    fn a_header_is_told_what_is_wrong_with_it() {
        assert!(Header::read("serial,PERSON", KNOWN).is_ok());
        for (line, due) in [
            ("Person,Serial,Nmae", HeaderFault::Unknown("Nmae".to_owned())),
            ("Person,Serial,Person", HeaderFault::Twice("Person")),
            ("Name", HeaderFault::Missing(vec!["Person", "Serial"])),
            ("Person,\"Serial", HeaderFault::Unreadable(RowFault::Quote)),
        ] {
            assert_eq!(Header::read(line, KNOWN).unwrap_err(), due);
        }
    }

    #[test]
    fn a_row_has_a_value_for_each_column_and_empty_is_missing() {
        let header = Header::read("Serial,Person,Name", KNOWN).unwrap();
        let row = header.row("01,p1,").unwrap();
        assert_eq!((row.get(0), row.get(1), row.get(2)), (Some("p1"), Some("01"), None));
        assert_eq!(header.row("01,p1").unwrap_err(), RowFault::Count { columns: 3, values: 2 });
    }

    proptest! {
        #[test]
        fn any_values_survive_quoting(values in proptest::collection::vec("[^\r\n]{0,12}", 1..6)) {
            let quoted: Vec<_> = values.iter().map(|value| format!("\"{}\"", value.replace('"', "\"\""))).collect();
            prop_assert_eq!(split(&quoted.join(",")).unwrap(), values);
        }

        #[test]
        fn any_line_is_split_or_refused(line in "[^\r\n]{0,40}") {
            let _ = split(&line);
        }
    }
}
