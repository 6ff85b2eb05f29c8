//! What names an account of the portal, and a registered device.

use core::fmt;
use core::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

/// 資格確認アカウントのID: `W` and seven digits. One account, one device.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "schema", schema(value_type = String, pattern = "^W[0-9]{7}$"))]
#[serde(try_from = "String", into = "String")]
pub struct AccountId(String);

/// A text is no account id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an account id is W and seven digits")]
pub struct AccountIdError;

impl AccountId {
    /// The eight characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Reads what a person typed: a small `w` and blanks around it are forgiven.
    pub fn typed(text: &str) -> Result<Self, AccountIdError> {
        text.trim().to_ascii_uppercase().parse()
    }
}

impl FromStr for AccountId {
    type Err = AccountIdError;

    fn from_str(text: &str) -> Result<Self, AccountIdError> {
        match text.strip_prefix('W') {
            Some(digits) if digits.len() == 7 && digits.bytes().all(|b| b.is_ascii_digit()) => {
                Ok(Self(text.to_owned()))
            }
            _ => Err(AccountIdError),
        }
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for AccountId {
    type Error = AccountIdError;

    fn try_from(text: String) -> Result<Self, AccountIdError> {
        text.parse()
    }
}

impl From<AccountId> for String {
    fn from(id: AccountId) -> Self {
        id.0
    }
}

/// 16 random octets by which the service names a registered device; a new registration is a new device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "schema", schema(value_type = String, min_length = 22, max_length = 22))]
#[serde(transparent)]
pub struct DeviceId(#[serde(with = "crate::identifier::octets")] pub [u8; 16]);

/// A text is no device id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a device id is 16 octets, base64url without padding")]
pub struct DeviceIdError;

impl FromStr for DeviceId {
    type Err = DeviceIdError;

    fn from_str(text: &str) -> Result<Self, DeviceIdError> {
        let octets = URL_SAFE_NO_PAD.decode(text).map_err(|_| DeviceIdError)?;
        octets.try_into().map(Self).map_err(|_| DeviceIdError)
    }
}

impl fmt::Display for DeviceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_id_is_w_and_seven_digits() {
        assert_eq!("W0000001".parse::<AccountId>().unwrap().to_string(), "W0000001");
        assert_eq!(AccountId::typed(" w0000001 "), "W0000001".parse());
        for bad in ["W000001", "W00000011", "X0000001", "w0000001", "W000000１", ""] {
            assert_eq!(bad.parse::<AccountId>(), Err(AccountIdError), "{bad}");
        }
    }

    #[test]
    fn a_device_id_is_read_as_it_is_written() {
        let id = DeviceId([7; 16]);
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!("BwcHBwcHBwcHBwcHBwcHBw==".parse::<DeviceId>(), Err(DeviceIdError));
        assert_eq!("Bwc".parse::<DeviceId>(), Err(DeviceIdError));
    }
}
