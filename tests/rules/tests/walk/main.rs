//! PIN safety, exhaustively: the core's programs walked over everything that a card or a reader can say, judged by
//! rules that are written without the core; and programs that are broken on purpose, each of which the same walk
//! must catch.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test fails by panicking, and says how far it walked"
)]

mod alphabet;
mod broken;
mod explore;

use sha2::{Digest as _, Sha256};
use shikaku::certificate::Anchors;
use shikaku::replay::Inputs;
use shikaku::secret::Pin;
use shikaku::tap::{Consent, Form, Inspection, Probe, ReaderLimits, Strategy, Tap};
use shikaku_rules::Rules;
use shikaku_rules::dialogue::{Dialogue, request};

use shikaku_virtual_card::issue::Authority;

use alphabet::Signing;
use explore::{Caught, Walked, walk};

/// What a walk begins with.
#[derive(Clone)]
struct Start {
    card: Signing,
    inputs: Inputs,
    anchors: Anchors,
    /// Whether the card's certificate is to be believed.
    believed: bool,
}

impl Start {
    /// A card under the test root, nothing agreed to, the extended read to be tried.
    fn new(card: &str) -> Self {
        let root = Authority::test().unwrap().certificate().to_vec();
        let mut inputs = Inputs::example().unwrap();
        inputs.strategy = Strategy::STANDARD.with(Form::ExtendedRead, Probe::Untried);
        inputs.limits = ReaderLimits::EXTENDED;
        inputs.test_roots = vec![root.clone()];
        let anchors = Anchors::none().with_test(&root).unwrap();
        Self { card: Signing::new(card), inputs, anchors, believed: true }
    }

    fn agreed(mut self, consent: Consent) -> Self {
        self.inputs.consent = consent;
        self
    }

    fn over(mut self, limits: ReaderLimits, strategy: Strategy) -> Self {
        (self.inputs.limits, self.inputs.strategy) = (limits, strategy);
        self
    }

    fn in_production(mut self) -> Self {
        self.inputs.test_roots.clear();
        self.anchors = Anchors::production();
        self.unbelieved()
    }

    fn unbelieved(mut self) -> Self {
        self.believed = false;
        self
    }

    fn rules(&self) -> Rules {
        let believed: Vec<&[u8]> = self.card.certificate().into_iter().filter(|_| self.believed).collect();
        Rules::of_tap(&self.inputs, &believed)
    }

    fn tap(&self) -> Tap {
        Tap::new(request(&self.inputs, self.anchors.clone()).unwrap())
    }

    fn walk(&self, most: usize) -> Result<Walked, Box<Caught>> {
        walk(&|| Box::new(self.tap()), &self.card, &self.rules(), most)
    }

    /// Consent for the last try of this very card.
    fn last_try(&self) -> Consent {
        Consent::LastTry { certificate_sha256: Sha256::digest(self.card.certificate().unwrap()).into() }
    }

    /// What may have been agreed to.
    fn consents(&self) -> [Consent; 4] {
        [Consent::None, Consent::Warned, self.last_try(), OTHER_CARD]
    }
}

const OTHER_CARD: Consent = Consent::LastTry { certificate_sha256: [7; 32] };

/// Every form known to work: the shortest tap that there is.
fn shortest() -> Strategy {
    Form::ALL.into_iter().fold(Strategy::STANDARD, |strategy, form| strategy.with(form, Probe::Works))
}

/// Strategies that between them have each form off, untried, working and refused, alone and beside the others.
fn strategies() -> Vec<Strategy> {
    let mut all = vec![Strategy::STANDARD, Strategy::DEFAULT, Strategy::EVERY, shortest()];
    for form in Form::ALL {
        all.extend([Probe::Untried, Probe::Works].map(|probe| Strategy::STANDARD.with(form, probe)));
        all.extend([Probe::Off, Probe::Untried, Probe::Refused].map(|probe| shortest().with(form, probe)));
    }
    all
}

/// Every strategy that can be written down.
fn every_strategy() -> Vec<Strategy> {
    Form::ALL.into_iter().fold(vec![Strategy::STANDARD], |strategies, form| {
        let each = |strategy: Strategy| Probe::ALL.map(|probe| strategy.with(form, probe));
        strategies.into_iter().flat_map(each).collect()
    })
}

#[track_caller]
fn show(what: &str, walked: Result<Walked, Box<Caught>>) -> Walked {
    match walked {
        Ok(walked) => {
            assert!(walked.paths > 0, "{what}");
            walked
        }
        Err(caught) => panic!("{what}: {:?} on {:?}: {:02x?}", caught.breach, caught.path, caught.passed),
    }
}

/// Two deviations from the shortest tap, at a full counter and at the last try.
#[test]
fn no_path_with_two_deviations_breaks_a_rule() {
    let mut sum = Walked::default();
    let shortest = |card| Start::new(card).over(ReaderLimits::EXTENDED, shortest());
    let last = shortest("one-try");
    let starts = [shortest("default"), last.clone().agreed(last.last_try())];
    for start in starts {
        sum.add(show(&format!("{:?}", start.inputs.consent), start.walk(2)));
    }
    println!("two deviations: {sum:?}");
    assert!(sum.paths > 10_000 && sum.verified > 500 && sum.signed > 10, "{sum:?}");
}

/// Every consent against every number of tries, in the shortest tap and in standard forms.
#[test]
fn no_consent_opens_more_than_it_says() {
    let mut sum = Walked::default();
    for card in ["default", "two-tries", "one-try"] {
        for strategy in [Strategy::STANDARD, shortest()] {
            let start = Start::new(card).over(ReaderLimits::EXTENDED, strategy);
            for consent in start.consents() {
                sum.add(show(&format!("{card}, {consent:?}"), start.clone().agreed(consent).walk(1)));
            }
        }
    }
    println!("each consent, each counter: {sum:?}");
    assert!(sum.paths > 5_000 && sum.verified > 500 && sum.signed > 10, "{sum:?}");
}

#[test]
fn no_path_with_one_deviation_breaks_a_rule_in_any_form() {
    let mut sum = Walked::default();
    let common = [Strategy::STANDARD, Strategy::DEFAULT, Strategy::EVERY, shortest()];
    for (card, limits, strategies) in [
        ("default", ReaderLimits::EXTENDED, &strategies()[..]),
        ("default", ReaderLimits::SHORT, &common),
        ("phone-android", ReaderLimits::EXTENDED, &common),
        ("phone-android", ReaderLimits::SHORT, &common),
    ] {
        let start = Start::new(card);
        for strategy in strategies {
            let start = start.clone().over(limits, *strategy);
            sum.add(show(&format!("{card}, {limits:?}, {strategy}"), start.walk(1)));
        }
    }
    println!("one deviation, each form: {sum:?}");
    assert!(sum.paths > 10_000 && sum.verified > 500 && sum.signed > 10, "{sum:?}");
}

#[test]
fn no_card_and_no_consent_make_any_strategy_break_a_rule() {
    let mut sum = Walked::default();
    let starts = [
        Start::new("default"),
        Start::new("two-tries").agreed(Consent::Warned),
        Start::new("one-try").agreed(Start::new("one-try").last_try()),
    ];
    for (at, strategy) in every_strategy().into_iter().enumerate() {
        // Each card with its consent in turn, over each reader in turn.
        let limits = if at / 3 % 2 == 0 { ReaderLimits::EXTENDED } else { ReaderLimits::SHORT };
        let start = starts[at % 3].clone().over(limits, strategy);
        let walked = show(&format!("{strategy}"), start.walk(0));
        assert_eq!(walked.signed, 1, "{strategy}");
        sum.add(walked);
    }
    println!("every strategy as it should go: {sum:?}");
    assert_eq!(sum.paths, 4_usize.pow(6));
}

/// Nothing here may ever be given the PIN: certificates that nobody believes, a locked PIN, other cards.
#[test]
fn no_path_sends_a_pin_to_a_card_that_may_not_have_it() {
    let starts = [
        Start::new("expired").unbelieved(),
        Start::new("wrong-issuer").unbelieved(),
        Start::new("default").in_production(),
        Start::new("phone-android").in_production(),
        Start::new("phone-iphone").unbelieved(),
        Start::new("no-certificate").unbelieved(),
        Start::new("juki").unbelieved(),
        Start::new("driving-licence").unbelieved(),
    ];
    let mut sum = Walked::default();
    for start in starts {
        for strategy in [Strategy::STANDARD, Strategy::DEFAULT, Strategy::EVERY, shortest()] {
            for limits in [ReaderLimits::SHORT, ReaderLimits::EXTENDED] {
                let start = start.clone().over(limits, strategy);
                sum.add(show(&format!("{limits:?}, {strategy}"), start.walk(1)));
            }
        }
    }
    println!("no PIN for them: {sum:?}");
    assert!(sum.paths > 5_000, "{sum:?}");
    assert_eq!((sum.verified, sum.signed), (0, 0));
}

#[test]
fn no_path_of_a_look_without_a_pin_breaks_a_rule() {
    let mut sum = Walked::default();
    for card in ["default", "phone-android", "juki", "driving-licence"] {
        let signing = Signing::new(card);
        for strategy in strategies() {
            let make =
                || -> Box<dyn Dialogue> { Box::new(Inspection::new(ReaderLimits::EXTENDED, strategy)) };
            let walked = walk(&make, &signing, &Rules::of_inspection(), 1);
            sum.add(show(&format!("{card}, {strategy}"), walked));
        }
    }
    println!("a look: {sum:?}");
    assert!(sum.paths > 10_000 && sum.verified == 0, "{sum:?}");
}

/// Every string of up to five octets out of digits and what people and programs put beside them: four digits make a
/// PIN, nothing else does, so that nothing else can come into a tap.
#[test]
fn no_malformed_pin_can_be_made() {
    let octets = [b'0', b'5', b'9', b'0' - 1, b'9' + 1, b' ', 0x00, 0xff];
    let mut typed = vec![Vec::new()];
    let mut made = 0;
    for length in 0..=5 {
        for pin in &typed {
            let is_pin = length == 4 && pin.iter().all(u8::is_ascii_digit);
            assert_eq!(Pin::new(pin).is_ok(), is_pin, "{pin:02x?}");
            made += usize::from(is_pin);
        }
        typed = typed
            .iter()
            .flat_map(|pin: &Vec<u8>| octets.iter().map(move |octet| [&pin[..], &[*octet]].concat()))
            .collect();
    }
    assert_eq!(made, 3 * 3 * 3 * 3);
}
