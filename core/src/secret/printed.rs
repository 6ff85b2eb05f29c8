//! The numbers that are printed on the card and open parts of it without a PIN: redacted and wiped like the PIN.
//!
//! A wrong one costs a try of the card's own counters, so what cannot be right is refused before a card sees it.

use core::fmt;

use zeroize::Zeroizing;

use crate::identifier::Date;

/// Digits of the birth-date key.
pub const BIRTH_DATE_KEY_LENGTH: usize = 6;
/// Digits of 照合番号B.
pub const CODE_B_LENGTH: usize = 14;

/// The first year in which a My Number Card can end: the cards were first given out in it.
const FIRST_EXPIRY: i32 = 2016;
/// The longest that a card lasts: ten birthdays, the next one not counted.
const LONGEST_YEARS: i32 = 11;

/// The birth date as printed (生年月日), `YYMMDD`: era years, or western ones as on cards of foreign residents.
///
/// Neither cloned nor shown; its only reader is the VERIFY command, which consumes it.
pub struct BirthDateKey(Zeroizing<Box<[u8]>>);

/// 照合番号B as printed: birth date `YYMMDD`, the year in which the card ends `YYYY`, security code of four digits.
///
/// Neither cloned nor shown; its only readers are the VERIFY commands of the two applications that it opens.
pub struct CodeB(Zeroizing<Box<[u8]>>);

impl BirthDateKey {
    /// Takes six ASCII digits that mean a day up to `today` in any era, or in 19YY or 20YY.
    ///
    /// The caller's own buffer stays the caller's to wipe.
    pub fn new(digits: &[u8], today: Date) -> Result<Self, PrintedError> {
        let text = digits_of(digits, BIRTH_DATE_KEY_LENGTH)?;
        check_birth(text, today)?;
        Ok(Self(Zeroizing::new(Box::from(digits))))
    }

    pub(crate) fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl CodeB {
    /// Takes fourteen ASCII digits: a day up to `today` as in [`BirthDateKey::new`], and a year in which a card can end.
    ///
    /// The caller's own buffer stays the caller's to wipe.
    pub fn new(digits: &[u8], today: Date) -> Result<Self, PrintedError> {
        let text = digits_of(digits, CODE_B_LENGTH)?;
        check_birth(text.get(..6).unwrap_or_default(), today)?;
        let year = text.get(6..10).and_then(|year| year.parse::<i32>().ok());
        let (this_year, ..) = today.parts();
        if year.is_none_or(|year| !(FIRST_EXPIRY..=this_year + LONGEST_YEARS).contains(&year)) {
            return Err(PrintedError::NoExpiryYear);
        }
        Ok(Self(Zeroizing::new(Box::from(digits))))
    }

    pub(crate) fn expose(&self) -> &[u8] {
        &self.0
    }
}

fn digits_of(digits: &[u8], length: usize) -> Result<&str, PrintedError> {
    if digits.len() != length {
        return Err(PrintedError::Length);
    }
    core::str::from_utf8(digits)
        .ok()
        .filter(|text| text.bytes().all(|digit| digit.is_ascii_digit()))
        .ok_or(PrintedError::NotADigit)
}

fn check_birth(text: &str, today: Date) -> Result<(), PrintedError> {
    if Date::of_six_digits(text, today).is_empty() { Err(PrintedError::NoBirthDate) } else { Ok(()) }
}

impl fmt::Debug for BirthDateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BirthDateKey(******)")
    }
}

impl fmt::Debug for CodeB {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CodeB(**************)")
    }
}

/// Why a printed number was not taken. Says nothing about what was typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PrintedError {
    /// Not six, or not fourteen, octets long.
    #[error("the number has another length")]
    Length,
    /// Something else than the ASCII digits 0 to 9.
    #[error("the number holds nothing but the digits 0 to 9")]
    NotADigit,
    /// Its first six digits are no day of birth.
    #[error("the first six digits are no day of birth")]
    NoBirthDate,
    /// Digits seven to ten are no year in which a card can end.
    #[error("digits seven to ten are no year in which a card can end")]
    NoExpiryYear,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn today() -> Date {
        "2026-11-22".parse().unwrap()
    }

    #[test]
    fn a_birth_date_of_any_era_or_century_makes_a_key() {
        for digits in ["550217", "800217", "450729", "640107", "020229", "010501"] {
            assert_eq!(BirthDateKey::new(digits.as_bytes(), today()).unwrap().expose(), digits.as_bytes());
        }
    }

    #[test]
    fn what_is_no_birth_date_never_reaches_a_card() {
        for (digits, why) in [
            ("", PrintedError::Length),
            ("55021", PrintedError::Length),
            ("5502170", PrintedError::Length),
            ("55021a", PrintedError::NotADigit),
            ("5502-7", PrintedError::NotADigit),
            ("551317", PrintedError::NoBirthDate),
            ("550230", PrintedError::NoBirthDate),
            ("000000", PrintedError::NoBirthDate),
        ] {
            assert_eq!(BirthDateKey::new(digits.as_bytes(), today()).unwrap_err(), why, "{digits}");
        }
        assert_eq!(
            BirthDateKey::new(&[0xff; 6], today()).unwrap_err(),
            PrintedError::NotADigit,
            "what is no text is no digit either"
        );
    }

    #[test]
    fn code_b_is_birth_date_year_of_expiry_and_security_code() {
        // The number of the published J-LIS test card, whose holder does not exist.
        assert_eq!(CodeB::new(b"55021720352285", today()).unwrap().expose(), b"55021720352285");
        for (digits, why) in [
            ("5502172035228", PrintedError::Length),
            ("5502172035228５", PrintedError::Length),
            ("5502172035 285", PrintedError::NotADigit),
            ("55133120352285", PrintedError::NoBirthDate),
            ("55021720152285", PrintedError::NoExpiryYear),
            ("55021720382285", PrintedError::NoExpiryYear),
        ] {
            assert_eq!(CodeB::new(digits.as_bytes(), today()).unwrap_err(), why, "{digits}");
        }
        for year in [2016, 2037] {
            assert!(CodeB::new(format!("550217{year}0000").as_bytes(), today()).is_ok());
        }
    }

    #[test]
    fn nothing_of_a_number_is_printed() {
        let shown = format!(
            "{:?} {:#?}",
            BirthDateKey::new(b"550217", today()).unwrap(),
            CodeB::new(b"55021720352285", today()).unwrap()
        );
        assert!(!shown.contains(|c: char| c.is_ascii_digit()), "{shown}");
    }
}
