//! What a request's signature must be, and that nothing happens without it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use shikaku::check::{CHALLENGES_PATH, ChallengesAnswer, ChallengesRequest};
use shikaku::http::problem::Retry;
use shikaku::http::signature::{sign_request, verify_answer};
use shikaku::http::{KeyId, Refusal, Request, Signer, content_digest, judge};
use shikaku_test_database::on_both_engines;

use crate::device::{Device, new_key, post};
use crate::site::Site;

/// Every change of a good request that must be refused, and how.
type Spoil = (&'static str, fn(&mut Request), &'static str);

const SPOILED: &[Spoil] = &[
    ("another body", |request| request.body = b"{\"count\":2}".to_vec(), "request-digest"),
    (
        "another body with its digest",
        |request| {
            request.body = b"{\"count\":2}".to_vec();
            let digest = content_digest(&request.body);
            request.headers.set("content-digest", digest);
        },
        "request-signature",
    ),
    (
        "another digest",
        |request| request.headers.set("content-digest", content_digest(b"")),
        "request-digest",
    ),
    (
        "a second digest",
        |request| {
            let digest = request.headers.only("content-digest").unwrap().to_owned();
            request.headers.set("content-digest", format!("{digest}, {digest}"));
        },
        "request-malformed",
    ),
    (
        "another digest algorithm beside it",
        |request| {
            let digest = request.headers.only("content-digest").unwrap().to_owned();
            request.headers.set("content-digest", format!("{digest}, sha-512=:AAAA:"));
        },
        "request-malformed",
    ),
    (
        "another operation",
        |request| {
            request.headers.set("idempotency-key", "\"AAAAAAAAAAAAAAAAAAAAAA\"".to_owned());
        },
        "request-signature",
    ),
    (
        "an operation of another form",
        |request| request.headers.set("idempotency-key", "x".to_owned()),
        "request-malformed",
    ),
    ("another path", |request| request.path = String::from("/v1/settings"), "request-signature"),
    (
        "another media type",
        |request| request.headers.set("content-type", "text/plain".to_owned()),
        "request-malformed",
    ),
    ("a missing component", |request| change_input(request, " \"content-digest\"", ""), "request-signature"),
    (
        "an extra component",
        |request| change_input(request, "\"content-type\"", "\"content-type\" \"host\""),
        "request-signature",
    ),
    (
        "components in another order",
        |request| {
            change_input(request, "\"@method\" \"@authority\"", "\"@authority\" \"@method\"");
        },
        "request-signature",
    ),
    (
        "an algorithm",
        |request| change_input(request, ";tag=", ";alg=\"ecdsa-p256-sha256\";tag="),
        "request-signature",
    ),
    ("a nonce", |request| change_input(request, ";tag=", ";nonce=\"x\";tag="), "request-signature"),
    ("another tag", |request| change_input(request, "shikaku/v1", "shikaku/v2"), "request-signature"),
    (
        "an answer's tag",
        |request| change_input(request, "shikaku/v1", "shikaku-answer/v1"),
        "request-signature",
    ),
    ("a later end", |request| change_input(request, ";expires=1", ";expires=2"), "request-signature"),
    (
        "no end",
        |request| {
            let input = request.headers.only("signature-input").unwrap().to_owned();
            let begin = input.find(";expires=").unwrap();
            let end = input[begin + 1..].find(';').unwrap() + begin + 1;
            request.headers.set("signature-input", format!("{}{}", &input[..begin], &input[end..]));
        },
        "request-signature",
    ),
    (
        "a second signature",
        |request| {
            let input = request.headers.only("signature-input").unwrap().to_owned();
            request.headers.set("signature-input", format!("{input}, {}", input.replacen("sig1", "sig2", 1)));
        },
        "request-signature",
    ),
    (
        "a second signature in a second field",
        |request| {
            let input = request.headers.only("signature-input").unwrap().replacen("sig1", "sig2", 1);
            request.headers.push("signature-input", &input);
        },
        "request-malformed",
    ),
    ("no signature", |request| request.headers.remove("signature"), "request-malformed"),
    ("no input", |request| request.headers.remove("signature-input"), "request-malformed"),
    (
        "a signature in DER",
        |request| {
            let raw = signature(request);
            let der = der(&raw);
            set_signature(request, &der);
        },
        "request-signature",
    ),
    ("a signature of 0 octets", |request| set_signature(request, &[]), "request-signature"),
    ("a signature of 63 octets", |request| cut_or_pad(request, 63), "request-signature"),
    ("a signature of 65 octets", |request| cut_or_pad(request, 65), "request-signature"),
    ("a signature of 70 octets", |request| cut_or_pad(request, 70), "request-signature"),
    ("a signature of zeros", |request| set_signature(request, &[0; 64]), "request-signature"),
    ("a signature of ones", |request| set_signature(request, &[0xff; 64]), "request-signature"),
    (
        "another octet in the signature",
        |request| {
            let mut raw = signature(request);
            raw[40] ^= 1;
            set_signature(request, &raw);
        },
        "request-signature",
    ),
    (
        "the name of a key that is not known",
        |request| {
            let name = KeyId::of(new_key().spki()).to_string();
            rename_key(request, &name);
        },
        "device-unknown",
    ),
    ("no name of a key", |request| rename_key(request, "x"), "request-signature"),
];

on_both_engines! {
    async fn whatever_is_wrong_with_a_signature_nothing_is_done(database: Database) {
        let site = Site::start(&database).await;
        let device = Device::registered(&site).await;
        let before = site.count("challenges").await;
        for (what, spoil, code) in SPOILED {
            let mut request = device.request(&site, CHALLENGES_PATH, &ChallengesRequest { count: 1 });
            spoil(&mut request);
            let answered = site.send_anyhow(&request).await;
            assert_eq!(answered.code(), *code, "{what}");
            assert!(answered.status >= 400, "{what}");
        }
        assert_eq!(site.count("challenges").await, before);
        assert_eq!(device.fetch(&site, 1).await.len(), 1);
    }

    async fn refusals_are_signed_for_the_request_that_they_refuse(database: Database) {
        let site = Site::start(&database).await;
        let device = Device::registered(&site).await;
        let mut request = device.request(&site, CHALLENGES_PATH, &ChallengesRequest { count: 1 });
        set_signature(&mut request, &[1; 64]);
        assert_eq!(site.send(&request).await.code(), "request-signature");
        let nowhere = post(&site, "/v1/nowhere", &());
        let refused = site.send(&nowhere).await;
        assert_eq!((refused.status, refused.code().as_str()), (404, "request-malformed"));
        let mut other_method = device.request(&site, CHALLENGES_PATH, &ChallengesRequest { count: 1 });
        other_method.method = String::from("PUT");
        assert_eq!(site.send(&other_method).await.status, 405);
    }

    async fn another_devices_name_on_a_signature_does_not_make_it_his(database: Database) {
        let site = Site::start(&database).await;
        let device = Device::registered(&site).await;
        let other = Device::registered(&site).await;
        let mut request = device.request(&site, CHALLENGES_PATH, &ChallengesRequest { count: 1 });
        rename_key(&mut request, &KeyId::of(other.key.spki()).to_string());
        assert_eq!(site.send(&request).await.code(), "request-signature");
    }

    /// Who sits in the middle of a broken TLS leaves digest and Idempotency-Key as they are, and signs with a key of his
    /// own: the service's answer then fits the victim's request, but it is about the other key.
    async fn a_swapped_key_gets_no_answer_that_its_victim_believes(database: Database) {
        let site = Site::start(&database).await;
        let victim = Device::registered(&site).await;
        let account = |number: u32| format!("W{number:07}").parse().unwrap();
        let (suspended, revoked) = (Device::registered(&site).await, Device::registered(&site).await);
        site.operator.suspend_account(&account(2)).await.unwrap();
        site.operator.revoke_account(&account(3)).await.unwrap();
        for (key, code) in [
            (new_key(), "device-unknown"),
            (suspended.key, "device-suspended"),
            (revoked.key, "device-revoked"),
        ] {
            let asked = victim.request(&site, CHALLENGES_PATH, &ChallengesRequest { count: 1 });
            let mut swapped = asked.clone();
            sign_request(&mut swapped, &key, site.clock.now()).unwrap();
            let answer = site.transport.send(&swapped).await.unwrap();
            let keys = &site.trust().service_keys;
            assert!(verify_answer(&answer, &asked, keys).is_ok(), "{code}: its signature alone fits the victim's request");
            assert_eq!(judge::<ChallengesAnswer>(&answer, &asked, keys), Err(Refusal::InTheWay), "{code}");
            let told = judge::<ChallengesAnswer>(&answer, &swapped, keys).unwrap_err();
            assert_eq!(told.code().as_str(), code, "its own device is told");
            let Refusal::Problem { problem, .. } = told else { panic!("{code}") };
            assert_eq!(problem.key_id, Some(KeyId::of(key.spki())));
        }
    }

    async fn a_clock_that_is_a_day_off_is_told_so_and_set_right(database: Database) {
        let site = Site::start(&database).await;
        let mut device = Device::registered(&site).await;
        for wrong in [site.clock.now().minus(86_400), site.clock.now().plus(86_400)] {
            let mut request = device.check_request(&site).await;
            device.sign(&mut request, wrong);
            let refused = site.send(&request).await;
            assert_eq!((refused.code().as_str(), refused.retry()), ("clock-skew", Retry::Same));
            let right = refused.signature.unwrap().created;
            assert_eq!(right, site.clock.now());
            device.sign(&mut request, right);
            assert_eq!(site.send(&request).await.status, 200);
        }
    }

    async fn a_clock_is_trusted_by_five_minutes_and_no_more(database: Database) {
        let site = Site::start(&database).await;
        let device = Device::registered(&site).await;
        let now = site.clock.now();
        for (created, status) in
            [(now.minus(300), 200), (now.minus(301), 401), (now.plus(300), 200), (now.plus(301), 401)]
        {
            let mut request = device.request(&site, CHALLENGES_PATH, &ChallengesRequest { count: 1 });
            device.sign(&mut request, created);
            assert_eq!(site.send(&request).await.status, status, "{created}");
        }
    }
}

fn change_input(request: &mut Request, from: &str, to: &str) {
    let input = request.headers.only("signature-input").unwrap();
    assert!(input.contains(from), "{input}");
    request.headers.set("signature-input", input.replacen(from, to, 1));
}

fn rename_key(request: &mut Request, name: &str) {
    let input = request.headers.only("signature-input").unwrap().to_owned();
    let begin = input.find("keyid=\"").unwrap() + 7;
    let end = input[begin..].find('"').unwrap() + begin;
    request.headers.set("signature-input", format!("{}{name}{}", &input[..begin], &input[end..]));
}

fn signature(request: &Request) -> Vec<u8> {
    let text = request.headers.only("signature").unwrap();
    STANDARD.decode(text.trim_start_matches("sig1=:").trim_end_matches(':')).unwrap()
}

fn set_signature(request: &mut Request, octets: &[u8]) {
    request.headers.set("signature", format!("sig1=:{}:", STANDARD.encode(octets)));
}

fn cut_or_pad(request: &mut Request, length: usize) {
    let mut octets = signature(request);
    octets.resize(length, 0);
    set_signature(request, &octets);
}

/// The same r and s as an `ECDSA-Sig-Value`.
fn der(raw: &[u8]) -> Vec<u8> {
    let integer = |octets: &[u8]| {
        let digits: Vec<u8> = octets.iter().copied().skip_while(|octet| *octet == 0).collect();
        let pad = usize::from(digits[0] >= 0x80);
        let length = u8::try_from(digits.len() + pad).unwrap();
        [vec![0x02, length], vec![0; pad], digits].concat()
    };
    let both = [integer(&raw[..32]), integer(&raw[32..])].concat();
    [vec![0x30, u8::try_from(both.len()).unwrap()], both].concat()
}
