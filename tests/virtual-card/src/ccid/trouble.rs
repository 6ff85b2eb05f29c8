//! What goes wrong at the emulated reader, as data.

use std::str::FromStr;

/// One thing that is not as it should be. `exchange` counts the commands for a card from 1, over all taps since the
/// reader was plugged in; what happens at one exchange happens once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// `empty`: no card lies there.
    Empty,
    /// `kind:N`: at one exchange.
    At {
        /// What.
        kind: Kind,
        /// Which.
        exchange: usize,
    },
}

/// What can happen at an exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `pulled`: the card leaves before it hears the command.
    Pulled,
    /// `pulled-after`: the card has done what it was told and leaves before its answer is heard.
    PulledAfter,
    /// `unplugged`: the reader is pulled out before the card hears the command.
    Unplugged,
    /// `unplugged-after`: the reader is pulled out before the answer leaves it.
    UnpluggedAfter,
    /// `mute`: the card lies there and does not answer.
    Mute,
    /// `silent`: the card has answered and the reader keeps it to itself.
    Silent,
    /// `stalled`: the card has answered and the pipe from the reader halts.
    Stalled,
    /// `storm`: the reader asks for more time, without end.
    Storm,
    /// `patient`: the reader asks for more time thirty times, then answers.
    Patient,
    /// `sequence`: the answer bears another sequence number, and nothing follows.
    Sequence,
    /// `stale`: an answer of 9000 with the number before comes first, then the right one.
    Stale,
    /// `short`: the transfer ends in the middle of the message.
    Short,
    /// `garbage`: what comes is no message.
    Garbage,
    /// `busy`: the slot says that it is busy, and the card hears nothing.
    Busy,
}

impl Kind {
    /// Every kind with its word.
    pub const ALL: [(&'static str, Self); 14] = [
        ("pulled", Self::Pulled),
        ("pulled-after", Self::PulledAfter),
        ("unplugged", Self::Unplugged),
        ("unplugged-after", Self::UnpluggedAfter),
        ("mute", Self::Mute),
        ("silent", Self::Silent),
        ("stalled", Self::Stalled),
        ("storm", Self::Storm),
        ("patient", Self::Patient),
        ("sequence", Self::Sequence),
        ("stale", Self::Stale),
        ("short", Self::Short),
        ("garbage", Self::Garbage),
        ("busy", Self::Busy),
    ];

    /// Whether the card hears the command all the same.
    pub(super) const fn reaches_card(self) -> bool {
        !matches!(self, Self::Pulled | Self::Unplugged | Self::Mute | Self::Busy)
    }
}

/// No such trouble is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("empty, or KIND:N as in pulled-after:3")]
pub struct UnknownTrouble;

impl FromStr for Trouble {
    type Err = UnknownTrouble;

    fn from_str(text: &str) -> Result<Self, UnknownTrouble> {
        if text == "empty" {
            return Ok(Self::Empty);
        }
        let (word, number) = text.split_once(':').ok_or(UnknownTrouble)?;
        let known = Kind::ALL.into_iter().find(|(known, _)| *known == word).ok_or(UnknownTrouble)?;
        let exchange = number.parse().ok().filter(|number| *number > 0).ok_or(UnknownTrouble)?;
        Ok(Self::At { kind: known.1, exchange })
    }
}
