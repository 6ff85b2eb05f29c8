//! Keys that change: a device's own, and the service's.

use shikaku::check::{CHALLENGES_PATH, CHECKS_PATH, ChallengesRequest};
use shikaku::http::signature::verify_answer;
use shikaku::http::{Signer, SoftwareKey};
use shikaku::registration::{KEYS_PATH, KeysAnswer, KeysRequest, rotation_message};
use shikaku::settings::{DeviceSettings, SETTINGS_PATH, SettingsAnswer, SettingsRequest, known_service_keys};
use shikaku_portal::keys::Role;
use shikaku_test_database::on_both_engines;
use tokio::task::JoinSet;

use crate::device::{Device, new_key, signed};
use crate::site::Site;

on_both_engines! {
    async fn the_old_key_serves_until_the_new_one_is_used(database: Database) {
        let site = Site::start(&database).await;
        let mut device = Device::registered(&site).await;
        let next = new_key();
        let request = device.request(&site, KEYS_PATH, &rotation(&device, &next));
        site.send(&request).await.read::<KeysAnswer>();
        assert_eq!(site.count("challenges WHERE state = 'open'").await, 0);
        assert_eq!(site.count("audit WHERE mode = 'rotation' AND outcome = 'announced'").await, 1);
        assert_eq!(site.count("outcomes WHERE path = '/v1/keys' AND code = 'announced'").await, 1);
        assert_eq!(ask(&site, &device.key).await, 200);
        assert_eq!(ask(&site, &next).await, 200);
        let refused = site.send(&device.request(&site, SETTINGS_PATH, &SettingsRequest {})).await;
        assert_eq!(refused.code(), "device-unknown");
        device.key = next;
        device.challenges.clear();
        assert_eq!(site.send(&device.check_request(&site).await).await.status, 200);
    }

    async fn a_lost_answer_to_a_rotation_is_given_again(database: Database) {
        let site = Site::start(&database).await;
        let device = Device::registered(&site).await;
        let next = new_key();
        let mut request = device.request(&site, KEYS_PATH, &rotation(&device, &next));
        let lost = site.send(&request).await;
        site.wait(3_600);
        device.sign(&mut request, site.clock.now());
        assert_eq!(site.send(&request).await.body, lost.body);
        // Or as a new operation, for the same key or for another one.
        let again = device.request(&site, KEYS_PATH, &rotation(&device, &next));
        assert_eq!(site.send(&again).await.status, 200);
        let other = new_key();
        let again = device.request(&site, KEYS_PATH, &rotation(&device, &other));
        assert_eq!(site.send(&again).await.status, 200);
        assert_eq!(ask(&site, &next).await, 401);
        assert_eq!(ask(&site, &other).await, 200);
    }

    async fn of_many_copies_of_a_rotation_all_get_the_same_answer(database: Database) {
        let site = Site::start(&database).await;
        let device = Device::registered(&site).await;
        let next = new_key();
        let request = device.request(&site, KEYS_PATH, &rotation(&device, &next));
        let mut copies = JoinSet::new();
        for _ in 0..6 {
            let (transport, request) = (site.transport.clone(), request.clone());
            copies.spawn(async move { transport.send(&request).await.unwrap() });
        }
        let answers = copies.join_all().await;
        assert!(answers.iter().all(|answer| answer.status == 200 && answer.body == answers[0].body));
        assert_eq!(site.count("device_keys WHERE state = 'next'").await, 1);
    }

    async fn a_rotation_needs_the_proof_of_the_new_key_for_this_device_and_this_old_key(database: Database) {
        let site = Site::start(&database).await;
        let device = Device::registered(&site).await;
        let other = Device::registered(&site).await;
        let next = new_key();
        let good = rotation(&device, &next);
        let for_other = rotation(&other, &next);
        let by_old = KeysRequest { proof: device.key.sign(&message(&device, &next)).unwrap(), ..good.clone() };
        let no_key = KeysRequest { spki: vec![0x30; 91], ..good.clone() };
        let known = rotation(&device, &other.key);
        let own = rotation(&device, &device.key);
        for (what, request) in
            [("for another device", for_other), ("by the old key", by_old), ("no key", no_key), ("known", known), ("own", own)]
        {
            let refused = site.send(&device.request(&site, KEYS_PATH, &request)).await;
            assert_eq!(refused.code(), "key-proof", "{what}");
        }
        assert_eq!(ask(&site, &device.key).await, 200);
        assert_eq!(ask(&site, &other.key).await, 200);
        assert_eq!(site.send(&device.request(&site, KEYS_PATH, &good)).await.status, 200);
    }

    async fn challenges_of_the_old_key_are_worth_nothing_to_the_new_one(database: Database) {
        let site = Site::start(&database).await;
        let mut device = Device::registered(&site).await;
        let check = device.next_check(&site).await;
        let next = new_key();
        assert_eq!(site.send(&device.request(&site, KEYS_PATH, &rotation(&device, &next))).await.status, 200);
        let by_new = site.send(&signed(&site, CHECKS_PATH, &check, &next)).await;
        assert_eq!(by_new.code(), "challenge-unknown");
        assert_eq!(site.audited_checks().await, 0);
    }

    async fn the_services_key_changes_and_devices_from_before_during_and_after_follow(database: Database) {
        let mut site = Site::start(&database).await;
        let before = Device::registered(&site).await;
        site.operator.announce_next_key(Role::Service).await.unwrap();
        restart(&mut site).await;
        let during = Device::registered(&site).await;
        let told: SettingsAnswer = site.send(&before.request(&site, SETTINGS_PATH, &SettingsRequest {})).await.read();
        let told = DeviceSettings::accept(&told.settings, site.trust(), Some(&before.settings)).unwrap();
        site.operator.take_over_key(Role::Service).await.unwrap();
        restart(&mut site).await;
        for (device, settings) in [(&before, &told), (&during, &during.settings)] {
            let request = device.request(&site, CHALLENGES_PATH, &ChallengesRequest { count: 1 });
            let answer = site.transport.send(&request).await.unwrap();
            assert_eq!(answer.status, 200);
            let known = known_service_keys(site.trust(), Some(settings));
            assert!(verify_answer(&answer, &request, &known).is_ok());
            // Who was never told does not believe it.
            assert!(verify_answer(&answer, &request, &site.trust().service_keys).is_err());
        }
        site.trust_anew();
        assert_eq!(Device::registered(&site).await.challenges.len(), 4);
    }
}

fn message(device: &Device, next: &SoftwareKey) -> Vec<u8> {
    rotation_message(&device.settings.origin, &device.settings.device_id, device.key.spki(), next.spki())
}

fn rotation(device: &Device, next: &SoftwareKey) -> KeysRequest {
    KeysRequest { spki: next.spki().to_vec(), proof: next.sign(&message(device, next)).unwrap() }
}

async fn restart(site: &mut Site) {
    let address = site.stop().await;
    site.serve_again(address).await;
}

async fn ask(site: &Site, key: &SoftwareKey) -> u16 {
    site.send(&signed(site, CHALLENGES_PATH, &ChallengesRequest { count: 1 }, key)).await.status
}
