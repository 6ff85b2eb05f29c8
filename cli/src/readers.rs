//! `shikaku readers`: which readers are seen, and why one cannot be used.

use std::process::ExitCode;

use clap::Args;
use serde_json::{Value, json};

use crate::answer::printable;
use crate::reader::{self, CardSight, Sight, Standing};
use crate::screen::{self, Paint};

/// 使えるリーダーを並べます。使えないものは、その理由と対処を表示します（カードの中は読みません）
#[derive(Debug, Args)]
pub(crate) struct ReadersArgs {
    /// JSON で出します
    #[arg(long)]
    pub(crate) json: bool,
}

/// Runs the command; exit status 0 whatever is seen.
pub(crate) fn run(args: &ReadersArgs) -> ExitCode {
    let seen = reader::survey();
    if args.json {
        screen::json(&json!({ "readers": seen.iter().map(to_json).collect::<Vec<_>>() }));
    } else {
        seen.iter().for_each(show);
    }
    ExitCode::SUCCESS
}

fn to_json(sight: &Sight) -> Value {
    let (code, advice) = match &sight.standing {
        Standing::Usable => (None, None),
        Standing::Unusable { code, advice } => (Some(code), Some(advice)),
    };
    json!({
        "reader": sight.reader,
        "usable": matches!(sight.standing, Standing::Usable),
        "code": code,
        "advice": advice,
        "card": sight.card.as_ref().map(|card| json!({
            "kind": card.kind,
            "atr": card.atr.as_deref().map(screen::hex),
            "mute": card.is_mute,
        })),
    })
}

fn show(sight: &Sight) {
    let reader = printable(&sight.reader);
    match &sight.standing {
        Standing::Usable => screen::line(&format!("{} {reader}", screen::paint(Paint::Good, "○"))),
        Standing::Unusable { code, advice } => {
            screen::line(&format!("{} {reader} [{code}]", screen::paint(Paint::Bad, "×")));
            screen::line(&format!("  → {}", printable(advice)));
        }
    }
    if let Some(card) = &sight.card {
        screen::line(&format!("  カード: {}", described(card)));
    } else if matches!(sight.standing, Standing::Usable) && sight.reader.starts_with("pcsc:") {
        screen::line("  カード: 置かれていません");
    }
}

fn described(card: &CardSight) -> String {
    if card.is_mute {
        return "応答しません。向きを確かめて、置き直してください".to_owned();
    }
    let atr = card.atr.as_deref().map(|atr| format!("、ATR {}", screen::hex(atr).to_uppercase()));
    format!("{}{}", card.title, atr.unwrap_or_default())
}
