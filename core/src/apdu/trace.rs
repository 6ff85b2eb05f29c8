//! The only printer of APDU bytes: hexadecimal, `??` for each octet that nobody may read.

use core::fmt::{self, Write as _};

/// Octets before the data field of a short command: CLA, INS, P1, P2, Lc.
const HEADER: usize = 5;
/// VERIFY and CHANGE REFERENCE DATA: their data fields are credentials.
const CREDENTIAL_INSTRUCTIONS: [u8; 2] = [0x20, 0x24];

/// Octets as hexadecimal with masks, to be shown or written.
#[derive(Clone, Copy)]
pub struct Shown<'a> {
    octets: &'a [u8],
    masked: (usize, usize),
}

/// A command; the data field of VERIFY (INS 20) and CHANGE REFERENCE DATA (INS 24) is masked, always.
pub fn command(octets: &[u8]) -> Shown<'_> {
    let is_credential = octets.get(1).is_some_and(|ins| CREDENTIAL_INSTRUCTIONS.contains(ins));
    let masked = if is_credential { (HEADER, octets.len()) } else { (0, 0) };
    Shown { octets, masked }
}

/// A response in full. For cards that are nobody's.
pub const fn response(octets: &[u8]) -> Shown<'_> {
    Shown { octets, masked: (0, 0) }
}

/// A response of a card that is somebody's: its data masked, its status word shown.
pub const fn personal_response(octets: &[u8]) -> Shown<'_> {
    Shown { octets, masked: (0, octets.len().saturating_sub(2)) }
}

/// Whether a trace masks anything of this command.
pub fn is_masked(octets: &[u8]) -> bool {
    let (begin, end) = command(octets).masked;
    begin < end
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (begin, end) = self.masked;
        for (position, octet) in self.octets.iter().enumerate() {
            if (begin..end).contains(&position) {
                f.write_str("??")?;
            } else {
                write!(f, "{octet:02X}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('"')?;
        fmt::Display::fmt(self, f)?;
        f.write_char('"')
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_pin_is_masked_and_its_counter_query_is_not() {
        assert_eq!(command(&[0, 0x20, 0, 0x80, 4, 0x31, 0x32, 0x33, 0x34]).to_string(), "0020008004????????");
        assert_eq!(command(&[0, 0x20, 0, 0x80]).to_string(), "00200080");
        assert_eq!(command(&[0, 0x24, 0, 0x80, 2, 0x31, 0x32]).to_string(), "0024008002????");
        assert!(is_masked(&[0, 0x20, 0, 0x80, 4, 0x31, 0x32, 0x33, 0x34]) && !is_masked(&[0, 0x20, 0, 0x80]));
    }

    #[test]
    fn what_a_card_says_of_a_person_is_masked() {
        assert_eq!(personal_response(&[0x30, 0x82, 0x90, 0x00]).to_string(), "????9000");
        assert_eq!(personal_response(&[0x63, 0xc2]).to_string(), "63C2");
        assert_eq!(response(&[0x30, 0x82, 0x90, 0x00]).to_string(), "30829000");
    }

    proptest! {
        #[test]
        fn no_credential_ever_shows(class: u8, ins in prop::sample::select(CREDENTIAL_INSTRUCTIONS.to_vec()), data in proptest::collection::vec(any::<u8>(), 1..300)) {
            let octets = [&[class, ins, 0, 0x80, 4], &data[..]].concat();
            let shown = command(&octets).to_string();
            prop_assert_eq!(&shown[10..], "??".repeat(data.len()));
        }
    }
}
