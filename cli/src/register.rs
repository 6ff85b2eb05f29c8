//! `shikaku register`: makes this PC a device of an institution (初期登録).

use std::io::{IsTerminal as _, Read as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use serde_json::json;
use shikaku::client::Client;
use shikaku::flow::View;
use shikaku::guide::Code;
use shikaku::identifier::ServiceOrigin;
use shikaku::registration::Terms;
use shikaku::settings::Phase;
use shikaku::terminal::{Act, Facts, Given};
use shikaku::trust::{TestEntries, TrustList};
use zeroize::Zeroizing;

use crate::answer::printable;
use crate::failure::Failure;
use crate::keyboard::{self, Echo};
use crate::reader::Cancel;
use crate::screen::{self, Paint};
use crate::secret_line;
use crate::terminal::{self, Folder, Machine, Pc, runtime};

/// このPCを、医療機関等の資格確認端末として初期登録します。
///
/// 利用規約を表示し、同意のあとで、ポータルのユーザー設定情報を使って登録します。登録コードそのものは送信しません。
#[derive(Debug, Args)]
pub(crate) struct RegisterArgs {
    /// 信頼リストのファイル（サービスが `serve` の開始時に表示したもの）。
    #[arg(long, value_name = "FILE")]
    trust: PathBuf,
    /// テスト用サービスの信頼リストを許します。
    #[arg(long)]
    test: bool,
    /// 信頼リストに複数のサービスがあるとき、そのひとつ（https://…）。
    #[arg(long, value_name = "ORIGIN")]
    service: Option<ServiceOrigin>,
    #[command(flatten)]
    settings: SettingsArgs,
    /// 端末の名前（受付1など）。
    #[arg(long, value_name = "NAME", default_value = "PC")]
    device_name: String,
    /// この版の利用規約に同意済みとして、質問を省きます。
    #[arg(long, value_name = "VERSION")]
    accept_terms: Option<u32>,
    /// この端末に残っている登録を捨てて、新しく登録します。
    #[arg(long)]
    anew: bool,
    /// 端末の状態を置くフォルダー。
    #[arg(long, value_name = "DIR")]
    device: Option<PathBuf>,
    /// 結果をひとつのJSONで出力します。
    #[arg(long)]
    pub(crate) json: bool,
}

/// Where the user settings come from: a file, a QR's text, or typed values.
#[derive(Debug, Args)]
struct SettingsArgs {
    /// ユーザー設定情報のファイル。`-` は標準入力。
    #[arg(long, value_name = "FILE", conflicts_with_all = ["qr_text", "institution"])]
    settings: Option<PathBuf>,
    /// QRコードの文字列（ほかの利用者にも見えることがあるので、--settings のほうが安全です）。
    #[arg(long, value_name = "TEXT", conflicts_with = "institution")]
    qr_text: Option<String>,
    /// 医療機関等コード（10桁）。登録コードは画面に出さずに尋ねます。
    #[arg(long, value_name = "CODE", requires = "account")]
    institution: Option<String>,
    /// アカウントID（W と7桁）。
    #[arg(long, value_name = "ID", requires = "institution")]
    account: Option<String>,
    /// 登録コードを標準入力から読みます。
    #[arg(long, requires = "institution")]
    code_stdin: bool,
}

impl RegisterArgs {
    /// What a program says that has trust list and user settings in files and has agreed to the terms.
    #[cfg(feature = "virtual")]
    pub(crate) fn of_files(trust: PathBuf, settings: PathBuf, terms_version: u32, device: PathBuf) -> Self {
        Self {
            trust,
            test: true,
            service: None,
            settings: SettingsArgs {
                settings: Some(settings),
                qr_text: None,
                institution: None,
                account: None,
                code_stdin: false,
            },
            device_name: "実演".to_owned(),
            accept_terms: Some(terms_version),
            anew: false,
            device: Some(device),
            json: false,
        }
    }
}

/// Runs the command.
pub(crate) fn run(args: &RegisterArgs) -> Result<ExitCode, Failure> {
    report(args.json, &conduct(args)?);
    Ok(ExitCode::SUCCESS)
}

/// Registers, and keeps the state; shows nothing but the terms.
pub(crate) fn conduct(args: &RegisterArgs) -> Result<Facts, Failure> {
    if args.anew {
        terminal::discard(args.device.as_deref())?;
    }
    let folder = Arc::new(Folder::open(args.device.as_deref())?);
    // Before anything is asked, of a person or over the network.
    let (pc, _) = Pc::open(&folder, TrustList::nobody(), Terms::new(0, ""))?;
    match pc.terminal.screen().view {
        View::Terms { .. } => {}
        View::Stopped(code) => return Err(pc.failure(code)),
        _ => {
            return Err(Failure::plain(
                "this device is registered already; --anew gives that up and registers it again",
            ));
        }
    }
    let trust = choose(&read_trust(&args.trust, args.test)?, args.service.as_ref())?;
    let terms = terms(&trust)?;
    let (pc, _) = Pc::open(&folder, trust, terms)?;
    register(args, pc)
}

/// The terms in force.
fn terms(trust: &TrustList) -> Result<Terms, Failure> {
    let [entry] = trust.entries() else { return Err(Failure::coded(Code::TrustList, "no service")) };
    let client = Client::new(entry, None, &Machine);
    let mut client = client.map_err(|fault| Failure::coded(fault.code(), fault))?;
    runtime()?.block_on(client.terms()).map_err(|error| Failure::coded(error.code(), error))
}

/// Terms first, newer ones once more, then the settings.
fn register(args: &RegisterArgs, mut pc: Pc) -> Result<Facts, Failure> {
    let mut agreed = None;
    loop {
        let act = match pc.terminal.screen().view {
            View::Terms { version, text } if agreed != Some(version) => {
                ask_consent(version, &text, args.accept_terms)?;
                agreed = Some(version);
                Act::AgreeTerms
            }
            View::Settings { problem: None } => {
                Act::GiveSettings(args.settings.read(args.device_name.clone())?)
            }
            View::Settings { problem: Some(code) } | View::Stopped(code) => return Err(pc.failure(code)),
            View::Home { .. } => break,
            _ => return Err(Failure::coded(Code::TermsOutdated, "the terms do not fit their hash")),
        };
        let effects = pc.terminal.handle(act);
        pc.run(effects);
    }
    pc.terminal.facts().ok_or_else(|| Failure::coded(Code::NotRegistered, "nothing was kept"))
}

/// Shows the terms and takes the answer. A version given on the command line answers for that version alone.
fn ask_consent(version: u32, text: &str, accepted: Option<u32>) -> Result<(), Failure> {
    let agreed = match accepted {
        Some(accepted) if accepted == version => true,
        Some(accepted) => {
            let detail = format!("version {version} is in force, and --accept-terms names {accepted}");
            return Err(Failure::coded(Code::TermsOutdated, detail));
        }
        None => {
            screen::note(&screen::paint(Paint::Strong, &format!("利用規約（第{version}版）")));
            for line in text.lines() {
                screen::note(&printable(line));
            }
            screen::ask("同意しますか。[はい/いいえ] ")?
        }
    };
    if agreed {
        Ok(())
    } else {
        Err(Failure::plain("利用規約に同意しないため、登録しませんでした。"))
    }
}

impl SettingsArgs {
    fn read(&self, device_name: String) -> Result<Given, Failure> {
        match (&self.settings, &self.qr_text) {
            (Some(path), _) => Ok(Given::Read { text: read_secret(path)?, device_name }),
            (None, Some(text)) => Ok(Given::Read { text: Zeroizing::new(text.clone()), device_name }),
            (None, None) => self.typed(device_name),
        }
    }

    fn typed(&self, device_name: String) -> Result<Given, Failure> {
        let (Some(institution), Some(account)) = (&self.institution, &self.account) else {
            return Err(Failure::plain(
                "say where the user settings are: --settings FILE, --qr-text TEXT, or --institution and --account",
            ));
        };
        let line = if self.code_stdin {
            secret_line::next(Code::CodeForm)?
        } else if std::io::stdin().is_terminal() {
            let typed = keyboard::ask("登録コード: ", Echo::Off, &Cancel::listen())?;
            typed.ok_or_else(|| Failure::coded(Code::CodeForm, "nothing was typed"))?
        } else {
            return Err(Failure::plain("no terminal to ask for the registration code; use --code-stdin"));
        };
        let code = std::str::from_utf8(&line).map(str::to_owned).map(Zeroizing::new);
        Ok(Given::Typed {
            service: None,
            institution: institution.clone(),
            account: account.clone(),
            code: code.map_err(|error| Failure::coded(Code::CodeForm, error))?,
            device_name,
        })
    }
}

/// Reads a text that holds the registration code.
fn read_secret(path: &Path) -> Result<Zeroizing<String>, Failure> {
    if path == Path::new("-") {
        let mut text = Zeroizing::new(String::new());
        let read = std::io::stdin().lock().take(64 * 1024).read_to_string(&mut text);
        return read.map(|_| text).map_err(|error| Failure::file(path, &error));
    }
    std::fs::read_to_string(path).map(Zeroizing::new).map_err(|error| Failure::file(path, &error))
}

/// Reads a trust list; test entries only where somebody asked for them.
pub(crate) fn read_trust(path: &Path, test: bool) -> Result<TrustList, Failure> {
    let list = std::fs::read_to_string(path).map_err(|error| Failure::file(path, &error))?;
    let tests = if test { TestEntries::Allow } else { TestEntries::Refuse };
    TrustList::from_json(&list, tests)
        .map_err(|error| Failure::coded(error.code(), format_args!("{}: {error}", path.display())))
}

/// The list of the one service that is meant.
fn choose(trust: &TrustList, service: Option<&ServiceOrigin>) -> Result<TrustList, Failure> {
    let entry = match (service, trust.entries()) {
        (Some(origin), _) => {
            let absent =
                || Failure::coded(Code::TrustList, format_args!("{origin} is not in the trust list"));
            trust.entry(origin).ok_or_else(absent)?
        }
        (None, [only]) => only,
        (None, _) => {
            return Err(Failure::plain("the trust list has several services; choose one with --service"));
        }
    };
    TrustList::new(vec![entry.clone()], TestEntries::Allow)
        .map_err(|error| Failure::coded(error.code(), error))
}

fn report(as_json: bool, facts: &Facts) {
    if as_json {
        screen::json(&json!({
            "service": facts.origin,
            "institution": facts.institution,
            "device_id": facts.device_id,
            "settings_version": facts.settings_version,
            "phase": facts.phase,
            "test": facts.test,
        }));
        return;
    }
    screen::line(&screen::paint(Paint::Good, "✓ 登録しました"));
    screen::line(&format!("  {}（{}）", printable(&facts.institution_name), facts.institution));
    screen::line(&format!("  サービス: {}（{}）", facts.service, facts.origin));
    if facts.phase == Phase::Test {
        screen::line(&screen::paint(Paint::Warn, "  運用テスト（参考情報）"));
    }
}
