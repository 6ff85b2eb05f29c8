//! From the PIN to the signed check: the PIN waits for the card, a challenge is taken and saved as taken, the tap runs
//! in the shell's hands, and what the card signed is made into the check.

use super::Terminal;
use super::act::Effect;
use super::call::Work;
use super::platform::{PlatformKey, key_name};
use crate::certificate::Anchors;
use crate::check::PendingCheck;
use crate::flow::{Event, Ticket};
use crate::guide::Code;
use crate::http::{IdempotencyKey, Signer as _, SignerFault};
use crate::instant::UnixTime;
use crate::secret::Pin;
use crate::tap::{Consent, Outcome, ReaderLimits, SignedTap, Strategy, Tap, TapRequest};

/// Seconds that a PIN waits for its card.
pub const CARD_WAIT: u64 = 60;

/// One check between the PIN and the answer.
#[derive(Debug, Default)]
pub(super) enum Tapping {
    /// No card is awaited.
    #[default]
    Idle,
    /// The PIN is there, the card is not.
    Waiting { ticket: Ticket, pin: Pin, consent: Consent, since: UnixTime },
    /// A tap is in the shell's hands.
    Running { ticket: Ticket, check: PendingCheck, reader: Reader },
    /// The card has signed.
    Signed { check: PendingCheck, tap: Box<SignedTap> },
}

/// The reader with a card in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reader {
    /// What it can carry.
    pub limits: ReaderLimits,
    /// What it says of the kind of card, such as an ATR or historical bytes in hexadecimal; empty if it says nothing.
    /// Never a serial number or UID. What taps learn holds for cards of one kind at one kind of reader.
    pub family: String,
}

/// So many kinds of cards and readers are remembered.
const KINDS: usize = 8;

/// What was learned of kinds of cards at kinds of readers; for as long as the process lives.
#[derive(Debug, Default)]
pub(super) struct Learned(Vec<(Reader, Strategy)>);

impl Learned {
    fn of(&self, reader: &Reader) -> Strategy {
        self.0.iter().find(|(known, _)| known == reader).map(|(_, strategy)| *strategy).unwrap_or_default()
    }

    fn learn(&mut self, reader: Reader, strategy: Strategy) {
        self.0.retain(|(known, _)| *known != reader);
        self.0.insert(0, (reader, strategy));
        self.0.truncate(KINDS);
    }
}

impl Terminal {
    /// Begins the tap that [`Effect::AwaitCard`] named, with the card that is there: start it, drive it to its
    /// end, and hand the outcome to [`Terminal::tapped`]. Without a tap, the screen says why.
    pub fn tap(&mut self, ticket: Ticket, reader: Reader) -> Result<Tap, Vec<Effect>> {
        let (pin, consent) = match core::mem::take(&mut self.tapping) {
            Tapping::Waiting { ticket: awaited, pin, consent, .. } if awaited == ticket => (pin, consent),
            other => {
                self.tapping = other;
                return Err(Vec::new());
            }
        };
        match self.prepare(pin, consent, &reader) {
            Ok((check, tap)) => {
                self.tapping = Tapping::Running { ticket, check, reader };
                Ok(tap)
            }
            Err(code) => Err(self.carry_on(Event::CheckFailed { ticket, code })),
        }
    }

    /// Takes the end of the tap.
    pub fn tapped(&mut self, ticket: Ticket, outcome: Outcome) -> Vec<Effect> {
        let (check, reader) = match core::mem::take(&mut self.tapping) {
            Tapping::Running { ticket: running, check, reader } if running == ticket => (check, reader),
            other => {
                self.tapping = other;
                return Vec::new();
            }
        };
        let strategy = match &outcome {
            Outcome::Signed(tap) => tap.strategy,
            Outcome::Ended(end) => end.strategy,
        };
        self.learned.learn(reader, strategy);
        match outcome {
            Outcome::Signed(tap) => {
                self.detail.clear();
                self.tapping = Tapping::Signed { check, tap: Box::new(tap) };
                self.carry_on(Event::TapSigned { ticket })
            }
            Outcome::Ended(end) => {
                self.detail = end.cause.to_string();
                self.carry_on(Event::TapEnded { ticket, end })
            }
        }
    }

    /// A PIN waits for its card no longer than that.
    pub(super) fn waited_too_long(&self) -> Option<Ticket> {
        match &self.tapping {
            Tapping::Waiting { ticket, since, .. } if self.world.now().since(*since) >= CARD_WAIT => {
                Some(*ticket)
            }
            _ => None,
        }
    }

    pub(super) fn await_card(&mut self, ticket: Ticket, pin: Pin, consent: Consent) -> Effect {
        let since = self.world.now();
        self.tapping = Tapping::Waiting { ticket, pin, consent, since };
        Effect::AwaitCard(ticket)
    }

    fn prepare(&mut self, pin: Pin, consent: Consent, reader: &Reader) -> Result<(PendingCheck, Tap), Code> {
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
        for root in state.settings.test_anchors().map_err(|error| error.code())? {
            anchors = anchors.with_test(&root).map_err(|_| Code::SettingsMalformed)?;
        }
        // Saved as taken before the card sees anything of it, so that none is ever signed twice.
        self.save()?;
        let (limits, strategy) = (reader.limits, self.learned.of(reader));
        let transcript = check.transcript().clone();
        Ok((check, Tap::new(TapRequest { pin, transcript, anchors, now, consent, limits, strategy })))
    }

    /// Makes the check of what the card signed, and seals it. One that cannot be sealed is sent all the same: the
    /// patient is at the desk.
    pub(super) fn complete(&mut self, ticket: Ticket, staff: Option<&str>) -> Result<Effect, Code> {
        let Tapping::Signed { check, tap } = core::mem::take(&mut self.tapping) else {
            return Err(Code::TapOutOfTurn);
        };
        let mut name = [0; 16];
        self.world.random(&mut name).map_err(|_| Code::StateDamaged)?;
        let unsent = check
            .complete(&tap.certificate, &tap.signature, staff, IdempotencyKey(name))
            .map_err(|error| error.code())?;
        self.state.as_mut().ok_or(Code::NotRegistered)?.unsent = vec![unsent];
        self.save_or_note();
        self.send(ticket)
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
