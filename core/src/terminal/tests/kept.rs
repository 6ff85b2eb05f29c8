//! What a device keeps, what it makes of what is lost, and what it keeps all the same.

use super::*;

#[test]
fn the_days_history_is_kept_masked_and_only_if_the_institution_wants_it() {
    for wanted in [true, false] {
        let bench = Arc::new(Bench::default());
        let mut terminal = home_with(&bench, |settings| settings.history = wanted);
        let ticket = type_pin(&mut terminal);
        // The card's part is played in tests/e2e; here the flow is brought to the same place.
        terminal.tap(ticket, reader()).unwrap();
        terminal.flow.handle(Event::TapSigned { ticket }, NOW);
        let outcome = CheckOutcome::Answered(Box::new(VerifiedAnswer::sample(samples::valid())));
        let until = NOW.plus(300);
        reply(&mut terminal, News::Sent { ticket, until, result: Ok(outcome) });
        assert!(matches!(terminal.screen().view, View::Answer { .. }));
        let history = open(&bench).0.history();
        assert_eq!(history.len(), usize::from(wanted));
        for entry in history {
            assert!(entry.name.contains('＊') && entry.code == Code::QualificationValid);
        }
        bench.waited.store(86_400, Ordering::Relaxed);
        assert!(open(&bench).0.history().is_empty(), "yesterday's is gone");
    }
}

#[test]
fn a_device_whose_key_or_seal_is_lost_says_so_and_an_old_copy_is_recognised() {
    for code in [Code::StateKeyLost, Code::StateDamaged, Code::StateRolledBack] {
        let bench = Arc::new(Bench::default());
        home(&bench);
        {
            let mut files = bench.files.lock().unwrap();
            match code {
                Code::StateKeyLost => drop(files.remove("data.key")),
                Code::StateDamaged => drop(files.insert("state.1".to_owned(), vec![1])),
                _ => drop(files.insert("generation".to_owned(), b"7".to_vec())),
            }
        }
        let mut terminal = open(&bench).0;
        assert_eq!(terminal.screen().view, View::Stopped(code));
        terminal.handle(Act::RegisterAgain);
        assert!(files(&bench).is_empty());
        assert!(matches!(terminal.screen().view, View::Terms { .. }));
    }
    let bench = Arc::new(Bench::default());
    home(&bench);
    bench.keys.lock().unwrap().clear();
    assert_eq!(open(&bench).0.screen().view, View::Stopped(Code::StateKeyLost), "the device key");
}

#[test]
fn a_key_store_that_does_not_answer_loses_nothing_and_is_not_a_reason_to_register_again() {
    let bench = Arc::new(Bench::default());
    home(&bench);
    let before = files(&bench);
    for silent in ["public_key", "unwrap", "data.key", "generation", "state.1"] {
        *bench.silent.lock().unwrap() = Some(silent);
        let mut terminal = open(&bench).0;
        assert_eq!(terminal.screen().view, View::Stopped(Code::KeyStoreUnavailable), "{silent}");
        assert_eq!(terminal.screen().actions, [], "{silent}");
        terminal.handle(Act::RegisterAgain);
        assert_eq!((files(&bench), bench.keys.lock().unwrap().len()), (before.clone(), 1), "{silent}");
        *bench.silent.lock().unwrap() = None;
        assert!(matches!(open(&bench).0.screen().view, View::Home { .. }), "{silent}");
    }
}

#[test]
fn an_app_that_is_too_old_is_told_to_be_replaced_and_keeps_its_registration() {
    let bench = Arc::new(Bench::default());
    home_with(&bench, |settings| settings.minimum_app_version = "1.0.1".to_owned());
    let mut terminal = open(&bench).0;
    let screen = terminal.screen();
    assert_eq!((screen.view, screen.actions), (View::Stopped(Code::AppOutdated), Vec::<Action>::new()));
    assert!(terminal.handle(Act::RegisterAgain).is_empty());
    assert!(!files(&bench).is_empty());
}
