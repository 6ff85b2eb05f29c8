//! `shikaku device`: what this PC is as a device, its key, its end.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::json;
use shikaku::flow::View;
use shikaku::guide::Code;
use shikaku::settings::Phase;
use shikaku::terminal::Facts;

use crate::answer::printable;
use crate::failure::Failure;
use crate::screen::{self, Paint};
use crate::terminal::{self, Pc};

/// 資格確認端末としてのこのPCの状態を表示し、端末の鍵を更新し、登録情報を消去します。
#[derive(Debug, Args)]
pub(crate) struct DeviceArgs {
    #[command(subcommand)]
    command: DeviceCommand,
}

#[derive(Debug, Subcommand)]
enum DeviceCommand {
    /// 医療機関等、運用の段階、設定の版などを表示します（鍵などの秘密は表示しません）。
    Info(Place),
    /// 端末の鍵を新しくします。途中で止まっても、端末は使い続けられます。
    RotateKey(Place),
    /// この端末の登録情報と鍵を消去します。サービス側の登録は、ポータルで失効させてください。
    Wipe(Place),
}

#[derive(Debug, Args)]
struct Place {
    /// 端末の状態を置いたフォルダー。
    #[arg(long, value_name = "DIR")]
    device: Option<PathBuf>,
    /// 結果をひとつのJSONで出力します。
    #[arg(long)]
    json: bool,
}

impl DeviceArgs {
    pub(crate) fn wants_json(&self) -> bool {
        let (DeviceCommand::Info(place) | DeviceCommand::RotateKey(place) | DeviceCommand::Wipe(place)) =
            &self.command;
        place.json
    }
}

/// Runs the command.
pub(crate) fn run(args: &DeviceArgs) -> Result<ExitCode, Failure> {
    match &args.command {
        DeviceCommand::Info(place) => info(place)?,
        DeviceCommand::RotateKey(place) => rotate_key(place)?,
        DeviceCommand::Wipe(place) => wipe(place)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn info(place: &Place) -> Result<(), Failure> {
    let (pc, _) = Pc::registered(place.device.as_deref())?;
    let facts = facts(&pc)?;
    let key = facts.key_id.as_deref().unwrap_or("?");
    if place.json {
        screen::json(&json!({
            "service": facts.origin,
            "institution": facts.institution,
            "institution_name": facts.institution_name,
            "device_id": facts.device_id,
            "key_id": facts.key_id,
            "phase": facts.phase,
            "test": facts.test,
            "settings_version": facts.settings_version,
            "open_challenges": facts.open_challenges,
            "unsent_checks": facts.unsent_checks,
        }));
        return Ok(());
    }
    let phase = if facts.phase == Phase::Test { "運用テスト（参考情報）" } else { "運用" };
    screen::line(&format!("{}（{}）", printable(&facts.institution_name), facts.institution));
    screen::line(&format!("サービス: {}", facts.origin));
    screen::line(&format!("端末: {}（鍵 {key}）", facts.device_id));
    screen::line(&format!("段階: {phase}、設定の版: {}", facts.settings_version));
    screen::line(&format!(
        "使えるチャレンジ: {}、未送信の資格確認: {}",
        facts.open_challenges, facts.unsent_checks
    ));
    Ok(())
}

/// Has the key changed at once. Where that fails, the next command that asks the service goes on with it.
fn rotate_key(place: &Place) -> Result<(), Failure> {
    let (mut pc, effects) = Pc::registered(place.device.as_deref())?;
    if pc.terminal.unsent_until().is_some() {
        return Err(Failure::plain(
            "a signed check has not been sent; `shikaku check` sends it first, then the key can be changed",
        ));
    }
    let old = facts(&pc)?.key_id;
    pc.run(effects);
    let effects = pc.terminal.rotate_key();
    pc.run(effects);
    let new = facts(&pc)?.key_id;
    if old == new {
        let trouble = if let View::Home { trouble, .. } = pc.terminal.screen().view { trouble } else { None };
        return Err(pc.failure(trouble.unwrap_or(Code::ServiceDown)));
    }
    if place.json {
        screen::json(&json!({ "old_key_id": old, "key_id": new }));
    } else {
        screen::line(&screen::paint(Paint::Good, "✓ 端末の鍵を更新しました"));
        screen::line(&format!("  {} → {}", old.unwrap_or_default(), new.unwrap_or_default()));
    }
    Ok(())
}

/// 端末情報 of a device that the service deals with.
fn facts(pc: &Pc) -> Result<Facts, Failure> {
    match (pc.terminal.screen().view, pc.terminal.facts()) {
        (View::Stopped(code), _) => Err(pc.failure(code)),
        (_, None) => Err(Failure::coded(Code::NotRegistered, "nothing is kept")),
        (_, Some(facts)) => Ok(facts),
    }
}

fn wipe(place: &Place) -> Result<(), Failure> {
    terminal::discard(place.device.as_deref())?;
    if place.json {
        screen::json(&json!({ "wiped": true }));
    } else {
        screen::line("この端末の登録情報と鍵を消去しました。");
    }
    Ok(())
}
