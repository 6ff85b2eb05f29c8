//! Devices that may not act any more, and institutions that test or work.

use shikaku::check::{CHALLENGES_PATH, CHECKS_PATH, ChallengesRequest};
use shikaku::guide::Code;
use shikaku::http::problem::{Problem, Retry};
use shikaku::identifier::{Date, InstitutionCode};
use shikaku::qualification::Answer;
use shikaku::registration::AccountId;
use shikaku::settings::{DeviceSettings, Phase, SETTINGS_PATH, SettingsAnswer, SettingsRequest};
use shikaku_portal::admin::{self, AdminError, CODE_LIFE};
use shikaku_portal::audit;
use shikaku_portal::store::accounts::AccountState;
use shikaku_test_database::on_both_engines;

use crate::device::{Device, new_key, register};
use crate::site::{INSTITUTION, Site};

on_both_engines! {
    async fn a_suspended_device_is_told_so_and_works_again_when_resumed(database: Database) {
        let site = Site::start(&database).await;
        let mut device = Device::registered(&site).await;
        let check = device.next_check(&site).await;
        site.operator.suspend_account(&account()).await.unwrap();
        let refused = site.send(&device.request(&site, CHECKS_PATH, &check)).await;
        assert_eq!((refused.code().as_str(), refused.retry()), ("device-suspended", Retry::No));
        assert_eq!(site.audited_checks().await, 0);
        site.operator.resume_account(&account()).await.unwrap();
        // What was open has been retired meanwhile.
        device.challenges.clear();
        assert_eq!(site.send(&device.check_request(&site).await).await.status, 200);
    }

    async fn a_revoked_device_is_told_so(database: Database) {
        let site = Site::start(&database).await;
        let mut device = Device::registered(&site).await;
        let check = device.next_check(&site).await;
        site.operator.revoke_account(&account()).await.unwrap();
        let refused = site.send(&device.request(&site, CHECKS_PATH, &check)).await;
        assert_eq!((refused.code().as_str(), refused.retry()), ("device-revoked", Retry::ReRegister));
        let refused = site.send(&device.request(&site, SETTINGS_PATH, &SettingsRequest {})).await;
        assert_eq!(refused.code(), "device-revoked");
    }

    async fn a_device_whose_settings_were_issued_anew_is_told_to_register_again(database: Database) {
        let site = Site::start(&database).await;
        let device = Device::registered(&site).await;
        site.operator.reissue_account(&account(), CODE_LIFE).await.unwrap();
        let refused = site.send(&device.request(&site, CHALLENGES_PATH, &ChallengesRequest { count: 1 })).await;
        assert_eq!((refused.code().as_str(), refused.retry()), ("device-revoked", Retry::ReRegister));
    }

    async fn on_its_last_day_an_institutions_accounts_end_by_themselves_whether_or_not_the_sweep_was_there(database: Database) {
        let site = Site::start(&database).await;
        let mut device = Device::registered_with(&site, INSTITUTION).await;
        let unused = site.account_of(INSTITUTION).await;
        let elsewhere = Device::registered(&site).await;
        let last = site.operator.today().plus_days(10);
        site.operator.end_institution(&institution(), last).await.unwrap();
        site.clock.set(last.begins().minus(1));
        site.service().tidy().await.unwrap();
        device.challenges = device.fetch(&site, 2).await;
        let check = device.next_check(&site).await;
        // The first second of the day, and nobody has swept: as on the morning after a night without service.
        site.clock.set(last.begins());
        let refused = site.send(&device.request(&site, CHECKS_PATH, &check)).await;
        assert_eq!((refused.code().as_str(), refused.retry()), ("institution-ended", Retry::No));
        let told: Problem = serde_json::from_slice(&refused.body).unwrap();
        assert_eq!(told.key_id, Some(device.key.public().id()), "it speaks of this device, which may wipe itself");
        let accounts = site.operator.accounts(Some(&institution())).await.unwrap();
        assert!(accounts.len() == 2 && accounts.iter().all(|account| account.state == AccountState::Revoked));
        let bound = &accounts[0].id;
        for refused in [
            site.operator.suspend_account(bound).await,
            site.operator.resume_account(bound).await,
            site.operator.revoke_account(bound).await,
            site.operator.reissue_account(bound, CODE_LIFE).await,
        ] {
            assert!(matches!(refused, Err(AdminError::State { state: AccountState::Revoked, .. })));
        }
        let code = site.operator.user_settings(&unused.account, &site.trust().origin).await;
        assert!(matches!(code, Err(AdminError::InstitutionEnded(_))));
        let late = register(&site, &unused, &new_key()).await;
        assert_eq!(late.code(), "institution-ended");
        assert_eq!(site.count("accounts WHERE state = 'revoked'").await, 0);
        // Hours later the service is there again.
        site.wait(6 * 3600);
        site.service().tidy().await.unwrap();
        site.service().tidy().await.unwrap();
        assert_eq!(site.count("accounts WHERE state = 'revoked' AND institution = '1310112345'").await, 2);
        assert_eq!(site.count("accounts WHERE state = 'registered'").await, 1);
        let ended = "audit WHERE mode = 'calendar' AND outcome = 'account-revoked' AND institution = '1310112345'";
        assert_eq!(site.count(ended).await, 2);
        assert_eq!(site.count("registration_codes").await, 0);
        assert_eq!(site.count("challenges WHERE state = 'retired'").await, 2);
        let refused = site.send(&device.request(&site, SETTINGS_PATH, &SettingsRequest {})).await;
        assert_eq!(refused.code(), "institution-ended");
        assert_eq!(register(&site, &unused, &new_key()).await.code(), "registration-refused");
        assert_eq!(elsewhere.fetch(&site, 1).await.len(), 1);
        assert!(audit::verify(&site.operator.store, &[]).await.unwrap().is_whole());
    }

    async fn on_its_day_an_institution_goes_live_without_anybody_doing_anything(database: Database) {
        let site = Site::start(&database).await;
        let device = Device::registered_with(&site, INSTITUTION).await;
        let day = site.operator.today().plus_days(1);
        site.operator.set_phase(&institution(), admin::Phase::LiveFrom(day)).await.unwrap();
        let before = settings(&site, &device).await;
        site.clock.set(day.begins().minus(1));
        assert_eq!(settings(&site, &device).await.phase, Phase::Test);
        site.clock.set(day.begins());
        let after = settings(&site, &device).await;
        assert_eq!((after.phase, after.phase_since), (Phase::Live, day.begins()));
        assert!(device.settings.version < before.version && before.version < after.version);
    }

    async fn a_test_institution_gets_marked_answers_and_test_roots(database: Database) {
        let site = Site::start(&database).await;
        let mut device = Device::registered(&site).await;
        assert_eq!((device.settings.test, device.settings.phase), (true, Phase::Test));
        // Root of the test cards and key of their faces.
        assert_eq!(device.settings.test_anchors.len(), 2);
        let answered = site.send(&device.check_request(&site).await).await;
        let answer = Answer::from_json(&answered.body).unwrap();
        assert_eq!(answer.marking(), Some("運用テスト（参考情報）"));
        assert_eq!(site.count("audit WHERE mode = 'pin' AND phase = 'trial'").await, 1);
    }

    async fn a_test_card_is_refused_where_the_institution_is_no_test(database: Database) {
        let site = Site::start(&database).await;
        let mut device = Device::registered_with(&site, INSTITUTION).await;
        assert_eq!(device.settings.test_anchors.len(), 0);
        let check = device.next_check(&site).await;
        let refused = site.send(&device.request(&site, CHECKS_PATH, &check)).await;
        assert_eq!(refused.code(), Code::CertificateTestRefused.as_str());
        assert_eq!(site.count("audit WHERE outcome = 'certificate-test-refused'").await, 1);
    }
}

fn account() -> AccountId {
    "W0000001".parse().unwrap()
}

fn institution() -> InstitutionCode {
    INSTITUTION.parse().unwrap()
}

async fn settings(site: &Site, device: &Device) -> DeviceSettings {
    let answer: SettingsAnswer =
        site.send(&device.request(site, SETTINGS_PATH, &SettingsRequest {})).await.read();
    DeviceSettings::accept(&answer.settings, site.trust(), Some(&device.settings)).unwrap()
}

#[test]
fn the_tests_begin_late_in_the_evening() {
    assert_eq!(Date::of(crate::site::NOW).to_string(), "2026-09-21");
}
