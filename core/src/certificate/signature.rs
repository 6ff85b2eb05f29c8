//! RSA-2048 with PKCS #1 v1.5 and SHA-256, the only signature that cards and their issuers make today.

use rsa::pkcs1v15::Pkcs1v15Sign;
use rsa::{BigUint, RsaPublicKey};

/// Length of a signature, and of a modulus, in octets.
pub(super) const SIGNATURE_LENGTH: usize = 256;

/// The one public exponent that is accepted.
const EXPONENT: u32 = 65_537;

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
pub(super) struct PublicKey(RsaPublicKey);

impl PublicKey {
    /// `modulus` and `exponent` big-endian, leading zeros allowed; `None` if the key is of another kind.
    pub(super) fn new(modulus: &[u8], exponent: &[u8]) -> Option<Self> {
        let modulus = BigUint::from_bytes_be(modulus);
        let exponent = BigUint::from_bytes_be(exponent);
        if modulus.bits() != SIGNATURE_LENGTH * 8 || exponent != BigUint::from(EXPONENT) {
            return None;
        }
        RsaPublicKey::new(modulus, exponent).ok().map(Self)
    }

    /// Whether this key made `signature` over the message with this SHA-256 `digest`.
    pub(super) fn verify(&self, digest: &[u8; 32], signature: &[u8]) -> Result<(), SignatureError> {
        if signature.len() != SIGNATURE_LENGTH {
            return Err(SignatureError::Length { length: signature.len() });
        }
        let scheme = Pkcs1v15Sign {
            hash_len: Some(digest.len()),
            prefix: Box::new(crate::transcript::SHA256_DIGEST_INFO),
        };
        self.0.verify(scheme, digest, signature).map_err(|_| SignatureError::Wrong)
    }
}
