//! What a user-authentication certificate looks like, field by field.
//!
//! Source: the published certificate of a J-LIS test card and the published CA certificates
//! (`tests/data/jpki`), and the certification practice statement of JPKI for the policy.

use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::{DistributionPointName, GeneralName, ParsedExtension, X509Extension};
use x509_parser::oid_registry::OID_X509_EXT_BASIC_CONSTRAINTS;
use x509_parser::prelude::FromDer;
use x509_parser::public_key::PublicKey as SubjectKey;
use x509_parser::x509::{SubjectPublicKeyInfo, X509Name, X509Version};

use super::signature::PublicKey;
use super::signed::{SHA256_WITH_RSA, Signed};
use super::{Certificate, Hierarchy, MAX_CERTIFICATE_LENGTH, der, sha256};
use crate::instant::UnixTime;

/// Policy of production cards. Source: card profile, seen on production cards by several clients.
const PRODUCTION_POLICY: &str = "1.2.392.200149.8.5.1.3.30";
/// Policy of J-LIS test cards. Source: the published test certificate.
const TEST_POLICY: &str = "1.2.392.200149.8.5.1.0.30";
/// Organisation of the production CA. Source: authca01 to 03.
const PRODUCTION_ORGANIZATION: &str = "JPKI";
/// Its two organisational units; the J-LIS test authority (`O=JPKI-TEST`) has the same.
const UNITS: [&str; 2] =
    ["JPKI for user authentication", "Japan Agency for Local Authority Information Systems"];

const COUNTRY: &str = "2.5.4.6";
const ORGANIZATION: &str = "2.5.4.10";
const UNIT: &str = "2.5.4.11";
const COMMON_NAME: &str = "2.5.4.3";

/// `CN=<14 characters><municipality, 5 digits><4 characters>`.
const COMMON_NAME_LENGTH: usize = 23;
const MUNICIPALITY: core::ops::Range<usize> = 14..19;

/// What the certificate was issued under.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Policy {
    /// A plastic card of a person.
    Production,
    /// A plastic test card.
    Test,
    /// None that is known to us. Phones have their own; no source for it has been found.
    Unknown,
}

/// Octets that are not a user-authentication certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CertificateError {
    /// Longer than [`MAX_CERTIFICATE_LENGTH`].
    #[error("the certificate has {length} octets, more than any known one")]
    TooLong {
        /// Octets found.
        length: usize,
    },
    /// Not one DER X.509 certificate with nothing behind it.
    #[error("these octets are not a DER certificate")]
    Malformed,
    /// Not X.509 version 3.
    #[error("the certificate is not version 3")]
    Version,
    /// Signed otherwise than with SHA-256 and RSA-2048, or the two places that say how disagree.
    #[error("the certificate is not signed with SHA-256 and RSA-2048")]
    Algorithm,
    /// The subject's key is not RSA-2048 with exponent 65537.
    #[error("the key is not RSA-2048 with exponent 65537")]
    Key,
    /// The subject is not of the form that JPKI gives.
    #[error("the subject is not that of a user-authentication certificate")]
    Subject,
    /// The validity ends before it begins, or lies before 1970.
    #[error("the validity is not a span of time")]
    Validity,
    /// The key usage is not (critically) digital signature alone, or client authentication is missing.
    #[error("the key usage is not that of a user-authentication certificate")]
    Usage,
    /// No critical certificate policy, or several.
    #[error("the certificate has not exactly one critical policy")]
    Policy,
    /// No authority key identifier with a key id.
    #[error("the certificate does not name its issuer's key")]
    IssuerKeyId,
    /// No CRL distribution point with a directory name.
    #[error("the certificate has no distribution point with a directory name")]
    DistributionPoint,
    /// An extension that is critical and unknown, one that a leaf must not have, or one twice.
    #[error("the certificate has an extension that it must not have")]
    Extension,
}

/// Reads `octets` and holds them against the profile.
pub(super) fn read(octets: &[u8]) -> Result<Certificate, CertificateError> {
    let parsed = parse(octets)?;
    if parsed.version() != X509Version::V3 {
        return Err(CertificateError::Version);
    }
    let validity = parsed.validity();
    let not_before = time(validity.not_before.timestamp())?;
    let not_after = time(validity.not_after.timestamp())?;
    if not_after < not_before {
        return Err(CertificateError::Validity);
    }
    if !is_holder(parsed.subject()) {
        return Err(CertificateError::Subject);
    }
    let (signed_digest, signature) = signature(octets, &parsed).ok_or(CertificateError::Algorithm)?;
    let extensions = Extensions::read(&parsed)?;
    Ok(Certificate {
        der: octets.into(),
        sha256: sha256(octets),
        serial: parsed.raw_serial().into(),
        issuer: parsed.issuer().as_raw().into(),
        issuer_key_id: extensions.issuer_key_id.into(),
        crl_partition: extensions.crl_partition.into(),
        hierarchy: authority(parsed.issuer()),
        policy: extensions.policy,
        not_before,
        not_after,
        key: key(parsed.public_key()).ok_or(CertificateError::Key)?,
        signed_digest,
        signature,
    })
}

/// One certificate and nothing behind it; the parser never sees more than the bound.
pub(super) fn parse(octets: &[u8]) -> Result<X509Certificate<'_>, CertificateError> {
    if octets.len() > MAX_CERTIFICATE_LENGTH {
        return Err(CertificateError::TooLong { length: octets.len() });
    }
    if der::sequence_length(octets) != Some(octets.len()) {
        return Err(CertificateError::Malformed);
    }
    match X509Certificate::from_der(octets) {
        Ok(([], parsed)) => Ok(parsed),
        _ => Err(CertificateError::Malformed),
    }
}

/// Digest of the signed body, and the signature, if both algorithm fields say SHA-256 with RSA and it is as
/// long as an RSA-2048 one.
pub(super) fn signature(octets: &[u8], parsed: &X509Certificate<'_>) -> Option<([u8; 32], [u8; 256])> {
    let signed = Signed::read(octets)?;
    if signed.algorithm != SHA256_WITH_RSA || parsed.signature_algorithm != parsed.tbs_certificate.signature {
        return None;
    }
    Some((sha256(signed.body), signed.signature.try_into().ok()?))
}

pub(super) fn key(info: &SubjectPublicKeyInfo<'_>) -> Option<PublicKey> {
    match info.parsed() {
        Ok(SubjectKey::RSA(rsa)) => PublicKey::new(rsa.modulus, rsa.exponent),
        _ => None,
    }
}

pub(super) fn time(seconds: i64) -> Result<UnixTime, CertificateError> {
    u64::try_from(seconds).map(UnixTime).map_err(|_| CertificateError::Validity)
}

/// Which world an authority of this name belongs to: there is one name for production, everything else is test.
pub(super) fn authority(name: &X509Name<'_>) -> Hierarchy {
    let production =
        [(COUNTRY, "JP"), (ORGANIZATION, PRODUCTION_ORGANIZATION), (UNIT, UNITS[0]), (UNIT, UNITS[1])];
    if is_exactly(name, &production) { Hierarchy::Production } else { Hierarchy::Test }
}

/// One attribute in each step of the name, in this order, whatever kind of string it is.
fn is_exactly(name: &X509Name<'_>, expected: &[(&str, &str)]) -> bool {
    name.iter_rdn().count() == expected.len()
        && name.iter_attributes().count() == expected.len()
        && name.iter_attributes().zip(expected).all(|(attribute, (kind, value))| {
            attribute.attr_type().to_id_string() == *kind && attribute.as_slice() == value.as_bytes()
        })
}

fn is_holder(name: &X509Name<'_>) -> bool {
    let Some(common_name) = name.iter_common_name().next().and_then(|attribute| attribute.as_str().ok())
    else {
        return false;
    };
    is_exactly(name, &[(COUNTRY, "JP"), (COMMON_NAME, common_name)])
        && common_name.len() == COMMON_NAME_LENGTH
        && common_name.bytes().all(|octet| octet.is_ascii_alphanumeric())
        && common_name.get(MUNICIPALITY).is_some_and(|code| code.bytes().all(|octet| octet.is_ascii_digit()))
}

/// What the extensions of a leaf say.
struct Extensions<'a> {
    policy: Policy,
    issuer_key_id: &'a [u8],
    crl_partition: Vec<u8>,
}

impl<'a> Extensions<'a> {
    fn read(parsed: &'a X509Certificate<'_>) -> Result<Self, CertificateError> {
        parsed.extensions_map().map_err(|_| CertificateError::Extension)?;
        let extensions = parsed.extensions();
        for extension in extensions {
            refuse_forbidden(extension)?;
        }
        let find = |wanted: fn(&X509Extension<'_>) -> bool| extensions.iter().any(wanted);
        if !find(is_signing_only) || !find(is_client_authentication) {
            return Err(CertificateError::Usage);
        }
        Ok(Self {
            policy: extensions.iter().find_map(policy).ok_or(CertificateError::Policy)?,
            issuer_key_id: extensions.iter().find_map(issuer_key_id).ok_or(CertificateError::IssuerKeyId)?,
            crl_partition: extensions
                .iter()
                .find_map(crl_partition)
                .ok_or(CertificateError::DistributionPoint)?,
        })
    }
}

/// Basic constraints belong to an authority, whether or not they can be read, and what is critical has to be
/// understood.
fn refuse_forbidden(extension: &X509Extension<'_>) -> Result<(), CertificateError> {
    if extension.oid == OID_X509_EXT_BASIC_CONSTRAINTS {
        return Err(CertificateError::Extension);
    }
    match extension.parsed_extension() {
        ParsedExtension::KeyUsage(_)
        | ParsedExtension::ExtendedKeyUsage(_)
        | ParsedExtension::CertificatePolicies(_) => Ok(()),
        _ if extension.critical => Err(CertificateError::Extension),
        _ => Ok(()),
    }
}

fn is_signing_only(extension: &X509Extension<'_>) -> bool {
    const DIGITAL_SIGNATURE: u16 = 1;
    matches!(extension.parsed_extension(), ParsedExtension::KeyUsage(usage) if usage.flags == DIGITAL_SIGNATURE)
        && extension.critical
}

fn is_client_authentication(extension: &X509Extension<'_>) -> bool {
    matches!(extension.parsed_extension(), ParsedExtension::ExtendedKeyUsage(usage) if usage.client_auth)
}

fn policy(extension: &X509Extension<'_>) -> Option<Policy> {
    let ParsedExtension::CertificatePolicies(policies) = extension.parsed_extension() else {
        return None;
    };
    match policies.as_slice() {
        [only] if extension.critical => Some(match only.policy_id.to_id_string().as_str() {
            PRODUCTION_POLICY => Policy::Production,
            TEST_POLICY => Policy::Test,
            _ => Policy::Unknown,
        }),
        _ => None,
    }
}

fn issuer_key_id<'a>(extension: &'a X509Extension<'_>) -> Option<&'a [u8]> {
    match extension.parsed_extension() {
        ParsedExtension::AuthorityKeyIdentifier(identifier) => Some(identifier.key_identifier.as_ref()?.0),
        _ => None,
    }
}

fn crl_partition(extension: &X509Extension<'_>) -> Option<Vec<u8>> {
    let ParsedExtension::CRLDistributionPoints(points) = extension.parsed_extension() else {
        return None;
    };
    let [point] = points.as_slice() else { return None };
    match point.distribution_point.as_ref()? {
        DistributionPointName::FullName(names) => names.iter().find_map(|name| match name {
            GeneralName::DirectoryName(name) => Some(name.as_raw().to_vec()),
            _ => None,
        }),
        DistributionPointName::NameRelativeToCRLIssuer(_) => None,
    }
}
