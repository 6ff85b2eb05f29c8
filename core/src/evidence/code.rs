//! Which code each refusal has. Device and service say the same.

use super::SurfaceError;
use crate::guide::Code;

impl SurfaceError {
    /// What to tell.
    pub const fn code(self) -> Code {
        match self {
            Self::Malformed => Code::SurfaceMalformed,
            Self::IssuerUnknown | Self::HierarchyMixed => Code::SurfaceIssuerUnknown,
            Self::CertificateSignature | Self::RecordSignature => Code::SurfaceForged,
            Self::Presence => Code::SurfaceCopied,
        }
    }
}
