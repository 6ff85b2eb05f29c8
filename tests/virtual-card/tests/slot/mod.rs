//! vpcd as a test plays it.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use shikaku_virtual_card::Card;
use shikaku_virtual_card::vpcd::{Service, serve};

pub(crate) const SELECT_JPKI: &[u8] =
    &[0x00, 0xa4, 0x04, 0x0c, 0x0a, 0xd3, 0x92, 0xf0, 0x00, 0x26, 0x01, 0, 0, 0, 1];
pub(crate) const SELECT_PIN: &[u8] = &[0x00, 0xa4, 0x02, 0x0c, 0x02, 0x00, 0x18];
pub(crate) const COUNTER: &[u8] = &[0x00, 0x20, 0x00, 0x80];

/// vpcd's end of the connection.
pub(crate) struct Slot(pub(crate) TcpStream);

impl Slot {
    /// Two writes, as vpcd does.
    pub(crate) fn say(&mut self, message: &[u8]) {
        self.0.write_all(&u16::try_from(message.len()).unwrap().to_be_bytes()).unwrap();
        self.0.write_all(message).unwrap();
    }

    pub(crate) fn hear(&mut self) -> Vec<u8> {
        let mut length = [0; 2];
        self.0.read_exact(&mut length).unwrap();
        let mut message = vec![0; usize::from(u16::from_be_bytes(length))];
        self.0.read_exact(&mut message).unwrap();
        message
    }

    pub(crate) fn ask(&mut self, message: &[u8]) -> Vec<u8> {
        self.say(message);
        self.hear()
    }
}

/// The next card that dials in.
pub(crate) fn accept(listener: &TcpListener) -> Slot {
    Slot(listener.accept().unwrap().0)
}

/// A card beside `play`, which listens as vpcd does. The card goes when `play` ends, however it ends.
pub(crate) fn with_card(play: impl FnOnce(TcpListener)) {
    struct StopAtEnd<'a>(&'a AtomicBool);
    impl Drop for StopAtEnd<'_> {
        fn drop(&mut self) {
            self.0.store(true, Ordering::Relaxed);
        }
    }
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        let ends = &stop;
        scope.spawn(move || {
            let service = Service { address, stop: ends, slip: None, swaps: None };
            serve(Card::from_name("default").unwrap(), &service, |_| {})
        });
        let _stop = StopAtEnd(&stop);
        play(listener);
    });
}
