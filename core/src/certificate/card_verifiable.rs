//! The keys that issue card-verifiable certificates: roots without a certificate of their own.

use core::fmt;

use super::Hierarchy;
use super::signature::{PublicKey, SIGNATURE_LENGTH};

/// The key of the card face application of production cards. See `anchors/SOURCE.md`.
pub(super) const PRODUCTION: &[u8] = include_bytes!("anchors/cv-5000023.key");

/// Octets of a key id.
const ID_LENGTH: usize = 16;
/// What stands before the 256 octets of the modulus: exponent 65537, then tag and length of the modulus.
const BEFORE_MODULUS: [u8; 9] = [0x90, 0x03, 0x01, 0x00, 0x01, 0x91, 0x82, 0x01, 0x00];
/// Key ids of the production hierarchy begin so: 5000020, 5000023, 5000033. Those of test cards begin with a 6.
const PRODUCTION_ID: u8 = b'5';

/// A public key under the name (鍵ID) by which card-verifiable certificates call it.
#[derive(Clone, PartialEq, Eq)]
pub struct CvKey {
    id: [u8; ID_LENGTH],
    key: PublicKey,
}

/// Octets that are no such key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not a key id with an RSA-2048 key behind it")]
pub struct NotACvKey;

impl CvKey {
    /// Octets of key id and key.
    pub const LENGTH: usize = ID_LENGTH + BEFORE_MODULUS.len() + SIGNATURE_LENGTH;

    /// Takes exactly 281 octets: key id (16), `90 03 010001`, `91 820100` and the modulus (256), as a card-verifiable
    /// certificate carries its subject.
    pub fn parse(octets: &[u8]) -> Result<Self, NotACvKey> {
        let (id, key) = octets.split_first_chunk::<ID_LENGTH>().ok_or(NotACvKey)?;
        let modulus = key.strip_prefix(&BEFORE_MODULUS).ok_or(NotACvKey)?;
        if modulus.len() != SIGNATURE_LENGTH {
            return Err(NotACvKey);
        }
        let key = PublicKey::new(modulus, &[0x01, 0x00, 0x01]).ok_or(NotACvKey)?;
        Ok(Self { id: *id, key })
    }

    /// The key id, 16 octets; seven digits at its front are the part that people read.
    pub const fn id(&self) -> &[u8; 16] {
        &self.id
    }

    /// Production or test, as the id says. Only what is compiled in is production.
    pub const fn hierarchy(&self) -> Hierarchy {
        match self.id {
            [PRODUCTION_ID, ..] => Hierarchy::Production,
            _ => Hierarchy::Test,
        }
    }

    pub(crate) const fn key(&self) -> &PublicKey {
        &self.key
    }
}

impl fmt::Debug for CvKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CvKey").field("id", &self.id).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::certificate::{AnchorError, Anchors};

    const TEST: &[u8] = include_bytes!("../../../tests/data/jpki/surface/cv-6000023.key");

    #[test]
    fn the_production_key_is_compiled_in_and_a_test_key_is_added() {
        let production = CvKey::parse(PRODUCTION).unwrap();
        let test = CvKey::parse(TEST).unwrap();
        assert_eq!((&production.id[..7], production.hierarchy()), (&b"5000023"[..], Hierarchy::Production));
        assert_eq!((&test.id[..7], test.hierarchy()), (&b"6000023"[..], Hierarchy::Test));
        let anchors = Anchors::production();
        assert!(anchors.surface_key(production.id()).is_some() && anchors.surface_key(test.id()).is_none());
        let with_test = anchors.with_test(TEST).unwrap();
        assert!(with_test.surface_key(test.id()).is_some());
        assert!(Anchors::none().surface_key(production.id()).is_none());
    }

    #[test]
    fn a_key_under_a_production_id_is_never_added_from_outside() {
        let lie = [b"5", &TEST[1..]].concat();
        assert_eq!(Anchors::none().with_test(&lie), Err(AnchorError::Name));
        assert_eq!(Anchors::none().with_test(PRODUCTION), Err(AnchorError::Name));
    }

    #[test]
    fn what_is_no_such_key_is_refused() {
        let short_modulus = [&TEST[..25], &[0][..], &TEST[26..]].concat();
        let exponent_three = [&TEST[..16], &[0x90, 0x03, 0, 0, 3], &TEST[21..]].concat();
        for octets in [&[][..], &TEST[..280], &[TEST, &[0]].concat(), &short_modulus, &exponent_three] {
            assert_eq!(CvKey::parse(octets), Err(NotACvKey), "{} octets", octets.len());
        }
    }
}
