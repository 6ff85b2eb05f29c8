//! `shikaku card certificate FILE`: what the core makes of a certificate.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use shikaku::certificate::{Anchors, der_from};
use shikaku::instant::UnixTime;

use super::facts::Facts;
use super::tap_request::now;
use crate::failure::Failure;
use crate::reader::with_files;
use crate::screen;

/// 証明書ファイルを調べます。受け入れられるときだけ 0 で終わります
#[derive(Debug, Args)]
pub(super) struct CertificateArgs {
    /// 証明書（DER または PEM）
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// テスト用ルートとして信頼する証明書（DER または PEM）。何度でも書けます
    #[arg(long = "anchor", value_name = "FILE")]
    anchors: Vec<PathBuf>,
    /// この時刻で判定します（1970年からの秒）。書かなければ今
    #[arg(long, value_name = "SECONDS")]
    at: Option<u64>,
    /// JSON で出します
    #[arg(long)]
    pub(super) json: bool,
}

/// Judges the file; exit status 0 only if the certificate would be accepted.
pub(super) fn run(args: &CertificateArgs) -> Result<ExitCode, Failure> {
    let file = std::fs::read(&args.file).map_err(|error| Failure::file(&args.file, &error))?;
    let anchors = with_files(Anchors::production(), &args.anchors)?;
    let der = der_from(&file).unwrap_or(file);
    let facts = Facts::of(&der, &anchors, args.at.map_or_else(now, UnixTime));
    if args.json {
        screen::json(&facts.json());
    } else {
        facts.show();
    }
    Ok(if facts.is_accepted() { ExitCode::SUCCESS } else { ExitCode::from(2) })
}
