//! The walk: from every state that at most one deviation leads to, the whole alphabet.
//!
//! A program cannot be copied, so each path is run from its beginning. Two paths are in the same state when they
//! have brought the program the same: the same commands with the same answers, where an answer that came in parts
//! (61xx) or on a second asking (6Cxx) is the same as one that came at once; what a program can learn of an exchange
//! is its answer. A state that was met with fewer deviations is not walked again.

use std::collections::{BTreeSet, VecDeque};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use shikaku_rules::dialogue::{Dialogue, Passed, drive};
use shikaku_rules::{Breach, Rules};

use crate::alphabet::{Reply, Signing, deviations};

/// More commands than any path of a walk may have: six reads of a certificate, what is around them, and what two
/// deviations add.
const MOST: usize = 120;

/// How far a walk has come.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Walked {
    pub(crate) paths: usize,
    pub(crate) commands: usize,
    pub(crate) states: usize,
    /// Paths on which a PIN was sent.
    pub(crate) verified: usize,
    /// Paths that ended in a signature.
    pub(crate) signed: usize,
}

impl Walked {
    pub(crate) fn add(&mut self, other: Self) {
        self.paths += other.paths;
        self.commands += other.commands;
        self.states += other.states;
        self.verified += other.verified;
        self.signed += other.signed;
    }
}

/// A rule that was broken, and on which path.
#[derive(Debug)]
pub(crate) struct Caught {
    pub(crate) breach: Breach,
    pub(crate) path: Vec<Reply>,
    pub(crate) passed: Passed,
}

/// Walks every path of `make`'s program at `card` with at most `most` deviations from a card that does well.
pub(crate) fn walk(
    make: &dyn Fn() -> Box<dyn Dialogue>,
    card: &Signing,
    rules: &Rules,
    most: usize,
) -> Result<Walked, Box<Caught>> {
    let alphabet = deviations();
    let mut walked = Walked::default();
    let mut seen = BTreeSet::new();
    let mut waiting = VecDeque::from([(Vec::new(), 0)]);
    while let Some((path, deviations)) = waiting.pop_front() {
        let mut card = card.clone();
        let (passed, end) = drive(&mut *make(), MOST, |at, command| {
            path.get(at).copied().unwrap_or(Reply::Well).answer(&mut card, command)
        });
        walked.note(&passed, end.as_ref());
        if let Err(breach) = rules.judge(&passed, end.as_ref()) {
            return Err(Box::new(Caught { breach, path, passed }));
        }
        let begin = path.len();
        for at in begin..passed.len() {
            if !seen.insert(state(&passed, at)) {
                break;
            }
            walked.states += 1;
            if deviations < most {
                let mut on = path.clone();
                on.resize(at, Reply::Well);
                waiting.extend(alphabet.iter().map(|reply| ([&on[..], &[*reply]].concat(), deviations + 1)));
            }
        }
    }
    Ok(walked)
}

impl Walked {
    fn note(&mut self, passed: &Passed, end: Option<&shikaku_rules::dialogue::End>) {
        self.paths += 1;
        self.commands += passed.len();
        self.verified +=
            usize::from(passed.iter().any(|(command, _)| command[1] == 0x20 && command.len() > 4));
        self.signed += usize::from(matches!(
            end,
            Some(shikaku_rules::dialogue::End::Tap(shikaku::tap::Outcome::Signed(_)))
        ));
    }
}

/// What the program was brought before its command number `at`, and that command.
fn state(passed: &Passed, at: usize) -> u64 {
    let mut wholes = Passed::new();
    for (command, answer) in &passed[..at] {
        match wholes.last_mut() {
            Some((_, Ok(before))) if command[1] == 0xc0 && before.len() >= 2 => {
                before.truncate(before.len() - 2);
                match answer {
                    Ok(octets) => before.extend(octets),
                    Err(fault) => wholes.push((command.clone(), Err(*fault))),
                }
            }
            Some((asked, Ok(before))) if is_asked_again(asked, before, command) => match answer {
                Ok(octets) => before.clone_from(octets),
                Err(_) => wholes.push((command.clone(), answer.clone())),
            },
            _ => wholes.push((command.clone(), answer.clone())),
        }
    }
    let mut hasher = DefaultHasher::new();
    (wholes, &passed[at].0).hash(&mut hasher);
    hasher.finish()
}

/// The same command with the length that a 6Cxx has named.
fn is_asked_again(asked: &[u8], before: &[u8], command: &[u8]) -> bool {
    let (Some((_, asked)), Some((le, command))) = (asked.split_last(), command.split_last()) else {
        return false;
    };
    before == [0x6c, *le] && asked == command
}
