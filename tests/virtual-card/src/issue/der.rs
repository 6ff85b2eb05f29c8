//! As much DER as certificates and CRLs need, written only.

/// Tag, length, content.
pub(super) fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut octets = Vec::with_capacity(content.len() + 6);
    octets.push(tag);
    match content.len() {
        length @ 0..=0x7f => octets.extend(u8::try_from(length)),
        length => {
            let length = length.to_be_bytes();
            let significant = length.iter().skip_while(|octet| **octet == 0);
            octets.extend(u8::try_from(significant.clone().count()).map(|count| 0x80 | count));
            octets.extend(significant);
        }
    }
    octets.extend_from_slice(content);
    octets
}

pub(super) fn sequence(parts: &[Vec<u8>]) -> Vec<u8> {
    tlv(0x30, &parts.concat())
}

pub(super) fn set(parts: &[Vec<u8>]) -> Vec<u8> {
    tlv(0x31, &parts.concat())
}

/// Constructed, context-specific.
pub(super) fn explicit(number: u8, content: &[u8]) -> Vec<u8> {
    tlv(0xa0 | number, content)
}

/// Primitive, context-specific.
pub(super) fn implicit(number: u8, content: &[u8]) -> Vec<u8> {
    tlv(0x80 | number, content)
}

/// Content octets of an unsigned INTEGER.
pub(super) fn integer_content(value: u32) -> Vec<u8> {
    let octets = value.to_be_bytes();
    let mut content: Vec<u8> = octets.iter().copied().skip_while(|octet| *octet == 0).collect();
    if content.first().is_none_or(|first| first & 0x80 != 0) {
        content.insert(0, 0);
    }
    content
}

pub(super) fn integer(value: u32) -> Vec<u8> {
    tlv(0x02, &integer_content(value))
}

pub(super) fn null() -> Vec<u8> {
    tlv(0x05, &[])
}

pub(super) fn boolean_true() -> Vec<u8> {
    tlv(0x01, &[0xff])
}

pub(super) fn octet_string(content: &[u8]) -> Vec<u8> {
    tlv(0x04, content)
}

/// `unused` trailing bits of the last octet are not part of the string.
pub(super) fn bit_string(unused: u8, content: &[u8]) -> Vec<u8> {
    tlv(0x03, &[&[unused], content].concat())
}

pub(super) fn utf8(text: &str) -> Vec<u8> {
    tlv(0x0c, text.as_bytes())
}

pub(super) fn printable(text: &str) -> Vec<u8> {
    tlv(0x13, text.as_bytes())
}

pub(super) fn ia5(text: &str) -> Vec<u8> {
    tlv(0x16, text.as_bytes())
}

/// An object identifier of at least two arcs, the first 0 to 2.
pub(super) fn oid(arcs: &[u32]) -> Vec<u8> {
    let mut content = Vec::new();
    if let [first, second, rest @ ..] = arcs {
        push_arc(&mut content, first * 40 + second);
        for arc in rest {
            push_arc(&mut content, *arc);
        }
    }
    tlv(0x06, &content)
}

fn push_arc(content: &mut Vec<u8>, arc: u32) {
    for shift in [28_u32, 21, 14, 7] {
        if arc >> shift != 0 {
            content.extend(u8::try_from(arc >> shift & 0x7f).map(|septet| 0x80 | septet));
        }
    }
    content.extend(u8::try_from(arc & 0x7f));
}

/// `UTCTime` until 2049, `GeneralizedTime` from 2050 on (RFC 5280, section 4.1.2.5).
pub(super) fn time(unix: u64) -> Vec<u8> {
    let (year, month, day) = civil(unix / 86_400);
    let (hour, minute, second) = (unix / 3600 % 24, unix / 60 % 60, unix % 60);
    let rest = format!("{month:02}{day:02}{hour:02}{minute:02}{second:02}Z");
    if (1970..2050).contains(&year) {
        tlv(0x17, format!("{:02}{rest}", year % 100).as_bytes())
    } else {
        tlv(0x18, format!("{year:04}{rest}").as_bytes())
    }
}

/// Proleptic Gregorian calendar day of a day number since 1970-01-01, by eras of 400 years that begin in March.
fn civil(days: u64) -> (u64, u64, u64) {
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_based = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * march_based + 2) / 5 + 1;
    let month = if march_based < 10 { march_based + 3 } else { march_based - 9 };
    (era * 400 + year_of_era + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_as_short_as_they_can_be() {
        assert_eq!(tlv(4, &[7; 3]), [4, 3, 7, 7, 7]);
        assert_eq!(tlv(4, &[0; 127])[..2], [4, 0x7f]);
        assert_eq!(tlv(4, &[0; 128])[..3], [4, 0x81, 0x80]);
        assert_eq!(tlv(4, &[0; 300])[..4], [4, 0x82, 0x01, 0x2c]);
        assert_eq!(tlv(4, &vec![0; 70_000])[..5], [4, 0x83, 0x01, 0x11, 0x70]);
    }

    #[test]
    fn integers_stay_positive() {
        assert_eq!(integer(0), [2, 1, 0]);
        assert_eq!(integer(0x7f), [2, 1, 0x7f]);
        assert_eq!(integer(0x80), [2, 2, 0, 0x80]);
        assert_eq!(integer(0x22_7b13), [2, 3, 0x22, 0x7b, 0x13]);
    }

    #[test]
    fn the_policy_of_the_test_hierarchy_is_written_as_the_test_card_has_it() {
        let policy = oid(&[1, 2, 392, 200_149, 8, 5, 1, 0, 30]);
        assert_eq!(policy, [6, 11, 0x2a, 0x83, 0x08, 0x8c, 0x9b, 0x55, 8, 5, 1, 0, 0x1e]);
    }

    #[test]
    fn times_turn_general_in_2050() {
        assert_eq!(time(1_897_570_799)[2..], *b"300217145959Z");
        assert_eq!(time(951_782_400)[2..], *b"000229000000Z");
        assert_eq!(time(2_524_608_000), [&[0x18, 15][..], b"20500101000000Z"].concat());
    }
}
