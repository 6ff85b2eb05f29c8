//! One POST, from socket to socket: receive, decide, sign whatever came of it.

use std::future::Future;
use std::sync::Arc;

use axum::extract::Request as HttpRequest;
use axum::response::Response as HttpResponse;
use serde::Serialize;
use serde::de::DeserializeOwned;
use shikaku::guide::Code;
use shikaku::http::signature::sign_answer;
use shikaku::http::{JSON, Request, Response};

use super::receive::{receive, send};
use super::refusal::Refusal;
use crate::app::Service;

/// Answers a POST with what `decide` says, signed for exactly this request; refusals too, and faults of ours.
///
/// `decide` runs in a task of its own: a client that hangs up does not leave half a decision, and a panic is an
/// answer of ours (`service-down`) and not a broken connection.
pub(super) async fn answer<D, F>(service: Arc<Service>, request: HttpRequest, decide: D) -> HttpResponse
where
    D: FnOnce(Arc<Request>) -> F,
    F: Future<Output = Result<Response, Refusal>> + Send + 'static,
{
    let (request, body) = receive(&service.origin, request).await;
    let request = Arc::new(request);
    let decided = match (body, service.admissions.try_acquire()) {
        (Err(refusal), _) => Err(refusal),
        (Ok(()), Err(_)) => Err(Code::ServiceDown.into()),
        (Ok(()), Ok(_place)) => tokio::spawn(decide(Arc::clone(&request))).await.unwrap_or_else(|fault| {
            tracing::error!(panicked = fault.is_panic(), "a decision broke off");
            Err(Code::ServiceDown.into())
        }),
    };
    let answer = decided.unwrap_or_else(|refusal| {
        tracing::info!(path = route_of(&request.path), code = refusal.code().as_str(), "refused");
        refusal.to_response()
    });
    send(sign(service, request, answer).await)
}

/// Work that keeps a core busy, away from the threads that serve sockets.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Refusal> {
    tokio::task::spawn_blocking(work).await.map_err(|fault| {
        tracing::error!(panicked = fault.is_panic(), "blocking work broke off");
        Code::ServiceDown.into()
    })
}

/// The body of a request, all of it known and nothing missing.
pub(super) fn read_body<T: DeserializeOwned>(request: &Request) -> Result<T, Refusal> {
    serde_json::from_slice(&request.body).map_err(|_| Code::RequestMalformed.into())
}

/// 200 with a JSON body.
pub(super) fn ok(body: &impl Serialize) -> Result<Response, Refusal> {
    match serde_json::to_vec(body) {
        Ok(octets) => Ok(Response::new(200, JSON, octets)),
        Err(fault) => {
            tracing::error!(%fault, "an answer cannot be written");
            Err(Code::ServiceDown.into())
        }
    }
}

/// Signs the answer. A request without digest and Idempotency-Key has nothing that an answer could be bound to:
/// its answer goes out unsigned, and no client believes it.
async fn sign(service: Arc<Service>, request: Arc<Request>, answer: Response) -> Response {
    let unsigned = answer.clone();
    let created = service.clock.now();
    let signed = blocking(move || {
        let mut answer = answer;
        sign_answer(&mut answer, &request, service.signer(), created).map(|()| answer)
    });
    match signed.await {
        Ok(Ok(answer)) => answer,
        _ => unsigned,
    }
}

/// A path fit for the log: ours, or a dash. What a stranger writes there stays out.
fn route_of(path: &str) -> &'static str {
    super::PATHS.iter().find(|route| **route == path).copied().unwrap_or("-")
}
