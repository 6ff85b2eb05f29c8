//! `shikaku demo --timeline FILE.svg`: the tap as a picture. What was measured is drawn full, what was computed hatched.
//!
//! The virtual card takes no time on the air and none for its chip, so the tap is drawn by the model of
//! [`crate::airtime`]; the program and the service are real, so theirs is measured.

use std::fmt::Write as _;
use std::time::Duration;

use shikaku::tap::Stage;

use super::timeline::stage;
use crate::airtime::{Model, Radio, Rate};
use crate::reader::Exchange;

/// The reader and card that the tap is drawn for: the slowest rate, which every reader has, the frames of a My Number
/// Card, and the usual time for its RSA.
const MODEL: Model =
    Model { radio: Radio { rate: Rate::K106, frame: 256 }, host_us: 1_000, signature_us: 200_000 };

const WIDTH: f64 = 1120.0;
/// Where the bars begin and end.
const LEFT: f64 = 330.0;
const RIGHT: f64 = 1010.0;
const ROW: f64 = 30.0;
const TOP: f64 = 150.0;

const AIR: &str = "url(#air)";
const CARD: &str = "url(#card)";
const HOST: &str = "url(#host)";
const PROGRAM: &str = "#1f5fa8";
const SERVICE: &str = "#2f7d4f";

/// What is drawn.
pub(super) struct Picture<'a> {
    /// What passed between program and card.
    pub(super) exchanges: &'a [&'a Exchange],
    /// Octets of the certificate that was read.
    pub(super) certificate: usize,
    /// What the program took between the exchanges.
    pub(super) program: Duration,
    /// What was left of the check when the taps are taken away: challenges, request, answer, verification.
    pub(super) service: Duration,
}

/// Part of a bar, microseconds.
struct Part {
    micros: u64,
    fill: &'static str,
}

/// A line of the picture.
struct Row {
    label: String,
    detail: String,
    parts: Vec<Part>,
}

impl Row {
    fn micros(&self) -> u64 {
        self.parts.iter().map(|part| part.micros).sum()
    }
}

impl Picture<'_> {
    /// The picture as SVG.
    pub(super) fn svg(&self) -> String {
        let modelled: Vec<Row> = self.exchanges.iter().map(|exchange| row(exchange)).collect();
        let tap: u64 = modelled.iter().map(Row::micros).sum();
        let limit = MODEL.limit(self.certificate);
        let rows: Vec<Row> = modelled.into_iter().chain(self.measured()).collect();
        let whole: u64 = rows.iter().map(Row::micros).sum();
        let scale = Scale::of(whole);
        let height = TOP + ROW * f64::from(u16::try_from(rows.len()).unwrap_or(u16::MAX)) + 120.0;
        let mut svg = head(height);
        legend(&mut svg);
        scale.draw(&mut svg, height - 100.0);
        let mut begin = 0;
        for (place, row) in rows.iter().enumerate() {
            let top = TOP + ROW * f64::from(u16::try_from(place).unwrap_or(u16::MAX));
            scale.row(&mut svg, row, begin, top);
            begin += row.micros();
        }
        scale.limit(&mut svg, limit, height - 100.0);
        foot(&mut svg, height, tap, limit, whole);
        svg.push_str("</svg>\n");
        svg
    }

    fn measured(&self) -> [Row; 2] {
        let bar = |label: &str, detail: &str, duration: Duration, fill| Row {
            label: label.to_owned(),
            detail: detail.to_owned(),
            parts: vec![Part { micros: u64::try_from(duration.as_micros()).unwrap_or(u64::MAX), fill }],
        };
        [
            bar("プログラム", "実測・交信の間の計算", self.program, PROGRAM),
            bar("サービス", "実測・通信、検証、端末の保存", self.service, SERVICE),
        ]
    }
}

/// One exchange by the model: host, air, and the card's RSA where it signs.
fn row(exchange: &Exchange) -> Row {
    let air = MODEL.radio.exchange((exchange.command_length, exchange.response_length)) / 1000;
    let mut parts = vec![Part { micros: MODEL.host_us, fill: HOST }, Part { micros: air, fill: AIR }];
    let signs = matches!(exchange.stage, Some(Stage::Signature | Stage::Presence));
    if signs && exchange.command.starts_with("802A") {
        parts.push(Part { micros: MODEL.signature(), fill: CARD });
    }
    Row {
        label: exchange.stage.map_or("", stage).trim_end_matches('　').to_owned(),
        detail: format!("{} → {} B", header(&exchange.command), exchange.response_length),
        parts,
    }
}

/// CLA, INS, P1 and P2: what a command is, and nothing of what it carries.
fn header(command: &str) -> String {
    command.chars().take(8).collect()
}

/// Microseconds on the page.
struct Scale {
    /// At the right end.
    whole: u64,
    /// From one line of the grid to the next.
    step: u64,
}

impl Scale {
    fn of(micros: u64) -> Self {
        let step = [20_000, 50_000, 100_000, 200_000, 500_000, 1_000_000, 5_000_000]
            .into_iter()
            .find(|step| micros / step < 12)
            .unwrap_or(20_000_000);
        Self { whole: (micros / step + 1) * step, step }
    }

    #[expect(clippy::cast_precision_loss, reason = "a picture: far fewer microseconds than 2^52")]
    fn x(&self, micros: u64) -> f64 {
        LEFT + (RIGHT - LEFT) * micros as f64 / self.whole as f64
    }

    fn draw(&self, svg: &mut String, bottom: f64) {
        for at in (0..=self.whole / self.step).map(|line| line * self.step) {
            let x = self.x(at);
            let _ = writeln!(
                svg,
                r##"<line x1="{x:.1}" y1="{:.1}" x2="{x:.1}" y2="{bottom:.1}" stroke="#dddddd"/><text x="{x:.1}" y="{:.1}" font-size="12" fill="#555555" text-anchor="middle">{}</text>"##,
                TOP - 8.0,
                bottom + 16.0,
                at / 1000
            );
        }
        let _ = writeln!(
            svg,
            r##"<text x="{:.1}" y="{:.1}" font-size="12" fill="#555555">ミリ秒</text>"##,
            RIGHT + 24.0,
            bottom + 16.0
        );
    }

    fn row(&self, svg: &mut String, row: &Row, begin: u64, top: f64) {
        let _ = writeln!(
            svg,
            r##"<text x="20" y="{y:.1}" font-size="14">{}</text><text x="120" y="{y:.1}" font-size="12" fill="#555555">{}</text>"##,
            row.label,
            row.detail,
            y = top + 17.0
        );
        let mut from = begin;
        for part in &row.parts {
            let (left, right) = (self.x(from), self.x(from + part.micros));
            let _ = writeln!(
                svg,
                r##"<rect x="{left:.2}" y="{:.1}" width="{:.2}" height="18" fill="{}" stroke="#333333" stroke-width="0.4"/>"##,
                top + 4.0,
                (right - left).max(0.6),
                part.fill
            );
            from += part.micros;
        }
        let _ = writeln!(
            svg,
            r#"<text x="{:.1}" y="{:.1}" font-size="12">{}</text>"#,
            self.x(from) + 6.0,
            top + 17.0,
            millis(row.micros())
        );
    }

    fn limit(&self, svg: &mut String, limit: u64, bottom: f64) {
        let x = self.x(limit);
        let _ = writeln!(
            svg,
            r##"<line x1="{x:.1}" y1="{:.1}" x2="{x:.1}" y2="{bottom:.1}" stroke="#c0392b" stroke-width="2" stroke-dasharray="7 4"/><text x="{:.1}" y="{:.1}" font-size="13" fill="#c0392b" text-anchor="end">物理限界 {}（計算）</text>"##,
            TOP - 12.0,
            x + 4.0,
            TOP - 18.0,
            millis(limit)
        );
    }
}

fn head(height: f64) -> String {
    format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}" font-family="'Noto Sans CJK JP','Hiragino Sans','Yu Gothic',sans-serif" fill="#222222">
<title>1回の資格確認にかかる時間</title>
<defs>
<pattern id="air" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="6" height="6" fill="#ffffff"/><rect width="3" height="6" fill="#e08e2b"/></pattern>
<pattern id="card" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(-45)"><rect width="6" height="6" fill="#ffffff"/><rect width="3" height="6" fill="#8e5ea2"/></pattern>
<pattern id="host" width="4" height="4" patternUnits="userSpaceOnUse"><rect width="4" height="4" fill="#ffffff"/><rect width="2" height="4" fill="#777777"/></pattern>
</defs>
<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>
<text x="20" y="36" font-size="22" font-weight="bold">1回の資格確認にかかる時間</text>
"##
    )
}

fn legend(svg: &mut String) {
    let entries = [
        (AIR, "無線（計算）"),
        (CARD, "カードの署名（計算）"),
        (HOST, "パソコンとリーダー（計算）"),
        (PROGRAM, "プログラム（実測）"),
        (SERVICE, "サービス（実測）"),
    ];
    let _ = writeln!(
        svg,
        r#"<text x="20" y="62" font-size="13">網かけは計算した値（実測ではありません）、塗りつぶしはこの実演で測った値です。</text>"#
    );
    let mut x = 20.0;
    for (fill, text) in entries {
        let _ = writeln!(
            svg,
            r##"<rect x="{x}" y="78" width="26" height="16" fill="{fill}" stroke="#333333" stroke-width="0.4"/><text x="{}" y="91" font-size="13">{text}</text>"##,
            x + 33.0
        );
        x += 215.0;
    }
}

fn foot(svg: &mut String, height: f64, tap: u64, limit: u64, whole: u64) {
    let lines = [
        format!(
            "カードとのやりとり {}（計算）: 物理限界 {} より {} 長い。全体 {}（計算と実測の和）。",
            millis(tap),
            millis(limit),
            millis(tap.saturating_sub(limit)),
            millis(whole)
        ),
        format!(
            "計算の条件: {} kbit/s、フレーム {} オクテット、1交信ごとに {} µs、カードの署名 {}（ISO/IEC 14443 Type B、最短の待ち時間）。",
            MODEL.radio.rate.kbps(),
            MODEL.radio.frame,
            MODEL.host_us,
            millis(MODEL.signature_us)
        ),
        "物理限界: 証明書・暗証番号・ハッシュ・署名のビットだけを運び、カードが一度署名する時間。仮想カードなので、無線とカードの実物の時間は測れません。".to_owned(),
    ];
    let mut y = height - 58.0;
    for line in lines {
        let _ = writeln!(svg, r#"<text x="20" y="{y:.1}" font-size="13">{line}</text>"#);
        y += 20.0;
    }
}

fn millis(micros: u64) -> String {
    format!("{}.{} ms", micros / 1000, micros % 1000 / 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exchange(command: &str, response_length: usize, stage: Stage) -> Exchange {
        Exchange {
            command: command.to_owned(),
            command_length: command.len() / 2,
            response_length,
            status: "9000".to_owned(),
            stage: Some(stage),
            micros: 40,
        }
    }

    #[test]
    fn the_picture_tells_measured_from_computed_and_shows_no_data() {
        let sign = format!("802A009733{}00", "AB".repeat(51));
        let exchanges = [
            exchange("00B08A00000638", 1594, Stage::Certificate),
            exchange("0020008004????????", 2, Stage::Pin),
            exchange(&sign, 258, Stage::Signature),
        ];
        let exchanges: Vec<&Exchange> = exchanges.iter().collect();
        let (program, service) = (Duration::from_millis(3), Duration::from_millis(90));
        let svg = Picture { exchanges: &exchanges, certificate: 1590, program, service }.svg();
        assert!(svg.starts_with("<svg ") && svg.trim_end().ends_with("</svg>"));
        assert_eq!(svg.matches("<text").count(), svg.matches("</text>").count());
        assert_eq!(svg.matches(&format!(r#"height="18" fill="{CARD}""#)).count(), 1, "one signature");
        assert_eq!(svg.matches(&format!(r#"height="18" fill="{AIR}""#)).count(), 3);
        assert!(svg.contains("90.0 ms") && svg.contains("3.0 ms"), "what was measured");
        assert!(svg.contains(&millis(MODEL.limit(1590))));
        assert!(!svg.contains("ABAB") && !svg.contains('?'), "a header says what a command is");
    }

    #[test]
    fn the_grid_has_room_for_every_length() {
        for micros in [0, 1, 19_999, 20_000, 450_000, 3_000_000, 60_000_000] {
            let scale = Scale::of(micros);
            assert!(scale.whole > micros && scale.whole / scale.step <= 12, "{micros}");
            assert!(scale.x(micros) <= RIGHT);
        }
    }
}
