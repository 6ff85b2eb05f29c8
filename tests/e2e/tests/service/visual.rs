//! Visual checks (目視確認): the name first, the answer once staff have confirmed it, and a record of both.

use sha2::{Digest as _, Sha256};
use shikaku::check::{
    CHALLENGES_PATH, ChallengesAnswer, ChallengesRequest, CheckOutcome, Evidence, EvidenceError,
    NameAttestation, NameToConfirm,
};
use shikaku::http::Response;
use shikaku::http::problem::{Problem, Retry};
use shikaku::identifier::InstitutionCode;
use shikaku::qualification::{Answer, Mode};
use shikaku::settings::{DeviceSettings, Phase, SETTINGS_PATH, SettingsAnswer, SettingsRequest};
use shikaku::trust::{TestEntries, TrustList};
use shikaku_portal::admin::AdminError;
use shikaku_portal::audit;
use shikaku_test_database::{Database, on_both_engines};
use shikaku_virtual_card::Card;
use tokio::task::JoinSet;

use crate::device::{Device, new_operation};
use crate::face::{BIRTH_DATE, CODE_B, audited, behind_a_gateway, body, confirmed, open_to_visual, saying};
use crate::site::{INSTITUTION, NOW, Site, TEST_INSTITUTION, import_registry, person};

on_both_engines! {
    async fn the_name_comes_first_and_the_answer_once_it_is_confirmed(database: Database) {
        let (site, mut device) = open_to_visual(&database).await;
        for (card, digits) in [("default", BIRTH_DATE), ("default", CODE_B), ("visual-foreign", "800102")] {
            let first = device.look_at(card, digits, &site).await;
            let shown = device.send(&site, &first).await;
            let name: NameToConfirm = shown.read();
            assert_eq!((name.name.as_str(), name.at, name.phase), ("資格 太郎", NOW, Phase::Test));
            assert_eq!((name.challenge_id, name.institution.as_str()), (first.challenge_id, TEST_INSTITUTION));
            let members: serde_json::Value = serde_json::from_slice(&shown.body).unwrap();
            let members: Vec<_> = members.as_object().unwrap().keys().cloned().collect();
            assert_eq!(members, ["at", "challenge_id", "format", "institution", "name", "phase", "salt"]);
            let answered = device.send(&site, &confirmed(&first, &shown)).await;
            let answer = Answer::from_json(&answered.body).unwrap();
            assert_eq!((answer.mode(), answered.code().as_str()), (Mode::Visual, "qualification-valid"));
            assert_eq!(answer.usable(None).unwrap().insurer_number.as_str(), "06130488");
        }
        assert_eq!(audited(&site).await, ["name-shown", "qualification-valid"].repeat(3));
        let rows = "audit WHERE mode = 'visual' AND staff = '窓口' AND phase = 'trial'";
        assert_eq!(site.count(rows).await, 6);
        assert_eq!(site.count("challenges WHERE state = 'used'").await, 3);
        assert!(audit::verify(&site.operator.store, &[]).await.unwrap().is_whole());
    }

    async fn each_step_is_answered_again_as_it_was_and_happens_once(database: Database) {
        let (site, mut device) = open_to_visual(&database).await;
        let check = device.look(&site).await;
        let mut first = device.request(&site, "/v1/checks", &check);
        let shown = site.send(&first).await;
        assert_eq!(site.send(&first).await.body, shown.body);
        let mut second = device.request(&site, "/v1/checks", &confirmed(&check, &shown));
        let answered = site.send(&second).await;
        assert_eq!(answered.status, 200);
        site.wait(400);
        for (request, before) in [(&mut first, &shown), (&mut second, &answered)] {
            device.sign(request, site.clock.now());
            assert_eq!(&site.send(request).await.body, &before.body);
        }
        assert_eq!(audited(&site).await, ["name-shown", "qualification-valid"]);
        assert_eq!(site.count("outcomes").await, 2);
    }

    async fn of_many_copies_of_a_step_one_counts_and_all_get_its_answer(database: Database) {
        let (site, mut device) = open_to_visual(&database).await;
        let check = device.look(&site).await;
        let first = device.request(&site, "/v1/checks", &check);
        let answers = at_once(&site, vec![first.clone(); 5]).await;
        assert!(answers.iter().all(|answer| answer.status == 200 && answer.body == answers[0].body));
        let shown = site.send(&first).await;
        let second = device.request(&site, "/v1/checks", &confirmed(&check, &shown));
        let answers = at_once(&site, vec![second.clone(); 5]).await;
        assert!(answers.iter().all(|answer| answer.status == 200 && answer.body == answers[0].body));
        assert_eq!(audited(&site).await, ["name-shown", "qualification-valid"]);
    }

    async fn of_rival_operations_on_a_step_one_counts(database: Database) {
        let (site, mut device) = open_to_visual(&database).await;
        let check = device.look(&site).await;
        let rivals = (0..4).map(|_| device.request(&site, "/v1/checks", &check)).collect();
        let answers = at_once(&site, rivals).await;
        let shown: Vec<_> = answers.iter().filter(|answer| answer.status == 200).collect();
        assert_eq!((shown.len(), answers.iter().filter(|answer| answer.status == 409).count()), (1, 3));
        let name = serde_json::from_slice::<NameToConfirm>(&shown[0].body).unwrap().name;
        let yes = saying(&check, NameAttestation::Confirmed { name });
        let no = saying(&check, NameAttestation::Denied);
        let rivals = [&yes, &no, &yes, &no].map(|step| device.request(&site, "/v1/checks", step)).to_vec();
        let answers = at_once(&site, rivals).await;
        assert_eq!(answers.iter().filter(|answer| answer.status == 409).count(), 3);
        assert_eq!(audited(&site).await.len(), 2);
        assert_eq!(site.count("challenges WHERE state = 'used'").await, 1);
    }

    async fn a_name_that_staff_deny_ends_the_check(database: Database) {
        let (site, mut device) = open_to_visual(&database).await;
        let first = device.look(&site).await;
        let shown = device.send(&site, &first).await;
        let mut denied = device.request(&site, "/v1/checks", &saying(&first, NameAttestation::Denied));
        let refused = site.send(&denied).await;
        assert_eq!((refused.status, refused.code().as_str(), refused.retry()), (422, "name-denied", Retry::No));
        device.sign(&mut denied, site.clock.now());
        assert_eq!(site.send(&denied).await.body, refused.body);
        assert_eq!(device.send(&site, &confirmed(&first, &shown)).await.code(), "challenge-used");
        assert_eq!(audited(&site).await, ["name-shown", "name-denied"]);
    }

    async fn where_there_is_nothing_of_a_person_to_tell_the_answer_comes_at_once(database: Database) {
        let (site, mut device) = open_to_visual(&database).await;
        import_registry(&site.operator, &[person("2", "no-extended", "別の 人")]).await;
        let unlinked = device.look(&site).await;
        let answered = device.send(&site, &unlinked).await;
        assert_eq!(Answer::from_json(&answered.body).unwrap().mode(), Mode::Visual);
        assert_eq!(answered.code(), "certificate-unlinked");
        let nobody = person("1", "default", "資格 太郎").replace("\"Enrolled\":true", "\"Enrolled\":false");
        import_registry(&site.operator, &[nobody]).await;
        let look = device.look(&site).await;
        let answered = device.send(&site, &look).await;
        assert_eq!(answered.code(), "not-enrolled");
        assert_eq!(audited(&site).await, ["certificate-unlinked", "not-enrolled"]);
        assert_eq!(site.count("challenges WHERE state = 'used'").await, 2);
    }

    async fn nobody_who_reads_the_audit_can_try_names(database: Database) {
        let (site, mut device) = open_to_visual(&database).await;
        let first = device.look(&site).await;
        let shown = device.send(&site, &first).await;
        let digest = |body: &[u8]| format!("audit WHERE answer_sha256 = {}", literal(&database, &Sha256::digest(body)));
        assert_eq!(site.count(&digest(&shown.body)).await, 1);
        let NameToConfirm { name, .. } = shown.read();
        assert_eq!(name.as_str(), "資格 太郎");
        // All that stands in the row beside the digest, and the right name.
        let tried = NameToConfirm { salt: [0; 16], ..shown.read() };
        assert_ne!(tried, shown.read());
        assert_eq!(site.count(&digest(&serde_json::to_vec(&tried).unwrap())).await, 0);
        let again = device.look(&site).await;
        let again: NameToConfirm = device.send(&site, &again).await.read();
        assert_ne!(again.salt, shown.read::<NameToConfirm>().salt, "a salt of its own");
    }

    async fn of_several_qualifications_all_bear_the_cards_birth_date_or_nothing_is_shown(database: Database) {
        let (site, mut device) = open_to_visual(&database).await;
        let mut holder: serde_json::Value =
            serde_json::from_str(&person("1", "default", "旧姓 花子")).unwrap();
        let mut other = holder["Qualifications"][0].clone();
        other["InsurerNumber"] = "39131016".into();
        other["Name"] = "新姓 花子".into();
        other["QualificationDate"] = "2026-09-01".into();
        let older = holder["Qualifications"][0].clone();
        for both in [[&older, &other], [&other, &older]] {
            holder["Qualifications"] = serde_json::json!(both);
            import_registry(&site.operator, &[holder.to_string()]).await;
            let first = device.look(&site).await;
            let shown = device.send(&site, &first).await;
            assert_eq!(shown.read::<NameToConfirm>().name.as_str(), "新姓 花子", "whatever their order");
            let answered = device.send(&site, &confirmed(&first, &shown)).await;
            assert_eq!(answered.code(), "qualification-multiple");
        }
        other["Birthdate"] = "1980-01-03".into();
        holder["Qualifications"] = serde_json::json!([other, older]);
        import_registry(&site.operator, &[holder.to_string()]).await;
        let look = device.look(&site).await;
        let refused = device.send(&site, &look).await;
        assert_eq!(refused.code(), "surface-birth-date");
    }

    async fn where_it_is_not_switched_on_it_is_refused_and_uses_nothing_up(database: Database) {
        let site = Site::start(&database).await;
        let mut device = Device::registered(&site).await;
        let challenge = device.challenges[0].clone();
        let refused = device.look(&site).await;
        let refused = device.request(&site, "/v1/checks", &refused);
        assert_eq!((site.send(&refused).await.status, site.send(&refused).await.code().as_str()), (422, "mode-refused"));
        assert_eq!((audited(&site).await.len(), site.count("outcomes").await), (0, 0));
        let by_pin = device.tap(&mut Card::from_name("default").unwrap(), &challenge);
        assert_eq!(device.send(&site, &by_pin).await.status, 200);
        // Devices learn it without another registration.
        assert!(!device.settings.visual);
        site.switch_visual(TEST_INSTITUTION, true).await;
        let asked = device.request(&site, CHALLENGES_PATH, &ChallengesRequest { count: 1 });
        assert!(site.send(&asked).await.read::<ChallengesAnswer>().settings_version > device.settings.version);
        let asked = device.request(&site, SETTINGS_PATH, &SettingsRequest {});
        let settings = site.send(&asked).await.read::<SettingsAnswer>().settings;
        device.settings = DeviceSettings::accept(&settings, site.trust(), Some(&device.settings)).unwrap();
        assert!(device.settings.visual);
        let first = device.look(&site).await;
        let shown = device.send(&site, &first).await;
        site.switch_visual(TEST_INSTITUTION, false).await;
        assert_eq!(device.send(&site, &confirmed(&first, &shown)).await.code(), "mode-refused");
        site.switch_visual(TEST_INSTITUTION, true).await;
        assert_eq!(device.send(&site, &confirmed(&first, &shown)).await.code(), "qualification-valid");
        assert_eq!(site.count("audit WHERE outcome IN ('visual-switched-on', 'visual-switched-off')").await, 3);
    }

    async fn names_have_a_quota_of_their_own(database: Database) {
        let (site, mut device) = open_to_visual(&database).await;
        let other = Device::registered(&site).await;
        let mut last = None;
        for _ in 0..device.settings.limits.visual_per_minute {
            let first = device.look(&site).await;
            let shown = device.send(&site, &first).await;
            last = Some((first, shown));
        }
        let seventh = device.look(&site).await;
        let mut request = device.request(&site, "/v1/checks", &seventh);
        let slowed = site.send(&request).await;
        assert_eq!((slowed.status, slowed.retry(), slowed.headers.only("retry-after")), (429, Retry::Same, Ok("10")));
        let said: Problem = serde_json::from_slice(&slowed.body).unwrap();
        assert_eq!(said.retry_after, Some(10), "the header has no signature");
        assert_eq!((audited(&site).await.len(), site.count("outcomes").await), (6, 6));
        // What comes after a name is not counted with it, and neither are checks with the PIN nor other devices.
        let (first, shown) = last.unwrap();
        assert_eq!(device.send(&site, &confirmed(&first, &shown)).await.status, 200);
        assert_eq!(site.send(&device.check_request(&site).await).await.status, 200);
        let mut other = other;
        let look = other.look(&site).await;
        assert_eq!(other.send(&site, &look).await.status, 200);
        site.wait(10);
        device.sign(&mut request, site.clock.now());
        assert_eq!(site.send(&request).await.status, 200);
    }

    async fn challenges_that_are_fetched_meanwhile_do_not_retire_the_one_between_the_steps(database: Database) {
        let (site, mut device) = open_to_visual(&database).await;
        let first = device.look(&site).await;
        let shown = device.send(&site, &first).await;
        for _ in 0..3 {
            site.wait(1);
            assert_eq!(device.fetch(&site, 4).await.len(), 4);
        }
        assert_eq!(device.send(&site, &confirmed(&first, &shown)).await.status, 200);
    }

    async fn every_visual_check_is_listed_to_its_institution_and_to_no_other(database: Database) {
        let (site, mut device) = open_to_visual(&database).await;
        let first = device.look(&site).await;
        let shown = device.send(&site, &first).await;
        device.send(&site, &saying(&first, NameAttestation::Denied)).await;
        assert_eq!(site.send(&device.check_request(&site).await).await.status, 200);
        assert_eq!(shown.status, 200);
        let listed = async |code: &str, day: &str| {
            let (code, day) = (InstitutionCode::admitted(code).unwrap(), day.parse().unwrap());
            site.operator.visual_checks(&code, (day, day)).await.unwrap()
        };
        let rows = listed(TEST_INSTITUTION, "2026-09-21").await;
        let outcomes: Vec<_> = rows.iter().map(|row| row.outcome.as_str()).collect();
        assert_eq!(outcomes, ["name-shown", "name-denied"]);
        let of = |row: &audit::VisualRow| (row.at, row.device.clone(), row.staff.clone(), row.challenge.clone());
        let expected =
            (NOW, device.settings.device_id.to_string(), "窓口".to_owned(), first.challenge_id.to_vec());
        assert!(rows.iter().all(|row| of(row) == expected));
        for (code, day) in [(INSTITUTION, "2026-09-21"), (TEST_INSTITUTION, "2026-09-20"), (TEST_INSTITUTION, "2026-09-22")] {
            assert_eq!(listed(code, day).await, []);
        }
        let code = InstitutionCode::admitted(TEST_INSTITUTION).unwrap();
        for (first, last, listed) in [
            ("2026-09-20", "2026-09-22", Some(2)),
            ("2025-09-22", "2026-09-22", Some(2)),
            ("2025-09-21", "2026-09-22", None),
            ("2026-09-22", "2026-09-20", None),
        ] {
            let days = (first.parse().unwrap(), last.parse().unwrap());
            let found = site.operator.visual_checks(&code, days).await;
            assert_eq!(found.as_ref().ok().map(Vec::len), listed, "{first} to {last}");
            assert_eq!(matches!(found, Err(AdminError::Days { .. })), listed.is_none());
        }
    }

    async fn the_core_goes_the_whole_way_and_takes_the_evidence_along(database: Database) {
        let (site, mut device) = open_to_visual(&database).await;
        let keys = &site.trust().service_keys;
        let card = &mut Card::from_name("default").unwrap();
        let first = device.unsent_look(card, CODE_B, &site).await;
        let CheckOutcome::NameToConfirm(named) = judged(&site, &device, &first).await else { panic!() };
        assert_eq!((named.name().as_str(), named.phase()), ("資格 太郎", Phase::Test));
        let second = named.confirm(new_operation());
        let CheckOutcome::Answered(answer) = judged(&site, &device, &second).await else { panic!() };
        let file = answer.evidence(shikaku::http::Signer::spki(&device.key)).sign(&device.key).unwrap();
        let trust = TrustList::new(vec![site.trust().clone()], TestEntries::Allow).unwrap();
        let evidence = Evidence::verify(&file, &trust).unwrap();
        assert_eq!(evidence.answer.answer().mode(), Mode::Visual);
        assert_eq!(answer.sheet(), evidence.answer.sheet());
        assert!(!keys.is_empty());
        let mut parts: Vec<_> = file.split('.').map(str::to_owned).collect();
        let at = parts[1].len() / 2;
        let changed = if &parts[1][at..=at] == "A" { "B" } else { "A" };
        parts[1].replace_range(at..=at, changed);
        let tampered = Evidence::verify(&parts.join("."), &trust).unwrap_err();
        assert!(matches!(tampered, EvidenceError::Container(_) | EvidenceError::Malformed), "{tampered}");
        // Denied, there is no answer and so no evidence.
        let first = device.unsent_look(card, BIRTH_DATE, &site).await;
        let CheckOutcome::NameToConfirm(named) = judged(&site, &device, &first).await else { panic!() };
        let CheckOutcome::Refused(refusal) = judged(&site, &device, &named.deny(new_operation())).await else { panic!() };
        assert_eq!(refusal.code().as_str(), "name-denied");
    }

    async fn a_remote_source_is_asked_in_both_steps_under_one_claim(database: Database) {
        let (gateway, site, mut device) = behind_a_gateway(&database).await;
        let first = device.look(&site).await;
        let shown = device.send(&site, &first).await;
        assert_eq!(shown.read::<NameToConfirm>().name.as_str(), "関門 花子");
        assert_eq!(site.count("claims WHERE answered_at IS NULL AND mode = 'visual'").await, 1);
        assert_eq!(site.count("challenges WHERE state = 'named'").await, 1);
        site.service().tidy().await.unwrap();
        let answered = device.send(&site, &confirmed(&first, &shown)).await;
        assert_eq!(answered.code(), "qualification-valid");
        let asked = gateway.asked();
        assert_eq!((asked.len(), &asked[0]), (2, &asked[1]));
        assert_eq!(audited(&site).await, ["asked", "name-shown", "qualification-valid"]);
        assert_eq!(site.count("claims WHERE answered_at IS NOT NULL").await, 1);
        let first = device.look(&site).await;
        assert_eq!(device.send(&site, &first).await.status, 200);
        assert_eq!(device.send(&site, &saying(&first, NameAttestation::Denied)).await.code(), "name-denied");
        // A name that is denied is asked about once, and its claim is closed.
        assert_eq!((gateway.asked().len(), site.count("claims WHERE answered_at IS NULL").await), (3, 0));
    }

    async fn a_remote_source_that_fails_in_the_second_step_is_asked_again_under_the_same_claim(database: Database) {
        let (mut gateway, site, mut device) = behind_a_gateway(&database).await;
        let first = device.look(&site).await;
        let shown = device.send(&site, &first).await;
        gateway.go_down().await;
        let mut second = device.request(&site, "/v1/checks", &confirmed(&first, &shown));
        assert_eq!(site.send(&second).await.code(), "source-down");
        gateway.come_up().await.unwrap();
        device.sign(&mut second, site.clock.now());
        assert_eq!(site.send(&second).await.code(), "qualification-valid");
        let asked = gateway.asked();
        assert!(asked.iter().all(|question| question == &asked[0]));
        assert_eq!(audited(&site).await, ["asked", "name-shown", "qualification-valid"]);
    }

    async fn a_name_that_nobody_confirms_is_given_up_with_its_challenge_and_its_claim(database: Database) {
        let (mut gateway, site, mut device) = behind_a_gateway(&database).await;
        let left = device.look(&site).await;
        let shown = device.send(&site, &left).await;
        let late = confirmed(&left, &shown);
        // And one whose source was down in the first step: after the challenge's end no name is worth showing.
        gateway.go_down().await;
        let look = device.look(&site).await;
        let mut down = device.request(&site, "/v1/checks", &look);
        assert_eq!(site.send(&down).await.code(), "source-down");
        gateway.come_up().await.unwrap();
        site.wait(300);
        assert_eq!(device.send(&site, &saying(&late, late.visual.clone().unwrap().name)).await.code(), "challenge-expired");
        device.sign(&mut down, site.clock.now());
        assert_eq!(site.send(&down).await.code(), "challenge-expired");
        site.service().tidy().await.unwrap();
        assert_eq!((site.count("claims").await, gateway.asked().len()), (0, 1));
        let mut rows = audited(&site).await;
        rows.sort_unstable();
        assert_eq!(rows, ["abandoned", "abandoned", "asked", "asked", "name-shown"]);
        site.service().tidy().await.unwrap();
        assert_eq!(site.count("challenges WHERE state IN ('named', 'claimed')").await, 0);
    }

    async fn the_database_never_holds_what_the_card_said_and_forgets_what_it_showed(database: Database) {
        let (_gateway, site, mut device) = behind_a_gateway(&database).await;
        let stranger = person("2", "no-extended", "別の 人").replace("1980-01-02", "1971-05-06");
        import_registry(&site.operator, &[stranger]).await;
        site.operator.store.fold_log().await.unwrap();
        let mut wanted: Vec<Vec<u8>> = vec!["関門 花子".into(), "1980-01-02".into(), "19800102".into()];
        for digits in [BIRTH_DATE, CODE_B] {
            let first = device.look_at("default", digits, &site).await;
            let shown = device.send(&site, &first).await;
            assert_eq!(device.send(&site, &confirmed(&first, &shown)).await.code(), "qualification-valid");
            let visual = first.visual.as_ref().unwrap();
            wanted.extend([first.certificate.clone(), first.card_signature.to_vec(), visual.cv_certificate.clone()]);
            wanted.push(record_of(visual));
        }
        let left = device.look(&site).await;
        assert_eq!(device.send(&site, &left).await.status, 200);
        let before = everything(&database, &site).await;
        // The answers are there, sealed; what the search must find it finds.
        assert!(site.count("outcomes WHERE answer_sealed IS NOT NULL").await == 5);
        assert!(holds(&before, "窓口".as_bytes()) && holds(&before, &stored(&database, &left.challenge_id)));
        assert!(wanted.iter().all(|octets| !found(&database, &before, octets)));
        site.wait(900);
        site.service().tidy().await.unwrap();
        assert_eq!(site.count("outcomes WHERE answer_sealed IS NOT NULL").await, 0);
        site.wait(2 * 86_400);
        site.service().tidy().await.unwrap();
        site.service().tidy().await.unwrap();
        assert_eq!(site.count("challenges WHERE named_with IS NOT NULL").await, 0);
        assert_eq!((site.count("outcomes").await, site.count("audit WHERE mode = 'visual'").await), (0, 9));
        let after = everything(&database, &site).await;
        assert!(wanted.iter().all(|octets| !found(&database, &after, octets)));
    }
}

/// What the device makes of the service's answer to a check.
async fn judged(site: &Site, device: &Device, check: &shikaku::check::UnsentCheck) -> CheckOutcome {
    let request = check.request(&device.key, site.clock.now()).unwrap();
    assert_eq!(body(check, device).mode, Mode::Visual);
    let answer = site.transport.send(&request).await.unwrap();
    check.judge(&request, &answer, &site.trust().service_keys)
}

async fn at_once(site: &Site, requests: Vec<shikaku::http::Request>) -> Vec<Response> {
    let mut copies = JoinSet::new();
    for request in requests {
        let transport = site.transport.clone();
        copies.spawn(async move { transport.send(&request).await.unwrap() });
    }
    copies.join_all().await
}

/// The octets of the record that begin with the holder's birth date.
fn record_of(visual: &shikaku::check::VisualCheck) -> Vec<u8> {
    match &visual.record {
        shikaku::check::SurfaceRecord::Age { octets } => octets.clone(),
        shikaku::check::SurfaceRecord::Face { group, .. } => group.clone(),
    }
}

/// Everything that the database holds: the files, free pages and log included; on PostgreSQL every row.
async fn everything(database: &Database, site: &Site) -> Vec<u8> {
    if let Some(folder) = database.folder() {
        let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        return files.flat_map(|file| std::fs::read(file).unwrap()).collect();
    }
    let mut reader = site.operator.store.read().await.unwrap();
    let tables = "SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'public'";
    let tables: Vec<String> = sqlx::query_scalar(tables).fetch_all(&mut *reader).await.unwrap();
    let mut everything = Vec::new();
    for table in tables {
        let rows = format!("SELECT r::text FROM {table} r");
        let rows: Vec<String> =
            sqlx::query_scalar(sqlx::AssertSqlSafe(rows)).fetch_all(&mut *reader).await.unwrap();
        everything.extend(rows.concat().into_bytes());
    }
    everything
}

/// The octets as the files hold them, or as PostgreSQL writes them out.
fn stored(database: &Database, octets: &[u8]) -> Vec<u8> {
    if database.is_postgres() { shikaku_tests::gateway::hex(octets).into_bytes() } else { octets.to_vec() }
}

/// The octets as SQL has them.
fn literal(database: &Database, octets: &[u8]) -> String {
    let hex = shikaku_tests::gateway::hex(octets);
    if database.is_postgres() { format!("'\\x{hex}'") } else { format!("x'{hex}'") }
}

/// Whether the octets lie there as they are, as hexadecimal or as base64url.
fn found(database: &Database, everything: &[u8], octets: &[u8]) -> bool {
    use base64::Engine as _;
    let encoded = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(octets);
    holds(everything, octets)
        || holds(everything, &stored(database, octets))
        || holds(everything, encoded.as_bytes())
}

fn holds(everything: &[u8], wanted: &[u8]) -> bool {
    everything.windows(wanted.len()).any(|window| window == wanted)
}
