//! EF 0001, the age record: birth date, the card's key, and the signature over both.

use sha2::{Digest, Sha256};

use super::person::{Person, date, key};
use super::tlv::{self, Reader};
use super::{MAX_AGE_RECORD_LENGTH, SurfaceError};
use crate::certificate::signature::{PublicKey, SIGNATURE_LENGTH};

/// `FF10 {DF11 birth date YYYYMMDD · DF12 {90 exponent · 91 modulus} · DF13 signature}`.
///
/// The signature is PKCS #1 v1.5 with SHA-256 over the octets of the objects DF11 and DF12.
#[derive(Clone, PartialEq, Eq)]
pub struct AgeRecord {
    octets: Box<[u8]>,
    person: Person,
    signed: [u8; 32],
    signature: [u8; SIGNATURE_LENGTH],
}

impl AgeRecord {
    /// Tag of the record.
    pub(crate) const TAG: u16 = 0xff10;

    /// Reads a record of at most [`MAX_AGE_RECORD_LENGTH`] octets, nothing behind it. Nothing of it is believed yet.
    pub fn parse(octets: &[u8]) -> Result<Self, SurfaceError> {
        if octets.len() > MAX_AGE_RECORD_LENGTH {
            return Err(SurfaceError::Malformed);
        }
        let mut reader = Reader::new(tlv::whole(octets, Self::TAG)?);
        let birth_date = reader.object(0xdf11)?;
        let own_key = reader.object(0xdf12)?;
        let signature = reader.exactly(0xdf13)?;
        reader.end()?;
        let digits = birth_date.content.try_into().map_err(|_| SurfaceError::Malformed)?;
        let person = Person { birth_date: date(digits)?, key: key(own_key.content)? };
        let signed = Sha256::new().chain_update(birth_date.raw).chain_update(own_key.raw).finalize().into();
        Ok(Self { octets: octets.into(), person, signed, signature })
    }

    /// The octets as read.
    pub fn octets(&self) -> &[u8] {
        &self.octets
    }

    pub(super) const fn person(&self) -> &Person {
        &self.person
    }

    pub(super) fn verify(&self, issuer: &PublicKey) -> Result<(), SurfaceError> {
        issuer.verify(&self.signed, &self.signature).map_err(|_| SurfaceError::RecordSignature)
    }
}

/// The record is a person's and stays out of logs.
impl core::fmt::Debug for AgeRecord {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "AgeRecord({} octets)", self.octets.len())
    }
}
