//! From the PIN or the printed number to the signed check: it waits for the card, a challenge is taken and saved as taken,
//! the tap runs in the shell's hands, and what the card signed is made into the check.

use super::Terminal;
use super::act::Effect;
use super::call::Work;
use super::platform::{PlatformKey, key_name};
use crate::certificate::Anchors;
use crate::check::{Attestation, PendingCheck, UnsentCheck};
use crate::flow::{Event, Ticket};
use crate::guide::Code;
use crate::http::{IdempotencyKey, Signer as _, SignerFault};
use crate::instant::UnixTime;
use crate::secret::Pin;
use crate::tap::{
    AnyOutcome, AnyTap, Consent, Outcome, PrintedNumber, ReaderLimits, SignedTap, Strategy, Tap, TapRequest,
    VisualEvidence, VisualOutcome, VisualRequest, VisualTap,
};

/// Seconds that a PIN waits for its card.
pub const CARD_WAIT: u64 = 60;

/// One check between the PIN and the answer.
#[derive(Debug, Default)]
pub(super) enum Tapping {
    /// No card is awaited.
    #[default]
    Idle,
    /// PIN or number is there, the card is not.
    Waiting { ticket: Ticket, entry: Entry, consent: Consent, since: UnixTime },
    /// A tap is in the shell's hands.
    Running { ticket: Ticket, check: PendingCheck, reader: Reader },
    /// The card has signed.
    Signed { check: PendingCheck, tap: Box<SignedTap> },
    /// The card has proven its face, and staff have yet to say that photo and person agree.
    Proven { check: PendingCheck, evidence: Box<VisualEvidence> },
}

/// What was typed for one tap.
#[derive(Debug)]
pub(super) enum Entry {
    Pin(Pin),
    Number(PrintedNumber),
}

/// The reader with a card in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reader {
    /// What it can carry.
    pub limits: ReaderLimits,
    /// What it says of the kind of card, such as an ATR or historical bytes in hexadecimal; empty if it says nothing.
    /// Never a serial number or UID. What taps learn holds for cards of one kind at one kind of reader.
    pub family: String,
    /// The forms that are tried on a kind of card that was never met.
    pub forms: Strategy,
    /// Roots of the test cards that lie in it, as [`Anchors::with_test`] takes them; none where people's cards do.
    pub test_roots: Vec<Vec<u8>>,
}

/// So many kinds of cards and readers are remembered.
pub(super) const KINDS: usize = 8;

/// What was learned of kinds of cards at kinds of readers; for as long as the process lives.
#[derive(Debug, Default)]
pub(super) struct Learned(Vec<(Reader, Strategy)>);

impl Learned {
    pub(super) fn of(&self, reader: &Reader) -> Strategy {
        self.0.iter().find(|(known, _)| known == reader).map_or(reader.forms, |(_, strategy)| *strategy)
    }

    pub(super) fn learn(&mut self, reader: Reader, strategy: Strategy) {
        self.0.retain(|(known, _)| *known != reader);
        self.0.insert(0, (reader, strategy));
        self.0.truncate(KINDS);
    }
}

impl Terminal {
    /// Begins the tap that [`Effect::AwaitCard`] named, with the card that is there: start it, drive it to its
    /// end, and hand the outcome in. Without a tap, the screen says why.
    pub fn tap(&mut self, ticket: Ticket, reader: Reader) -> Result<AnyTap, Vec<Effect>> {
        let (entry, consent) = match core::mem::take(&mut self.tapping) {
            Tapping::Waiting { ticket: awaited, entry, consent, .. } if awaited == ticket => (entry, consent),
            other => {
                self.tapping = other;
                return Err(Vec::new());
            }
        };
        match self.prepare(entry, consent, &reader) {
            Ok((check, tap)) => {
                self.tapping = Tapping::Running { ticket, check, reader };
                Ok(tap)
            }
            Err(code) => Err(self.carry_on(Event::CheckFailed { ticket, code })),
        }
    }

    /// Takes the end of the tap.
    pub fn tapped(&mut self, ticket: Ticket, outcome: impl Into<AnyOutcome>) -> Vec<Effect> {
        let outcome = outcome.into();
        let Some(check) = self.ran(ticket, outcome.strategy()) else { return Vec::new() };
        self.detail.clear();
        let event = match outcome {
            AnyOutcome::Pin(Outcome::Signed(tap)) => {
                self.tapping = Tapping::Signed { check, tap: Box::new(tap) };
                Event::TapSigned { ticket }
            }
            AnyOutcome::Pin(Outcome::Ended(end)) => {
                self.detail = end.cause.to_string();
                Event::TapEnded { ticket, end }
            }
            AnyOutcome::Visual(VisualOutcome::Proven(evidence)) => self.proven(ticket, check, evidence),
            AnyOutcome::Visual(VisualOutcome::Ended(end)) => {
                self.detail = end.cause.to_string();
                Event::VisualEnded { ticket, end }
            }
        };
        self.carry_on(event)
    }

    /// The check whose tap is over; what the tap learned is kept.
    fn ran(&mut self, ticket: Ticket, strategy: Strategy) -> Option<PendingCheck> {
        match core::mem::take(&mut self.tapping) {
            Tapping::Running { ticket: running, check, reader } if running == ticket => {
                self.learned.learn(reader, strategy);
                Some(check)
            }
            other => {
                self.tapping = other;
                None
            }
        }
    }

    /// A PIN waits for its card no longer than that, and not at all for a clock that was set back.
    pub(super) fn waited_too_long(&self) -> Option<Ticket> {
        let now = self.world.now();
        match &self.tapping {
            Tapping::Waiting { ticket, since, .. } if now < *since || now.since(*since) >= CARD_WAIT => {
                Some(*ticket)
            }
            _ => None,
        }
    }

    pub(super) fn await_card(&mut self, ticket: Ticket, entry: Entry, consent: Consent) -> Effect {
        let since = self.world.now();
        self.tapping = Tapping::Waiting { ticket, entry, consent, since };
        Effect::AwaitCard(ticket)
    }

    fn prepare(
        &mut self,
        entry: Entry,
        consent: Consent,
        reader: &Reader,
    ) -> Result<(PendingCheck, AnyTap), Code> {
        self.detail.clear();
        let now = self.now();
        let key = self.device_key()?;
        let (trouble, app) = (self.trouble, self.app.version.clone());
        let state = self.state.as_mut().ok_or(Code::NotRegistered)?;
        if !state.settings.admits(&app) {
            return Err(Code::AppOutdated);
        }
        let check = PendingCheck::begin(&mut state.challenges, &state.settings, key.spki(), now)
            .map_err(|error| trouble.unwrap_or(error.code()))?;
        let mut anchors = Anchors::production();
        let allowed = state.settings.test_anchors().map_err(|error| error.code())?;
        for root in allowed.iter().chain(&reader.test_roots) {
            anchors = anchors.with_test(root).map_err(|_| Code::SettingsMalformed)?;
        }
        // Saved as taken before the card sees anything of it, so that none is ever signed twice.
        self.save()?;
        let (limits, strategy) = (reader.limits, self.learned.of(reader));
        let transcript = check.transcript().clone();
        let begun = match entry {
            Entry::Pin(pin) => {
                AnyTap::Pin(Tap::new(TapRequest { pin, transcript, anchors, now, consent, limits, strategy }))
            }
            Entry::Number(number) => {
                let transcript = transcript.visual();
                let request = VisualRequest { number, transcript, anchors, now, consent, limits, strategy };
                AnyTap::Visual(VisualTap::new(request))
            }
        };
        Ok((check, begun))
    }

    /// Makes the check of what the card signed, and seals it. One that cannot be sealed is sent all the same: the
    /// patient is at the desk.
    pub(super) fn complete(&mut self, ticket: Ticket, staff: Option<&str>) -> Result<Effect, Code> {
        let key = self.operation()?;
        let unsent = match core::mem::take(&mut self.tapping) {
            Tapping::Signed { check, tap } => check.complete(&tap.certificate, &tap.signature, staff, key),
            Tapping::Proven { check, evidence } => {
                let VisualEvidence { certificate, surface, signature, .. } = &*evidence;
                let attestation = Attestation { staff: staff.unwrap_or_default(), at: self.now() };
                check.complete_visual(certificate, surface, signature, attestation, key)
            }
            _ => return Err(Code::TapOutOfTurn),
        };
        self.seal(unsent.map_err(|error| error.code())?)?;
        self.send(ticket)
    }

    /// Keeps a check sealed, in the place of what was kept before.
    pub(super) fn seal(&mut self, unsent: UnsentCheck) -> Result<(), Code> {
        self.state.as_mut().ok_or(Code::NotRegistered)?.unsent = vec![unsent];
        self.save_or_note();
        Ok(())
    }

    /// The name of one more operation at the service.
    pub(super) fn operation(&self) -> Result<IdempotencyKey, Code> {
        let mut name = [0; 16];
        self.world.random(&mut name).map_err(|_| Code::KeyStoreUnavailable)?;
        Ok(IdempotencyKey(name))
    }

    /// Sends the sealed check, the same each time.
    pub(super) fn send(&mut self, ticket: Ticket) -> Result<Effect, Code> {
        let unsent = self.state.as_ref().and_then(|state| state.unsent.last());
        let check = Box::new(unsent.cloned().ok_or(Code::ChallengeExpired)?);
        self.call(Work::Send { ticket, check }).ok_or(Code::NotRegistered)
    }

    pub(super) fn device_key(&self) -> Result<PlatformKey, Code> {
        let number = self.state.as_ref().ok_or(Code::NotRegistered)?.key;
        PlatformKey::open(&self.keys, &key_name(number)).map_err(SignerFault::code)
    }
}
