//! Checks as they should be: what is answered, and what stays behind.

use shikaku::qualification::Answer;
use shikaku_test_database::on_both_engines;

use crate::device::Device;
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
}
