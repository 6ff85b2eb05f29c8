//! What a visual check (目視確認) has besides: who does it, the printed number, the photo, the name.
//!
//! Staff say twice that it is the same person: photo and person agree, before anything is sent; name and printed name
//! agree, before anything but the name is shown.

use super::person::Person;
use super::{Effect, Event, Flow, State, Ticket};
use crate::check::NamedCheck;
use crate::guide::Code;
use crate::instant::UnixTime;
use crate::qualification::Mode;
use crate::tap::{Consent, VisualCause, VisualEnd};

impl Flow {
    pub(super) fn handle_visual(&mut self, event: Event, now: UnixTime) -> Vec<Effect> {
        match (&self.state, event) {
            (State::Home, Event::StartVisual { staff, consent }) => {
                self.staff = staff;
                self.begin_visual(consent)
            }
            (State::Person(person), Event::UseVisual) if person.may_switch() && self.mode == Mode::Pin => {
                self.begin_visual(Consent::None)
            }
            (State::Person(person), Event::UsePin) if person.may_switch() && self.mode == Mode::Visual => {
                self.mode = Mode::Pin;
                self.ask(Consent::None, None, None);
                self.fetch()
            }
            (State::Person(Person::Staff), Event::StaffNamed(name)) => {
                self.staff = Some(name);
                self.begin_visual(Consent::None)
            }
            (State::Person(Person::Typing { consent, tries, .. }), Event::NumberTyped(typed))
                if !self.fetching && self.mode == Mode::Visual =>
            {
                let (consent, tries) = (*consent, *tries);
                match typed {
                    Ok(number) => {
                        let ticket = self.hold_card(consent);
                        return vec![Effect::TapVisual { ticket, number, consent }];
                    }
                    Err(_) => self.ask(consent, tries, Some(Code::PrintedForm)),
                }
                Vec::new()
            }
            (State::Person(Person::Looking { ticket, .. }), Event::Attested) => {
                let ticket = *ticket;
                self.state = State::Person(Person::Sending { ticket });
                vec![Effect::WipeSeen, Effect::Send { ticket, staff: self.staff.clone() }]
            }
            (_, Event::NameConfirmed) => self.named(true, now),
            (_, Event::NameDenied) => self.named(false, now),
            _ => Vec::new(),
        }
    }

    /// Whether the name in the chip is still to be compared.
    pub(super) const fn is_before_the_name(&self) -> bool {
        let State::Person(person) = &self.state else { return false };
        matches!(person, Person::Looking { .. } | Person::Sending { .. } | Person::Kept { .. })
    }

    /// Asks for the printed number, once it is known who does the check. What the patient agreed to for the PIN's tries
    /// says nothing about those of the printed numbers.
    fn begin_visual(&mut self, consent: Consent) -> Vec<Effect> {
        if !self.may_be_visual() {
            return Vec::new();
        }
        self.mode = Mode::Visual;
        if self.staff.as_ref().is_none_or(|name| name.trim().is_empty()) {
            self.state = State::Person(Person::Staff);
            return Vec::new();
        }
        self.ask(consent, None, None);
        self.fetch()
    }

    pub(super) fn visual_ended(&mut self, end: &VisualEnd, consent: Consent) {
        let code = end.code();
        match end.cause {
            VisualCause::WarnNeeded | VisualCause::Wrong { left: Some(2) } => {
                self.state = State::Person(Person::Warn { code });
            }
            VisualCause::ConsentNeeded { certificate_sha256 } => {
                self.state = State::Person(Person::Asking { certificate_sha256 });
            }
            VisualCause::Wrong { left } => self.problem(code, left, Consent::None),
            _ => self.problem(code, end.tries, consent),
        }
    }

    /// The name is there: what waited sealed stays until staff have answered, so that the name can be asked for again.
    pub(super) fn name(&mut self, ticket: Ticket, named: Box<NamedCheck>) -> Vec<Effect> {
        let in_registry = named.name().as_str();
        let differs = self.chip_name.take().is_some_and(|in_chip| !are_one_name(&in_chip, in_registry));
        self.state = State::Person(Person::Naming { ticket, named, differs });
        Vec::new()
    }

    fn named(&mut self, confirmed: bool, now: UnixTime) -> Vec<Effect> {
        let ended = self.expire(now);
        match core::mem::replace(&mut self.state, State::Home) {
            State::Person(Person::Naming { ticket, named, .. }) => {
                self.state = State::Person(Person::Sending { ticket });
                vec![Effect::SendNamed { ticket, named, confirmed }]
            }
            other => {
                self.state = other;
                ended
            }
        }
    }
}

/// Whether two spellings are one name: chip and registry set the space between family and given name differently.
fn are_one_name(one: &str, other: &str) -> bool {
    one.chars().filter_map(spelled).eq(other.chars().filter_map(spelled))
}

/// Without spaces, and ASCII at half its width.
fn spelled(character: char) -> Option<char> {
    match character {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(character) - 0xfee0),
        _ if character.is_whitespace() => None,
        _ => Some(character),
    }
}
