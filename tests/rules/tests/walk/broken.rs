//! Programs that are broken on purpose: the core's own tap with one flaw around it. The walk must catch each, at the
//! rule that it breaks.

use std::slice;

use shikaku::guide::Code;
use shikaku::tap::{Cause, Consent, Fault, Outcome, ReaderLimits, TapEnd};
use shikaku_rules::Breach;
use shikaku_rules::dialogue::{Answer, Dialogue, End, Turn};
use zeroize::Zeroizing;

use crate::alphabet::{card, deviations};
use crate::explore::{Caught, Trial, Walked, walk, walk_together};
use crate::{OTHER_CARD, Start, shortest};

/// What is sent instead of a command.
pub(crate) type Twist = fn(&[u8]) -> Option<Vec<u8>>;

/// What is done wrongly; each of these does nothing wrong by itself.
#[derive(Clone, Copy)]
pub(crate) struct Flaw {
    /// Whether this command is sent once more after this answer.
    pub(crate) again: fn(&[u8], &Answer) -> bool,
    /// What the program is told instead of this answer.
    pub(crate) lie: fn(&[u8], &Answer) -> Option<Answer>,
    /// What is sent instead of this command.
    pub(crate) twist: Twist,
    /// What the program is told without that its command is ever sent.
    pub(crate) swallow: fn(&[u8]) -> Option<Answer>,
    /// What is sent behind the first command, before one that is in this place.
    pub(crate) between: &'static [&'static [u8]],
    pub(crate) place: fn(&[u8]) -> bool,
    /// What is sent after the end.
    pub(crate) after: fn(&End) -> &'static [&'static [u8]],
    /// What is handed out instead of this end.
    pub(crate) end: fn(End) -> End,
}

pub(crate) const SOUND: Flaw = Flaw {
    again: |_, _| false,
    lie: |_, _| None,
    twist: |_| None,
    swallow: |_| None,
    between: &[],
    place: |_| true,
    after: |_| &[],
    end: |end| end,
};

pub(crate) const SELECT_PIN: &[u8] = &[0x00, 0xa4, 0x02, 0x0c, 0x02, 0x00, 0x18];
pub(crate) const COUNTER: &[u8] = &[0x00, 0x20, 0x00, 0x80];
const SHORT_COUNTER: &[u8] = &[0x00, 0x20, 0x00, 0x98];
const SELECT_KEY: &[u8] = &[0x00, 0xa4, 0x02, 0x0c, 0x02, 0x00, 0x17];
const GET_RESPONSE: &[u8] = &[0x00, 0xc0, 0x00, 0x00, 0x00];
const VERIFY: &[u8] = b"\x00\x20\x00\x80\x041234";
pub(crate) const AWAY: &[u8] = b"\x00\xa4\x04\x0c\x07\xa0\x00\x00\x01\x51\x00\x00";
pub(crate) const JPKI: &[u8] = b"\x00\xa4\x04\x0c\x0a\xd3\x92\xf0\x00\x26\x01\x00\x00\x00\x01";
/// 券面入力補助AP, in which the 12-digit number lies.
pub(crate) const TEXT_INPUT: &[u8] = b"\x00\xa4\x04\x0c\x0a\xd3\x92\x10\x00\x31\x00\x01\x01\x04\x08";

pub(crate) struct Broken {
    program: Box<dyn Dialogue>,
    flaw: Flaw,
    /// What was sent last, and whether it was the program's.
    sent: Vec<u8>,
    repeated: bool,
    /// What is put in, and what happens when it has been sent.
    queue: Vec<&'static [u8]>,
    then: Option<Turn>,
    begun: bool,
}

impl Broken {
    pub(crate) fn new(program: Box<dyn Dialogue>, flaw: Flaw) -> Self {
        Self { program, flaw, sent: Vec::new(), repeated: false, queue: Vec::new(), then: None, begun: false }
    }

    fn pass(&mut self, turn: Turn) -> Turn {
        match turn {
            Turn::Send(command) => {
                if let Some(told) = (self.flaw.swallow)(&command) {
                    let turn = self.program.answer(&told);
                    return self.pass(turn);
                }
                self.sent = (self.flaw.twist)(&command).unwrap_or_else(|| command.to_vec());
                if self.begun && !self.flaw.between.is_empty() && (self.flaw.place)(&command) {
                    let between = std::mem::take(&mut self.flaw.between);
                    return self.insert(between, Turn::Send(command));
                }
                self.begun = true;
                Turn::Send(Zeroizing::new(self.sent.clone()))
            }
            Turn::Over(end) => {
                let after = (self.flaw.after)(&end);
                self.flaw.after = |_| &[];
                self.insert(after, Turn::Over(Box::new((self.flaw.end)(*end))))
            }
        }
    }

    fn insert(&mut self, commands: &'static [&'static [u8]], then: Turn) -> Turn {
        self.queue = commands.to_vec();
        self.then = Some(then);
        self.next_inserted()
    }

    fn next_inserted(&mut self) -> Turn {
        if self.queue.is_empty() {
            return match self.then.take().unwrap() {
                Turn::Send(command) => self.pass(Turn::Send(command)),
                over @ Turn::Over(_) => over,
            };
        }
        Turn::Send(Zeroizing::new(self.queue.remove(0).to_vec()))
    }
}

impl Dialogue for Broken {
    fn start(&mut self) -> Turn {
        let turn = self.program.start();
        self.pass(turn)
    }

    fn answer(&mut self, answer: &Answer) -> Turn {
        if self.then.is_some() {
            return self.next_inserted();
        }
        if !self.repeated && (self.flaw.again)(&self.sent, answer) {
            self.repeated = true;
            return Turn::Send(Zeroizing::new(self.sent.clone()));
        }
        let told = (self.flaw.lie)(&self.sent, answer).unwrap_or_else(|| answer.clone());
        let turn = self.program.answer(&told);
        self.pass(turn)
    }
}

pub(crate) fn is_verify(command: &[u8]) -> bool {
    command.starts_with(&[0x00, 0x20]) && command.len() > 4
}

pub(crate) fn is_sign(command: &[u8]) -> bool {
    command.starts_with(&[0x80, 0x2a])
}

/// Walks a tap that is broken so. `rules` say what was agreed to; the program may believe something else.
fn caught(start: &Start, program: &Start, flaw: Flaw) -> Result<Walked, Box<Caught>> {
    let make = || Broken::new(Box::new(program.tap()), flaw);
    walk_both(&Trial::new(make, &start.card, start.rules()))
}

/// Walks one deviation by either sameness of states: neither may overlook what the other catches.
#[track_caller]
pub(crate) fn walk_both(trial: &Trial<'_>) -> Result<Walked, Box<Caught>> {
    let breach = |walked: &Result<Walked, Box<Caught>>| walked.as_ref().err().map(|caught| caught.breach);
    let by_history = walk(trial, 1);
    let by_prospect = walk_together(slice::from_ref(trial), &[deviations()]);
    assert_eq!(breach(&by_history), breach(&by_prospect));
    by_history
}

#[track_caller]
fn must_be_caught(start: &Start, flaw: Flaw, breach: Breach) {
    is_caught_at(breach, caught(start, start, flaw));
}

#[track_caller]
pub(crate) fn is_caught_at(breach: Breach, walked: Result<Walked, Box<Caught>>) {
    match walked {
        Ok(walked) => panic!("{breach:?} was not caught: {walked:?}"),
        Err(caught) => assert_eq!(caught.breach, breach, "{:?}: {:02x?}", caught.path, caught.passed),
    }
}

fn default() -> Start {
    Start::new("default")
}

/// Every form known to work.
fn short() -> Start {
    default().over(ReaderLimits::EXTENDED, shortest())
}

#[test]
fn without_a_flaw_nothing_is_caught() {
    caught(&default(), &default(), SOUND).unwrap();
}

#[test]
fn a_pin_that_is_sent_again_when_its_answer_was_lost_is_caught() {
    let again: fn(&[u8], &Answer) -> bool = |sent, answer| is_verify(sent) && *answer == Err(Fault::TagLost);
    must_be_caught(&default(), Flaw { again, ..SOUND }, Breach::SecondVerify);
}

#[test]
fn a_pin_that_is_sent_again_because_the_card_names_a_length_or_has_more_is_caught() {
    for first in [0x6c, 0x61] {
        let again: fn(&[u8], &Answer) -> bool = match first {
            0x6c => |sent, answer| is_verify(sent) && matches!(answer.as_deref(), Ok([0x6c, _])),
            _ => |sent, answer| is_verify(sent) && matches!(answer.as_deref(), Ok([0x61, _])),
        };
        must_be_caught(&default(), Flaw { again, ..SOUND }, Breach::SecondVerify);
    }
}

#[test]
fn what_asks_for_more_of_the_answer_to_a_pin_is_caught() {
    let place: fn(&[u8]) -> bool = |command| command == SELECT_KEY || command == AWAY;
    must_be_caught(&default(), Flaw { between: &[GET_RESPONSE], place, ..SOUND }, Breach::Unknown);
}

#[test]
fn the_last_try_without_consent_is_caught() {
    let lie: fn(&[u8], &Answer) -> Option<Answer> =
        |_, answer| (*answer == Ok(vec![0x63, 0xc1])).then(|| Ok(vec![0x63, 0xc3]));
    for consent in [Consent::None, Consent::Warned] {
        must_be_caught(&Start::new("one-try").agreed(consent), Flaw { lie, ..SOUND }, Breach::NoConsent);
    }
    // And where the counter says so against what the card is.
    must_be_caught(&default(), Flaw { lie, ..SOUND }, Breach::NoConsent);
}

#[test]
fn a_try_at_two_without_a_warning_is_caught() {
    let lie: fn(&[u8], &Answer) -> Option<Answer> =
        |_, answer| (*answer == Ok(vec![0x63, 0xc2])).then(|| Ok(vec![0x63, 0xc3]));
    must_be_caught(&Start::new("two-tries"), Flaw { lie, ..SOUND }, Breach::NotWarned);
}

#[test]
fn a_consent_that_was_given_for_another_card_and_is_used_is_caught() {
    for (card, breach) in [("one-try", Breach::NoConsent), ("two-tries", Breach::OtherCard)] {
        let start = Start::new(card);
        let (agreed, used) = (start.clone().agreed(OTHER_CARD), start.clone().agreed(start.last_try()));
        is_caught_at(breach, caught(&agreed, &used, SOUND));
    }
}

#[test]
fn a_pin_before_the_certificate_is_caught() {
    let between = &[SELECT_PIN, COUNTER, VERIFY, AWAY][..];
    must_be_caught(&default(), Flaw { between, ..SOUND }, Breach::Unbelieved);
}

#[test]
fn a_pin_after_a_certificate_that_was_refused_is_caught() {
    let after: fn(&End) -> &'static [&'static [u8]] = |end| match end {
        End::Tap(Outcome::Ended(end)) if end.code().as_str().starts_with("certificate-") => {
            &[SELECT_PIN, COUNTER, VERIFY, AWAY]
        }
        _ => &[],
    };
    for start in [
        Start::new("expired").unbelieved(),
        Start::new("wrong-issuer").unbelieved(),
        default().in_production(),
        default(),
    ] {
        must_be_caught(&start, Flaw { after, ..SOUND }, Breach::Unbelieved);
    }
}

#[test]
fn a_pin_without_the_counter_is_caught() {
    let swallow: fn(&[u8]) -> Option<Answer> = |command| (command == COUNTER).then(|| Ok(vec![0x63, 0xc3]));
    must_be_caught(&default(), Flaw { swallow, ..SOUND }, Breach::NoCounter);
}

#[test]
fn a_pin_of_another_form_than_four_digits_is_caught() {
    let twists: [Twist; 3] = [
        |command| is_verify(command).then(|| b"\x00\x20\x00\x80\x0512340".to_vec()),
        |command| is_verify(command).then(|| b"\x00\x20\x00\x80\x03123".to_vec()),
        |command| is_verify(command).then(|| b"\x00\x20\x00\x80\x00".to_vec()),
    ];
    for twist in twists {
        must_be_caught(&default(), Flaw { twist, ..SOUND }, Breach::OtherPin);
    }
}

#[test]
fn a_foreign_digest_is_caught() {
    let twist: Twist = |command| {
        is_sign(command).then(|| {
            let mut twisted = command.to_vec();
            twisted[40] ^= 1;
            twisted
        })
    };
    must_be_caught(&default(), Flaw { twist, ..SOUND }, Breach::ForeignDigest);
}

#[test]
fn a_signature_after_a_pin_that_was_refused_is_caught() {
    let lie: fn(&[u8], &Answer) -> Option<Answer> =
        |sent, answer| (is_verify(sent) && answer.is_ok()).then(|| Ok(vec![0x90, 0x00]));
    must_be_caught(&default(), Flaw { lie, ..SOUND }, Breach::AfterRefusal);
}

#[test]
fn a_signature_that_is_asked_for_again_and_again_is_caught() {
    let again: fn(&[u8], &Answer) -> bool = |sent, answer| is_sign(sent) && answer.is_ok();
    let start = default();
    // One repetition in the standard form is allowed for a form that is not standard; a second one never.
    let lie: fn(&[u8], &Answer) -> Option<Answer> =
        |sent, answer| (is_sign(sent) && answer.is_ok()).then(|| Ok(vec![0x6c, 0x04]));
    must_be_caught(&start, Flaw { again, lie, ..SOUND }, Breach::ForeignDigest);
}

#[test]
fn the_way_to_the_twelve_digit_number_is_caught() {
    must_be_caught(&default(), Flaw { between: &[TEXT_INPUT], ..SOUND }, Breach::Unknown);
}

#[test]
fn a_card_that_is_left_with_its_pin_in_force_is_caught() {
    let swallow: fn(&[u8]) -> Option<Answer> = |command| (command == AWAY).then(|| Ok(vec![0x90, 0x00]));
    must_be_caught(&default(), Flaw { swallow, ..SOUND }, Breach::NotLeft);
    // To have left it before the PIN was sent is not to have left it.
    must_be_caught(&default(), Flaw { swallow, between: &[AWAY, JPKI], ..SOUND }, Breach::NotLeft);
}

#[test]
fn a_pin_or_a_signature_in_another_application_is_caught() {
    let places: [fn(&[u8]) -> bool; 2] = [|command| command == SHORT_COUNTER, is_sign];
    for place in places {
        must_be_caught(&short(), Flaw { between: &[AWAY], place, ..SOUND }, Breach::Elsewhere);
    }
}

#[test]
fn a_pin_by_short_id_that_its_own_full_counter_did_not_allow_is_caught() {
    let twist: Twist = |command| is_verify(command).then(|| b"\x00\x20\x00\x98\x041234".to_vec());
    must_be_caught(&default(), Flaw { twist, ..SOUND }, Breach::NoCounter);
    let lie: fn(&[u8], &Answer) -> Option<Answer> = |sent, answer| {
        (sent == SHORT_COUNTER && *answer == Ok(vec![0x63, 0xc2])).then(|| Ok(vec![0x63, 0xc3]))
    };
    let two = Start { card: card("two-tries"), ..short() }.agreed(Consent::Warned);
    must_be_caught(&two, Flaw { lie, ..SOUND }, Breach::NoCounter);
}

/// How the label is read, and that of an Android phone.
const LABEL: &[u8] = &[0x00, 0xb0, 0x00, 0x00];
const PHONE: &[u8] = b"JPKIAPGPSETOKEN                 \x90\x00";

#[test]
fn a_pin_for_a_phone_that_has_not_named_itself_is_caught() {
    let phone = Start::new("phone-android");
    // Its label is never read, or another one is.
    let swallow: fn(&[u8]) -> Option<Answer> =
        |command| command.starts_with(LABEL).then(|| Ok(PHONE.to_vec()));
    must_be_caught(&phone, Flaw { swallow, ..SOUND }, Breach::Unbelieved);
    let lie: fn(&[u8], &Answer) -> Option<Answer> = |sent, answer| {
        let is_another = |answer: &[u8]| answer.len() > 2 && !answer.starts_with(b"JPKIAPGPSETOKEN");
        (sent.starts_with(LABEL) && answer.as_deref().is_ok_and(is_another)).then(|| Ok(PHONE.to_vec()))
    };
    must_be_caught(&phone, Flaw { lie, ..SOUND }, Breach::Unbelieved);
}

#[test]
fn an_end_that_says_what_the_card_did_not_is_caught() {
    let known: fn(End) -> End = |end| match end {
        End::Tap(Outcome::Ended(end)) if end.code() == Code::CardRemovedPinUnknown => {
            End::Tap(Outcome::Ended(TapEnd { tries: Some(3), ..end }))
        }
        other => other,
    };
    let locked: fn(End) -> End = |end| match end {
        End::Tap(Outcome::Ended(end)) => End::Tap(Outcome::Ended(TapEnd { cause: Cause::Blocked, ..end })),
        other => other,
    };
    for end in [known, locked] {
        must_be_caught(&default(), Flaw { end, ..SOUND }, Breach::Misreported);
    }
    // A PIN whose answer was lost, and that the program takes for refused.
    let lie: fn(&[u8], &Answer) -> Option<Answer> =
        |sent, answer| (is_verify(sent) && answer.is_err()).then(|| Ok(vec![0x63, 0xc3]));
    must_be_caught(&default(), Flaw { lie, ..SOUND }, Breach::Misreported);
}

#[test]
fn a_signature_that_the_card_did_not_give_is_caught() {
    let end: fn(End) -> End = |end| match end {
        End::Tap(Outcome::Signed(mut signed)) => {
            signed.signature[0] ^= 1;
            End::Tap(Outcome::Signed(signed))
        }
        other => other,
    };
    must_be_caught(&default(), Flaw { end, ..SOUND }, Breach::Untrue);
}

/// Asks for the same for ever.
struct Endless;

impl Dialogue for Endless {
    fn start(&mut self) -> Turn {
        Turn::Send(Zeroizing::new(AWAY.to_vec()))
    }

    fn answer(&mut self, _: &Answer) -> Turn {
        self.start()
    }
}

#[test]
fn a_program_that_does_not_end_is_caught() {
    let start = default();
    is_caught_at(Breach::Endless, walk_both(&Trial::new(|| Endless, &start.card, start.rules())));
}

#[test]
fn a_look_that_sends_a_pin_is_caught() {
    let rules = shikaku_rules::Rules::of_inspection();
    let start = default();
    is_caught_at(Breach::Uninvited, walk(&Trial::new(|| start.tap(), &start.card, rules), 0));
}
