//! The device keys as sealed files, each under the data key and its own name.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use shikaku::client::World as _;
use shikaku::http::{Signer as _, SignerFault, SoftwareKey};
use shikaku::registration::Attestation;
use shikaku::terminal::DeviceKey;
use shikaku::vault::{self, DataKey, Place};
use zeroize::Zeroizing;

use super::Machine;
use super::folder::{DATA_KEY, Folder};

/// Version of the form in which keys are sealed.
const SCHEMA: u32 = 1;

/// A file's key is read for each use and wiped after it.
impl DeviceKey for Folder {
    fn create(&self, name: &str, _: Option<&[u8]>) -> Result<Option<Attestation>, SignerFault> {
        let mut random = Zeroizing::new([0; 32]);
        Machine.random(random.as_mut_slice()).map_err(|_| SignerFault::Unavailable)?;
        let key = SoftwareKey::from_random(&random).map_err(|_| SignerFault::Unavailable)?;
        self.keep_key(name, &key)?;
        Ok(None)
    }

    fn public_key(&self, name: &str) -> Result<Option<Vec<u8>>, SignerFault> {
        Ok(self.key(name)?.map(|key| key.spki().to_vec()))
    }

    fn sign(&self, name: &str, message: &[u8]) -> Result<[u8; 64], SignerFault> {
        self.key(name)?.ok_or(SignerFault::KeyLost)?.sign(message)
    }

    fn erase(&self, name: &str) -> Result<(), SignerFault> {
        self.remove(name).map_err(|_| SignerFault::Unavailable)
    }
}

impl Folder {
    pub(super) fn keep_key(&self, name: &str, key: &SoftwareKey) -> Result<(), SignerFault> {
        let octets = key.to_pkcs8().map_err(|_| SignerFault::Unavailable)?;
        let mut nonce = [0; 12];
        Machine.random(&mut nonce).map_err(|_| SignerFault::Unavailable)?;
        let sealed = self.sealing(name, |data_key, place| vault::seal(data_key, place, 1, nonce, &octets))?;
        let sealed = sealed.map_err(|_| SignerFault::Unavailable)?;
        self.keep(name, &sealed).map_err(|_| SignerFault::Unavailable)
    }

    fn key(&self, name: &str) -> Result<Option<SoftwareKey>, SignerFault> {
        let Some(sealed) = self.load(name).map_err(|_| SignerFault::Unavailable)? else { return Ok(None) };
        self.opened_key(name, [Some(sealed.as_slice()), None]).map(Some)
    }

    /// The key in one of these files, sealed under that name.
    pub(super) fn opened_key(
        &self,
        name: &str,
        files: [Option<&[u8]>; 2],
    ) -> Result<SoftwareKey, SignerFault> {
        let opened = self.sealing(name, |data_key, place| vault::open(data_key, place, files, 0))?;
        // A file that does not open now never will.
        let opened = opened.map_err(|_| SignerFault::KeyLost)?;
        SoftwareKey::from_pkcs8(&opened.octets).map_err(|_| SignerFault::KeyLost)
    }

    fn sealing<T>(
        &self,
        record: &str,
        work: impl FnOnce(&DataKey, &Place<'_>) -> T,
    ) -> Result<T, SignerFault> {
        let octets =
            self.load(DATA_KEY).map_err(|_| SignerFault::Unavailable)?.ok_or(SignerFault::KeyLost)?;
        let (key, id) = octets.split_first_chunk::<32>().ok_or(SignerFault::KeyLost)?;
        let device = URL_SAFE_NO_PAD.encode(id);
        Ok(work(&DataKey::new(*key), &Place { device: &device, record, schema: SCHEMA }))
    }
}
