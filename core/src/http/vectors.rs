//! Published vectors: the signature bases of RFC 9421, appendices B.2 and B.3, with the signatures whose
//! algorithms are here (ECDSA P-256 and HMAC), and bad P-256 signatures in the manner of Wycheproof.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use super::{Headers, Message, PublicKey, Request, Response, Signer as _, SoftwareKey, signature_base};

/// B.1.3, test-key-ecc-p256.
const KEY: &str = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEqIVYZVLCrPZHGHjP17CTW0/+D9Lf\
                   w0EkjqF7xB4FivAxzic30tMM4GF+hR6Dxh71Z50VGGdldkkDXZCnTNnoXQ==";
/// B.1.5, test-shared-secret.
const SECRET: &str =
    "uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ==";
/// Digest of the example request's body.
const REQUEST_DIGEST: &str =
    "sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:";
/// Digest of the example answer's body.
const ANSWER_DIGEST: &str =
    "sha-512=:mEWXIS7MaLRuGgxOBdODa3xqM1XdEvxoYhvlCFJ41QJgJc4GTsPp29l5oGX69wWdXymyU0rjJuahq4l5aGgfLQ==:";
/// The client certificate of B.3.
const CLIENT_CERTIFICATE: &str = ":MIIBqDCCAU6gAwIBAgIBBzAKBggqhkjOPQQDAjA6MRswGQYDVQQKDBJMZXQncyBBdXRoZW50aWNhdGUxG\
    zAZBgNVBAMMEkxBIEludGVybWVkaWF0ZSBDQTAeFw0yMDAxMTQyMjU1MzNaFw0yMTAxMjMyMjU1MzNaMA0xCzAJBgNVBAMMAkJDMFkwEwYHKoZIz\
    j0CAQYIKoZIzj0DAQcDQgAE8YnXXfaUgmnMtOXU/IncWalRhebrXmckC8vdgJ1p5Be5F/3YC8OthxM4+k1M6aEAEFcGzkJiNy6J84y7uzo9M6Ny\
    MHAwCQYDVR0TBAIwADAfBgNVHSMEGDAWgBRm3WjLa38lbEYCuiCPct0ZaSED2DAOBgNVHQ8BAf8EBAMCBsAwEwYDVR0lBAwwCgYIKwYBBQUHAwIw\
    HQYDVR0RAQH/BBMwEYEPYmRjQGV4YW1wbGUuY29tMAoGCCqGSM49BAMCA0gAMEUCIBHda/r1vaL6G3VliL4/Di6YK0Q6bMjeSkC3dFCOOB8TAiEA\
    x/kHSB4urmiZ0NX5r5XarmPk0wmuydBVoU4hBVZ1yhk=:";

fn headers(fields: &[(&str, &str)]) -> Headers {
    let mut headers = Headers::new();
    for (name, value) in fields {
        headers.push(name, value);
    }
    headers
}

fn request() -> Request {
    Request {
        method: "POST".to_owned(),
        authority: "example.com".to_owned(),
        path: "/foo".to_owned(),
        query: Some("param=Value&Pet=dog".to_owned()),
        headers: headers(&[
            ("Date", "Tue, 20 Apr 2021 02:07:55 GMT"),
            ("Content-Type", "application/json"),
            ("Content-Digest", REQUEST_DIGEST),
            ("Content-Length", "18"),
        ]),
        body: b"{\"hello\": \"world\"}".to_vec(),
    }
}

fn answer() -> Response {
    let fields =
        [("Content-Type", "application/json"), ("Content-Digest", ANSWER_DIGEST), ("Content-Length", "23")];
    Response { status: 200, headers: headers(&fields), body: b"{\"message\": \"good dog\"}".to_vec() }
}

/// The base of the example request; `input` must be its last line.
fn request_lines(input: &str) -> Vec<String> {
    lines(Message::Request(&request()), input)
}

fn lines(message: Message<'_>, input: &str) -> Vec<String> {
    let base = signature_base(message, input).unwrap();
    let mut lines: Vec<String> = base.split('\n').map(str::to_owned).collect();
    assert_eq!(lines.pop().unwrap(), format!("\"@signature-params\": {input}"));
    lines
}

fn key() -> PublicKey {
    PublicKey::from_spki(&STANDARD.decode(KEY).unwrap()).unwrap()
}

#[test]
fn b_2_1_covers_nothing() {
    let input = "();created=1618884473;keyid=\"test-key-rsa-pss\";nonce=\"b3k2pp5k7z-50gnwp.yemd\"";
    assert!(request_lines(input).is_empty());
}

#[test]
fn b_2_2_covers_a_query_parameter() {
    let input = "(\"@authority\" \"content-digest\" \"@query-param\";name=\"Pet\")\
                 ;created=1618884473;keyid=\"test-key-rsa-pss\";tag=\"header-example\"";
    let digest = format!("\"content-digest\": {REQUEST_DIGEST}");
    assert_eq!(
        request_lines(input),
        ["\"@authority\": example.com", &digest, "\"@query-param\";name=\"Pet\": dog"]
    );
}

#[test]
fn b_2_3_covers_the_whole_request() {
    let input = "(\"date\" \"@method\" \"@path\" \"@query\" \"@authority\" \"content-type\" \"content-digest\" \
                 \"content-length\");created=1618884473;keyid=\"test-key-rsa-pss\"";
    let digest = format!("\"content-digest\": {REQUEST_DIGEST}");
    assert_eq!(
        request_lines(input),
        [
            "\"date\": Tue, 20 Apr 2021 02:07:55 GMT",
            "\"@method\": POST",
            "\"@path\": /foo",
            "\"@query\": ?param=Value&Pet=dog",
            "\"@authority\": example.com",
            "\"content-type\": application/json",
            &digest,
            "\"content-length\": 18",
        ]
    );
}

#[test]
fn b_2_4_the_signed_answer_verifies_with_ecdsa_p_256() {
    let input = "(\"@status\" \"content-type\" \"content-digest\" \"content-length\")\
                 ;created=1618884473;keyid=\"test-key-ecc-p256\"";
    let (request, answer) = (request(), answer());
    let message = Message::Answer(&answer, &request);
    let digest = format!("\"content-digest\": {ANSWER_DIGEST}");
    let expected =
        ["\"@status\": 200", "\"content-type\": application/json", &digest, "\"content-length\": 23"];
    assert_eq!(lines(message, input), expected);
    let signature =
        "wNmSUAhwb5LxtOtOpNa6W5xj067m5hFrj0XQ4fvpaCLx0NKocgPquLgyahnzDnDAUy5eCdlYUEkLIj+32oiasw==";
    let base = signature_base(message, input).unwrap();
    assert!(key().verify(base.as_bytes(), &STANDARD.decode(signature).unwrap()).is_ok());
}

#[test]
fn b_2_5_the_request_verifies_with_hmac() {
    let input = "(\"date\" \"@authority\" \"content-type\");created=1618884473;keyid=\"test-shared-secret\"";
    let base = signature_base(Message::Request(&request()), input).unwrap();
    let mut mac = Hmac::<Sha256>::new_from_slice(&STANDARD.decode(SECRET).unwrap()).unwrap();
    mac.update(base.as_bytes());
    let expected = STANDARD.decode("pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8=").unwrap();
    assert!(mac.verify_slice(&expected).is_ok());
}

#[test]
fn b_2_6_covers_a_few_components_in_another_order() {
    let input = "(\"date\" \"@method\" \"@path\" \"@authority\" \"content-type\" \"content-length\")\
                 ;created=1618884473;keyid=\"test-key-ed25519\"";
    assert_eq!(
        request_lines(input),
        [
            "\"date\": Tue, 20 Apr 2021 02:07:55 GMT",
            "\"@method\": POST",
            "\"@path\": /foo",
            "\"@authority\": example.com",
            "\"content-type\": application/json",
            "\"content-length\": 18",
        ]
    );
}

#[test]
fn b_3_the_proxy_request_verifies_with_ecdsa_p_256() {
    let input = "(\"@path\" \"@query\" \"@method\" \"@authority\" \"client-cert\")\
                 ;created=1618884473;keyid=\"test-key-ecc-p256\"";
    let mut request = request();
    request.authority = "service.internal.example".to_owned();
    request.headers.push("Client-Cert", CLIENT_CERTIFICATE);
    let base = signature_base(Message::Request(&request), input).unwrap();
    let signature =
        "xVMHVpawaAC/0SbHrKRs9i8I3eOs5RtTMGCWXm/9nvZzoHsIg6Mce9315T6xoklyy0yzhD9ah4JHRwMLOgmizw==";
    assert!(key().verify(base.as_bytes(), &STANDARD.decode(signature).unwrap()).is_ok());
}

/// n, the order of P-256 (FIPS 186-5).
const ORDER: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc,
    0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
];

/// n − value, for 32 octets below n.
fn negated(value: &[u8]) -> [u8; 32] {
    let mut result = [0; 32];
    let mut borrow = 0;
    for at in (0..32).rev() {
        let difference = i16::from(ORDER[at]) - i16::from(value[at]) - borrow;
        borrow = i16::from(difference < 0);
        result[at] = u8::try_from(difference & 0xff).unwrap();
    }
    result
}

#[test]
fn bad_p_256_signatures_are_refused_and_a_high_s_is_not() {
    let signer = SoftwareKey::from_random(&[0x42; 32]).unwrap();
    let good = signer.sign(b"message").unwrap();
    let (r, s) = good.split_at(32);
    let der = p256::ecdsa::Signature::from_slice(&good).unwrap().to_der();
    let verify = |signature: &[u8]| signer.public().verify(b"message", signature).is_ok();
    assert!(verify(&good));
    assert!(
        verify(&[r, &negated(s)].concat()),
        "n - s is the same signature; which of both is used does not matter"
    );
    let zero = [0; 32];
    let mut above = ORDER;
    above[31] += 1;
    let mut flipped = good;
    flipped[63] ^= 1;
    let bad: [(&str, Vec<u8>); 20] = [
        ("empty", Vec::new()),
        ("r = 0", [&zero, s].concat()),
        ("s = 0", [r, &zero].concat()),
        ("both 0", [zero, zero].concat()),
        ("r = n", [&ORDER, s].concat()),
        ("s = n", [r, &ORDER].concat()),
        ("r = n + 1", [&above, s].concat()),
        ("s = n + 1", [r, &above].concat()),
        ("r = s = 2^256 - 1", vec![0xff; 64]),
        ("swapped", [s, r].concat()),
        ("-r", [&negated(r), s].concat()),
        ("DER", der.as_bytes().to_vec()),
        ("DER cut to 64", der.as_bytes()[..64].to_vec()),
        ("63 octets", good[..63].to_vec()),
        ("65 octets", [&good[..], &[0]].concat()),
        ("a zero before", [&[0], &good[..]].concat()),
        ("70 octets", [&good[..], &[0; 6]].concat()),
        ("twice", [good, good].concat()),
        ("r alone", r.to_vec()),
        ("a flipped bit", flipped.to_vec()),
    ];
    for (what, signature) in bad {
        assert!(!verify(&signature), "{what}");
    }
    assert!(signer.public().verify(b"messagf", &good).is_err());
    let other = SoftwareKey::from_random(&[0x43; 32]).unwrap();
    assert!(other.public().verify(b"message", &good).is_err());
}

#[test]
fn a_key_has_one_form_and_lies_on_the_curve() {
    let good = STANDARD.decode(KEY).unwrap();
    assert!(PublicKey::from_spki(&good).is_ok());
    let mut off_curve = good.clone();
    off_curve[90] ^= 1;
    let mut infinity = good[..26].to_vec();
    infinity.resize(91, 0);
    let mut compressed = good.clone();
    compressed[26] = 2;
    let mut other_curve = good.clone();
    other_curve[22] = 8;
    for bad in
        [&good[..90], &[&good[..], &[0]].concat(), &off_curve, &infinity, &compressed, &other_curve, &[]]
    {
        assert!(PublicKey::from_spki(bad).is_err());
    }
}
