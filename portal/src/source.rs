//! Who knows the qualifications: the seam behind which the local registry stands now, a gateway later.

mod registry;

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use shikaku::identifier::Date;
use shikaku::qualification::Finding;

use crate::store::StoreError;

pub use registry::Registry;

/// A remote source gets so long for one answer; then it counts as down, and its claim stays open.
const PATIENCE: Duration = Duration::from_secs(20);

/// What a source is asked: the holder of this certificate, on this day.
///
/// The certificate holds no name; its issuer's key and its serial are what leads to a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Question<'a> {
    /// Key id of the certificate's issuer (AKI).
    pub issuer_key_id: &'a [u8],
    /// Serial number, octets as in the certificate.
    pub serial: &'a [u8],
    /// The calendar day in Tokyo, by the service's clock; for a claim the day on which it was made.
    pub day: Date,
}

/// Why a source did not answer. Nothing of it is final: the check stores nothing and uses nothing up, and a claim stays
/// open.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SourceFault {
    /// The local registry could not be read.
    #[error("the registry could not be read: {0}")]
    Store(#[from] StoreError),
    /// The source could not be reached, or did not answer in time.
    #[error("the source does not answer")]
    Down,
    /// What came back is no answer, or not to this question.
    #[error("the source's answer cannot be read")]
    Unreadable,
}

/// What [`QualificationSource::ask`] and [`RemoteSource::ask`] return.
pub type Asked<'a> = Pin<Box<dyn Future<Output = Result<Finding, SourceFault>> + Send + 'a>>;

/// Says what is known of the person behind a certificate. Never asked inside a transaction.
///
/// Asking harms nothing: it may be asked again for the same check. A source for which that is not so is a
/// [`RemoteSource`].
pub trait QualificationSource: Send + Sync {
    /// What `question`'s day makes of the person's qualifications.
    fn ask<'a>(&'a self, question: Question<'a>) -> Asked<'a>;
}

/// Name of a claim, 16 random octets: by it a remote source knows that it was asked this before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ClaimId(pub [u8; 16]);

/// A source for which every question counts (it is recorded, charged, or answered once), like a gateway. Never asked
/// inside a transaction, and never before the claim is in the store.
///
/// The same claim may be asked again, and at the same time: after a fault, after another process's death, by a
/// duplicate of the request. It always comes with the same question, and is to count once.
pub trait RemoteSource: Send + Sync {
    /// What `question`'s day makes of the person's qualifications, asked in the name of `claim`.
    fn ask<'a>(&'a self, claim: ClaimId, question: Question<'a>) -> Asked<'a>;
}

/// Whom the service asks, and how.
pub enum Source {
    /// At once, as often as one likes.
    Local(Box<dyn QualificationSource>),
    /// Only in the name of a claim.
    Remote(Box<dyn RemoteSource>),
}

impl Source {
    /// Whether a claim comes before the question.
    pub const fn wants_claim(&self) -> bool {
        matches!(self, Self::Remote(_))
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.wants_claim() { "Source::Remote" } else { "Source::Local" })
    }
}

/// Asks a remote source, and does not wait for it for ever.
pub(crate) async fn ask_in_time(
    source: &dyn RemoteSource,
    claim: ClaimId,
    question: Question<'_>,
) -> Result<Finding, SourceFault> {
    tokio::time::timeout(PATIENCE, source.ask(claim, question)).await.unwrap_or(Err(SourceFault::Down))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Mute;

    impl RemoteSource for Mute {
        fn ask<'a>(&'a self, _: ClaimId, _: Question<'a>) -> Asked<'a> {
            Box::pin(std::future::pending())
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_source_that_never_answers_counts_as_down() {
        let day = "2026-09-21".parse().unwrap();
        let question = Question { issuer_key_id: &[1], serial: &[2], day };
        let asked = ask_in_time(&Mute, ClaimId([0; 16]), question).await;
        assert!(matches!(asked, Err(SourceFault::Down)));
    }
}
