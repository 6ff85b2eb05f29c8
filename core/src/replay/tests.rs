//! The format, by its errors, and one small tap of each kind.

use super::*;

const NO_CARD: &str = "# nothing but another card
= kind observed
= expect outcome ended
= expect code card-not-my-number
> 00A4040C0AD392F000260100000001
< 6A82
> 00A4040C10A0000002310100000000000000000000
< 6A82
";

fn problem(text: &str) -> (usize, Problem) {
    let error = Recording::parse(text).unwrap_err();
    (error.line, error.problem)
}

#[test]
fn a_recording_plays_to_its_end() {
    let played = Recording::parse(NO_CARD).unwrap().play().unwrap();
    assert_eq!(played.exchanges, 2);
}

#[test]
fn another_command_is_found() {
    let text = NO_CARD.replace("0C0AD392", "0C0AD393");
    let mismatch = Recording::parse(&text).unwrap().play().unwrap_err();
    assert!(matches!(mismatch, Mismatch::Command { line: 5, .. }), "{mismatch}");
}

#[test]
fn what_is_left_over_is_found() {
    let text = format!("{NO_CARD}> 00\n< 9000\n");
    assert_eq!(Recording::parse(&text).unwrap().play(), Err(Mismatch::LeftOver { line: 9 }));
}

#[test]
fn what_is_missing_is_found() {
    let text = NO_CARD.lines().take(6).collect::<Vec<_>>().join("\n");
    assert!(matches!(Recording::parse(&text).unwrap().play(), Err(Mismatch::Over { .. })));
}

#[test]
fn another_outcome_is_found() {
    let text = NO_CARD.replace("card-not-my-number", "card-juki");
    let mismatch = Recording::parse(&text).unwrap().play().unwrap_err();
    assert!(matches!(mismatch, Mismatch::Expectation { line: 4, .. }), "{mismatch}");
}

#[test]
fn an_observed_recording_is_judged_up_to_its_first_masked_answer() {
    let text = NO_CARD.replacen("< 6A82", "< ????", 1);
    let played = Recording::parse(&text).unwrap().play().unwrap();
    assert_eq!(played, Played { exchanges: 1, found: Vec::new() });
}

#[test]
fn every_error_names_its_line() {
    assert_eq!(problem("= kind observed\nhello\n"), (2, Problem::Line));
    assert_eq!(problem("= kind observed\n> 00A\n"), (2, Problem::Hexadecimal));
    assert_eq!(problem("= kind observed\n> +1\n< 9000\n"), (2, Problem::Hexadecimal));
    assert_eq!(problem("\n\n= nonsense 1\n"), (3, Problem::Key));
    assert_eq!(problem("= now yesterday\n"), (1, Problem::Value));
    assert_eq!(problem("= now 1\n= now 1\n"), (2, Problem::Twice));
    assert_eq!(problem("= kind observed\n> 00\n! gone\n"), (3, Problem::Fault));
    assert_eq!(problem("= kind observed\n> 00\n> 00\n"), (3, Problem::Order));
    assert_eq!(problem("= kind observed\n> 00\n"), (2, Problem::Order));
    assert_eq!(problem("= expect outcome ended\n> 00\n< 9000\n"), (3, Problem::NotFull));
}

#[test]
fn what_is_written_is_read_back() {
    let inputs = Inputs::example().unwrap();
    let mut recorder = Recorder::new(Disclosure::TestCard, &["a note"], Some(&inputs));
    recorder.sent(&[0x00, 0x20, 0x00, 0x80, 0x04, 0x31, 0x32, 0x33, 0x34]);
    recorder.failed(crate::tap::Fault::TagLost);
    let text = recorder.into_text() + "= expect outcome ended\n";
    assert!(text.contains("> 0020008004????????"), "{text}");
    let recording = Recording::parse(&text).unwrap();
    assert_eq!(recording.inputs, inputs);
    assert_eq!(recording.lines.len(), 2);
}

#[test]
fn of_a_persons_card_nothing_but_status_words_is_written() {
    let mut recorder = Recorder::new(Disclosure::Person, &[], Some(&Inputs::example().unwrap()));
    recorder.sent(&[0x00, 0xb0, 0x00, 0x00, 0x00]);
    recorder.answered(&[0x30, 0x82, 0x06, 0x2b, 0x90, 0x00]);
    let text = recorder.into_text();
    assert!(text.ends_with("> 00B0000000\n< ????????9000\n"), "{text}");
    assert!(!text.contains("pin") && !text.contains("3082"), "{text}");
}

#[test]
fn a_visual_recording_needs_a_number_and_no_pin() {
    let mut inputs = Inputs::example().unwrap();
    inputs.test_number = Some(b"550102".to_vec());
    let text = Recorder::new(Disclosure::TestCard, &[], Some(&inputs)).into_text();
    let text = text + "= expect outcome ended\n> 00A4040C0AD392F000260100000001\n! tag-lost\n";
    assert!(text.contains("= program visual\n") && text.contains("= number 550102\n"), "{text}");
    assert!(!text.contains("= pin"), "{text}");
    let recording = Recording::parse(&text).unwrap();
    assert_eq!((recording.program, &recording.inputs), (Program::Visual, &inputs));
    assert_eq!(recording.play().unwrap().found.first(), Some(&("outcome", "ended".to_owned())));
    let lines = text.lines().count();
    assert_eq!(problem(&text.replace("= number 550102\n", "")), (lines - 1, Problem::NotFull));
    let unplayable = Recording::parse(&text.replace("550102", "559902")).unwrap();
    assert_eq!(unplayable.play(), Err(Mismatch::Inputs(Problem::Value)));
}
