//! Visual checks that must not pass: other people's cards, copies, replays, steps out of turn, and garbage.

use shikaku::check::{CHECKS_PATH, CheckRequest, NameAttestation, NameToConfirm, SurfaceRecord, VisualCheck};
use shikaku::http::problem::Retry;
use shikaku::qualification::Mode;
use shikaku_test_database::on_both_engines;
use shikaku_virtual_card::Card;
use shikaku_virtual_card::issue::issue_crl;

use crate::device::Device;
use crate::face::{BIRTH_DATE, CODE_B, audited, body, confirmed, open_to_visual, saying};
use crate::revocation::clear;
use crate::site::{INSTITUTION, NOW, Site, TEST_INSTITUTION, import_registry, person};

/// A record of a J-LIS test card: genuine, and issued by nobody whom these tests believe.
const FOREIGN_RECORD: &[u8] = include_bytes!("../../../data/jpki/surface/age-record.bin");
const FOREIGN_ISSUER: &[u8] = include_bytes!("../../../data/jpki/surface/certificate.bin");
const FORGED_RECORD: &[u8] = include_bytes!("../../../data/cards/visual-forged/surface-age.bin");

/// Sends a check that is to be refused for good, twice: it has used its challenge up and is audited once.
async fn refused(site: &Site, device: &Device, check: &CheckRequest, code: &str) {
    let rows = format!("audit WHERE mode = '{}' AND outcome = '{code}'", mode(check));
    let before = site.count(&rows).await;
    let mut request = device.request(site, CHECKS_PATH, check);
    let refused = site.send(&request).await;
    assert_eq!((refused.status, refused.code().as_str(), refused.retry()), (422, code, Retry::No));
    assert!(!refused.text().contains("太郎") && !refused.text().contains("1980"));
    device.sign(&mut request, site.clock.now());
    assert_eq!(site.send(&request).await.body, refused.body);
    assert_eq!(site.count(&rows).await, before + 1);
    // Until the quota has room again, which is not what these tests are about.
    site.wait(20);
    assert_eq!(device.send(site, check).await.code(), "challenge-used");
}

const fn mode(check: &CheckRequest) -> &'static str {
    match check.mode {
        Mode::Pin => "pin",
        Mode::Visual => "visual",
    }
}

/// The same check with something else in what stands for the PIN.
fn with(check: &CheckRequest, change: impl FnOnce(&mut VisualCheck)) -> CheckRequest {
    let mut changed = check.clone();
    change(changed.visual.as_mut().unwrap());
    changed
}

on_both_engines! {
    async fn a_card_of_somebody_born_on_another_day_shows_nothing(database: Database) {
        let (site, mut device) = open_to_visual(&database).await;
        let check = device.look_at("visual-other-birth", "560102", &site).await;
        refused(&site, &device, &check, "surface-birth-date").await;
        assert_eq!(audited(&site).await, ["surface-birth-date"]);
    }

    /// A copied certificate in a genuine card of somebody born on the same day: what SECURITY.md admits, and no more.
    async fn a_copied_certificate_and_a_genuine_card_of_that_birth_date_get_as_far_as_a_name(database: Database) {
        let (site, mut device) = open_to_visual(&database).await;
        let victim = Card::from_name("no-extended").unwrap().certificate().unwrap().to_vec();
        let holder = person("2", "no-extended", "被害 花子");
        import_registry(&site.operator, &[person("1", "default", "資格 太郎"), holder.clone()]).await;
        let mut card = Card::from_name("default").unwrap();
        card.replace_certificate(&victim);
        let first = body(&device.unsent_look(&mut card, BIRTH_DATE, &site).await, &device);
        let shown = device.send(&site, &first).await;
        assert_eq!(shown.read::<NameToConfirm>().name.as_str(), "被害 花子");
        assert!(!shown.text().contains("1980") && !shown.text().contains("06130488"));
        // The name on the attacker's own card is no way on.
        let own = NameAttestation::Confirmed { name: "資格 太郎".parse().unwrap() };
        refused(&site, &device, &saying(&first, own), "name-not-shown").await;
        assert_eq!(audited(&site).await, ["name-shown", "name-not-shown"]);
        // Born on another day, not even that.
        import_registry(&site.operator, &[holder.replace("1980-01-02", "1980-01-03")]).await;
        let first = body(&device.unsent_look(&mut card, BIRTH_DATE, &site).await, &device);
        refused(&site, &device, &first, "surface-birth-date").await;
    }

    async fn records_that_are_not_the_cards_own_or_not_genuine_are_refused(database: Database) {
        let (site, mut device) = open_to_visual(&database).await;
        let age = |octets: &[u8]| SurfaceRecord::Age { octets: octets.to_vec() };
        let good = device.look(&site).await;
        let forged = with(&good, |visual| visual.record = age(FORGED_RECORD));
        refused(&site, &device, &forged, "surface-forged").await;
        let good = device.look(&site).await;
        let foreign = with(&good, |visual| visual.record = age(FOREIGN_RECORD));
        refused(&site, &device, &foreign, "surface-forged").await;
        // With its own issuer, which is genuine and nobody whom this service believes.
        let good = device.look(&site).await;
        let foreign = with(&foreign, |visual| visual.cv_certificate = FOREIGN_ISSUER.to_vec());
        let foreign = CheckRequest { challenge_id: good.challenge_id, ..foreign };
        refused(&site, &device, &foreign, "surface-issuer-unknown").await;
        // The files of a card, copied beside a key of one's own.
        let challenge = device.challenge(&site).await;
        let copied = device.face_signature(&mut Card::from_name("visual-copied").unwrap(), &challenge);
        let copied = CheckRequest { challenge_id: challenge.id, card_signature: copied, ..good };
        refused(&site, &device, &copied, "surface-copied").await;
    }

    async fn one_octet_changed_anywhere_in_the_evidence_is_refused(database: Database) {
        let (site, mut device) = open_to_visual(&database).await;
        let changes: [fn(&mut VisualCheck); 4] = [
            |visual| *visual.cv_certificate.last_mut().unwrap() ^= 1,
            |visual| visual.cv_certificate[250] ^= 1,
            |visual| {
                let SurfaceRecord::Face { photo_sha256, .. } = &mut visual.record else { panic!() };
                photo_sha256[0] ^= 1;
            },
            |visual| {
                let SurfaceRecord::Face { signature, .. } = &mut visual.record else { panic!() };
                signature[200] ^= 1;
            },
        ];
        for change in changes {
            let good = device.look_at("default", CODE_B, &site).await;
            refused(&site, &device, &with(&good, change), "surface-forged").await;
        }
    }

    async fn a_signature_for_another_challenge_device_or_certificate_proves_nothing(database: Database) {
        let (site, mut device) = open_to_visual(&database).await;
        let old = device.look(&site).await;
        assert_eq!(device.send(&site, &old).await.status, 200);
        let challenge = device.challenge(&site).await;
        let replayed = CheckRequest { challenge_id: challenge.id, ..old.clone() };
        refused(&site, &device, &replayed, "surface-copied").await;
        // Signed for another device's key, on a challenge of this one.
        let other = Device::registered(&site).await;
        let challenge = device.challenge(&site).await;
        let signature = other.face_signature(&mut Card::from_name("default").unwrap(), &challenge);
        let relayed = CheckRequest { challenge_id: challenge.id, card_signature: signature, ..old.clone() };
        refused(&site, &device, &relayed, "surface-copied").await;
        // Another genuine certificate put in after the tap.
        let mut swapped = device.look(&site).await;
        swapped.certificate = Card::from_name("no-extended").unwrap().certificate().unwrap().to_vec();
        refused(&site, &device, &swapped, "surface-copied").await;
    }

    async fn neither_signature_serves_for_the_other_way_of_checking(database: Database) {
        let (site, mut device) = open_to_visual(&database).await;
        let card = &mut Card::from_name("default").unwrap();
        let challenge = device.challenges[0].clone();
        let by_pin = device.tap(card, &challenge);
        let visual = device.look(&site).await;
        assert_eq!(visual.challenge_id, by_pin.challenge_id);
        let signed = CheckRequest { card_signature: by_pin.card_signature, ..visual.clone() };
        refused(&site, &device, &signed, "surface-copied").await;
        let challenge = device.challenges[0].clone();
        let by_pin = device.tap(card, &challenge);
        let visual = device.look(&site).await;
        let signed = CheckRequest { card_signature: visual.card_signature, ..by_pin };
        refused(&site, &device, &signed, "card-signature-wrong").await;
    }

    async fn what_is_not_attested_or_neither_one_thing_nor_the_other_is_malformed(database: Database) {
        let (site, mut device) = open_to_visual(&database).await;
        let good = device.look(&site).await;
        let staff = |staff: Option<&str>| CheckRequest { staff: staff.map(str::to_owned), ..good.clone() };
        let at = |at| with(&good, |visual| visual.attested_at = at);
        for check in [
            staff(None),
            staff(Some("")),
            staff(Some("\u{3000} ")),
            at(NOW.plus(301)),
            at(NOW.minus(601)),
            at(shikaku::instant::UnixTime(0)),
            at(shikaku::instant::UnixTime(u64::MAX)),
            CheckRequest { mode: Mode::Pin, ..good.clone() },
            CheckRequest { visual: None, ..good.clone() },
        ] {
            assert_eq!(device.send(&site, &check).await.code(), "request-malformed");
        }
        assert_eq!((audited(&site).await.len(), site.count("outcomes").await), (0, 0));
        assert_eq!(device.send(&site, &at(NOW.plus(300))).await.status, 200);
    }

    async fn a_name_is_confirmed_only_after_it_was_shown(database: Database) {
        let (site, mut device) = open_to_visual(&database).await;
        let name = |name: &str| NameAttestation::Confirmed { name: name.parse().unwrap() };
        let first = device.look(&site).await;
        refused(&site, &device, &saying(&first, name("資格 太郎")), "name-not-shown").await;
        let first = device.look(&site).await;
        refused(&site, &device, &saying(&first, NameAttestation::Denied), "name-not-shown").await;
        for other in ["資格 次郎", "資格\u{3000}太郎", "資格太郎", "資格 太郎 ", "資格 太郎\u{e0100}"] {
            let first = device.look(&site).await;
            assert_eq!(device.send(&site, &first).await.status, 200);
            refused(&site, &device, &saying(&first, name(other)), "name-not-shown").await;
        }
        assert_eq!(site.count("audit WHERE outcome LIKE 'qualification%'").await, 0);
    }

    async fn the_second_step_is_the_same_check_as_the_first(database: Database) {
        let (site, mut device) = open_to_visual(&database).await;
        let other = Card::from_name("no-extended").unwrap().certificate().unwrap().to_vec();
        for attack in 0..6 {
            let challenge = device.challenges.first().cloned();
            let first = device.look(&site).await;
            let shown = device.send(&site, &first).await;
            let second = confirmed(&first, &shown);
            let changed = match attack {
                0 => CheckRequest { certificate: other.clone(), ..second },
                1 => CheckRequest { staff: Some("別の者".to_owned()), ..second },
                2 => with(&second, |visual| visual.attested_at = NOW.plus(1)),
                // Genuine evidence of the same card on the same challenge, but not the one that was shown for.
                3 => {
                    device.challenges.insert(0, challenge.unwrap());
                    let full = device.look_at("default", CODE_B, &site).await;
                    assert_eq!(full.challenge_id, first.challenge_id);
                    saying(&full, second.visual.unwrap().name)
                }
                4 => with(&second, |visual| visual.cv_certificate[250] ^= 1),
                _ => saying(&CheckRequest { staff: Some("別の者".to_owned()), ..first }, NameAttestation::Denied),
            };
            refused(&site, &device, &changed, "name-not-shown").await;
            device.challenges = device.fetch(&site, 4).await;
        }
    }

    async fn only_the_device_that_was_shown_a_name_can_go_on(database: Database) {
        let (site, mut device) = open_to_visual(&database).await;
        let neighbour = Device::registered(&site).await;
        site.switch_visual(INSTITUTION, true).await;
        let stranger = Device::registered_with(&site, INSTITUTION).await;
        let first = device.look(&site).await;
        let shown = device.send(&site, &first).await;
        let second = confirmed(&first, &shown);
        for thief in [&neighbour, &stranger] {
            assert_eq!(thief.send(&site, &second).await.code(), "challenge-unknown");
            assert_eq!(thief.send(&site, &first).await.code(), "challenge-unknown");
        }
        // Nor does any other step or way on this challenge.
        assert_eq!(device.send(&site, &first).await.code(), "challenge-used");
        let by_pin = CheckRequest { mode: Mode::Pin, visual: None, ..first.clone() };
        assert_eq!(device.send(&site, &by_pin).await.code(), "challenge-used");
        assert_eq!(device.send(&site, &second).await.code(), "qualification-valid");
        assert_eq!(audited(&site).await, ["name-shown", "qualification-valid"]);
    }

    async fn a_name_that_the_registry_changed_between_the_steps_is_not_the_one_that_was_shown(database: Database) {
        let (site, mut device) = open_to_visual(&database).await;
        let first = device.look(&site).await;
        let shown = device.send(&site, &first).await;
        import_registry(&site.operator, &[person("1", "default", "新姓 太郎")]).await;
        refused(&site, &device, &confirmed(&first, &shown), "name-not-shown").await;
        let first = device.look(&site).await;
        let shown = device.send(&site, &first).await;
        let younger = person("1", "default", "新姓 太郎").replace("1980-01-02", "1981-01-02");
        import_registry(&site.operator, &[younger]).await;
        refused(&site, &device, &confirmed(&first, &shown), "surface-birth-date").await;
    }

    async fn between_the_steps_time_suspension_and_revocation_count(database: Database) {
        let (site, mut device) = open_to_visual(&database).await;
        let first = device.look(&site).await;
        let shown = device.send(&site, &first).await;
        site.operator.load_crl(issue_crl(NOW.0 + 1, &[0x22_9000]).unwrap()).await.unwrap();
        site.wait(2);
        refused(&site, &device, &confirmed(&first, &shown), "certificate-revoked").await;
        site.operator.load_crl(issue_crl(NOW.0 + 2, &[]).unwrap()).await.unwrap();
        let first = device.look(&site).await;
        let shown = device.send(&site, &first).await;
        site.wait(300);
        assert_eq!(device.send(&site, &confirmed(&first, &shown)).await.code(), "challenge-expired");
        device.challenges = device.fetch(&site, 4).await;
        let first = device.look(&site).await;
        let shown = device.send(&site, &first).await;
        let account = site.operator.accounts(None).await.unwrap().remove(0).id;
        site.operator.suspend_account(&account).await.unwrap();
        assert_eq!(device.send(&site, &confirmed(&first, &shown)).await.code(), "device-suspended");
        site.operator.resume_account(&account).await.unwrap();
        assert_eq!(device.send(&site, &confirmed(&first, &shown)).await.code(), "challenge-expired");
        assert_eq!(site.count("challenges WHERE state = 'named' AND expires_at > 1790000400").await, 0);
    }

    async fn where_revocation_is_not_known_no_name_is_shown_and_nothing_is_used_up(database: Database) {
        let (site, mut device) = open_to_visual(&database).await;
        clear(&site).await;
        let first = device.look(&site).await;
        let mut request = device.request(&site, CHECKS_PATH, &first);
        let unknown = site.send(&request).await;
        assert_eq!((unknown.status, unknown.code().as_str(), unknown.retry()), (503, "revocation-unknown", Retry::Same));
        assert_eq!((audited(&site).await.len(), site.count("outcomes").await), (0, 0));
        site.operator.load_crl(issue_crl(NOW.0, &[]).unwrap()).await.unwrap();
        device.sign(&mut request, site.clock.now());
        let shown = site.send(&request).await;
        clear(&site).await;
        let second = confirmed(&first, &shown);
        assert_eq!(device.send(&site, &second).await.code(), "revocation-unknown");
        site.operator.load_crl(issue_crl(NOW.0, &[]).unwrap()).await.unwrap();
        assert_eq!(device.send(&site, &second).await.code(), "qualification-valid");
        assert_eq!(audited(&site).await, ["name-shown", "qualification-valid"]);
    }

    async fn a_test_card_is_worth_nothing_at_an_institution_that_is_none_of_the_tests(database: Database) {
        let (site, mut device) = open_to_visual(&database).await;
        site.switch_visual(INSTITUTION, true).await;
        let mut live = Device::registered_with(&site, INSTITUTION).await;
        let check = live.look(&site).await;
        refused(&site, &live, &check, "certificate-test-refused").await;
        assert_eq!(site.count(&format!("audit WHERE institution = '{TEST_INSTITUTION}' AND mode = 'visual'")).await, 0);
        let check = device.look(&site).await;
        assert_eq!(device.send(&site, &check).await.status, 200);
    }

    async fn oversize_and_garbled_evidence_is_refused_for_good(database: Database) {
        let (site, mut device) = open_to_visual(&database).await;
        let age = |octets: Vec<u8>| SurfaceRecord::Age { octets };
        let long_header = [&[0xff, 0x10, 0x82, 0xff, 0xff][..], &[0; 300]].concat();
        let records = [age(Vec::new()), age(vec![0; 1025]), age(vec![0xff; 30_000]), age(long_header)];
        for record in records {
            let good = device.look(&site).await;
            refused(&site, &device, &with(&good, |visual| visual.record = record), "surface-malformed").await;
        }
        for octets in [Vec::new(), vec![0; 1025], vec![0x7f; 40_000]] {
            let good = device.look(&site).await;
            let bad = with(&good, |visual| visual.cv_certificate = octets);
            refused(&site, &device, &bad, "surface-malformed").await;
        }
        let good = device.look_at("default", CODE_B, &site).await;
        let bad = with(&good, |visual| {
            let SurfaceRecord::Face { group, .. } = &mut visual.record else { panic!() };
            group.extend([0; 300]);
        });
        refused(&site, &device, &bad, "surface-malformed").await;
    }

    async fn a_body_of_another_form_is_malformed_and_uses_nothing_up(database: Database) {
        let (site, mut device) = open_to_visual(&database).await;
        let good = serde_json::to_value(device.look(&site).await).unwrap();
        let nothing = serde_json::Value::Null;
        let cases = [
            ("/visual/cv_certificate", serde_json::json!("not base64url!")),
            ("/visual/cv_certificate", serde_json::json!([1, 2])),
            ("/visual/record", serde_json::json!({ "age": { "octets": "AA" }, "face": {} })),
            ("/visual/record", serde_json::json!({ "iris": { "octets": "AA" } })),
            ("/visual/record", serde_json::json!({ "age": { "octets": "AA", "photo": "AA" } })),
            ("/visual/record", serde_json::json!({ "face": { "group": "AA" } })),
            ("/visual/name", serde_json::json!("perhaps")),
            ("/visual/name", serde_json::json!({ "confirmed": { "name": "" } })),
            ("/visual/name", serde_json::json!({ "confirmed": { "name": "あ".repeat(101) } })),
            ("/visual/name", serde_json::json!({ "confirmed": {} })),
            ("/visual/attested_at", serde_json::json!(-1)),
            ("/visual/attested_at", nothing.clone()),
            ("/visual", serde_json::json!({})),
            ("/visual", serde_json::json!([])),
            ("/visual", nothing),
            ("/mode", serde_json::json!("face")),
        ];
        for (at, value) in cases {
            let mut bad = good.clone();
            *bad.pointer_mut(at).unwrap() = value;
            let refused = site.send(&device.request(&site, CHECKS_PATH, &bad)).await;
            assert_eq!(refused.code(), "request-malformed", "{at}");
            site.wait(3);
        }
        let mut more = good.clone();
        more["visual"]["photo"] = serde_json::json!("AA");
        assert_eq!(site.send(&device.request(&site, CHECKS_PATH, &more)).await.code(), "request-malformed");
        assert_eq!((audited(&site).await.len(), site.count("outcomes").await), (0, 0));
        assert_eq!(site.send(&device.request(&site, CHECKS_PATH, &good)).await.status, 200);
    }
}
