//! What a registration proves without saying: the code itself never travels.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use super::{AccountId, DeviceId};
use crate::identifier::ServiceOrigin;
use crate::settings::RegistrationCode;

/// Domain tag of the proof, its closing zero octet included.
const REGISTRATION_TAG: &[u8] = b"shikaku-registration/v1\0";
/// Domain tag of the attestation challenge, its closing zero octet included.
const ATTESTATION_TAG: &[u8] = b"shikaku-attestation/v1\0";
/// Domain tag of a new key's signature, its closing zero octet included.
const ROTATION_TAG: &[u8] = b"shikaku-rotation/v1\0";

/// HMAC-SHA-256 under the ten octets of the code, over
/// tag ‖ SHA-256(origin) ‖ SHA-256(account id) ‖ SHA-256(SPKI) ‖ nonce.
pub fn registration_proof(
    code: &RegistrationCode,
    origin: &ServiceOrigin,
    account: &AccountId,
    spki: &[u8],
    nonce: &[u8; 32],
) -> [u8; 32] {
    keyed(code, origin, account, spki, nonce).finalize().into_bytes().into()
}

/// Whether `proof` is the right one; takes the same time for every wrong one.
#[must_use]
pub fn is_registration_proof(
    proof: &[u8; 32],
    code: &RegistrationCode,
    origin: &ServiceOrigin,
    account: &AccountId,
    spki: &[u8],
    nonce: &[u8; 32],
) -> bool {
    registration_proof(code, origin, account, spki, nonce).ct_eq(proof).into()
}

/// The challenge for the key store's attestation: SHA-256(tag ‖ account id ‖ nonce).
pub fn attestation_challenge(account: &AccountId, nonce: &[u8; 32]) -> [u8; 32] {
    Sha256::new()
        .chain_update(ATTESTATION_TAG)
        .chain_update(account.as_str())
        .chain_update(nonce)
        .finalize()
        .into()
}

/// What the new key signs when a device changes keys:
/// tag ‖ SHA-256(origin) ‖ SHA-256(device id) ‖ SHA-256(old SPKI) ‖ SHA-256(new SPKI).
pub fn rotation_message(
    origin: &ServiceOrigin,
    device: &DeviceId,
    old_spki: &[u8],
    new_spki: &[u8],
) -> Vec<u8> {
    let mut message = ROTATION_TAG.to_vec();
    for field in [origin.as_str().as_bytes(), &device.0, old_spki, new_spki] {
        message.extend_from_slice(&Sha256::digest(field));
    }
    message
}

fn keyed(
    code: &RegistrationCode,
    origin: &ServiceOrigin,
    account: &AccountId,
    spki: &[u8],
    nonce: &[u8; 32],
) -> Hmac<Sha256> {
    let key = padded(code);
    let mut mac = Hmac::<Sha256>::new((&*key).into());
    mac.update(REGISTRATION_TAG);
    for field in [origin.as_str().as_bytes(), account.as_str().as_bytes(), spki] {
        mac.update(&Sha256::digest(field));
    }
    mac.update(nonce);
    mac
}

/// The key as HMAC itself would pad it to a block (RFC 2104), so that no length can be wrong.
fn padded(code: &RegistrationCode) -> Zeroizing<[u8; 64]> {
    let mut block = Zeroizing::new([0; 64]);
    for (to, from) in block.iter_mut().zip(code.octets()) {
        *to = *from;
    }
    block
}
