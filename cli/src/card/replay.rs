//! `shikaku card replay FILE…`: recordings through the core.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use serde_json::json;
use shikaku::replay::Recording;

use crate::failure::Failure;
use crate::screen::{self, Paint};

/// 記録を再生して、期待どおりかを見ます。全部合えば 0 で終わります
#[derive(Debug, Args)]
pub(super) struct ReplayArgs {
    /// 記録（.apdu）
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// JSON で出します
    #[arg(long)]
    pub(super) json: bool,
}

/// Plays each file; exit status 0 only if all are as they expect.
pub(super) fn run(args: &ReplayArgs) -> Result<ExitCode, Failure> {
    let mut results = Vec::new();
    let mut all_played = true;
    for file in &args.files {
        let played = play(file)?;
        all_played &= played.is_ok();
        match (&played, args.json) {
            (Ok(exchanges), true) => {
                results.push(json!({ "file": file, "ok": true, "exchanges": exchanges }));
            }
            (Err(why), true) => results.push(json!({ "file": file, "ok": false, "why": why })),
            (Ok(exchanges), false) => {
                screen::line(&format!(
                    "{} {}: 交信 {exchanges} 回",
                    screen::paint(Paint::Good, "一致"),
                    file.display()
                ));
            }
            (Err(why), false) => {
                screen::line(&format!("{} {}: {why}", screen::paint(Paint::Bad, "不一致"), file.display()));
            }
        }
    }
    if args.json {
        screen::json(&json!(results));
    }
    Ok(if all_played { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Exchanges played, or why it does not play.
fn play(file: &Path) -> Result<Result<usize, String>, Failure> {
    let text = std::fs::read_to_string(file).map_err(|error| Failure::file(file, &error))?;
    let recording = match Recording::parse(&text) {
        Ok(recording) => recording,
        Err(error) => return Ok(Err(error.to_string())),
    };
    Ok(recording.play().map(|played| played.exchanges).map_err(|mismatch| mismatch.to_string()))
}
