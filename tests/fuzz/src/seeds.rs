//! What the fuzzer begins with: recorded taps, certificates and settings that are good, in each target's form.

use std::path::{Path, PathBuf};

use shikaku::evidence::Record;
use shikaku::instant::UnixTime;
use shikaku::replay::{Inputs, Line, Recording};
use shikaku::settings::{RegistrationCode, UserSettings};
use shikaku::tap::{
    Fault, Form, Inspection, Probe, ReaderLimits, Strategy, VisualEvidence, VisualOutcome, VisualTap,
};
use shikaku::transcript::VisualTranscript;
use shikaku_rules::dialogue::{End, drive};
use shikaku_virtual_card::Card;
use shikaku_virtual_card::issue::{Authority, CrlRequest};

use super::{card, photo, settings, tap};

/// Seeds of the target with this name.
pub fn seeds(target: &str) -> Vec<Vec<u8>> {
    match target {
        "responses" => responses(),
        "tap" => taps(),
        "certificate" => certificates(),
        "settings" => texts(),
        "evidence" => evidences(),
        "photo" => photos(),
        "recording" => recordings().into_iter().map(|(text, _)| text.into_bytes()).collect(),
        _ => Vec::new(),
    }
}

fn recordings() -> Vec<(String, Recording)> {
    let mut files: Vec<_> = std::fs::read_dir(root().join("tests/transcripts"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    files
        .iter()
        .filter(|file| file.extension().is_some_and(|ending| ending == "apdu"))
        .map(|file| std::fs::read_to_string(file).unwrap())
        .map(|text| (text.clone(), Recording::parse(&text).unwrap()))
        .collect()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// What the recorded taps were begun with, in standard forms, for production: so the signatures in them are good ones
/// here. Compiled in, because a fuzz target is moved about.
pub(super) fn recorded_inputs() -> Inputs {
    let recording = Recording::parse(include_str!("../../transcripts/good-short.apdu")).unwrap();
    Inputs { test_roots: Vec::new(), ..recording.inputs }
}

/// The answers of each recording, as a look takes them.
fn responses() -> Vec<Vec<u8>> {
    let answers = |recording: &Recording| -> Vec<u8> {
        let answers = recording.lines.iter().filter_map(|line| match line {
            Line::Response(_, octets) => octets.octets(),
            _ => None,
        });
        answers.flat_map(|answer| [&length(&answer)[..], &answer].concat()).collect()
    };
    let extended = |recording: &Recording| u8::from(recording.inputs.limits.extended_length);
    let mut seeds: Vec<Vec<u8>> = recordings()
        .iter()
        .map(|(_, recording)| [vec![extended(recording), 1, 0x55], answers(recording)].concat())
        .collect();
    seeds.push(look(0));
    seeds.push(look(1));
    seeds
}

/// A whole look at the default card.
fn look(first: u8) -> Vec<u8> {
    let mut card = Card::from_name("default").unwrap();
    let limits = if first == 1 { ReaderLimits::EXTENDED } else { ReaderLimits::SHORT };
    let mut look = Inspection::new(limits, Strategy::default());
    let (passed, _) = drive(&mut look, 100, |_, command| Ok(card.transmit(command)));
    let answers = passed.into_iter().filter_map(|(_, answer)| answer.ok());
    [vec![first, 1, 0x55], answers.flat_map(|answer| [&length(&answer)[..], &answer].concat()).collect()]
        .concat()
}

/// Each card over each reader as it should go, and each recording, answer for answer.
fn taps() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for card in 0..16 {
        for reader in [0, 1] {
            // The PIN, six digits, fourteen.
            let agreed = [0, 8, 16].into_iter().flat_map(|number| (0..4).map(move |agreed| number | agreed));
            seeds.extend(agreed.map(|agreed| vec![card, reader, agreed, 0, 5, 0x55]));
        }
    }
    for (_, recording) in recordings() {
        let reader = u8::from(recording.inputs.limits.extended_length);
        let roots = if recording.inputs.test_roots.is_empty() { 4 } else { 0 };
        let number = match recording.inputs.test_number.as_deref() {
            None => 0,
            Some(number) if number.len() == 14 => 16,
            Some(b"560102") => 24,
            Some(_) => 8,
        };
        let mut seed = vec![0, reader, roots | number, 0];
        seed.extend(forms(recording.inputs.strategy));
        for line in &recording.lines {
            match line {
                Line::Response(_, octets) => {
                    let answer = octets.octets().unwrap_or_default();
                    seed.push(card::RAW);
                    seed.extend(length(&answer));
                    seed.extend(answer);
                }
                Line::Fault(_, fault) => seed.extend([0xe8 | u8::from(*fault == Fault::Timeout), 0]),
                Line::Command(..) => {}
            }
        }
        seeds.push(seed);
    }
    seeds
}

/// The two octets that make this strategy.
fn forms(strategy: Strategy) -> [u8; 2] {
    let word = Form::ALL.into_iter().rev().fold(0_u16, |word, form| {
        let place = Probe::ALL.iter().position(|probe| *probe == strategy.probe(form));
        word << 2 | u16::try_from(place.unwrap_or_default()).unwrap_or_default()
    });
    word.to_be_bytes()
}

fn length(answer: &[u8]) -> [u8; 2] {
    u16::try_from(answer.len()).unwrap_or(u16::MAX).to_be_bytes()
}

/// What a good visual tap of this depth brings, its inputs those of the recorded ones.
fn proven(number: &[u8]) -> VisualEvidence {
    let text = include_str!("../../transcripts/visual-light-good.apdu");
    let inputs = Inputs { test_number: Some(number.to_vec()), ..Recording::parse(text).unwrap().inputs };
    let mut card = Card::from_name("default").unwrap();
    let mut tap = VisualTap::new(inputs.visual_request().unwrap());
    match drive(&mut tap, 100, |_, command| Ok(card.transmit(command))).1 {
        Some(End::Visual(VisualOutcome::Proven(evidence))) => evidence,
        other => panic!("{other:?}"),
    }
}

/// A transcript, and the card's signatures over it.
pub(super) fn presence() -> (VisualTranscript, Vec<[u8; 256]>) {
    let evidence = proven(b"550102");
    (evidence.transcript, vec![evidence.signature])
}

/// The files of a card face, and what a client makes of each record, in the forms of the target.
fn evidences() -> Vec<Vec<u8>> {
    let files = tap::genuine_files("default");
    let [age, face, vouching] = &files[..] else { panic!("three files") };
    let light = proven(b"550102");
    let full = proven(b"55010220361234");
    let Record::Face(group) = &full.surface.record else { panic!("a card face") };
    let [printed, photo] = group.others();
    let text = include_str!("../../transcripts/visual-full-good.apdu");
    let recording = Recording::parse(text).unwrap();
    let mut attributes = recording.lines.iter().filter_map(|line| match line {
        Line::Response(_, octets) => octets.octets().filter(|octets| octets.len() > 2),
        _ => None,
    });
    let attributes = attributes.next_back().unwrap();
    let attributes = &attributes[..5 + usize::from(attributes[3])];
    vec![
        [&[0], &vouching[..]].concat(),
        [&[1], &age[..]].concat(),
        [&[2], &face[..]].concat(),
        [&[3], attributes].concat(),
        [&[4], &light.signature[..], age].concat(),
        [&[5], &full.signature[..], printed, photo, group.signature(), group.octets()].concat(),
    ]
}

/// A good photo, its codestream alone, halves of it, and some whose headers say something else.
fn photos() -> Vec<Vec<u8>> {
    let good = photo::usual();
    let begin = good.windows(4).position(|marker| marker == [0xff, 0x4f, 0xff, 0x51]).unwrap();
    let changed = |at: usize, octet: u8| {
        let mut photo = good.clone();
        photo[begin + at] = octet;
        photo
    };
    vec![
        good.clone(),
        good[begin..].to_vec(),
        good[..good.len() / 2].to_vec(),
        good[begin..good.len() / 2].to_vec(),
        // Wider, higher, another component depth.
        changed(11, 0xff),
        changed(15, 0xff),
        changed(42, 0x0f),
    ]
}

/// Every certificate of the tree, and a revocation list of each kind.
fn certificates() -> Vec<Vec<u8>> {
    const NOW: u64 = 1_782_864_000;
    let root = root();
    let mut seeds = Vec::new();
    for folder in ["tests/data", "core/src/certificate/anchors"] {
        collect(&root.join(folder), &mut seeds);
    }
    let authority = Authority::test().unwrap();
    let request = CrlRequest::new(NOW, &[1, 2, 0x22_9001]);
    for request in [
        request.clone(),
        request.clone().stale(NOW),
        request.clone().of_another_partition(),
        request.with_unknown_critical_extension(),
    ] {
        seeds.push(authority.crl(&request).unwrap());
    }
    seeds
}

fn collect(folder: &Path, seeds: &mut Vec<Vec<u8>>) {
    let mut entries: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            collect(&path, seeds);
        } else if path.extension().is_some_and(|ending| ending == "der" || ending == "cer") {
            seeds.push(std::fs::read(&path).unwrap());
        }
    }
}

fn texts() -> Vec<Vec<u8>> {
    let world = settings::world_of_test();
    let code = RegistrationCode::from_octets([9; 10]);
    let typed = format!("1310112345\nW0000001\n{}", &*code.to_text());
    let user = UserSettings {
        origin: "https://shikaku.example".parse().unwrap(),
        institution: "1310112345".parse().unwrap(),
        account: "W0000001".parse().unwrap(),
        expires_at: UnixTime(1_800_000_060),
        code,
    };
    let signed = user.sign(&world.portal).unwrap();
    let payload = format!(
        r#"{{"version":1,"origin":"https://shikaku.example","institution":"1310112345","account_id":"W0000001","registration_code":"{}","expires_at":1800000060}}"#,
        &*user.code.to_text()
    );
    let device = r#"{"version":3,"device_id":"BAQEBAQEBAQEBAQEBAQEBA","institution":"1310112345","institution_name":"動作確認クリニック","origin":"https://shikaku.example","phase":"test","phase_since":1800000000,"test":true,"visual":false,"history":false,"staff":["受付"],"idle_lock_seconds":300,"limits":{"checks_per_minute":30,"burst":10,"open_challenges":4},"minimum_app_version":"0.1.0","notices":[{"id":"1","text":"お知らせ"}],"service_keys":[],"test_anchors":[]}"#;
    let texts = [&**signed, &payload, device, &user.code.to_text(), &typed, &world.trust.to_json()];
    texts
        .iter()
        .enumerate()
        .map(|(form, text)| [&[u8::try_from(form).unwrap()], text.as_bytes()].concat())
        .collect()
}
