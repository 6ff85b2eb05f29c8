//! A device as a whole: sealed state, trust, registration, challenges, checks, rotation, wiping, history, and the flow
//! on top. Behind the feature `client`.
//!
//! A shell draws [`Terminal::screen`], hands in what happens as an [`Act`], and does the [`Effect`]s that come back:
//! it runs [`Call`]s, waits for cards, pumps the octets of a [`Tap`](crate::tap::Tap), hands exports on. Keys and
//! storage are the platform's ([`DeviceKey`], [`Storage`]), clock and randomness the shell's ([`World`]).
//!
//! ```text
//! (terminal, effects) = Terminal::open(app, keys, storage, world)
//! do(effects): Call → do(terminal.reply(call.run().await))
//!              AwaitCard(ticket) → tap = terminal.tap(ticket, reader) · pump · do(terminal.tapped(ticket, outcome))
//! each event: do(terminal.handle(act)) · draw terminal.screen()
//! ```

mod act;
mod call;
mod facts;
mod network;
mod platform;
mod records;
mod state;
mod tapping;
#[cfg(test)]
mod tests;
mod visual;

pub use act::{Act, Effect, Given};
pub use call::{Call, Reply};
pub use facts::{ConnectionTest, Facts};
pub use platform::{DeviceKey, Storage, StorageFault};
pub use state::{HistoryEntry, State};
pub use tapping::{CARD_WAIT, Reader};

use std::collections::VecDeque;
use std::sync::Arc;

use crate::check::VerifiedAnswer;
use crate::client::{Transport, World};
use crate::flow::{self, Action, Device, Event, ExportForm, Flow, Screen};
use crate::guide::Code;
use crate::http::{ClockOffset, Signer as _, SignerFault};
use crate::identifier::Date;
use crate::instant::UnixTime;
use crate::registration::{Consent, Platform, Terms};
use crate::secret::Pin;
use crate::settings::{SettingsError, UserSettings};
use crate::tap::{self, PrintedNumber};
use crate::trust::{TrustEntry, TrustList};
use platform::{PlatformKey, key_name};
use records::Records;
use tapping::{Entry, Learned, Tapping};

/// So many keys are looked for when the state does not say how many there were.
const KEYS_OF_A_DAMAGED_STATE: u32 = 16;

/// What an app brings with it.
#[derive(Debug, Clone)]
pub struct App {
    /// Its version, as `1.2.3`.
    pub version: String,
    /// What it runs on.
    pub platform: Platform,
    /// The services that it believes.
    pub trust: TrustList,
    /// The terms of use that it carries; a service that has newer ones says so.
    pub terms: Terms,
}

/// A device, registered or not yet.
pub struct Terminal {
    app: App,
    keys: Arc<dyn DeviceKey>,
    world: Arc<dyn World>,
    records: Records,
    flow: Flow,
    state: Option<State>,
    /// The service that the device is registered with, and the way to it, which keeps its connections.
    service: Option<(TrustEntry, Option<Transport>)>,
    offset: ClockOffset,
    /// How often the device was wiped.
    epoch: u64,
    registering: Registering,
    tapping: Tapping,
    learned: Learned,
    /// Why the last call to the service failed; until one succeeds.
    trouble: Option<Code>,
    /// What exactly happened last, in English; may be logged.
    detail: String,
    tested: Option<ConnectionTest>,
    /// Whether challenges are being fetched, or a key changed.
    fetching: bool,
    /// Whether a connection test is under way.
    testing: bool,
}

/// What is known on the way to a registration.
#[derive(Debug, Default)]
struct Registering {
    /// The terms on the screen.
    terms: Option<Terms>,
    consent: Option<Consent>,
    /// User settings that were given and not used up. Wiped when dropped.
    settings: Option<(UserSettings, TrustEntry)>,
    device_name: String,
}

impl Terminal {
    /// Opens what the storage holds; whatever is wrong with it is said by the screen. The effects begin its work.
    pub fn open(
        app: App,
        keys: Arc<dyn DeviceKey>,
        storage: Arc<dyn Storage>,
        world: Arc<dyn World>,
    ) -> (Self, Vec<Effect>) {
        let mut records = Records::new(storage, Arc::clone(&world));
        let opened = records.load().and_then(|state| match state {
            Some(state) => admitted(state, &app, &keys).map(Some),
            None => Ok(None),
        });
        let (state, device) = match opened {
            Ok(None) => (None, Device::New(app.terms.clone())),
            Err(code) => (None, Device::Unusable(code)),
            Ok(Some((state, entry))) => {
                let unsent = state.unsent.last().map(crate::check::UnsentCheck::expires_at);
                let device = Device::Registered { settings: Box::new(state.settings.clone()), unsent };
                (Some((state, entry)), device)
            }
        };
        let offset = state.as_ref().map_or(0, |(state, _)| state.clock_offset);
        let offset = ClockOffset::of_seconds(offset);
        let (flow, effects) = Flow::new(device, offset.correct(world.now()));
        let (state, entry) = state.unzip();
        let service = entry.map(|entry| (entry.clone(), Transport::new(&entry).ok()));
        let registering = Registering { terms: Some(app.terms.clone()), ..Registering::default() };
        let mut terminal = Self {
            app,
            keys,
            world,
            records,
            flow,
            state,
            service,
            offset,
            epoch: 0,
            registering,
            tapping: Tapping::Idle,
            learned: Learned::default(),
            trouble: None,
            detail: String::new(),
            tested: None,
            fetching: false,
            testing: false,
        };
        let now = terminal.now();
        if terminal.state.as_mut().is_some_and(|state| state.forget_history(now)) {
            terminal.save_or_note();
        }
        let effects = terminal.carry_out(effects);
        (terminal, effects)
    }

    /// The screen.
    pub fn screen(&self) -> Screen {
        self.flow.screen()
    }

    /// The answer on the screen, for a shell that hands on more of it than the screen shows; `None` whenever none is
    /// shown.
    pub const fn answer(&self) -> Option<&VerifiedAnswer> {
        self.flow.answer()
    }

    /// What happened, and what the shell is to do about it.
    pub fn handle(&mut self, act: Act) -> Vec<Effect> {
        let event = match act {
            Act::AgreeTerms => return self.agree(),
            Act::GiveSettings(given) => return self.take_settings(given),
            Act::Tick => return self.tick(),
            Act::NoTap { ticket, fault } => return self.no_tap(ticket, fault),
            Act::AskAgain => Event::AskAgain,
            Act::RegisterAgain => Event::RegisterAgain,
            Act::StartCheck { staff, consent } => Event::StartCheck { staff, consent },
            Act::StartVisual { staff, consent } => Event::StartVisual { staff, consent },
            Act::UseVisual => Event::UseVisual,
            Act::UsePin => Event::UsePin,
            Act::NameStaff(name) => Event::StaffNamed(name),
            Act::TypeNumber(digits) => Event::NumberTyped(PrintedNumber::new(&digits, Date::of(self.now()))),
            Act::Attest => Event::Attested,
            Act::ConfirmName => Event::NameConfirmed,
            Act::DenyName => Event::NameDenied,
            Act::TypePin(digits) => Event::PinTyped(Pin::new(&digits)),
            Act::Understand => Event::Understood,
            Act::Agree => Event::Agreed,
            Act::Cancel => Event::Cancel,
            Act::TapAgain => Event::TapAgain,
            Act::SendAgain => Event::SendAgain,
            Act::Choose(index) => Event::Chosen(index),
            Act::Export(form) => Event::Export(form),
            Act::NextPerson => Event::NextPerson,
            Act::TapStage { ticket, stage, tries } => Event::TapStage { ticket, stage, tries },
            Act::Touch => Event::Touched,
            Act::Lock => Event::Lock,
            Act::Unlock => Event::Unlocked,
        };
        self.carry_on(event)
    }

    /// Forgets keys and state, as somebody at the device wants it, and begins anew; whoever is being checked is done. The
    /// service is not told: the account is ended at the portal.
    pub fn wipe(&mut self) -> Vec<Effect> {
        let ended = self.flow.wipe(self.app.terms.clone());
        let effects = self.carry_out(ended);
        self.begin_anew();
        self.trouble = None;
        effects
    }

    /// Hands an event to the flow, and does what follows from it.
    fn carry_on(&mut self, event: Event) -> Vec<Effect> {
        let now = self.now();
        let effects = self.flow.handle(event, now);
        self.carry_out(effects)
    }

    /// Does what can be done here, in order; what is left is the shell's.
    fn carry_out(&mut self, effects: Vec<flow::Effect>) -> Vec<Effect> {
        let mut queue = VecDeque::from(effects);
        let mut left = Vec::new();
        while let Some(effect) = queue.pop_front() {
            let event = match effect {
                flow::Effect::LoadTerms => self.begin_anew(),
                flow::Effect::Register => self.register(&mut left),
                flow::Effect::FetchChallenges => self.fetch(&mut left),
                flow::Effect::Tap { ticket, pin, consent } => {
                    left.push(self.await_card(ticket, Entry::Pin(pin), consent));
                    None
                }
                flow::Effect::TapVisual { ticket, number, consent } => {
                    left.push(self.await_card(ticket, Entry::Number(number), consent));
                    None
                }
                flow::Effect::WipeSeen => {
                    self.wipe_seen();
                    left.push(Effect::WipeSeen);
                    None
                }
                flow::Effect::SendNamed { ticket, named, confirmed } => {
                    let sent = self.send_named(ticket, *named, confirmed);
                    sent.map(|effect| left.push(effect)).err().map(|code| Event::CheckFailed { ticket, code })
                }
                flow::Effect::CancelTap(ticket) => {
                    self.tapping = Tapping::Idle;
                    left.push(Effect::CancelTap(ticket));
                    None
                }
                flow::Effect::Send { ticket, staff } => {
                    let sent = self.complete(ticket, staff.as_deref());
                    sent.map(|effect| left.push(effect)).err().map(|code| Event::CheckFailed { ticket, code })
                }
                flow::Effect::SendAgain(ticket) => {
                    let sent = self.send(ticket);
                    sent.map(|effect| left.push(effect)).err().map(|code| Event::CheckFailed { ticket, code })
                }
                flow::Effect::Forget(_) => {
                    self.forget_unsent();
                    None
                }
                flow::Effect::Export { form, chosen } => {
                    left.push(match self.export(form, chosen) {
                        Ok(text) => Effect::Export { form, text },
                        Err(code) => Effect::NotExported(code),
                    });
                    None
                }
                flow::Effect::WipePerson => {
                    self.tapping = Tapping::Idle;
                    self.detail.clear();
                    left.push(Effect::WipePerson);
                    None
                }
                flow::Effect::WipeDevice => {
                    // What could not be erased goes with the next registration, before anything of it is kept.
                    let _ = self.discard();
                    None
                }
            };
            if let Some(event) = event {
                let now = self.now();
                queue.extend(self.flow.handle(event, now));
            }
        }
        left
    }

    /// Agrees to the terms that were shown. Settings that were given before newer terms came are used at once.
    fn agree(&mut self) -> Vec<Effect> {
        if !self.flow.screen().offers(Action::AgreeTerms) {
            return Vec::new();
        }
        let consent = self.registering.terms.as_ref().map(Terms::consent);
        let Some(Ok(consent)) = consent else {
            return Vec::new();
        };
        self.registering.consent = Some(consent);
        let mut effects = self.carry_on(Event::TermsAgreed);
        if self.registering.settings.is_some() {
            effects.extend(self.carry_on(Event::SettingsGiven));
        }
        effects
    }

    fn take_settings(&mut self, given: Given) -> Vec<Effect> {
        if !self.flow.screen().offers(Action::EnterSettings) {
            return Vec::new();
        }
        match self.read_settings(given) {
            Ok(()) => self.carry_on(Event::SettingsGiven),
            Err(error) => {
                self.detail = error.to_string();
                self.carry_on(Event::SettingsRefused(error.code()))
            }
        }
    }

    fn read_settings(&mut self, given: Given) -> Result<(), SettingsError> {
        let trust = &self.app.trust;
        let (settings, entry, device_name) = match given {
            Given::Again => {
                return self.registering.settings.as_ref().map(|_| ()).ok_or(SettingsError::Malformed);
            }
            Given::Read { text, device_name } => {
                let (settings, entry) = UserSettings::read(&text, trust, self.now())?;
                (settings, entry, device_name)
            }
            Given::Typed { service, institution, account, code, device_name } => {
                let entry = match (service, trust.entries()) {
                    (Some(origin), _) => origin.trim().parse().ok().and_then(|origin| trust.entry(&origin)),
                    (None, [only]) => Some(only),
                    (None, _) => None,
                };
                let entry = entry.ok_or(SettingsError::WrongService)?;
                let settings = UserSettings::typed(entry, institution.trim(), account.trim(), &code)?;
                (settings, entry, device_name)
            }
        };
        self.registering.settings = Some((settings, entry.clone()));
        self.registering.device_name = device_name;
        Ok(())
    }

    fn no_tap(&mut self, ticket: flow::Ticket, fault: tap::Fault) -> Vec<Effect> {
        if !matches!(&self.tapping, Tapping::Waiting { ticket: awaited, .. } if *awaited == ticket) {
            return Vec::new();
        }
        self.tapping = Tapping::Idle;
        self.detail = fault.to_string();
        self.carry_on(Event::CheckFailed { ticket, code: fault.code() })
    }

    fn tick(&mut self) -> Vec<Effect> {
        let mut effects = Vec::new();
        if let Some(ticket) = self.waited_too_long() {
            effects.push(Effect::CancelTap(ticket));
            effects.extend(self.no_tap(ticket, tap::Fault::CardAbsent));
        }
        effects.extend(self.carry_on(Event::Tick));
        effects
    }

    /// The export of what is shown, in the form that was asked for.
    fn export(&self, form: ExportForm, chosen: Option<usize>) -> Result<String, Code> {
        let answer = self.flow.answer().ok_or(Code::TapOutOfTurn)?;
        match form {
            ExportForm::Text => answer.text(chosen).map_err(|error| error.0),
            ExportForm::Json => Ok(answer.json()),
            ExportForm::Evidence => {
                let key = self.device_key()?;
                answer.evidence(key.spki()).sign(&key).map_err(SignerFault::code)
            }
        }
    }

    /// Gives up what was kept, and begins with the terms that the app carries; not before it is gone.
    fn begin_anew(&mut self) -> Option<Event> {
        self.registering = Registering { terms: Some(self.app.terms.clone()), ..Registering::default() };
        match self.discard() {
            Ok(()) => Some(Event::NewTerms(self.app.terms.clone())),
            Err(code) => {
                self.flow.stop_before_registration(code);
                None
            }
        }
    }

    /// Forgets keys and state; nothing of them is used again. A new registration takes the names of the keys anew.
    fn discard(&mut self) -> Result<(), Code> {
        self.epoch += 1;
        (self.fetching, self.testing) = (false, false);
        // A state that cannot be read does not say how often the key was changed; nobody changes it often.
        let number = self.state.take().map_or(KEYS_OF_A_DAMAGED_STATE, |state| state.key);
        self.service = None;
        self.tested = None;
        for number in 1..=number.saturating_add(1) {
            if let Err(fault) = self.keys.erase(&key_name(number)) {
                self.detail = fault.to_string();
            }
        }
        self.records.wipe().inspect_err(|code| self.detail = code.to_string())
    }

    /// The service's time, as far as a signed answer has taught it.
    pub fn now(&self) -> UnixTime {
        self.offset.correct(self.world.now())
    }

    fn forget_unsent(&mut self) {
        if let Some(state) = &mut self.state
            && !state.unsent.is_empty()
        {
            state.unsent.clear();
            self.save_or_note();
        }
    }

    fn save(&mut self) -> Result<(), Code> {
        let Some(state) = &mut self.state else { return Ok(()) };
        state.clock_offset = self.offset.seconds();
        self.records.save(state)
    }

    /// Saves where the work goes on all the same; the next tap does not begin before the state could be saved.
    fn save_or_note(&mut self) {
        if let Err(code) = self.save() {
            code.guide().cause_en.clone_into(&mut self.detail);
            self.trouble = Some(code);
        }
    }
}

/// A state that this app can work with: of a service that is named in the app's list, or was at the registration; by a key that is there, not below the version
/// that the service admits.
fn admitted(state: State, app: &App, keys: &Arc<dyn DeviceKey>) -> Result<(State, TrustEntry), Code> {
    let entry = app.trust.entry(&state.settings.origin).cloned().map_or_else(|| state.entry(), Ok)?;
    if !state.settings.admits(&app.version) {
        return Err(Code::AppOutdated);
    }
    PlatformKey::open(keys, &key_name(state.key)).map_err(SignerFault::code)?;
    Ok((state, entry))
}

impl core::fmt::Debug for Terminal {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Terminal")
            .field("service", &self.service.as_ref().map(|(entry, _)| &entry.origin))
            .finish_non_exhaustive()
    }
}
