//! The folder in which a device lives: the storage that the core asks for.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use shikaku::client::World as _;
use shikaku::guide::Code;
use shikaku::terminal::{Storage, StorageFault};
use zeroize::Zeroizing;

use super::{Machine, files, older};
use crate::failure::Failure;

/// The key that seals the others.
pub(super) const DATA_KEY: &str = "data.key";
/// How the names of what is sealed by it begin.
const SEALED: [&str; 3] = ["state.", "device", "next."];

/// A device's folder, taken by this process alone until it is dropped.
pub(crate) struct Folder {
    path: PathBuf,
    /// What could not be read or written first.
    broken: Mutex<Option<String>>,
    _lock: File,
}

impl Folder {
    /// Takes the folder, making it and the sealing key at the first time. If sealed files lie there already, their key
    /// is lost and none is made in its place.
    pub(crate) fn open(path: Option<&Path>) -> Result<Self, Failure> {
        let path = path.map_or_else(default_folder, |path| Ok(path.to_owned()))?;
        let folder = Self { _lock: take(&path)?, path, broken: Mutex::default() };
        let failed = |error| Failure::file(&folder.path, &error);
        if files::read(&folder.path.join(DATA_KEY)).map_err(failed)?.is_none() {
            if names(&folder.path).map_err(failed)?.iter().any(|name| is_sealed(name)) {
                let detail = format_args!("{}: {DATA_KEY}", folder.path.display());
                return Err(Failure::coded(Code::StateKeyLost, detail));
            }
            let mut octets = Zeroizing::new([0; 48]);
            Machine.random(octets.as_mut_slice()).map_err(Failure::plain)?;
            files::write(&folder.path, DATA_KEY, octets.as_slice()).map_err(failed)?;
        }
        older::take_over(&folder)?;
        Ok(folder)
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// What could not be read or written first, if there was anything.
    pub(super) fn broken(&self) -> Option<String> {
        self.broken.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn load(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, StorageFault> {
        self.noted(name, files::read(&self.path.join(name)))
    }

    pub(super) fn keep(&self, name: &str, octets: &[u8]) -> Result<(), StorageFault> {
        self.noted(name, files::write(&self.path, name, octets))
    }

    /// Removes a file, and what a write of it left that was cut off.
    pub(super) fn remove(&self, name: &str) -> Result<(), StorageFault> {
        let removed = files::remove(&self.path.join(format!("{name}.new")))
            .and_then(|()| files::remove(&self.path.join(name)))
            .and_then(|()| files::sync_folder(&self.path));
        self.noted(name, removed)
    }

    /// What the core hears of an error is that there was one; what it was is kept for whoever is at the PC.
    fn noted<T>(&self, name: &str, result: io::Result<T>) -> Result<T, StorageFault> {
        result.map_err(|error| {
            let mut broken = self.broken.lock().unwrap_or_else(PoisonError::into_inner);
            broken.get_or_insert_with(|| format!("{}: {error}", self.path.join(name).display()));
            StorageFault::Unavailable
        })
    }
}

impl Storage for Folder {
    fn read(&self, name: &str) -> Result<Option<Vec<u8>>, StorageFault> {
        Ok(self.load(name)?.map(|octets| octets.to_vec()))
    }

    fn write(&self, name: &str, octets: &[u8]) -> Result<(), StorageFault> {
        self.keep(name, octets)
    }

    fn erase(&self, name: &str) -> Result<(), StorageFault> {
        self.remove(name)
    }

    /// No PC has a key store that every program can ask: the account protects the folder, see above.
    fn wrap(&self, secret: &[u8]) -> Result<Vec<u8>, StorageFault> {
        Ok(secret.to_vec())
    }

    fn unwrap(&self, wrapped: &[u8]) -> Result<Vec<u8>, StorageFault> {
        Ok(wrapped.to_vec())
    }
}

/// Gives up whatever lies in the folder, readable or not, so that the device can be registered anew. The sealing key
/// goes first: without it nothing of the rest can be opened.
pub(crate) fn discard(path: Option<&Path>) -> Result<(), Failure> {
    let path = path.map_or_else(default_folder, |path| Ok(path.to_owned()))?;
    let folder = Folder { _lock: take(&path)?, broken: Mutex::default(), path };
    let others = names(&folder.path).map_err(|error| Failure::file(&folder.path, &error))?;
    let others = others.iter().filter(|name| is_sealed(name)).map(String::as_str);
    for name in [DATA_KEY, "generation"].into_iter().chain(others) {
        folder.remove(name).map_err(|fault| Failure::plain(folder.broken().unwrap_or(fault.to_string())))?;
    }
    Ok(())
}

fn is_sealed(name: &str) -> bool {
    SEALED.iter().any(|begin| name.starts_with(begin))
}

fn names(folder: &Path) -> io::Result<Vec<String>> {
    let entries = std::fs::read_dir(folder)?;
    entries.map(|entry| entry.map(|entry| entry.file_name().to_string_lossy().into_owned())).collect()
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
