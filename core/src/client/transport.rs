//! HTTP below the client: which servers are believed, what is not followed, how much is read.

use core::error::Error;
use core::time::Duration;
use std::sync::Arc;

use reqwest::redirect::Policy;
use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, RootCertStore};

use crate::guide::Code;
use crate::http::{ANSWER_BODY_LIMIT, Headers, Request, Response};
use crate::identifier::ServiceOrigin;
use crate::trust::TrustEntry;

/// Longest wait for a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Longest wait for a whole answer.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Why no answer came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TransportFault {
    /// The roots of the trust entry cannot be read, or TLS could not be set up.
    #[error("the TLS roots of the trust entry cannot be used")]
    Roots,
    /// The request goes to another service than this transport's, or has a form that HTTP does not have.
    #[error("the request is not one for this service")]
    Request,
    /// No connection, one that broke off or spoke no HTTP, or no answer in time.
    #[error("the service could not be reached")]
    Unreachable,
    /// The server's certificate does not come from the roots of the trust entry, or is not for this name or time.
    #[error("the server's certificate is not one that the trust list believes")]
    Untrusted,
    /// What came back is no TLS, or larger than any answer of the service.
    #[error("something on the way answered instead of the service")]
    InTheWay,
}

impl TransportFault {
    /// The code that says it to the staff.
    pub const fn code(self) -> Code {
        match self {
            Self::Roots => Code::TrustList,
            Self::Request => Code::RequestMalformed,
            Self::Unreachable => Code::NetworkUnreachable,
            Self::Untrusted => Code::TlsUntrusted,
            Self::InTheWay => Code::NetworkInTheWay,
        }
    }
}

/// Sends requests to one service. TLS 1.2 or newer with the trust entry's roots alone; redirects are not followed;
/// no cookies, no compression; neither the system's proxy settings nor `HTTPS_PROXY` are obeyed, because a check
/// must not leave by a way that nobody chose: a site that needs a proxy is told so (`network-unreachable`).
#[derive(Debug, Clone)]
pub struct Transport {
    http: reqwest::Client,
    origin: ServiceOrigin,
}

impl Transport {
    /// A transport to the service of `entry`; plain `http` only if that is a loopback address with the test flag.
    pub fn new(entry: &TrustEntry) -> Result<Self, TransportFault> {
        let plain = entry.origin.is_plain();
        if plain && !entry.test {
            return Err(TransportFault::Roots);
        }
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls(&entry.tls_roots)?)
            .https_only(!plain)
            .redirect(Policy::none())
            .referer(false)
            .no_proxy()
            .retry(reqwest::retry::never())
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(TIMEOUT)
            .build()
            .map_err(|_| TransportFault::Roots)?;
        Ok(Self { http, origin: entry.origin.clone() })
    }

    /// Sends a request as it stands, once, and reads the answer up to its limit.
    pub async fn send(&self, request: &Request) -> Result<Response, TransportFault> {
        if request.authority != self.origin.authority()
            || request.query.is_some()
            || !request.path.starts_with('/')
        {
            return Err(TransportFault::Request);
        }
        let method = request.method.parse().map_err(|_| TransportFault::Request)?;
        let mut sending = self.http.request(method, format!("{}{}", self.origin, request.path));
        for (name, value) in request.headers.iter() {
            sending = sending.header(name, value);
        }
        if !request.body.is_empty() {
            sending = sending.body(request.body.clone());
        }
        let answer = sending.send().await.map_err(|error| fault(&error))?;
        read(answer).await
    }
}

/// Reads an answer, no further than its limit.
async fn read(mut answer: reqwest::Response) -> Result<Response, TransportFault> {
    let mut headers = Headers::new();
    for (name, value) in answer.headers() {
        headers.push(name.as_str(), &String::from_utf8_lossy(value.as_bytes()));
    }
    let status = answer.status().as_u16();
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(|error| fault(&error))? {
        if body.len() + chunk.len() > ANSWER_BODY_LIMIT {
            return Err(TransportFault::InTheWay);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Response { status, headers, body })
}

/// TLS 1.2 and 1.3 with these roots and no others; the platform's own are never asked.
fn tls(roots: &[Vec<u8>]) -> Result<ClientConfig, TransportFault> {
    let mut store = RootCertStore::empty();
    for root in roots {
        store.add(CertificateDer::from(root.clone())).map_err(|_| TransportFault::Roots)?;
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider);
    let builder = builder.with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12]);
    Ok(builder.map_err(|_| TransportFault::Roots)?.with_root_certificates(store).with_no_client_auth())
}

/// What an error of the HTTP library means here. Its own words are not kept: they may hold an address.
fn fault(error: &reqwest::Error) -> TransportFault {
    match tls_error(error) {
        Some(rustls::Error::InvalidCertificate(_) | rustls::Error::NoCertificatesPresented) => {
            TransportFault::Untrusted
        }
        Some(_) => TransportFault::InTheWay,
        None if error.is_builder() => TransportFault::Request,
        None => TransportFault::Unreachable,
    }
}

/// The error of TLS below, if there is one. An I/O error hides what it wraps from `source`, so it is asked itself.
fn tls_error<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a rustls::Error> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<rustls::Error>() {
            return Some(found);
        }
        let inner = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        if let Some(found) = inner.and_then(|inner| tls_error(inner)) {
            return Some(found);
        }
        next = error.source();
    }
    None
}
