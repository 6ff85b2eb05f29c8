//! The service and its operators.

pub mod clock;
pub mod randomness;
pub mod sealing;
pub mod store;
