//! RSA-2048 with PKCS #1 v1.5 and SHA-256, the only signature that cards and their issuers make today.

use rsa::pkcs1v15::Pkcs1v15Sign;
use rsa::{BigUint, RsaPublicKey};

use crate::transcript::SHA256_DIGEST_INFO;

/// Length of a signature, and of a modulus, in octets.
pub(crate) const SIGNATURE_LENGTH: usize = 256;

/// The one public exponent that is accepted.
const EXPONENT: u32 = 65_537;

/// As [`SHA256_DIGEST_INFO`], but for an octet string of 96 octets. Source: myna-card 3.3.4, J-LIS test card.
const THREE_DIGESTS_INFO: [u8; 19] = [
    0x30, 0x71, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00,
    0x04, 0x60,
];

/// A signature that is not the key's over this message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// Not 256 octets.
    #[error("a signature has 256 octets, this one has {length}")]
    Length {
        /// Octets found.
        length: usize,
    },
    /// Made by another key, or over something else.
    #[error("the signature is not made by this key over this message")]
    Wrong,
}

/// An RSA-2048 public key with exponent 65537.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct PublicKey(RsaPublicKey);

impl PublicKey {
    /// `modulus` and `exponent` big-endian, leading zeros allowed; `None` if the key is of another kind.
    pub(crate) fn new(modulus: &[u8], exponent: &[u8]) -> Option<Self> {
        let modulus = BigUint::from_bytes_be(modulus);
        let exponent = BigUint::from_bytes_be(exponent);
        if modulus.bits() != SIGNATURE_LENGTH * 8 || exponent != BigUint::from(EXPONENT) {
            return None;
        }
        RsaPublicKey::new(modulus, exponent).ok().map(Self)
    }

    /// Whether this key made `signature` over the message with this SHA-256 `digest`.
    pub(crate) fn verify(&self, digest: &[u8; 32], signature: &[u8]) -> Result<(), SignatureError> {
        self.verify_behind(&SHA256_DIGEST_INFO, digest, signature)
    }

    /// Whether this key made `signature` over three SHA-256 digests at once, as the face of a card is signed: a
    /// `DigestInfo` that says SHA-256 and whose octet string has 96 octets.
    pub(crate) fn verify_three(&self, digests: &[u8; 96], signature: &[u8]) -> Result<(), SignatureError> {
        self.verify_behind(&THREE_DIGESTS_INFO, digests, signature)
    }

    fn verify_behind(&self, header: &[u8], content: &[u8], signature: &[u8]) -> Result<(), SignatureError> {
        if signature.len() != SIGNATURE_LENGTH {
            return Err(SignatureError::Length { length: signature.len() });
        }
        let scheme = Pkcs1v15Sign { hash_len: Some(content.len()), prefix: Box::from(header) };
        self.0.verify(scheme, content, signature).map_err(|_| SignatureError::Wrong)
    }
}
