//! アカウントID of a 資格確認アカウント: one per device.

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Serialize};

/// `W` and seven digits.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "schema", schema(value_type = String, pattern = "^W[0-9]{7}$"))]
#[serde(try_from = "String", into = "String")]
pub struct AccountId(String);

/// A text that is no アカウントID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the account id is W and seven digits; compare it with the print of the user settings")]
pub struct AccountIdError;

impl AccountId {
    /// The account with this number, or `None` above 9,999,999.
    pub fn from_number(number: u32) -> Option<Self> {
        (number <= 9_999_999).then(|| Self(format!("W{number:07}")))
    }

    /// The canonical text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for AccountId {
    type Err = AccountIdError;

    /// As people type it: a small `w` and blanks around it are forgiven.
    fn from_str(text: &str) -> Result<Self, AccountIdError> {
        Self::try_from(text.trim().to_ascii_uppercase())
    }
}

impl TryFrom<String> for AccountId {
    type Error = AccountIdError;

    fn try_from(text: String) -> Result<Self, AccountIdError> {
        match text.strip_prefix('W') {
            Some(number) if number.len() == 7 && number.bytes().all(|b| b.is_ascii_digit()) => Ok(Self(text)),
            _ => Err(AccountIdError),
        }
    }
}

impl From<AccountId> for String {
    fn from(id: AccountId) -> Self {
        id.0
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_id_is_w_and_seven_digits() {
        assert_eq!("W0000001".parse::<AccountId>().unwrap(), AccountId::from_number(1).unwrap());
        assert_eq!(" w1234567\n".parse::<AccountId>().unwrap().to_string(), "W1234567");
        for text in ["", "W", "W123456", "W12345678", "A1234567", "W12345６7", "W-123456"] {
            assert_eq!(text.parse::<AccountId>(), Err(AccountIdError), "{text}");
        }
        assert_eq!(AccountId::from_number(10_000_000), None);
    }

    #[test]
    fn on_the_wire_only_the_canonical_form_is_taken() {
        assert!(serde_json::from_str::<AccountId>("\"W0000001\"").is_ok());
        assert!(serde_json::from_str::<AccountId>("\"w0000001\"").is_err());
    }
}
