//! A certificate revocation list (RFC 5280, section 5) read without building a tree: the octets are
//! kept once, beside them one offset of four octets for each entry, sorted by serial number.

use core::ops::Range;

use super::list::{self, Extensions, List};
use crate::certificate::sha256;
use crate::instant::UnixTime;

/// Longest CRL that is looked at, in octets: room for a million entries with reasons.
pub const MAX_CRL_LENGTH: usize = 64 << 20;

/// Octets that are not a CRL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CrlError {
    /// Longer than [`MAX_CRL_LENGTH`].
    #[error("the CRL has {length} octets, more than is looked at")]
    TooLong {
        /// Octets found.
        length: usize,
    },
    /// Not one DER `CertificateList` of version 2 with nothing behind it.
    #[error("these octets are not a DER certificate revocation list")]
    Malformed,
    /// Not signed with SHA-256 and RSA, or the two places that say how disagree.
    #[error("the CRL is not signed with SHA-256 and RSA")]
    Algorithm,
    /// An entry that is not one.
    #[error("entry {number} of the CRL is malformed")]
    Entry {
        /// Counted from one.
        number: usize,
    },
}

/// A parsed CRL. Its signature is checked when it is asked about a certificate.
pub struct Crl {
    der: Vec<u8>,
    entries: Vec<u32>,
    issuer: Range<usize>,
    this_update: UnixTime,
    next_update: Option<UnixTime>,
    extensions: Extensions,
    signed_digest: [u8; 32],
    signature: Box<[u8]>,
}

impl Crl {
    /// Parses a DER `CertificateList` of at most [`MAX_CRL_LENGTH`] octets, nothing behind it.
    ///
    /// Memory: the octets themselves and four octets for each entry.
    pub fn from_der(der: Vec<u8>) -> Result<Self, CrlError> {
        if der.len() > MAX_CRL_LENGTH {
            return Err(CrlError::TooLong { length: der.len() });
        }
        let list = List::read(&der)?;
        let (mut entries, understood) = list.entries(&der)?;
        entries.sort_unstable_by(|a, b| list::order(&der, *a).cmp(&list::order(&der, *b)));
        let extensions = Extensions::read(list.extensions).ok_or(CrlError::Malformed)?;
        let issuer = list::offset(&der, list.issuer);
        Ok(Self {
            entries,
            issuer: issuer..issuer + list.issuer.len(),
            this_update: list.this_update,
            next_update: list.next_update,
            extensions: Extensions {
                unknown_critical: extensions.unknown_critical || !understood,
                ..extensions
            },
            signed_digest: sha256(list.signed),
            signature: list.signature.into(),
            der,
        })
    }

    /// Number of entries.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether nothing is revoked.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// From when on it speaks.
    pub const fn this_update(&self) -> UnixTime {
        self.this_update
    }

    /// Until when it speaks; without it, it never does.
    pub const fn next_update(&self) -> Option<UnixTime> {
        self.next_update
    }

    /// The partition that it speaks of: the DER of the `Name` in the issuing distribution point. It is the
    /// counterpart of [`crate::certificate::Certificate::crl_partition`].
    pub fn partition(&self) -> Option<&[u8]> {
        self.extensions.partition.as_deref()
    }

    /// DER of the issuer's name.
    pub(super) fn issuer(&self) -> &[u8] {
        self.der.get(self.issuer.clone()).unwrap_or_default()
    }

    pub(super) fn issuer_key_id(&self) -> Option<&[u8]> {
        self.extensions.issuer_key_id.as_deref()
    }

    pub(super) const fn has_unknown_critical_extension(&self) -> bool {
        self.extensions.unknown_critical
    }

    pub(super) const fn is_limited(&self) -> bool {
        self.extensions.limited
    }

    pub(super) const fn signed_digest(&self) -> &[u8; 32] {
        &self.signed_digest
    }

    pub(super) fn signature(&self) -> &[u8] {
        &self.signature
    }

    /// When the serial (content octets of an INTEGER) was revoked, if it is listed.
    pub(super) fn revoked_at(&self, serial: &[u8]) -> Option<UnixTime> {
        let wanted = list::order_of(serial);
        let found =
            self.entries.binary_search_by(|entry| list::order(&self.der, *entry).cmp(&wanted)).ok()?;
        // Each date was read when the CRL was parsed; should one not be, the certificate stays revoked.
        Some(self.entries.get(found).and_then(|entry| list::date(&self.der, *entry)).unwrap_or(UnixTime(0)))
    }
}

impl core::fmt::Debug for Crl {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Crl")
            .field("entries", &self.entries.len())
            .field("this_update", &self.this_update)
            .field("next_update", &self.next_update)
            .finish_non_exhaustive()
    }
}
