//! What the key of the card's surface (券面事項確認AP) signs in a check without PIN.

use sha2::{Digest, Sha256};

use super::{BINDING_LENGTH, digest_info, joined};

/// Length of a visual transcript in octets.
pub const VISUAL_TRANSCRIPT_LENGTH: usize = 217;

/// Domain tag of a visual check, its closing zero octet included.
const VISUAL_TAG: &[u8; 24] = b"shikaku-visual-check/v1\0";

/// A visual transcript that lacks only the certificate, which the tap has yet to read.
///
/// Made by [`super::PendingTranscript::visual`] alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingVisualTranscript {
    binding: [u8; BINDING_LENGTH],
}

impl PendingVisualTranscript {
    pub(super) const fn new(binding: [u8; BINDING_LENGTH]) -> Self {
        Self { binding }
    }

    /// The transcript for one card: `certificate` is the user-authentication certificate, DER, as read in the
    /// same session.
    pub fn bind(&self, certificate: &[u8]) -> VisualTranscript {
        VisualTranscript { octets: joined([VISUAL_TAG, &self.binding, &Sha256::digest(certificate)]) }
    }
}

/// The complete 217 octets; the only thing that the core can have the key of the card's surface sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VisualTranscript {
    octets: [u8; VISUAL_TRANSCRIPT_LENGTH],
}

impl VisualTranscript {
    /// The octets, as the service rebuilds them.
    pub const fn as_bytes(&self) -> &[u8; VISUAL_TRANSCRIPT_LENGTH] {
        &self.octets
    }

    /// SHA-256 of the octets.
    pub fn digest(&self) -> [u8; 32] {
        Sha256::digest(self.octets).into()
    }

    /// `DigestInfo(SHA-256, …)`, 51 octets: what PKCS #1 v1.5 pads and the card signs.
    pub(crate) fn digest_info(&self) -> [u8; 51] {
        digest_info(&self.digest())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::instant::UnixTime;
    use crate::transcript::{Challenge, PendingTranscript, Purpose};

    fn pending() -> PendingTranscript {
        let challenge = Challenge {
            id: [0xa1; 16],
            nonce: [0xb2; 32],
            issued_at: UnixTime(0x0102_0304),
            expires_at: UnixTime(0x0506_0708),
        };
        let (institution, origin) =
            ("1310112345".parse().unwrap(), "https://shikaku.example".parse().unwrap());
        PendingTranscript::new(&challenge, Purpose::QualificationOnly, b"spki", &institution, &origin)
    }

    #[test]
    fn every_field_lies_as_in_the_other_transcript_behind_another_tag() {
        let visual = pending().visual().bind(b"certificate");
        let other = pending().bind(b"certificate");
        assert_eq!(&visual.as_bytes()[..24], b"shikaku-visual-check/v1\0");
        assert_eq!(visual.as_bytes()[24..], other.as_bytes()[31..]);
        assert_eq!(visual.as_bytes()[185..], Sha256::digest("certificate")[..]);
        assert_ne!(visual.digest(), other.digest());
    }

    #[test]
    fn the_digest_info_ends_in_the_digest() {
        let visual = pending().visual().bind(b"certificate");
        assert_eq!(visual.digest_info()[..2], [0x30, 0x31]);
        assert_eq!(visual.digest_info()[19..], visual.digest());
    }
}
