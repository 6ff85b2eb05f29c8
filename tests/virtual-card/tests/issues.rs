//! Certificates, CRLs and card data: what they must be, judged by other people's parsers.

#[cfg(test)]
mod judge;

use judge::{certificate, data, distribution_point, distribution_point_of_leaf, is_signed_by, skeleton};
use shikaku_virtual_card::issue::{
    Authority, CrlRequest, Leaf, Partition, REVOKED_SERIALS, issue_crl, test_data,
};
use shikaku_virtual_card::{CARDS, Card};
use x509_parser::prelude::*;

const NOW: u64 = 1_795_000_000;

#[test]
fn what_lies_in_the_data_is_what_the_recipes_make() {
    for (name, octets) in test_data().unwrap() {
        assert_eq!(std::fs::read(data().join(&name)).unwrap(), octets, "{name}");
    }
}

#[test]
fn the_certificate_is_built_like_the_one_of_the_j_lis_test_card() {
    let real = std::fs::read(data().join("jpki/test-card-auth-cert.der")).unwrap();
    let ours = certificate("default");
    assert_eq!(ours.len(), real.len());
    assert_eq!(skeleton(&ours), skeleton(&real));
}

#[test]
fn the_root_is_built_like_the_one_of_the_j_lis_test_hierarchy() {
    let real = std::fs::read(data().join("jpki/authca-test-2023.cer")).unwrap();
    assert_eq!(skeleton(Authority::test().unwrap().certificate()), skeleton(&real));
}

#[test]
fn every_plastic_card_has_a_certificate_of_1590_octets_under_its_root() {
    let (test, other) = (Authority::test().unwrap(), Authority::other().unwrap());
    for name in CARDS {
        let Some(certificate) = Card::from_name(name).unwrap().certificate().map(<[u8]>::to_vec) else {
            continue;
        };
        let root = if *name == "wrong-issuer" { &other } else { &test };
        let stranger = if *name == "wrong-issuer" { &test } else { &other };
        assert!(is_signed_by(&certificate, root), "{name}");
        assert!(!is_signed_by(&certificate, stranger), "{name}");
        assert_eq!(certificate.len() == 1590, *name != "phone-android", "{name}");
        let (_, parsed) = X509Certificate::from_der(&certificate).unwrap();
        let (_, issuer) = X509Certificate::from_der(root.certificate()).unwrap();
        assert_eq!(parsed.issuer().as_raw(), issuer.subject().as_raw(), "{name}");
        assert_eq!((parsed.validity().not_after.timestamp() + 9 * 3600) % 86_400, 86_399, "{name}");
    }
}

#[test]
fn both_roots_bear_one_name_and_two_keys() {
    let (test, other) = (Authority::test().unwrap(), Authority::other().unwrap());
    let (_, first) = X509Certificate::from_der(test.certificate()).unwrap();
    let (_, second) = X509Certificate::from_der(other.certificate()).unwrap();
    assert_eq!(first.subject().as_raw(), second.subject().as_raw());
    assert_ne!(test.key_id(), other.key_id());
    assert!(is_signed_by(test.certificate(), &test) && !is_signed_by(test.certificate(), &other));
}

#[test]
fn a_crl_speaks_for_the_partition_that_the_certificate_names() {
    let certificate = certificate("revoked");
    let (_, leaf) = X509Certificate::from_der(&certificate).unwrap();
    let octets = issue_crl(NOW, &[7]).unwrap();
    let (_, crl) = CertificateRevocationList::from_der(&octets).unwrap();
    let revoked: Vec<u32> = crl
        .iter_revoked_certificates()
        .map(|entry| u32::try_from(&entry.user_certificate).unwrap())
        .collect();
    assert_eq!(revoked, [REVOKED_SERIALS, &[7]].concat());
    assert!(revoked.contains(&u32::try_from(&leaf.serial).unwrap()));
    assert_eq!(crl.last_update().timestamp(), i64::try_from(NOW).unwrap());
    assert_eq!(crl.crl_number(), Some(&1_u32.into()));
    let point = distribution_point(crl.extensions());
    assert_eq!(Some(point), distribution_point_of_leaf(&leaf));
    assert!(is_signed_by(&octets, &Authority::test().unwrap()));
}

#[test]
fn deviating_crls_deviate_in_one_thing() {
    let test = Authority::test().unwrap();
    let right = CrlRequest::new(NOW, &[]);
    let parse = |request: CrlRequest| {
        let octets = test.crl(&request).unwrap();
        let (_, crl) = CertificateRevocationList::from_der(&octets).unwrap();
        let critical = crl.extensions().iter().filter(|extension| extension.critical).count();
        let updates = (crl.last_update().timestamp(), crl.next_update().unwrap().timestamp());
        (updates, critical, distribution_point(crl.extensions()).to_vec())
    };
    let usual = parse(right.clone());
    assert_ne!(parse(right.clone().of_another_partition()).2, usual.2);
    assert_eq!(parse(right.clone().with_unknown_critical_extension()).1, usual.1 + 1);
    let now = i64::try_from(NOW).unwrap();
    assert!(parse(right.clone().stale(NOW)).0.1 < now);
    assert!(parse(right.from_the_future(NOW)).0.0 > now);
}

#[test]
fn a_crl_of_300_000_entries_names_each_serial_once() {
    let octets = Authority::test().unwrap().crl(&CrlRequest::new(NOW, &[5]).with_many(300_000)).unwrap();
    let (_, crl) = CertificateRevocationList::from_der(&octets).unwrap();
    let mut serials: Vec<u32> = crl
        .iter_revoked_certificates()
        .map(|entry| u32::try_from(&entry.user_certificate).unwrap())
        .collect();
    assert!(!serials.is_sorted());
    serials.sort_unstable();
    serials.dedup();
    assert_eq!(serials.len(), 300_001);
    assert!(!serials.contains(&0x22_9000));
}

#[test]
fn a_card_can_be_given_another_certificate() {
    let mut card = Card::from_name("no-extended").unwrap();
    let leaf = Leaf::new(0x22_a000, card.public_key().unwrap());
    let leaf = Leaf { partition: Partition::elsewhere(), ..leaf }.expired(NOW);
    let certificate = Authority::other().unwrap().issue(&leaf).unwrap();
    card.replace_certificate(&certificate);
    assert_eq!(card.certificate(), Some(&certificate[..]));
    card.transmit(&[0x00, 0xa4, 0x04, 0x0c, 0x0a, 0xd3, 0x92, 0xf0, 0x00, 0x26, 0x01, 0, 0, 0, 1]);
    card.transmit(&[0x00, 0xa4, 0x02, 0x0c, 0x02, 0x00, 0x0a]);
    let read = card.transmit(&[0x00, 0xb0, 0x00, 0x00, 0x00]);
    assert_eq!(read[..256], certificate[..256]);
    assert_eq!(card.transmit(&[0x00, 0xb0, 0x07, 0xff, 0x01]), [0xff, 0x90, 0x00]);
}
