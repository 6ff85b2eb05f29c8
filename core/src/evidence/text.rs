//! EF 0002 of the text input application (券面入力補助AP): name and birth date as text, for the device alone.

use core::fmt;

use zeroize::Zeroizing;

use super::person::date;
use super::tlv::{self, Reader};
use super::{MAX_ATTRIBUTES_LENGTH, SurfaceError};
use crate::identifier::Date;

/// `FF20 {DF21 offsets · DF22 name · DF23 address · DF24 birth date · DF25 sex}`, the texts in UTF-8 (基本4情報).
///
/// No signature over it is verified: the name is for the eye, see `SECURITY.md`. Only the name and the birth date are kept; the address is passed over.
pub struct Attributes {
    name: Zeroizing<String>,
    birth_date: Date,
}

impl Attributes {
    /// Tag of the record.
    pub(crate) const TAG: u16 = 0xff20;

    /// Reads a record of at most [`MAX_ATTRIBUTES_LENGTH`] octets, nothing behind it.
    pub fn parse(octets: &[u8]) -> Result<Self, SurfaceError> {
        if octets.len() > MAX_ATTRIBUTES_LENGTH {
            return Err(SurfaceError::Malformed);
        }
        let mut reader = Reader::new(tlv::whole(octets, Self::TAG)?);
        reader.object(0xdf21)?;
        let name =
            core::str::from_utf8(reader.object(0xdf22)?.content).map_err(|_| SurfaceError::Malformed)?;
        reader.object(0xdf23)?;
        let birth_date = date(reader.exactly(0xdf24)?)?;
        reader.object(0xdf25)?;
        reader.end()?;
        if name.trim().is_empty() || name.chars().any(char::is_control) {
            return Err(SurfaceError::Malformed);
        }
        Ok(Self { name: Zeroizing::new(name.to_owned()), birth_date })
    }

    /// 氏名 as the chip has it. Never leaves the device.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// 生年月日.
    pub const fn birth_date(&self) -> Date {
        self.birth_date
    }

    /// The name alone, wiped when it is dropped.
    pub(crate) fn into_name(self) -> Zeroizing<String> {
        self.name
    }
}

/// Name and birth date are a person's and stay out of logs.
impl fmt::Debug for Attributes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Attributes")
    }
}
