//! What goes wrong between a reader and its card at one exchange, as data; the same whatever carries the card.

use std::str::FromStr;

/// One thing that is not as it should be. `exchange` counts the commands for the card from 1, from the start of the
/// service on; it happens once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slip {
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
    /// `lost-at-pin`: as that, at the first command that carries a PIN.
    LostAtPin,
    /// `mute:N`: the card has done what it was told, and nothing is said any more.
    Mute {
        /// Which.
        exchange: usize,
    },
    /// `cut:N`: of the answer only the first octet comes.
    Cut {
        /// Which.
        exchange: usize,
    },
    /// `blank:N`: an answer comes, and has no octet.
    Blank {
        /// Which.
        exchange: usize,
    },
}

/// No such slip is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("one of lost:N, lost-after:N, lost-at-pin, mute:N, cut:N, blank:N")]
pub struct UnknownSlip;

impl FromStr for Slip {
    type Err = UnknownSlip;

    fn from_str(text: &str) -> Result<Self, UnknownSlip> {
        if text == "lost-at-pin" {
            return Ok(Self::LostAtPin);
        }
        let (kind, exchange) = numbered(text).ok_or(UnknownSlip)?;
        match kind {
            "lost" => Ok(Self::Lost { exchange }),
            "lost-after" => Ok(Self::LostAfter { exchange }),
            "mute" => Ok(Self::Mute { exchange }),
            "cut" => Ok(Self::Cut { exchange }),
            "blank" => Ok(Self::Blank { exchange }),
            _ => Err(UnknownSlip),
        }
    }
}

/// What is written as `kind:N`, with a number from 1.
pub(crate) fn numbered(text: &str) -> Option<(&str, usize)> {
    let (kind, number) = text.split_once(':')?;
    Some((kind, number.parse().ok().filter(|number| *number > 0)?))
}

/// How one exchange goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Course {
    Whole,
    Unheard,
    Unsaid,
    Mute,
    Cut,
    Blank,
}

impl Course {
    /// Of the exchange with this number, counted from 1, in which `command` goes to the card.
    pub(crate) fn at(number: usize, command: &[u8], slip: Option<Slip>) -> Self {
        match slip {
            Some(Slip::Lost { exchange }) if exchange == number => Self::Unheard,
            Some(Slip::LostAfter { exchange }) if exchange == number => Self::Unsaid,
            Some(Slip::LostAtPin) if command.len() > 5 && command.get(1) == Some(&0x20) => Self::Unsaid,
            Some(Slip::Mute { exchange }) if exchange == number => Self::Mute,
            Some(Slip::Cut { exchange }) if exchange == number => Self::Cut,
            Some(Slip::Blank { exchange }) if exchange == number => Self::Blank,
            _ => Self::Whole,
        }
    }

    /// Whether the card is away afterwards.
    pub(crate) const fn takes_away(self) -> bool {
        matches!(self, Self::Unheard | Self::Unsaid)
    }

    /// What of the card's answer comes.
    pub(crate) fn of(self, mut answer: Vec<u8>) -> Vec<u8> {
        match self {
            Self::Whole => {}
            Self::Cut => answer.truncate(1),
            Self::Unheard | Self::Unsaid | Self::Mute | Self::Blank => answer.clear(),
        }
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_read_as_it_is_typed() {
        assert_eq!("lost:3".parse(), Ok(Slip::Lost { exchange: 3 }));
        assert_eq!("cut:1".parse(), Ok(Slip::Cut { exchange: 1 }));
        for text in ["lost", "lost:0", "lost:x", "two"] {
            assert_eq!(text.parse::<Slip>(), Err(UnknownSlip), "{text}");
        }
    }

    #[test]
    fn it_happens_at_its_exchange_and_no_other() {
        let slip = Some(Slip::LostAfter { exchange: 2 });
        let course: Vec<_> = (1..=3).map(|number| Course::at(number, &[0; 4], slip)).collect();
        assert_eq!(course, [Course::Whole, Course::Unsaid, Course::Whole]);
    }

    #[test]
    fn only_a_command_with_a_pin_is_one() {
        let at = |command: &[u8]| Course::at(1, command, Some(Slip::LostAtPin));
        assert_eq!(at(b"\x00\x20\x00\x80\x041234"), Course::Unsaid);
        assert_eq!(at(&[0x00, 0x20, 0x00, 0x80]), Course::Whole);
    }

    #[test]
    fn of_an_answer_comes_what_the_course_leaves() {
        let left = |course: Course| course.of(vec![0x90, 0x00]);
        assert_eq!(
            [left(Course::Whole), left(Course::Cut), left(Course::Blank)],
            [vec![0x90, 0x00], vec![0x90], vec![]]
        );
    }
}
