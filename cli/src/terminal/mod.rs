//! A PC as a device: its key and its state in sealed files.
//!
//! There is no key store that every PC has. So the key that seals the files lies in a file of its own beside them,
//! and what protects all of them is the account they belong to (folder 0700, files 0600). Whoever can read that
//! folder is that device, until the institution suspends it at the portal.
//!
//! | file | holds |
//! |---|---|
//! | `data.key` | the key that seals the others, 32 octets, and 16 that name this terminal |
//! | `device.0`, `device.1` | the device key, PKCS #8, sealed |
//! | `next.0`, `next.1` | during a rotation: the key that is to follow, likewise |
//! | `state.0`, `state.1` | trust entry, settings, open challenges, unsent checks, sealed |
//! | `generation` | the last generation of the state that was written |
//!
//! Never: a PIN, an answer, anything of a patient but the certificate inside an unsent check.

mod files;
mod rotation;
mod world;

use std::fs::File;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use shikaku::check::{ChallengePool, UnsentCheck};
use shikaku::client::World as _;
use shikaku::guide::Code;
use shikaku::http::SoftwareKey;
use shikaku::settings::DeviceSettings;
use shikaku::trust::{TestEntries, TrustEntry, TrustList};
use shikaku::vault::{self, DataKey, Opened, Place, VaultError};
use zeroize::Zeroizing;

pub(crate) use world::Machine;

use crate::failure::Failure;

/// Version of the state's form.
const SCHEMA: u32 = 1;

/// What a registered terminal keeps, as it is sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct State {
    /// The trust list's entry that the device was registered under, as a list of its own.
    trust: String,
    /// Device settings in force; their signature was verified when they came, and the seal keeps them since.
    pub(crate) settings: DeviceSettings,
    /// Open challenges.
    pub(crate) challenges: ChallengePool,
    /// Seconds by which the service's clock is ahead, as a signed answer taught it.
    pub(crate) clock_offset: i64,
    /// Signed checks without an answer.
    pub(crate) unsent: Vec<UnsentCheck>,
}

impl State {
    /// The state after a registration.
    pub(crate) fn new(
        entry: &TrustEntry,
        settings: DeviceSettings,
        challenges: ChallengePool,
    ) -> Result<Self, Failure> {
        let list = TrustList::new(vec![entry.clone()], TestEntries::Allow);
        let list = list.map_err(|error| Failure::coded(error.code(), error))?;
        Ok(Self { trust: list.to_json(), settings, challenges, clock_offset: 0, unsent: Vec::new() })
    }

    /// The service that the device is registered with.
    pub(crate) fn entry(&self) -> Result<TrustEntry, Failure> {
        let damaged = |what: &dyn std::fmt::Display| Failure::coded(Code::StateDamaged, what);
        let list = TrustList::from_json(&self.trust, TestEntries::Allow).map_err(|error| damaged(&error))?;
        let entry = list.entry(&self.settings.origin).cloned();
        entry.ok_or_else(|| damaged(&"settings of another service"))
    }
}

/// The terminal's folder, opened by this process alone.
pub(crate) struct Terminal {
    folder: PathBuf,
    key: DataKey,
    id: String,
    _lock: File,
}

impl Terminal {
    /// Opens the folder, making it and the sealing key at the first time.
    pub(crate) fn open(folder: Option<&Path>) -> Result<Self, Failure> {
        let folder = folder.map_or_else(default_folder, |folder| Ok(folder.to_owned()))?;
        let lock = take(&folder)?;
        let read = files::read(&folder.join("data.key"));
        let octets = match read.map_err(|error| Failure::file(&folder, &error))? {
            Some(octets) => octets,
            None => Self::first_start(&folder)?,
        };
        let lost = || Failure::coded(Code::StateKeyLost, format_args!("{}: data.key", folder.display()));
        let (key, id) = octets.split_first_chunk::<32>().ok_or_else(lost)?;
        let id: [u8; 16] = id.try_into().map_err(|_| lost())?;
        let id = URL_SAFE_NO_PAD.encode(id);
        Ok(Self { key: DataKey::new(*key), id, folder, _lock: lock })
    }

    /// Makes the sealing key. If sealed files lie there already, their key is lost and none is made in its place.
    fn first_start(folder: &Path) -> Result<Zeroizing<Vec<u8>>, Failure> {
        let sealed = ["state.0", "state.1", "device.0", "device.1", "next.0", "next.1"];
        if sealed.iter().any(|name| folder.join(name).exists()) {
            return Err(Failure::coded(Code::StateKeyLost, format_args!("{}: data.key", folder.display())));
        }
        let octets = Zeroizing::new(random::<48>()?.to_vec());
        files::write(folder, "data.key", &octets).map_err(|error| Failure::file(folder, &error))?;
        Ok(octets)
    }

    /// The device key; made when there is none yet, and kept before anybody hears of it.
    pub(crate) fn device_key(&self) -> Result<SoftwareKey, Failure> {
        match self.open_record("device", 0) {
            Ok(opened) => SoftwareKey::from_pkcs8(&opened.octets)
                .map_err(|error| Failure::coded(Code::StateDamaged, error)),
            Err(VaultError::Absent) => self.make_device_key(),
            Err(error) => Err(Failure::coded(error.code(), format_args!("device key: {error}"))),
        }
    }

    /// The state; `None` before a registration.
    pub(crate) fn load(&self) -> Result<Option<State>, Failure> {
        match self.open_record("state", self.floor()?) {
            Ok(opened) => {
                let state = serde_json::from_slice(&opened.octets);
                state.map(Some).map_err(|error| Failure::coded(Code::StateDamaged, error))
            }
            Err(VaultError::Absent) => Ok(None),
            Err(error) => Err(Failure::coded(error.code(), error)),
        }
    }

    /// The state of a device that must be registered.
    pub(crate) fn registered(&self) -> Result<State, Failure> {
        let absent = || Failure::coded(Code::NotRegistered, format_args!("{}", self.folder.display()));
        self.load()?.ok_or_else(absent)
    }

    /// Writes the state as the next generation.
    pub(crate) fn save(&self, state: &State) -> Result<(), Failure> {
        let octets = serde_json::to_vec(state).map(Zeroizing::new);
        let octets = octets.map_err(|error| Failure::coded(Code::StateDamaged, error))?;
        let generation = self.seal_record("state", &octets)?;
        self.write("generation", generation.to_string().as_bytes())
    }

    /// Gives up whatever lies in the folder, readable or not, so that the device can be registered anew.
    pub(crate) fn discard(folder: Option<&Path>) -> Result<(), Failure> {
        let folder = folder.map_or_else(default_folder, |folder| Ok(folder.to_owned()))?;
        let _lock = take(&folder)?;
        wipe(&folder)
    }

    /// Forgets everything: after the service has said that this device is no more.
    pub(crate) fn wipe(&self) -> Result<(), Failure> {
        wipe(&self.folder)
    }

    fn make_device_key(&self) -> Result<SoftwareKey, Failure> {
        let key = new_key()?;
        self.seal_key("device", &key)?;
        Ok(key)
    }

    fn seal_key(&self, record: &str, key: &SoftwareKey) -> Result<(), Failure> {
        let octets = key.to_pkcs8().map_err(|error| Failure::coded(Code::StateKeyLost, error))?;
        self.seal_record(record, &octets).map(|_| ())
    }

    /// The last generation of the state that was written. It lies in the same folder, so it betrays state files put
    /// back alone, not a whole folder put back; against that stand the service's own rules (a challenge is used
    /// once, settings never go back).
    fn floor(&self) -> Result<u64, Failure> {
        let path = self.folder.join("generation");
        let octets = files::read(&path).map_err(|error| Failure::file(&path, &error))?;
        let Some(octets) = octets else { return Ok(0) };
        let number = std::str::from_utf8(&octets).ok().and_then(|text| text.parse().ok());
        number.ok_or_else(|| Failure::coded(Code::StateDamaged, format_args!("{}", path.display())))
    }

    fn open_record(&self, record: &str, floor: u64) -> Result<Opened, VaultError> {
        let read = |slot: u64| files::read(&self.folder.join(format!("{record}.{slot}"))).ok().flatten();
        let (even, odd) = (read(0), read(1));
        let files = [even.as_ref().map(|file| file.as_slice()), odd.as_ref().map(|file| file.as_slice())];
        vault::open(&self.key, &self.place(record), files, floor)
    }

    /// Seals the next generation into the file that does not hold the present one.
    fn seal_record(&self, record: &str, octets: &[u8]) -> Result<u64, Failure> {
        let generation = match self.open_record(record, 0) {
            Ok(opened) => opened.generation.saturating_add(1),
            Err(VaultError::Absent) => 1,
            Err(error) => return Err(Failure::coded(error.code(), error)),
        };
        let sealed = vault::seal(&self.key, &self.place(record), generation, random()?, octets);
        let sealed = sealed.map_err(|error| Failure::coded(error.code(), error))?;
        self.write(&format!("{record}.{}", generation % 2), &sealed)?;
        Ok(generation)
    }

    fn write(&self, name: &str, octets: &[u8]) -> Result<(), Failure> {
        files::write(&self.folder, name, octets)
            .map_err(|error| Failure::file(&self.folder.join(name), &error))
    }

    fn place<'a>(&'a self, record: &'a str) -> Place<'a> {
        Place { device: &self.id, record, schema: SCHEMA }
    }
}

/// A new device key, kept nowhere yet.
fn new_key() -> Result<SoftwareKey, Failure> {
    SoftwareKey::from_random(&Zeroizing::new(random::<32>()?))
        .map_err(|error| Failure::coded(Code::StateKeyLost, error))
}

/// Makes the folder if need be, and takes it for this process.
fn take(folder: &Path) -> Result<File, Failure> {
    let failed = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::WouldBlock => {
            Failure::plain(format_args!("{}: another `shikaku` is using this device", folder.display()))
        }
        _ => Failure::file(folder, &error),
    };
    files::make_private_folder(folder).map_err(failed)?;
    files::lock(folder).map_err(failed)
}

/// Removes every file of a terminal but its lock.
fn wipe(folder: &Path) -> Result<(), Failure> {
    let sealed = ["state.0", "state.1", "generation", "device.0", "device.1", "next.0", "next.1", "data.key"];
    for name in sealed {
        for name in [name.to_owned(), format!("{name}.new")] {
            let path = folder.join(name);
            files::remove(&path).map_err(|error| Failure::file(&path, &error))?;
        }
    }
    files::sync_folder(folder).map_err(|error| Failure::file(folder, &error))
}

/// Writes an export that holds a person's data: for its owner alone, and never over another file.
pub(crate) fn write_private(path: &Path, octets: &[u8]) -> Result<(), Failure> {
    files::write_new(path, octets).map_err(|error| Failure::file(path, &error))
}

/// Octets of the system's randomness.
fn random<const N: usize>() -> Result<[u8; N], Failure> {
    let mut octets = [0; N];
    Machine.random(&mut octets).map_err(Failure::plain)?;
    Ok(octets)
}

/// Where a user's programs keep their data, by the customs of the system. On Windows the local one: a device's key must
/// not travel to other PCs with a roaming profile.
fn default_folder() -> Result<PathBuf, Failure> {
    let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let base = if cfg!(windows) {
        variable("LOCALAPPDATA")
    } else {
        variable("XDG_DATA_HOME").or_else(|| variable("HOME").map(|home| home.join(".local/share")))
    };
    base.map(|base| base.join("shikaku"))
        .ok_or_else(|| Failure::plain("no home folder; say with --device where this device keeps its state"))
}

#[cfg(test)]
mod tests;
