//! PIN safety: the core's programs walked over everything that a card or a reader can say, judged by rules that are
//! written without the core; and programs that are broken on purpose, each of which the same walk must catch.
//!
//! How far: the whole alphabet at every two exchanges of every strategy, by PIN and by sight, in both depths; of each of
//! the 4,096 strategies it is shown that it sends what one of those walked sends. With a phone, the second deviation is
//! one letter of each class, and the whole alphabet with `WALK=whole`. States are the same by their prospect there; by
//! their history, which trusts a program less, the whole alphabet is walked at every two exchanges of the usual and the
//! shortest tap, of the last try with consent, and of a phone. Beside these, every one exchange over both kinds of
//! reader, with each consent, each counter and every other card.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod alphabet;
mod broken;
mod explore;
mod same;
mod visual;

use std::collections::{HashMap, HashSet};
use std::env;
use std::io::{self, Write as _};

use sha2::{Digest as _, Sha256};
use shikaku::certificate::Anchors;
use shikaku::replay::Inputs;
use shikaku::secret::Pin;
use shikaku::tap::{Consent, Form, Inspection, Probe, ReaderLimits, Strategy, Tap};
use shikaku_rules::Rules;

use shikaku_virtual_card::Card;
use shikaku_virtual_card::issue::Authority;

use alphabet::{Reply, card, classes, deviations};
use explore::{Caught, Trial, Walked, walk, walk_together};

/// What a walk begins with.
#[derive(Clone)]
struct Start {
    card: Card,
    inputs: Inputs,
    anchors: Anchors,
    /// Whether the card's certificate is to be believed.
    believed: bool,
}

impl Start {
    /// A card under the test root, nothing agreed to, the extended read to be tried.
    fn new(name: &str) -> Self {
        let root = Authority::test().unwrap().certificate().to_vec();
        let mut inputs = Inputs::example().unwrap();
        inputs.strategy = Strategy::STANDARD.with(Form::ExtendedRead, Probe::Untried);
        inputs.limits = ReaderLimits::EXTENDED;
        inputs.test_roots = vec![root.clone()];
        let anchors = Anchors::none().with_test(&root).unwrap();
        Self { card: card(name), inputs, anchors, believed: true }
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
        Tap::new(self.inputs.request_with(self.anchors.clone()).unwrap())
    }

    fn walk(&self, most: usize) -> Result<Walked, Box<Caught>> {
        walk(&self.trial(), most)
    }

    fn trial(&self) -> Trial<'_> {
        Trial::new(|| self.tap(), &self.card, self.rules())
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
    // The card's certificate is longer than any before it: by what one short read brings, and by more.
    let longer = [1_500, 1_000].map(|longest_certificate| Strategy { longest_certificate, ..shortest() });
    all.extend(longer);
    all
}

/// Every strategy that can be written down.
fn every_strategy() -> Vec<Strategy> {
    Form::ALL.into_iter().fold(vec![Strategy::STANDARD], |strategies, form| {
        let each = |strategy: Strategy| Probe::ALL.map(|probe| strategy.with(form, probe));
        strategies.into_iter().flat_map(each).collect()
    })
}

/// The strategy that sends what `strategy` sends. A refused form is left alone like one that is not wanted; counter and
/// VERIFY name the PIN's file together or not at all; the bare hash waits for the key; and for those four it is one
/// whether a form has worked before.
fn like(strategy: Strategy) -> Strategy {
    let is_usable = |form| matches!(strategy.probe(form), Probe::Untried | Probe::Works);
    let names_pin = is_usable(Form::CounterByShortId) && is_usable(Form::VerifyByShortId);
    let names_key = is_usable(Form::KeyByShortId);
    let is_bare = is_usable(Form::BareHash) && strategy.key_by_short_id != Probe::Untried;
    let known = |is_usable| if is_usable { Probe::Works } else { Probe::Off };
    let tried = |form| if is_usable(form) { strategy.probe(form) } else { Probe::Off };
    Strategy {
        extended_read: tried(Form::ExtendedRead),
        read_by_short_id: tried(Form::ReadByShortId),
        counter_by_short_id: known(names_pin),
        verify_by_short_id: known(names_pin),
        key_by_short_id: known(names_key),
        bare_hash: known(is_bare),
        longest_certificate: strategy.longest_certificate,
    }
}

/// What a strategy could go another way at than its like: a refusal, the word for a PIN that is missing, and data of which
/// one bit is wrong.
const TELLING: [Reply; 3] = [Reply::Word(0x6a82), Reply::Word(0x6982), Reply::Turned];

/// Holds each of `strategies` against its like, as it should go and with each of `letters` at each exchange; how many
/// paths that were.
fn sends_like<Start>(
    strategies: &[Strategy],
    letters: &[Reply],
    like: fn(Strategy) -> Strategy,
    start: impl Fn(Strategy) -> Start,
    trial: impl Fn(&Start) -> Trial<'_>,
) -> usize {
    let sent = |start: &Start, path: &[Reply]| -> Vec<Vec<u8>> {
        trial(start).run(path).0.into_iter().map(|(command, _)| command).collect()
    };
    let mut known = HashMap::new();
    let mut held = 0;
    for strategy in strategies {
        let own = start(*strategy);
        let alike = known.entry(like(*strategy)).or_insert_with(|| {
            let other = start(like(*strategy));
            let well = sent(&other, &[]);
            let mut alike = vec![(Vec::new(), well.clone())];
            for at in 0..well.len() {
                for letter in letters {
                    let path = [&vec![Reply::Well; at][..], &[*letter]].concat();
                    alike.push((path.clone(), sent(&other, &path)));
                }
            }
            alike
        });
        for (path, alike) in alike {
            assert_eq!(sent(&own, path), *alike, "{strategy}, {path:?}");
            held += 1;
        }
    }
    held
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

/// Says how far a walk came, also where a test passes: what is printed is kept back then, what is written is not.
fn report(what: &str, walked: Walked) {
    io::stdout().write_all(format!("{what}: {walked:?}\n").as_bytes()).unwrap();
}

fn two_deviations(start: &Start) {
    let what = format!("two deviations, {}, {:?}", start.inputs.strategy, start.inputs.consent);
    let walked = show(&what, start.walk(2));
    report(&what, walked);
    assert!(walked.paths > 10_000 && walked.verified > 500 && walked.signed > 10, "{walked:?}");
}

#[test]
fn no_path_with_two_deviations_breaks_a_rule_in_the_usual_forms() {
    two_deviations(&Start::new("default").over(ReaderLimits::EXTENDED, Strategy::DEFAULT));
}

#[test]
fn no_path_with_two_deviations_breaks_a_rule_in_the_shortest_tap() {
    two_deviations(&Start::new("default").over(ReaderLimits::EXTENDED, shortest()));
}

#[test]
fn no_path_with_two_deviations_breaks_a_rule_at_the_last_try() {
    let last = Start::new("one-try").over(ReaderLimits::EXTENDED, shortest());
    two_deviations(&last.clone().agreed(last.last_try()));
}

#[test]
fn no_path_with_two_deviations_breaks_a_rule_with_a_phone() {
    two_deviations(&Start::new("phone-android").over(ReaderLimits::EXTENDED, Strategy::DEFAULT));
}

/// Two deviations at every two exchanges, whatever is known of the forms.
#[test]
fn no_path_with_two_deviations_breaks_a_rule_in_any_form() {
    in_any_form("default", &[deviations(), deviations()]);
}

/// A phone shows its certificate after the PIN: no form is behind it until then, and there are five times as many states.
#[test]
fn no_path_with_two_deviations_breaks_a_rule_in_any_form_with_a_phone() {
    let is_whole = env::var("WALK").is_ok_and(|how| how == "whole");
    in_any_form("phone-android", &[deviations(), if is_whole { deviations() } else { classes() }]);
}

fn in_any_form(card: &str, alphabets: &[Vec<Reply>]) {
    let programs: HashSet<_> = every_strategy().into_iter().map(like).collect();
    assert_eq!(programs.len(), 3 * 3 * 2 * 4);
    let start = Start::new(card);
    let starts: Vec<_> =
        programs.into_iter().map(|strategy| start.clone().over(ReaderLimits::EXTENDED, strategy)).collect();
    let trials: Vec<_> = starts.iter().map(Start::trial).collect();
    let sum = show(card, walk_together(&trials, alphabets));
    let letters: Vec<_> = alphabets.iter().map(Vec::len).collect();
    report(&format!("{card}, deviations of {letters:?} letters, every strategy"), sum);
    assert!(sum.paths > 10_000 && sum.verified > 500 && sum.signed > 10, "{sum:?}");
}

#[test]
fn what_every_strategy_sends_is_what_its_like_sends() {
    let card = Start::new("default");
    let start = |strategy| card.clone().over(ReaderLimits::EXTENDED, strategy);
    let held = sends_like(&every_strategy(), &TELLING, like, start, Start::trial);
    assert!(held > 100_000, "{held}");
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
    report("each consent, each counter", sum);
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
    report("one deviation, each form", sum);
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
    report("every strategy as it should go", sum);
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
    report("no PIN for them", sum);
    assert!(sum.paths > 5_000, "{sum:?}");
    assert_eq!((sum.verified, sum.signed), (0, 0));
}

#[test]
fn no_path_of_a_look_without_a_pin_breaks_a_rule() {
    let mut sum = Walked::default();
    for name in ["default", "phone-android", "juki", "driving-licence"] {
        let card = card(name);
        for strategy in strategies() {
            let make = || Inspection::new(ReaderLimits::EXTENDED, strategy);
            let walked = walk(&Trial::new(make, &card, Rules::of_inspection()), 1);
            sum.add(show(&format!("{name}, {strategy}"), walked));
        }
    }
    report("a look", sum);
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
