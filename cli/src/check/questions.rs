//! What a person is asked during a check, and how a program answers instead.

use std::io::IsTerminal as _;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use shikaku::flow::Event;
use shikaku::guide::Code;
use shikaku::instant::UnixTime;
use shikaku::secret::Pin;
use zeroize::Zeroizing;

use super::CheckArgs;
use crate::failure::Failure;
use crate::keyboard::{self, Echo};
use crate::reader::Cancel;
use crate::screen::{self, Paint};
use crate::secret_line;

/// Asks at the terminal, or answers from the arguments.
pub(super) struct Questions<'a> {
    args: &'a CheckArgs,
    cancel: Cancel,
}

/// What came of a question.
pub(super) enum Said {
    /// This.
    Event(Event),
    /// Whoever was asked wants to leave.
    Leave,
}

impl<'a> Questions<'a> {
    pub(super) const fn new(args: &'a CheckArgs, cancel: Cancel) -> Self {
        Self { args, cancel }
    }

    /// Whether there is somebody to ask: a terminal, and nobody who wants JSON or feeds the PIN.
    fn is_attended(&self) -> bool {
        !self.args.pin_stdin
            && self.args.virtual_pin.is_none()
            && !self.args.json
            && std::io::stdin().is_terminal()
    }

    /// A PIN for one tap. Each entry is used once; a program gives one line for each.
    pub(super) fn pin(&self, tries: Option<u8>, problem: Option<Code>) -> Result<Said, Failure> {
        if let Some(code) = problem {
            screen::note(&screen::paint(Paint::Warn, code.guide().cause_ja));
        }
        if let Some(tries) = tries {
            screen::note(&format!("暗証番号は、あと {tries} 回です。"));
        }
        let typed = match self.args.virtual_pin {
            Some(pin) => Some(Zeroizing::new(pin.to_vec())),
            None if self.args.pin_stdin && self.args.watch => keyboard::line(&self.cancel)?,
            None if self.args.pin_stdin => Some(secret_line::next(Code::PinForm)?),
            None => self.prompt()?,
        };
        Ok(match typed {
            Some(typed) if !self.is_end(&typed) => Said::Event(Event::PinTyped(Pin::new(&typed))),
            _ => Said::Leave,
        })
    }

    /// `q` for a PIN ends a session.
    fn is_end(&self, typed: &[u8]) -> bool {
        self.args.watch && matches!(typed, b"q" | b"Q")
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
        let typed = keyboard::ask(question, Echo::On, &self.cancel)?;
        Ok(typed.map(|typed| {
            let typed = typed.trim_ascii().to_ascii_lowercase();
            typed == "はい".as_bytes() || typed == b"y" || typed == b"yes"
        }))
    }

    /// What is typed at the terminal, without echo.
    fn prompt(&self) -> Result<Option<Zeroizing<Vec<u8>>>, Failure> {
        if !std::io::stdin().is_terminal() {
            return Err(Failure::plain("no terminal to ask for the PIN; a program uses --pin-stdin"));
        }
        let end = if self.args.watch { "、終わるときは q" } else { "" };
        keyboard::ask(&format!("暗証番号（4桁{end}）: "), Echo::Off, &self.cancel)
    }

    /// The patient must know that two tries are left.
    pub(super) fn warn(&self, tries: u8, code: Code) -> Result<Said, Failure> {
        if !self.is_attended() {
            return Err(Failure::coded(code, "tell the patient that two tries are left, then add --warned"));
        }
        screen::note(&screen::paint(Paint::Warn, code.guide().cause_ja));
        screen::note(&format!(
            "暗証番号は、あと {tries} 回です。間違えると、市区町村の窓口での再設定が必要になります。"
        ));
        match self.agreed("ご本人に伝えました。続けますか。[はい/いいえ] ")? {
            Some(true) => Ok(Said::Event(Event::Understood)),
            Some(false) => Err(cancelled()),
            None => Ok(Said::Leave),
        }
    }

    /// The patient must agree to the last try, on this card and no other.
    pub(super) fn consent(&self, certificate: Option<[u8; 32]>) -> Result<Said, Failure> {
        let name = certificate.map(|sha256| URL_SAFE_NO_PAD.encode(sha256)).unwrap_or_default();
        let code = Code::PinConsentNeeded;
        if !self.is_attended() {
            let detail = format!("with the patient's consent: --last-try {name}");
            return Err(Failure::coded(code, detail));
        }
        screen::note(&screen::paint(Paint::Bad, code.guide().cause_ja));
        screen::note("あと1回間違えると暗証番号がロックされ、市区町村の窓口での再設定が必要になります。");
        match self.agreed("最後の1回を使うことに、ご本人が同意しましたか。[はい/いいえ] ")?
        {
            Some(true) => Ok(Said::Event(Event::Agreed)),
            Some(false) => Err(cancelled()),
            None => Ok(Said::Leave),
        }
    }

    /// It did not work; once more only where that can help and somebody wants it.
    pub(super) fn problem(
        &self,
        code: Code,
        tries: Option<u8>,
        again: bool,
        detail: &str,
    ) -> Result<Said, Failure> {
        let detail = match tries {
            Some(tries) => format!("{detail} tries left: {tries}").trim().to_owned(),
            None => detail.to_owned(),
        };
        let failure = Failure::coded(code, detail);
        if !again || !self.is_attended() {
            return Err(failure);
        }
        screen::note(&screen::paint(Paint::Bad, "確認できませんでした"));
        screen::note(&failure.to_string());
        match self.agreed("もう一度カードをかざしますか。[はい/いいえ] ")? {
            Some(true) => Ok(Said::Event(Event::TapAgain)),
            Some(false) => Err(failure),
            None => Ok(Said::Leave),
        }
    }

    /// The check did not reach the service and is kept; nothing is checked yet.
    pub(super) fn kept(&self, until: UnixTime, code: Code, now: UnixTime) -> Result<Said, Failure> {
        let left = until.since(now);
        let detail =
            format!("the signed check is kept and can be sent for {left} s: run `shikaku check` again");
        let failure = Failure::coded(code, detail);
        if !self.is_attended() {
            return Err(failure);
        }
        screen::note(&screen::paint(Paint::Warn, "送信できませんでした。まだ何も確認できていません。"));
        screen::note(&failure.to_string());
        match self.agreed("もう一度送りますか。[はい/いいえ] ")? {
            Some(true) => Ok(Said::Event(Event::SendAgain)),
            Some(false) | None => Err(failure),
        }
    }
}

/// It was given up before the card heard anything.
pub(super) fn cancelled() -> Failure {
    Failure::coded(Code::TapCancelled, "nothing was sent to the card")
}
