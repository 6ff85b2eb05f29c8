//! The scenarios of visual taps. Exchanges of a light one with one extended read: 1 to 3 certificate, 4 card face
//! application, 5 to 8 who vouches for it, 9 and 10 counter, 11 birth date, 12 to 15 age record, 16 presence, 17 closing.
//! Of a full one: 4 to 6 counter of the text input application, 7 to 11 who vouches, 12 and 13 counter, 14 照合番号B, 15
//! to 26 card face, 27 presence, 28 to 30 counter, 31 照合番号B, 32 and 33 name, 34 closing.

use shikaku::guide::Code;
use shikaku::tap::Fault;

use super::scenario::{Agreed, Hitch, Scenario};

const BIRTH_DATE: &str = "550102";
const CODE_B: &str = "55010220361234";
/// Both depths, and what they are called in the names of the files.
const DEPTHS: [(&str, &str); 2] = [("light", BIRTH_DATE), ("full", CODE_B)];
/// The birth date's counter and VERIFY, in a light tap.
const LIGHT: (usize, usize) = (10, 11);

/// All of them.
pub fn visual_scenarios() -> Vec<Scenario> {
    [good(), numbers(), tries(), cards(), garbage(), lost()].concat()
}

/// A tap with this number over a reader with extended length, that must end in evidence with ten tries.
fn visual(name: &str, card: &'static str, typed: &'static str, note: &str) -> Scenario {
    Scenario::of(&format!("visual-{name}"), card, note).typed(typed).extended().signs(10)
}

fn light(name: &str, note: &str) -> Scenario {
    visual(&format!("light-{name}"), "default", BIRTH_DATE, note)
}

fn full(name: &str, note: &str) -> Scenario {
    visual(&format!("full-{name}"), "default", CODE_B, note)
}

/// One scenario in both depths.
fn both(name: &str, card: &'static str, note: &str, ends: impl Fn(Scenario) -> Scenario) -> Vec<Scenario> {
    DEPTHS.map(|(depth, number)| ends(visual(&format!("{depth}-{name}"), card, number, note))).to_vec()
}

fn good() -> Vec<Scenario> {
    let short = |scenario: Scenario| Scenario { limits: shikaku::tap::ReaderLimits::SHORT, ..scenario };
    vec![
        light("good", "Birth date, age record and presence: 16 exchanges and the closing select."),
        short(light("good-short", "The same over a reader without extended length.")),
        full(
            "good",
            "照合番号B in two applications, card face and name: 33 exchanges and the closing select.",
        ),
        short(full("good-short", "The same over a reader without extended length.")),
        visual("light-foreign", "visual-foreign", "800102", "A card that prints a western birth date."),
        visual("full-other-name", "visual-other-name", CODE_B, "A card with another name in its chip."),
    ]
}

fn numbers() -> Vec<Scenario> {
    vec![
        light("wrong", "Another birth date: one try of its own counter.")
            .typed("560102")
            .ends(Code::PrintedWrong, Some(9)),
        full("wrong", "Another 照合番号B: one try of one counter, the other application is not asked.")
            .typed("55010220361235")
            .ends(Code::PrintedWrong, Some(9)),
        visual("light-blocked-now", "visual-one-try", "560102", "The last try, agreed to, is wrong.")
            .agreed(Agreed::LastTryOf("visual-one-try"))
            .ends(Code::PrintedBlockedNow, Some(0)),
    ]
}

fn tries() -> Vec<Scenario> {
    let last = Agreed::LastTryOf("visual-one-try");
    [
        both(
            "warn-needed",
            "visual-two-tries",
            "Two tries and nobody was warned: no number is sent.",
            |tap| tap.ends(Code::PrintedWarnNeeded, Some(2)),
        ),
        both("warned", "visual-two-tries", "Two tries, and the patient knows.", |tap| {
            tap.agreed(Agreed::Warned).signs(2)
        }),
        both("consent-needed", "visual-one-try", "One try and no consent: no number is sent.", |tap| {
            tap.agreed(Agreed::Warned).ends(Code::PrintedConsentNeeded, Some(1))
        }),
        both("last-try", "visual-one-try", "The last try, agreed to for this card.", |tap| {
            tap.agreed(last).signs(1)
        }),
        both("other-card", "visual-two-tries", "A consent for another card opens nothing.", |tap| {
            tap.agreed(Agreed::LastTryOf("two-tries")).ends(Code::CardChanged, Some(2))
        }),
        both("blocked", "visual-blocked", "A blocked number is not tried.", |tap| {
            tap.ends(Code::PrintedBlocked, Some(0))
        }),
    ]
    .concat()
}

fn cards() -> Vec<Scenario> {
    let ends = |code, tries| move |tap: Scenario| tap.ends(code, tries);
    [
        both("forged", "visual-forged", "A record that its issuer did not sign: nothing is signed.", |tap| {
            tap.ends(Code::SurfaceForged, Some(10))
        }),
        both("copied", "visual-copied", "A genuine record on a card without its key.", |tap| {
            tap.ends(Code::SurfaceCopied, Some(10))
        }),
        vec![
            visual(
                "full-other-photo",
                "visual-other-photo",
                CODE_B,
                "A photo that the record does not name.",
            )
            .ends(Code::SurfaceForged, Some(10)),
        ],
        both("expired", "expired", "A certificate out of its time: no number is sent.", |tap| {
            tap.ends(Code::CertificateExpired, None)
        }),
        both("in-production", "default", "A test card where test cards are not believed.", |tap| {
            tap.in_production().ends(Code::CertificateTestRefused, None)
        }),
        vec![
            visual("light-no-surface", "no-extended", BIRTH_DATE, "A card without a card face application.")
                .ends(Code::SurfaceAbsent, None),
        ],
        both("phone", "phone-android", "A phone has no card face.", ends(Code::SurfaceAbsent, None)),
        both("juki", "juki", "An old residents' card.", ends(Code::CardJuki, None)),
    ]
    .concat()
}

fn garbage() -> Vec<Scenario> {
    let (counter, number) = LIGHT;
    let read_as = |name: &str, word: u16, note: &str| {
        light(name, note).but(Hitch::Instead(counter, word.to_be_bytes().to_vec()))
    };
    let answered = |name: &str, answer: &[u8], note: &str| {
        light(name, note).but(Hitch::Instead(number, answer.to_vec()))
    };
    vec![
        Scenario {
            tries: None,
            ..read_as("counter-unlimited", 0x6300, "A counter without limit: no try can be lost.")
        },
        read_as("counter-success", 0x9000, "A counter that says 9000 says nothing: no number is sent.")
            .ends(Code::PrintedCounterUnreadable, None),
        read_as("counter-6984", 0x6984, "A counter that says it is blocked.")
            .ends(Code::PrintedBlocked, Some(0)),
        answered("number-6983", &[0x69, 0x83], "The number is answered as blocked.")
            .ends(Code::PrintedBlocked, Some(0)),
        answered("number-data", &[0x00, 0x90, 0x00], "An answer to the number that is none.")
            .ends(Code::PrintedUnknown, None),
        answered("number-more", &[0x61, 0x02], "No rest is fetched for a number.")
            .ends(Code::PrintedUnknown, None),
        light("record-turned", "The last octet of the record's first part is another one.")
            .but(Hitch::Flipped(number + 2))
            .ends(Code::SurfaceForged, Some(10)),
        light("presence-turned", "The last octet of the card's signature is another one.")
            .but(Hitch::Flipped(16))
            .ends(Code::SurfaceCopied, Some(10)),
        light("closing-refused", "The closing select is refused: noted, the evidence stands.")
            .but(Hitch::Instead(17, vec![0x6a, 0x82])),
    ]
}

/// Lost once in each stage: whether a number was sent, and which counter was read last, decides what is known.
fn lost() -> Vec<Scenario> {
    let stages = [
        (
            "light",
            BIRTH_DATE,
            &[
                (1, None),
                (3, None),
                (4, None),
                (8, None),
                (10, None),
                (12, Some(10)),
                (15, Some(10)),
                (16, Some(10)),
            ][..],
        ),
        (
            "full",
            CODE_B,
            &[
                (6, None),
                (11, Some(10)),
                (13, Some(10)),
                (20, Some(10)),
                (27, Some(10)),
                (30, Some(10)),
                (33, Some(10)),
            ],
        ),
    ];
    let mut scenarios = Vec::new();
    for (depth, number, places) in stages {
        scenarios.extend(places.iter().map(|(at, tries)| {
            visual(
                &format!("{depth}-lost-{at:02}"),
                "default",
                number,
                "The card is gone after this exchange.",
            )
            .but(Hitch::LostAfter(*at, Fault::TagLost))
            .ends(Code::CardRemoved, *tries)
        }));
    }
    for (depth, typed, at) in [("light", BIRTH_DATE, 11), ("full", CODE_B, 14), ("full", CODE_B, 31)] {
        let number =
            |name: &str, note| visual(&format!("{depth}-number-{name}-{at}"), "default", typed, note);
        scenarios.extend([
            number("lost-before", "The number did not reach the card, which nobody can know.")
                .but(Hitch::LostBefore(at, Fault::TagLost))
                .ends(Code::PrintedUnknown, None),
            number("lost-after", "The answer to the number is lost.")
                .but(Hitch::LostAfter(at, Fault::Timeout))
                .ends(Code::PrintedUnknown, None),
        ]);
    }
    scenarios.push(
        light("cancelled", "Ended by a person after the number: the card is left.")
            .but(Hitch::LostBefore(12, Fault::Cancelled))
            .ends(Code::TapCancelled, Some(10)),
    );
    scenarios
}
