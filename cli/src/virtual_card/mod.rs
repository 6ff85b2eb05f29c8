//! `shikaku virtual-card`: lays a virtual card into the slot of vpcd, so that PC/SC programs find it, or on an
//! emulated PN532 for libnfc programs.

mod materials;
mod orders;
#[cfg(unix)]
mod pn532;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::str::FromStr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use clap::Args;
use serde_json::json;
use shikaku_virtual_card::vpcd::{DEFAULT_PORT, Event, Service, serve};
use shikaku_virtual_card::{CARDS, Card, CardError, Pace};

use crate::failure::Failure;
use crate::screen;

pub(crate) use materials::Materials;
use orders::Orders;

/// 仮想マイナンバーカードを vpcd（pcscd の仮想リーダー）に差し込みます。Ctrl-C で終わります。
#[derive(Debug, Clone, Args)]
#[expect(clippy::struct_excessive_bools, reason = "flags of a command line are independent switches")]
pub(crate) struct VirtualCardArgs {
    /// vpcd が待ち受けているアドレス
    #[arg(long, value_name = "ADDRESS:PORT", default_value_t = SocketAddr::from(([127, 0, 0, 1], DEFAULT_PORT)))]
    vpcd: SocketAddr,
    /// vpcd でなく、libnfc から見える PN532 に載せます。LINK は端末へのリンクになります
    #[cfg(unix)]
    #[arg(long, value_name = "LINK", conflicts_with = "vpcd")]
    pn532: Option<PathBuf>,
    /// 起こす不具合: lost:N, lost-after:N, lost-at-pin, mute:N, cut:N, blank:N。PN532 ではほかに: mute, garbage:N,
    /// nack:N, empty, type-a, felica:212, felica:424, two, chunk:N
    #[arg(long, value_name = "TROUBLE")]
    trouble: Option<String>,
    /// カードの名前、または card.json のあるフォルダー
    #[arg(long, value_name = "NAME|DIR", default_value = "default")]
    card: String,
    /// 標準入力の1行ごとに、カードを替えます。行はカードの名前かフォルダー、空の行は取り去るだけ、again は最後に
    /// 取り去ったカードです。「名前 N」は、始めから数えて N 回目のコマンドのあとで替え、「名前 lost:N」などは、すぐに
    /// 替えて不具合を起こします。vpcd では、不具合で離れたカードは again まで戻りません
    #[arg(long)]
    cards_stdin: bool,
    /// 実物のカードと同じくらいの時間をかけて答えます
    #[arg(long)]
    real_time: bool,
    /// 交信を1行ずつ表示します（PIN は伏せます）
    #[arg(long)]
    trace: bool,
    /// 使えるカードの名前を並べて終わります
    #[arg(long)]
    list: bool,
    /// サービスで試すためのファイル（root.der, surface-root.cv, crl.der, registry.jsonl）をフォルダーに書いて終わります
    #[arg(long, value_name = "DIR")]
    export: Option<PathBuf>,
    /// カードごとの集計を、1行の JSON で出します
    #[arg(long)]
    pub(crate) json: bool,
}

impl VirtualCardArgs {
    /// A card by name or folder, at the pace that was asked for.
    fn open(&self, card: &str) -> Result<Card, Failure> {
        Ok(open(card)?.at_pace(if self.real_time { Pace::RealTime } else { Pace::FullSpeed }))
    }

    /// The trouble, as the carrier of the card knows it.
    fn trouble<T: FromStr<Err: std::fmt::Display>>(&self) -> Result<Option<T>, Failure> {
        let known = |error| Failure::plain(format_args!("--trouble: {error}"));
        self.trouble.as_deref().map(str::parse).transpose().map_err(known)
    }
}

/// Serves until SIGINT or SIGTERM, then says what the card was asked.
pub(crate) fn run(args: &VirtualCardArgs) -> Result<ExitCode, Failure> {
    if args.list {
        list(args.json);
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(folder) = &args.export {
        Materials::make()?.write(folder)?;
        return Ok(ExitCode::SUCCESS);
    }
    #[cfg(unix)]
    if let Some(link) = &args.pn532 {
        pn532::run(args, link)?;
        return Ok(ExitCode::SUCCESS);
    }
    let (card, slip) = (args.open(&args.card)?, args.trouble()?);
    let stop = AtomicBool::new(false);
    let signals = Signals::new()?;
    let orders = Orders::listen(args);
    let left = thread::scope(|scope| {
        let stop = &stop;
        let service = scope.spawn(move || {
            let service =
                Service { address: args.vpcd, stop, slip, swaps: args.cards_stdin.then_some(&orders.swaps) };
            serve(card, &service, |event| show(&event, &orders, args))
        });
        signals.wait();
        stop.store(true, Ordering::Relaxed);
        service.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    });
    if let Some(card) = &left {
        summarise(card, args.json);
    }
    Ok(ExitCode::SUCCESS)
}

/// A card by name or, if it looks like a path, from its folder.
pub(crate) fn open(card: &str) -> Result<Card, Failure> {
    let opened = if CARDS.contains(&card) { Card::from_name(card) } else { Card::load(Path::new(card)) };
    opened.map_err(|error| {
        let reason = match &error {
            CardError::Unreadable { path, source } => format!("{}: {source}", path.display()),
            error => error.to_string(),
        };
        Failure::plain(format_args!("仮想カード {card} を使えません: {reason} (名前: {})", CARDS.join(", ")))
    })
}

fn list(as_json: bool) {
    if as_json {
        screen::json(&json!(CARDS));
    } else {
        for name in CARDS {
            screen::line(name);
        }
    }
}

fn show(event: &Event<'_>, orders: &Orders, args: &VirtualCardArgs) {
    match event {
        Event::Waiting => screen::note(&format!("{} で vpcd を待っています", args.vpcd)),
        Event::Inserted => screen::note("カードを差し込みました"),
        Event::Removed => screen::note("カードが抜かれました"),
        Event::Taken(card) => orders.taken(card, args.json),
        Event::Exchange(exchange) if args.trace => screen::note(&format!("{exchange:?}")),
        Event::Exchange(_) => {}
    }
}

fn summarise(card: &Card, as_json: bool) {
    let totals = card.journal().totals();
    if as_json {
        let sums = json!({
            "exchanges": totals.exchanges,
            "received": totals.received,
            "sent": totals.sent,
            "micros": totals.micros,
            "verifications": card.journal().verifications(),
            "tries": card.tries(),
            "printed_tries": [card.surface_tries(0x0011), card.surface_tries(0x0012), card.text_tries()],
        });
        screen::line(&sums.to_string());
    } else {
        screen::line(&format!(
            "交信 {} 回、受信 {} オクテット、送信 {} オクテット、PIN照合 {} 回、残り回数 {}",
            totals.exchanges,
            totals.received,
            totals.sent,
            card.journal().verifications(),
            card.tries().map_or_else(|| "なし".to_owned(), |tries| tries.to_string()),
        ));
    }
}

/// The signals that end the service; listened for from before the card is laid in.
struct Signals {
    runtime: tokio::runtime::Runtime,
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
}

impl Signals {
    fn new() -> Result<Self, Failure> {
        let failed = |error: std::io::Error| Failure::plain(format_args!("シグナルを待てません: {error}"));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().map_err(failed)?;
        #[cfg(unix)]
        let terminate = {
            let _inside = runtime.enter();
            tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()).map_err(failed)?
        };
        Ok(Self {
            runtime,
            #[cfg(unix)]
            terminate,
        })
    }

    #[cfg(unix)]
    fn wait(mut self) {
        self.runtime.block_on(async {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = self.terminate.recv() => {}
            }
        });
    }

    #[cfg(not(unix))]
    fn wait(self) {
        // A signal that cannot be listened for ends the service at once.
        let _ = self.runtime.block_on(tokio::signal::ctrl_c());
    }
}
