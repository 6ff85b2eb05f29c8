//! Named points at which a test can kill the process.
//!
//! Only the feature `fail-points` in a build with debug assertions has them: a release build has none,
//! whatever features it was given. Reaching the point that `SHIKAKU_FAIL_POINT` names aborts the process
//! on the spot, with no destructor and no flush, as `kill -9` or a power cut would.

/// The environment variable that names the point.
#[cfg(all(feature = "fail-points", debug_assertions))]
const VARIABLE: &str = "SHIKAKU_FAIL_POINT";

/// Dies here if the environment names `point`.
#[cfg(all(feature = "fail-points", debug_assertions))]
pub(crate) fn reach(point: &str) {
    if std::env::var(VARIABLE).is_ok_and(|named| named == point) {
        std::process::abort();
    }
}

/// Marks a point of a check; nothing at all but in a build for the kill tests.
macro_rules! fail_point {
    ($point:literal) => {
        #[cfg(all(feature = "fail-points", debug_assertions))]
        $crate::failpoint::reach($point);
    };
}

pub(crate) use fail_point;
