//! The way of a check and of a registration, with a real card key and a service played by hand.

use rsa::pkcs1v15::Pkcs1v15Sign;
use rsa::pkcs8::DecodePrivateKey as _;

use super::*;
use crate::guide::Code;
use crate::http::problem::{Problem, Retry};
use crate::http::signature::{sign_answer, verify_request};
use crate::http::{IdempotencyKey, JSON, Refusal, Request, Response, Signer as _, SoftwareKey, judge};
use crate::instant::UnixTime;
use crate::qualification::{Answer, Finding};
use crate::registration::{
    NonceAnswer, Platform, Registration, RegistrationAnswer, RegistrationError, RegistrationRequest, Terms,
    is_registration_proof, rotation_message, rotation_request,
};
use crate::settings::{DeviceSettings, Phase, RegistrationCode, SettingsError, UserSettings};
use crate::transcript::{Challenge, SHA256_DIGEST_INFO, Transcript};
use crate::trust::{TestEntries, TrustEntry, TrustList};

mod visual;

const NOW: UnixTime = UnixTime(1_800_000_000);
const CARD: &[u8] = include_bytes!("../../../tests/data/cards/default/auth.der");
const CARD_KEY: &str = include_str!("../../../tests/data/cards/default/auth.key");
const OTHER_CARD: &[u8] = include_bytes!("../../../tests/data/cards/two-tries/auth.der");

fn key(seed: u8) -> SoftwareKey {
    SoftwareKey::from_random(&[seed; 32]).unwrap()
}

fn device_key() -> SoftwareKey {
    key(0x11)
}

fn service_key() -> SoftwareKey {
    key(2)
}

fn trust() -> TrustList {
    let entry = TrustEntry {
        name: "Shikaku".to_owned(),
        origin: "https://shikaku.example".parse().unwrap(),
        portal_keys: vec![key(1).public().clone()],
        service_keys: vec![service_key().public().clone()],
        tls_roots: vec![b"root".to_vec()],
        test: false,
    };
    TrustList::new(vec![entry], TestEntries::Refuse).unwrap()
}

fn settings() -> DeviceSettings {
    crate::settings::tests::device_settings()
}

fn challenge(id: u8) -> Challenge {
    Challenge { id: [id; 16], nonce: [id; 32], issued_at: NOW, expires_at: NOW.plus(300) }
}

fn signed_by_card(transcript: &Transcript) -> [u8; 256] {
    let key = rsa::RsaPrivateKey::from_pkcs8_pem(CARD_KEY).unwrap();
    let scheme = Pkcs1v15Sign { hash_len: Some(32), prefix: Box::new(SHA256_DIGEST_INFO) };
    key.sign(scheme, &transcript.digest()).unwrap().try_into().unwrap()
}

fn begun() -> PendingCheck {
    let mut pool = ChallengePool::new();
    pool.fill(vec![challenge(1)], NOW);
    PendingCheck::begin(&mut pool, &settings(), device_key().spki(), NOW).unwrap()
}

fn unsent() -> UnsentCheck {
    let check = begun();
    let signature = signed_by_card(&check.transcript().bind(CARD));
    check.complete(CARD, &signature, Some("受付"), IdempotencyKey([6; 16])).unwrap()
}

fn answer() -> Answer {
    let institution = settings().institution;
    Answer::new(NOW, institution, Phase::Live, Mode::Pin, NOW.plus(1_000_000), Finding::None)
}

fn reply(request: &Request, mut response: Response) -> Response {
    sign_answer(&mut response, request, &service_key(), NOW).unwrap();
    response
}

fn good_reply(request: &Request) -> Response {
    reply(request, Response::new(200, JSON, answer().to_json()))
}

fn judged(check: &UnsentCheck, request: &Request, response: &Response) -> CheckOutcome {
    check.judge(request, response, &[service_key().public().clone()])
}

fn verified() -> VerifiedAnswer {
    let check = unsent();
    let request = check.request(&device_key(), NOW).unwrap();
    let CheckOutcome::Answered(answer) = judged(&check, &request, &good_reply(&request)) else { panic!() };
    *answer
}

#[test]
fn the_service_rebuilds_what_the_card_signed() {
    let check = unsent();
    let request = check.request(&device_key(), NOW).unwrap();
    let origin = &settings().origin;
    verify_request(&request, origin, |_| Some(device_key().public().clone()), NOW).unwrap();
    let sent: CheckRequest = serde_json::from_slice(&request.body).unwrap();
    assert_eq!(sent.staff.as_deref(), Some("受付"));
    let card = crate::certificate::Certificate::from_der(&sent.certificate).unwrap();
    let rebuilt = |challenge: &Challenge, spki: &[u8], institution: &str| {
        let institution = institution.parse().unwrap();
        let transcript = service_transcript(challenge, spki, &institution, origin).bind(&sent.certificate);
        card.verify(&transcript, &sent.card_signature).is_ok()
    };
    assert!(rebuilt(&challenge(1), device_key().spki(), "1310112345"));
    assert!(!rebuilt(&challenge(2), device_key().spki(), "1310112345"));
    assert!(!rebuilt(&challenge(1), key(9).spki(), "1310112345"));
    assert!(!rebuilt(&challenge(1), device_key().spki(), "1330131234"));
}

#[test]
fn without_a_challenge_that_lives_long_enough_no_check_begins() {
    let mut pool = ChallengePool::new();
    pool.fill(vec![challenge(1)], NOW);
    let refusal = PendingCheck::begin(&mut pool, &settings(), b"spki", NOW.plus(181)).unwrap_err();
    assert_eq!((refusal, refusal.code()), (CheckError::NoChallenge, Code::ChallengesExhausted));
}

#[test]
fn what_does_not_verify_is_never_made_into_a_request() {
    let good = signed_by_card(&begun().transcript().bind(CARD));
    let complete = |certificate: &[u8], signature: &[u8; 256], staff: Option<&str>| {
        begun().complete(certificate, signature, staff, IdempotencyKey([6; 16])).map(|_| ()).unwrap_err()
    };
    assert_eq!(complete(OTHER_CARD, &good, None), CheckError::Signature);
    assert_eq!(complete(CARD, &[0; 256], None), CheckError::Signature);
    assert_eq!(complete(&CARD[..100], &good, None), CheckError::Certificate);
    assert_eq!(complete(&[0; 5000], &good, None), CheckError::Certificate);
    assert_eq!(complete(CARD, &good, Some(&"あ".repeat(65))), CheckError::Staff);
    assert_eq!(complete(CARD, &good, Some("a\u{0}")), CheckError::Staff);
}

#[test]
fn a_repeated_check_is_the_same_operation_with_a_new_signature() {
    let check = unsent();
    let restored: UnsentCheck = serde_json::from_slice(&serde_json::to_vec(&check).unwrap()).unwrap();
    assert_eq!(restored, check);
    let first = check.request(&device_key(), NOW).unwrap();
    let second = restored.request(&device_key(), NOW.plus(60)).unwrap();
    assert_eq!(first.body, second.body);
    assert_eq!(first.idempotency_key(), second.idempotency_key());
    assert_ne!(first.headers.only("signature"), second.headers.only("signature"));
    assert!(check.is_alive(NOW.plus(299)) && !check.is_alive(NOW.plus(300)));
    // An answer to the first sending also answers the second: it is the same operation.
    assert!(matches!(judged(&restored, &second, &good_reply(&first)), CheckOutcome::Answered(_)));
}

#[test]
fn only_a_signed_answer_becomes_one_that_can_be_shown() {
    let check = unsent();
    let request = check.request(&device_key(), NOW).unwrap();
    let unsigned = Response::new(200, JSON, answer().to_json());
    let mut tampered = good_reply(&request);
    tampered.body = answer().to_json().replace(b"\"4\"", b"\"1\"");
    for response in [unsigned, tampered, Response::new(302, "text/html", Vec::new())] {
        let CheckOutcome::Keep(refusal) = judged(&check, &request, &response) else { panic!() };
        assert_eq!(refusal, Refusal::InTheWay);
    }
    assert_eq!(verified().answer(), &answer());
}

#[test]
fn nothing_of_a_person_is_in_what_a_log_may_hold() {
    let check = unsent();
    let request = check.request(&device_key(), NOW).unwrap();
    let response = good_reply(&request);
    let sent: CheckRequest = serde_json::from_slice(&request.body).unwrap();
    let payload = crate::jws::sign("t", &request.body, &device_key()).unwrap();
    let read = crate::jws::verify(&payload, "t", &[device_key().public().clone()]).unwrap();
    let shown = format!("{check:?} {request:?} {response:?} {sent:?} {read:?} {:?}", verified());
    for octets in [CARD, &request.body, &response.body, &sent.card_signature] {
        let listed: Vec<_> = octets.iter().take(8).map(u8::to_string).collect();
        assert!(!shown.contains(&listed.join(", ")), "{shown}");
    }
}

trait Replaced {
    fn replace(&self, from: &[u8], to: &[u8]) -> Vec<u8>;
}

impl Replaced for Vec<u8> {
    fn replace(&self, from: &[u8], to: &[u8]) -> Vec<u8> {
        let text = String::from_utf8(self.clone()).unwrap();
        let (from, to) = (core::str::from_utf8(from).unwrap(), core::str::from_utf8(to).unwrap());
        assert!(text.contains(from));
        text.replace(from, to).into_bytes()
    }
}

#[test]
fn an_answer_to_another_operation_or_institution_is_not_shown() {
    let check = unsent();
    let request = check.request(&device_key(), NOW).unwrap();
    let mut other = request.clone();
    other.headers.set("idempotency-key", IdempotencyKey([7; 16]).to_string());
    assert!(matches!(judged(&check, &other, &good_reply(&other)), CheckOutcome::Keep(_)));
    let other = request.clone();
    let institution = "1330131234".parse().unwrap();
    let answer = Answer::new(NOW, institution, Phase::Live, Mode::Pin, NOW, Finding::None);
    let response = reply(&other, Response::new(200, JSON, answer.to_json()));
    assert!(matches!(judged(&check, &other, &response), CheckOutcome::Refused(_)));
}

#[test]
fn what_the_service_says_may_be_repeated_is_kept_and_the_rest_is_final() {
    let check = unsent();
    let request = check.request(&device_key(), NOW).unwrap();
    let say = |code, status, retry| {
        let response = reply(&request, Problem::new(code, status, retry).about(&request).to_response());
        judged(&check, &request, &response)
    };
    for code in [Code::ClockSkew, Code::TooManyRequests, Code::SourceDown, Code::RevocationUnknown] {
        let CheckOutcome::Keep(refusal) = say(code, 503, Retry::Same) else { panic!("{code}") };
        assert_eq!(refusal.code(), code);
    }
    for (code, retry) in [
        (Code::CertificateRevoked, Retry::No),
        (Code::ChallengeExpired, Retry::NewChallenge),
        (Code::DeviceRevoked, Retry::ReRegister),
    ] {
        let CheckOutcome::Refused(refusal) = say(code, 403, retry) else { panic!("{code}") };
        assert_eq!((refusal.code(), refusal.retry()), (code, retry));
    }
}

#[test]
fn evidence_is_verified_with_the_trust_list_alone() {
    let file = verified().evidence(device_key().spki()).sign(&device_key()).unwrap();
    let evidence = Evidence::verify(&format!("{file}\n"), &trust()).unwrap();
    assert_eq!(evidence.answer.answer(), &answer());
    assert_eq!((evidence.service.as_str(), evidence.test), ("Shikaku", false));
    assert_eq!(evidence.device, device_key().public().id());
}

/// The evidence with one thing replaced in its JSON, wrapped well again by `key`.
fn forged(from: &str, to: &str, by: &SoftwareKey) -> String {
    let payload = serde_json::to_string(&verified().evidence(device_key().spki())).unwrap();
    assert!(payload.contains(from), "{from}");
    crate::jws::sign("shikaku-evidence+jws", payload.replacen(from, to, 1).as_bytes(), by).unwrap()
}

#[test]
fn forged_evidence_is_refused_wherever_it_is_forged() {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
    let device = device_key();
    let spki = |key: &SoftwareKey| B64.encode(key.spki());
    let refused = |file: &str| Evidence::verify(file, &trust()).unwrap_err();
    let body = B64.encode(answer().to_json());
    let better = B64.encode(answer().to_json().replace(b"\"4\"", b"\"1\""));
    assert_eq!(refused(&forged(&body, &better, &device)), EvidenceError::Answer);
    assert_eq!(refused(&forged("\"status\":200", "\"status\":201", &device)), EvidenceError::Answer);
    assert_eq!(refused(&forged("shikaku.example", "other.example", &device)), EvidenceError::UnknownService);
    assert_eq!(refused(&forged(&spki(&device), &spki(&key(0x12)), &key(0x12))), EvidenceError::Device);
    let nonce = B64.encode([1; 32]);
    assert_eq!(refused(&forged(&nonce, &B64.encode([2; 32]), &device)), EvidenceError::Card);
    let id = format!("\"id\":\"{}\"", B64.encode([1; 16]));
    let other_id = id.replace(&B64.encode([1; 16]), &B64.encode([2; 16]));
    assert_eq!(refused(&forged(&id, &other_id, &device)), EvidenceError::Malformed);
    assert!(matches!(refused(&forged(&nonce, &nonce, &key(0x12))), EvidenceError::Container(_)));
    assert!(matches!(refused("a.b.c"), EvidenceError::Container(_)));
    assert!(matches!(refused(""), EvidenceError::Container(_)));
    let first = "\"headers\":[[\"content-type\"";
    let more = "\"headers\":[[\"x-note\",\"a\"],[\"content-type\"";
    assert_eq!(refused(&forged(first, more, &device)), EvidenceError::Malformed);
    let payload = "\"version\":1";
    assert_eq!(refused(&forged(payload, "\"version\":2", &device)), EvidenceError::Malformed);
}

fn registration(trust: &TrustList) -> Registration<'_> {
    let settings = UserSettings {
        origin: settings().origin,
        institution: settings().institution,
        account: "W0000001".parse().unwrap(),
        code: RegistrationCode::from_octets([9; 10]),
        expires_at: NOW.plus(60),
    };
    let consent = Terms::new(1, "規約").consent().unwrap();
    Registration::new(settings, &trust.entries()[0], consent, " 受付1 ", Platform::Linux).unwrap()
}

fn nonce() -> NonceAnswer {
    NonceAnswer { nonce: [3; 32], expires_at: NOW.plus(600), server_time: NOW }
}

#[test]
fn a_registration_proves_the_code_without_saying_it() {
    let trust = trust();
    let registration = registration(&trust);
    let asked = registration.nonce_request(&IdempotencyKey([1; 16]));
    assert_eq!(asked.body, b"{\"account_id\":\"W0000001\"}");
    assert!(asked.headers.only("signature").is_err());
    let request = registration.request(&nonce(), None, &device_key(), &IdempotencyKey([2; 16]), NOW).unwrap();
    let sent: RegistrationRequest = serde_json::from_slice(&request.body).unwrap();
    let text = String::from_utf8(request.body.clone()).unwrap();
    assert!(!text.contains(&*RegistrationCode::from_octets([9; 10]).to_text().replace('-', "")));
    assert_eq!(
        (sent.device_name.as_str(), sent.terms_version, sent.spki.as_slice()),
        ("受付1", 1, device_key().spki())
    );
    let origin = settings().origin;
    let right = |code: u8, account: &str, spki: &[u8], nonce: &[u8; 32]| {
        let code = RegistrationCode::from_octets([code; 10]);
        is_registration_proof(&sent.proof, &code, &origin, &account.parse().unwrap(), spki, nonce)
    };
    assert!(right(9, "W0000001", &sent.spki, &[3; 32]));
    assert!(!right(8, "W0000001", &sent.spki, &[3; 32]));
    assert!(!right(9, "W0000002", &sent.spki, &[3; 32]));
    assert!(!right(9, "W0000001", key(9).spki(), &[3; 32]));
    assert!(!right(9, "W0000001", &sent.spki, &[4; 32]));
    let find = |_: &_| Some(device_key().public().clone());
    assert!(verify_request(&request, &origin, find, NOW).is_ok());
}

#[test]
fn a_registration_ends_with_settings_of_this_service_and_institution() {
    let trust = trust();
    let registration = registration(&trust);
    let answer = |settings: &DeviceSettings, by: &SoftwareKey| RegistrationAnswer {
        settings: settings.sign(by).unwrap(),
        challenges: vec![challenge(1)],
    };
    let registered = registration.finish(answer(&settings(), &service_key())).unwrap();
    assert_eq!((registered.settings.version, registered.challenges.len()), (3, 1));
    let other = DeviceSettings { institution: "1330131234".parse().unwrap(), ..settings() };
    let refusal = registration.finish(answer(&other, &service_key())).unwrap_err();
    assert_eq!(refusal, RegistrationError::Settings(SettingsError::WrongService));
    let refusal = registration.finish(answer(&settings(), &key(1))).unwrap_err();
    assert_eq!(refusal.code(), Code::SettingsSignature);
}

#[test]
fn newer_terms_are_shown_and_agreed_to_and_changed_ones_are_not() {
    let mut problem = Problem::new(Code::TermsOutdated, 409, Retry::Same);
    problem.terms = Some(Terms::new(2, "新しい規約"));
    let request = registration(&trust()).nonce_request(&IdempotencyKey([1; 16]));
    let response = reply(&request, problem.to_response());
    let refusal = judge::<NonceAnswer>(&response, &request, &[service_key().public().clone()]).unwrap_err();
    let Refusal::Problem { problem, .. } = refusal else { panic!() };
    let terms = problem.terms.unwrap();
    assert_eq!(terms.consent().unwrap().version(), 2);
    let changed = Terms { text: "別の規約".to_owned(), ..terms };
    assert_eq!(changed.consent(), Err(RegistrationError::Terms));
}

#[test]
fn a_new_key_is_vouched_for_by_the_old_one_and_by_itself() {
    let (old, new) = (device_key(), key(0x12));
    let request = rotation_request(&settings(), &old, &new, &IdempotencyKey([1; 16]), NOW).unwrap();
    let origin = settings().origin;
    assert!(verify_request(&request, &origin, |_| Some(old.public().clone()), NOW).is_ok());
    let sent: crate::registration::KeysRequest = serde_json::from_slice(&request.body).unwrap();
    let message = rotation_message(&origin, &settings().device_id, old.spki(), new.spki());
    assert!(new.public().verify(&message, &sent.proof).is_ok());
    let elsewhere = rotation_message(&origin, &settings().device_id, key(9).spki(), new.spki());
    assert!(new.public().verify(&elsewhere, &sent.proof).is_err());
}
