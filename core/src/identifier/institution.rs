//! 医療機関コード: the code of an institution.

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Serialize};

/// 医療機関コード in ten ASCII digits: 都道府県 2, 点数表 1, and the institution's seven.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "schema", schema(value_type = String))]
#[serde(try_from = "String", into = "String")]
pub struct InstitutionCode(String);

/// Why a text is not a 医療機関コード.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InstitutionCodeError {
    /// Not ten ASCII digits.
    #[error("the institution code has ten digits")]
    Form,
}

impl InstitutionCode {
    /// The ten digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for InstitutionCode {
    type Err = InstitutionCodeError;

    fn from_str(text: &str) -> Result<Self, InstitutionCodeError> {
        if text.len() == 10 && text.bytes().all(|b| b.is_ascii_digit()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InstitutionCodeError::Form)
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
        text.parse()
    }
}

impl From<InstitutionCode> for String {
    fn from(code: InstitutionCode) -> Self {
        code.0
    }
}
