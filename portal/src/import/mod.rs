//! Imports of the operator: the registry, renewed certificates, institutions.
//!
//! A file is read line by line in bounded memory, whatever its size. Every bad row is named by its line; if there is
//! one, nothing of the file is taken over. Messages name the column and what is wrong, never a patient's value.

mod institution;
mod json;
mod lines;
mod person;
mod renewal;
mod table;
mod value;

use std::io::{self, BufRead};

use crate::admin::{AdminError, Operator};
use crate::randomness::RandomnessFault;
use crate::store::registry::{self, Duplicate, DuplicateKind, Import, Mode, PersonRow, WriteError};

pub use institution::{InstitutionRow, Oddity, institutions};
pub use lines::{LINE_LIMIT, LineFault};
pub use table::{HeaderFault, RowFault};
pub use value::{ColumnFault, Fault, JsonFault, institution_ja};

use lines::Lines;
use table::{Column, Header, Row};

/// Bad rows after which reading ends: the file is another one than was meant.
const BAD_ROWS_LIMIT: u64 = 10_000;

/// Lines between two reports of progress.
const REPORT_EVERY: u64 = 500;

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated values with a header.
    Csv,
    /// One JSON object a line.
    JsonLines,
}

/// A row that is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadRow {
    /// Line in the file, from 1.
    pub line: u64,
    /// What is wrong with it.
    pub fault: Fault,
}

/// Hears of an import while it runs.
pub trait Watch: Send {
    /// So many octets of the file have been read.
    fn read(&mut self, octets: u64);

    /// This row is bad.
    fn bad_row(&mut self, row: &BadRow);
}

/// What an import brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct Report {
    /// Lines with content, the header not counted.
    pub rows: u64,
    /// Persons; in a certificates file none.
    pub persons: u64,
    /// Certificates; in a certificates file renewals.
    pub certificates: u64,
    /// Qualifications.
    pub qualifications: u64,
}

/// Why nothing was imported. The registry is as it was.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// The file cannot be read.
    #[error("ファイルを読めません: {0}")]
    Read(#[from] io::Error),
    /// The header is wrong.
    #[error(transparent)]
    Header(#[from] HeaderFault),
    /// Rows are bad; each was told to the [`Watch`].
    #[error("{count} 行に誤りがあります。何も取り込んでいません")]
    BadRows {
        /// How many.
        count: u64,
    },
    /// So many rows are bad that reading ended.
    #[error("誤りが {BAD_ROWS_LIMIT} 行を超えたので読むのをやめました。何も取り込んでいません")]
    TooManyBadRows,
    /// The file has no rows: with `replace` it would empty the registry.
    #[error("データの行がありません。何も取り込んでいません")]
    Nothing,
    /// Another import is at work, or the database failed.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// The audit or something else around the import failed.
    #[error(transparent)]
    Around(#[from] AdminError),
}

impl From<RandomnessFault> for ImportError {
    fn from(fault: RandomnessFault) -> Self {
        Self::Around(fault.into())
    }
}

/// Imports persons, their certificates and qualifications.
pub async fn registry(
    operator: &Operator,
    file: impl BufRead + Send,
    format: Format,
    mode: Mode,
    watch: &mut dyn Watch,
) -> Result<Report, ImportError> {
    let mut run = Run::begin(operator, file, format, person::COLUMNS, watch).await?;
    let outcome = run.persons().await;
    run.end(operator, outcome, mode, "registry-imported").await
}

/// Imports renewals of certificates.
pub async fn renewals(
    operator: &Operator,
    file: impl BufRead + Send,
    format: Format,
    watch: &mut dyn Watch,
) -> Result<Report, ImportError> {
    let mut run = Run::begin(operator, file, format, renewal::COLUMNS, watch).await?;
    let outcome = run.renewals().await;
    run.end(operator, outcome, Mode::Merge, "renewals-imported").await
}

/// One import: where it reads, where it writes, what it has found so far.
struct Run<'w, R> {
    lines: Lines<R>,
    /// None for JSON lines.
    header: Option<Header>,
    import: Import,
    watch: &'w mut dyn Watch,
    report: Report,
    bad: u64,
}

impl<'w, R: BufRead + Send> Run<'w, R> {
    /// The header is judged before anything is written.
    async fn begin(
        operator: &Operator,
        file: R,
        format: Format,
        columns: &[Column],
        watch: &'w mut dyn Watch,
    ) -> Result<Self, ImportError> {
        let mut lines = Lines::new(file);
        let header = match format {
            Format::Csv => Some(read_header(&mut lines, columns)?),
            Format::JsonLines => None,
        };
        let token = u64::from_be_bytes(operator.randomness.octets()?);
        let import = Import::begin(&operator.store, &operator.clock, format!("{token:016x}")).await?;
        Ok(Self { lines, header, import, watch, report: Report::default(), bad: 0 })
    }

    async fn persons(&mut self) -> Result<(), ImportError> {
        let mut pending: Option<PersonRow> = None;
        while let Some((line, read)) = self.next(person::read, json::person)? {
            let row = match read {
                Ok(row) => row,
                Err(fault) => {
                    self.bad_row(line, fault)?;
                    continue;
                }
            };
            let is_same =
                self.header.is_some() && pending.as_ref().is_some_and(|last| last.person == row.person);
            match &mut pending {
                Some(last) if is_same => {
                    if let Err(fault) = person::join(last, row) {
                        self.bad_row(line, fault)?;
                    }
                }
                _ => {
                    if let Some(whole) = pending.replace(row) {
                        self.add_person(whole).await?;
                    }
                }
            }
        }
        if let Some(whole) = pending {
            self.add_person(whole).await?;
        }
        let duplicates = self.import.write().await?;
        self.duplicates(duplicates)
    }

    async fn renewals(&mut self) -> Result<(), ImportError> {
        while let Some((line, read)) = self.next(renewal::read, json::renewal)? {
            match read {
                Ok(row) => {
                    self.report.certificates += 1;
                    let duplicates = self.import.add_renewal(row).await?;
                    self.duplicates(duplicates)?;
                }
                Err(fault) => self.bad_row(line, fault)?,
            }
        }
        let duplicates = self.import.write().await?;
        self.duplicates(duplicates)
    }

    async fn add_person(&mut self, row: PersonRow) -> Result<(), ImportError> {
        self.report.persons += 1;
        self.report.certificates += count(row.certificates.len());
        self.report.qualifications += count(row.qualifications.len());
        let duplicates = self.import.add_person(row).await?;
        self.duplicates(duplicates)
    }

    /// The next row with its line, read as the file's format has it.
    fn next<T>(
        &mut self,
        from_csv: fn(&Row, u64) -> Result<T, Fault>,
        from_json: fn(&str, u64) -> Result<T, Fault>,
    ) -> io::Result<Option<(u64, Result<T, Fault>)>> {
        if self.report.rows.is_multiple_of(REPORT_EVERY) {
            self.watch.read(self.lines.octets());
        }
        let Some(line) = self.lines.next()? else {
            self.watch.read(self.lines.octets());
            return Ok(None);
        };
        self.report.rows += 1;
        let number = line.number;
        let read = match (line.text, &self.header) {
            (Err(fault), _) => Err(fault.into()),
            (Ok(text), Some(header)) => {
                header.row(text).map_err(Fault::from).and_then(|row| from_csv(&row, number))
            }
            (Ok(text), None) => from_json(text, number),
        };
        Ok(Some((number, read)))
    }

    fn duplicates(&mut self, duplicates: Vec<Duplicate>) -> Result<(), ImportError> {
        for duplicate in duplicates {
            let fault = match duplicate.what {
                DuplicateKind::Person => Fault::PersonTwice,
                DuplicateKind::Certificate => Fault::CertificateTwice,
                DuplicateKind::Successor => Fault::SuccessorTwice,
            };
            self.bad_row(duplicate.line, fault)?;
        }
        Ok(())
    }

    fn bad_row(&mut self, line: u64, fault: Fault) -> Result<(), ImportError> {
        self.bad += 1;
        self.watch.bad_row(&BadRow { line, fault });
        if self.bad >= BAD_ROWS_LIMIT { Err(ImportError::TooManyBadRows) } else { Ok(()) }
    }

    /// All or nothing: switches the import on, or gives it up.
    async fn end(
        self,
        operator: &Operator,
        outcome: Result<(), ImportError>,
        mode: Mode,
        event: &str,
    ) -> Result<Report, ImportError> {
        let judged = match outcome {
            Ok(()) if self.bad > 0 => Err(ImportError::BadRows { count: self.bad }),
            Ok(()) if self.report.rows == 0 => Err(ImportError::Nothing),
            other => other,
        };
        if let Err(error) = judged {
            self.import.give_up().await?;
            return Err(error);
        }
        let digest = self.lines.sha256();
        let entry = operator.entry(event).of_file(&digest);
        self.import.switch_on(mode, &operator.keys.node, &entry.as_audit()).await?;
        registry::clean_up(&operator.store).await.map_err(WriteError::from)?;
        Ok(self.report)
    }
}

fn read_header<R: BufRead>(lines: &mut Lines<R>, columns: &[Column]) -> Result<Header, ImportError> {
    let line = lines.next()?.ok_or(HeaderFault::Empty)?;
    let text = line.text.map_err(HeaderFault::Line)?;
    Ok(Header::read(text, columns)?)
}

fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
