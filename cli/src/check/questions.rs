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
use crate::screen::{self, Paint};
use crate::secret_line;

/// Asks at the terminal, or answers from the arguments.
pub(super) struct Questions<'a> {
    args: &'a CheckArgs,
}

impl<'a> Questions<'a> {
    pub(super) const fn new(args: &'a CheckArgs) -> Self {
        Self { args }
    }

    /// Whether there is somebody to ask: a terminal, and nobody who wants JSON or feeds the PIN.
    fn is_attended(&self) -> bool {
        !self.args.pin_stdin
            && self.args.virtual_pin.is_none()
            && !self.args.json
            && std::io::stdin().is_terminal()
    }

    /// A PIN for one tap. Each entry is used once; a program gives one line for each.
    pub(super) fn pin(&self, tries: Option<u8>, problem: Option<Code>) -> Result<Event, Failure> {
        if let Some(code) = problem {
            screen::note(&screen::paint(Paint::Warn, code.guide().cause_ja));
        }
        if let Some(tries) = tries {
            screen::note(&format!("暗証番号は、あと {tries} 回です。"));
        }
        let typed = match self.args.virtual_pin {
            Some(pin) => Zeroizing::new(pin.to_vec()),
            None if self.args.pin_stdin => secret_line::next(Code::PinForm)?,
            None => prompt()?,
        };
        Ok(Event::PinTyped(Pin::new(&typed)))
    }

    /// The patient must know that two tries are left.
    pub(super) fn warn(&self, tries: u8, code: Code) -> Result<Event, Failure> {
        if !self.is_attended() {
            return Err(Failure::coded(code, "tell the patient that two tries are left, then add --warned"));
        }
        screen::note(&screen::paint(Paint::Warn, code.guide().cause_ja));
        screen::note(&format!(
            "暗証番号は、あと {tries} 回です。間違えると、市区町村の窓口での再設定が必要になります。"
        ));
        let understood = screen::ask("ご本人に伝えました。続けますか。[はい/いいえ] ")?;
        Ok(if understood { Event::Understood } else { return Err(cancelled()) })
    }

    /// The patient must agree to the last try, on this card and no other.
    pub(super) fn consent(&self, certificate: Option<[u8; 32]>) -> Result<Event, Failure> {
        let name = certificate.map(|sha256| URL_SAFE_NO_PAD.encode(sha256)).unwrap_or_default();
        let code = Code::PinConsentNeeded;
        if !self.is_attended() {
            let detail = format!("with the patient's consent: --last-try {name}");
            return Err(Failure::coded(code, detail));
        }
        screen::note(&screen::paint(Paint::Bad, code.guide().cause_ja));
        screen::note("あと1回間違えると暗証番号がロックされ、市区町村の窓口での再設定が必要になります。");
        let agreed = screen::ask("最後の1回を使うことに、ご本人が同意しましたか。[はい/いいえ] ")?;
        Ok(if agreed { Event::Agreed } else { return Err(cancelled()) })
    }

    /// It did not work; once more only where that can help and somebody wants it.
    pub(super) fn problem(
        &self,
        code: Code,
        tries: Option<u8>,
        again: bool,
        detail: &str,
    ) -> Result<Event, Failure> {
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
        if screen::ask("もう一度カードをかざしますか。[はい/いいえ] ")? {
            Ok(Event::TapAgain)
        } else {
            Err(failure)
        }
    }

    /// The check did not reach the service and is kept; nothing is checked yet.
    pub(super) fn kept(&self, until: UnixTime, code: Code, now: UnixTime) -> Result<Event, Failure> {
        let left = until.since(now);
        let detail =
            format!("the signed check is kept and can be sent for {left} s: run `shikaku check` again");
        let failure = Failure::coded(code, detail);
        if !self.is_attended() {
            return Err(failure);
        }
        screen::note(&screen::paint(Paint::Warn, "送信できませんでした。まだ何も確認できていません。"));
        screen::note(&failure.to_string());
        if screen::ask("もう一度送りますか。[はい/いいえ] ")? {
            Ok(Event::SendAgain)
        } else {
            Err(failure)
        }
    }
}

/// What is typed at the terminal, without echo.
fn prompt() -> Result<Zeroizing<Vec<u8>>, Failure> {
    if !std::io::stdin().is_terminal() {
        return Err(Failure::plain("no terminal to ask for the PIN; a program uses --pin-stdin"));
    }
    let typed = rpassword::prompt_password("暗証番号（4桁）: ");
    typed
        .map(|typed| Zeroizing::new(typed.into_bytes()))
        .map_err(|error| Failure::plain(format_args!("the terminal: {error}")))
}

fn cancelled() -> Failure {
    Failure::coded(Code::TapCancelled, "nothing was sent to the card")
}
