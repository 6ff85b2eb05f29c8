//! What is particular to each card.

use std::time::Instant;

use shikaku_virtual_card::{CARDS, Pace};

use super::table::{COUNTER, JPKI, KEY_FILE, PIN_FILE, RIGHT_PIN, SIGN, card, play};

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

#[test]
fn a_slow_card_takes_longer_by_its_own_account() {
    let taken = |name| {
        let mut card = card(name);
        play(&mut card, &[JPKI, PIN_FILE, RIGHT_PIN, KEY_FILE, SIGN]);
        card.journal().totals().micros
    };
    assert!(taken("default") > 100_000);
    assert!(taken("slow") > 2 * taken("default"));
    assert!(taken("small-frames") > taken("default"));
}

#[test]
fn in_real_time_an_answer_takes_as_long_as_the_card_would() {
    let mut card = card("default").at_pace(Pace::RealTime);
    let begun = Instant::now();
    play(&mut card, &[JPKI]);
    let modelled = card.journal().totals().micros;
    assert!(modelled > 0 && begun.elapsed().as_micros() >= u128::from(modelled));
}

#[test]
fn a_printed_card_shows_neither_codes_nor_keys() {
    let mut card = card("default");
    play(&mut card, &[JPKI, PIN_FILE, RIGHT_PIN]);
    let printed = format!("{card:?}");
    for code in ["1234", "31323334", "[49, 50, 51, 52", "ABC123", "primes"] {
        assert!(!printed.contains(code), "{code}");
    }
}
