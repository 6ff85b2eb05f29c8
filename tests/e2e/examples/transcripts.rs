//! Writes the full recordings of `tests/transcripts`: `cargo run -p shikaku-tests --example transcripts`.

use std::io;

use shikaku_tests::transcripts::{folder, record, record_visual, scenarios, visual_scenarios};

fn main() -> io::Result<()> {
    let taps = scenarios().into_iter().map(|scenario| (record(&scenario).map(|made| made.text), scenario));
    let visual = visual_scenarios().into_iter();
    let visual = visual.map(|scenario| (record_visual(&scenario).map(|made| made.text), scenario));
    for (text, scenario) in taps.chain(visual) {
        let text = text.map_err(|error| io::Error::other(format!("{}: {error:?}", scenario.name)))?;
        std::fs::write(folder().join(format!("{}.apdu", scenario.name)), text)?;
    }
    Ok(())
}
