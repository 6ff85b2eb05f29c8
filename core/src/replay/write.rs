//! From a running tap to the text of a recording. A PIN or printed number is masked, always; of somebody's card, all data too.

use super::inputs::Inputs;
use super::line::{NOTHING, fault_name};
use super::words::Words;
use crate::apdu::trace;
use crate::tap::{Fault, Outcome, VisualOutcome};

/// Whose card is recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disclosure {
    /// A test card's: answers in full, its PIN or printed number among the inputs.
    TestCard,
    /// Somebody's: of each answer the status word alone, no PIN, no challenge.
    Person,
}

/// Writes down what passes between core and card.
#[derive(Debug)]
pub struct Recorder {
    disclosure: Disclosure,
    text: Vec<String>,
    expectations: Vec<String>,
    exchanges: Vec<String>,
}

impl Recorder {
    /// Begins with notes (one line each) and inputs; those of a person's card stay out.
    pub fn new(disclosure: Disclosure, notes: &[&str], inputs: Option<&Inputs>) -> Self {
        let mut text: Vec<String> = notes.iter().map(|note| format!("# {note}")).collect();
        match (disclosure, inputs) {
            (Disclosure::TestCard, Some(inputs)) => {
                text.push("= kind full".to_owned());
                let program = if inputs.test_number.is_some() { "visual" } else { "tap" };
                text.push(format!("= program {program}"));
                text.extend(inputs.lines());
            }
            (_, inputs) => {
                text.extend(["= kind observed".to_owned(), "= program inspection".to_owned()]);
                // What the reader carries decides which commands are sent; nothing else is told.
                let lines = inputs.map(Inputs::lines).unwrap_or_default().into_iter();
                text.extend(
                    lines.filter(|line| line.starts_with("= reader ") || line.starts_with("= strategy ")),
                );
            }
        }
        Self { disclosure, text, expectations: Vec::new(), exchanges: Vec::new() }
    }

    /// A command went out.
    pub fn sent(&mut self, command: &[u8]) {
        self.exchanges.push(format!("> {}", trace::command(command)));
    }

    /// An answer came.
    pub fn answered(&mut self, response: &[u8]) {
        if response.is_empty() {
            self.exchanges.push(format!("< {NOTHING}"));
            return;
        }
        let shown = match self.disclosure {
            Disclosure::TestCard => trace::response(response),
            Disclosure::Person => trace::personal_response(response),
        };
        self.exchanges.push(format!("< {shown}"));
    }

    /// No answer came.
    pub fn failed(&mut self, fault: Fault) {
        self.exchanges.push(format!("! {}", fault_name(fault)));
    }

    /// A remark between two exchanges.
    pub fn note(&mut self, note: &str) {
        self.exchanges.push(format!("# {note}"));
    }

    /// The tap ended so.
    pub fn ended(&mut self, outcome: &Outcome) {
        self.expect(outcome);
    }

    /// The visual tap ended so.
    pub fn ended_visually(&mut self, outcome: &VisualOutcome) {
        self.expect(outcome);
    }

    fn expect(&mut self, outcome: &impl Words) {
        self.expectations =
            outcome.words().iter().map(|(key, value)| format!("= expect {key} {value}")).collect();
    }

    /// The text of the recording.
    pub fn into_text(self) -> String {
        let lines: Vec<String> = [self.text, self.expectations, self.exchanges].concat();
        lines.join("\n") + "\n"
    }
}
