//! What the platform keeps for a terminal: its keys and its sealed records.

use std::sync::Arc;

use crate::guide::Code;
use crate::http::{PublicKey, Signer, SignerFault};
use crate::registration::Attestation;

/// The platform's key store: Android Keystore, Secure Enclave, TPM, or a sealed file. Its P-256 keys have names of
/// the terminal's choosing, letters, digits and hyphens, and their private halves never leave it.
pub trait DeviceKey: Send + Sync {
    /// Makes the key `name`, in place of one that bears the name already. `challenge` (32 octets) is what the store is
    /// to attest the key over, where it can; without one, or without that ability, there is no attestation.
    fn create(&self, name: &str, challenge: Option<&[u8]>) -> Result<Option<Attestation>, SignerFault>;

    /// The public half, SPKI in DER, 91 octets; `None` if there is no such key.
    fn public_key(&self, name: &str) -> Result<Option<Vec<u8>>, SignerFault>;

    /// Signs SHA-256 of `message` with ECDSA; raw, r then s, 64 octets.
    fn sign(&self, name: &str, message: &[u8]) -> Result<[u8; 64], SignerFault>;

    /// Removes the key, if it is there.
    fn erase(&self, name: &str) -> Result<(), SignerFault>;
}

/// The platform's storage, in which nobody but this app reads, and of which no backup is made.
pub trait Storage: Send + Sync {
    /// Reads a record whole; `None` if there is none.
    fn read(&self, name: &str) -> Result<Option<Vec<u8>>, StorageFault>;

    /// Writes a record, whole or not at all, and lastingly when it returns: temporary file, sync, rename, sync of the
    /// folder, or the like.
    fn write(&self, name: &str, octets: &[u8]) -> Result<(), StorageFault>;

    /// Removes a record, if it is there.
    fn erase(&self, name: &str) -> Result<(), StorageFault>;

    /// Encrypts the data key, 48 octets, under a key that the platform's key store holds.
    fn wrap(&self, secret: &[u8]) -> Result<Vec<u8>, StorageFault>;

    /// Decrypts what [`Storage::wrap`] made.
    fn unwrap(&self, wrapped: &[u8]) -> Result<Vec<u8>, StorageFault>;
}

/// Why the storage did not do it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StorageFault {
    /// The key that wraps is gone: what is sealed cannot be opened any more.
    #[error("the key that wraps the data key is lost")]
    KeyLost,
    /// It did not work this time: full, locked, broken.
    #[error("the storage did not answer")]
    Unavailable,
}

/// A key of the platform's store as whatever signs.
#[derive(Clone)]
pub(super) struct PlatformKey {
    store: Arc<dyn DeviceKey>,
    name: String,
    spki: Vec<u8>,
}

impl PlatformKey {
    /// The key `name`, which must be there and be one of P-256.
    pub(super) fn open(store: &Arc<dyn DeviceKey>, name: &str) -> Result<Self, SignerFault> {
        let spki = store.public_key(name)?.ok_or(SignerFault::KeyLost)?;
        PublicKey::from_spki(&spki).map_err(|_| SignerFault::KeyLost)?;
        Ok(Self { store: Arc::clone(store), name: name.to_owned(), spki })
    }
}

impl Signer for PlatformKey {
    fn spki(&self) -> &[u8] {
        &self.spki
    }

    fn sign(&self, message: &[u8]) -> Result<[u8; 64], SignerFault> {
        self.store.sign(&self.name, message)
    }
}

impl core::fmt::Debug for PlatformKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "PlatformKey({})", self.name)
    }
}

/// The name of a device's `number`-th key.
pub(super) fn key_name(number: u32) -> String {
    format!("device-{number}")
}

impl StorageFault {
    /// The code that says it to the staff, when something was to be read.
    pub const fn code(self) -> Code {
        match self {
            Self::KeyLost => Code::StateKeyLost,
            Self::Unavailable => Code::KeyStoreUnavailable,
        }
    }
}
