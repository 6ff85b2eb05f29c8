//! The published certificates, held against each other.

use super::*;
use proptest::prelude::*;

const TEST_CARD: &[u8] = include_bytes!("../../../tests/data/jpki/test-card-auth-cert.der");
const TEST_2019: &[u8] = include_bytes!("../../../tests/data/jpki/authca-test-2019.cer");
const TEST_2023: &[u8] = include_bytes!("../../../tests/data/jpki/authca-test-2023.cer");
const PRODUCTION_3: &[u8] = include_bytes!("anchors/authca03.cer");

/// 2026-07-01, within the test card's validity.
const NOW: UnixTime = UnixTime(1_782_864_000);

fn card() -> Certificate {
    Certificate::from_der(TEST_CARD).unwrap()
}

fn with(root: &[u8]) -> Anchors {
    Anchors::production().with_test(root).unwrap()
}

#[test]
fn the_published_test_card_is_read() {
    let card = card();
    assert_eq!(card.der(), TEST_CARD);
    assert_eq!(card.serial(), [0x22, 0x7b, 0x13]);
    assert_eq!(card.hierarchy(), Hierarchy::Test);
    assert_eq!(card.not_before(), UnixTime(1_761_528_942));
    assert_eq!(card.not_after(), UnixTime(1_897_570_799));
    assert_eq!(card.issuer_key_id()[..4], [0x8b, 0x8b, 0x13, 0x7d]);
    assert!(!card.has_unknown_policy());
    let partition = String::from_utf8_lossy(card.crl_partition()).into_owned();
    assert!(
        partition.ends_with("Kiyose-shi CRLDP") && card.crl_partition()[0] == der::SEQUENCE,
        "{partition}"
    );
}

#[test]
fn it_chains_to_the_test_root_of_2023() {
    assert_eq!(card().accept(&with(TEST_2023), NOW), Ok(()));
}

#[test]
fn it_does_not_chain_to_the_root_of_2019_that_bears_the_same_name() {
    assert_eq!(card().accept(&with(TEST_2019), NOW), Err(Refusal::IssuerUnknown));
}

#[test]
fn both_test_roots_together_are_told_apart() {
    let both = with(TEST_2019).with_test(TEST_2023).unwrap();
    assert_eq!(both.iter().count(), 5);
    assert_eq!(card().accept(&both, NOW), Ok(()));
}

#[test]
fn it_is_refused_where_production_is_asked() {
    assert_eq!(card().accept(&Anchors::production(), NOW), Err(Refusal::TestRefused));
}

#[test]
fn it_is_refused_before_and_after_its_validity() {
    let (card, roots) = (card(), with(TEST_2023));
    let (begin, end) = (card.not_before(), card.not_after());
    assert_eq!(card.accept(&roots, begin), Ok(()));
    assert_eq!(card.accept(&roots, end), Ok(()));
    assert_eq!(card.accept(&roots, begin.minus(1)), Err(Refusal::NotYetValid { not_before: begin }));
    assert_eq!(card.accept(&roots, end.plus(1)), Err(Refusal::Expired { not_after: end }));
    let words = card.accept(&roots, end.plus(1)).unwrap_err().to_string();
    assert!(!words.contains(&end.to_string()), "it ends on a birthday: {words}");
}

#[test]
fn the_three_production_roots_are_there() {
    let key_ids: Vec<_> =
        Anchors::production().iter().map(|root| (root.hierarchy(), root.key_id()[..2].to_vec())).collect();
    let expected = [[0x95, 0x67], [0x8c, 0xd5], [0x1a, 0xc1]].map(|id| (Hierarchy::Production, id.to_vec()));
    assert_eq!(key_ids, expected);
}

#[test]
fn a_production_root_is_never_added_as_a_test_root() {
    assert_eq!(Anchors::none().with_test(PRODUCTION_3), Err(AnchorError::Name));
}

#[test]
fn a_card_is_no_root_and_a_root_is_no_card() {
    assert_eq!(Anchors::none().with_test(TEST_CARD), Err(AnchorError::Name));
    assert_eq!(Certificate::from_der(TEST_2023), Err(CertificateError::Subject));
}

#[test]
fn a_root_that_did_not_sign_itself_is_refused() {
    let mut forged = TEST_2023.to_vec();
    *forged.last_mut().unwrap() ^= 1;
    assert_eq!(Anchors::none().with_test(&forged), Err(AnchorError::Signature));
}

#[test]
fn a_root_may_come_as_pem() {
    use base64::Engine as _;
    let text = base64::engine::general_purpose::STANDARD.encode(TEST_2023);
    let pem = format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n");
    assert_eq!(Anchors::none().with_test(pem.as_bytes()), Anchors::none().with_test(TEST_2023));
    assert_eq!(Anchors::none().with_test(b"neither"), Err(AnchorError::Malformed));
}

/// The octets of the validity, the holder's name, the serial, the policy, the signature: nothing can be changed.
#[test]
fn no_octet_of_it_can_be_changed() {
    let roots = with(TEST_2023);
    for position in 0..TEST_CARD.len() {
        let mut forged = TEST_CARD.to_vec();
        forged[position] ^= 1;
        let accepted = Certificate::from_der(&forged).is_ok_and(|card| card.accept(&roots, NOW).is_ok());
        assert!(!accepted, "octet {position} can be changed");
    }
}

#[test]
fn what_follows_the_certificate_is_refused() {
    assert_eq!(Certificate::from_der(&[TEST_CARD, &[0xff]].concat()), Err(CertificateError::Malformed));
    let long = vec![0x30; MAX_CERTIFICATE_LENGTH + 1];
    assert_eq!(Certificate::from_der(&long), Err(CertificateError::TooLong { length: long.len() }));
}

/// The test card's certificate with the one place where `from` stands written over, from the end or the beginning.
fn rewritten(from: &[u8], to: &[u8], last: bool) -> Vec<u8> {
    let mut places = TEST_CARD.windows(from.len()).enumerate().filter(|(_, window)| *window == from);
    let (at, _) = if last { places.next_back() } else { places.next() }.unwrap();
    [&TEST_CARD[..at], to, &TEST_CARD[at + from.len()..]].concat()
}

#[test]
fn every_part_of_the_profile_is_held_to() {
    use CertificateError as E;
    const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01];
    let table: [(&[u8], &[u8], E); 17] = [
        (&[0xa0, 0x03, 0x02, 0x01, 0x02], &[0xa0, 0x03, 0x02, 0x01, 0x01], E::Version),
        (b"300217145959Z", b"200217145959Z", E::Validity),
        (b"EG13221003A", b"EGA3221003A", E::Subject),
        (&[0x02, 0x03, 0x01, 0x00, 0x01], &[0x02, 0x03, 0x01, 0x00, 0x03], E::Key),
        (&[0x02, 0x82, 0x01, 0x01, 0x00, 0xac], &[0x02, 0x82, 0x01, 0x01, 0x00, 0x6c], E::Key),
        (&[0x03, 0x02, 0x07, 0x80], &[0x03, 0x02, 0x06, 0xc0], E::Usage),
        (&[0x55, 0x1d, 0x0f, 0x01, 0x01, 0xff], &[0x55, 0x1d, 0x0f, 0x01, 0x01, 0x00], E::Usage),
        (&[0x05, 0x07, 0x03, 0x02], &[0x05, 0x07, 0x03, 0x01], E::Usage),
        (&[0x55, 0x1d, 0x20, 0x01, 0x01, 0xff], &[0x55, 0x1d, 0x20, 0x01, 0x01, 0x00], E::Policy),
        (&[0x55, 0x1d, 0x20, 0x01, 0x01, 0xff], &[0x55, 0x1d, 0x63, 0x01, 0x01, 0xff], E::Extension),
        (&[0x55, 0x1d, 0x23], &[0x55, 0x1d, 0x63], E::IssuerKeyId),
        (&[0x55, 0x1d, 0x1f], &[0x55, 0x1d, 0x63], E::DistributionPoint),
        // The subject's key id made a second authority key id; a second key usage; constraints of an authority,
        // readable and not.
        (&[0x55, 0x1d, 0x0e], &[0x55, 0x1d, 0x23], E::Extension),
        (&[0x55, 0x1d, 0x0e], &[0x55, 0x1d, 0x0f], E::Extension),
        (&[0x55, 0x1d, 0x12], &[0x55, 0x1d, 0x13], E::Extension),
        (
            &[0x55, 0x1d, 0x0e, 0x04, 0x16, 0x04, 0x14],
            &[0x55, 0x1d, 0x13, 0x04, 0x16, 0x30, 0x14],
            E::Extension,
        ),
        (&[0x55, 0x1d, 0x25], &[0x55, 0x1d, 0x0f], E::Extension),
    ];
    for (from, to, error) in table {
        let read = Certificate::from_der(&rewritten(from, to, false));
        assert_eq!(read, Err(error), "{from:02x?}");
    }
    for last in [false, true] {
        let other = rewritten(&[RSA, &[0x0b]].concat(), &[RSA, &[0x0c]].concat(), last);
        assert_eq!(Certificate::from_der(&other), Err(E::Algorithm));
    }
}

#[test]
fn a_certificate_does_not_print_whose_it_is() {
    let printed = format!("{:?}", card());
    assert!(!printed.contains("997794") && !printed.contains("123, 19"), "{printed}");
}

proptest! {
    #[test]
    fn no_octets_make_the_parser_panic(octets in proptest::collection::vec(any::<u8>(), 0..2000)) {
        let _ = Certificate::from_der(&octets);
    }

    #[test]
    fn no_mutilated_certificate_makes_the_parser_panic(
        changes in proptest::collection::vec((0..TEST_CARD.len(), any::<u8>()), 1..8),
        length in 0..=TEST_CARD.len(),
    ) {
        let mut octets = TEST_CARD.to_vec();
        for (position, octet) in changes {
            octets[position] = octet;
        }
        octets.truncate(length);
        let _ = Certificate::from_der(&octets);
        let _ = revocation::Crl::from_der(octets);
    }
}
