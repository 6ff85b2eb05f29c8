//! Writes keys and certificates of the test CA and the cards again, octet for octet the same:
//! `cargo run -p shikaku-virtual-card --example generate`. `card.json` files are written by hand.

use std::path::{Path, PathBuf};

use shikaku_virtual_card::issue::{IssueError, test_data};

/// What could not be made.
#[derive(Debug, thiserror::Error)]
enum GenerateError {
    #[error("cannot write {path}")]
    Write { path: PathBuf, source: std::io::Error },
    #[error("cannot issue")]
    Issue(#[from] IssueError),
}

fn main() -> Result<(), GenerateError> {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../data");
    for (name, octets) in test_data()? {
        let path = data.join(name);
        std::fs::write(&path, octets).map_err(|source| GenerateError::Write { path, source })?;
    }
    Ok(())
}
