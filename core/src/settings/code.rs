//! The registration code (登録コード): 80 random bits that a person can type.

use core::fmt;

use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// Crockford's base 32: no I, L, O, U.
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Characters before the check character.
const BODY: usize = 16;

/// 80 random bits. Written as 16 letters of Crockford's base 32 in groups of four, and a check letter.
///
/// The check letter is from the same 32 letters: read as elements of GF(2⁵) (modulus x⁵ + x² + 1, α = x), the
/// letters d₁ … d₁₆ and the check c satisfy c + Σ αⁱ·dᵢ = 0. All weights (1, α … α¹⁶) differ and none is zero, so
/// every single wrong letter and every exchange of two letters, neighbours or not, is caught.
///
/// Wiped when dropped, never printed by `Debug`, neither cloned nor serialised.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct RegistrationCode([u8; 10]);

/// What was typed is no registration code; nothing is said of where it went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RegistrationCodeError {
    /// Not 17 letters once hyphens and blanks are taken out, or a letter that is none of the 32.
    #[error("a registration code has 16 letters and a check letter")]
    Form,
    /// The check letter does not fit: something is mistyped.
    #[error("the registration code is mistyped: its check letter does not fit")]
    Check,
}

impl RegistrationCode {
    /// A code from 80 bits of the caller's randomness, or from where they were kept sealed.
    pub const fn from_octets(octets: [u8; 10]) -> Self {
        Self(octets)
    }

    /// The ten octets: the key of the registration proof, and what the portal keeps sealed.
    pub const fn octets(&self) -> &[u8; 10] {
        &self.0
    }

    /// `XXXX-XXXX-XXXX-XXXX-C`, for the user settings and for the institution's screen.
    pub fn to_text(&self) -> Zeroizing<String> {
        let digits = self.digits();
        let mut text = Zeroizing::new(String::with_capacity(BODY + 5));
        for (index, digit) in digits.iter().chain([&check(&*digits)]).enumerate() {
            if index > 0 && index % 4 == 0 {
                text.push('-');
            }
            text.push(letter(*digit));
        }
        text
    }

    /// Reads what was typed or scanned: case, hyphens and blanks do not matter, O is 0, I and L are 1.
    pub fn parse(text: &str) -> Result<Self, RegistrationCodeError> {
        let mut digits = Zeroizing::new([0_u8; BODY + 1]);
        let mut count = 0;
        for character in text.chars().filter(|character| !separates(*character)) {
            let slot = digits.get_mut(count).ok_or(RegistrationCodeError::Form)?;
            *slot = value(character).ok_or(RegistrationCodeError::Form)?;
            count += 1;
        }
        let Some((given, body)) = digits.split_last().filter(|_| count == BODY + 1) else {
            return Err(RegistrationCodeError::Form);
        };
        if check(body) != *given {
            return Err(RegistrationCodeError::Check);
        }
        let mut code = Self([0; 10]);
        for (octets, digits) in code.0.chunks_exact_mut(5).zip(body.chunks_exact(8)) {
            let mut bits = digits.iter().fold(0_u64, |bits, digit| bits << 5 | u64::from(*digit));
            for (to, from) in octets.iter_mut().zip(bits.to_be_bytes().iter().skip(3)) {
                *to = *from;
            }
            bits.zeroize();
        }
        Ok(code)
    }

    /// The 16 values of 0 to 31.
    fn digits(&self) -> Zeroizing<[u8; BODY]> {
        let mut digits = Zeroizing::new([0; BODY]);
        for (digits, octets) in digits.chunks_exact_mut(8).zip(self.0.chunks_exact(5)) {
            let mut bits = octets.iter().fold(0_u64, |bits, octet| bits << 8 | u64::from(*octet));
            for digit in digits.iter_mut().rev() {
                *digit = (bits & 31) as u8;
                bits >>= 5;
            }
        }
        digits
    }
}

impl fmt::Debug for RegistrationCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RegistrationCode(not shown)")
    }
}

/// The code as it stands inside signed user settings, and nowhere else.
pub(super) mod text {
    use serde::de::Error as _;
    use serde::{Deserialize as _, Deserializer, Serializer};
    use zeroize::Zeroizing;

    use super::RegistrationCode;

    pub(crate) fn serialize<S: Serializer>(
        code: &RegistrationCode,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&code.to_text())
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<RegistrationCode, D::Error> {
        let text = Zeroizing::new(String::deserialize(deserializer)?);
        RegistrationCode::parse(&text).map_err(D::Error::custom)
    }
}

/// The letter of a value below 32.
fn letter(digit: u8) -> char {
    LETTERS.get(usize::from(digit)).map_or('?', |letter| char::from(*letter))
}

/// Blanks, and whatever a keyboard in Japanese mode makes of the hyphen key.
const fn separates(character: char) -> bool {
    matches!(character, '-' | ' ' | '\t' | '\r' | '\n' | '\u{3000}' | '－' | 'ー' | '‐' | '‑' | '–' | '−')
}

/// The value of a letter; small letters, and full-width ones as Japanese keyboards give them, are forgiven.
fn value(character: char) -> Option<u8> {
    let narrow = match character {
        '！'..='～' => char::from_u32(u32::from(character) - 0xfee0)?,
        other => other,
    };
    let letter = match narrow.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    LETTERS.iter().position(|known| char::from(*known) == letter).and_then(|index| u8::try_from(index).ok())
}

/// Σ αⁱ·dᵢ for i from 1: Horner's rule from the last digit to the first, a multiplication by α after each.
fn check(digits: &[u8]) -> u8 {
    digits.iter().rev().fold(0, |sum, digit| times_alpha(sum ^ digit))
}

/// Multiplication by x modulo x⁵ + x² + 1.
const fn times_alpha(element: u8) -> u8 {
    let shifted = element << 1;
    if shifted & 0b10_0000 == 0 { shifted } else { shifted ^ 0b10_0101 }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn code() -> RegistrationCode {
        RegistrationCode::from_octets([0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc, 0xde, 0xf0, 0x0f, 0xed])
    }

    #[test]
    fn a_code_is_read_back_however_it_is_typed() {
        let text = code().to_text();
        assert_eq!(text.len(), 21);
        let wide: String = text.chars().map(|c| char::from_u32(u32::from(c) + 0xfee0).unwrap()).collect();
        let others = ['ー', '‐', '−', '–', '\u{3000}'].map(|hyphen| wide.replace('－', &hyphen.to_string()));
        let narrow =
            [text.to_string(), text.to_lowercase(), text.replace('-', " "), text.replace('-', ""), wide];
        for typed in narrow.into_iter().chain(others) {
            assert_eq!(RegistrationCode::parse(&typed).unwrap().octets(), code().octets(), "{typed}");
        }
    }

    #[test]
    fn o_is_zero_and_i_and_l_are_one() {
        let code =
            RegistrationCode::from_octets([0x00, 0x42, 0x10, 0x84, 0x21, 0x08, 0x42, 0x10, 0x84, 0x21]);
        let text = code.to_text();
        for (from, to) in [('0', 'o'), ('0', 'O'), ('1', 'i'), ('1', 'L')] {
            let typed = text.replace(from, &to.to_string());
            assert_eq!(RegistrationCode::parse(&typed).unwrap().octets(), code.octets());
        }
    }

    #[test]
    fn every_wrong_letter_and_every_exchange_of_two_is_caught() {
        let text: Vec<char> = code().to_text().replace('-', "").chars().collect();
        for at in 0..text.len() {
            for letter in LETTERS.iter().map(|l| char::from(*l)).filter(|l| *l != text[at]) {
                let mut typed = text.clone();
                typed[at] = letter;
                let typed: String = typed.into_iter().collect();
                assert_eq!(RegistrationCode::parse(&typed).unwrap_err(), RegistrationCodeError::Check);
            }
            for other in (at + 1..text.len()).filter(|other| text[*other] != text[at]) {
                let mut typed = text.clone();
                typed.swap(at, other);
                let typed: String = typed.into_iter().collect();
                assert_eq!(RegistrationCode::parse(&typed).unwrap_err(), RegistrationCodeError::Check);
            }
        }
    }

    #[test]
    fn a_code_does_not_show_itself() {
        assert_eq!(format!("{:?}", code()), "RegistrationCode(not shown)");
    }

    proptest! {
        #[test]
        fn any_octets_survive_the_way_through_the_text(octets: [u8; 10]) {
            let text = RegistrationCode::from_octets(octets).to_text();
            let read = RegistrationCode::parse(&text).unwrap();
            prop_assert_eq!(read.octets(), &octets);
        }

        #[test]
        fn any_text_is_read_or_refused(text in ".{0,40}") {
            let _ = RegistrationCode::parse(&text);
        }
    }
}
