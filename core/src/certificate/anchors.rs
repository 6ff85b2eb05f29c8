//! The roots that are believed: those of production are compiled in, test roots are added by whoever
//! runs a test. A test root vouches for test certificates alone.

use core::fmt;

use x509_parser::extensions::ParsedExtension;

use super::card_verifiable::{self, CvKey};
use super::signature::PublicKey;
use super::{Certificate, Hierarchy, profile, sha256};
use crate::instant::UnixTime;

/// The published roots of JPKI for user authentication. See `anchors/SOURCE.md`.
const PRODUCTION: [&[u8]; 3] = [
    include_bytes!("anchors/authca01.cer"),
    include_bytes!("anchors/authca02.cer"),
    include_bytes!("anchors/authca03.cer"),
];

/// One root: a self-signed CA certificate.
#[derive(Clone, PartialEq, Eq)]
pub struct Anchor {
    hierarchy: Hierarchy,
    pub(super) name: Box<[u8]>,
    key_id: Box<[u8]>,
    pub(super) key: PublicKey,
    not_before: UnixTime,
    not_after: UnixTime,
    sha256: [u8; 32],
}

impl Anchor {
    fn from_der(der: &[u8], hierarchy: Hierarchy) -> Result<Self, AnchorError> {
        let parsed = profile::parse(der).map_err(|_| AnchorError::Malformed)?;
        if parsed.issuer() != parsed.subject() || profile::authority(parsed.subject()) != hierarchy {
            return Err(AnchorError::Name);
        }
        let time = |moment: i64| profile::time(moment).map_err(|_| AnchorError::Malformed);
        let key = profile::key(parsed.public_key()).ok_or(AnchorError::Key)?;
        let (digest, signature) = profile::signature(der, &parsed).ok_or(AnchorError::Key)?;
        key.verify(&digest, &signature).map_err(|_| AnchorError::Signature)?;
        let (mut is_authority, mut may_sign, mut key_id) = (false, false, None);
        for extension in parsed.extensions() {
            match extension.parsed_extension() {
                ParsedExtension::BasicConstraints(constraints) => is_authority = constraints.ca,
                ParsedExtension::KeyUsage(usage) => may_sign = usage.key_cert_sign() && usage.crl_sign(),
                ParsedExtension::SubjectKeyIdentifier(identifier) => key_id = Some(Box::from(identifier.0)),
                _ if extension.critical => return Err(AnchorError::NotAnAuthority),
                _ => {}
            }
        }
        if !is_authority || !may_sign {
            return Err(AnchorError::NotAnAuthority);
        }
        Ok(Self {
            hierarchy,
            name: parsed.subject().as_raw().into(),
            key_id: key_id.ok_or(AnchorError::NotAnAuthority)?,
            key,
            not_before: time(parsed.validity().not_before.timestamp())?,
            not_after: time(parsed.validity().not_after.timestamp())?,
            sha256: sha256(der),
        })
    }

    /// Production or test.
    pub const fn hierarchy(&self) -> Hierarchy {
        self.hierarchy
    }

    /// Subject key identifier; certificates name their issuer by it.
    pub fn key_id(&self) -> &[u8] {
        &self.key_id
    }

    /// SHA-256 of the root's DER: its name in reports.
    pub const fn sha256(&self) -> [u8; 32] {
        self.sha256
    }

    /// Its place among the published production roots, from one; `None` for a test root.
    pub fn generation(&self) -> Option<usize> {
        PRODUCTION.iter().position(|der| sha256(der) == self.sha256).map(|place| place + 1)
    }

    /// First and last second of its validity.
    pub const fn validity(&self) -> (UnixTime, UnixTime) {
        (self.not_before, self.not_after)
    }
}

impl fmt::Debug for Anchor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Anchor")
            .field("hierarchy", &self.hierarchy)
            .field("key_id", &self.key_id)
            .finish_non_exhaustive()
    }
}

/// Why a root was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AnchorError {
    /// Neither a DER nor a PEM certificate.
    #[error("this is not a certificate")]
    Malformed,
    /// Not self-issued, or under the name of the production authority, which is never added from outside.
    #[error("the root is not self-issued, or bears the name of the production authority")]
    Name,
    /// Not RSA-2048 with SHA-256.
    #[error("the root's key or signature is of another kind than RSA-2048 with SHA-256")]
    Key,
    /// The root did not sign itself.
    #[error("the root has not signed itself")]
    Signature,
    /// Not allowed to sign certificates and CRLs, or without key id, or with a critical unknown extension.
    #[error("the root may not issue certificates")]
    NotAnAuthority,
}

/// The roots that are believed in one run: of certificates, and of the card-verifiable certificates of the card face.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anchors {
    roots: Vec<Anchor>,
    surface: Vec<CvKey>,
}

impl Anchors {
    /// The three published production roots, and the production key of the card face.
    pub fn production() -> Self {
        let of = |der: &&[u8]| Anchor::from_der(der, Hierarchy::Production).ok();
        let surface = CvKey::parse(card_verifiable::PRODUCTION).ok();
        Self { roots: PRODUCTION.iter().filter_map(of).collect(), surface: surface.into_iter().collect() }
    }

    /// No root at all: a start for runs in which nothing but test cards may be used.
    pub const fn none() -> Self {
        Self { roots: Vec::new(), surface: Vec::new() }
    }

    /// These roots and one more: a *test* root, DER or PEM, or a *test* key of the card face in the 281 octets of
    /// [`CvKey::parse`].
    pub fn with_test(mut self, root: &[u8]) -> Result<Self, AnchorError> {
        if let Ok(key) = CvKey::parse(root) {
            if key.hierarchy() != Hierarchy::Test {
                return Err(AnchorError::Name);
            }
            if !self.surface.contains(&key) {
                self.surface.push(key);
            }
            return Ok(self);
        }
        let anchor =
            Anchor::from_der(&super::der_from(root).ok_or(AnchorError::Malformed)?, Hierarchy::Test)?;
        if !self.roots.contains(&anchor) {
            self.roots.push(anchor);
        }
        Ok(self)
    }

    /// Whether test cards can be accepted at all.
    pub fn have_test(&self) -> bool {
        self.roots.iter().any(|anchor| anchor.hierarchy == Hierarchy::Test)
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Anchor> {
        self.roots.iter()
    }

    /// The keys of the card face.
    pub fn surface_keys(&self) -> impl Iterator<Item = &CvKey> {
        self.surface.iter()
    }

    /// The key of the card face that bears this id, if it is among these.
    pub fn surface_key(&self, key_id: &[u8; 16]) -> Option<&CvKey> {
        self.surface.iter().find(|key| key.id() == key_id)
    }

    /// The root that signed the certificate, if it is among these.
    pub fn issuer_of<'a>(&'a self, certificate: &'a Certificate) -> Option<&'a Anchor> {
        super::chain::issuer(certificate, self).ok()
    }

    /// The roots of its own hierarchy that carry the key id which the certificate names.
    pub(super) fn named_by<'a>(&'a self, certificate: &'a Certificate) -> impl Iterator<Item = &'a Anchor> {
        self.roots.iter().filter(|anchor| {
            anchor.hierarchy == certificate.hierarchy && *anchor.key_id == *certificate.issuer_key_id
        })
    }
}
