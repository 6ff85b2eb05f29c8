//! The card at a vpcd that the test plays.

#[cfg(test)]
mod slot;

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::channel;
use std::thread;

use shikaku_virtual_card::vpcd::{Event, Service, serve};
use shikaku_virtual_card::{Card, Slip, Swap};
use slot::{COUNTER, SELECT_JPKI, SELECT_PIN, accept, with_card};

#[test]
fn a_card_dialled_in_answers_controls_and_commands() {
    with_card(|listener| {
        let mut slot = accept(&listener);
        slot.say(&[1]);
        assert_eq!(slot.ask(&[4]), Card::from_name("default").unwrap().atr());
        assert_eq!(slot.ask(SELECT_JPKI), [0x90, 0x00]);
        slot.say(&[]);
        slot.say(&[9]);
        assert_eq!(slot.ask(SELECT_PIN), [0x90, 0x00]);
        slot.say(&[2]);
        assert_eq!(slot.ask(COUNTER), [0x69, 0x86], "a reset forgets the selection");
    });
}

#[test]
fn a_card_comes_back_without_power_but_with_its_counter_when_vpcd_does() {
    with_card(|listener| {
        let mut slot = accept(&listener);
        slot.ask(SELECT_JPKI);
        slot.ask(SELECT_PIN);
        assert_eq!(slot.ask(b"\x00\x20\x00\x80\x049999"), [0x63, 0xc2]);
        drop(slot);
        let mut slot = accept(&listener);
        assert_eq!(slot.ask(COUNTER), [0x69, 0x86]);
        slot.ask(SELECT_JPKI);
        slot.ask(SELECT_PIN);
        assert_eq!(slot.ask(COUNTER), [0x63, 0xc2]);
    });
}

#[test]
fn a_message_in_pieces_is_put_together() {
    with_card(|listener| {
        let mut slot = accept(&listener);
        let length = u16::try_from(SELECT_JPKI.len()).unwrap().to_be_bytes();
        for piece in [&length[..1], &length[1..], &SELECT_JPKI[..3], &SELECT_JPKI[3..]] {
            slot.0.write_all(piece).unwrap();
        }
        assert_eq!(slot.hear(), [0x90, 0x00]);
    });
}

#[test]
fn a_card_waits_for_a_vpcd_that_is_not_there_and_can_be_called_off() {
    // A port that was free a moment ago and that nobody listens on.
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let stop = AtomicBool::new(false);
    let service = Service { address, stop: &stop, slip: None, swaps: None };
    let mut waits = 0;
    serve(Card::from_name("default").unwrap(), &service, |event| {
        assert!(matches!(event, Event::Waiting));
        waits += 1;
        stop.store(true, Ordering::Relaxed);
    });
    assert_eq!(waits, 1);
}

#[test]
fn cards_come_as_they_are_ordered_and_one_that_slips_away_stays_away_until_then() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let stop = AtomicBool::new(false);
    let (orders, swaps) = channel();
    let taken = thread::scope(|scope| {
        let ends = &stop;
        let served = scope.spawn(move || {
            let service = Service { address, stop: ends, slip: None, swaps: Some(&swaps) };
            let mut taken = Vec::new();
            let left = serve(Card::from_name("default").unwrap(), &service, |event| {
                if let Event::Taken(card) = event {
                    taken.push(card.journal().totals().exchanges);
                }
            });
            assert!(left.is_none());
            taken
        });
        let mut first = accept(&listener);
        let other = Card::from_name("juki").unwrap();
        let atr = other.atr().to_vec();
        orders.send(Swap { card: Some(other), after: 1, slip: None }).unwrap();
        assert_eq!(first.ask(SELECT_JPKI), [0x90, 0x00]);
        let mut second = accept(&listener);
        assert_eq!(second.ask(&[4]), atr);
        let third = Card::from_name("default").ok();
        orders.send(Swap { card: third, after: 0, slip: Some(Slip::LostAfter { exchange: 2 }) }).unwrap();
        let mut third = accept(&listener);
        third.say(SELECT_JPKI);
        assert_eq!(third.0.read(&mut [0]).unwrap(), 0, "an answer came");
        stop.store(true, Ordering::Relaxed);
        served.join().unwrap()
    });
    assert_eq!(taken, [1, 0, 1]);
}
