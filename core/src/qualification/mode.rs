//! How a person was identified.

use serde::{Deserialize, Serialize};

/// How the holder's presence is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// The card's four-digit PIN.
    Pin,
    /// 目視確認: staff compared the printed photo with the person, and the card proved to be no copy.
    Visual,
}
