//! What the fuzzer has found worth keeping, and its seeds, through every target, as ordinary tests.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use shikaku_fuzz::TARGETS;
use shikaku_fuzz::seeds::seeds;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus")
}

fn names(folder: &Path) -> BTreeSet<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn every_seed_passes_its_target() {
    for (name, target) in TARGETS {
        let seeds = seeds(name);
        assert!(seeds.len() >= 6, "{name} has hardly a seed");
        for seed in &seeds {
            target(seed);
        }
    }
}

#[test]
fn every_octet_string_of_the_corpus_passes_its_target() {
    let folders: BTreeSet<String> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(names(&folder()), folders, "one folder for each target");
    for (name, target) in TARGETS {
        let folder = folder().join(name);
        let files = names(&folder);
        assert!(files.len() >= 10, "{name} has hardly a corpus");
        for file in files {
            target(&std::fs::read(folder.join(file)).unwrap());
        }
    }
}

#[test]
fn the_corpus_stays_small() {
    let files = TARGETS.iter().flat_map(|(name, _)| std::fs::read_dir(folder().join(name)).unwrap());
    let octets: u64 = files.map(|file| file.unwrap().metadata().unwrap().len()).sum();
    assert!(octets <= 300_000, "the corpus has {octets} octets: minimise it");
}
