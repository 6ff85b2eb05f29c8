//! The service and its operators.

pub mod admin;
mod api;
mod app;
pub mod audit;
pub mod cards;
pub mod clock;
mod ending;
pub mod erasure;
mod failpoint;
pub mod import;
pub mod keys;
pub mod limits;
pub mod randomness;
pub mod revocation;
pub mod sealing;
pub mod serve;
pub mod source;
pub mod store;
pub mod whole_file;

pub use app::{Parts, Service, app};
