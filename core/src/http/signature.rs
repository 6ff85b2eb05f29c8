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

/// The name of the key that is said to have signed a request; `None` if there is no signature of the profile's form.
pub(super) fn signer_of(request: &Request) -> Option<KeyId> {
    find_signature(&request.headers, request_input).ok().map(|found| found.key_id)
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
mod tests;
