//! A device as a whole against the running service: what a shell without decisions of its own does.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

use shikaku::client::{NoRandomness, World};
use shikaku::flow::{Action, ExportForm, View};
use shikaku::guide::Code;
use shikaku::http::{Signer, SignerFault, SoftwareKey};
use shikaku::identifier::InstitutionCode;
use shikaku::instant::UnixTime;
use shikaku::qualification::Mode;
use shikaku::registration::{Attestation, Platform, Terms};
use shikaku::tap::{Consent, Fault, ReaderLimits, Stage, Step, Strategy};
use shikaku::terminal::{Act, App, DeviceKey, Effect, Given, Reader, Storage, StorageFault, Terminal};
use shikaku::trust::{TestEntries, TrustList};
use shikaku_portal::clock::Clock;
use shikaku_test_database::on_both_engines;
use shikaku_virtual_card::Card;
use zeroize::Zeroizing;

use crate::device::{new_key, new_operation};
use crate::site::{INSTITUTION, Site, TEST_INSTITUTION};

/// Key store, storage, clock and randomness of a device.
pub(crate) struct Platforms {
    keys: Mutex<BTreeMap<String, SoftwareKey>>,
    pub(crate) files: Mutex<BTreeMap<String, Vec<u8>>>,
    clock: Clock,
}

impl DeviceKey for Platforms {
    fn create(&self, name: &str, _: Option<&[u8]>) -> Result<Option<Attestation>, SignerFault> {
        self.keys.lock().unwrap().insert(name.to_owned(), new_key());
        Ok(None)
    }

    fn public_key(&self, name: &str) -> Result<Option<Vec<u8>>, SignerFault> {
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

impl Storage for Platforms {
    fn read(&self, name: &str) -> Result<Option<Vec<u8>>, StorageFault> {
        Ok(self.files.lock().unwrap().get(name).cloned())
    }

    fn write(&self, name: &str, octets: &[u8]) -> Result<(), StorageFault> {
        self.files.lock().unwrap().insert(name.to_owned(), octets.to_vec());
        Ok(())
    }

    fn erase(&self, name: &str) -> Result<(), StorageFault> {
        self.files.lock().unwrap().remove(name);
        Ok(())
    }

    fn wrap(&self, secret: &[u8]) -> Result<Vec<u8>, StorageFault> {
        Ok(secret.iter().rev().copied().collect())
    }

    fn unwrap(&self, wrapped: &[u8]) -> Result<Vec<u8>, StorageFault> {
        self.wrap(wrapped)
    }
}

impl World for Platforms {
    fn now(&self) -> UnixTime {
        self.clock.now()
    }

    fn random(&self, octets: &mut [u8]) -> Result<(), NoRandomness> {
        for chunk in octets.chunks_mut(16) {
            chunk.copy_from_slice(&new_operation().0[..chunk.len()]);
        }
        Ok(())
    }
}

/// A shell: it does the effects, and pumps the octets of a card.
pub(crate) struct Shell {
    pub(crate) terminal: Terminal,
    pub(crate) platform: Arc<Platforms>,
    pub(crate) app: App,
    pub(crate) card: Card,
    /// The tag is lost at this stage, once.
    pub(crate) lose: Option<Stage>,
    pub(crate) exported: Vec<(ExportForm, String)>,
    exchanges: usize,
}

impl Shell {
    async fn opened(site: &Site) -> Self {
        let trust = TrustList::new(vec![site.trust().clone()], TestEntries::Allow).unwrap();
        let terms = Terms::new(0, "アプリに入っている古い規約");
        let app = App { version: "1.0.0".to_owned(), platform: Platform::Android, trust, terms };
        let (keys, files) = (Mutex::default(), Mutex::default());
        let platform = Arc::new(Platforms { keys, files, clock: site.clock.clone() });
        let (terminal, effects) =
            Terminal::open(app.clone(), platform.clone(), platform.clone(), platform.clone());
        let card = Card::from_name("default").unwrap();
        let (lose, exported, exchanges) = (None, Vec::new(), 0);
        let mut shell = Self { terminal, platform, app, card, lose, exported, exchanges };
        shell.carry_out(effects).await;
        shell
    }

    /// Registered, with newer terms than the app carried on the way.
    pub(crate) async fn registered(site: &Site) -> Self {
        let mut shell = Self::opened(site).await;
        assert!(matches!(shell.view(), View::Terms { version: 0, .. }));
        shell.act(Act::AgreeTerms).await;
        let settings = site.account_of(TEST_INSTITUTION).await;
        let jws = site.operator.user_settings(&settings.account, &site.trust().origin).await.unwrap().jws;
        shell.act(Act::GiveSettings(Given::Read { text: jws, device_name: "受付1".to_owned() })).await;
        assert!(matches!(shell.view(), View::Terms { version: 1, .. }), "{:?}", shell.view());
        shell.act(Act::AgreeTerms).await;
        shell.at_home();
        shell
    }

    /// Opened again, as after the end of the process.
    pub(crate) async fn reopen(&mut self) {
        let platform = self.platform.clone();
        let (terminal, effects) =
            Terminal::open(self.app.clone(), platform.clone(), platform.clone(), platform);
        self.terminal = terminal;
        self.carry_out(effects).await;
    }

    pub(crate) async fn act(&mut self, act: Act) {
        let effects = self.terminal.handle(act);
        self.carry_out(effects).await;
    }

    pub(crate) async fn carry_out(&mut self, effects: Vec<Effect>) {
        let mut queue = VecDeque::from(effects);
        while let Some(effect) = queue.pop_front() {
            match effect {
                Effect::Call(call) => {
                    let reply = call.run().await;
                    queue.extend(self.terminal.reply(reply));
                }
                Effect::AwaitCard(ticket) => {
                    let (limits, family) = (ReaderLimits::EXTENDED, "virtual".to_owned());
                    let (forms, test_roots) = (Strategy::default(), Vec::new());
                    let reader = Reader { limits, family, forms, test_roots };
                    let tap = self.terminal.tap(ticket, reader);
                    queue.extend(tap.map_or_else(|effects| effects, |tap| self.pump(ticket, tap)));
                }
                Effect::Export { form, text } => self.exported.push((form, text)),
                Effect::CancelTap(_) | Effect::WipeSeen | Effect::WipePerson => {}
                Effect::NotExported(code) => panic!("not exported: {code}"),
            }
        }
    }

    fn pump(&mut self, ticket: shikaku::flow::Ticket, mut tap: shikaku::tap::AnyTap) -> Vec<Effect> {
        let mut step = tap.start();
        self.exchanges = 0;
        loop {
            match step {
                Step::Transmit { command, stage, tries } => {
                    self.terminal.handle(Act::TapStage { ticket, stage, tries });
                    assert!(matches!(self.view(), View::Hold { stage: Some(shown), .. } if shown == stage));
                    let response = self.card.transmit(&command);
                    self.exchanges += 1;
                    step = if self.lose == Some(stage) {
                        self.lose = None;
                        self.card.power_off();
                        tap.fail(Fault::TagLost)
                    } else {
                        tap.advance(&response)
                    };
                }
                Step::Done(outcome) => {
                    self.card.power_off();
                    return self.terminal.tapped(ticket, outcome);
                }
            }
        }
    }

    /// Has the device settings in force fetched.
    async fn refresh(&mut self) {
        let effects = self.terminal.test_connection();
        self.carry_out(effects).await;
    }

    pub(crate) async fn check(&mut self, pin: &[u8]) {
        self.act(Act::StartCheck { staff: Some("窓口".to_owned()), consent: Consent::None }).await;
        self.type_pin(pin).await;
    }

    pub(crate) async fn type_pin(&mut self, pin: &[u8]) {
        self.act(Act::TypePin(Zeroizing::new(pin.to_vec()))).await;
    }

    pub(crate) fn view(&self) -> View {
        self.terminal.screen().view
    }

    pub(crate) fn at_home(&self) {
        assert!(matches!(self.view(), View::Home { trouble: None, .. }), "{:?}", self.terminal.detail());
    }

    /// The outcome on the screen.
    pub(crate) fn outcome(&self) -> Code {
        match self.view() {
            View::Answer { sheet, .. } => sheet.code,
            View::Problem { code, .. }
            | View::Kept { code, .. }
            | View::Warn { code, .. }
            | View::Stopped(code) => code,
            _ => panic!("no outcome: {}", self.terminal.detail()),
        }
    }
}

on_both_engines! {
    async fn a_device_without_decisions_of_its_own_checks_exports_and_goes_on(database: Database) {
        let site = Site::start(&database).await;
        let mut shell = Shell::registered(&site).await;
        for exchanges in [8, 8] {
            shell.check(b"1234").await;
            assert_eq!(shell.outcome(), Code::QualificationValid);
            assert!(shell.exchanges <= exchanges + 1, "{}", shell.exchanges);
            shell.act(Act::Export(ExportForm::Text)).await;
            shell.act(Act::Export(ExportForm::Evidence)).await;
            shell.act(Act::NextPerson).await;
            shell.at_home();
        }
        let [(ExportForm::Text, text), (ExportForm::Evidence, evidence), ..] = &shell.exported[..] else {
            panic!("two forms")
        };
        assert!(text.contains("資格 太郎"));
        let verified = shikaku::check::Evidence::verify(evidence, &shell.app.trust).unwrap();
        assert_eq!(verified.answer.answer().code(), Code::QualificationValid);
        assert_eq!(site.audited_checks().await, 2);
        let files = shell.platform.files.lock().unwrap().clone();
        for (name, octets) in files {
            assert!(!String::from_utf8_lossy(&octets).contains("資格"), "{name}");
        }
    }

    async fn wrong_pins_are_warned_of_and_the_last_try_is_asked_for(database: Database) {
        let site = Site::start(&database).await;
        let mut shell = Shell::registered(&site).await;
        shell.check(b"12a4").await;
        assert!(matches!(shell.view(), View::Pin { problem: Some(Code::PinForm), .. }));
        shell.type_pin(b"9999").await;
        assert_eq!((shell.outcome(), shell.card.tries()), (Code::PinWrong, Some(2)));
        shell.act(Act::Understand).await;
        shell.type_pin(b"9999").await;
        assert_eq!((shell.outcome(), shell.card.tries()), (Code::PinWrong, Some(1)));
        shell.act(Act::TapAgain).await;
        shell.type_pin(b"1234").await;
        assert_eq!(shell.view(), View::Consent { mode: Mode::Pin, code: Code::PinConsentNeeded });
        assert_eq!(shell.card.tries(), Some(1), "nothing was sent without consent");
        shell.act(Act::Agree).await;
        shell.type_pin(b"1234").await;
        assert_eq!((shell.outcome(), shell.card.tries()), (Code::QualificationValid, Some(3)));
    }

    async fn a_check_outlives_the_services_absence_and_the_process(database: Database) {
        let mut site = Site::start(&database).await;
        let mut shell = Shell::registered(&site).await;
        let address = site.stop().await;
        shell.check(b"1234").await;
        assert!(matches!(shell.view(), View::Kept { code: Code::NetworkUnreachable, .. }));
        shell.act(Act::SendAgain).await;
        assert!(matches!(shell.view(), View::Kept { .. }));
        assert_eq!(shell.terminal.facts().unwrap().unsent_checks, 1);
        shell.reopen().await;
        assert!(matches!(shell.view(), View::Kept { .. }), "it was kept sealed");
        site.serve_again(address).await;
        shell.act(Act::SendAgain).await;
        assert_eq!(shell.outcome(), Code::QualificationValid);
        assert_eq!(shell.terminal.facts().unwrap().unsent_checks, 0);
        assert_eq!(site.audited_checks().await, 1);
    }

    async fn a_lost_tag_costs_nothing_but_another_tap(database: Database) {
        let site = Site::start(&database).await;
        let mut shell = Shell::registered(&site).await;
        for (stage, code) in [
            (Stage::Application, Code::CardRemoved),
            (Stage::Certificate, Code::CardRemoved),
            (Stage::Pin, Code::CardRemovedPinUnknown),
            (Stage::Signature, Code::CardRemoved),
        ] {
            shell.lose = Some(stage);
            shell.check(b"1234").await;
            assert_eq!(shell.outcome(), code, "{stage:?}");
            assert!(shell.terminal.screen().actions.contains(&Action::TapAgain));
            shell.act(Act::TapAgain).await;
            shell.type_pin(b"1234").await;
            assert_eq!(shell.outcome(), Code::QualificationValid, "{stage:?}");
            shell.act(Act::NextPerson).await;
        }
    }

    async fn what_operators_say_reaches_a_device_without_another_registration(database: Database) {
        let (site, institution) = (Site::start(&database).await, InstitutionCode::admitted(TEST_INSTITUTION).unwrap());
        let mut shell = Shell::registered(&site).await;
        let other = InstitutionCode::admitted(INSTITUTION).unwrap();
        let home = |shell: &Shell| match shell.view() {
            View::Home { notices, staff, .. } => (notices, staff, shell.terminal.history().len()),
            other => panic!("{other:?}"),
        };
        assert_eq!(home(&shell), (vec![], vec![], 0));
        site.operator.set_history(&institution, true).await.unwrap();
        site.operator.add_staff(&institution, "受付 一郎").await.unwrap();
        site.operator.add_staff(&other, "よその人").await.unwrap();
        site.operator.put_notice(Some(&other), "よその話").await.unwrap();
        let notice = site.operator.put_notice(None, "今夜0時から停止します").await.unwrap();
        shell.refresh().await;
        for done in 0..2 {
            assert_eq!(home(&shell), (vec![notice.text.clone()], vec!["受付 一郎".to_owned()], done));
            shell.check(b"1234").await;
            assert_eq!(shell.outcome(), Code::QualificationValid);
            shell.act(Act::NextPerson).await;
        }
        site.operator.set_history(&institution, false).await.unwrap();
        site.operator.remove_staff(&institution, "受付 一郎").await.unwrap();
        site.operator.withdraw_notice(&notice.id).await.unwrap();
        shell.refresh().await;
        assert_eq!(home(&shell), (vec![], vec![], 0), "what was kept is gone");
    }

    async fn a_changed_key_is_used_from_then_on(database: Database) {
        let site = Site::start(&database).await;
        let mut shell = Shell::registered(&site).await;
        let before = shell.terminal.facts().unwrap().key_id;
        let effects = shell.terminal.rotate_key();
        shell.carry_out(effects).await;
        shell.at_home();
        let after = shell.terminal.facts().unwrap().key_id;
        assert!(after.is_some() && after != before);
        shell.reopen().await;
        shell.check(b"1234").await;
        assert_eq!(shell.outcome(), Code::QualificationValid);
        assert_eq!(shell.platform.keys.lock().unwrap().len(), 1, "the old key is gone");
    }

    async fn a_suspended_device_waits_and_a_revoked_one_keeps_nothing(database: Database) {
        let site = Site::start(&database).await;
        let mut shell = Shell::registered(&site).await;
        let account = site.operator.accounts(None).await.unwrap().pop().unwrap().id;
        site.operator.suspend_account(&account).await.unwrap();
        shell.check(b"1234").await;
        assert_eq!(shell.outcome(), Code::DeviceSuspended);
        shell.act(Act::AskAgain).await;
        assert_eq!(shell.outcome(), Code::DeviceSuspended);
        site.operator.resume_account(&account).await.unwrap();
        shell.act(Act::AskAgain).await;
        shell.at_home();
        site.operator.revoke_account(&account).await.unwrap();
        let effects = shell.terminal.test_connection();
        shell.carry_out(effects).await;
        assert_eq!(shell.outcome(), Code::DeviceRevoked);
        assert!(shell.platform.files.lock().unwrap().is_empty());
        assert!(shell.platform.keys.lock().unwrap().is_empty());
        shell.act(Act::RegisterAgain).await;
        assert!(matches!(shell.view(), View::Terms { .. }));
    }
}
