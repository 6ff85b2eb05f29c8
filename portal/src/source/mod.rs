//! Where qualifications come from: the seam behind which the local registry stands, and a gateway may.

mod registry;

use std::future::Future;
use std::pin::Pin;

use shikaku::certificate::Certificate;
use shikaku::identifier::{Date, InstitutionCode};
use shikaku::qualification::{Finding, Qualification, judge};

pub use registry::Registry;

use crate::store::StoreError;

/// An answer that comes later.
pub type Answering<'a> = Pin<Box<dyn Future<Output = Result<Standing, SourceError>> + Send + 'a>>;

/// Answers who stands behind a certificate. Never asked inside a transaction.
pub trait QualificationSource: Send + Sync {
    /// Whether asking leaves a trace elsewhere: then the challenge is claimed before, and the query carries the claim.
    fn needs_claim(&self) -> bool;

    /// Looks the holder up.
    fn look_up<'a>(&'a self, query: Query<'a>) -> Answering<'a>;
}

/// What a source is asked.
#[derive(Debug, Clone, Copy)]
pub struct Query<'a> {
    /// The accepted certificate; the look-up is by its issuer's key id and its serial alone.
    pub certificate: &'a Certificate,
    /// Who asks.
    pub institution: &'a InstitutionCode,
    /// The day of the check.
    pub day: Date,
    /// Name of the claim, if [`QualificationSource::needs_claim`]; the same again when a query is repeated.
    pub claim: Option<[u8; 16]>,
}

/// What a source knows of a certificate's holder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// 証明書未連携: the certificate leads to nobody, as after a renewal that was not reported.
    Unlinked,
    /// 利用登録なし: the person has not registered the card as 健康保険証.
    NotEnrolled,
    /// Everything known of an enrolled person, on whatever day it holds.
    Enrolled(Vec<Qualification>),
}

/// Why a source gave no answer. Nothing is consumed then; the same request may come again.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// The registry's database failed.
    #[error("the registry failed")]
    Store(#[from] StoreError),
    /// The source could not be reached, or did not answer in time.
    #[error("the source did not answer")]
    Unavailable,
}

impl Standing {
    /// What this makes of `day`.
    pub fn on(self, day: Date) -> Finding {
        match self {
            Self::Unlinked => Finding::Unlinked,
            Self::NotEnrolled => Finding::NotEnrolled,
            Self::Enrolled(qualifications) => judge(qualifications, day),
        }
    }
}
