//! What crosses the wire for a visual check (目視確認), which takes two steps: the name first, the answer once staff have
//! compared it with the card.

use serde::{Deserialize, Serialize};

use crate::evidence::{AgeRecord, CvCertificate, FaceGroup, Record, SurfaceError, SurfaceEvidence};
use crate::identifier::{InstitutionCode, PersonName, octets};
use crate::instant::UnixTime;
use crate::settings::Phase;

/// What a visual check has in the PIN's place: who the card face is made for and who says so, when staff saw photo and
/// person agree, and what they say of the name. Never the photo, the printed name or the address.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct VisualCheck {
    /// EF 0004 of the card face application, at most [`crate::evidence::MAX_CV_CERTIFICATE_LENGTH`] octets.
    #[serde(with = "octets::any")]
    #[cfg_attr(feature = "schema", schema(value_type = String))]
    pub cv_certificate: Vec<u8>,
    /// The record that it vouches for.
    pub record: SurfaceRecord,
    /// When staff compared the photo with the person, by the service's time.
    pub attested_at: UnixTime,
    /// What staff say of the name that the service showed.
    pub name: NameAttestation,
}

/// One of the two signed records, as octets.
#[expect(clippy::large_enum_variant, reason = "one of them a check, never many at once")]
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum SurfaceRecord {
    /// The age record, which the birth date opens.
    Age {
        /// EF 0001, at most [`crate::evidence::MAX_AGE_RECORD_LENGTH`] octets.
        #[serde(with = "octets::any")]
        #[cfg_attr(feature = "schema", schema(value_type = String))]
        octets: Vec<u8>,
    },
    /// Of the card face, which 照合番号B opens, what the service may see.
    Face {
        /// Birth date, sex and key, at most [`crate::evidence::MAX_FACE_GROUP_LENGTH`] octets.
        #[serde(with = "octets::any")]
        #[cfg_attr(feature = "schema", schema(value_type = String))]
        group: Vec<u8>,
        /// SHA-256 of printed name and address.
        #[serde(with = "octets")]
        #[cfg_attr(feature = "schema", schema(value_type = String, min_length = 43, max_length = 43))]
        text_sha256: [u8; 32],
        /// SHA-256 of the photo.
        #[serde(with = "octets")]
        #[cfg_attr(feature = "schema", schema(value_type = String, min_length = 43, max_length = 43))]
        photo_sha256: [u8; 32],
        /// The signature over the three digests.
        #[serde(with = "octets")]
        #[cfg_attr(feature = "schema", schema(value_type = String, min_length = 342, max_length = 342))]
        signature: [u8; 256],
    },
}

/// What staff say of the name in the registry (券面の氏名と一致).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum NameAttestation {
    /// They have not seen it: the first step, which asks for it.
    Unseen,
    /// It is the one that is printed on the card: the second step, which asks for the answer.
    Confirmed {
        /// The name as it was shown.
        name: PersonName,
    },
    /// It is not: the second step, which ends the check.
    Denied,
}

impl VisualCheck {
    pub(super) fn unseen(surface: &SurfaceEvidence, attested_at: UnixTime) -> Self {
        let record = match &surface.record {
            Record::Age(record) => SurfaceRecord::Age { octets: record.octets().to_vec() },
            Record::Face(group) => {
                let [text_sha256, photo_sha256] = *group.others();
                let (group, signature) = (group.octets().to_vec(), *group.signature());
                SurfaceRecord::Face { group, text_sha256, photo_sha256, signature }
            }
        };
        let cv_certificate = surface.certificate.octets().to_vec();
        Self { cv_certificate, record, attested_at, name: NameAttestation::Unseen }
    }

    /// Certificate and record, read; nothing of it is believed yet. Longer ones than any real one are refused.
    pub fn surface(&self) -> Result<SurfaceEvidence, SurfaceError> {
        let certificate = CvCertificate::parse(&self.cv_certificate)?;
        let record = match &self.record {
            SurfaceRecord::Age { octets } => Record::Age(AgeRecord::parse(octets)?),
            SurfaceRecord::Face { group, text_sha256, photo_sha256, signature } => {
                Record::Face(FaceGroup::parse(group, [*text_sha256, *photo_sha256], *signature)?)
            }
        };
        Ok(SurfaceEvidence { certificate, record })
    }
}

/// The answer to the first step: the name of the certificate's holder and nothing else of the person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NameToConfirm {
    /// What it is.
    pub format: NameFormat,
    /// The challenge of the check, which stays open for its second step alone.
    #[serde(with = "octets")]
    #[cfg_attr(feature = "schema", schema(value_type = String, min_length = 22, max_length = 22))]
    pub challenge_id: [u8; 16],
    /// 医療機関コード of whom it is said to.
    pub institution: InstitutionCode,
    /// 運用テスト or 運用.
    pub phase: Phase,
    /// When it was said, by the service's clock.
    pub at: UnixTime,
    /// 氏名 as the registry has it.
    pub name: PersonName,
    /// Random and kept nowhere else: the audit holds the digest of what was said, and nobody who has it can try names.
    #[serde(with = "octets")]
    #[cfg_attr(feature = "schema", schema(value_type = String, min_length = 22, max_length = 22))]
    pub salt: [u8; 16],
}

/// The one form of a [`NameToConfirm`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub enum NameFormat {
    /// `shikaku-name/1`
    #[serde(rename = "shikaku-name/1")]
    V1,
}

/// The record is a person's and stays out of logs.
impl core::fmt::Debug for VisualCheck {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "VisualCheck({:?}, person not shown)", self.name)
    }
}

/// The name is a person's and stays out of logs.
impl core::fmt::Debug for NameAttestation {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Unseen => "Unseen",
            Self::Confirmed { .. } => "Confirmed",
            Self::Denied => "Denied",
        })
    }
}
