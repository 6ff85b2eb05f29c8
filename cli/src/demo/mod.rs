//! `shikaku demo`: the whole way once, with nothing but this program.
//!
//! Every part is the real one: the service over TLS, the settings it issues, the registration, the tap, the signed
//! check. Only the card is virtual, and the registry is a made-up one.

mod service;
mod timeline;

use std::process::ExitCode;

use clap::Args;
use serde_json::json;

use crate::check::{self, CheckArgs};
use crate::failure::Failure;
use crate::reader::ReaderArgs;
use crate::register::{self, RegisterArgs};
use crate::screen::{self, Paint};
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
    let registered = register::conduct(&registration)?;
    screen::note(&format!("端末を登録しました: {}", registered.registered.settings.institution_name));
    let check = CheckArgs::of_virtual_card(reader(&args.card), device, args.json);
    let checked = check::conduct(&check)?;
    let taps: Vec<_> = checked.taps.iter().flat_map(|tap| &tap.exchanges).collect();
    if args.json {
        screen::json(&json!({
            "answer": checked.json.get("answer"),
            "exchanges": timeline::exchanges(&taps),
            "totals": timeline::totals(&taps),
        }));
    } else {
        timeline::show(&taps);
        screen::line(&screen::paint(Paint::Faint, "仮想カードでの実演です。実物のカードは使っていません。"));
    }
    service.stop()?;
    Ok(checked.broken.map_or(ExitCode::SUCCESS, |failure| failure.exit()))
}

fn reader(card: &str) -> ReaderArgs {
    ReaderArgs { reader: format!("virtual:{card}"), anchors: Vec::new() }
}
