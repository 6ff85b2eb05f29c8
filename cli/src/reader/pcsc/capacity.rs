//! What a PC/SC reader and its driver carry, as far as they say.
//!
//! Source: Interoperability Specification for ICCs and Personal Computer Systems, part 10 (IFDs with secure PIN entry
//! capabilities), revision 2.02.09: 2.2 (features) and 2.6.14 (properties as TLV).

use pcsc::Card;
use shikaku::tap::ReaderLimits;

/// `CM_IOCTL_GET_FEATURE_REQUEST`.
const FEATURES: u32 = 3_400;
/// `FEATURE_GET_TLV_PROPERTIES`; its value is a control code, four octets, the highest first.
const PROPERTIES: u8 = 0x12;
/// `dwMaxAPDUDataSize`, four octets, the lowest first: up to 256 short APDUs alone, beyond it extended ones.
const LONGEST_APDU: u8 = 0x0a;
/// The longest of a short APDU's answer.
const SHORT: u32 = 256;
/// Room for either list: tags of an octet, values of a few.
const ROOM: usize = 512;

/// Extended length unless driver and reader say that they carry short APDUs alone; a driver that says nothing is tried.
pub(super) fn limits(card: &Card) -> ReaderLimits {
    match longest_apdu(card) {
        Some(..=SHORT) => ReaderLimits::SHORT,
        _ => ReaderLimits::EXTENDED,
    }
}

fn longest_apdu(card: &Card) -> Option<u32> {
    let mut room = [0; ROOM];
    let features = card.control(pcsc::ctl_code(FEATURES.into()), &[], &mut room).ok()?;
    let code = u32::from_be_bytes(value(features, PROPERTIES)?.try_into().ok()?);
    let properties = card.control(code.into(), &[], &mut room).ok()?;
    Some(u32::from_le_bytes(value(properties, LONGEST_APDU)?.try_into().ok()?))
}

/// The value under a tag in a list of tag, length and value, an octet the first two.
fn value(mut list: &[u8], wanted: u8) -> Option<&[u8]> {
    while let [tag, length, rest @ ..] = list {
        let (value, after) = rest.split_at_checked(usize::from(*length))?;
        if *tag == wanted {
            return Some(value);
        }
        list = after;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_found_by_its_tag() {
        let list = [0x06, 4, 0x42, 0x33, 0, 6, 0x12, 4, 0x42, 0x33, 0, 18, 0x0a, 4, 0, 0, 1, 0];
        assert_eq!(value(&list, PROPERTIES), Some(&[0x42, 0x33, 0, 18][..]));
        assert_eq!(value(&list, LONGEST_APDU), Some(&[0, 0, 1, 0][..]));
        assert_eq!(value(&list, 0x13), None);
    }

    #[test]
    fn a_list_that_ends_early_has_no_value() {
        for list in [&[][..], &[0x0a], &[0x0a, 4], &[0x0a, 4, 0, 0, 1], &[0x06, 9, 0, 0, 0, 0, 0x0a, 1, 0]] {
            assert_eq!(value(list, LONGEST_APDU), None);
        }
    }
}
