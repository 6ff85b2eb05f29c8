//! The full recordings of `tests/transcripts`: made from virtual cards by a list of scenarios, each of which says
//! what must come out before it is run. `cargo run -p shikaku-tests --example transcripts` writes them; a test
//! makes them again and compares octet for octet.

mod forms;
mod record;
mod scenario;
mod table;
mod visual;

use std::path::PathBuf;

pub use record::{RecordError, Recorded, inputs, record, record_visual};
pub use scenario::{Agreed, Hitch, Roots, Scenario};
pub use table::scenarios;
pub use visual::visual_scenarios;

/// The folder with the recordings.
pub fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../transcripts")
}
