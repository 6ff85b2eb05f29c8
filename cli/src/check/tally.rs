//! How many were checked, and how it came out: all that is left of a session.

use serde_json::{Value, json};
use shikaku::guide::Code;

/// Sums over the persons of a session; nothing of any of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Tally {
    valid: u32,
    invalid: u32,
    attention: u32,
    error: u32,
    unsent: u32,
}

impl Tally {
    /// The service answered with this.
    pub(super) const fn answered(&mut self, code: Code) {
        match code {
            Code::QualificationValid => self.valid += 1,
            Code::QualificationMultiple | Code::QualificationUnregistered => self.attention += 1,
            _ => self.invalid += 1,
        }
    }

    /// It did not come to an answer.
    pub(super) const fn failed(&mut self) {
        self.error += 1;
    }

    /// The signed check is kept, and can still be sent.
    pub(super) const fn kept(&mut self) {
        self.unsent += 1;
    }

    /// For a person.
    pub(super) fn line(self) -> String {
        let Self { valid, invalid, attention, error, unsent } = self;
        let rest = if unsent > 0 { format!("・未送信 {unsent}") } else { String::new() };
        format!(
            "件数: {}（有効 {valid}・無効 {invalid}・要確認 {attention}・エラー {error}{rest}）",
            self.sum()
        )
    }

    /// For a program.
    pub(super) fn json(self) -> Value {
        let Self { valid, invalid, attention, error, unsent } = self;
        json!({ "count": {
            "persons": self.sum(), "valid": valid, "invalid": invalid, "attention": attention, "error": error,
            "unsent": unsent,
        }})
    }

    /// Persons.
    pub(super) const fn sum(self) -> u32 {
        self.valid + self.invalid + self.attention + self.error + self.unsent
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_person_counts_once() {
        let mut tally = Tally::default();
        tally.answered(Code::QualificationValid);
        tally.answered(Code::QualificationInvalid);
        tally.answered(Code::QualificationMultiple);
        tally.answered(Code::CertificateUnlinked);
        tally.failed();
        assert_eq!(tally.line(), "件数: 5（有効 1・無効 2・要確認 1・エラー 1）");
        tally.kept();
        assert_eq!(tally.json()["count"]["persons"], 6);
        assert!(tally.line().ends_with("・未送信 1）"));
    }
}
