//! The screen as plain data.

use super::remedy::{may_be_lifted, needs_registration};
use super::{Flow, State};
use crate::guide::Code;
use crate::instant::UnixTime;
use crate::qualification::{Mode, Sheet};
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

impl Screen {
    /// Whether `action` may be done now.
    pub fn offers(&self, action: Action) -> bool {
        self.actions.contains(&action)
    }
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
        /// Whether the institution may check visually (目視確認): [`Action::StartVisual`] is offered then.
        visual: bool,
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
    Consent {
        /// Of what: of the PIN, or of the number that is printed on the card.
        mode: Mode,
        /// What the last try of it means.
        code: Code,
    },
    /// Staff say who does the visual check.
    Staff {
        /// To choose from.
        staff: Vec<String>,
    },
    /// Staff type a number that is printed on the card: the birth date (six digits), or 照合番号B (fourteen) for the
    /// photo in the chip; as soon as [`Action::TypeNumber`] is offered.
    Number {
        /// Tries left, if a tap has read them.
        tries: Option<u8>,
        /// What was wrong with the last number.
        problem: Option<Code>,
    },
    /// Staff compare the person with the photo: with the one printed on the card, and with the one in the chip if there
    /// is one, which the shell has. The card is let go.
    Look {
        /// Whether the shell has a photo from the chip.
        photo: bool,
        /// Why there is none to be shown, where the chip has one.
        problem: Option<Code>,
    },
    /// Staff compare the name with the one printed on the card.
    Name {
        /// 氏名 in the registry, as the service signed it.
        name: String,
        /// Said if the name in the chip is another.
        differs: Option<Code>,
        /// Until when the answer can be asked for.
        until: UnixTime,
    },
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
        /// Seconds until the service takes it: [`Action::SendAgain`] is offered at 0.
        wait: u64,
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
    /// Begin a visual check.
    StartVisual,
    /// Go on with a visual check.
    UseVisual,
    /// Go on with the PIN.
    UsePin,
    /// Say who does it.
    NameStaff,
    /// Type the printed number. Not offered while challenges are being fetched.
    TypeNumber,
    /// Say that photo and person agree.
    Attest,
    /// Say that the name is the printed one.
    ConfirmName,
    /// Say that the name is another.
    DenyName,
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

/// The room in which a person is checked.
pub(super) struct Room {
    pub(super) mode: Mode,
    /// While challenges are on their way, nothing is typed.
    pub(super) fetching: bool,
    /// Whether the institution may check visually.
    pub(super) visual: bool,
    pub(super) staff: Vec<String>,
}

/// A suspension can be lifted; an app that is too old is replaced by a newer one, a key store that does not answer is
/// asked by the next start; the rest needs a new registration.
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
            State::Home => {
                let mut actions = vec![Action::StartCheck, Action::AskAgain, Action::Lock];
                if self.may_be_visual() {
                    actions.insert(1, Action::StartVisual);
                }
                (self.home(), actions)
            }
            State::Person(person) => person.screen(&self.room()),
            State::Stopped { code, .. } => (View::Stopped(*code), stopped(*code)),
            State::Locked => (View::Locked, vec![Action::Unlock]),
        };
        Screen { marking: self.marking(), view, actions }
    }

    /// What a person's screen depends on besides the person.
    fn room(&self) -> Room {
        Room {
            mode: self.mode,
            fetching: self.fetching,
            visual: self.may_be_visual(),
            staff: self.settings.as_ref().map(|settings| settings.staff.clone()).unwrap_or_default(),
        }
    }

    fn home(&self) -> View {
        let settings = self.settings.as_deref();
        View::Home {
            institution: settings.map(|s| s.institution_name.clone()).unwrap_or_default(),
            staff: settings.map(|s| s.staff.clone()).unwrap_or_default(),
            visual: self.may_be_visual(),
            notices: settings
                .map(|s| s.notices.iter().map(|notice| notice.text.clone()).collect())
                .unwrap_or_default(),
            trouble: self.trouble,
        }
    }
}
