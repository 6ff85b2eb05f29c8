//! A whole tap, with the PIN or visual: which card, which reader, what was agreed and what is known of the forms by the first six octets,
//! then a word on each exchange. The rules of the PIN hold in each, and nothing but our transcript is signed.

use std::cell::OnceCell;

use shikaku::certificate::{Anchors, Certificate};
use shikaku::replay::Inputs;
use shikaku::tap::{Consent, Form, Probe, ReaderLimits, Strategy, Tap, VisualTap};
use shikaku_rules::dialogue::{Dialogue, drive};
use shikaku_rules::{Judge, Rules, VisualRules};
use shikaku_virtual_card::Card;
use shikaku_virtual_card::issue::{Authority, SurfaceAuthority};

use super::Octets;
use super::card::Troubled;
use super::seeds;

/// The cards that a tap meets.
const CARDS: [&str; 16] = [
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
    "visual-two-tries",
    "visual-one-try",
    "visual-blocked",
    "visual-forged",
    "visual-copied",
    "visual-other-photo",
];

/// Those whose card face their issuer did sign.
const GENUINE: [&str; 3] = ["default", "visual-two-tries", "visual-one-try"];

/// What is typed for a visual tap, by two bits of the third octet; for the others the PIN.
const NUMBERS: [Option<&[u8]>; 4] = [None, Some(b"550102"), Some(b"55010220361234"), Some(b"560102")];

/// Those whose certificate nobody may believe.
const UNBELIEVABLE: [&str; 2] = ["expired", "wrong-issuer"];

/// What readers carry in one short read; smaller ones only make more of the same.
const READS: [u16; 8] = [256, 255, 251, 200, 128, 100, 64, 33];

/// More commands than any tap can send with these reads: four times the reads of the longest certificate, of the longest
/// card face and of all else that a visual tap reads, each with sixteen continuations, and the rest.
const MOST: usize = 4 * (4096_usize + 16_384 + 4096).div_ceil(33) * 18 + 400;

/// What is the same in every run, parsed once.
struct World {
    inputs: Inputs,
    test: Anchors,
    production: Anchors,
    root: Vec<u8>,
    /// Certificates that are to be believed under the test root.
    believed: Vec<Vec<u8>>,
    /// Files of the card face that are to be believed under the test root.
    genuine: Vec<Vec<u8>>,
    surface_root: Vec<u8>,
}

thread_local! {
    static WORLD: OnceCell<World> = const { OnceCell::new() };
}

/// Octets 0 to 5: card, reader, consent, roots and number, what the card understands, forms in two.
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
        inputs.test_roots = vec![world.root.clone(), world.surface_root.clone()];
        (world.test.clone(), world.believed.iter().map(Vec::as_slice).collect())
    };
    inputs.test_number = NUMBERS.get(usize::from(agreed >> 3 & 3)).copied().flatten().map(<[u8]>::to_vec);
    let (mut program, rules): (Box<dyn Dialogue>, Box<dyn Judge>) = if inputs.test_number.is_some() {
        let genuine: Vec<&[u8]> = world.genuine.iter().map(Vec::as_slice).collect();
        let rules = VisualRules::new(&inputs, &believed, &genuine);
        (Box::new(VisualTap::new(inputs.visual_request_with(anchors).unwrap())), Box::new(rules))
    } else {
        let rules = Rules::of_tap(&inputs, &believed);
        (Box::new(Tap::new(inputs.request_with(anchors).unwrap())), Box::new(rules))
    };
    let (passed, end) = drive(&mut *program, MOST, |_, command| card.answer(command));
    if let Err(breach) = rules.judge(&passed, end.as_ref()) {
        panic!("{breach:?}: {passed:02x?} {end:?}");
    }
}

impl World {
    /// The inputs are those of the recorded taps, so that the signatures in them are good ones here.
    fn new() -> Self {
        let root = Authority::test().unwrap().certificate().to_vec();
        let surface_root = SurfaceAuthority::test().unwrap().root();
        let good = shikaku_virtual_card::CARDS.iter().filter(|name| !UNBELIEVABLE.contains(name));
        let good = good.filter_map(|name| Card::from_name(name).unwrap().certificate().map(<[u8]>::to_vec));
        Self {
            inputs: seeds::recorded_inputs(),
            test: Anchors::none().with_test(&root).unwrap().with_test(&surface_root).unwrap(),
            production: Anchors::production(),
            believed: good.collect(),
            genuine: GENUINE.into_iter().flat_map(genuine_files).collect(),
            root,
            surface_root,
        }
    }
}

/// Age record, card face and card-verifiable certificate of a card, without their padding.
pub(super) fn genuine_files(card: &str) -> Vec<Vec<u8>> {
    let card = Card::from_name(card).unwrap();
    let files = [0x0001, 0x0002, 0x0004].map(|file| card.surface_data(file).unwrap().to_vec());
    files
        .map(|mut file| {
            let [_, _, 0x82, high, low, ..] = file[..] else { panic!("not a long object") };
            file.truncate(5 + usize::from(u16::from_be_bytes([high, low])));
            file
        })
        .to_vec()
}

/// What earlier taps have learned: two bits for each form.
pub(super) fn strategy(word: u16) -> Strategy {
    let probes = (0..).step_by(2).map(|bits| Probe::ALL.get(usize::from(word >> bits & 3)).copied());
    Form::ALL
        .into_iter()
        .zip(probes)
        .fold(Strategy::STANDARD, |strategy, (form, probe)| strategy.with(form, probe.unwrap_or_default()))
}
