//! Every rule of the card, as a table of raw commands and raw responses.

#[cfg(test)]
mod table;

use shikaku_virtual_card::CARDS;
use table::{JPKI, KEY_FILE, PIN_FILE, RIGHT_PIN, SIGN, THREE_LEFT, card, play};

const WRONG_PIN: &str = "00200080 04 39393939";
const COUNTER: &str = "00200080";

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
fn the_counter_falls_and_the_try_that_blocks_says_so_once() {
    let mut card = card("default");
    play(
        &mut card,
        &[
            JPKI,
            PIN_FILE,
            THREE_LEFT,
            (WRONG_PIN, "63C2"),
            (COUNTER, "63C2"),
            (WRONG_PIN, "63C1"),
            (WRONG_PIN, "63C0"),
            (COUNTER, "63C0"),
            (WRONG_PIN, "6984"),
            (RIGHT_PIN.0, "6984"),
            ("power off", ""),
            JPKI,
            PIN_FILE,
            (COUNTER, "63C0"),
            (RIGHT_PIN.0, "6984"),
        ],
    );
    assert_eq!(card.tries(), Some(0));
}

#[test]
fn a_good_pin_restores_the_counter_and_the_query_still_counts_after_it() {
    play(
        &mut card("default"),
        &[
            JPKI,
            PIN_FILE,
            (WRONG_PIN, "63C2"),
            RIGHT_PIN,
            THREE_LEFT,
            (WRONG_PIN, "63C2"),
            RIGHT_PIN,
            THREE_LEFT,
        ],
    );
}

#[test]
fn a_wrong_pin_takes_back_what_a_right_one_gave() {
    play(&mut card("default"), &[JPKI, PIN_FILE, RIGHT_PIN, (WRONG_PIN, "63C2"), KEY_FILE, (SIGN.0, "6982")]);
}

#[test]
fn the_counter_query_is_exactly_four_octets() {
    let mut card = card("default");
    play(
        &mut card,
        &[
            JPKI,
            (COUNTER, "6986"),
            PIN_FILE,
            ("00200080 00", "6700"),
            ("00200080 000000", "6700"),
            THREE_LEFT,
        ],
    );
    assert_eq!(card.tries(), Some(3));
}

#[test]
fn a_verify_of_impossible_form_spends_nothing() {
    let mut card = card("default");
    play(
        &mut card,
        &[
            JPKI,
            PIN_FILE,
            ("00200080 04 31323334 00", "6700"),
            ("00200080 05 31323334", "6700"),
            ("00200080 11 3132333435363738393031323334353637", "6700"),
            ("00200180 04 39393939", "6A86"),
            ("00200081 04 39393939", "6A86"),
            THREE_LEFT,
        ],
    );
    assert_eq!(card.journal().verifications(), 5);
}

#[test]
fn a_verify_of_another_length_is_a_wrong_one() {
    play(
        &mut card("default"),
        &[JPKI, PIN_FILE, ("00200080 03 313233", "63C2"), ("00200080 05 3132333400", "63C1")],
    );
}

#[test]
fn security_status_outlives_selecting_the_same_application_and_a_warm_reset() {
    play(
        &mut card("default"),
        &[
            JPKI,
            PIN_FILE,
            RIGHT_PIN,
            JPKI,
            KEY_FILE,
            SIGN,
            ("warm reset", ""),
            (SIGN.0, "6986"),
            JPKI,
            (SIGN.0, "6986"),
            KEY_FILE,
            SIGN,
        ],
    );
}

#[test]
fn security_status_ends_with_power_or_another_application() {
    for leave in [
        ("power off", ""),
        ("00A4040C 07 A0000001510000", "9000"),
        ("00A4040C 0A D3921000310001010408", "9000"),
        ("00A4040C 0A D3921000310001010402", "9000"),
    ] {
        play(&mut card("default"), &[JPKI, PIN_FILE, RIGHT_PIN, leave, JPKI, KEY_FILE, (SIGN.0, "6982")]);
    }
}

#[test]
fn an_application_that_is_not_there_changes_nothing() {
    play(
        &mut card("default"),
        &[JPKI, PIN_FILE, RIGHT_PIN, KEY_FILE, ("00A4040C 05 A000000003", "6A82"), SIGN],
    );
}

#[test]
fn the_counter_of_another_credential_is_its_own() {
    let mut card = card("default");
    play(
        &mut card,
        &[
            JPKI,
            ("00A4020C 02 0001", "9000"),
            ("00B00000 04", "6982"),
            ("00A4020C 02 001B", "9000"),
            (COUNTER, "63C5"),
            ("00200080 06 414243313234", "63C4"),
            ("00200080 06 414243313233", "9000"),
            ("00A4020C 02 0001", "9000"),
            ("00B00000 00", "*256 9000"),
            ("00A4020C 02 001A", "9000"),
            SIGN,
            KEY_FILE,
            (SIGN.0, "6982"),
        ],
    );
    assert_eq!((card.tries(), card.signature_tries()), (Some(3), Some(5)));
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

#[test]
fn both_forms_of_hash_give_the_same_signature() {
    let mut card = card("everything");
    play(&mut card, &[JPKI, PIN_FILE, RIGHT_PIN, KEY_FILE]);
    let standard = card.transmit(&table::octets(SIGN.0));
    let bare = "802A0297 20 0102030405060708091011121314151617181920212223242526272829303132 00";
    assert_eq!(card.transmit(&table::octets(bare)), standard);
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

#[test]
fn the_other_applications_are_there_and_keep_their_own() {
    play(
        &mut card("default"),
        &[
            ("00A4040C 0A D3921000310001010408", "9000"),
            ("00A4020C 02 0001", "9000"),
            ("00B00000 00", "6982"),
            ("00A4040C 0A D3921000310001010402", "9000"),
            ("00A4020C 02 000A", "6A82"),
        ],
    );
}

#[test]
fn a_phone_shows_its_certificate_only_after_the_pin() {
    play(
        &mut card("phone-android"),
        &[
            JPKI,
            ("00A4020C 02 0006", "9000"),
            ("00B00000 0F", "4A504B49415047505345544F4B454E 9000"),
            ("00A4020C 02 000A", "9000"),
            ("00B00000 00", "6982"),
            PIN_FILE,
            RIGHT_PIN,
            ("00A4020C 02 000A", "9000"),
            ("00B00000 00", "*256 9000"),
            KEY_FILE,
            SIGN,
        ],
    );
    play(
        &mut card("phone-iphone"),
        &[
            JPKI,
            ("00A4020C 02 0006", "9000"),
            ("00B00000 0E", "4A504B494150494F53544F4B454E 9000"),
            ("00A4020C 02 000A", "9000"),
            ("00B00000 00", "6982"),
            ("00A4020C 02 0018", "6A82"),
        ],
    );
}

#[test]
fn cards_that_are_not_ours_say_so_in_their_own_way() {
    play(
        &mut card("juki"),
        &[
            JPKI,
            ("00A4020C 02 000A", "6A82"),
            ("00A4020C 02 0006", "9000"),
            ("00B00000 10", "4A504B494150494343544F4B454E2020 9000"),
        ],
    );
    play(
        &mut card("driving-licence"),
        &[
            (JPKI.0, "6A82"),
            ("00A4040C 10 A0000002310100000000000000000000", "9000"),
            ("00A4040C 10 A0000002310200000000000000000000", "9000"),
        ],
    );
    play(
        &mut card("no-certificate"),
        &[JPKI, ("00A4020C 02 0008", "9000"), ("00B00000 00", "000000 9000"), ("00A4020C 02 0018", "6A82")],
    );
}

#[test]
fn cards_begin_with_the_tries_they_are_named_for() {
    for (name, tries) in [("default", 3), ("two-tries", 2), ("one-try", 1), ("blocked", 0)] {
        assert_eq!(card(name).tries(), Some(tries), "{name}");
    }
    play(&mut card("blocked"), &[JPKI, PIN_FILE, (COUNTER, "63C0"), (RIGHT_PIN.0, "6984")]);
}

#[test]
fn every_card_answers_its_reset_with_a_right_check_octet() {
    for name in CARDS {
        let card = card(name);
        let check = card.atr().iter().skip(1).fold(0, |sum, octet| sum ^ octet);
        // An ATR that offers T=1 alone or after T=0 closes with a check octet; those of type A without
        // historical octets too.
        assert_eq!(check, 0, "{name}: {:02X?}", card.atr());
    }
}
