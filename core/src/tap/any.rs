//! A tap of either kind, for shells that pump octets and leave the rest to the terminal.

use super::{Fault, Outcome, Step, Strategy, Tap, VisualOutcome, VisualTap};

/// A tap of the kind that the check wants.
#[derive(Debug)]
pub enum AnyTap {
    /// With the PIN.
    Pin(Tap),
    /// With a number that is printed on the card.
    Visual(VisualTap),
}

/// How it ended.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "made once in a tap and moved out of at once")]
pub enum AnyOutcome {
    /// With the PIN.
    Pin(Outcome),
    /// With a printed number.
    Visual(VisualOutcome),
}

impl AnyTap {
    /// As [`Tap::start`].
    pub fn start(&mut self) -> Step<AnyOutcome> {
        match self {
            Self::Pin(tap) => tap.start().map(AnyOutcome::Pin),
            Self::Visual(tap) => tap.start().map(AnyOutcome::Visual),
        }
    }

    /// As [`Tap::advance`].
    pub fn advance(&mut self, response: &[u8]) -> Step<AnyOutcome> {
        match self {
            Self::Pin(tap) => tap.advance(response).map(AnyOutcome::Pin),
            Self::Visual(tap) => tap.advance(response).map(AnyOutcome::Visual),
        }
    }

    /// As [`Tap::fail`].
    pub fn fail(&mut self, fault: Fault) -> Step<AnyOutcome> {
        match self {
            Self::Pin(tap) => tap.fail(fault).map(AnyOutcome::Pin),
            Self::Visual(tap) => tap.fail(fault).map(AnyOutcome::Visual),
        }
    }
}

impl AnyOutcome {
    /// What was learned of card and reader.
    pub const fn strategy(&self) -> Strategy {
        match self {
            Self::Pin(Outcome::Signed(tap)) => tap.strategy,
            Self::Pin(Outcome::Ended(end)) => end.strategy,
            Self::Visual(VisualOutcome::Proven(evidence)) => evidence.strategy,
            Self::Visual(VisualOutcome::Ended(end)) => end.strategy,
        }
    }
}

impl From<Outcome> for AnyOutcome {
    fn from(outcome: Outcome) -> Self {
        Self::Pin(outcome)
    }
}

impl From<VisualOutcome> for AnyOutcome {
    fn from(outcome: VisualOutcome) -> Self {
        Self::Visual(outcome)
    }
}

impl<T> Step<T> {
    fn map<U>(self, kind: impl FnOnce(T) -> U) -> Step<U> {
        match self {
            Self::Transmit { command, stage, tries } => Step::Transmit { command, stage, tries },
            Self::Done(outcome) => Step::Done(kind(outcome)),
        }
    }
}
