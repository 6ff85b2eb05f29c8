//! `admin audit …`: verify the chains, take checkpoints.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Subcommand;
use serde_json::json;
use shikaku_portal::admin::Operator;
use shikaku_portal::audit::{self, ChainReport, Checkpoint, Flaw};

use super::{Answer, read_file};
use crate::failure::Failure;

/// 監査
#[derive(Debug, Subcommand)]
pub(super) enum AuditCommand {
    /// 監査記録の鎖を確かめ、最初に合わない行を示します。合わなければ終了コード 1
    Verify {
        /// 別の場所に保管した検査点（何度でも指定できます）。末尾の切り取りは、これがなければ分かりません
        #[arg(long, value_name = "FILE")]
        checkpoint: Vec<PathBuf>,
    },
    /// 今の検査点をファイルに書きます。この機械の外に保管してください
    Checkpoint {
        /// 書くファイル
        file: PathBuf,
    },
}

impl AuditCommand {
    pub(super) async fn run(self, operator: &Operator) -> Result<Answer, Failure> {
        match self {
            Self::Verify { checkpoint } => verify(operator, &checkpoint).await,
            Self::Checkpoint { file } => {
                let (key, now) = (operator.keys.service.current(), operator.clock.now());
                let signed = audit::take_checkpoint(&operator.store, key, now).await.map_err(Failure::of)?;
                std::fs::write(&file, format!("{signed}\n")).map_err(|error| Failure::file(&file, &error))?;
                let line = format!("検査点を書きました: {}。この機械の外に保管してください", file.display());
                Ok(Answer::line(line, json!({ "checkpoint": signed })))
            }
        }
    }
}

async fn verify(operator: &Operator, files: &[PathBuf]) -> Result<Answer, Failure> {
    let keys = operator.keys.service.all();
    let mut checkpoints = Vec::new();
    for file in files {
        let text = String::from_utf8_lossy(&read_file(file)?).into_owned();
        let checkpoint = Checkpoint::verify(&text, &keys)
            .map_err(|error| Failure::plain(format_args!("{}: {error}", file.display())))?;
        checkpoints.push(checkpoint);
    }
    let report = audit::verify(&operator.store, &checkpoints).await.map_err(Failure::of)?;
    let lines = report.chains.iter().map(describe).collect();
    let json = json!({ "whole": report.is_whole(), "chains": report.chains });
    let exit = if report.is_whole() { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    Ok(Answer { exit, ..Answer::lines(lines, json) })
}

fn describe(chain: &ChainReport) -> String {
    let verdict = match chain.flaw {
        None => "異状はありません".to_owned(),
        Some(Flaw::Missing { sequence }) => format!("{sequence}番目の行がありません"),
        Some(Flaw::Changed { sequence }) => format!("{sequence}番目の行が書き換えられています"),
        Some(Flaw::CutOff { sequence }) => format!("検査点にある{sequence}番目の行より前で終わっています"),
        Some(Flaw::Rewritten { sequence }) => format!("{sequence}番目の行が検査点のものと違います"),
    };
    format!("{}: {} 行まで正しい。{verdict}", chain.node, chain.good_rows)
}
