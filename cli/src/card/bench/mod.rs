//! `shikaku card bench`: the whole dialogue, many times, over fixed constants that the service refuses.

#[cfg(feature = "virtual")]
mod dialogue;
#[cfg(feature = "virtual")]
mod table;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Args;
use serde_json::{Value, json};
use shikaku::certificate::{Anchors, Certificate};
use shikaku::instant::UnixTime;
use shikaku::tap::{Outcome, SignedTap, Stage};

use super::tap_request::{inputs, now, pin_from_stdin, request};
use crate::failure::Failure;
use crate::reader::{ReaderArgs, TapRun};
use crate::screen;

/// テストカードで、証明書・暗証番号・署名のやりとりを繰り返し、速さを測ります
#[derive(Debug, Args)]
pub(super) struct BenchArgs {
    #[command(flatten)]
    reader: ReaderArgs,
    /// 回数
    #[arg(short = 'n', long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// 暗証番号を標準入力の1行目から読みます
    #[cfg_attr(feature = "virtual", arg(long, required_unless_present = "table"))]
    #[cfg_attr(not(feature = "virtual"), arg(long, required = true))]
    pin_stdin: bool,
    /// カードの能力とリーダーの組ごとに、交信の回数と、計算モデルによる時間の表を出します（仮想カードだけを使います）
    #[cfg(feature = "virtual")]
    #[arg(long)]
    table: bool,
    /// --table で、1交信ごとにパソコンとリーダーが加える時間（マイクロ秒）
    #[cfg(feature = "virtual")]
    #[arg(long, value_name = "MICROS", default_value_t = 1_000, requires = "table")]
    host_micros: u64,
    /// JSON で出します
    #[arg(long)]
    pub(super) json: bool,
}

/// One good round.
struct Round {
    run: TapRun,
    /// The two RSA verifications of the round, measured apart.
    verification: Duration,
}

/// Runs the rounds; the first that does not end in a signature ends it.
///
/// Only cards under a test root are accepted, each round has a `Pin` of its own, and without consent the core
/// sends no PIN below three tries.
pub(super) fn run(args: &BenchArgs) -> Result<ExitCode, Failure> {
    #[cfg(feature = "virtual")]
    if args.table {
        table::print(args.host_micros, args.json)?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut session = args.reader.open()?;
    let anchors = args.reader.test_anchors(&session)?;
    let now = now();
    let inputs = inputs(now)?;
    let pin = pin_from_stdin()?;
    let mut rounds = Vec::new();
    for number in 1..=args.rounds {
        let run = session.tap(request(&inputs, &pin, &anchors)?, &mut ())?;
        let verification = match &run.outcome {
            Outcome::Signed(signed) => verify(signed, &anchors, now)?,
            Outcome::Ended(end) => {
                let detail = run.detail.unwrap_or_else(|| end.cause.to_string());
                return Err(Failure::coded(end.code(), format_args!("{number} 回目: {detail}")));
            }
        };
        rounds.push(Round { run, verification });
    }
    report(args, &session.reader_name(), &rounds);
    Ok(ExitCode::SUCCESS)
}

/// How long the two verifications of a tap take: issuer on certificate, card on transcript.
fn verify(signed: &SignedTap, anchors: &Anchors, now: UnixTime) -> Result<Duration, Failure> {
    let certificate =
        Certificate::from_der(&signed.certificate).map_err(|error| Failure::coded(error.code(), error))?;
    let begin = Instant::now();
    certificate.accept(anchors, now).map_err(|refusal| Failure::coded(refusal.code(), refusal))?;
    certificate.verify(&signed.transcript, &signed.signature).map_err(Failure::plain)?;
    Ok(begin.elapsed())
}

fn report(args: &BenchArgs, reader: &str, rounds: &[Round]) {
    let exchanges = median(rounds, |round| round.run.exchanges.len() as u64);
    let closing =
        |round: &Round| round.run.exchanges.iter().filter(|e| e.stage == Some(Stage::Closing)).count() as u64;
    let without_closing = median(rounds, |round| round.run.exchanges.len() as u64 - closing(round));
    let sent = median(rounds, |round| round.run.exchanges.iter().map(|e| e.command_length as u64).sum());
    let received = median(rounds, |round| round.run.exchanges.iter().map(|e| e.response_length as u64).sum());
    let whole = median(rounds, |round| micros(round.run.elapsed));
    let core = median(rounds, |round| micros(round.run.core));
    let bare = median(rounds, |round| micros(round.run.core.saturating_sub(round.verification)));
    if args.json {
        screen::json(&json!({
            "reader": reader,
            "rounds": rounds.len(),
            "exchanges": exchanges,
            "exchanges_without_closing": without_closing,
            "sent": sent,
            "received": received,
            "bytes": sent + received,
            "median_micros": whole,
            "core_micros": core,
            "core_without_verification_micros": bare,
            "strategy": rounds.last().map(|round| round.run.strategy().to_string()),
            "last": rounds.last().map(timeline),
        }));
    } else {
        screen::line(&format!("リーダー      : {reader}、{} 回（中央値）", rounds.len()));
        screen::line(&format!("交信          : {exchanges} 回（終了の選択を除くと {without_closing} 回）"));
        if let Some(round) = rounds.last() {
            screen::line(&format!("使った形      : {}", round.run.strategy()));
        }
        screen::line(&format!("オクテット    : 送信 {sent}、受信 {received}"));
        screen::line(&format!("1回の時間     : {whole} µs"));
        screen::line(&format!("うちプログラム: {core} µs（RSA検証を除くと {bare} µs）"));
    }
}

/// The exchanges of one round, a PIN masked.
fn timeline(round: &Round) -> Vec<Value> {
    let exchanges = round.run.exchanges.iter();
    exchanges
        .map(|exchange| {
            json!({
                "command": exchange.command,
                "response_length": exchange.response_length,
                "status": exchange.status,
                "micros": exchange.micros,
            })
        })
        .collect()
}

fn median(rounds: &[Round], of: impl Fn(&Round) -> u64) -> u64 {
    let mut values: Vec<u64> = rounds.iter().map(of).collect();
    values.sort_unstable();
    values.get(values.len() / 2).copied().unwrap_or(0)
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
