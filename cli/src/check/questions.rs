//! What a person is asked during a check, and how a program answers instead.

use std::io::IsTerminal as _;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use shikaku::flow::{Action, Screen, View};
use shikaku::guide::Code;
use shikaku::qualification::Mode;
use shikaku::terminal::Act;
use zeroize::Zeroizing;

use super::CheckArgs;
use super::desk::Desk;
use crate::failure::Failure;
use crate::keyboard::{self, Echo};
use crate::reader::Cancel;
use crate::screen::{self, Paint};
use crate::secret_line;

/// Asks at the terminal, or answers from the arguments.
pub(super) struct Questions<'a> {
    pub(super) args: &'a CheckArgs,
    pub(super) cancel: Cancel,
}

/// What came of a question.
pub(super) enum Said {
    /// This.
    Act(Act),
    /// This person's check does not go on.
    Refused {
        /// Why.
        failure: Failure,
        /// Tries left, if known.
        tries: Option<u8>,
    },
    /// Whoever was asked wants to leave.
    Leave,
}

impl Said {
    pub(super) const fn refused(failure: Failure) -> Self {
        Self::Refused { failure, tries: None }
    }
}

impl<'a> Questions<'a> {
    pub(super) const fn new(args: &'a CheckArgs, cancel: Cancel) -> Self {
        Self { args, cancel }
    }

    /// Whether there is somebody to ask: a terminal, and nobody who wants JSON or feeds what is typed.
    pub(super) fn is_attended(&self) -> bool {
        !self.is_fed() && !self.args.json && std::io::stdin().is_terminal()
    }

    /// Whether a program gives what a person would type.
    const fn is_fed(&self) -> bool {
        self.args.pin_stdin || self.args.number_stdin || self.args.virtual_card.is_some()
    }

    /// Whatever the screen asks of the person who is being checked, or of staff about that person.
    pub(super) fn ask(&self, Screen { view, actions, .. }: Screen, desk: &Desk<'_>) -> Result<Said, Failure> {
        match view {
            // The next line is the next person's: it must not go to this one's card.
            View::Pin { problem: Some(code), .. } | View::Number { problem: Some(code), .. }
                if self.is_fed() =>
            {
                Ok(Said::refused(desk.failure(code)))
            }
            View::Pin { tries, problem } => self.pin(tries, problem, &actions),
            View::Number { tries, problem } => self.number(tries, problem, &actions),
            View::Staff { staff } => self.staff(&staff),
            View::Warn { tries, code } => self.warn(tries, code),
            View::Consent { mode, code } => self.consent(mode, code, desk.consent_for()),
            View::Look { problem, .. } => self.look(desk.photo(), problem),
            View::Name { name, differs, .. } => self.name(&name, differs, &actions),
            View::Problem { code, tries } => self.problem(desk.failure(code), tries, &actions),
            View::Stopped(code) => Err(desk.failure(code)),
            // The desk does its work before it returns, nobody locks a command, and only a registered device gets
            // there: none of the others is ever left standing.
            _ => Err(Failure::coded(Code::TapOutOfTurn, "the check stands where a command cannot go on")),
        }
    }

    /// A PIN for one tap. Each entry is used once; a program gives one line for each.
    fn pin(&self, tries: Option<u8>, problem: Option<Code>, actions: &[Action]) -> Result<Said, Failure> {
        say(problem, tries.map(|tries| format!("暗証番号は、あと {tries} 回です。")));
        let other = actions.contains(&Action::UseVisual).then_some("目視確認は v");
        let typed = match self.args.virtual_card {
            Some(card) => Some(Zeroizing::new(card.pin.to_vec())),
            None if self.args.pin_stdin && self.args.watch => keyboard::line(&self.cancel)?,
            None if self.args.pin_stdin => Some(secret_line::next(Code::PinForm)?),
            None => self.secret("暗証番号（4桁", other, "--pin-stdin")?,
        };
        Ok(match typed {
            Some(typed) if other.is_some() && is_letter(&typed, b'v') => Said::Act(Act::UseVisual),
            Some(typed) if !self.is_end(&typed) => Said::Act(Act::TypePin(typed)),
            _ => Said::Leave,
        })
    }

    /// `q` in the place of a secret ends a session.
    pub(super) fn is_end(&self, typed: &[u8]) -> bool {
        self.args.watch && is_letter(typed, b'q')
    }

    /// Waits until staff are done with this person; `false` if they are with all. Where nobody is there to be asked,
    /// at once.
    pub(super) fn next(&self) -> Result<bool, Failure> {
        if !self.is_attended() {
            return Ok(true);
        }
        let typed = keyboard::ask("Enter: 次の方へ　q: 終わる ", Echo::On, &self.cancel)?;
        Ok(typed.is_some_and(|typed| !self.is_end(&typed)))
    }

    /// A yes-or-no question; only `はい`, `y` and `yes` are a yes. `None` if whoever was asked wants to leave.
    fn agreed(&self, question: &str) -> Result<Option<bool>, Failure> {
        Ok(keyboard::ask(question, Echo::On, &self.cancel)?.map(|typed| is_yes(&typed)))
    }

    /// What is typed at the terminal, without echo.
    pub(super) fn secret(
        &self,
        what: &str,
        other: Option<&str>,
        argument: &str,
    ) -> Result<Option<Zeroizing<Vec<u8>>>, Failure> {
        if !std::io::stdin().is_terminal() {
            return Err(Failure::plain(format_args!("no terminal to ask; a program uses {argument}")));
        }
        let words: Vec<_> =
            [Some(what), other, self.args.watch.then_some("終わるときは q")].into_iter().flatten().collect();
        keyboard::ask(&format!("{}）: ", words.join("、")), Echo::Off, &self.cancel)
    }

    /// The patient must know that two tries are left.
    fn warn(&self, tries: u8, code: Code) -> Result<Said, Failure> {
        if !self.is_attended() {
            let how =
                if self.args.watch { "check this patient without --watch and with" } else { "then add" };
            let why = format_args!("tell the patient that two tries are left, {how} --warned");
            return Ok(Said::Refused { failure: Failure::coded(code, why), tries: Some(tries) });
        }
        say(Some(code), None);
        screen::note(&format!(
            "あと {tries} 回です。続けて {tries} 回間違えるとロックされ、市区町村の窓口での手続きが必要になります。"
        ));
        Ok(match self.agreed("ご本人に伝えました。続けますか。[はい/いいえ] ")? {
            Some(true) => Said::Act(Act::Understand),
            Some(false) => Said::refused(cancelled()),
            None => Said::Leave,
        })
    }

    /// The patient must agree to the last try, on this card and no other.
    fn consent(&self, mode: Mode, code: Code, certificate: Option<[u8; 32]>) -> Result<Said, Failure> {
        let name = certificate.map(|sha256| URL_SAFE_NO_PAD.encode(sha256)).unwrap_or_default();
        let what = match mode {
            Mode::Pin => "暗証番号",
            Mode::Visual => "券面の番号",
        };
        if !self.is_attended() {
            let how = if self.args.watch { ", in a check without --watch" } else { "" };
            let failure =
                Failure::coded(code, format_args!("with the patient's consent{how}: --last-try {name}"));
            return Ok(Said::Refused { failure, tries: Some(1) });
        }
        screen::note(&screen::paint(Paint::Bad, code.guide().cause_ja));
        screen::note(&format!(
            "あと1回間違えると{what}がロックされ、市区町村の窓口での手続きが必要になります。"
        ));
        Ok(match self.agreed("最後の1回を使うことに、ご本人が同意しましたか。[はい/いいえ] ")?
        {
            Some(true) => Said::Act(Act::Agree),
            Some(false) => Said::Refused { failure: cancelled(), tries: Some(1) },
            None => Said::Leave,
        })
    }

    /// It did not work; once more, or visually, only where that can help and somebody wants it.
    fn problem(&self, failure: Failure, tries: Option<u8>, actions: &[Action]) -> Result<Said, Failure> {
        let failure = match tries {
            Some(tries) => failure.with(format_args!("tries left: {tries}")),
            None => failure,
        };
        let ways = [
            (Action::TapAgain, "もう一度カードをかざしますか。[はい/いいえ] ", Act::TapAgain),
            (Action::UseVisual, "目視確認に切り替えますか。[はい/いいえ] ", Act::UseVisual),
        ];
        if !self.is_attended() || !ways.iter().any(|(action, ..)| actions.contains(action)) {
            return Ok(Said::Refused { failure, tries });
        }
        screen::note(&screen::paint(Paint::Bad, "確認できませんでした"));
        screen::note(&failure.to_string());
        for (action, question, act) in ways {
            match actions.contains(&action).then(|| self.agreed(question)).transpose()? {
                Some(Some(true)) => return Ok(Said::Act(act)),
                Some(None) => return Ok(Said::Leave),
                Some(Some(false)) | None => {}
            }
        }
        Ok(Said::Refused { failure, tries })
    }

    /// The check did not reach the service and is kept; nothing is checked yet.
    ///
    /// It can be sent for `left` seconds more, and after `wait` seconds only.
    pub(super) fn kept(&self, left: u64, code: Code, wait: u64) -> Result<Said, Failure> {
        let after = if wait == 0 { String::new() } else { format!(" in {wait} s") };
        let detail = format!(
            "the signed check is kept and can be sent for {left} s: run `shikaku check` again{after}"
        );
        let failure = Failure::coded(code, detail);
        if !self.is_attended() {
            return Ok(Said::refused(failure));
        }
        screen::note(&screen::paint(Paint::Warn, "送信できませんでした。まだ何も確認できていません。"));
        screen::note(&failure.to_string());
        if wait > 0 {
            screen::note(&format!("あと{wait}秒待ってから答えてください。"));
        }
        Ok(match self.agreed("もう一度送りますか。[はい/いいえ] ")? {
            Some(true) => Said::Act(Act::SendAgain),
            Some(false) | None => Said::refused(failure),
        })
    }
}

/// What was wrong with the last entry, and how many more there are.
pub(super) fn say(problem: Option<Code>, tries: Option<String>) {
    if let Some(code) = problem {
        screen::note(&screen::paint(Paint::Warn, code.guide().cause_ja));
    }
    if let Some(tries) = tries {
        screen::note(&tries);
    }
}

pub(super) fn is_yes(typed: &[u8]) -> bool {
    let typed = typed.trim_ascii().to_ascii_lowercase();
    typed == "はい".as_bytes() || typed == b"y" || typed == b"yes"
}

/// Whether this one letter was typed, large or small.
pub(super) fn is_letter(typed: &[u8], letter: u8) -> bool {
    matches!(typed, [typed] if typed.eq_ignore_ascii_case(&letter))
}

/// It was given up; nothing was sent.
pub(super) fn cancelled() -> Failure {
    Failure::coded(Code::TapCancelled, "nothing was sent")
}
