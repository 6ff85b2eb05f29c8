//! One POST, from socket to socket: receive, decide, sign whatever came of it.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::Request as HttpRequest;
use axum::response::Response as HttpResponse;
use serde::Serialize;
use serde::de::DeserializeOwned;
use shikaku::guide::Code;
use shikaku::http::signature::sign_answer;
use shikaku::http::{JSON, Request, Response};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::receive::{receive, send};
use super::refusal::Refusal;
use crate::app::Service;
use crate::limits::Peer;

/// A decision takes so long at most: longer than the store waits for a lock or a connection. A database that has fallen
/// silent must not keep every place. What was written and not committed is undone; what was, the same request gets again.
const DECISION: Duration = Duration::from_mins(1);

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
    let decided = match body {
        Err(refusal) => Err(refusal),
        Ok(()) => admitted(&service.admissions, decide(Arc::clone(&request))).await,
    };
    let answer = decided.unwrap_or_else(|refusal| {
        tracing::info!(path = route_of(&request.path), code = refusal.code().as_str(), "refused");
        refusal.answer_to(&request)
    });
    send(sign(service, request, answer).await)
}

/// As [`answer`], for what is not there: within the quota of the address. Beyond it the refusal goes out unsigned, because
/// the signature is the dearest part of such an answer, and no app of ours asks for it.
pub(super) async fn answer_stranger<D, F>(
    service: Arc<Service>,
    from: SocketAddr,
    request: HttpRequest,
    decide: D,
) -> HttpResponse
where
    D: FnOnce(Arc<Request>) -> F,
    F: Future<Output = Result<Response, Refusal>> + Send + 'static,
{
    match service.quotas.strangers.take(Peer::of(from.ip()), service.clock.now()) {
        Ok(()) => answer(service, request, decide).await,
        Err(too_many) => send(Refusal::from(too_many).judgement()),
    }
}

/// Runs a decision to its end, whoever still waits for it, and lets it keep its place until then: who hangs up again and
/// again must not have more decided at the same time than there are places.
async fn admitted(
    places: &Arc<Semaphore>,
    decision: impl Future<Output = Result<Response, Refusal>> + Send + 'static,
) -> Result<Response, Refusal> {
    let Ok(place) = Arc::clone(places).try_acquire_owned() else { return Err(Code::ServiceDown.into()) };
    let decided = tokio::spawn(async move {
        let decided = timeout(DECISION, decision).await;
        drop(place);
        decided.unwrap_or_else(|_| {
            tracing::error!("a decision took too long");
            Err(Code::ServiceDown.into())
        })
    });
    decided.await.unwrap_or_else(|fault| {
        tracing::error!(panicked = fault.is_panic(), "a decision broke off");
        Err(Code::ServiceDown.into())
    })
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

#[cfg(test)]
mod tests {
    use tokio::sync::oneshot;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_decision_that_never_ends_gives_its_place_back() {
        let places = Arc::new(Semaphore::new(1));
        let refused = admitted(&places, std::future::pending()).await.unwrap_err();
        assert_eq!(refused.code(), Code::ServiceDown);
        assert!(admitted(&places, async { ok(&()) }).await.is_ok());
    }

    #[tokio::test]
    async fn a_decision_keeps_its_place_though_its_client_hangs_up() {
        let places = Arc::new(Semaphore::new(1));
        let (begun, has_begun) = oneshot::channel();
        let (end, may_end) = oneshot::channel::<()>();
        let waiting = {
            let places = Arc::clone(&places);
            tokio::spawn(async move {
                let decision = async move {
                    begun.send(()).unwrap();
                    may_end.await.unwrap();
                    ok(&())
                };
                admitted(&places, decision).await
            })
        };
        has_begun.await.unwrap();
        waiting.abort();
        assert!(waiting.await.unwrap_err().is_cancelled());
        let refused = admitted(&places, async { ok(&()) }).await.unwrap_err();
        assert_eq!(refused.code(), Code::ServiceDown);
        end.send(()).unwrap();
        drop(places.acquire().await.unwrap());
        assert!(admitted(&places, async { ok(&()) }).await.is_ok());
    }
}
