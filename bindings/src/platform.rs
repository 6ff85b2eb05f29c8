//! What the platform brings: its keys and its storage as foreign traits, the system's clock and randomness.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use shikaku::client::{NoRandomness, World};
use shikaku::http::SignerFault;
use shikaku::instant::UnixTime;
use shikaku::terminal::StorageFault;

/// Why the platform did not do it. What the shell throws besides counts as `Unavailable`.
#[derive(Debug, Clone, Copy, thiserror::Error, uniffi::Error)]
pub enum PlatformError {
    /// The key is gone for good: the device has to be registered anew.
    #[error("the key is lost")]
    KeyLost,
    /// It did not work this time.
    #[error("the platform did not do it")]
    Unavailable,
}

/// The reason is a stack trace, and is not shown.
impl From<uniffi::UnexpectedUniFFICallbackError> for PlatformError {
    fn from(_: uniffi::UnexpectedUniFFICallbackError) -> Self {
        Self::Unavailable
    }
}

/// What a key store says of the key it made.
#[uniffi::remote(Record)]
pub struct Attestation {
    /// `android-key` (the chain, leaf first) or `apple-app-attest` (one CBOR object).
    pub format: String,
    /// The statement's parts, base64url without padding.
    pub statement: Vec<String>,
}

use shikaku::registration::Attestation;

/// The platform's key store: P-256 keys by name, whose private halves never leave it. It may take its time, and asks the
/// `Terminal` for nothing meanwhile.
#[uniffi::export(with_foreign)]
pub trait DeviceKey: Send + Sync {
    /// Makes the key `name` in place of one that bears the name; attests it over `challenge` (32 octets) if it can.
    fn create(&self, name: String, challenge: Option<Vec<u8>>) -> Result<Option<Attestation>, PlatformError>;

    /// The public half, SPKI in DER, 91 octets; nothing if there is no such key.
    fn public_key(&self, name: String) -> Result<Option<Vec<u8>>, PlatformError>;

    /// Signs SHA-256 of `message` with ECDSA; raw, r then s, 64 octets.
    fn sign(&self, name: String, message: Vec<u8>) -> Result<Vec<u8>, PlatformError>;

    /// Removes the key, if it is there.
    fn erase(&self, name: String) -> Result<(), PlatformError>;
}

/// The platform's storage, private to the app and in no backup. It may take its time, and asks the `Terminal` for nothing
/// meanwhile.
#[uniffi::export(with_foreign)]
pub trait SealedStorage: Send + Sync {
    /// Reads a record whole; nothing if there is none.
    fn read(&self, name: String) -> Result<Option<Vec<u8>>, PlatformError>;

    /// Writes a record, whole or not at all, and lastingly when it returns.
    fn write(&self, name: String, octets: Vec<u8>) -> Result<(), PlatformError>;

    /// Removes a record, if it is there.
    fn erase(&self, name: String) -> Result<(), PlatformError>;

    /// Encrypts the data key, 48 octets, under a key of the platform's key store.
    fn wrap(&self, secret: Vec<u8>) -> Result<Vec<u8>, PlatformError>;

    /// Decrypts what `wrap` made.
    fn unwrap(&self, wrapped: Vec<u8>) -> Result<Vec<u8>, PlatformError>;
}

impl From<PlatformError> for SignerFault {
    fn from(error: PlatformError) -> Self {
        match error {
            PlatformError::KeyLost => Self::KeyLost,
            PlatformError::Unavailable => Self::Unavailable,
        }
    }
}

impl From<PlatformError> for StorageFault {
    fn from(error: PlatformError) -> Self {
        match error {
            PlatformError::KeyLost => Self::KeyLost,
            PlatformError::Unavailable => Self::Unavailable,
        }
    }
}

pub(crate) struct Keys(pub(crate) Arc<dyn DeviceKey>);

impl shikaku::terminal::DeviceKey for Keys {
    fn create(&self, name: &str, challenge: Option<&[u8]>) -> Result<Option<Attestation>, SignerFault> {
        Ok(self.0.create(name.to_owned(), challenge.map(<[u8]>::to_vec))?)
    }

    fn public_key(&self, name: &str) -> Result<Option<Vec<u8>>, SignerFault> {
        Ok(self.0.public_key(name.to_owned())?)
    }

    fn sign(&self, name: &str, message: &[u8]) -> Result<[u8; 64], SignerFault> {
        let signature = self.0.sign(name.to_owned(), message.to_vec())?;
        signature.try_into().map_err(|_| SignerFault::Unavailable)
    }

    fn erase(&self, name: &str) -> Result<(), SignerFault> {
        self.0.erase(name.to_owned())?;
        // As with files: an erasure that was broken off may come across as done.
        let found = self.0.public_key(name.to_owned())?;
        found.is_none().then_some(()).ok_or(SignerFault::Unavailable)
    }
}

pub(crate) struct Files(pub(crate) Arc<dyn SealedStorage>);

impl Files {
    /// Nothing counts as done that is not found done: what the generated code does not catch (Kotlin's an `Error` of the
    /// JVM, Python's a `KeyboardInterrupt`) comes across as if nothing had been thrown.
    fn found(&self, name: &str, octets: Option<&[u8]>) -> Result<(), StorageFault> {
        let found = self.0.read(name.to_owned())?;
        (found.as_deref() == octets).then_some(()).ok_or(StorageFault::Unavailable)
    }
}

impl shikaku::terminal::Storage for Files {
    fn read(&self, name: &str) -> Result<Option<Vec<u8>>, StorageFault> {
        Ok(self.0.read(name.to_owned())?)
    }

    fn write(&self, name: &str, octets: &[u8]) -> Result<(), StorageFault> {
        self.0.write(name.to_owned(), octets.to_vec())?;
        self.found(name, Some(octets))
    }

    fn erase(&self, name: &str) -> Result<(), StorageFault> {
        self.0.erase(name.to_owned())?;
        self.found(name, None)
    }

    fn wrap(&self, secret: &[u8]) -> Result<Vec<u8>, StorageFault> {
        Ok(self.0.wrap(secret.to_vec())?)
    }

    fn unwrap(&self, wrapped: &[u8]) -> Result<Vec<u8>, StorageFault> {
        Ok(self.0.unwrap(wrapped.to_vec())?)
    }
}

/// The system's clock and randomness.
pub(crate) struct Machine;

impl World for Machine {
    fn now(&self) -> UnixTime {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        UnixTime(since.map_or(0, |since| since.as_secs()))
    }

    fn random(&self, octets: &mut [u8]) -> Result<(), NoRandomness> {
        getrandom::fill(octets).map_err(|_| NoRandomness)
    }
}
