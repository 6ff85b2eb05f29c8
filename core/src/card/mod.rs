//! What is known of the card, and the applications on it.

pub(crate) mod jpki;
pub(crate) mod profile;
pub(crate) mod strategy;
pub(crate) mod tries;

pub use profile::Token;
