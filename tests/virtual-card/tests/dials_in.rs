//! The card at a vpcd that the test plays.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::thread;

use shikaku_virtual_card::Card;
use shikaku_virtual_card::vpcd::{Event, Pace, Service, serve};

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
    let service = Service { address, pace: Pace::FullSpeed, stop: &stop };
    let mut waits = 0;
    serve(&mut Card::from_name("default").unwrap(), &service, |event| {
        assert!(matches!(event, Event::Waiting));
        waits += 1;
        stop.store(true, Ordering::Relaxed);
    });
    assert_eq!(waits, 1);
}

#[test]
fn in_real_time_an_answer_takes_as_long_as_the_card_would() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (sender, receiver) = mpsc::channel();
    with_card_at(address, Pace::RealTime, Some(sender), || {
        let mut slot = accept(&listener);
        let begun = std::time::Instant::now();
        slot.ask(SELECT_JPKI);
        let modelled = receiver.recv().unwrap();
        assert!(modelled > 0 && begun.elapsed().as_micros() >= u128::from(modelled));
    });
}

const SELECT_JPKI: &[u8] = &[0x00, 0xa4, 0x04, 0x0c, 0x0a, 0xd3, 0x92, 0xf0, 0x00, 0x26, 0x01, 0, 0, 0, 1];
const SELECT_PIN: &[u8] = &[0x00, 0xa4, 0x02, 0x0c, 0x02, 0x00, 0x18];
const COUNTER: &[u8] = &[0x00, 0x20, 0x00, 0x80];

/// vpcd's end of the connection.
struct Slot(TcpStream);

impl Slot {
    /// Two writes, as vpcd does.
    fn say(&mut self, message: &[u8]) {
        self.0.write_all(&u16::try_from(message.len()).unwrap().to_be_bytes()).unwrap();
        self.0.write_all(message).unwrap();
    }

    fn hear(&mut self) -> Vec<u8> {
        let mut length = [0; 2];
        self.0.read_exact(&mut length).unwrap();
        let mut message = vec![0; usize::from(u16::from_be_bytes(length))];
        self.0.read_exact(&mut message).unwrap();
        message
    }

    fn ask(&mut self, message: &[u8]) -> Vec<u8> {
        self.say(message);
        self.hear()
    }
}

fn accept(listener: &TcpListener) -> Slot {
    Slot(listener.accept().unwrap().0)
}

fn with_card(play: impl FnOnce(TcpListener)) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    with_card_at(address, Pace::FullSpeed, None, || play(listener));
}

/// Serves a card beside `play`, whatever becomes of it.
fn with_card_at(address: SocketAddr, pace: Pace, micros: Option<mpsc::Sender<u64>>, play: impl FnOnce()) {
    struct StopAtEnd<'a>(&'a AtomicBool);
    impl Drop for StopAtEnd<'_> {
        fn drop(&mut self) {
            self.0.store(true, Ordering::Relaxed);
        }
    }
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        let service = Service { address, pace, stop: &stop };
        scope.spawn(move || {
            serve(&mut Card::from_name("default").unwrap(), &service, |event| {
                if let (Event::Exchange(exchange), Some(micros)) = (event, &micros) {
                    micros.send(exchange.micros).unwrap();
                }
            });
        });
        let _stop = StopAtEnd(&stop);
        play();
    });
}
