//! What is known of the card, and the applications on it.

mod application;
pub(crate) mod jpki;
pub(crate) mod profile;
pub(crate) mod strategy;
pub(crate) mod surface;
pub(crate) mod text_input;
pub(crate) mod tries;

pub(crate) use application::{Printed, Tally};

pub use profile::Token;
