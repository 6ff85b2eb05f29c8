//! Visual taps (目視確認) of virtual cards: what they prove, what they refuse, what they never send, and what they cost when
//! the card slips.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

use shikaku::certificate::{Anchors, Hierarchy};
use shikaku::evidence::Record;
use shikaku::guide::Code;
use shikaku::identifier::Date;
use shikaku::instant::UnixTime;
use shikaku::secret::{BirthDateKey, CodeB};
use shikaku::tap::{
    Closing, Consent, Fault, PrintedNumber, ReaderLimits, Stage, Step, Strategy, VisualCause, VisualEvidence,
    VisualOutcome, VisualRequest, VisualTap,
};
use shikaku::transcript::{Challenge, PendingTranscript, Purpose};
use shikaku_virtual_card::Card;
use shikaku_virtual_card::issue::{Authority, SurfaceAuthority};

/// 2026-07-01.
const NOW: UnixTime = UnixTime(1_782_864_000);
const BIRTH_DATE: &str = "550102";
const CODE_B: &str = "55010220361234";

fn anchors() -> Anchors {
    let anchors = Anchors::none().with_test(Authority::test().unwrap().certificate()).unwrap();
    anchors.with_test(&SurfaceAuthority::test().unwrap().root()).unwrap()
}

fn pending() -> PendingTranscript {
    let challenge = Challenge { id: [1; 16], nonce: [2; 32], issued_at: NOW, expires_at: NOW.plus(300) };
    let (institution, origin) = ("1310112345".parse().unwrap(), "https://shikaku.example".parse().unwrap());
    PendingTranscript::new(&challenge, Purpose::QualificationOnly, b"key", &institution, &origin)
}

fn number(digits: &str) -> PrintedNumber {
    let today = Date::of(NOW);
    match digits.len() {
        6 => PrintedNumber::BirthDate(BirthDateKey::new(digits.as_bytes(), today).unwrap()),
        _ => PrintedNumber::CodeB(CodeB::new(digits.as_bytes(), today).unwrap()),
    }
}

fn request(digits: &str, consent: Consent) -> VisualRequest {
    VisualRequest {
        number: number(digits),
        transcript: pending().visual(),
        anchors: anchors(),
        now: NOW,
        consent,
        limits: ReaderLimits::EXTENDED,
        strategy: Strategy::default(),
    }
}

/// What one exchange is answered with instead of the card's own answer.
#[derive(Debug, Clone, Copy)]
enum Trick {
    /// This status word, and the card never sees the command.
    Instead(u16),
    /// The card's data with another status word.
    Status(u16),
    /// The card's answer without its last octet.
    Cut,
    /// Nothing; the card has seen the command.
    Lost(Fault),
    /// Nothing; the card has not seen it.
    Never(Fault),
}

struct Ran {
    outcome: VisualOutcome,
    /// Commands with what they were for.
    sent: Vec<(Vec<u8>, Stage)>,
    /// Whether the card was gone, and not only the tap cancelled.
    gone: bool,
}

fn run(card: &mut Card, request: VisualRequest, trick: Option<(usize, Trick)>) -> Ran {
    let mut tap = VisualTap::new(request);
    let (mut sent, mut gone) = (Vec::new(), false);
    let mut step = tap.start();
    loop {
        let (command, stage) = match step {
            Step::Done(outcome) => {
                for again in [tap.start(), tap.advance(&[0x90, 0x00]), tap.fail(Fault::TagLost)] {
                    assert!(
                        matches!(again, Step::Done(VisualOutcome::Ended(_))),
                        "something is sent after the end"
                    );
                }
                return Ran { outcome, sent, gone };
            }
            Step::Transmit { command, stage, .. } => (command.to_vec(), stage),
        };
        let answer = match trick.filter(|(at, _)| *at == sent.len()) {
            None => Ok(card.transmit(&command)),
            Some((_, Trick::Instead(word))) => Ok(word.to_be_bytes().to_vec()),
            Some((_, Trick::Status(word))) => {
                let answer = card.transmit(&command);
                Ok([&answer[..answer.len() - 2], &word.to_be_bytes()].concat())
            }
            Some((_, Trick::Cut)) => {
                let mut answer = card.transmit(&command);
                answer.pop();
                Ok(answer)
            }
            Some((_, Trick::Lost(fault))) => {
                card.transmit(&command);
                Err(fault)
            }
            Some((_, Trick::Never(fault))) => Err(fault),
        };
        sent.push((command, stage));
        assert!(sent.len() < 80, "{trick:?}: it does not end");
        step = match &answer {
            Ok(octets) => tap.advance(octets),
            Err(fault) => {
                gone |= *fault != Fault::Cancelled;
                tap.fail(*fault)
            }
        };
    }
}

fn good(card: &str, digits: &str) -> VisualEvidence {
    match run(&mut Card::from_name(card).unwrap(), request(digits, Consent::None), None).outcome {
        VisualOutcome::Proven(evidence) => evidence,
        VisualOutcome::Ended(end) => panic!("{card} {digits}: {end:?}"),
    }
}

fn refused(card: &str, digits: &str, consent: Consent) -> (Code, Option<u8>) {
    match run(&mut Card::from_name(card).unwrap(), request(digits, consent), None).outcome {
        VisualOutcome::Proven(_) => panic!("{card} {digits} is proven"),
        VisualOutcome::Ended(end) => (end.code(), end.tries),
    }
}

fn is_verify(command: &[u8]) -> bool {
    command.starts_with(&[0x00, 0x20]) && command.len() > 4
}

/// The rules that hold for every visual tap. What is selected is followed through the commands.
fn hold_to_the_rules(ran: &Ran, digits: &str) {
    let (jpki, surface, text) = (
        &[0xd3, 0x92, 0xf0, 0x00, 0x26, 0x01, 0x00, 0x00, 0x00, 0x01][..],
        &[0xd3, 0x92, 0x10, 0x00, 0x31, 0x00, 0x01, 0x01, 0x04, 0x02][..],
        &[0xd3, 0x92, 0x10, 0x00, 0x31, 0x00, 0x01, 0x01, 0x04, 0x08][..],
    );
    let licence = &[0xa0, 0x00, 0x00, 0x02, 0x31, 0x01, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0][..];
    let manager = &[0xa0, 0x00, 0x00, 0x01, 0x51, 0x00, 0x00][..];
    let (mut application, mut file, mut asked) = (Vec::new(), 0_u16, None);
    let mut verified = Vec::new();
    for (command, stage) in &ran.sent {
        match &command[..] {
            [0x00, 0xa4, 0x04, 0x0c, _, aid @ ..] => {
                assert!([jpki, surface, text, licence, manager].contains(&aid));
                (application, file) = (aid.to_vec(), 0);
            }
            [0x00, 0xa4, 0x02, 0x0c, 0x02, high, low] => {
                file = u16::from_be_bytes([*high, *low]);
                let known: &[u16] = match &application[..] {
                    aid if aid == jpki => &[0x0006, 0x0008, 0x000a],
                    aid if aid == surface && digits.len() == 6 => &[0x0001, 0x0004, 0x0011],
                    aid if aid == surface => &[0x0002, 0x0004, 0x0012],
                    aid if aid == text && digits.len() == 14 => &[0x0002, 0x0015],
                    _ => &[],
                };
                assert!(known.contains(&file), "{file:04x} of {application:02x?} was opened");
            }
            [0x00, 0xb0, 0x00..=0x7f, _, _] | [0x00, 0xc0, 0, 0, _] => {}
            [0x00, 0xb0, 0x00..=0x7f, _, 0, high, low]
                if (0x101..=0x800).contains(&u16::from_be_bytes([*high, *low])) => {}
            [0x00, 0x20, 0x00, 0x80] => asked = Some((application.clone(), file)),
            [0x00, 0x20, 0x00, 0x80, _, sent @ ..] => {
                assert_eq!((sent, *stage), (digits.as_bytes(), Stage::PrintedNumber));
                assert_eq!(asked, Some((application.clone(), file)), "a number was sent without its counter");
                assert!(application != jpki, "a printed number went to the JPKI application");
                assert!(!verified.contains(&(application.clone(), file)), "a number was sent twice");
                verified.push((application.clone(), file));
            }
            [0x80, 0x2a, 0x00, 0x00, 0x33, info @ .., _] => {
                assert!(application == surface && *stage == Stage::Presence);
                let certificate = Card::from_name("default").unwrap().certificate().unwrap().to_vec();
                assert_eq!(
                    info[19..],
                    pending().visual().bind(&certificate).digest(),
                    "something else was signed"
                );
            }
            other => panic!("{other:02x?} was sent"),
        }
    }
    // Only the rest of its answer may be fetched after the closing select.
    let last = ran.sent.iter().rfind(|(command, _)| !command.starts_with(&[0x00, 0xc0]));
    let left = last.is_some_and(|(command, _)| command.ends_with(manager));
    assert!(verified.is_empty() || left || ran.gone, "the card is left as it is after a number was sent");
    if let VisualOutcome::Proven(evidence) = &ran.outcome {
        let certificate = shikaku::certificate::Certificate::from_der(&evidence.certificate).unwrap();
        assert_eq!(certificate.accept(&anchors(), NOW), Ok(()));
        let born = evidence.surface.verify(
            &anchors(),
            Hierarchy::Test,
            &pending().visual().bind(&evidence.certificate),
            &evidence.signature,
        );
        assert_eq!(born.map(|day| day.to_string()), Ok("1980-01-02".to_owned()));
    }
}

#[test]
fn a_light_check_proves_birth_date_and_card() {
    for (card, digits) in [("default", BIRTH_DATE), ("visual-foreign", "800102")] {
        let evidence = good(card, digits);
        assert!(matches!(evidence.surface.record, Record::Age(_)) && evidence.seen.is_none());
        assert_eq!((evidence.tries, evidence.closing), (Some(10), Closing::Done));
    }
}

#[test]
fn a_full_check_shows_photo_and_name_to_the_staff_and_only_digests_to_the_service() {
    let evidence = good("default", CODE_B);
    let Record::Face(group) = &evidence.surface.record else { panic!("a full check reads the card face") };
    assert_eq!(group.octets().len(), 285);
    let seen = evidence.seen.unwrap();
    assert_eq!(*seen.name, "資格\u{3000}太郎");
    assert!(seen.photo.png().unwrap().starts_with(b"\x89PNG"));
    assert_eq!(*good("visual-other-name", CODE_B).seen.unwrap().name, "別人\u{3000}花子");
}

#[test]
fn every_card_that_is_not_as_it_should_be_ends_in_its_code() {
    for (card, digits, code) in [
        ("visual-forged", BIRTH_DATE, Code::SurfaceForged),
        ("visual-forged", CODE_B, Code::SurfaceForged),
        ("visual-copied", BIRTH_DATE, Code::SurfaceCopied),
        ("visual-copied", CODE_B, Code::SurfaceCopied),
        ("visual-other-photo", CODE_B, Code::SurfaceForged),
        ("visual-foreign", BIRTH_DATE, Code::PrintedWrong),
        ("visual-blocked", BIRTH_DATE, Code::PrintedBlocked),
        ("visual-blocked", CODE_B, Code::PrintedBlocked),
        ("visual-two-tries", BIRTH_DATE, Code::PrintedWarnNeeded),
        ("visual-two-tries", CODE_B, Code::PrintedWarnNeeded),
        ("visual-one-try", BIRTH_DATE, Code::PrintedConsentNeeded),
        ("visual-one-try", CODE_B, Code::PrintedConsentNeeded),
        ("no-extended", BIRTH_DATE, Code::SurfaceAbsent),
        ("phone-android", BIRTH_DATE, Code::SurfaceAbsent),
        ("phone-iphone", BIRTH_DATE, Code::SurfaceAbsent),
        ("juki", BIRTH_DATE, Code::CardJuki),
        ("driving-licence", BIRTH_DATE, Code::CardDrivingLicence),
        ("expired", BIRTH_DATE, Code::CertificateExpired),
        ("wrong-issuer", CODE_B, Code::CertificateIssuerUnknown),
    ] {
        assert_eq!(refused(card, digits, Consent::None).0, code, "{card} {digits}");
    }
    assert_eq!(good("visual-other-birth", "560102").surface.record.birth_date().to_string(), "1981-01-02");
    // The light check does not see the photo.
    good("visual-other-photo", BIRTH_DATE);
}

#[test]
fn a_card_without_the_file_of_a_number_is_not_checked_by_that_number() {
    for (digits, file, seen) in [(BIRTH_DATE, 0x11, 1), (CODE_B, 0x15, 2), (CODE_B, 0x12, 1)] {
        let whole = run(&mut Card::from_name("default").unwrap(), request(digits, Consent::None), None);
        let selected =
            |(command, _): &(Vec<u8>, Stage)| *command == [0x00, 0xa4, 0x02, 0x0c, 0x02, 0x00, file];
        let places: Vec<_> = (0..whole.sent.len()).filter(|at| selected(&whole.sent[*at])).collect();
        assert_eq!(places.len(), seen);
        for at in places {
            let mut card = Card::from_name("default").unwrap();
            let ran = run(&mut card, request(digits, Consent::None), Some((at, Trick::Instead(0x6a82))));
            hold_to_the_rules(&ran, digits);
            let VisualOutcome::Ended(end) = &ran.outcome else { panic!("proven without {file:04x}") };
            assert_eq!(end.code(), Code::SurfaceAbsent, "{digits}, exchange {at}");
            assert!(ran.sent[at..].iter().all(|(command, _)| !is_verify(command)), "a try was risked");
        }
    }
}

#[test]
fn nothing_is_believed_under_another_key() {
    let only_root = Anchors::none().with_test(Authority::test().unwrap().certificate()).unwrap();
    let mut card = Card::from_name("default").unwrap();
    let request = VisualRequest { anchors: only_root, ..request(BIRTH_DATE, Consent::None) };
    let ran = run(&mut card, request, None);
    let VisualOutcome::Ended(end) = &ran.outcome else { panic!("an unknown key is believed") };
    assert_eq!((end.code(), end.closing), (Code::SurfaceIssuerUnknown, Closing::NotNeeded));
    assert!(ran.sent.iter().all(|(command, _)| !is_verify(command)), "a try was risked for nothing");
}

#[test]
fn tries_are_risked_only_as_the_patient_agreed() {
    let certificate_sha256 = {
        let VisualOutcome::Ended(end) =
            run(&mut Card::from_name("visual-one-try").unwrap(), request(BIRTH_DATE, Consent::None), None)
                .outcome
        else {
            panic!("the last try was used without being asked for")
        };
        assert_eq!(end.tries, Some(1));
        end.consent_for().unwrap()
    };
    let agreed = Consent::LastTry { certificate_sha256 };
    let other = Consent::LastTry { certificate_sha256: [7; 32] };
    for digits in [BIRTH_DATE, CODE_B] {
        for (card, consent, proven) in [
            ("visual-two-tries", Consent::Warned, true),
            ("visual-two-tries", agreed, true),
            ("visual-one-try", Consent::Warned, false),
            ("visual-one-try", agreed, true),
            ("visual-one-try", other, false),
            ("default", other, false),
            ("visual-blocked", agreed, false),
        ] {
            let mut card_in_hand = Card::from_name(card).unwrap();
            let tries = [
                card_in_hand.surface_tries(0x0011),
                card_in_hand.surface_tries(0x0012),
                card_in_hand.text_tries(),
            ];
            let ran = run(&mut card_in_hand, request(digits, consent), None);
            hold_to_the_rules(&ran, digits);
            assert_eq!(
                matches!(ran.outcome, VisualOutcome::Proven(_)),
                proven,
                "{card} {consent:?} {digits}"
            );
            let sent = ran.sent.iter().any(|(command, _)| is_verify(command));
            assert_eq!(sent, proven, "{card} {consent:?} {digits}");
            if !proven {
                let after = [
                    card_in_hand.surface_tries(0x0011),
                    card_in_hand.surface_tries(0x0012),
                    card_in_hand.text_tries(),
                ];
                assert_eq!(tries, after);
            }
        }
    }
}

#[test]
fn a_wrong_number_costs_one_try_of_one_counter() {
    for (digits, file) in [("560102", 0x0011), ("55010220361235", 0x0012)] {
        let mut card = Card::from_name("default").unwrap();
        let ran = run(&mut card, request(digits, Consent::None), None);
        let VisualOutcome::Ended(end) = &ran.outcome else { panic!("a wrong number opens") };
        assert_eq!((end.cause, end.tries), (VisualCause::Wrong { left: Some(9) }, Some(9)));
        assert_eq!(end.closing, Closing::Done);
        assert_eq!(card.surface_tries(file), Some(9));
        assert_eq!(
            card.text_tries(),
            Some(10),
            "the other application was tried with a number known to be wrong"
        );
        assert_eq!(ran.sent.iter().filter(|(command, _)| is_verify(command)).count(), 1);
    }
    let mut card = Card::from_name("visual-one-try").unwrap();
    let certificate_sha256 =
        shikaku::certificate::Certificate::from_der(card.certificate().unwrap()).unwrap().sha256();
    let ran = run(&mut card, request("560102", Consent::LastTry { certificate_sha256 }), None);
    let VisualOutcome::Ended(end) = &ran.outcome else { panic!("a wrong number opens") };
    assert_eq!((end.code(), end.tries), (Code::PrintedBlockedNow, Some(0)));
}

#[test]
fn a_card_that_slips_is_never_harmed_and_the_next_tap_goes_on() {
    let mut slips = 0;
    for digits in [BIRTH_DATE, CODE_B] {
        let whole =
            run(&mut Card::from_name("default").unwrap(), request(digits, Consent::None), None).sent.len();
        for at in 0..whole {
            for trick in [
                Trick::Lost(Fault::TagLost),
                Trick::Never(Fault::TagLost),
                Trick::Lost(Fault::Timeout),
                Trick::Never(Fault::Cancelled),
                Trick::Lost(Fault::Cancelled),
            ] {
                let mut card = Card::from_name("default").unwrap();
                let ran = run(&mut card, request(digits, Consent::None), Some((at, trick)));
                hold_to_the_rules(&ran, digits);
                slips += 1;
                let at_number = ran.sent[at].1 == Stage::PrintedNumber;
                match &ran.outcome {
                    VisualOutcome::Proven(evidence) => assert_eq!(
                        (ran.sent[at].1, evidence.closing),
                        (Stage::Closing, Closing::Lost),
                        "{at} {trick:?}"
                    ),
                    VisualOutcome::Ended(end) => {
                        assert_eq!(end.code() == Code::PrintedUnknown, at_number, "{at} {trick:?}: {end:?}");
                    }
                }
                for tries in [card.surface_tries(0x0011), card.surface_tries(0x0012), card.text_tries()] {
                    assert_eq!(tries, Some(10));
                }
                card.power_off();
                let again = run(&mut card, request(digits, Consent::None), None);
                assert!(matches!(again.outcome, VisualOutcome::Proven(_)), "{at} {trick:?}");
            }
        }
    }
    assert!(slips > 200, "only {slips} slips");
}

#[test]
fn whatever_one_exchange_answers_the_rules_hold() {
    let words = [
        0x9000, 0x6100, 0x6101, 0x6282, 0x6300, 0x63c0, 0x63c1, 0x63c2, 0x63c3, 0x63cf, 0x6700, 0x6982,
        0x6983, 0x6984, 0x6985, 0x6a82, 0x6a86, 0x6b00, 0x6c00, 0x6c04, 0x6d00, 0x0000, 0xffff,
    ];
    let mut walked = 0;
    for digits in [BIRTH_DATE, CODE_B] {
        let whole =
            run(&mut Card::from_name("default").unwrap(), request(digits, Consent::None), None).sent.len();
        let tricks = words.iter().flat_map(|word| [Trick::Instead(*word), Trick::Status(*word)]);
        for trick in tricks.chain([Trick::Cut]) {
            for at in 0..whole {
                let mut card = Card::from_name("default").unwrap();
                let ran = run(&mut card, request(digits, Consent::None), Some((at, trick)));
                hold_to_the_rules(&ran, digits);
                walked += 1;
            }
        }
    }
    assert!(walked > 2_000, "only {walked} taps");
}
