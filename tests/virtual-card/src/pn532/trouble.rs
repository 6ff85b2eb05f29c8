//! What goes wrong at the emulated reader, as data.

use std::str::FromStr;

use crate::slip::{Slip, UnknownSlip, numbered};

/// One thing that is not as it should be; what happens at one exchange happens once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// Between the chip and its card. A card that was lost is back once the field was off; if anything falls mute, it is
    /// the chip.
    Slip(Slip),
    /// `mute`: the chip says nothing, from its first command on.
    Mute,
    /// `garbage:N`: what the chip sends is no frame.
    Garbage {
        /// Which exchange.
        exchange: usize,
    },
    /// `nack:N`: the chip says that the command arrived damaged.
    Nack {
        /// Which exchange.
        exchange: usize,
    },
    /// `empty`: nothing lies there.
    Empty,
    /// `type-a`: a card of the other type lies there.
    TypeA,
    /// `felica:212`, `felica:424`: a `FeliCa` lies there that answers at that rate alone.
    Felica {
        /// kbit/s.
        rate: usize,
    },
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
#[error("{UnknownSlip}, mute, garbage:N, nack:N, empty, type-a, felica:212, felica:424, two, chunk:N")]
pub struct UnknownTrouble;

impl FromStr for Trouble {
    type Err = UnknownTrouble;

    fn from_str(text: &str) -> Result<Self, UnknownTrouble> {
        match (text, numbered(text)) {
            ("mute", _) => Ok(Self::Mute),
            ("empty", _) => Ok(Self::Empty),
            ("type-a", _) => Ok(Self::TypeA),
            ("two", _) => Ok(Self::Two),
            (_, Some(("garbage", exchange))) => Ok(Self::Garbage { exchange }),
            (_, Some(("nack", exchange))) => Ok(Self::Nack { exchange }),
            (_, Some(("felica", rate @ (212 | 424)))) => Ok(Self::Felica { rate }),
            (_, Some(("chunk", octets))) => Ok(Self::Chunk { octets }),
            _ => text.parse().map(Self::Slip).map_err(|UnknownSlip| UnknownTrouble),
        }
    }
}
