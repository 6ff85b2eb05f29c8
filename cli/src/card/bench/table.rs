//! `shikaku card bench --table`: every dialogue over every kind of reader, counted, and how long each takes by the
//! model.

use serde_json::{Value, json};
use shikaku::tap::{Form, ReaderLimits};

use super::dialogue::{DIALOGUES, Settled};
use crate::airtime::{Model, Radio, Rate};
use crate::failure::Failure;
use crate::screen::{self, Paint};

/// Kinds of readers: how they are called, what they carry.
const READERS: [(&str, ReaderLimits); 3] = [
    ("短 256", ReaderLimits::SHORT),
    ("短 251 (libnfc)", ReaderLimits { extended_length: false, short_read: 251 }),
    ("拡張", ReaderLimits::EXTENDED),
];
/// Dialogues that differ in time.
const TIMED: usize = 5;
/// Frames of the two card families, octets.
const FRAMES: [u64; 2] = [64, 256];
/// What cards have been said to take for RSA-2048, microseconds: the fastest, the usual, the slowest.
const SIGNATURES_US: [u64; 3] = [55_000, 200_000, 420_000];

/// Prints the table; `host_us` is what host and reader add to each exchange.
pub(super) fn print(host_us: u64, as_json: bool) -> Result<(), Failure> {
    let mut rows = Vec::new();
    for dialogue in &DIALOGUES {
        for (reader, limits) in READERS {
            rows.push((dialogue.name, reader, dialogue.settle(limits)?));
        }
    }
    if as_json {
        let rows = rows.iter().map(|(name, reader, settled)| row_json(name, reader, settled, host_us));
        screen::json(&json!({ "host_micros": host_us, "rows": rows.collect::<Value>() }));
        return Ok(());
    }
    counts(&rows);
    // A card that refuses every form is in the end asked in the standard ones.
    rows.truncate(TIMED * READERS.len());
    times(&rows, host_us);
    Ok(())
}

fn counts(rows: &[(&str, &str, Settled)]) {
    screen::line(&screen::paint(Paint::Strong, "交信の回数（仮想カードで実行）"));
    screen::line("  回数 終了 断られた試し 送信 受信  リーダー        やりとり");
    for (name, reader, settled) in rows {
        let (sent, received) = settled.octets();
        screen::line(&format!(
            "  {:>4} {:>4} {:>12} {sent:>5} {received:>4}  {reader:<14}  {name}{}",
            settled.exchanges.len(),
            settled.closing,
            settled.refused,
            if settled.forms.is_empty() { "" } else { " *" },
        ));
    }
    screen::line(
        "  終了の選択と、断られた試し（各1回、リーダーとカードの種類ごとに一度だけ）は回数に含みません。",
    );
    screen::line(
        "  * 実物のカードで広く確かめられてはいない形を使います。当方の仮想カードだけで確かめた数です。",
    );
}

fn times(rows: &[(&str, &str, Settled)], host_us: u64) {
    screen::line("");
    screen::line(&screen::paint(Paint::Strong, "1回のタップの時間（計算モデル、ms。実測ではありません）"));
    screen::line(&format!(
        "  無線は ISO/IEC 14443 Type B、1交信ごとにパソコンとリーダーが {host_us} µs。（）は物理限界との差。断られた試しは含みません。"
    ));
    let radios = radios();
    let heads: String =
        radios.iter().map(|radio| column(&format!("{}k/{}", radio.rate.kbps(), radio.frame))).collect();
    for signature_us in SIGNATURES_US {
        let models: Vec<Model> =
            radios.iter().map(|radio| Model { radio: *radio, host_us, signature_us }).collect();
        let certificate = rows.first().map_or(0, |(_, _, settled)| settled.certificate);
        let limits: String = models.iter().map(|model| column(&millis(model.limit(certificate)))).collect();
        screen::line(&format!("  カードの署名 {:>5} ms{heads}", millis(signature_us)));
        screen::line(&format!("  物理限界             {limits}"));
        for (name, reader, settled) in rows {
            let cells: String = models.iter().map(|model| cell(*model, settled)).collect();
            screen::line(&format!(
                "  {:>2} 回                {cells}   {reader}、{name}",
                settled.exchanges.len()
            ));
        }
    }
    screen::line(
        "  列は ビットレート/フレームの長さ。拡張の1回読みは、それまでに見た最長の証明書の長さ（8の倍数に切り上げ）だけを読みます。",
    );
}

/// Every rate with every frame.
fn radios() -> Vec<Radio> {
    Rate::ALL.into_iter().flat_map(|rate| FRAMES.map(|frame| Radio { rate, frame })).collect()
}

fn cell(model: Model, settled: &Settled) -> String {
    let tap = model.tap(&settled.exchanges);
    let over = tap.saturating_sub(model.limit(settled.certificate));
    column(&format!("{} (+{})", millis(tap), millis(over)))
}

fn column(text: &str) -> String {
    format!("{text:>17}")
}

fn row_json(name: &str, reader: &str, settled: &Settled, host_us: u64) -> Value {
    let (sent, received) = settled.octets();
    let times = radios().into_iter().flat_map(|radio| {
        SIGNATURES_US.map(|signature_us| {
            let model = Model { radio, host_us, signature_us };
            json!({
                "kbps": radio.rate.kbps(),
                "frame": radio.frame,
                "signature_micros": signature_us,
                "tap_micros": model.tap(&settled.exchanges),
                "limit_micros": model.limit(settled.certificate),
            })
        })
    });
    json!({
        "dialogue": name,
        "reader": reader,
        "exchanges": settled.exchanges.len(),
        "closing": settled.closing,
        "refused_probes": settled.refused,
        "sent": sent,
        "received": received,
        "forms": settled.forms.iter().map(|form| Form::as_str(*form)).collect::<Vec<_>>(),
        "own_card_only": !settled.forms.is_empty(),
        "modelled": times.collect::<Value>(),
    })
}

fn millis(micros: u64) -> String {
    format!("{}.{}", micros / 1000, micros % 1000 / 100)
}
