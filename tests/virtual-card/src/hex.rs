//! Octets as hexadecimal text, as card data writes them.

use serde::{Deserialize as _, Deserializer, de::Error as _};

/// Reads pairs of hexadecimal digits; white space between pairs is allowed.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text
        .chars()
        .filter(|character| !character.is_whitespace())
        .map(|digit| digit.to_digit(16).and_then(|value| u8::try_from(value).ok()))
        .collect::<Option<_>>()?;
    let (pairs, rest) = digits.as_chunks::<2>();
    rest.is_empty().then(|| pairs.iter().map(|[high, low]| high << 4 | low).collect())
}

/// Upper case, no spaces.
pub(crate) fn encode(octets: &[u8]) -> String {
    use std::fmt::Write as _;
    octets.iter().fold(String::with_capacity(octets.len() * 2), |mut text, octet| {
        let _ = write!(text, "{octet:02X}");
        text
    })
}

/// For `#[serde(deserialize_with = …)]`.
pub(crate) fn octets<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    let text = String::deserialize(deserializer)?;
    decode(&text).ok_or_else(|| D::Error::custom(format!("not hexadecimal octets: {text:?}")))
}

/// A file identifier: four hexadecimal digits.
pub(crate) fn file_id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u16, D::Error> {
    let text = String::deserialize(deserializer)?;
    (text.len() == 4)
        .then(|| u16::from_str_radix(&text, 16).ok())
        .flatten()
        .ok_or_else(|| D::Error::custom(format!("not a file identifier of four digits: {text:?}")))
}

/// A file identifier that may be left out.
pub(crate) fn optional_file_id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u16>, D::Error> {
    file_id(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn octets_survive_the_way_there_and_back() {
        assert_eq!(decode(" 00 a4\n0C "), Some(vec![0x00, 0xa4, 0x0c]));
        assert_eq!(encode(&[0x00, 0xa4, 0x0c]), "00A40C");
    }

    #[test]
    fn half_an_octet_or_a_stranger_is_refused() {
        assert_eq!(decode("0"), None);
        assert_eq!(decode("0g"), None);
    }
}
