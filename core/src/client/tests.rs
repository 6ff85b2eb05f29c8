//! The client against a service played by hand, and against servers that are not the service.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU8, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::*;
use crate::http::problem::Problem;
use crate::http::signature::{sign_answer, verify_request};
use crate::http::{ANSWER_BODY_LIMIT, JSON, Response, SoftwareKey};
use crate::settings::tests::device_settings;

/// The service's time; the device's clock is a day behind.
const NOW: UnixTime = UnixTime(1_800_000_000);

struct DayBehind(AtomicU8);

impl World for DayBehind {
    fn now(&self) -> UnixTime {
        NOW.minus(86_400)
    }

    fn random(&self, octets: &mut [u8]) -> Result<(), NoRandomness> {
        octets.fill(self.0.fetch_add(1, Ordering::Relaxed));
        Ok(())
    }
}

fn key(seed: u8) -> SoftwareKey {
    SoftwareKey::from_random(&[seed; 32]).unwrap()
}

fn entry(port: u16) -> TrustEntry {
    TrustEntry {
        name: "Test".to_owned(),
        origin: format!("http://127.0.0.1:{port}").parse().unwrap(),
        portal_keys: vec![key(1).public().clone()],
        service_keys: vec![key(2).public().clone()],
        tls_roots: Vec::new(),
        test: true,
    }
}

/// What stands at the other end: gets the request as it came, gives the octets of an answer.
type Other = fn(&Request) -> Vec<u8>;

/// Asks for challenges while `other` plays the service, once a connection; also what was asked.
fn challenges_from(other: Other) -> (Result<ChallengesAnswer, ClientError>, Vec<Request>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let entry = entry(listener.local_addr().unwrap().port());
        let asked = Mutex::new(Vec::new());
        let serve = async {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let request = received(&mut stream, &entry).await;
                let answer = other(&request);
                asked.lock().unwrap().push(request);
                stream.write_all(&answer).await.unwrap();
                stream.shutdown().await.unwrap();
            }
        };
        let ask = async {
            let world = DayBehind(AtomicU8::new(1));
            let mut client = Client::new(&entry, None, &world).unwrap();
            client.challenges(2, &device_settings(), &key(3)).await
        };
        let answer = tokio::select! { answer = ask => answer, () = serve => unreachable!() };
        (answer, asked.into_inner().unwrap())
    })
}

async fn received(stream: &mut tokio::net::TcpStream, entry: &TrustEntry) -> Request {
    let mut octets = Vec::new();
    loop {
        let mut chunk = [0; 4096];
        let count = stream.read(&mut chunk).await.unwrap();
        octets.extend_from_slice(&chunk[..count]);
        let text = String::from_utf8_lossy(&octets);
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let mut lines = head.split("\r\n");
        let mut first = lines.next().unwrap().split(' ');
        let mut request = Request {
            method: first.next().unwrap().to_owned(),
            authority: entry.origin.authority().to_owned(),
            path: first.next().unwrap().to_owned(),
            query: None,
            headers: crate::http::Headers::new(),
            body: body.as_bytes().to_vec(),
        };
        for line in lines {
            let (name, value) = line.split_once(':').unwrap();
            request.headers.push(name, value);
        }
        if request.body.len().to_string() == request.headers.only("content-length").unwrap() {
            return request;
        }
    }
}

fn written(answer: &Response) -> Vec<u8> {
    let mut octets = format!("HTTP/1.1 {} x\r\nconnection: close\r\n", answer.status).into_bytes();
    for (name, value) in answer.headers.iter() {
        octets.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
    }
    octets.extend_from_slice(format!("content-length: {}\r\n\r\n", answer.body.len()).as_bytes());
    octets.extend_from_slice(&answer.body);
    octets
}

fn signed(request: &Request, mut answer: Response) -> Vec<u8> {
    sign_answer(&mut answer, request, &key(2), NOW).unwrap();
    written(&answer)
}

fn no_challenges(version: u64) -> Response {
    let body = ChallengesAnswer { challenges: Vec::new(), settings_version: version };
    Response::new(200, JSON, serde_json::to_vec(&body).unwrap())
}

/// A service as it should be: judges the request by its own clock.
fn service(request: &Request) -> Vec<u8> {
    let origin = format!("http://{}", request.authority).parse().unwrap();
    let judged = verify_request(request, &origin, |_| Some(key(3).public().clone()), NOW).map(|_| ());
    signed(
        request,
        match judged {
            Ok(()) => no_challenges(3),
            Err(fault) => Problem::new(fault.code(), 401, Retry::Same).to_response(),
        },
    )
}

#[test]
fn a_clock_that_is_a_day_off_is_set_right_by_the_signed_answer() {
    let (answer, asked) = challenges_from(service);
    assert_eq!(answer.unwrap().settings_version, 3);
    let [first, second] = asked.as_slice() else { panic!("{} requests", asked.len()) };
    assert_eq!(first.idempotency_key(), second.idempotency_key());
    assert_ne!(first.headers.only("signature"), second.headers.only("signature"));
}

#[test]
fn an_offset_that_was_kept_saves_the_repetition() {
    let world = DayBehind(AtomicU8::new(1));
    let client = Client::new(&entry(1), None, &world).unwrap().with_offset(ClockOffset::of_seconds(86_400));
    assert_eq!((client.now(), client.offset().seconds()), (NOW, 86_400));
}

#[test]
fn clock_skew_is_believed_once() {
    let (answer, asked) = challenges_from(|request| {
        signed(request, Problem::new(Code::ClockSkew, 401, Retry::Same).to_response())
    });
    assert_eq!((answer.unwrap_err().code(), asked.len()), (Code::ClockSkew, 2));
}

#[test]
fn portals_proxies_and_redirects_are_in_the_way_and_asked_once() {
    let others: [Other; 6] = [
        |_| written(&Response::new(200, "text/html", b"<html>Wi-Fi</html>".to_vec())),
        |_| b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:9/\r\ncontent-length: 0\r\n\r\n".to_vec(),
        |_| written(&Response::new(403, JSON, b"{\"code\":\"device-revoked\"}".to_vec())),
        |_| written(&Response::new(502, "text/html", b"Bad Gateway".to_vec())),
        |_| written(&no_challenges(3)),
        |request| {
            let mut older = request.clone();
            older.headers.set("idempotency-key", IdempotencyKey([99; 16]).to_string());
            signed(&older, no_challenges(3))
        },
    ];
    for other in others {
        let (answer, asked) = challenges_from(other);
        let error = answer.unwrap_err();
        assert_eq!((error.code(), error.retry()), (Code::NetworkInTheWay, Retry::Same));
        assert_eq!(asked.len(), 1);
    }
}

#[test]
fn an_answer_without_end_is_not_read_to_its_end() {
    let (answer, _) = challenges_from(|_| {
        let mut octets = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n".to_vec();
        octets.resize(ANSWER_BODY_LIMIT + 100_000, b' ');
        octets
    });
    assert_eq!(answer.unwrap_err(), ClientError::Transport(TransportFault::InTheWay));
}

#[test]
fn what_breaks_off_or_speaks_no_http_is_unreachable() {
    for other in [
        (|_: &Request| Vec::new()) as Other,
        |_| b"SSH-2.0-x\r\n".to_vec(),
        |_| b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nx".to_vec(),
    ] {
        let (answer, asked) = challenges_from(other);
        assert_eq!(answer.unwrap_err().code(), Code::NetworkUnreachable);
        assert_eq!(asked.len(), 1);
    }
}

#[test]
fn a_service_that_goes_back_to_older_settings_is_refused() {
    let (answer, _) = challenges_from(|request| {
        let mut answer = no_challenges(2);
        sign_answer(&mut answer, request, &key(2), NOW).unwrap();
        written(&answer)
    });
    assert_eq!(answer.unwrap_err().code(), Code::SettingsOlder);
}

#[test]
fn plain_http_needs_the_test_flag_and_roots_that_can_be_read() {
    let world = DayBehind(AtomicU8::new(1));
    let untested = TrustEntry { test: false, ..entry(1) };
    assert_eq!(Client::new(&untested, None, &world).map(|_| ()), Err(TransportFault::Roots));
    let origin = "https://shikaku.example".parse().unwrap();
    let rootless = TrustEntry { origin, tls_roots: vec![b"no certificate".to_vec()], ..entry(1) };
    assert_eq!(Client::new(&rootless, None, &world).map(|_| ()), Err(TransportFault::Roots));
}
