//! Cards that are refused, each for its reason; and what the registry makes of those that are not.

use shikaku::check::CHECKS_PATH;
use shikaku_test_database::on_both_engines;

use crate::device::Device;
use crate::site::{Site, import_registry, person};

/// Card, and the code with which it is refused for good.
const REFUSED: &[(&str, &str)] = &[
    ("expired", "certificate-expired"),
    ("wrong-issuer", "certificate-issuer-unknown"),
    ("revoked", "certificate-revoked"),
];

on_both_engines! {
    async fn a_card_that_is_not_to_be_believed_is_refused_for_good(database: Database) {
        let site = Site::start(&database).await;
        let mut device = Device::registered(&site).await;
        for (card, code) in REFUSED {
            // A shell would not even send these: the core refuses them at the card. So the signature is another's.
            let mut check = device.next_check(&site).await;
            check.certificate = certificate(card);
            let mut request = device.request(&site, CHECKS_PATH, &check);
            let refused = site.send(&request).await;
            assert_eq!(refused.code(), *code, "{card}");
            device.sign(&mut request, site.clock.now());
            assert_eq!(site.send(&request).await.body, refused.body, "{card}");
        }
        assert_eq!(site.audited_checks().await, i64::try_from(REFUSED.len()).unwrap());
        assert_eq!(site.count("challenges WHERE state = 'used'").await, i64::try_from(REFUSED.len()).unwrap());
    }

    async fn octets_that_are_no_certificate_are_refused_for_good(database: Database) {
        let site = Site::start(&database).await;
        let mut device = Device::registered(&site).await;
        let good = certificate("default");
        for certificate in [Vec::new(), vec![0x30, 0x80], good[..good.len() - 1].to_vec(), [&good[..], &[0]].concat()] {
            let mut check = device.next_check(&site).await;
            check.certificate = certificate;
            let refused = site.send(&device.request(&site, CHECKS_PATH, &check)).await;
            assert_eq!(refused.code(), "certificate-malformed");
        }
    }

    async fn a_certificate_that_leads_to_nobody_is_answered_so(database: Database) {
        let site = Site::start(&database).await;
        let mut device = Device::registered(&site).await;
        let check = device.check_of("no-extended", &site).await;
        let answered = site.send(&device.request(&site, CHECKS_PATH, &check)).await;
        assert_eq!((answered.status, answered.code().as_str()), (200, "certificate-unlinked"));
        assert_eq!(site.audited_checks().await, 1);
    }

    async fn an_import_counts_from_the_next_check_on_and_not_for_a_repetition(database: Database) {
        let site = Site::start(&database).await;
        let mut device = Device::registered(&site).await;
        let mut request = device.check_request(&site).await;
        let first = site.send(&request).await;
        import_registry(&site.operator, &[person("1", "default", "資格 花子")]).await;
        device.sign(&mut request, site.clock.now());
        assert_eq!(site.send(&request).await.body, first.body);
        let next = site.send(&device.check_request(&site).await).await;
        assert!(next.text().contains("資格 花子") && !next.text().contains("資格 太郎"));
    }
}

fn certificate(card: &str) -> Vec<u8> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../data/cards");
    std::fs::read(format!("{folder}/{card}/auth.der")).unwrap()
}
