//! How a device is stopped, revoked and wiped, and what is then left and not left.

use super::*;

#[test]
fn a_suspended_device_works_again_only_after_the_service_has_said_so() {
    let bench = Arc::new(Bench::default());
    let mut terminal = home(&bench);
    terminal.test_connection();
    let suspended = Failure { retires_challenges: true, ..failure(Code::DeviceSuspended) };
    reply(&mut terminal, News::Refreshed(Err(suspended.clone())));
    assert_eq!(terminal.screen().view, View::Stopped(Code::DeviceSuspended));
    assert_eq!(terminal.facts().unwrap().open_challenges, 0);
    assert!(matches!(work(&terminal.handle(Act::AskAgain)), Work::Fetch { .. }));
    reply(&mut terminal, News::Fetched(Err(suspended)));
    assert_eq!(terminal.screen().view, View::Stopped(Code::DeviceSuspended));
    assert!(!files(&bench).is_empty() && !bench.keys.lock().unwrap().is_empty());
}

#[test]
fn a_revoked_device_keeps_nothing_and_registers_anew_under_a_new_key() {
    let bench = Arc::new(Bench::default());
    let mut terminal = home(&bench);
    terminal.test_connection();
    reply(&mut terminal, News::Refreshed(Err(failure(Code::DeviceRevoked))));
    assert_eq!(terminal.screen().view, View::Stopped(Code::DeviceRevoked));
    assert!(files(&bench).is_empty() && bench.keys.lock().unwrap().is_empty());
    terminal.handle(Act::RegisterAgain);
    assert!(matches!(work(&give(&mut terminal)), Work::Register(_)));
}

#[test]
fn a_device_that_is_wiped_by_hand_keeps_nothing_and_begins_anew() {
    let bench = Arc::new(Bench::default());
    let mut terminal = home(&bench);
    assert!(matches!(terminal.wipe()[..], [Effect::WipePerson]));
    assert!(files(&bench).is_empty() && bench.keys.lock().unwrap().is_empty());
    assert!(matches!(terminal.screen().view, View::Terms { version: 1, .. }));
}

/// Everything that may be on its way when a device is wiped, and comes when the next registration is there.
#[test]
fn what_was_asked_before_a_device_was_wiped_is_no_news_to_the_next_registration() {
    let bench = Arc::new(Bench::default());
    let mut terminal = home(&bench);
    let old = terminal.epoch;
    let ticket = type_pin(&mut terminal);
    assert!(matches!(terminal.wipe()[..], [Effect::CancelTap(ended), Effect::WipePerson] if ended == ticket));
    let late = |terminal: &mut Terminal, news| terminal.reply(Reply { epoch: old, offset: None, news });
    assert!(late(&mut terminal, registered(|_| {})).is_empty());
    assert!(matches!(terminal.screen().view, View::Terms { .. }) && files(&bench).is_empty());

    assert!(matches!(work(&give(&mut terminal)), Work::Register(_)));
    bench.create("device-1", None).unwrap();
    reply(&mut terminal, registered(|_| {}));
    let (kept, key) = (files(&bench), bench.public_key("device-1"));
    let revoked = || failure(Code::DeviceRevoked);
    for news in [
        News::Rotated(Ok(())),
        News::Fetched(Err(revoked())),
        News::Refreshed(Err(revoked())),
        News::NotRegistered { failure: revoked(), terms: Some(Terms::new(9, "規約")), settings: None },
        News::Sent { ticket, until: NOW.plus(60), result: Err(revoked()) },
    ] {
        assert!(late(&mut terminal, news).is_empty());
        assert!(matches!(terminal.screen().view, View::Home { trouble: None, .. }));
    }
    assert_eq!((files(&bench), bench.public_key("device-1")), (kept, key));
    assert!(type_pin(&mut terminal).0 > ticket.0, "a ticket names one check of this device, whoever it was");
}

#[test]
fn a_fetch_that_a_wipe_overtook_keeps_nobody_from_typing_a_pin() {
    let bench = Arc::new(Bench::default());
    let mut terminal = home(&bench);
    terminal.trouble = Some(Code::ServiceDown);
    assert!(matches!(work(&terminal.handle(Act::AskAgain)), Work::Fetch { .. }));
    terminal.wipe();
    give(&mut terminal);
    bench.create("device-1", None).unwrap();
    reply(&mut terminal, registered(|_| {}));
    type_pin(&mut terminal);
}

#[test]
fn a_device_that_cannot_be_wiped_says_so_and_does_not_begin_anew() {
    let bench = Arc::new(Bench::default());
    let mut terminal = home(&bench);
    *bench.silent.lock().unwrap() = Some("erase");
    terminal.wipe();
    assert_eq!(terminal.screen().view, View::Stopped(Code::StateUnwritable));
    terminal.handle(Act::RegisterAgain);
    assert_eq!(terminal.screen().view, View::Stopped(Code::StateUnwritable));
    *bench.silent.lock().unwrap() = None;
    terminal.handle(Act::RegisterAgain);
    assert!(matches!(terminal.screen().view, View::Terms { .. }) && files(&bench).is_empty());
}

/// A key store that fails once is not asked to forget a key, nor is its key replaced: the service may know it.
#[test]
fn a_key_that_the_service_may_know_outlives_a_key_store_that_does_not_answer() {
    let unavailable = || ClientError::Signing(SigningFault::Signer(SignerFault::Unavailable));
    assert_eq!(unavailable().retry(), Retry::Same);
    let failure = Failure::from(unavailable());
    assert!(failure.again, "the settings serve once more");
    let bench = Arc::new(Bench::default());
    let mut terminal = enrolling(&bench);
    let news = News::NotRegistered { failure, terms: None, settings: Some(user_settings()) };
    reply(&mut terminal, news);
    assert!(terminal.has_settings());
}
