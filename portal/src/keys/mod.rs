//! The keys of the service: made at the first start, kept in the data folder, never in the database.
//!
//! | file | holds |
//! |---|---|
//! | `portal.key`, `portal-next.key` | sign user settings (PKCS #8, PEM) |
//! | `service.key`, `service-next.key` | sign answers, device settings and audit checkpoints (PKCS #8, PEM) |
//! | `portal-former.pub`, `service-former.pub` | public keys that signed before (SPKI, PEM): old evidence stays verifiable |
//! | `sealing.key` | seals registration codes and stored answers |
//! | `audit.key` | hashes certificates for the audit |
//! | `node` | this node's name in the audit |
//!
//! A next key is announced first (trust entry, device settings), takes over later: devices registered before, during
//! and after know the key that signs.

mod folder;
mod rotation;

use std::path::PathBuf;

use shikaku::http::{KeyError, PublicKey, Signer as _, SoftwareKey};
use shikaku::identifier::ServiceOrigin;
use shikaku::trust::TrustEntry;
use zeroize::Zeroizing;

use crate::audit::{AuditKey, NodeId};
use crate::randomness::{Randomness, RandomnessFault};
use crate::sealing::SealingKey;

use folder::Folder;

/// Which key pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Signs user settings.
    Portal,
    /// Signs answers, device settings and checkpoints.
    Service,
}

/// Everything secret that the service holds, and the name of its node.
#[derive(Debug)]
pub struct Keys {
    folder: Folder,
    /// Signs user settings.
    pub portal: KeyPair,
    /// Signs answers, device settings and checkpoints.
    pub service: KeyPair,
    /// Seals registration codes and stored answers.
    pub sealing: SealingKey,
    /// Hashes certificates for the audit.
    pub audit: AuditKey,
    /// This node's chain in the audit.
    pub node: NodeId,
}

/// A key that signs, the one that will, and those that did.
#[derive(Debug)]
pub struct KeyPair {
    current: SoftwareKey,
    next: Option<SoftwareKey>,
    former: Vec<PublicKey>,
}

/// Why the keys could not be read or made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeysError {
    /// A file or the folder cannot be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// Which one.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Others than the owner may read the file or the folder.
    #[error("{} may be read by others than its owner; chmod go= it", .0.display())]
    Exposed(PathBuf),
    /// The file does not hold what its name says.
    #[error("{} is damaged", .0.display())]
    Damaged(PathBuf),
    /// The folder has a database but lacks this key: a new one would not open what the database holds sealed.
    #[error("{} is missing; restore it from the backup", .0.display())]
    Missing(PathBuf),
    /// No randomness for a new key.
    #[error(transparent)]
    Randomness(#[from] RandomnessFault),
    /// The key that was made is none.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A next key is announced already.
    #[error("a next key is announced already")]
    NextExists,
    /// There is no next key to take over.
    #[error("no next key is announced")]
    NoNext,
}

impl Keys {
    /// Reads the keys in `folder`, or makes folder and keys if there are none at all.
    pub fn open(folder: &std::path::Path, randomness: &Randomness) -> Result<Self, KeysError> {
        let folder = Folder::open(folder)?;
        if folder.is_new()? {
            // Of the service and a command that both start first, one makes the keys and the other finds them.
            let _alone = folder.alone()?;
            if folder.is_new()? {
                make(&folder, randomness)?;
            }
        }
        Self::read(folder)
    }

    fn read(folder: Folder) -> Result<Self, KeysError> {
        let node = folder.text("node")?;
        let node = NodeId::parse(&node).ok_or_else(|| folder.damaged("node"))?;
        Ok(Self {
            portal: KeyPair::read(&folder, Role::Portal)?,
            service: KeyPair::read(&folder, Role::Service)?,
            sealing: SealingKey::new(folder.secret("sealing.key")?),
            audit: AuditKey::new(folder.secret("audit.key")?),
            node,
            folder,
        })
    }

    /// What an app needs to trust this service; `tls_roots` are DER.
    pub fn trust_entry(
        &self,
        name: &str,
        origin: &ServiceOrigin,
        tls_roots: Vec<Vec<u8>>,
        test: bool,
    ) -> TrustEntry {
        TrustEntry {
            name: name.to_owned(),
            origin: origin.clone(),
            portal_keys: self.portal.announced(),
            service_keys: self.service.announced(),
            tls_roots,
            test,
        }
    }
}

/// Makes what is not there, the node's name last: a first start that was cut short goes on, and a further node begins
/// with the keys of the first one.
fn make(folder: &Folder, randomness: &Randomness) -> Result<(), KeysError> {
    for role in [Role::Portal, Role::Service].into_iter().filter(|role| !folder.has(role.current())) {
        folder.write_key(role.current(), &new_key(randomness)?)?;
    }
    for file in ["sealing.key", "audit.key"].into_iter().filter(|file| !folder.has(file)) {
        folder.write_secret(file, &Zeroizing::new(randomness.octets()?))?;
    }
    folder.write_text("node", NodeId::from_random(randomness.octets()?).as_str())
}

fn new_key(randomness: &Randomness) -> Result<SoftwareKey, KeysError> {
    let octets = Zeroizing::new(randomness.octets()?);
    Ok(SoftwareKey::from_random(&octets)?)
}

impl Role {
    const fn current(self) -> &'static str {
        match self {
            Self::Portal => "portal.key",
            Self::Service => "service.key",
        }
    }

    const fn next(self) -> &'static str {
        match self {
            Self::Portal => "portal-next.key",
            Self::Service => "service-next.key",
        }
    }

    const fn former(self) -> &'static str {
        match self {
            Self::Portal => "portal-former.pub",
            Self::Service => "service-former.pub",
        }
    }
}

impl KeyPair {
    fn read(folder: &Folder, role: Role) -> Result<Self, KeysError> {
        Ok(Self {
            current: folder.key(role.current())?.ok_or_else(|| folder.missing(role.current()))?,
            next: folder.key(role.next())?,
            former: folder.public_keys(role.former())?,
        })
    }

    /// The key that signs now.
    pub const fn current(&self) -> &SoftwareKey {
        &self.current
    }

    /// The key that is announced to sign later.
    pub const fn next(&self) -> Option<&SoftwareKey> {
        self.next.as_ref()
    }

    /// What is announced to devices: current and next.
    pub fn announced(&self) -> Vec<PublicKey> {
        [Some(&self.current), self.next.as_ref()]
            .into_iter()
            .flatten()
            .map(|key| key.public().clone())
            .collect()
    }

    /// Every key whose signatures are good: announced and former ones.
    pub fn all(&self) -> Vec<PublicKey> {
        self.announced().into_iter().chain(self.former.iter().cloned()).collect()
    }

    /// SPKI of the announced keys, DER, as device settings carry them.
    pub fn announced_spki(&self) -> Vec<Vec<u8>> {
        [Some(&self.current), self.next.as_ref()]
            .into_iter()
            .flatten()
            .map(|key| key.spki().to_vec())
            .collect()
    }
}

#[cfg(test)]
mod tests;
