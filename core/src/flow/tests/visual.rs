//! The rules of a visual check.

use zeroize::Zeroizing;

use super::*;
use crate::check::NamedCheck;
use crate::secret::PrintedError;
use crate::tap::{PrintedNumber, VisualEnd};

/// A device of an institution that may check visually.
pub(super) fn home() -> Flow {
    let mut settings = settings(Phase::Live);
    settings.visual = true;
    let mut flow = Flow::new(Device::Registered { settings, unsent: None }, NOW).0;
    flow.handle(Event::ChallengesReady, NOW);
    flow
}

pub(super) fn number() -> Event {
    let today = crate::identifier::Date::of(NOW);
    Event::NumberTyped(PrintedNumber::new(b"550102", today))
}

pub(super) fn proven(ticket: Ticket, name: Option<&str>) -> Event {
    let name = name.map(|name| Zeroizing::new(name.to_owned()));
    let photo = Ok(name.is_some());
    Event::TapProven { ticket, name, photo }
}

pub(super) fn ended(ticket: Ticket, cause: VisualCause) -> Event {
    let (closing, strategy) = (Closing::NotNeeded, Strategy::DEFAULT);
    Event::VisualEnded { ticket, end: VisualEnd { cause, tries: None, closing, strategy } }
}

pub(super) fn named(ticket: Ticket, name: &str) -> Event {
    let outcome = CheckOutcome::NameToConfirm(Box::new(NamedCheck::sample(name, UNTIL)));
    Event::Sent { ticket, outcome, until: UNTIL }
}

fn begun() -> Flow {
    let mut flow = home();
    flow.handle(Event::StartVisual { staff: Some("受付 一郎".to_owned()), consent: Consent::None }, NOW);
    flow
}

/// Types a number, with challenges at hand, and returns what the tap is begun with.
fn tap(flow: &mut Flow) -> (Ticket, Consent) {
    flow.handle(Event::ChallengesReady, NOW);
    match flow.handle(number(), NOW).pop() {
        Some(Effect::TapVisual { ticket, consent, .. }) => (ticket, consent),
        other => panic!("no tap but {other:?}"),
    }
}

/// A check whose name is on the screen, with the name that the chip said.
fn naming(in_chip: Option<&str>, in_registry: &str) -> (Flow, Ticket) {
    let mut flow = begun();
    let (ticket, _) = tap(&mut flow);
    flow.handle(proven(ticket, in_chip), NOW);
    flow.handle(Event::Attested, NOW);
    flow.handle(named(ticket, in_registry), NOW);
    (flow, ticket)
}

fn differs(in_chip: &str, in_registry: &str) -> bool {
    match naming(Some(in_chip), in_registry).0.screen().view {
        View::Name { differs, .. } => differs == Some(Code::SurfaceName),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_visual_check_goes_from_number_to_card_to_photo_to_name_to_answer() {
    let mut flow = begun();
    assert_eq!(flow.screen().view, View::Number { tries: None, problem: None });
    let (ticket, consent) = tap(&mut flow);
    assert_eq!(consent, Consent::None);
    flow.handle(proven(ticket, Some("資格 太郎")), NOW);
    assert_eq!(flow.screen().view, View::Look { photo: true, problem: None });
    let effects = flow.handle(Event::Attested, NOW);
    assert!(
        matches!(&effects[..], [Effect::WipeSeen, Effect::Send { staff: Some(staff), .. }] if staff == "受付 一郎")
    );
    flow.handle(named(ticket, "資格\u{3000}太郎"), NOW);
    let View::Name { name, differs: None, until: UNTIL } = flow.screen().view else { panic!() };
    assert_eq!(name, "資格\u{3000}太郎");
    assert!(flow.answer().is_none() && flow.chip_name.is_none());
    let effects = flow.handle(Event::NameConfirmed, NOW);
    assert!(matches!(&effects[..], [Effect::SendNamed { confirmed: true, .. }]));
    assert_eq!(flow.screen().view, View::Sending);
    flow.handle(answered(ticket, samples::valid()), NOW);
    assert!(matches!(flow.screen().view, View::Answer { .. }));
}

#[test]
fn nobody_is_checked_visually_where_it_is_switched_off() {
    let mut flow = super::home();
    assert!(!flow.screen().actions.contains(&Action::StartVisual));
    flow.handle(Event::StartVisual { staff: Some("受付".to_owned()), consent: Consent::None }, NOW);
    assert!(matches!(flow.screen().view, View::Home { visual: false, .. }));
    flow.handle(Event::StartCheck { staff: None, consent: Consent::None }, NOW);
    flow.handle(Event::UseVisual, NOW);
    assert!(matches!(flow.screen().view, View::Pin { .. }));
}

#[test]
fn who_does_it_is_asked_for_unless_it_was_said() {
    let mut flow = home();
    flow.handle(Event::StartVisual { staff: None, consent: Consent::None }, NOW);
    assert_eq!(flow.screen().view, View::Staff { staff: vec!["受付 一郎".to_owned()] });
    flow.handle(Event::StaffNamed("\u{3000}".to_owned()), NOW);
    assert!(matches!(flow.screen().view, View::Staff { .. }), "nobody is no name");
    flow.handle(Event::StaffNamed("受付 一郎".to_owned()), NOW);
    assert!(matches!(flow.screen().view, View::Number { .. }));
}

#[test]
fn a_locked_pin_leads_to_the_visual_check_first() {
    for code in [Cause::Blocked, Cause::BlockedNow] {
        let mut flow = home();
        flow.handle(Event::StartCheck { staff: Some("受付 一郎".to_owned()), consent: Consent::None }, NOW);
        let (ticket, _) = super::tap(&mut flow);
        flow.handle(super::ended(ticket, code), NOW);
        assert_eq!(flow.screen().actions[..2], [Action::UseVisual, Action::NextPerson]);
        flow.handle(Event::UseVisual, NOW);
        assert!(matches!(flow.screen().view, View::Number { .. }));
    }
}

#[test]
fn the_way_can_be_changed_at_any_time_before_the_card_and_never_after() {
    let mut flow = home();
    flow.handle(Event::StartCheck { staff: Some("受付 一郎".to_owned()), consent: Consent::None }, NOW);
    for event in [Event::UseVisual, Event::UsePin, Event::UseVisual] {
        flow.handle(event, NOW);
    }
    assert!(matches!(flow.screen().view, View::Number { .. }));
    let (ticket, _) = tap(&mut flow);
    flow.handle(Event::UsePin, NOW);
    assert!(matches!(flow.screen().view, View::Hold { .. }));
    flow.handle(proven(ticket, None), NOW);
    flow.handle(Event::UsePin, NOW);
    assert!(matches!(flow.screen().view, View::Look { .. }));
}

#[test]
fn a_certificate_that_is_refused_is_refused_visually_too() {
    let mut flow = home();
    flow.handle(Event::StartCheck { staff: Some("受付 一郎".to_owned()), consent: Consent::None }, NOW);
    let (ticket, _) = super::tap(&mut flow);
    flow.handle(Event::TapSigned { ticket }, NOW);
    flow.handle(refused(ticket, Code::CertificateRevoked), NOW);
    assert!(!flow.screen().actions.contains(&Action::UseVisual));
}

#[test]
fn consent_to_a_try_of_the_pin_is_none_to_one_of_the_printed_number() {
    let mut flow = home();
    flow.handle(Event::StartCheck { staff: Some("受付 一郎".to_owned()), consent: Consent::Warned }, NOW);
    flow.handle(Event::UseVisual, NOW);
    let (ticket, consent) = tap(&mut flow);
    assert_eq!(consent, Consent::None);
    flow.handle(ended(ticket, VisualCause::ConsentNeeded { certificate_sha256: [9; 32] }), NOW);
    let code = Code::PrintedConsentNeeded;
    assert_eq!(flow.screen().view, View::Consent { mode: Mode::Visual, code });
    flow.handle(Event::Agreed, NOW);
    assert_eq!(flow.screen().view, View::Number { tries: Some(1), problem: None });
    assert_eq!(tap(&mut flow).1, Consent::LastTry { certificate_sha256: [9; 32] });
    flow.handle(Event::Cancel, NOW);
    flow.handle(Event::StartCheck { staff: None, consent: Consent::None }, NOW);
    assert_eq!(super::tap(&mut flow).1, Consent::None);
}

#[test]
fn a_wrong_number_is_warned_of_and_asked_for_again() {
    let mut flow = begun();
    let (ticket, _) = tap(&mut flow);
    flow.handle(ended(ticket, VisualCause::Wrong { left: Some(2) }), NOW);
    assert_eq!(flow.screen().view, View::Warn { tries: 2, code: Code::PrintedWrong });
    flow.handle(Event::Understood, NOW);
    assert_eq!(tap(&mut flow).1, Consent::Warned);
    flow.handle(Event::Cancel, NOW);
    assert!(matches!(flow.screen().view, View::Home { .. }));
}

#[test]
fn what_is_no_number_reaches_no_card_and_a_pin_is_none() {
    let mut flow = begun();
    flow.handle(Event::ChallengesReady, NOW);
    assert!(flow.handle(Event::NumberTyped(Err(PrintedError::NoBirthDate)), NOW).is_empty());
    assert_eq!(flow.screen().view, View::Number { tries: None, problem: Some(Code::PrintedForm) });
    assert!(flow.handle(pin(), NOW).is_empty(), "a PIN is not for the visual check");
    flow.handle(Event::UsePin, NOW);
    flow.handle(Event::ChallengesReady, NOW);
    assert!(flow.handle(number(), NOW).is_empty(), "nor a printed number for the PIN");
}

#[test]
fn nothing_is_sent_of_a_person_whom_the_photo_does_not_show() {
    let mut flow = begun();
    let (ticket, _) = tap(&mut flow);
    flow.handle(proven(ticket, Some("資格 太郎")), NOW);
    assert!(matches!(flow.handle(Event::Cancel, NOW)[..], [Effect::WipePerson]));
    assert!(flow.chip_name.is_none());
    assert!(flow.handle(Event::Attested, NOW).is_empty(), "too late");
}

#[test]
fn a_name_that_is_spelled_otherwise_is_said_and_another_width_or_space_is_not() {
    assert!(!differs("資格太郎", "資格\u{3000}太郎"));
    assert!(!differs("ＳＭＩＴＨ　ＡＮＮ", "SMITH ANN"));
    assert!(differs("資格太郎", "鈴木 一郎"));
    assert!(differs("高橋花子", "髙橋 花子"), "staff see which of both is on the card");
    let (flow, _) = naming(Some("資格太郎"), "鈴木 一郎");
    assert_eq!(flow.screen().actions[..2], [Action::DenyName, Action::ConfirmName]);
}

#[test]
fn a_name_that_is_denied_is_told_to_the_service() {
    let (mut flow, ticket) = naming(None, "鈴木 一郎");
    let effects = flow.handle(Event::NameDenied, NOW);
    assert!(matches!(&effects[..], [Effect::SendNamed { confirmed: false, .. }]));
    flow.handle(refused(ticket, Code::NameDenied), NOW);
    assert!(matches!(flow.screen().view, View::Problem { code: Code::NameDenied, .. }));
    assert!(!flow.screen().actions.contains(&Action::TapAgain));
}

#[test]
fn a_name_outlives_neither_its_challenge_nor_the_lock() {
    let (mut flow, _) = naming(None, "鈴木 一郎");
    assert!(matches!(flow.handle(Event::NameConfirmed, UNTIL)[..], [Effect::Forget(_)]), "too late");
    assert!(matches!(flow.screen().view, View::Problem { code: Code::ChallengeExpired, .. }));
    let (mut flow, _) = naming(None, "鈴木 一郎");
    assert!(matches!(flow.handle(Event::Tick, UNTIL)[..], [Effect::Forget(_)]));
    let (mut flow, _) = naming(None, "鈴木 一郎");
    assert!(matches!(flow.handle(Event::Lock, NOW)[..], [Effect::Forget(_), Effect::WipePerson]));
    assert_eq!(flow.screen().view, View::Locked);
}

#[test]
fn a_first_step_that_was_kept_brings_the_name_when_it_is_sent_again() {
    let mut flow = begun();
    let (ticket, _) = tap(&mut flow);
    flow.handle(proven(ticket, Some("資格太郎")), NOW);
    flow.handle(Event::Attested, NOW);
    flow.handle(Event::NotSent { ticket, code: Code::NetworkUnreachable, until: UNTIL }, NOW);
    assert!(matches!(flow.screen().view, View::Kept { .. }));
    flow.handle(Event::SendAgain, NOW);
    flow.handle(named(ticket, "鈴木 一郎"), NOW);
    let View::Name { differs: Some(Code::SurfaceName), .. } = flow.screen().view else { panic!() };
}

#[test]
fn a_photo_that_cannot_be_shown_is_said_and_the_eye_has_the_printed_one() {
    let mut flow = begun();
    let (ticket, _) = tap(&mut flow);
    let photo = Err(Code::SurfacePhoto);
    flow.handle(Event::TapProven { ticket, name: Some(Zeroizing::new("資格太郎".to_owned())), photo }, NOW);
    assert_eq!(flow.screen().view, View::Look { photo: false, problem: Some(Code::SurfacePhoto) });
}
