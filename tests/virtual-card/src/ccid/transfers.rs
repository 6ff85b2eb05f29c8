//! What waits in the pipe towards the host, cut into transfers as a bus cuts it.

use std::collections::VecDeque;

use super::Broken;

/// What the host finds when it reads.
#[derive(Debug)]
pub(super) enum Waiting {
    /// A message, or what is left of it.
    Message(Vec<u8>),
    /// The transfer ends with nothing in it.
    Empty,
    Stall,
}

/// Messages in the order in which they are read.
#[derive(Debug, Default)]
pub(super) struct Transfers(VecDeque<Waiting>);

impl Transfers {
    pub(super) fn push(&mut self, waiting: Waiting) {
        self.0.push_back(waiting);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// One transfer of at most `most` octets in packets of `packet`.
    pub(super) fn next(&mut self, most: usize, packet: usize) -> Result<Vec<u8>, Broken> {
        match self.0.pop_front() {
            None => Err(Broken::Timeout),
            Some(Waiting::Stall) => Err(Broken::Stall),
            Some(Waiting::Empty) => Ok(Vec::new()),
            // The host has no room for a packet that comes: the bus babbles.
            Some(Waiting::Message(message)) if message.len() > most && !most.is_multiple_of(packet) => {
                self.0.push_front(Waiting::Message(message));
                Err(Broken::Stall)
            }
            Some(Waiting::Message(mut message)) => {
                let rest = message.split_off(message.len().min(most));
                if !rest.is_empty() {
                    self.0.push_front(Waiting::Message(rest));
                } else if message.len() == most && most.is_multiple_of(packet) {
                    // Full packets to the last octet: an empty one says that it is over.
                    self.0.push_front(Waiting::Empty);
                }
                Ok(message)
            }
        }
    }
}
