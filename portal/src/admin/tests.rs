//! Operators at work, on both engines.

use shikaku::identifier::{AccountId, Date, InstitutionCode, ServiceOrigin};
use shikaku::instant::UnixTime;
use shikaku::settings::UserSettings;
use shikaku::trust::{TestEntries, TrustList};
use shikaku_test_database::{Database, Folder, on_both_engines};
use shikaku_virtual_card::issue::{self, Authority, CrlRequest, SurfaceAuthority};

use super::*;
use crate::keys::Role;
use crate::store::institutions::{InstitutionPhase, NewInstitution};

/// 2026-09-21 23:13:20 in Japan.
pub(crate) const NOW: u64 = 1_790_000_000;

/// An operator with a data folder of his own; the folder lives as long as the first value.
pub(crate) async fn operator(database: &Database) -> (Folder, Operator) {
    let folder = Folder::new();
    let data = folder.path().join("data");
    let mut operator = Operator::open(&data, Some(database.url()), "operator").await.unwrap();
    operator.clock = Clock::held_at(UnixTime(NOW));
    (folder, operator)
}

fn code(text: &str) -> InstitutionCode {
    InstitutionCode::admitted(text).unwrap()
}

fn new(text: &str) -> NewInstitution {
    NewInstitution { code: code(text), name: "青葉医院".to_owned() }
}

fn origin() -> ServiceOrigin {
    "https://shikaku.example".parse().unwrap()
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

async fn with_account(operator: &Operator) -> AccountId {
    operator.add_institution(&new("1310112345")).await.unwrap();
    operator.issue_accounts(&code("1310112345"), 1, "受付", "", CODE_LIFE).await.unwrap().remove(0)
}

/// As a registration leaves it: a bound device.
async fn register(operator: &Operator, id: &AccountId) {
    let mut transaction = operator.store.begin().await.unwrap();
    let (from, to) = (AccountState::Issued, AccountState::Registered);
    let now = operator.clock.now();
    assert!(crate::store::accounts::change_state(&mut transaction, id, from, to, now).await.unwrap());
    sqlx::query("INSERT INTO devices (id, account, name, platform, terms_version, registered_at) VALUES ($1, $1, '', '', 1, 1)")
        .bind(id.as_str()).execute(&mut *transaction).await.unwrap();
    crate::store::accounts::erase_code(&mut transaction, id).await.unwrap();
    transaction.commit().await.unwrap();
}

async fn acts(operator: &Operator) -> Vec<String> {
    use sqlx::Row as _;
    let mut reader = operator.store.read().await.unwrap();
    let rows =
        sqlx::query("SELECT outcome FROM audit ORDER BY sequence").fetch_all(&mut *reader).await.unwrap();
    rows.iter().map(|row| row.get("outcome")).collect()
}

fn trust(operator: &Operator) -> TrustList {
    let entry = operator.keys.trust_entry("試験", &origin(), vec![vec![1]], true);
    TrustList::new(vec![entry], TestEntries::Allow).unwrap()
}

on_both_engines! {
    async fn settings_of_an_account_are_signed_by_the_portal_and_shown_again_until_used(database: Database) {
        let (_folder, operator) = operator(&database).await;
        let id = with_account(&operator).await;
        let first = operator.user_settings(&id, &origin()).await.unwrap();
        let again = operator.user_settings(&id, &origin()).await.unwrap();
        assert_eq!(first.settings.code.octets(), again.settings.code.octets());
        let trust = trust(&operator);
        let (read, _) = UserSettings::read(&first.jws, &trust, UnixTime(NOW)).unwrap();
        assert_eq!((&read.account, &read.institution), (&id, &code("1310112345")));
        assert_eq!(read.code.octets(), first.settings.code.octets());
        assert_eq!(read.expires_at, UnixTime(NOW + CODE_LIFE));
        register(&operator, &id).await;
        assert!(matches!(operator.user_settings(&id, &origin()).await, Err(AdminError::NoCode(_))));
        assert_eq!(acts(&operator).await, ["institution-added", "account-issued", "settings-shown", "settings-shown"]);
        assert!(crate::audit::verify(&operator.store, &[]).await.unwrap().is_whole());
    }

    async fn an_expired_code_is_not_shown(database: Database) {
        let (_folder, operator) = operator(&database).await;
        let id = with_account(&operator).await;
        operator.clock.set(UnixTime(NOW + CODE_LIFE));
        assert!(matches!(operator.user_settings(&id, &origin()).await, Err(AdminError::NoCode(_))));
    }

    async fn a_reissue_kills_the_code_and_releases_the_device(database: Database) {
        let (_folder, operator) = operator(&database).await;
        let id = with_account(&operator).await;
        let old = operator.user_settings(&id, &origin()).await.unwrap();
        register(&operator, &id).await;
        operator.reissue_account(&id, CODE_LIFE).await.unwrap();
        let new = operator.user_settings(&id, &origin()).await.unwrap();
        assert_ne!(old.settings.code.octets(), new.settings.code.octets());
        assert_eq!(operator.accounts(None).await.unwrap()[0].state, AccountState::Issued);
        // Another device can be bound now.
        let mut transaction = operator.store.begin().await.unwrap();
        sqlx::query("INSERT INTO devices (id, account, name, platform, terms_version, registered_at) VALUES ('d2', $1, '', '', 1, 1)")
            .bind(id.as_str()).execute(&mut *transaction).await.unwrap();
    }

    async fn an_account_goes_from_state_to_state_as_designed(database: Database) {
        let (_folder, operator) = operator(&database).await;
        let id = with_account(&operator).await;
        let state = async || operator.accounts(None).await.unwrap()[0].state;
        assert!(matches!(operator.suspend_account(&id).await, Err(AdminError::State { .. })));
        register(&operator, &id).await;
        operator.suspend_account(&id).await.unwrap();
        assert_eq!(state().await, AccountState::Suspended);
        operator.resume_account(&id).await.unwrap();
        assert_eq!(state().await, AccountState::Registered);
        operator.revoke_account(&id).await.unwrap();
        assert_eq!(state().await, AccountState::Revoked);
        assert!(matches!(operator.revoke_account(&id).await, Err(AdminError::State { .. })));
        assert!(matches!(operator.resume_account(&id).await, Err(AdminError::State { .. })));
        assert!(matches!(operator.reissue_account(&id, CODE_LIFE).await, Err(AdminError::State { .. })));
        let nobody = "W9999999".parse().unwrap();
        assert!(matches!(operator.revoke_account(&nobody).await, Err(AdminError::NoAccount(_))));
    }

    async fn twenty_accounts_at_once_and_no_more(database: Database) {
        let (_folder, operator) = operator(&database).await;
        operator.add_institution(&new("1310112345")).await.unwrap();
        let institution = code("1310112345");
        assert_eq!(operator.issue_accounts(&institution, 20, "", "", CODE_LIFE).await.unwrap().len(), 20);
        for count in [0, 21] {
            let refused = operator.issue_accounts(&institution, count, "", "", CODE_LIFE).await;
            assert!(matches!(refused, Err(AdminError::Count { most: 20 })));
        }
        assert_eq!(acts(&operator).await.len(), 21);
    }

    async fn a_name_that_no_device_would_take_is_refused(database: Database) {
        let (_folder, operator) = operator(&database).await;
        let too_long = "青".repeat(201);
        for name in ["青葉\u{202e}医院", "青葉\u{61c}医院", "青葉\n医院", &too_long] {
            let refused = operator.add_institution(&NewInstitution { name: name.to_owned(), ..new("1310112345") }).await;
            assert!(matches!(refused, Err(AdminError::Text { .. })), "{name:?}");
        }
        operator.add_institution(&new("1310112345")).await.unwrap();
        let too_long = "青".repeat(101);
        for label in ["受付\u{202e}1", "受付\u{7}", &too_long] {
            for (name, place) in [(label, ""), ("", label)] {
                let refused = operator.issue_accounts(&code("1310112345"), 1, name, place, CODE_LIFE).await;
                assert!(matches!(refused, Err(AdminError::Text { .. })), "{label:?}");
            }
        }
        let issued = operator.issue_accounts(&code("1310112345"), 1, &"青".repeat(100), "1階", CODE_LIFE).await;
        assert_eq!(issued.unwrap().len(), 1);
    }

    async fn an_institution_goes_live_from_a_day_and_a_test_institution_never(database: Database) {
        let (_folder, operator) = operator(&database).await;
        operator.add_institution(&new("1310112345")).await.unwrap();
        operator.add_institution(&new("4810000001")).await.unwrap();
        assert!(matches!(operator.add_institution(&new("1310112345")).await, Err(AdminError::InstitutionExists(_))));
        let (real, test) = (code("1310112345"), code("4810000001"));
        let live = operator.set_phase(&real, Phase::LiveFrom(day("2026-09-21"))).await.unwrap();
        assert_eq!(live.phase_on(operator.today()), InstitutionPhase::Live);
        let refused = operator.set_phase(&real, Phase::LiveFrom(day("2026-09-20"))).await;
        assert!(matches!(refused, Err(AdminError::PastDay(_))));
        let refused = operator.set_phase(&test, Phase::LiveFrom(day("2026-09-21"))).await;
        assert!(matches!(refused, Err(AdminError::TestNeverLive)));
        let trial = operator.set_phase(&real, Phase::Trial).await.unwrap();
        assert_eq!(trial.phase_on(operator.today()), InstitutionPhase::Trial);
    }

    async fn when_an_institution_ends_today_its_accounts_are_revoked(database: Database) {
        let (_folder, operator) = operator(&database).await;
        let id = with_account(&operator).await;
        let institution = code("1310112345");
        operator.end_institution(&institution, day("2026-10-01")).await.unwrap();
        assert_eq!(operator.accounts(None).await.unwrap()[0].state, AccountState::Issued);
        operator.end_institution(&institution, day("2026-09-21")).await.unwrap();
        assert_eq!(operator.accounts(None).await.unwrap()[0].state, AccountState::Revoked);
        assert!(matches!(operator.user_settings(&id, &origin()).await, Err(AdminError::InstitutionEnded(_))));
        assert_eq!(acts(&operator).await[3..], ["account-revoked", "institution-ended"]);
        let later = operator.end_institution(&institution, day("2026-10-01")).await;
        assert!(matches!(later, Err(AdminError::InstitutionEnded(_))));
        let refused = operator.issue_accounts(&institution, 1, "", "", CODE_LIFE).await;
        assert!(matches!(refused, Err(AdminError::InstitutionEnded(_))));
    }

    async fn institutions_are_imported_all_or_none(database: Database) {
        let (_folder, operator) = operator(&database).await;
        operator.add_institution(&new("1310112345")).await.unwrap();
        let renamed = NewInstitution { name: "若葉医院".to_owned(), ..new("1310112345") };
        let rows = [renamed.clone(), new("1330131234")];
        let done = operator.import_institutions(&rows).await.unwrap();
        assert_eq!((done.added, done.renamed, done.unchanged), (1, 1, 0));
        let done = operator.import_institutions(&rows).await.unwrap();
        assert_eq!((done.added, done.renamed, done.unchanged), (0, 0, 2));
        assert_eq!(operator.institutions().await.unwrap()[0].name, "若葉医院");
    }

    async fn a_crl_is_loaded_only_if_it_could_speak(database: Database) {
        let (_folder, operator) = operator(&database).await;
        let good = issue::issue_crl(NOW, &[]).unwrap();
        assert!(matches!(operator.load_crl(good.clone()).await, Err(AdminError::CrlSigner)));
        assert!(operator.add_anchor(Authority::test().unwrap().certificate()).await.unwrap());
        assert!(!operator.add_anchor(Authority::test().unwrap().certificate()).await.unwrap());
        let authority = Authority::test().unwrap();
        let no_partition = CrlRequest { partition: None, ..CrlRequest::new(NOW, &[]) };
        let stale = CrlRequest { next_update: NOW - 1, ..CrlRequest::new(NOW - 100, &[]) };
        let other = Authority::other().unwrap().crl(&CrlRequest::new(NOW, &[])).unwrap();
        assert!(matches!(operator.load_crl(authority.crl(&no_partition).unwrap()).await, Err(AdminError::CrlIncomplete)));
        assert!(matches!(operator.load_crl(authority.crl(&stale).unwrap()).await, Err(AdminError::CrlStale)));
        assert!(matches!(operator.load_crl(other).await, Err(AdminError::CrlSigner)));
        assert!(matches!(operator.load_crl(b"no crl".to_vec()).await, Err(AdminError::Crl(_))));
        assert_eq!(operator.load_crl(good.clone()).await.unwrap().entries, 1);
        let newer = issue::issue_crl(NOW + 60, &[5]).unwrap();
        assert_eq!(operator.load_crl(newer).await.unwrap().entries, 2);
        assert!(matches!(operator.load_crl(good).await, Err(AdminError::CrlOlder)));
    }

    async fn a_test_key_of_the_card_face_is_an_anchor_for_test_institutions_alone(database: Database) {
        let (_folder, operator) = operator(&database).await;
        let key = SurfaceAuthority::test().unwrap().root();
        assert!(operator.add_anchor(&key).await.unwrap());
        assert!(!operator.add_anchor(&key).await.unwrap());
        let as_production = [b"5", &key[1..]].concat();
        assert!(matches!(operator.add_anchor(&as_production).await, Err(AdminError::Anchor(AnchorError::Name))));
        assert!(matches!(operator.add_anchor(&key[1..]).await, Err(AdminError::Anchor(AnchorError::Malformed))));
        let id = key[..16].try_into().unwrap();
        for is_test in [true, false] {
            let believed = crate::cards::Cards::default().anchors(is_test, &operator.store).await.unwrap();
            assert_eq!(believed.surface_key(id).is_some(), is_test);
        }
        assert_eq!(acts(&operator).await, ["anchor-added"]);
    }

    async fn visual_checks_are_switched_for_one_institution_and_its_devices_learn_it(database: Database) {
        let (_folder, operator) = operator(&database).await;
        operator.add_institution(&new("1310112345")).await.unwrap();
        operator.add_institution(&new("1330131234")).await.unwrap();
        let before = operator.institutions().await.unwrap();
        assert!(before.iter().all(|institution| !institution.visual));
        let on = operator.set_visual(&code("1310112345"), true).await.unwrap();
        let today = operator.today();
        assert!(on.visual && on.settings_version(today) > before[0].settings_version(today));
        assert_eq!(operator.institutions().await.unwrap()[1], before[1]);
        let off = operator.set_visual(&code("1310112345"), false).await.unwrap();
        assert!(!off.visual && off.settings_version(today) > on.settings_version(today));
        assert!(matches!(operator.set_visual(&code("1330199999"), true).await, Err(AdminError::NoInstitution(_))));
        let rows = ["institution-added", "institution-added", "visual-switched-on", "visual-switched-off"];
        assert_eq!(acts(&operator).await, rows);
    }

    async fn a_days_history_is_switched_for_one_institution_and_nothing_else_with_it(database: Database) {
        let (_folder, operator) = operator(&database).await;
        operator.add_institution(&new("1310112345")).await.unwrap();
        operator.add_institution(&new("1330131234")).await.unwrap();
        let before = operator.institutions().await.unwrap();
        let on = operator.set_history(&code("1310112345"), true).await.unwrap();
        let today = operator.today();
        assert_eq!((before[0].history, on.history, on.visual), (false, true, false));
        assert!(on.settings_version(today) > before[0].settings_version(today));
        assert_eq!(operator.institutions().await.unwrap()[1], before[1]);
        assert!(!operator.set_history(&code("1310112345"), false).await.unwrap().history);
        assert!(matches!(operator.set_history(&code("1330199999"), true).await, Err(AdminError::NoInstitution(_))));
        assert_eq!(acts(&operator).await[2..], ["history-switched-on", "history-switched-off"]);
    }

    async fn terms_are_published_by_rising_version(database: Database) {
        let (_folder, operator) = operator(&database).await;
        assert!(matches!(operator.add_terms(" \n").await, Err(AdminError::Empty(_))));
        assert_eq!(operator.add_terms("第1条").await.unwrap(), 1);
        assert_eq!(operator.add_terms("第1条の2").await.unwrap(), 2);
    }

    async fn a_rotation_leaves_its_rows_in_the_audit(database: Database) {
        let (_folder, mut operator) = operator(&database).await;
        operator.announce_next_key(Role::Service).await.unwrap();
        operator.take_over_key(Role::Service).await.unwrap();
        assert_eq!(acts(&operator).await, ["key-announced", "key-taken-over"]);
    }
}

#[test]
fn the_qr_is_a_square_grey_png_with_a_quiet_zone() {
    let image = qr_png(&"a".repeat(600)).unwrap();
    let mut reader = png::Decoder::new(std::io::Cursor::new(&*image)).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    assert_eq!((info.width, info.color_type), (info.height, png::ColorType::Grayscale));
    let width = usize::try_from(info.width).unwrap();
    assert!(pixels[..32 * width].iter().all(|pixel| *pixel == 255));
    // The finder pattern's corner.
    assert_eq!(pixels[32 * width + 32], 0);
    assert_eq!(pixels[32 * width + 31], 255);
    assert!(qr_png(&"a".repeat(5000)).is_err());
}
