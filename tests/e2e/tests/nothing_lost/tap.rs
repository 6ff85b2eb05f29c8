//! One entry and the tap it is for, in every mode alike.

use std::sync::LazyLock;

use shikaku::certificate::{Anchors, Certificate};
use shikaku::guide::Code;
use shikaku::identifier::Date;
use shikaku::replay::Inputs;
use shikaku::secret::{BirthDateKey, CodeB, Pin};
use shikaku::tap::{
    Consent, Fault, Outcome, PrintedNumber, ReaderLimits, Stage, Step, Strategy, Tap, TapRequest,
    VisualOutcome, VisualRequest, VisualTap,
};
use shikaku_tests::transcripts::{Scenario, inputs};
use shikaku_virtual_card::Card;
use shikaku_virtual_card::issue::{Authority, SurfaceAuthority};

/// How a person is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    Pin,
    /// With the PIN at a phone, which keeps its certificate behind it.
    Phone,
    Light,
    Full,
}

impl Mode {
    pub(super) const ALL: [Self; 4] = [Self::Pin, Self::Phone, Self::Light, Self::Full];

    pub(super) const fn has_pin(self) -> bool {
        matches!(self, Self::Pin | Self::Phone)
    }

    /// What lies at the reader.
    pub(super) const fn card(self) -> &'static str {
        if matches!(self, Self::Phone) { "phone-android" } else { "default" }
    }

    /// What that takes, and what it does not.
    pub(super) const fn entries(self) -> [&'static str; 2] {
        match self {
            Self::Pin | Self::Phone => ["1234", "9999"],
            Self::Light => ["550102", "560102"],
            Self::Full => ["55010220361234", "55010220361235"],
        }
    }

    /// Where an entry is sent, and the codes that belong to it: lost, wrong, two tries left, one try left.
    pub(super) const fn entry_stage(self) -> (Stage, [Code; 4]) {
        match self {
            Self::Pin | Self::Phone => (
                Stage::Pin,
                [Code::CardRemovedPinUnknown, Code::PinWrong, Code::PinWarnNeeded, Code::PinConsentNeeded],
            ),
            Self::Light | Self::Full => (
                Stage::PrintedNumber,
                [
                    Code::PrintedUnknown,
                    Code::PrintedWrong,
                    Code::PrintedWarnNeeded,
                    Code::PrintedConsentNeeded,
                ],
            ),
        }
    }

    /// Cards on which two tries are left of what this mode asks for, and one.
    pub(super) const fn worn_cards(self) -> [&'static str; 2] {
        match self {
            Self::Pin | Self::Phone => ["two-tries", "one-try"],
            Self::Light | Self::Full => ["visual-two-tries", "visual-one-try"],
        }
    }
}

/// Everything that can be lost on a card: tries of the PIN, the birth date, 照合番号B in both applications.
pub(super) fn tries(card: &Card) -> [Option<u8>; 4] {
    [card.tries(), card.surface_tries(0x0011), card.surface_tries(0x0012), card.text_tries()]
}

/// SHA-256 of the certificate of a card.
pub(super) fn certificate_of(card: &Card) -> [u8; 32] {
    Certificate::from_der(card.certificate().unwrap()).unwrap().sha256()
}

/// What a tap is begun with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry {
    pub(super) mode: Mode,
    pub(super) typed: &'static str,
    pub(super) consent: Consent,
    pub(super) strategy: Strategy,
}

/// How it ended.
#[derive(Debug)]
pub(super) struct Ended {
    /// `None` if there is something to send: a signature, or evidence with one.
    pub(super) code: Option<Code>,
    /// As the core says it.
    pub(super) tries: Option<u8>,
    pub(super) strategy: Strategy,
    /// Of the card that signed.
    pub(super) certificate: Option<Vec<u8>>,
    /// What was sent, and what for.
    pub(super) sent: Vec<(Vec<u8>, Stage)>,
}

impl Entry {
    /// Runs it; `transmit` carries one command, and knows its number from 0.
    pub(super) fn run(
        self,
        limits: ReaderLimits,
        mut transmit: impl FnMut(usize, &[u8]) -> Result<Vec<u8>, Fault>,
    ) -> Ended {
        let mut sent = Vec::new();
        let mut pump = |command: &[u8], stage| {
            sent.push((command.to_vec(), stage));
            assert!(sent.len() < 80, "it does not end");
            transmit(sent.len() - 1, command)
        };
        let (code, tries, strategy, certificate) = if self.mode.has_pin() {
            let mut tap = Tap::new(self.tap_request(limits));
            let mut step = tap.start();
            let outcome = loop {
                step = match step {
                    Step::Done(outcome) => break outcome,
                    Step::Transmit { command, stage, .. } => match pump(&command, stage) {
                        Ok(answer) => tap.advance(&answer),
                        Err(fault) => tap.fail(fault),
                    },
                };
            };
            match outcome {
                Outcome::Signed(signed) => {
                    (None, Some(signed.tries), signed.strategy, Some(signed.certificate))
                }
                Outcome::Ended(end) => (Some(end.code()), end.tries, end.strategy, None),
            }
        } else {
            let mut tap = VisualTap::new(self.visual_request(limits));
            let mut step = tap.start();
            let outcome = loop {
                step = match step {
                    Step::Done(outcome) => break outcome,
                    Step::Transmit { command, stage, .. } => match pump(&command, stage) {
                        Ok(answer) => tap.advance(&answer),
                        Err(fault) => tap.fail(fault),
                    },
                };
            };
            match outcome {
                VisualOutcome::Proven(evidence) => {
                    (None, evidence.tries, evidence.strategy, Some(evidence.certificate))
                }
                VisualOutcome::Ended(end) => (Some(end.code()), end.tries, end.strategy, None),
            }
        };
        Ended { code, tries, strategy, certificate, sent }
    }

    fn tap_request(self, limits: ReaderLimits) -> TapRequest {
        TapRequest {
            pin: Pin::new(self.typed.as_bytes()).unwrap(),
            consent: self.consent,
            limits,
            strategy: self.strategy,
            ..EXAMPLE.request().unwrap()
        }
    }

    fn visual_request(self, limits: ReaderLimits) -> VisualRequest {
        let base = EXAMPLE.request().unwrap();
        let today = Date::of(base.now);
        let number = if self.mode == Mode::Light {
            PrintedNumber::BirthDate(BirthDateKey::new(self.typed.as_bytes(), today).unwrap())
        } else {
            PrintedNumber::CodeB(CodeB::new(self.typed.as_bytes(), today).unwrap())
        };
        VisualRequest {
            number,
            transcript: base.transcript.visual(),
            anchors: ANCHORS.clone(),
            now: base.now,
            consent: self.consent,
            limits,
            strategy: self.strategy,
        }
    }
}

/// The same for every tap; the issuers' keys are dear to load.
static EXAMPLE: LazyLock<Inputs> =
    LazyLock::new(|| inputs(&Scenario::of("nothing-lost", "default", "")).unwrap());
static ANCHORS: LazyLock<Anchors> = LazyLock::new(|| {
    let anchors = Anchors::none().with_test(Authority::test().unwrap().certificate()).unwrap();
    anchors.with_test(&SurfaceAuthority::test().unwrap().root()).unwrap()
});
