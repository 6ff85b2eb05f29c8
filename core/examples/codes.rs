//! Prints `docs/codes.md`, or with `ja` `docs/ja/remedies.md`: `cargo run -p shikaku --example codes > docs/codes.md`.

use std::io::Write as _;

use shikaku::guide::{handbook, remedies};

fn main() -> std::io::Result<()> {
    let page = if std::env::args().nth(1).as_deref() == Some("ja") { remedies() } else { handbook() };
    std::io::stdout().write_all(page.as_bytes())
}
