//! CRLs that must not be believed: nothing is answered, nothing is used up, and a good one sets it right.

use shikaku::certificate::revocation::Crl;
use shikaku::check::CHECKS_PATH;
use shikaku::http::problem::Retry;
use shikaku::instant::UnixTime;
use shikaku_portal::store::crls::{self, CrlKey, StoredCrl};
use shikaku_test_database::on_both_engines;
use shikaku_virtual_card::issue::{Authority, CrlRequest, issue_crl};

use crate::device::Device;
use crate::site::{NOW, Site};

on_both_engines! {
    async fn without_a_crl_nobody_is_good(database: Database) {
        let site = Site::start(&database).await;
        clear(&site).await;
        is_unknown(&site).await;
    }

    async fn a_crl_of_another_partition_does_not_speak(database: Database) {
        let site = Site::start(&database).await;
        let request = CrlRequest::new(NOW.0, &[]).of_another_partition();
        put(&site, &Authority::test().unwrap().crl(&request).unwrap()).await;
        is_unknown(&site).await;
    }

    async fn a_stale_crl_does_not_speak(database: Database) {
        let site = Site::start(&database).await;
        let request = CrlRequest::new(NOW.0, &[]).stale(NOW.0);
        put(&site, &Authority::test().unwrap().crl(&request).unwrap()).await;
        is_unknown(&site).await;
    }

    async fn a_crl_goes_stale_while_the_service_runs(database: Database) {
        let site = Site::start(&database).await;
        site.clock.set(NOW.plus(8 * 86_400));
        is_unknown(&site).await;
    }

    async fn a_crl_from_the_future_does_not_speak(database: Database) {
        let site = Site::start(&database).await;
        let request = CrlRequest::new(NOW.0, &[]).from_the_future(NOW.0);
        put(&site, &Authority::test().unwrap().crl(&request).unwrap()).await;
        is_unknown(&site).await;
    }

    async fn a_crl_by_the_other_root_of_the_same_name_does_not_speak(database: Database) {
        let site = Site::start(&database).await;
        put(&site, &Authority::other().unwrap().crl(&CrlRequest::new(NOW.0, &[])).unwrap()).await;
        is_unknown(&site).await;
    }

    async fn a_crl_with_a_critical_extension_that_nobody_knows_does_not_speak(database: Database) {
        let site = Site::start(&database).await;
        let request = CrlRequest::new(NOW.0, &[]).with_unknown_critical_extension();
        put(&site, &Authority::test().unwrap().crl(&request).unwrap()).await;
        is_unknown(&site).await;
    }

    async fn a_crl_with_300_000_entries_tells_the_good_from_the_revoked(database: Database) {
        let site = Site::start(&database).await;
        let request = CrlRequest::new(NOW.0 + 60, &[0x22_9001]).with_many(300_000);
        site.wait(60);
        site.operator.load_crl(Authority::test().unwrap().crl(&request).unwrap()).await.unwrap();
        let mut device = Device::registered(&site).await;
        assert_eq!(site.send(&device.check_request(&site).await).await.status, 200);
        let mut check = device.next_check(&site).await;
        check.certificate = include_bytes!("../../../data/cards/revoked/auth.der").to_vec();
        let refused = site.send(&device.request(&site, CHECKS_PATH, &check)).await;
        assert_eq!(refused.code(), "certificate-revoked");
    }

    async fn a_card_is_refused_from_the_moment_a_crl_lists_it(database: Database) {
        let site = Site::start(&database).await;
        let mut device = Device::registered(&site).await;
        let check = device.next_check(&site).await;
        site.wait(60);
        site.operator.load_crl(issue_crl(NOW.0 + 60, &[0x22_9000]).unwrap()).await.unwrap();
        let refused = site.send(&device.request(&site, CHECKS_PATH, &check)).await;
        assert_eq!(refused.code(), "certificate-revoked");
    }
}

/// A check now is told to come back and leaves nothing behind; with a good CRL the same check is answered.
async fn is_unknown(site: &Site) {
    let mut device = Device::registered(site).await;
    let mut request = device.check_request(site).await;
    let told = site.send(&request).await;
    assert_eq!((told.status, told.code().as_str(), told.retry()), (503, "revocation-unknown", Retry::Same));
    assert!(told.headers.only("retry-after").is_ok());
    assert_eq!((site.audited_checks().await, site.count("outcomes").await), (0, 0));
    assert_eq!(site.count("challenges WHERE state = 'used'").await, 0);
    clear(site).await;
    site.operator.load_crl(issue_crl(site.clock.now().0, &[]).unwrap()).await.unwrap();
    device.sign(&mut request, site.clock.now());
    assert_eq!(site.send(&request).await.status, 200);
}

/// No CRL is there any more.
pub(crate) async fn clear(site: &Site) {
    let mut transaction = site.operator.store.begin().await.unwrap();
    sqlx::query("DELETE FROM crls").execute(&mut *transaction).await.unwrap();
    transaction.commit().await.unwrap();
}

/// Puts a CRL where the usual card's is looked for, past every check of an operator's command.
async fn put(site: &Site, der: &[u8]) {
    clear(site).await;
    let crl = Crl::from_der(der.to_vec()).unwrap();
    let usual = Crl::from_der(issue_crl(NOW.0, &[]).unwrap()).unwrap();
    let stored = StoredCrl {
        key: CrlKey {
            issuer_key_id: Authority::test().unwrap().key_id(),
            partition: usual.partition().unwrap().to_vec(),
        },
        sha256: digest(der),
        this_update: crl.this_update(),
        next_update: crl.next_update().unwrap_or(UnixTime(0)),
        loaded_at: NOW,
    };
    let mut transaction = site.operator.store.begin().await.unwrap();
    assert!(crls::put(&mut transaction, &stored, der).await.unwrap());
    transaction.commit().await.unwrap();
}

fn digest(octets: &[u8]) -> [u8; 32] {
    use sha2::Digest as _;
    sha2::Sha256::digest(octets).into()
}
