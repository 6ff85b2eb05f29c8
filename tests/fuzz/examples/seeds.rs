//! Writes the seeds of a target into a folder: `cargo run -p shikaku-fuzz --example seeds -- TARGET FOLDER`.

use std::io;
use std::path::Path;

fn main() -> io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let (Some(target), Some(folder)) = (arguments.next(), arguments.next()) else {
        return Err(io::Error::other("seeds TARGET FOLDER"));
    };
    std::fs::create_dir_all(&folder)?;
    for (number, seed) in shikaku_fuzz::seeds::seeds(&target).iter().enumerate() {
        std::fs::write(Path::new(&folder).join(format!("seed-{number:03}")), seed)?;
    }
    Ok(())
}
