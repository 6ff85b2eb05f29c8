//! What the tests across the crates share: recorded taps, made from the virtual cards, and a gateway to ask.

pub mod gateway;
pub mod transcripts;
