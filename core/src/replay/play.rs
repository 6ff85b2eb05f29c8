//! A recording through the core: strict order, nothing left over.

use zeroize::Zeroizing;

use super::inputs::hex;
use super::line::Line;
use super::parse::Problem;
use super::{Kind, Masked, Program, Recording};
use crate::apdu::{Status, trace};
use crate::card::Token;
use crate::tap::{
    CardReport, CertificateState, Closing, Fault, Inspection, InspectionEnd, InspectionStep, Outcome,
    PinState, Step, Tap,
};

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

    /// Masked octets of a command match anything; in a full recording they are those of the PIN.
    fn is_sent(&self, recorded: &Masked, sent: &[u8]) -> bool {
        recorded.matches(sent)
            && (self.kind == Kind::Observed
                || !recorded.has_mask()
                || sent.get(5..) == Some(&self.inputs.test_pin))
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

impl Dialogue for Tap {
    fn start(&mut self) -> Next {
        Self::start(self).into()
    }

    fn go_on(&mut self, answer: Result<&[u8], Fault>) -> Next {
        match answer {
            Ok(octets) => self.advance(octets).into(),
            Err(fault) => self.fail(fault).into(),
        }
    }
}

impl Dialogue for Inspection {
    fn start(&mut self) -> Next {
        Self::start(self).into()
    }

    fn go_on(&mut self, answer: Result<&[u8], Fault>) -> Next {
        match answer {
            Ok(octets) => self.advance(octets).into(),
            Err(fault) => self.fail(fault).into(),
        }
    }
}

impl From<Step> for Next {
    fn from(step: Step) -> Self {
        match step {
            Step::Transmit { command, .. } => Self::Send(command),
            Step::Done(outcome) => Self::Over(outcome_words(&outcome)),
        }
    }
}

impl From<InspectionStep> for Next {
    fn from(step: InspectionStep) -> Self {
        match step {
            InspectionStep::Transmit { command } => Self::Send(Zeroizing::new(command)),
            InspectionStep::Done(report) => Self::Over(report_words(&report)),
        }
    }
}

/// What came out of a tap, as expectations write it.
pub(super) fn outcome_words(outcome: &Outcome) -> Vec<(&'static str, String)> {
    let (mut words, tries, closing, strategy) = match outcome {
        Outcome::Signed(signed) => {
            let transcript = ("transcript", hex(&signed.transcript.digest()));
            let words = vec![("outcome", "signed".to_owned()), transcript];
            (words, Some(signed.tries), signed.closing, signed.strategy)
        }
        Outcome::Ended(end) => {
            let words = vec![("outcome", "ended".to_owned()), ("code", end.code().as_str().to_owned())];
            (words, end.tries, end.closing, end.strategy)
        }
    };
    let closing = match closing {
        Closing::NotNeeded => "not-needed".to_owned(),
        Closing::Done => "done".to_owned(),
        Closing::Lost => "lost".to_owned(),
        Closing::Refused(status) => format!("refused {status}"),
    };
    words.push(("tries", tries.map_or_else(|| "unknown".to_owned(), |tries| tries.to_string())));
    words.push(("closing", closing));
    words.push(("strategy", strategy.to_string()));
    words
}

fn report_words(report: &Result<CardReport, InspectionEnd>) -> Vec<(&'static str, String)> {
    let report = match report {
        Ok(report) => report,
        Err(end) => return vec![("outcome", format!("{end:?}"))],
    };
    let token = match report.token {
        Some(Token::Plastic) => "plastic",
        Some(Token::AndroidPhone) => "android-phone",
        Some(Token::Iphone) => "iphone",
        Some(Token::Juki) => "juki",
        Some(Token::Unknown) => "unknown",
        None => "unreadable",
    };
    let certificate = match &report.certificate {
        CertificateState::Read(octets) => format!("{} octets", octets.len()),
        CertificateState::NeedsPin => "needs-pin".to_owned(),
        CertificateState::Absent => "absent".to_owned(),
        CertificateState::Malformed => "malformed".to_owned(),
        CertificateState::Unreadable(status) => format!("unreadable {status}"),
    };
    let pin = match report.pin {
        PinState::Left(left) => format!("{left} left"),
        PinState::Blocked => "blocked".to_owned(),
        PinState::Unreadable(status) => format!("unreadable {status}"),
    };
    let available = match report.available {
        Some(true) => "yes",
        Some(false) => "no",
        None => "unreadable",
    };
    vec![
        ("outcome", "report".to_owned()),
        ("token", token.to_owned()),
        ("available", available.to_owned()),
        ("certificate", certificate),
        ("pin", pin),
    ]
}
