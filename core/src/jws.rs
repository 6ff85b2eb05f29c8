//! Compact JWS (RFC 7515) with ES256, in one form only.
//!
//! The header is exactly `alg`, `kid` and `typ`, in any order, nothing else: no `crit`, no embedded keys, no
//! second algorithm. `typ` separates what is signed: settings of a user never pass for those of a device.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use crate::http::{KeyId, PublicKey, SIGNATURE_LENGTH, Signer, SignerFault};

/// Longest JWS that is read, in octets.
pub const JWS_LIMIT: usize = 1024 * 1024;

/// Why a text is not a JWS that is accepted here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JwsError {
    /// Not three parts in canonical base64url, or too long.
    #[error("not a compact JWS")]
    Form,
    /// The header is not exactly {alg: ES256, kid, typ}, each once.
    #[error("the JWS header is not exactly alg ES256, kid and typ")]
    Header,
    /// The text is signed as something else.
    #[error("the JWS is of another type")]
    Type,
    /// No listed key has that name.
    #[error("the JWS is signed by a key that is not listed")]
    UnknownKey,
    /// The signature does not fit.
    #[error("the signature of the JWS does not fit")]
    Signature,
}

/// The protected header; a member twice, or a further one, is refused.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    alg: String,
    kid: KeyId,
    typ: String,
}

/// Signs `payload` as `typ`.
pub fn sign(typ: &str, payload: &[u8], signer: &dyn Signer) -> Result<String, SignerFault> {
    let header = Header { alg: "ES256".to_owned(), kid: KeyId::of(signer.spki()), typ: typ.to_owned() };
    let header = serde_json::to_vec(&header).map_err(|_| SignerFault::Unavailable)?;
    // Room for all of it at once: the payload may hold a secret, and a text that grows leaves copies behind.
    let length =
        [header.len(), payload.len(), SIGNATURE_LENGTH].map(base64url_length).iter().sum::<usize>() + 2;
    let mut text = String::with_capacity(length);
    URL_SAFE_NO_PAD.encode_string(header, &mut text);
    text.push('.');
    URL_SAFE_NO_PAD.encode_string(payload, &mut text);
    let signature = signer.sign(text.as_bytes())?;
    text.push('.');
    URL_SAFE_NO_PAD.encode_string(signature, &mut text);
    Ok(text)
}

/// What a JWS holds, and who signed it.
#[derive(Clone, PartialEq, Eq)]
pub struct Verified {
    /// The payload, octet for octet as signed.
    pub payload: Vec<u8>,
    /// Name of the key that signed.
    pub key_id: KeyId,
}

/// The payload may hold a registration code or a person, and stays out of logs.
impl core::fmt::Debug for Verified {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Verified({} octets by {})", self.payload.len(), self.key_id)
    }
}

/// Reads a compact JWS of the given `typ` that one of `keys` has signed.
pub fn verify(text: &str, typ: &str, keys: &[PublicKey]) -> Result<Verified, JwsError> {
    if text.len() > JWS_LIMIT {
        return Err(JwsError::Form);
    }
    let (signed, signature) = text.rsplit_once('.').ok_or(JwsError::Form)?;
    let (header, payload) = signed.split_once('.').ok_or(JwsError::Form)?;
    let header: Header = serde_json::from_slice(&decode(header)?).map_err(|_| JwsError::Header)?;
    if header.alg != "ES256" {
        return Err(JwsError::Header);
    }
    if header.typ != typ {
        return Err(JwsError::Type);
    }
    let key = keys.iter().find(|key| key.id() == header.kid).ok_or(JwsError::UnknownKey)?;
    key.verify(signed.as_bytes(), &decode(signature)?).map_err(|_| JwsError::Signature)?;
    Ok(Verified { payload: decode(payload)?, key_id: header.kid })
}

/// Characters that so many octets are written in, without padding.
const fn base64url_length(octets: usize) -> usize {
    (octets * 4).div_ceil(3)
}

/// Base64url without padding; the decoder refuses padding and trailing bits that are not zero.
fn decode(part: &str) -> Result<Vec<u8>, JwsError> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| JwsError::Form)
}
