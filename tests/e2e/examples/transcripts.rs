//! Writes the full recordings of `tests/transcripts`: `cargo run -p shikaku-tests --example transcripts`.

use std::io;

use shikaku_tests::transcripts::{folder, record, scenarios};

fn main() -> io::Result<()> {
    for scenario in scenarios() {
        let recorded =
            record(&scenario).map_err(|error| io::Error::other(format!("{}: {error:?}", scenario.name)))?;
        std::fs::write(folder().join(format!("{}.apdu", scenario.name)), recorded.text)?;
    }
    Ok(())
}
