//! Requests and answers as values, and what signs and names them.
//!
//! Nothing here opens a socket: a [`Request`] is what will be sent, a [`Response`] what came. The
//! signatures are those of RFC 9421 over the digest of RFC 9530, errors are those of RFC 9457.

mod base;
mod digest;
mod exchange;
mod headers;
mod idempotency;
mod key;
pub mod problem;
pub mod signature;
#[cfg(test)]
mod vectors;

pub use base::{BaseFault, Message, signature_base};
pub use digest::content_digest;
pub use exchange::{Believed, ClockOffset, Refusal, judge};
pub use headers::{HeaderFault, Headers};
pub use idempotency::{IdempotencyKey, IdempotencyKeyError};
pub use key::{
    KeyError, KeyId, PublicKey, SIGNATURE_LENGTH, SignatureMismatch, Signer, SignerFault, SoftwareKey,
};

use core::fmt;

use crate::identifier::ServiceOrigin;

/// Media type of every request, and of every answer that is no problem.
pub const JSON: &str = "application/json";

/// Largest body of a request, in octets; a check with its certificate and signature is below 8 000.
pub const REQUEST_BODY_LIMIT: usize = 64 * 1024;

/// Largest body of an answer, in octets; device settings with a long staff list are below it.
pub const ANSWER_BODY_LIMIT: usize = 1024 * 1024;

/// A request, as it is sent or as it came.
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    /// `POST` or `GET`, in capitals.
    pub method: String,
    /// Host and, where it is not the scheme's own, port; lower case (RFC 9421, section 2.2.3).
    pub authority: String,
    /// Path as sent, without query: it begins with `/`.
    pub path: String,
    /// What follows the `?`, without it. No request of ours has one, and signed requests are refused with one.
    pub query: Option<String>,
    /// Header fields.
    pub headers: Headers,
    /// Body, octet for octet as sent.
    pub body: Vec<u8>,
}

impl Request {
    /// A `POST` with a JSON body, ready to be signed: type, digest and Idempotency-Key are set.
    pub fn post(origin: &ServiceOrigin, path: &str, key: &IdempotencyKey, body: Vec<u8>) -> Self {
        let mut headers = Headers::new();
        headers.set("content-type", JSON.to_owned());
        Self::new("POST", origin, path, headers, key, body)
    }

    /// A `GET` without body. It carries digest and Idempotency-Key too, so that its answer can be bound to it.
    pub fn get(origin: &ServiceOrigin, path: &str, key: &IdempotencyKey) -> Self {
        Self::new("GET", origin, path, Headers::new(), key, Vec::new())
    }

    /// The Idempotency-Key of the request.
    pub fn idempotency_key(&self) -> Result<IdempotencyKey, HeaderFault> {
        let text = self.headers.only(idempotency::HEADER)?;
        text.parse().map_err(|_| HeaderFault::Form(idempotency::HEADER))
    }

    fn new(
        method: &str,
        origin: &ServiceOrigin,
        path: &str,
        mut headers: Headers,
        key: &IdempotencyKey,
        body: Vec<u8>,
    ) -> Self {
        headers.set(digest::HEADER, content_digest(&body));
        headers.set(idempotency::HEADER, key.to_string());
        let (method, authority) = (method.to_owned(), origin.authority().to_owned());
        Self { method, authority, path: path.to_owned(), query: None, headers, body }
    }
}

/// The body is a person's certificate as often as not, and stays out of logs.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { method, authority, path, body, .. } = self;
        write!(f, "Request({method} {authority}{path}, {} octets)", body.len())
    }
}

/// An answer, as it is sent or as it came.
#[derive(Clone, PartialEq, Eq)]
pub struct Response {
    /// Status code, 100 to 599.
    pub status: u16,
    /// Header fields.
    pub headers: Headers,
    /// Body, octet for octet as sent.
    pub body: Vec<u8>,
}

impl Response {
    /// An answer with its digest, ready to be signed; `content_type` is a media type.
    pub fn new(status: u16, content_type: &str, body: Vec<u8>) -> Self {
        let mut headers = Headers::new();
        headers.set("content-type", content_type.to_owned());
        headers.set(digest::HEADER, content_digest(&body));
        Self { status, headers, body }
    }
}

/// The body is a person's data as often as not, and stays out of logs.
impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Response({}, {} octets)", self.status, self.body.len())
    }
}
