//! EF 0004, the card-verifiable certificate of the key that signs the records.

use core::fmt;

use sha2::{Digest, Sha256};

use super::tlv::{self, Reader};
use super::{MAX_CV_CERTIFICATE_LENGTH, SurfaceError};
use crate::certificate::signature::{PublicKey, SIGNATURE_LENGTH};
use crate::certificate::{Anchors, CvKey, Hierarchy};

/// Octets that are signed: key id of the issuer (16), then the certified key under its own id.
const BODY_LENGTH: usize = 16 + CvKey::LENGTH;

/// `7F21 {5F4E: key id of the issuer 16 · key id 16 · key 265 · 5F37 signature}`.
///
/// The signature is PKCS #1 v1.5 with SHA-256 over the 297 octets in 5F4E.
#[derive(Clone, PartialEq, Eq)]
pub struct CvCertificate {
    octets: Box<[u8]>,
    issuer: [u8; 16],
    subject: CvKey,
    signed: [u8; 32],
    signature: [u8; SIGNATURE_LENGTH],
}

impl CvCertificate {
    /// Tag of the certificate.
    pub(crate) const TAG: u16 = 0x7f21;

    /// Reads a certificate of at most [`MAX_CV_CERTIFICATE_LENGTH`] octets, nothing behind it. Nothing of it is believed
    /// yet.
    pub fn parse(octets: &[u8]) -> Result<Self, SurfaceError> {
        if octets.len() > MAX_CV_CERTIFICATE_LENGTH {
            return Err(SurfaceError::Malformed);
        }
        let mut reader = Reader::new(tlv::whole(octets, Self::TAG)?);
        let body: [u8; BODY_LENGTH] = reader.exactly(0x5f4e)?;
        let signature = reader.exactly(0x5f37)?;
        reader.end()?;
        let (issuer, subject) = body.split_first_chunk().ok_or(SurfaceError::Malformed)?;
        let subject = CvKey::parse(subject).map_err(|_| SurfaceError::Malformed)?;
        let signed = Sha256::digest(body).into();
        Ok(Self { octets: octets.into(), issuer: *issuer, subject, signed, signature })
    }

    /// The octets as read.
    pub fn octets(&self) -> &[u8] {
        &self.octets
    }

    /// The key that vouches for the records, if a pinned key of `hierarchy` vouches for it.
    pub(crate) fn accept(&self, anchors: &Anchors, hierarchy: Hierarchy) -> Result<&PublicKey, SurfaceError> {
        let issuer = anchors.surface_key(&self.issuer).ok_or(SurfaceError::IssuerUnknown)?;
        if issuer.hierarchy() != hierarchy {
            return Err(SurfaceError::HierarchyMixed);
        }
        issuer.key().verify(&self.signed, &self.signature).map_err(|_| SurfaceError::CertificateSignature)?;
        Ok(self.subject())
    }

    /// The key that vouches for the records, whoever vouches for it.
    pub(super) const fn subject(&self) -> &PublicKey {
        self.subject.key()
    }
}

/// The certificate names a municipality, no person; its key ids may be told.
impl fmt::Debug for CvCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CvCertificate").field("issuer", &self.issuer).finish_non_exhaustive()
    }
}
