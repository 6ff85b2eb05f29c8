//! The service and its operators.

pub mod audit;
pub mod clock;
pub mod randomness;
pub mod sealing;
pub mod store;
