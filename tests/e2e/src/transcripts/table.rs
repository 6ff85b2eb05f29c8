//! The scenarios. Exchanges of a good tap in short reads: 1 application, 2 to 9 certificate, 10 and 11 counter,
//! 12 PIN, 13 and 14 signature, 15 closing.

use shikaku::guide::Code;
use shikaku::instant::UnixTime;
use shikaku::tap::Fault;

use super::scenario::{Agreed, Hitch, Scenario};

const SELECT_CERTIFICATE: usize = 2;
const FIRST_READ: usize = 3;
const LAST_READ: usize = 9;
const COUNTER: usize = 11;
const PIN: usize = 12;
const SIGNATURE: usize = 14;
const CLOSING: usize = 15;

/// All of them, in the order of their files' groups.
pub fn scenarios() -> Vec<Scenario> {
    let standard =
        [good(), pins(), blocked(), certificates(), other_cards(), phones(), garbage(), accidents(), lost()];
    [standard.concat(), super::forms::forms()].concat()
}

fn good() -> Vec<Scenario> {
    vec![
        Scenario::of(
            "good-short",
            "default",
            "A good tap in 256-octet reads: 14 exchanges and the closing select.",
        ),
        Scenario::of(
            "good-extended",
            "default",
            "A good tap with one extended read: 8 exchanges and the closing select.",
        )
        .extended(),
        Scenario::of(
            "good-extended-refused",
            "no-extended",
            "The probe of the extended read is refused once; short reads follow.",
        )
        .extended(),
        Scenario::of("good-early-end", "default", "The file ends before the read does: the card says 6282.")
            .extended()
            .but(Hitch::Instead(FIRST_READ, unpadded("default", [0x62, 0x82]))),
        Scenario::of(
            "good-early-end-9000",
            "default",
            "The file ends before the read does: the card says 9000.",
        )
        .extended()
        .but(Hitch::Instead(FIRST_READ, unpadded("default", [0x90, 0x00]))),
        Scenario::of(
            "good-short-answer",
            "default",
            "The extended read is answered with 256 octets: accepted, the rest is read short.",
        )
        .extended()
        .but(Hitch::Instead(FIRST_READ, first_256("default"))),
        Scenario::of(
            "good-closing-refused",
            "default",
            "The closing select is refused: noted, the signature stands.",
        )
        .but(Hitch::Instead(CLOSING, vec![0x6a, 0x82])),
    ]
}

fn pins() -> Vec<Scenario> {
    vec![
        Scenario::of(
            "pin-wrong",
            "default",
            "A wrong PIN with three tries left: two are left, the card is left properly.",
        )
        .typed("9999")
        .ends(Code::PinWrong, Some(2)),
        Scenario::of(
            "pin-warn-needed",
            "two-tries",
            "Two tries are left and the patient does not know: no PIN is sent.",
        )
        .ends(Code::PinWarnNeeded, Some(2)),
        Scenario::of("pin-warned", "two-tries", "Two tries are left and the patient knows.")
            .agreed(Agreed::Warned)
            .signs(2),
        Scenario::of("pin-warned-wrong", "two-tries", "Warned, and wrong: one is left.")
            .typed("9999")
            .agreed(Agreed::Warned)
            .ends(Code::PinWrong, Some(1)),
        Scenario::of("pin-consent-needed", "one-try", "One try is left: no PIN is sent.")
            .ends(Code::PinConsentNeeded, Some(1)),
        Scenario::of("pin-consent-needed-warned", "one-try", "A warning is no consent to the last try.")
            .agreed(Agreed::Warned)
            .ends(Code::PinConsentNeeded, Some(1)),
        Scenario::of("pin-last-try", "one-try", "The last try, with consent for this card.")
            .agreed(Agreed::LastTryOf("one-try"))
            .signs(1),
        Scenario::of(
            "pin-last-try-other-card",
            "one-try",
            "The consent was given for another card: no PIN is sent.",
        )
        .agreed(Agreed::LastTryOf("default"))
        .ends(Code::CardChanged, Some(1)),
        Scenario::of("pin-last-try-other-card-full", "default", "As before, on a card with three tries.")
            .agreed(Agreed::LastTryOf("one-try"))
            .ends(Code::CardChanged, Some(3)),
        Scenario::of(
            "pin-exhausted",
            "one-try",
            "The last try, with consent, and wrong: blocked by this try.",
        )
        .typed("9999")
        .agreed(Agreed::LastTryOf("one-try"))
        .ends(Code::PinBlockedNow, Some(0)),
    ]
}

fn blocked() -> Vec<Scenario> {
    vec![
        Scenario::of("blocked-counter", "blocked", "The counter says 63C0: no PIN is sent.")
            .ends(Code::PinBlocked, Some(0)),
        Scenario::of(
            "blocked-counter-6984",
            "default",
            "The counter query is answered 6984: no PIN is sent.",
        )
        .but(Hitch::Instead(COUNTER, vec![0x69, 0x84]))
        .ends(Code::PinBlocked, Some(0)),
        Scenario::of(
            "blocked-verify-6984",
            "default",
            "VERIFY is answered 6984, against what the counter said.",
        )
        .but(Hitch::Instead(PIN, vec![0x69, 0x84]))
        .ends(Code::PinBlocked, Some(0)),
        Scenario::of("blocked-verify-6983", "default", "VERIFY is answered 6983, as ISO has it.")
            .but(Hitch::Instead(PIN, vec![0x69, 0x83]))
            .ends(Code::PinBlocked, Some(0)),
    ]
}

fn certificates() -> Vec<Scenario> {
    vec![
        Scenario::of("certificate-expired", "expired", "An expired certificate: no PIN is sent.")
            .ends(Code::CertificateExpired, None),
        Scenario::of("certificate-not-yet-valid", "default", "A certificate whose validity has not begun.")
            .at(UnixTime(1_700_000_000))
            .ends(Code::CertificateNotYetValid, None),
        Scenario::of(
            "certificate-test-in-production",
            "default",
            "A test certificate where production is asked.",
        )
        .in_production()
        .ends(Code::CertificateTestRefused, None),
        Scenario::of(
            "certificate-wrong-issuer",
            "wrong-issuer",
            "The issuer has the right name and another key.",
        )
        .ends(Code::CertificateIssuerUnknown, None),
        Scenario::of(
            "certificate-forged",
            "default",
            "The last octet of the issuer's signature is another one.",
        )
        .but(Hitch::Flipped(LAST_READ))
        .ends(Code::CertificateIssuerSignature, None),
        Scenario::of("certificate-absent", "no-certificate", "A My Number card without the certificate.")
            .ends(Code::CertificateAbsent, None),
        Scenario::of("certificate-empty-file", "default", "The file holds nothing but FF.")
            .but(Hitch::Instead(FIRST_READ, [vec![0xff; 256], vec![0x90, 0x00]].concat()))
            .ends(Code::CertificateMalformed, None),
        Scenario::of("certificate-stops-early", "default", "The file ends before the certificate does.")
            .but(Hitch::Instead(LAST_READ, vec![0x6b, 0x00]))
            .ends(Code::CertificateMalformed, None),
        Scenario::of("certificate-unreadable", "default", "Reading is answered 6F00.")
            .but(Hitch::Instead(FIRST_READ, vec![0x6f, 0x00]))
            .ends(Code::CertificateUnreadable, None),
    ]
}

fn other_cards() -> Vec<Scenario> {
    vec![
        Scenario::of("other-juki", "juki", "A Juki card (住基カード).").ends(Code::CardJuki, None),
        Scenario::of("other-driving-licence", "driving-licence", "A driving licence (運転免許証).")
            .ends(Code::CardDrivingLicence, None),
        Scenario::of("other-no-application", "driving-licence", "A card with neither application.")
            .but(Hitch::Instead(2, vec![0x6a, 0x82]))
            .ends(Code::CardNotMyNumber, None),
        Scenario::of(
            "other-transit-card",
            "driving-licence",
            "A card that does not know the instruction, as transit cards.",
        )
        .but(Hitch::Instead(1, vec![0x6d, 0x00]))
        .but(Hitch::Instead(2, vec![0x6d, 0x00]))
        .ends(Code::CardNotMyNumber, None),
        Scenario::of(
            "other-needs-pin",
            "default",
            "6982 before the certificate on a card that is no phone: no PIN is sent.",
        )
        .but(Hitch::Instead(FIRST_READ, vec![0x69, 0x82]))
        .ends(Code::CertificateNeedsPin, None),
    ]
}

fn phones() -> Vec<Scenario> {
    const PHONE: &str = "phone-android";
    vec![
        Scenario::of(
            "phone-good",
            PHONE,
            "A phone: PIN first, then the certificate, checked before anything is signed.",
        ),
        Scenario::of("phone-good-extended", PHONE, "The same with one extended read.").extended(),
        Scenario::of(
            "phone-in-production",
            PHONE,
            "A phone where production is asked: its policy is not known, no PIN is sent.",
        )
        .in_production()
        .ends(Code::CertificateMobileUnknown, None),
        Scenario::of(
            "phone-expired",
            PHONE,
            "The certificate proves expired after the PIN: nothing is signed, the card is left.",
        )
        .at(UnixTime(2_150_000_000))
        .ends(Code::CertificateExpired, Some(3)),
        Scenario::of("phone-pin-wrong", PHONE, "A wrong PIN on a phone.")
            .typed("9999")
            .ends(Code::PinWrong, Some(2)),
        Scenario::of(
            "phone-last-try",
            PHONE,
            "One try left on a phone: never used, no consent can be held to it.",
        )
        .but(Hitch::Instead(7, vec![0x63, 0xc1]))
        .ends(Code::PinLastOnPhone, Some(1)),
        Scenario::of(
            "phone-iphone",
            "phone-iphone",
            "An iPhone: no PIN of four digits is known, none is sent.",
        )
        .ends(Code::CardIphoneToken, None),
    ]
}

fn garbage() -> Vec<Scenario> {
    let garbage = |name: &str, at: usize, response: Vec<u8>, code: Code, tries: Option<u8>| {
        Scenario::of(&format!("garbage-{name}"), "default", "An answer that makes no sense.")
            .but(Hitch::Instead(at, response))
            .ends(code, tries)
    };
    let with_status = |data: Vec<u8>| [data, vec![0x90, 0x00]].concat();
    vec![
        garbage("application-empty", 1, vec![], Code::CardGarbage, None),
        garbage("application-half", 1, vec![0x90], Code::CardGarbage, None),
        garbage("certificate-none", FIRST_READ, vec![0x90, 0x00], Code::CertificateMalformed, None),
        garbage(
            "certificate-noise",
            FIRST_READ,
            with_status(vec![0x5a; 256]),
            Code::CertificateMalformed,
            None,
        ),
        garbage("certificate-longer", FIRST_READ, with_status(vec![0x30; 257]), Code::CardGarbage, None),
        garbage(
            "certificate-huge",
            FIRST_READ,
            with_status(vec![0x30, 0x82, 0xff, 0xff]),
            Code::CertificateMalformed,
            None,
        ),
        garbage("certificate-select", SELECT_CERTIFICATE, vec![0x6f], Code::CardGarbage, None),
        garbage("counter-fifteen", COUNTER, vec![0x63, 0xcf], Code::PinCounterUnreadable, None),
        garbage("counter-unlimited", COUNTER, vec![0x63, 0x00], Code::PinCounterUnreadable, None),
        garbage("counter-success", COUNTER, vec![0x90, 0x00], Code::PinCounterUnreadable, None),
        garbage("counter-data", COUNTER, vec![0x33, 0x63, 0xc3], Code::CardGarbage, None),
        garbage("pin-empty", PIN, vec![], Code::CardRemovedPinUnknown, None),
        garbage("pin-data", PIN, vec![0x00, 0x90, 0x00], Code::CardRemovedPinUnknown, None),
        garbage("pin-more", PIN, vec![0x61, 0x02], Code::CardRemovedPinUnknown, None),
        garbage("pin-length", PIN, vec![0x6c, 0x04], Code::CardRemovedPinUnknown, None),
        garbage("signature-short", SIGNATURE, with_status(vec![0; 255]), Code::CardGarbage, Some(3)),
        Scenario::of("signature-wrong", "default", "The signature is not the certificate's.")
            .but(Hitch::Flipped(SIGNATURE))
            .ends(Code::CardSignatureWrong, Some(3)),
        Scenario::of("signature-refused", "default", "6982 where the signature is asked for.")
            .but(Hitch::Instead(SIGNATURE, vec![0x69, 0x82]))
            .ends(Code::CardStatus, Some(3)),
    ]
}

fn accidents() -> Vec<Scenario> {
    let at = |name: &str, fault: Fault, code: Code| {
        Scenario::of(name, "default", "The reader says why there is no answer.")
            .but(Hitch::LostBefore(1, fault))
            .ends(code, None)
    };
    vec![
        at("reader-card-absent", Fault::CardAbsent, Code::CardAbsent),
        at("reader-two-cards", Fault::TwoCards, Code::CardTwo),
        at("reader-other-kind", Fault::OtherKind, Code::CardOtherKind),
        at("reader-absent", Fault::ReaderAbsent, Code::ReaderAbsent),
        at("reader-busy", Fault::ReaderBusy, Code::ReaderBusy),
        at("reader-failed", Fault::ReaderFailed, Code::ReaderFailed),
        at("reader-timeout", Fault::Timeout, Code::ReaderTimeout),
        at("cancelled", Fault::Cancelled, Code::TapCancelled),
        Scenario::of(
            "cancelled-before-signature",
            "default",
            "Cancelled after the PIN: the card is left properly.",
        )
        .but(Hitch::Instead(SIGNATURE - 1, vec![0x90, 0x00]))
        .but(Hitch::LostBefore(SIGNATURE, Fault::Cancelled))
        .ends(Code::TapCancelled, Some(3)),
        Scenario::of(
            "pin-lost-answer",
            "default",
            "The answer to VERIFY is lost after a wrong PIN: nobody knows, nothing is repeated.",
        )
        .typed("9999")
        .but(Hitch::LostAfter(PIN, Fault::TagLost))
        .ends(Code::CardRemovedPinUnknown, None),
        Scenario::of("pin-timeout", "default", "No answer to VERIFY in time.")
            .but(Hitch::LostAfter(PIN, Fault::Timeout))
            .ends(Code::CardRemovedPinUnknown, None),
    ]
}

/// The tag is lost before and after each exchange of a good tap.
fn lost() -> Vec<Scenario> {
    (1..=CLOSING)
        .flat_map(|at| {
            [
                ("before", Hitch::LostBefore(at, Fault::TagLost)),
                ("after", Hitch::LostAfter(at, Fault::TagLost)),
            ]
            .map(|(when, hitch)| {
                let name = format!("lost-{when}-{at:02}");
                let scenario = Scenario::of(&name, "default", "The tag is lost.").but(hitch);
                match at {
                    ..=COUNTER => scenario.ends(Code::CardRemoved, None),
                    PIN => scenario.ends(Code::CardRemovedPinUnknown, None),
                    CLOSING => scenario,
                    _ => scenario.ends(Code::CardRemoved, Some(3)),
                }
            })
        })
        .collect()
}

/// What an embedded card would answer to an extended read if its certificate's file ended with the certificate.
fn unpadded(card: &str, status: [u8; 2]) -> Vec<u8> {
    let card = shikaku_virtual_card::Card::from_name(card).ok();
    [card.as_ref().and_then(|card| card.certificate()).unwrap_or_default(), &status].concat()
}

/// What an embedded card answers to the first short read of its certificate.
fn first_256(card: &str) -> Vec<u8> {
    let Ok(mut card) = shikaku_virtual_card::Card::from_name(card) else { return Vec::new() };
    card.transmit(&[
        0x00, 0xa4, 0x04, 0x0c, 0x0a, 0xd3, 0x92, 0xf0, 0x00, 0x26, 0x01, 0x00, 0x00, 0x00, 0x01,
    ]);
    card.transmit(&[0x00, 0xa4, 0x02, 0x0c, 0x02, 0x00, 0x0a]);
    card.transmit(&[0x00, 0xb0, 0x00, 0x00, 0x00])
}
