//! 医療機関コード: the code of an institution.

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Serialize};

use super::check_digit::{check_digit, is_checked};

/// 医療機関コード in ten ASCII digits: 都道府県 2, 点数表 1, and the institution's seven (郡市区 2, number 4,
/// check digit 1).
///
/// There are two kinds, and no code is of both: a real institution's, and a test institution's, whose
/// prefecture 48 does not exist. Which door a text comes in by decides what is asked of it:
///
/// | door | for | takes |
/// |---|---|---|
/// | [`FromStr`] | entry by hand or argument | a real code with its right check digit and number range |
/// | [`parse_test`](Self::parse_test) | entry with the test flag given | a test institution's code, nothing else |
/// | [`parse_lenient`](Self::parse_lenient) | import of an official list | a real code; an old one's irregularity is told, not refused |
/// | [`admitted`](Self::admitted), serde | messages and rows of a service that admitted the code itself | any code that one of the other doors lets in |
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "schema", schema(value_type = String, min_length = 10, max_length = 10))]
#[serde(try_from = "String", into = "String")]
pub struct InstitutionCode(String);

/// Why a text is not a 医療機関コード, or not one that may be entered here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InstitutionCodeError {
    /// Not ten digits.
    #[error("the institution code has ten digits: prefecture 2, fee table 1, institution 7")]
    Form,
    /// The first two digits are no prefecture.
    #[error("the first two digits are a prefecture, 01 to 47 or 51 to 97")]
    Prefecture,
    /// The third digit is no 点数表.
    #[error(
        "the third digit is the fee table: 1 medical, 3 dental, 4 pharmacy, 6 visiting nurse, 2 check-ups"
    )]
    FeeTable,
    /// The institution's number lies outside the range of its 点数表.
    #[error("the number (digits six to nine) lies outside the fee table's range; compare it with the notice")]
    NumberRange,
    /// The last digit is not the check digit.
    #[error("the check digit does not fit; compare the code digit by digit with the notice")]
    CheckDigit,
    /// A test institution's code where no test flag was given.
    #[error("this is a test institution's code, which is admitted only with the test flag")]
    Test,
    /// The test flag was given, but the code is not a test institution's.
    #[error("this is not a test institution's code (48-1-0000001 is one); leave the test flag out")]
    NotTest,
}

/// What is odd about a code that an official list nevertheless holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Irregularity {
    /// The last digit is not the check digit.
    #[error("the check digit does not fit")]
    CheckDigit,
    /// The institution's number lies outside the range of its 点数表.
    #[error("the number lies outside the fee table's range")]
    NumberRange,
}

/// The prefecture that does not exist and marks a test institution.
const TEST_PREFECTURE: &str = "48";

impl InstitutionCode {
    /// A test institution's code, such as `48-1-0000001`; to be called only where the test flag was given.
    ///
    /// # Errors
    /// Also for every real institution's code.
    pub fn parse_test(text: &str) -> Result<Self, InstitutionCodeError> {
        let code = Self::well_formed(&ten_digits(text)?)?;
        if code.is_test() { Ok(code) } else { Err(InstitutionCodeError::NotTest) }
    }

    /// A real institution's code from an official list: a wrong check digit or number range is told beside
    /// the code and does not refuse it, since old codes have them.
    ///
    /// # Errors
    /// Form, prefecture and 点数表 are as strict as on entry; a test institution's code is refused.
    pub fn parse_lenient(text: &str) -> Result<(Self, Option<Irregularity>), InstitutionCodeError> {
        let code = Self::well_formed(&ten_digits(text)?)?;
        if code.is_test() {
            return Err(InstitutionCodeError::Test);
        }
        let irregularity = code.irregularity();
        Ok((code, irregularity))
    }

    /// A code that a service has admitted by one of the other doors, in its canonical ten digits.
    ///
    /// Never for what a person types: this door knows no flag.
    pub fn admitted(text: &str) -> Result<Self, InstitutionCodeError> {
        Self::well_formed(text)
    }

    /// The ten digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// 都道府県 (2), 点数表 (1) and the institution's digits (7), as the portal shows them apart.
    pub fn parts(&self) -> (&str, &str, &str) {
        let (prefecture, rest) = self.0.split_at_checked(2).unwrap_or(("", ""));
        let (fee_table, number) = rest.split_at_checked(1).unwrap_or(("", ""));
        (prefecture, fee_table, number)
    }

    /// Whether it is a test institution's.
    pub fn is_test(&self) -> bool {
        self.0.starts_with(TEST_PREFECTURE)
    }

    /// Ten ASCII digits with a prefecture (or the test one) and a 点数表.
    fn well_formed(text: &str) -> Result<Self, InstitutionCodeError> {
        if text.len() != 10 || !text.bytes().all(|b| b.is_ascii_digit()) {
            return Err(InstitutionCodeError::Form);
        }
        let code = Self(text.to_owned());
        let (prefecture, fee_table, _) = code.parts();
        let is_prefecture = matches!(prefecture.parse(), Ok(1_u8..=47 | 51..=97));
        if !is_prefecture && prefecture != TEST_PREFECTURE {
            return Err(InstitutionCodeError::Prefecture);
        }
        if !matches!(fee_table, "1" | "2" | "3" | "4" | "6") {
            return Err(InstitutionCodeError::FeeTable);
        }
        Ok(code)
    }

    fn irregularity(&self) -> Option<Irregularity> {
        let number = self.0.get(5..9).and_then(|number| number.parse::<u16>().ok());
        let in_range = match self.parts().1 {
            "1" => matches!(number, Some(1000..=2999)),
            "3" => matches!(number, Some(3000..=3999)),
            "4" => matches!(number, Some(4000..=4999)),
            // No published range for visiting nurses and check-up institutions.
            _ => true,
        };
        if !in_range {
            return Some(Irregularity::NumberRange);
        }
        (!is_checked(&self.0)).then_some(Irregularity::CheckDigit)
    }

    /// The check digit that the first nine digits call for; for the message beside an irregular code.
    pub fn due_check_digit(&self) -> Option<u8> {
        self.0.get(..9).and_then(check_digit)
    }
}

/// Ten digits as people write them: full or half width, with or without hyphens or spaces between the parts.
fn ten_digits(text: &str) -> Result<String, InstitutionCodeError> {
    let plain: String = text.trim().chars().map(half_width).collect();
    if plain.len() == 10 {
        return Ok(plain);
    }
    let parts: Vec<&str> = plain.split(['-', ' ']).collect();
    match parts.as_slice() {
        [prefecture, fee_table, number]
            if prefecture.len() == 2 && fee_table.len() == 1 && number.len() == 7 =>
        {
            Ok(parts.concat())
        }
        _ => Err(InstitutionCodeError::Form),
    }
}

/// The ASCII twin of a full-width digit, hyphen or space; any other character as it is.
fn half_width(character: char) -> char {
    match character {
        '\u{3000}' => ' ',
        '－' | '‐' | '−' | 'ー' => '-',
        '０'..='９' => {
            char::from_u32(u32::from(character) - u32::from('０') + u32::from('0')).unwrap_or(character)
        }
        _ => character,
    }
}

impl FromStr for InstitutionCode {
    type Err = InstitutionCodeError;

    /// A real institution's code as a person enters it: the strictest door.
    fn from_str(text: &str) -> Result<Self, InstitutionCodeError> {
        match Self::parse_lenient(text)? {
            (code, None) => Ok(code),
            (_, Some(Irregularity::CheckDigit)) => Err(InstitutionCodeError::CheckDigit),
            (_, Some(Irregularity::NumberRange)) => Err(InstitutionCodeError::NumberRange),
        }
    }
}

impl fmt::Display for InstitutionCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for InstitutionCode {
    type Error = InstitutionCodeError;

    fn try_from(text: String) -> Result<Self, InstitutionCodeError> {
        Self::admitted(&text)
    }
}

impl From<InstitutionCode> for String {
    fn from(code: InstitutionCode) -> Self {
        code.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn real_codes_of_every_fee_table_are_entered() {
        for text in ["1310112345", "1330131234", "1340141231", "3410712362"] {
            assert_eq!(text.parse::<InstitutionCode>().unwrap().to_string(), text);
        }
        for body in ["136019000", "132010000", "511011234", "971011234"] {
            let text = format!("{body}{}", check_digit(body).unwrap());
            assert_eq!(text.parse::<InstitutionCode>().unwrap().as_str(), text);
        }
    }

    #[test]
    fn a_code_may_be_written_in_its_parts_and_in_full_width() {
        for text in ["13-1-0112345", "13 1 0112345", " 1310112345\n", "１３－１－０１１２３４５"]
        {
            assert_eq!(text.parse::<InstitutionCode>().unwrap().as_str(), "1310112345", "{text:?}");
        }
        let code: InstitutionCode = "1310112345".parse().unwrap();
        assert_eq!(code.parts(), ("13", "1", "0112345"));
    }

    #[test]
    fn what_is_no_code_is_refused_with_its_reason() {
        use InstitutionCodeError::{CheckDigit, FeeTable, Form, NumberRange, Prefecture, Test};
        for (text, why) in [
            ("", Form),
            ("131011234", Form),
            ("13101123455", Form),
            ("131011234x", Form),
            ("1-31-0112345", Form),
            ("131-0112345", Form),
            ("0010112345", Prefecture),
            ("4910112345", Prefecture),
            ("5010112345", Prefecture),
            ("9810112345", Prefecture),
            ("1350112345", FeeTable),
            ("1300112345", FeeTable),
            ("1310112346", CheckDigit),
            ("1310131234", NumberRange),
            ("1330112343", NumberRange),
            ("4810000001", Test),
            ("48-1-0000001", Test),
        ] {
            assert_eq!(text.parse::<InstitutionCode>(), Err(why), "{text}");
        }
    }

    #[test]
    fn a_test_institution_comes_in_by_the_flag_and_nothing_else_does() {
        let code = InstitutionCode::parse_test("48-1-0000001").unwrap();
        assert!(code.is_test());
        assert_eq!(code.as_str(), "4810000001");
        assert_eq!(InstitutionCode::parse_test("1310112345"), Err(InstitutionCodeError::NotTest));
        assert_eq!(InstitutionCode::parse_lenient("4810000001"), Err(InstitutionCodeError::Test));
    }

    #[test]
    fn an_import_tells_what_is_odd_and_takes_the_code() {
        let (code, odd) = InstitutionCode::parse_lenient("1310112346").unwrap();
        assert_eq!((code.as_str(), odd), ("1310112346", Some(Irregularity::CheckDigit)));
        assert_eq!(code.due_check_digit(), Some(5));
        let odd = InstitutionCode::parse_lenient("1310180002").unwrap().1;
        assert_eq!(odd, Some(Irregularity::NumberRange));
        assert_eq!(InstitutionCode::parse_lenient("1310112345").unwrap().1, None);
    }

    #[test]
    fn a_message_carries_whatever_code_its_service_has_admitted() {
        for text in ["1310112345", "1310112346", "4810000001"] {
            let json = format!("\"{text}\"");
            let code: InstitutionCode = serde_json::from_str(&json).unwrap();
            assert_eq!(serde_json::to_string(&code).unwrap(), json);
        }
        for json in ["\"4910000001\"", "\"13-1-0112345\"", "\"１３１０１１２３４５\"", "1310112345"]
        {
            assert!(serde_json::from_str::<InstitutionCode>(json).is_err(), "{json}");
        }
    }

    proptest! {
        #[test]
        fn no_text_breaks_the_parser_and_what_is_read_prints_canonically(text in "\\PC{0,14}|[0-9 -]{9,13}") {
            if let Ok((code, _)) = InstitutionCode::parse_lenient(&text) {
                prop_assert_eq!(code.as_str().len(), 10);
                prop_assert_eq!(InstitutionCode::admitted(code.as_str()), Ok(code));
            }
        }
    }
}
