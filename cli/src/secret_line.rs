//! A secret that a program hands over: one line of standard input.

use std::io::Read as _;

use shikaku::guide::Code;
use zeroize::Zeroizing;

use crate::failure::Failure;

/// Longest line that is read; more is no PIN and no registration code.
const LIMIT: usize = 128;

/// The next line of standard input, without its end; `form` is the code for a line that is missing or too long.
///
/// Read octet by octet from the descriptor itself: a buffered standard input would keep the secret in memory that nobody
/// wipes, and take lines that are not ours.
pub(crate) fn next(form: Code) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let failed = |error: std::io::Error| Failure::plain(format_args!("standard input: {error}"));
    #[cfg(unix)]
    let stdin = std::os::fd::AsFd::as_fd(&std::io::stdin()).try_clone_to_owned();
    #[cfg(windows)]
    let stdin = std::os::windows::io::AsHandle::as_handle(&std::io::stdin()).try_clone_to_owned();
    let mut stdin = std::fs::File::from(stdin.map_err(failed)?);
    // Of its full size from the start, so that it never grows and leaves a copy behind.
    let mut line = Zeroizing::new(Vec::with_capacity(LIMIT));
    let mut octet = Zeroizing::new([0]);
    loop {
        let ended = stdin.read(&mut *octet).map_err(failed)? == 0;
        if ended && line.is_empty() {
            return Err(Failure::coded(form, "standard input holds no further line"));
        }
        if ended || *octet == *b"\n" {
            break;
        }
        if line.len() == LIMIT {
            return Err(Failure::coded(form, "the line on standard input is too long"));
        }
        line.extend_from_slice(&*octet);
    }
    if line.last() == Some(&b'\r') {
        line.pop();
    }
    Ok(line)
}
