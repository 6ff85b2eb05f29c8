//! The device as a whole, with doubles of key store, storage and clock. What the service says comes as the reply that a
//! call would bring; the running service itself is asked in tests/e2e.

mod ended;
mod kept;

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use super::call::{Failure, Fetched, News, Work};
use super::tapping::KINDS;
use super::*;
use crate::check::{ChallengesAnswer, CheckOutcome, VerifiedAnswer};
use crate::client::{ClientError, NoRandomness};
use crate::flow::{Action, View};
use crate::http::SoftwareKey;
use crate::http::problem::Retry;
use crate::http::signature::SigningFault;
use crate::qualification::samples;
use crate::registration::{Attestation, Registered};
use crate::settings::DeviceSettings;
use crate::settings::tests::{device_settings, entry, user_settings};
use crate::tap::{Fault, ReaderLimits};
use crate::transcript::Challenge;
use crate::trust::TestEntries;
use zeroize::Zeroizing;

const NOW: UnixTime = samples::NOW;

/// Key store, storage, clock and randomness in memory.
#[derive(Default)]
struct Bench {
    keys: Mutex<BTreeMap<String, SoftwareKey>>,
    files: Mutex<BTreeMap<String, Vec<u8>>>,
    full: AtomicBool,
    /// What does not answer: a method of the key store, or of the storage with the record's name.
    silent: Mutex<Option<&'static str>>,
    waited: AtomicU64,
    /// Seconds by which somebody set the clock back.
    set_back: AtomicU64,
    drawn: AtomicU64,
}

impl Bench {
    fn answers(&self, asked: &str) -> bool {
        self.silent.lock().unwrap().is_none_or(|silent| silent != asked)
    }
}

impl DeviceKey for Bench {
    fn create(&self, name: &str, challenge: Option<&[u8]>) -> Result<Option<Attestation>, SignerFault> {
        assert!(challenge.is_none_or(|challenge| challenge.len() == 32));
        let mut octets = [0; 32];
        self.random(&mut octets).unwrap();
        self.keys.lock().unwrap().insert(name.to_owned(), SoftwareKey::from_random(&octets).unwrap());
        Ok(None)
    }

    fn public_key(&self, name: &str) -> Result<Option<Vec<u8>>, SignerFault> {
        if !self.answers("public_key") {
            return Err(SignerFault::Unavailable);
        }
        Ok(self.keys.lock().unwrap().get(name).map(|key| key.spki().to_vec()))
    }

    fn sign(&self, name: &str, message: &[u8]) -> Result<[u8; 64], SignerFault> {
        self.keys.lock().unwrap().get(name).ok_or(SignerFault::KeyLost)?.sign(message)
    }

    fn erase(&self, name: &str) -> Result<(), SignerFault> {
        self.keys.lock().unwrap().remove(name);
        Ok(())
    }
}

impl Storage for Bench {
    fn read(&self, name: &str) -> Result<Option<Vec<u8>>, StorageFault> {
        if !self.answers(name) {
            return Err(StorageFault::Unavailable);
        }
        Ok(self.files.lock().unwrap().get(name).cloned())
    }

    fn write(&self, name: &str, octets: &[u8]) -> Result<(), StorageFault> {
        if self.full.load(Ordering::Relaxed) {
            return Err(StorageFault::Unavailable);
        }
        self.files.lock().unwrap().insert(name.to_owned(), octets.to_vec());
        Ok(())
    }

    fn erase(&self, name: &str) -> Result<(), StorageFault> {
        if !self.answers("erase") {
            return Err(StorageFault::Unavailable);
        }
        self.files.lock().unwrap().remove(name);
        Ok(())
    }

    fn wrap(&self, secret: &[u8]) -> Result<Vec<u8>, StorageFault> {
        Ok(secret.iter().map(|octet| octet ^ 0xff).collect())
    }

    fn unwrap(&self, wrapped: &[u8]) -> Result<Vec<u8>, StorageFault> {
        if !self.answers("unwrap") {
            return Err(StorageFault::Unavailable);
        }
        self.wrap(wrapped)
    }
}

impl World for Bench {
    fn now(&self) -> UnixTime {
        NOW.plus(self.waited.load(Ordering::Relaxed)).minus(self.set_back.load(Ordering::Relaxed))
    }

    fn random(&self, octets: &mut [u8]) -> Result<(), NoRandomness> {
        let drawn = self.drawn.fetch_add(1, Ordering::Relaxed) + 1;
        for chunk in octets.chunks_mut(8) {
            chunk.copy_from_slice(&drawn.to_be_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}

fn app() -> App {
    App {
        version: "1.0.0".to_owned(),
        platform: Platform::Android,
        trust: TrustList::new(vec![entry()], TestEntries::Refuse).unwrap(),
        terms: Terms::new(1, "規約"),
    }
}

fn open(bench: &Arc<Bench>) -> (Terminal, Vec<Effect>) {
    Terminal::open(app(), bench.clone(), bench.clone(), bench.clone())
}

fn challenges(first: u8) -> Vec<Challenge> {
    let challenge =
        |id| Challenge { id: [id; 16], nonce: [id; 32], issued_at: NOW, expires_at: NOW.plus(300) };
    (first..first + 4).map(challenge).collect()
}

fn registered(change: impl FnOnce(&mut DeviceSettings)) -> News {
    let mut settings = device_settings();
    change(&mut settings);
    let registered = Box::new(Registered { settings, challenges: challenges(1) });
    News::Registered { entry: entry(), registered, settings: user_settings() }
}

fn reply(terminal: &mut Terminal, news: News) -> Vec<Effect> {
    terminal.reply(Reply { epoch: terminal.epoch, offset: None, news })
}

fn give(terminal: &mut Terminal) -> Vec<Effect> {
    let text = user_settings().sign(&crate::settings::tests::key(1)).unwrap();
    let mut effects = terminal.handle(Act::AgreeTerms);
    effects.extend(terminal.handle(Act::GiveSettings(Given::Read { text, device_name: "受付1".to_owned() })));
    effects
}

/// A terminal on its way to a registration: the settings were given, the call is out.
fn enrolling(bench: &Arc<Bench>) -> Terminal {
    let mut terminal = open(bench).0;
    let effects = give(&mut terminal);
    assert!(matches!(work(&effects), Work::Register(_)));
    bench.create("device-1", None).unwrap();
    terminal
}

/// A registered terminal at home.
fn home(bench: &Arc<Bench>) -> Terminal {
    home_with(bench, |_| {})
}

fn home_with(bench: &Arc<Bench>, change: impl FnOnce(&mut DeviceSettings)) -> Terminal {
    let mut terminal = enrolling(bench);
    assert!(reply(&mut terminal, registered(change)).is_empty(), "the first challenges lie ready");
    assert!(matches!(terminal.screen().view, View::Home { trouble: None, .. }));
    terminal
}

fn work(effects: &[Effect]) -> &Work {
    match effects {
        [Effect::Call(call)] => &call.work,
        other => panic!("no call but {other:?}"),
    }
}

fn failure(code: Code) -> Failure {
    Failure { code, detail: String::new(), retires_challenges: false, again: true }
}

/// Types a PIN and returns the tap's ticket.
fn type_pin(terminal: &mut Terminal) -> crate::flow::Ticket {
    terminal.handle(Act::StartCheck { staff: None, consent: tap::Consent::None });
    match terminal.handle(Act::TypePin(Zeroizing::new(b"8067".to_vec())))[..] {
        [Effect::AwaitCard(ticket)] => ticket,
        ref other => panic!("no card is awaited but {other:?}"),
    }
}

fn reader() -> Reader {
    Reader {
        limits: ReaderLimits::SHORT,
        family: String::new(),
        forms: tap::Strategy::default(),
        test_roots: Vec::new(),
    }
}

fn files(bench: &Bench) -> Vec<String> {
    bench.files.lock().unwrap().keys().cloned().collect()
}

#[test]
fn a_new_device_goes_from_terms_to_settings_to_home_and_is_there_again_when_it_is_opened() {
    let bench = Arc::new(Bench::default());
    let (terminal, effects) = open(&bench);
    assert!(effects.is_empty() && matches!(terminal.screen().view, View::Terms { version: 1, .. }));
    assert!(files(&bench).is_empty(), "nothing is kept of a device that is not registered");
    let terminal = home(&bench);
    assert_eq!(terminal.facts().unwrap().open_challenges, 4);
    assert_eq!(files(&bench), ["data.key", "generation", "state.1"]);
    let kept = terminal.facts();
    let (terminal, effects) = open(&bench);
    assert!(effects.is_empty(), "the pool is full");
    assert_eq!(terminal.facts(), kept);
    for file in bench.files.lock().unwrap().values() {
        let text = String::from_utf8_lossy(file);
        assert!(!text.contains("1310112345") && !text.contains("shikaku.example"), "{text}");
    }
}

#[test]
fn settings_that_did_not_reach_the_service_serve_once_more_and_refused_ones_do_not() {
    for (again, code) in [(true, Code::NetworkUnreachable), (false, Code::RegistrationRefused)] {
        let mut terminal = enrolling(&Arc::new(Bench::default()));
        let failure = Failure { again, ..failure(code) };
        let news = News::NotRegistered { failure, terms: None, settings: Some(user_settings()) };
        assert!(reply(&mut terminal, news).is_empty());
        assert_eq!(terminal.screen().view, View::Settings { problem: Some(code) });
        assert_eq!(terminal.has_settings(), again);
        let effects = terminal.handle(Act::GiveSettings(Given::Again));
        assert_eq!(!effects.is_empty(), again);
    }
}

#[test]
fn newer_terms_are_agreed_to_without_giving_the_settings_again() {
    let mut terminal = enrolling(&Arc::new(Bench::default()));
    let (failure, settings) = (failure(Code::TermsOutdated), Some(user_settings()));
    reply(&mut terminal, News::NotRegistered { failure, terms: Some(Terms::new(2, "新しい規約")), settings });
    assert!(matches!(terminal.screen().view, View::Terms { version: 2, .. }));
    let effects = terminal.handle(Act::AgreeTerms);
    let Work::Register(enrolment) = work(&effects) else { panic!("no registration") };
    assert_eq!(enrolment.consent.version(), 2);
    assert_eq!(terminal.screen().view, View::Registering);
}

#[test]
fn a_registration_that_cannot_be_kept_is_no_registration_and_can_be_repeated() {
    let bench = Arc::new(Bench::default());
    let mut terminal = enrolling(&bench);
    bench.full.store(true, Ordering::Relaxed);
    reply(&mut terminal, registered(|_| {}));
    assert_eq!(terminal.screen().view, View::Settings { problem: Some(Code::StateUnwritable) });
    assert!(terminal.facts().is_none() && terminal.has_settings());
    bench.full.store(false, Ordering::Relaxed);
    assert!(matches!(work(&terminal.handle(Act::GiveSettings(Given::Again))), Work::Register(_)));
}

#[test]
fn a_challenge_is_saved_as_taken_before_the_tap_and_no_tap_begins_if_that_fails() {
    let bench = Arc::new(Bench::default());
    let mut terminal = home(&bench);
    let ticket = type_pin(&mut terminal);
    let mut tap = terminal.tap(ticket, reader()).unwrap();
    assert!(matches!(tap.start(), tap::Step::Transmit { .. }));
    assert_eq!(open(&bench).0.facts().unwrap().open_challenges, 3);

    let mut terminal = open(&bench).0;
    let ticket = type_pin(&mut terminal);
    bench.full.store(true, Ordering::Relaxed);
    assert!(terminal.tap(ticket, reader()).unwrap_err().is_empty());
    assert!(matches!(terminal.screen().view, View::Problem { code: Code::StateUnwritable, .. }));
}

#[test]
fn a_tap_is_begun_once_for_the_ticket_that_awaits_it() {
    let mut terminal = home(&Arc::new(Bench::default()));
    let ticket = type_pin(&mut terminal);
    let other = crate::flow::Ticket(ticket.0 + 1);
    assert!(terminal.tap(other, reader()).is_err());
    let mut tap = terminal.tap(ticket, reader()).unwrap();
    assert!(terminal.tap(ticket, reader()).is_err(), "one PIN, one tap");
    let tap::Step::Transmit { .. } = tap.start() else { panic!("no command") };
    let tap::Step::Done(outcome) = tap.fail(Fault::TagLost) else { panic!("goes on") };
    let tap::AnyOutcome::Pin(outcome) = outcome else { panic!("a visual tap") };
    assert!(terminal.tapped(other, outcome.clone()).is_empty());
    assert!(matches!(terminal.screen().view, View::Hold { .. }), "the end of another tap is nobody's");
    terminal.tapped(ticket, outcome);
    assert!(matches!(terminal.screen().view, View::Problem { code: Code::CardRemoved, .. }));
    assert!(!terminal.detail().is_empty());
}

#[test]
fn what_one_kind_of_card_refused_another_may_take_and_kinds_without_end_are_not_kept() {
    let (mut learned, every) = (Learned::default(), tap::Strategy::EVERY);
    let kind = |number: usize| Reader { family: number.to_string(), forms: every, ..reader() };
    assert_eq!(learned.of(&kind(0)), every, "of a kind that was never met, what the shell wants tried");
    learned.learn(kind(0), tap::Strategy::STANDARD);
    assert_eq!((learned.of(&kind(0)), learned.of(&kind(1))), (tap::Strategy::STANDARD, every));
    for number in 1..KINDS {
        learned.learn(kind(number), tap::Strategy::STANDARD);
    }
    assert_eq!(learned.of(&kind(0)), tap::Strategy::STANDARD);
    learned.learn(kind(KINDS), tap::Strategy::STANDARD);
    assert_eq!(learned.of(&kind(0)), every, "the one that was met longest ago goes first");
}

#[test]
fn a_pin_waits_a_minute_for_its_card_and_goes_with_a_cancelled_check() {
    let bench = Arc::new(Bench::default());
    let mut terminal = home(&bench);
    let ticket = type_pin(&mut terminal);
    bench.waited.store(CARD_WAIT - 1, Ordering::Relaxed);
    assert!(terminal.handle(Act::Tick).is_empty());
    bench.waited.store(CARD_WAIT, Ordering::Relaxed);
    assert!(matches!(terminal.handle(Act::Tick)[..], [Effect::CancelTap(ended)] if ended == ticket));
    assert!(matches!(terminal.tapping, Tapping::Idle));
    assert!(matches!(terminal.screen().view, View::Problem { code: Code::CardAbsent, .. }));

    let mut terminal = home(&Arc::new(Bench::default()));
    type_pin(&mut terminal);
    let effects = terminal.handle(Act::Cancel);
    assert!(matches!(effects[..], [Effect::CancelTap(_), Effect::WipePerson]));
    assert!(matches!(terminal.tapping, Tapping::Idle));
}

#[test]
fn a_reader_that_cannot_be_used_is_told_and_a_late_word_of_it_is_not() {
    let mut terminal = home(&Arc::new(Bench::default()));
    let ticket = type_pin(&mut terminal);
    terminal.handle(Act::NoTap { ticket, fault: Fault::ReaderAbsent });
    assert!(matches!(terminal.screen().view, View::Problem { code: Code::ReaderAbsent, .. }));
    terminal.handle(Act::NextPerson);
    terminal.handle(Act::NoTap { ticket, fault: Fault::ReaderAbsent });
    assert!(matches!(terminal.screen().view, View::Home { .. }));
}

#[test]
fn a_service_that_failed_is_asked_although_challenges_lie_ready() {
    let mut terminal = home(&Arc::new(Bench::default()));
    assert!(terminal.handle(Act::AskAgain).is_empty(), "nothing is wrong, and the pool is full");
    let tested = terminal.test_connection();
    assert!(matches!(work(&tested), Work::Refresh));
    assert!(terminal.test_connection().is_empty(), "one at a time");
    reply(&mut terminal, News::Refreshed(Err(failure(Code::ServiceDown))));
    assert_eq!(terminal.connection_test().unwrap().problem, Some(Code::ServiceDown));
    assert!(matches!(terminal.screen().view, View::Home { trouble: Some(Code::ServiceDown), .. }));
    assert!(matches!(work(&terminal.handle(Act::AskAgain)), Work::Fetch { count: 4 }));
    let answer = ChallengesAnswer { challenges: challenges(9), settings_version: 3 };
    reply(&mut terminal, News::Fetched(Ok(Fetched { answer, settings: None })));
    assert!(matches!(terminal.screen().view, View::Home { trouble: None, .. }));
}

#[test]
fn a_key_is_changed_by_the_next_fetch_and_only_once_that_is_kept() {
    let bench = Arc::new(Bench::default());
    let mut terminal = home(&bench);
    assert!(matches!(work(&terminal.rotate_key()), Work::Rotate));
    assert_eq!(terminal.facts().unwrap().open_challenges, 0, "the service retires them");
    assert!(terminal.test_connection().is_empty());
    bench.create("device-2", None).unwrap();
    bench.full.store(true, Ordering::Relaxed);
    reply(&mut terminal, News::Rotated(Ok(())));
    assert_eq!(terminal.state.as_ref().unwrap().key, 1, "the new key could not be kept");
    bench.full.store(false, Ordering::Relaxed);
    assert!(matches!(work(&terminal.handle(Act::AskAgain)), Work::Rotate));
    let effects = reply(&mut terminal, News::Rotated(Ok(())));
    assert!(matches!(work(&effects), Work::Fetch { count: 4 }));
    let names: Vec<_> = bench.keys.lock().unwrap().keys().cloned().collect();
    assert_eq!(names, ["device-2"]);
    assert_eq!(open(&bench).0.state.as_ref().unwrap().key, 2);
}

#[test]
fn a_call_that_is_given_up_counts_as_unanswered() {
    let mut terminal = home(&Arc::new(Bench::default()));
    let effects = terminal.test_connection();
    let [Effect::Call(call)] = &effects[..] else { panic!("no call") };
    terminal.reply(call.given_up());
    assert_eq!(terminal.connection_test().unwrap().problem, Some(Code::NetworkUnreachable));
}

#[test]
fn settings_and_agreement_that_nobody_asks_for_are_not_kept() {
    let mut terminal = home(&Arc::new(Bench::default()));
    assert!(give(&mut terminal).is_empty());
    assert!(!terminal.has_settings() && terminal.registering.consent.is_none());
}

#[test]
fn a_clock_that_is_set_back_keeps_no_pin_and_leaves_nothing_open() {
    let bench = Arc::new(Bench::default());
    let mut terminal = home_with(&bench, |settings| settings.idle_lock_seconds = 300);
    type_pin(&mut terminal);
    bench.set_back.store(3_600, Ordering::Relaxed);
    terminal.handle(Act::Tick);
    assert!(matches!(terminal.tapping, Tapping::Idle));
    bench.waited.store(300, Ordering::Relaxed);
    terminal.handle(Act::Tick);
    assert_eq!(terminal.screen().view, View::Locked);
}
