//! Speaks to vpcd, pcscd's driver for virtual cards (vsmartcard), so that any PC/SC program finds the card.
//!
//! vpcd listens, the card dials in. Messages both ways are a length of two octets, big-endian, and that many
//! octets: one octet is a control (0 power off, 1 power on, 2 reset, 4 asks for the ATR, which alone is
//! answered), more is a command APDU.

use std::io::{self, ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Receiver;
use std::thread;
use std::time::Duration;

use crate::card::Card;
use crate::journal::Exchange;
use crate::slip::{Course, Slip};
use crate::swap::{Swap, Swaps};

/// Port on which vpcd listens for its first slot, if not configured otherwise.
pub const DEFAULT_PORT: u16 = 35_963;

/// How often a wait looks whether it shall end.
const WATCH: Duration = Duration::from_millis(50);

/// A card that was taken away is back after so many waits.
const AWAY: usize = 20;

/// What happens while the card serves; for whoever wants to show it.
#[derive(Debug)]
pub enum Event<'a> {
    /// Nobody listens at the address yet, or any more; the card dials again and again. Said once per wait.
    Waiting,
    /// vpcd took the card.
    Inserted,
    /// vpcd is gone, and with it the power.
    Removed,
    /// This card was taken out.
    Taken(&'a Card),
    /// A command was answered.
    Exchange(&'a Exchange),
}

/// How a card is served.
#[derive(Debug, Clone, Copy)]
pub struct Service<'a> {
    /// Where vpcd listens.
    pub address: SocketAddr,
    /// Set it to end the service; seen within a fifth of a second.
    pub stop: &'a AtomicBool,
    /// What goes wrong. A card that was lost is back after a second, or, where swaps are ordered, with one of them; one
    /// that is mute is so until it is taken out, or vpcd gives up.
    pub slip: Option<Slip>,
    /// Cards that come in its place, one after another, each between two commands and without power.
    pub swaps: Option<&'a Receiver<Swap>>,
}

/// Lays the card into vpcd's slot and answers until told to stop; dials again whenever vpcd goes away, so it
/// may be started before pcscd and outlives its restarts. The card that lies there at the end comes back.
pub fn serve(card: Card, service: &Service<'_>, mut tell: impl FnMut(Event<'_>)) -> Option<Card> {
    let mut slot = Some(card);
    let mut waiting = false;
    let mut progress = Progress {
        exchanges: 0,
        slip: service.slip,
        course: Course::Whole,
        swaps: Swaps::new(service.swaps),
    };
    while !service.stopped() {
        while let Some(swap) = progress.swaps.due(progress.exchanges) {
            take(&mut slot, &mut tell);
            (slot, progress.slip) = (swap.card, swap.slip.or(progress.slip));
        }
        let Some(card) = &mut slot else {
            thread::sleep(WATCH);
            continue;
        };
        if let Ok(stream) = TcpStream::connect_timeout(&service.address, WATCH) {
            waiting = false;
            tell(Event::Inserted);
            // How the connection ended does not matter: the slot is gone either way.
            let _ = converse(card, service, stream, &mut progress, &mut tell);
            card.power_off();
            tell(Event::Removed);
            if std::mem::replace(&mut progress.course, Course::Whole).takes_away() {
                if progress.swaps.are_ordered() {
                    take(&mut slot, &mut tell);
                } else {
                    service.stay_away();
                }
            }
            continue;
        }
        if !waiting {
            tell(Event::Waiting);
        }
        waiting = true;
        thread::sleep(WATCH);
    }
    slot
}

/// Whatever lies there is taken out.
fn take(slot: &mut Option<Card>, tell: &mut impl FnMut(Event<'_>)) {
    if let Some(card) = slot.take() {
        tell(Event::Taken(&card));
    }
}

impl Service<'_> {
    fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Whoever took the card away lays it down again a moment later.
    fn stay_away(&self) {
        for _ in 0..AWAY {
            if !self.stopped() {
                thread::sleep(WATCH);
            }
        }
    }
}

/// How far the service has come, over all connections.
struct Progress<'a> {
    exchanges: usize,
    /// What is still to come.
    slip: Option<Slip>,
    /// Of the last exchange.
    course: Course,
    swaps: Swaps<'a>,
}

impl Progress<'_> {
    fn has_swap(&mut self) -> bool {
        self.swaps.is_due(self.exchanges)
    }
}

fn converse(
    card: &mut Card,
    service: &Service<'_>,
    mut stream: TcpStream,
    progress: &mut Progress<'_>,
    tell: &mut impl FnMut(Event<'_>),
) -> io::Result<()> {
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(WATCH))?;
    loop {
        let mut length = [0; 2];
        receive(&mut stream, service, &mut length, || progress.has_swap())?;
        let mut message = vec![0; usize::from(u16::from_be_bytes(length))];
        receive(&mut stream, service, &mut message, || false)?;
        match *message {
            // No other control is known, and nobody waits for an answer to it.
            [] | [3 | 5..] => {}
            [0 | 1] => card.power_off(),
            [2] => card.warm_reset(),
            [4] => send(&mut stream, card.atr())?,
            _ => {
                progress.exchanges += 1;
                let course = Course::at(progress.exchanges, &message, progress.slip);
                progress.course = course;
                if course != Course::Whole {
                    progress.slip = None;
                }
                if course == Course::Unheard {
                    return Err(ErrorKind::ConnectionAborted.into());
                }
                let response = card.transmit(&message);
                if let Some(exchange) = card.journal().exchanges().last() {
                    tell(Event::Exchange(exchange));
                }
                match course {
                    Course::Whole | Course::Cut | Course::Blank => send(&mut stream, &course.of(response))?,
                    Course::Mute => receive(&mut stream, service, &mut [0], || progress.has_swap())?,
                    Course::Unheard | Course::Unsaid => return Err(ErrorKind::ConnectionAborted.into()),
                }
            }
        }
    }
}

/// Fills `octets`; an error if the other side is gone, the service shall stop, or the card goes before any of them came.
fn receive(
    stream: &mut TcpStream,
    service: &Service<'_>,
    octets: &mut [u8],
    mut goes: impl FnMut() -> bool,
) -> io::Result<()> {
    let mut filled = 0;
    while let Some(room @ [_, ..]) = octets.get_mut(filled..) {
        if service.stopped() || filled == 0 && goes() {
            return Err(ErrorKind::Interrupted.into());
        }
        acknowledge_quickly(stream)?;
        match stream.read(room) {
            Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
            Ok(count) => filled += count,
            Err(error) if is_pause(&error) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn is_pause(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted)
}

/// vpcd writes a length and its message apart, and its second write waits for the acknowledgement of the
/// first: delayed ones cost 40 ms each exchange. The kernel forgets the wish, so it is repeated.
#[cfg(target_os = "linux")]
fn acknowledge_quickly(stream: &TcpStream) -> io::Result<()> {
    use std::os::linux::net::TcpStreamExt as _;
    stream.set_quickack(true)
}

#[cfg(not(target_os = "linux"))]
#[expect(clippy::unnecessary_wraps, reason = "the Linux twin can fail")]
fn acknowledge_quickly(_: &TcpStream) -> io::Result<()> {
    Ok(())
}

/// Length and message in one write.
fn send(stream: &mut TcpStream, message: &[u8]) -> io::Result<()> {
    let length = u16::try_from(message.len()).map_err(|_| ErrorKind::InvalidInput)?;
    stream.write_all(&[&length.to_be_bytes(), message].concat())
}
