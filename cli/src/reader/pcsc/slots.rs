//! The slots of all readers, as they come and go: readers plugged in and out, the service stopped and started again.

use std::ffi::CString;
use std::time::Duration;

use pcsc::{Context, Error, PNP_NOTIFICATION, ReaderState, Scope, State};

use super::meaning::is_service_gone;

/// What lies in the slots that are meant.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// One card.
    Card(CString),
    /// More than one: which is meant is for a person to say.
    Cards(Vec<String>),
    /// Readers, and no card.
    Empty,
    /// A card that does not answer to power.
    Mute,
    /// No reader of that name, or none at all.
    NoReader,
    /// The service is not there.
    NoService,
}

/// One slot, as it can be shown.
#[derive(Debug)]
pub(super) struct Slot {
    pub(super) name: CString,
    pub(super) state: State,
    pub(super) atr: Vec<u8>,
}

/// The slots of the readers whose name contains a part.
pub(super) struct Slots {
    part: String,
    context: Option<Context>,
    /// As last seen; the first one is the notice of readers that come and go.
    states: Vec<ReaderState>,
}

impl Slots {
    /// Touches nothing yet.
    pub(super) const fn new(part: String) -> Self {
        Self { part, context: None, states: Vec::new() }
    }

    /// The part of a name that is looked for.
    pub(super) fn part(&self) -> &str {
        &self.part
    }

    /// The service, made anew if it was away.
    pub(super) fn context(&mut self) -> Result<&Context, Error> {
        let context = match self.context.take() {
            Some(context) => context,
            None => Context::establish(Scope::User)?,
        };
        Ok(self.context.insert(context))
    }

    /// Names of all readers, whatever part is looked for.
    pub(super) fn names(&mut self) -> Result<Vec<CString>, Error> {
        let listed = match self.context()?.list_readers_owned() {
            Err(Error::NoReadersAvailable) => Ok(Vec::new()),
            listed => listed,
        };
        self.keep_or_forget(listed)
    }

    /// What lies there now, or after a change, or after `glance`, whichever comes first.
    pub(super) fn look(&mut self, glance: Duration) -> Result<Found, Error> {
        let names = match self.names() {
            Err(error) if is_service_gone(error) => return Ok(Found::NoService),
            names => names?,
        };
        let part = &self.part;
        let meant = names.into_iter().filter(|name| name.to_string_lossy().contains(part.as_str()));
        self.follow(meant.collect());
        let changed = match &self.context {
            Some(context) => context.get_status_change(glance, &mut self.states),
            None => return Ok(Found::NoService),
        };
        match self.keep_or_forget(changed) {
            Ok(()) | Err(Error::Timeout) => {}
            Err(error) if is_service_gone(error) => return Ok(Found::NoService),
            // A reader went between list and look.
            Err(Error::UnknownReader | Error::ReaderUnavailable) => {
                self.states.clear();
                return Ok(Found::NoReader);
            }
            Err(error) => return Err(error),
        }
        self.states.iter_mut().for_each(ReaderState::sync_current_state);
        Ok(self.judge())
    }

    /// Every slot as of the last look.
    pub(super) fn slots(&self) -> Vec<Slot> {
        let slots = self.states.iter().skip(1);
        slots
            .map(|state| Slot {
                name: state.name().to_owned(),
                state: state.current_state(),
                atr: state.atr().to_vec(),
            })
            .collect()
    }

    /// Keeps what is known of readers that are still the same; else begins from nothing.
    fn follow(&mut self, meant: Vec<CString>) {
        let known = self.states.iter().skip(1).map(ReaderState::name);
        if !self.states.is_empty() && known.eq(meant.iter().map(CString::as_c_str)) {
            return;
        }
        let all = std::iter::once(PNP_NOTIFICATION().to_owned()).chain(meant);
        self.states = all.map(|name| ReaderState::new(name, State::UNAWARE)).collect();
    }

    fn judge(&self) -> Found {
        let slots = self.states.iter().skip(1);
        let present: Vec<_> =
            slots.clone().filter(|slot| slot.current_state().contains(State::PRESENT)).collect();
        let answering: Vec<_> =
            present.iter().filter(|slot| !slot.current_state().contains(State::MUTE)).collect();
        match answering.as_slice() {
            [one] => Found::Card(one.name().to_owned()),
            [] if !present.is_empty() => Found::Mute,
            [] if slots.len() == 0 => Found::NoReader,
            [] => Found::Empty,
            several => {
                Found::Cards(several.iter().map(|slot| slot.name().to_string_lossy().into_owned()).collect())
            }
        }
    }

    /// A service that went takes its context with it.
    fn keep_or_forget<T>(&mut self, result: Result<T, Error>) -> Result<T, Error> {
        if result.as_ref().err().copied().is_some_and(is_service_gone) {
            self.context = None;
            self.states.clear();
        }
        result
    }
}
