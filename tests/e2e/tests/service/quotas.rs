//! How much a device may ask; and that what was turned away has left nothing behind.

use shikaku::check::{CHECKS_PATH, CheckRequest};
use shikaku::http::Request;
use shikaku::http::problem::Retry;
use shikaku::registration::TERMS_PATH;
use shikaku_test_database::on_both_engines;

use crate::device::{Device, new_operation};
use crate::site::Site;

on_both_engines! {
    async fn after_a_burst_of_ten_checks_one_every_two_seconds(database: Database) {
        let site = Site::start(&database).await;
        let mut device = Device::registered(&site).await;
        assert_eq!((device.settings.limits.checks_per_minute, device.settings.limits.burst), (30, 10));
        for _ in 0..10 {
            let check = device.next_check(&site).await;
            assert_eq!(site.send(&device.request(&site, CHECKS_PATH, &check)).await.status, 200);
        }
        let check = device.next_check(&site).await;
        let mut request = device.request(&site, CHECKS_PATH, &check);
        let slowed = site.send(&request).await;
        assert_eq!((slowed.status, slowed.retry(), slowed.headers.only("retry-after")), (429, Retry::Same, Ok("2")));
        assert_eq!((site.audited_checks().await, site.count("outcomes").await), (10, 10));
        site.wait(2);
        device.sign(&mut request, site.clock.now());
        assert_eq!(site.send(&request).await.status, 200);
        // What is answered already costs nothing.
        assert_eq!(site.send(&request).await.status, 200);
    }

    async fn the_terms_have_a_quota_of_their_address_and_say_so_signed(database: Database) {
        let site = Site::start(&database).await;
        let get = |path| Request::get(&site.trust().origin, path, &new_operation());
        for _ in 0..60 {
            assert_eq!(site.send(&get("/v1/nowhere")).await.status, 404);
        }
        for _ in 0..60 {
            assert_eq!(site.send(&get(TERMS_PATH)).await.status, 200, "what is not there has a quota of its own");
        }
        let slowed = site.send(&get(TERMS_PATH)).await;
        assert_eq!((slowed.status, slowed.code().as_str()), (429, "too-many-requests"));
        site.wait(1);
        assert_eq!(site.send(&get(TERMS_PATH)).await.status, 200);
    }

    async fn what_is_not_there_has_a_quota_of_its_address_and_costs_no_signature_beyond_it(database: Database) {
        let site = Site::start(&database).await;
        let mut device = Device::registered(&site).await;
        let get = |path| Request::get(&site.trust().origin, path, &new_operation());
        let other_method = |path| Request { method: "PUT".to_owned(), ..get(path) };
        let asked = [get("/v1/nowhere"), other_method(CHECKS_PATH)];
        for (request, status) in asked.iter().zip([404, 405]).cycle().take(60) {
            assert_eq!(site.send(request).await.status, status);
        }
        for request in &asked {
            let slowed = site.send_anyhow(request).await;
            assert_eq!((slowed.status, slowed.headers.only("retry-after")), (429, Ok("1")));
            assert!(slowed.signature.is_none() && slowed.headers.only("signature").is_err());
        }
        assert_eq!(site.send(&device.check_request(&site).await).await.status, 200, "devices have their own");
        site.wait(1);
        assert_eq!(site.send(&asked[0]).await.status, 404);
    }

    async fn one_device_does_not_slow_another_down(database: Database) {
        let site = Site::start(&database).await;
        let (mut device, mut other) = (Device::registered(&site).await, Device::registered(&site).await);
        let check = device.next_check(&site).await;
        let nonsense = CheckRequest { challenge_id: [0; 16], ..check };
        for _ in 0..10 {
            assert_eq!(site.send(&device.request(&site, CHECKS_PATH, &nonsense)).await.code(), "challenge-unknown");
        }
        assert_eq!(site.send(&device.request(&site, CHECKS_PATH, &nonsense)).await.code(), "too-many-requests");
        assert_eq!(site.send(&other.check_request(&site).await).await.status, 200);
    }
}
