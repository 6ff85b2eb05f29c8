//! `shikaku check`: one person's qualification, from the PIN to the answer.
//!
//! A shell of the core's flow: it draws what the flow shows, asks what may be asked, and does what the flow says.
//! Nothing is decided here but how a program answers the questions that a person would be asked.

mod desk;
mod exports;
mod questions;
mod tally;
mod watch;

use std::path::PathBuf;
use std::process::ExitCode;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use clap::Args;
use serde_json::{Value, json};
use shikaku::flow::{Action, Device, Event, ExportForm, Flow, View};
use shikaku::guide::Code;
use shikaku::tap::Consent;

use crate::answer::{answer_json, show};
use crate::failure::Failure;
use crate::reader::{Cancel, ReaderArgs, TapRun};
use crate::screen::{self, Paint};
use desk::Desk;
use questions::{Questions, Said};

/// マイナンバーカードと4桁の暗証番号で、健康保険の資格を確認します。
///
/// 送れなかった資格確認が残っているときは、カードを使わずに、まずそれを送ります。
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "flags of a command line are independent switches")]
pub(crate) struct CheckArgs {
    #[command(flatten)]
    pub(crate) reader: ReaderArgs,
    /// 端末の状態を置いたフォルダー。
    #[arg(long, value_name = "DIR")]
    pub(crate) device: Option<PathBuf>,
    /// 集団健診などで、次々に確認します。Ctrl-C か q で終わり、件数だけを表示します（--json では1人1行）。
    #[arg(long, conflicts_with_all = ["warned", "last_try", "choose", "evidence", "text"])]
    watch: bool,
    /// 暗証番号を標準入力から1行ずつ読みます（1行は1回だけ使います）。
    #[arg(long)]
    pub(crate) pin_stdin: bool,
    /// 担当者の名前。
    #[arg(long, value_name = "NAME")]
    pub(crate) staff: Option<String>,
    /// 残り2回であることを、ご本人に伝えてあります。
    #[arg(long)]
    pub(crate) warned: bool,
    /// このカード（証明書のSHA-256, base64url）の最後の1回を使うことに、ご本人が同意しています。
    #[arg(long, value_name = "SHA256")]
    pub(crate) last_try: Option<String>,
    /// 複数該当のとき、書き出す資格の番号（1から）。
    #[arg(long, value_name = "N")]
    pub(crate) choose: Option<usize>,
    /// 証跡（.shikaku）をこのファイルに書き出します。
    #[arg(long, value_name = "FILE")]
    pub(crate) evidence: Option<PathBuf>,
    /// テキスト（タブ区切り）をこのファイルに書き出します。
    #[arg(long, value_name = "FILE")]
    pub(crate) text: Option<PathBuf>,
    /// 結果をひとつのJSONで出力します。
    #[arg(long)]
    pub(crate) json: bool,
    /// The PIN of a virtual card, which is no secret; never that of a person.
    #[arg(skip)]
    virtual_pin: Option<&'static [u8; 4]>,
}

impl CheckArgs {
    /// What the command line says that the patient knows and wants.
    fn consent(&self) -> Result<Consent, Failure> {
        let Some(agreed) = &self.last_try else {
            return Ok(if self.warned { Consent::Warned } else { Consent::None });
        };
        let sha256 = URL_SAFE_NO_PAD.decode(agreed).ok().and_then(|octets| octets.try_into().ok());
        let certificate_sha256 = sha256
            .ok_or_else(|| Failure::plain("--last-try takes the 43 characters that the last check named"))?;
        Ok(Consent::LastTry { certificate_sha256 })
    }

    /// One check of an embedded virtual card, whose PIN is known to everybody.
    #[cfg(feature = "virtual")]
    pub(crate) fn of_virtual_card(reader: ReaderArgs, device: PathBuf, json: bool) -> Self {
        Self {
            reader,
            device: Some(device),
            watch: false,
            pin_stdin: false,
            staff: None,
            warned: false,
            last_try: None,
            choose: None,
            evidence: None,
            text: None,
            json,
            virtual_pin: Some(b"1234"),
        }
    }
}

/// A check that was answered.
pub(crate) struct Checked {
    /// The answer for programs.
    pub(crate) json: Value,
    /// The taps that were made, in order; none when a kept check was sent.
    pub(crate) taps: Vec<TapRun>,
    /// What could not be written: state or exports. The answer stands all the same.
    pub(crate) broken: Option<Failure>,
}

/// Runs the command.
pub(crate) fn run(args: &CheckArgs) -> Result<ExitCode, Failure> {
    if args.watch {
        return watch::run(args);
    }
    let Checked { mut json, taps, broken } = conduct(args)?;
    if let Value::Object(members) = &mut json {
        let exchanges: usize = taps.iter().map(|tap| tap.exchanges.len()).sum();
        members.insert("exchanges".to_owned(), json!(exchanges));
        members.insert("failure".to_owned(), broken.as_ref().map_or(Value::Null, Failure::to_json));
    }
    if args.json {
        screen::json(&json);
    } else if let Some(failure) = &broken {
        screen::note(&failure.to_string());
    }
    Ok(broken.map_or(ExitCode::SUCCESS, |failure| failure.exit()))
}

/// Does one check. The answer is shown unless it is wanted as JSON.
pub(crate) fn conduct(args: &CheckArgs) -> Result<Checked, Failure> {
    let mut desk = Desk::open(args)?;
    let device =
        Device::Registered { settings: Box::new(desk.settings().clone()), unsent: desk.unsent_until() };
    let kept = desk.unsent_until().is_some();
    let (mut flow, effects) = Flow::new(device, desk.now());
    desk.carry_out(&mut flow, effects);
    let questions = Questions::new(args, Cancel::listen());
    loop {
        let event = match answer(&flow, args, &desk, &questions)? {
            Turn::Event(event) => event,
            Turn::Answered => break,
        };
        let effects = flow.handle(event, desk.now());
        desk.carry_out(&mut flow, effects);
    }
    finish(args, flow, desk, kept)
}

/// What to do about the screen.
enum Turn {
    Event(Event),
    Answered,
}

/// Draws the screen and brings what staff or patient do about it; fails where nobody can do anything.
fn answer(
    flow: &Flow,
    args: &CheckArgs,
    desk: &Desk<'_>,
    questions: &Questions<'_>,
) -> Result<Turn, Failure> {
    let drawn = flow.screen();
    let said = match drawn.view {
        View::Home { notices, trouble, .. } => {
            for notice in notices {
                screen::note(&crate::answer::printable(&notice));
            }
            if let Some(code) = trouble {
                screen::note(&screen::paint(Paint::Warn, code.guide().cause_ja));
            }
            Said::Event(Event::StartCheck { staff: args.staff.clone(), consent: args.consent()? })
        }
        View::Pin { tries, problem } => questions.pin(tries, problem)?,
        View::Warn { tries, code } => questions.warn(tries, code)?,
        View::Consent => questions.consent(desk.consent_for())?,
        View::Answer { .. } => return Ok(Turn::Answered),
        View::Problem { code, tries } => {
            let again = drawn.actions.contains(&Action::TapAgain);
            questions.problem(code, tries, again, desk.detail())?
        }
        View::Kept { until, code } => questions.kept(until, code, desk.now())?,
        View::Stopped(code) => return Err(Failure::coded(code, desk.detail())),
        // The desk does its work before it returns, and nobody locks a command: none of these is ever left standing.
        View::Hold { .. } | View::Sending | View::Locked | View::Terms { .. } | View::Settings { .. } => {
            return Err(Failure::coded(Code::TapOutOfTurn, "the check stands where a command cannot go on"));
        }
        View::Registering => return Err(Failure::coded(Code::NotRegistered, desk.detail())),
    };
    match said {
        Said::Event(event) => Ok(Turn::Event(event)),
        Said::Leave => Err(questions::cancelled()),
    }
}

/// Shows the answer, writes what was asked for, and forgets the person.
fn finish(args: &CheckArgs, mut flow: Flow, mut desk: Desk<'_>, kept: bool) -> Result<Checked, Failure> {
    if let Some(number) = args.choose {
        let effects = flow.handle(Event::Chosen(number.saturating_sub(1)), desk.now());
        desk.carry_out(&mut flow, effects);
    }
    let Some(verified) = flow.answer() else {
        return Err(Failure::coded(Code::TapOutOfTurn, "no answer is shown"));
    };
    let mut value = answer_json(verified);
    if let Value::Object(members) = &mut value {
        members.insert("kept".to_owned(), json!(kept));
    }
    if !args.json {
        if kept {
            screen::line(&screen::paint(Paint::Strong, "送れずに残っていた資格確認の結果です。"));
        }
        show(verified);
    }
    for (form, wanted) in [(ExportForm::Evidence, &args.evidence), (ExportForm::Text, &args.text)] {
        if wanted.is_some() {
            let effects = flow.handle(Event::Export(form), desk.now());
            desk.carry_out(&mut flow, effects);
        }
    }
    let effects = flow.handle(Event::NextPerson, desk.now());
    desk.carry_out(&mut flow, effects);
    let (taps, broken) = desk.close();
    Ok(Checked { json: value, taps, broken })
}
