//! A pseudo-terminal: one end for the emulator, the other for whoever believes it to be a serial line.

use std::io;
use std::os::fd::OwnedFd;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags, open};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{OptionalActions, tcgetattr, tcsetattr};

/// How long one wait for octets lasts: a fifth of a second.
const WATCH: Timespec = Timespec { tv_sec: 0, tv_nsec: 200_000_000 };

/// The emulator's end.
#[derive(Debug)]
pub struct Port {
    ours: OwnedFd,
    path: String,
    /// Kept open, so that a program that closes its end does not hang ours up.
    _theirs: OwnedFd,
}

impl Port {
    /// A new pseudo-terminal, as raw as a serial line.
    pub fn open() -> io::Result<Self> {
        let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY)?;
        grantpt(&ours)?;
        unlockpt(&ours)?;
        let path = ptsname(&ours, Vec::new())?
            .into_string()
            .map_err(|_| io::Error::from(io::ErrorKind::InvalidData))?;
        let theirs = open(&path, OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC, Mode::empty())?;
        let mut settings = tcgetattr(&theirs)?;
        settings.make_raw();
        tcsetattr(&theirs, OptionalActions::Now, &settings)?;
        Ok(Self { ours, path, _theirs: theirs })
    }

    /// Where the other end is, such as `/dev/pts/3`.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What arrived; nothing if nothing came in a fifth of a second.
    pub(super) fn receive(&self) -> io::Result<Vec<u8>> {
        let mut waiting = [PollFd::new(&self.ours, PollFlags::IN)];
        match poll(&mut waiting, Some(&WATCH)) {
            Ok(0) | Err(rustix::io::Errno::INTR) => return Ok(Vec::new()),
            Ok(_) => {}
            Err(error) => return Err(error.into()),
        }
        let mut octets = vec![0; 512];
        let count = rustix::io::read(&self.ours, &mut octets)?;
        octets.truncate(count);
        Ok(octets)
    }

    pub(super) fn send(&self, mut octets: &[u8]) -> io::Result<()> {
        while !octets.is_empty() {
            let written = rustix::io::write(&self.ours, octets)?;
            octets = octets.get(written..).unwrap_or_default();
        }
        Ok(())
    }
}
