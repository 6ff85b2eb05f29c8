//! READ BINARY, signing, short forms, and what is refused.

use shikaku_virtual_card::{Capabilities, Card, NamedKey, Quirks, ShortRead, ShortVerify};

use super::table::{JPKI, KEY_FILE, PIN_FILE, RIGHT_PIN, SIGN, THREE_LEFT, card, octets, play};

#[test]
fn a_signature_needs_the_pin_of_this_application() {
    play(
        &mut card("default"),
        &[
            (SIGN.0, "6986"),
            JPKI,
            (SIGN.0, "6986"),
            KEY_FILE,
            (SIGN.0, "6982"),
            PIN_FILE,
            (SIGN.0, "6981"),
            RIGHT_PIN,
            KEY_FILE,
            SIGN,
            SIGN,
        ],
    );
}

#[test]
fn a_read_gives_up_to_256_octets_and_ends_with_the_file() {
    play(
        &mut card("no-extended"),
        &[
            JPKI,
            ("00B00000 00", "6986"),
            ("00A4020C 02 000A", "9000"),
            ("00B00000", "6700"),
            ("00B00000 04", "30820632 9000"),
            ("00B00000 00", "*256 9000"),
            ("00B00700 00", "*256 9000"),
            ("00B007F0 00", "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF 9000"),
            ("00B007FE 10", "FFFF 9000"),
            ("00B00800 01", "6B00"),
            ("00B07FFF 00", "6B00"),
            ("00B00000 000800", "6700"),
            ("00B08A00 04", "6A86"),
            ("00A4020C 02 0017", "9000"),
            ("00B00000 04", "6981"),
            ("00A4020C 02 0018", "9000"),
            ("00B00000 04", "6981"),
        ],
    );
}

#[test]
fn an_extended_read_gives_the_whole_certificate() {
    play(
        &mut card("default"),
        &[
            JPKI,
            ("00A4020C 02 000A", "9000"),
            ("00B00000 000636", "*1590 9000"),
            ("00B00000 000800", "*2048 9000"),
            ("00B00000 000000", "*2048 9000"),
            ("00B00000 000900", "*2048 9000"),
        ],
    );
}

#[test]
fn a_card_with_everything_takes_every_short_form() {
    play(
        &mut card("everything"),
        &[
            JPKI,
            ("00B08A00 04", "30820632 9000"),
            ("00B08A01 03", "820632 9000"),
            ("00B09F00 04", "6A86"),
            ("00B08300 04", "6A82"),
            ("00B00000 000900", "*2048 6282"),
            ("00200098", "63C3"),
            ("802A0097 01 00 00", "6982"),
            ("00200098 04 39393939", "63C2"),
            ("00200098 04 31323334", "9000"),
            ("802A0097 01 00 00", "*256 9000"),
            ("802A0297 20 0102030405060708091011121314151617181920212223242526272829303132 00", "*256 9000"),
            ("802A0280 20 0102030405060708091011121314151617181920212223242526272829303132 00", "*256 9000"),
            ("802A0280 01 00 00", "6A80"),
        ],
    );
}

#[test]
fn a_card_without_options_refuses_every_short_form() {
    let mut card = card("no-extended");
    play(
        &mut card,
        &[
            JPKI,
            PIN_FILE,
            RIGHT_PIN,
            ("00200098", "6A86"),
            ("00200098 04 39393939", "6A86"),
            KEY_FILE,
            ("802A0097 01 00 00", "6A86"),
            ("802A0280 20 0102030405060708091011121314151617181920212223242526272829303132 00", "6A86"),
            SIGN,
        ],
    );
    assert_eq!(card.tries(), Some(3));
}

/// Each option alone: that one is understood and no other.
#[test]
fn each_option_is_a_switch_of_its_own() {
    const OFF: &str = "6A86";
    let none = Capabilities::default();
    let table = [
        (Capabilities { read_by_short_id: true, ..none }, ["30820632 9000", OFF, "6A86", OFF]),
        (Capabilities { verify_by_short_id: true, ..none }, [OFF, "63C3", OFF, OFF]),
        (Capabilities { sign_by_short_id: true, ..none }, [OFF, OFF, "*256 9000", OFF]),
        (Capabilities { sign_bare_hash: true, ..none }, [OFF, OFF, OFF, "*256 9000"]),
    ];
    let bare = "802A0280 20 0102030405060708091011121314151617181920212223242526272829303132 00";
    for (capabilities, [read, counter, named, hash]) in table {
        let mut card = card("default").with_capabilities(capabilities);
        assert_eq!(card.capabilities(), capabilities);
        play(&mut card, &[JPKI, PIN_FILE, RIGHT_PIN, ("00B00000 000800", "6700")]);
        play(&mut card, &[("00B08A00 04", read), ("00200098", counter), ("802A0097 01 00 00", named)]);
        play(&mut card, &[KEY_FILE, (bare, hash)]);
    }
}

fn quirky(quirks: Quirks) -> Card {
    card("default").with_capabilities(Capabilities { quirks, ..Capabilities::EVERY })
}

#[test]
fn a_misunderstood_counter_answers_what_it_is_told_to() {
    for status in [0x6a86, 0x6b00, 0x9000] {
        let mut card = quirky(Quirks { short_counter: Some(status), ..Quirks::default() });
        let answer = format!("{status:04X}");
        play(&mut card, &[JPKI, ("00200098", &answer), PIN_FILE, THREE_LEFT]);
    }
}

#[test]
fn a_misunderstood_verify_spends_a_try_or_none_and_opens_nothing() {
    for (status, counts, left) in [(0x6a88, false, 3), (0x6f00, true, 2), (0x9000, false, 3)] {
        let short_verify = Some(ShortVerify { status, counts });
        let mut card = quirky(Quirks { short_verify, ..Quirks::default() });
        let answer = format!("{status:04X}");
        play(&mut card, &[JPKI, ("00200098 04 31323334", &answer), KEY_FILE, (SIGN.0, "6982")]);
        assert_eq!(card.tries(), Some(left));
        play(&mut card, &[PIN_FILE, RIGHT_PIN]);
    }
}

#[test]
fn a_misunderstood_key_signs_what_nobody_can_verify() {
    for named_key in [NamedKey::Another(0x001a), NamedKey::Garbage] {
        let mut card = quirky(Quirks { named_key: Some(named_key), ..Quirks::default() });
        let named = SIGN.0.replace("802A0080", "802A0097");
        play(&mut card, &[JPKI, (&named, "6982"), PIN_FILE, RIGHT_PIN]);
        let wrong = card.transmit(&octets(&named));
        play(&mut card, &[KEY_FILE]);
        assert_ne!(card.transmit(&octets(SIGN.0)), wrong);
    }
    let mut card = quirky(Quirks { pads_bare_hash: true, ..Quirks::default() });
    play(&mut card, &[JPKI, PIN_FILE, RIGHT_PIN, KEY_FILE]);
    let bare = "802A0280 20 0102030405060708091011121314151617181920212223242526272829303132 00";
    assert_ne!(card.transmit(&octets(bare)), card.transmit(&octets(SIGN.0)));
}

#[test]
fn a_misunderstood_read_is_of_another_file_or_selects_none() {
    let mut card = quirky(Quirks { short_read: Some(ShortRead::KeepsSelection), ..Quirks::default() });
    play(&mut card, &[JPKI, ("00B08A00 04", "30820632 9000"), ("00B00000 04", "6986")]);
    let mut card = quirky(Quirks { short_read: Some(ShortRead::AnotherFile(0x0006)), ..Quirks::default() });
    play(&mut card, &[JPKI, ("00B08A00 04", "4A504B49 9000"), ("00B00000 04", "4A504B49 9000")]);
}

#[test]
fn both_forms_of_hash_give_the_same_signature() {
    let mut card = card("everything");
    play(&mut card, &[JPKI, PIN_FILE, RIGHT_PIN, KEY_FILE]);
    let standard = card.transmit(&octets(SIGN.0));
    let bare = "802A0297 20 0102030405060708091011121314151617181920212223242526272829303132 00";
    assert_eq!(card.transmit(&octets(bare)), standard);
}

#[test]
fn a_signature_has_256_octets_or_is_not_made() {
    play(
        &mut card("default"),
        &[
            JPKI,
            PIN_FILE,
            RIGHT_PIN,
            KEY_FILE,
            ("802A0080 01 00", "6700"),
            ("802A0080 01 00 80", "6700"),
            ("802A0080 00", "6700"),
            ("802A0180 01 00 00", "6A86"),
            ("802A0080 000001 00 0100", "*256 9000"),
        ],
    );
}

#[test]
fn status_words_seen_on_test_cards_come_here_too() {
    play(
        &mut card("default"),
        &[
            ("00A40000", "6A86"),
            ("80AE0000", "66F1"),
            JPKI,
            ("00A40000", "9000"),
            ("00A4020C 02 3F00", "6A82"),
            ("80FC0000", "6700"),
            ("01A4040C 0A D392F000260100000001", "6881"),
            ("41A40000", "6881"),
            ("08A4040C 0A D392F000260100000001", "6882"),
            ("0CA40000", "6882"),
            ("08B00000 04", "69FC"),
            ("00840000 001000", "6985"),
            ("80AE0000", "6982"),
            ("00A4040C 0A D3921000310001010408", "9000"),
            ("08B00000 04", "6882"),
            ("80AE0000", "66F1"),
        ],
    );
}

#[test]
fn what_is_unknown_is_refused() {
    play(
        &mut card("default"),
        &[
            ("", "6700"),
            ("00A404", "6700"),
            ("00A4040C 0B D392F000260100000001", "6700"),
            ("00A4080C 02 0018", "6A86"),
            ("10A40000", "6884"),
            ("20A40000", "6E00"),
            ("FFA40000", "6E00"),
            ("00EE0000", "6D00"),
            ("00C00000 00", "6D00"),
            ("802000 80", "6D00"),
            ("00A4020C 02 000A", "6A82"),
            ("00B00000 04", "6986"),
            ("00200080", "6986"),
        ],
    );
}
