//! The only place that writes to the terminal.

use std::io::{IsTerminal as _, Write as _};

/// Colour and weight of a piece of text; plain where the output is no terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Paint {
    Good,
    Bad,
    Warn,
    Faint,
    Strong,
}

impl Paint {
    const fn escape(self) -> &'static str {
        match self {
            Self::Good => "\x1b[1;32m",
            Self::Bad => "\x1b[1;31m",
            Self::Warn => "\x1b[1;33m",
            Self::Faint => "\x1b[2m",
            Self::Strong => "\x1b[1m",
        }
    }
}

/// Whether a person sees colours: a terminal, and `NO_COLOR` (no-color.org) is not set.
fn coloured() -> bool {
    std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()) && std::io::stdout().is_terminal()
}

/// `text` in a colour where that can be seen.
pub(crate) fn paint(paint: Paint, text: &str) -> String {
    if coloured() { format!("{}{text}\x1b[0m", paint.escape()) } else { text.to_owned() }
}

/// A line of the result, on standard output. A closed pipe ends the program quietly.
pub(crate) fn line(text: &str) {
    // In one piece, which goes past the buffer of standard output: what passes through that buffer stays in it.
    if std::io::stdout().lock().write_all(format!("{text}\n").as_bytes()).is_err() {
        std::process::exit(0);
    }
}

/// Octets in hexadecimal, for people and JSON.
pub(crate) fn hex(octets: &[u8]) -> String {
    use std::fmt::Write as _;
    octets.iter().fold(String::with_capacity(octets.len() * 2), |mut text, octet| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{octet:02x}");
        text
    })
}

/// One JSON object or array on standard output, and nothing else there.
pub(crate) fn json(value: &serde_json::Value) {
    line(&format!("{value:#}"));
}

/// Empties the terminal, what has been scrolled out of sight included; nothing where the output is no terminal.
pub(crate) fn clear() {
    let mut stdout = std::io::stdout().lock();
    if std::io::stdout().is_terminal() && stdout.write_all(b"\x1b[H\x1b[2J\x1b[3J").is_ok() {
        // A terminal that is gone shows nothing.
        let _ = stdout.flush();
    }
}

/// A line about what is going on, on standard error, where it never mixes with a result.
pub(crate) fn note(text: &str) {
    // Nothing can be done about a standard error that is closed.
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// A text on standard error without a line's end, for a stage that changes in place or a question.
pub(crate) fn prompt(text: &str) {
    let mut stderr = std::io::stderr().lock();
    let _ = write!(stderr, "{text}");
    let _ = stderr.flush();
}

/// What is going on just now, on standard error: in place at a terminal, a line each elsewhere.
pub(crate) fn progress(text: &str) {
    if std::io::stderr().is_terminal() {
        prompt(&format!("\r\x1b[K{text}"));
    } else {
        note(text);
    }
}

/// Leaves the line that [`progress`] wrote in place.
pub(crate) fn progress_end() {
    if std::io::stderr().is_terminal() {
        prompt("\r\x1b[K");
    }
}

/// Asks a yes-or-no question; only `はい`, `y` and `yes` are a yes. Without a terminal nobody was asked: an error.
pub(crate) fn ask(question: &str) -> Result<bool, crate::failure::Failure> {
    if !std::io::stdin().is_terminal() {
        return Err(crate::failure::Failure::plain(
            "a question needs an answer, and there is no terminal to ask at",
        ));
    }
    prompt(question);
    let mut line = String::new();
    let read = std::io::stdin().read_line(&mut line);
    read.map_err(|error| crate::failure::Failure::plain(format_args!("the terminal: {error}")))?;
    Ok(matches!(line.trim().to_lowercase().as_str(), "はい" | "y" | "yes"))
}
