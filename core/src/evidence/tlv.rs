//! A small bounded reader for the BER-TLV objects of the card face: tags of one or two octets, definite lengths of at
//! most two octets, nothing nested by itself.

/// Octets that are not the object that was wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the octets are not the object that was wanted")]
pub struct NotTheObject;

/// Octets of the longest header that is read: tag of two octets, length of three.
pub(crate) const HEADER_LENGTH: usize = 5;

/// One object: its content, and all of its octets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Object<'a> {
    pub(super) content: &'a [u8],
    pub(super) raw: &'a [u8],
}

/// Length of the object that begins with this two-octet `tag`, header included; `None` if none begins so. The
/// content need not be there yet.
pub(crate) fn object_length(octets: &[u8], tag: u16) -> Option<usize> {
    let behind = octets.strip_prefix(&tag.to_be_bytes())?;
    let (header, content) = length(behind)?;
    Some(2 + header + content)
}

/// Octets of the length field, and what it says.
fn length(octets: &[u8]) -> Option<(usize, usize)> {
    match *octets {
        [short @ ..=0x7f, ..] => Some((1, usize::from(short))),
        [0x81, length, ..] => Some((2, usize::from(length))),
        [0x82, high, low, ..] => Some((3, usize::from(u16::from_be_bytes([high, low])))),
        _ => None,
    }
}

/// Reads objects that lie one behind the other.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(super) const fn new(octets: &'a [u8]) -> Self {
        Self { rest: octets }
    }

    /// The object that lies next, which must bear this tag: of two octets, or of one if its first octet is zero.
    pub(super) fn object(&mut self, tag: u16) -> Result<Object<'a>, NotTheObject> {
        let [high, low] = tag.to_be_bytes();
        let two = [high, low];
        let tag: &[u8] = if high == 0 { &two[1..] } else { &two };
        let behind = self.rest.strip_prefix(tag).ok_or(NotTheObject)?;
        let (header, content) = length(behind).ok_or(NotTheObject)?;
        let begin = tag.len() + header;
        let (raw, rest) = self.rest.split_at_checked(begin + content).ok_or(NotTheObject)?;
        self.rest = rest;
        Ok(Object { content: raw.get(begin..).unwrap_or_default(), raw })
    }

    /// The content of the object that lies next, which must have exactly `N` octets.
    pub(super) fn exactly<const N: usize>(&mut self, tag: u16) -> Result<[u8; N], NotTheObject> {
        self.object(tag)?.content.try_into().map_err(|_| NotTheObject)
    }

    /// Nothing may be left.
    pub(super) const fn end(self) -> Result<(), NotTheObject> {
        if self.rest.is_empty() { Ok(()) } else { Err(NotTheObject) }
    }
}

/// The content of the one object that `octets` are.
pub(super) fn whole(octets: &[u8], tag: u16) -> Result<&[u8], NotTheObject> {
    let mut reader = Reader::new(octets);
    let object = reader.object(tag)?;
    reader.end()?;
    Ok(object.content)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn objects_are_read_one_behind_the_other() {
        let mut reader = Reader::new(&[0xdf, 0x11, 0x02, 1, 2, 0x90, 0x81, 0x01, 3, 0xdf, 0x13, 0x82, 0, 0]);
        let first = reader.object(0xdf11).unwrap();
        assert_eq!((first.content, first.raw), (&[1, 2][..], &[0xdf, 0x11, 0x02, 1, 2][..]));
        assert_eq!(reader.exactly::<1>(0x0090), Ok([3]));
        assert_eq!(reader.object(0xdf13).unwrap().content, b"");
        assert_eq!(reader.end(), Ok(()));
    }

    #[test]
    fn another_object_a_cut_one_and_a_strange_length_are_refused() {
        for octets in [
            &[][..],
            &[0xdf],
            &[0xdf, 0x11],
            &[0xdf, 0x12, 0x00],
            &[0xdf, 0x11, 0x02, 1],
            &[0xdf, 0x11, 0x80, 0, 0],
            &[0xdf, 0x11, 0x82, 0],
            &[0xdf, 0x11, 0x83, 0, 0, 1, 7],
            &[0xdf, 0x11, 0xff, 7],
        ] {
            assert_eq!(Reader::new(octets).object(0xdf11), Err(NotTheObject), "{octets:02x?}");
        }
        assert_eq!(whole(&[0xff, 0x10, 0x00, 0x00], 0xff10), Err(NotTheObject));
        assert_eq!(Reader::new(&[0x90, 0x02, 1, 2]).exactly::<1>(0x0090), Err(NotTheObject));
    }

    proptest! {
        #[test]
        fn no_octets_break_the_reader(octets in proptest::collection::vec(any::<u8>(), 0..40), tag: u16) {
            if let Ok(object) = Reader::new(&octets).object(tag) {
                prop_assert!(octets.starts_with(object.raw) && object.raw.ends_with(object.content));
            }
            if let Some(length) = object_length(&octets, tag) {
                prop_assert!(length <= 5 + 0xffff);
            }
        }
    }
}
