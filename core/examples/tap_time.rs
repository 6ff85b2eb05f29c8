//! What a tap costs the core: `cargo run --release -p shikaku --features replay --example tap_time [-- ROUNDS]`.
//!
//! Feeds recorded answers, so that neither a card's nor a reader's time is in the figures.
#![expect(clippy::disallowed_methods, reason = "a measurement needs a clock")]
#![expect(clippy::print_stdout, reason = "printing is its purpose")]

use std::error::Error;
use std::time::{Duration, Instant};

use shikaku::certificate::Certificate;
use shikaku::replay::{Line, Recording};
use shikaku::tap::{Outcome, SignedTap, Step, Tap};

const ROUNDS: usize = 1_000;
const RECORDINGS: [(&str, &str); 2] = [
    ("good-short", include_str!("../../tests/transcripts/good-short.apdu")),
    ("good-extended", include_str!("../../tests/transcripts/good-extended.apdu")),
];

fn main() -> Result<(), Box<dyn Error>> {
    let rounds = std::env::args().nth(1).map_or(Ok(ROUNDS), |rounds| rounds.parse())?;
    println!(
        "{:<16} {:>9} {:>6} {:>9} {:>9} {:>9} {:>15}",
        "recording", "exchanges", "sent", "received", "median µs", "95 % µs", "without RSA µs"
    );
    for (name, text) in RECORDINGS {
        let recording = Recording::parse(text)?;
        let answers: Vec<Vec<u8>> = recording
            .lines
            .iter()
            .filter_map(|line| if let Line::Response(_, octets) = line { octets.octets() } else { None })
            .collect();
        let received: usize = answers.iter().map(Vec::len).sum();
        let (mut whole, mut bare, mut sent, mut exchanges) = (Vec::new(), Vec::new(), 0, 0);
        for _ in 0..rounds {
            let request = recording.inputs.request()?;
            let anchors = request.anchors.clone();
            let begin = Instant::now();
            let mut tap = Tap::new(request);
            let mut step = tap.start();
            (sent, exchanges) = (0, 0);
            let mut remaining = answers.iter();
            let signed = loop {
                match step {
                    Step::Transmit { command, .. } => {
                        sent += command.len();
                        exchanges += 1;
                        step = tap.advance(remaining.next().ok_or("the recording is too short")?);
                    }
                    Step::Done(Outcome::Signed(signed)) => break signed,
                    Step::Done(Outcome::Ended(end)) => return Err(end.cause.into()),
                }
            };
            let tap_time = begin.elapsed();
            let certificate = Certificate::from_der(&signed.certificate)?;
            whole.push(tap_time);
            bare.push(tap_time.saturating_sub(verification(&signed, &certificate, || {
                certificate.accept(&anchors, recording.inputs.now).is_ok()
            })));
        }
        println!(
            "{name:<16} {exchanges:>9} {sent:>6} {received:>9} {:>9} {:>9} {:>15}",
            percentile(&mut whole, 50).as_micros(),
            percentile(&mut whole, 95).as_micros(),
            percentile(&mut bare, 50).as_micros()
        );
    }
    Ok(())
}

/// The two RSA verifications of a tap, done once more.
fn verification(signed: &SignedTap, certificate: &Certificate, accept: impl Fn() -> bool) -> Duration {
    let begin = Instant::now();
    let both = accept() && certificate.verify(&signed.transcript, &signed.signature).is_ok();
    let elapsed = begin.elapsed();
    if both { elapsed } else { Duration::ZERO }
}

fn percentile(times: &mut [Duration], percent: usize) -> Duration {
    times.sort_unstable();
    times.get(times.len() * percent / 100).copied().unwrap_or_default()
}
