//! How many checks a second the service answers, on SQLite and on PostgreSQL, side by side:
//!
//! ```text
//! cargo run --release -p shikaku-tests --example service_load -- [--devices 32] [--rounds 50] [--entries 300000]
//! ```
//!
//! Each device has a connection of its own. In each round every device asks for one challenge, all at once; then the
//! cards sign and the requests are signed, which is not timed; then every device sends its check, all at once. Both
//! engines write durably (SQLite with `synchronous=FULL`, PostgreSQL with `fsync=on`). Clients and service share this
//! machine's cores, so a service of its own does better.
//!
//! Afterwards a CRL of `--entries` is loaded as `admin crl load` does it, and the first check under it is timed.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a bench that fails says so by panicking"
)]
#![expect(clippy::print_stdout, reason = "the figures are what this program says")]

#[path = "../tests/service/device.rs"]
#[expect(dead_code, reason = "shared with the tests of the service, which use all of it")]
mod device;
#[path = "../tests/service/site.rs"]
#[expect(dead_code, reason = "shared with the tests of the service, which use all of it")]
mod site;

use std::time::{Duration, Instant};

use shikaku::check::{CHALLENGES_PATH, CHECKS_PATH, ChallengesAnswer, ChallengesRequest};
use shikaku::client::Transport;
use shikaku::http::{Request, Response};
use shikaku_portal::limits::{Numbers, Rate};
use shikaku_test_database::Database;
use shikaku_virtual_card::Card;
use shikaku_virtual_card::issue::issue_crl;
use tokio::task::JoinSet;

use device::Device;
use site::Site;

fn main() {
    let (devices, rounds) = (argument("--devices", 32), argument("--rounds", 50));
    let entries = argument("--entries", 300_000);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let cores = std::thread::available_parallelism().unwrap();
    println!("{devices} devices, {rounds} rounds, {cores} cores");
    for (name, database) in [("SQLite", Database::sqlite()), ("PostgreSQL", Database::durable_postgres())] {
        runtime.block_on(measure(name, &database, devices, rounds, entries));
    }
}

/// The number behind an option, or what it is without.
fn argument(name: &str, otherwise: u32) -> u32 {
    let given = std::env::args().skip_while(|argument| argument != name).nth(1);
    given.map_or(otherwise, |number| number.parse().unwrap())
}

async fn measure(name: &str, database: &Database, devices: u32, rounds: u32, entries: u32) {
    let free = Rate { per_minute: 1_000_000, burst: 1_000_000 };
    let site = Site::start_with(database, |options| {
        let Numbers { free_wrong_proofs, .. } = Numbers::default();
        options.numbers = Numbers {
            checks: free,
            visual: free,
            requests: free,
            nonces: free,
            registrations: free,
            terms: free,
            strangers: free,
            free_wrong_proofs,
        };
    })
    .await;
    let mut fleet = Vec::new();
    for _ in 0..devices {
        fleet.push((Device::registered(&site).await, Transport::new(site.trust()).unwrap()));
    }
    let (mut challenging, mut checking) = (Timing::default(), Timing::default());
    for round in 0..=rounds {
        if round == 1 {
            // The first round opened the connections and warmed everything up.
            (challenging, checking) = (Timing::default(), Timing::default());
        }
        let body = ChallengesRequest { count: 1 };
        let requests =
            fleet.iter().map(|(device, _)| device.request(&site, CHALLENGES_PATH, &body)).collect();
        let answers = challenging.send_at_once(&fleet, requests).await;
        let mut requests = Vec::new();
        for ((device, _), answer) in fleet.iter().zip(answers) {
            let answer: ChallengesAnswer = serde_json::from_slice(&answer.body).unwrap();
            let check = device.tap(&mut Card::from_name("default").unwrap(), &answer.challenges[0]);
            requests.push(device.request(&site, CHECKS_PATH, &check));
        }
        checking.send_at_once(&fleet, requests).await;
    }
    let checks = devices * rounds;
    assert_eq!(
        site.audited_checks().await,
        i64::from(checks + devices),
        "every check stands in the audit, once"
    );
    let rate = |seconds: Duration| f64::from(checks) / seconds.as_secs_f64();
    println!("\n{name}");
    println!("  challenge + check  {:8.0} checks/s", rate(challenging.wall + checking.wall));
    println!("  check alone        {:8.0} checks/s   {}", rate(checking.wall), checking.percentiles());
    println!("  challenge alone    {:8.0} /s          {}", rate(challenging.wall), challenging.percentiles());
    crl(&site, &fleet[0].0, entries).await;
}

/// Loads a large CRL, and sends the first check that has to look into it, and a second one.
async fn crl(site: &Site, device: &Device, entries: u32) {
    site.wait(60);
    let revoked: Vec<u32> = (0x3000_0000..0x3000_0000 + entries).collect();
    let der = issue_crl(site.clock.now().0, &revoked).unwrap();
    let octets = der.len();
    let begun = Instant::now();
    let loaded = site.operator.load_crl(der).await.unwrap();
    println!("  CRL of {} entries ({octets} octets): loaded in {:.0?}", loaded.entries, begun.elapsed());
    for name in ["first", "second"] {
        let challenge = device.fetch(site, 1).await.remove(0);
        let check = device.tap(&mut Card::from_name("default").unwrap(), &challenge);
        let request = device.request(site, CHECKS_PATH, &check);
        let begun = Instant::now();
        let answered = site.transport.send(&request).await.unwrap();
        assert_eq!(answered.status, 200);
        println!("  {name} check under it: {:.1?}", begun.elapsed());
    }
}

/// How long requests took, each and all together.
#[derive(Default)]
struct Timing {
    wall: Duration,
    each: Vec<Duration>,
}

impl Timing {
    /// Sends one request for each device, all at the same time; all must be answered with 200. The answers come in the
    /// devices' order.
    async fn send_at_once(&mut self, fleet: &[(Device, Transport)], requests: Vec<Request>) -> Vec<Response> {
        let mut waiting = JoinSet::new();
        let begun = Instant::now();
        for (place, ((_, transport), request)) in fleet.iter().zip(requests).enumerate() {
            let transport = transport.clone();
            waiting.spawn(async move {
                let begun = Instant::now();
                let answer = transport.send(&request).await.unwrap();
                (place, begun.elapsed(), answer)
            });
        }
        let mut answers = waiting.join_all().await;
        self.wall += begun.elapsed();
        answers.sort_by_key(|(place, ..)| *place);
        self.each.extend(answers.iter().map(|(_, took, _)| *took));
        let answers: Vec<_> = answers.into_iter().map(|(_, _, answer)| answer).collect();
        for answer in &answers {
            assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
        }
        answers
    }

    /// Median and 99th percentile.
    fn percentiles(&self) -> String {
        let mut each = self.each.clone();
        each.sort_unstable();
        let at = |hundredths: usize| each[(each.len() - 1) * hundredths / 100];
        format!("p50 {:.1?}, p99 {:.1?}", at(50), at(99))
    }
}
