//! A small strict DER reader: for the length of a certificate in a padded file, and for CRLs, whose
//! hundreds of thousands of entries shall be walked without building a tree.

/// SEQUENCE, constructed.
pub(crate) const SEQUENCE: u8 = 0x30;

/// Length of the first TLV in `octets`, header included, as its header says; `None` if the header is
/// not that of a DER SEQUENCE. The content need not be there yet.
pub(crate) fn sequence_length(octets: &[u8]) -> Option<usize> {
    let (tag, header, content) = header(octets)?;
    (tag == SEQUENCE).then_some(header.checked_add(content)?)
}

/// Tag, length of the header, length of the content. Low tag numbers, definite and shortest lengths only.
fn header(octets: &[u8]) -> Option<(u8, usize, usize)> {
    let (&tag, rest) = octets.split_first()?;
    let (&first, rest) = rest.split_first()?;
    if tag & 0x1f == 0x1f {
        return None;
    }
    if first < 0x80 {
        return Some((tag, 2, usize::from(first)));
    }
    let count = usize::from(first & 0x7f);
    let digits = rest.get(..count)?;
    if !(1..=4).contains(&count) || digits.first() == Some(&0) {
        return None;
    }
    let length = digits.iter().fold(0_u64, |sum, digit| sum << 8 | u64::from(*digit));
    (length >= 0x80).then_some((tag, 2 + count, usize::try_from(length).ok()?))
}

/// One element: its tag, its content, and all of its octets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Element<'a> {
    pub(crate) tag: u8,
    pub(crate) content: &'a [u8],
    pub(crate) raw: &'a [u8],
}

/// Walks the elements that lie one behind the other in `rest`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(crate) const fn new(octets: &'a [u8]) -> Self {
        Self { rest: octets }
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// The next element, or `None` at the end and on anything that is not DER.
    pub(crate) fn element(&mut self) -> Option<Element<'a>> {
        let (tag, header, content) = header(self.rest)?;
        let (raw, rest) = self.rest.split_at_checked(header.checked_add(content)?)?;
        self.rest = rest;
        Some(Element { tag, content: raw.get(header..)?, raw })
    }

    /// The next element, if it has this tag; else nothing is consumed.
    pub(crate) fn take(&mut self, tag: u8) -> Option<Element<'a>> {
        (self.rest.first() == Some(&tag)).then(|| self.element())?
    }
}

/// The one element that `octets` consist of, if it has this tag.
pub(crate) fn only(octets: &[u8], tag: u8) -> Option<Element<'_>> {
    let mut reader = Reader::new(octets);
    let element = reader.take(tag)?;
    reader.is_empty().then_some(element)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_length_counts_the_header() {
        assert_eq!(sequence_length(&[0x30, 0x82, 0x06, 0x2b]), Some(1583));
        assert_eq!(sequence_length(&[0x30, 0x00]), Some(2));
        assert_eq!(sequence_length(&[0x30, 0x81, 0x80]), Some(131));
    }

    #[test]
    fn what_is_not_der_has_no_length() {
        let wrong: [&[u8]; 8] = [
            &[],
            &[0x30],
            &[0x31, 0x00],
            &[0x30, 0x80],
            &[0x30, 0x81, 0x7f],
            &[0x30, 0x82, 0x00, 0x80],
            &[0x30, 0x85, 1, 1, 1, 1, 1],
            &[0x30, 0x82, 0x06],
        ];
        for octets in wrong {
            assert_eq!(sequence_length(octets), None, "{octets:02x?}");
        }
    }

    proptest! {
        #[test]
        fn no_octets_make_the_reader_panic_or_run_past_the_end(octets in proptest::collection::vec(any::<u8>(), 0..600)) {
            let mut reader = Reader::new(&octets);
            let mut seen = 0;
            while let Some(element) = reader.element() {
                seen += element.raw.len();
                prop_assert!(element.raw.ends_with(element.content));
            }
            prop_assert!(seen <= octets.len());
        }

        #[test]
        fn an_element_is_read_back(tag in prop::sample::select(vec![0x02_u8, 0x04, 0x30, 0xa0]), content in proptest::collection::vec(any::<u8>(), 0..40_000)) {
            let mut octets = vec![tag];
            match content.len() {
                short @ 0..0x80 => octets.push(u8::try_from(short).unwrap()),
                middle @ 0x80..0x100 => octets.extend([0x81, u8::try_from(middle).unwrap()]),
                long => { octets.push(0x82); octets.extend(u16::try_from(long).unwrap().to_be_bytes()); }
            }
            octets.extend(&content);
            let mut reader = Reader::new(&octets);
            let element = reader.take(tag).unwrap();
            prop_assert_eq!(element.content, &content[..]);
            prop_assert!(reader.is_empty());
        }
    }
}
