//! What is on the screen and what may be done next, as a pure state machine.
//!
//! A shell draws [`Flow::screen`], offers [`Screen::actions`], forwards what happens as an [`Event`] and does the
//! [`Effect`]s that come back. It decides nothing: which step follows, what an error allows, when a person's traces
//! go, all lies here. The order is terms → settings → registration → home → PIN → (warning, consent) → card →
//! sending → answer or problem → next person. A visual check (目視確認) goes who → printed number → (warning, consent)
//! → card → photo → sending → name → sending → answer.
//!
//! ```text
//! (flow, effects) = Flow::new(device, now)
//! loop: do the effects in their order, each answered by its event · draw flow.screen() ·
//!       effects = flow.handle(next event of staff, patient, card, service or clock, now)
//! ```
//!
//! A PIN can be typed once the challenges have been fetched, or the fetch has failed: [`Action::TypePin`] is offered
//! from then on. A PIN that comes before is dropped, and so is none kept anywhere.
//!
//! Two rules carry the rest. What belongs to one check names its [`Ticket`], and what comes late for an older ticket
//! is dropped, so nothing of one person reaches the next. And an answer is shown only as a
//! [`VerifiedAnswer`], which only a signature of the service makes.

mod device;
mod event;
mod person;
mod remedy;
mod screen;
#[cfg(test)]
mod tests;
mod visual;

pub use event::{Device, Effect, Event, ExportForm, Ticket};
pub use screen::{Action, Screen, View};

use zeroize::Zeroizing;

use crate::check::VerifiedAnswer;
use crate::guide::Code;
use crate::instant::UnixTime;
use crate::qualification::{Mode, TEST_MARKING};
use crate::registration::Terms;
use crate::settings::{DeviceSettings, Phase};
use person::Person;
use remedy::may_be_lifted;

/// The state of a device's screen. No clock: the shell passes the present time, corrected to the service's.
#[derive(Debug)]
pub struct Flow {
    state: State,
    settings: Option<Box<DeviceSettings>>,
    /// The trouble that home tells of, until the service answers again.
    trouble: Option<Code>,
    staff: Option<String>,
    /// How the present person is checked.
    mode: Mode,
    /// 氏名 in the chip of the present person's card, until the service has named the one in the registry.
    chip_name: Option<Zeroizing<String>>,
    /// Whether challenges are being fetched. Filling the pool retires what lay in it, so no tap is begun meanwhile, and
    /// there is one fetch at a time.
    fetching: bool,
    last_ticket: u64,
    last_touch: UnixTime,
}

#[derive(Debug)]
enum State {
    /// 利用規約 are shown.
    Terms(Terms),
    /// ユーザー設定情報 are asked for.
    Settings { problem: Option<Code> },
    /// Registration is under way.
    Registering,
    /// Nobody is being checked.
    Home,
    /// Somebody is.
    Person(Person),
    /// The service has stopped this device; nothing can be checked. What was locked before comes back locked.
    Stopped { code: Code, locked: bool },
    /// Locked for want of a touch.
    Locked,
}

impl Flow {
    /// The screen of a device that was just started; with the effects that begin its work.
    pub fn new(device: Device, now: UnixTime) -> (Self, Vec<Effect>) {
        let mut flow = Self {
            state: State::Home,
            settings: None,
            trouble: None,
            staff: None,
            mode: Mode::Pin,
            chip_name: None,
            fetching: false,
            last_ticket: 0,
            last_touch: now,
        };
        let effects = flow.open(device, now);
        (flow, effects)
    }

    /// What happened, and what the shell is to do about it. What does not fit the state, or names an older ticket,
    /// changes nothing.
    pub fn handle(&mut self, event: Event, now: UnixTime) -> Vec<Effect> {
        if event.is_touch() {
            self.last_touch = now;
        }
        if matches!(event, Event::ChallengesReady | Event::ServiceFailed(_)) {
            self.fetching = false;
        }
        self.count_down(now);
        let effects = self.take(event, now);
        if !self.is_before_the_name() {
            self.chip_name = None;
        }
        effects
    }

    fn take(&mut self, event: Event, now: UnixTime) -> Vec<Effect> {
        match event {
            Event::Tick => self.tick(now),
            Event::Lock => self.lock(),
            Event::Unlocked => self.unlock(),
            Event::TermsAgreed
            | Event::NewTerms(_)
            | Event::SettingsGiven
            | Event::SettingsRefused(_)
            | Event::Registered(_)
            | Event::RegistrationFailed(_)
            | Event::SettingsChanged(_)
            | Event::ChallengesReady
            | Event::ServiceFailed(_)
            | Event::AskAgain
            | Event::RegisterAgain => self.handle_device(event),
            Event::Touched => Vec::new(),
            _ => self.handle_person(event, now),
        }
    }

    /// The answer on the screen, for evidence and exports; `None` whenever none is shown.
    pub const fn answer(&self) -> Option<&VerifiedAnswer> {
        match &self.state {
            State::Person(Person::Answered { answer, .. }) => Some(answer),
            _ => None,
        }
    }

    /// `運用テスト（参考情報）` while the institution tests, and with an answer that was given while it did.
    pub fn marking(&self) -> Option<&'static str> {
        let testing = self.settings.as_ref().is_some_and(|settings| settings.phase == Phase::Test);
        self.answer().and_then(|answer| answer.answer().marking()).or(testing.then_some(TEST_MARKING))
    }

    fn next_ticket(&mut self) -> Ticket {
        self.last_ticket += 1;
        Ticket(self.last_ticket)
    }

    /// Locks when nobody touched it for as long as the institution wants; ends what has outlived its challenge.
    fn tick(&mut self, now: UnixTime) -> Vec<Effect> {
        let effects = self.expire(now);
        if !effects.is_empty() {
            // Staff have yet to read that the card must be tapped again.
            self.last_touch = now;
            return effects;
        }
        // A clock that was set back keeps nothing open for longer than the institution wants.
        self.last_touch = self.last_touch.min(now);
        let limit = self.settings.as_ref().map_or(0, |settings| u64::from(settings.idle_lock_seconds));
        if limit > 0 && now.since(self.last_touch) >= limit {
            return self.lock();
        }
        Vec::new()
    }

    /// Forgets the device and whoever is being checked, and begins with `terms`. Tickets go on: what comes late is late.
    pub fn wipe(&mut self, terms: Terms) -> Vec<Effect> {
        self.forget_device();
        match core::mem::replace(&mut self.state, State::Terms(terms)) {
            State::Person(person) => person.end(),
            _ => vec![Effect::WipePerson],
        }
    }

    /// What was kept could not be erased: nothing begins anew before it is.
    pub fn stop_before_registration(&mut self, code: Code) {
        self.state = State::Stopped { code, locked: false };
    }

    /// Nothing is known of a registration, and nothing is awaited for it.
    fn forget_device(&mut self) {
        (self.settings, self.trouble, self.staff, self.chip_name) = (None, None, None, None);
        self.fetching = false;
    }

    /// Whether the institution may check visually.
    fn may_be_visual(&self) -> bool {
        self.settings.as_ref().is_some_and(|settings| settings.visual)
    }

    /// Whether card or service are at work, or a check waits sealed: nothing of a person is on the screen then.
    const fn is_busy(&self) -> bool {
        let Self { state: State::Person(person), .. } = self else { return false };
        matches!(person, Person::Holding { .. } | Person::Sending { .. } | Person::Kept { .. })
    }

    /// Nothing of a person stays behind the lock. Only a registered device is locked; one that is stopped goes on
    /// saying so, and is locked once it works again.
    fn lock(&mut self) -> Vec<Effect> {
        if let State::Stopped { code, locked } = &mut self.state {
            *locked = may_be_lifted(*code);
        }
        if self.is_busy() || !matches!(self.state, State::Home | State::Person(_)) {
            return Vec::new();
        }
        self.staff = None;
        match core::mem::replace(&mut self.state, State::Locked) {
            State::Person(person) => person.end(),
            _ => Vec::new(),
        }
    }

    fn unlock(&mut self) -> Vec<Effect> {
        if !matches!(self.state, State::Locked) {
            return Vec::new();
        }
        self.state = State::Home;
        self.fetch()
    }

    /// Has the pool filled, unless that is being done already.
    fn fetch(&mut self) -> Vec<Effect> {
        if core::mem::replace(&mut self.fetching, true) { Vec::new() } else { vec![Effect::FetchChallenges] }
    }
}
