//! Identifiers of the field, one type each: parse, do not validate.

mod institution;
pub mod octets;
mod origin;

pub use institution::{InstitutionCode, InstitutionCodeError};
pub use origin::{OriginError, ServiceOrigin};
