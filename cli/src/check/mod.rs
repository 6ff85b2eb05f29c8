//! `shikaku check`: one person's qualification, from the PIN to the answer.
//!
//! A shell of the core's terminal: it draws what that shows, asks what may be asked, and does what is left to do.
//! Nothing is decided here but how a program answers the questions that a person would be asked.

mod desk;
mod questions;
mod tally;
mod visual;
mod watch;

use std::path::PathBuf;
use std::process::ExitCode;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use clap::Args;
use serde_json::{Value, json};
use shikaku::flow::{ExportForm, View};
use shikaku::tap::Consent;
use shikaku::terminal::Act;

use crate::answer::{answer_json, show};
use crate::failure::Failure;
use crate::reader::{Cancel, ReaderArgs, TapRun};
use crate::screen::{self, Paint};
use desk::Desk;
pub(crate) use desk::PastTap;
use questions::{Questions, Said};

/// マイナンバーカードと4桁の暗証番号、または目視で、健康保険の資格を確認します。
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
    /// 目視で確認します（医療機関等に許可されているとき）。券面の生年月日6桁か照合番号B14桁と、担当者の名前が要ります。
    #[arg(long, requires = "staff", conflicts_with = "pin_stdin")]
    pub(crate) visual: bool,
    /// 券面の番号と、質問への答え（はい/いいえ）を、標準入力から1行ずつ読みます。
    #[arg(long, requires = "visual")]
    pub(crate) number_stdin: bool,
    /// 照合番号B のとき、カードの中の顔写真を、この新しいファイル（PNG、本人だけが読める）にも書き、答えのあとで消します。
    #[arg(long, value_name = "FILE")]
    pub(crate) photo: Option<PathBuf>,
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
    /// What is asked for is that of a virtual card, which is no secret; never that of a person.
    #[arg(skip)]
    virtual_card: Option<VirtualCard>,
}

/// What opens an embedded virtual card.
#[derive(Debug, Clone, Copy)]
struct VirtualCard {
    pin: &'static [u8; 4],
    code_b: &'static [u8; 14],
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

    /// One check of an embedded virtual card, whose PIN and numbers are known to everybody.
    #[cfg(feature = "virtual")]
    pub(crate) fn of_virtual_card(reader: ReaderArgs, device: PathBuf, visual: bool, json: bool) -> Self {
        Self {
            reader,
            device: Some(device),
            watch: false,
            pin_stdin: false,
            visual,
            number_stdin: false,
            photo: None,
            staff: visual.then(|| "実演".to_owned()),
            warned: false,
            last_try: None,
            choose: None,
            evidence: None,
            text: None,
            json,
            virtual_card: Some(VirtualCard { pin: b"1234", code_b: b"55010220361234" }),
        }
    }
}

/// A check that was answered.
pub(crate) struct Checked {
    /// The answer for programs.
    pub(crate) json: Value,
    /// The taps that were made, in order; none when a kept check was sent.
    pub(crate) taps: Vec<TapRun<PastTap>>,
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
    let questions = Questions::new(args, Cancel::listen());
    while let Some(act) = next(args, &mut desk, &questions)? {
        desk.act(act);
    }
    finish(args, desk)
}

/// Draws the screen and brings what staff or patient do about it: nothing once there is an answer. Fails where nobody
/// can do anything.
fn next(args: &CheckArgs, desk: &mut Desk<'_>, questions: &Questions<'_>) -> Result<Option<Act>, Failure> {
    let drawn = desk.screen();
    let said = match drawn.view {
        View::Home { notices, trouble, .. } => {
            for notice in notices {
                screen::note(&crate::answer::printable(&notice));
            }
            if let Some(code) = trouble {
                screen::note(&screen::paint(Paint::Warn, code.guide().cause_ja));
            }
            Said::Act(desk.start(args.consent()?)?)
        }
        View::Answer { .. } => return Ok(None),
        View::Kept { until, code, wait } => questions.kept(until.since(desk.now()), code, wait)?,
        _ => questions.ask(drawn, desk)?,
    };
    match said {
        Said::Act(act) => Ok(Some(act)),
        Said::Refused { failure, .. } => Err(failure),
        Said::Leave => Err(questions::cancelled()),
    }
}

/// Shows the answer, writes what was asked for, and forgets the person.
fn finish(args: &CheckArgs, mut desk: Desk<'_>) -> Result<Checked, Failure> {
    if let Some(number) = args.choose {
        desk.act(Act::Choose(number.saturating_sub(1)));
    }
    let verified = desk.answer()?;
    let mut value = answer_json(verified);
    if let Value::Object(members) = &mut value {
        members.insert("kept".to_owned(), json!(desk.had_kept()));
    }
    if !args.json {
        if desk.had_kept() {
            screen::line(&screen::paint(Paint::Strong, "送れずに残っていた資格確認の結果です。"));
        }
        show(verified);
    }
    for (form, wanted) in [(ExportForm::Evidence, &args.evidence), (ExportForm::Text, &args.text)] {
        if wanted.is_some() {
            desk.act(Act::Export(form));
        }
    }
    desk.act(Act::NextPerson);
    let (taps, broken) = desk.close();
    Ok(Checked { json: value, taps, broken })
}
