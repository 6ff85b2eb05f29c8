//! The photo in the chip, for the eyes of staff alone: there while they compare, gone with their answer.
//!
//! It is drawn on the terminal's other screen, which has no scrollback and gives the first one back as it was; and, for
//! who wants to see it larger, written to a file that is removed again. No viewer is started: viewers keep thumbnails
//! and lists of what they have shown.

use std::fmt::Write as _;
use std::io::{IsTerminal as _, stderr};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use shikaku::guide::Code;
use shikaku::photo::{Photo, Pixels};
use zeroize::Zeroizing;

use crate::failure::Failure;
use crate::screen;
use crate::terminal::write_private;

/// Lines of the window that are left for the question.
const BELOW: usize = 6;
/// Of a window that does not say how large it is.
const WINDOW: (usize, usize) = (80, 24);

/// What is to be removed again, also when the program is ended in between.
#[derive(Default)]
struct Traces {
    drawn: bool,
    file: Option<PathBuf>,
}

static TRACES: Mutex<Traces> = Mutex::new(Traces { drawn: false, file: None });

/// A photo that is shown until this is dropped.
#[derive(Debug)]
pub(crate) struct Shown(());

impl Drop for Shown {
    fn drop(&mut self) {
        forget();
    }
}

/// Shows the photo: at a terminal, and in `file`, a new one, where that is wanted. An error if staff can see it nowhere.
pub(crate) fn show(photo: &Photo, file: Option<&Path>) -> Result<Shown, Failure> {
    let failed = |error: shikaku::photo::PhotoError| Failure::coded(error.code(), error);
    let shown = Shown(());
    let is_terminal = stderr().is_terminal();
    match file.map(|path| write_private(path, &photo.png().map_err(failed)?).map(|()| path)) {
        Some(Ok(path)) => TRACES.lock().unwrap_or_else(PoisonError::into_inner).file = Some(path.to_owned()),
        Some(Err(failure)) if is_terminal => screen::note(&failure.to_string()),
        Some(Err(failure)) => return Err(failure),
        None if is_terminal => {}
        None => {
            return Err(Failure::coded(
                Code::SurfacePhoto,
                "端末ではないため表示できません（--photo FILE で書き出せます）",
            ));
        }
    }
    if is_terminal {
        let (columns, lines) = window();
        let drawn = drawn(&photo.pixels().map_err(failed)?, columns, lines.saturating_sub(BELOW));
        TRACES.lock().unwrap_or_else(PoisonError::into_inner).drawn = true;
        screen::prompt("\x1b[?1049h\x1b[2J\x1b[H");
        screen::prompt(&drawn);
    }
    if let Some(path) = &TRACES.lock().unwrap_or_else(PoisonError::into_inner).file {
        screen::note(&format!("カードの中の顔写真: {}（お答えのあとで消します）", path.display()));
    }
    Ok(shown)
}

/// Removes whatever is shown. For a program that ends in the middle of a question.
pub(crate) fn forget() {
    let traces = std::mem::take(&mut *TRACES.lock().unwrap_or_else(PoisonError::into_inner));
    if traces.drawn {
        screen::prompt("\x1b[2J\x1b[H\x1b[?1049l");
    }
    if let Some(path) = traces.file
        && let Err(error) = std::fs::remove_file(&path)
    {
        screen::note(&format!(
            "{}: 顔写真を消せませんでした（{error}）。手で消してください。",
            path.display()
        ));
    }
}

/// Columns and lines of the terminal.
fn window() -> (usize, usize) {
    #[cfg(unix)]
    if let Ok(size) = rustix::termios::tcgetwinsize(stderr())
        && size.ws_col > 0
        && size.ws_row > 0
    {
        return (size.ws_col.into(), size.ws_row.into());
    }
    WINDOW
}

/// The picture in half blocks, two pixels a cell, in the greys of the palette of 256 colours that every terminal has.
fn drawn(pixels: &Pixels, columns: usize, lines: usize) -> Zeroizing<String> {
    let (width, height) = (pixels.width as usize, pixels.height as usize);
    let (across, down) = fitting((width, height), (columns.max(1), 2 * lines.max(1)));
    let cell = "\x1b[38;5;255m\x1b[48;5;255m▀".len();
    let mut text = Zeroizing::new(String::with_capacity((across * cell + 8) * down.div_ceil(2)));
    let grey = |x: usize, y: usize| {
        let columns = x * width / across..((x + 1) * width).div_ceil(across);
        let rows = y * height / down..((y + 1) * height).div_ceil(down);
        232 + mean(pixels, &columns, &rows) * 23 / 255
    };
    for y in (0..down).step_by(2) {
        for x in 0..across {
            // Writing to a string cannot fail.
            let _ = write!(text, "\x1b[38;5;{}m\x1b[48;5;{}m▀", grey(x, y), grey(x, (y + 1).min(down - 1)));
        }
        text.push_str("\x1b[0m\r\n");
    }
    text
}

/// The largest size of the same shape that fits, no larger than the picture and at least one pixel.
fn fitting((width, height): (usize, usize), (across, down): (usize, usize)) -> (usize, usize) {
    let (across, down) = (across.min(width), down.min(height));
    if across * height <= down * width {
        (across, (across * height / width).max(1))
    } else {
        ((down * width / height).max(1), down)
    }
}

fn mean(pixels: &Pixels, columns: &std::ops::Range<usize>, rows: &std::ops::Range<usize>) -> usize {
    let row = |y: usize| {
        let begin = y * pixels.width as usize;
        pixels.grey.get(begin + columns.start..begin + columns.end).unwrap_or_default()
    };
    let sum: usize = rows.clone().flat_map(row).map(|grey| usize::from(*grey)).sum();
    sum / (columns.len() * rows.len()).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PHOTO: &[u8] = include_bytes!("../../tests/data/surface/photo.jp2");

    fn photo() -> Photo {
        Photo::new(Zeroizing::new(PHOTO.to_vec()))
    }

    /// Upper grey of a cell, from 232 (black) to 255.
    fn grey_at(text: &str, column: usize, line: usize) -> u8 {
        let cell = text.lines().nth(line).unwrap().split('▀').nth(column).unwrap();
        cell.strip_prefix("\x1b[38;5;").unwrap().split('m').next().unwrap().parse().unwrap()
    }

    #[test]
    fn the_photo_is_drawn_in_its_shape_and_its_greys() {
        let text = drawn(&photo().pixels().unwrap(), 80, 40);
        assert_eq!(text.lines().count(), 40);
        assert!(text.lines().all(|line| line.matches('▀').count() == 64), "378 to 472 as 64 to 80");
        // Background, hair and shoulders, as tests/data/surface/README.md draws them.
        for (column, line, grey) in [(1, 0, 252), (32, 8, 236), (32, 37, 238)] {
            assert!(grey_at(&text, column, line).abs_diff(grey) <= 1, "{column},{line}");
        }
    }

    #[test]
    fn whatever_the_window_and_the_picture_are_it_fits() {
        for (width, height) in [(1, 1), (640, 1), (1, 640), (378, 472), (3, 2)] {
            let grey = Zeroizing::new(vec![255; (width * height) as usize]);
            let pixels = Pixels { width, height, grey };
            for (columns, lines) in [(0, 0), (1, 1), (80, 18), (300, 1), (7, 90)] {
                let text = drawn(&pixels, columns, lines);
                assert!((1..=lines.max(1)).contains(&text.lines().count()), "{width}x{height} in {lines}");
                assert!(text.lines().all(|line| (1..=columns.max(1)).contains(&line.matches('▀').count())));
                assert_eq!(grey_at(&text, 0, 0), 255);
            }
        }
    }

    #[test]
    fn the_file_is_gone_with_the_answer_and_another_one_is_not_touched() {
        let path = std::env::temp_dir().join(format!("shikaku-photo-{}.png", std::process::id()));
        let shown = show(&photo(), Some(&path)).unwrap();
        assert!(std::fs::read(&path).unwrap().starts_with(b"\x89PNG"));
        drop(shown);
        assert!(!path.exists());
        std::fs::write(&path, b"mine").unwrap();
        assert!(show(&photo(), Some(&path)).is_err());
        assert_eq!(std::fs::read(&path).unwrap(), b"mine");
        std::fs::remove_file(&path).unwrap();
    }
}
