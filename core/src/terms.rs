//! 利用規約: the terms of use, as app, service and the answer `terms-outdated` carry them.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::identifier::octets;

/// 利用規約: what is consented to before the settings are asked for. Also the answer of `/v1/terms`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Terms {
    /// Grows with each change.
    pub version: u32,
    /// SHA-256 of the text in UTF-8.
    #[serde(with = "octets")]
    #[cfg_attr(feature = "schema", schema(value_type = String, min_length = 43, max_length = 43))]
    pub sha256: [u8; 32],
    /// The text, Japanese.
    pub text: String,
}

impl Terms {
    /// Terms with their hash.
    pub fn new(version: u32, text: &str) -> Self {
        Self { version, sha256: Sha256::digest(text).into(), text: text.to_owned() }
    }

    /// Whether the text is the one that the hash names.
    pub fn is_whole(&self) -> bool {
        self.sha256 == <[u8; 32]>::from(Sha256::digest(&self.text))
    }
}
