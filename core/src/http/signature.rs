//! Signatures of requests and answers: one fixed profile of RFC 9421 each.
//!
//! What is accepted has exactly one form. So the verifier does not interpret what came: it reads the two
//! values that vary (`created` and `keyid`), writes down the only Signature-Input that may carry them, and
//! compares octet for octet. A further component, parameter, signature, digest or blank is another text.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sfv::{BareItem, Dictionary, ListEntry, Parser};

use super::base::{BaseFault, Message, signature_base};
use super::digest::digest_fits;
use super::{
    HeaderFault, IdempotencyKey, JSON, KeyId, PublicKey, Request, Response, SIGNATURE_LENGTH, Signer,
    SignerFault,
};
use crate::guide::Code;
use crate::identifier::ServiceOrigin;
use crate::instant::UnixTime;

/// Seconds from `created` to `expires`, and by which a request may lie in the service's future.
pub const REQUEST_WINDOW: u64 = 300;

/// Label under which our own signatures stand. The verifier takes any label, if it is the only one.
const LABEL: &str = "sig1";

/// Why a signature is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignatureFault {
    /// A header field is missing, stands twice, or is malformed.
    #[error(transparent)]
    Header(#[from] HeaderFault),
    /// Not a `POST` to a plain path of this origin.
    #[error("a signed request is a POST to a path of this service, without query")]
    Target,
    /// Signature-Input is not, octet for octet, the one that this protocol knows; or there are several.
    #[error("the signature does not cover exactly what it must, with exactly the parameters it must have")]
    Profile,
    /// The signature does not have 64 octets.
    #[error("the signature has {0} octets where 64 are due")]
    Length(usize),
    /// No key of that name is known.
    #[error("the key {0} is not known")]
    UnknownKey(KeyId),
    /// The body does not have the digest that the message names.
    #[error("the body does not have the digest that the message names")]
    Digest,
    /// The signature does not fit.
    #[error("the signature does not fit")]
    Mismatch,
    /// The signature is good, but `created` lies outside the window around now.
    #[error("the request was signed at {created}, outside the window around {now}")]
    Clock {
        /// When the sender says that it signed.
        created: UnixTime,
        /// The verifier's time.
        now: UnixTime,
    },
}

impl SignatureFault {
    /// The code that the service answers with. For an answer every fault is a transport fault instead
    /// (`network-in-the-way`), as the client decides.
    pub const fn code(&self) -> Code {
        match self {
            Self::Header(_) | Self::Target => Code::RequestMalformed,
            Self::Profile | Self::Length(_) | Self::Mismatch => Code::RequestSignature,
            Self::UnknownKey(_) => Code::DeviceUnknown,
            Self::Digest => Code::RequestDigest,
            Self::Clock { .. } => Code::ClockSkew,
        }
    }
}

impl From<BaseFault> for SignatureFault {
    fn from(_: BaseFault) -> Self {
        Self::Profile
    }
}

/// Signs a request made by [`Request::post`], at `created`. A signature that is already there is replaced, so
/// that the same operation can be repeated with the same Idempotency-Key and a new signature.
pub fn sign_request(
    request: &mut Request,
    signer: &dyn Signer,
    created: UnixTime,
) -> Result<(), SigningFault> {
    let input = request_input(created, &KeyId::of(signer.spki()));
    let base = signature_base(Message::Request(request), &input)?;
    let signature = signer.sign(base.as_bytes())?;
    set_signature(&mut request.headers, &input, signature);
    Ok(())
}

/// Why something could not be signed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SigningFault {
    /// The message lacks something that the signature must cover.
    #[error(transparent)]
    Base(#[from] BaseFault),
    /// The key did not sign.
    #[error(transparent)]
    Signer(#[from] SignerFault),
}

/// Reads and verifies a request in one go: [`SignedRequest::read`], then [`SignedRequest::verify`] with the key
/// that `find` knows under the request's key name.
pub fn verify_request<'a>(
    request: &'a Request,
    origin: &ServiceOrigin,
    find: impl FnOnce(&KeyId) -> Option<PublicKey>,
    now: UnixTime,
) -> Result<SignedRequest<'a>, SignatureFault> {
    let signed = SignedRequest::read(request, origin)?;
    let key = find(&signed.key_id).ok_or_else(|| SignatureFault::UnknownKey(signed.key_id.clone()))?;
    signed.verify(&key, now)?;
    Ok(signed)
}

/// A request whose signature has the right form; whether it fits, [`SignedRequest::verify`] says.
#[derive(Debug, Clone)]
pub struct SignedRequest<'a> {
    request: &'a Request,
    key_id: KeyId,
    created: UnixTime,
    idempotency_key: IdempotencyKey,
    input: String,
    signature: [u8; SIGNATURE_LENGTH],
}

impl<'a> SignedRequest<'a> {
    /// Reads the form alone, no cryptography: `POST` of JSON to this origin, without query; one signature with
    /// exactly the components and parameters of the profile; 64 octets; one digest; one Idempotency-Key.
    pub fn read(request: &'a Request, origin: &ServiceOrigin) -> Result<Self, SignatureFault> {
        let target = request.method == "POST"
            && request.authority == origin.authority()
            && request.path.starts_with('/')
            && request.query.is_none();
        if !target {
            return Err(SignatureFault::Target);
        }
        if request.headers.only("content-type")? != JSON {
            return Err(HeaderFault::Form("content-type").into());
        }
        let idempotency_key = request.idempotency_key()?;
        super::digest::stated_digest(&request.headers)?;
        let Found { input, created, key_id, signature } = find_signature(&request.headers, request_input)?;
        Ok(Self { request, key_id, created, idempotency_key, input, signature })
    }

    /// The name of the key that is said to have signed.
    pub const fn key_id(&self) -> &KeyId {
        &self.key_id
    }

    /// When the sender says that it signed.
    pub const fn created(&self) -> UnixTime {
        self.created
    }

    /// The name of the operation.
    pub const fn idempotency_key(&self) -> &IdempotencyKey {
        &self.idempotency_key
    }

    /// Whether the body has the digest that the request names. Cheap; to be asked before the signature.
    pub fn check_digest(&self) -> Result<(), SignatureFault> {
        if digest_fits(&self.request.headers, &self.request.body)? {
            Ok(())
        } else {
            Err(SignatureFault::Digest)
        }
    }

    /// Verifies digest, signature and time, in this order: created − 300 ≤ now ≤ created + 300.
    ///
    /// The clock comes last, so that only the holder of the key is told of a wrong one.
    pub fn verify(&self, key: &PublicKey, now: UnixTime) -> Result<(), SignatureFault> {
        if key.id() != self.key_id {
            return Err(SignatureFault::UnknownKey(self.key_id.clone()));
        }
        self.check_digest()?;
        let base = signature_base(Message::Request(self.request), &self.input)?;
        key.verify(base.as_bytes(), &self.signature).map_err(|_| SignatureFault::Mismatch)?;
        let created = self.created;
        if created.minus(REQUEST_WINDOW) <= now && now <= created.plus(REQUEST_WINDOW) {
            Ok(())
        } else {
            Err(SignatureFault::Clock { created, now })
        }
    }
}

/// Signs an answer to `request` with the service key, at `created` by the service's clock.
///
/// The request must carry digest and Idempotency-Key, signed or not; if it does not, nothing can be bound to it
/// and the fault names what is missing: such a request gets an unsigned answer, which no client believes.
pub fn sign_answer(
    answer: &mut Response,
    request: &Request,
    signer: &dyn Signer,
    created: UnixTime,
) -> Result<(), SigningFault> {
    let input = answer_input(created, &KeyId::of(signer.spki()));
    let base = signature_base(Message::Answer(answer, request), &input)?;
    let signature = signer.sign(base.as_bytes())?;
    set_signature(&mut answer.headers, &input, signature);
    Ok(())
}

/// Who signed an answer, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnswerSignature {
    /// Name of the service key.
    pub key_id: KeyId,
    /// The service's time.
    pub created: UnixTime,
}

/// Verifies that `answer` was given to exactly this `request` by one of the service's `keys`.
///
/// Its time is not judged: the answer fits one request only, and that request's Idempotency-Key is 16 fresh
/// octets of the client's own, so that an older answer fits nothing that is asked now.
pub fn verify_answer(
    answer: &Response,
    request: &Request,
    keys: &[PublicKey],
) -> Result<AnswerSignature, SignatureFault> {
    for name in ["content-digest", "idempotency-key"] {
        request.headers.only(name)?;
    }
    answer.headers.only("content-type")?;
    let Found { input, created, key_id, signature } = find_signature(&answer.headers, answer_input)?;
    let key = keys
        .iter()
        .find(|key| key.id() == key_id)
        .ok_or_else(|| SignatureFault::UnknownKey(key_id.clone()))?;
    if !digest_fits(&answer.headers, &answer.body)? {
        return Err(SignatureFault::Digest);
    }
    let base = signature_base(Message::Answer(answer, request), &input)?;
    key.verify(base.as_bytes(), &signature).map_err(|_| SignatureFault::Mismatch)?;
    Ok(AnswerSignature { key_id, created })
}

/// The only Signature-Input value of a request.
fn request_input(created: UnixTime, key_id: &KeyId) -> String {
    let expires = created.plus(REQUEST_WINDOW);
    format!(
        "(\"@method\" \"@authority\" \"@path\" \"content-type\" \"content-digest\" \"idempotency-key\")\
         ;created={created};expires={expires};keyid=\"{key_id}\";tag=\"shikaku/v1\""
    )
}

/// The only Signature-Input value of an answer.
fn answer_input(created: UnixTime, key_id: &KeyId) -> String {
    format!(
        "(\"@status\" \"content-type\" \"content-digest\" \"@method\";req \"@authority\";req \"@path\";req \
         \"content-digest\";req \"idempotency-key\";req)\
         ;created={created};keyid=\"{key_id}\";tag=\"shikaku-answer/v1\""
    )
}

/// A signature as found in a message, its form checked.
struct Found {
    input: String,
    created: UnixTime,
    key_id: KeyId,
    signature: [u8; SIGNATURE_LENGTH],
}

/// Finds the one signature of a message, and demands that its input is what `profile` writes.
fn find_signature(
    headers: &super::Headers,
    profile: fn(UnixTime, &KeyId) -> String,
) -> Result<Found, SignatureFault> {
    let whole = headers.only("signature-input")?;
    let inputs: Dictionary = Parser::new(whole).parse().map_err(|_| HeaderFault::Form("signature-input"))?;
    let mut members = inputs.iter();
    let (Some((label, ListEntry::InnerList(list))), None) = (members.next(), members.next()) else {
        return Err(SignatureFault::Profile);
    };
    let created = list.params.get("created").and_then(BareItem::as_integer);
    let created = created.and_then(|n| u64::try_from(i64::from(n)).ok()).map(UnixTime);
    let key_id =
        list.params.get("keyid").and_then(BareItem::as_string).and_then(|id| KeyId::parse(id.as_str()));
    let (Some(created), Some(key_id)) = (created, key_id) else { return Err(SignatureFault::Profile) };
    let input = profile(created, &key_id);
    if *whole != format!("{label}={input}") {
        return Err(SignatureFault::Profile);
    }
    let value = headers.only("signature")?;
    let encoded = value.strip_prefix(label.as_str()).and_then(|rest| rest.strip_prefix("=:"));
    let encoded = encoded.and_then(|rest| rest.strip_suffix(':')).ok_or(SignatureFault::Profile)?;
    let octets = STANDARD.decode(encoded).map_err(|_| HeaderFault::Form("signature"))?;
    let signature = octets.as_slice().try_into().map_err(|_| SignatureFault::Length(octets.len()))?;
    Ok(Found { input, created, key_id, signature })
}

/// Writes both header fields of our own signature.
fn set_signature(headers: &mut super::Headers, input: &str, signature: [u8; SIGNATURE_LENGTH]) {
    headers.set("signature-input", format!("{LABEL}={input}"));
    headers.set("signature", format!("{LABEL}=:{}:", STANDARD.encode(signature)));
}

#[cfg(test)]
mod tests {
    use super::super::{Headers, SoftwareKey};
    use super::*;

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
        let twice =
            with_header("signature-input", |input| format!("{input}, {}", input.replace("sig1", "sig2")));
        assert_eq!(accepted(&twice), Err(SignatureFault::Profile));
        let same_label = with_header("signature-input", |input| format!("{input}, {input}"));
        assert_eq!(accepted(&same_label), Err(SignatureFault::Profile));
        let twice = with_header("signature", |signature| {
            format!("{signature}, {}", signature.replace("sig1", "sig2"))
        });
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
            let request =
                with_header("signature", |_| format!("sig1=:{}:", STANDARD.encode(vec![1; length])));
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
}
