//! The device's own way: terms, registration, suspension, lock.

use super::*;

#[test]
fn a_new_device_shows_the_terms_then_asks_for_settings_then_registers() {
    let (mut flow, effects) = Flow::new(Device::New(terms(1)), NOW);
    assert!(effects.is_empty());
    assert_eq!(flow.screen().view, View::Terms { version: 1, text: "規約".to_owned() });
    assert!(flow.handle(Event::SettingsGiven, NOW).is_empty(), "no settings before the terms");
    flow.handle(Event::TermsAgreed, NOW);
    assert_eq!(flow.screen().view, View::Settings { problem: None });
    flow.handle(Event::SettingsRefused(Code::SettingsSignature), NOW);
    assert_eq!(flow.screen().view, View::Settings { problem: Some(Code::SettingsSignature) });
    assert!(matches!(flow.handle(Event::SettingsGiven, NOW)[..], [Effect::Register]));
    assert_eq!(flow.screen().view, View::Registering);
    let effects = flow.handle(Event::Registered(settings(Phase::Live)), NOW);
    assert!(matches!(effects[..], [Effect::FetchChallenges]));
    assert!(matches!(flow.screen().view, View::Home { institution, .. } if institution == "シカク診療所"));
}

#[test]
fn newer_terms_are_agreed_to_before_the_registration_goes_on() {
    let (mut flow, _) = Flow::new(Device::New(terms(1)), NOW);
    flow.handle(Event::TermsAgreed, NOW);
    flow.handle(Event::SettingsGiven, NOW);
    flow.handle(Event::NewTerms(terms(2)), NOW);
    assert_eq!(flow.screen().view, View::Terms { version: 2, text: "規約".to_owned() });
}

#[test]
fn a_suspended_device_stops_and_works_again_when_the_service_deals_with_it() {
    let (mut flow, ticket) = sending();
    let effects = flow.handle(refused(ticket, Code::DeviceSuspended), NOW);
    assert!(matches!(effects[..], [Effect::Forget(_), Effect::WipePerson]));
    assert_eq!(flow.screen().view, View::Stopped(Code::DeviceSuspended));
    assert!(flow.handle(Event::StartCheck { staff: None, consent: Consent::None }, NOW).is_empty());
    assert_eq!(flow.screen().actions, [Action::AskAgain, Action::Lock]);
    assert!(matches!(flow.handle(Event::AskAgain, NOW)[..], [Effect::FetchChallenges]));
    flow.handle(Event::ChallengesReady, NOW);
    assert!(matches!(flow.screen().view, View::Home { .. }));
}

#[test]
fn a_suspension_that_is_lifted_opens_no_lock() {
    let locks: [fn(&mut Flow); 3] = [
        |flow| {
            flow.handle(Event::Lock, NOW);
            flow.handle(Event::ServiceFailed(Code::DeviceSuspended), NOW);
        },
        |flow| {
            flow.handle(Event::ServiceFailed(Code::DeviceSuspended), NOW);
            flow.handle(Event::Tick, NOW.plus(300));
        },
        |flow| {
            flow.handle(Event::Lock, NOW);
            flow.handle(Event::ServiceFailed(Code::DeviceSuspended), NOW);
            flow.handle(Event::ServiceFailed(Code::DeviceSuspended), NOW);
        },
    ];
    for lock in locks {
        let mut flow = home();
        lock(&mut flow);
        assert!(matches!(flow.screen().view, View::Stopped(_)));
        flow.handle(Event::AskAgain, NOW.plus(301));
        flow.handle(Event::ChallengesReady, NOW.plus(301));
        assert_eq!(flow.screen().view, View::Locked);
    }
}

#[test]
fn a_revoked_device_and_one_of_an_ended_institution_wipe_themselves_and_begin_with_the_terms() {
    for code in [Code::DeviceRevoked, Code::InstitutionEnded] {
        let (mut flow, ticket) = sending();
        let effects = flow.handle(refused(ticket, code), NOW);
        assert!(matches!(effects[..], [Effect::Forget(_), Effect::WipePerson, Effect::WipeDevice]));
        flow.handle(Event::ChallengesReady, NOW);
        assert_eq!(flow.screen().view, View::Stopped(code));
        assert!(matches!(flow.handle(Event::RegisterAgain, NOW)[..], [Effect::LoadTerms]));
        flow.handle(Event::NewTerms(terms(3)), NOW);
        assert!(matches!(flow.screen().view, View::Terms { version: 3, .. }));
    }
}

#[test]
fn what_comes_late_for_a_wiped_device_brings_it_back_to_nothing() {
    let mut flow = home();
    flow.handle(Event::ServiceFailed(Code::DeviceRevoked), NOW);
    for late in [Code::DeviceSuspended, Code::DeviceRevoked] {
        assert!(flow.handle(Event::ServiceFailed(late), NOW).is_empty(), "wiped once");
        flow.handle(Event::ChallengesReady, NOW);
        assert_eq!(flow.screen().view, View::Stopped(Code::DeviceRevoked));
    }
    flow.handle(Event::NewTerms(terms(3)), NOW);
    flow.handle(Event::ServiceFailed(Code::DeviceRevoked), NOW);
    assert!(matches!(flow.screen().view, View::Terms { .. }));
}

#[test]
fn what_is_not_signed_stops_nothing() {
    let (mut flow, ticket) = sending();
    flow.handle(kept(ticket), NOW);
    assert!(matches!(flow.screen().view, View::Kept { .. }));
    flow.handle(Event::Cancel, NOW);
    flow.handle(Event::ServiceFailed(Code::NetworkInTheWay), NOW);
    assert!(matches!(flow.screen().view, View::Home { trouble: Some(Code::NetworkInTheWay), .. }));
}

#[test]
fn a_service_that_is_down_is_told_at_home_until_it_answers() {
    let mut flow = home();
    flow.handle(Event::ServiceFailed(Code::ServiceDown), NOW);
    let View::Home { trouble: Some(code), .. } = flow.screen().view else { panic!("not told") };
    assert!(code.guide().remedy_ja.contains("資格確認書"), "the procedure on paper");
    flow.handle(Event::ChallengesReady, NOW);
    assert!(matches!(flow.screen().view, View::Home { trouble: None, .. }));
}

#[test]
fn nobody_there_locks_the_screen_and_nothing_stays_behind_the_lock() {
    let (mut flow, ticket) = sending();
    flow.handle(answered(ticket, samples::valid()), NOW);
    assert!(flow.handle(Event::Tick, NOW.plus(299)).is_empty());
    flow.handle(Event::Touched, NOW.plus(299));
    assert!(flow.handle(Event::Tick, NOW.plus(598)).is_empty());
    let effects = flow.handle(Event::Tick, NOW.plus(599));
    assert!(matches!(effects[..], [Effect::WipePerson]));
    assert_eq!(flow.screen().view, View::Locked);
    assert!(flow.answer().is_none());
    assert!(flow.handle(Event::StartCheck { staff: None, consent: Consent::None }, NOW).is_empty());
    flow.handle(Event::Unlocked, NOW.plus(700));
    assert!(matches!(flow.screen().view, View::Home { .. }));
}

#[test]
fn a_tap_at_work_is_not_locked_away() {
    let (mut flow, _) = holding();
    assert!(flow.handle(Event::Tick, NOW.plus(10_000)).is_empty());
    assert!(matches!(flow.screen().view, View::Hold { .. }));
}
