//! `shikaku admin …`: what operators of the service do.

mod account;
mod audit;
mod institution;
mod keys;
mod material;
mod notice;
mod outbox;
mod registry;
mod settings;
mod staff;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::Value;
use shikaku_portal::admin::Operator;

use crate::failure::Failure;
use crate::screen;

/// サービスの運用: 医療機関、アカウント、設定情報、登録簿、失効リスト、監査
#[derive(Debug, Args)]
pub(crate) struct AdminArgs {
    #[command(flatten)]
    place: Place,
    #[command(subcommand)]
    command: AdminCommand,
}

/// Where the service's data lie, and how to answer; before or behind the command.
#[derive(Debug, Args)]
struct Place {
    /// データフォルダー（`serve` と同じもの）
    #[arg(long, value_name = "DIR", global = true)]
    data: Option<PathBuf>,
    /// データベース（`serve` と同じもの）。省略時はデータフォルダーの SQLite
    #[arg(long, value_name = "URL", global = true)]
    database_url: Option<String>,
    /// 監査に残る操作者の名前。省略時はログイン名
    #[arg(long = "as", value_name = "NAME", global = true)]
    operator: Option<String>,
    /// 結果を JSON で1つ出します
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum AdminCommand {
    #[command(subcommand)]
    Institution(institution::InstitutionCommand),
    #[command(subcommand)]
    Account(account::AccountCommand),
    #[command(subcommand)]
    Staff(staff::StaffCommand),
    #[command(subcommand)]
    Notice(notice::NoticeCommand),
    Settings(settings::SettingsArgs),
    Phase(institution::PhaseArgs),
    #[command(subcommand)]
    Registry(registry::RegistryCommand),
    #[command(subcommand)]
    Certificates(registry::CertificatesCommand),
    #[command(subcommand)]
    Crl(material::CrlCommand),
    #[command(subcommand)]
    Anchor(material::AnchorCommand),
    #[command(subcommand)]
    Terms(material::TermsCommand),
    #[command(subcommand)]
    Keys(keys::KeysCommand),
    #[command(subcommand)]
    Audit(audit::AuditCommand),
    Outbox(outbox::OutboxArgs),
}

/// What a command answers: as text for people, as JSON for programs, and how the program ends.
struct Answer {
    lines: Vec<String>,
    json: Value,
    exit: ExitCode,
}

impl AdminArgs {
    /// Whether failures are to be printed as JSON.
    pub(crate) const fn wants_json(&self) -> bool {
        self.place.json
    }
}

/// Runs the command.
pub(crate) fn run(args: AdminArgs) -> Result<ExitCode, Failure> {
    let runtime = tokio::runtime::Runtime::new().map_err(Failure::of)?;
    let AdminArgs { place, command } = args;
    let answer = runtime.block_on(async {
        let mut operator = place.open().await?;
        let answer = command.run(&mut operator, &place).await;
        operator.store.close().await;
        answer
    })?;
    if place.json {
        screen::json(&answer.json);
    } else {
        for line in &answer.lines {
            screen::line(line);
        }
    }
    Ok(answer.exit)
}

impl AdminCommand {
    async fn run(self, operator: &mut Operator, place: &Place) -> Result<Answer, Failure> {
        match self {
            Self::Institution(command) => command.run(operator).await,
            Self::Account(command) => command.run(operator).await,
            Self::Staff(command) => command.run(operator).await,
            Self::Notice(command) => command.run(operator).await,
            Self::Settings(args) => args.run(operator, place).await,
            Self::Phase(args) => args.run(operator).await,
            Self::Registry(command) => command.run(operator).await,
            Self::Certificates(command) => command.run(operator).await,
            Self::Crl(command) => command.run(operator).await,
            Self::Anchor(command) => command.run(operator).await,
            Self::Terms(command) => command.run(operator).await,
            Self::Keys(command) => command.run(operator).await,
            Self::Audit(command) => command.run(operator).await,
            Self::Outbox(args) => args.run(operator).await,
        }
    }
}

impl Place {
    fn folder(&self) -> Result<&Path, Failure> {
        self.data
            .as_deref()
            .ok_or_else(|| Failure::plain("--data DIR を指定してください（`serve` と同じフォルダー）"))
    }

    async fn open(&self) -> Result<Operator, Failure> {
        let name = self
            .operator
            .clone()
            .or_else(|| std::env::var("LOGNAME").ok())
            .or_else(|| std::env::var("USER").ok());
        let name = name.unwrap_or_else(|| "operator".to_owned());
        Operator::open(self.folder()?, self.database_url.as_deref(), &name).await.map_err(Failure::of)
    }
}

impl Answer {
    /// One line, and the JSON.
    fn line(line: impl Into<String>, json: Value) -> Self {
        Self::lines(vec![line.into()], json)
    }

    /// Several lines, and the JSON.
    const fn lines(lines: Vec<String>, json: Value) -> Self {
        Self { lines, json, exit: ExitCode::SUCCESS }
    }
}

/// Reads a whole file; `-` is standard input.
fn read_file(path: &Path) -> Result<Vec<u8>, Failure> {
    let mut octets = Vec::new();
    let read = if path == Path::new("-") {
        std::io::Read::read_to_end(&mut std::io::stdin().lock(), &mut octets).map(|_| ())
    } else {
        std::fs::read(path).map(|read| octets = read)
    };
    read.map(|()| octets).map_err(|error| Failure::file(path, &error))
}

/// Writes a file that its owner alone may read.
fn write_private(path: &Path, octets: &[u8]) -> Result<(), Failure> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
        .open(path)
        .and_then(|mut file| std::io::Write::write_all(&mut file, octets))
        .map_err(|error| Failure::file(path, &error))
}

/// A moment in Japan, for people.
fn moment(time: shikaku::instant::UnixTime) -> String {
    let day = shikaku::identifier::Date::of(time);
    let second = time.plus(9 * 3600).0 % 86_400;
    format!("{day} {:02}:{:02}", second / 3600, second % 3600 / 60)
}
