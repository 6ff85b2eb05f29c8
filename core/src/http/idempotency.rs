//! Idempotency-Key: the name of one operation, kept over its repetitions.

use core::fmt;
use core::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

/// Name of the header field.
pub(crate) const HEADER: &str = "idempotency-key";

/// 16 random octets that name one operation. In the header field they stand as a string in quotes
/// (draft-ietf-httpapi-idempotency-key-header), base64url without padding: 24 characters in all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct IdempotencyKey(#[serde(with = "crate::identifier::octets")] pub [u8; 16]);

/// The header field does not hold 16 octets in their one form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the Idempotency-Key must be 16 octets, base64url, in quotes")]
pub struct IdempotencyKeyError;

impl fmt::Display for IdempotencyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", URL_SAFE_NO_PAD.encode(self.0))
    }
}

impl FromStr for IdempotencyKey {
    type Err = IdempotencyKeyError;

    fn from_str(text: &str) -> Result<Self, IdempotencyKeyError> {
        let inner =
            text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).ok_or(IdempotencyKeyError)?;
        let octets = URL_SAFE_NO_PAD.decode(inner).map_err(|_| IdempotencyKeyError)?;
        octets.try_into().map(Self).map_err(|_| IdempotencyKeyError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_as_it_is_written_and_in_no_other_form() {
        let key = IdempotencyKey([7; 16]);
        let text = key.to_string();
        assert_eq!(text.len(), 24);
        assert_eq!(text.parse(), Ok(key));
        let bare = text.trim_matches('"');
        for bad in [
            bare.to_owned(),
            format!("\"{bare}==\""),
            "\"\"".to_owned(),
            format!("{text};a"),
            text.replace('w', "x"),
        ] {
            assert_eq!(bad.parse::<IdempotencyKey>(), Err(IdempotencyKeyError), "{bad}");
        }
    }
}
