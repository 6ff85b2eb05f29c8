//! The data folder: mode 0700, files 0600, written whole or not at all.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use p256::pkcs8::der::Document;
use p256::pkcs8::{LineEnding, SecretDocument};
use shikaku::http::{PublicKey, SoftwareKey};
use zeroize::Zeroizing;

use super::KeysError;
use crate::whole_file;

const PRIVATE: &str = "PRIVATE KEY";
const PUBLIC: &str = "PUBLIC KEY";

/// The folder; its owner alone may look into it.
#[derive(Debug)]
pub(super) struct Folder(PathBuf);

impl Folder {
    /// Makes the folder if it is not there, and refuses one that others may read.
    pub(super) fn open(path: &Path) -> Result<Self, KeysError> {
        let folder = Self(path.to_owned());
        if !path.exists() {
            make_folder(path).map_err(|source| folder.file(path, source))?;
        }
        folder.refuse_exposed(path)?;
        Ok(folder)
    }

    /// Whether there are no keys yet. A folder without the node's name but with a database has lost its keys.
    pub(super) fn is_new(&self) -> Result<bool, KeysError> {
        if self.has("node") {
            return Ok(false);
        }
        if self.has("shikaku.db") { Err(self.missing("node")) } else { Ok(true) }
    }

    /// While this is held, no other program makes keys in this folder. Windows locks no folders: there the operator
    /// starts the first program alone.
    pub(super) fn alone(&self) -> Result<Option<File>, KeysError> {
        if cfg!(not(unix)) {
            return Ok(None);
        }
        let locked = File::open(&self.0).and_then(|folder| folder.lock().map(|()| folder));
        locked.map(Some).map_err(|source| self.file(&self.0, source))
    }

    /// Whether a file is there.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.join(name).exists()
    }

    pub(super) fn text(&self, name: &'static str) -> Result<String, KeysError> {
        let path = self.0.join(name);
        self.refuse_exposed(&path)?;
        let text = fs::read_to_string(&path).map_err(|source| self.file(&path, source))?;
        Ok(text.trim_end().to_owned())
    }

    pub(super) fn write_text(&self, name: &'static str, text: &str) -> Result<(), KeysError> {
        self.write(name, format!("{text}\n").as_bytes())
    }

    /// 32 octets in base64.
    pub(super) fn secret(&self, name: &'static str) -> Result<Zeroizing<[u8; 32]>, KeysError> {
        if !self.has(name) {
            return Err(self.missing(name));
        }
        let text = Zeroizing::new(self.text(name)?);
        let mut octets = Zeroizing::new([0; 32]);
        match STANDARD_NO_PAD.decode_slice(text.as_bytes(), &mut *octets) {
            Ok(32) => Ok(octets),
            _ => Err(self.damaged(name)),
        }
    }

    pub(super) fn write_secret(
        &self,
        name: &'static str,
        octets: &Zeroizing<[u8; 32]>,
    ) -> Result<(), KeysError> {
        let mut text = Zeroizing::new(String::with_capacity(44));
        STANDARD_NO_PAD.encode_string(**octets, &mut text);
        text.push('\n');
        self.write(name, text.as_bytes())
    }

    /// A private key in PKCS #8, PEM; none if the file is not there.
    pub(super) fn key(&self, name: &'static str) -> Result<Option<SoftwareKey>, KeysError> {
        if !self.has(name) {
            return Ok(None);
        }
        let pem = Zeroizing::new(self.text(name)?);
        match SecretDocument::from_pem(&pem) {
            Ok((PRIVATE, document)) => {
                SoftwareKey::from_pkcs8(document.as_bytes()).map(Some).map_err(|_| self.damaged(name))
            }
            _ => Err(self.damaged(name)),
        }
    }

    pub(super) fn write_key(&self, name: &'static str, key: &SoftwareKey) -> Result<(), KeysError> {
        let der = key.to_pkcs8()?;
        let document = SecretDocument::try_from(der.as_slice()).map_err(|_| self.damaged(name))?;
        let pem = document.to_pem(PRIVATE, LineEnding::LF).map_err(|_| self.damaged(name))?;
        self.write(name, pem.as_bytes())
    }

    /// Public keys, PEM one behind the other; none if the file is not there.
    pub(super) fn public_keys(&self, name: &'static str) -> Result<Vec<PublicKey>, KeysError> {
        if !self.has(name) {
            return Ok(Vec::new());
        }
        let text = self.text(name)?;
        let read = |pem: &str| match Document::from_pem(pem) {
            Ok((PUBLIC, document)) => {
                PublicKey::from_spki(document.as_bytes()).map_err(|_| self.damaged(name))
            }
            _ => Err(self.damaged(name)),
        };
        text.split_inclusive("-----END PUBLIC KEY-----\n").map(str::trim).map(read).collect()
    }

    pub(super) fn write_public_keys(&self, name: &'static str, keys: &[PublicKey]) -> Result<(), KeysError> {
        let mut text = String::new();
        for key in keys {
            let document = Document::try_from(key.spki()).map_err(|_| self.damaged(name))?;
            text += &document.to_pem(PUBLIC, LineEnding::LF).map_err(|_| self.damaged(name))?;
        }
        self.write(name, text.as_bytes())
    }

    /// Puts one file in another's place, durably.
    pub(super) fn rename(&self, from: &'static str, to: &'static str) -> Result<(), KeysError> {
        let path = self.0.join(from);
        fs::rename(&path, self.0.join(to))
            .and_then(|()| whole_file::sync_folder(&self.0))
            .map_err(|source| self.file(&path, source))
    }

    pub(super) fn damaged(&self, name: &str) -> KeysError {
        KeysError::Damaged(self.0.join(name))
    }

    pub(super) fn missing(&self, name: &str) -> KeysError {
        KeysError::Missing(self.0.join(name))
    }

    #[expect(clippy::unused_self, reason = "reads as one family with `damaged` and `missing`")]
    fn file(&self, path: &Path, source: io::Error) -> KeysError {
        KeysError::File { path: path.to_owned(), source }
    }

    /// By a file beside it and a rename, so that no half of a key is ever read.
    fn write(&self, name: &'static str, octets: &[u8]) -> Result<(), KeysError> {
        let path = self.0.join(name);
        whole_file::write(&path, octets, 0o600).map_err(|source| self.file(&path, source))
    }

    fn refuse_exposed(&self, path: &Path) -> Result<(), KeysError> {
        let is_exposed = is_exposed(path).map_err(|source| self.file(path, source))?;
        if is_exposed { Err(KeysError::Exposed(path.to_owned())) } else { Ok(()) }
    }
}

#[cfg(unix)]
fn make_folder(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

#[cfg(not(unix))]
fn make_folder(path: &Path) -> io::Result<()> {
    fs::create_dir_all(path)
}

#[cfg(unix)]
fn is_exposed(path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::PermissionsExt as _;
    match fs::metadata(path) {
        Ok(metadata) => Ok(metadata.permissions().mode() & 0o077 != 0),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(not(unix))]
fn is_exposed(_: &Path) -> io::Result<bool> {
    Ok(false)
}
