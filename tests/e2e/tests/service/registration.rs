//! Registration under attack: guessing, racing, asking around, and answers that get lost.

use std::num::NonZeroU32;

use shikaku::http::problem::Problem;
use shikaku::http::signature::sign_request;
use shikaku::http::{Headers, Signer, SoftwareKey};
use shikaku::registration::{
    NONCE_PATH, NonceAnswer, NonceRequest, REGISTRATION_PATH, RegistrationAnswer, RegistrationRequest, Terms,
};
use shikaku::settings::{DeviceSettings, RegistrationCode, UserSettings};
use shikaku_portal::admin::CODE_LIFE;
use shikaku_portal::limits::Numbers;
use shikaku_portal::store::accounts;
use shikaku_test_database::{Database, on_both_engines};
use tokio::task::JoinSet;

use crate::device::{new_key, nonce, post, register, registration, signed};
use crate::site::{Answered, Site, TEST_INSTITUTION};

on_both_engines! {
    async fn a_device_registers_and_the_institution_is_told(database: Database) {
        let site = Site::start(&database).await;
        let settings = site.account_of(TEST_INSTITUTION).await;
        let answer: RegistrationAnswer = register(&site, &settings, &new_key()).await.read();
        assert_eq!(answer.challenges.len(), 4);
        assert_eq!(site.count("registration_codes").await, 0);
        assert_eq!(site.count("devices WHERE released_at IS NULL").await, 1);
        assert_eq!(site.count("outbox WHERE kind = 'device-registered'").await, 1);
        assert_eq!(site.count("audit WHERE mode = 'registration'").await, 1);
    }

    async fn a_guessed_code_an_unknown_account_and_a_dead_code_are_answered_alike(database: Database) {
        let site = Site::start(&database).await;
        let settings = site.account_of(TEST_INSTITUTION).await;
        let guessed = guess(&site, &settings, 1).await;
        let unknown = guess(&site, &elsewhere(&settings, "W9999999"), 2).await;
        let dead = site.settings_of(&settings.account).await;
        site.operator.reissue_account(&settings.account, CODE_LIFE).await.unwrap();
        let dead = register(&site, &dead, &new_key()).await;
        assert_eq!(guessed.code(), "registration-refused");
        for other in [unknown, dead] {
            assert_eq!((other.status, &other.body), (guessed.status, &guessed.body));
            assert_eq!(names(&other.headers), names(&guessed.headers));
        }
        // Not one of them has killed the code that is alive.
        let alive = site.settings_of(&settings.account).await;
        assert_eq!(register(&site, &alive, &new_key()).await.status, 200);
    }

    async fn a_nonce_is_given_alike_for_every_account_and_leaves_nothing_behind(database: Database) {
        let site = Site::start(&database).await;
        let settings = site.account_of(TEST_INSTITUTION).await;
        let known = nonce_answer(&site, settings.account.as_str()).await;
        let unknown = nonce_answer(&site, "W9999999").await;
        assert_eq!((known.status, names(&known.headers)), (unknown.status, names(&unknown.headers)));
        let (known, unknown): (NonceAnswer, NonceAnswer) = (known.read(), unknown.read());
        assert_eq!((known.expires_at, known.server_time), (unknown.expires_at, unknown.server_time));
        assert_ne!(known.nonce, unknown.nonce);
    }

    async fn asking_for_nonces_is_limited_for_each_address(database: Database) {
        let site = Site::start(&database).await;
        let mut last = None;
        for number in 0..61 {
            last = Some(nonce_answer(&site, &format!("W{number:07}")).await);
        }
        let refused = last.unwrap();
        assert_eq!((refused.status, refused.code().as_str()), (429, "too-many-requests"));
        assert!(refused.headers.only("retry-after").is_ok());
    }

    async fn an_operator_lets_more_devices_than_usual_lie_behind_one_address(database: Database) {
        let numbers = Numbers::with_addresses(NonZeroU32::new(70).unwrap());
        let site = Site::start_with(&database, |options| options.numbers = numbers).await;
        for number in 0..70 {
            assert_eq!(nonce_answer(&site, &format!("W{number:07}")).await.status, 200);
        }
        assert_eq!(nonce_answer(&site, "W0000070").await.status, 429);
    }

    async fn a_used_code_is_called_used_to_who_holds_it_and_to_nobody_else(database: Database) {
        let site = Site::start(&database).await;
        let settings = site.account_of(TEST_INSTITUTION).await;
        assert_eq!(register(&site, &settings, &new_key()).await.status, 200);
        assert_eq!(register(&site, &settings, &new_key()).await.code(), "registration-used");
        assert_eq!(guess(&site, &settings, 1).await.code(), "registration-refused");
    }

    async fn an_expired_code_is_called_expired_to_who_holds_it_and_to_nobody_else(database: Database) {
        let site = Site::start(&database).await;
        let settings = site.account_of(TEST_INSTITUTION).await;
        site.wait(CODE_LIFE);
        assert_eq!(register(&site, &settings, &new_key()).await.code(), "registration-expired");
        assert_eq!(guess(&site, &settings, 1).await.code(), "registration-refused");
        assert_eq!(site.count("devices").await, 0);
    }

    async fn a_lost_answer_strands_nobody(database: Database) {
        let site = Site::start(&database).await;
        let (settings, key) = (site.account_of(TEST_INSTITUTION).await, new_key());
        let _lost = register(&site, &settings, &key).await;
        let again: RegistrationAnswer = register(&site, &settings, &key).await.read();
        let accepted = DeviceSettings::accept(&again.settings, site.trust(), None).unwrap();
        assert_eq!(accepted.institution.as_str(), TEST_INSTITUTION);
        assert_eq!((again.challenges.len(), site.count("devices").await), (4, 1));
        assert_eq!(site.count("challenges WHERE state = 'open'").await, 4);
        site.wait(86_400 * 40);
        assert_eq!(register(&site, &settings, &key).await.status, 200);
        // Once it is released, the key is bound no longer.
        site.operator.reissue_account(&settings.account, CODE_LIFE).await.unwrap();
        assert_eq!(register(&site, &settings, &key).await.code(), "registration-refused");
    }

    async fn of_devices_that_race_for_one_code_one_wins(database: Database) {
        let site = Site::start(&database).await;
        let settings = site.account_of(TEST_INSTITUTION).await;
        let nonce = nonce(&site, &settings).await.nonce;
        let mut racers = JoinSet::new();
        for _ in 0..6 {
            let key = new_key();
            let wanted = registration(&site, &settings, &settings.code, &key, nonce);
            let request = signed(&site, REGISTRATION_PATH, &wanted, &key);
            let transport = site.transport.clone();
            racers.spawn(async move { transport.send(&request).await.unwrap().status });
        }
        let mut statuses = racers.join_all().await;
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 403, 403, 403, 403, 403]);
        assert_eq!((site.count("devices").await, site.count("device_keys").await), (1, 1));
        assert_eq!(site.count("outbox").await, 1);
    }

    async fn newer_terms_are_told_with_their_text_and_nothing_is_consumed(database: Database) {
        let site = Site::start(&database).await;
        let (settings, key) = (site.account_of(TEST_INSTITUTION).await, new_key());
        site.operator.add_terms("利用規約 第2版").await.unwrap();
        let refused = register(&site, &settings, &key).await;
        assert_eq!(refused.code(), "terms-outdated");
        let problem: Problem = serde_json::from_slice(&refused.body).unwrap();
        assert_eq!(problem.terms, Some(Terms::new(2, "利用規約 第2版")));
        let mut wanted = wanted(&site, &settings, &key).await;
        wanted.terms_version = 2;
        assert_eq!(site.send(&signed(&site, REGISTRATION_PATH, &wanted, &key)).await.status, 200);
    }

    async fn a_nonce_serves_its_account_for_ten_minutes(database: Database) {
        let site = Site::start(&database).await;
        let (settings, key) = (site.account_of(TEST_INSTITUTION).await, new_key());
        let foreign = nonce(&site, &elsewhere(&settings, "W7654321")).await.nonce;
        let wanted = registration(&site, &settings, &settings.code, &key, foreign);
        assert_eq!(site.send(&signed(&site, REGISTRATION_PATH, &wanted, &key)).await.code(), "nonce-expired");
        let wanted = registration(&site, &settings, &settings.code, &key, [7; 32]);
        assert_eq!(site.send(&signed(&site, REGISTRATION_PATH, &wanted, &key)).await.code(), "nonce-expired");
        let wanted = registration(&site, &settings, &settings.code, &key, nonce(&site, &settings).await.nonce);
        site.wait(600);
        assert_eq!(site.send(&signed(&site, REGISTRATION_PATH, &wanted, &key)).await.code(), "nonce-expired");
    }

    async fn a_proof_is_for_one_key(database: Database) {
        let site = Site::start(&database).await;
        let (settings, key, thief) = (site.account_of(TEST_INSTITUTION).await, new_key(), new_key());
        let mut stolen = wanted(&site, &settings, &key).await;
        assert_eq!(site.send(&signed(&site, REGISTRATION_PATH, &stolen, &thief)).await.code(), "request-signature");
        stolen.spki = thief.spki().to_vec();
        assert_eq!(site.send(&signed(&site, REGISTRATION_PATH, &stolen, &thief)).await.code(), "registration-refused");
        assert_eq!(site.count("devices").await, 0);
    }

    async fn a_key_is_bound_to_one_account(database: Database) {
        let site = Site::start(&database).await;
        let (first, second) = (site.account_of(TEST_INSTITUTION).await, site.account_of(TEST_INSTITUTION).await);
        let key = new_key();
        assert_eq!(register(&site, &first, &key).await.status, 200);
        assert_eq!(register(&site, &second, &key).await.code(), "registration-refused");
        assert_eq!(register(&site, &second, &new_key()).await.status, 200);
    }

    async fn wrong_proofs_slow_down_and_are_told_once_but_kill_no_code(database: Database) {
        let numbers = Numbers { free_wrong_proofs: 5, ..Numbers::default() };
        let site = Site::start_with(&database, |options| options.numbers = numbers).await;
        let settings = site.account_of(TEST_INSTITUTION).await;
        for number in 0..6 {
            assert_eq!(guess(&site, &settings, number).await.code(), "registration-refused");
        }
        let slowed = guess(&site, &settings, 6).await;
        assert_eq!((slowed.code().as_str(), slowed.headers.only("retry-after")), ("too-many-requests", Ok("2")));
        let told = "outbox WHERE kind = 'registration-wrong-proofs'";
        while site.count(told).await == 0 {
            tokio::task::yield_now().await;
        }
        site.wait(900);
        assert_eq!(guess(&site, &settings, 7).await.code(), "registration-refused");
        assert_eq!(site.count(told).await, 1);
        site.wait(900);
        assert_eq!(register(&site, &settings, &new_key()).await.status, 200);
    }

    async fn a_wrong_proof_of_the_bound_device_does_not_hush_those_of_strangers(database: Database) {
        let site = Site::start(&database).await;
        let (settings, key) = (site.account_of(TEST_INSTITUTION).await, new_key());
        assert_eq!(register(&site, &settings, &key).await.status, 200);
        for number in 0..4 {
            assert_eq!(guess(&site, &settings, number).await.code(), "registration-refused");
        }
        let code = RegistrationCode::from_octets([9; 10]);
        let wanted = registration(&site, &settings, &code, &key, nonce(&site, &settings).await.nonce);
        assert_eq!(site.send(&signed(&site, REGISTRATION_PATH, &wanted, &key)).await.code(), "registration-refused");
        assert_eq!(guess(&site, &settings, 4).await.code(), "registration-refused");
        while site.count("outbox WHERE kind = 'registration-wrong-proofs'").await == 0 {
            tokio::task::yield_now().await;
        }
    }

    async fn a_registration_without_its_signature_is_refused(database: Database) {
        let site = Site::start(&database).await;
        let (settings, key) = (site.account_of(TEST_INSTITUTION).await, new_key());
        let wanted = wanted(&site, &settings, &key).await;
        let mut request = post(&site, REGISTRATION_PATH, &wanted);
        assert_eq!(site.send(&request).await.code(), "request-malformed");
        sign_request(&mut request, &new_key(), site.clock.now()).unwrap();
        assert_eq!(site.send(&request).await.code(), "request-signature");
        assert_eq!(site.count("devices").await, 0);
    }
}

async fn nonce_answer(site: &Site, account: &str) -> Answered {
    let request = post(site, NONCE_PATH, &NonceRequest { account_id: account.parse().unwrap() });
    site.send(&request).await
}

async fn wanted(site: &Site, settings: &UserSettings, key: &SoftwareKey) -> RegistrationRequest {
    registration(site, settings, &settings.code, key, nonce(site, settings).await.nonce)
}

/// A registration with a made-up code.
async fn guess(site: &Site, settings: &UserSettings, number: u8) -> Answered {
    let key = new_key();
    let code = RegistrationCode::from_octets([number; 10]);
    let wanted = registration(site, settings, &code, &key, nonce(site, settings).await.nonce);
    site.send(&signed(site, REGISTRATION_PATH, &wanted, &key)).await
}

/// The same settings, made out for another account.
fn elsewhere(settings: &UserSettings, account: &str) -> UserSettings {
    UserSettings {
        origin: settings.origin.clone(),
        institution: settings.institution.clone(),
        account: account.parse().unwrap(),
        code: RegistrationCode::from_octets(*settings.code.octets()),
        expires_at: settings.expires_at,
    }
}

fn names(headers: &Headers) -> Vec<String> {
    headers.iter().map(|(name, _)| name.to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_used_code_is_soon_gone_from_the_files_of_the_database() {
    let database = Database::sqlite();
    let site = Site::start(&database).await;
    let settings = site.account_of(TEST_INSTITUTION).await;
    let code = accounts::code(&mut site.operator.store.read().await.unwrap(), &settings.account).await;
    let sealed = code.unwrap().unwrap().sealed;
    assert!(in_files(&database, &sealed));
    assert_eq!(register(&site, &settings, &new_key()).await.status, 200);
    site.service().tidy().await.unwrap();
    assert!(!in_files(&database, &sealed));
}

fn in_files(database: &Database, octets: &[u8]) -> bool {
    let files = std::fs::read_dir(database.folder().unwrap()).unwrap();
    files
        .map(|file| std::fs::read(file.unwrap().path()).unwrap())
        .any(|file| file.windows(octets.len()).any(|window| window == octets))
}
