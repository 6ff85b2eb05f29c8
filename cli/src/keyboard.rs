//! What a person types at the terminal: a line, read so that nothing of it stays behind, and given up when the
//! program is to end.

use zeroize::Zeroizing;

use crate::failure::Failure;
use crate::reader::Cancel;

/// Longest line that is taken; the rest of a longer one is dropped, for it is nothing that was asked for.
#[cfg(unix)]
const LIMIT: usize = 128;

/// Whether what is typed may be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Echo {
    /// It may.
    On,
    /// It is a secret.
    Off,
}

/// Asks, and brings the line that was typed, without its end; `None` if the person wants to leave: Ctrl-C, or the end
/// of the input.
pub(crate) fn ask(
    question: &str,
    echo: Echo,
    cancel: &Cancel,
) -> Result<Option<Zeroizing<Vec<u8>>>, Failure> {
    system::line(question, echo, cancel)
        .map_err(|error| Failure::plain(format_args!("the terminal: {error}")))
}

/// The next line of standard input that a program writes; `None` at its end, or when this program is to end.
pub(crate) fn line(cancel: &Cancel) -> Result<Option<Zeroizing<Vec<u8>>>, Failure> {
    system::line("", Echo::On, cancel)
        .map_err(|error| Failure::plain(format_args!("standard input: {error}")))
}

/// Gives the terminal its echo back. For a program that ends in the middle of a question.
pub(crate) fn give_back() {
    system::give_back();
}

#[cfg(unix)]
mod system {
    use std::fs::File;
    use std::io::{self, Read as _};
    use std::os::fd::AsFd as _;
    use std::sync::{Mutex, PoisonError};

    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
    use zeroize::Zeroizing;

    use super::{Echo, LIMIT};
    use crate::reader::Cancel;
    use crate::screen;

    /// How long one wait lasts before Ctrl-C is looked at again.
    const GLANCE: Timespec = Timespec { tv_sec: 0, tv_nsec: 200_000_000 };
    /// The terminal as it was, while it does not show what is typed.
    static BEFORE: Mutex<Option<Termios>> = Mutex::new(None);

    /// Octet by octet from the descriptor itself: no buffer of the library ever holds what was typed.
    pub(super) fn line(
        question: &str,
        echo: Echo,
        cancel: &Cancel,
    ) -> io::Result<Option<Zeroizing<Vec<u8>>>> {
        let mut stdin = File::from(io::stdin().as_fd().try_clone_to_owned()?);
        // Before the question: what answers it must not be shown.
        let mut silence = (echo == Echo::Off).then(Silence::begin).transpose()?;
        screen::prompt(question);
        let mut line = Zeroizing::new(Vec::with_capacity(LIMIT));
        let mut octet = Zeroizing::new([0]);
        loop {
            if cancel.is_pressed() {
                return Ok(None);
            }
            let mut waiting = [PollFd::new(&stdin, PollFlags::IN)];
            match poll(&mut waiting, Some(&GLANCE)) {
                Ok(0) | Err(rustix::io::Errno::INTR) => continue,
                Ok(_) => {}
                Err(error) => return Err(error.into()),
            }
            match stdin.read(&mut *octet) {
                Ok(0) => return Ok(Some(line).filter(|line| !line.is_empty())),
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            }
            if *octet == *b"\n" {
                if let Some(silence) = &mut silence {
                    silence.is_answered = true;
                }
                if line.last() == Some(&b'\r') {
                    line.pop();
                }
                return Ok(Some(line));
            }
            if line.len() < LIMIT {
                line.extend_from_slice(&*octet);
            }
        }
    }

    /// Of a secret that is half typed nothing is left in the terminal for the next program to read and show.
    pub(super) fn give_back() {
        give_back_and(OptionalActions::Flush);
    }

    fn give_back_and(typed_ahead: OptionalActions) {
        if let Some(before) = BEFORE.lock().unwrap_or_else(PoisonError::into_inner).take() {
            // A terminal that is gone needs none.
            let _ = tcsetattr(io::stdin(), typed_ahead, &before);
        }
    }

    /// The terminal does not show what is typed, until this is dropped. What was typed before is thrown away: it was
    /// shown.
    struct Silence {
        is_answered: bool,
    }

    impl Silence {
        fn begin() -> io::Result<Self> {
            let before = tcgetattr(io::stdin())?;
            let mut silent = before.clone();
            silent.local_modes.remove(LocalModes::ECHO);
            silent.local_modes.insert(LocalModes::ECHONL);
            *BEFORE.lock().unwrap_or_else(PoisonError::into_inner) = Some(before);
            tcsetattr(io::stdin(), OptionalActions::Flush, &silent)?;
            Ok(Self { is_answered: false })
        }
    }

    impl Drop for Silence {
        fn drop(&mut self) {
            give_back_and(if self.is_answered { OptionalActions::Now } else { OptionalActions::Flush });
        }
    }
}

#[cfg(windows)]
mod system {
    use std::io;

    use zeroize::Zeroizing;

    use super::Echo;
    use crate::reader::Cancel;
    use crate::screen;

    /// The console ends the line by itself when Ctrl-C is pressed.
    pub(super) fn line(
        question: &str,
        echo: Echo,
        cancel: &Cancel,
    ) -> io::Result<Option<Zeroizing<Vec<u8>>>> {
        screen::prompt(question);
        let typed = match echo {
            Echo::Off => rpassword::read_password(),
            Echo::On => {
                let mut line = String::new();
                io::stdin().read_line(&mut line).map(|_| line)
            }
        };
        if cancel.is_pressed() {
            return Ok(None);
        }
        match typed {
            Ok(line) if line.is_empty() && echo == Echo::On => Ok(None),
            Ok(line) => {
                let line = Zeroizing::new(line.into_bytes());
                Ok(Some(Zeroizing::new(line.trim_ascii_end().to_vec())))
            }
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// `rpassword` gives the console back by itself.
    pub(super) const fn give_back() {}
}
