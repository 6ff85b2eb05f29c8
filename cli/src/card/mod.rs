//! `shikaku card …`: look at a card, record it, replay recordings, judge a certificate, measure taps, try the card face.

mod bench;
mod certificate;
mod face;
mod facts;
mod info;
mod record;
mod replay;
mod tap_request;

use std::process::ExitCode;

use clap::{Args, Subcommand};

use crate::failure::Failure;

/// カードの道具: 調べる、記録する、再生する、証明書を見る、速さを測る、券面の情報を試す
#[derive(Debug, Args)]
pub(crate) struct CardArgs {
    #[command(subcommand)]
    command: CardCommand,
}

#[derive(Debug, Subcommand)]
enum CardCommand {
    Info(info::InfoArgs),
    Record(record::RecordArgs),
    Replay(replay::ReplayArgs),
    Certificate(certificate::CertificateArgs),
    Bench(bench::BenchArgs),
    Face(face::FaceArgs),
}

impl CardArgs {
    /// Whether failures are to be printed as JSON.
    pub(crate) const fn wants_json(&self) -> bool {
        match &self.command {
            CardCommand::Info(args) => args.json,
            CardCommand::Record(args) => args.json,
            CardCommand::Replay(args) => args.json,
            CardCommand::Certificate(args) => args.json,
            CardCommand::Bench(args) => args.json,
            CardCommand::Face(args) => args.json,
        }
    }
}

/// Runs the command.
pub(crate) fn run(args: &CardArgs) -> Result<ExitCode, Failure> {
    match &args.command {
        CardCommand::Info(args) => info::run(args),
        CardCommand::Record(args) => record::run(args),
        CardCommand::Replay(args) => replay::run(args),
        CardCommand::Certificate(args) => certificate::run(args),
        CardCommand::Bench(args) => bench::run(args),
        CardCommand::Face(args) => face::run(args),
    }
}
