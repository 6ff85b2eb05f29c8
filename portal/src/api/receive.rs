//! From a socket to a request as a value: size and time limits before anything else.

use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::Request as HttpRequest;
use axum::http::{HeaderMap, header};
use axum::response::Response as HttpResponse;
use shikaku::guide::Code;
use shikaku::http::{Headers, REQUEST_BODY_LIMIT, Request, Response};
use shikaku::identifier::ServiceOrigin;

use super::refusal::Refusal;

/// How long a body may take to arrive.
const BODY_PATIENCE: Duration = Duration::from_secs(15);
/// How long the rest of a body that is too long is listened to.
const REST_PATIENCE: Duration = Duration::from_secs(1);

/// A request as a value, and whether its body came whole and within bounds.
///
/// `@authority` is the service's own: what a request says about whom it is for can only make its signature fail.
pub(super) async fn receive(origin: &ServiceOrigin, request: HttpRequest) -> (Request, Result<(), Refusal>) {
    let (parts, body) = request.into_parts();
    let mut received = Request {
        method: parts.method.as_str().to_owned(),
        authority: origin.authority().to_owned(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().map(str::to_owned),
        headers: headers(&parts.headers),
        body: Vec::new(),
    };
    let outcome = match read(&parts.headers, body).await {
        Ok(octets) => {
            received.body = octets;
            Ok(())
        }
        Err(refusal) => Err(refusal),
    };
    (received, outcome)
}

/// An answer as a value, onto the socket.
pub(super) fn send(answer: Response) -> HttpResponse {
    let mut response = HttpResponse::builder().status(answer.status);
    for (name, value) in answer.headers.iter() {
        response = response.header(name, value);
    }
    response =
        response.header(header::CACHE_CONTROL, "no-store").header(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    response.body(Body::from(answer.body)).unwrap_or_else(|_| {
        let mut response = HttpResponse::new(Body::empty());
        *response.status_mut() = axum::http::StatusCode::INTERNAL_SERVER_ERROR;
        response
    })
}

async fn read(headers: &HeaderMap, body: Body) -> Result<Vec<u8>, Refusal> {
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    let announced = announced.and_then(|value| value.parse::<u64>().ok());
    if announced.is_some_and(|length| length > REQUEST_BODY_LIMIT as u64) {
        // Who is still sending when the connection ends may not hear the refusal: what is a little too long is let out.
        let _ = tokio::time::timeout(REST_PATIENCE, to_bytes(body, 2 * REQUEST_BODY_LIMIT)).await;
        return Err(Code::RequestTooLarge.into());
    }
    // A coded body would be another body than the one that was signed.
    if headers.contains_key(header::CONTENT_ENCODING) {
        return Err(Code::RequestMalformed.into());
    }
    match tokio::time::timeout(BODY_PATIENCE, to_bytes(body, REQUEST_BODY_LIMIT)).await {
        Ok(Ok(octets)) => Ok(octets.into()),
        // The limit, or a connection that broke: who broke it does not read the answer.
        Ok(Err(_)) => Err(Code::RequestTooLarge.into()),
        Err(_) => Err(Code::RequestMalformed.into()),
    }
}

/// Every field as it came; octets that are not ASCII become one character that no rule accepts.
fn headers(from: &HeaderMap) -> Headers {
    let mut headers = Headers::new();
    for (name, value) in from {
        headers.push(name.as_str(), value.to_str().unwrap_or("\u{fffd}"));
    }
    headers
}
