//! What a card says of its make before it is asked anything.

use std::fmt;

use crate::screen;

/// The ATR over PC/SC, the protocol bytes of the ATQB over libnfc. Both are a chip's and a profile's, not a card's
/// (PC/SC part 3 puts neither PUPI nor UID into an ATR), and tell apart what answers differently: the two families of
/// plastic cards by their frame waiting time, a phone by its type. Kept in memory alone, never shown or written. A
/// reader that has no such octets has one family.
#[derive(Clone, PartialEq, Eq, Default)]
pub(crate) struct Family(Vec<u8>);

impl Family {
    /// The family of cards that say so.
    pub(crate) fn of(octets: &[u8]) -> Self {
        Self(octets.to_vec())
    }
}

/// In hexadecimal.
impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&screen::hex(&self.0))
    }
}
