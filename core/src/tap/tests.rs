//! Whatever a card answers, and whenever the shell fails: what is sent, and how often.

use proptest::prelude::{Just, Strategy as Arbitrarily, any, prop, prop_oneof, proptest};
use rsa::pkcs1v15::Pkcs1v15Sign;
use rsa::pkcs8::DecodePrivateKey as _;
use sha2::{Digest as _, Sha256};

use super::*;
use crate::transcript::{Challenge, Purpose};

const CARD: &[u8] = include_bytes!("../../../tests/data/cards/default/auth.der");
const CARD_KEY: &str = include_str!("../../../tests/data/cards/default/auth.key");
const ROOT: &[u8] = include_bytes!("../../../tests/data/ca/root.der");

/// 2026-07-01, within the card's validity.
const NOW: UnixTime = UnixTime(1_782_864_000);

/// JPKI application, driving licence, card manager.
const APPLICATIONS: [&[u8]; 3] = [
    &[0xd3, 0x92, 0xf0, 0x00, 0x26, 0x01, 0x00, 0x00, 0x00, 0x01],
    &[0xa0, 0x00, 0x00, 0x02, 0x31, 0x01, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    CARD_MANAGER,
];
const CARD_MANAGER: &[u8] = &[0xa0, 0x00, 0x00, 0x01, 0x51, 0x00, 0x00];
const FILES: [u8; 5] = [0x06, 0x08, 0x0a, 0x17, 0x18];

fn pending() -> PendingTranscript {
    let challenge = Challenge { id: [1; 16], nonce: [2; 32], issued_at: NOW, expires_at: NOW.plus(300) };
    let (institution, origin) = ("1310112345".parse().unwrap(), "https://shikaku.example".parse().unwrap());
    PendingTranscript::new(&challenge, Purpose::QualificationOnly, b"key", &institution, &origin)
}

fn request(anchors: Anchors, consent: Consent, limits: ReaderLimits) -> TapRequest {
    let (pin, strategy) =
        (Pin::new(b"1234").unwrap(), Strategy::STANDARD.with(Form::ExtendedRead, Probe::Untried));
    TapRequest { pin, transcript: pending(), anchors, now: NOW, consent, limits, strategy }
}

/// A card that does as it should: the default one, or a phone that shows its certificate after the PIN. It takes short
/// ids and the bare hash, or refuses each.
#[expect(clippy::struct_excessive_bools, reason = "what a card knows and what it has seen are independent")]
struct Honest {
    file: u8,
    tries: u8,
    phone: bool,
    verified: bool,
    takes_short_ids: bool,
    takes_bare_hash: bool,
}

impl Honest {
    const fn new(tries: u8, phone: bool) -> Self {
        Self { file: 0, tries, phone, verified: false, takes_short_ids: false, takes_bare_hash: false }
    }
}

impl Honest {
    fn answer(&mut self, command: &[u8]) -> Vec<u8> {
        match *command {
            [0x00, 0xa4, 0x04, ..] => vec![0x90, 0x00],
            [0x00, 0xa4, 0x02, 0x0c, 0x02, _, file] => {
                self.file = file;
                vec![0x90, 0x00]
            }
            [0x00, 0xb0, 0x8a, 0x00, ref le @ ..] if self.takes_short_ids => {
                self.file = 0x0a;
                self.read(0, le)
            }
            [0x00, 0x20, 0x00, 0x98, ref pin @ ..] if self.takes_short_ids => {
                self.answer(&[&[0x00, 0x20, 0x00, 0x80], pin].concat())
            }
            [0x80, 0x2a, form, 0x97, ref input @ ..] if self.takes_short_ids => {
                self.answer(&[&[0x80, 0x2a, form, 0x80], input].concat())
            }
            [0x80, 0x2a, 0x02, 0x80, 0x20, ref hash @ .., 0x00] if self.takes_bare_hash => {
                let info = &pending().bind(CARD).digest_info()[..19];
                self.answer(&[&[0x80, 0x2a, 0x00, 0x80, 0x33], info, hash, &[0x00]].concat())
            }
            [0x00, 0xb0, 0x80..=0xff, ..]
            | [0x00, 0x20, 0x00, 0x98, ..]
            | [0x80, 0x2a, 0x02, ..]
            | [0x80, 0x2a, _, 0x97, ..] => {
                vec![0x6a, 0x86]
            }
            [0x00, 0xb0, high, low, ref le @ ..] => self.read(u16::from_be_bytes([high, low]).into(), le),
            [0x00, 0x20, 0x00, 0x80] => vec![0x63, 0xc0 | self.tries],
            [0x00, 0x20, 0x00, 0x80, 0x04, ..] => {
                self.verified = true;
                vec![0x90, 0x00]
            }
            [0x80, 0x2a, 0x00, 0x80, 0x33, ref info @ .., 0x00] if self.verified => {
                let key = rsa::RsaPrivateKey::from_pkcs8_pem(CARD_KEY).unwrap();
                [key.sign(Pkcs1v15Sign::new_unprefixed(), info).unwrap(), vec![0x90, 0x00]].concat()
            }
            _ => vec![0x69, 0x82],
        }
    }

    fn read(&self, offset: usize, le: &[u8]) -> Vec<u8> {
        let label: &[u8] = if self.phone { b"JPKIAPGPSETOKEN                 " } else { b"JPKIAPICCTOKEN2" };
        let content = match self.file {
            0x0a if self.phone && !self.verified => return vec![0x69, 0x82],
            0x0a => CARD,
            0x06 => label,
            _ => &[0x8f, 0x8f, 0x00],
        };
        let length = match *le {
            [0] => 256,
            [short] => usize::from(short),
            [0, high, low] => u16::from_be_bytes([high, low]).into(),
            _ => return vec![0x67, 0x00],
        };
        let end = content.len().min(offset + length);
        [content.get(offset..end).unwrap_or_default(), &[0x90, 0x00]].concat()
    }
}

/// What becomes of one exchange; most go well.
#[derive(Debug, Clone)]
enum Turn {
    Well,
    Word(u16),
    Octets(Vec<u8>),
    WithoutLast,
    Fault(Fault),
}

fn turn() -> impl Arbitrarily<Value = Turn> {
    let words = vec![
        0x9000, 0x6100, 0x6101, 0x6282, 0x6300, 0x63c0, 0x63c1, 0x63c2, 0x63c3, 0x63cf, 0x6700, 0x6982,
        0x6983, 0x6984, 0x6a82, 0x6b00, 0x6c00, 0x6c04, 0x6d00,
    ];
    let faults = vec![Fault::TagLost, Fault::Timeout, Fault::Cancelled, Fault::ReaderFailed];
    prop_oneof![
        24 => Just(Turn::Well),
        3 => prop::sample::select(words).prop_map(Turn::Word),
        1 => any::<u16>().prop_map(Turn::Word),
        1 => prop::collection::vec(any::<u8>(), 0..300).prop_map(Turn::Octets),
        1 => Just(Turn::WithoutLast),
        1 => prop::sample::select(faults).prop_map(Turn::Fault),
    ]
}

/// Every command that went out, with what came back.
type Log = Vec<(Vec<u8>, Result<Vec<u8>, Fault>)>;

fn run(request: TapRequest, card: &mut Honest, turns: &[Turn]) -> (Outcome, Log) {
    let mut tap = Tap::new(request);
    let mut log = Log::new();
    let mut step = tap.start();
    loop {
        let command = match step {
            Step::Done(outcome) => return (outcome, log),
            Step::Transmit { command, .. } => command.to_vec(),
        };
        assert!(log.len() < 2_000, "a tap that does not end");
        let answer = match turns.get(log.len()).unwrap_or(&Turn::Well) {
            Turn::Well => Ok(card.answer(&command)),
            Turn::Word(word) => Ok(word.to_be_bytes().to_vec()),
            Turn::Octets(octets) => Ok(octets.clone()),
            Turn::WithoutLast => {
                let mut answer = card.answer(&command);
                answer.pop();
                Ok(answer)
            }
            Turn::Fault(fault) => Err(*fault),
        };
        step = match &answer {
            Ok(octets) => tap.advance(octets),
            Err(fault) => tap.fail(*fault),
        };
        log.push((command, answer));
    }
}

/// Whether the core may send this after the answer that came before it.
fn is_allowed(command: &[u8], before: Option<&Result<Vec<u8>, Fault>>) -> bool {
    match command {
        [0x00, 0xa4, 0x04, 0x0c, _, aid @ ..] => APPLICATIONS.contains(&aid),
        [0x00, 0xa4, 0x02, 0x0c, 0x02, 0x00, file] => FILES.contains(file),
        [0x00, 0xb0, 0x00..=0x7f, _, _]
        | [0x00, 0xb0, 0x8a, 0x00, _]
        | [0x00, 0xc0, 0x00, 0x00, _]
        | [0x00, 0x20, 0x00, 0x80 | 0x98] => true,
        [0x00, 0xb0, 0x00..=0x7f, _, 0x00, high, low] | [0x00, 0xb0, 0x8a, 0x00, 0x00, high, low] => {
            (257..=2_048).contains(&u16::from_be_bytes([*high, *low]))
        }
        [0x00, 0x20, 0x00, 0x80 | 0x98, 0x04, pin @ ..] => pin == b"1234",
        // Another expected length only if the card has just named it; what is signed stays the same.
        [0x80, 0x2a, form, 0x80 | 0x97, length, input @ .., le] => {
            let named = matches!(before, Some(Ok(answer)) if answer[..] == [0x6c, *le]);
            let transcript = pending().bind(CARD);
            let is_ours = match (form, length) {
                (0x00, 0x33) => input == transcript.digest_info(),
                (0x02, 0x20) => input == transcript.digest(),
                _ => false,
            };
            is_ours && (*le == 0 || named)
        }
        _ => false,
    }
}

fn is_verify(command: &[u8]) -> bool {
    command.starts_with(&[0x00, 0x20]) && command.len() > 4
}

fn is_sign(command: &[u8]) -> bool {
    command.starts_with(&[0x80, 0x2a])
}

/// The rules that hold for every tap.
fn hold_to_the_rules(outcome: &Outcome, log: &Log, consent: Consent, believed: bool) {
    let before = std::iter::once(None).chain(log.iter().map(|(_, answer)| Some(answer)));
    assert!(log.iter().zip(before).all(|((command, _), before)| is_allowed(command, before)));
    let tries: Vec<usize> = (0..log.len()).filter(|at| is_verify(&log[*at].0)).collect();
    let signed = log.iter().position(|(command, _)| is_sign(command));
    let Some(verify) = tries.first().copied() else {
        assert!(signed.is_none(), "a signature without PIN");
        return;
    };
    assert_eq!(tries.len(), 1, "a PIN was sent twice");
    assert!(believed, "a PIN was sent though no certificate can be believed");
    let counter = log[verify - 1].1.clone().unwrap();
    let asked = log[..verify].iter().rfind(|(command, _)| !command.starts_with(&[0x00, 0xc0])).unwrap();
    assert_eq!(asked.0, log[verify].0[..4], "the counter is read last before the PIN, and in its form");
    let is_named = asked.0[3] == 0x98;
    assert!(!is_named || counter == [0x63, 0xc3], "a PIN named by short id on less than every try");
    let same_card = consent == Consent::LastTry { certificate_sha256: Sha256::digest(CARD).into() };
    let may = match counter[..] {
        [0x63, 0xc3] => true,
        [0x63, 0xc2] => same_card || consent == Consent::Warned,
        [0x63, 0xc1] => same_card,
        _ => false,
    };
    assert!(may, "{counter:02x?} with {consent:?}");
    let accepted = log[verify].1 == Ok(vec![0x90, 0x00]);
    assert!(signed.is_none_or(|at| accepted && at > verify), "a signature after a PIN that was not accepted");
    assert_eq!(matches!(outcome, Outcome::Signed(_)), signed.is_some() && code(outcome).is_none());
    let connected = log[verify..log.len() - 1]
        .iter()
        .all(|(_, answer)| !matches!(answer, Err(fault) if *fault != Fault::Cancelled));
    let last_but_faults = log.iter().rposition(|(command, _)| command.ends_with(CARD_MANAGER));
    let lost = matches!(log.last(), Some((_, Err(fault))) if *fault != Fault::Cancelled);
    assert!(last_but_faults.is_some() || !connected || lost, "the card is left with the PIN in force");
}

fn code(outcome: &Outcome) -> Option<crate::guide::Code> {
    match outcome {
        Outcome::Signed(_) => None,
        Outcome::Ended(end) => Some(end.code()),
    }
}

fn consents() -> impl Arbitrarily<Value = Consent> {
    prop::sample::select(vec![
        Consent::None,
        Consent::Warned,
        Consent::LastTry { certificate_sha256: Sha256::digest(CARD).into() },
        Consent::LastTry { certificate_sha256: [7; 32] },
    ])
}

/// Every form in every state, and every length of the longest certificate.
fn strategies() -> impl Arbitrarily<Value = Strategy> {
    let probes = prop::array::uniform6(prop::sample::select(Probe::ALL.to_vec()));
    let longest = prop_oneof![Just(0), 1..2_100_u16, any::<u16>()];
    (probes, longest).prop_map(|(probes, longest_certificate)| {
        let known = Strategy { longest_certificate, ..Strategy::STANDARD };
        Form::ALL.into_iter().zip(probes).fold(known, |strategy, (form, probe)| strategy.with(form, probe))
    })
}

proptest! {
    #[test]
    fn no_card_and_no_fault_make_the_tap_break_its_rules(
        turns in prop::collection::vec(turn(), 0..24),
        tries in 0_u8..5,
        phone: bool,
        believed: bool,
        extended: bool,
        takes_short_ids: bool,
        takes_bare_hash: bool,
        strategy in strategies(),
        consent in consents(),
    ) {
        let anchors = if believed { Anchors::none().with_test(ROOT).unwrap() } else { Anchors::production() };
        let limits = if extended { ReaderLimits::EXTENDED } else { ReaderLimits::SHORT };
        let mut card = Honest { takes_short_ids, takes_bare_hash, ..Honest::new(tries, phone) };
        let request = TapRequest { strategy, ..request(anchors, consent, limits) };
        let (outcome, log) = run(request, &mut card, &turns);
        hold_to_the_rules(&outcome, &log, consent, believed);
    }
}

#[test]
fn the_rules_are_those_of_taps_that_do_sign() {
    for (tries, phone, consent) in [
        (3, false, Consent::None),
        (3, true, Consent::None),
        (2, false, Consent::Warned),
        (1, false, Consent::LastTry { certificate_sha256: Sha256::digest(CARD).into() }),
    ] {
        let anchors = Anchors::none().with_test(ROOT).unwrap();
        let mut card = Honest::new(tries, phone);
        let (outcome, log) = run(request(anchors, consent, ReaderLimits::SHORT), &mut card, &[]);
        assert!(matches!(outcome, Outcome::Signed(_)), "{tries} {phone}: {outcome:?}");
        hold_to_the_rules(&outcome, &log, consent, true);
        assert!(log.last().unwrap().0.ends_with(CARD_MANAGER));
    }
}

#[test]
fn whatever_is_known_of_the_forms_a_good_card_signs_and_the_next_tap_costs_no_more() {
    for (takes_short_ids, takes_bare_hash, phone) in [
        (true, true, false),
        (true, false, false),
        (false, true, false),
        (false, false, false),
        (true, true, true),
    ] {
        for limits in [ReaderLimits::SHORT, ReaderLimits::EXTENDED] {
            let (mut strategy, mut costs) = (Strategy::EVERY, Vec::new());
            for _ in 0..4 {
                let anchors = Anchors::none().with_test(ROOT).unwrap();
                let mut card = Honest { takes_short_ids, takes_bare_hash, ..Honest::new(3, phone) };
                let request = TapRequest { strategy, ..request(anchors, Consent::None, limits) };
                let (outcome, log) = run(request, &mut card, &[]);
                hold_to_the_rules(&outcome, &log, Consent::None, true);
                let Outcome::Signed(signed) = outcome else { panic!("{outcome:?}") };
                strategy = signed.strategy;
                costs.push(log.len());
            }
            assert_eq!(costs[2], costs[3], "everything is known after two taps: {costs:?}");
            assert!(costs[3] <= costs[0], "{costs:?}");
            let is_settled = |form: Form| matches!(strategy.probe(form), Probe::Works | Probe::Refused);
            let untried: Vec<_> = Form::ALL.into_iter().filter(|form| !is_settled(*form)).collect();
            let expected = match (limits.extended_length, takes_short_ids) {
                // VERIFY by short id waits for a counter that answers so.
                (true, true) => vec![],
                (true, false) => vec![Form::VerifyByShortId],
                (false, true) => vec![Form::ExtendedRead],
                (false, false) => vec![Form::ExtendedRead, Form::VerifyByShortId],
            };
            assert_eq!(untried, expected);
        }
    }
}

#[test]
fn a_reader_that_carries_only_few_octets_at_a_time_reads_the_same_certificate() {
    for (short_read, phone) in [1, 2, 3, 4, 5, 255, 256].into_iter().flat_map(|n| [(n, false), (n, true)]) {
        let anchors = Anchors::none().with_test(ROOT).unwrap();
        let mut card = Honest::new(3, phone);
        let limits = ReaderLimits { extended_length: false, short_read };
        let (outcome, log) = run(request(anchors, Consent::None, limits), &mut card, &[]);
        let Outcome::Signed(signed) = &outcome else { panic!("{short_read} {phone}: {outcome:?}") };
        assert_eq!(signed.certificate, CARD);
        hold_to_the_rules(&outcome, &log, Consent::None, true);
        let reads = log.iter().filter_map(|(command, answer)| match (&command[..], answer) {
            ([0x00, 0xb0, ..], Ok(answer)) => Some(answer.len() - 2),
            _ => None,
        });
        assert!(reads.max() <= Some(short_read.into()));
    }
}

/// If a step gained one of these traits, `probe` would be ambiguous and this would not compile.
#[test]
fn a_step_that_may_hold_a_pin_is_neither_cloned_nor_compared() {
    trait Probe<Marker> {
        fn probe() {}
    }
    struct Cloned;
    struct Compared;
    impl<T> Probe<()> for T {}
    impl<T: Clone> Probe<Cloned> for T {}
    impl<T: PartialEq> Probe<Compared> for T {}
    <Step as Probe<_>>::probe();
}

#[test]
fn a_tap_may_go_from_thread_to_thread_and_be_shared() {
    fn needs<T: Send + Sync + 'static>() {}
    needs::<Tap>();
    needs::<Inspection>();
    needs::<Step>();
    needs::<TapRequest>();
}

#[test]
fn a_card_that_names_another_length_for_the_signature_is_asked_for_the_same_signature() {
    let anchors = Anchors::none().with_test(ROOT).unwrap();
    let mut card = Honest::new(3, false);
    let turns = [vec![Turn::Well; 7], vec![Turn::Word(0x6c04)]].concat();
    let (outcome, log) = run(request(anchors, Consent::None, ReaderLimits::EXTENDED), &mut card, &turns);
    hold_to_the_rules(&outcome, &log, Consent::None, true);
    let signatures: Vec<_> = log.iter().filter(|(command, _)| is_sign(command)).collect();
    assert_eq!(signatures.len(), 2);
    assert_eq!(signatures[0].0[..56], signatures[1].0[..56], "what is signed stays the same");
}

#[test]
fn whatever_an_extended_read_is_refused_with_short_ones_follow_and_the_form_is_left() {
    let words = [
        0x6282, 0x6300, 0x6700, 0x6883, 0x6985, 0x6a80, 0x6a81, 0x6a86, 0x6b00, 0x6d00, 0x6e00, 0x6f00,
        0x9000,
    ];
    for word in words {
        let anchors = Anchors::none().with_test(ROOT).unwrap();
        let turns = [Turn::Well, Turn::Well, Turn::Word(word)];
        let asked = request(anchors, Consent::None, ReaderLimits::EXTENDED);
        let (outcome, log) = run(asked, &mut Honest::new(3, false), &turns);
        assert_eq!(log[2].0.len(), 7, "an extended read is what was refused");
        let Outcome::Signed(signed) = &outcome else { panic!("{word:04x}: {outcome:?}") };
        assert_eq!(signed.strategy.extended_read, Probe::Refused);
        hold_to_the_rules(&outcome, &log, Consent::None, true);
    }
}
