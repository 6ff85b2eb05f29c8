//! The exchanges with the card, as a table for people and as JSON for programs.

use serde_json::{Value, json};
use shikaku::tap::Stage;

use crate::reader::Exchange;
use crate::screen::{self, Paint};

/// Widest bar of the picture, in characters.
const BAR: u64 = 24;
/// Hexadecimal characters of a command that are shown to people.
const COMMAND_WIDTH: usize = 34;

/// One object for each exchange; a PIN is masked.
pub(super) fn exchanges(taps: &[&Exchange]) -> Value {
    let each = taps.iter().map(|exchange| {
        json!({
            "command": exchange.command,
            "response_length": exchange.response_length,
            "status": exchange.status,
            "micros": exchange.micros,
        })
    });
    each.collect()
}

/// Sums over all exchanges.
pub(super) fn totals(taps: &[&Exchange]) -> Value {
    json!({
        "exchanges": taps.len(),
        "sent": taps.iter().map(|exchange| exchange.command_length).sum::<usize>(),
        "received": taps.iter().map(|exchange| exchange.response_length).sum::<usize>(),
        "micros": micros(taps),
    })
}

/// Draws them: what was sent, what came back, how long it took.
pub(super) fn show(taps: &[&Exchange]) {
    screen::line("");
    screen::line(&screen::paint(Paint::Strong, "カードとの交信"));
    let slowest = taps.iter().map(|exchange| exchange.micros).max().unwrap_or(0).max(1);
    for (number, exchange) in taps.iter().enumerate() {
        let bar = usize::try_from((exchange.micros * BAR).div_ceil(slowest)).unwrap_or(0);
        screen::line(&format!(
            "  {:>2} {} {:<COMMAND_WIDTH$} → {:>4} B {} {:>6} µs {}",
            number + 1,
            exchange.stage.map_or("　　　　　", stage),
            shortened(&exchange.command),
            exchange.response_length,
            exchange.status,
            exchange.micros,
            screen::paint(Paint::Faint, &"▇".repeat(bar)),
        ));
    }
    let sent: usize = taps.iter().map(|exchange| exchange.command_length).sum();
    let received: usize = taps.iter().map(|exchange| exchange.response_length).sum();
    screen::line(&format!(
        "  {} 回・送信 {sent} B・受信 {received} B・{} µs（最後の1回はカードを離れる手続き）",
        taps.len(),
        micros(taps)
    ));
}

fn micros(taps: &[&Exchange]) -> u64 {
    taps.iter().map(|exchange| exchange.micros).sum()
}

/// Five characters of full width each, so that the columns stand.
pub(super) const fn stage(stage: Stage) -> &'static str {
    match stage {
        Stage::Application => "アプリ選択",
        Stage::Certificate => "証明書　　",
        Stage::Counter => "残り回数　",
        Stage::Pin => "暗証番号　",
        Stage::Signature | Stage::Presence => "署名　　　",
        Stage::Surface => "券面の証明",
        Stage::PrintedCounter => "券面の残り",
        Stage::PrintedNumber => "券面の番号",
        Stage::Record => "券面の情報",
        Stage::Name => "券面の氏名",
        Stage::Closing => "終了　　　",
    }
}

fn shortened(command: &str) -> String {
    match command.char_indices().nth(COMMAND_WIDTH) {
        None => command.to_owned(),
        Some(_) => command.chars().take(COMMAND_WIDTH - 1).chain(['…']).collect(),
    }
}
