//! Command APDUs as the card receives them (ISO 7816-4, section 5.1).

use crate::status::Status;

/// A command taken apart. `extended` says that a length field of three octets was used.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Command<'a> {
    pub(crate) cla: u8,
    pub(crate) ins: u8,
    pub(crate) p1: u8,
    pub(crate) p2: u8,
    /// Empty if there is no data field.
    pub(crate) data: &'a [u8],
    /// How many octets may come back: 1 to 256 short, 1 to 65536 extended; `None` without Le.
    pub(crate) le: Option<Expected>,
    pub(crate) extended: bool,
}

/// The Le field.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Expected {
    /// All zeros: as much as there is, up to this.
    UpTo(usize),
    /// A number.
    Exactly(usize),
}

impl Expected {
    pub(crate) const fn limit(self) -> usize {
        match self {
            Self::UpTo(limit) | Self::Exactly(limit) => limit,
        }
    }
}

impl<'a> Command<'a> {
    /// Anything that is not one of the seven forms is of the wrong length.
    pub(crate) fn parse(octets: &'a [u8]) -> Result<Self, Status> {
        let (header, body) = octets.split_first_chunk::<4>().ok_or(Status::WRONG_LENGTH)?;
        let [cla, ins, p1, p2] = *header;
        let (data, le, extended) = split_body(body).ok_or(Status::WRONG_LENGTH)?;
        Ok(Self { cla, ins, p1, p2, data, le, extended })
    }
}

type Body<'a> = (&'a [u8], Option<Expected>, bool);

fn split_body(body: &[u8]) -> Option<Body<'_>> {
    match *body {
        [] => Some((&[], None, false)),
        [le] => Some((&[], Some(short(le)), false)),
        [0, high, low] => Some((&[], Some(extended(high, low)), true)),
        [0, high, low, ref rest @ ..] => {
            let length = usize::from(u16::from_be_bytes([high, low]));
            let (data, le) = rest.split_at_checked(length).filter(|_| length > 0)?;
            match *le {
                [] => Some((data, None, true)),
                [high, low] => Some((data, Some(extended(high, low)), true)),
                _ => None,
            }
        }
        [length, ref rest @ ..] => {
            let (data, le) = rest.split_at_checked(usize::from(length)).filter(|_| length > 0)?;
            match *le {
                [] => Some((data, None, false)),
                [le] => Some((data, Some(short(le)), false)),
                _ => None,
            }
        }
    }
}

fn short(le: u8) -> Expected {
    if le == 0 { Expected::UpTo(256) } else { Expected::Exactly(usize::from(le)) }
}

fn extended(high: u8, low: u8) -> Expected {
    match u16::from_be_bytes([high, low]) {
        0 => Expected::UpTo(65_536),
        le => Expected::Exactly(usize::from(le)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(octets: &[u8]) -> Option<Body<'_>> {
        split_body(octets)
    }

    #[test]
    fn the_seven_forms_are_told_apart() {
        assert_eq!(body(&[]), Some((&[][..], None, false)));
        assert_eq!(body(&[0]), Some((&[][..], Some(Expected::UpTo(256)), false)));
        assert_eq!(body(&[5]), Some((&[][..], Some(Expected::Exactly(5)), false)));
        assert_eq!(body(&[2, 7, 8]), Some((&[7, 8][..], None, false)));
        assert_eq!(body(&[2, 7, 8, 0]), Some((&[7, 8][..], Some(Expected::UpTo(256)), false)));
        assert_eq!(body(&[0, 8, 0]), Some((&[][..], Some(Expected::Exactly(2048)), true)));
        assert_eq!(body(&[0, 0, 2, 7, 8]), Some((&[7, 8][..], None, true)));
        assert_eq!(body(&[0, 0, 1, 7, 0, 0]), Some((&[7][..], Some(Expected::UpTo(65_536)), true)));
    }

    #[test]
    fn a_length_that_does_not_fit_is_refused() {
        for octets in [&[0, 0][..], &[3, 1, 2], &[1, 1, 0, 0], &[0, 0, 0, 0], &[0, 0, 1, 7, 0], &[0, 0, 9, 1]]
        {
            assert_eq!(body(octets), None, "{octets:02x?}");
        }
    }
}
