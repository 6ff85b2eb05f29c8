//! Recorded taps (`tests/transcripts/*.apdu`): read them, play them through the core, write them.
//!
//! One file is one tap as text:
//!
//! ```text
//! # a note
//! = key value            an input, or an expectation (`= expect key value`)
//! > 00A4040C…            a command that the core must send
//! < 9000                 the card's answer
//! ! tag-lost             instead of an answer: the reason why there is none
//! ```
//!
//! `??` stands for an octet that nobody may read, `-` for no octets at all. Order is strict and nothing may be left over. Two kinds: a
//! *full* recording, of a virtual or test card, is judged octet for octet to its end; an *observed* one, published
//! or recorded from somebody's card, is judged up to its first masked answer. `docs` of each key: [`Inputs`].

mod inputs;
mod line;
mod parse;
mod play;
mod words;
mod write;

pub use inputs::Inputs;
pub use line::{Line, Masked};
pub use parse::{ParseError, Problem};
pub use play::{Mismatch, Played};
pub use write::{Disclosure, Recorder};

/// How much of a recording is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// All of it.
    Full,
    /// Up to the first masked answer.
    Observed,
}

/// What of the core the recording runs through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Program {
    /// [`crate::tap::Tap`].
    Tap,
    /// [`crate::tap::VisualTap`].
    Visual,
    /// [`crate::tap::Inspection`].
    Inspection,
    /// No dialogue of ours: only the status words of the answers are read.
    Words,
}

impl Program {
    /// Whether a full recording is whole without this input.
    fn may_lack(self, key: &str) -> bool {
        match key {
            "anchor" => true,
            "pin" => self == Self::Visual,
            "number" => self != Self::Visual,
            _ => self == Self::Words,
        }
    }
}

/// `= expect key value`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expectation {
    /// Line in the file, from one.
    pub line: usize,
    /// What is expected of: `outcome`, `code`, `tries`, `closing`, `strategy`, `transcript` of a tap, of a visual one
    /// `born`, `name` and `photo` (SHA-256 of its PNG) as well;
    /// `token`, `available`, `certificate`, `pin`, `outcome` of an inspection; `words` of words.
    pub key: String,
    /// The value, as [`Recording::play`] writes it.
    pub value: String,
}

/// A parsed recording.
#[derive(Debug, Clone)]
pub struct Recording {
    /// How much is judged.
    pub kind: Kind,
    /// What it runs through.
    pub program: Program,
    /// Everything that the tap was begun with.
    pub inputs: Inputs,
    /// What must come out.
    pub expectations: Vec<Expectation>,
    /// Commands, answers and faults, in order.
    pub lines: Vec<Line>,
}

#[cfg(test)]
mod tests;
