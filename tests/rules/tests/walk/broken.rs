//! Programs that are broken on purpose: the core's own tap with one flaw around it. The walk must catch each, at the
//! rule that it breaks.

use shikaku::tap::{Consent, Fault, Outcome};
use shikaku_rules::Breach;
use shikaku_rules::dialogue::{Answer, Dialogue, End, Turn};
use zeroize::Zeroizing;

use crate::explore::{Caught, Walked, walk};
use crate::{OTHER_CARD, Start};

/// What is sent instead of a command.
type Twist = fn(&[u8]) -> Option<Vec<u8>>;

/// What is done wrongly; each of these does nothing wrong by itself.
#[derive(Clone, Copy)]
struct Flaw {
    /// Whether this command is sent once more after this answer.
    again: fn(&[u8], &Answer) -> bool,
    /// What the program is told instead of this answer.
    lie: fn(&[u8], &Answer) -> Option<Answer>,
    /// What is sent instead of this command.
    twist: Twist,
    /// What the program is told without that its command is ever sent.
    swallow: fn(&[u8]) -> Option<Answer>,
    /// What is sent behind the first command.
    between: &'static [&'static [u8]],
    /// What is sent after the end.
    after: fn(&End) -> &'static [&'static [u8]],
    /// What is handed out instead of this end.
    end: fn(End) -> End,
}

const SOUND: Flaw = Flaw {
    again: |_, _| false,
    lie: |_, _| None,
    twist: |_| None,
    swallow: |_| None,
    between: &[],
    after: |_| &[],
    end: |end| end,
};

const SELECT_PIN: &[u8] = &[0x00, 0xa4, 0x02, 0x0c, 0x02, 0x00, 0x18];
const COUNTER: &[u8] = &[0x00, 0x20, 0x00, 0x80];
const VERIFY: &[u8] = b"\x00\x20\x00\x80\x041234";
const AWAY: &[u8] = b"\x00\xa4\x04\x0c\x07\xa0\x00\x00\x01\x51\x00\x00";
/// 券面入力補助AP, in which the 12-digit number lies.
const TEXT_INPUT: &[u8] = b"\x00\xa4\x04\x0c\x0a\xd3\x92\x10\x00\x31\x00\x01\x01\x04\x08";

struct Broken {
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
    fn new(program: Box<dyn Dialogue>, flaw: Flaw) -> Self {
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
                if self.begun && !self.flaw.between.is_empty() {
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

fn is_verify(command: &[u8]) -> bool {
    command.starts_with(COUNTER) && command.len() > 4
}

fn is_sign(command: &[u8]) -> bool {
    command.starts_with(&[0x80, 0x2a])
}

/// Walks a tap that is broken so. `rules` say what was agreed to; the program may believe something else.
fn caught(start: &Start, program: &Start, flaw: Flaw) -> Result<Walked, Box<Caught>> {
    let make = || -> Box<dyn Dialogue> { Box::new(Broken::new(Box::new(program.tap()), flaw)) };
    walk(&make, &start.card, &start.rules(), 1)
}

#[track_caller]
fn must_be_caught(start: &Start, flaw: Flaw, breach: Breach) {
    is_caught_at(breach, caught(start, start, flaw));
}

#[track_caller]
fn is_caught_at(breach: Breach, walked: Result<Walked, Box<Caught>>) {
    match walked {
        Ok(walked) => panic!("{breach:?} was not caught: {walked:?}"),
        Err(caught) => assert_eq!(caught.breach, breach, "{:?}: {:02x?}", caught.path, caught.passed),
    }
}

fn default() -> Start {
    Start::new("default")
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
    is_caught_at(Breach::Endless, walk(&|| Box::new(Endless), &start.card, &start.rules(), 1));
}

#[test]
fn a_look_that_sends_a_pin_is_caught() {
    let rules = shikaku_rules::Rules::of_inspection();
    let start = default();
    is_caught_at(Breach::Uninvited, walk(&|| Box::new(start.tap()), &start.card, &rules, 0));
}
