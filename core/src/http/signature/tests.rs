//! The profile, attacked from every side.

use super::super::{Headers, SoftwareKey};
use super::*;
use proptest::prelude::*;

const NOW: UnixTime = UnixTime(1_800_000_000);

fn origin() -> ServiceOrigin {
    "https://shikaku.example".parse().unwrap()
}

fn device_key() -> SoftwareKey {
    SoftwareKey::from_random(&[0x11; 32]).unwrap()
}

fn service_key() -> SoftwareKey {
    SoftwareKey::from_random(&[0x22; 32]).unwrap()
}

fn request() -> Request {
    let mut request = Request::post(&origin(), "/v1/checks", &IdempotencyKey([9; 16]), b"{}".to_vec());
    sign_request(&mut request, &device_key(), NOW).unwrap();
    request
}

fn answer(request: &Request) -> Response {
    let mut answer = Response::new(200, JSON, b"{\"answer\":1}".to_vec());
    sign_answer(&mut answer, request, &service_key(), NOW).unwrap();
    answer
}

fn accepted(request: &Request) -> Result<(), SignatureFault> {
    accepted_at(request, NOW)
}

fn accepted_at(request: &Request, now: UnixTime) -> Result<(), SignatureFault> {
    let key = device_key();
    let find = |id: &KeyId| (*id == key.public().id()).then(|| key.public().clone());
    verify_request(request, &origin(), find, now).map(|_| ())
}

fn believed(answer: &Response, request: &Request) -> Result<AnswerSignature, SignatureFault> {
    verify_answer(answer, request, &[service_key().public().clone()])
}

/// The same request with one header field changed as `change` says.
fn with_header(name: &'static str, change: impl Fn(&str) -> String) -> Request {
    let mut request = request();
    let value = change(request.headers.only(name).unwrap());
    request.headers.set(name, value);
    request
}

#[test]
fn a_signed_request_is_accepted_from_five_minutes_before_to_five_minutes_after() {
    for now in [NOW, NOW.minus(300), NOW.plus(300)] {
        assert_eq!(accepted_at(&request(), now), Ok(()));
    }
    for now in [NOW.minus(301), NOW.plus(301), UnixTime(0)] {
        assert_eq!(accepted_at(&request(), now), Err(SignatureFault::Clock { created: NOW, now }));
    }
}

#[test]
fn only_the_holder_of_the_key_is_told_of_a_wrong_clock() {
    let mut request = request();
    request.headers.set("signature", format!("sig1=:{}:", STANDARD.encode([1; 64])));
    assert_eq!(accepted_at(&request, UnixTime(0)), Err(SignatureFault::Mismatch));
}

#[test]
fn whatever_is_covered_cannot_be_changed() {
    let mut other_path = request();
    other_path.path = "/v1/settings".to_owned();
    assert_eq!(accepted(&other_path), Err(SignatureFault::Mismatch));
    let other_key = with_header("idempotency-key", |_| IdempotencyKey([8; 16]).to_string());
    assert_eq!(accepted(&other_key), Err(SignatureFault::Mismatch));
    let other_digest = with_header("content-digest", |_| super::super::content_digest(b"{} "));
    assert_eq!(accepted(&other_digest), Err(SignatureFault::Digest));
    let mut other_body = request();
    other_body.body = b"{} ".to_vec();
    assert_eq!(accepted(&other_body), Err(SignatureFault::Digest));
    other_body.headers.set("content-digest", super::super::content_digest(b"{} "));
    assert_eq!(accepted(&other_body), Err(SignatureFault::Mismatch));
    let other_created = with_header("signature-input", |input| {
        input.replace("created=1800000000;expires=1800000300", "created=1800000001;expires=1800000301")
    });
    assert_eq!(accepted(&other_created), Err(SignatureFault::Mismatch));
}

#[test]
fn another_target_is_refused_before_any_cryptography() {
    type Change = fn(&mut Request);
    let changes: [Change; 5] = [
        |r| r.method = "GET".to_owned(),
        |r| r.method = "post".to_owned(),
        |r| r.authority = "other.example".to_owned(),
        |r| r.path = "*".to_owned(),
        |r| r.query = Some(String::new()),
    ];
    for change in changes {
        let mut request = request();
        change(&mut request);
        assert_eq!(accepted(&request), Err(SignatureFault::Target));
    }
}

#[test]
fn the_input_has_one_form_only() {
    let changes: [(&str, &str); 17] = [
        ("\"@method\" ", ""),
        ("\"@method\" \"@authority\"", "\"@authority\" \"@method\""),
        (" \"idempotency-key\")", " \"idempotency-key\" \"x\")"),
        (" \"idempotency-key\")", " \"idempotency-key\" \"@method\")"),
        ("\"content-digest\"", "\"content-digest\";req"),
        ("\"content-digest\"", "\"content-digest\";sf"),
        (";tag=\"shikaku/v1\"", ""),
        (";tag=\"shikaku/v1\"", ";tag=\"shikaku-answer/v1\""),
        (";tag=\"shikaku/v1\"", ";tag=\"shikaku/v1\";alg=\"ecdsa-p256-sha256\""),
        (";tag=\"shikaku/v1\"", ";tag=\"shikaku/v1\";nonce=\"a\""),
        (";expires=1800000300", ";expires=1800000301"),
        (";expires=1800000300", ""),
        ("created=1800000000", "created=1800000000.0"),
        ("created=1800000000", "created=-1"),
        ("created=1800000000;", "created=1;created=1800000000;"),
        ("\"@method\" ", "\"@method\"  "),
        ("sig1=", "sig1= "),
    ];
    for (from, to) in changes {
        let request = with_header("signature-input", |input| {
            assert!(input.contains(from), "{from}");
            input.replacen(from, to, 1)
        });
        let refusal = accepted(&request).unwrap_err();
        let as_expected = [SignatureFault::Profile, HeaderFault::Form("signature-input").into()];
        assert!(as_expected.contains(&refusal), "{from} -> {to}: {refusal:?}");
    }
}

#[test]
fn there_is_one_signature_and_no_second() {
    let twice = with_header("signature-input", |input| format!("{input}, {}", input.replace("sig1", "sig2")));
    assert_eq!(accepted(&twice), Err(SignatureFault::Profile));
    let same_label = with_header("signature-input", |input| format!("{input}, {input}"));
    assert_eq!(accepted(&same_label), Err(SignatureFault::Profile));
    let twice =
        with_header("signature", |signature| format!("{signature}, {}", signature.replace("sig1", "sig2")));
    assert_eq!(accepted(&twice), Err(HeaderFault::Form("signature").into()));
    let other_label = with_header("signature", |signature| signature.replace("sig1", "sig2"));
    assert_eq!(accepted(&other_label), Err(SignatureFault::Profile));
    for name in ["signature", "signature-input", "content-digest", "idempotency-key", "content-type"] {
        let mut request = request();
        let value = request.headers.only(name).unwrap().to_owned();
        request.headers.push(name, &value);
        assert_eq!(accepted(&request), Err(HeaderFault::Repeated(name).into()));
        request.headers.remove(name);
        assert_eq!(accepted(&request), Err(HeaderFault::Missing(name).into()));
    }
}

#[test]
fn a_signature_of_another_length_is_refused_before_parsing() {
    for length in [0, 1, 32, 63, 65, 70, 72, 128] {
        let request = with_header("signature", |_| format!("sig1=:{}:", STANDARD.encode(vec![1; length])));
        assert_eq!(accepted(&request), Err(SignatureFault::Length(length)));
    }
}

#[test]
fn a_key_that_is_not_known_is_named() {
    let mut request = request();
    let other = SoftwareKey::from_random(&[0x33; 32]).unwrap();
    sign_request(&mut request, &other, NOW).unwrap();
    assert_eq!(accepted(&request), Err(SignatureFault::UnknownKey(other.public().id())));
}

#[test]
fn an_answer_fits_its_own_request_only() {
    let request = request();
    let answer = answer(&request);
    let signed = believed(&answer, &request).unwrap();
    assert_eq!(signed, AnswerSignature { key_id: service_key().public().id(), created: NOW });
    let mut next = request.clone();
    next.headers.set("idempotency-key", IdempotencyKey([8; 16]).to_string());
    assert_eq!(believed(&answer, &next), Err(SignatureFault::Mismatch));
    next = request.clone();
    next.path = "/v1/settings".to_owned();
    assert_eq!(believed(&answer, &next), Err(SignatureFault::Mismatch));
    next = request.clone();
    next.headers.set("content-digest", super::super::content_digest(b"other"));
    assert_eq!(believed(&answer, &next), Err(SignatureFault::Mismatch));
}

#[test]
fn an_answer_keeps_status_type_and_body() {
    let request = request();
    let mut other = answer(&request);
    other.status = 201;
    assert_eq!(believed(&other, &request), Err(SignatureFault::Mismatch));
    other = answer(&request);
    other.headers.set("content-type", "text/html".to_owned());
    assert_eq!(believed(&other, &request), Err(SignatureFault::Mismatch));
    other = answer(&request);
    other.body.push(b' ');
    assert_eq!(believed(&other, &request), Err(SignatureFault::Digest));
    other.headers = Headers::new();
    assert_eq!(believed(&other, &request), Err(HeaderFault::Missing("content-type").into()));
}

#[test]
fn a_device_cannot_answer_and_a_service_cannot_ask() {
    let request = request();
    let mut forged = answer(&request);
    sign_answer(&mut forged, &request, &device_key(), NOW).unwrap();
    assert_eq!(believed(&forged, &request), Err(SignatureFault::UnknownKey(device_key().public().id())));
    let mut as_request = request.clone();
    as_request.headers.set("signature-input", forged.headers.only("signature-input").unwrap().to_owned());
    assert_eq!(accepted(&as_request), Err(SignatureFault::Profile));
}

#[test]
fn without_digest_or_key_in_the_request_no_answer_can_be_bound_to_it() {
    let mut request = request();
    request.headers.remove("idempotency-key");
    let mut answer = Response::new(200, JSON, Vec::new());
    assert!(matches!(
        sign_answer(&mut answer, &request, &service_key(), NOW),
        Err(SigningFault::Base(BaseFault::Missing(_)))
    ));
}

proptest! {
    #[test]
    fn a_request_with_any_header_character_changed_is_refused(
        name in prop::sample::select(vec![
            "signature-input", "signature", "content-digest", "content-type", "idempotency-key",
        ]),
        at in 0_usize..1000,
        to in "[ -~]",
    ) {
        let mut request = request();
        let value = request.headers.only(name).unwrap().to_owned();
        let at = at % value.len();
        let mut changed = value.clone();
        changed.replace_range(at..=at, &to);
        prop_assume!(changed != value);
        request.headers.set(name, changed);
        let refused = accepted(&request).is_err();
        // The label is free as long as both fields have it, so one changed in one field only is refused too.
        prop_assert!(refused);
    }

    #[test]
    fn any_header_values_are_refused_and_never_trip_the_reader(input in ".{0,200}", signature in ".{0,120}") {
        let mut request = request();
        request.headers.set("signature-input", input);
        request.headers.set("signature", signature);
        prop_assert!(accepted(&request).is_err());
    }

    #[test]
    fn an_answer_with_any_octet_of_its_body_changed_is_not_believed(at in 0_usize..1000, to: u8) {
        let request = request();
        let mut answer = answer(&request);
        let at = at % answer.body.len();
        prop_assume!(answer.body[at] != to);
        answer.body[at] = to;
        prop_assert_eq!(believed(&answer, &request), Err(SignatureFault::Digest));
    }
}
