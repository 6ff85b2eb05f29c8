//! USB card readers with virtual cards, behind a socket: prints its port and serves until its input ends.
//!
//! `cargo run -p shikaku-virtual-card --example ccid`; what goes over the socket is told in `src/ccid/pipe.rs`.

#![allow(clippy::print_stdout, reason = "the port is all that it says")]

use std::io::{self, Read as _, Write as _};
use std::net::TcpListener;
use std::thread;

use shikaku_virtual_card::ccid::serve;

fn main() -> io::Result<()> {
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    println!("{}", listener.local_addr()?.port());
    io::stdout().flush()?;
    thread::spawn(move || serve(&listener));
    // Whoever started it holds the other end of its input, and takes it along when it ends.
    io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}
