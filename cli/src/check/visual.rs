//! What staff are asked in a visual check (目視確認): who they are, the printed number, and twice whether it is the same
//! person.

use shikaku::flow::Action;
use shikaku::guide::Code;
use shikaku::photo::Photo;
use shikaku::terminal::Act;
use zeroize::Zeroizing;

use super::questions::{Questions, Said, cancelled, is_letter, is_yes, say};
use crate::answer::printable;
use crate::failure::Failure;
use crate::keyboard::{self, Echo};
use crate::screen::{self, Paint};
use crate::{photo, secret_line};

impl Questions<'_> {
    /// A number for one tap. Staff type it off the card, and nobody else is to read it off the screen.
    pub(super) fn number(
        &self,
        tries: Option<u8>,
        problem: Option<Code>,
        actions: &[Action],
    ) -> Result<Said, Failure> {
        say(problem, tries.map(|tries| format!("券面の番号は、あと {tries} 回です。")));
        let other = actions.contains(&Action::UsePin).then_some("暗証番号は p");
        let typed = match self.args.virtual_card {
            Some(card) => Some(Zeroizing::new(card.code_b.to_vec())),
            None if self.args.number_stdin && self.args.watch => keyboard::line(&self.cancel)?,
            None if self.args.number_stdin => Some(secret_line::next(Code::PrintedForm)?),
            None => {
                let what =
                    "券面の生年月日（年は和暦、6桁）か照合番号B（14桁）（個人番号は入力しないでください";
                self.secret(what, other, "--number-stdin")?
            }
        };
        Ok(match typed {
            Some(typed) if other.is_some() && is_letter(&typed, b'p') => Said::Act(Act::UsePin),
            Some(typed) if !self.is_end(&typed) => Said::Act(Act::TypeNumber(typed)),
            _ => Said::Leave,
        })
    }

    /// Who does the check: one of the institution's list by its number, or a name.
    pub(super) fn staff(&self, staff: &[String]) -> Result<Said, Failure> {
        if !self.is_attended() {
            return Ok(Said::refused(Failure::plain("a visual check says who does it: add --staff NAME")));
        }
        for (index, name) in staff.iter().enumerate() {
            screen::note(&format!("  {}: {}", index + 1, printable(name)));
        }
        let typed = keyboard::ask("目視確認の担当者（番号か名前）: ", Echo::On, &self.cancel)?;
        let Some(typed) = typed.filter(|typed| !self.is_end(typed)) else { return Ok(Said::Leave) };
        let typed = String::from_utf8_lossy(&typed).trim().to_owned();
        let listed = typed.parse::<usize>().ok().and_then(|number| staff.get(number.checked_sub(1)?));
        Ok(Said::Act(Act::NameStaff(listed.unwrap_or(&typed).clone())))
    }

    /// Whether person, printed photo and, where it was read and can be shown, the photo in the chip agree. It is shown until
    /// there is an answer; what nobody has seen nobody is asked about.
    pub(super) fn look(&self, photo: Option<&Photo>, problem: Option<Code>) -> Result<Said, Failure> {
        if self.args.virtual_card.is_some() {
            return Ok(Said::Act(Act::Attest));
        }
        say(problem, None);
        let shown =
            photo.filter(|_| problem.is_none()).map(|photo| photo::show(photo, self.args.photo.as_deref()));
        if let Some(Err(failure)) = &shown {
            screen::note(&failure.to_string());
        }
        let question = match &shown {
            Some(Ok(_)) => "カードの中の顔写真、券面の顔写真、ご本人は一致しますか。[はい/いいえ] ",
            None | Some(Err(_)) => "券面の顔写真とご本人は一致しますか。[はい/いいえ] ",
        };
        let agreed = self.attested(question)?;
        drop(shown);
        Ok(match agreed {
            Some(true) => Said::Act(Act::Attest),
            Some(false) => Said::refused(Failure::coded(
                Code::TapCancelled,
                "photo and person do not agree; nothing was sent",
            )),
            None => Said::Leave,
        })
    }

    /// Whether the name in the registry is the printed one. Before a yes nothing else of the person is there.
    pub(super) fn name(
        &self,
        name: &str,
        differs: Option<Code>,
        actions: &[Action],
    ) -> Result<Said, Failure> {
        screen::note(&screen::paint(Paint::Strong, &format!("登録されている氏名: {}", printable(name))));
        say(differs, None);
        let confirmed = if self.args.virtual_card.is_some() {
            Some(true)
        } else {
            self.attested("券面の氏名と一致しますか。[はい/いいえ] ")?
        };
        Ok(match confirmed {
            Some(true) if actions.contains(&Action::ConfirmName) => Said::Act(Act::ConfirmName),
            Some(_) => Said::Act(Act::DenyName),
            None => Said::Leave,
        })
    }

    /// A question that staff answer, at the terminal or by way of a program that asks them: one line for each.
    fn attested(&self, question: &str) -> Result<Option<bool>, Failure> {
        let typed = if self.is_attended() {
            keyboard::ask(question, Echo::On, &self.cancel)?
        } else if self.args.number_stdin {
            screen::note(question);
            keyboard::line(&self.cancel)?
        } else {
            return Err(cancelled());
        };
        Ok(typed.map(|typed| is_yes(&typed)))
    }
}
