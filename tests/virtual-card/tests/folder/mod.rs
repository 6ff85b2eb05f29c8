//! Card folders for tests.

use std::path::{Path, PathBuf};

use shikaku_virtual_card::{Card, CardError};

/// `tests/data`.
pub(crate) fn data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../data")
}

/// A card with the one application A000 and in it one file 000A of this content.
pub(crate) fn card_with(content: &str) -> Result<Card, CardError> {
    const TEMPLATE: &str = r#"{
        "description": "for one test", "atr": "3B80",
        "timing": {"bit_rate_kbps": 106, "frame_octets": 256, "frame_waiting_us": 1, "frame_us": 1,
            "command_us": 1, "verify_us": 1, "signature_us": 1},
        "capabilities": {"extended_length": false, "read_by_short_id": false, "verify_by_short_id": false,
            "sign_by_short_id": false, "sign_bare_hash": false, "warns_at_end": false},
        "applications": [
            {"name": "one", "aid": "A000", "files": [{"id": "000A", "name": "one", "content": CONTENT}]}
        ]
    }"#;
    let unique = format!("shikaku-card-{}-{:?}", std::process::id(), std::thread::current().id());
    let folder = std::env::temp_dir().join(unique);
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("card.json"), TEMPLATE.replace("CONTENT", content)).unwrap();
    let card = Card::load(&folder);
    std::fs::remove_dir_all(&folder).unwrap();
    card
}
