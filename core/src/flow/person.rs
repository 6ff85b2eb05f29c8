//! One person's way: PIN or printed number, warning, consent, card, sending, answer. What a visual check has besides is
//! in `visual`.

use super::remedy::{keeps_consent, may_tap_again, stops_the_device, visual_may_help};
use super::screen::{Action, Room, View};
use super::{Effect, Event, Flow, State, Ticket};
use crate::check::{CheckOutcome, NamedCheck, VerifiedAnswer};
use crate::guide::Code;
use crate::instant::UnixTime;
use crate::qualification::Mode;
use crate::secret::Pin;
use crate::tap::{Cause, Consent, Stage, TapEnd};

/// Where a person's check stands. Never holds a PIN: it passes from the event to the effect.
#[derive(Debug)]
pub(super) enum Person {
    /// Staff are to say who does the visual check.
    Staff,
    /// The PIN or the printed number is awaited, for a tap with this consent.
    Typing { consent: Consent, tries: Option<u8>, problem: Option<Code> },
    /// The patient is to be told that two tries are left.
    Warn { code: Code },
    /// The patient is asked for the last try, on the card with this certificate.
    Asking { certificate_sha256: [u8; 32] },
    /// The card is awaited or at work.
    Holding { ticket: Ticket, consent: Consent, stage: Option<Stage>, tries: Option<u8> },
    /// The card proved its face; staff compare photo and person.
    Looking { ticket: Ticket, photo: Result<bool, Code> },
    /// The signed check is on its way.
    Sending { ticket: Ticket },
    /// The service named the holder; staff compare the name with the printed one.
    Naming { ticket: Ticket, named: Box<NamedCheck>, differs: bool },
    /// The signed check is kept sealed. The service takes it from then on, in so many seconds.
    Kept { ticket: Ticket, until: UnixTime, code: Code, from: UnixTime, wait: u64 },
    /// The service answered.
    Answered { answer: Box<VerifiedAnswer>, chosen: Option<usize> },
    /// It did not work.
    Problem { code: Code, tries: Option<u8>, consent: Consent },
}

impl Person {
    /// What the shell does when the person's check ends, wherever it stands.
    pub(super) fn end(self) -> Vec<Effect> {
        match self {
            Self::Holding { ticket, .. } => vec![Effect::CancelTap(ticket), Effect::WipePerson],
            Self::Sending { ticket } | Self::Kept { ticket, .. } | Self::Naming { ticket, .. } => {
                vec![Effect::Forget(ticket), Effect::WipePerson]
            }
            _ => vec![Effect::WipePerson],
        }
    }

    pub(super) fn screen(&self, room: &Room) -> (View, Vec<Action>) {
        let (view, mut actions) = match self {
            Self::Staff => (
                View::Staff { staff: room.staff.clone() },
                vec![Action::NameStaff, Action::Cancel, Action::Lock],
            ),
            Self::Typing { tries, problem, .. } => {
                let (view, typing) = match room.mode {
                    Mode::Pin => (View::Pin { tries: *tries, problem: *problem }, Action::TypePin),
                    Mode::Visual => (View::Number { tries: *tries, problem: *problem }, Action::TypeNumber),
                };
                let mut actions = vec![typing, Action::Cancel, Action::Lock];
                actions.retain(|action| !room.fetching || *action != typing);
                (view, actions)
            }
            Self::Warn { code } => {
                (View::Warn { tries: 2, code: *code }, vec![Action::Understand, Action::Cancel, Action::Lock])
            }
            Self::Asking { .. } => {
                let code = match room.mode {
                    Mode::Pin => Code::PinConsentNeeded,
                    Mode::Visual => Code::PrintedConsentNeeded,
                };
                let view = View::Consent { mode: room.mode, code };
                (view, vec![Action::Agree, Action::Cancel, Action::Lock])
            }
            Self::Holding { stage, tries, .. } => {
                (View::Hold { stage: *stage, tries: *tries }, vec![Action::Cancel])
            }
            Self::Looking { photo, .. } => {
                let view = View::Look { photo: *photo == Ok(true), problem: photo.err() };
                (view, vec![Action::Attest, Action::Cancel, Action::Lock])
            }
            Self::Sending { .. } => (View::Sending, Vec::new()),
            Self::Naming { named, differs, .. } => naming(named, *differs),
            Self::Kept { until, code, wait, .. } => {
                let mut actions = vec![Action::SendAgain, Action::Cancel];
                actions.retain(|action| *wait == 0 || *action != Action::SendAgain);
                (View::Kept { until: *until, code: *code, wait: *wait }, actions)
            }
            Self::Answered { answer, chosen } => answered(answer, *chosen),
            Self::Problem { code, tries, .. } => (View::Problem { code: *code, tries: *tries }, after(*code)),
        };
        if let Some(other) = self.other_mode(room) {
            // Where the same card says the same again, the other way is what is left.
            let first = matches!(self, Self::Problem { .. }) && !actions.contains(&Action::TapAgain);
            actions.insert(usize::from(!first), other);
        }
        (view, actions)
    }

    /// The other way of checking this person, where staff may choose it.
    fn other_mode(&self, room: &Room) -> Option<Action> {
        match room.mode {
            _ if !self.may_switch() => None,
            Mode::Pin => room.visual.then_some(Action::UseVisual),
            Mode::Visual => Some(Action::UsePin),
        }
    }

    /// Whether the way of checking may be changed: not while card or service are at work, nor after an answer.
    pub(super) fn may_switch(&self) -> bool {
        match self {
            Self::Staff | Self::Typing { .. } | Self::Warn { .. } | Self::Asking { .. } => true,
            Self::Problem { code, .. } => visual_may_help(*code),
            _ => false,
        }
    }
}

fn naming(named: &NamedCheck, differs: bool) -> (View, Vec<Action>) {
    let view = View::Name {
        name: named.name().as_str().to_owned(),
        differs: differs.then_some(Code::SurfaceName),
        until: named.expires_at(),
    };
    // A name that differs is another's until staff find that it is not.
    let actions = if differs {
        vec![Action::DenyName, Action::ConfirmName]
    } else {
        vec![Action::ConfirmName, Action::DenyName]
    };
    (view, actions.into_iter().chain([Action::Cancel, Action::Lock]).collect())
}

fn answered(answer: &VerifiedAnswer, chosen: Option<usize>) -> (View, Vec<Action>) {
    let sheet = Box::new(answer.sheet());
    let mut actions = vec![Action::NextPerson, Action::Export, Action::Lock];
    if sheet.choose {
        actions.insert(0, Action::Choose);
    }
    (View::Answer { sheet, chosen }, actions)
}

fn after(code: Code) -> Vec<Action> {
    let mut actions = vec![Action::NextPerson, Action::Lock];
    if may_tap_again(code) {
        actions.insert(0, Action::TapAgain);
    }
    actions
}

impl Flow {
    pub(super) fn handle_person(&mut self, event: Event, now: UnixTime) -> Vec<Effect> {
        match event {
            Event::StartCheck { staff, consent } => self.start(staff, consent),
            Event::StartVisual { .. }
            | Event::UseVisual
            | Event::UsePin
            | Event::StaffNamed(_)
            | Event::NumberTyped(_)
            | Event::Attested
            | Event::NameConfirmed
            | Event::NameDenied => self.handle_visual(event, now),
            Event::Cancel => self.cancel(),
            Event::NextPerson => self.next_person(),
            Event::TapStage { .. }
            | Event::TapSigned { .. }
            | Event::TapEnded { .. }
            | Event::TapProven { .. }
            | Event::VisualEnded { .. }
            | Event::CheckFailed { .. } => self.handle_tap(event),
            Event::Sent { ticket, outcome, until } => self.sent(ticket, outcome, until, now),
            Event::NotSent { ticket, code, until } => self.not_sent(ticket, code, until, now),
            _ => self.handle_hand(event),
        }
    }

    /// The challenge of a kept check, or of one whose name is on the screen, ends: the card has to be tapped again.
    pub(super) fn expire(&mut self, now: UnixTime) -> Vec<Effect> {
        let (ticket, until) = match &self.state {
            State::Person(Person::Kept { ticket, until, .. }) => (*ticket, *until),
            State::Person(Person::Naming { ticket, named, .. }) => (*ticket, named.expires_at()),
            _ => return Vec::new(),
        };
        if now < until {
            return Vec::new();
        }
        self.problem(Code::ChallengeExpired, None, Consent::None);
        vec![Effect::Forget(ticket)]
    }

    fn start(&mut self, staff: Option<String>, consent: Consent) -> Vec<Effect> {
        if !matches!(self.state, State::Home) {
            return Vec::new();
        }
        self.staff = staff;
        self.mode = Mode::Pin;
        self.ask(consent, None, None);
        self.fetch()
    }

    /// What staff or patient do on the screen.
    fn handle_hand(&mut self, event: Event) -> Vec<Effect> {
        let State::Person(person) = &mut self.state else { return Vec::new() };
        match (person, event) {
            (Person::Typing { consent, tries, .. }, Event::PinTyped(typed))
                if !self.fetching && self.mode == Mode::Pin =>
            {
                let (consent, tries) = (*consent, *tries);
                match typed {
                    Ok(pin) => return self.hold(pin, consent),
                    Err(_) => self.ask(consent, tries, Some(Code::PinForm)),
                }
            }
            (Person::Warn { .. }, Event::Understood) => self.ask(Consent::Warned, Some(2), None),
            (Person::Asking { certificate_sha256 }, Event::Agreed) => {
                let consent = Consent::LastTry { certificate_sha256: *certificate_sha256 };
                self.ask(consent, Some(1), None);
            }
            (Person::Problem { code, tries, consent }, Event::TapAgain) if may_tap_again(*code) => {
                let (consent, tries) = (*consent, *tries);
                self.ask(consent, tries, None);
                return self.fetch();
            }
            (Person::Kept { ticket, wait: 0, .. }, Event::SendAgain) => {
                let ticket = *ticket;
                self.state = State::Person(Person::Sending { ticket });
                return vec![Effect::SendAgain(ticket)];
            }
            (Person::Answered { answer, chosen }, Event::Chosen(index))
                if answer.sheet().choose && answer.answer().usable(Some(index)).is_some() =>
            {
                *chosen = Some(index);
            }
            (Person::Answered { chosen, .. }, Event::Export(form)) => {
                return vec![Effect::Export { form, chosen: *chosen }];
            }
            _ => {}
        }
        Vec::new()
    }

    fn handle_tap(&mut self, event: Event) -> Vec<Effect> {
        let State::Person(Person::Holding { ticket, consent, stage, tries }) = &mut self.state else {
            return self.check_failed(&event);
        };
        let (held, consent) = (*ticket, *consent);
        match event {
            Event::TapStage { ticket, stage: reached, tries: left } if ticket == held => {
                *stage = Some(reached);
                *tries = left.or(*tries);
                Vec::new()
            }
            Event::TapProven { ticket, name, photo } if ticket == held => {
                self.state = State::Person(Person::Looking { ticket, photo });
                self.chip_name = name;
                Vec::new()
            }
            Event::VisualEnded { ticket, end } if ticket == held => {
                self.visual_ended(&end, consent);
                Vec::new()
            }
            Event::TapSigned { ticket } if ticket == held => {
                self.state = State::Person(Person::Sending { ticket });
                vec![Effect::Send { ticket, staff: self.staff.clone() }]
            }
            Event::TapEnded { ticket, end } if ticket == held => {
                self.tap_ended(&end, consent);
                Vec::new()
            }
            Event::CheckFailed { ticket, code } if ticket == held => {
                self.problem(code, None, consent);
                Vec::new()
            }
            _ => Vec::new(),
        }
    }

    /// The check could not be made from what the card signed.
    fn check_failed(&mut self, event: &Event) -> Vec<Effect> {
        if let (State::Person(Person::Sending { ticket: sent }), Event::CheckFailed { ticket, code }) =
            (&self.state, event)
            && sent == ticket
        {
            let (ticket, code) = (*ticket, *code);
            self.problem(code, None, Consent::None);
            return vec![Effect::Forget(ticket)];
        }
        Vec::new()
    }

    fn tap_ended(&mut self, end: &TapEnd, consent: Consent) {
        let code = end.code();
        match end.cause {
            Cause::WarnNeeded | Cause::PinWrong { left: Some(2) } => {
                self.state = State::Person(Person::Warn { code });
            }
            Cause::ConsentNeeded { certificate_sha256 } => {
                self.state = State::Person(Person::Asking { certificate_sha256 });
            }
            Cause::PinWrong { left } => self.problem(code, left, Consent::None),
            _ => self.problem(code, end.tries, consent),
        }
    }

    fn sent(&mut self, ticket: Ticket, outcome: CheckOutcome, until: UnixTime, now: UnixTime) -> Vec<Effect> {
        if !self.is_sending(ticket) {
            return Vec::new();
        }
        match outcome {
            CheckOutcome::Answered(answer) => {
                self.trouble = None;
                self.state = State::Person(Person::Answered { answer, chosen: None });
                self.forget_and_fetch(ticket)
            }
            CheckOutcome::Refused(refusal) if stops_the_device(refusal.code()) => self.stop(refusal.code()),
            CheckOutcome::Refused(refusal) => {
                self.problem(refusal.code(), None, Consent::None);
                self.forget_and_fetch(ticket)
            }
            CheckOutcome::NameToConfirm(named) => {
                self.trouble = None;
                self.name(ticket, named)
            }
            CheckOutcome::Keep(refusal) => {
                self.keep(ticket, refusal.code(), until, refusal.again_from().unwrap_or(now), now)
            }
        }
    }

    fn not_sent(&mut self, ticket: Ticket, code: Code, until: UnixTime, now: UnixTime) -> Vec<Effect> {
        if self.is_sending(ticket) { self.keep(ticket, code, until, now, now) } else { Vec::new() }
    }

    /// Kept sealed while its challenge lives.
    fn keep(
        &mut self,
        ticket: Ticket,
        code: Code,
        until: UnixTime,
        from: UnixTime,
        now: UnixTime,
    ) -> Vec<Effect> {
        self.state = State::Person(Person::Kept { ticket, until, code, from, wait: from.since(now) });
        self.expire(now)
    }

    /// What is kept waits no longer than the service wants.
    pub(super) fn count_down(&mut self, now: UnixTime) {
        if let State::Person(Person::Kept { from, wait, .. }) = &mut self.state {
            *wait = from.since(now);
        }
    }

    /// The check is settled: what was kept of it goes, and the pool is filled for the next one.
    pub(super) fn forget_and_fetch(&mut self, ticket: Ticket) -> Vec<Effect> {
        core::iter::once(Effect::Forget(ticket)).chain(self.fetch()).collect()
    }

    fn is_sending(&self, ticket: Ticket) -> bool {
        matches!(self.state, State::Person(Person::Sending { ticket: sent }) if sent == ticket)
    }

    pub(super) fn ask(&mut self, consent: Consent, tries: Option<u8>, problem: Option<Code>) {
        self.state = State::Person(Person::Typing { consent, tries, problem });
    }

    fn hold(&mut self, pin: Pin, consent: Consent) -> Vec<Effect> {
        let ticket = self.hold_card(consent);
        vec![Effect::Tap { ticket, pin, consent }]
    }

    pub(super) fn hold_card(&mut self, consent: Consent) -> Ticket {
        let ticket = self.next_ticket();
        self.state = State::Person(Person::Holding { ticket, consent, stage: None, tries: None });
        ticket
    }

    pub(super) fn problem(&mut self, code: Code, tries: Option<u8>, consent: Consent) {
        let consent = if keeps_consent(code) { consent } else { Consent::None };
        self.state = State::Person(Person::Problem { code, tries, consent });
    }

    /// Gives up what can be given up: not a check on its way, whose answer is moments ahead.
    fn cancel(&mut self) -> Vec<Effect> {
        match core::mem::replace(&mut self.state, State::Home) {
            State::Person(
                person @ (Person::Staff
                | Person::Typing { .. }
                | Person::Looking { .. }
                | Person::Naming { .. }
                | Person::Warn { .. }
                | Person::Asking { .. }
                | Person::Holding { .. }
                | Person::Kept { .. }),
            ) => person.end(),
            other => {
                self.state = other;
                Vec::new()
            }
        }
    }

    fn next_person(&mut self) -> Vec<Effect> {
        match core::mem::replace(&mut self.state, State::Home) {
            State::Person(person @ (Person::Answered { .. } | Person::Problem { .. })) => person.end(),
            other => {
                self.state = other;
                Vec::new()
            }
        }
    }
}
