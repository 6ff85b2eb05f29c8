//! Commands, responses, status words, and the only printer of their bytes.
//!
//! What may be sent has a named constructor in `command.rs`; nothing outside the core can make one.

pub(crate) mod command;
pub(crate) mod exchange;
pub(crate) mod response;
mod status;
pub mod trace;

pub use exchange::Fault;
pub use status::Status;
