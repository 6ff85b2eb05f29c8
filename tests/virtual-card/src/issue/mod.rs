//! The test CA: certificates with the profile of the real user-authentication certificate, and CRLs.
//!
//! Its keys lie in the repository (`tests/data/ca`), so anybody can make a certificate under it. It is a
//! **test** anchor, always. Everything made here is deterministic: same arguments, same octets.
//!
//! Times are Unix seconds, as everywhere in the project; nothing here asks a clock.

mod authority;
mod crl;
mod der;
mod key;
mod leaf;
mod name;
mod recipe;
mod surface;
mod surface_recipe;

pub use authority::Authority;
pub use crl::{CrlRequest, Extra};
pub use key::{IssueError, derive_key, key_from_pem, key_to_pem};
pub use leaf::{Leaf, Policy};
pub use name::{Name, Partition};
pub use recipe::{DataFile, test_data};
pub use surface::{Holder, SurfaceAuthority};

/// Serial numbers that the test CA has revoked for good: the embedded card `revoked` bears one of them.
pub const REVOKED_SERIALS: &[u32] = &[0x22_9001];

/// The CRL that the demo and the usual tests load: for the partition of the embedded cards, issued at
/// `now`, good for a week, naming [`REVOKED_SERIALS`] and `also`.
pub fn issue_crl(now: u64, also: &[u32]) -> Result<Vec<u8>, IssueError> {
    let revoked: Vec<u32> = REVOKED_SERIALS.iter().chain(also).copied().collect();
    Authority::test()?.crl(&CrlRequest::new(now, &revoked))
}
