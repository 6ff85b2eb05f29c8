//! What certificates and CRLs have in common: a body, the algorithm, the signature over the body.

use super::der::{Reader, SEQUENCE, only};

const BIT_STRING: u8 = 0x03;

/// `AlgorithmIdentifier` of sha256WithRSAEncryption with its NULL (RFC 4055), octet for octet: nothing
/// outside the signed body may be written in two ways.
pub(super) const SHA256_WITH_RSA: [u8; 15] =
    [0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b, 0x05, 0x00];

/// `SEQUENCE { body, algorithm, signature }`, all of them slices of the whole.
pub(super) struct Signed<'a> {
    /// The body with its header: what is signed.
    pub(super) body: &'a [u8],
    /// The algorithm with its header.
    pub(super) algorithm: &'a [u8],
    pub(super) signature: &'a [u8],
}

impl<'a> Signed<'a> {
    /// `None` if these octets are not such a sequence with nothing behind it.
    pub(super) fn read(der: &'a [u8]) -> Option<Self> {
        let mut parts = Reader::new(only(der, SEQUENCE)?.content);
        let body = parts.take(SEQUENCE)?.raw;
        let algorithm = parts.take(SEQUENCE)?.raw;
        // The first octet counts unused bits: none.
        let (&0, signature) = parts.take(BIT_STRING)?.content.split_first()? else { return None };
        parts.is_empty().then_some(Self { body, algorithm, signature })
    }
}
