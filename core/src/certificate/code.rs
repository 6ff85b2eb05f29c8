//! Which code each refusal of a certificate has. Device and service say the same.

use super::revocation::Revocation;
use super::{CertificateError, Refusal};
use crate::guide::Code;

impl CertificateError {
    /// What to tell.
    pub const fn code(&self) -> Code {
        match self {
            Self::Malformed | Self::TooLong { .. } => Code::CertificateMalformed,
            _ => Code::CertificateProfile,
        }
    }
}

impl Refusal {
    /// What to tell.
    pub const fn code(&self) -> Code {
        match self {
            Self::TestRefused => Code::CertificateTestRefused,
            Self::IssuerUnknown | Self::IssuerExpired => Code::CertificateIssuerUnknown,
            Self::IssuerSignature => Code::CertificateIssuerSignature,
            Self::PolicyMixed => Code::CertificateProfile,
            Self::MobileUnknown => Code::CertificateMobileUnknown,
            Self::NotYetValid { .. } => Code::CertificateNotYetValid,
            Self::Expired { .. } => Code::CertificateExpired,
        }
    }
}

impl Revocation {
    /// What to tell, unless it is good.
    pub const fn code(&self) -> Option<Code> {
        match self {
            Self::Good => None,
            Self::Revoked { .. } => Some(Code::CertificateRevoked),
            Self::Unknown(_) => Some(Code::RevocationUnknown),
        }
    }
}
