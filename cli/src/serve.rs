//! `shikaku serve`: the service, until it is told to end.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use serde_json::{Value, json};
use shikaku::identifier::ServiceOrigin;
use shikaku::trust::{TestEntries, TrustList};
use shikaku_portal::limits::{Numbers, PER_ADDRESS};
use shikaku_portal::serve::{Options, Running};

use crate::failure::Failure;
use crate::screen;

/// 資格確認サービスを動かします。Ctrl-C で終わります。
///
/// 初回に鍵と TLS のルートをデータフォルダーに作り、端末が信頼するための項目（trust.json）を書き出します。
#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    /// データフォルダー（鍵・TLS ルート・データベース）。所有者だけが読めます
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// データベース。省略時はデータフォルダーの SQLite（例: `postgres://shikaku@localhost/shikaku`）
    #[arg(long, value_name = "URL")]
    database_url: Option<String>,
    /// 待ち受けるアドレス。省略時はこの機械の中からだけ届きます
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8443")]
    listen: SocketAddr,
    /// 端末から見たサービスのオリジン。省略時は https://localhost:PORT
    #[arg(long, value_name = "https://HOST[:PORT]")]
    origin: Option<ServiceOrigin>,
    /// TLS 証明書チェーン（PEM、末端が先、ルートが最後）。省略時は自前のルートの下に作ります
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// TLS 証明書の秘密鍵（PEM）
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// 端末の画面に出るサービスの名前
    #[arg(long, value_name = "NAME", default_value = "Shikaku")]
    name: String,
    /// 1つの IP アドレスが毎分できる初期登録などの数。1つの回線の奥に端末が多いときに増やします
    #[arg(long, value_name = "N", default_value_t = PER_ADDRESS)]
    per_address: NonZeroU32,
    /// 起動したことを JSON で1つ出します
    #[arg(long)]
    pub(crate) json: bool,
}

/// Serves until SIGINT or SIGTERM.
pub(crate) fn run(args: ServeArgs) -> Result<ExitCode, Failure> {
    log();
    let as_json = args.json;
    let runtime = tokio::runtime::Runtime::new().map_err(Failure::of)?;
    runtime.block_on(async {
        let data = args.data.clone();
        let running = Running::start(options(args)).await.map_err(Failure::of)?;
        let trust = TrustList::new(vec![running.trust().clone()], TestEntries::Allow).map_err(Failure::of)?;
        let file = data.join("trust.json");
        shikaku_portal::whole_file::write(&file, trust.to_json().as_bytes(), 0o644)
            .map_err(|error| Failure::file(&file, &error))?;
        announce(&running, &trust, &file, as_json);
        running.until_told().await.map_err(Failure::of)
    })?;
    Ok(ExitCode::SUCCESS)
}

/// Logs go to standard error: what was refused and what went wrong, never whom a check was about.
fn log() {
    // A second subscriber is refused: whoever was first keeps logging.
    let _ = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::INFO)
        .with_writer(std::io::stderr)
        .try_init();
}

fn options(args: ServeArgs) -> Options {
    Options {
        database: args.database_url,
        listen: args.listen,
        origin: args.origin,
        tls: args.tls_cert.zip(args.tls_key),
        name: args.name,
        numbers: Numbers::with_addresses(args.per_address),
        ..Options::new(args.data)
    }
}

fn announce(running: &Running, trust: &TrustList, file: &std::path::Path, as_json: bool) {
    let (address, origin) = (running.address(), running.service().origin());
    if as_json {
        let trust: Value = serde_json::from_str(&trust.to_json()).unwrap_or_default();
        screen::json(&json!({ "address": address, "origin": origin, "trust": trust }));
    } else {
        screen::line(&format!("{origin} で動いています（{address}）"));
        screen::line(&format!("端末の信頼リスト: {}", file.display()));
        screen::line("Ctrl-C で終わります");
    }
}
