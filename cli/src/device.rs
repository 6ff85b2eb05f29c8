//! `shikaku device`: what this PC is as a device, its key, its end.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::json;
use shikaku::check::ChallengePool;
use shikaku::client::{Client, ClientError};
use shikaku::http::{ClockOffset, KeyId, Signer as _};
use shikaku::settings::Phase;

use crate::answer::printable;
use crate::failure::Failure;
use crate::screen::{self, Paint};
use crate::terminal::{Machine, Terminal};

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
    let terminal = Terminal::open(place.device.as_deref())?;
    let state = terminal.registered()?;
    let key = KeyId::of(terminal.device_key()?.spki());
    let settings = &state.settings;
    if place.json {
        screen::json(&json!({
            "service": settings.origin.as_str(),
            "institution": settings.institution.as_str(),
            "institution_name": settings.institution_name,
            "device_id": settings.device_id.to_string(),
            "key_id": key.to_string(),
            "phase": settings.phase,
            "test": settings.test,
            "settings_version": settings.version,
            "open_challenges": state.challenges.len(),
            "unsent_checks": state.unsent.len(),
        }));
        return Ok(());
    }
    let phase = if settings.phase == Phase::Test { "運用テスト（参考情報）" } else { "運用" };
    screen::line(&format!("{}（{}）", printable(&settings.institution_name), settings.institution));
    screen::line(&format!("サービス: {}", settings.origin));
    screen::line(&format!("端末: {}（鍵 {key}）", settings.device_id));
    screen::line(&format!("段階: {phase}、設定の版: {}", settings.version));
    screen::line(&format!(
        "使えるチャレンジ: {}、未送信の資格確認: {}",
        state.challenges.len(),
        state.unsent.len()
    ));
    Ok(())
}

/// Announces the next key, takes it over once the service knows it, and uses it.
fn rotate_key(place: &Place) -> Result<(), Failure> {
    let terminal = Terminal::open(place.device.as_deref())?;
    let mut state = terminal.registered()?;
    if !state.unsent.is_empty() {
        return Err(Failure::plain(
            "a signed check has not been sent; `shikaku check` sends it first, then the key can be changed",
        ));
    }
    let old = terminal.device_key()?;
    let next = terminal.next_key(&old)?;
    // The service retires what is open; nothing of it is to be used should the answer be lost.
    state.challenges = ChallengePool::new();
    terminal.save(&state)?;
    let failed = |error: ClientError| Failure::coded(error.code(), error);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::plain(format_args!("no runtime: {error}")))?;
    let client = Client::new(&state.entry()?, Some(&state.settings), &Machine);
    let client = client.map_err(|fault| Failure::coded(fault.code(), fault))?;
    let mut client = client.with_offset(ClockOffset::of_seconds(state.clock_offset));
    runtime.block_on(client.rotate(&state.settings, &old, &next)).map_err(failed)?;
    terminal.adopt_key(&next)?;
    // The first request by the new key ends the old one. Should it fail, the next one does.
    state.settings = runtime.block_on(client.settings(&state.settings, &next)).map_err(failed)?;
    state.clock_offset = client.offset().seconds();
    terminal.save(&state)?;
    let (from, to) = (KeyId::of(old.spki()), KeyId::of(next.spki()));
    if place.json {
        screen::json(&json!({ "old_key_id": from.to_string(), "key_id": to.to_string() }));
    } else {
        screen::line(&screen::paint(Paint::Good, "✓ 端末の鍵を更新しました"));
        screen::line(&format!("  {from} → {to}"));
    }
    Ok(())
}

fn wipe(place: &Place) -> Result<(), Failure> {
    let folder: Option<&Path> = place.device.as_deref();
    Terminal::discard(folder)?;
    if place.json {
        screen::json(&json!({ "wiped": true }));
    } else {
        screen::line("この端末の登録情報と鍵を消去しました。");
    }
    Ok(())
}
