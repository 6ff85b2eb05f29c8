//! Initial registration of a device (初期登録) as pure steps, and what both ends share of it.

mod messages;
mod proof;
mod steps;

pub use messages::{
    Attestation, DEVICE_NAME_LIMIT, KEYS_PATH, KeysAnswer, KeysRequest, NONCE_PATH, NonceAnswer,
    NonceRequest, Platform, REGISTRATION_PATH, RegistrationAnswer, RegistrationRequest, TERMS_PATH,
};
pub use proof::{attestation_challenge, is_registration_proof, registration_proof, rotation_message};
pub use steps::{Consent, Registered, Registration, RegistrationError, rotation_request};

pub use crate::identifier::{AccountId, DeviceId, DeviceIdError};
pub use crate::terms::Terms;
