//! The parts of a `CertificateList` (RFC 5280, section 5.1) as slices of its octets.

use x509_parser::prelude::FromDer;
use x509_parser::time::ASN1Time;

use super::crl::CrlError;
use crate::certificate::der::{Element, Reader, SEQUENCE, only};
use crate::certificate::signed::{SHA256_WITH_RSA, Signed};
use crate::instant::UnixTime;

const BOOLEAN: u8 = 0x01;
const INTEGER: u8 = 0x02;
const OCTET_STRING: u8 = 0x04;
const OBJECT_IDENTIFIER: u8 = 0x06;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
/// `[0]`, primitive and constructed; `[4]` constructed.
const CONTEXT_0_OCTETS: u8 = 0x80;
const CONTEXT_0: u8 = 0xa0;
const CONTEXT_4: u8 = 0xa4;
/// `[1]`, primitive: `onlyContainsUserCerts` in an issuing distribution point.
const ONLY_USERS: u8 = 0x81;

/// Content octets of the object identifiers 2.5.29.27, 2.5.29.28 and 2.5.29.35.
const DELTA_CRL_INDICATOR: [u8; 3] = [0x55, 0x1d, 0x1b];
const ISSUING_DISTRIBUTION_POINT: [u8; 3] = [0x55, 0x1d, 0x1c];
const AUTHORITY_KEY_IDENTIFIER: [u8; 3] = [0x55, 0x1d, 0x23];

/// The fields that matter.
pub(super) struct List<'a> {
    /// `TBSCertList` with its header: what is signed.
    pub(super) signed: &'a [u8],
    pub(super) signature: &'a [u8],
    /// `Name` with its header.
    pub(super) issuer: &'a [u8],
    pub(super) this_update: UnixTime,
    pub(super) next_update: Option<UnixTime>,
    /// Content of `crlExtensions`.
    pub(super) extensions: &'a [u8],
    /// Content of `revokedCertificates`.
    revoked: &'a [u8],
}

impl<'a> List<'a> {
    pub(super) fn read(der: &'a [u8]) -> Result<Self, CrlError> {
        let list = Self::fields(der).ok_or(CrlError::Malformed)?;
        let (list, inner, outer) = list;
        if inner == SHA256_WITH_RSA && outer == SHA256_WITH_RSA { Ok(list) } else { Err(CrlError::Algorithm) }
    }

    /// The list, and the two places that name the signature's algorithm.
    fn fields(der: &'a [u8]) -> Option<(Self, &'a [u8], &'a [u8])> {
        let Signed { body: signed, algorithm: outer, signature } = Signed::read(der)?;
        let mut fields = Reader::new(only(signed, SEQUENCE)?.content);
        // Version 2 is written 1; without it a list has no extensions, and so no partition.
        (fields.take(INTEGER)?.content == [1]).then_some(())?;
        let inner = fields.take(SEQUENCE)?.raw;
        let issuer = fields.take(SEQUENCE)?.raw;
        let this_update = time(fields.element()?)?;
        let next_update = match fields.take(UTC_TIME).or_else(|| fields.take(GENERALIZED_TIME)) {
            Some(element) => Some(time(element)?),
            None => None,
        };
        let revoked = fields.take(SEQUENCE).map_or(&[][..], |element| element.content);
        let extensions = match fields.take(CONTEXT_0) {
            Some(element) => only(element.content, SEQUENCE)?.content,
            None => &[],
        };
        fields.is_empty().then_some((
            Self { signed, signature, issuer, this_update, next_update, extensions, revoked },
            inner,
            outer,
        ))
    }

    /// Offset in `der` of each entry's content, and whether every critical extension of theirs is understood.
    pub(super) fn entries(&self, der: &[u8]) -> Result<(Vec<u32>, bool), CrlError> {
        let mut reader = Reader::new(self.revoked);
        let mut entries = Vec::new();
        let mut understood = true;
        while !reader.is_empty() {
            let malformed = CrlError::Entry { number: entries.len() + 1 };
            let entry = reader.take(SEQUENCE).ok_or(malformed)?;
            understood &= !has_critical_extension(entry.content).ok_or(malformed)?;
            entries.push(u32::try_from(offset(der, entry.content)).map_err(|_| malformed)?);
        }
        entries.shrink_to_fit();
        Ok((entries, understood))
    }
}

/// Reads one entry whole. No entry extension has to be critical but that of indirect CRLs, which are not ours.
fn has_critical_extension(entry: &[u8]) -> Option<bool> {
    let mut fields = Reader::new(entry);
    (!fields.take(INTEGER)?.content.is_empty()).then_some(())?;
    time(fields.element()?)?;
    let mut critical = false;
    if let Some(extensions) = fields.take(SEQUENCE) {
        let mut extensions = Reader::new(extensions.content);
        while !extensions.is_empty() {
            critical |= Extension::read(&mut extensions)?.critical;
        }
    }
    fields.is_empty().then_some(critical)
}

/// Where `part`, a slice of `whole`, begins in it.
pub(super) fn offset(whole: &[u8], part: &[u8]) -> usize {
    part.as_ptr().addr().saturating_sub(whole.as_ptr().addr())
}

/// Serial numbers in the order of an entry table: by length, then by octets, leading zeros aside.
pub(super) fn order_of(serial: &[u8]) -> (usize, &[u8]) {
    let zeros = serial.iter().take_while(|octet| **octet == 0).count();
    let digits = serial.get(zeros..).unwrap_or_default();
    (digits.len(), digits)
}

/// The place in that order of the entry whose content begins at `entry`.
pub(super) fn order(der: &[u8], entry: u32) -> (usize, &[u8]) {
    order_of(
        fields_at(der, entry)
            .and_then(|mut fields| fields.take(INTEGER))
            .map_or(&[], |serial| serial.content),
    )
}

/// Revocation date of that entry.
pub(super) fn date(der: &[u8], entry: u32) -> Option<UnixTime> {
    let mut fields = fields_at(der, entry)?;
    fields.take(INTEGER)?;
    time(fields.element()?)
}

fn fields_at(der: &[u8], entry: u32) -> Option<Reader<'_>> {
    der.get(usize::try_from(entry).ok()?..).map(Reader::new)
}

/// What the extensions of a CRL say.
#[derive(Debug, Default)]
pub(super) struct Extensions {
    /// `Name` of the issuing distribution point, with its header.
    pub(super) partition: Option<Box<[u8]>>,
    pub(super) issuer_key_id: Option<Box<[u8]>>,
    /// Some reasons only, authorities or attributes only, or indirect.
    pub(super) limited: bool,
    pub(super) unknown_critical: bool,
}

impl Extensions {
    /// `None` if these are not extensions, or one is there twice.
    pub(super) fn read(octets: &[u8]) -> Option<Self> {
        let mut found = Self::default();
        let mut seen: Vec<&[u8]> = Vec::new();
        let mut reader = Reader::new(octets);
        while !reader.is_empty() {
            let extension = Extension::read(&mut reader)?;
            (!seen.contains(&extension.id)).then(|| seen.push(extension.id))?;
            if extension.id == ISSUING_DISTRIBUTION_POINT {
                (found.partition, found.limited) = distribution_point(extension.value)?;
            } else if extension.id == AUTHORITY_KEY_IDENTIFIER {
                let mut fields = Reader::new(only(extension.value, SEQUENCE)?.content);
                found.issuer_key_id = fields.take(CONTEXT_0_OCTETS).map(|id| id.content.into());
            } else {
                // A CRL number is never critical. A delta indicator has to be, and alone a delta says nothing.
                found.unknown_critical |= extension.critical || extension.id == DELTA_CRL_INDICATOR;
            }
        }
        Some(found)
    }
}

/// `IssuingDistributionPoint`: the directory name in it, and whether it limits the scope to less than all
/// certificates of users.
fn distribution_point(octets: &[u8]) -> Option<(Option<Box<[u8]>>, bool)> {
    let mut fields = Reader::new(only(octets, SEQUENCE)?.content);
    let partition = fields.take(CONTEXT_0).and_then(|point| {
        let full_name = only(point.content, CONTEXT_0)?;
        let directory_name = only(full_name.content, CONTEXT_4)?;
        Some(only(directory_name.content, SEQUENCE)?.raw.into())
    });
    fields.take(ONLY_USERS);
    Some((partition, !fields.is_empty()))
}

struct Extension<'a> {
    id: &'a [u8],
    critical: bool,
    value: &'a [u8],
}

impl<'a> Extension<'a> {
    fn read(reader: &mut Reader<'a>) -> Option<Self> {
        let mut fields = Reader::new(reader.take(SEQUENCE)?.content);
        let id = fields.take(OBJECT_IDENTIFIER)?.content;
        let critical = fields.take(BOOLEAN).is_some_and(|flag| flag.content != [0]);
        let value = fields.take(OCTET_STRING)?.content;
        fields.is_empty().then_some(Self { id, critical, value })
    }
}

fn time(element: Element<'_>) -> Option<UnixTime> {
    if !matches!(element.tag, UTC_TIME | GENERALIZED_TIME) {
        return None;
    }
    let (_, time) = ASN1Time::from_der(element.raw).ok()?;
    u64::try_from(time.timestamp()).ok().map(UnixTime)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One extension by the last octet of its identifier 2.5.29.x, with an INTEGER in it.
    fn extension(arc: u8, critical: bool) -> Vec<u8> {
        let flag: &[u8] = if critical { &[0x01, 0x01, 0xff] } else { &[] };
        let content = [&[0x06, 0x03, 0x55, 0x1d, arc], flag, &[0x04, 0x03, 0x02, 0x01, 0x01]].concat();
        [&[0x30, u8::try_from(content.len()).unwrap()], &content[..]].concat()
    }

    #[test]
    fn a_delta_says_nothing_alone_whether_or_not_it_calls_itself_critical() {
        let (number, delta) = (20, 27);
        assert!(!Extensions::read(&extension(number, false)).unwrap().unknown_critical);
        assert!(Extensions::read(&extension(number, true)).unwrap().unknown_critical);
        for critical in [false, true] {
            assert!(Extensions::read(&extension(delta, critical)).unwrap().unknown_critical);
        }
    }

    #[test]
    fn an_extension_twice_makes_no_list() {
        assert!(Extensions::read(&[extension(20, false), extension(20, false)].concat()).is_none());
    }
}
