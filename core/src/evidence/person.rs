//! What both records say of the holder: birth date, and the card's own key.

use core::fmt;

use super::tlv::{NotTheObject, Reader};
use crate::certificate::signature::{PublicKey, SIGNATURE_LENGTH};
use crate::identifier::Date;

/// The holder's birth date and the public half of the key that signs in the card face application.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Person {
    pub(super) birth_date: Date,
    pub(super) key: PublicKey,
}

impl fmt::Debug for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Person")
    }
}

/// Eight digits `YYYYMMDD`.
pub(super) fn date(octets: [u8; 8]) -> Result<Date, NotTheObject> {
    let text = core::str::from_utf8(&octets).map_err(|_| NotTheObject)?;
    Date::from_compact(text).map_err(|_| NotTheObject)
}

/// `90` exponent, `91` modulus; RSA-2048 with exponent 65537 and nothing else.
pub(super) fn key(content: &[u8]) -> Result<PublicKey, NotTheObject> {
    let mut reader = Reader::new(content);
    let exponent = reader.object(0x0090)?.content;
    let modulus: [u8; SIGNATURE_LENGTH] = reader.exactly(0x0091)?;
    reader.end()?;
    PublicKey::new(&modulus, exponent).ok_or(NotTheObject)
}
