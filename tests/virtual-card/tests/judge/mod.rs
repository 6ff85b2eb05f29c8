//! Judges of what the test CA writes.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use rsa::pkcs8::DecodePublicKey as _;
use rsa::{Pkcs1v15Sign, RsaPublicKey};
use sha2::{Digest as _, Sha256};
use shikaku_virtual_card::Card;
use shikaku_virtual_card::issue::Authority;
use x509_parser::prelude::*;

/// `tests/data`.
pub(crate) fn data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../data")
}

/// The certificate of an embedded card.
pub(crate) fn certificate(card: &str) -> Vec<u8> {
    Card::from_name(card).unwrap().certificate().unwrap().to_vec()
}

/// Tags, and the values of object identifiers and booleans, in depth: what is left of DER when names, keys,
/// numbers and times are taken out. Octet strings are opened where they hold DER, as extensions do.
pub(crate) fn skeleton(mut octets: &[u8]) -> String {
    let mut shape = String::new();
    while let [tag, rest @ ..] = octets {
        let (content, behind) = content(rest);
        write!(shape, "{tag:02x}").unwrap();
        let opens = tag & 0x20 != 0 || (*tag == 0x04 && matches!(content, [0x03 | 0x30, ..]));
        if opens {
            write!(shape, "({})", skeleton(content)).unwrap();
        } else if matches!(tag, 0x01 | 0x06) {
            write!(shape, "={content:02x?}").unwrap();
        }
        octets = behind;
    }
    shape
}

/// Content of an object after its tag, and what follows.
fn content(octets: &[u8]) -> (&[u8], &[u8]) {
    let (first, rest) = octets.split_first().unwrap();
    match (first, rest) {
        (0x82, [high, low, rest @ ..]) => rest.split_at(usize::from(u16::from_be_bytes([*high, *low]))),
        (0x81, [length, rest @ ..]) => rest.split_at(usize::from(*length)),
        _ => rest.split_at(usize::from(*first)),
    }
}

/// Checks the RSA signature of a certificate or CRL, both `SEQUENCE { what is signed, algorithm, BIT STRING }`.
pub(crate) fn is_signed_by(octets: &[u8], authority: &Authority) -> bool {
    let (signed, signature) = match X509Certificate::from_der(octets) {
        Ok((_, leaf)) => (leaf.tbs_certificate.as_ref().to_vec(), leaf.signature_value.data.to_vec()),
        Err(_) => signed_crl(octets),
    };
    let (_, root) = X509Certificate::from_der(authority.certificate()).unwrap();
    let key = RsaPublicKey::from_public_key_der(root.public_key().raw).unwrap();
    let header = [
        0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00,
        0x04, 0x20,
    ];
    let input = [&header, &Sha256::digest(&signed)[..]].concat();
    key.verify(Pkcs1v15Sign::new_unprefixed(), &input, &signature).is_ok()
}

fn signed_crl(octets: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let (_, crl) = CertificateRevocationList::from_der(octets).unwrap();
    (crl.tbs_cert_list.as_ref().to_vec(), crl.signature_value.data.to_vec())
}

/// The `DistributionPointName` inside the issuingDistributionPoint.
pub(crate) fn distribution_point<'a>(extensions: &[X509Extension<'a>]) -> &'a [u8] {
    let extension = extensions.iter().find(|extension| extension.oid.to_id_string() == "2.5.29.28").unwrap();
    assert!(extension.critical);
    content(&extension.value[1..]).0
}

/// The same of the certificate's cRLDistributionPoints.
pub(crate) fn distribution_point_of_leaf<'a>(leaf: &X509Certificate<'a>) -> Option<&'a [u8]> {
    let extension = leaf.extensions().iter().find(|extension| extension.oid.to_id_string() == "2.5.29.31")?;
    let points = content(&extension.value[1..]).0;
    Some(content(&points[1..]).0)
}
