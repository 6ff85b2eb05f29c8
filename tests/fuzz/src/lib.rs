//! The fuzz targets, each a function of octets that panics when something is not as it must be.
//!
//! `cargo fuzz run --fuzz-dir tests/fuzz TARGET` feeds them; `tests/stages/fuzz` does so for half a minute each.
//! They go through the core's public doors alone: whatever a card, a file or a person brings comes in there.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "a target reports what it found by panicking"
)]

mod card;
mod certificate;
mod evidence;
mod photo;
mod recording;
mod responses;
pub mod seeds;
mod settings;
mod tap;

pub use certificate::certificate;
pub use evidence::evidence;
pub use photo::photo;
pub use recording::recording;
pub use responses::responses;
pub use settings::settings;
pub use tap::tap;

/// A target and its name.
pub type Target = (&'static str, fn(&[u8]));

/// All of them, by the names of their binaries.
pub const TARGETS: [Target; 7] = [
    ("responses", responses),
    ("tap", tap),
    ("certificate", certificate),
    ("settings", settings),
    ("recording", recording),
    ("evidence", evidence),
    ("photo", photo),
];

/// Octets that are taken one after the other; zero once there are none left.
struct Octets<'a>(&'a [u8]);

impl<'a> Octets<'a> {
    fn next(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn octet(&mut self) -> u8 {
        self.next().unwrap_or_default()
    }

    fn word(&mut self) -> u16 {
        u16::from_be_bytes([self.octet(), self.octet()])
    }

    /// As many as there are of `length`.
    fn some(&mut self, length: usize) -> &'a [u8] {
        let (some, rest) = self.0.split_at(length.min(self.0.len()));
        self.0 = rest;
        some
    }
}
