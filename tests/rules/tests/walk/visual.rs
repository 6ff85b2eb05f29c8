//! The same walk for visual taps, light and full, and visual programs that are broken on purpose.

use std::collections::HashSet;

use sha2::{Digest as _, Sha256};
use shikaku::certificate::Anchors;
use shikaku::guide::Code;
use shikaku::replay::Inputs;
use shikaku::tap::{
    Consent, Form, Probe, ReaderLimits, Strategy, VisualCause, VisualEnd, VisualOutcome, VisualTap,
};
use shikaku_rules::dialogue::{Answer, Dialogue, End, Turn};
use shikaku_rules::{Breach, VisualRules};
use shikaku_virtual_card::Card;
use shikaku_virtual_card::issue::{Authority, SurfaceAuthority};

use crate::alphabet::{card, deviations};
use crate::broken::{
    AWAY, Broken, COUNTER, Flaw, JPKI, SOUND, TEXT_INPUT, Twist, is_caught_at, is_sign, is_verify, walk_both,
};
use crate::explore::{Caught, Trial, Walked, walk, walk_together};
use crate::{OTHER_CARD, TELLING, every_strategy, report, sends_like, show, strategies};

const BIRTH_DATE: &str = "550102";
const CODE_B: &str = "55010220361234";
const DEPTHS: [&str; 2] = [BIRTH_DATE, CODE_B];
const SURFACE: &[u8] = b"\x00\xa4\x04\x0c\x0a\xd3\x92\x10\x00\x31\x00\x01\x01\x04\x02";
const FILE_0001: &[u8] = &[0x00, 0xa4, 0x02, 0x0c, 0x02, 0x00, 0x01];
const FILE_0005: &[u8] = &[0x00, 0xa4, 0x02, 0x0c, 0x02, 0x00, 0x05];
const FILE_0011: &[u8] = &[0x00, 0xa4, 0x02, 0x0c, 0x02, 0x00, 0x11];
const FILE_0018: &[u8] = &[0x00, 0xa4, 0x02, 0x0c, 0x02, 0x00, 0x18];
const SEND_BIRTH_DATE: &[u8] = b"\x00\x20\x00\x80\x06550102";

/// What a walk begins with.
#[derive(Clone)]
struct Start {
    card: Card,
    inputs: Inputs,
    anchors: Anchors,
    /// Whether the card's certificate is to be believed, and what its issuers signed of the card face.
    believed: bool,
    genuine: bool,
}

impl Start {
    /// A card under the test roots, nothing agreed to, one extended read known to work.
    fn new(name: &str, number: &str) -> Self {
        let root = Authority::test().unwrap().certificate().to_vec();
        let mut inputs = Inputs::example().unwrap();
        inputs.strategy = Strategy::STANDARD.with(Form::ExtendedRead, Probe::Works);
        inputs.limits = ReaderLimits::EXTENDED;
        inputs.test_number = Some(number.as_bytes().to_vec());
        let anchors = Anchors::none().with_test(&root).unwrap();
        let anchors = anchors.with_test(&SurfaceAuthority::test().unwrap().root()).unwrap();
        Self { card: card(name), inputs, anchors, believed: true, genuine: true }
    }

    fn agreed(mut self, consent: Consent) -> Self {
        self.inputs.consent = consent;
        self
    }

    fn knowing(mut self, strategy: Strategy) -> Self {
        self.inputs.strategy = strategy;
        self
    }

    fn unbelieved(mut self) -> Self {
        self.believed = false;
        self
    }

    fn last_try(&self) -> Consent {
        Consent::LastTry { certificate_sha256: Sha256::digest(self.card.certificate().unwrap()).into() }
    }

    fn rules(&self) -> VisualRules {
        let believed: Vec<&[u8]> = self.card.certificate().into_iter().filter(|_| self.believed).collect();
        let files = [0x0001, 0x0002, 0x0004].into_iter().filter_map(|file| self.card.surface_data(file));
        let genuine: Vec<&[u8]> = files.filter(|_| self.genuine).map(object).collect();
        VisualRules::new(&self.inputs, &believed, &genuine)
    }

    fn tap(&self) -> VisualTap {
        VisualTap::new(self.inputs.visual_request_with(self.anchors.clone()).unwrap())
    }

    fn walk(&self, most: usize) -> Result<Walked, Box<Caught>> {
        walk(&self.trial(), most)
    }

    fn trial(&self) -> Trial<'_> {
        Trial::new(|| self.tap(), &self.card, self.rules())
    }
}

/// The one object at the front of a padded file.
fn object(file: &[u8]) -> &[u8] {
    let [_, _, 0x82, high, low, ..] = file else {
        panic!("a file of the card face begins with a long object")
    };
    &file[..5 + usize::from(u16::from_be_bytes([*high, *low]))]
}

/// One deviation from the good tap anywhere, in both depths, over both readers.
#[test]
fn no_visual_path_with_one_deviation_breaks_a_rule() {
    let mut sum = Walked::default();
    for number in DEPTHS {
        for limits in [ReaderLimits::SHORT, ReaderLimits::EXTENDED] {
            let mut start = Start::new("default", number);
            start.inputs.limits = limits;
            sum.add(show(&format!("{number}, {limits:?}"), start.walk(1)));
        }
    }
    report("visual, one deviation", sum);
    assert!(sum.paths > 5_000 && sum.verified > 500 && sum.signed > 10, "{sum:?}");
}

/// Two deviations in either depth, whatever is known of the forms.
#[test]
fn no_light_path_with_two_deviations_breaks_a_rule_in_any_form() {
    two_deviations_in_any_form(BIRTH_DATE);
}

#[test]
fn no_full_path_with_two_deviations_breaks_a_rule_in_any_form() {
    two_deviations_in_any_form(CODE_B);
}

fn two_deviations_in_any_form(number: &str) {
    let programs: HashSet<_> = every_strategy().into_iter().map(like).collect();
    assert_eq!(programs.len(), 12);
    let start = Start::new("default", number);
    let starts: Vec<_> = programs.into_iter().map(|strategy| start.clone().knowing(strategy)).collect();
    let trials: Vec<_> = starts.iter().map(Start::trial).collect();
    let sum = show(number, walk_together(&trials, &[deviations(), deviations()]));
    report(&format!("visual with {} digits, two deviations, every strategy", number.len()), sum);
    assert!(sum.paths > 10_000 && sum.verified > 500 && sum.signed > 10, "{sum:?}");
}

/// Nothing of a visual tap but its certificate and its signature has forms, and the certificate's file is selected.
fn like(strategy: Strategy) -> Strategy {
    [Form::ReadByShortId, Form::CounterByShortId, Form::VerifyByShortId]
        .into_iter()
        .fold(crate::like(strategy), |strategy, form| strategy.with(form, Probe::Off))
}

#[test]
fn what_every_strategy_sends_by_sight_is_what_its_like_sends() {
    let light = light();
    let start = |strategy| light.clone().knowing(strategy);
    assert_eq!(sends_like(&every_strategy(), &[], like, start, Start::trial), 4_096);
    let held = sends_like(&strategies(), &TELLING, like, start, Start::trial);
    assert!(held > 1_000, "{held}");
}

/// Every consent against every number of tries.
#[test]
fn no_consent_opens_more_of_the_card_face_than_it_says() {
    let mut sum = Walked::default();
    for number in DEPTHS {
        for name in ["default", "visual-two-tries", "visual-one-try", "visual-blocked"] {
            let start = Start::new(name, number);
            for consent in [Consent::None, Consent::Warned, start.last_try(), OTHER_CARD] {
                let most = usize::from(number == BIRTH_DATE);
                sum.add(show(&format!("{name}, {consent:?}"), start.clone().agreed(consent).walk(most)));
            }
        }
    }
    report("visual, each consent, each counter", sum);
    assert!(sum.paths > 5_000 && sum.verified > 500 && sum.signed > 10, "{sum:?}");
}

/// Nothing here may ever be given a number: certificates that nobody believes, cards without a card face.
#[test]
fn no_path_sends_a_number_to_a_card_that_may_not_have_it() {
    let mut sum = Walked::default();
    for number in DEPTHS {
        for name in ["expired", "wrong-issuer", "phone-android", "phone-iphone", "no-certificate", "juki"] {
            sum.add(show(name, Start::new(name, number).unbelieved().walk(1)));
        }
        let mut production = Start::new("default", number).unbelieved();
        production.anchors = Anchors::production();
        sum.add(show("in production", production.walk(1)));
    }
    report("no number for them", sum);
    assert!(sum.paths > 2_000, "{sum:?}");
    assert_eq!((sum.verified, sum.signed), (0, 0));
}

/// Records that are forged, copied or changed end in no evidence, whatever goes otherwise.
#[test]
fn no_path_proves_a_card_face_that_is_not_genuine() {
    let mut sum = Walked::default();
    for (name, number) in [
        ("visual-forged", BIRTH_DATE),
        ("visual-copied", BIRTH_DATE),
        ("visual-forged", CODE_B),
        ("visual-other-photo", CODE_B),
    ] {
        sum.add(show(name, Start::new(name, number).walk(1)));
    }
    report("nothing is proven by them", sum);
    assert!(sum.verified > 500, "{sum:?}");
    assert_eq!(sum.signed, 0);
}

fn caught(start: &Start, program: &Start, flaw: Flaw) -> Result<Walked, Box<Caught>> {
    let make = || Broken::new(Box::new(program.tap()), flaw);
    walk_both(&Trial::new(make, &start.card, start.rules()))
}

#[track_caller]
fn must_be_caught(start: &Start, flaw: Flaw, breach: Breach) {
    is_caught_at(breach, caught(start, start, flaw));
}

fn light() -> Start {
    Start::new("default", BIRTH_DATE)
}

fn full() -> Start {
    Start::new("default", CODE_B)
}

#[test]
fn without_a_flaw_nothing_of_a_visual_tap_is_caught() {
    caught(&light(), &light(), SOUND).unwrap();
}

#[test]
fn a_number_that_is_sent_again_is_caught() {
    let again: fn(&[u8], &Answer) -> bool = |sent, answer| is_verify(sent) && answer.is_err();
    must_be_caught(&light(), Flaw { again, ..SOUND }, Breach::SecondVerify);
    let again: fn(&[u8], &Answer) -> bool = |sent, answer| is_verify(sent) && *answer == Ok(vec![0x90, 0x00]);
    must_be_caught(&light(), Flaw { again, ..SOUND }, Breach::SecondVerify);
    must_be_caught(&full(), Flaw { again, ..SOUND }, Breach::SecondVerify);
}

#[test]
fn a_refused_number_that_is_tried_at_the_other_application_is_caught() {
    let lie: fn(&[u8], &Answer) -> Option<Answer> =
        |sent, answer| (is_verify(sent) && answer.is_ok()).then(|| Ok(vec![0x90, 0x00]));
    must_be_caught(&full(), Flaw { lie, ..SOUND }, Breach::AfterRefusal);
}

#[test]
fn a_number_at_the_last_try_or_at_two_or_at_none_is_caught() {
    let lie: fn(&[u8], &Answer) -> Option<Answer> =
        |_, answer| matches!(answer.as_deref(), Ok([0x63, 0xc0..=0xc2])).then(|| Ok(vec![0x63, 0xca]));
    for number in DEPTHS {
        let start = |name| Start::new(name, number);
        must_be_caught(&start("visual-one-try"), Flaw { lie, ..SOUND }, Breach::NoConsent);
        let warned = start("visual-one-try").agreed(Consent::Warned);
        must_be_caught(&warned, Flaw { lie, ..SOUND }, Breach::NoConsent);
        must_be_caught(&start("visual-two-tries"), Flaw { lie, ..SOUND }, Breach::NotWarned);
        must_be_caught(&start("visual-blocked"), Flaw { lie, ..SOUND }, Breach::NoCounter);
    }
}

#[test]
fn a_consent_for_another_card_is_caught_at_its_number() {
    for (name, breach) in [("visual-one-try", Breach::NoConsent), ("visual-two-tries", Breach::OtherCard)] {
        let start = Start::new(name, BIRTH_DATE);
        let (agreed, used) = (start.clone().agreed(OTHER_CARD), start.clone().agreed(start.last_try()));
        is_caught_at(breach, caught(&agreed, &used, SOUND));
    }
}

#[test]
fn a_number_without_its_counter_is_caught() {
    let swallow: fn(&[u8]) -> Option<Answer> = |command| (command == COUNTER).then(|| Ok(vec![0x63, 0xca]));
    must_be_caught(&light(), Flaw { swallow, ..SOUND }, Breach::NoCounter);
    must_be_caught(&full(), Flaw { swallow, ..SOUND }, Breach::NoCounter);
}

#[test]
fn another_number_than_was_typed_is_caught() {
    let twist: Twist = |command| is_verify(command).then(|| b"\x00\x20\x00\x80\x06550103".to_vec());
    must_be_caught(&light(), Flaw { twist, ..SOUND }, Breach::OtherPin);
}

#[test]
fn a_number_before_certificate_and_card_face_are_believed_is_caught() {
    let between = &[SURFACE, FILE_0011, COUNTER, SEND_BIRTH_DATE, AWAY][..];
    must_be_caught(&light(), Flaw { between, ..SOUND }, Breach::Unbelieved);
    let after: fn(&End) -> &'static [&'static [u8]] = |end| match end {
        End::Visual(VisualOutcome::Ended(end)) if end.code().as_str().starts_with("certificate-") => {
            &[SURFACE, FILE_0011, COUNTER, SEND_BIRTH_DATE, AWAY]
        }
        _ => &[],
    };
    let production = Start { anchors: Anchors::production(), ..light().unbelieved() };
    for start in [production, light()] {
        must_be_caught(&start, Flaw { after, ..SOUND }, Breach::Unbelieved);
    }
    // The certificate is believed, but nobody whom we know vouches for the card face.
    let forged = Start { genuine: false, ..light() };
    must_be_caught(&forged, SOUND, Breach::Unbelieved);
}

#[test]
fn the_way_to_the_twelve_digit_number_and_to_the_pin_is_caught_in_a_visual_tap() {
    for between in [&[TEXT_INPUT, FILE_0001][..], &[SURFACE, FILE_0005], &[JPKI, FILE_0018]] {
        for start in [light(), full()] {
            must_be_caught(&start, Flaw { between, ..SOUND }, Breach::Unknown);
        }
    }
    // Six digits open the age record and fourteen the card face, never each other's.
    must_be_caught(&full(), Flaw { between: &[SURFACE, FILE_0001], ..SOUND }, Breach::Unknown);
    must_be_caught(&light(), Flaw { between: &[TEXT_INPUT], ..SOUND }, Breach::Unknown);
}

#[test]
fn another_transcript_is_caught_and_so_is_a_second_signature() {
    let twist: Twist = |command| {
        is_sign(command).then(|| {
            let mut twisted = command.to_vec();
            twisted[40] ^= 1;
            twisted
        })
    };
    must_be_caught(&light(), Flaw { twist, ..SOUND }, Breach::ForeignDigest);
    let again: fn(&[u8], &Answer) -> bool = |sent, answer| is_sign(sent) && answer.is_ok();
    must_be_caught(&light(), Flaw { again, ..SOUND }, Breach::SignedAgain);
}

#[test]
fn a_card_that_is_left_with_its_number_in_force_is_caught() {
    let swallow: fn(&[u8]) -> Option<Answer> = |command| (command == AWAY).then(|| Ok(vec![0x90, 0x00]));
    must_be_caught(&light(), Flaw { swallow, ..SOUND }, Breach::NotLeft);
    must_be_caught(&light(), Flaw { swallow, between: &[AWAY, JPKI], ..SOUND }, Breach::NotLeft);
}

/// Takes a counter that was lost for what it said before, once a number was sent.
struct Forgetful {
    program: Box<dyn Dialogue>,
    verified: bool,
    sent: Vec<u8>,
}

impl Forgetful {
    fn note(&mut self, turn: Turn) -> Turn {
        if let Turn::Send(command) = &turn {
            self.sent = command.to_vec();
            self.verified |= is_verify(command);
        }
        turn
    }
}

impl Dialogue for Forgetful {
    fn start(&mut self) -> Turn {
        let turn = self.program.start();
        self.note(turn)
    }

    fn answer(&mut self, answer: &Answer) -> Turn {
        let is_lost = self.verified && self.sent == COUNTER && answer.is_err();
        let turn =
            if is_lost { self.program.answer(&Ok(vec![0x63, 0xca])) } else { self.program.answer(answer) };
        self.note(turn)
    }
}

#[test]
fn a_number_after_its_second_counter_was_lost_is_caught() {
    let start = full();
    let make = || Forgetful { program: Box::new(start.tap()), verified: false, sent: Vec::new() };
    is_caught_at(Breach::NoCounter, walk_both(&Trial::new(make, &start.card, start.rules())));
}

#[test]
fn an_end_that_says_of_a_number_what_the_card_did_not_is_caught() {
    let known: fn(End) -> End = |end| match end {
        End::Visual(VisualOutcome::Ended(end)) if end.code() == Code::PrintedUnknown => {
            End::Visual(VisualOutcome::Ended(VisualEnd { tries: Some(10), ..end }))
        }
        other => other,
    };
    let locked: fn(End) -> End = |end| match end {
        End::Visual(VisualOutcome::Ended(end)) => {
            End::Visual(VisualOutcome::Ended(VisualEnd { cause: VisualCause::Blocked, ..end }))
        }
        other => other,
    };
    for end in [known, locked] {
        must_be_caught(&light(), Flaw { end, ..SOUND }, Breach::Misreported);
    }
}

#[test]
fn evidence_that_the_card_did_not_give_is_caught() {
    let end: fn(End) -> End = |end| match end {
        End::Visual(VisualOutcome::Proven(mut evidence)) => {
            evidence.signature[0] ^= 1;
            End::Visual(VisualOutcome::Proven(evidence))
        }
        other => other,
    };
    must_be_caught(&light(), Flaw { end, ..SOUND }, Breach::Untrue);
}
