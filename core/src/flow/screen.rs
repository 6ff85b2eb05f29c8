//! The screen as plain data.

use super::remedy::{may_be_lifted, needs_registration};
use super::{Flow, State};
use crate::guide::Code;
use crate::instant::UnixTime;
use crate::qualification::Sheet;
use crate::tap::Stage;

/// What a shell draws.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Screen {
    /// `運用テスト（参考情報）`, above everything, while the institution tests.
    pub marking: Option<&'static str>,
    /// What is shown.
    pub view: View,
    /// What may be done next, the expected thing first. Nothing else has an effect.
    pub actions: Vec<Action>,
}

/// What is shown. A [`Code`] is shown with its guide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum View {
    /// 利用規約.
    Terms {
        /// Their version.
        version: u32,
        /// Their text.
        text: String,
    },
    /// ユーザー設定情報 are asked for: QR or typed.
    Settings {
        /// What was wrong with the last ones.
        problem: Option<Code>,
    },
    /// 初期登録 is under way.
    Registering,
    /// Nobody is being checked.
    Home {
        /// Name of the institution.
        institution: String,
        /// Staff to choose from.
        staff: Vec<String>,
        /// Notices of the operator.
        notices: Vec<String>,
        /// What is wrong with the service or the network, with the procedure on paper in its guide.
        trouble: Option<Code>,
    },
    /// The patient types four digits, as soon as [`Action::TypePin`] is offered.
    Pin {
        /// Tries left, if a tap has read them.
        tries: Option<u8>,
        /// What was wrong with the last PIN.
        problem: Option<Code>,
    },
    /// The patient is to be told how many tries are left.
    Warn {
        /// Two.
        tries: u8,
        /// Why this is said: a wrong PIN, or the counter.
        code: Code,
    },
    /// The patient is asked whether the last try shall be used.
    Consent,
    /// The card is to be held.
    Hold {
        /// What the tap is doing; `None` before the card is there.
        stage: Option<Stage>,
        /// Tries left, once known.
        tries: Option<u8>,
    },
    /// The signed check is on its way.
    Sending,
    /// The service was not reached: the check is kept sealed and can be sent until then. Nothing is checked yet.
    Kept {
        /// The end of its challenge.
        until: UnixTime,
        /// Why.
        code: Code,
    },
    /// The answer.
    Answer {
        /// What staff see.
        sheet: Box<Sheet>,
        /// Which of several qualifications staff chose.
        chosen: Option<usize>,
    },
    /// It did not work: why, and what to do.
    Problem {
        /// What happened.
        code: Code,
        /// Tries left, if known.
        tries: Option<u8>,
    },
    /// The service has stopped this device, or its state cannot be used.
    Stopped(Code),
    /// Locked.
    Locked,
}

/// What may be done next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Agree to the terms.
    AgreeTerms,
    /// Read or type the user settings.
    EnterSettings,
    /// Begin a check.
    StartCheck,
    /// Type the PIN. Not offered while challenges are being fetched.
    TypePin,
    /// The patient was told.
    Understand,
    /// The patient agrees to the last try.
    Agree,
    /// Tap again.
    TapAgain,
    /// Send again.
    SendAgain,
    /// Choose one of several qualifications.
    Choose,
    /// Export.
    Export,
    /// Give up.
    Cancel,
    /// On to the next person.
    NextPerson,
    /// Lock.
    Lock,
    /// Unlock.
    Unlock,
    /// Ask the service again.
    AskAgain,
    /// Register anew.
    RegisterAgain,
}

/// A suspension can be lifted; an app that is too old is replaced by a newer one; the rest needs a new registration.
fn stopped(code: Code) -> Vec<Action> {
    match code {
        _ if may_be_lifted(code) => vec![Action::AskAgain, Action::Lock],
        _ if needs_registration(code) => vec![Action::RegisterAgain],
        _ => Vec::new(),
    }
}

impl Flow {
    /// The screen.
    pub fn screen(&self) -> Screen {
        let (view, actions) = match &self.state {
            State::Terms(terms) => {
                (View::Terms { version: terms.version, text: terms.text.clone() }, vec![Action::AgreeTerms])
            }
            State::Settings { problem } => {
                (View::Settings { problem: *problem }, vec![Action::EnterSettings])
            }
            State::Registering => (View::Registering, Vec::new()),
            State::Home => (self.home(), vec![Action::StartCheck, Action::AskAgain, Action::Lock]),
            State::Person(person) => person.screen(self.fetching),
            State::Stopped { code, .. } => (View::Stopped(*code), stopped(*code)),
            State::Locked => (View::Locked, vec![Action::Unlock]),
        };
        Screen { marking: self.marking(), view, actions }
    }

    fn home(&self) -> View {
        let settings = self.settings.as_deref();
        View::Home {
            institution: settings.map(|s| s.institution_name.clone()).unwrap_or_default(),
            staff: settings.map(|s| s.staff.clone()).unwrap_or_default(),
            notices: settings
                .map(|s| s.notices.iter().map(|notice| notice.text.clone()).collect())
                .unwrap_or_default(),
            trouble: self.trouble,
        }
    }
}
