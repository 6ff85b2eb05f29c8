//! The walk: from every state that at most one deviation leads to, the whole alphabet.
//!
//! A program cannot be copied, so each path is run from its beginning. A state that was met with fewer deviations is
//! not walked again; `same` says which are the same.

use std::collections::{HashSet, VecDeque};

use shikaku::tap::{Outcome, VisualOutcome};
use shikaku_rules::dialogue::{Dialogue, End, Passed, drive};
use shikaku_rules::{Breach, Judge};
use shikaku_virtual_card::Card;

use crate::alphabet::{Reply, deviations};
use crate::same::{histories, prospects};

/// More commands than any path of a walk may have: the reads of a certificate and of a card face, what is around them,
/// and what two deviations add.
const MOST: usize = 120;

/// How far a walk has come.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Walked {
    pub(crate) paths: usize,
    pub(crate) commands: usize,
    pub(crate) states: usize,
    /// Paths on which a PIN or a printed number was sent.
    pub(crate) verified: usize,
    /// Paths that ended in a signature, or in evidence.
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

/// A program at a card, and what it may do there.
pub(crate) struct Trial<'a> {
    make: Box<dyn Fn() -> Box<dyn Dialogue> + 'a>,
    card: &'a Card,
    rules: Box<dyn Judge + 'a>,
}

impl<'a> Trial<'a> {
    pub(crate) fn new<Program: Dialogue + 'static>(
        make: impl Fn() -> Program + 'a,
        card: &'a Card,
        rules: impl Judge + 'a,
    ) -> Self {
        Self { make: Box::new(move || Box::new(make())), card, rules: Box::new(rules) }
    }

    /// Runs the program once: what passed, which commands the card heard, how it ended.
    pub(crate) fn run(&self, path: &[Reply]) -> (Passed, Vec<bool>, Option<End>) {
        let mut card = self.card.clone();
        let mut heard = Vec::new();
        let (passed, end) = drive(&mut *(self.make)(), MOST, |at, command| {
            let reply = path.get(at).copied().unwrap_or(Reply::Well);
            heard.push(reply.is_heard());
            reply.answer(&mut card, command)
        });
        (passed, heard, end)
    }
}

/// Walks every path of `trial` with at most `most` deviations from a card that does well. States are the same by their
/// history.
pub(crate) fn walk(trial: &Trial<'_>, most: usize) -> Result<Walked, Box<Caught>> {
    explore([trial], &vec![deviations(); most], |passed, heard, _| histories(passed, heard))
}

/// Walks programs that differ in nothing but what they know of the forms, each at the same card, with an alphabet for
/// each deviation of a path. States are the same by their prospect, whichever program is in them.
pub(crate) fn walk_together(trials: &[Trial<'_>], alphabets: &[Vec<Reply>]) -> Result<Walked, Box<Caught>> {
    explore(trials, alphabets, prospects)
}

fn explore<'a>(
    trials: impl IntoIterator<Item = &'a Trial<'a>>,
    alphabets: &[Vec<Reply>],
    same: fn(&Passed, &[bool], Option<End>) -> Vec<u64>,
) -> Result<Walked, Box<Caught>> {
    let mut walked = Walked::default();
    let mut seen = HashSet::new();
    // Every program as it should go, then each with one deviation, then with two.
    let mut waiting: VecDeque<_> = trials.into_iter().map(|trial| (trial, Vec::new(), 0)).collect();
    while let Some((trial, path, deviations)) = waiting.pop_front() {
        let (passed, heard, end) = trial.run(&path);
        walked.note(&passed, end.as_ref());
        if let Err(breach) = trial.rules.judge(&passed, end.as_ref()) {
            return Err(Box::new(Caught { breach, path, passed }));
        }
        for (at, state) in same(&passed, &heard, end).into_iter().enumerate().skip(path.len()) {
            if !seen.insert(state) {
                break;
            }
            walked.states += 1;
            if let Some(alphabet) = alphabets.get(deviations) {
                let mut on = path.clone();
                on.resize(at, Reply::Well);
                waiting.extend(
                    alphabet.iter().map(|reply| (trial, [&on[..], &[*reply]].concat(), deviations + 1)),
                );
            }
        }
    }
    Ok(walked)
}

impl Walked {
    fn note(&mut self, passed: &Passed, end: Option<&End>) {
        self.paths += 1;
        self.commands += passed.len();
        self.verified +=
            usize::from(passed.iter().any(|(command, _)| command[1] == 0x20 && command.len() > 4));
        self.signed += usize::from(matches!(
            end,
            Some(End::Tap(Outcome::Signed(_)) | End::Visual(VisualOutcome::Proven(_)))
        ));
    }
}
