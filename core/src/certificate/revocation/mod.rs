//! Revocation: what a signed CRL says of a certificate, and when it may speak at all.
//!
//! A CRL speaks only if the leaf's own root signed it, its issuing distribution point is the leaf's
//! distribution point (JPKI partitions its CRLs by directory name), `now` lies between this update
//! and next update, and nothing critical in it is unknown. Everything else is [`Revocation::Unknown`],
//! and unknown is never good.

mod crl;
mod list;

pub use crl::{Crl, CrlError, MAX_CRL_LENGTH};

use super::{Anchor, Anchors, Certificate, chain};
use crate::instant::UnixTime;

/// What is known about the revocation of one certificate at one time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Revocation {
    /// A CRL that may speak does not list it.
    Good,
    /// Listed, whatever the reason given.
    Revoked {
        /// When it was revoked, as the CRL says.
        at: UnixTime,
    },
    /// Nothing that may speak said anything.
    Unknown(Unknown),
}

/// Why nothing is known. Never to be taken for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unknown {
    /// No CRL at hand, no source, no answer.
    #[error("no revocation data is at hand")]
    NoData,
    /// The certificate itself does not chain to a believed root.
    #[error("the certificate's issuer is not believed")]
    Issuer,
    /// The CRL bears another issuer's name or key id.
    #[error("the CRL is by another issuer than the certificate")]
    OtherIssuer,
    /// The signature is not that of the certificate's own root.
    #[error("the CRL is not signed by the certificate's issuer")]
    Signature,
    /// The CRL speaks of another distribution point, or of none by name.
    #[error("the CRL speaks of another partition")]
    OtherPartition,
    /// The CRL speaks of some reasons, of authorities or attributes only, or for others.
    #[error("the CRL does not cover all that the certificate needs")]
    Scope,
    /// A critical extension of the CRL or of an entry is not understood.
    #[error("the CRL has a critical extension that is not understood")]
    CriticalExtension,
    /// This update lies in the future.
    #[error("the CRL is from the future: {this_update}")]
    FromTheFuture {
        /// When the CRL begins to speak.
        this_update: UnixTime,
    },
    /// Next update has passed, or is not given at all.
    #[error("the CRL is out of date")]
    Stale,
}

impl Crl {
    /// What this CRL says of `certificate` at `now`, if it may speak.
    ///
    /// Costs two RSA verifications and a binary search; the digest was made when the CRL was parsed.
    pub fn status(&self, certificate: &Certificate, anchors: &Anchors, now: UnixTime) -> Revocation {
        match self.may_speak(certificate, anchors, now) {
            Err(unknown) => Revocation::Unknown(unknown),
            Ok(()) => self
                .revoked_at(certificate.serial())
                .map_or(Revocation::Good, |at| Revocation::Revoked { at }),
        }
    }

    /// The root among `anchors` that signed this CRL, whatever it speaks of and whenever: for a service that sorts the
    /// CRLs it is given. Whether the CRL may speak of a certificate says [`Crl::status`].
    pub fn signer<'a>(&self, anchors: &'a Anchors) -> Option<&'a Anchor> {
        anchors.iter().find(|root| {
            *self.issuer() == *root.name && root.key.verify(self.signed_digest(), self.signature()).is_ok()
        })
    }

    fn may_speak(&self, certificate: &Certificate, anchors: &Anchors, now: UnixTime) -> Result<(), Unknown> {
        let root = chain::issuer(certificate, anchors).map_err(|_| Unknown::Issuer)?;
        if *self.issuer() != *root.name || self.issuer_key_id().is_some_and(|id| id != root.key_id()) {
            return Err(Unknown::OtherIssuer);
        }
        root.key.verify(self.signed_digest(), self.signature()).map_err(|_| Unknown::Signature)?;
        if self.has_unknown_critical_extension() {
            return Err(Unknown::CriticalExtension);
        }
        if self.is_limited() {
            return Err(Unknown::Scope);
        }
        if self.partition() != Some(certificate.crl_partition()) {
            return Err(Unknown::OtherPartition);
        }
        if now < self.this_update() {
            return Err(Unknown::FromTheFuture { this_update: self.this_update() });
        }
        match self.next_update() {
            Some(next) if now <= next => Ok(()),
            _ => Err(Unknown::Stale),
        }
    }
}
