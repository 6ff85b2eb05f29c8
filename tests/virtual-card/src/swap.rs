//! Cards that are changed while a reader is served.

use std::sync::mpsc::Receiver;

use crate::card::Card;
use crate::slip::Slip;

/// What lies at the reader goes, and something else comes.
#[derive(Debug)]
pub struct Swap {
    /// What comes, if anything does.
    pub card: Option<Card>,
    /// When: once so many commands have gone to cards since the start of the service; 0 for at once.
    pub after: usize,
    /// What goes wrong from then on; its exchange is counted from the start of the service too.
    pub slip: Option<Slip>,
}

/// Swaps as they are ordered, one after another.
#[derive(Debug)]
pub(crate) struct Swaps<'a> {
    orders: Option<&'a Receiver<Swap>>,
    /// Waits for its time.
    next: Option<Swap>,
}

impl<'a> Swaps<'a> {
    pub(crate) const fn new(orders: Option<&'a Receiver<Swap>>) -> Self {
        Self { orders, next: None }
    }

    /// Whether anybody may order one.
    pub(crate) const fn are_ordered(&self) -> bool {
        self.orders.is_some()
    }

    /// Whether one is due after so many commands.
    pub(crate) fn is_due(&mut self, exchanges: usize) -> bool {
        if self.next.is_none() {
            self.next = self.orders.and_then(|orders| orders.try_recv().ok());
        }
        self.next.as_ref().is_some_and(|swap| swap.after <= exchanges)
    }

    /// The one that is due.
    pub(crate) fn due(&mut self, exchanges: usize) -> Option<Swap> {
        if self.is_due(exchanges) { self.next.take() } else { None }
    }
}
