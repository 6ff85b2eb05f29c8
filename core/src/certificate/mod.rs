//! The card's certificate: profile, issuer, validity, signatures, revocation.
//!
//! Path-building libraries trip over the critical policy and the `DirectoryName` distribution point of
//! this certificate. What is needed is small: one leaf, one pinned root, found by key id and proven by
//! signature, never by name (the production roots share one name, and so do the test roots).

mod anchors;
mod card_verifiable;
mod chain;
mod code;
pub(crate) mod der;
mod profile;
pub mod revocation;
pub(crate) mod signature;
mod signed;

use core::fmt;

use sha2::{Digest, Sha256};

pub use anchors::{Anchor, AnchorError, Anchors};
pub use card_verifiable::{CvKey, NotACvKey};
pub use chain::Refusal;
pub use profile::CertificateError;
pub use signature::SignatureError;

use crate::instant::UnixTime;
use crate::transcript::Transcript;
use profile::Policy;
use signature::{PublicKey, SIGNATURE_LENGTH};

/// Longest certificate that is looked at, in octets. Published ones have 1583 and 1590.
pub const MAX_CERTIFICATE_LENGTH: usize = 4096;

/// Which world a certificate belongs to. The two are never mixed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Hierarchy {
    /// Cards of people (`O=JPKI`).
    Production,
    /// Everything else: J-LIS test cards (`O=JPKI-TEST`), virtual cards.
    Test,
}

/// A user-authentication certificate (利用者証明用電子証明書) of the known profile.
///
/// It has been parsed and its profile checked, nothing more: whether it is to be believed says
/// [`Certificate::accept`].
#[derive(Clone, PartialEq, Eq)]
pub struct Certificate {
    der: Box<[u8]>,
    sha256: [u8; 32],
    serial: Box<[u8]>,
    issuer: Box<[u8]>,
    issuer_key_id: Box<[u8]>,
    crl_partition: Box<[u8]>,
    hierarchy: Hierarchy,
    policy: Policy,
    not_before: UnixTime,
    not_after: UnixTime,
    key: PublicKey,
    signed_digest: [u8; 32],
    signature: [u8; SIGNATURE_LENGTH],
}

impl Certificate {
    /// Parses DER of at most [`MAX_CERTIFICATE_LENGTH`] octets, nothing behind it, and checks the profile.
    pub fn from_der(der: &[u8]) -> Result<Self, CertificateError> {
        profile::read(der)
    }

    /// The octets as read.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// Serial number: content octets of the INTEGER, big-endian.
    pub fn serial(&self) -> &[u8] {
        &self.serial
    }

    /// Key id of the issuer, from the authority key identifier.
    pub fn issuer_key_id(&self) -> &[u8] {
        &self.issuer_key_id
    }

    /// Which CRL speaks of it: the DER of the `Name` in the distribution point.
    pub fn crl_partition(&self) -> &[u8] {
        &self.crl_partition
    }

    /// First second of its validity.
    pub const fn not_before(&self) -> UnixTime {
        self.not_before
    }

    /// Last second of its validity.
    pub const fn not_after(&self) -> UnixTime {
        self.not_after
    }

    /// SHA-256 of the DER.
    pub const fn sha256(&self) -> [u8; 32] {
        self.sha256
    }

    /// Which world it claims; [`Certificate::accept`] proves it.
    pub const fn hierarchy(&self) -> Hierarchy {
        self.hierarchy
    }

    /// Whether its policy is none of those known for plastic cards; that of a phone is not known to us.
    pub fn has_unknown_policy(&self) -> bool {
        self.policy == Policy::Unknown
    }

    /// Whether this certificate is to be believed at `now`: issuer, hierarchy, policy and validity.
    ///
    /// Says nothing about revocation: see [`revocation`].
    pub fn accept(&self, anchors: &Anchors, now: UnixTime) -> Result<(), Refusal> {
        chain::accept(self, anchors, now)
    }

    /// Whether the key of this certificate signed `transcript` (PKCS #1 v1.5, SHA-256, 256 octets).
    pub fn verify(&self, transcript: &Transcript, signature: &[u8]) -> Result<(), SignatureError> {
        self.key.verify(&transcript.digest(), signature)
    }
}

/// The certificate names a person; a log gets to know which kind it is and no more.
impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate").field("hierarchy", &self.hierarchy).finish_non_exhaustive()
    }
}

/// The DER in a file that is DER or PEM; `None` if it is neither. Nothing of it has been parsed.
pub fn der_from(file: &[u8]) -> Option<Vec<u8>> {
    if file.first() == Some(&der::SEQUENCE) {
        return Some(file.to_vec());
    }
    x509_parser::pem::parse_x509_pem(file).ok().map(|(_, pem)| pem.contents)
}

fn sha256(octets: &[u8]) -> [u8; 32] {
    Sha256::digest(octets).into()
}

#[cfg(test)]
mod tests;
