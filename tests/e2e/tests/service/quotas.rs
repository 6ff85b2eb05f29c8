//! How much a device may ask; and that what was turned away has left nothing behind.

use shikaku::check::{CHECKS_PATH, CheckRequest};
use shikaku::http::problem::Retry;
use shikaku_test_database::on_both_engines;

use crate::device::Device;
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
