//! The registry: persons, their certificates and qualifications, and the renewals of certificates.
//!
//! Rows come in generations. An import writes rows of the next generation in transactions of moderate size, unseen;
//! one `UPDATE` then switches it on, whole. So a check never waits for an import and never sees half of one.
//!
//! - visible: `base` ≤ generation ≤ `current`, and no higher visible generation of the same key
//! - `replace` moves `base` up to the new generation; `merge` leaves it
//! - what can no longer be seen is swept away afterwards ([`clean_up`])

mod import;
mod look_up;
mod rows;
mod sweep;
mod visible;

pub use import::{Duplicate, DuplicateKind, Import, Mode, WriteError, clean_up};
pub use look_up::{Holder, holder};
pub use rows::{CertificateKey, PersonRow, Renewal};

#[cfg(test)]
mod tests;
