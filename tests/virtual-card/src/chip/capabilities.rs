//! What a card understands beyond the common commands, and how it may misunderstand it, as data.

use serde::{Deserialize, Deserializer};

use crate::hex;

/// Which commands beyond the common ones this card understands. All of them stand in doubt on real cards,
/// so a client must do without each. By default none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "capabilities are independent switches")]
pub struct Capabilities {
    /// Length fields of three octets; else 6700.
    pub extended_length: bool,
    /// READ BINARY with a short file identifier; else 6A86.
    pub read_by_short_id: bool,
    /// VERIFY and its counter with a short file identifier (P2 = 98); else 6A86.
    pub verify_by_short_id: bool,
    /// Signing with the key named in P2 (97); else 6A86.
    pub sign_by_short_id: bool,
    /// Signing a bare SHA-256 (P1 = 02), the card makes the `DigestInfo`; else 6A86.
    pub sign_bare_hash: bool,
    /// Reading up to the end of the file with an Le that asks for more ends in 6282 instead of 9000.
    pub warns_at_end: bool,
    /// What it misunderstands; by default nothing.
    #[serde(default)]
    pub quirks: Quirks,
}

impl Capabilities {
    /// Every command, each understood.
    pub const EVERY: Self = Self {
        extended_length: true,
        read_by_short_id: true,
        verify_by_short_id: true,
        sign_by_short_id: true,
        sign_bare_hash: true,
        warns_at_end: false,
        quirks: Quirks::NONE,
    };
}

/// How a card may misunderstand an optional command. Nobody has seen any of it: it is what a client has to survive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Quirks {
    /// READ BINARY with a short identifier.
    pub short_read: Option<ShortRead>,
    /// The counter with a short identifier answers this status word, whatever it is.
    #[serde(deserialize_with = "status")]
    pub short_counter: Option<u16>,
    /// VERIFY with a short identifier.
    pub short_verify: Option<ShortVerify>,
    /// The key that P2 names.
    pub named_key: Option<NamedKey>,
    /// A bare hash is padded as it is, without the `DigestInfo`.
    pub pads_bare_hash: bool,
}

impl Quirks {
    const NONE: Self = Self {
        short_read: None,
        short_counter: None,
        short_verify: None,
        named_key: None,
        pads_bare_hash: false,
    };
}

/// A misunderstood READ BINARY with a short identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ShortRead {
    /// Reads the file and leaves selected what was selected before.
    KeepsSelection,
    /// Reads and selects another file: that with this identifier.
    AnotherFile(u16),
}

/// A misunderstood VERIFY with a short identifier: the credential is not looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShortVerify {
    /// The status word that it answers.
    #[serde(deserialize_with = "hex::file_id")]
    pub status: u16,
    /// Whether it spends a try all the same.
    pub counts: bool,
}

/// A misunderstood P2 of a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NamedKey {
    /// The key with this identifier signs, whatever its condition.
    Another(u16),
    /// 256 octets that are no signature.
    Garbage,
}

fn status<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u16>, D::Error> {
    hex::file_id(deserializer).map(Some)
}
