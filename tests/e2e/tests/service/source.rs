//! Checks that a remote source answers: claimed, asked under one name, answered once, whatever happens in between.

use std::time::Duration;

use shikaku::certificate::Certificate;
use shikaku::check::CHECKS_PATH;
use shikaku::http::problem::Retry;
use shikaku::qualification::Answer;
use shikaku_portal::audit;
use shikaku_portal::source::Source;
use shikaku_test_database::{Database, on_both_engines};
use shikaku_tests::gateway::{Gateway, GatewaySource, Manner, hex};
use shikaku_virtual_card::Card;
use shikaku_virtual_card::issue::issue_crl;
use tokio::task::JoinSet;

use crate::device::{Device, rename};
use crate::site::{NOW, Site, TEST_INSTITUTION};

/// A gateway, a service that asks it, and a device.
async fn behind_a_gateway(database: &Database, patience: Duration) -> (Gateway, Site, Device) {
    let gateway = Gateway::start().await.unwrap();
    let source = GatewaySource::new(gateway.address(), patience);
    let site =
        Site::start_with(database, |options| options.source = Some(Source::Remote(Box::new(source)))).await;
    let device = Device::registered(&site).await;
    (gateway, site, device)
}

/// What the audit says of checks, in the order of the chain.
async fn audited(site: &Site) -> Vec<String> {
    let mut reader = site.operator.store.read().await.unwrap();
    let statement = "SELECT outcome FROM audit WHERE mode = 'pin' ORDER BY sequence";
    sqlx::query_scalar(statement).fetch_all(&mut *reader).await.unwrap()
}

/// Names of the claims under which the gateway was asked, each once, in order.
fn claims(gateway: &Gateway) -> Vec<String> {
    let mut claims: Vec<_> = gateway.asked().into_iter().map(|question| question.claim).collect();
    claims.dedup();
    claims
}

const PATIENT: Duration = Duration::from_secs(20);

on_both_engines! {
    async fn a_remote_source_is_asked_once_under_a_claim_that_the_audit_knows(database: Database) {
        let (gateway, site, mut device) = behind_a_gateway(&database, PATIENT).await;
        let request = device.check_request(&site).await;
        let answered = site.send(&request).await;
        let answer = Answer::from_json(&answered.body).unwrap();
        assert_eq!(answer.usable(None).unwrap().name.to_string(), "関門 花子");
        assert_eq!(audited(&site).await, ["asked", "qualification-valid"]);
        assert_eq!(site.count("claims WHERE answered_at IS NOT NULL AND mode = 'pin'").await, 1);
        assert_eq!(site.count("challenges WHERE state = 'used'").await, 1);
        // Again: the stored answer, and nobody is asked.
        assert_eq!(site.send(&request).await.body, answered.body);
        let card = Card::from_name("default").unwrap();
        let certificate = Certificate::from_der(card.certificate().unwrap()).unwrap();
        let asked = gateway.asked();
        assert_eq!(asked.len(), 1);
        assert_eq!(asked[0].serial, hex(certificate.serial()));
        assert_eq!(asked[0].issuer_key_id, hex(certificate.issuer_key_id()));
        assert!(audit::verify(&site.operator.store, &[]).await.unwrap().is_whole());
    }

    async fn a_claim_is_resumed_after_the_challenges_end_and_asks_about_its_own_day(database: Database) {
        let (mut gateway, site, mut device) = behind_a_gateway(&database, PATIENT).await;
        let mut request = device.check_request(&site).await;
        gateway.go_down().await;
        let told = site.send(&request).await;
        assert_eq!((told.status, told.code().as_str(), told.retry()), (503, "source-down", Retry::Same));
        assert_eq!((site.count("outcomes").await, site.count("challenges WHERE state = 'claimed'").await), (0, 1));
        // Two hours later it is the next day in Tokyo.
        site.wait(7200);
        site.service().tidy().await.unwrap();
        gateway.come_up().await.unwrap();
        device.sign(&mut request, site.clock.now());
        let answered = site.send(&request).await;
        assert_eq!(answered.code(), "qualification-valid");
        assert_eq!(Answer::from_json(&answered.body).unwrap().executed_at(), NOW);
        assert_eq!(gateway.asked()[0].day.to_string(), "2026-09-21");
        assert_eq!(audited(&site).await, ["asked", "qualification-valid"]);
        // A lost answer is given again for as long as that of any check.
        site.wait(599);
        site.service().tidy().await.unwrap();
        device.sign(&mut request, site.clock.now());
        assert_eq!(site.send(&request).await.body, answered.body);
    }

    async fn whatever_a_source_does_but_answer_leaves_the_claim_open(database: Database) {
        let (gateway, site, mut device) = behind_a_gateway(&database, Duration::from_millis(300)).await;
        let mut request = device.check_request(&site).await;
        let faults =
            [Manner::HangsUp, Manner::BreaksOff, Manner::Babbles, Manner::Confuses, Manner::IsSilent];
        for (done, manner) in (1..).zip(faults) {
            gateway.set(manner);
            assert_eq!(site.send(&request).await.code(), "source-down", "{manner:?}");
            assert_eq!((gateway.asked().len(), site.count("outcomes").await), (done, 0), "{manner:?}");
        }
        gateway.set(Manner::Answers);
        device.sign(&mut request, site.clock.now());
        assert_eq!(site.send(&request).await.code(), "qualification-valid");
        assert_eq!((claims(&gateway).len(), gateway.asked().len()), (1, faults.len() + 1));
        assert_eq!(audited(&site).await, ["asked", "qualification-valid"]);
    }

    async fn duplicates_ask_under_one_name_and_one_answer_counts(database: Database) {
        let (gateway, site, mut device) = behind_a_gateway(&database, PATIENT).await;
        gateway.set(Manner::Forgets);
        let request = device.check_request(&site).await;
        let mut copies = JoinSet::new();
        for _ in 0..4 {
            let (transport, request) = (site.transport.clone(), request.clone());
            copies.spawn(async move { transport.send(&request).await.unwrap() });
        }
        // All of them have asked, under the first one's claim, before any is answered; each gets another answer.
        gateway.until_asked(4).await;
        gateway.allow(4);
        let answers = copies.join_all().await;
        assert!(answers.iter().all(|answer| answer.status == 200 && answer.body == answers[0].body));
        assert_eq!((claims(&gateway).len(), gateway.asked().len()), (1, 4));
        assert_eq!(site.count("outcomes").await, 1);
        assert_eq!(audited(&site).await, ["asked", "qualification-valid"]);
    }

    async fn a_claimed_challenge_serves_its_own_operation_and_body_alone(database: Database) {
        let (mut gateway, site, mut device) = behind_a_gateway(&database, PATIENT).await;
        gateway.go_down().await;
        let check = device.next_check(&site).await;
        let mut claimed = device.request(&site, CHECKS_PATH, &check);
        assert_eq!(site.send(&claimed).await.code(), "source-down");
        let rival = site.send(&device.request(&site, CHECKS_PATH, &check)).await;
        assert_eq!((rival.code().as_str(), rival.retry()), ("challenge-used", Retry::NewChallenge));
        // Another body under the same name: on the same challenge, and on one that is open.
        let mut same_challenge = check.clone();
        same_challenge.staff = None;
        let mut other_body = device.request(&site, CHECKS_PATH, &same_challenge);
        rename(&device, &site, &mut other_body, &claimed);
        assert_eq!(site.send(&other_body).await.code(), "idempotency-conflict");
        let mut other_challenge = device.check_request(&site).await;
        rename(&device, &site, &mut other_challenge, &claimed);
        assert_eq!(site.send(&other_challenge).await.code(), "idempotency-conflict");
        assert_eq!((gateway.asked().len(), site.count("claims").await), (0, 1));
        gateway.come_up().await.unwrap();
        device.sign(&mut claimed, site.clock.now());
        assert_eq!(site.send(&claimed).await.code(), "qualification-valid");
    }

    async fn a_card_that_is_refused_asks_nobody(database: Database) {
        let (gateway, site, mut device) = behind_a_gateway(&database, PATIENT).await;
        let mut check = device.next_check(&site).await;
        check.card_signature[0] ^= 1;
        let refused = site.send(&device.request(&site, CHECKS_PATH, &check)).await;
        assert_eq!(refused.code(), "card-signature-wrong");
        assert_eq!((gateway.asked().len(), site.count("claims").await), (0, 0));
        assert_eq!(audited(&site).await, ["card-signature-wrong"]);
    }

    async fn a_certificate_revoked_before_the_claim_is_resumed_is_refused(database: Database) {
        let (gateway, site, mut device) = behind_a_gateway(&database, PATIENT).await;
        gateway.set(Manner::HangsUp);
        let mut request = device.check_request(&site).await;
        assert_eq!(site.send(&request).await.code(), "source-down");
        let card = Card::from_name("default").unwrap();
        let certificate = Certificate::from_der(card.certificate().unwrap()).unwrap();
        let serial = certificate.serial().iter().fold(0, |serial, octet| serial << 8 | u32::from(*octet));
        site.wait(60);
        site.operator.load_crl(issue_crl(site.clock.now().0, &[serial]).unwrap()).await.unwrap();
        gateway.set(Manner::Answers);
        device.sign(&mut request, site.clock.now());
        let refused = site.send(&request).await;
        assert_eq!(refused.code(), "certificate-revoked");
        assert_eq!(site.send(&request).await.body, refused.body);
        assert_eq!(audited(&site).await, ["asked", "certificate-revoked"]);
        assert_eq!((gateway.asked().len(), site.count("claims WHERE answered_at IS NOT NULL").await), (1, 1));
    }

    async fn the_claim_of_a_device_that_is_stopped_dies_with_its_challenges(database: Database) {
        let (gateway, site, mut device) = behind_a_gateway(&database, PATIENT).await;
        let account = "W0000001".parse().unwrap();
        gateway.set(Manner::HangsUp);
        let mut request = device.check_request(&site).await;
        assert_eq!(site.send(&request).await.code(), "source-down");
        gateway.set(Manner::Answers);
        site.operator.suspend_account(&account).await.unwrap();
        assert_eq!(site.send(&request).await.code(), "device-suspended");
        site.operator.resume_account(&account).await.unwrap();
        assert_eq!(site.send(&request).await.code(), "challenge-expired");
        assert_eq!(gateway.asked().len(), 1);
        site.service().tidy().await.unwrap();
        assert_eq!(audited(&site).await, ["asked", "abandoned"]);
        assert_eq!(site.count("claims").await, 0);
        device.sign(&mut request, site.clock.now());
        assert_eq!(site.send(&request).await.code(), "challenge-expired");
        // The device itself goes on.
        device.challenges.clear();
        assert_eq!(site.send(&device.check_request(&site).await).await.code(), "qualification-valid");
    }

    async fn a_device_stopped_while_the_source_is_asked_is_told_so_and_nothing_else(database: Database) {
        let (gateway, site, mut device) = behind_a_gateway(&database, PATIENT).await;
        let account = "W0000001".parse().unwrap();
        gateway.set(Manner::Forgets);
        for (done, revoke) in (1..).zip([false, true]) {
            device.challenges.clear();
            let request = device.check_request(&site).await;
            let transport = site.transport.clone();
            let waiting = tokio::spawn(async move { transport.send(&request).await.unwrap() });
            gateway.until_asked(done).await;
            if revoke {
                site.operator.revoke_account(&account).await.unwrap();
            } else {
                site.operator.suspend_account(&account).await.unwrap();
            }
            gateway.allow(1);
            let told = waiting.await.unwrap();
            let code = if revoke { "device-revoked" } else { "device-suspended" };
            assert!(String::from_utf8_lossy(&told.body).contains(code), "{}", told.status);
            assert_eq!((site.count("outcomes").await, site.count("challenges WHERE state = 'used'").await), (0, 0));
            if !revoke {
                site.operator.resume_account(&account).await.unwrap();
            }
        }
        site.service().tidy().await.unwrap();
        assert_eq!(audited(&site).await, ["asked", "asked", "abandoned", "abandoned"]);
    }

    async fn a_claim_that_nobody_resumes_is_given_up_after_a_day_and_the_audit_says_so(database: Database) {
        let (mut gateway, site, mut device) = behind_a_gateway(&database, PATIENT).await;
        gateway.go_down().await;
        let mut request = device.check_request(&site).await;
        assert_eq!(site.send(&request).await.code(), "source-down");
        site.wait(86_400);
        site.service().tidy().await.unwrap();
        assert_eq!((site.count("claims").await, site.count("challenges WHERE state = 'claimed'").await), (1, 1));
        site.wait(1);
        site.service().tidy().await.unwrap();
        assert_eq!((site.count("claims").await, site.count("challenges WHERE state = 'claimed'").await), (0, 0));
        assert_eq!(audited(&site).await, ["asked", "abandoned"]);
        gateway.come_up().await.unwrap();
        device.sign(&mut request, site.clock.now());
        assert_eq!(site.send(&request).await.code(), "challenge-expired");
        assert_eq!(gateway.asked().len(), 0);
        assert!(audit::verify(&site.operator.store, &[]).await.unwrap().is_whole());
    }

    async fn a_claim_that_cannot_be_read_keeps_nothing_else_from_being_erased(database: Database) {
        let (mut gateway, site, mut device) = behind_a_gateway(&database, PATIENT).await;
        gateway.go_down().await;
        assert_eq!(site.send(&device.check_request(&site).await).await.code(), "source-down");
        site.account_of(TEST_INSTITUTION).await;
        let mut transaction = site.operator.store.begin().await.unwrap();
        sqlx::query("UPDATE claims SET id = $1").bind([0_u8].as_slice()).execute(&mut *transaction).await.unwrap();
        transaction.commit().await.unwrap();
        device.challenges.clear();
        assert_eq!(site.send(&device.check_request(&site).await).await.code(), "source-down");
        assert_eq!(site.count("claims").await, 2);
        site.wait(400 * 86_400);
        assert_eq!(site.count("registration_codes").await, 1);
        site.service().tidy().await.unwrap_err();
        assert_eq!(site.count("registration_codes").await, 0);
        assert_eq!(site.count("claims").await, 1, "the damaged one, and not the one that is younger");
        assert_eq!(audited(&site).await, ["asked", "asked", "abandoned"]);
    }

    async fn an_answered_claim_is_forgotten_with_its_outcome(database: Database) {
        let (_gateway, site, mut device) = behind_a_gateway(&database, PATIENT).await;
        assert_eq!(site.send(&device.check_request(&site).await).await.status, 200);
        site.wait(2 * 86_400 + 1);
        site.service().tidy().await.unwrap();
        assert_eq!((site.count("claims").await, site.count("outcomes").await), (0, 0));
        assert_eq!(audited(&site).await, ["asked", "qualification-valid"]);
    }
}
