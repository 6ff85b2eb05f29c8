//! Checks as they should be: what is answered, and what stays behind.

use shikaku::http::Request;
use shikaku::http::problem::Retry;
use shikaku::qualification::Answer;
use shikaku::registration::{TERMS_PATH, Terms};
use shikaku_test_database::{Database, on_both_engines};
use sqlx::{Connection as _, Executor as _};

use crate::device::{Device, new_operation};
use crate::site::Site;

on_both_engines! {
    async fn a_tap_is_answered_with_the_holders_qualification(database: Database) {
        let site = Site::start(&database).await;
        let mut device = Device::registered(&site).await;
        let request = device.check_request(&site).await;
        let answered = site.send(&request).await;
        let answer = Answer::from_json(&answered.body).unwrap();
        assert_eq!(answered.code(), "qualification-valid");
        assert_eq!(answer.usable(None).unwrap().name.to_string(), "資格 太郎");
        assert_eq!(answer.marking(), Some("運用テスト（参考情報）"));
        assert_eq!(site.audited_checks().await, 1);
        assert_eq!(site.count("outcomes").await, 1);
    }

    async fn while_the_source_is_down_nothing_is_final_and_the_same_check_is_answered_later(database: Database) {
        let site = Site::start(&database).await;
        let mut device = Device::registered(&site).await;
        let mut request = device.check_request(&site).await;
        as_owner(&database, "ALTER TABLE certificates RENAME TO certificates_away").await;
        let told = site.send(&request).await;
        assert_eq!((told.status, told.code().as_str(), told.retry()), (503, "source-down", Retry::Same));
        assert_eq!((site.audited_checks().await, site.count("outcomes").await), (0, 0));
        as_owner(&database, "ALTER TABLE certificates_away RENAME TO certificates").await;
        device.sign(&mut request, site.clock.now());
        assert_eq!(site.send(&request).await.code(), "qualification-valid");
    }

    async fn what_nothing_can_be_bound_to_is_answered_without_a_signature(database: Database) {
        let site = Site::start(&database).await;
        let mut device = Device::registered(&site).await;
        for name in ["content-digest", "idempotency-key"] {
            let mut request = device.check_request(&site).await;
            request.headers.remove(name);
            let answered = site.send_anyhow(&request).await;
            assert_eq!((answered.code().as_str(), answered.signature), ("request-malformed", None), "{name}");
        }
        assert_eq!(site.audited_checks().await, 0);
    }

    async fn the_terms_in_force_are_given_to_everybody_signed(database: Database) {
        let site = Site::start(&database).await;
        let request = Request::get(&site.trust().origin, TERMS_PATH, &new_operation());
        assert_eq!(site.send(&request).await.read::<Terms>(), Terms::new(1, "利用規約 第1版"));
        site.operator.add_terms("利用規約 第2版").await.unwrap();
        assert_eq!(site.send(&request).await.read::<Terms>().version, 2);
    }
}

/// Changes the database as its owner, past the service's own role.
async fn as_owner(database: &Database, statement: &'static str) {
    let mut owner = sqlx::AnyConnection::connect(database.url()).await.unwrap();
    owner.execute(statement).await.unwrap();
    owner.close().await.unwrap();
}
