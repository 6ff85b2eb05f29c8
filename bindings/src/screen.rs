//! The screen across the FFI, as plain data. Where a name of the core is one of SwiftUI's too (`View`, `Section`), it has
//! another one here.

use shikaku::flow::Action;
use shikaku::guide::Code;
use shikaku::qualification::{Mode, Tone};
use shikaku::tap::Stage;

/// A code of the guide with what it means and what to do, ready for the screen.
#[derive(uniffi::Record)]
pub struct Told {
    /// The code, as in `docs/codes.md`.
    pub code: String,
    /// What happened, in Japanese.
    pub cause_ja: String,
    /// What to do next, in Japanese.
    pub remedy_ja: String,
    /// What happened, in English.
    pub cause_en: String,
    /// What to do next, in English.
    pub remedy_en: String,
}

impl From<Code> for Told {
    fn from(code: Code) -> Self {
        let guide = code.guide();
        Self {
            code: code.to_string(),
            cause_ja: guide.cause_ja.to_owned(),
            remedy_ja: guide.remedy_ja.to_owned(),
            cause_en: guide.cause_en.to_owned(),
            remedy_en: guide.remedy_en.to_owned(),
        }
    }
}

/// The whole guide, for お困りのとき.
#[uniffi::export]
pub fn guide() -> Vec<Told> {
    Code::ALL.iter().copied().map(Told::from).collect()
}

/// What may be done next.
#[uniffi::remote(Enum)]
pub enum Action {
    AgreeTerms,
    EnterSettings,
    StartCheck,
    StartVisual,
    UseVisual,
    UsePin,
    NameStaff,
    TypeNumber,
    Attest,
    ConfirmName,
    DenyName,
    TypePin,
    Understand,
    Agree,
    TapAgain,
    SendAgain,
    Choose,
    Export,
    Cancel,
    NextPerson,
    Lock,
    Unlock,
    AskAgain,
    RegisterAgain,
}

/// The colour of the one thing that counts; never the only sign of it.
#[uniffi::remote(Enum)]
pub enum Tone {
    Good,
    Bad,
    Attention,
    Reference,
}

/// A label and its value.
#[derive(uniffi::Record)]
pub struct SheetRow {
    pub label: String,
    pub value: String,
}

/// One qualification on the screen.
#[derive(uniffi::Record)]
pub struct SheetSection {
    /// Whether it holds on the day and why not, in words.
    pub standing: String,
    /// What staff write down.
    pub first: Vec<SheetRow>,
    /// Everything else that is known.
    pub rest: Vec<SheetRow>,
}

/// An answer that the service has signed.
#[derive(uniffi::Record)]
pub struct Sheet {
    pub tone: Tone,
    /// Says in shape what the colour says.
    pub symbol: String,
    /// 有効, 無効, 複数該当 …
    pub word: String,
    /// The outcome and what to do next.
    pub told: Told,
    /// Other things that staff should tell.
    pub notices: Vec<String>,
    /// 確認日, 確認方法.
    pub check: Vec<SheetRow>,
    pub sections: Vec<SheetSection>,
    /// Whether one of the sections has to be chosen before an export.
    pub choose: bool,
}

/// What is shown.
#[derive(uniffi::Enum)]
pub enum Shown {
    Terms {
        version: u32,
        text: String,
    },
    Settings {
        problem: Option<Told>,
    },
    Registering,
    Home {
        institution: String,
        staff: Vec<String>,
        notices: Vec<String>,
        /// Whether 目視確認 is offered.
        visual: bool,
        trouble: Option<Told>,
    },
    /// Who does the 目視確認.
    Staff {
        staff: Vec<String>,
    },
    /// The printed birth date (six digits) or 照合番号B (fourteen).
    Number {
        tries: Option<u8>,
        problem: Option<Told>,
    },
    /// Staff compare person and photo; `photo` has the chip's, if `photo` is true.
    Look {
        photo: bool,
        problem: Option<Told>,
    },
    /// 券面の氏名と一致しますか.
    Name {
        name: String,
        differs: Option<Told>,
        until: u64,
    },
    Pin {
        tries: Option<u8>,
        problem: Option<Told>,
    },
    Warn {
        tries: u8,
        told: Told,
    },
    Consent {
        mode: Mode,
        told: Told,
    },
    Hold {
        stage: Option<Stage>,
        tries: Option<u8>,
    },
    Sending,
    Kept {
        until: u64,
        told: Told,
        /// Seconds until the service takes it.
        wait: u64,
    },
    Answer {
        sheet: Sheet,
        chosen: Option<u32>,
    },
    Problem {
        told: Told,
        tries: Option<u8>,
    },
    Stopped {
        told: Told,
    },
    Locked,
}

/// What a shell draws.
#[derive(uniffi::Record)]
pub struct Screen {
    /// `運用テスト（参考情報）`, above everything.
    pub marking: Option<String>,
    pub view: Shown,
    /// What may be done next, the expected thing first. Nothing else has an effect.
    pub actions: Vec<Action>,
}

impl Screen {
    /// Of a program that is broken.
    pub(crate) fn broken() -> Self {
        let view = Shown::Stopped { told: Code::TapOutOfTurn.into() };
        Self { marking: None, view, actions: Vec::new() }
    }
}

impl From<shikaku::flow::Screen> for Screen {
    fn from(screen: shikaku::flow::Screen) -> Self {
        let marking = screen.marking.map(str::to_owned);
        Self { marking, view: screen.view.into(), actions: screen.actions }
    }
}

impl From<shikaku::flow::View> for Shown {
    fn from(view: shikaku::flow::View) -> Self {
        use shikaku::flow::View as Core;
        match view {
            Core::Terms { version, text } => Self::Terms { version, text },
            Core::Settings { problem } => Self::Settings { problem: problem.map(Told::from) },
            Core::Registering => Self::Registering,
            Core::Home { institution, staff, notices, visual, trouble } => {
                Self::Home { institution, staff, notices, visual, trouble: trouble.map(Told::from) }
            }
            Core::Staff { staff } => Self::Staff { staff },
            Core::Number { tries, problem } => Self::Number { tries, problem: problem.map(Told::from) },
            Core::Look { photo, problem } => Self::Look { photo, problem: problem.map(Told::from) },
            Core::Name { name, differs, until } => {
                Self::Name { name, differs: differs.map(Told::from), until: until.0 }
            }
            Core::Pin { tries, problem } => Self::Pin { tries, problem: problem.map(Told::from) },
            Core::Warn { tries, code } => Self::Warn { tries, told: code.into() },
            Core::Consent { mode, code } => Self::Consent { mode, told: code.into() },
            Core::Hold { stage, tries } => Self::Hold { stage, tries },
            Core::Sending => Self::Sending,
            Core::Kept { until, code, wait } => Self::Kept { until: until.0, told: code.into(), wait },
            Core::Answer { sheet, chosen } => {
                let chosen = chosen.and_then(|index| index.try_into().ok());
                Self::Answer { sheet: (*sheet).into(), chosen }
            }
            Core::Problem { code, tries } => Self::Problem { told: code.into(), tries },
            Core::Stopped(code) => Self::Stopped { told: code.into() },
            Core::Locked => Self::Locked,
        }
    }
}

impl From<shikaku::qualification::Sheet> for Sheet {
    fn from(sheet: shikaku::qualification::Sheet) -> Self {
        Self {
            tone: sheet.tone,
            symbol: sheet.symbol.to_owned(),
            word: sheet.word.to_owned(),
            told: sheet.code.into(),
            notices: sheet.notices,
            check: rows(sheet.check),
            sections: sheet.sections.into_iter().map(SheetSection::from).collect(),
            choose: sheet.choose,
        }
    }
}

impl From<shikaku::qualification::Section> for SheetSection {
    fn from(section: shikaku::qualification::Section) -> Self {
        Self { standing: section.standing, first: rows(section.first), rest: rows(section.rest) }
    }
}

fn rows(rows: Vec<shikaku::qualification::Row>) -> Vec<SheetRow> {
    rows.into_iter().map(|row| SheetRow { label: row.label.to_owned(), value: row.value }).collect()
}
