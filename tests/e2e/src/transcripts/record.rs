//! A scenario through the core and a virtual card, written down.

use core::fmt::Debug;

use shikaku::certificate::Certificate;
use shikaku::guide::Code;
use shikaku::replay::{Disclosure, Inputs, Recorder};
use shikaku::tap::{Consent, Fault, Outcome, Step, Strategy, Tap, VisualOutcome, VisualTap};
use shikaku_virtual_card::Card;
use shikaku_virtual_card::issue::{Authority, IssueError, SurfaceAuthority};

use super::scenario::{Agreed, Hitch, Roots, Scenario};

/// Public key of a device that does not exist: that of RFC 6979, A.2.5, as SPKI DER.
const DEVICE_KEY: [u8; 91] = *b"\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07\x03\x42\x00\x04\
\x60\xfe\xd4\xba\x25\x5a\x9d\x31\xc9\x61\xeb\x74\xc6\x35\x6d\x68\xc0\x49\xb8\x92\x3b\x61\xfa\x6c\xe6\x69\x62\x2e\x60\xf2\x9f\xb6\
\x79\x03\xfe\x10\x08\xb8\xbc\x99\xa4\x1a\xe9\xe9\x56\x28\xbc\x64\xf2\xf1\xb2\x0c\x2d\x7e\x9f\x51\x77\xa3\xc2\x94\xd4\x46\x22\x99";

/// Why a scenario could not be recorded.
#[derive(Debug)]
pub enum RecordError {
    /// The virtual card or its CA.
    Card(String),
    /// The inputs make no tap.
    Inputs,
    /// Something else came out than the scenario says.
    Unexpected(String),
}

/// What was recorded.
#[derive(Debug)]
pub struct Recorded<End = Outcome> {
    /// Text of the recording.
    pub text: String,
    /// The card afterwards, with its journal and counter.
    pub card: Card,
    /// What came out.
    pub outcome: End,
}

/// Runs the scenario and writes it down; fails if something else comes out than it says.
pub fn record(scenario: &Scenario) -> Result<Recorded, RecordError> {
    let (mut card, inputs, mut recorder) = begin(scenario)?;
    let mut tap = Tap::new(inputs.request().map_err(|_| RecordError::Inputs)?);
    let outcome = run(scenario, &mut card, &mut recorder, tap.start(), |answer| match answer {
        Ok(response) => tap.advance(&response),
        Err(fault) => tap.fail(fault),
    });
    recorder.ended(&outcome);
    let found = match &outcome {
        Outcome::Signed(signed) => (None, Some(signed.tries), signed.strategy),
        Outcome::Ended(end) => (Some(end.code()), end.tries, end.strategy),
    };
    scenario.expects(found, &outcome)?;
    Ok(Recorded { text: recorder.into_text(), card, outcome })
}

/// The same of a visual tap.
pub fn record_visual(scenario: &Scenario) -> Result<Recorded<VisualOutcome>, RecordError> {
    let (mut card, inputs, mut recorder) = begin(scenario)?;
    let mut tap = VisualTap::new(inputs.visual_request().map_err(|_| RecordError::Inputs)?);
    let outcome = run(scenario, &mut card, &mut recorder, tap.start(), |answer| match answer {
        Ok(response) => tap.advance(&response),
        Err(fault) => tap.fail(fault),
    });
    recorder.ended_visually(&outcome);
    let found = match &outcome {
        VisualOutcome::Proven(evidence) => (None, evidence.tries, evidence.strategy),
        VisualOutcome::Ended(end) => (Some(end.code()), end.tries, end.strategy),
    };
    scenario.expects(found, &outcome)?;
    Ok(Recorded { text: recorder.into_text(), card, outcome })
}

fn begin(scenario: &Scenario) -> Result<(Card, Inputs, Recorder), RecordError> {
    let mut card = Card::from_name(scenario.card).map_err(|error| RecordError::Card(error.to_string()))?;
    if let Some(capabilities) = scenario.capabilities {
        card = card.with_capabilities(capabilities);
    }
    let inputs = inputs(scenario)?;
    let recorder = Recorder::new(Disclosure::TestCard, &[&scenario.note], Some(&inputs));
    Ok((card, inputs, recorder))
}

fn run<End>(
    scenario: &Scenario,
    card: &mut Card,
    recorder: &mut Recorder,
    mut step: Step<End>,
    mut go_on: impl FnMut(Result<Vec<u8>, Fault>) -> Step<End>,
) -> End {
    let mut number = 0;
    loop {
        match step {
            Step::Done(outcome) => return outcome,
            Step::Transmit { command, .. } => {
                number += 1;
                recorder.sent(&command);
                step = go_on(exchange(scenario, number, card, &command, recorder));
            }
        }
    }
}

fn exchange(
    scenario: &Scenario,
    number: usize,
    card: &mut Card,
    command: &[u8],
    recorder: &mut Recorder,
) -> Result<Vec<u8>, Fault> {
    for hitch in &scenario.hitches {
        match hitch {
            Hitch::LostBefore(at, fault) if *at == number => {
                card.power_off();
                recorder.note("the command did not reach the card");
                recorder.failed(*fault);
                return Err(*fault);
            }
            Hitch::LostAfter(at, fault) if *at == number => {
                card.transmit(command);
                card.power_off();
                recorder.note("the card did what the command says");
                recorder.failed(*fault);
                return Err(*fault);
            }
            Hitch::Instead(at, response) if *at == number => {
                card.transmit(command);
                recorder.answered(response);
                return Ok(response.clone());
            }
            Hitch::Flipped(at) if *at == number => {
                let mut response = card.transmit(command);
                if let Some(octet) = response.iter_mut().rev().nth(2) {
                    *octet ^= 1;
                }
                recorder.answered(&response);
                return Ok(response);
            }
            _ => {}
        }
    }
    let response = card.transmit(command);
    recorder.answered(&response);
    Ok(response)
}

/// What the tap of this scenario is begun with.
pub fn inputs(scenario: &Scenario) -> Result<Inputs, RecordError> {
    let mut inputs = Inputs::example().ok_or(RecordError::Inputs)?;
    inputs.now = scenario.now;
    inputs.challenge.issued_at = scenario.now.minus(10);
    inputs.challenge.expires_at = scenario.now.plus(290);
    inputs.device_key = DEVICE_KEY.to_vec();
    match scenario.typed.len() {
        4 => inputs.test_pin = scenario.typed.as_bytes().to_vec(),
        _ => inputs.test_number = Some(scenario.typed.as_bytes().to_vec()),
    }
    inputs.limits = scenario.limits;
    inputs.strategy = scenario.strategy;
    if scenario.roots == Roots::Test {
        let unissued = |error: IssueError| RecordError::Card(error.to_string());
        inputs.test_roots = vec![Authority::test().map_err(unissued)?.certificate().to_vec()];
        if inputs.test_number.is_some() {
            inputs.test_roots.push(SurfaceAuthority::test().map_err(unissued)?.root());
        }
    }
    inputs.consent = match scenario.agreed {
        Agreed::Nothing => Consent::None,
        Agreed::Warned => Consent::Warned,
        Agreed::LastTryOf(card) => Consent::LastTry { certificate_sha256: certificate_of(card)? },
    };
    Ok(inputs)
}

/// SHA-256 of the certificate of an embedded card.
fn certificate_of(card: &str) -> Result<[u8; 32], RecordError> {
    let card = Card::from_name(card).map_err(|error| RecordError::Card(error.to_string()))?;
    let certificate = Certificate::from_der(card.certificate().unwrap_or_default());
    certificate.map(|certificate| certificate.sha256()).map_err(|error| RecordError::Card(error.to_string()))
}

impl Scenario {
    fn expects(
        &self,
        found: (Option<Code>, Option<u8>, Strategy),
        outcome: &impl Debug,
    ) -> Result<(), RecordError> {
        let (code, tries, strategy) = found;
        let has_learned = self.learns.iter().all(|(form, probe)| strategy.probe(*form) == *probe);
        if code == self.code && tries == self.tries && has_learned {
            Ok(())
        } else {
            Err(RecordError::Unexpected(format!("{outcome:?}")))
        }
    }
}
