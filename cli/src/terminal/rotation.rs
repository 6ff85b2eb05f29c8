//! The device key changes: the new one lies sealed beside the old one before anybody hears of it.
//!
//! | file | holds |
//! |---|---|
//! | `next.0`, `next.1` | the key that is to follow, PKCS #8, sealed |
//!
//! The old key stays the device's until the service has answered that it knows the new one, and only then is the new
//! one written in its place: at every moment the record `device` holds a key that the service takes, wherever the
//! program ends.

use shikaku::guide::Code;
use shikaku::http::{Signer as _, SoftwareKey};
use shikaku::vault::VaultError;

use super::{Terminal, files, new_key};
use crate::failure::Failure;

impl Terminal {
    /// The key that is to follow `current`: the one of a rotation that did not come to its end, else a new one, which
    /// is kept before anybody hears of it.
    pub(crate) fn next_key(&self, current: &SoftwareKey) -> Result<SoftwareKey, Failure> {
        let kept = match self.open_record("next", 0) {
            Ok(opened) => Some(
                SoftwareKey::from_pkcs8(&opened.octets)
                    .map_err(|error| Failure::coded(Code::StateDamaged, error))?,
            ),
            Err(VaultError::Absent) => None,
            Err(error) => return Err(Failure::coded(error.code(), format_args!("next key: {error}"))),
        };
        // One that has taken its place already was only not removed any more.
        if let Some(key) = kept.filter(|key| key.spki() != current.spki()) {
            return Ok(key);
        }
        let key = new_key()?;
        self.seal_key("next", &key)?;
        Ok(key)
    }

    /// Makes `next`, which the service has said it knows, the device key. Both generations are written, so that the old
    /// key is gone.
    pub(crate) fn adopt_key(&self, next: &SoftwareKey) -> Result<(), Failure> {
        self.seal_key("device", next)?;
        self.seal_key("device", next)?;
        for name in ["next.0", "next.1"] {
            let path = self.folder.join(name);
            files::remove(&path).map_err(|error| Failure::file(&path, &error))?;
        }
        files::sync_folder(&self.folder).map_err(|error| Failure::file(&self.folder, &error))
    }
}
