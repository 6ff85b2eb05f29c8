//! Replay files: text that anybody may bring is read, or refused with its line, and played to an end.

use shikaku::replay::{Line, Recording};

/// The octets as the text of a recording.
pub fn recording(octets: &[u8]) {
    let Ok(text) = core::str::from_utf8(octets) else { return };
    match Recording::parse(text) {
        Err(error) => assert!(error.line <= text.lines().count().max(1), "{error}"),
        Ok(recording) => {
            for line in &recording.lines {
                assert!((1..=text.lines().count()).contains(&line.number()));
                if let Line::Command(_, octets) | Line::Response(_, octets) = line {
                    assert_eq!(
                        octets.to_string().parse(),
                        Ok(octets.clone()),
                        "octets are written as they are read"
                    );
                }
            }
            // Whether it plays as it says is its own affair; that it ends and shows no more exchanges than it has is ours.
            if let Ok(played) = recording.play() {
                assert!(played.exchanges <= recording.lines.len() / 2);
            }
        }
    }
}
