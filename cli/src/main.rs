//! Shikaku on a PC.
fn main() {}
