//! A call to the network across the FFI: performed once, and never forgotten.

use std::sync::{Arc, Mutex, PoisonError};

use shikaku::terminal;

use crate::shelter::sheltered_call;

/// A piece of work for the network. One that is never performed counts as unanswered.
#[derive(uniffi::Object)]
pub struct Call {
    work: Mutex<Option<terminal::Call>>,
    unanswered: Unanswered,
}

/// What became of calls that nobody performed, or not to their end. The terminal is told when it is next asked: a call
/// may be let go while it is at work, in a callback of its own even.
#[derive(Clone, Default)]
pub struct Unanswered(Arc<Mutex<Vec<terminal::Reply>>>);

impl Unanswered {
    /// Takes what the terminal is to be told.
    pub fn take(&self) -> Vec<terminal::Reply> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn put(&self, reply: Option<terminal::Reply>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend(reply);
    }
}

impl Call {
    pub(crate) fn new(work: terminal::Call, unanswered: &Unanswered) -> Self {
        Self { work: Mutex::new(Some(work)), unanswered: unanswered.clone() }
    }

    /// Does the call, once; nothing if it was done before. Given up in mid-way, it is unanswered.
    pub(crate) async fn perform(&self) -> Option<terminal::Reply> {
        let work = self.work.lock().unwrap_or_else(PoisonError::into_inner).take()?;
        let mut started = Started { unanswered: &self.unanswered, reply: Some(work.given_up()) };
        let reply = sheltered_call(work.run()).await?;
        started.reply = None;
        Some(reply)
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        let work = self.work.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        self.unanswered.put(work.map(|work| work.given_up()));
    }
}

/// A call that is under way; the foreign side may drop it.
struct Started<'a> {
    unanswered: &'a Unanswered,
    reply: Option<terminal::Reply>,
}

impl Drop for Started<'_> {
    fn drop(&mut self) {
        self.unanswered.put(self.reply.take());
    }
}
