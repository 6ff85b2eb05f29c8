//! Who knows the qualifications: the seam behind which the local registry stands now, a gateway later.

mod registry;

use std::future::Future;
use std::pin::Pin;

use shikaku::identifier::Date;
use shikaku::qualification::Finding;

use crate::store::StoreError;

pub use registry::Registry;

/// What a source is asked: the holder of this certificate, on this day.
///
/// The certificate holds no name; its issuer's key and its serial are what leads to a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Question<'a> {
    /// Key id of the certificate's issuer (AKI).
    pub issuer_key_id: &'a [u8],
    /// Serial number, octets as in the certificate.
    pub serial: &'a [u8],
    /// The calendar day in Tokyo, by the service's clock.
    pub day: Date,
}

/// Why a source did not answer. Nothing of it is final: the check stores nothing and uses nothing up.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SourceFault {
    /// The local registry could not be read.
    #[error("the registry could not be read: {0}")]
    Store(#[from] StoreError),
    /// The source could not be reached, or did not answer in time.
    #[error("the source does not answer")]
    Down,
}

/// What [`QualificationSource::ask`] returns.
pub type Asked<'a> = Pin<Box<dyn Future<Output = Result<Finding, SourceFault>> + Send + 'a>>;

/// Says what is known of the person behind a certificate. Never asked inside a transaction.
///
/// Asking must harm nothing: it may be asked again for the same check. A source for which that is not so wants a
/// claim first (the store has a table for it).
pub trait QualificationSource: Send + Sync {
    /// What `question`'s day makes of the person's qualifications.
    fn ask<'a>(&'a self, question: Question<'a>) -> Asked<'a>;
}
