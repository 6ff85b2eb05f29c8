//! What crosses the wire when a device is registered, and when it changes its key.

use serde::{Deserialize, Serialize};

use super::AccountId;
use crate::identifier::octets;
use crate::instant::UnixTime;
use crate::transcript::Challenge;

/// `POST`: asks for a registration nonce. Unsigned request, signed answer.
pub const NONCE_PATH: &str = "/v1/registrations/nonce";
/// `POST`: registers a device; signed by the new device key.
pub const REGISTRATION_PATH: &str = "/v1/registrations";
/// `POST`: changes the device key; signed by the old one.
pub const KEYS_PATH: &str = "/v1/keys";
/// `GET`: the terms in force. Unsigned request, signed answer.
pub const TERMS_PATH: &str = "/v1/terms";

/// Longest name of a device, in characters.
pub const DEVICE_NAME_LIMIT: usize = 100;

/// Asks for a registration nonce.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NonceRequest {
    /// The account to register; the answer is alike whether or not there is one.
    pub account_id: AccountId,
}

/// A registration nonce.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NonceAnswer {
    /// 32 random octets.
    #[serde(with = "octets")]
    #[cfg_attr(feature = "schema", schema(value_type = String, min_length = 43, max_length = 43))]
    pub nonce: [u8; 32],
    /// Until when the service takes it.
    pub expires_at: UnixTime,
    /// The service's time, for a device whose clock is wrong.
    pub server_time: UnixTime,
}

/// What a device runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Platform {
    /// Android.
    Android,
    /// iOS or iPadOS.
    Ios,
    /// Windows.
    Windows,
    /// macOS.
    Macos,
    /// Linux.
    Linux,
}

/// Registers a device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RegistrationRequest {
    /// The account.
    pub account_id: AccountId,
    /// The new device key: SPKI of a P-256 key, DER, 91 octets. The request is signed by it.
    #[serde(with = "octets::any")]
    #[cfg_attr(feature = "schema", schema(value_type = String))]
    pub spki: Vec<u8>,
    /// What the institution calls the device; at most [`DEVICE_NAME_LIMIT`] characters.
    pub device_name: String,
    /// What it runs on.
    pub platform: Platform,
    /// Version of the 利用規約 that was consented to.
    pub terms_version: u32,
    /// The key store's attestation over [`super::attestation_challenge`], if it gives one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attestation: Option<Attestation>,
    /// The nonce of [`NonceAnswer`].
    #[serde(with = "octets")]
    #[cfg_attr(feature = "schema", schema(value_type = String, min_length = 43, max_length = 43))]
    pub nonce: [u8; 32],
    /// [`super::registration_proof`], 32 octets.
    #[serde(with = "octets")]
    #[cfg_attr(feature = "schema", schema(value_type = String, min_length = 43, max_length = 43))]
    pub proof: [u8; 32],
}

/// What a key store says of the key it made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Attestation {
    /// `android-key` (the certificates of the chain, DER, leaf first) or `apple-app-attest` (one CBOR object).
    pub format: String,
    /// The statement's parts, base64url.
    pub statement: Vec<String>,
}

/// A device is registered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RegistrationAnswer {
    /// Device settings, a JWS by the service key.
    pub settings: String,
    /// The first challenges.
    pub challenges: Vec<Challenge>,
}

/// Changes the device key: the request is signed by the old key, `proof` by the new one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct KeysRequest {
    /// The new device key: SPKI of a P-256 key, DER, 91 octets.
    #[serde(with = "octets::any")]
    #[cfg_attr(feature = "schema", schema(value_type = String))]
    pub spki: Vec<u8>,
    /// Raw ES256 signature of the new key over [`super::rotation_message`].
    #[serde(with = "octets")]
    #[cfg_attr(feature = "schema", schema(value_type = String, min_length = 86, max_length = 86))]
    pub proof: [u8; 64],
}

/// The new key is known; the old one stays valid until the first request by the new one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct KeysAnswer {
    /// The version of the settings now in force.
    pub settings_version: u64,
}
