//! Who may use whom: `ARCHITECTURE.md`'s rules, read from `cargo metadata` and from the sources.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed, in its helpers too"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

fn metadata() -> Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version=1", "--no-deps", "--offline"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// For each package of the workspace: the packages it depends on, and whether each is optional.
/// Dependencies of tests alone do not count.
fn dependencies() -> BTreeMap<String, BTreeMap<String, bool>> {
    let metadata = metadata();
    let packages = metadata["packages"].as_array().unwrap();
    packages
        .iter()
        .map(|package| {
            let dependencies = package["dependencies"].as_array().unwrap();
            let normal = dependencies.iter().filter(|dependency| dependency["kind"].is_null());
            let named = normal
                .map(|d| (d["name"].as_str().unwrap().to_owned(), d["optional"].as_bool().unwrap()))
                .collect();
            (package["name"].as_str().unwrap().to_owned(), named)
        })
        .collect()
}

/// Every package that `package` is built with, down to the last, with the features given.
fn built_with(package: &str, features: &str) -> BTreeSet<String> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--offline", "--edges=normal", "--prefix=none", "--no-default-features"])
        .args(["--package", package, "--features", features])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let tree = String::from_utf8(output.stdout).unwrap();
    tree.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
}

#[test]
fn the_packages_that_the_project_fixed_are_direct_dependencies_where_they_do_their_work() {
    let dependencies = dependencies();
    for (package, dependency) in [
        ("shikaku-bindings", "uniffi"),
        ("shikaku-cli", "nfc1"),
        ("shikaku", "aes"),
        ("shikaku", "sha2"),
        ("shikaku", "rsa"),
        ("shikaku", "x509-parser"),
        ("shikaku", "reqwest"),
        ("shikaku", "serde"),
    ] {
        assert!(dependencies[package].contains_key(dependency), "{package} does not depend on {dependency}");
    }
}

#[test]
fn the_fixed_packages_are_used_and_not_only_named() {
    let root = root();
    for (folder, used) in [
        ("bindings/src", "uniffi::"),
        ("cli/src", "nfc1::"),
        ("core/src", "aes::"),
        ("core/src", "sha2::"),
        ("core/src", "rsa::"),
        ("core/src", "x509_parser::"),
        ("core/src", "reqwest::"),
        ("core/src", "serde::"),
    ] {
        let found = sources(&root.join(folder)).into_iter().any(|file| read(&file).contains(used));
        assert!(found, "{used} is nowhere in {folder}");
    }
}

#[test]
fn crates_of_the_workspace_use_only_whom_they_may() {
    let allowed: BTreeMap<&str, &[&str]> = BTreeMap::from([
        ("shikaku", &[][..]),
        ("shikaku-bindings", &["shikaku"][..]),
        ("shikaku-portal", &["shikaku"][..]),
        ("shikaku-cli", &["shikaku", "shikaku-portal", "shikaku-virtual-card"][..]),
        ("shikaku-virtual-card", &[][..]),
    ]);
    let dependencies = dependencies();
    let members: BTreeSet<_> = dependencies.keys().cloned().collect();
    for (package, used) in &dependencies {
        // What lies below tests/ may use every crate; nothing may use it in turn.
        let Some(allowed) = allowed.get(package.as_str()) else { continue };
        for used in used.keys().filter(|name| members.contains(*name)) {
            assert!(allowed.contains(&used.as_str()), "{package} may not use {used}");
        }
    }
}

#[test]
fn the_virtual_card_comes_into_the_program_by_the_default_feature_virtual_alone() {
    let metadata = metadata();
    let packages = metadata["packages"].as_array().unwrap();
    let cli = packages.iter().find(|package| package["name"] == "shikaku-cli").unwrap();
    assert_eq!(cli["features"]["default"], serde_json::json!(["virtual"]));
    assert!(dependencies()["shikaku-cli"]["shikaku-virtual-card"]);
    assert!(!built_with("shikaku-cli", "").contains("shikaku-virtual-card"));
    assert!(built_with("shikaku-cli", "virtual").contains("shikaku-virtual-card"));
}

#[test]
fn the_core_has_no_socket_and_no_bindings_unless_its_client_is_asked_for() {
    let core = built_with("shikaku", "");
    for absent in ["reqwest", "hyper", "tokio", "mio", "socket2", "rustls", "uniffi", "pcsc"] {
        assert!(!core.contains(absent), "the core is built with {absent}");
    }
    assert!(built_with("shikaku", "client").contains("reqwest"));
}

#[test]
fn fail_points_are_in_no_default_build() {
    let metadata = metadata();
    for package in metadata["packages"].as_array().unwrap() {
        let default = package["features"]["default"].to_string();
        assert!(!default.contains("fail-points") && !default.contains("replay"), "{}", package["name"]);
    }
}

/// Cargo leaves `lto` out, and says nothing, for a package with a crate type for other Rust crates.
#[test]
fn the_library_for_phones_is_optimised_as_a_whole() {
    let metadata = metadata();
    let packages = metadata["packages"].as_array().unwrap();
    let bindings = packages.iter().find(|package| package["name"] == "shikaku-bindings").unwrap();
    let targets = bindings["targets"].as_array().unwrap();
    let library = targets.iter().find(|target| target["name"] == "shikaku_bindings").unwrap();
    assert_eq!(library["crate_types"], serde_json::json!(["cdylib", "staticlib"]));
}

/// What each room of the core may name of the others. A room that is not listed may use none.
#[expect(clippy::too_many_lines, reason = "one table, read from top to bottom")]
fn rooms() -> BTreeMap<&'static str, &'static [&'static str]> {
    BTreeMap::from([
        ("instant", &[][..]),
        // Printed numbers are refused before a card sees them if they hold no day of birth.
        ("secret", &["identifier"][..]),
        ("guide", &[][..]),
        ("identifier", &["instant"][..]),
        ("transcript", &["identifier", "instant"][..]),
        // The command that signs takes a transcript and nothing else, so that no other octets can get there.
        ("apdu", &["secret", "transcript"][..]),
        ("certificate", &["guide", "instant", "transcript"][..]),
        // It carries commands and reads none.
        ("ccid", &["apdu", "card", "guide"][..]),
        ("evidence", &["certificate", "guide", "identifier", "instant", "transcript"][..]),
        ("card", &["apdu", "certificate", "evidence", "guide", "instant", "secret", "transcript"][..]),
        ("photo", &["guide"][..]),
        (
            "tap",
            &[
                "apdu",
                "card",
                "certificate",
                "evidence",
                "guide",
                "identifier",
                "instant",
                "photo",
                "secret",
                "transcript",
            ][..],
        ),
        ("terms", &["identifier"][..]),
        ("http", &["guide", "identifier", "instant", "terms"][..]),
        ("jws", &["guide", "identifier", "instant", "http"][..]),
        ("trust", &["guide", "http", "identifier", "instant", "jws"][..]),
        (
            "settings",
            &["certificate", "guide", "http", "identifier", "instant", "jws", "secret", "trust"][..],
        ),
        ("qualification", &["guide", "identifier", "instant", "settings"][..]),
        (
            "registration",
            &[
                "guide",
                "http",
                "identifier",
                "instant",
                "jws",
                "secret",
                "settings",
                "terms",
                "transcript",
                "trust",
            ][..],
        ),
        (
            "check",
            &[
                "certificate",
                "evidence",
                "guide",
                "http",
                "identifier",
                "instant",
                "jws",
                "qualification",
                "registration",
                "secret",
                "settings",
                "transcript",
                "trust",
            ][..],
        ),
        ("vault", &["guide", "identifier", "instant", "secret"][..]),
        (
            "client",
            &["check", "guide", "http", "identifier", "instant", "registration", "settings", "trust"][..],
        ),
        (
            "flow",
            &[
                "certificate",
                "check",
                "guide",
                "identifier",
                "instant",
                "qualification",
                "registration",
                "secret",
                "settings",
                "tap",
                "transcript",
            ][..],
        ),
        (
            "terminal",
            &[
                "certificate",
                "check",
                "client",
                "flow",
                "guide",
                "http",
                "identifier",
                "instant",
                "photo",
                "qualification",
                "registration",
                "secret",
                "settings",
                "tap",
                "transcript",
                "trust",
                "vault",
            ][..],
        ),
        (
            "replay",
            &["apdu", "card", "certificate", "guide", "identifier", "instant", "secret", "tap", "transcript"]
                [..],
        ),
    ])
}

#[test]
fn rooms_of_the_core_use_only_whom_they_may() {
    let rooms = rooms();
    let core = root().join("core/src");
    for file in sources(&core) {
        let inside = file.strip_prefix(&core).unwrap();
        let room = inside.iter().next().unwrap().to_str().unwrap().trim_end_matches(".rs");
        if room == "lib" {
            continue;
        }
        let allowed = rooms.get(room).unwrap_or_else(|| panic!("the room {room} is in no rule"));
        for used in named_after(&without_tests(&file), "crate::") {
            let known =
                used == room || allowed.contains(&used.as_str()) || !rooms.contains_key(used.as_str());
            assert!(known, "{}: {room} may not use {used}", inside.display());
        }
    }
}

#[test]
fn the_portal_sees_signatures_and_never_a_card() {
    let allowed = [
        "http",
        "identifier",
        "instant",
        "certificate",
        "evidence",
        "jws",
        "settings",
        "registration",
        "transcript",
        "check",
        "qualification",
        "guide",
        "secret",
        "trust",
    ];
    let folder = root().join("portal/src");
    for file in sources(&folder) {
        for used in named_after(&without_tests(&file), "shikaku::") {
            assert!(allowed.contains(&used.as_str()), "{}: the portal may not use {used}", file.display());
        }
    }
}

#[test]
fn the_virtual_card_shares_no_code_with_the_core() {
    for file in sources(&root().join("tests/virtual-card")) {
        assert!(named_after(&read(&file), "shikaku::").is_empty(), "{}", file.display());
    }
}

#[test]
fn rooms_stay_small() {
    let root = root();
    for folder in [
        "core/src",
        "bindings/src",
        "cli/src",
        "portal/src",
        "tests/virtual-card/src",
        "tests/rules/src",
        "tests/fuzz/src",
    ] {
        for file in sources(&root.join(folder)) {
            let lines = read(&file).lines().count();
            assert!(lines <= 500, "{} has {lines} lines: split it", file.display());
        }
    }
}

#[test]
fn unsafe_code_is_forbidden_wherever_uniffi_does_not_need_it() {
    let manifest = read(&root().join("Cargo.toml"));
    assert!(manifest.contains("unsafe_code = \"forbid\""));
    for package in ["core", "cli", "portal", "tests/virtual-card", "tests/rules", "tests/fuzz", "tests/e2e"] {
        let manifest = read(&root().join(package).join("Cargo.toml"));
        assert!(
            manifest.contains("[lints]\nworkspace = true"),
            "{package} does not take the workspace's lints"
        );
    }
}

/// Every `.rs` file below a folder.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

fn read(file: &Path) -> String {
    std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// A source without its unit tests, which may use what they like: they stand last, or in a module of their own.
fn without_tests(file: &Path) -> String {
    if is_test_module(file) {
        return String::new();
    }
    read(file).split("#[cfg(test)]\nmod ").next().unwrap_or_default().to_owned()
}

/// Whether the module above declares this file for tests alone.
fn is_test_module(file: &Path) -> bool {
    let folder = file.parent().unwrap();
    let name = file.file_stem().unwrap().to_str().unwrap();
    [folder.join("mod.rs"), folder.join("lib.rs"), folder.with_extension("rs")]
        .iter()
        .filter(|above| above.is_file())
        .any(|above| {
            let above = read(above);
            ["mod", "pub(crate) mod", "pub(super) mod"]
                .iter()
                .any(|declares| above.contains(&format!("#[cfg(test)]\n{declares} {name};")))
        })
}

/// The first segment behind each `prefix`; `use crate::{a, b::C}` yields `a` and `b`.
fn named_after(source: &str, prefix: &str) -> BTreeSet<String> {
    let code: String = source.lines().filter(|line| !line.trim_start().starts_with("//")).fold(
        String::new(),
        |mut code, line| {
            code.push_str(line);
            code.push('\n');
            code
        },
    );
    let mut found = BTreeSet::new();
    for (at, _) in code.match_indices(prefix) {
        let whole_word =
            !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':' || c == '$');
        if !whole_word {
            continue;
        }
        let rest = &code[at + prefix.len()..];
        if let Some(group) = rest.strip_prefix('{') {
            found.extend(first_segments_of_group(group));
        } else {
            found.insert(first_segment(rest));
        }
    }
    found.remove("");
    found
}

fn first_segment(path: &str) -> String {
    path.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

/// The first segments of the members of `{a, b::{c, d}, e}`, given the text behind the first brace.
fn first_segments_of_group(group: &str) -> Vec<String> {
    let mut depth = 0_usize;
    let mut members = vec![String::new()];
    for character in group.chars() {
        match character {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => members.push(String::new()),
            _ => {}
        }
        if let Some(member) = members.last_mut() {
            member.push(character);
        }
    }
    members
        .iter()
        .map(|member| first_segment(member.trim_start_matches(|c: char| c == ',' || c.is_whitespace())))
        .collect()
}

#[test]
fn the_reader_of_paths_sees_groups_and_whole_words() {
    let source =
        "use crate::{apdu::Command, tap};\nlet x = crate::card::jpki();\n// crate::flow\nmycrate::vault";
    let found = named_after(source, "crate::");
    assert_eq!(found, ["apdu", "card", "tap"].map(str::to_owned).into());
}
