//! Texts that the field bounds: one macro instead of a copy for each.

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Serialize};

/// Why a text is not what it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TextError {
    /// Empty, or blanks only. A missing value is left out, never empty.
    #[error("it is empty; leave a missing value out")]
    Empty,
    /// Longer than the field allows.
    #[error("it is longer than {0} characters")]
    TooLong(usize),
    /// Holds a control character, such as a tab or a line break, which would break tables and exports.
    #[error("it holds a tab, a line break or another control character; take it out")]
    Control,
    /// Not as many digits as due.
    #[error("it must be exactly {0} digits")]
    Digits(usize),
}

/// A newtype over a text that `$check` has let through, unchanged: real code points, width and all.
macro_rules! texts {
    ($( $(#[$doc:meta])* $name:ident: $check:expr; )*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
        #[cfg_attr(feature = "schema", schema(value_type = String))]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The text as it came.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = TextError;

            fn from_str(text: &str) -> Result<Self, TextError> {
                Self::try_from(text.to_owned())
            }
        }

        impl TryFrom<String> for $name {
            type Error = TextError;

            fn try_from(text: String) -> Result<Self, TextError> {
                let check: fn(&str) -> Result<(), TextError> = $check;
                check(&text)?;
                Ok(Self(text))
            }
        }

        impl From<$name> for String {
            fn from(text: $name) -> Self {
                text.0
            }
        }

        impl fmt::Debug for $name {
            /// Never the text, which may name a person: a log may hold this.
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(not shown)"))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

texts! {
    /// 被保険者証記号: free text of at most 20 characters, full or half width. Absent for 後期高齢者.
    InsuredSymbol: free::<20>;
    /// 被保険者証番号: free text of at most 20 characters, full or half width.
    InsuredNumber: free::<20>;
    /// 枝番: two digits as text; `00` is a value, and an empty one is left out.
    BranchNumber: digits::<2>;
    /// 保険者名, at most 100 characters.
    InsurerName: free::<100>;
    /// A name of a person or its kana, at most 100 characters, with its real code points (外字, IVS).
    PersonName: free::<100>;
    /// 住所, at most 200 characters.
    Address: free::<200>;
    /// 郵便番号: seven digits, or three and four with a hyphen.
    PostNumber: post_number;
}

/// What the source writes where it has no character for a part of a name.
const UNKNOWN_CHARACTER: char = '●';

impl PersonName {
    /// Whether the source could not write a part of the name and sent ● instead.
    pub fn has_unknown_character(&self) -> bool {
        self.0.contains(UNKNOWN_CHARACTER)
    }

    /// The name to keep when `incoming` arrives for a person whose name was `known`: the new one, but a
    /// known good name is never overwritten by one with ●, nor by none at all.
    #[must_use]
    pub fn kept(known: Option<Self>, incoming: Option<Self>) -> Option<Self> {
        match (known, incoming) {
            (Some(known), Some(incoming))
                if incoming.has_unknown_character() && !known.has_unknown_character() =>
            {
                Some(known)
            }
            (known, incoming) => incoming.or(known),
        }
    }
}

fn free<const MOST: usize>(text: &str) -> Result<(), TextError> {
    if text.trim().is_empty() {
        return Err(TextError::Empty);
    }
    if text.chars().count() > MOST {
        return Err(TextError::TooLong(MOST));
    }
    if !fits_a_line(text) {
        return Err(TextError::Control);
    }
    Ok(())
}

/// Whether a text can stand in a line of a screen, a table or an export and shows as what it is: no control character,
/// no line break, no mark that turns the direction of writing. Every text of the field is held to it, and so are those
/// that the service tells its devices.
pub fn fits_a_line(text: &str) -> bool {
    !text.chars().any(breaks_a_line)
}

/// Control characters, the line breaks U+2028 and U+2029 that are none, and the marks that turn the direction of
/// writing and so could show a name as another. Variation selectors (IVS) are none of these.
fn breaks_a_line(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{206f}' | '\u{feff}'
        )
}

fn digits<const COUNT: usize>(text: &str) -> Result<(), TextError> {
    if text.is_empty() {
        return Err(TextError::Empty);
    }
    if text.len() != COUNT || !text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(TextError::Digits(COUNT));
    }
    Ok(())
}

fn post_number(text: &str) -> Result<(), TextError> {
    match text.split_once('-') {
        Some((area, town)) => digits::<3>(area).and(digits::<4>(town)).map_err(|_| TextError::Digits(7)),
        None => digits::<7>(text),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn texts_keep_their_code_points() {
        for name in ["髙橋\u{3000}﨑子", "葛\u{E0100}城 花子", "𠮷野家太郎", "●田 太郎"] {
            assert_eq!(name.parse::<PersonName>().unwrap().as_str(), name);
        }
        assert_eq!("１２・ア".parse::<InsuredSymbol>().unwrap().to_string(), "１２・ア");
    }

    #[test]
    fn debug_never_shows_what_may_name_a_person() {
        let name: PersonName = "資格 太郎".parse().unwrap();
        assert_eq!(format!("{name:?}"), "PersonName(not shown)");
    }

    #[test]
    fn a_symbol_has_twenty_characters_at_most_whatever_their_width() {
        assert!("あ".repeat(20).parse::<InsuredSymbol>().is_ok());
        assert_eq!("あ".repeat(21).parse::<InsuredSymbol>(), Err(TextError::TooLong(20)));
    }

    #[test]
    fn an_empty_branch_is_not_the_branch_00() {
        assert_eq!("00".parse::<BranchNumber>().unwrap().as_str(), "00");
        assert_eq!("".parse::<BranchNumber>(), Err(TextError::Empty));
        for text in ["0", "000", "0a", "０１"] {
            assert_eq!(text.parse::<BranchNumber>(), Err(TextError::Digits(2)), "{text}");
        }
    }

    #[test]
    fn what_would_break_a_line_or_a_table_is_refused() {
        for text in ["a\tb", "a\r\nb", "a\u{85}b", "a\u{2028}b", "\u{0}a", "a\u{202e}b", "\u{feff}a"] {
            assert_eq!(text.parse::<PersonName>(), Err(TextError::Control), "{text:?}");
        }
        assert_eq!(" \u{3000}".parse::<PersonName>(), Err(TextError::Empty));
    }

    #[test]
    fn a_post_number_has_seven_digits_with_or_without_a_hyphen() {
        assert_eq!("1000001".parse::<PostNumber>().unwrap().as_str(), "1000001");
        assert_eq!("100-0001".parse::<PostNumber>().unwrap().as_str(), "100-0001");
        assert_eq!("10-00001".parse::<PostNumber>(), Err(TextError::Digits(7)));
        assert_eq!("100-000-1".parse::<PostNumber>(), Err(TextError::Digits(7)));
    }

    #[test]
    fn a_known_good_name_is_never_overwritten_by_one_with_a_black_circle() {
        let name = |text: &str| Some(text.parse::<PersonName>().unwrap());
        assert_eq!(PersonName::kept(name("吉田"), name("●田")), name("吉田"));
        assert_eq!(PersonName::kept(name("●田"), name("吉田")), name("吉田"));
        assert_eq!(PersonName::kept(name("●●"), name("●田")), name("●田"));
        assert_eq!(PersonName::kept(name("吉田"), name("山田")), name("山田"));
        assert_eq!(PersonName::kept(name("吉田"), None), name("吉田"));
        assert_eq!(PersonName::kept(None, name("●田")), name("●田"));
    }

    proptest! {
        #[test]
        fn whatever_is_let_through_stays_on_one_line(text in any::<String>()) {
            if let Ok(name) = text.parse::<PersonName>() {
                prop_assert_eq!(name.as_str(), text.as_str());
                prop_assert_eq!(name.as_str().lines().count(), 1);
                prop_assert!(!name.as_str().contains('\t'));
            }
        }
    }
}
