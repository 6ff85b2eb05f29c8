//! What names a registered device.

use core::fmt;
use core::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

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
    fn a_device_id_is_read_as_it_is_written() {
        let id = DeviceId([7; 16]);
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!("BwcHBwcHBwcHBwcHBwcHBw==".parse::<DeviceId>(), Err(DeviceIdError));
        assert_eq!("Bwc".parse::<DeviceId>(), Err(DeviceIdError));
    }
}
