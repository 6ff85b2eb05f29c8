//! What a reader can carry and what a card has shown to understand, as data.
//!
//! Forms of standing *?* (never confirmed by several sources) are used behind a probe with a fall-back. What a
//! tap learned comes back with its outcome; a shell may keep it per reader for as long as its process lives,
//! never per card: nothing identifies a card before its certificate, and no certificate is kept.

use crate::apdu::command::SHORT_READ;

/// What the reader in use can carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReaderLimits {
    /// Whether commands with an extended Le may be sent at all.
    pub extended_length: bool,
    /// Most octets to ask for in one short read, 1 to 256; anything else counts as the nearest of these.
    pub short_read: u16,
}

impl ReaderLimits {
    /// 256-octet reads, nothing extended: what every reader carries.
    pub const SHORT: Self = Self { extended_length: false, short_read: SHORT_READ };
    /// Extended length too.
    pub const EXTENDED: Self = Self { extended_length: true, short_read: SHORT_READ };

    /// Octets of one short read, 1 to 256.
    pub(crate) fn part(self) -> u16 {
        self.short_read.clamp(1, SHORT_READ)
    }
}

/// What is known of a form that not every card understands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Probe {
    /// Not tried yet: try it once.
    #[default]
    Untried,
    /// A card at this reader has answered it.
    Works,
    /// Refused, answered short, or the card was gone after it: do without.
    Refused,
}

/// Which forms to use, and what has been learned of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Strategy {
    /// READ BINARY with an extended Le: the certificate in one exchange.
    pub extended_read: Probe,
}
