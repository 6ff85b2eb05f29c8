//! Sealing of what the database keeps but must not be able to show: registration codes and stored answers.
//!
//! AES-256-GCM under a key that lies outside the database. What is sealed is bound to where it belongs (the
//! additional data), so that a row cannot be moved to another account or another operation.
//!
//! Form: one octet `0x01`, nonce 12, ciphertext, tag 16.

use aes_gcm::aead::{Aead as _, KeyInit as _, Payload};
use aes_gcm::{Aes256Gcm, Key, Nonce};
use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use shikaku::identifier::AccountId;
use zeroize::Zeroizing;

use crate::randomness::{Randomness, RandomnessFault};

const FORM: u8 = 0x01;
const NONCE_LENGTH: usize = 12;

/// The key that seals: 32 octets in a file of the data folder, wiped from memory when dropped.
pub struct SealingKey(Zeroizing<[u8; 32]>);

/// What is sealed and where it belongs; the additional data of the seal.
#[derive(Debug, Clone, Copy)]
pub enum Place<'a> {
    /// The live registration code of an account.
    RegistrationCode(&'a AccountId),
    /// A code that was used or has expired. Another place than a live one, so that it can never be shown as one.
    SpentCode(&'a AccountId),
    /// The stored answer of an operation.
    Answer {
        /// SHA-256 of the device key's SPKI.
        key_id: &'a [u8; 32],
        /// The operation's Idempotency-Key.
        idempotency_key: &'a [u8; 16],
    },
}

/// Why something could not be sealed or opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SealError {
    /// No randomness for the nonce.
    #[error(transparent)]
    Randomness(#[from] RandomnessFault),
    /// Longer than the cipher takes.
    #[error("too long to be sealed")]
    Length,
    /// Sealed with another key, for another place, or changed since.
    #[error("this was not sealed here, or has been changed")]
    Broken,
}

impl SealingKey {
    /// A key from 32 random octets.
    pub const fn new(octets: Zeroizing<[u8; 32]>) -> Self {
        Self(octets)
    }

    /// Seals `plain` for one place.
    pub fn seal(
        &self,
        place: Place<'_>,
        plain: &[u8],
        randomness: &Randomness,
    ) -> Result<Vec<u8>, SealError> {
        let nonce: [u8; NONCE_LENGTH] = randomness.octets()?;
        let payload = Payload { msg: plain, aad: &place.additional_data() };
        let sealed = self.cipher().encrypt(&Nonce::from(nonce), payload).map_err(|_| SealError::Length)?;
        Ok([&[FORM], &nonce[..], &sealed].concat())
    }

    /// Opens what was sealed for the same place.
    pub fn open(&self, place: Place<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let (nonce, sealed) = sealed
            .strip_prefix(&[FORM])
            .and_then(<[u8]>::split_first_chunk::<NONCE_LENGTH>)
            .ok_or(SealError::Broken)?;
        let payload = Payload { msg: sealed, aad: &place.additional_data() };
        let plain = self.cipher().decrypt(&Nonce::from(*nonce), payload).map_err(|_| SealError::Broken)?;
        Ok(Zeroizing::new(plain))
    }

    /// Another key for another use: HMAC-SHA-256 of `label`. Whoever shares this key shares that one.
    pub fn derive(&self, label: &[u8]) -> Zeroizing<[u8; 32]> {
        // HMAC takes keys of any length; the other arm cannot be reached.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&*self.0) else { return Zeroizing::new([0; 32]) };
        mac.update(label);
        Zeroizing::new(mac.finalize().into_bytes().into())
    }

    fn cipher(&self) -> Aes256Gcm {
        Aes256Gcm::new(&Key::<Aes256Gcm>::from(*self.0))
    }
}

impl std::fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SealingKey(not shown)")
    }
}

impl Place<'_> {
    fn additional_data(&self) -> Vec<u8> {
        match self {
            Self::RegistrationCode(account) => {
                [b"shikaku-registration-code/v1\0", account.as_str().as_bytes()].concat()
            }
            Self::SpentCode(account) => [b"shikaku-spent-code/v1\0", account.as_str().as_bytes()].concat(),
            Self::Answer { key_id, idempotency_key } => {
                [&b"shikaku-stored-answer/v1\0"[..], *key_id, *idempotency_key].concat()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(octet: u8) -> SealingKey {
        SealingKey::new(Zeroizing::new([octet; 32]))
    }

    fn account(text: &str) -> AccountId {
        text.parse().unwrap()
    }

    #[test]
    fn what_is_sealed_opens_in_its_place_and_nowhere_else() {
        let (one, two) = (account("W0000001"), account("W0000002"));
        let sealed = key(7).seal(Place::RegistrationCode(&one), b"secret", &Randomness::system()).unwrap();
        assert_eq!(*key(7).open(Place::RegistrationCode(&one), &sealed).unwrap(), b"secret");
        assert_eq!(key(7).open(Place::RegistrationCode(&two), &sealed), Err(SealError::Broken));
        assert_eq!(key(7).open(Place::SpentCode(&one), &sealed), Err(SealError::Broken));
        assert_eq!(key(8).open(Place::RegistrationCode(&one), &sealed), Err(SealError::Broken));
    }

    #[test]
    fn every_changed_octet_is_noticed() {
        let place = Place::Answer { key_id: &[1; 32], idempotency_key: &[2; 16] };
        let sealed = key(7).seal(place, b"answer", &Randomness::system()).unwrap();
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert_eq!(key(7).open(place, &changed), Err(SealError::Broken), "octet {at}");
        }
        for length in 0..sealed.len() {
            assert_eq!(key(7).open(place, &sealed[..length]), Err(SealError::Broken), "length {length}");
        }
    }

    #[test]
    fn the_same_text_sealed_twice_differs() {
        let place = Place::Answer { key_id: &[1; 32], idempotency_key: &[2; 16] };
        let seal = || key(7).seal(place, b"answer", &Randomness::system()).unwrap();
        assert_ne!(seal(), seal());
    }
}
