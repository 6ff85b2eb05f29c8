//! Whether a certificate was revoked: the seam behind which CRL files stand now, URLs and OCSP later.

mod stored;

use shikaku::certificate::revocation::Revocation;
use shikaku::certificate::{Anchors, Certificate};
use shikaku::instant::UnixTime;

pub use stored::StoredCrls;

/// Says what is known about the revocation of a certificate. Unknown is never good.
///
/// Called on a thread that may be kept busy, never on one that serves sockets; a source that has to ask somebody
/// keeps what it was told and answers from that.
pub trait RevocationSource: Send + Sync {
    /// The state of `certificate` at `now`, whose issuer must stand among `anchors`.
    fn status(&self, certificate: &Certificate, anchors: &Anchors, now: UnixTime) -> Revocation;
}
