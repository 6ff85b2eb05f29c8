//! A PN532 with a virtual card in its field, on a pseudo-terminal: libnfc's own driver `pn532_uart` finds it.
//!
//! Frames, commands and limits are those of NXP's user manual UM0701-02; what it does not say of two cards or of
//! a card that leaves is in `docs/unconfirmed.md`. What goes wrong is data: see [`Trouble`].

mod chip;
mod frame;
mod port;
mod trouble;

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Receiver;

use crate::card::Card;
use crate::journal::Exchange;
use crate::swap::{Swap, Swaps};
use chip::{Chip, Reply};
use frame::{Deframer, Incoming};

pub use port::Port;
pub use trouble::{Trouble, UnknownTrouble};

/// What happens while the chip serves; for whoever wants to show it.
#[derive(Debug)]
pub enum Event<'a> {
    /// The field went on or off; without it the card has no power.
    Field(bool),
    /// The card answered a command.
    Exchange(&'a Exchange),
    /// This card was taken out.
    Taken(&'a Card),
    /// Another one was laid there.
    Laid,
}

/// Answers at `port` until `stop` is set, which is seen within a fifth of a second. Swaps happen one after another, each
/// between two frames. The card that lies there at the end comes back.
pub fn serve(
    card: Card,
    port: &Port,
    trouble: Option<Trouble>,
    swaps: &Receiver<Swap>,
    stop: &AtomicBool,
    mut tell: impl FnMut(Event<'_>),
) -> io::Result<Option<Card>> {
    let mut chip = Chip::new(card, trouble);
    let mut swaps = Swaps::new(Some(swaps));
    let mut deframer = Deframer::default();
    while !stop.load(Ordering::Relaxed) {
        deframer.push(&port.receive()?);
        swap(&mut chip, &mut swaps, &mut tell);
        while let Some(incoming) = deframer.next() {
            swap(&mut chip, &mut swaps, &mut tell);
            let before = answered(&chip);
            let had_field = chip.has_field();
            for frame in answer(&mut chip, incoming) {
                port.send(&frame)?;
            }
            if chip.has_field() != had_field {
                tell(Event::Field(chip.has_field()));
            }
            if answered(&chip) > before
                && let Some(exchange) = chip.card().and_then(|card| card.journal().exchanges().last())
            {
                tell(Event::Exchange(exchange));
            }
        }
    }
    Ok(chip.into_card())
}

/// Commands that the card which lies there has answered.
fn answered(chip: &Chip) -> usize {
    chip.card().map_or(0, |card| card.journal().totals().exchanges)
}

/// Every swap whose time has come.
fn swap(chip: &mut Chip, swaps: &mut Swaps<'_>, tell: &mut impl FnMut(Event<'_>)) {
    while let Some(Swap { card, slip, .. }) = swaps.due(chip.exchanges()) {
        let comes = card.is_some();
        if let Some(before) = chip.lay(card, slip) {
            tell(Event::Taken(&before));
        }
        if comes {
            tell(Event::Laid);
        }
    }
}

/// What goes back for one thing that came in, frame by frame.
fn answer(chip: &mut Chip, incoming: Incoming) -> Vec<Vec<u8>> {
    let command = match incoming {
        Incoming::Wake => {
            chip.wake();
            return Vec::new();
        }
        // From a host an ACK aborts what runs, and nothing runs here between two frames.
        Incoming::Ack | Incoming::Nack => return Vec::new(),
        Incoming::Broken => return vec![frame::NACK.to_vec()],
        Incoming::Command(command) => command,
    };
    match chip.answer(&command) {
        Reply::Data(data) => vec![frame::ACK.to_vec(), frame::encode(&data)],
        Reply::SyntaxError => vec![frame::ACK.to_vec(), frame::SYNTAX_ERROR.to_vec()],
        Reply::Nack => vec![frame::NACK.to_vec()],
        Reply::Garbage => vec![frame::ACK.to_vec(), vec![0xa5; 12]],
        Reply::AckOnly => vec![frame::ACK.to_vec()],
        Reply::Silence => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spoken(chip: &mut Chip, octets: &[u8]) -> Vec<Vec<u8>> {
        let mut deframer = Deframer::default();
        deframer.push(octets);
        let mut frames = Vec::new();
        while let Some(incoming) = deframer.next() {
            frames.extend(answer(chip, incoming));
        }
        frames
    }

    #[test]
    fn a_sleeping_chip_answers_only_after_the_wake_up_preamble() {
        let mut chip = Chip::new(Card::from_name("default").unwrap(), None);
        let firmware = frame::encode_command(&[0x02]);
        assert!(spoken(&mut chip, &firmware).is_empty());
        let awakened = [&[0x55, 0x55, 0, 0, 0][..], &firmware].concat();
        let frames = spoken(&mut chip, &awakened);
        assert_eq!(frames, [frame::ACK.to_vec(), frame::encode(&[0x03, 0x32, 0x01, 0x06, 0x07])]);
    }

    #[test]
    fn a_frame_with_a_wrong_checksum_is_refused() {
        let mut chip = Chip::new(Card::from_name("default").unwrap(), None);
        chip.wake();
        let mut broken = frame::encode_command(&[0x02]);
        let checksum = broken.len() - 2;
        broken[checksum] ^= 1;
        assert_eq!(spoken(&mut chip, &broken), [frame::NACK.to_vec()]);
    }
}
