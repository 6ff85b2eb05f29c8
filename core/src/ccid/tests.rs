use proptest::prelude::*;
use zeroize::Zeroizing;

use super::*;
use crate::apdu::Fault;
use crate::guide::Code;

/// Raw descriptors of a reader: device, configuration, one interface, class descriptor, three endpoints.
fn raw(features: u32, message: u32, packet: u16) -> Vec<u8> {
    let mut class = vec![0_u8; 54];
    class[..6].copy_from_slice(&[54, 0x21, 0x10, 0x01, 0x01, 0x07]);
    class[40..44].copy_from_slice(&features.to_le_bytes());
    class[44..48].copy_from_slice(&message.to_le_bytes());
    let [low, high] = packet.to_le_bytes();
    [
        &[18, 1, 0, 2, 0, 0, 0, 64, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1][..],
        &[9, 2, 93, 0, 1, 1, 0, 0x80, 50],
        &[9, 4, 3, 0, 3, 0x0b, 0, 0, 0],
        &class,
        &[7, 5, 0x83, 3, 8, 0, 16],
        &[7, 5, 0x02, 2, low, high, 0],
        &[7, 5, 0x81, 2, low, high, 0],
    ]
    .concat()
}

const SHORT: u32 = 0x0002_00ba;
const EXTENDED: u32 = 0x0004_00ba;

fn descriptor(features: u32, message: u32) -> Descriptor {
    Descriptor::read(&raw(features, message, 64)).unwrap().remove(0)
}

fn reader(features: u32, message: u32) -> Reader {
    Reader::new(descriptor(features, message), 0)
}

fn written(step: Step) -> Vec<u8> {
    match step {
        Step::Write { message } => message.to_vec(),
        other => panic!("nothing is written but {other:?}"),
    }
}

fn done(step: Step) -> Done {
    match step {
        Step::Done(done) => done,
        other => panic!("it is not over but {other:?}"),
    }
}

fn failed(step: Step) -> Failure {
    match done(step) {
        Done::Failed(failure) => failure,
        other => panic!("it did not fail: {other:?}"),
    }
}

fn read(step: &Step) -> usize {
    match step {
        Step::Read { most, .. } => *most,
        other => panic!("nothing is read but {other:?}"),
    }
}

/// A message of the reader.
fn answer(kind: u8, sequence: u8, status: u8, error: u8, own: u8, data: &[u8]) -> Vec<u8> {
    let length = u32::try_from(data.len()).unwrap().to_le_bytes();
    [&[kind][..], &length, &[0, sequence, status, error, own], data].concat()
}

fn powered(features: u32, message: u32) -> Reader {
    let mut reader = reader(features, message);
    written(reader.power_on());
    reader.written();
    let atr = [0x3b, 0x80, 0x80, 0x01, 0x01];
    assert_eq!(
        done(reader.received(&answer(0x80, 0, 0, 0, 0, &atr), 1)),
        Done::Powered { atr: atr.to_vec() }
    );
    reader
}

fn command(octets: &[u8]) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(octets.to_vec())
}

const VERIFY: [u8; 9] = [0x00, 0x20, 0x00, 0x80, 0x04, 0x31, 0x32, 0x33, 0x34];

#[test]
fn descriptors_say_interface_endpoints_and_limits() {
    let found = descriptor(EXTENDED, 271);
    assert_eq!((found.interface, found.alternate, found.last_slot), (3, 0, 1));
    assert_eq!(found.bulk_out, Endpoint { address: 0x02, packet: 64 });
    assert_eq!(found.bulk_in, Endpoint { address: 0x81, packet: 64 });
    assert_eq!(found.interrupt, Some(Endpoint { address: 0x83, packet: 8 }));
    assert!(found.limits().extended_length);
    assert!(!descriptor(SHORT, 271).limits().extended_length);
    assert_eq!(descriptor(EXTENDED, u32::MAX).message, 65_554);
}

#[test]
fn readers_that_cannot_be_used_are_refused_by_name() {
    let refused = |raw: &[u8]| Descriptor::read(raw).unwrap_err();
    assert_eq!(refused(&raw(0x0001_00ba, 271, 64)), Unsupported::TpduLevel);
    assert_eq!(refused(&raw(0x0000_00ba, 271, 64)), Unsupported::TpduLevel);
    assert_eq!(refused(&raw(SHORT, 267, 64)), Unsupported::ShortMessages { octets: 267 });
    assert_eq!(refused(&raw(SHORT, 271, 64)[..60]), Unsupported::Incomplete);
    assert_eq!(refused(&[9, 4, 0, 0, 2, 0x08, 6, 80, 0]), Unsupported::NotAReader);
    assert_eq!(refused(&[]), Unsupported::NotAReader);
    assert_eq!(Unusable::from(Unsupported::TpduLevel).code(), Code::ReaderUnsupported);
    assert_eq!(Unusable::PermissionRefused.code(), Code::ReaderPermission);
}

#[test]
fn a_reader_with_two_interfaces_offers_both() {
    let two = [raw(SHORT, 271, 64), raw(EXTENDED, 3000, 512)].concat();
    let found = Descriptor::read(&two).unwrap();
    assert_eq!(found.iter().map(|one| one.bulk_in.packet).collect::<Vec<_>>(), [64, 512]);
}

#[test]
fn each_message_is_what_the_class_says() {
    let mut reader = reader(SHORT, 271);
    assert_eq!(written(reader.power_on()), [0x62, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    assert_eq!(written(reader.power_off()), [0x63, 0, 0, 0, 0, 0, 1, 0, 0, 0]);
    assert_eq!(written(reader.status()), [0x65, 0, 0, 0, 0, 0, 2, 0, 0, 0]);
    let sent = written(reader.transmit(command(&VERIFY)));
    assert_eq!(sent, [&[0x6f, 9, 0, 0, 0, 0, 3, 0, 0, 0][..], &VERIFY].concat());
    let mut other = Reader::new(descriptor(SHORT, 271), 9);
    assert_eq!(written(other.status())[5], 1, "there are two slots, and the last one is taken");
}

#[test]
fn a_reader_that_does_not_choose_the_voltage_is_told_the_lowest() {
    let without = SHORT & !0x08;
    for (voltages, power) in [(0b111, 3), (0b011, 2), (0b001, 1), (0b000, 1)] {
        let mut octets = raw(without, 271, 64);
        octets[41] = voltages;
        let mut reader = Reader::new(Descriptor::read(&octets).unwrap()[0], 0);
        assert_eq!(written(reader.power_on())[7], power);
    }
}

#[test]
fn a_reader_without_automatic_parameters_is_asked_for_the_protocol() {
    for (protocol, is_known) in [(0, true), (1, true), (0x80, false)] {
        let mut reader = reader(SHORT & !0x00c2, 271);
        reader.power_on();
        reader.written();
        assert_eq!(
            written(reader.received(&answer(0x80, 0, 0, 0, 0, &[0x3b, 0]), 1)),
            [0x6c, 0, 0, 0, 0, 0, 1, 0, 0, 0]
        );
        reader.written();
        let end = done(reader.received(&answer(0x82, 1, 0, 0, protocol, &[0x11; 7]), 1));
        assert_eq!(end == Done::Powered { atr: vec![0x3b, 0] }, is_known, "{protocol}");
    }
}

#[test]
fn an_answer_comes_through_as_it_is_in_one_packet_or_many() {
    let response: Vec<u8> = (0..=255).chain([0x90, 0x00]).collect();
    let message = answer(0x80, 1, 0, 0, 0, &response);
    for packets in [1, 2, 3, 4] {
        let mut reader = powered(SHORT, 271);
        reader.transmit(command(&[0, 0xb0, 0, 0, 0]));
        let step = reader.written();
        assert_eq!(read(&step), 320);
        let (mut rest, mut last) = (&message[..], step);
        while !rest.is_empty() {
            let (now, behind) = rest.split_at(rest.len().min(64 * packets));
            last = reader.received(now, 1);
            rest = behind;
        }
        assert_eq!(done(last), Done::Response(response.clone()));
    }
}

#[test]
fn an_empty_packet_behind_a_full_one_is_passed_over() {
    let mut reader = powered(SHORT, 271);
    reader.transmit(command(&[0, 0xb0, 0, 0, 0x34]));
    reader.written();
    read(&reader.received(&[], 1));
    let response = [&[7; 52][..], &[0x90, 0x00]].concat();
    assert_eq!(done(reader.received(&answer(0x80, 1, 0, 0, 0, &response), 1)), Done::Response(response));
}

#[test]
fn a_card_that_asks_for_time_is_waited_for_but_not_for_ever() {
    let more = answer(0x80, 1, 0x80, 1, 0, &[]);
    let mut reader = powered(SHORT, 271);
    reader.transmit(command(&VERIFY));
    reader.written();
    for _ in 0..50 {
        read(&reader.received(&more, 100));
    }
    assert_eq!(
        done(reader.received(&answer(0x80, 1, 0, 0, 0, &[0x90, 0]), 1)),
        Done::Response(vec![0x90, 0])
    );
    for elapsed in [0, 1, 4_000] {
        let mut reader = powered(SHORT, 271);
        reader.transmit(command(&VERIFY));
        let mut step = reader.written();
        while matches!(step, Step::Read { .. }) {
            step = reader.received(&more, elapsed);
        }
        assert_eq!(failed(step), Failure { fault: Fault::Timeout, cause: Cause::Endless });
    }
}

#[test]
fn an_answer_with_another_sequence_number_is_nobodys() {
    let mut reader = powered(SHORT, 271);
    reader.transmit(command(&VERIFY));
    reader.written();
    assert!(matches!(reader.fail(Fault::Timeout), Step::Done(Done::Failed(_))));
    assert_eq!(written(reader.transmit(command(&[0, 0x20, 0, 0x80])))[6], 2);
    reader.written();
    // The late 9000 to VERIFY must not be taken for the answer to the counter.
    read(&reader.received(&answer(0x80, 1, 0, 0, 0, &[0x90, 0x00]), 1));
    assert_eq!(
        done(reader.received(&answer(0x80, 2, 0, 0, 0, &[0x63, 0xc2]), 1)),
        Done::Response(vec![0x63, 0xc2])
    );
}

#[test]
fn slot_errors_become_faults_by_what_lies_there() {
    let table = [
        // status, error, with power, without
        (0x42, 0xfe, Fault::TagLost, Fault::CardAbsent),
        (0x41, 0xfe, Fault::TagLost, Fault::Timeout),
        (0x40, 0xfe, Fault::Timeout, Fault::Timeout),
        (0x40, 0xfd, Fault::TagLost, Fault::ReaderFailed),
        (0x40, 0xfc, Fault::TagLost, Fault::ReaderFailed),
        (0x40, 0xfb, Fault::ReaderFailed, Fault::ReaderFailed),
        (0x40, 0xf6, Fault::ReaderFailed, Fault::ReaderFailed),
        (0x40, 0xe0, Fault::ReaderBusy, Fault::ReaderBusy),
        (0x40, 0xf2, Fault::ReaderBusy, Fault::ReaderBusy),
        (0x40, 0xff, Fault::Cancelled, Fault::Cancelled),
        (0x40, 0x05, Fault::ReaderFailed, Fault::ReaderFailed),
        (0x40, 0xc0, Fault::ReaderFailed, Fault::ReaderFailed),
    ];
    for (status, error, with, without) in table {
        let mut reader = powered(SHORT, 271);
        reader.transmit(command(&VERIFY));
        reader.written();
        assert_eq!(
            failed(reader.received(&answer(0x80, 1, status, error, 0, &[]), 1)).fault,
            with,
            "{error:02x}"
        );
        reader.power_on();
        reader.written();
        let end = reader.received(&answer(0x80, 2, status, error, 0, &[]), 1);
        assert_eq!(failed(end).fault, without, "{error:02x}");
    }
}

#[test]
fn what_is_no_message_ends_the_request() {
    let good = answer(0x80, 1, 0, 0, 0, &[0x90, 0x00]);
    let long = [&good[..], &[0]].concat();
    let garbage: [&[u8]; 9] = [
        &good[..11],
        &good[..5],
        &long,
        &answer(0x83, 1, 0, 0, 0, &[0x90, 0x00]),
        &answer(0x81, 1, 0, 0, 0, &[]),
        &answer(0x80, 1, 3, 0, 0, &[0x90, 0x00]),
        &answer(0x80, 1, 0xc0, 0, 0, &[0x90, 0x00]),
        &[0x80, 0xff, 0xff, 0xff, 0xff, 0, 1, 0, 0, 0],
        &[0x80, 0x06, 0x01, 0, 0, 0, 1, 0, 0, 0],
    ];
    for octets in garbage {
        let mut reader = powered(SHORT, 271);
        reader.transmit(command(&VERIFY));
        reader.written();
        let failure = failed(reader.received(octets, 1));
        assert_eq!(failure, Failure { fault: Fault::ReaderFailed, cause: Cause::Malformed }, "{octets:02x?}");
    }
}

#[test]
fn a_long_command_goes_out_in_parts_and_a_long_answer_comes_in_parts() {
    let mut reader = powered(EXTENDED, 271);
    let long: Vec<u8> = (0..600_u16).map(|octet| octet.to_be_bytes()[1]).collect();
    let first = written(reader.transmit(command(&long)));
    assert_eq!((&first[7..10], &first[10..]), (&[0, 1, 0][..], &long[..261]));
    reader.written();
    let middle = written(reader.received(&answer(0x80, 1, 0, 0, 0x10, &[]), 1));
    assert_eq!((&middle[7..10], &middle[10..]), (&[0, 3, 0][..], &long[261..522]));
    reader.written();
    let last = written(reader.received(&answer(0x80, 2, 0, 0, 0x10, &[]), 1));
    assert_eq!((&last[7..10], &last[10..]), (&[0, 2, 0][..], &long[522..]));
    reader.written();
    let more = written(reader.received(&answer(0x80, 3, 0, 0, 1, &[1; 200]), 1));
    assert_eq!(more, [0x6f, 0, 0, 0, 0, 0, 4, 0, 0x10, 0]);
    reader.written();
    written(reader.received(&answer(0x80, 4, 0, 0, 3, &[2; 200]), 1));
    reader.written();
    let end = done(reader.received(&answer(0x80, 5, 0, 0, 2, &[0x90, 0x00]), 1));
    assert_eq!(end, Done::Response([&[1; 200][..], &[2; 200], &[0x90, 0x00]].concat()));
}

#[test]
fn a_command_that_does_not_fit_a_short_message_is_not_sent() {
    let mut reader = powered(SHORT, 271);
    let failure = failed(reader.transmit(command(&[0; 262])));
    assert_eq!(failure, Failure { fault: Fault::ReaderFailed, cause: Cause::TooLong });
    assert!(matches!(reader.written(), Step::Done(Done::Failed(_))));
}

#[test]
fn out_of_turn_nothing_is_sent() {
    let mut reader = powered(SHORT, 271);
    for step in [reader.written(), reader.received(&[], 1), reader.fail(Fault::TagLost)] {
        assert_eq!(failed(step).cause, Cause::OutOfTurn);
    }
    reader.transmit(command(&VERIFY));
    assert_eq!(failed(reader.received(&answer(0x80, 1, 0, 0, 0, &[0x90, 0]), 1)).cause, Cause::OutOfTurn);
    assert_eq!(failed(reader.written()).cause, Cause::OutOfTurn);
}

#[test]
fn the_interrupt_pipe_tells_of_this_slot_alone() {
    let second = Reader::new(descriptor(SHORT, 271), 1);
    assert_eq!(second.notified(&[0x50, 0b1100]), Notification::Present);
    assert_eq!(second.notified(&[0x50, 0b1011]), Notification::Absent);
    assert_eq!(second.notified(&[0x51, 1, 0, 1]), Notification::HardwareError);
    for other in [&[][..], &[0x50], &[0x51, 0, 0, 1], &[0x99, 1]] {
        assert_eq!(second.notified(other), Notification::Other);
    }
}

#[test]
fn a_step_with_a_pin_prints_without_it() {
    let mut reader = powered(SHORT, 271);
    let step = reader.transmit(command(&VERIFY));
    assert_eq!(format!("{step:?} {reader:?}"), "Write(19 octets) Reader(slot 0, Short)");
    assert_eq!(format!("{:?}", Done::Response(b"1234".to_vec())), "Response(4 octets)");
}

/// What a shell or a reader may do next.
#[derive(Debug, Clone)]
enum Move {
    Written,
    Received(Vec<u8>),
    Answered { kind: u8, offset: u8, status: u8, error: u8, own: u8, data: Vec<u8> },
    Fail,
}

fn moves() -> impl Strategy<Value = Move> {
    let octets = || proptest::collection::vec(any::<u8>(), 0..80);
    prop_oneof![
        4 => Just(Move::Written),
        1 => octets().prop_map(Move::Received),
        6 => (
            prop::sample::select(vec![0x80_u8, 0x80, 0x80, 0x81, 0x82]),
            prop::sample::select(vec![0_u8, 0, 0, 1, 255]),
            prop::sample::select(vec![0_u8, 0, 0x40, 0x42, 0x80, 0xc0]),
            any::<u8>(),
            prop::sample::select(vec![0_u8, 1, 2, 3, 0x10, 0x10]),
            prop_oneof![Just(Vec::new()), octets()],
        )
            .prop_map(|(kind, offset, status, error, own, data)| Move::Answered {
                kind, offset, status, error, own, data
            }),
        1 => Just(Move::Fail),
    ]
}

proptest! {
    #[test]
    fn any_octets_are_descriptors_or_are_refused(raw in proptest::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(found) = Descriptor::read(&raw) {
            prop_assert!(!found.is_empty());
        }
    }

    #[test]
    fn whatever_comes_no_octet_of_a_command_goes_out_twice(
        length in 1_usize..900,
        is_extended: bool,
        moves in proptest::collection::vec(moves(), 0..40),
    ) {
        // Octets that tell their place, so that a repeated one would show.
        let sent: Vec<u8> = (0..length).flat_map(|at| u16::try_from(at).unwrap().to_be_bytes()).take(length).collect();
        let mut reader = powered(if is_extended { EXTENDED } else { SHORT }, 271);
        let mut out = Vec::new();
        let mut sequence = 0_u8;
        let mut step = reader.transmit(command(&sent));
        for next in moves {
            if let Step::Write { message } = &step {
                prop_assert!(message.len() <= 271);
                out.extend_from_slice(&message[10..]);
                sequence = message[6];
            }
            step = match next {
                Move::Written => reader.written(),
                Move::Received(octets) => reader.received(&octets, 1),
                Move::Answered { kind, offset, status, error, own, data } => {
                    reader.received(&answer(kind, sequence.wrapping_sub(offset), status, error, own, &data), 1)
                }
                Move::Fail => reader.fail(Fault::TagLost),
            };
        }
        if let Step::Write { message } = &step {
            out.extend_from_slice(&message[10..]);
        }
        prop_assert!(sent.starts_with(&out));
    }
}
