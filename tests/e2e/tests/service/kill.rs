//! The process dies after any statement of a check; the check is sent again, and has happened once.

use sha2::{Digest as _, Sha256};
use shikaku::check::CHECKS_PATH;
use shikaku_test_database::{Database, on_both_engines};
use shikaku_tests::gateway::Gateway;

use crate::device::Device;
use crate::face::confirmed;
use crate::process::{Program, free_port};
use crate::site::{Folder, Site, TEST_INSTITUTION};

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

/// Every fail point that a check behind a gateway passes, in order. Those inside the audit's own statements are passed
/// twice; the process dies in the first of both transactions.
const POINTS_OF_A_CLAIM: &[&str] = &[
    "claim-begun",
    "claim-challenge-claimed",
    "claim-written",
    "audit-head-locked",
    "audit-row-written",
    "audit-head-moved",
    "claim-audited",
    "claim-committed",
    "source-answered",
    "check-decided",
    "check-begun",
    "check-challenge-used",
    "check-claim-closed",
    "check-outcome-stored",
    "check-audited",
    "check-committed",
];

on_both_engines! {
    async fn a_check_behind_a_gateway_that_killed_the_service_is_asked_under_one_claim_and_answered_once(database: Database) {
        let program = Program::behind_a_gateway();
        let gateway = Gateway::start().await.unwrap();
        let address = gateway.address().to_string();
        let more = ["--gateway", address.as_str()];
        let (folder, port) = (Folder::new(), free_port());
        let data = folder.0.clone();
        let mut served = program.serve_with(&data, database.url(), port, None, &more);
        let site = Site::elsewhere(&database, folder, served.trust.clone()).await;
        let mut device = Device::registered(&site).await;
        for (done, point) in (0..).zip(POINTS_OF_A_CLAIM) {
            let check = device.next_check(&site).await;
            let mut request = device.request(&site, CHECKS_PATH, &check);
            let asked_before = gateway.asked().len();
            served.kill();
            served = program.serve_with(&data, database.url(), port, Some(point), &more);
            assert!(site.transport.send(&request).await.is_err(), "{point}");
            served.died_at_its_point();
            let has_claim = site.count("claims WHERE answered_at IS NULL").await == 1;
            served = program.serve_with(&data, database.url(), port, None, &more);
            device.sign(&mut request, site.clock.now());
            let first = site.send(&request).await;
            assert_eq!((first.status, first.code().as_str()), (200, "qualification-valid"), "{point}");
            assert_eq!(site.send(&request).await.body, first.body, "{point}");
            let outcomes = ["asked", "qualification-valid"];
            assert_eq!(audited_of(&site, &check.challenge_id).await, outcomes, "{point}");
            // However often the gateway was asked, it was under one claim.
            let asked = &gateway.asked()[asked_before..];
            let resumed = matches!(*point, "claim-committed" | "check-committed");
            let at_gateway = POINTS_OF_A_CLAIM.iter().position(|other| other == point).unwrap() >= 8 && !resumed;
            assert_eq!(asked.len(), if at_gateway { 2 } else { 1 }, "{point}");
            assert!(asked.iter().all(|question| question.claim == asked[0].claim), "{point}");
            assert_eq!(has_claim, at_gateway || *point == "claim-committed", "{point}");
            assert_eq!(site.count("claims WHERE answered_at IS NOT NULL").await, done + 1, "{point}");
        }
        served.kill();
    }
}

/// Fail points that both steps of a visual check pass; those inside the audit's own statements are tried above.
const POINTS_OF_A_STEP: &[&str] = &[
    "check-decided",
    "check-begun",
    "check-challenge-used",
    "check-outcome-stored",
    "check-audited",
    "check-committed",
];

on_both_engines! {
    async fn a_visual_check_that_killed_the_service_in_either_step_is_named_once_and_answered_once(database: Database) {
        dies_in_both_steps(&database, Program::with_fail_points(), None, POINTS_OF_A_STEP).await;
    }

    async fn a_visual_check_behind_a_gateway_that_killed_the_service_in_either_step_has_one_claim(database: Database) {
        let gateway = Gateway::start().await.unwrap();
        let points = ["source-answered", "check-challenge-used", "check-audited"];
        dies_in_both_steps(&database, Program::behind_a_gateway(), Some(&gateway), &points).await;
    }
}

/// Kills the service at each point, first in the first step, then in the second; each is sent again and has happened once.
async fn dies_in_both_steps(
    database: &Database,
    program: &Program,
    gateway: Option<&Gateway>,
    points: &[&str],
) {
    let address = gateway.map(|gateway| gateway.address().to_string());
    let more: Vec<_> = address.iter().flat_map(|address| ["--gateway", address.as_str()]).collect();
    let (folder, port) = (Folder::new(), free_port());
    let data = folder.0.clone();
    let mut served = program.serve_with(&data, database.url(), port, None, &more);
    let site = Site::elsewhere(database, folder, served.trust.clone()).await;
    site.switch_visual(TEST_INSTITUTION, true).await;
    let mut device = Device::registered(&site).await;
    for point in points {
        let mut step = device.look(&site).await;
        let asked_before = gateway.map_or(0, |gateway| gateway.asked().len());
        let mut outcomes = Vec::new();
        for says in ["name-shown", "qualification-valid"] {
            let mut request = device.request(&site, CHECKS_PATH, &step);
            served.kill();
            served = program.serve_with(&data, database.url(), port, Some(point), &more);
            assert!(site.transport.send(&request).await.is_err(), "{point} {says}");
            served.died_at_its_point();
            served = program.serve_with(&data, database.url(), port, None, &more);
            device.sign(&mut request, site.clock.now());
            let answered = site.send(&request).await;
            assert_eq!(answered.status, 200, "{point} {says}: {}", answered.text());
            assert_eq!(site.send(&request).await.body, answered.body, "{point} {says}");
            outcomes.push(says);
            let known = audited_of(&site, &step.challenge_id).await;
            assert_eq!(known.iter().filter(|row| *row != "asked").collect::<Vec<_>>(), outcomes, "{point}");
            assert_eq!(
                known.iter().filter(|row| *row == "asked").count(),
                usize::from(gateway.is_some()),
                "{point}"
            );
            if says == "name-shown" {
                step = confirmed(&step, &answered);
            }
        }
        if let Some(gateway) = gateway {
            let asked = &gateway.asked()[asked_before..];
            assert_eq!(asked.len(), 4, "{point}");
            assert!(asked.iter().all(|question| question == &asked[0]), "{point}");
        }
    }
    assert_eq!(site.count("challenges WHERE state = 'named'").await, 0);
    assert_eq!(site.count("claims WHERE answered_at IS NULL").await, 0);
    served.kill();
}

/// What the audit says of a challenge, in the order of the chain.
async fn audited_of(site: &Site, challenge: &[u8; 16]) -> Vec<String> {
    let mut reader = site.operator.store.read().await.unwrap();
    sqlx::query_scalar("SELECT outcome FROM audit WHERE challenge = $1 ORDER BY sequence")
        .bind(challenge.as_slice())
        .fetch_all(&mut *reader)
        .await
        .unwrap()
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
    assert!(POINTS.iter().chain(POINTS_OF_A_CLAIM).all(|point| !plain.contains(point)));
}
