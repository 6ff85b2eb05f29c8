//! Prints `docs/codes.md`: `cargo run -p shikaku --example codes > docs/codes.md`.

use std::io::Write as _;

fn main() -> std::io::Result<()> {
    std::io::stdout().write_all(shikaku::guide::handbook().as_bytes())
}
