//! What the card was asked, so that a test can say what a client did and did not do.

use std::fmt;

use crate::hex;
use crate::status::Status;

/// Instructions whose data field is a secret: VERIFY and CHANGE REFERENCE DATA.
const SECRET_INSTRUCTIONS: [u8; 2] = [0x20, 0x24];

/// One command with its response. The data field of VERIFY is masked with `*` (2A) before it is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct Exchange {
    /// The command as received, secrets masked.
    pub command: Vec<u8>,
    /// Octets of the response, the status word included.
    pub response_length: usize,
    /// The status word.
    pub status: Status,
    /// Modelled duration in microseconds; nothing has waited for it.
    pub micros: u64,
}

impl Exchange {
    pub(crate) fn new(command: &[u8], response_length: usize, status: Status, micros: u64) -> Self {
        Self { command: masked(command), response_length, status, micros }
    }

    /// A VERIFY that carried a credential: it costs a try if it is wrong.
    pub fn is_verification(&self) -> bool {
        self.command.get(1) == Some(&0x20) && self.command.len() > 5
    }
}

impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "> {} < {:?} ({} octets)", hex::encode(&self.command), self.status, self.response_length)
    }
}

fn masked(command: &[u8]) -> Vec<u8> {
    let secret = command.get(1).is_some_and(|ins| SECRET_INSTRUCTIONS.contains(ins));
    let mut kept = command.to_vec();
    if secret {
        kept.iter_mut().skip(5).for_each(|octet| *octet = b'*');
    }
    kept
}

/// The exchanges since the card was made, or since the journal was cleared: all of them in a test, the last
/// ten thousand at least of a card that serves for long. Sums count them all.
#[derive(Debug, Clone, Default)]
pub struct Journal {
    exchanges: Vec<Exchange>,
    totals: Totals,
    verifications: usize,
}

/// So many of the last exchanges are kept at least, and never twice as many.
const KEPT: usize = 10_000;

/// Sums over a journal.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// Commands received.
    pub exchanges: usize,
    /// Octets of all commands.
    pub received: usize,
    /// Octets of all responses, status words included.
    pub sent: usize,
    /// Modelled duration in microseconds.
    pub micros: u64,
}

impl Journal {
    pub(crate) fn note(&mut self, exchange: Exchange) {
        self.totals.exchanges += 1;
        self.totals.received += exchange.command.len();
        self.totals.sent += exchange.response_length;
        self.totals.micros += exchange.micros;
        self.verifications += usize::from(exchange.is_verification());
        if self.exchanges.len() == 2 * KEPT {
            self.exchanges.drain(..KEPT);
        }
        self.exchanges.push(exchange);
    }

    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    /// In order.
    pub fn exchanges(&self) -> &[Exchange] {
        &self.exchanges
    }

    /// Sums.
    pub const fn totals(&self) -> Totals {
        self.totals
    }

    /// How many commands carried a credential.
    pub const fn verifications(&self) -> usize {
        self.verifications
    }

    /// Commands that came more than once, each named once. Two VERIFYs count as the same command
    /// whatever they carried, for they are masked.
    pub fn repeated(&self) -> Vec<&[u8]> {
        let mut repeated: Vec<&[u8]> = Vec::new();
        for (index, exchange) in self.exchanges.iter().enumerate() {
            let earlier = self.exchanges.iter().take(index).any(|other| other.command == exchange.command);
            if earlier && !repeated.contains(&exchange.command.as_slice()) {
                repeated.push(&exchange.command);
            }
        }
        repeated
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exchange(command: &[u8]) -> Exchange {
        Exchange::new(command, 2, Status::DONE, 10)
    }

    #[test]
    fn a_credential_is_never_kept() {
        let verify = exchange(b"\x00\x20\x00\x80\x041234");
        assert_eq!(verify.command, b"\x00\x20\x00\x80\x04****");
        assert!(verify.is_verification());
        assert!(!exchange(&[0x00, 0x20, 0x00, 0x80]).is_verification());
        assert!(!format!("{verify:?}").contains("31323334"));
    }

    #[test]
    fn a_repeated_command_is_named_once() {
        let mut journal = Journal::default();
        for command in [&[0, 0xa4, 4, 0][..], &[0, 0xb0, 0, 0], &[0, 0xa4, 4, 0], &[0, 0xa4, 4, 0]] {
            journal.note(exchange(command));
        }
        assert_eq!(journal.repeated(), [&[0, 0xa4, 4, 0][..]]);
        assert_eq!(journal.totals(), Totals { exchanges: 4, received: 16, sent: 8, micros: 40 });
    }

    #[test]
    fn a_card_that_serves_for_long_forgets_the_oldest_and_still_counts() {
        let mut journal = Journal::default();
        for _ in 0..=2 * KEPT {
            journal.note(exchange(&[0, 0xa4, 4, 0]));
        }
        assert_eq!(journal.exchanges().len(), KEPT + 1);
        assert_eq!(journal.totals().exchanges, 2 * KEPT + 1);
    }
}
