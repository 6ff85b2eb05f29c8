//! What the card face application (券面事項確認AP) holds, and what it proves. No card here, only octets: the device
//! and the service verify the same things with the same code.
//!
//! The chain has three links, each of which is worthless without the others. A pinned key of the hierarchy signed the
//! card-verifiable certificate; the key in that certificate signed the record, which holds birth date and the card's own
//! key; the card's own key signed our transcript, so the card that the record was made for was here and not a copy of
//! its files. Formats and signed octets: `card.md` of the design, from myna-card 3.3.4, held against the published records
//! of a J-LIS test card.
//!
//! **What it does not prove**: that this application and the certificate of the JPKI application belong to one person.
//! The chip ties them by nothing but lying in one card; see `SECURITY.md`.

mod age;
mod certificate;
mod code;
mod face;
mod person;
mod text;
pub(crate) mod tlv;

pub use age::AgeRecord;
pub use certificate::CvCertificate;
pub use face::{CardFace, FaceGroup};
pub use text::Attributes;
pub use tlv::NotTheObject;

use crate::certificate::signature::PublicKey;
use crate::certificate::{Anchors, Hierarchy};
use crate::identifier::Date;
use crate::transcript::VisualTranscript;
use person::Person;

/// Longest card-verifiable certificate that is looked at, in octets; published ones have 568.
pub const MAX_CV_CERTIFICATE_LENGTH: usize = 1024;
/// Longest age record that is looked at, in octets; a published one has 547.
pub const MAX_AGE_RECORD_LENGTH: usize = 1024;
/// Longest record of the card face that is looked at, in octets; a published one has 3070.
pub const MAX_CARD_FACE_LENGTH: usize = 16_384;
/// Longest first group of the card face that is looked at, in octets; a published one has 285.
pub const MAX_FACE_GROUP_LENGTH: usize = 512;
/// Longest record of name and address that is looked at, in octets; a published one has 104.
pub const MAX_ATTRIBUTES_LENGTH: usize = 2048;

/// Why the octets prove nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SurfaceError {
    /// Not the objects that these files hold, or longer than any.
    #[error("the record of the card face is not whole")]
    Malformed,
    /// A test card's where no test key is believed, or a key id that nobody knows.
    #[error("the key that issued the card-verifiable certificate is none that we know")]
    IssuerUnknown,
    /// A card face of test cards beside a certificate of production, or the other way round.
    #[error("card face and certificate are not of the same hierarchy")]
    HierarchyMixed,
    /// The card-verifiable certificate is not signed by the key that it names.
    #[error("the card-verifiable certificate is not signed by its issuer")]
    CertificateSignature,
    /// The record is not signed by the key of the card-verifiable certificate.
    #[error("the record of the card face is not signed by its issuer")]
    RecordSignature,
    /// Our transcript is not signed by the card's own key: the files may be a copy.
    #[error("the card did not prove that the record is its own")]
    Presence,
}

impl From<NotTheObject> for SurfaceError {
    fn from(_: NotTheObject) -> Self {
        Self::Malformed
    }
}

/// One of the two signed records, as far as the service may see it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Record {
    /// The age record, opened by the birth date.
    Age(AgeRecord),
    /// The first group of the card face, opened by 照合番号B, with the digests of the groups that stay with the staff.
    Face(FaceGroup),
}

impl Record {
    fn person(&self) -> &Person {
        match self {
            Self::Age(record) => record.person(),
            Self::Face(group) => group.person(),
        }
    }

    /// The birth date. Worth something only once [`SurfaceEvidence::verify`] has held.
    pub fn birth_date(&self) -> Date {
        self.person().birth_date
    }
}

/// Card-verifiable certificate and record: everything but the card's own signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SurfaceEvidence {
    /// Who vouches for the record.
    pub certificate: CvCertificate,
    /// The record.
    pub record: Record,
}

impl SurfaceEvidence {
    /// Whether a pinned key of `hierarchy`, which is that of the card's certificate, vouches for the record. Says nothing
    /// about where the card is: for that, [`SurfaceEvidence::verify`].
    pub fn accept(&self, anchors: &Anchors, hierarchy: Hierarchy) -> Result<(), SurfaceError> {
        self.vouched_for_by(self.certificate.accept(anchors, hierarchy)?)
    }

    fn vouched_for_by(&self, key: &PublicKey) -> Result<(), SurfaceError> {
        match &self.record {
            Record::Age(record) => record.verify(key),
            Record::Face(group) => group.verify(key),
        }
    }

    /// All three links: the birth date of the person whose card was here for `transcript`.
    pub fn verify(
        &self,
        anchors: &Anchors,
        hierarchy: Hierarchy,
        transcript: &VisualTranscript,
        signature: &[u8],
    ) -> Result<Date, SurfaceError> {
        self.accept(anchors, hierarchy)?;
        self.was_here(transcript, signature)?;
        Ok(self.record.birth_date())
    }

    /// The second and third link alone: whether the key of the card-verifiable certificate, whoever issued that, vouches
    /// for the record, and the record's card was here for `transcript`.
    pub(crate) fn hangs_together(
        &self,
        transcript: &VisualTranscript,
        signature: &[u8],
    ) -> Result<(), SurfaceError> {
        self.vouched_for_by(self.certificate.subject())?;
        self.was_here(transcript, signature)
    }

    fn was_here(&self, transcript: &VisualTranscript, signature: &[u8]) -> Result<(), SurfaceError> {
        let key = &self.record.person().key;
        key.verify(&transcript.digest(), signature).map_err(|_| SurfaceError::Presence)
    }
}

#[cfg(test)]
mod tests;
