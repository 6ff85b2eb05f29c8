//! A card as data: `card.json` and the files it names.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rsa::RsaPrivateKey;
use rsa::pkcs8::DecodePrivateKey as _;
use serde::Deserialize;

use crate::chip::{Access, Application, Capabilities, Content, File, Secret, Tries};
use crate::embedded;
use crate::hex;
use crate::timing::Timing;

/// Offsets have 15 bits.
const LONGEST_FILE: usize = 1 << 15;

/// Why there is no card.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CardError {
    /// No embedded card bears this name; [`CARDS`](crate::CARDS) lists those that are there.
    #[error("no virtual card is called {0:?}")]
    UnknownName(String),
    /// A file of the card cannot be read.
    #[error("cannot read {path}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// `card.json` is not what it should be.
    #[error("card.json is malformed")]
    Malformed(#[from] serde_json::Error),
    /// `card.json` names a file that does not lie beside it.
    #[error("card.json names {0:?}, which does not lie beside it")]
    MissingFile(String),
    /// A key is not an RSA key in PKCS #8 PEM.
    #[error("{name:?} is not an RSA key in PKCS #8 PEM")]
    Key {
        /// The file.
        name: String,
        /// Why.
        source: rsa::pkcs8::Error,
    },
    /// The content of a file is longer than the file, or the file longer than READ BINARY can reach.
    #[error("file {0:04X} holds more than its length, or is longer than {LONGEST_FILE} octets")]
    TooLong(u16),
}

/// A card before power is on: what `card.json` says, with its files read.
#[derive(Debug, Clone)]
pub(crate) struct Definition {
    pub(crate) atr: Vec<u8>,
    pub(crate) timing: Timing,
    pub(crate) capabilities: Capabilities,
    pub(crate) applications: Vec<Application>,
}

impl Definition {
    pub(crate) fn embedded(name: &str) -> Result<Self, CardError> {
        let files = embedded::files(name).ok_or_else(|| CardError::UnknownName(name.to_owned()))?;
        Self::read(|wanted| {
            files
                .iter()
                .find(|(file, _)| *file == wanted)
                .map(|(_, octets)| octets.to_vec())
                .ok_or_else(|| CardError::MissingFile(wanted.to_owned()))
        })
    }

    pub(crate) fn folder(folder: &Path) -> Result<Self, CardError> {
        Self::read(|wanted| {
            // A name, not a path: a card folder is whole in itself.
            if wanted.contains(['/', '\\']) {
                return Err(CardError::MissingFile(wanted.to_owned()));
            }
            let path = folder.join(wanted);
            std::fs::read(&path).map_err(|source| CardError::Unreadable { path, source })
        })
    }

    fn read(file: impl Fn(&str) -> Result<Vec<u8>, CardError>) -> Result<Self, CardError> {
        let card: CardJson = serde_json::from_slice(&file("card.json")?)?;
        let applications = card
            .applications
            .into_iter()
            .map(|application| application.build(&file))
            .collect::<Result<_, CardError>>()?;
        Ok(Self { atr: card.atr, timing: card.timing, capabilities: card.capabilities, applications })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CardJson {
    /// For the reader of the file.
    #[serde(rename = "description")]
    _description: String,
    #[serde(deserialize_with = "hex::octets")]
    atr: Vec<u8>,
    timing: Timing,
    capabilities: Capabilities,
    applications: Vec<ApplicationJson>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ApplicationJson {
    #[serde(rename = "name")]
    _name: String,
    #[serde(deserialize_with = "hex::octets")]
    aid: Vec<u8>,
    files: Vec<FileJson>,
    /// The key that signs when a command names none.
    #[serde(default, deserialize_with = "hex::optional_file_id")]
    default_key: Option<u16>,
}

impl ApplicationJson {
    fn build(self, file: impl Fn(&str) -> Result<Vec<u8>, CardError>) -> Result<Application, CardError> {
        let mut files = BTreeMap::new();
        for entry in self.files {
            files.insert(entry.id, entry.content.build(entry.id, &file)?);
        }
        Ok(Application { aid: self.aid, files, default_key: self.default_key })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileJson {
    #[serde(rename = "name")]
    _name: String,
    #[serde(deserialize_with = "hex::file_id")]
    id: u16,
    content: ContentJson,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
enum ContentJson {
    /// Octets written in the JSON itself; behind them FF up to `length`.
    Octets {
        #[serde(deserialize_with = "hex::octets")]
        octets: Vec<u8>,
        length: Option<usize>,
        read: Access,
    },
    /// Octets from a file beside the JSON; behind them FF up to `length`.
    File { file: String, length: Option<usize>, read: Access },
    /// A private key from a PKCS #8 PEM file beside the JSON.
    Key { file: String, sign: Access },
    /// A PIN, password or printed number. Without `tries` it may be tried without end.
    Secret { value: String, tries: Option<Tries> },
}

impl ContentJson {
    fn build(self, id: u16, file: impl Fn(&str) -> Result<Vec<u8>, CardError>) -> Result<File, CardError> {
        let (content, access) = match self {
            Self::Octets { octets, length, read } => (Content::Data(padded(id, octets, length)?), read),
            Self::File { file: name, length, read } => {
                (Content::Data(padded(id, file(&name)?, length)?), read)
            }
            Self::Key { file: name, sign } => {
                (Content::Key(Box::new(private_key(&name, &file(&name)?)?)), sign)
            }
            Self::Secret { value, tries } => {
                (Content::Secret(Secret { value: value.into_bytes(), tries }), Access::Never)
            }
        };
        Ok(File { content, access })
    }
}

fn padded(id: u16, mut octets: Vec<u8>, length: Option<usize>) -> Result<Vec<u8>, CardError> {
    let length = length.unwrap_or(octets.len());
    if octets.len() > length || length > LONGEST_FILE {
        return Err(CardError::TooLong(id));
    }
    octets.resize(length, 0xff);
    Ok(octets)
}

fn private_key(name: &str, pem: &[u8]) -> Result<RsaPrivateKey, CardError> {
    let pem = String::from_utf8_lossy(pem);
    RsaPrivateKey::from_pkcs8_pem(&pem).map_err(|source| CardError::Key { name: name.to_owned(), source })
}
