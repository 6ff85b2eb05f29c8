//! A recording through the core: strict order, nothing left over.

use zeroize::Zeroizing;

use super::line::Line;
use super::parse::Problem;
use super::words::Words;
use super::{Kind, Masked, Program, Recording};
use crate::apdu::{Status, trace};
use crate::tap::{Fault, Inspection, InspectionStep, Step, Tap, VisualTap};

/// What a recording showed when it was played to its end, or to its first masked answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Played {
    /// Exchanges that were judged.
    pub exchanges: usize,
    /// What came out, key and value; empty if the recording ends in a masked answer.
    pub found: Vec<(&'static str, String)>,
}

/// Where a recording and the core part ways.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Mismatch {
    /// The core sent something else. A PIN is masked.
    #[error("line {line}: the recording has {recorded}, the core sent {sent}")]
    Command {
        /// Line of the recorded command.
        line: usize,
        /// As recorded.
        recorded: String,
        /// As sent.
        sent: String,
    },
    /// The core wants to go on and the recording is over.
    #[error("the recording is over and the core sends {sent}")]
    Over {
        /// As sent.
        sent: String,
    },
    /// The core is done and the recording goes on.
    #[error("line {line}: the core was done before this line")]
    LeftOver {
        /// First line that was not played.
        line: usize,
    },
    /// Something else came out than was expected.
    #[error("line {line}: {key} should be {expected} and is {found}")]
    Expectation {
        /// Line of the expectation.
        line: usize,
        /// Of what.
        key: String,
        /// As expected.
        expected: String,
        /// As found, or `nothing`.
        found: String,
    },
    /// The inputs make no tap.
    #[error("the inputs make no tap: {0}")]
    Inputs(Problem),
}

/// What the core wants next.
enum Next {
    Send(Zeroizing<Vec<u8>>),
    Over(Vec<(&'static str, String)>),
}

/// A dialogue of the core, whichever.
trait Dialogue {
    fn start(&mut self) -> Next;
    fn go_on(&mut self, answer: Result<&[u8], Fault>) -> Next;
}

impl Recording {
    /// Plays it, and compares what came out with what the recording expects.
    pub fn play(&self) -> Result<Played, Mismatch> {
        match self.program {
            Program::Tap => self.run(&mut Tap::new(self.inputs.request().map_err(Mismatch::Inputs)?)),
            Program::Visual => {
                let request = self.inputs.visual_request().map_err(Mismatch::Inputs)?;
                self.run(&mut VisualTap::new(request))
            }
            Program::Inspection => self.run(&mut Inspection::new(self.inputs.limits, self.inputs.strategy)),
            Program::Words => self.judge(Played { exchanges: self.lines.len() / 2, found: self.words() }),
        }
    }

    fn run(&self, dialogue: &mut impl Dialogue) -> Result<Played, Mismatch> {
        let mut lines = self.lines.iter();
        let mut exchanges = 0;
        let mut next = dialogue.start();
        loop {
            let sent = match next {
                Next::Over(found) => {
                    return match lines.next() {
                        Some(line) => Err(Mismatch::LeftOver { line: line.number() }),
                        None => self.judge(Played { exchanges, found }),
                    };
                }
                Next::Send(sent) => sent,
            };
            let (Some(Line::Command(line, recorded)), Some(answer)) = (lines.next(), lines.next()) else {
                return Err(Mismatch::Over { sent: trace::command(&sent).to_string() });
            };
            if !self.is_sent(recorded, &sent) {
                return Err(Mismatch::Command {
                    line: *line,
                    recorded: recorded.to_string(),
                    sent: trace::command(&sent).to_string(),
                });
            }
            exchanges += 1;
            next = match answer {
                Line::Fault(_, fault) => dialogue.go_on(Err(*fault)),
                Line::Response(_, octets) | Line::Command(_, octets) => match octets.octets() {
                    Some(octets) => dialogue.go_on(Ok(&octets)),
                    None => return Ok(Played { exchanges, found: Vec::new() }),
                },
            };
        }
    }

    /// Masked octets of a command match anything; in a full recording they are those of the PIN or printed number.
    fn is_sent(&self, recorded: &Masked, sent: &[u8]) -> bool {
        recorded.matches(sent)
            && (self.kind == Kind::Observed
                || !recorded.has_mask()
                || sent.get(5..) == Some(self.inputs.credential()))
    }

    fn words(&self) -> Vec<(&'static str, String)> {
        let words = self.lines.iter().filter_map(|line| match line {
            Line::Response(_, octets) => octets.octets(),
            _ => None,
        });
        let words = words.filter_map(|octets| {
            let [.., first, second] = octets.as_slice() else { return None };
            Some(format!("{:?}", Status::from(u16::from_be_bytes([*first, *second]))))
        });
        vec![("words", words.collect::<Vec<_>>().join(", "))]
    }

    fn judge(&self, played: Played) -> Result<Played, Mismatch> {
        for expectation in &self.expectations {
            let found = played.found.iter().find(|(key, _)| *key == expectation.key);
            if found.is_none_or(|(_, value)| *value != expectation.value) {
                return Err(Mismatch::Expectation {
                    line: expectation.line,
                    key: expectation.key.clone(),
                    expected: expectation.value.clone(),
                    found: found.map_or_else(|| "nothing".to_owned(), |(_, value)| value.clone()),
                });
            }
        }
        Ok(played)
    }
}

macro_rules! dialogues {
    ($($program:ty),+) => {$(
        impl Dialogue for $program {
            fn start(&mut self) -> Next {
                <$program>::start(self).into()
            }

            fn go_on(&mut self, answer: Result<&[u8], Fault>) -> Next {
                match answer {
                    Ok(octets) => self.advance(octets).into(),
                    Err(fault) => self.fail(fault).into(),
                }
            }
        }
    )+};
}

dialogues!(Tap, VisualTap, Inspection);

impl<End: Words> From<Step<End>> for Next {
    fn from(step: Step<End>) -> Self {
        match step {
            Step::Transmit { command, .. } => Self::Send(command),
            Step::Done(end) => Self::Over(end.words()),
        }
    }
}

impl From<InspectionStep> for Next {
    fn from(step: InspectionStep) -> Self {
        match step {
            InspectionStep::Transmit { command } => Self::Send(Zeroizing::new(command)),
            InspectionStep::Done(report) => Self::Over(report.words()),
        }
    }
}
