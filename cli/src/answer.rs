//! `shikaku answer`: what a `.shikaku` file says, and whether it is true.

use std::path::PathBuf;
use std::process::ExitCode;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use shikaku::check::{Evidence, VerifiedAnswer, VerifiedEvidence};
use shikaku::identifier::fits_a_line;
use shikaku::qualification::{Row, Tone};

use crate::failure::Failure;
use crate::register::read_trust;
use crate::screen::{self, Paint};

/// 資格確認の証跡（.shikaku）を検証します。
#[derive(Debug, Args)]
pub(crate) struct AnswerArgs {
    #[command(subcommand)]
    command: AnswerCommand,
}

#[derive(Debug, Subcommand)]
enum AnswerCommand {
    /// 署名を検証し、内容を表示します。レジストリには問い合わせません。
    Verify(VerifyArgs),
}

#[derive(Debug, Args)]
struct VerifyArgs {
    /// .shikaku ファイル。
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// 信頼リストのファイル。
    #[arg(long, value_name = "FILE")]
    trust: PathBuf,
    /// テスト用サービスの信頼リストを許します。
    #[arg(long)]
    test: bool,
    /// 結果をひとつのJSONで出力します。
    #[arg(long)]
    json: bool,
}

impl AnswerArgs {
    /// Whether failures are to be printed as JSON.
    pub(crate) const fn wants_json(&self) -> bool {
        match &self.command {
            AnswerCommand::Verify(args) => args.json,
        }
    }
}

/// Runs the command.
pub(crate) fn run(args: &AnswerArgs) -> Result<ExitCode, Failure> {
    let AnswerCommand::Verify(args) = &args.command;
    let trust = read_trust(&args.trust, args.test)?;
    let file = std::fs::read_to_string(&args.file).map_err(|error| Failure::file(&args.file, &error))?;
    let evidence = Evidence::verify(&file, &trust);
    let evidence = evidence.map_err(|error| Failure::coded(error.code(), error))?;
    if args.json {
        screen::json(&verified_json(&evidence));
    } else {
        screen::line(&screen::paint(Paint::Good, "✓ 署名はすべて正しく、内容は変わっていません"));
        let test = if evidence.test { "（テスト用サービス）" } else { "" };
        screen::line(&format!("  サービス: {}{test}", evidence.service));
        screen::line(&format!("  端末: {}", evidence.device));
        show(&evidence.answer);
    }
    Ok(ExitCode::SUCCESS)
}

fn verified_json(evidence: &VerifiedEvidence) -> Value {
    let mut value = answer_json(&evidence.answer);
    if let Value::Object(members) = &mut value {
        members.insert("service".to_owned(), json!(evidence.service));
        members.insert("test_service".to_owned(), json!(evidence.test));
        members.insert("device_key".to_owned(), json!(evidence.device.to_string()));
        members.insert(
            "certificate_sha256".to_owned(),
            json!(URL_SAFE_NO_PAD.encode(evidence.certificate_sha256)),
        );
    }
    value
}

/// A verified answer for programs: the body as the service signed it, and what follows from it.
pub(crate) fn answer_json(verified: &VerifiedAnswer) -> Value {
    let answer = verified.answer();
    json!({
        "answer": serde_json::to_value(answer).unwrap_or(Value::Null),
        "code": answer.code().as_str(),
        "marking": answer.marking(),
        "signed_at": verified.signature().created.0,
        "service_key": verified.signature().key_id.to_string(),
    })
}

/// Shows a verified answer: first whether it is valid on the day, in colour, word and symbol; then the rest.
pub(crate) fn show(verified: &VerifiedAnswer) {
    let sheet = verified.sheet();
    if let Some(marking) = sheet.marking {
        screen::line(&screen::paint(Paint::Warn, &format!("【{marking}】")));
    }
    let paint = match sheet.tone {
        Tone::Good => Paint::Good,
        Tone::Bad => Paint::Bad,
        Tone::Attention => Paint::Warn,
        Tone::Reference => Paint::Strong,
    };
    screen::line(&screen::paint(paint, &format!("{} {}", sheet.symbol, sheet.word)));
    rows(&sheet.check);
    if sheet.tone != Tone::Good {
        screen::line(&format!("  {}", sheet.guide.cause_ja));
        screen::line(&format!("  → {}", sheet.guide.remedy_ja));
    }
    for (index, section) in sheet.sections.iter().enumerate() {
        let number = if sheet.choose { format!("[{}] ", index + 1) } else { String::new() };
        screen::line(&screen::paint(Paint::Strong, &format!("  {number}{}", section.standing)));
        rows(&section.first);
        rows(&section.rest);
    }
    for notice in &sheet.notices {
        screen::line(&screen::paint(Paint::Warn, &format!("  {notice}")));
    }
}

fn rows(rows: &[Row]) {
    for row in rows {
        screen::line(&format!("  {}: {}", row.label, printable(&row.value)));
    }
}

/// A text from elsewhere without what could steer a terminal or turn the direction of writing.
pub(crate) fn printable(text: &str) -> String {
    let steers = |c: char| !fits_a_line(c.encode_utf8(&mut [0; 4]));
    text.chars().map(|c| if steers(c) { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_from_elsewhere_does_not_steer_the_terminal() {
        assert_eq!(printable("資格\u{1b}[2J太郎\n\u{9b}"), "資格\u{fffd}[2J太郎\u{fffd}\u{fffd}");
        // Every control of the Unicode bidirectional algorithm (UAX #9).
        let bidi = ['\u{61c}', '\u{200e}', '\u{200f}'].into_iter();
        for mark in bidi.chain('\u{202a}'..='\u{202e}').chain('\u{2066}'..='\u{2069}') {
            assert_eq!(printable(&format!("資格{mark}太郎")), "資格\u{fffd}太郎", "{mark:?}");
        }
    }
}
