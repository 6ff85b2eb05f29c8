//! `admin registry import` and `admin certificates import`, with progress.

use std::io::{BufReader, IsTerminal as _};
use std::path::{Path, PathBuf};

use clap::{Subcommand, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;
use shikaku_portal::admin::Operator;
use shikaku_portal::import::{self, BadRow, Format, ImportError, Report, Watch};
use shikaku_portal::store::registry::Mode;

use super::Answer;
use crate::failure::Failure;
use crate::screen;

/// Bad rows that a failure carries as JSON and that are shown; the count is always told.
const SHOWN: usize = 10_000;

/// 登録簿（人・証明書・資格）。列は docs/registry.md
#[derive(Debug, Subcommand)]
pub(super) enum RegistryCommand {
    /// CSV または JSON Lines を取り込みます。1行でも誤りがあれば何も変わりません
    Import {
        /// ファイル（UTF-8）
        file: PathBuf,
        /// replace: 登録簿をこのファイルの内容にする。merge: このファイルにある人だけを置き換える
        #[arg(long)]
        mode: ModeArg,
        /// ファイルの形。省略時は拡張子から
        #[arg(long)]
        format: Option<FormatArg>,
    },
}

/// 証明書の更新（古いシリアル番号と新しいシリアル番号）
#[derive(Debug, Subcommand)]
pub(super) enum CertificatesCommand {
    /// CSV または JSON Lines を取り込みます
    Import {
        /// ファイル（UTF-8）
        file: PathBuf,
        /// ファイルの形。省略時は拡張子から
        #[arg(long)]
        format: Option<FormatArg>,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum ModeArg {
    Replace,
    Merge,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum FormatArg {
    Csv,
    Jsonl,
}

impl RegistryCommand {
    pub(super) async fn run(self, operator: &Operator) -> Result<Answer, Failure> {
        let Self::Import { file: path, mode, format } = self;
        let mode = match mode {
            ModeArg::Replace => Mode::Replace,
            ModeArg::Merge => Mode::Merge,
        };
        let (file, mut teller) = open(&path)?;
        let done = import::registry(operator, file, format_of(&path, format), mode, &mut teller).await;
        let report = done.map_err(|error| teller.failure(&error))?;
        teller.bar.finish_and_clear();
        let line = format!(
            "取り込みました: {} 行、{} 人、証明書 {}、資格 {}",
            report.rows, report.persons, report.certificates, report.qualifications
        );
        Ok(answer(line, &report))
    }
}

impl CertificatesCommand {
    pub(super) async fn run(self, operator: &Operator) -> Result<Answer, Failure> {
        let Self::Import { file: path, format } = self;
        let (file, mut teller) = open(&path)?;
        let done = import::renewals(operator, file, format_of(&path, format), &mut teller).await;
        let report = done.map_err(|error| teller.failure(&error))?;
        teller.bar.finish_and_clear();
        Ok(answer(format!("取り込みました: 証明書の更新 {} 件", report.certificates), &report))
    }
}

fn answer(line: String, report: &Report) -> Answer {
    Answer::line(line, json!({ "imported": report }))
}

fn format_of(path: &Path, asked: Option<FormatArg>) -> Format {
    let extension = path.extension().and_then(|extension| extension.to_str()).map(str::to_ascii_lowercase);
    match (asked, extension.as_deref()) {
        (Some(FormatArg::Jsonl), _) | (None, Some("jsonl" | "ndjson" | "json")) => Format::JsonLines,
        _ => Format::Csv,
    }
}

fn open(path: &Path) -> Result<(BufReader<std::fs::File>, Teller), Failure> {
    let file = std::fs::File::open(path).map_err(|error| Failure::file(path, &error))?;
    let length = file.metadata().map_or(0, |metadata| metadata.len());
    Ok((BufReader::with_capacity(256 * 1024, file), Teller::with_bar(length)))
}

/// Shows progress and bad rows on standard error, and keeps the bad rows for JSON.
pub(super) struct Teller {
    bar: ProgressBar,
    bad: Vec<BadRow>,
}

impl Teller {
    /// Without a bar.
    pub(super) fn quiet() -> Self {
        Self { bar: ProgressBar::hidden(), bad: Vec::new() }
    }

    fn with_bar(length: u64) -> Self {
        if !std::io::stderr().is_terminal() {
            return Self::quiet();
        }
        let bar = ProgressBar::new(length);
        if let Ok(style) =
            ProgressStyle::with_template("{bar:40} {percent:>3}% {bytes}/{total_bytes} 残り {eta}")
        {
            bar.set_style(style);
        }
        Self { bar, bad: Vec::new() }
    }

    /// The failure, with every bad row that was told.
    pub(super) fn failure(&self, error: &ImportError) -> Failure {
        self.bar.abandon();
        let rows = self.bad.iter().map(|row| (row.line, row.fault.to_string())).collect();
        Failure::rows(error, rows)
    }
}

impl Watch for Teller {
    fn read(&mut self, octets: u64) {
        self.bar.set_position(octets);
    }

    fn bad_row(&mut self, row: &BadRow) {
        self.bar.suspend(|| screen::note(&format!("{}行目: {}", row.line, row.fault)));
        if self.bad.len() < SHOWN {
            self.bad.push(row.clone());
        }
    }
}
