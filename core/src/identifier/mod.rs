//! Identifiers of the field, one type each: parse, do not validate. Display prints the canonical form.

mod account;
mod check_digit;
mod date;
mod device;
mod era;
mod institution;
mod insurer;
pub mod octets;
mod origin;
mod text;

pub use account::{AccountId, AccountIdError};
pub use check_digit::check_digit;
pub use date::{Date, DateError};
pub use device::{DeviceId, DeviceIdError};
pub use era::{Era, EraDate};
pub use institution::{InstitutionCode, InstitutionCodeError, Irregularity};
pub use insurer::{InsurerNumber, InsurerNumberError};
pub use origin::{OriginError, ServiceOrigin};
pub use text::{
    Address, BranchNumber, InsuredNumber, InsuredSymbol, InsurerName, PersonName, PostNumber, TextError,
    fits_a_line,
};
