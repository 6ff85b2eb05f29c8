//! 保険者番号: the number of an insurer.

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Serialize};

use super::check_digit::is_checked;

/// 保険者番号: eight digits (法別 2, 都道府県 2, 保険者別 3, check digit 1), or six for 国民健康保険, which has no
/// 法別. The bare number is kept; how it is padded is a matter of each export.
///
/// 公費負担者番号 (such as that of 医療扶助) has the same eight digits and stands in the same field.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "schema", schema(value_type = String, pattern = "^[0-9]{6}([0-9]{2})?$"))]
#[serde(try_from = "String", into = "String")]
pub struct InsurerNumber(String);

/// Why a text is not a 保険者番号.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InsurerNumberError {
    /// Neither eight nor six ASCII digits.
    #[error("the insurer number has eight digits, or six for the national health insurance")]
    Form,
    /// The last digit is not the check digit.
    #[error("the check digit of the insurer number does not fit; compare it digit by digit")]
    CheckDigit,
}

impl InsurerNumber {
    /// The bare six or eight digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Eight characters, padded on the left with spaces, as the OQS messages have it.
    pub fn padded_with_spaces(&self) -> String {
        format!("{:>8}", self.0)
    }

    /// Eight digits, padded on the left with zeros, as JP Core's identifiers have it.
    pub fn padded_with_zeros(&self) -> String {
        format!("{:0>8}", self.0)
    }
}

impl FromStr for InsurerNumber {
    type Err = InsurerNumberError;

    /// The bare number; spaces around it, as the OQS messages pad it, are taken off.
    fn from_str(text: &str) -> Result<Self, InsurerNumberError> {
        Self::try_from(text.trim().to_owned())
    }
}

impl TryFrom<String> for InsurerNumber {
    type Error = InsurerNumberError;

    fn try_from(text: String) -> Result<Self, InsurerNumberError> {
        if !matches!(text.len(), 6 | 8) || !text.bytes().all(|b| b.is_ascii_digit()) {
            return Err(InsurerNumberError::Form);
        }
        if is_checked(&text) { Ok(Self(text)) } else { Err(InsurerNumberError::CheckDigit) }
    }
}

impl From<InsurerNumber> for String {
    fn from(number: InsurerNumber) -> Self {
        number.0
    }
}

impl fmt::Display for InsurerNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn insurers_of_every_kind_are_read() {
        for text in ["01130012", "06130488", "138057", "39131016"] {
            assert_eq!(text.parse::<InsurerNumber>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn a_six_digit_number_is_padded_as_each_standard_has_it() {
        let number: InsurerNumber = "  138057".parse().unwrap();
        assert_eq!(number.as_str(), "138057");
        assert_eq!(number.padded_with_spaces(), "  138057");
        assert_eq!(number.padded_with_zeros(), "00138057");
        let number: InsurerNumber = "06130488".parse().unwrap();
        assert_eq!(number.padded_with_spaces(), number.padded_with_zeros());
    }

    #[test]
    fn what_is_no_insurer_number_is_refused_with_its_reason() {
        for (text, why) in [
            ("", InsurerNumberError::Form),
            ("1380577", InsurerNumberError::Form),
            ("０６１３０４８８", InsurerNumberError::Form),
            ("0613048x", InsurerNumberError::Form),
            ("06130489", InsurerNumberError::CheckDigit),
            ("138058", InsurerNumberError::CheckDigit),
        ] {
            assert_eq!(text.parse::<InsurerNumber>(), Err(why), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_breaks_the_parser(text in "\\PC{0,10}|[0-9]{5,9}") {
            if let Ok(number) = text.parse::<InsurerNumber>() {
                prop_assert_eq!(number.as_str(), text.trim());
            }
        }
    }
}
