//! The machine's rules, each as a sentence.

mod device;
mod handbook;
mod visual;

use proptest::prelude::*;

use super::*;
use crate::check::CheckOutcome;
use crate::http::Refusal;
use crate::http::problem::{Problem, Retry};
use crate::qualification::{Answer, Tone, samples};
use crate::registration::DeviceId;
use crate::secret::{Pin, PinError};
use crate::settings::Limits;
use crate::tap::{Cause, Closing, Consent, Fault, Stage, Strategy, TapEnd, VisualCause};

const NOW: UnixTime = samples::NOW;
/// End of the challenge of a check.
const UNTIL: UnixTime = UnixTime(samples::NOW.0 + 300);

fn settings(phase: Phase) -> Box<DeviceSettings> {
    let json = serde_json::json!({
        "version": 1, "device_id": DeviceId([7; 16]), "institution": "1310112345", "institution_name": "シカク診療所",
        "origin": "https://shikaku.example", "phase": phase, "phase_since": 0, "test": false, "visual": false,
        "history": false, "staff": ["受付 一郎"], "idle_lock_seconds": 300,
        "limits": Limits { checks_per_minute: 30, burst: 10, visual_per_minute: 6, open_challenges: 4 },
        "minimum_app_version": "0.1.0", "notices": [{ "id": "1", "text": "お知らせです。" }],
        "service_keys": [], "test_anchors": [],
    });
    Box::new(serde_json::from_value(json).unwrap())
}

fn terms(version: u32) -> Terms {
    Terms::new(version, "規約")
}

fn home() -> Flow {
    home_in(Phase::Live)
}

fn home_in(phase: Phase) -> Flow {
    let mut flow = Flow::new(Device::Registered { settings: settings(phase), unsent: None }, NOW).0;
    flow.handle(Event::ChallengesReady, NOW);
    flow
}

fn pin() -> Event {
    Event::PinTyped(Pin::new(b"8067").map_err(|_| PinError::Length))
}

/// A check that waits for the card, and its ticket.
fn holding() -> (Flow, Ticket) {
    let mut flow = home();
    flow.handle(Event::StartCheck { staff: Some("受付 一郎".to_owned()), consent: Consent::None }, NOW);
    let ticket = tap(&mut flow).0;
    (flow, ticket)
}

/// Types a PIN, with challenges at hand, and returns what the tap is begun with.
fn tap(flow: &mut Flow) -> (Ticket, Consent) {
    flow.handle(Event::ChallengesReady, NOW);
    match flow.handle(pin(), NOW).pop() {
        Some(Effect::Tap { ticket, consent, .. }) => (ticket, consent),
        other => panic!("no tap but {other:?}"),
    }
}

/// A check that the card has signed.
fn sending() -> (Flow, Ticket) {
    let (mut flow, ticket) = holding();
    flow.handle(Event::TapSigned { ticket }, NOW);
    (flow, ticket)
}

fn ended(ticket: Ticket, cause: Cause) -> Event {
    let strategy = Strategy::DEFAULT;
    Event::TapEnded { ticket, end: TapEnd { cause, tries: None, closing: Closing::NotNeeded, strategy } }
}

fn answered(ticket: Ticket, answer: Answer) -> Event {
    let outcome = CheckOutcome::Answered(Box::new(VerifiedAnswer::sample(answer)));
    Event::Sent { ticket, outcome, until: UNTIL }
}

fn problem(code: Code, retry: Retry) -> Refusal {
    Refusal::Problem { problem: Box::new(Problem::new(code, 403, retry)), created: NOW }
}

fn refused(ticket: Ticket, code: Code) -> Event {
    Event::Sent { ticket, outcome: CheckOutcome::Refused(problem(code, Retry::No)), until: UNTIL }
}

fn kept(ticket: Ticket) -> Event {
    Event::Sent { ticket, outcome: CheckOutcome::Keep(Refusal::InTheWay), until: UNTIL }
}

/// Everything that a flow holds, but for the number of the last ticket and the time.
fn inside(flow: &Flow) -> String {
    let Flow { state, settings, trouble, staff, chip_name, .. } = flow;
    format!("{state:?} {settings:?} {trouble:?} {staff:?} {chip_name:?}")
}

#[test]
fn a_good_check_goes_from_pin_to_card_to_answer_to_the_next_person() {
    let mut flow = home();
    let effects =
        flow.handle(Event::StartCheck { staff: Some("受付 一郎".to_owned()), consent: Consent::None }, NOW);
    assert!(matches!(effects[..], [Effect::FetchChallenges]), "the pool is filled before the card comes");
    assert_eq!(flow.screen().view, View::Pin { tries: None, problem: None });
    let (ticket, consent) = tap(&mut flow);
    assert_eq!(consent, Consent::None);
    flow.handle(Event::TapStage { ticket, stage: Stage::Counter, tries: Some(3) }, NOW);
    assert_eq!(flow.screen().view, View::Hold { stage: Some(Stage::Counter), tries: Some(3) });
    let effects = flow.handle(Event::TapSigned { ticket }, NOW);
    assert!(matches!(&effects[..], [Effect::Send { staff: Some(staff), .. }] if staff == "受付 一郎"));
    assert_eq!(flow.screen().view, View::Sending);
    flow.handle(answered(ticket, samples::valid()), NOW);
    let screen = flow.screen();
    assert!(matches!(screen.view, View::Answer { sheet, .. } if sheet.tone == Tone::Good));
    assert!(matches!(flow.handle(Event::Export(ExportForm::Text), NOW)[..], [Effect::Export { .. }]));
    let effects = flow.handle(Event::NextPerson, NOW);
    assert!(matches!(effects[..], [Effect::WipePerson]));
    assert!(flow.answer().is_none());
}

#[test]
fn a_malformed_pin_reaches_no_card() {
    let mut flow = home();
    flow.handle(Event::StartCheck { staff: None, consent: Consent::None }, NOW);
    flow.handle(Event::ChallengesReady, NOW);
    let effects = flow.handle(Event::PinTyped(Err(PinError::Length)), NOW);
    assert!(effects.is_empty());
    assert_eq!(flow.screen().view, View::Pin { tries: None, problem: Some(Code::PinForm) });
}

#[test]
fn a_pin_passes_through_and_is_never_inside() {
    let mut flow = home();
    flow.handle(Event::StartCheck { staff: None, consent: Consent::None }, NOW);
    for typed_early in [true, false] {
        let effects = flow.handle(pin(), NOW);
        assert!(!inside(&flow).contains("Pin(") && !format!("{effects:?} {flow:?}").contains("8067"));
        assert_eq!(effects.is_empty(), typed_early);
        flow.handle(Event::ChallengesReady, NOW);
    }
}

#[test]
fn a_tap_waits_until_the_challenges_are_there_or_cannot_be_had() {
    for answered in [|| Event::ChallengesReady, || Event::ServiceFailed(Code::NetworkUnreachable)] {
        let mut flow = home();
        flow.handle(Event::StartCheck { staff: None, consent: Consent::None }, NOW);
        assert_eq!(flow.screen().actions, [Action::Cancel, Action::Lock]);
        assert!(
            flow.handle(pin(), NOW).is_empty(),
            "filling the pool would retire the challenge of this tap"
        );
        assert_eq!(flow.screen().view, View::Pin { tries: None, problem: None });
        flow.handle(answered(), NOW);
        assert_eq!(flow.screen().actions, [Action::TypePin, Action::Cancel, Action::Lock]);
        assert!(matches!(flow.handle(pin(), NOW)[..], [Effect::Tap { .. }]));
    }
}

#[test]
fn a_check_that_begins_during_a_fetch_waits_for_that_one_and_begins_no_other() {
    let device = Device::Registered { settings: settings(Phase::Live), unsent: None };
    let (mut flow, effects) = Flow::new(device, NOW);
    assert!(matches!(effects[..], [Effect::FetchChallenges]));
    assert!(flow.handle(Event::StartCheck { staff: None, consent: Consent::None }, NOW).is_empty());
    assert!(flow.handle(pin(), NOW).is_empty());
    flow.handle(Event::ChallengesReady, NOW);
    assert!(matches!(flow.handle(pin(), NOW)[..], [Effect::Tap { .. }]));
    let ticket = Ticket(flow.last_ticket);
    flow.handle(ended(ticket, Cause::Fault(Fault::TagLost)), NOW);
    assert!(matches!(flow.handle(Event::TapAgain, NOW)[..], [Effect::FetchChallenges]));
    assert!(flow.handle(pin(), NOW).is_empty(), "nor does the next tap of this person");
}

#[test]
fn two_tries_left_are_told_before_the_next_tap_which_knows_it() {
    for cause in [Cause::WarnNeeded, Cause::PinWrong { left: Some(2) }] {
        let (mut flow, ticket) = holding();
        flow.handle(ended(ticket, cause), NOW);
        assert_eq!(flow.screen().view, View::Warn { tries: 2, code: cause.code() });
        assert!(flow.handle(pin(), NOW).is_empty(), "no PIN before the patient was told");
        flow.handle(Event::Understood, NOW);
        assert_eq!(tap(&mut flow).1, Consent::Warned);
    }
}

#[test]
fn the_last_try_wants_consent_for_this_card() {
    let (mut flow, ticket) = holding();
    flow.handle(ended(ticket, Cause::ConsentNeeded { certificate_sha256: [7; 32] }), NOW);
    assert_eq!(flow.screen().view, View::Consent { mode: Mode::Pin, code: Code::PinConsentNeeded });
    assert!(flow.handle(pin(), NOW).is_empty());
    assert!(flow.handle(Event::TapAgain, NOW).is_empty());
    flow.handle(Event::Agreed, NOW);
    assert_eq!(tap(&mut flow).1, Consent::LastTry { certificate_sha256: [7; 32] });
}

#[test]
fn consent_holds_over_a_card_that_slipped_and_not_over_another_card_or_a_lost_answer() {
    let lost = Cause::Fault(Fault::TagLost);
    for (cause, expected) in [
        (lost, Consent::Warned),
        (Cause::CardChanged, Consent::None),
        (Cause::PinUnknown(Fault::TagLost), Consent::None),
    ] {
        let (mut flow, ticket) = holding();
        flow.handle(ended(ticket, Cause::WarnNeeded), NOW);
        flow.handle(Event::Understood, NOW);
        let (ticket, _) = tap(&mut flow);
        flow.handle(ended(ticket, cause), NOW);
        flow.handle(Event::TapAgain, NOW);
        assert_eq!(tap(&mut flow).1, expected, "{cause:?}");
    }
}

#[test]
fn a_blocked_pin_is_not_tried_again() {
    for cause in [Cause::Blocked, Cause::BlockedNow, Cause::LastTryOnPhone] {
        let (mut flow, ticket) = holding();
        flow.handle(ended(ticket, cause), NOW);
        let screen = flow.screen();
        assert_eq!(screen.view, View::Problem { code: cause.code(), tries: None });
        assert!(!screen.actions.contains(&Action::TapAgain));
        flow.handle(Event::TapAgain, NOW);
        assert_eq!(flow.screen(), screen);
    }
}

#[test]
fn what_the_service_takes_only_later_is_sent_again_when_the_seconds_on_the_screen_are_over() {
    let (mut flow, ticket) = sending();
    let mut slowed = Problem::new(Code::TooManyRequests, 429, Retry::Same);
    slowed.retry_after = Some(10);
    let refusal = Refusal::Problem { problem: Box::new(slowed), created: NOW };
    flow.handle(Event::Sent { ticket, outcome: CheckOutcome::Keep(refusal), until: UNTIL }, NOW.plus(1));
    for (later, wait) in [(1, 9), (5, 5), (9, 1)] {
        flow.handle(Event::Tick, NOW.plus(later));
        let Screen { view, actions, .. } = flow.screen();
        assert_eq!(view, View::Kept { until: UNTIL, code: Code::TooManyRequests, wait });
        assert_eq!(actions, [Action::Cancel]);
        assert!(flow.handle(Event::SendAgain, NOW.plus(later)).is_empty());
    }
    flow.handle(Event::Tick, NOW.plus(10));
    assert_eq!(flow.screen().actions, [Action::SendAgain, Action::Cancel]);
    assert!(matches!(flow.handle(Event::SendAgain, NOW.plus(10))[..], [Effect::SendAgain(_)]));
}

#[test]
fn what_is_not_sent_is_kept_and_sent_again_while_its_challenge_lives() {
    let (mut flow, ticket) = sending();
    flow.handle(kept(ticket), NOW);
    assert_eq!(flow.screen().view, View::Kept { until: UNTIL, code: Code::NetworkInTheWay, wait: 0 });
    assert!(flow.handle(Event::Tick, UNTIL.minus(1)).is_empty());
    assert!(matches!(flow.handle(Event::SendAgain, NOW)[..], [Effect::SendAgain(again)] if again == ticket));
    flow.handle(Event::NotSent { ticket, code: Code::NetworkUnreachable, until: UNTIL }, NOW);
    let effects = flow.handle(Event::Tick, UNTIL);
    assert!(matches!(effects[..], [Effect::Forget(dead)] if dead == ticket));
    assert_eq!(flow.screen().view, View::Problem { code: Code::ChallengeExpired, tries: None });
    assert!(flow.screen().actions.contains(&Action::TapAgain));
}

#[test]
fn what_comes_back_after_the_challenge_has_ended_is_not_kept() {
    let (mut flow, ticket) = sending();
    flow.handle(kept(ticket), UNTIL);
    assert_eq!(flow.screen().view, View::Problem { code: Code::ChallengeExpired, tries: None });
}

#[test]
fn a_sealed_check_is_sent_when_the_device_starts_again() {
    let device = |until| Device::Registered { settings: settings(Phase::Live), unsent: Some(until) };
    let (mut flow, effects) = Flow::new(device(UNTIL), NOW);
    let [Effect::SendAgain(ticket)] = effects[..] else { panic!("not sent") };
    flow.handle(answered(ticket, samples::valid()), NOW);
    assert!(flow.answer().is_some());
    let (flow, effects) = Flow::new(device(NOW), NOW);
    assert!(matches!(effects[..], [Effect::Forget(_), Effect::FetchChallenges]));
    assert!(matches!(flow.screen().view, View::Home { .. }));
}

#[test]
fn staff_choose_among_several_and_nothing_is_chosen_for_them() {
    let (mut flow, ticket) = sending();
    flow.handle(answered(ticket, samples::multiple()), NOW);
    let screen = flow.screen();
    assert_eq!(screen.actions[0], Action::Choose);
    assert!(matches!(screen.view, View::Answer { chosen: None, .. }));
    flow.handle(Event::Chosen(2), NOW);
    assert!(matches!(flow.screen().view, View::Answer { chosen: None, .. }), "there is no third");
    flow.handle(Event::Chosen(1), NOW);
    let effects = flow.handle(Event::Export(ExportForm::Text), NOW);
    assert!(matches!(effects[..], [Effect::Export { chosen: Some(1), .. }]));
}

#[test]
fn an_operational_test_is_marked_on_every_screen() {
    let mut flow = home_in(Phase::Test);
    assert_eq!(flow.screen().marking, Some("運用テスト（参考情報）"));
    flow.handle(Event::StartCheck { staff: None, consent: Consent::None }, NOW);
    assert!(flow.screen().marking.is_some());
    let (ticket, _) = tap(&mut flow);
    flow.handle(Event::TapSigned { ticket }, NOW);
    flow.handle(answered(ticket, samples::in_test_phase()), NOW);
    let screen = flow.screen();
    assert!(screen.marking.is_some());
    assert!(matches!(screen.view, View::Answer { sheet, .. } if sheet.tone == Tone::Reference));
    flow.handle(Event::SettingsChanged(settings(Phase::Live)), NOW);
    assert!(flow.screen().marking.is_some(), "the answer on the screen stays marked");
    flow.handle(Event::NextPerson, NOW);
    assert_eq!(flow.screen().marking, None, "live without a new registration");
}

#[test]
fn nothing_of_one_person_is_in_the_next() {
    let fresh = {
        let mut flow = home();
        flow.handle(Event::StartCheck { staff: None, consent: Consent::None }, NOW);
        inside(&flow)
    };
    let ends: [fn(&mut Flow, Ticket); 7] = [
        |flow, ticket| drop(flow.handle(answered(ticket, samples::multiple()), NOW)),
        |flow, ticket| drop(flow.handle(refused(ticket, Code::CertificateRevoked), NOW)),
        |flow, ticket| drop(flow.handle(kept(ticket), NOW)),
        |flow, ticket| drop(flow.handle(Event::CheckFailed { ticket, code: Code::CardSignatureWrong }, NOW)),
        |flow, ticket| {
            flow.handle(answered(ticket, samples::multiple()), NOW);
            flow.handle(Event::Chosen(0), NOW);
        },
        |flow, ticket| {
            flow.handle(refused(ticket, Code::ChallengeExpired), NOW);
            flow.handle(Event::TapAgain, NOW);
            let (ticket, _) = tap(flow);
            flow.handle(ended(ticket, Cause::ConsentNeeded { certificate_sha256: [7; 32] }), NOW);
            flow.handle(Event::Agreed, NOW);
        },
        |flow, ticket| {
            flow.handle(refused(ticket, Code::ChallengeExpired), NOW);
            flow.handle(Event::TapAgain, NOW);
            let (ticket, _) = tap(flow);
            flow.handle(ended(ticket, Cause::WarnNeeded), NOW);
        },
    ];
    for (number, end) in ends.into_iter().enumerate() {
        let (mut flow, ticket) = sending();
        end(&mut flow, ticket);
        let leave = if flow.screen().actions.contains(&Action::NextPerson) {
            Event::NextPerson
        } else {
            Event::Cancel
        };
        let effects = flow.handle(leave, NOW);
        assert!(effects.iter().any(|effect| matches!(effect, Effect::WipePerson)), "end {number}");
        flow.handle(Event::StartCheck { staff: None, consent: Consent::None }, NOW);
        assert_eq!(inside(&flow), fresh, "end {number}");
    }
}

#[test]
fn what_comes_late_for_the_person_before_changes_nothing() {
    let (mut flow, old) = holding();
    flow.handle(Event::Cancel, NOW);
    flow.handle(Event::StartCheck { staff: None, consent: Consent::None }, NOW);
    let (new, _) = tap(&mut flow);
    assert_ne!(old, new);
    let before = inside(&flow);
    flow.handle(Event::TapStage { ticket: old, stage: Stage::Pin, tries: Some(1) }, NOW);
    flow.handle(Event::TapSigned { ticket: old }, NOW);
    flow.handle(ended(old, Cause::BlockedNow), NOW);
    flow.handle(answered(old, samples::valid()), NOW);
    assert_eq!(inside(&flow), before);
    flow.handle(Event::TapSigned { ticket: new }, NOW);
    flow.handle(answered(old, samples::valid()), NOW);
    assert_eq!(flow.screen().view, View::Sending, "the answer for somebody else is not shown");
}

/// The action that an event of staff or patient belongs to; none for what card, service and clock do.
fn action_of(event: &Event) -> Option<Action> {
    match event {
        Event::StartCheck { .. } => Some(Action::StartCheck),
        Event::PinTyped(_) => Some(Action::TypePin),
        Event::Understood => Some(Action::Understand),
        Event::Agreed => Some(Action::Agree),
        Event::Cancel => Some(Action::Cancel),
        Event::TapAgain => Some(Action::TapAgain),
        Event::SendAgain => Some(Action::SendAgain),
        Event::Chosen(_) => Some(Action::Choose),
        Event::NextPerson => Some(Action::NextPerson),
        Event::Lock => Some(Action::Lock),
        Event::Unlocked => Some(Action::Unlock),
        Event::AskAgain => Some(Action::AskAgain),
        Event::StartVisual { .. } => Some(Action::StartVisual),
        Event::UseVisual => Some(Action::UseVisual),
        Event::UsePin => Some(Action::UsePin),
        Event::StaffNamed(_) => Some(Action::NameStaff),
        Event::NumberTyped(_) => Some(Action::TypeNumber),
        Event::Attested => Some(Action::Attest),
        Event::NameConfirmed => Some(Action::ConfirmName),
        Event::NameDenied => Some(Action::DenyName),
        _ => None,
    }
}

/// Any event but a signed answer, by number.
fn any_event(number: u8, ticket: Ticket) -> Event {
    match number % 40 {
        0 => Event::StartCheck { staff: None, consent: Consent::None },
        1 => pin(),
        2 => Event::Understood,
        3 => Event::Agreed,
        4 => Event::Cancel,
        5 => Event::TapAgain,
        6 => Event::SendAgain,
        7 => Event::Chosen(0),
        8 => Event::NextPerson,
        9 => Event::TapSigned { ticket },
        10 => ended(ticket, Cause::WarnNeeded),
        11 => ended(ticket, Cause::ConsentNeeded { certificate_sha256: [7; 32] }),
        12 => ended(ticket, Cause::PinWrong { left: Some(1) }),
        13 => kept(ticket),
        14 => refused(ticket, Code::ChallengeUsed),
        15 => Event::NotSent { ticket, code: Code::NetworkUnreachable, until: UNTIL },
        16 => Event::Tick,
        17 => Event::Lock,
        18 => Event::Unlocked,
        19 => Event::AskAgain,
        20 => refused(ticket, Code::DeviceSuspended),
        21 => Event::ChallengesReady,
        22 => Event::ServiceFailed(Code::NetworkUnreachable),
        23 => Event::StartVisual { staff: Some("受付 一郎".to_owned()), consent: Consent::None },
        24 => Event::StartVisual { staff: None, consent: Consent::None },
        25 => Event::UseVisual,
        26 => Event::UsePin,
        27 => Event::StaffNamed("受付 二郎".to_owned()),
        28 => Event::StaffNamed(" ".to_owned()),
        29 => visual::number(),
        30 => visual::proven(ticket, None),
        31 => visual::proven(ticket, Some("資格 太郎")),
        32 => visual::ended(ticket, VisualCause::Wrong { left: Some(2) }),
        33 => visual::ended(ticket, VisualCause::ConsentNeeded { certificate_sha256: [7; 32] }),
        34 => visual::ended(ticket, VisualCause::Blocked),
        35 => Event::Attested,
        36 => visual::named(ticket, "資格\u{3000}太郎"),
        37 => Event::NameConfirmed,
        38 => Event::NameDenied,
        _ => Event::CheckFailed { ticket, code: Code::ChallengesExhausted },
    }
}

proptest! {
    #[test]
    fn whatever_happens_only_what_is_offered_has_an_effect_and_nothing_unsigned_is_shown(numbers in proptest::collection::vec((any::<u8>(), 0_u64..4), 0..60)) {
        let (mut flow, mut fetching) = (visual::home(), false);
        for (number, ticket) in numbers {
            let ticket = if ticket == 0 { Ticket(flow.last_ticket) } else { Ticket(ticket) };
            let told = matches!(flow.state, State::Person(Person::Asking { .. }));
            let event = any_event(number, ticket);
            let offered = action_of(&event).is_none_or(|action| flow.screen().actions.contains(&action));
            let before = inside(&flow);
            fetching &= !matches!(event, Event::ChallengesReady | Event::ServiceFailed(_));
            let effects = flow.handle(event, NOW);
            prop_assert!(offered || (effects.is_empty() && inside(&flow) == before), "not offered, but it did something");
            prop_assert!(flow.answer().is_none());
            for effect in &effects {
                // A PIN goes out only to a tap, and never from the question for the last try.
                let is_tap = matches!(effect, Effect::Tap { .. } | Effect::TapVisual { .. });
                prop_assert!(!told || !is_tap);
                // Nor while the pool is being filled, which is done once at a time and never during a tap.
                let is_fetch = matches!(effect, Effect::FetchChallenges);
                prop_assert!(!fetching || !(is_tap || is_fetch));
                let is_held = matches!(flow.state, State::Person(Person::Holding { .. }));
                prop_assert!(!is_fetch || !is_held);
                fetching |= is_fetch;
            }
            let screen = flow.screen();
            let is_answer = matches!(screen.view, View::Answer { .. });
            prop_assert!(!is_answer);
            prop_assert!(!screen.actions.is_empty() || screen.view == View::Sending);
            // The name in the chip goes once it was compared, and with its person.
            prop_assert!(flow.chip_name.is_none() || flow.is_before_the_name());
        }
    }
}
