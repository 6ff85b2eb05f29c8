//! A remote source of qualifications as tests want it: a gateway on a loopback socket, and the source that asks it.
//!
//! One question per connection, a line of JSON each way. It stands for what no test here can reach; how a real gateway
//! is asked is that source's own affair, and what the service owes any of them is what the tests look at.

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use shikaku::identifier::Date;
use shikaku::qualification::{Finding, Qualification, judge};
use shikaku_portal::source::{Asked, ClaimId, Question as Asking, RemoteSource, SourceFault};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// What a gateway is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Question {
    /// Name of the claim, hexadecimal.
    pub claim: String,
    /// Key id of the certificate's issuer, hexadecimal.
    pub issuer_key_id: String,
    /// The certificate's serial number, hexadecimal.
    pub serial: String,
    /// The day that is asked about.
    pub day: Date,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Reply {
    claim: String,
    qualifications: Vec<Qualification>,
}

/// What a gateway does with a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// Answers; the same claim gets the same answer.
    Answers,
    /// Answers every question differently, the same claim's too, and only once it is allowed to.
    Forgets,
    /// Takes the question and hangs up.
    HangsUp,
    /// Hangs up in the middle of its answer.
    BreaksOff,
    /// Answers with what is no answer.
    Babbles,
    /// Answers in the name of another claim.
    Confuses,
    /// Takes the question and says nothing.
    IsSilent,
}

/// A gateway that listens, and remembers what it was asked.
#[derive(Debug)]
pub struct Gateway {
    address: SocketAddr,
    desk: Arc<Desk>,
    listening: JoinHandle<()>,
}

#[derive(Debug)]
struct Desk {
    manner: Mutex<Manner>,
    asked: watch::Sender<Vec<Question>>,
    known: Mutex<HashMap<String, usize>>,
    allowed: Semaphore,
}

impl Gateway {
    /// A gateway on a port of the system's choice.
    pub async fn start() -> io::Result<Self> {
        let desk = Arc::new(Desk {
            manner: Mutex::new(Manner::Answers),
            asked: watch::Sender::new(Vec::new()),
            known: Mutex::default(),
            allowed: Semaphore::new(0),
        });
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let listening = tokio::spawn(listen(listener, Arc::clone(&desk)));
        Ok(Self { address, desk, listening })
    }

    /// Where it listens, or did.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// From now on it does this with what it is asked.
    pub fn set(&self, manner: Manner) {
        *self.desk.manner.lock().unwrap_or_else(PoisonError::into_inner) = manner;
    }

    /// Nobody listens any more.
    pub async fn go_down(&mut self) {
        self.listening.abort();
        // An aborted task ends with an error, and its socket with it.
        let _ = (&mut self.listening).await;
    }

    /// Listens again on the same port.
    pub async fn come_up(&mut self) -> io::Result<()> {
        let listener = TcpListener::bind(self.address).await?;
        self.listening = tokio::spawn(listen(listener, Arc::clone(&self.desk)));
        Ok(())
    }

    /// Every question so far.
    pub fn asked(&self) -> Vec<Question> {
        self.desk.asked.borrow().clone()
    }

    /// Waits until there were so many questions.
    pub async fn until_asked(&self, count: usize) {
        // The sender lives as long as this value.
        let _ = self.desk.asked.subscribe().wait_for(|asked| asked.len() >= count).await;
    }

    /// Lets one that [`Manner::Forgets`] give so many answers.
    pub fn allow(&self, answers: usize) {
        self.desk.allowed.add_permits(answers);
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

async fn listen(listener: TcpListener, desk: Arc<Desk>) {
    while let Ok((stream, _)) = listener.accept().await {
        let desk = Arc::clone(&desk);
        // A caller that hangs up is no concern of the others.
        tokio::spawn(async move { drop(serve(stream, &desk).await) });
    }
}

async fn serve(mut stream: TcpStream, desk: &Desk) -> io::Result<()> {
    let mut line = String::new();
    BufReader::new(&mut stream).read_line(&mut line).await?;
    let question: Question = serde_json::from_str(&line)?;
    let claim = question.claim.clone();
    let mut count = 0;
    desk.asked.send_modify(|asked| {
        asked.push(question);
        count = asked.len();
    });
    let manner = *desk.manner.lock().unwrap_or_else(PoisonError::into_inner);
    let of_claim = {
        let mut known = desk.known.lock().unwrap_or_else(PoisonError::into_inner);
        let next = known.len();
        *known.entry(claim.clone()).or_insert(next)
    };
    match manner {
        Manner::Answers => send(&mut stream, reply(claim, of_claim)?.as_bytes()).await,
        Manner::Forgets => {
            let permit = desk.allowed.acquire().await.map_err(io::Error::other)?;
            permit.forget();
            send(&mut stream, reply(claim, count)?.as_bytes()).await
        }
        Manner::HangsUp => Ok(()),
        Manner::BreaksOff => {
            let reply = reply(claim, of_claim)?;
            send(&mut stream, reply.as_bytes().split_at(reply.len() / 2).0).await
        }
        Manner::Babbles => send(&mut stream, b"<html>\n").await,
        Manner::Confuses => send(&mut stream, reply("00".repeat(16), of_claim)?.as_bytes()).await,
        Manner::IsSilent => {
            // Until the other side hangs up.
            let mut rest = String::new();
            BufReader::new(&mut stream).read_line(&mut rest).await.map(drop)
        }
    }
}

async fn send(stream: &mut TcpStream, octets: &[u8]) -> io::Result<()> {
    stream.write_all(octets).await?;
    stream.shutdown().await
}

/// One qualification in force; its 被保険者証番号 tells one answer from another.
fn reply(claim: String, number: usize) -> serde_json::Result<String> {
    let qualification = serde_json::from_value(serde_json::json!({
        "InsurerNumber": "06130488",
        "InsuredIdentificationNumber": number.to_string(),
        "Name": "関門 花子",
        "Birthdate": "1980-01-02",
        "QualificationDate": "2020-04-01",
    }))?;
    Ok(serde_json::to_string(&Reply { claim, qualifications: vec![qualification] })? + "\n")
}

/// The source that asks a [`Gateway`].
#[derive(Debug, Clone)]
pub struct GatewaySource {
    address: SocketAddr,
    patience: Duration,
}

impl GatewaySource {
    /// Asks the gateway at `address`, and waits for each answer for `patience`.
    pub const fn new(address: SocketAddr, patience: Duration) -> Self {
        Self { address, patience }
    }

    async fn exchange(&self, question: &Question) -> Result<Finding, SourceFault> {
        let mut stream = TcpStream::connect(self.address).await.map_err(|_| SourceFault::Down)?;
        let line = serde_json::to_string(question).map_err(|_| SourceFault::Unreadable)? + "\n";
        stream.write_all(line.as_bytes()).await.map_err(|_| SourceFault::Down)?;
        let mut line = String::new();
        BufReader::new(stream).read_line(&mut line).await.map_err(|_| SourceFault::Down)?;
        let reply: Reply = serde_json::from_str(&line).map_err(|_| SourceFault::Unreadable)?;
        if reply.claim != question.claim {
            return Err(SourceFault::Unreadable);
        }
        Ok(judge(reply.qualifications, question.day))
    }
}

impl RemoteSource for GatewaySource {
    fn ask<'a>(&'a self, claim: ClaimId, question: Asking<'a>) -> Asked<'a> {
        let question = Question {
            claim: hex(&claim.0),
            issuer_key_id: hex(question.issuer_key_id),
            serial: hex(question.serial),
            day: question.day,
        };
        Box::pin(async move {
            timeout(self.patience, self.exchange(&question)).await.unwrap_or(Err(SourceFault::Down))
        })
    }
}

/// Octets in hexadecimal digits.
pub fn hex(octets: &[u8]) -> String {
    let digits = octets.iter().flat_map(|octet| [octet >> 4, octet & 15]);
    digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect()
}
