//! The device's own way: terms, settings, registration, and what the service says about the device.

use super::person::Person;
use super::remedy::{may_be_lifted, needs_registration, stops_the_device, wipes_the_device};
use super::{Device, Effect, Event, Flow, State};
use crate::guide::Code;
use crate::instant::UnixTime;
use crate::settings::DeviceSettings;

impl Flow {
    pub(super) fn open(&mut self, device: Device, now: UnixTime) -> Vec<Effect> {
        match device {
            Device::New(terms) => {
                self.state = State::Terms(terms);
                Vec::new()
            }
            Device::Unusable(code) => {
                self.state = State::Stopped { code, locked: false };
                Vec::new()
            }
            Device::Registered { settings, unsent } => {
                self.settings = Some(settings);
                let Some(until) = unsent else { return self.fetch() };
                let ticket = self.next_ticket();
                if until <= now {
                    return self.forget_and_fetch(ticket);
                }
                self.state = State::Person(Person::Sending { ticket });
                vec![Effect::SendAgain(ticket)]
            }
        }
    }

    pub(super) fn handle_device(&mut self, event: Event) -> Vec<Effect> {
        match (&self.state, event) {
            (State::Terms(_), Event::TermsAgreed) => self.turn(State::Settings { problem: None }),
            (State::Stopped { .. } | State::Registering | State::Settings { .. }, Event::NewTerms(terms)) => {
                self.turn(State::Terms(terms))
            }
            (State::Settings { .. }, Event::SettingsGiven) => {
                self.state = State::Registering;
                vec![Effect::Register]
            }
            (State::Settings { .. }, Event::SettingsRefused(code))
            | (State::Registering, Event::RegistrationFailed(code)) => {
                self.turn(State::Settings { problem: Some(code) })
            }
            (State::Registering, Event::Registered(settings)) => {
                self.settings = Some(settings);
                self.trouble = None;
                self.state = State::Home;
                self.fetch()
            }
            (State::Stopped { code, .. }, Event::RegisterAgain) if needs_registration(*code) => {
                self.forget_device();
                vec![Effect::LoadTerms]
            }
            (State::Home, Event::AskAgain) => self.fetch(),
            (State::Stopped { code, .. }, Event::AskAgain) if may_be_lifted(*code) => self.fetch(),
            (_, Event::SettingsChanged(settings)) => self.change_settings(settings),
            (_, Event::ChallengesReady) => {
                self.trouble = None;
                if let State::Stopped { code, locked } = self.state
                    && may_be_lifted(code)
                {
                    // The service deals with the device again.
                    self.state = if locked { State::Locked } else { State::Home };
                }
                Vec::new()
            }
            (_, Event::ServiceFailed(code)) if stops_the_device(code) => self.stop(code),
            (_, Event::ServiceFailed(code)) => {
                self.trouble = Some(code);
                Vec::new()
            }
            _ => Vec::new(),
        }
    }

    /// The service has said, signed, that this device is not to work. Whoever was being checked is done. For a
    /// device that is wiped, or that only a new registration helps, what comes late says nothing new.
    pub(super) fn stop(&mut self, code: Code) -> Vec<Effect> {
        let is_final = matches!(self.state, State::Stopped { code, .. } if !may_be_lifted(code));
        if is_final || self.settings.is_none() {
            return Vec::new();
        }
        let locked = matches!(self.state, State::Locked | State::Stopped { locked: true, .. });
        let mut effects = match core::mem::replace(&mut self.state, State::Stopped { code, locked }) {
            State::Person(person) => person.end(),
            _ => Vec::new(),
        };
        self.staff = None;
        if wipes_the_device(code) {
            self.forget_device();
            effects.push(Effect::WipeDevice);
        }
        effects
    }

    /// Settings of a device that works; an older version was refused before it came here.
    fn change_settings(&mut self, settings: Box<DeviceSettings>) -> Vec<Effect> {
        let registered = self.settings.is_some();
        if registered {
            self.settings = Some(settings);
        }
        Vec::new()
    }

    fn turn(&mut self, state: State) -> Vec<Effect> {
        self.state = state;
        Vec::new()
    }
}
