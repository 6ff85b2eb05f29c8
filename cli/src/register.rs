//! `shikaku register`: makes this PC a device of an institution (初期登録).

use std::io::{IsTerminal as _, Read as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use serde_json::json;
use shikaku::check::ChallengePool;
use shikaku::client::{Client, ClientError};
use shikaku::guide::Code;
use shikaku::http::Signer;
use shikaku::identifier::ServiceOrigin;
use shikaku::registration::{Consent, Platform, Registered, Registration, Terms};
use shikaku::settings::UserSettings;
use shikaku::trust::{TestEntries, TrustEntry, TrustList};
use zeroize::Zeroizing;

use crate::answer::printable;
use crate::failure::Failure;
use crate::keyboard::{self, Echo};
use crate::reader::Cancel;
use crate::screen::{self, Paint};
use crate::secret_line;
use crate::terminal::{Machine, State, Terminal};

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

/// A device that has just been registered.
pub(crate) struct Enrolled {
    /// With this service.
    pub(crate) entry: TrustEntry,
    /// What the service answered.
    pub(crate) registered: Registered,
}

/// Runs the command.
pub(crate) fn run(args: &RegisterArgs) -> Result<ExitCode, Failure> {
    let Enrolled { entry, registered } = conduct(args)?;
    report(args.json, &entry, &registered);
    Ok(ExitCode::SUCCESS)
}

/// Registers, and keeps the state; shows nothing but the terms.
pub(crate) fn conduct(args: &RegisterArgs) -> Result<Enrolled, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::plain(format_args!("no runtime: {error}")))?;
    if args.anew {
        Terminal::discard(args.device.as_deref())?;
    }
    let terminal = Terminal::open(args.device.as_deref())?;
    if terminal.load()?.is_some() {
        return Err(Failure::plain(
            "this device is registered already; --anew gives that up and registers it again",
        ));
    }
    let trust = read_trust(&args.trust, args.test)?;
    let entry = choose(&trust, args.service.as_ref())?;
    let mut client =
        Client::new(entry, None, &Machine).map_err(|fault| Failure::coded(fault.code(), fault))?;
    let registered = runtime.block_on(register(args, &trust, entry, &terminal, &mut client))?;
    let mut challenges = ChallengePool::new();
    challenges.fill(registered.challenges.clone(), client.now());
    let mut state = State::new(entry, registered.settings.clone(), challenges)?;
    state.clock_offset = client.offset().seconds();
    terminal.save(&state)?;
    Ok(Enrolled { entry: entry.clone(), registered })
}

/// Terms first, then the settings, then nonce, proof and answer.
async fn register(
    args: &RegisterArgs,
    trust: &TrustList,
    entry: &TrustEntry,
    terminal: &Terminal,
    client: &mut Client<'static>,
) -> Result<Registered, Failure> {
    let failed = |error: ClientError| Failure::coded(error.code(), error);
    let terms = client.terms().await.map_err(failed)?;
    let consent = ask_consent(&terms, args.accept_terms)?;
    let settings = args.settings.read(trust, entry, client.now())?;
    let registration = Registration::new(settings, entry, consent, &args.device_name, platform());
    let mut registration = registration.map_err(|error| Failure::coded(error.code(), error))?;
    let nonce = client.nonce(&registration).await.map_err(failed)?;
    let key = terminal.device_key()?;
    let device_key: &dyn Signer = &key;
    match client.register(&registration, &nonce, None, device_key).await {
        Err(error) if error.newer_terms().is_some() => {
            let newer = error.newer_terms().cloned().unwrap_or(terms);
            registration.agree(ask_consent(&newer, args.accept_terms)?);
            client.register(&registration, &nonce, None, device_key).await.map_err(failed)
        }
        registered => registered.map_err(failed),
    }
}

/// Shows the terms and takes the answer. A version given on the command line answers for that version alone.
fn ask_consent(terms: &Terms, accepted: Option<u32>) -> Result<Consent, Failure> {
    let agreed = match accepted {
        Some(version) if version == terms.version => true,
        Some(version) => {
            let detail = format!("version {} is in force, and --accept-terms names {version}", terms.version);
            return Err(Failure::coded(Code::TermsOutdated, detail));
        }
        None => {
            screen::note(&screen::paint(Paint::Strong, &format!("利用規約（第{}版）", terms.version)));
            for line in terms.text.lines() {
                screen::note(&printable(line));
            }
            screen::ask("同意しますか。[はい/いいえ] ")?
        }
    };
    if !agreed {
        return Err(Failure::plain("利用規約に同意しないため、登録しませんでした。"));
    }
    terms.consent().map_err(|error| Failure::coded(error.code(), error))
}

impl SettingsArgs {
    fn read(
        &self,
        trust: &TrustList,
        entry: &TrustEntry,
        now: shikaku::instant::UnixTime,
    ) -> Result<UserSettings, Failure> {
        let failed = |error: shikaku::settings::SettingsError| Failure::coded(error.code(), error);
        let text = match (&self.settings, &self.qr_text) {
            (Some(path), _) => read_secret(path)?,
            (None, Some(text)) => Zeroizing::new(text.clone()),
            (None, None) => return self.typed(entry),
        };
        let (settings, found) = UserSettings::read(&text, trust, now).map_err(failed)?;
        if found.origin == entry.origin {
            Ok(settings)
        } else {
            Err(Failure::coded(Code::SettingsWrongService, &found.name))
        }
    }

    fn typed(&self, entry: &TrustEntry) -> Result<UserSettings, Failure> {
        let (Some(institution), Some(account)) = (&self.institution, &self.account) else {
            return Err(Failure::plain(
                "say where the user settings are: --settings FILE, --qr-text TEXT, or --institution and --account",
            ));
        };
        let code = if self.code_stdin {
            let line = secret_line::next(Code::CodeForm)?;
            let text = std::str::from_utf8(&line).map(str::to_owned).map(Zeroizing::new);
            text.map_err(|error| Failure::coded(Code::CodeForm, error))?
        } else if std::io::stdin().is_terminal() {
            let typed = keyboard::ask("登録コード: ", Echo::Off, &Cancel::listen())?;
            let typed = typed.ok_or_else(|| Failure::coded(Code::CodeForm, "nothing was typed"))?;
            let text = std::str::from_utf8(&typed).map(str::to_owned).map(Zeroizing::new);
            text.map_err(|error| Failure::coded(Code::CodeForm, error))?
        } else {
            return Err(Failure::plain("no terminal to ask for the registration code; use --code-stdin"));
        };
        UserSettings::typed(entry, institution, account, &code)
            .map_err(|error| Failure::coded(error.code(), error))
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

fn choose<'a>(trust: &'a TrustList, service: Option<&ServiceOrigin>) -> Result<&'a TrustEntry, Failure> {
    match (service, trust.entries()) {
        (Some(origin), _) => {
            let absent =
                || Failure::coded(Code::TrustList, format_args!("{origin} is not in the trust list"));
            trust.entry(origin).ok_or_else(absent)
        }
        (None, [only]) => Ok(only),
        (None, _) => Err(Failure::plain("the trust list has several services; choose one with --service")),
    }
}

const fn platform() -> Platform {
    if cfg!(target_os = "windows") {
        Platform::Windows
    } else if cfg!(target_os = "macos") {
        Platform::Macos
    } else {
        Platform::Linux
    }
}

fn report(as_json: bool, entry: &TrustEntry, registered: &Registered) {
    let settings = &registered.settings;
    if as_json {
        screen::json(&json!({
            "service": entry.origin.as_str(),
            "institution": settings.institution.as_str(),
            "device_id": settings.device_id.to_string(),
            "settings_version": settings.version,
            "phase": settings.phase,
            "test": settings.test,
        }));
        return;
    }
    screen::line(&screen::paint(Paint::Good, "✓ 登録しました"));
    screen::line(&format!("  {}（{}）", printable(&settings.institution_name), settings.institution));
    screen::line(&format!("  サービス: {}（{}）", entry.name, entry.origin));
    if settings.phase == shikaku::settings::Phase::Test {
        screen::line(&screen::paint(Paint::Warn, "  運用テスト（参考情報）"));
    }
}
