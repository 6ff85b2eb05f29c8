//! `shikaku demo`: the whole way once, with nothing but this program.
//!
//! Every part is the real one: the service over TLS, the settings it issues, the registration, the tap, the signed
//! check. Only the card is virtual, and the registry is a made-up one.

mod picture;
mod service;
mod timeline;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Args;
use serde_json::json;
use shikaku::tap::Strategy;

use crate::check::{self, CheckArgs, PastTap};
use crate::failure::Failure;
use crate::reader::{Exchange, ReaderArgs, TapRun};
use crate::register::{self, RegisterArgs};
use crate::screen::{self, Paint};
use picture::Picture;
use service::DemoService;

/// 仮想カードで、登録から資格確認までをひととおり実演します。
///
/// この機械の中だけで、TLS のサービスを起動し、試験用の医療機関と端末を登録し、仮想マイナンバーカード（暗証番号 1234）を
/// かざして、結果と交信の記録を表示します。終わると何も残りません。
#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    /// 仮想カードの名前（`shikaku virtual-card --list` で並びます）
    #[arg(long, value_name = "NAME", default_value = "default")]
    card: String,
    /// 暗証番号の代わりに、目視確認を実演します（照合番号B。顔写真と氏名の確認は、仮想の担当者が「はい」と答えます）
    #[arg(long)]
    visual: bool,
    /// どこに何ミリ秒かかったかを、図（SVG）にしてこのファイルに書き出します
    #[arg(long, value_name = "FILE.svg")]
    timeline: Option<PathBuf>,
    /// 結果と交信をひとつの JSON で出します
    #[arg(long)]
    pub(crate) json: bool,
}

/// Runs the command.
pub(crate) fn run(args: &DemoArgs) -> Result<ExitCode, Failure> {
    screen::note("仮想カードと仮の資格情報による実演です。全国のオンライン資格確認には接続していません。");
    let (service, issued) = DemoService::start()?;
    let device = service.folder().join("device");
    let registration =
        RegisterArgs::of_files(issued.trust, issued.settings, issued.terms_version, device.clone());
    let facts = register::conduct(&registration)?;
    screen::note(&format!("端末を登録しました: {}", facts.institution_name));
    let check = CheckArgs::of_virtual_card(reader(&args.card), device, args.visual, args.json);
    let begin = Instant::now();
    let checked = check::conduct(&check)?;
    let elapsed = begin.elapsed();
    let taps: Vec<_> = checked.taps.iter().flat_map(|tap| &tap.exchanges).collect();
    if let Some(path) = &args.timeline {
        let svg = picture(&checked.taps, &taps, elapsed).svg();
        std::fs::write(path, svg).map_err(|error| Failure::file(path, &error))?;
        screen::note(&format!("図を書き出しました: {}", path.display()));
    }
    if args.json {
        screen::json(&json!({
            "answer": checked.json.get("answer"),
            "exchanges": timeline::exchanges(&taps),
            "totals": timeline::totals(&taps),
            "strategy": checked.taps.last().map(|tap| tap.outcome.strategy.to_string()),
        }));
    } else {
        timeline::show(&taps);
        if let Some(tap) = checked.taps.last() {
            screen::line(&format!("  命令の形: {}", tap.outcome.strategy));
        }
        screen::line(&screen::paint(Paint::Faint, "仮想カードでの実演です。実物のカードは使っていません。"));
    }
    service.stop()?;
    Ok(checked.broken.map_or(ExitCode::SUCCESS, |failure| failure.exit()))
}

/// The taps as a picture; what was no tap of `elapsed` was the service's.
fn picture<'a>(taps: &[TapRun<PastTap>], exchanges: &'a [&'a Exchange], elapsed: Duration) -> Picture<'a> {
    let certificate = taps.iter().rev().find_map(|tap| tap.outcome.certificate);
    let tapped = taps.iter().map(|tap| tap.elapsed).sum();
    Picture {
        exchanges,
        certificate: certificate.unwrap_or_default(),
        program: taps.iter().map(|tap| tap.core).sum(),
        service: elapsed.saturating_sub(tapped),
    }
}

fn reader(card: &str) -> ReaderArgs {
    ReaderArgs { reader: format!("virtual:{card}"), anchors: Vec::new(), forms: Strategy::default() }
}
