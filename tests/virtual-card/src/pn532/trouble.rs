//! What goes wrong at the emulated reader, as data.

use std::str::FromStr;

/// One thing that is not as it should be. `exchange` counts the commands for a card from 1, over all taps since
/// the reader started; what happens at one exchange happens once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// `lost:N`: the card leaves before it hears the command.
    Lost {
        /// Which.
        exchange: usize,
    },
    /// `lost-after:N`: the card has done what it was told and leaves before its answer is heard.
    LostAfter {
        /// Which.
        exchange: usize,
    },
    /// `mute`, `mute:N`: the chip says nothing any more, from its first command or from that exchange on.
    Mute {
        /// Which; 0 is before anything.
        exchange: usize,
    },
    /// `garbage:N`: what the chip sends is no frame.
    Garbage {
        /// Which.
        exchange: usize,
    },
    /// `nack:N`: the chip says that the command arrived damaged.
    Nack {
        /// Which.
        exchange: usize,
    },
    /// `empty`: nothing lies there.
    Empty,
    /// `type-a`: a card of the other type lies there.
    TypeA,
    /// `two`: a second card of type B lies there.
    Two,
    /// `chunk:N`: the chip hands answers over in pieces of N octets, as it does with those that exceed its buffer.
    Chunk {
        /// Octets, from 1.
        octets: usize,
    },
}

/// No such trouble is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("one of lost:N, lost-after:N, mute, mute:N, garbage:N, nack:N, empty, type-a, two, chunk:N")]
pub struct UnknownTrouble;

impl FromStr for Trouble {
    type Err = UnknownTrouble;

    fn from_str(text: &str) -> Result<Self, UnknownTrouble> {
        match text {
            "mute" => return Ok(Self::Mute { exchange: 0 }),
            "empty" => return Ok(Self::Empty),
            "type-a" => return Ok(Self::TypeA),
            "two" => return Ok(Self::Two),
            _ => {}
        }
        let (kind, number) = text.split_once(':').ok_or(UnknownTrouble)?;
        let exchange = number.parse().ok().filter(|number| *number > 0).ok_or(UnknownTrouble)?;
        match kind {
            "lost" => Ok(Self::Lost { exchange }),
            "lost-after" => Ok(Self::LostAfter { exchange }),
            "mute" => Ok(Self::Mute { exchange }),
            "garbage" => Ok(Self::Garbage { exchange }),
            "nack" => Ok(Self::Nack { exchange }),
            "chunk" => Ok(Self::Chunk { octets: exchange }),
            _ => Err(UnknownTrouble),
        }
    }
}
