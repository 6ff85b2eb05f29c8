//! After a tap the PIN is nowhere in the memory of the process: not on the heap, freed or not, not on a stack.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Seek as _, SeekFrom};

use shikaku::replay::{Line, Recording};
use shikaku::secret::Pin;
use shikaku::tap::{Outcome, Step, Tap};
use zeroize::{Zeroize as _, Zeroizing};

/// What the process must not hold: VERIFY with the PIN 7391, each octet turned over so that this is not it.
const TURNED: [u8; 9] = [!0x00, !0x20, !0x00, !0x80, !0x04, !b'7', !b'3', !b'9', !b'1'];

/// How often it lies in the writable memory of this process.
fn found() -> usize {
    let maps = BufReader::new(File::open("/proc/self/maps").unwrap());
    let mut memory = File::open("/proc/self/mem").unwrap();
    let mut count = 0;
    for line in maps.lines().map(Result::unwrap).filter(|line| line.contains(" rw")) {
        let (begin, end) = line.split_once(' ').unwrap().0.split_once('-').unwrap();
        let [begin, end] = [begin, end].map(|address| u64::from_str_radix(address, 16).unwrap());
        let mut octets = Zeroizing::new(vec![0; usize::try_from(end - begin).unwrap()]);
        // Special mappings cannot be read.
        if memory.seek(SeekFrom::Start(begin)).is_ok() && memory.read_exact(&mut octets).is_ok() {
            count += octets
                .windows(TURNED.len())
                .filter(|window| window.iter().zip(TURNED).all(|(a, b)| *a == !b))
                .count();
        }
    }
    count
}

#[test]
fn after_a_tap_the_pin_is_nowhere_in_memory() {
    let text = std::fs::read_to_string(shikaku_tests::transcripts::folder().join("good-short.apdu")).unwrap();
    let recording = Recording::parse(&text).unwrap();
    let mut typed: Vec<u8> = TURNED.iter().skip(5).map(|octet| !octet).collect();
    let mut request = recording.inputs.request().unwrap();
    request.pin = Pin::new(&typed).unwrap();
    typed.zeroize();
    let mut tap = Tap::new(request);
    let mut step = tap.start();
    let mut answers = recording.lines.iter().filter_map(|line| match line {
        Line::Response(_, octets) => octets.octets(),
        _ => None,
    });
    let mut while_sending = 0;
    while let Step::Transmit { command, .. } = step {
        if command.get(1) == Some(&0x20) && command.len() > 4 {
            while_sending = found();
        }
        step = tap.advance(&answers.next().unwrap());
    }
    assert!(matches!(step, Step::Done(Outcome::Signed(_))));
    // At least: the search may come upon what it has just read.
    assert!(while_sending >= 1, "the search does not find the copy that the shell holds");
    assert_eq!(found(), 0, "a copy of the PIN was left behind");
}
