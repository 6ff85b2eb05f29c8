//! The service and its operators.

pub mod audit;
pub mod clock;
pub mod keys;
pub mod randomness;
pub mod revocation;
pub mod sealing;
pub mod source;
pub mod store;
