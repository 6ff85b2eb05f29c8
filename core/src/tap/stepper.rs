//! Straight-line card code, driven from outside without a runtime.
//!
//! The program is a future that talks to a [`Mailbox`]: it leaves a command and waits for an answer. The
//! stepper polls it with a waker that does nothing: *pending* means that a command lies in the mailbox,
//! *ready* means that the program is over. Both ends share the one slot, hence the lock; it is never
//! contended, because only the stepper, behind `&mut`, ever runs the program.

use core::future::poll_fn;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Outgoing, Stage};
use crate::apdu::Fault;
use crate::apdu::exchange::Transceive;

type Answer = Result<Vec<u8>, Fault>;
type Program<T> = Pin<Box<dyn Future<Output = T> + Send + Sync>>;

/// What lies between the program and the shell: one command, then one answer.
#[derive(Default)]
struct Slot {
    outgoing: Option<(Outgoing, Stage, Option<u8>)>,
    incoming: Option<Answer>,
}

fn lock(slot: &Mutex<Slot>) -> MutexGuard<'_, Slot> {
    // A slot is whole between any two statements, so a panic elsewhere cannot have left it torn.
    slot.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The program's end: carries commands, and notes what they are for.
pub(super) struct Mailbox {
    slot: Arc<Mutex<Slot>>,
    stage: Stage,
    tries: Option<u8>,
}

impl Mailbox {
    pub(super) const fn enter(&mut self, stage: Stage) {
        self.stage = stage;
    }

    pub(super) const fn note_tries(&mut self, left: u8) {
        self.tries = Some(left);
    }

    pub(super) const fn tries(&self) -> Option<u8> {
        self.tries
    }
}

impl Transceive for Mailbox {
    async fn transceive(&mut self, command: Outgoing) -> Answer {
        lock(&self.slot).outgoing = Some((command, self.stage, self.tries));
        poll_fn(|_| lock(&self.slot).incoming.take().map_or(Poll::Pending, Poll::Ready)).await
    }
}

/// What a turn of the stepper brought.
pub(super) enum Turn<T> {
    /// The program waits for the answer to this command.
    Transmit { command: Outgoing, stage: Stage, tries: Option<u8> },
    /// The program is over.
    Done(T),
    /// Called out of turn: started twice, answered before the start, or after the end. The program
    /// is dropped: handing a command out a second time could send a PIN a second time.
    Refused,
}

/// The shell's end.
pub(super) struct Stepper<T> {
    slot: Arc<Mutex<Slot>>,
    program: Option<Program<T>>,
    waits: bool,
}

impl<T> Stepper<T> {
    /// Prepares the program that `make` builds around its mailbox; it does not run yet.
    pub(super) fn new<F>(make: impl FnOnce(Mailbox) -> F) -> Self
    where
        F: Future<Output = T> + Send + Sync + 'static,
    {
        let slot = Arc::default();
        let mailbox = Mailbox { slot: Arc::clone(&slot), stage: Stage::Application, tries: None };
        Self { slot, program: Some(Box::pin(make(mailbox))), waits: false }
    }

    pub(super) fn start(&mut self) -> Turn<T> {
        if self.waits { self.out_of_turn() } else { self.turn() }
    }

    pub(super) fn answer(&mut self, answer: Answer) -> Turn<T> {
        if !self.waits {
            return self.out_of_turn();
        }
        lock(&self.slot).incoming = Some(answer);
        self.turn()
    }

    fn turn(&mut self) -> Turn<T> {
        self.waits = false;
        let Some(program) = self.program.as_mut() else { return Turn::Refused };
        match program.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(outcome) => {
                self.program = None;
                Turn::Done(outcome)
            }
            Poll::Pending => {
                let Some((command, stage, tries)) = lock(&self.slot).outgoing.take() else {
                    return self.out_of_turn();
                };
                self.waits = true;
                Turn::Transmit { command, stage, tries }
            }
        }
    }

    fn out_of_turn(&mut self) -> Turn<T> {
        self.program = None;
        self.waits = false;
        Turn::Refused
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn echo_twice() -> Stepper<Vec<Answer>> {
        Stepper::new(|mut mailbox| async move {
            let first = mailbox.transceive(Outgoing::new(vec![1])).await;
            mailbox.enter(Stage::Pin);
            mailbox.note_tries(2);
            vec![first, mailbox.transceive(Outgoing::new(vec![2])).await]
        })
    }

    fn command<T>(turn: &Turn<T>) -> Option<(&[u8], Stage, Option<u8>)> {
        match turn {
            Turn::Transmit { command, stage, tries } => Some((command.as_slice(), *stage, *tries)),
            _ => None,
        }
    }

    #[test]
    fn commands_go_out_and_answers_come_in() {
        let mut stepper = echo_twice();
        assert_eq!(command(&stepper.start()), Some((&[1][..], Stage::Application, None)));
        assert_eq!(command(&stepper.answer(Ok(vec![9]))), Some((&[2][..], Stage::Pin, Some(2))));
        let Turn::Done(answers) = stepper.answer(Err(Fault::TagLost)) else { panic!("the program is over") };
        assert_eq!(answers, [Ok(vec![9]), Err(Fault::TagLost)]);
        assert!(matches!(stepper.answer(Ok(vec![])), Turn::Refused));
        assert!(matches!(stepper.start(), Turn::Refused));
    }

    #[test]
    fn starting_again_never_hands_a_command_out_again() {
        let mut stepper = echo_twice();
        stepper.start();
        assert!(matches!(stepper.start(), Turn::Refused));
        assert!(matches!(stepper.answer(Ok(vec![9])), Turn::Refused));
    }

    #[test]
    fn an_answer_before_the_start_ends_it() {
        let mut stepper = echo_twice();
        assert!(matches!(stepper.answer(Ok(vec![9])), Turn::Refused));
        assert!(matches!(stepper.start(), Turn::Refused));
    }
}
