//! The scenarios of the forms that not every card understands: each known, each tried, each refused, and each
//! misunderstood. Exchanges in the shortest form: 1 application, 2 certificate, 3 counter, 4 PIN, 5 signature,
//! 6 closing.

use shikaku::guide::Code;
use shikaku::instant::UnixTime;
use shikaku::tap::{Fault, Form, Probe, ReaderLimits, Strategy};
use shikaku_virtual_card::{Capabilities, NamedKey, Quirks, ShortRead, ShortVerify};

use super::scenario::{Agreed, Hitch, Scenario};

const REST: usize = 3;
const PIN: usize = 4;
const SIGNATURE: usize = 5;
/// Shows its certificate after the PIN.
const PHONE: &str = "phone-android";

pub(super) fn forms() -> Vec<Scenario> {
    [lengths(), probes(), reads(), counters(), verifications(), lost_pins(), signatures(), phones()].concat()
}

/// Every form, each known to work.
fn known() -> Strategy {
    Form::ALL.into_iter().fold(Strategy::STANDARD, |strategy, form| strategy.with(form, Probe::Works))
}

/// The shortest dialogue, the longest certificate so far having had so many octets.
fn longest(longest_certificate: u16) -> Strategy {
    Strategy { longest_certificate, ..shortest() }
}

/// Every form but the bare hash known, as the shortest dialogue has it.
fn shortest() -> Strategy {
    known().with(Form::BareHash, Probe::Off)
}

fn misunderstanding(quirks: Quirks) -> Capabilities {
    Capabilities { quirks, ..Capabilities::EVERY }
}

/// On a card that understands everything, the shortest dialogue over a reader with extended length.
fn short(name: &str, note: &str) -> Scenario {
    Scenario::of(&format!("form-{name}"), "default", note)
        .knowing(Capabilities::EVERY)
        .in_forms(shortest())
        .extended()
}

/// The same, on a card that misunderstands something.
fn quirky(name: &str, quirks: Quirks, note: &str) -> Scenario {
    short(name, note).knowing(misunderstanding(quirks))
}

fn lengths() -> Vec<Scenario> {
    let key =
        Strategy::STANDARD.with(Form::ExtendedRead, Probe::Works).with(Form::KeyByShortId, Probe::Works);
    vec![
        short("five", "Everything named by short id, one extended read: 5 exchanges and the closing select."),
        Scenario {
            limits: ReaderLimits::SHORT,
            ..short("eleven", "The same in 256-octet reads: 11 exchanges.")
        },
        short("seven", "The key by short id alone, one extended read: 7 exchanges.").in_forms(key),
        Scenario {
            limits: ReaderLimits::SHORT,
            ..short("thirteen", "The same in 256-octet reads: 13 exchanges.").in_forms(key)
        },
        short("longer", "Longer than any certificate before by less than 256 octets: one short read, once.")
            .in_forms(longest(1_500)),
        short("much-longer", "Longer than any certificate before by more: one more extended read, once.")
            .in_forms(longest(1_000)),
        short("much-longer-refused", "The extended read of the rest is refused: short reads follow.")
            .in_forms(longest(1_000))
            .but(Hitch::Instead(REST, vec![0x67, 0x00])),
        short("learned", "A family whose longest certificate is known: no octet of the padding but two.")
            .in_forms(longest(1_590)),
    ]
}

/// What a first tap tries, and what it learns.
fn probes() -> Vec<Scenario> {
    let refused = [Form::ExtendedRead, Form::ReadByShortId, Form::CounterByShortId, Form::KeyByShortId];
    vec![
        short(
            "default-first",
            "The first tap at a reader: the extended read and the key's short id are tried.",
        )
        .in_forms(Strategy::DEFAULT)
        .learns(Form::ExtendedRead, Probe::Works)
        .learns(Form::ReadByShortId, Probe::Untried)
        .learns(Form::KeyByShortId, Probe::Works)
        .learns(Form::VerifyByShortId, Probe::Off),
        short(
            "default-second",
            "The second tap: the certificate's short id is tried, now that extended reads work.",
        )
        .in_forms(
            Strategy::DEFAULT.with(Form::ExtendedRead, Probe::Works).with(Form::KeyByShortId, Probe::Works),
        )
        .learns(Form::ReadByShortId, Probe::Works),
        short("every-first", "Every form is wanted: no command tries two of them.")
            .in_forms(Strategy::EVERY)
            .learns(Form::ExtendedRead, Probe::Works)
            .learns(Form::ReadByShortId, Probe::Untried)
            .learns(Form::CounterByShortId, Probe::Works)
            .learns(Form::VerifyByShortId, Probe::Works)
            .learns(Form::KeyByShortId, Probe::Works)
            .learns(Form::BareHash, Probe::Untried),
        refused.into_iter().fold(
            short(
                "every-refused",
                "Every form is refused: one exchange more each, once; VERIFY is sent as ever.",
            )
            .knowing(Capabilities::default())
            .in_forms(Strategy { extended_read: Probe::Works, ..Strategy::EVERY }),
            |scenario, form| scenario.learns(form, Probe::Refused),
        ),
    ]
}

fn reads() -> Vec<Scenario> {
    let read = |name: &str, quirk: ShortRead, note: &str| {
        quirky(name, Quirks { short_read: Some(quirk), ..Quirks::default() }, note)
            .learns(Form::ReadByShortId, Probe::Refused)
    };
    vec![
        short("read-refused", "The read by short id is refused: SELECT and the extended read follow.")
            .knowing(Capabilities { read_by_short_id: false, ..Capabilities::EVERY })
            .learns(Form::ReadByShortId, Probe::Refused)
            .learns(Form::ExtendedRead, Probe::Works),
        Scenario {
            limits: ReaderLimits::SHORT,
            ..read(
                "read-keeps-selection",
                ShortRead::KeepsSelection,
                "The read by short id selects nothing: from the second read on the standard form follows.",
            )
        },
        read(
            "read-another-file",
            ShortRead::AnotherFile(0x000b),
            "The read by short id gives another file, a certificate of another kind: the standard form follows.",
        ),
        short(
            "read-lost",
            "The card is gone at a read by short id that had worked: the next tap trusts it less.",
        )
        .but(Hitch::LostBefore(2, Fault::TagLost))
        .ends(Code::CardRemoved, None)
        .learns(Form::ReadByShortId, Probe::Untried),
        short("read-expired", "An expired certificate is not read again for having been read by short id.")
            .at(UnixTime(2_150_000_000))
            .ends(Code::CertificateExpired, None)
            .learns(Form::ReadByShortId, Probe::Works),
    ]
}

fn counters() -> Vec<Scenario> {
    let strange = |status: u16| {
        let name = format!("tries-{status:04x}");
        let quirks = Quirks { short_counter: Some(status), ..Quirks::default() };
        quirky(
            &name,
            quirks,
            "The counter by short id answers otherwise: the standard form follows, VERIFY too.",
        )
        .learns(Form::CounterByShortId, Probe::Refused)
        .learns(Form::VerifyByShortId, Probe::Works)
    };
    let of = |name: &str, card: &'static str, note: &str| Scenario { card, ..short(name, note) };
    vec![
        strange(0x6a86),
        strange(0x6b00),
        strange(0x6a88),
        strange(0x9000),
        strange(0x6300),
        strange(0x63c5),
        short("tries-lost", "The card is gone at the counter by short id.")
            .but(Hitch::LostAfter(3, Fault::TagLost))
            .ends(Code::CardRemoved, None)
            .learns(Form::CounterByShortId, Probe::Untried),
        of(
            "tries-two",
            "two-tries",
            "Two tries by short id: asked again, and VERIFY sent, in the standard form.",
        )
        .agreed(Agreed::Warned)
        .signs(2)
        .learns(Form::CounterByShortId, Probe::Works),
        of("tries-two-warn-needed", "two-tries", "Two tries and the patient does not know: no PIN is sent.")
            .ends(Code::PinWarnNeeded, Some(2)),
        of("tries-one", "one-try", "The last try, with consent: the standard form.")
            .agreed(Agreed::LastTryOf("one-try"))
            .signs(1),
        of(
            "tries-blocked",
            "blocked",
            "63C0 by short id is asked again before anybody is sent to the office.",
        )
        .ends(Code::PinBlocked, Some(0)),
    ]
}

fn verifications() -> Vec<Scenario> {
    let strange = |name: &str, status: u16, counts: bool, note: &str| {
        let short_verify = Some(ShortVerify { status, counts });
        quirky(name, Quirks { short_verify, ..Quirks::default() }, note)
            .learns(Form::VerifyByShortId, Probe::Refused)
    };
    vec![
        short("verify-wrong", "A wrong PIN by short id: two are left, the form has worked.")
            .typed("9999")
            .ends(Code::PinWrong, Some(2))
            .learns(Form::VerifyByShortId, Probe::Works),
        strange(
            "verify-6a88",
            0x6a88,
            false,
            "VERIFY by short id is refused: the tap ends, the form is dropped.",
        )
        .ends(Code::CardRemovedPinUnknown, None),
        strange(
            "verify-6f00-counted",
            0x6f00,
            true,
            "VERIFY by short id counts and says 6F00: the tap ends.",
        )
        .ends(Code::CardRemovedPinUnknown, None),
        strange("verify-6300", 0x6300, true, "6300 does not say how many are left: the tap ends.")
            .ends(Code::PinWrong, None),
        strange("verify-uncounted", 0x63c3, false, "A wrong PIN that did not count was not looked at.")
            .ends(Code::PinWrong, Some(3)),
        strange("verify-opens-nothing", 0x9000, false, "9000, and the key is not open: no signature.")
            .ends(Code::CardStatus, Some(3)),
        short("verify-blocked", "6984 by short id, against what the counter said.")
            .but(Hitch::Instead(PIN, vec![0x69, 0x84]))
            .ends(Code::PinBlocked, Some(0)),
        short("verify-dropped", "The tap after a VERIFY that was answered strangely: the standard form.")
            .in_forms(shortest().with(Form::VerifyByShortId, Probe::Refused))
            .learns(Form::CounterByShortId, Probe::Works),
    ]
}

fn lost_pins() -> Vec<Scenario> {
    let lost = |name: &str, hitch: Hitch| {
        short(
            name,
            "No answer to a VERIFY by short id: nobody knows, nothing is repeated, the form is doubted.",
        )
        .typed("9999")
        .but(hitch)
        .ends(Code::CardRemovedPinUnknown, None)
        .learns(Form::VerifyByShortId, Probe::Untried)
    };
    vec![
        lost("verify-lost-before", Hitch::LostBefore(PIN, Fault::TagLost)),
        lost("verify-lost-after", Hitch::LostAfter(PIN, Fault::TagLost)),
        lost("verify-cancelled", Hitch::LostAfter(PIN, Fault::Cancelled)),
        short("verify-garbled", "No answer at all, not even a status word.")
            .but(Hitch::Instead(PIN, vec![]))
            .ends(Code::CardRemovedPinUnknown, None)
            .learns(Form::VerifyByShortId, Probe::Refused),
    ]
}

fn signatures() -> Vec<Scenario> {
    let bare = |name: &str, note: &str| short(name, note).in_forms(known());
    let named = |name: &str, key: NamedKey| {
        let quirks = Quirks { named_key: Some(key), ..Quirks::default() };
        quirky(name, quirks, "The signature does not verify: it is asked for once more in the standard form.")
            .learns(Form::KeyByShortId, Probe::Refused)
    };
    let padded = Quirks { pads_bare_hash: true, ..Quirks::default() };
    vec![
        short("key-refused", "The key's short id is refused: SELECT and the standard form follow.")
            .knowing(Capabilities { sign_by_short_id: false, ..Capabilities::EVERY })
            .learns(Form::KeyByShortId, Probe::Refused),
        named("key-another", NamedKey::Another(0x001a)),
        named("key-garbage", NamedKey::Garbage),
        short("key-wrong-twice", "Neither signature verifies: none is sent.")
            .but(Hitch::Flipped(SIGNATURE))
            .but(Hitch::Flipped(SIGNATURE + 2))
            .ends(Code::CardSignatureWrong, Some(3))
            .learns(Form::KeyByShortId, Probe::Refused),
        short("key-lost", "The card is gone at the signature.")
            .but(Hitch::LostAfter(SIGNATURE, Fault::TagLost))
            .ends(Code::CardRemoved, Some(3))
            .learns(Form::KeyByShortId, Probe::Untried),
        short("key-cancelled", "Cancelled at the signature: the card is left properly.")
            .but(Hitch::LostBefore(SIGNATURE, Fault::Cancelled))
            .ends(Code::TapCancelled, Some(3)),
        bare("hash", "The bare hash, key by short id: 5 exchanges, 19 octets less."),
        bare("hash-selected", "The bare hash with the key selected.")
            .in_forms(known().with(Form::KeyByShortId, Probe::Off)),
        bare("hash-refused", "The bare hash is refused on its first try; the key's short id keeps its name.")
            .in_forms(known().with(Form::BareHash, Probe::Untried))
            .knowing(Capabilities { sign_bare_hash: false, ..Capabilities::EVERY })
            .learns(Form::BareHash, Probe::Refused)
            .learns(Form::KeyByShortId, Probe::Works),
        bare(
            "hash-padded",
            "A bare hash that is padded as it is does not verify: the standard form follows.",
        )
        .knowing(misunderstanding(padded))
        .learns(Form::BareHash, Probe::Refused)
        .learns(Form::KeyByShortId, Probe::Untried),
    ]
}

fn phones() -> Vec<Scenario> {
    let phone = |name: &str, note: &str| Scenario { card: PHONE, ..short(name, note) };
    vec![
        phone(
            "phone-first",
            "A phone, every form tried: what a refusal means is asked in the standard form.",
        )
        .in_forms(Strategy { extended_read: Probe::Works, ..Strategy::EVERY })
        .learns(Form::ReadByShortId, Probe::Works),
        phone("phone-known", "A phone, every form known: 6982 by short id is believed.")
            .learns(Form::ReadByShortId, Probe::Works),
        phone("phone-refused", "A phone that refuses every form.")
            .knowing(Capabilities::default())
            .in_forms(Strategy::EVERY)
            .learns(Form::KeyByShortId, Probe::Refused),
        phone("phone-pin-wrong", "A wrong PIN by short id on a phone.")
            .typed("9999")
            .ends(Code::PinWrong, Some(2)),
        phone(
            "phone-expired",
            "The certificate proves expired after the PIN: nothing is signed, the card is left.",
        )
        .at(UnixTime(2_150_000_000))
        .ends(Code::CertificateExpired, Some(3)),
        phone("phone-in-production", "A phone where production is asked: no PIN is sent.")
            .in_production()
            .ends(Code::CertificateMobileUnknown, None),
        phone("phone-key-garbage", "A phone whose signature by short id does not verify: repeated once.")
            .knowing(misunderstanding(Quirks { named_key: Some(NamedKey::Garbage), ..Quirks::default() }))
            .learns(Form::KeyByShortId, Probe::Refused),
        Scenario::of(
            "phone-label-plastic",
            PHONE,
            "6982 on the certificate under the label of a plastic card: no PIN is sent.",
        )
        .but(Hitch::Instead(5, [b"JPKIAPICCTOKEN2                 ".as_slice(), &[0x90, 0x00]].concat()))
        .ends(Code::CertificateNeedsPin, None),
        Scenario::of("phone-stays-shut", PHONE, "6982 after a good PIN: nothing is signed.")
            .but(Hitch::Instead(10, vec![0x69, 0x82]))
            .ends(Code::CertificateUnreadable, Some(3)),
        Scenario::of("phone-warn-needed", PHONE, "Two tries on a phone and its owner does not know.")
            .but(Hitch::Instead(7, vec![0x63, 0xc2]))
            .ends(Code::PinWarnNeeded, Some(2)),
        Scenario::of("phone-blocked", PHONE, "A blocked PIN on a phone.")
            .but(Hitch::Instead(7, vec![0x63, 0xc0]))
            .ends(Code::PinBlocked, Some(0)),
        Scenario::of("phone-pin-lost", PHONE, "No answer to the PIN of a phone.")
            .but(Hitch::LostAfter(8, Fault::TagLost))
            .ends(Code::CardRemovedPinUnknown, None),
    ]
}
