//! What the tests across the crates share: recorded taps, made from the virtual cards.

pub mod transcripts;
