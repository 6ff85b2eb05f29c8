//! A whole tap: which card, which reader, what was agreed and what is known of the forms by the first six octets,
//! then a word on each exchange. The rules of the PIN hold in each, and nothing but our transcript is signed.

use std::cell::OnceCell;

use shikaku::certificate::{Anchors, Certificate};
use shikaku::replay::Inputs;
use shikaku::tap::{Consent, Form, Probe, ReaderLimits, Strategy, Tap};
use shikaku_rules::Rules;
use shikaku_rules::dialogue::{drive, request};
use shikaku_virtual_card::Card;
use shikaku_virtual_card::issue::Authority;

use super::Octets;
use super::card::Troubled;
use super::seeds;

/// The cards that a tap meets.
const CARDS: [&str; 10] = [
    "default",
    "everything",
    "no-extended",
    "two-tries",
    "one-try",
    "phone-android",
    "blocked",
    "expired",
    "wrong-issuer",
    "driving-licence",
];

/// Those whose certificate nobody may believe.
const UNBELIEVABLE: [&str; 2] = ["expired", "wrong-issuer"];

/// What readers carry in one short read; smaller ones only make more of the same.
const READS: [u16; 8] = [256, 255, 251, 200, 128, 100, 64, 33];

/// More commands than any tap can send with these reads: four times the reads of the longest certificate, each with
/// sixteen continuations, and the rest.
const MOST: usize = 4 * 4096_usize.div_ceil(33) * 18 + 200;

/// What is the same in every run, parsed once.
struct World {
    inputs: Inputs,
    test: Anchors,
    production: Anchors,
    root: Vec<u8>,
    /// Certificates that are to be believed under the test root.
    believed: Vec<Vec<u8>>,
}

thread_local! {
    static WORLD: OnceCell<World> = const { OnceCell::new() };
}

/// Octets 0 to 5: card, reader, consent and roots, what the card understands, forms in two.
pub fn tap(octets: &[u8]) {
    WORLD.with(|world| run(Octets(octets), world.get_or_init(World::new)));
}

fn run(mut octets: Octets<'_>, world: &World) {
    let name = CARDS.get(usize::from(octets.octet()) % CARDS.len()).copied().unwrap();
    let (reader, agreed) = (octets.octet(), octets.octet());
    let mut inputs = world.inputs.clone();
    let understood = octets.octet();
    inputs.strategy = strategy(octets.word());
    inputs.limits = ReaderLimits {
        extended_length: reader & 1 == 1,
        short_read: READS.get(usize::from(reader >> 1 & 7)).copied().unwrap_or(256),
    };
    let mut card = Troubled::new(name, understood, octets);
    inputs.consent = match (agreed & 3, card.certificate().map(Certificate::from_der)) {
        (0, _) => Consent::None,
        (1, _) => Consent::Warned,
        (2, Some(Ok(certificate))) => Consent::LastTry { certificate_sha256: certificate.sha256() },
        _ => Consent::LastTry { certificate_sha256: [7; 32] },
    };
    let in_production = agreed & 4 != 0;
    let (anchors, believed) = if in_production {
        (world.production.clone(), Vec::new())
    } else {
        inputs.test_roots = vec![world.root.clone()];
        (world.test.clone(), world.believed.iter().map(Vec::as_slice).collect())
    };
    let rules = Rules::of_tap(&inputs, &believed);
    let mut tap = Tap::new(request(&inputs, anchors).unwrap());
    let (passed, end) = drive(&mut tap, MOST, |_, command| card.answer(command));
    if let Err(breach) = rules.judge(&passed, end.as_ref()) {
        panic!("{breach:?}: {passed:02x?} {end:?}");
    }
}

impl World {
    /// The inputs are those of the recorded taps, so that the signatures in them are good ones here.
    fn new() -> Self {
        let root = Authority::test().unwrap().certificate().to_vec();
        let good = shikaku_virtual_card::CARDS.iter().filter(|name| !UNBELIEVABLE.contains(name));
        let good = good.filter_map(|name| Card::from_name(name).unwrap().certificate().map(<[u8]>::to_vec));
        Self {
            inputs: seeds::recorded_inputs(),
            test: Anchors::none().with_test(&root).unwrap(),
            production: Anchors::production(),
            believed: good.collect(),
            root,
        }
    }
}

/// What earlier taps have learned: two bits for each form.
pub(super) fn strategy(word: u16) -> Strategy {
    let probes = (0..).step_by(2).map(|bits| Probe::ALL.get(usize::from(word >> bits & 3)).copied());
    Form::ALL
        .into_iter()
        .zip(probes)
        .fold(Strategy::STANDARD, |strategy, (form, probe)| strategy.with(form, probe.unwrap_or_default()))
}
