//! PIN, password, their counters, and how long a good one counts.

use super::table::{COUNTER, JPKI, KEY_FILE, PIN_FILE, RIGHT_PIN, SIGN, THREE_LEFT, WRONG_PIN, card, play};

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
