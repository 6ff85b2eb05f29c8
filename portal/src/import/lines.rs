//! A file line by line: bounded, UTF-8 with or without BOM, LF or CRLF.

use std::io::{self, BufRead, Read as _};

use sha2::{Digest as _, Sha256};

/// Longest line that is read, in octets. A person with a dozen qualifications needs a tenth of it.
pub const LINE_LIMIT: usize = 256 * 1024;

const BOM: &[u8] = b"\xef\xbb\xbf";

/// Reads lines and counts them. Empty lines are passed over.
pub(super) struct Lines<R> {
    reader: R,
    buffer: Vec<u8>,
    number: u64,
    octets: u64,
    digest: Sha256,
}

/// A line, or what is wrong with it; further lines can be read in both cases.
pub(super) struct Line<'a> {
    /// Counted from 1.
    pub(super) number: u64,
    /// Without its end.
    pub(super) text: Result<&'a str, LineFault>,
}

/// What is wrong with a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LineFault {
    /// Longer than [`LINE_LIMIT`].
    #[error("行が長すぎます（上限 {LINE_LIMIT} バイト）")]
    TooLong,
    /// Not UTF-8.
    #[error("UTF-8 ではありません（{at}バイト目）。Shift_JIS のファイルは UTF-8 に変換してください")]
    Encoding {
        /// First octet that is no UTF-8, from 1.
        at: usize,
    },
}

impl<R: BufRead> Lines<R> {
    pub(super) fn new(reader: R) -> Self {
        Self { reader, buffer: Vec::new(), number: 0, octets: 0, digest: Sha256::new() }
    }

    /// The next line that is not empty.
    pub(super) fn next(&mut self) -> io::Result<Option<Line<'_>>> {
        loop {
            self.buffer.clear();
            let limit = u64::try_from(LINE_LIMIT).unwrap_or(u64::MAX) + 2;
            let read = self.reader.by_ref().take(limit).read_until(b'\n', &mut self.buffer)?;
            if read == 0 {
                return Ok(None);
            }
            self.count(read);
            self.number += 1;
            let is_whole = self.buffer.ends_with(b"\n");
            if !is_whole && read > LINE_LIMIT {
                self.skip_rest()?;
                return Ok(Some(Line { number: self.number, text: Err(LineFault::TooLong) }));
            }
            if !self.content().is_empty() {
                break;
            }
        }
        let text = str::from_utf8(self.content())
            .map_err(|error| LineFault::Encoding { at: error.valid_up_to() + 1 });
        Ok(Some(Line { number: self.number, text }))
    }

    /// Octets read so far.
    pub(super) const fn octets(&self) -> u64 {
        self.octets
    }

    /// SHA-256 of everything read; of the whole file once there is no further line.
    pub(super) fn sha256(&self) -> [u8; 32] {
        self.digest.clone().finalize().into()
    }

    fn count(&mut self, read: usize) {
        self.octets += u64::try_from(read).unwrap_or(u64::MAX);
        self.digest.update(&self.buffer);
    }

    /// The line without its end, the first one without BOM.
    fn content(&self) -> &[u8] {
        let line = self.buffer.strip_suffix(b"\n").unwrap_or(&self.buffer);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if self.number == 1 { line.strip_prefix(BOM).unwrap_or(line) } else { line }
    }

    fn skip_rest(&mut self) -> io::Result<()> {
        loop {
            self.buffer.clear();
            let read = self.reader.by_ref().take(64 * 1024).read_until(b'\n', &mut self.buffer)?;
            self.count(read);
            if read == 0 || self.buffer.ends_with(b"\n") {
                return Ok(());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(octets: &[u8]) -> Vec<(u64, Result<String, LineFault>)> {
        let mut lines = Lines::new(octets);
        let mut read = Vec::new();
        while let Some(line) = lines.next().unwrap() {
            read.push((line.number, line.text.map(str::to_owned)));
        }
        read
    }

    #[test]
    fn bom_and_line_ends_and_empty_lines_do_not_matter() {
        let due = [(1, Ok("あ".to_owned())), (3, Ok("b".to_owned()))];
        for text in ["あ\n\nb\n", "\u{feff}あ\r\n\r\nb\r\n", "あ\n\nb", "\u{feff}あ\n\nb\r\n"] {
            assert_eq!(read(text.as_bytes()), due, "{text:?}");
        }
    }

    #[test]
    fn a_line_that_is_no_utf8_is_named_and_the_next_one_read() {
        let due = [(1, Err(LineFault::Encoding { at: 2 })), (2, Ok("b".to_owned()))];
        assert_eq!(read(b"a\x8e\x91\nb\n"), due);
    }

    #[test]
    fn a_line_without_end_costs_no_more_than_the_limit() {
        let mut octets = vec![b'x'; 3 * LINE_LIMIT];
        octets.extend(b"\nb\n");
        assert_eq!(read(&octets), [(1, Err(LineFault::TooLong)), (2, Ok("b".to_owned()))]);
        let longest = "x".repeat(LINE_LIMIT);
        assert_eq!(read(format!("{longest}\r\n").as_bytes()), [(1, Ok(longest))]);
    }

    #[test]
    fn the_digest_is_that_of_the_file() {
        let text = b"\xef\xbb\xbfa\r\n\nb";
        let mut lines = Lines::new(&text[..]);
        while lines.next().unwrap().is_some() {}
        assert_eq!(lines.sha256()[..], Sha256::digest(text)[..]);
        assert_eq!(lines.octets(), 8);
    }
}
