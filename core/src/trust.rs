//! The trust list: which services an app believes, and by which keys.
//!
//! There is no trust on first use. A list is compiled in for phones, and a file for the CLI, the demo and
//! tests; an entry says by which keys a portal signs user settings, by which a service signs its answers, and
//! from which roots its TLS certificate must come. Keys are lists, so that the next one can be known before it
//! is used.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use crate::guide::Code;
use crate::http::{KeyError, PublicKey};
use crate::identifier::ServiceOrigin;

/// One service that is trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustEntry {
    /// What the service is called on the screen.
    pub name: String,
    /// Where it is.
    pub origin: ServiceOrigin,
    /// Keys that sign user settings: current and next.
    pub portal_keys: Vec<PublicKey>,
    /// Keys that sign answers and device settings: current and next.
    pub service_keys: Vec<PublicKey>,
    /// Roots of the service's TLS certificate, DER; empty only for plain `http` to a loopback address.
    pub tls_roots: Vec<Vec<u8>>,
    /// Whether this is a test service; refused by release builds of the apps.
    pub test: bool,
}

/// Whether a list may hold test entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TestEntries {
    /// A list with a test entry is refused, whole.
    Refuse,
    /// Test entries are as good as others; somebody asked for that.
    Allow,
}

/// The services that are trusted, each authority and each key once: requests and evidence name a service by its
/// authority, so that `http` and `https` of one would be one service with two entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustList(Vec<TrustEntry>);

/// Why a trust list is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TrustError {
    /// Not the JSON of a trust list.
    #[error("not a trust list: line {line}, column {column}")]
    Form {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
    },
    /// A list without entries trusts nobody, and is a mistake.
    #[error("the trust list is empty")]
    Empty,
    /// A key that is no P-256 SPKI.
    #[error("{entry}: {why}")]
    Key {
        /// Name of the entry.
        entry: String,
        /// What is wrong with it.
        why: KeyError,
    },
    /// A key list or the TLS roots are empty, or a root is no base64url.
    #[error("{0}: keys or TLS roots are missing or malformed")]
    Incomplete(String),
    /// The same host and port or the same key stands in two entries, or one key signs for portal and service.
    #[error("{0}: its host and port or one of its keys stands in the list twice")]
    Repeated(String),
    /// A test entry where none is allowed, or plain `http` without the test flag.
    #[error("{0} is a test service, and none is allowed here")]
    Test(String),
}

impl TrustError {
    /// The code that says it to the staff.
    pub const fn code(&self) -> Code {
        Code::TrustList
    }
}

/// The file's form: `{"entries": [{name, origin, portal_keys, service_keys, tls_roots, test}]}`, keys as SPKI
/// and roots as certificates, both DER in base64url.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireList {
    entries: Vec<WireEntry>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireEntry {
    name: String,
    origin: ServiceOrigin,
    portal_keys: Vec<String>,
    service_keys: Vec<String>,
    tls_roots: Vec<String>,
    #[serde(default)]
    test: bool,
}

impl TrustList {
    /// The list of a program that trusts nobody new: it works with the registration that it has.
    pub const fn nobody() -> Self {
        Self(Vec::new())
    }

    /// A list of these entries; each must be complete, and none may share host and port or a key with another.
    pub fn new(entries: Vec<TrustEntry>, tests: TestEntries) -> Result<Self, TrustError> {
        if entries.is_empty() {
            return Err(TrustError::Empty);
        }
        let mut keys: Vec<&PublicKey> = Vec::new();
        for (index, entry) in entries.iter().enumerate() {
            let plain = entry.origin.is_plain();
            if (entry.test && tests == TestEntries::Refuse) || (plain && !entry.test) {
                return Err(TrustError::Test(entry.name.clone()));
            }
            if entry.portal_keys.is_empty()
                || entry.service_keys.is_empty()
                || entry.tls_roots.is_empty() != plain
                || entry.name.is_empty()
            {
                return Err(TrustError::Incomplete(entry.name.clone()));
            }
            let authority = entry.origin.authority();
            let same_service = entries.iter().take(index).any(|other| other.origin.authority() == authority);
            let before = keys.len();
            for key in entry.portal_keys.iter().chain(&entry.service_keys) {
                if !keys.contains(&key) {
                    keys.push(key);
                }
            }
            if same_service || keys.len() != before + entry.portal_keys.len() + entry.service_keys.len() {
                return Err(TrustError::Repeated(entry.name.clone()));
            }
        }
        Ok(Self(entries))
    }

    /// Reads a list. With [`TestEntries::Refuse`] a single test entry refuses the whole list.
    pub fn from_json(text: &str, tests: TestEntries) -> Result<Self, TrustError> {
        let list: WireList = serde_json::from_str(text)
            .map_err(|error| TrustError::Form { line: error.line(), column: error.column() })?;
        let entries = list.entries.into_iter().map(TrustEntry::read).collect::<Result<_, _>>()?;
        Self::new(entries, tests)
    }

    /// Writes the list as [`TrustList::from_json`] reads it.
    pub fn to_json(&self) -> String {
        let entries = self.0.iter().map(TrustEntry::wire).collect();
        serde_json::to_string_pretty(&WireList { entries }).unwrap_or_default()
    }

    /// The entries, in the list's order.
    pub fn entries(&self) -> &[TrustEntry] {
        &self.0
    }

    /// The entry of a service.
    pub fn entry(&self, origin: &ServiceOrigin) -> Option<&TrustEntry> {
        self.0.iter().find(|entry| entry.origin == *origin)
    }
}

impl TrustEntry {
    fn read(wire: WireEntry) -> Result<Self, TrustError> {
        let octets = |text: &String| {
            URL_SAFE_NO_PAD.decode(text).map_err(|_| TrustError::Incomplete(wire.name.clone()))
        };
        let key = |text: &String| {
            let why = |why| TrustError::Key { entry: wire.name.clone(), why };
            PublicKey::from_spki(&octets(text)?).map_err(why)
        };
        Ok(Self {
            origin: wire.origin.clone(),
            portal_keys: wire.portal_keys.iter().map(key).collect::<Result<_, _>>()?,
            service_keys: wire.service_keys.iter().map(key).collect::<Result<_, _>>()?,
            tls_roots: wire.tls_roots.iter().map(octets).collect::<Result<_, _>>()?,
            test: wire.test,
            name: wire.name,
        })
    }

    fn wire(&self) -> WireEntry {
        let key = |key: &PublicKey| URL_SAFE_NO_PAD.encode(key.spki());
        WireEntry {
            name: self.name.clone(),
            origin: self.origin.clone(),
            portal_keys: self.portal_keys.iter().map(key).collect(),
            service_keys: self.service_keys.iter().map(key).collect(),
            tls_roots: self.tls_roots.iter().map(|root| URL_SAFE_NO_PAD.encode(root)).collect(),
            test: self.test,
        }
    }
}
