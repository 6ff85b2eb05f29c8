//! What the terminal asks of the service, and what it makes of the replies.

use super::act::Effect;
use super::call::{Call, Enrolment, Failure, Fetched, Line, News, Reply, Work};
use super::platform::key_name;
use super::state::State;
use super::{ConnectionTest, Registering, Terminal};
use crate::check::{ChallengePool, CheckOutcome, UnsentCheck};
use crate::client::Transport;
use crate::flow::{Event, Ticket};
use crate::guide::Code;
use crate::instant::UnixTime;
use crate::registration::{Registered, Terms};
use crate::settings::{DeviceSettings, UserSettings};
use crate::trust::TrustEntry;

impl Terminal {
    /// Takes what came of a call. What was asked before the device was wiped is no news to it.
    pub fn reply(&mut self, reply: Reply) -> Vec<Effect> {
        if reply.epoch != self.epoch {
            return Vec::new();
        }
        self.offset = reply.offset.unwrap_or(self.offset);
        match reply.news {
            News::Registered { entry, registered, settings } => self.registered(entry, *registered, settings),
            News::NotRegistered { failure, terms, settings } => {
                self.not_registered(&failure, terms, settings)
            }
            News::Rotated(result) => self.rotated(result),
            News::Fetched(result) => self.fetched(result),
            News::Refreshed(result) => self.refreshed(result),
            News::Sent { ticket, until, result } => self.sent(ticket, until, result),
        }
    }

    /// Has the device change its key, with the next fetch at the latest.
    pub fn rotate_key(&mut self) -> Vec<Effect> {
        if let Some(state) = &mut self.state {
            state.rotate = true;
            self.save_or_note();
        }
        self.carry_on(Event::AskAgain)
    }

    /// 接続テスト: network, clock, device key and the service's signature, without a card. What came of it is in
    /// [`Terminal::connection_test`]. Not while challenges are being fetched.
    pub fn test_connection(&mut self) -> Vec<Effect> {
        if self.testing || self.fetching {
            return Vec::new();
        }
        let call = self.call(Work::Refresh);
        self.testing = call.is_some();
        call.into_iter().collect()
    }

    /// Closes the connections to the service, whose buffers hold the last answer; the next call opens its own. For a
    /// shell that must keep nothing of one person while the next is there, at the price of a handshake for each.
    pub fn hang_up(&mut self) {
        if let Some((entry, transport)) = &mut self.service {
            *transport = Transport::new(entry).ok();
        }
    }

    pub(super) fn call(&self, work: Work) -> Option<Effect> {
        let (entry, transport) = self.service.clone()?;
        let state = self.state.as_ref()?;
        let line = Line {
            epoch: self.epoch,
            entry,
            transport,
            settings: Some(state.settings.clone()),
            offset: self.offset,
            keys: self.keys.clone(),
            key: state.key,
            world: self.world.clone(),
        };
        Some(Effect::Call(Box::new(Call { line, work })))
    }

    pub(super) fn register(&mut self, left: &mut Vec<Effect>) -> Option<Event> {
        let Registering { consent, settings, device_name, .. } = &mut self.registering;
        let (Some(consent), Some((settings, entry))) = (*consent, settings.take()) else {
            return Some(Event::RegistrationFailed(Code::TapOutOfTurn));
        };
        let (device_name, platform) = (device_name.clone(), self.app.platform);
        let line = Line {
            epoch: self.epoch,
            entry,
            transport: None,
            settings: None,
            offset: self.offset,
            keys: self.keys.clone(),
            key: 1,
            world: self.world.clone(),
        };
        let work = Work::Register(Box::new(Enrolment { settings, consent, device_name, platform }));
        left.push(Effect::Call(Box::new(Call { line, work })));
        None
    }

    /// Fills the pool if it is not full, or if the service is to be asked because it did not do its part before. A key
    /// that is to be changed is changed first.
    pub(super) fn fetch(&mut self, left: &mut Vec<Effect>) -> Option<Event> {
        let now = self.now();
        let Some(state) = &mut self.state else { return Some(Event::ServiceFailed(Code::NotRegistered)) };
        let limit = state.settings.limits.open_challenges;
        let work = if state.rotate && state.unsent.is_empty() && !self.testing {
            // The service retires what is open; nothing of it is to be used should the answer be lost.
            state.challenges.clear();
            self.save_or_note();
            Work::Rotate
        } else {
            match state.challenges.wanted(limit, now) {
                0 if self.trouble.is_none() => return Some(Event::ChallengesReady),
                0 => Work::Fetch { count: limit },
                count => Work::Fetch { count },
            }
        };
        left.extend(self.call(work));
        self.fetching = true;
        None
    }

    fn registered(
        &mut self,
        entry: TrustEntry,
        registered: Registered,
        settings: UserSettings,
    ) -> Vec<Effect> {
        let mut challenges = ChallengePool::new();
        challenges.fill(registered.challenges, self.now());
        let settled = match State::new(&entry, registered.settings.clone(), challenges) {
            Ok(state) => {
                self.state = Some(state);
                self.save()
            }
            Err(error) => Err(error.code()),
        };
        if let Err(code) = settled {
            // The service knows the device's key: the same settings serve once more.
            self.state = None;
            code.guide().cause_en.clone_into(&mut self.detail);
            self.registering.settings = Some((settings, entry));
            return self.carry_on(Event::RegistrationFailed(code));
        }
        self.service = Some((entry.clone(), Transport::new(&entry).ok()));
        self.registering = Registering::default();
        (self.trouble, self.tested) = (None, None);
        self.detail.clear();
        self.carry_on(Event::Registered(Box::new(registered.settings)))
    }

    fn not_registered(
        &mut self,
        failure: &Failure,
        terms: Option<Terms>,
        settings: Option<UserSettings>,
    ) -> Vec<Effect> {
        self.detail.clone_from(&failure.detail);
        let entry = settings.as_ref().and_then(|settings| self.app.trust.entry(&settings.origin)).cloned();
        let given = settings.zip(entry);
        if let Some(terms) = terms {
            self.registering.settings = given;
            self.registering.consent = None;
            self.registering.terms = Some(terms.clone());
            return self.carry_on(Event::NewTerms(terms));
        }
        self.registering.settings = given.filter(|_| failure.again);
        self.carry_on(Event::RegistrationFailed(failure.code))
    }

    fn rotated(&mut self, result: Result<(), Failure>) -> Vec<Effect> {
        self.fetching = false;
        let Some(state) = &mut self.state else { return Vec::new() };
        let adopted = match result {
            Ok(()) => {
                let old = state.key;
                state.key = old.saturating_add(1);
                state.rotate = false;
                let saved = self.save();
                if let Err(code) = saved {
                    // The old key is good until the new one is used.
                    if let Some(state) = &mut self.state {
                        (state.key, state.rotate) = (old, true);
                    }
                    Err(Failure::of(code, &code.guide().cause_en))
                } else {
                    // Nothing depends on it: the service ends the old key with the next request.
                    let _ = self.keys.erase(&key_name(old));
                    Ok(())
                }
            }
            Err(failure) => {
                state.rotate = failure.again;
                Err(failure)
            }
        };
        match adopted {
            Ok(()) => {
                let mut left = Vec::new();
                if let Some(event) = self.fetch(&mut left) {
                    left.extend(self.carry_on(event));
                }
                left
            }
            Err(failure) => self.service_failed(&failure),
        }
    }

    fn fetched(&mut self, result: Result<Fetched, Failure>) -> Vec<Effect> {
        self.fetching = false;
        let Fetched { answer, settings } = match result {
            Ok(fetched) => fetched,
            Err(failure) => return self.service_failed(&failure),
        };
        let now = self.now();
        let Some(state) = &mut self.state else { return Vec::new() };
        state.challenges.fill(answer.challenges, now);
        self.trouble = None;
        self.detail.clear();
        let mut effects = match settings {
            Some(Ok(settings)) => self.accept(settings),
            Some(Err(failure)) => return self.service_failed(&failure),
            None => {
                self.save_or_note();
                Vec::new()
            }
        };
        effects.extend(match self.outdated() {
            Some(failure) => self.service_failed(&failure),
            None => self.carry_on(Event::ChallengesReady),
        });
        effects
    }

    fn refreshed(&mut self, result: Result<Box<DeviceSettings>, Failure>) -> Vec<Effect> {
        self.testing = false;
        let problem = result.as_ref().err().map(|failure| failure.code);
        let detail = result.as_ref().err().map(|failure| failure.detail.clone()).unwrap_or_default();
        let test = ConnectionTest { at: self.now(), clock_offset: self.offset.seconds(), problem, detail };
        self.tested = Some(test);
        match result {
            Ok(settings) => self.accept(settings),
            // Whoever is fetching will hear the same.
            Err(_) if self.fetching => Vec::new(),
            Err(failure) => self.service_failed(&failure),
        }
    }

    /// Takes settings over that the service has signed, unless newer ones came meanwhile.
    fn accept(&mut self, settings: Box<DeviceSettings>) -> Vec<Effect> {
        let now = self.now();
        let Some(state) = self.state.as_mut().filter(|state| state.settings.version <= settings.version)
        else {
            return Vec::new();
        };
        state.settings = (*settings).clone();
        state.forget_history(now);
        self.save_or_note();
        self.carry_on(Event::SettingsChanged(settings))
    }

    fn outdated(&self) -> Option<Failure> {
        let settings = &self.state.as_ref()?.settings;
        let detail = format!("{} < {}", self.app.version, settings.minimum_app_version);
        (!settings.admits(&self.app.version)).then(|| Failure::of(Code::AppOutdated, &detail))
    }

    fn service_failed(&mut self, failure: &Failure) -> Vec<Effect> {
        self.note(failure);
        self.carry_on(Event::ServiceFailed(failure.code))
    }

    fn note(&mut self, failure: &Failure) {
        self.detail.clone_from(&failure.detail);
        self.trouble = Some(failure.code);
        if failure.retires_challenges
            && let Some(state) = &mut self.state
        {
            state.challenges.clear();
        }
        if self.save().is_err() {
            // Said by the next tap, which cannot begin.
            self.trouble = Some(Code::StateUnwritable);
        }
    }

    fn sent(
        &mut self,
        ticket: Ticket,
        until: UnixTime,
        result: Result<CheckOutcome, Failure>,
    ) -> Vec<Effect> {
        let outcome = match result {
            Ok(outcome) => outcome,
            Err(failure) => {
                self.note(&failure);
                return self.carry_on(Event::NotSent { ticket, code: failure.code, until });
            }
        };
        match &outcome {
            CheckOutcome::Answered(_) | CheckOutcome::NameToConfirm(_) => {
                (self.trouble, self.detail) = (None, String::new());
            }
            CheckOutcome::Refused(refusal) if !refusal.retires_challenges() => {
                self.detail = refusal.to_string();
            }
            CheckOutcome::Refused(refusal) | CheckOutcome::Keep(refusal) => self.note(&refusal.into()),
        }
        let was_shown = self.flow.answer().is_some();
        let effects = self.carry_on(Event::Sent { ticket, outcome, until });
        let now = self.now();
        if let (false, Some(answer), Some(state)) = (was_shown, self.flow.answer(), self.state.as_mut())
            && state.settings.history
        {
            state.remember(answer, now);
            self.save_or_note();
        }
        effects
    }

    /// Until when a check that was kept sealed can be sent, if there is one.
    pub fn unsent_until(&self) -> Option<UnixTime> {
        self.state.as_ref()?.unsent.last().map(UnsentCheck::expires_at)
    }
}
