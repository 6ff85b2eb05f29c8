//! When two paths are in the same state.
//!
//! By [history](histories) they are when they have brought the program the same: the same commands with the same
//! answers, where an answer that came in parts (61xx) or on a second asking (6Cxx) is the same as one that came at once;
//! what a program can learn of an exchange is its answer. The card must be in the same state too: each of those
//! commands reached it on both, or on neither, so that a 9000 for a PIN that it never saw is another state than its own
//! 9000.
//!
//! By [prospect](prospects) they are when they have the same before them: should the card do well from here on, the
//! same commands, the same answers, and the same end, with all that it says and has learned of the forms. And the
//! same behind them of what the rules go by: which applications and files were selected, every counter and VERIFY with
//! its answer, and which of them the card heard. What a refusal was called while a program fell back is then the same
//! state, whatever it was called.

use std::hash::{DefaultHasher, Hash, Hasher as _};

use shikaku::tap::{Form, Outcome, Probe, Strategy, VisualOutcome};
use shikaku_rules::dialogue::{Answer, End, Passed};

use crate::broken::{AWAY, SELECT_PIN, is_verify};

/// An exchange, and whether the card had a part in it.
type Heard = (Vec<u8>, Answer, bool);

/// For each command the state in which it was sent, by its history; `heard` says which of them the card had a part in.
pub(crate) fn histories(passed: &Passed, heard: &[bool]) -> Vec<u64> {
    let mut before = 0;
    let mut last: Option<Heard> = None;
    let mut states = Vec::with_capacity(passed.len());
    for ((command, answer), heard) in passed.iter().zip(heard) {
        states.push(hash(&(before, &last, command)));
        if !last.as_mut().is_some_and(|last| is_joined(last, command, answer, *heard)) {
            before = hash(&(before, last));
            last = Some((command.clone(), answer.clone(), *heard));
        }
    }
    states
}

/// Joins what only brings the rest of the exchange before it, or its whole on a second asking.
fn is_joined((asked, before, seen): &mut Heard, command: &[u8], answer: &Answer, heard: bool) -> bool {
    let (Ok(before), Ok(octets)) = (before, answer) else { return false };
    let is_rest = command[1] == 0xc0 && before.len() >= 2;
    if is_rest {
        before.truncate(before.len() - 2);
        before.extend(octets);
        *seen &= heard;
    } else if is_asked_again(asked, before, command) {
        before.clone_from(octets);
        *seen = heard;
    } else {
        return false;
    }
    true
}

/// The same command with the length that a 6Cxx has named.
fn is_asked_again(asked: &[u8], before: &[u8], command: &[u8]) -> bool {
    let (Some((_, asked)), Some((le, command))) = (asked.split_last(), command.split_last()) else {
        return false;
    };
    before == [0x6c, *le] && asked == command
}

/// For each command the state in which it was sent, by its prospect.
///
/// A form is of no use any more once its exchange is over, and what was learned of it is left out from there: of the
/// reads once the PIN's file is turned to with the certificate read, of counter and VERIFY once VERIFY was sent. What is
/// left when a program takes leave of the card is the leaving.
pub(crate) fn prospects(passed: &Passed, heard: &[bool], mut end: Option<End>) -> Vec<u64> {
    let mut ahead = vec![0];
    for exchange in passed.iter().rev() {
        ahead.push(hash(&(exchange, ahead[ahead.len() - 1])));
    }
    let mut ending = hash(&format!("{end:?}"));
    let mut forget = |forms: [Form; 2]| {
        if let Some(strategy) = end.as_mut().and_then(learned) {
            *strategy = forms.into_iter().fold(*strategy, |strategy, form| strategy.with(form, Probe::Off));
        }
        hash(&format!("{end:?}"))
    };
    let (mut behind, mut sent) = (0, 0);
    let (mut is_read, mut needs_pin) = (false, false);
    let mut states = Vec::with_capacity(passed.len());
    for (((command, answer), heard), ahead) in passed.iter().zip(heard).zip(ahead.iter().rev()) {
        if !is_read && !needs_pin && (command == SELECT_PIN || is_counter(command)) {
            is_read = true;
            behind = 0;
            ending = forget([Form::ExtendedRead, Form::ReadByShortId]);
        }
        states.push(if command == AWAY { hash(&(sent, ahead)) } else { hash(&(behind, ahead, ending)) });
        let is_good = answer.as_ref().is_ok_and(|answer| answer.ends_with(&[0x90, 0x00]));
        match command[1] {
            0xb0 => needs_pin |= *answer == Ok(vec![0x69, 0x82]),
            0xc0 => {}
            0x20 => behind = hash(&(behind, command, heard, answer)),
            _ => behind = hash(&(behind, command, heard, is_good)),
        }
        if !matches!(command[1], 0xb0 | 0xc0) {
            sent = hash(&(sent, command, heard));
        }
        if is_verify(command) {
            ending = forget([Form::CounterByShortId, Form::VerifyByShortId]);
        }
    }
    states
}

fn is_counter(command: &[u8]) -> bool {
    command[1] == 0x20 && command.len() == 4
}

/// What was learned of the forms.
fn learned(end: &mut End) -> Option<&mut Strategy> {
    match end {
        End::Tap(Outcome::Signed(tap)) => Some(&mut tap.strategy),
        End::Tap(Outcome::Ended(end)) => Some(&mut end.strategy),
        End::Visual(VisualOutcome::Proven(evidence)) => Some(&mut evidence.strategy),
        End::Visual(VisualOutcome::Ended(end)) => Some(&mut end.strategy),
        End::Inspection(report) => report.as_mut().ok().map(|report| &mut report.strategy),
    }
}

fn hash(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}
