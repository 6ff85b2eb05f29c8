//! A check counts once, for its device, its challenge and its body.

use shikaku::check::{CHALLENGES_PATH, CHECKS_PATH, ChallengesRequest};
use shikaku::http::problem::Retry;
use shikaku::transcript::Purpose;
use shikaku_test_database::on_both_engines;
use shikaku_virtual_card::Card;
use tokio::task::JoinSet;

use crate::device::{Device, rename};
use crate::site::{INSTITUTION, Site};

on_both_engines! {
    async fn a_check_that_is_sent_again_gets_the_same_answer_and_is_audited_once(database: Database) {
        let site = Site::start(&database).await;
        let mut device = Device::registered(&site).await;
        let mut request = device.check_request(&site).await;
        let first = site.send(&request).await;
        let replayed = site.send(&request).await;
        site.wait(60);
        device.sign(&mut request, site.clock.now());
        let repeated = site.send(&request).await;
        assert_eq!((first.status, &first.body), (200, &replayed.body));
        assert_eq!((repeated.status, &repeated.body), (200, &first.body));
        assert_eq!(site.audited_checks().await, 1);
    }

    async fn of_many_copies_at_once_one_counts_and_all_get_its_answer(database: Database) {
        let site = Site::start(&database).await;
        let mut device = Device::registered(&site).await;
        let request = device.check_request(&site).await;
        let mut copies = JoinSet::new();
        for _ in 0..8 {
            let (transport, request) = (site.transport.clone(), request.clone());
            copies.spawn(async move { transport.send(&request).await.unwrap() });
        }
        let answers = copies.join_all().await;
        assert!(answers.iter().all(|answer| answer.status == 200 && answer.body == answers[0].body));
        assert_eq!((site.audited_checks().await, site.count("outcomes").await), (1, 1));
    }

    async fn of_many_operations_on_one_challenge_one_counts(database: Database) {
        let site = Site::start(&database).await;
        let mut device = Device::registered(&site).await;
        let check = device.next_check(&site).await;
        let mut rivals = JoinSet::new();
        for _ in 0..6 {
            let (transport, request) = (site.transport.clone(), device.request(&site, CHECKS_PATH, &check));
            rivals.spawn(async move { transport.send(&request).await.unwrap().status });
        }
        let mut statuses = rivals.join_all().await;
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409, 409, 409, 409, 409]);
        assert_eq!((site.audited_checks().await, site.count("outcomes").await), (1, 1));
    }

    async fn a_used_challenge_is_refused(database: Database) {
        let site = Site::start(&database).await;
        let mut device = Device::registered(&site).await;
        let check = device.next_check(&site).await;
        assert_eq!(site.send(&device.request(&site, CHECKS_PATH, &check)).await.status, 200);
        let again = site.send(&device.request(&site, CHECKS_PATH, &check)).await;
        assert_eq!((again.code().as_str(), again.retry()), ("challenge-used", Retry::NewChallenge));
        assert_eq!(site.audited_checks().await, 1);
    }

    async fn an_expired_challenge_is_refused(database: Database) {
        let site = Site::start(&database).await;
        let mut device = Device::registered(&site).await;
        let check = device.next_check(&site).await;
        site.wait(300);
        let late = site.send(&device.request(&site, CHECKS_PATH, &check)).await;
        assert_eq!((late.code().as_str(), late.retry()), ("challenge-expired", Retry::NewChallenge));
        assert_eq!((site.audited_checks().await, site.count("outcomes").await), (0, 0));
    }

    async fn a_challenge_counts_to_its_last_second(database: Database) {
        let site = Site::start(&database).await;
        let mut device = Device::registered(&site).await;
        let check = device.next_check(&site).await;
        site.wait(299);
        assert_eq!(site.send(&device.request(&site, CHECKS_PATH, &check)).await.status, 200);
    }

    async fn a_lost_answer_is_given_again_although_the_challenge_has_expired(database: Database) {
        let site = Site::start(&database).await;
        let mut device = Device::registered(&site).await;
        let mut request = device.check_request(&site).await;
        let lost = site.send(&request).await;
        site.wait(301);
        device.sign(&mut request, site.clock.now());
        assert_eq!(site.send(&request).await.body, lost.body);
    }

    async fn ten_minutes_after_its_challenge_an_answer_is_erased_and_only_its_digest_stays(database: Database) {
        let site = Site::start(&database).await;
        let mut device = Device::registered(&site).await;
        let mut request = device.check_request(&site).await;
        assert_eq!(site.send(&request).await.status, 200);
        site.wait(899);
        site.service().tidy().await.unwrap();
        assert_eq!(site.count("outcomes WHERE answer_sealed IS NOT NULL").await, 1);
        site.wait(1);
        site.service().tidy().await.unwrap();
        assert_eq!(site.count("outcomes WHERE answer_sealed IS NOT NULL").await, 0);
        assert_eq!(site.count("outcomes").await, 1);
        device.sign(&mut request, site.clock.now());
        assert_eq!(site.send(&request).await.code(), "challenge-expired");
        assert_eq!(site.audited_checks().await, 1);
    }

    async fn a_fifth_challenge_retires_the_oldest(database: Database) {
        let site = Site::start(&database).await;
        let mut device = Device::registered(&site).await;
        let oldest = device.next_check(&site).await;
        let kept = device.next_check(&site).await;
        site.wait(1);
        let fresh = device.fetch(&site, 3).await;
        assert_eq!(site.count("challenges WHERE state = 'open'").await, 4);
        let open = [&oldest, &kept];
        let mut codes = Vec::new();
        for check in open {
            codes.push(site.send(&device.request(&site, CHECKS_PATH, check)).await.status);
        }
        // Of the four first ones, all made in the same second, one stays open beside the three new ones.
        assert!(codes.iter().filter(|status| **status == 200).count() <= 1, "{codes:?}");
        let newest = device.tap(&mut Card::from_name("default").unwrap(), &fresh[2]);
        assert_eq!(site.send(&device.request(&site, CHECKS_PATH, &newest)).await.status, 200);
    }

    async fn another_devices_challenge_is_unknown(database: Database) {
        let site = Site::start(&database).await;
        let mut device = Device::registered(&site).await;
        let other = Device::registered(&site).await;
        let theirs = device.challenge(&site).await;
        let check = other.tap(&mut Card::from_name("default").unwrap(), &theirs);
        let refused = site.send(&other.request(&site, CHECKS_PATH, &check)).await;
        assert_eq!(refused.code(), "challenge-unknown");
        // It is still its owner's.
        let check = device.tap(&mut Card::from_name("default").unwrap(), &theirs);
        assert_eq!(site.send(&device.request(&site, CHECKS_PATH, &check)).await.status, 200);
    }

    async fn a_check_of_another_institutions_device_is_worth_nothing(database: Database) {
        let site = Site::start(&database).await;
        let mut device = Device::registered(&site).await;
        let other = Device::registered_with(&site, INSTITUTION).await;
        let stolen = device.next_check(&site).await;
        let refused = site.send(&other.request(&site, CHECKS_PATH, &stolen)).await;
        assert_eq!(refused.code(), "challenge-unknown");
        assert_eq!(site.audited_checks().await, 0);
    }

    async fn a_card_signature_for_another_device_does_not_fit(database: Database) {
        let site = Site::start(&database).await;
        let mut device = Device::registered(&site).await;
        let other = Device::registered(&site).await;
        let challenge = device.challenge(&site).await;
        // The transcript names the other device's key, the challenge and the request are this one's.
        let check = other.tap(&mut Card::from_name("default").unwrap(), &challenge);
        let refused = site.send(&device.request(&site, CHECKS_PATH, &check)).await;
        assert_eq!(refused.code(), "card-signature-wrong");
    }

    async fn the_name_of_an_operation_serves_one_body_and_one_path(database: Database) {
        let site = Site::start(&database).await;
        let mut device = Device::registered(&site).await;
        let request = device.check_request(&site).await;
        assert_eq!(site.send(&request).await.status, 200);
        let mut other_body = device.check_request(&site).await;
        rename(&device, &site, &mut other_body, &request);
        assert_eq!(site.send(&other_body).await.code(), "idempotency-conflict");
        let mut other_path = device.request(&site, CHALLENGES_PATH, &ChallengesRequest { count: 1 });
        rename(&device, &site, &mut other_path, &request);
        assert_eq!(site.send(&other_path).await.code(), "idempotency-conflict");
        assert_eq!(site.audited_checks().await, 1);
    }

    async fn a_certificate_swapped_after_the_tap_does_not_fit_and_uses_the_challenge_up(database: Database) {
        let site = Site::start(&database).await;
        let mut device = Device::registered(&site).await;
        let mut check = device.next_check(&site).await;
        check.certificate = Card::from_name("no-extended").unwrap().certificate().unwrap().to_vec();
        let mut request = device.request(&site, CHECKS_PATH, &check);
        let refused = site.send(&request).await;
        assert_eq!((refused.code().as_str(), refused.retry()), ("card-signature-wrong", Retry::No));
        device.sign(&mut request, site.clock.now());
        assert_eq!(site.send(&request).await.body, refused.body);
        assert_eq!(site.count("challenges WHERE state = 'used'").await, 1);
        assert_eq!(site.count("audit WHERE outcome = 'card-signature-wrong'").await, 1);
    }

    async fn a_signature_for_the_bench_is_refused(database: Database) {
        let site = Site::start(&database).await;
        let mut device = Device::registered(&site).await;
        let challenge = device.challenge(&site).await;
        let mut card = Card::from_name("default").unwrap();
        let signed = device.sign_on_card(&mut card, &challenge, Purpose::Bench);
        let mut check = device.tap(&mut card, &challenge);
        check.card_signature = signed.signature;
        let refused = site.send(&device.request(&site, CHECKS_PATH, &check)).await;
        assert_eq!(refused.code(), "card-signature-wrong");
    }

    async fn a_visual_check_without_evidence_is_malformed_and_uses_nothing_up(database: Database) {
        let site = Site::start(&database).await;
        let mut device = Device::registered(&site).await;
        let mut check = serde_json::to_value(device.next_check(&site).await).unwrap();
        check["mode"] = "visual".into();
        let refused = site.send(&device.request(&site, CHECKS_PATH, &check)).await;
        assert_eq!(refused.code(), "request-malformed");
        check["mode"] = "pin".into();
        assert_eq!(site.send(&device.request(&site, CHECKS_PATH, &check)).await.status, 200);
    }
}
