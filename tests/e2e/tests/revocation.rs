//! Signed CRLs of the test CA against the certificates of the virtual cards.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::time::Instant;

use shikaku::certificate::revocation::{Crl, Revocation, Unknown};
use shikaku::certificate::{Anchors, Certificate};
use shikaku::instant::UnixTime;
use shikaku_virtual_card::issue::{Authority, CrlRequest, Extra, issue_crl};

const NOW: u64 = 1_782_864_000;

fn card(name: &str) -> Certificate {
    let path = format!("{}/../data/cards/{name}/auth.der", env!("CARGO_MANIFEST_DIR"));
    Certificate::from_der(&std::fs::read(path).unwrap()).unwrap()
}

fn anchors() -> Anchors {
    let both = Anchors::production().with_test(Authority::test().unwrap().certificate()).unwrap();
    both.with_test(Authority::other().unwrap().certificate()).unwrap()
}

fn status(crl: Vec<u8>, name: &str) -> Revocation {
    Crl::from_der(crl).unwrap().status(&card(name), &anchors(), UnixTime(NOW))
}

fn of_test_ca(request: &CrlRequest) -> Revocation {
    status(Authority::test().unwrap().crl(request).unwrap(), "default")
}

#[test]
fn a_certificate_that_is_not_listed_is_good_and_one_that_is_listed_is_revoked() {
    assert_eq!(status(issue_crl(NOW, &[]).unwrap(), "default"), Revocation::Good);
    assert_eq!(
        status(issue_crl(NOW, &[]).unwrap(), "revoked"),
        Revocation::Revoked { at: UnixTime(NOW - 86_400) }
    );
}

#[test]
fn an_empty_list_speaks_too() {
    assert_eq!(of_test_ca(&CrlRequest::new(NOW, &[])), Revocation::Good);
}

#[test]
fn another_partition_says_nothing() {
    let request = CrlRequest::new(NOW, &[]);
    assert_eq!(
        of_test_ca(&request.clone().of_another_partition()),
        Revocation::Unknown(Unknown::OtherPartition)
    );
    assert_eq!(
        of_test_ca(&CrlRequest { partition: None, ..request }),
        Revocation::Unknown(Unknown::OtherPartition)
    );
}

#[test]
fn a_stale_list_and_one_from_the_future_say_nothing() {
    let request = CrlRequest::new(NOW, &[]);
    assert_eq!(of_test_ca(&request.clone().stale(NOW)), Revocation::Unknown(Unknown::Stale));
    let future = Unknown::FromTheFuture { this_update: UnixTime(NOW + 86_400) };
    assert_eq!(of_test_ca(&request.from_the_future(NOW)), Revocation::Unknown(future));
}

#[test]
fn the_span_of_a_list_is_inclusive() {
    let crl = Crl::from_der(Authority::test().unwrap().crl(&CrlRequest::new(NOW, &[])).unwrap()).unwrap();
    let at = |moment: u64| crl.status(&card("default"), &anchors(), UnixTime(moment));
    let next = crl.next_update().unwrap().0;
    assert_eq!((at(NOW), at(next)), (Revocation::Good, Revocation::Good));
    assert_eq!(at(next + 1), Revocation::Unknown(Unknown::Stale));
    assert!(matches!(at(NOW - 1), Revocation::Unknown(Unknown::FromTheFuture { .. })));
}

#[test]
fn the_other_root_of_the_same_name_says_nothing() {
    let crl = Authority::other().unwrap().crl(&CrlRequest::new(NOW, &[])).unwrap();
    assert_eq!(status(crl, "default"), Revocation::Unknown(Unknown::OtherIssuer));
}

#[test]
fn a_critical_extension_that_nobody_knows_silences_a_list_and_a_harmless_one_does_not() {
    let request = CrlRequest::new(NOW, &[]);
    let critical = of_test_ca(&request.clone().with_unknown_critical_extension());
    assert_eq!(critical, Revocation::Unknown(Unknown::CriticalExtension));
    assert_eq!(of_test_ca(&CrlRequest { extra: Extra::UnknownHarmless, ..request }), Revocation::Good);
}

#[test]
fn no_octet_of_a_list_can_be_changed_without_silencing_it() {
    let crl = issue_crl(NOW, &[]).unwrap();
    for position in 0..crl.len() {
        let mut forged = crl.clone();
        forged[position] ^= 1;
        let said = Crl::from_der(forged).map(|crl| crl.status(&card("revoked"), &anchors(), UnixTime(NOW)));
        assert!(
            !matches!(said, Ok(Revocation::Good | Revocation::Revoked { .. })),
            "octet {position}: {said:?}"
        );
    }
}

#[test]
fn what_follows_a_list_and_what_is_none_is_refused() {
    let mut crl = issue_crl(NOW, &[]).unwrap();
    crl.push(0);
    assert!(Crl::from_der(crl).is_err());
    assert!(Crl::from_der(card("default").der().to_vec()).is_err());
    assert!(Crl::from_der(Vec::new()).is_err());
}

#[test]
fn a_certificate_whose_issuer_is_not_believed_is_never_good() {
    let crl = Crl::from_der(issue_crl(NOW, &[]).unwrap()).unwrap();
    let said = crl.status(&card("default"), &Anchors::production(), UnixTime(NOW));
    assert_eq!(said, Revocation::Unknown(Unknown::Issuer));
}

#[test]
fn three_hundred_thousand_entries_are_read_and_asked_quickly() {
    let request = CrlRequest::new(NOW, &[0x22_9001]).with_many(300_000);
    let der = Authority::test().unwrap().crl(&request).unwrap();
    let begin = Instant::now();
    let crl = Crl::from_der(der).unwrap();
    let read = begin.elapsed();
    assert_eq!(crl.len(), 300_001);
    let begin = Instant::now();
    assert_eq!(crl.status(&card("default"), &anchors(), UnixTime(NOW)), Revocation::Good);
    assert!(matches!(crl.status(&card("revoked"), &anchors(), UnixTime(NOW)), Revocation::Revoked { .. }));
    let asked = begin.elapsed();
    // Generous, because this runs unoptimised and beside others; measured: tenths of a second and milliseconds.
    assert!(read.as_secs() < 20 && asked.as_secs() < 2, "read {read:?}, asked {asked:?}");
}
