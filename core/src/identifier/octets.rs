//! Octets of fixed length as base64url without padding, for serde.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serializer};

/// Writes the octets as base64url without padding.
pub fn serialize<S: Serializer, const N: usize>(octets: &[u8; N], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&URL_SAFE_NO_PAD.encode(octets))
}

/// Reads exactly `N` octets.
///
/// # Errors
/// When the text is not base64url without padding, or not of that length.
pub fn deserialize<'de, D: Deserializer<'de>, const N: usize>(deserializer: D) -> Result<[u8; N], D::Error> {
    let text = Cow::<'de, str>::deserialize(deserializer)?;
    let octets = URL_SAFE_NO_PAD.decode(text.as_bytes()).map_err(D::Error::custom)?;
    let length = octets.len();
    octets.try_into().map_err(|_| D::Error::custom(format!("{length} octets where {N} are due")))
}

/// Octets of any length as base64url without padding, for serde.
pub mod any {
    use std::borrow::Cow;

    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use serde::de::Error as _;
    use serde::{Deserialize as _, Deserializer, Serializer};

    /// Writes the octets as base64url without padding.
    pub fn serialize<S: Serializer>(octets: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&URL_SAFE_NO_PAD.encode(octets))
    }

    /// Reads octets, as many as there are.
    ///
    /// # Errors
    /// When the text is not base64url without padding.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        URL_SAFE_NO_PAD.decode(text.as_bytes()).map_err(D::Error::custom)
    }
}
