//! The PIN, and the numbers printed on the card: redacted, wiped, neither cloned nor serialised.

mod printed;

pub use printed::{BIRTH_DATE_KEY_LENGTH, BirthDateKey, CODE_B_LENGTH, CodeB, PrintedError};

use core::fmt;

use zeroize::Zeroizing;

/// Number of digits of the user-authentication PIN (利用者証明用電子証明書の暗証番号).
pub const PIN_LENGTH: usize = 4;

/// The four digits of the user-authentication PIN, in one heap box that is wiped on drop.
///
/// Moving a `Pin` moves the pointer, never the digits. There is no `Clone`, no `Serialize`, no
/// comparison and no public way to read it: the only reader is the VERIFY command, which consumes it.
pub struct Pin(Zeroizing<Box<[u8]>>);

impl Pin {
    /// Takes exactly four ASCII digits. A malformed PIN never reaches a card.
    ///
    /// The caller's own buffer stays the caller's to wipe.
    pub fn new(digits: &[u8]) -> Result<Self, PinError> {
        if digits.len() != PIN_LENGTH {
            return Err(PinError::Length);
        }
        if !digits.iter().all(u8::is_ascii_digit) {
            return Err(PinError::NotADigit);
        }
        Ok(Self(Zeroizing::new(Box::from(digits))))
    }

    /// The digits, for the one place that needs them: the data field of VERIFY.
    pub(crate) fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pin(****)")
    }
}

/// Why a PIN was not taken. Says nothing about what was typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PinError {
    /// Not four octets long.
    #[error("a PIN has exactly four digits")]
    Length,
    /// Something else than the ASCII digits 0 to 9.
    #[error("a PIN holds nothing but the digits 0 to 9")]
    NotADigit,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_digits_make_a_pin() {
        assert_eq!(Pin::new(b"0123").unwrap().expose(), b"0123");
    }

    #[test]
    fn anything_but_four_ascii_digits_is_refused() {
        for typed in [&b""[..], b"123", b"12345"] {
            assert_eq!(Pin::new(typed).unwrap_err(), PinError::Length);
        }
        for typed in [&b"12 4"[..], b"abcd", b"12\x004", "１2".as_bytes(), &[0x31, 0x32, 0x33, 0xff]] {
            assert_eq!(Pin::new(typed).unwrap_err(), PinError::NotADigit);
        }
    }

    #[test]
    fn nothing_of_a_pin_is_printed() {
        let pin = format!("{:?} {:#?}", Pin::new(b"4821").unwrap(), Pin::new(b"4821").unwrap());
        assert!(!pin.contains("4821") && !pin.contains("52"), "{pin}");
    }

    /// If a secret gained one of these traits, `probe` would be ambiguous and this would not compile.
    macro_rules! lacks {
        ($type:ty: $($name:ident = $bound:path),+) => {$(
            mod $name {
                pub(super) trait Probe<Marker> { fn probe() {} }
                impl<T: ?Sized> Probe<()> for T {}
                pub(super) struct Has;
                impl<T: ?Sized + $bound> Probe<Has> for T {}
            }
            { use $name::Probe; <$type as Probe<_>>::probe(); }
        )+};
    }

    #[test]
    fn a_pin_is_neither_cloned_nor_serialised_nor_shown() {
        lacks!(Pin: clone = Clone, serialize = serde::Serialize, deserialize = serde::de::DeserializeOwned,
            display = core::fmt::Display, equality = PartialEq, default = Default);
    }

    #[test]
    fn a_printed_number_is_neither_cloned_nor_serialised_nor_shown() {
        lacks!(BirthDateKey: clone = Clone, serialize = serde::Serialize,
            deserialize = serde::de::DeserializeOwned, display = core::fmt::Display, equality = PartialEq);
        lacks!(CodeB: clone_b = Clone, serialize_b = serde::Serialize,
            deserialize_b = serde::de::DeserializeOwned, display_b = core::fmt::Display, equality_b = PartialEq);
    }
}
