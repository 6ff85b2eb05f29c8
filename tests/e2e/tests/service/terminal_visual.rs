//! Visual checks (目視確認) by a device as a whole against the running service, at the virtual card.

use shikaku::check::Evidence;
use shikaku::flow::{Action, ExportForm, Screen, View};
use shikaku::guide::Code;
use shikaku::qualification::Mode;
use shikaku::tap::{Consent, Stage};
use shikaku::terminal::Act;
use shikaku_test_database::{Database, on_both_engines};
use shikaku_virtual_card::Card;
use zeroize::Zeroizing;

use crate::face::{BIRTH_DATE, CODE_B, audited};
use crate::site::{Site, TEST_INSTITUTION, import_registry, person};
use crate::terminal::Shell;

/// File of the counter of the birth date, in the application of the card's face.
const BIRTH_DATE_FILE: u16 = 0x0011;

/// A device whose institution may check visually, with a card before it.
async fn open_to_visual(database: &Database, card: &str) -> (Site, Shell) {
    let site = Site::start(database).await;
    site.switch_visual(TEST_INSTITUTION, true).await;
    let mut shell = Shell::registered(&site).await;
    shell.card = Card::from_name(card).unwrap();
    (site, shell)
}

impl Shell {
    /// A visual check up to the number, and everything that follows by itself.
    async fn look(&mut self, digits: &str) {
        self.act(Act::StartVisual { staff: Some("窓口".to_owned()), consent: Consent::None }).await;
        self.type_number(digits).await;
    }

    async fn type_number(&mut self, digits: &str) {
        self.act(Act::TypeNumber(Zeroizing::new(digits.as_bytes().to_vec()))).await;
    }

    /// A visual check up to the name.
    async fn name(&mut self, digits: &str) {
        self.look(digits).await;
        self.looking();
        self.act(Act::Attest).await;
        self.named();
    }

    /// Whether the chip's photo is to be shown; the screen must ask for the comparison.
    fn looking(&self) -> bool {
        match self.view() {
            View::Look { photo, problem: None } => photo,
            other => panic!("{other:?}: {}", self.terminal.detail()),
        }
    }

    /// What is said of the name; the screen must ask for the comparison.
    fn named(&self) -> Option<Code> {
        match self.view() {
            View::Name { name, differs, .. } => {
                assert_eq!(name, "資格 太郎");
                differs
            }
            other => panic!("{other:?}: {}", self.terminal.detail()),
        }
    }

    fn unsent(&self) -> u32 {
        self.terminal.facts().unwrap().unsent_checks.try_into().unwrap()
    }

    fn keeps_nothing_of_a_person(&self) {
        for (name, octets) in self.platform.files.lock().unwrap().iter() {
            for word in ["資格", "太郎", "窓口"] {
                assert!(!is_in(word.as_bytes(), octets), "{name}: {word}");
            }
            assert!(!octets.windows(4).any(|seen| seen == b"\x89PNG"), "{name}: a photo");
        }
    }
}

/// Whether a word lies in octets, as it is or in base64url, in which a kept check holds its body.
fn is_in(word: &[u8], octets: &[u8]) -> bool {
    use base64::Engine as _;
    let holds = |wanted: &[u8]| octets.windows(wanted.len()).any(|seen| seen == wanted);
    let encoded = |skip: usize| {
        let rest = &word[skip..];
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(&rest[..rest.len() / 3 * 3])
    };
    holds(word) || (0..3).any(|skip| holds(encoded(skip).as_bytes()))
}

on_both_engines! {
    async fn a_birth_date_leads_over_the_printed_photo_and_the_name_to_the_answer(database: Database) {
        let (site, mut shell) = open_to_visual(&database, "default").await;
        assert!(matches!(shell.view(), View::Home { visual: true, .. }));
        for _ in 0..2 {
            shell.look(BIRTH_DATE).await;
            assert!(!shell.looking() && shell.terminal.photo().is_none(), "the eye has the printed one");
            shell.act(Act::Attest).await;
            assert_eq!(shell.named(), None);
            assert!(shell.terminal.answer().is_none());
            shell.act(Act::ConfirmName).await;
            assert_eq!(shell.outcome(), Code::QualificationValid, "{}", shell.terminal.detail());
            assert_eq!(shell.terminal.answer().unwrap().answer().mode(), Mode::Visual);
            shell.act(Act::Export(ExportForm::Evidence)).await;
            shell.act(Act::NextPerson).await;
            shell.at_home();
            shell.keeps_nothing_of_a_person();
        }
        let (_, evidence) = shell.exported.last().unwrap();
        let verified = Evidence::verify(evidence, &shell.app.trust).unwrap();
        assert_eq!(verified.answer.answer().mode(), Mode::Visual);
        assert_eq!(audited(&site).await, ["name-shown", "qualification-valid"].repeat(2));
        assert_eq!(site.count("audit WHERE mode = 'visual' AND staff = '窓口'").await, 4);
        assert_eq!(shell.card.tries(), Some(3), "the PIN was not asked for");
    }

    async fn code_b_shows_the_chips_photo_until_staff_have_compared_it(database: Database) {
        let (site, mut shell) = open_to_visual(&database, "default").await;
        shell.look(CODE_B).await;
        assert!(shell.looking());
        let png = shell.terminal.photo().unwrap().png().unwrap();
        assert!(png.starts_with(b"\x89PNG\r\n\x1a\n"));
        drop(png);
        shell.keeps_nothing_of_a_person();
        assert!(audited(&site).await.is_empty(), "nothing is sent before staff have compared");
        shell.act(Act::Attest).await;
        assert!(shell.terminal.photo().is_none());
        assert_eq!(shell.named(), None, "the chip's name is the registry's");
        shell.act(Act::ConfirmName).await;
        assert_eq!(shell.outcome(), Code::QualificationValid);
        assert_eq!(audited(&site).await, ["name-shown", "qualification-valid"]);
    }

    async fn a_person_whom_the_photo_does_not_show_is_not_sent(database: Database) {
        let (site, mut shell) = open_to_visual(&database, "default").await;
        shell.look(CODE_B).await;
        assert!(shell.looking());
        shell.act(Act::Cancel).await;
        shell.at_home();
        assert!(shell.terminal.photo().is_none());
        for late in [Act::Attest, Act::ConfirmName] {
            shell.act(late).await;
            shell.at_home();
        }
        assert_eq!((shell.unsent(), audited(&site).await.len()), (0, 0));
        shell.check(b"1234").await;
        assert_eq!(shell.outcome(), Code::QualificationValid, "the next person");
    }

    async fn a_name_that_is_denied_ends_the_check_and_is_recorded(database: Database) {
        let (site, mut shell) = open_to_visual(&database, "default").await;
        shell.name(BIRTH_DATE).await;
        shell.act(Act::DenyName).await;
        assert_eq!(shell.outcome(), Code::NameDenied);
        assert!(shell.terminal.answer().is_none());
        assert!(!shell.terminal.screen().actions.contains(&Action::TapAgain));
        assert_eq!(shell.unsent(), 0);
        shell.act(Act::ConfirmName).await;
        assert_eq!(shell.outcome(), Code::NameDenied, "too late");
        assert_eq!(audited(&site).await, ["name-shown", "name-denied"]);
        shell.act(Act::NextPerson).await;
        shell.name(BIRTH_DATE).await;
    }

    async fn another_name_in_the_chip_is_said_and_staff_decide(database: Database) {
        let (site, mut shell) = open_to_visual(&database, "visual-other-name").await;
        shell.look(CODE_B).await;
        shell.act(Act::Attest).await;
        assert_eq!(shell.named(), Some(Code::SurfaceName));
        assert_eq!(shell.terminal.screen().actions[0], Action::DenyName);
        shell.act(Act::DenyName).await;
        assert_eq!(shell.outcome(), Code::NameDenied);
        shell.act(Act::NextPerson).await;
        shell.name(BIRTH_DATE).await;
        assert_eq!(shell.named(), None, "by the birth date alone the chip says no name");
        assert_eq!(audited(&site).await, ["name-shown", "name-denied", "name-shown"]);
    }

    async fn a_birth_date_that_is_not_the_registrys_shows_no_name(database: Database) {
        let (site, mut shell) = open_to_visual(&database, "visual-other-birth").await;
        shell.look("560102").await;
        shell.looking();
        shell.act(Act::Attest).await;
        assert_eq!(shell.outcome(), Code::SurfaceBirthDate);
        assert_eq!(audited(&site).await, ["surface-birth-date"]);
        assert_eq!(shell.unsent(), 0);
    }

    async fn cards_whose_face_is_not_their_own_send_nothing(database: Database) {
        let (site, mut shell) = open_to_visual(&database, "default").await;
        for (card, digits, code) in [
            ("visual-forged", BIRTH_DATE, Code::SurfaceForged),
            ("visual-copied", BIRTH_DATE, Code::SurfaceCopied),
            ("visual-other-photo", CODE_B, Code::SurfaceForged),
            ("visual-blocked", CODE_B, Code::PrintedBlocked),
        ] {
            shell.card = Card::from_name(card).unwrap();
            shell.look(digits).await;
            assert_eq!(shell.outcome(), code, "{card}");
            assert!(shell.terminal.photo().is_none(), "{card}");
            shell.act(Act::NextPerson).await;
        }
        assert!(audited(&site).await.is_empty());
    }

    async fn a_wrong_number_costs_a_try_and_the_last_is_asked_for(database: Database) {
        let (site, mut shell) = open_to_visual(&database, "default").await;
        shell.look("5501").await;
        assert!(matches!(shell.view(), View::Number { problem: Some(Code::PrintedForm), .. }));
        shell.type_number("550103").await;
        assert_eq!(shell.outcome(), Code::PrintedWrong);
        assert_eq!(shell.card.surface_tries(BIRTH_DATE_FILE), Some(9));
        shell.act(Act::TapAgain).await;
        shell.type_number(BIRTH_DATE).await;
        shell.looking();
        shell.act(Act::Cancel).await;

        shell.card = Card::from_name("visual-two-tries").unwrap();
        shell.look(BIRTH_DATE).await;
        assert!(matches!(shell.view(), View::Warn { tries: 2, .. }));
        assert_eq!(shell.card.surface_tries(BIRTH_DATE_FILE), Some(2), "nothing was sent");
        shell.act(Act::Understand).await;
        shell.type_number("550103").await;
        assert_eq!(shell.card.surface_tries(BIRTH_DATE_FILE), Some(1));
        shell.act(Act::TapAgain).await;
        shell.type_number(BIRTH_DATE).await;
        let code = Code::PrintedConsentNeeded;
        assert_eq!(shell.view(), View::Consent { mode: Mode::Visual, code });
        assert_eq!(shell.card.surface_tries(BIRTH_DATE_FILE), Some(1), "nothing was sent without consent");
        shell.act(Act::Agree).await;
        shell.type_number(BIRTH_DATE).await;
        shell.looking();
        assert!(audited(&site).await.is_empty());
    }

    async fn a_locked_pin_leads_to_the_visual_check(database: Database) {
        let (site, mut shell) = open_to_visual(&database, "default").await;
        shell.check(b"9999").await;
        shell.act(Act::Understand).await;
        shell.type_pin(b"9999").await;
        shell.act(Act::TapAgain).await;
        shell.type_pin(b"9999").await;
        shell.act(Act::Agree).await;
        shell.type_pin(b"9999").await;
        assert_eq!((shell.outcome(), shell.card.tries()), (Code::PinBlockedNow, Some(0)));
        assert_eq!(shell.terminal.screen().actions[0], Action::UseVisual);
        shell.act(Act::UseVisual).await;
        shell.type_number(BIRTH_DATE).await;
        shell.act(Act::Attest).await;
        shell.act(Act::ConfirmName).await;
        assert_eq!(shell.outcome(), Code::QualificationValid);
        assert_eq!(audited(&site).await, ["name-shown", "qualification-valid"]);
    }

    async fn both_steps_outlive_the_services_absence_and_the_process(database: Database) {
        let (mut site, mut shell) = open_to_visual(&database, "default").await;
        shell.look(CODE_B).await;
        let address = site.stop().await;
        shell.act(Act::Attest).await;
        assert!(matches!(shell.view(), View::Kept { code: Code::NetworkUnreachable, .. }));
        assert_eq!(shell.unsent(), 1);
        shell.keeps_nothing_of_a_person();
        shell.reopen().await;
        assert!(matches!(shell.view(), View::Kept { .. }), "it was kept sealed");
        site.serve_again(address).await;
        shell.act(Act::SendAgain).await;
        shell.named();
        let address = site.stop().await;
        shell.act(Act::ConfirmName).await;
        assert!(matches!(shell.view(), View::Kept { .. }));
        assert_eq!(shell.unsent(), 1, "the second step in the place of the first");
        shell.keeps_nothing_of_a_person();
        shell.reopen().await;
        assert!(matches!(shell.view(), View::Kept { .. }));
        site.serve_again(address).await;
        shell.act(Act::SendAgain).await;
        assert_eq!(shell.outcome(), Code::QualificationValid, "{}", shell.terminal.detail());
        assert_eq!(shell.unsent(), 0);
        assert_eq!(audited(&site).await, ["name-shown", "qualification-valid"]);
    }

    async fn the_seventh_name_of_a_minute_waits_for_the_seconds_that_the_service_says(database: Database) {
        let (site, mut shell) = open_to_visual(&database, "default").await;
        for _ in 0..6 {
            shell.name(BIRTH_DATE).await;
            shell.act(Act::Cancel).await;
        }
        shell.look(BIRTH_DATE).await;
        shell.act(Act::Attest).await;
        let Screen { view, actions, .. } = shell.terminal.screen();
        assert!(matches!(view, View::Kept { code: Code::TooManyRequests, wait: 10, .. }), "{view:?}");
        assert_eq!(actions, [Action::Cancel]);
        shell.act(Act::SendAgain).await;
        assert_eq!(audited(&site).await.len(), 6, "it is not sent before its time");
        site.wait(10);
        shell.act(Act::SendAgain).await;
        shell.named();
    }

    async fn a_name_that_was_on_the_screen_when_the_process_ended_is_asked_for_again(database: Database) {
        let (site, mut shell) = open_to_visual(&database, "default").await;
        shell.name(BIRTH_DATE).await;
        shell.reopen().await;
        shell.named();
        shell.act(Act::ConfirmName).await;
        assert_eq!(shell.outcome(), Code::QualificationValid);
        assert_eq!(audited(&site).await, ["name-shown", "qualification-valid"], "it was shown once");
    }

    async fn a_name_is_confirmed_while_its_challenge_lives_and_no_longer(database: Database) {
        let (site, mut shell) = open_to_visual(&database, "default").await;
        shell.name(BIRTH_DATE).await;
        site.wait(300);
        shell.act(Act::ConfirmName).await;
        assert_eq!((shell.outcome(), shell.unsent()), (Code::ChallengeExpired, 0));
        assert_eq!(audited(&site).await, ["name-shown"]);
    }

    async fn a_locked_device_has_forgotten_photo_and_name(database: Database) {
        let (site, mut shell) = open_to_visual(&database, "default").await;
        for steps in [0, 1] {
            shell.look(CODE_B).await;
            assert!(shell.looking());
            for _ in 0..steps {
                shell.act(Act::Attest).await;
                shell.named();
            }
            shell.act(Act::Lock).await;
            assert_eq!((shell.view(), shell.unsent()), (View::Locked, 0));
            assert!(shell.terminal.photo().is_none());
            shell.act(Act::Unlock).await;
            shell.at_home();
            shell.keeps_nothing_of_a_person();
        }
        assert_eq!(audited(&site).await, ["name-shown"]);
    }

    async fn where_nobody_is_to_be_named_the_answer_comes_at_once(database: Database) {
        let (site, mut shell) = open_to_visual(&database, "default").await;
        import_registry(&site.operator, &[person("2", "no-extended", "別の 人")]).await;
        shell.look(BIRTH_DATE).await;
        shell.act(Act::Attest).await;
        assert_eq!((shell.outcome(), shell.unsent()), (Code::CertificateUnlinked, 0));
        assert_eq!(audited(&site).await, ["certificate-unlinked"]);
    }

    async fn a_lost_tag_costs_nothing_but_another_tap_visually_too(database: Database) {
        let (site, mut shell) = open_to_visual(&database, "default").await;
        for (stage, code) in [
            (Stage::Certificate, Code::CardRemoved),
            (Stage::PrintedNumber, Code::PrintedUnknown),
            (Stage::Record, Code::CardRemoved),
            (Stage::Presence, Code::CardRemoved),
            (Stage::Name, Code::CardRemoved),
        ] {
            shell.lose = Some(stage);
            shell.look(CODE_B).await;
            assert_eq!(shell.outcome(), code, "{stage:?}");
            assert!(shell.terminal.photo().is_none() && shell.unsent() == 0, "{stage:?}");
            shell.act(Act::TapAgain).await;
            shell.type_number(CODE_B).await;
            assert!(shell.looking(), "{stage:?}");
            shell.act(Act::Cancel).await;
        }
        assert!(audited(&site).await.is_empty());
    }

    async fn what_is_switched_off_is_refused_and_then_not_offered(database: Database) {
        let (site, mut shell) = open_to_visual(&database, "default").await;
        site.switch_visual(TEST_INSTITUTION, false).await;
        shell.look(BIRTH_DATE).await;
        shell.looking();
        shell.act(Act::Attest).await;
        assert_eq!(shell.outcome(), Code::ModeRefused);
        assert!(shell.terminal.answer().is_none() && shell.unsent() == 0);
        shell.act(Act::NextPerson).await;
        let effects = shell.terminal.test_connection();
        shell.carry_out(effects).await;
        assert!(matches!(shell.view(), View::Home { visual: false, .. }), "{:?}", shell.view());
        shell.act(Act::StartVisual { staff: Some("窓口".to_owned()), consent: Consent::None }).await;
        assert!(matches!(shell.view(), View::Home { .. }), "it is not to be had");
        shell.act(Act::StartCheck { staff: None, consent: Consent::None }).await;
        assert!(!shell.terminal.screen().actions.contains(&Action::UseVisual));
        shell.type_pin(b"1234").await;
        assert_eq!(shell.outcome(), Code::QualificationValid);
        assert!(audited(&site).await.is_empty());
    }
    async fn the_days_history_says_how_each_person_was_checked_where_the_institution_wants_one(database: Database) {
        let (site, mut shell) = open_to_visual(&database, "default").await;
        shell.name(BIRTH_DATE).await;
        shell.act(Act::ConfirmName).await;
        shell.act(Act::NextPerson).await;
        assert!(shell.terminal.history().is_empty(), "nobody has asked for one");
        site.switch_history(TEST_INSTITUTION, true).await;
        let effects = shell.terminal.test_connection();
        shell.carry_out(effects).await;
        shell.name(BIRTH_DATE).await;
        assert!(shell.terminal.history().is_empty(), "a name is no answer");
        shell.act(Act::ConfirmName).await;
        shell.act(Act::NextPerson).await;
        shell.check(b"1234").await;
        shell.act(Act::NextPerson).await;
        shell.name(BIRTH_DATE).await;
        shell.act(Act::DenyName).await;
        shell.reopen().await;
        let history = shell.terminal.history();
        let modes: Vec<_> = history.iter().map(|entry| (entry.mode, entry.code)).collect();
        assert_eq!(
            modes,
            [(Mode::Visual, Code::QualificationValid), (Mode::Pin, Code::QualificationValid)],
            "a denied name is no answer either"
        );
        assert!(history.iter().all(|entry| entry.name.contains('＊') && !entry.name.contains("太郎")));
        shell.keeps_nothing_of_a_person();
        site.switch_history(TEST_INSTITUTION, false).await;
        let effects = shell.terminal.test_connection();
        shell.carry_out(effects).await;
        assert!(shell.terminal.history().is_empty(), "what was kept goes with the wish");
    }
}
