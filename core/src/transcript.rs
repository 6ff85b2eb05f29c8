//! The octets that the card signs: 224 for a check with the PIN, 217 for a visual one.
//!
//! The card is a blind signer: it signs any `DigestInfo` for whoever holds the PIN session. So the
//! core has no function that takes a digest or foreign bytes to sign; the only things that can be
//! signed are a [`Transcript`] and, by the key of the card's surface, a [`VisualTranscript`], and only
//! this room makes them. Fixed length, one hash for each variable field so that fields cannot run
//! together, the domain tag first, all integers big-endian.

mod visual;

pub use visual::{PendingVisualTranscript, VISUAL_TRANSCRIPT_LENGTH, VisualTranscript};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::identifier::{InstitutionCode, ServiceOrigin};
use crate::instant::UnixTime;

/// Length of a transcript in octets.
pub const TRANSCRIPT_LENGTH: usize = 224;

/// Domain tag of a check, its closing zero octet included.
const CHECK_TAG: &[u8; 31] = b"shikaku-qualification-check/v1\0";

/// Octets between the tag and the hash of the certificate, the same for every kind of check.
const BINDING_LENGTH: usize = 161;

/// `DigestInfo` header for SHA-256 (RFC 8017, section 9.2, note 1).
pub(crate) const SHA256_DIGEST_INFO: [u8; 19] = [
    0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00,
    0x04, 0x20,
];

/// What the signature is for; one octet of the transcript.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// `0x00`: a bench of the card. The service refuses it.
    Bench,
    /// `0x01`: qualification only (資格確認限定型).
    QualificationOnly,
}

impl Purpose {
    /// The octet in the transcript.
    pub const fn octet(self) -> u8 {
        match self {
            Self::Bench => 0x00,
            Self::QualificationOnly => 0x01,
        }
    }
}

/// A challenge that the service issued to one device: used once, good until it expires.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Challenge {
    /// Name of the challenge, 16 octets; base64url without padding on the wire.
    #[serde(with = "crate::identifier::octets")]
    #[cfg_attr(feature = "schema", schema(value_type = String, min_length = 22, max_length = 22))]
    pub id: [u8; 16],
    /// Random part, 32 octets; base64url without padding on the wire.
    #[serde(with = "crate::identifier::octets")]
    #[cfg_attr(feature = "schema", schema(value_type = String, min_length = 43, max_length = 43))]
    pub nonce: [u8; 32],
    /// When the service issued it, by the service's clock.
    pub issued_at: UnixTime,
    /// From when on the service refuses it, by the service's clock.
    pub expires_at: UnixTime,
}

/// A transcript that lacks only the certificate, which the tap has yet to read.
///
/// Lies ready before the card comes, so that no network stands between tap and signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingTranscript {
    binding: [u8; BINDING_LENGTH],
}

impl PendingTranscript {
    /// Everything but the certificate.
    ///
    /// `device_key` is the device's public key as SPKI DER; its SHA-256 is also the key id of its requests.
    pub fn new(
        challenge: &Challenge,
        purpose: Purpose,
        device_key: &[u8],
        institution: &InstitutionCode,
        origin: &ServiceOrigin,
    ) -> Self {
        let origin = Sha256::digest(origin.as_str().as_bytes());
        let device_key = Sha256::digest(device_key);
        let institution = Sha256::digest(institution.as_str().as_bytes());
        let issued_at = challenge.issued_at.0.to_be_bytes();
        let expires_at = challenge.expires_at.0.to_be_bytes();
        let fields: [&[u8]; 8] = [
            &origin,
            &device_key,
            &institution,
            &[purpose.octet()],
            &challenge.id,
            &challenge.nonce,
            &issued_at,
            &expires_at,
        ];
        Self { binding: joined(fields) }
    }

    /// The same, for a check without PIN: other tag, other type, other key.
    pub const fn visual(&self) -> PendingVisualTranscript {
        PendingVisualTranscript::new(self.binding)
    }

    /// The transcript for one card: `certificate` is the user-authentication certificate, DER, as read.
    pub fn bind(&self, certificate: &[u8]) -> Transcript {
        Transcript { octets: joined([CHECK_TAG, &self.binding, &Sha256::digest(certificate)]) }
    }
}

/// The fields one behind the other; what their lengths lack of `N` stays zero.
fn joined<const N: usize, const FIELDS: usize>(fields: [&[u8]; FIELDS]) -> [u8; N] {
    let mut octets = [0; N];
    for (to, from) in octets.iter_mut().zip(fields.into_iter().flatten()) {
        *to = *from;
    }
    octets
}

/// `DigestInfo(SHA-256, …)`, 51 octets: what PKCS #1 v1.5 pads and the card signs.
fn digest_info(digest: &[u8; 32]) -> [u8; 51] {
    joined([&SHA256_DIGEST_INFO, digest])
}

/// The complete 224 octets; the only thing that the core can have the user-authentication key sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transcript {
    octets: [u8; TRANSCRIPT_LENGTH],
}

impl Transcript {
    /// The octets, as the service rebuilds them.
    pub const fn as_bytes(&self) -> &[u8; TRANSCRIPT_LENGTH] {
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

    fn challenge() -> Challenge {
        Challenge {
            id: [0xa1; 16],
            nonce: [0xb2; 32],
            issued_at: UnixTime(0x0102_0304),
            expires_at: UnixTime(0x0506_0708),
        }
    }

    fn pending(purpose: Purpose) -> PendingTranscript {
        let institution = "1310112345".parse().unwrap();
        let origin = "https://shikaku.example".parse().unwrap();
        PendingTranscript::new(&challenge(), purpose, b"spki", &institution, &origin)
    }

    #[test]
    fn every_field_lies_where_the_design_puts_it() {
        let transcript = pending(Purpose::QualificationOnly).bind(b"certificate");
        let octets = transcript.as_bytes();
        assert_eq!(&octets[..31], b"shikaku-qualification-check/v1\0");
        assert_eq!(octets[31..63], Sha256::digest("https://shikaku.example")[..]);
        assert_eq!(octets[63..95], Sha256::digest("spki")[..]);
        assert_eq!(octets[95..127], Sha256::digest("1310112345")[..]);
        assert_eq!(octets[127], 1);
        assert_eq!(octets[128..144], [0xa1; 16]);
        assert_eq!(octets[144..176], [0xb2; 32]);
        assert_eq!(octets[176..192], [0, 0, 0, 0, 1, 2, 3, 4, 0, 0, 0, 0, 5, 6, 7, 8]);
        assert_eq!(octets[192..], Sha256::digest("certificate")[..]);
    }

    #[test]
    fn another_purpose_or_certificate_is_another_transcript() {
        let transcript = pending(Purpose::QualificationOnly).bind(b"certificate");
        assert_ne!(transcript, pending(Purpose::Bench).bind(b"certificate"));
        assert_ne!(transcript, pending(Purpose::QualificationOnly).bind(b"another"));
    }

    #[test]
    fn the_digest_info_ends_in_the_digest() {
        let transcript = pending(Purpose::QualificationOnly).bind(b"certificate");
        let info = transcript.digest_info();
        assert_eq!(info[..2], [0x30, 0x31]);
        assert_eq!(info[19..], transcript.digest());
    }
}
