//! P-256 keys: public ones as SPKI, and what signs with the private ones.

use core::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use p256::ecdsa::signature::{Signer as _, Verifier as _};
use p256::ecdsa::{Signature, SigningKey, VerifyingKey};
use p256::pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::guide::Code;

/// Octets of a raw P-256 signature, r then s.
pub const SIGNATURE_LENGTH: usize = 64;

/// `SubjectPublicKeyInfo` of a P-256 key up to its point (RFC 5480): the only form that is read.
const SPKI_HEAD: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86,
    0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

/// Name of a key: SHA-256 of its SPKI in DER, base64url without padding, 43 characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "schema", schema(value_type = String, min_length = 43, max_length = 43))]
#[serde(transparent)]
pub struct KeyId(#[serde(with = "crate::identifier::octets")] pub [u8; 32]);

impl KeyId {
    /// The name of the key with this SPKI (DER).
    pub fn of(spki: &[u8]) -> Self {
        Self(Sha256::digest(spki).into())
    }

    /// Reads the 43 characters; nothing else names a key.
    pub fn parse(text: &str) -> Option<Self> {
        URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok().map(Self)
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(self.0))
    }
}

/// Why octets are not a P-256 key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// Not the 91 octets of a P-256 SPKI with an uncompressed point.
    #[error("the key is not a P-256 SubjectPublicKeyInfo with an uncompressed point")]
    Form,
    /// The point does not lie on the curve.
    #[error("the point does not lie on the curve")]
    Point,
    /// Not a private P-256 key.
    #[error("not a private P-256 key")]
    Private,
}

/// The signature is not one of this key over this message: wrong length, r or s out of range, or not fitting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the signature does not fit key and message")]
pub struct SignatureMismatch;

/// A public P-256 key. Its SPKI has exactly one form, so that one key has exactly one name.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicKey {
    spki: [u8; 91],
    key: VerifyingKey,
}

impl PublicKey {
    /// Reads a `SubjectPublicKeyInfo` in DER: 91 octets, named curve P-256, uncompressed point on the curve.
    pub fn from_spki(der: &[u8]) -> Result<Self, KeyError> {
        let spki: [u8; 91] = der.try_into().map_err(|_| KeyError::Form)?;
        let point = spki.strip_prefix(&SPKI_HEAD).ok_or(KeyError::Form)?;
        if point.first() != Some(&0x04) {
            return Err(KeyError::Form);
        }
        let key = VerifyingKey::from_sec1_bytes(point).map_err(|_| KeyError::Point)?;
        Ok(Self { spki, key })
    }

    /// The SPKI, DER, 91 octets.
    pub fn spki(&self) -> &[u8] {
        &self.spki
    }

    /// The key's name.
    pub fn id(&self) -> KeyId {
        KeyId::of(&self.spki)
    }

    /// Verifies a raw signature (r then s, 64 octets) over SHA-256 of `message`.
    ///
    /// Any other length is refused before anything is parsed; r and s must lie in 1 … n−1. A high s is accepted:
    /// platform key stores make them, and nothing here takes a signature's octets as the name of anything.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), SignatureMismatch> {
        let raw: &[u8; SIGNATURE_LENGTH] = signature.try_into().map_err(|_| SignatureMismatch)?;
        let signature = Signature::from_slice(raw).map_err(|_| SignatureMismatch)?;
        self.key.verify(message, &signature).map_err(|_| SignatureMismatch)
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({})", self.id())
    }
}

/// Why a key did not sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignerFault {
    /// The key is gone (key store emptied, file missing): the device has to be registered anew.
    #[error("the device key is lost")]
    KeyLost,
    /// The key store did not answer this time.
    #[error("the key store did not sign")]
    Unavailable,
}

impl SignerFault {
    /// The code that says it to the staff.
    pub const fn code(self) -> Code {
        match self {
            Self::KeyLost => Code::StateKeyLost,
            Self::Unavailable => Code::KeyStoreUnavailable,
        }
    }
}

/// A private P-256 key, wherever it lives: Android Keystore, Secure Enclave, TPM or a sealed file.
pub trait Signer: Send + Sync {
    /// The public half, SPKI in DER, 91 octets.
    fn spki(&self) -> &[u8];

    /// Signs SHA-256 of `message`; raw, r then s.
    fn sign(&self, message: &[u8]) -> Result<[u8; SIGNATURE_LENGTH], SignerFault>;
}

/// A private P-256 key in memory; wiped when dropped. Its signatures need no randomness (RFC 6979).
pub struct SoftwareKey {
    key: SigningKey,
    public: PublicKey,
}

impl SoftwareKey {
    /// A new key from 32 octets of the caller's randomness; refused in the 2⁻³² of cases where they are no scalar.
    pub fn from_random(octets: &[u8; 32]) -> Result<Self, KeyError> {
        SigningKey::from_slice(octets).map_err(|_| KeyError::Private).and_then(Self::new)
    }

    /// Reads PKCS #8 in DER.
    pub fn from_pkcs8(der: &[u8]) -> Result<Self, KeyError> {
        SigningKey::from_pkcs8_der(der).map_err(|_| KeyError::Private).and_then(Self::new)
    }

    /// Writes PKCS #8 in DER, for a file that only its owner may read.
    pub fn to_pkcs8(&self) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let der = self.key.to_pkcs8_der().map_err(|_| KeyError::Private)?;
        Ok(Zeroizing::new(der.as_bytes().to_vec()))
    }

    /// The public half.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    fn new(key: SigningKey) -> Result<Self, KeyError> {
        let point = key.verifying_key().to_sec1_point(false);
        let spki = [&SPKI_HEAD, point.as_bytes()].concat();
        Ok(Self { public: PublicKey::from_spki(&spki)?, key })
    }
}

impl Signer for SoftwareKey {
    fn spki(&self) -> &[u8] {
        self.public.spki()
    }

    fn sign(&self, message: &[u8]) -> Result<[u8; SIGNATURE_LENGTH], SignerFault> {
        let signature: Signature = self.key.try_sign(message).map_err(|_| SignerFault::Unavailable)?;
        Ok(signature.to_bytes().into())
    }
}

impl fmt::Debug for SoftwareKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SoftwareKey({}, private half not shown)", self.public.id())
    }
}
