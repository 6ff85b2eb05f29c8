//! The reader behind a socket, transfer by transfer, for tests in other languages.
//!
//! Each connection is a reader of its own. Both sides send frames: one octet, a length of four octets, little-endian,
//! and that many octets. The host's first octet says what it wants, the device's how it went:
//!
//! | host | with | device answers |
//! |---|---|---|
//! | `O` open | text: card, model, trouble or `-` | `0`, raw descriptors; `4` if there is no such thing |
//! | `W` write | a message | `0` |
//! | `R` read | most octets, four octets | `0`, what one transfer brought |
//! | `I` interrupt | | `0`, what the interrupt pipe told |
//! | `C` put the card back | | `0` |
//! | `J` journal | | `0`, text: commands, VERIFYs with a secret, tries left or `-`: PIN, birth date, 照合番号B |
//!
//! Where a transfer brings nothing the answer is `1` (timed out), `2` (stalled) or `3` (gone); nobody waits for it.

use std::io::{self, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::thread;

use super::{Broken, Device, Model, Trouble};
use crate::card::Card;

const DONE: u8 = 0;
const REFUSED: u8 = 4;

/// More than any message of the class.
const LONGEST_FRAME: u32 = 1 << 17;

/// Answers every connection in a thread of its own, for as long as the program runs.
pub fn serve(listener: &TcpListener) -> io::Result<()> {
    loop {
        let (stream, _) = listener.accept()?;
        // A host that goes away in the middle of a frame has pulled the plug: nobody is there to be told.
        thread::spawn(move || converse(stream));
    }
}

fn converse(mut stream: TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut device = None;
    loop {
        let (wish, octets) = receive(&mut stream)?;
        let answer = match (wish, device.as_mut()) {
            (b'O', _) => {
                device = open(&octets);
                device.as_ref().map(|device| Ok(device.descriptors()))
            }
            (b'W', Some(device)) => Some(device.bulk_out(&octets).map(|()| Vec::new())),
            (b'R', Some(device)) => most(&octets).map(|most| device.bulk_in(most)),
            (b'I', Some(device)) => Some(device.interrupt()),
            (b'C', Some(device)) => {
                device.put_card();
                Some(Ok(Vec::new()))
            }
            (b'J', Some(device)) => Some(Ok(journal(device).into_bytes())),
            _ => None,
        };
        match answer {
            Some(Ok(octets)) => send(&mut stream, DONE, &octets)?,
            Some(Err(Broken::Timeout)) => send(&mut stream, 1, &[])?,
            Some(Err(Broken::Stall)) => send(&mut stream, 2, &[])?,
            Some(Err(Broken::Gone)) => send(&mut stream, 3, &[])?,
            None => send(&mut stream, REFUSED, &[])?,
        }
    }
}

fn open(text: &[u8]) -> Option<Device> {
    let text = std::str::from_utf8(text).ok()?;
    let mut words = text.split(' ');
    let card = Card::from_name(words.next()?).ok()?;
    let model: Model = words.next()?.parse().ok()?;
    let trouble = match words.next()? {
        "-" => None,
        trouble => Some(trouble.parse::<Trouble>().ok()?),
    };
    Some(Device::new(card, model, trouble))
}

fn most(octets: &[u8]) -> Option<usize> {
    let octets: [u8; 4] = octets.try_into().ok()?;
    usize::try_from(u32::from_le_bytes(octets)).ok()
}

fn journal(device: &Device) -> String {
    let (card, journal) = (device.card(), device.card().journal());
    let tries = [card.tries(), card.surface_tries(0x0011), card.surface_tries(0x0012)]
        .map(|tries| tries.map_or_else(|| "-".to_owned(), |tries| tries.to_string()));
    format!("{} {} {}", journal.totals().exchanges, journal.verifications(), tries.join(" "))
}

fn receive(stream: &mut TcpStream) -> io::Result<(u8, Vec<u8>)> {
    let mut header = [0; 5];
    stream.read_exact(&mut header)?;
    let [wish, a, b, c, d] = header;
    let length = u32::from_le_bytes([a, b, c, d]);
    if length > LONGEST_FRAME {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut octets = vec![0; length as usize];
    stream.read_exact(&mut octets)?;
    Ok((wish, octets))
}

fn send(stream: &mut TcpStream, how: u8, octets: &[u8]) -> io::Result<()> {
    let length = u32::try_from(octets.len()).unwrap_or(u32::MAX).to_le_bytes();
    stream.write_all(&[&[how][..], &length, octets].concat())
}
