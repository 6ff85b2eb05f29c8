//! Lines that move octets.

use core::fmt;
use core::str::FromStr;

use super::parse::Problem;
use crate::tap::Fault;

/// How no octets at all are written.
pub(super) const NOTHING: &str = "-";

/// Octets of which some may be masked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Masked(Vec<Option<u8>>);

impl Masked {
    /// The octets, if none is masked.
    pub fn octets(&self) -> Option<Vec<u8>> {
        self.0.iter().copied().collect()
    }

    /// Whether any octet is masked.
    pub fn has_mask(&self) -> bool {
        self.0.contains(&None)
    }

    /// Whether these octets could be those; a masked one matches anything.
    pub fn matches(&self, octets: &[u8]) -> bool {
        self.0.len() == octets.len()
            && self
                .0
                .iter()
                .zip(octets)
                .all(|(expected, octet)| expected.is_none_or(|expected| expected == *octet))
    }
}

impl FromStr for Masked {
    type Err = Problem;

    fn from_str(text: &str) -> Result<Self, Problem> {
        if text == NOTHING {
            return Ok(Self(Vec::new()));
        }
        let mut octets = Vec::with_capacity(text.len() / 2);
        let mut rest = text;
        while !rest.is_empty() {
            let (pair, behind) = rest.split_at_checked(2).ok_or(Problem::Hexadecimal)?;
            octets.push(match pair {
                "??" => None,
                pair if pair.bytes().all(|digit| digit.is_ascii_hexdigit()) => {
                    Some(u8::from_str_radix(pair, 16).map_err(|_| Problem::Hexadecimal)?)
                }
                _ => return Err(Problem::Hexadecimal),
            });
            rest = behind;
        }
        if octets.is_empty() { Err(Problem::Hexadecimal) } else { Ok(Self(octets)) }
    }
}

impl fmt::Display for Masked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str(NOTHING);
        }
        for octet in &self.0 {
            match octet {
                Some(octet) => write!(f, "{octet:02X}")?,
                None => f.write_str("??")?,
            }
        }
        Ok(())
    }
}

/// One line that moves octets, with its number in the file, from one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// `>`
    Command(usize, Masked),
    /// `<`
    Response(usize, Masked),
    /// `!`
    Fault(usize, Fault),
}

impl Line {
    /// Its number in the file.
    pub const fn number(&self) -> usize {
        match self {
            Self::Command(number, _) | Self::Response(number, _) | Self::Fault(number, _) => *number,
        }
    }
}

const FAULTS: [(&str, Fault); 9] = [
    ("tag-lost", Fault::TagLost),
    ("timeout", Fault::Timeout),
    ("cancelled", Fault::Cancelled),
    ("card-absent", Fault::CardAbsent),
    ("two-cards", Fault::TwoCards),
    ("other-kind", Fault::OtherKind),
    ("reader-absent", Fault::ReaderAbsent),
    ("reader-busy", Fault::ReaderBusy),
    ("reader-failed", Fault::ReaderFailed),
];

pub(super) fn fault(name: &str) -> Option<Fault> {
    FAULTS.iter().find(|(known, _)| *known == name).map(|(_, fault)| *fault)
}

pub(super) fn fault_name(fault: Fault) -> &'static str {
    FAULTS.iter().find(|(_, known)| *known == fault).map_or("reader-failed", |(name, _)| *name)
}
