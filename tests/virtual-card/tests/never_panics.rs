//! Whatever comes, the card answers; and without the PIN nothing that needs it ever comes out.

use proptest::collection::vec;
use proptest::prelude::*;
use shikaku_virtual_card::{CARDS, Card};

/// Any octets, and octets that get past the first checks.
fn command() -> impl Strategy<Value = Vec<u8>> {
    let header = (
        prop_oneof![Just(0x00), Just(0x80), any::<u8>()],
        prop_oneof![Just(0xa4), Just(0xb0), Just(0x20), Just(0x2a), any::<u8>()],
        prop_oneof![Just(0x00), Just(0x02), Just(0x04), Just(0x8a), any::<u8>()],
        prop_oneof![Just(0x00), Just(0x0c), Just(0x80), Just(0x97), Just(0x98), any::<u8>()],
    );
    let plausible = (header, vec(any::<u8>(), 0..6)).prop_map(|((cla, ins, p1, p2), body)| {
        let mut command = vec![cla, ins, p1, p2];
        command.extend(body);
        command
    });
    let select_file = (1_u8..0x1f).prop_map(|id| vec![0x00, 0xa4, 0x02, 0x0c, 0x02, 0x00, id]);
    let select_application =
        Just(vec![0x00, 0xa4, 0x04, 0x0c, 0x0a, 0xd3, 0x92, 0xf0, 0, 0x26, 1, 0, 0, 0, 1]);
    let sign =
        prop_oneof![Just(0x80), Just(0x97)].prop_map(|key| vec![0x80, 0x2a, 0x00, key, 0x01, 0x00, 0x00]);
    prop_oneof![plausible, select_file, select_application, sign, vec(any::<u8>(), 0..600)]
}

/// One of the two codes that open something.
fn is_right(command: &[u8]) -> bool {
    command.get(1) == Some(&0x20)
        && [&b"1234"[..], b"ABC123"].iter().any(|code| command.windows(code.len()).any(|part| part == *code))
}

proptest! {
    #[test]
    fn no_octets_make_a_card_panic(name in prop::sample::select(CARDS), commands in vec(command(), 1..12)) {
        let mut card = Card::from_name(name).unwrap();
        for command in commands {
            prop_assert!(card.transmit(&command).len() >= 2);
        }
    }

    #[test]
    fn without_the_pin_no_signature_comes_out_and_no_counter_rises(
        name in prop::sample::select(&["default", "everything", "phone-android", "one-try"][..]),
        commands in vec(command(), 1..40),
    ) {
        let mut card = Card::from_name(name).unwrap();
        for command in commands.iter().filter(|command| !is_right(command)) {
            let before = (card.tries(), card.signature_tries());
            let response = card.transmit(command);
            prop_assert!(command.get(1) != Some(&0x2a) || response.len() == 2, "{command:02x?}");
            prop_assert!(card.tries() <= before.0 && card.signature_tries() <= before.1, "{command:02x?}");
        }
    }
}
