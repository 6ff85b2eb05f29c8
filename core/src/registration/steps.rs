//! The steps of an initial registration: terms, settings, nonce, proof, answer.

use super::{
    Attestation, DEVICE_NAME_LIMIT, KEYS_PATH, KeysRequest, NONCE_PATH, NonceAnswer, NonceRequest, Platform,
    REGISTRATION_PATH, RegistrationAnswer, RegistrationRequest, Terms, registration_proof, rotation_message,
};
use crate::guide::Code;
use crate::http::signature::{SigningFault, sign_request};
use crate::http::{IdempotencyKey, Request, Signer};
use crate::instant::UnixTime;
use crate::settings::{DeviceSettings, SettingsError, UserSettings};
use crate::transcript::Challenge;
use crate::trust::TrustEntry;

/// Somebody has read these terms and agreed. Only [`Terms::consent`] makes one, and settings are asked for after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Consent {
    version: u32,
    sha256: [u8; 32],
}

impl Consent {
    /// Version of the terms agreed to.
    pub const fn version(&self) -> u32 {
        self.version
    }

    /// SHA-256 of the text agreed to.
    pub const fn sha256(&self) -> &[u8; 32] {
        &self.sha256
    }
}

impl Terms {
    /// Records that the terms, as shown, were agreed to; refused if the text is not the one that the hash names.
    pub fn consent(&self) -> Result<Consent, RegistrationError> {
        if self.is_whole() {
            Ok(Consent { version: self.version, sha256: self.sha256 })
        } else {
            Err(RegistrationError::Terms)
        }
    }
}

/// Why a registration does not go on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RegistrationError {
    /// The terms' text and hash do not fit.
    #[error("the text of the terms is not the one that their hash names")]
    Terms,
    /// The device's name is empty, too long, or holds control characters.
    #[error("the name of the device must have 1 to {DEVICE_NAME_LIMIT} characters")]
    DeviceName,
    /// The trust entry is not that of the settings' service.
    #[error("the settings are for another service")]
    Service,
    /// The request could not be made or signed.
    #[error(transparent)]
    Signing(#[from] SigningFault),
    /// The device settings in the answer are not accepted.
    #[error(transparent)]
    Settings(#[from] SettingsError),
}

impl RegistrationError {
    /// The code that says it to the staff.
    pub const fn code(&self) -> Code {
        match self {
            Self::Terms => Code::TermsOutdated,
            Self::Service => Code::SettingsWrongService,
            Self::Signing(SigningFault::Signer(fault)) => fault.code(),
            Self::DeviceName | Self::Signing(_) => Code::RequestMalformed,
            Self::Settings(error) => error.code(),
        }
    }
}

/// A registration under way. Holds the registration code until it is dropped.
#[derive(Debug)]
pub struct Registration<'a> {
    settings: UserSettings,
    entry: &'a TrustEntry,
    consent: Consent,
    device_name: String,
    platform: Platform,
}

/// What a device knows once it is registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registered {
    /// The device settings. They are verified once, here: kept sealed, they need no signature any more, and the key
    /// that made it may be one that only they themselves name.
    pub settings: DeviceSettings,
    /// The first challenges.
    pub challenges: Vec<Challenge>,
}

impl<'a> Registration<'a> {
    /// Begins: consent was given, and the settings are there.
    pub fn new(
        settings: UserSettings,
        entry: &'a TrustEntry,
        consent: Consent,
        device_name: &str,
        platform: Platform,
    ) -> Result<Self, RegistrationError> {
        if settings.origin != entry.origin {
            return Err(RegistrationError::Service);
        }
        let device_name = device_name.trim().to_owned();
        let length = device_name.chars().count();
        if !(1..=DEVICE_NAME_LIMIT).contains(&length) || device_name.chars().any(char::is_control) {
            return Err(RegistrationError::DeviceName);
        }
        Ok(Self { settings, entry, consent, device_name, platform })
    }

    /// Replaces the consent after the service has said that there are newer terms, and they were agreed to.
    pub fn agree(&mut self, consent: Consent) {
        self.consent = consent;
    }

    /// Gives the settings back, for another attempt.
    pub fn into_settings(self) -> UserSettings {
        self.settings
    }

    /// Asks for a nonce; unsigned, and it tells nothing but the account id.
    pub fn nonce_request(&self, key: &IdempotencyKey) -> Request {
        let body = NonceRequest { account_id: self.settings.account.clone() };
        post(self.entry, NONCE_PATH, key, &body)
    }

    /// The registration itself, signed by the new device key; `now` is the service's time, as the nonce's answer
    /// gave it. To repeat it after a lost answer, make it anew with the same `key`.
    pub fn request(
        &self,
        nonce: &NonceAnswer,
        attestation: Option<Attestation>,
        device_key: &dyn Signer,
        key: &IdempotencyKey,
        now: UnixTime,
    ) -> Result<Request, RegistrationError> {
        let UserSettings { origin, account, code, .. } = &self.settings;
        let spki = device_key.spki();
        let body = RegistrationRequest {
            account_id: account.clone(),
            spki: spki.to_vec(),
            device_name: self.device_name.clone(),
            platform: self.platform,
            terms_version: self.consent.version,
            attestation,
            nonce: nonce.nonce,
            proof: registration_proof(code, origin, account, spki, &nonce.nonce),
        };
        let mut request = post(self.entry, REGISTRATION_PATH, key, &body);
        sign_request(&mut request, device_key, now)?;
        Ok(request)
    }

    /// Takes the believed answer: the device settings must be this service's, for this institution.
    pub fn finish(&self, answer: RegistrationAnswer) -> Result<Registered, RegistrationError> {
        let settings = DeviceSettings::accept(&answer.settings, self.entry, None)?;
        if settings.institution != self.settings.institution {
            return Err(SettingsError::WrongService.into());
        }
        Ok(Registered { settings, challenges: answer.challenges })
    }
}

/// Changes the device key: the request is signed by the old key, the proof inside it by the new one. To be made
/// only when no unsent check is left; open challenges are dropped with it.
pub fn rotation_request(
    settings: &DeviceSettings,
    old: &dyn Signer,
    new: &dyn Signer,
    key: &IdempotencyKey,
    now: UnixTime,
) -> Result<Request, SigningFault> {
    let message = rotation_message(&settings.origin, &settings.device_id, old.spki(), new.spki());
    let body = KeysRequest { spki: new.spki().to_vec(), proof: new.sign(&message)? };
    let body = serde_json::to_vec(&body).unwrap_or_default();
    let mut request = Request::post(&settings.origin, KEYS_PATH, key, body);
    sign_request(&mut request, old, now)?;
    Ok(request)
}

/// Writing a message of ours into memory cannot fail: there is no map and no number that JSON has not.
fn post(entry: &TrustEntry, path: &str, key: &IdempotencyKey, body: &impl serde::Serialize) -> Request {
    Request::post(&entry.origin, path, key, serde_json::to_vec(body).unwrap_or_default())
}
