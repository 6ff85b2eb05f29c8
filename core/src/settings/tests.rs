//! Settings, portal and device: what is accepted, and what is not.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use proptest::prelude::*;

use super::*;
use crate::guide::Code;
use crate::http::{Signer as _, SoftwareKey};
use crate::instant::UnixTime;
use crate::jws::{self, JwsError};
use crate::registration::DeviceId;
use crate::trust::{TestEntries, TrustEntry, TrustError, TrustList};

const TEST_ROOT: &[u8] = include_bytes!("../../../tests/data/ca/root.der");
/// A certificate, but no root.
const CARD: &[u8] = include_bytes!("../../../tests/data/cards/default/auth.der");
const PRODUCTION_ROOT: &[u8] = include_bytes!("../certificate/anchors/authca03.cer");

const NOW: UnixTime = UnixTime(1_800_000_000);

pub(crate) fn key(seed: u8) -> SoftwareKey {
    SoftwareKey::from_random(&[seed; 32]).unwrap()
}

pub(crate) fn entry() -> TrustEntry {
    TrustEntry {
        name: "Shikaku".to_owned(),
        origin: "https://shikaku.example".parse().unwrap(),
        portal_keys: vec![key(1).public().clone()],
        service_keys: vec![key(2).public().clone()],
        tls_roots: vec![b"root".to_vec()],
        test: false,
    }
}

fn trust() -> TrustList {
    TrustList::new(vec![entry()], TestEntries::Refuse).unwrap()
}

pub(crate) fn user_settings() -> UserSettings {
    UserSettings {
        origin: entry().origin,
        institution: "1310112345".parse().unwrap(),
        account: "W0000001".parse().unwrap(),
        code: RegistrationCode::from_octets([9; 10]),
        expires_at: NOW.plus(60),
    }
}

pub(crate) fn device_settings() -> DeviceSettings {
    DeviceSettings {
        version: 3,
        device_id: DeviceId([4; 16]),
        institution: "1310112345".parse().unwrap(),
        institution_name: "動作確認クリニック".to_owned(),
        origin: entry().origin,
        phase: Phase::Live,
        phase_since: NOW,
        test: false,
        visual: false,
        history: false,
        staff: vec!["受付".to_owned()],
        idle_lock_seconds: 300,
        limits: Limits { checks_per_minute: 30, burst: 10, visual_per_minute: 6, open_challenges: 4 },
        minimum_app_version: "0.1.0".to_owned(),
        notices: Vec::new(),
        service_keys: vec![URL_SAFE_NO_PAD.encode(key(2).spki())],
        test_anchors: Vec::new(),
    }
}

fn refusal(text: &str, now: UnixTime) -> SettingsError {
    UserSettings::read(text, &trust(), now).unwrap_err()
}

#[test]
fn user_settings_are_read_as_the_portal_signed_them() {
    let text = user_settings().sign(&key(1)).unwrap();
    let list = trust();
    let (read, entry) = UserSettings::read(&format!("{}\n", *text), &list, NOW).unwrap();
    assert_eq!(entry.name, "Shikaku");
    assert_eq!(read.code.octets(), &[9; 10]);
    assert_eq!((read.account.as_str(), read.institution.as_str()), ("W0000001", "1310112345"));
    let shown = format!("{read:?}");
    assert!(!shown.contains(&*RegistrationCode::from_octets([9; 10]).to_text()), "{shown}");
}

#[test]
fn user_settings_by_an_unlisted_key_for_another_service_or_expired_are_refused() {
    let by_service_key = user_settings().sign(&key(2)).unwrap();
    assert_eq!(refusal(&by_service_key, NOW), SettingsError::Signature(JwsError::UnknownKey));
    let elsewhere = UserSettings { origin: "https://other.example".parse().unwrap(), ..user_settings() };
    assert_eq!(refusal(&elsewhere.sign(&key(1)).unwrap(), NOW), SettingsError::WrongService);
    let good = user_settings().sign(&key(1)).unwrap();
    assert_eq!(refusal(&good, NOW.plus(60)), SettingsError::Expired);
    assert_eq!(refusal("https://example.com/", NOW), SettingsError::Signature(JwsError::Form));
}

#[test]
fn device_settings_never_pass_for_user_settings() {
    let text = device_settings().sign(&key(1)).unwrap();
    assert_eq!(refusal(&text, NOW), SettingsError::Signature(JwsError::Type));
}

#[test]
fn typed_values_are_the_same_settings() {
    let text = user_settings().code.to_text().to_lowercase();
    let typed = UserSettings::typed(&entry(), "13-1-0112345", "w0000001", &text).unwrap();
    assert_eq!(typed.code.octets(), &[9; 10]);
    assert_eq!(typed.institution, user_settings().institution);
    let wrong = [
        ("1310112346", "W0000001", &*text),
        ("1310112345", "0000001", &text),
        ("1310112345", "W0000001", "x"),
    ];
    for (institution, account, code) in wrong {
        assert_eq!(
            UserSettings::typed(&entry(), institution, account, code).unwrap_err(),
            SettingsError::Typed
        );
    }
}

fn accepted(
    offered: &DeviceSettings,
    by: u8,
    current: Option<&DeviceSettings>,
) -> Result<u64, SettingsError> {
    let jws = offered.sign(&key(by)).unwrap();
    DeviceSettings::accept(&jws, &entry(), current).map(|settings| settings.version)
}

#[test]
fn device_settings_of_a_lower_version_are_refused() {
    let current = device_settings();
    let lower = DeviceSettings { version: 2, ..device_settings() };
    let higher = DeviceSettings { version: 4, ..device_settings() };
    assert_eq!(accepted(&lower, 2, None), Ok(2));
    assert_eq!(accepted(&lower, 2, Some(&current)), Err(SettingsError::Older { current: 3, offered: 2 }));
    assert_eq!(accepted(&current, 2, Some(&current)), Ok(3));
    assert_eq!(accepted(&higher, 2, Some(&current)), Ok(4));
}

#[test]
fn a_known_service_key_adds_the_next_one_and_nobody_else_does() {
    let mut current = device_settings();
    let next = DeviceSettings { version: 4, ..device_settings() };
    assert_eq!(accepted(&next, 3, Some(&current)), Err(SettingsError::Signature(JwsError::UnknownKey)));
    current.service_keys.push(URL_SAFE_NO_PAD.encode(key(3).spki()));
    assert_eq!(accepted(&next, 3, Some(&current)), Ok(4));
    assert_eq!(
        known_service_keys(&entry(), Some(&current)),
        [key(2).public().clone(), key(3).public().clone()]
    );
    assert_eq!(accepted(&next, 1, Some(&current)), Err(SettingsError::Signature(JwsError::UnknownKey)));
}

#[test]
fn settings_of_another_device_institution_or_service_are_refused() {
    let current = device_settings();
    let others = [
        DeviceSettings { device_id: DeviceId([5; 16]), ..device_settings() },
        DeviceSettings { institution: "1330131234".parse().unwrap(), ..device_settings() },
        DeviceSettings { origin: "https://other.example".parse().unwrap(), ..device_settings() },
    ];
    for other in others {
        assert_eq!(accepted(&other, 2, Some(&current)), Err(SettingsError::WrongService));
    }
}

#[test]
fn test_anchors_need_the_test_flag_and_a_test_institution_is_never_live() {
    let anchors = vec![URL_SAFE_NO_PAD.encode(TEST_ROOT)];
    let test = DeviceSettings { test: true, phase: Phase::Test, ..device_settings() };
    assert_eq!(accepted(&DeviceSettings { test_anchors: anchors.clone(), ..test.clone() }, 2, None), Ok(3));
    let refused = [
        DeviceSettings { test_anchors: anchors, ..device_settings() },
        DeviceSettings { phase: Phase::Live, ..test.clone() },
        DeviceSettings { service_keys: vec!["AAAA".to_owned()], ..test.clone() },
        DeviceSettings { limits: Limits { open_challenges: 5, ..test.limits }, ..test },
    ];
    for settings in refused {
        assert_eq!(accepted(&settings, 2, None), Err(SettingsError::Malformed));
    }
}

#[test]
fn a_test_anchor_that_is_no_root_of_test_cards_is_refused_before_any_tap() {
    let test = DeviceSettings { test: true, phase: Phase::Test, ..device_settings() };
    for anchor in [b"anchor", CARD, PRODUCTION_ROOT, &TEST_ROOT[..TEST_ROOT.len() - 1]] {
        let test_anchors = vec![URL_SAFE_NO_PAD.encode(TEST_ROOT), URL_SAFE_NO_PAD.encode(anchor)];
        let settings = DeviceSettings { test_anchors, ..test.clone() };
        let error = accepted(&settings, 2, None).unwrap_err();
        assert_eq!((&error, error.code()), (&SettingsError::Malformed, Code::SettingsMalformed));
    }
}

#[test]
fn no_text_in_settings_shows_as_something_else_than_it_is() {
    let notice = |id: &str, text: &str| vec![Notice { id: id.to_owned(), text: text.to_owned() }];
    let plain =
        DeviceSettings { notices: notice("1", "葛\u{E0100}城からのお知らせ"), ..device_settings() };
    assert_eq!(accepted(&plain, 2, None), Ok(3));
    for text in ["a\u{202e}b", "a\u{2066}b", "a\nb", "a\u{1b}[31mb", "a\u{2028}b", "\u{feff}a"] {
        let refused = [
            DeviceSettings { institution_name: text.to_owned(), ..device_settings() },
            DeviceSettings { staff: vec!["受付".to_owned(), text.to_owned()], ..device_settings() },
            DeviceSettings { notices: notice("1", text), ..device_settings() },
            DeviceSettings { notices: notice(text, "お知らせ"), ..device_settings() },
            DeviceSettings { minimum_app_version: text.to_owned(), ..device_settings() },
        ];
        for settings in refused {
            assert_eq!(accepted(&settings, 2, None), Err(SettingsError::Malformed), "{text:?}");
        }
    }
}

#[test]
fn an_app_that_is_too_old_does_not_work() {
    let settings = DeviceSettings { minimum_app_version: "0.10.1".to_owned(), ..device_settings() };
    for (version, admitted) in
        [("0.10.1", true), ("0.9.9", false), ("0.10", false), ("1.0.0", true), ("x", false)]
    {
        assert_eq!(settings.admits(version), admitted, "{version}");
    }
}

#[test]
fn a_trust_list_is_read_as_it_is_written() {
    assert_eq!(TrustList::from_json(&trust().to_json(), TestEntries::Refuse), Ok(trust()));
    assert!(trust().entry(&entry().origin).is_some());
}

#[test]
fn a_release_refuses_a_list_with_a_test_entry_whole() {
    let test = TrustEntry { name: "Test".to_owned(), test: true, ..entry() };
    let plain = TrustEntry {
        origin: "http://127.0.0.1:8080".parse().unwrap(),
        tls_roots: Vec::new(),
        ..test.clone()
    };
    let refused = Err(TrustError::Test("Test".to_owned()));
    for entry in [test, plain] {
        assert_eq!(TrustList::new(vec![entry.clone()], TestEntries::Refuse), refused);
        assert!(TrustList::new(vec![entry.clone()], TestEntries::Allow).is_ok());
        let unflagged = TrustEntry { test: false, ..entry };
        let plain = unflagged.origin.is_plain();
        assert_eq!(TrustList::new(vec![unflagged], TestEntries::Allow).is_err(), plain);
    }
}

#[test]
fn a_list_names_each_authority_once_whatever_the_scheme() {
    let secure = TrustEntry { origin: "https://127.0.0.1:8080".parse().unwrap(), test: true, ..entry() };
    let plain = TrustEntry {
        name: "Plain".to_owned(),
        origin: "http://127.0.0.1:8080".parse().unwrap(),
        portal_keys: vec![key(3).public().clone()],
        service_keys: vec![key(4).public().clone()],
        tls_roots: Vec::new(),
        test: true,
    };
    let list = TrustList::new(vec![secure.clone(), plain.clone()], TestEntries::Allow);
    assert_eq!(list, Err(TrustError::Repeated("Plain".to_owned())));
    let other = TrustEntry { origin: "http://127.0.0.1:8081".parse().unwrap(), ..plain };
    assert!(TrustList::new(vec![secure, other], TestEntries::Allow).is_ok());
}

#[test]
fn a_list_without_keys_or_with_one_key_in_two_places_is_refused() {
    let other = TrustEntry { origin: "https://other.example".parse().unwrap(), ..entry() };
    assert_eq!(TrustList::new(vec![], TestEntries::Allow), Err(TrustError::Empty));
    let refused = [
        vec![entry(), other],
        vec![TrustEntry { portal_keys: entry().service_keys, ..entry() }],
        vec![TrustEntry { service_keys: vec![], ..entry() }],
        vec![TrustEntry { portal_keys: vec![], ..entry() }],
        vec![TrustEntry { tls_roots: vec![], ..entry() }],
    ];
    for entries in refused {
        assert!(TrustList::new(entries, TestEntries::Allow).is_err());
    }
    for text in ["", "{}", "[]", "{\"entries\":[],\"more\":1}", "{\"entries\":[],\"entries\":[]}"] {
        assert!(TrustList::from_json(text, TestEntries::Allow).is_err(), "{text}");
    }
}

/// A JWS with this header, signed well by `key(1)`.
fn with_header(header: &str) -> String {
    let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode("payload"));
    let signature = key(1).sign(signed.as_bytes()).unwrap();
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

fn read(text: &str) -> Result<Vec<u8>, JwsError> {
    jws::verify(text, "t", &[key(1).public().clone()]).map(|verified| verified.payload)
}

#[test]
fn a_jws_header_is_exactly_three_members() {
    let kid = key(1).public().id();
    assert_eq!(
        read(&with_header(&format!("{{\"kid\":\"{kid}\",\"typ\":\"t\",\"alg\":\"ES256\"}}"))).unwrap(),
        b"payload"
    );
    for header in [
        format!("{{\"alg\":\"none\",\"kid\":\"{kid}\",\"typ\":\"t\"}}"),
        format!("{{\"alg\":\"HS256\",\"kid\":\"{kid}\",\"typ\":\"t\"}}"),
        format!("{{\"alg\":\"es256\",\"kid\":\"{kid}\",\"typ\":\"t\"}}"),
        format!("{{\"alg\":\"none\",\"alg\":\"ES256\",\"kid\":\"{kid}\",\"typ\":\"t\"}}"),
        format!("{{\"alg\":\"ES256\",\"kid\":\"{kid}\",\"typ\":\"t\",\"crit\":[\"b64\"]}}"),
        format!("{{\"alg\":\"ES256\",\"kid\":\"{kid}\",\"typ\":\"t\",\"jwk\":{{}}}}"),
        format!("{{\"alg\":\"ES256\",\"kid\":\"{kid}\"}}"),
        format!("{{\"alg\":\"ES256\",\"kid\":\"{kid}\",\"typ\":\"t\"}} x"),
        "{\"alg\":\"ES256\",\"kid\":\"x\",\"typ\":\"t\"}".to_owned(),
        String::new(),
    ] {
        assert_eq!(read(&with_header(&header)), Err(JwsError::Header), "{header}");
    }
}

/// The text may hold a registration code: a buffer that grew would have left copies of it behind.
#[test]
fn a_jws_is_written_into_one_buffer() {
    for payload in [&b""[..], b"a", &[7; 500]] {
        let text = jws::sign("t", payload, &key(1)).unwrap();
        assert_eq!(text.len(), text.capacity());
    }
    let text = user_settings().sign(&key(1)).unwrap();
    assert_eq!(text.len(), text.capacity());
}

#[test]
fn a_jws_is_three_parts_in_canonical_base64url() {
    let good = jws::sign("t", b"payloa", &key(1)).unwrap();
    assert_eq!(read(&good).unwrap(), b"payloa");
    let parts: Vec<&str> = good.split('.').collect();
    let (signed, signature) = good.rsplit_once('.').unwrap();
    for bad in [
        signed.to_owned(),
        format!("{good}."),
        format!(".{good}"),
        format!("{good}="),
        format!("{signed}.{signature} "),
        format!("{}.{}.{}", parts[0], parts[1], ""),
        format!("{} .{}.{}", parts[0], parts[1], parts[2]),
        "..".to_owned(),
    ] {
        assert!(read(&bad).is_err(), "{bad}");
    }
    let other = jws::sign("t", b"payload", &key(1)).unwrap();
    let swapped = format!("{}.{}", other.rsplit_once('.').unwrap().0, signature);
    assert_eq!(read(&swapped), Err(JwsError::Signature));
    let der =
        p256::ecdsa::Signature::from_slice(&URL_SAFE_NO_PAD.decode(signature).unwrap()).unwrap().to_der();
    assert_eq!(
        read(&format!("{signed}.{}", URL_SAFE_NO_PAD.encode(der.as_bytes()))),
        Err(JwsError::Signature)
    );
}

proptest! {
    #[test]
    fn any_text_as_settings_is_refused(text in "[A-Za-z0-9_.=-]{0,120}") {
        prop_assert!(UserSettings::read(&text, &trust(), NOW).is_err());
        prop_assert!(DeviceSettings::accept(&text, &entry(), None).is_err());
    }

    #[test]
    fn any_signed_payload_that_is_not_settings_is_refused(payload in prop::collection::vec(any::<u8>(), 0..200)) {
        let text = jws::sign("shikaku-device-settings+jws", &payload, &key(2)).unwrap();
        prop_assert_eq!(DeviceSettings::accept(&text, &entry(), None), Err(SettingsError::Malformed));
    }

    #[test]
    fn every_changed_character_of_signed_settings_is_refused(at in 0_usize..1000, to in "[A-Za-z0-9_-]") {
        let good = device_settings().sign(&key(2)).unwrap();
        let at = at % good.len();
        let mut bad = good.clone();
        bad.replace_range(at..=at, &to);
        prop_assume!(bad != good);
        prop_assert!(DeviceSettings::accept(&bad, &entry(), None).is_err());
    }
}
