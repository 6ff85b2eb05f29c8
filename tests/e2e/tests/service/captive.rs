//! Whatever else answers than the service: nothing of it is believed, nothing changes, and later all is well.

use axum::body::Body;
use axum::response::Response as HttpResponse;
use shikaku::check::{CHALLENGES_PATH, ChallengesRequest};
use shikaku::client::{Client, NoRandomness, World};
use shikaku::guide::Code;
use shikaku::http::problem::Retry;
use shikaku::instant::UnixTime;
use shikaku_test_database::{Database, on_both_engines};

use crate::device::{Device, new_operation};
use crate::hostile::{Certified, InTheWay};
use crate::site::Site;

on_both_engines! {
    async fn a_captive_portals_page_is_no_answer(database: Database) {
        met(&database, || page(200, "text/html", "<html>Wi-Fi にログイン</html>")).await;
    }

    async fn a_captive_portals_redirect_is_not_followed(database: Database) {
        met(&database, || {
            let mut answer = page(302, "text/html", "");
            answer.headers_mut().insert("location", "https://localhost:1/login".parse().unwrap());
            answer
        }).await;
    }

    async fn a_captive_portals_403_is_no_refusal(database: Database) {
        met(&database, || page(403, "text/html", "Forbidden")).await;
    }

    async fn a_proxys_502_is_no_fault_of_the_service(database: Database) {
        met(&database, || page(502, "text/html", "Bad Gateway")).await;
    }

    async fn a_suspension_that_nobody_signed_is_none(database: Database) {
        let body = r#"{"type":"/problems/device-revoked","title":"","status":403,"code":"device-revoked","retry":"re-register"}"#;
        met(&database, move || page(403, "application/problem+json", body)).await;
    }

    async fn a_replayed_older_answer_is_none(database: Database) {
        let certified = Certified::new("localhost", 30);
        let mut site = Site::start_with(&database, |options| options.tls = Some(certified.files.clone())).await;
        let device = Device::registered(&site).await;
        let older = site.send(&device.request(&site, CHALLENGES_PATH, &ChallengesRequest { count: 1 })).await;
        let replay = move || {
            let mut answer = HttpResponse::builder().status(older.status);
            for (name, value) in older.headers.iter().filter(|(name, _)| *name != "content-length") {
                answer = answer.header(name, value);
            }
            answer.body(Body::from(older.body.clone())).unwrap()
        };
        meet(&mut site, &device, &certified, replay).await;
    }
}

async fn met(database: &Database, answer: impl Fn() -> HttpResponse + Clone + Send + Sync + 'static) {
    let certified = Certified::new("localhost", 30);
    let mut site = Site::start_with(database, |options| options.tls = Some(certified.files.clone())).await;
    let device = Device::registered(&site).await;
    meet(&mut site, &device, &certified, answer).await;
}

/// Somebody with a certificate that the app trusts answers in the service's place; then the service is back.
async fn meet(
    site: &mut Site,
    device: &Device,
    certified: &Certified,
    answer: impl Fn() -> HttpResponse + Clone + Send + Sync + 'static,
) {
    let address = site.stop().await;
    let in_the_way = InTheWay::start(address, certified, answer);
    let world = Here(site.clock.now());
    let mut client = Client::new(site.trust(), Some(&device.settings), &world).unwrap();
    let before = client.offset();
    let error = client.challenges(1, &device.settings, &device.key).await.unwrap_err();
    assert_eq!((error.code(), error.retry()), (Code::NetworkInTheWay, Retry::Same));
    assert_eq!(client.offset(), before);
    in_the_way.stop().await;
    site.serve_again(address).await;
    let mut client = Client::new(site.trust(), Some(&device.settings), &world).unwrap();
    assert_eq!(client.challenges(1, &device.settings, &device.key).await.unwrap().challenges.len(), 1);
}

fn page(status: u16, content_type: &'static str, body: &'static str) -> HttpResponse {
    HttpResponse::builder()
        .status(status)
        .header("content-type", content_type)
        .body(Body::from(body))
        .unwrap()
}

/// A world whose clock stands still.
struct Here(UnixTime);

impl World for Here {
    fn now(&self) -> UnixTime {
        self.0
    }

    fn random(&self, octets: &mut [u8]) -> Result<(), NoRandomness> {
        octets.copy_from_slice(&new_operation().0[..octets.len()]);
        Ok(())
    }
}
