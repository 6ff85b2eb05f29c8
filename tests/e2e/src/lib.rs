//! What the tests across the crates share: recorded taps, made from the virtual cards, a desk with a USB
//! card reader, and a gateway to ask.

pub mod desk;
pub mod gateway;
pub mod transcripts;
