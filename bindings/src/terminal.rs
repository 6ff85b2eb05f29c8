//! The device as a whole across the FFI.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use shikaku::flow::{ExportForm, Ticket};
use shikaku::qualification::Mode;
use shikaku::registration::{Platform, Terms};
use shikaku::settings::Phase;
use shikaku::tap::{Consent, Fault, ReaderLimits, Stage, Strategy};
use shikaku::terminal;
use shikaku::trust::{TestEntries, TrustList};
use zeroize::Zeroizing;

use crate::call::{Call, Unanswered};
use crate::platform::{DeviceKey, Files, Keys, Machine, SealedStorage};
use crate::screen::{Screen, Told};
use crate::shelter::sheltered;
use crate::tap::Tap;

/// What the app runs on.
#[uniffi::remote(Enum)]
pub enum Platform {
    Android,
    Ios,
    Windows,
    Macos,
    Linux,
}

/// The form of an export.
#[uniffi::remote(Enum)]
pub enum ExportForm {
    Text,
    Json,
    Evidence,
}

/// 運用テスト or 運用.
#[uniffi::remote(Enum)]
pub enum Phase {
    Test,
    Live,
}

/// How the holder's presence was shown.
#[uniffi::remote(Enum)]
pub enum Mode {
    Pin,
    Visual,
}

/// What an app brings with it.
#[derive(uniffi::Record)]
pub struct AppFacts {
    /// Its version, as `1.2.3`.
    pub version: String,
    pub platform: Platform,
    /// The trust list, JSON.
    pub trust: String,
    /// Whether the list may name test services; never in a release.
    pub test_services: bool,
    /// Version and text of the terms of use that the app carries.
    pub terms_version: u32,
    pub terms: String,
}

/// Why there is no terminal. Whatever is wrong with a device's state is said by its screen instead.
#[derive(Debug, thiserror::Error, uniffi::Error)]
pub enum OpenError {
    /// The trust list is refused.
    #[error("{code}: {detail}")]
    TrustList { code: String, detail: String },
}

/// User settings, read or typed; they hold the registration code.
#[derive(uniffi::Enum)]
pub enum Given {
    /// The text of a QR or a file.
    Read { text: String, device_name: String },
    /// Typed by hand; `service` (`https://…`) may be left out where the trust list has but one.
    Typed { service: Option<String>, institution: String, account: String, code: String, device_name: String },
    /// Those of the last attempt, if `has_settings` says so.
    Again,
}

/// What happened. What the screen does not offer has no effect.
#[derive(uniffi::Enum)]
pub enum Act {
    AgreeTerms,
    GiveSettings {
        settings: Given,
    },
    AskAgain,
    RegisterAgain,
    StartCheck {
        staff: Option<String>,
    },
    /// 目視確認.
    StartVisual {
        staff: Option<String>,
    },
    UseVisual,
    UsePin,
    NameStaff {
        name: String,
    },
    /// The printed number as ASCII digits: birth date (six) or 照合番号B (fourteen). Wipe your own copy.
    TypeNumber {
        digits: Vec<u8>,
    },
    /// Photo and person agree; if not, `Cancel`.
    Attest,
    ConfirmName,
    DenyName,
    /// The PIN as ASCII digits, for one tap. Wipe your own copy.
    TypePin {
        digits: Vec<u8>,
    },
    Understand,
    Agree,
    Cancel,
    TapAgain,
    SendAgain,
    Choose {
        index: u32,
    },
    Export {
        form: ExportForm,
    },
    NextPerson,
    TapStage {
        ticket: u64,
        stage: Stage,
        tries: Option<u8>,
    },
    NoTap {
        ticket: u64,
        fault: Fault,
    },
    Touch,
    /// About once a second.
    Tick,
    Lock,
    Unlock,
}

/// What the shell does, in this order.
#[derive(uniffi::Enum)]
pub enum Effect {
    /// Hand it to `perform`, in the background; do what comes back.
    Perform { call: Arc<Call> },
    /// Wait for a card, then `tap`; without one, `Act::NoTap`.
    AwaitCard { ticket: u64 },
    /// Wait no longer; end the tap, power the card off.
    CancelTap { ticket: u64 },
    /// Hand this to staff.
    Export { form: ExportForm, text: String },
    /// There is nothing to export, and why.
    NotExported { told: Told },
    /// Delete the chip's photo wherever it is drawn.
    WipeSeen,
    /// Delete every trace of the person: fields, clipboard, temporary files.
    WipePerson,
}

/// Whether a tap began.
#[derive(uniffi::Enum)]
pub enum Begun {
    /// Pump it, then hand it to `tapped`.
    Started { tap: Arc<Tap> },
    /// The screen says why; do these.
    Not { effects: Vec<Effect> },
}

/// 端末情報.
#[derive(uniffi::Record)]
pub struct Facts {
    pub service: String,
    pub origin: String,
    pub institution: String,
    pub institution_name: String,
    pub device_id: String,
    pub key_id: Option<String>,
    pub phase: Phase,
    pub test: bool,
    pub settings_version: u64,
    pub visual: bool,
    pub history: bool,
    pub open_challenges: u32,
    pub unsent_checks: u32,
    /// Seconds by which the service's clock is ahead.
    pub clock_offset: i64,
    pub app_version: String,
}

/// A check of today.
#[derive(uniffi::Record)]
pub struct HistoryEntry {
    /// Seconds since 1970.
    pub at: u64,
    pub told: Told,
    /// How the holder's presence was shown.
    pub mode: Mode,
    /// The name, masked.
    pub name: String,
}

/// What came of a 接続テスト.
#[derive(uniffi::Record)]
pub struct ConnectionTest {
    /// Seconds since 1970.
    pub at: u64,
    pub clock_offset: i64,
    /// What was wrong; nothing if all is well.
    pub problem: Option<Told>,
    /// In English; may be logged.
    pub detail: String,
}

/// A device, registered or not yet.
///
/// It does one thing at a time: while it writes its state or uses a key, whoever asks it for something waits. A
/// `DeviceKey` or a `SealedStorage` that asks it from within waits for itself, for ever.
#[derive(uniffi::Object)]
pub struct Terminal {
    inner: Mutex<terminal::Terminal>,
    begin: Mutex<Vec<terminal::Effect>>,
    unanswered: Unanswered,
}

#[uniffi::export]
impl Terminal {
    /// Opens what the storage holds.
    #[uniffi::constructor]
    pub fn open(
        app: AppFacts,
        keys: Arc<dyn DeviceKey>,
        storage: Arc<dyn SealedStorage>,
    ) -> Result<Arc<Self>, OpenError> {
        let tests = [TestEntries::Refuse, TestEntries::Allow][usize::from(app.test_services)];
        let trust = TrustList::from_json(&app.trust, tests).map_err(|error| OpenError::TrustList {
            code: error.code().to_string(),
            detail: error.to_string(),
        })?;
        let (version, platform) = (app.version, app.platform);
        let terms = Terms::new(app.terms_version, &app.terms);
        let app = terminal::App { version, platform, trust, terms };
        let (inner, effects) =
            terminal::Terminal::open(app, Arc::new(Keys(keys)), Arc::new(Files(storage)), Arc::new(Machine));
        let (inner, begin, unanswered) = (Mutex::new(inner), Mutex::new(effects), Unanswered::default());
        Ok(Arc::new(Self { inner, begin, unanswered }))
    }

    /// What is to be done first, once.
    pub fn begin(&self) -> Vec<Effect> {
        let effects = std::mem::take(&mut *self.begin.lock().unwrap_or_else(PoisonError::into_inner));
        self.crossed(effects)
    }

    /// What to draw.
    pub fn screen(&self) -> Screen {
        self.ask(|terminal| Some(terminal.screen())).map_or_else(Screen::broken, Screen::from)
    }

    /// What happened, and what to do about it.
    pub fn handle(&self, act: Act) -> Vec<Effect> {
        let effects = self.ask(|terminal| terminal.handle(act.into()));
        self.crossed(effects)
    }

    /// Begins the tap that `AwaitCard` named. `family` is what the reader says of the kind of card (ATR or historical
    /// bytes in hexadecimal, never a UID), or empty.
    pub fn tap(&self, ticket: u64, limits: ReaderLimits, family: String) -> Begun {
        let (forms, test_roots) = (Strategy::default(), Vec::new());
        let reader = terminal::Reader { limits, family, forms, test_roots };
        match self.ask(|terminal| Some(terminal.tap(Ticket(ticket), reader))) {
            Some(Ok(tap)) => Begun::Started { tap: Arc::new(Tap::awaited(tap, Ticket(ticket))) },
            Some(Err(effects)) => Begun::Not { effects: self.crossed(effects) },
            None => Begun::Not { effects: Vec::new() },
        }
    }

    /// Takes the tap back, after its last step or in mid-way.
    pub fn tapped(&self, tap: &Tap) -> Vec<Effect> {
        let end = tap.end();
        let effects = self.ask(|terminal| {
            end.map(|(ticket, outcome)| terminal.tapped(ticket, outcome)).unwrap_or_default()
        });
        self.crossed(effects)
    }

    /// The chip's photo as PNG, while the screen is `Shown::Look`. Wipe it when `Effect::WipeSeen` comes.
    pub fn photo(&self) -> Option<Vec<u8>> {
        let mut png = self.ask(|terminal| terminal.photo()?.png().ok())?;
        Some(std::mem::take(&mut *png))
    }

    /// 端末情報; nothing before a registration.
    pub fn facts(&self) -> Option<Facts> {
        self.ask(|terminal| terminal.facts()).map(Facts::from)
    }

    /// 履歴: today's checks, oldest first, if the institution wants them kept.
    pub fn history(&self) -> Vec<HistoryEntry> {
        self.ask(|terminal| terminal.history()).into_iter().map(HistoryEntry::from).collect()
    }

    /// Begins a 接続テスト.
    pub fn test_connection(&self) -> Vec<Effect> {
        let effects = self.ask(terminal::Terminal::test_connection);
        self.crossed(effects)
    }

    /// What came of the last 接続テスト.
    pub fn connection_test(&self) -> Option<ConnectionTest> {
        self.ask(|terminal| terminal.connection_test().cloned()).map(ConnectionTest::from)
    }

    /// Has the device change its key.
    pub fn rotate_key(&self) -> Vec<Effect> {
        let effects = self.ask(terminal::Terminal::rotate_key);
        self.crossed(effects)
    }

    /// Forgets keys and state, and begins anew.
    pub fn wipe(&self) -> Vec<Effect> {
        let effects = self.ask(terminal::Terminal::wipe);
        self.crossed(effects)
    }

    /// Whether the user settings of the last attempt serve once more.
    pub fn has_settings(&self) -> bool {
        self.ask(|terminal| terminal.has_settings())
    }

    /// What exactly happened last, in English; may be logged.
    pub fn detail(&self) -> String {
        self.ask(|terminal| terminal.detail().to_owned())
    }
}

#[uniffi::export(async_runtime = "tokio")]
impl Terminal {
    /// Does a call, once. Given up in mid-way, it counts as unanswered.
    pub async fn perform(&self, call: Arc<Call>) -> Vec<Effect> {
        let Some(reply) = call.perform().await else { return Vec::new() };
        let effects = self.ask(|terminal| terminal.reply(reply));
        self.crossed(effects)
    }
}

impl Terminal {
    fn lock(&self) -> MutexGuard<'_, terminal::Terminal> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        for reply in self.unanswered.take() {
            // What an unanswered call leaves to do, the terminal does itself.
            inner.reply(reply);
        }
        inner
    }

    /// What `work` finds or does in the terminal; nothing, should it panic.
    fn ask<T: Default>(&self, work: impl FnOnce(&mut terminal::Terminal) -> T) -> T {
        sheltered(|| work(&mut self.lock()), T::default)
    }

    fn crossed(&self, effects: Vec<terminal::Effect>) -> Vec<Effect> {
        effects.into_iter().map(|effect| self.cross(effect)).collect()
    }

    fn cross(&self, effect: terminal::Effect) -> Effect {
        use terminal::Effect as Core;
        match effect {
            Core::Call(call) => Effect::Perform { call: Arc::new(Call::new(*call, &self.unanswered)) },
            Core::AwaitCard(ticket) => Effect::AwaitCard { ticket: ticket.0 },
            Core::CancelTap(ticket) => Effect::CancelTap { ticket: ticket.0 },
            Core::Export { form, text } => Effect::Export { form, text },
            Core::NotExported(code) => Effect::NotExported { told: code.into() },
            Core::WipeSeen => Effect::WipeSeen,
            Core::WipePerson => Effect::WipePerson,
        }
    }
}

impl From<Act> for terminal::Act {
    fn from(act: Act) -> Self {
        match act {
            Act::AgreeTerms => Self::AgreeTerms,
            Act::GiveSettings { settings } => Self::GiveSettings(settings.into()),
            Act::AskAgain => Self::AskAgain,
            Act::RegisterAgain => Self::RegisterAgain,
            Act::StartCheck { staff } => Self::StartCheck { staff, consent: Consent::None },
            Act::StartVisual { staff } => Self::StartVisual { staff, consent: Consent::None },
            Act::UseVisual => Self::UseVisual,
            Act::UsePin => Self::UsePin,
            Act::NameStaff { name } => Self::NameStaff(name),
            Act::TypeNumber { digits } => Self::TypeNumber(Zeroizing::new(digits)),
            Act::Attest => Self::Attest,
            Act::ConfirmName => Self::ConfirmName,
            Act::DenyName => Self::DenyName,
            Act::TypePin { digits } => Self::TypePin(Zeroizing::new(digits)),
            Act::Understand => Self::Understand,
            Act::Agree => Self::Agree,
            Act::Cancel => Self::Cancel,
            Act::TapAgain => Self::TapAgain,
            Act::SendAgain => Self::SendAgain,
            Act::Choose { index } => Self::Choose(index as usize),
            Act::Export { form } => Self::Export(form),
            Act::NextPerson => Self::NextPerson,
            Act::TapStage { ticket, stage, tries } => Self::TapStage { ticket: Ticket(ticket), stage, tries },
            Act::NoTap { ticket, fault } => Self::NoTap { ticket: Ticket(ticket), fault },
            Act::Touch => Self::Touch,
            Act::Tick => Self::Tick,
            Act::Lock => Self::Lock,
            Act::Unlock => Self::Unlock,
        }
    }
}

impl From<Given> for terminal::Given {
    fn from(given: Given) -> Self {
        match given {
            Given::Read { text, device_name } => Self::Read { text: Zeroizing::new(text), device_name },
            Given::Typed { service, institution, account, code, device_name } => {
                Self::Typed { service, institution, account, code: Zeroizing::new(code), device_name }
            }
            Given::Again => Self::Again,
        }
    }
}

impl From<terminal::Facts> for Facts {
    fn from(facts: terminal::Facts) -> Self {
        Self {
            service: facts.service,
            origin: facts.origin,
            institution: facts.institution,
            institution_name: facts.institution_name,
            device_id: facts.device_id,
            key_id: facts.key_id,
            phase: facts.phase,
            test: facts.test,
            settings_version: facts.settings_version,
            visual: facts.visual,
            history: facts.history,
            open_challenges: facts.open_challenges.try_into().unwrap_or(u32::MAX),
            unsent_checks: facts.unsent_checks.try_into().unwrap_or(u32::MAX),
            clock_offset: facts.clock_offset,
            app_version: facts.app_version,
        }
    }
}

impl From<terminal::HistoryEntry> for HistoryEntry {
    fn from(entry: terminal::HistoryEntry) -> Self {
        Self { at: entry.at.0, told: entry.code.into(), mode: entry.mode, name: entry.name }
    }
}

impl From<terminal::ConnectionTest> for ConnectionTest {
    fn from(test: terminal::ConnectionTest) -> Self {
        let (at, problem) = (test.at.0, test.problem.map(Told::from));
        Self { at, clock_offset: test.clock_offset, problem, detail: test.detail }
    }
}

#[cfg(test)]
mod tests;
