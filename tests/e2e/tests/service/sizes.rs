//! Too much, too long, too deep: refused before anything is done with it.

use shikaku::check::{CHALLENGES_PATH, CHECKS_PATH};
use shikaku::http::{REQUEST_BODY_LIMIT, Request, content_digest};
use shikaku_test_database::on_both_engines;

use crate::device::{Device, post};
use crate::site::Site;

on_both_engines! {
    async fn an_oversize_body_is_refused_and_the_refusal_is_signed(database: Database) {
        let site = Site::start(&database).await;
        let device = Device::registered(&site).await;
        let mut request = post(&site, CHALLENGES_PATH, &());
        set_body(&mut request, vec![b' '; REQUEST_BODY_LIMIT + 1]);
        device.sign(&mut request, site.clock.now());
        let refused = site.send(&request).await;
        assert_eq!((refused.status, refused.code().as_str()), (413, "request-too-large"));
        set_body(&mut request, vec![b' '; REQUEST_BODY_LIMIT]);
        device.sign(&mut request, site.clock.now());
        assert_eq!(site.send(&request).await.code(), "request-malformed");
    }

    async fn an_oversize_head_is_refused(database: Database) {
        let site = Site::start(&database).await;
        let device = Device::registered(&site).await;
        let mut request = post(&site, CHALLENGES_PATH, &());
        request.headers.set("x-long", "x".repeat(64 * 1024));
        device.sign(&mut request, site.clock.now());
        // An answer 431 or a stream that is reset, whichever comes first: neither reaches anything of ours.
        assert!(site.transport.send(&request).await.map_or(true, |answer| answer.status == 431));
        assert_eq!(device.fetch(&site, 1).await.len(), 1);
    }

    async fn an_oversize_certificate_is_refused_for_good(database: Database) {
        let site = Site::start(&database).await;
        let mut device = Device::registered(&site).await;
        let mut check = device.next_check(&site).await;
        check.certificate = vec![0x30; 20_000];
        let refused = site.send(&device.request(&site, CHECKS_PATH, &check)).await;
        assert_eq!(refused.code(), "certificate-malformed");
    }

    async fn a_body_that_is_no_message_is_refused(database: Database) {
        let site = Site::start(&database).await;
        let device = Device::registered(&site).await;
        for body in [
            String::new(),
            "null".to_owned(),
            "[]".to_owned(),
            "{\"count\":0}".to_owned(),
            "{\"count\":5}".to_owned(),
            "{\"count\":256}".to_owned(),
            "{\"count\":-1}".to_owned(),
            "{\"count\":1,\"more\":1}".to_owned(),
            "{\"count\":1,\"count\":1}".to_owned(),
            "{\"count\":1}x".to_owned(),
            "[".repeat(60_000),
        ] {
            let mut request = post(&site, CHALLENGES_PATH, &());
            set_body(&mut request, body.clone().into_bytes());
            device.sign(&mut request, site.clock.now());
            let refused = site.send(&request).await;
            assert_eq!(refused.code(), "request-malformed", "{}", body.get(..40).unwrap_or(&body));
        }
    }

    async fn a_staff_name_that_is_too_long_is_refused_and_uses_nothing_up(database: Database) {
        let site = Site::start(&database).await;
        let mut device = Device::registered(&site).await;
        let mut check = device.next_check(&site).await;
        for staff in ["あ".repeat(65), "a\nb".to_owned(), "a\u{202e}b".to_owned(), "a\u{61c}b".to_owned()] {
            check.staff = Some(staff);
            let refused = site.send(&device.request(&site, CHECKS_PATH, &check)).await;
            assert_eq!(refused.code(), "request-malformed");
        }
        check.staff = Some("あ".repeat(64));
        assert_eq!(site.send(&device.request(&site, CHECKS_PATH, &check)).await.status, 200);
    }
}

fn set_body(request: &mut Request, body: Vec<u8>) {
    request.headers.set("content-digest", content_digest(&body));
    request.body = body;
}
