//! The process dies after any statement of a check; the check is sent again, and has happened once.

use sha2::{Digest as _, Sha256};
use shikaku::check::CHECKS_PATH;
use shikaku_test_database::on_both_engines;

use crate::device::Device;
use crate::process::{Program, free_port};
use crate::site::{Folder, Site};

/// Every fail point that a check passes, in order.
const POINTS: &[&str] = &[
    "check-decided",
    "check-begun",
    "check-challenge-used",
    "check-outcome-stored",
    "audit-head-locked",
    "audit-row-written",
    "audit-head-moved",
    "check-audited",
    "check-committed",
];

on_both_engines! {
    async fn a_check_that_killed_the_service_is_answered_once(database: Database) {
        let program = Program::with_fail_points();
        let (folder, port) = (Folder::new(), free_port());
        let data = folder.0.clone();
        let mut served = program.serve(&data, database.url(), port, None);
        let site = Site::elsewhere(&database, folder, served.trust.clone()).await;
        let mut device = Device::registered(&site).await;
        for (done, point) in (0..).zip(POINTS) {
            let check = device.next_check(&site).await;
            let mut request = device.request(&site, CHECKS_PATH, &check);
            served.kill();
            served = program.serve(&data, database.url(), port, Some(point));
            assert!(site.transport.send(&request).await.is_err(), "{point}");
            served.died_at_its_point();
            let survived = site.audited_checks().await;
            assert_eq!(survived, if *point == "check-committed" { done + 1 } else { done }, "{point}");
            served = program.serve(&data, database.url(), port, None);
            device.sign(&mut request, site.clock.now());
            let first = site.send(&request).await;
            assert_eq!((first.status, first.code().as_str()), (200, "qualification-valid"), "{point}");
            assert_eq!(site.send(&request).await.body, first.body, "{point}");
            assert_eq!(site.audited_checks().await, done + 1, "{point}");
            let digest: Vec<u8> = Sha256::digest(&first.body).to_vec();
            assert_eq!(audited_answers(&site).await.last(), Some(&digest), "{point}");
        }
        served.kill();
    }
}

/// Digests of the answers to checks, in the order of the chain.
async fn audited_answers(site: &Site) -> Vec<Vec<u8>> {
    let mut reader = site.operator.store.read().await.unwrap();
    sqlx::query_scalar("SELECT answer_sha256 FROM audit WHERE mode = 'pin' ORDER BY sequence")
        .fetch_all(&mut *reader)
        .await
        .unwrap()
}

#[test]
fn a_program_as_everybody_builds_it_has_no_fail_points() {
    assert!(Program::with_fail_points().contains("SHIKAKU_FAIL_POINT"));
    let plain = Program::plain();
    assert!(!plain.contains("SHIKAKU_FAIL_POINT"));
    assert!(POINTS.iter().all(|point| !plain.contains(point)));
}
