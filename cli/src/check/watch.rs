//! `shikaku check --watch`: person after person, for a group checkup.
//!
//! The same flow as of one check, begun again and again. Between two persons the screen is cleared, what was held of
//! the one is wiped, and the card that was used must be gone: nothing of one reaches the next. What is left at the
//! end is the count.

use std::process::ExitCode;
use std::thread::sleep;
use std::time::Duration;

use serde_json::{Value, json};
use shikaku::flow::{Action, View};
use shikaku::guide::Code;
use shikaku::instant::UnixTime;
use shikaku::tap::Consent;
use shikaku::terminal::Act;

use super::CheckArgs;
use super::desk::Desk;
use super::questions::{Questions, Said};
use super::tally::Tally;
use crate::answer::{answer_json, printable, show};
use crate::failure::Failure;
use crate::reader::Cancel;
use crate::screen::{self, Paint};

/// Between two attempts to reach a service or a reader.
const PAUSE: Duration = Duration::from_secs(2);
/// How long one wait lasts before Ctrl-C is looked at again.
const GLANCE: Duration = Duration::from_millis(200);

/// Runs the command: until Ctrl-C, `q`, or the end of standard input.
pub(super) fn run(args: &CheckArgs) -> Result<ExitCode, Failure> {
    let cancel = Cancel::listen();
    let Some(desk) = open(args, &cancel)? else {
        return Ok(finish(args, Tally::default()));
    };
    let questions = Questions::new(args, cancel.clone());
    let mut watch = Watch { args, desk, questions, cancel, tally: Tally::default() };
    let ended = watch.persons();
    let tally = watch.tally;
    // Device, card and whatever is left of the last person go before the count is shown.
    drop(watch);
    clear(args);
    let exit = finish(args, tally);
    ended.map(|()| exit)
}

/// Opens the desk; a reader that is not there yet is waited for. `None` if nobody wants to wait.
fn open<'a>(args: &'a CheckArgs, cancel: &Cancel) -> Result<Option<Desk<'a>>, Failure> {
    let mut is_said = false;
    loop {
        match Desk::open(args) {
            Err(failure) if failure.code() == Some(Code::ReaderAbsent) => {
                if !std::mem::replace(&mut is_said, true) {
                    screen::note(&failure.to_string());
                    screen::note("リーダーが使えるようになるのを待っています（Ctrl-C で終わります）。");
                }
                if !wait(PAUSE, cancel) {
                    return Ok(None);
                }
            }
            opened => return opened.map(Some),
        }
    }
}

/// Waits; `false` if the program is to end.
fn wait(pause: Duration, cancel: &Cancel) -> bool {
    let glances = pause.as_millis() / GLANCE.as_millis();
    for _ in 0..glances {
        if cancel.is_pressed() {
            return false;
        }
        sleep(GLANCE);
    }
    !cancel.is_pressed()
}

/// Nothing that was shown stays, neither on the screen nor above it.
fn clear(args: &CheckArgs) {
    if !args.json {
        screen::clear();
    }
}

/// The count, and nothing else.
fn finish(args: &CheckArgs, tally: Tally) -> ExitCode {
    if args.json {
        screen::line(&tally.json().to_string());
    } else {
        screen::line(&tally.line());
    }
    ExitCode::SUCCESS
}

struct Watch<'a> {
    args: &'a CheckArgs,
    desk: Desk<'a>,
    questions: Questions<'a>,
    cancel: Cancel,
    tally: Tally,
}

impl Watch<'_> {
    /// Until somebody wants to leave, or the service stops the device.
    fn persons(&mut self) -> Result<(), Failure> {
        while !self.cancel.is_pressed() {
            let act = match self.turn() {
                Ok(Some(act)) => act,
                Ok(None) => break,
                Err(failure) => {
                    self.leave();
                    return Err(failure);
                }
            };
            let is_over = matches!(act, Act::NextPerson | Act::Cancel);
            self.desk.act(act);
            if is_over {
                self.desk.forget_person()?;
                clear(self.args);
            }
        }
        self.leave();
        Ok(())
    }

    /// A signed check that was not sent is kept and counted as such.
    fn leave(&mut self) {
        if matches!(self.desk.screen().view, View::Kept { .. } | View::Sending | View::Name { .. }) {
            self.tally.kept();
        }
    }

    /// Draws the screen and brings what is to happen; nothing if somebody wants to leave.
    fn turn(&mut self) -> Result<Option<Act>, Failure> {
        let drawn = self.desk.screen();
        let said = match drawn.view {
            View::Home { notices, trouble, .. } => return self.welcome(&notices, trouble).map(Some),
            View::Answer { .. } => return self.answered(),
            View::Kept { until, code, .. } => return Ok(self.send_again(until, code)),
            // It was not the person who ended it.
            View::Problem { code: Code::TapCancelled, .. } if self.cancel.is_pressed() => return Ok(None),
            _ => self.questions.ask(drawn, &self.desk)?,
        };
        match said {
            Said::Act(act) => Ok(Some(act)),
            Said::Refused { failure, tries } => self.refused(&failure, tries),
            Said::Leave => Ok(None),
        }
    }

    fn welcome(&mut self, notices: &[String], trouble: Option<Code>) -> Result<Act, Failure> {
        if !self.args.json {
            screen::line(&self.tally.line());
            screen::line(&screen::paint(Paint::Strong, &format!("{}人目", self.tally.sum() + 1)));
        }
        for notice in notices {
            screen::note(&printable(notice));
        }
        if let Some(code) = trouble {
            screen::note(&screen::paint(Paint::Warn, code.guide().cause_ja));
        }
        self.desk.start(Consent::None)
    }

    fn answered(&mut self) -> Result<Option<Act>, Failure> {
        let verified = self.desk.answer()?;
        let code = verified.answer().code();
        self.tally.answered(code);
        if self.args.json {
            let mut value = answer_json(verified);
            if let Value::Object(members) = &mut value {
                members.insert("number".to_owned(), json!(self.tally.sum()));
                members.insert("kept".to_owned(), json!(self.desk.had_kept()));
            }
            screen::line(&value.to_string());
        } else {
            if self.desk.had_kept() {
                screen::line(&screen::paint(Paint::Strong, "送れずに残っていた資格確認の結果です。"));
            }
            show(verified);
        }
        self.part(None)
    }

    /// Tells why this person's check does not go on, and goes on with the next.
    fn refused(&mut self, failure: &Failure, tries: Option<u8>) -> Result<Option<Act>, Failure> {
        self.tally.failed();
        let code = failure.code();
        if self.args.json {
            let mut value = failure.to_json();
            if let Value::Object(members) = &mut value {
                members.insert("number".to_owned(), json!(self.tally.sum()));
                members.insert("tries".to_owned(), json!(tries));
            }
            screen::line(&value.to_string());
        } else {
            screen::line(&screen::paint(Paint::Bad, "確認できませんでした"));
            screen::line(&failure.to_string());
        }
        self.part(code)
    }

    /// The person takes the card and goes. Until then the answer stands.
    fn part(&mut self, code: Option<Code>) -> Result<Option<Act>, Failure> {
        if !self.questions.next()? {
            return Ok(None);
        }
        if matches!(code, Some(Code::ReaderAbsent | Code::ReaderFailed | Code::ReaderTimeout)) {
            self.reopen();
        }
        // A reader that fails meanwhile may still hold the card: opened anew, it too must be seen empty.
        while !self.cancel.is_pressed() && self.desk.await_lifted().is_err() {
            if wait(PAUSE, &self.cancel) {
                self.reopen();
            }
        }
        if self.cancel.is_pressed() {
            return Ok(None);
        }
        // A question that was not answered with a yes is given up; an answer or a problem is done with.
        let is_done = self.desk.screen().actions.contains(&Action::NextPerson);
        Ok(Some(if is_done { Act::NextPerson } else { Act::Cancel }))
    }

    /// A reader that failed is opened anew, as soon as it is there.
    fn reopen(&mut self) {
        let mut is_said = false;
        while let Err(failure) = self.desk.reopen_reader() {
            if !std::mem::replace(&mut is_said, true) {
                screen::note(&failure.to_string());
            }
            if !wait(PAUSE, &self.cancel) {
                return;
            }
        }
    }

    /// The service was not reached: tried again by itself while the challenge lives.
    fn send_again(&mut self, until: UnixTime, code: Code) -> Option<Act> {
        let left = until.since(self.desk.now());
        if left == 0 {
            // The terminal says what that means.
            return Some(Act::Tick);
        }
        screen::progress(&format!(
            "{} [{code}] つながりしだい送ります（あと{left}秒。Ctrl-C で中止）",
            code.guide().cause_ja
        ));
        let goes_on = wait(PAUSE, &self.cancel);
        screen::progress_end();
        goes_on.then_some(Act::SendAgain)
    }
}
