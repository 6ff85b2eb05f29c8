//! The core's programs as one thing that asks and is answered, so that a test can drive any of them, or put a
//! broken one in its place.

use shikaku::tap::{
    CardReport, Fault, Inspection, InspectionEnd, InspectionStep, Outcome, Step, Tap, VisualOutcome,
    VisualTap,
};
use zeroize::Zeroizing;

/// One answer of the card, or why there is none.
pub type Answer = Result<Vec<u8>, Fault>;

/// Every command that went out, with what came back; the last may be without.
pub type Passed = Vec<(Vec<u8>, Answer)>;

/// What a program wants next.
#[derive(Debug)]
pub enum Turn {
    /// To send this.
    Send(Zeroizing<Vec<u8>>),
    /// Nothing more.
    Over(Box<End>),
}

/// How a program ended.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "one value at a time")]
pub enum End {
    /// A tap.
    Tap(Outcome),
    /// A visual tap.
    Visual(VisualOutcome),
    /// A look without a PIN.
    Inspection(Result<CardReport, InspectionEnd>),
}

/// A program of the core, or one that stands in its place.
pub trait Dialogue {
    /// Begins.
    fn start(&mut self) -> Turn;
    /// Goes on.
    fn answer(&mut self, answer: &Answer) -> Turn;
}

macro_rules! dialogues {
    ($($program:ty),+) => {$(
        impl Dialogue for $program {
            fn start(&mut self) -> Turn {
                <$program>::start(self).into()
            }

            fn answer(&mut self, answer: &Answer) -> Turn {
                match answer {
                    Ok(octets) => self.advance(octets).into(),
                    Err(fault) => self.fail(*fault).into(),
                }
            }
        }
    )+};
}

dialogues!(Tap, VisualTap, Inspection);

impl From<Outcome> for End {
    fn from(outcome: Outcome) -> Self {
        Self::Tap(outcome)
    }
}

impl From<VisualOutcome> for End {
    fn from(outcome: VisualOutcome) -> Self {
        Self::Visual(outcome)
    }
}

impl<Outcome: Into<End>> From<Step<Outcome>> for Turn {
    fn from(step: Step<Outcome>) -> Self {
        match step {
            Step::Transmit { command, .. } => Self::Send(command),
            Step::Done(outcome) => Self::Over(Box::new(outcome.into())),
        }
    }
}

impl From<InspectionStep> for Turn {
    fn from(step: InspectionStep) -> Self {
        match step {
            InspectionStep::Transmit { command } => Self::Send(Zeroizing::new(command)),
            InspectionStep::Done(report) => Self::Over(Box::new(End::Inspection(report))),
        }
    }
}

/// Drives `program` to its end: `reply` is given each command and how many went before it. `None` as an end if it
/// still asks after `most` commands.
pub fn drive(
    program: &mut dyn Dialogue,
    most: usize,
    mut reply: impl FnMut(usize, &[u8]) -> Answer,
) -> (Passed, Option<End>) {
    let mut passed = Passed::new();
    let mut turn = program.start();
    loop {
        let command = match turn {
            Turn::Over(end) => return (passed, Some(*end)),
            Turn::Send(command) if passed.len() < most => command.to_vec(),
            Turn::Send(_) => return (passed, None),
        };
        let answer = reply(passed.len(), &command);
        turn = program.answer(&answer);
        passed.push((command, answer));
    }
}
