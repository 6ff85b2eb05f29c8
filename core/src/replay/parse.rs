//! From text to a recording. Every error names its line.

use super::inputs::KEYS;
use super::line::{Line, fault};
use super::{Expectation, Inputs, Kind, Program, Recording};

/// What is wrong with a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// It begins with none of `#`, `=`, `>`, `<`, `!`.
    #[error("a line begins with #, =, >, < or ! and a blank")]
    Line,
    /// Not pairs of hexadecimal digits or question marks.
    #[error("not octets in hexadecimal")]
    Hexadecimal,
    /// A key that is not known.
    #[error("no such key")]
    Key,
    /// A key that is known, with a value that it cannot have.
    #[error("the key cannot have this value")]
    Value,
    /// A key that stands there already.
    #[error("the key stands there twice")]
    Twice,
    /// A fault that is not known.
    #[error("no such fault")]
    Fault,
    /// An answer without a command before it, or a command without an answer behind it.
    #[error("commands and answers do not alternate")]
    Order,
    /// A full recording with an octet masked that is not of a PIN or printed number, or without an input or an expectation.
    #[error("a full recording lacks an input, an expectation or an octet")]
    NotFull,
    /// A value that this program itself cannot make.
    #[error("this version cannot play it")]
    Unplayable,
}

/// A text that is no recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct ParseError {
    /// Line, from one.
    pub line: usize,
    /// What is wrong with it.
    pub problem: Problem,
}

impl Recording {
    /// Reads the text of a recording.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let mut recording = Self {
            kind: Kind::Full,
            program: Program::Tap,
            inputs: Inputs::example().ok_or(ParseError { line: 0, problem: Problem::Unplayable })?,
            expectations: Vec::new(),
            lines: Vec::new(),
        };
        let mut seen = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let number = index + 1;
            recording
                .take(number, line.trim_end(), &mut seen)
                .map_err(|problem| ParseError { line: number, problem })?;
        }
        let end = |problem| ParseError { line: text.lines().count().max(1), problem };
        recording.check_order().map_err(|(line, problem)| ParseError { line, problem })?;
        if recording.kind == Kind::Full && !recording.is_full(&seen) {
            return Err(end(Problem::NotFull));
        }
        Ok(recording)
    }

    fn take<'a>(&mut self, number: usize, line: &'a str, seen: &mut Vec<&'a str>) -> Result<(), Problem> {
        if line.is_empty() || line.starts_with('#') {
            return Ok(());
        }
        let (mark, rest) = line.split_once(' ').ok_or(Problem::Line)?;
        match mark {
            "=" => self.set(number, rest, seen),
            ">" => {
                self.lines.push(Line::Command(number, rest.parse()?));
                Ok(())
            }
            "<" => {
                self.lines.push(Line::Response(number, rest.parse()?));
                Ok(())
            }
            "!" => {
                self.lines.push(Line::Fault(number, fault(rest).ok_or(Problem::Fault)?));
                Ok(())
            }
            _ => Err(Problem::Line),
        }
    }

    fn set<'a>(&mut self, line: usize, rest: &'a str, seen: &mut Vec<&'a str>) -> Result<(), Problem> {
        let (key, value) = rest.split_once(' ').ok_or(Problem::Value)?;
        if key == "expect" {
            let (key, value) = value.split_once(' ').ok_or(Problem::Value)?;
            self.expectations.push(Expectation { line, key: key.to_owned(), value: value.to_owned() });
            return Ok(());
        }
        if seen.contains(&key) && key != "anchor" {
            return Err(Problem::Twice);
        }
        seen.push(key);
        match (key, value) {
            ("kind", "full") => self.kind = Kind::Full,
            ("kind", "observed") => self.kind = Kind::Observed,
            ("program", "tap") => self.program = Program::Tap,
            ("program", "visual") => self.program = Program::Visual,
            ("program", "inspection") => self.program = Program::Inspection,
            ("program", "words") => self.program = Program::Words,
            ("kind" | "program", _) => return Err(Problem::Value),
            (key, value) => self.inputs.set(key, value)?,
        }
        Ok(())
    }

    /// A command, then one answer or one fault, and so on.
    fn check_order(&self) -> Result<(), (usize, Problem)> {
        for (index, line) in self.lines.iter().enumerate() {
            let is_command = matches!(line, Line::Command(..));
            if is_command != (index % 2 == 0) {
                return Err((line.number(), Problem::Order));
            }
        }
        match self.lines.last() {
            Some(line @ Line::Command(..)) => Err((line.number(), Problem::Order)),
            _ => Ok(()),
        }
    }

    fn is_full(&self, seen: &[&str]) -> bool {
        let has_inputs = KEYS.iter().all(|key| seen.contains(key) || self.program.may_lack(key));
        let has_octets =
            !self.lines.iter().any(|line| matches!(line, Line::Response(_, octets) if octets.has_mask()));
        has_inputs && has_octets && self.expectations.iter().any(|expectation| expectation.key == "outcome")
    }
}
