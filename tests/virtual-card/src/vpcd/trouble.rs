//! What goes wrong between vpcd and the card, as data.

use std::str::FromStr;

/// One thing that is not as it should be. `exchange` counts the commands from 1, from the start of the service on; it
/// happens once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// `lost:N`: the card leaves before it hears the command, and is back after a second.
    Lost {
        /// Which.
        exchange: usize,
    },
    /// `lost-after:N`: the card has done what it was told and leaves before its answer is heard; back after a second.
    LostAfter {
        /// Which.
        exchange: usize,
    },
    /// `lost-at-pin`: as that, at the first command that carries a PIN.
    LostAtPin,
    /// `mute:N`: the card has done what it was told and says nothing any more.
    Mute {
        /// Which.
        exchange: usize,
    },
    /// `cut:N`: of the answer only the first octet comes.
    Cut {
        /// Which.
        exchange: usize,
    },
}

/// No such trouble is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("one of lost:N, lost-after:N, lost-at-pin, mute:N, cut:N")]
pub struct UnknownTrouble;

impl FromStr for Trouble {
    type Err = UnknownTrouble;

    fn from_str(text: &str) -> Result<Self, UnknownTrouble> {
        if text == "lost-at-pin" {
            return Ok(Self::LostAtPin);
        }
        let (kind, number) = text.split_once(':').ok_or(UnknownTrouble)?;
        let exchange = number.parse().ok().filter(|number| *number > 0).ok_or(UnknownTrouble)?;
        match kind {
            "lost" => Ok(Self::Lost { exchange }),
            "lost-after" => Ok(Self::LostAfter { exchange }),
            "mute" => Ok(Self::Mute { exchange }),
            "cut" => Ok(Self::Cut { exchange }),
            _ => Err(UnknownTrouble),
        }
    }
}

/// How one exchange goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Course {
    Whole,
    Unheard,
    Unsaid,
    Mute,
    Cut,
}

impl Course {
    /// Of the exchange with this number, counted from 1, in which `command` goes to the card.
    pub(super) fn at(number: usize, command: &[u8], trouble: Option<Trouble>) -> Self {
        match trouble {
            Some(Trouble::Lost { exchange }) if exchange == number => Self::Unheard,
            Some(Trouble::LostAfter { exchange }) if exchange == number => Self::Unsaid,
            Some(Trouble::LostAtPin) if command.len() > 5 && command.get(1) == Some(&0x20) => Self::Unsaid,
            Some(Trouble::Mute { exchange }) if exchange == number => Self::Mute,
            Some(Trouble::Cut { exchange }) if exchange == number => Self::Cut,
            _ => Self::Whole,
        }
    }

    /// Whether the card is away afterwards.
    pub(super) const fn takes_away(self) -> bool {
        matches!(self, Self::Unheard | Self::Unsaid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trouble_is_read_as_it_is_typed() {
        assert_eq!("lost:3".parse(), Ok(Trouble::Lost { exchange: 3 }));
        assert_eq!("cut:1".parse(), Ok(Trouble::Cut { exchange: 1 }));
        for text in ["lost", "lost:0", "lost:x", "two"] {
            assert_eq!(text.parse::<Trouble>(), Err(UnknownTrouble), "{text}");
        }
    }

    #[test]
    fn it_happens_at_its_exchange_and_no_other() {
        let trouble = Some(Trouble::LostAfter { exchange: 2 });
        let course: Vec<_> = (1..=3).map(|number| Course::at(number, &[0; 4], trouble)).collect();
        assert_eq!(course, [Course::Whole, Course::Unsaid, Course::Whole]);
    }

    #[test]
    fn only_a_command_with_a_pin_is_one() {
        let at = |command: &[u8]| Course::at(1, command, Some(Trouble::LostAtPin));
        assert_eq!(at(b"\x00\x20\x00\x80\x041234"), Course::Unsaid);
        assert_eq!(at(&[0x00, 0x20, 0x00, 0x80]), Course::Whole);
    }
}
