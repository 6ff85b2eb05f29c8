//! Shikaku on a PC: check, register, card tools, and the service for its operators.

mod admin;
#[cfg(feature = "virtual")]
mod airtime;
mod answer;
mod card;
mod check;
#[cfg(feature = "virtual")]
mod demo;
mod device;
mod failure;
mod hardening;
mod keyboard;
mod photo;
mod reader;
mod readers;
mod register;
mod screen;
mod secret_line;
mod serve;
mod terminal;
#[cfg(feature = "virtual")]
mod virtual_card;

use std::alloc::System;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use zeroizing_alloc::ZeroAlloc;

use crate::failure::Failure;

/// What was freed is wiped, whoever held it: answers pass through the buffers of libraries that know nothing of
/// patients.
#[global_allocator]
static MEMORY: ZeroAlloc<System> = ZeroAlloc(System);

/// マイナンバーカードで、健康保険の資格を確認します。
#[derive(Debug, Parser)]
#[command(name = "shikaku", version, propagate_version = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

/// One variant a command; each command is a module with its arguments and a `run`.
#[derive(Debug, Subcommand)]
enum Command {
    #[cfg(feature = "virtual")]
    Demo(demo::DemoArgs),
    Serve(serve::ServeArgs),
    Admin(admin::AdminArgs),
    Register(register::RegisterArgs),
    Check(check::CheckArgs),
    Device(device::DeviceArgs),
    Answer(answer::AnswerArgs),
    #[cfg(feature = "virtual")]
    VirtualCard(virtual_card::VirtualCardArgs),
    Card(card::CardArgs),
    Readers(readers::ReadersArgs),
}

impl Command {
    /// Whether failures are to be printed as JSON on standard output.
    fn wants_json(&self) -> bool {
        match self {
            #[cfg(feature = "virtual")]
            Self::Demo(args) => args.json,
            Self::Serve(args) => args.json,
            Self::Admin(args) => args.wants_json(),
            Self::Register(args) => args.json,
            Self::Check(args) => args.json,
            Self::Device(args) => args.wants_json(),
            Self::Answer(args) => args.wants_json(),
            #[cfg(feature = "virtual")]
            Self::VirtualCard(args) => args.json,
            Self::Card(args) => args.wants_json(),
            Self::Readers(args) => args.json,
        }
    }

    fn run(self) -> Result<ExitCode, Failure> {
        match self {
            #[cfg(feature = "virtual")]
            Self::Demo(args) => demo::run(&args),
            Self::Serve(args) => serve::run(args),
            Self::Admin(args) => admin::run(args),
            Self::Register(args) => register::run(&args),
            Self::Check(args) => check::run(&args),
            Self::Device(args) => device::run(&args),
            Self::Answer(args) => answer::run(&args),
            #[cfg(feature = "virtual")]
            Self::VirtualCard(args) => virtual_card::run(&args),
            Self::Card(args) => card::run(&args),
            Self::Readers(args) => Ok(readers::run(&args)),
        }
    }
}

fn main() -> ExitCode {
    hardening::forbid_core_dumps();
    hardening::prepare_console();
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return unread(&error),
    };
    let wants_json = arguments.command.wants_json();
    arguments.command.run().unwrap_or_else(|failure| {
        if wants_json {
            screen::json(&failure.to_json());
        } else {
            screen::note(&screen::paint(screen::Paint::Bad, "失敗しました"));
            screen::note(&failure.to_string());
        }
        failure.exit()
    })
}

/// Help and version, or a command line that cannot be read. What it asks for is not known then; that a program reads the
/// answer, `--json` on it says all the same.
fn unread(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() {
        error.exit();
    }
    let failure = Failure::plain(error.render());
    if std::env::args_os().any(|argument| argument == "--json") {
        screen::json(&failure.to_json());
    } else {
        // Nothing can be done about a standard error that is closed.
        let _ = error.print();
    }
    failure.exit()
}
