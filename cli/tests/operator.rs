//! The operators' commands, as the real program runs them, on both engines.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of a test fail by panicking"
)]

use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;
use shikaku_test_database::{Database, Folder};

const ROOT: &[u8] = include_bytes!("../../tests/data/ca/root.der");

/// A data folder and a database.
struct Place {
    folder: Folder,
    database: Database,
}

/// What the program ended with.
struct Ended {
    status: i32,
    json: Value,
    told: String,
}

impl Place {
    fn admin(&self, arguments: &[&str]) -> Ended {
        let done = Command::new(env!("CARGO_BIN_EXE_shikaku"))
            .args(["admin", "--json", "--as", "運営 一郎", "--data"])
            .arg(self.folder.path().join("data"))
            .args(["--database-url", self.database.url()])
            .args(arguments)
            .output()
            .unwrap();
        let text = String::from_utf8(done.stdout).unwrap();
        Ended {
            status: done.status.code().unwrap(),
            json: serde_json::from_str(&text).unwrap_or_else(|_| panic!("{arguments:?}: {text}")),
            told: String::from_utf8(done.stderr).unwrap(),
        }
    }

    /// What a command that succeeds answers.
    fn good(&self, arguments: &[&str]) -> Value {
        let ended = self.admin(arguments);
        assert_eq!(ended.status, 0, "{arguments:?}: {}", ended.told);
        ended.json
    }

    fn file(&self, name: &str, octets: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, octets).unwrap();
        path
    }
}

/// The same test on both engines.
fn on_both_engines(test: fn(&Place)) {
    for database in [Database::sqlite(), Database::postgres()] {
        test(&Place { folder: Folder::new(), database });
    }
}

#[test]
fn an_institution_gets_its_accounts_and_their_settings() {
    on_both_engines(|place| {
        place.good(&["institution", "add", "13-1-0112345", "青葉医院"]);
        let issued = place.good(&["account", "issue", "1310112345", "--count", "2", "--name", "受付"]);
        assert_eq!(issued["accounts"], serde_json::json!(["W0000001", "W0000002"]));
        let qr = place.folder.path().join("qr.png");
        let origin = ["--origin", "https://shikaku.example"];
        let settings = ["settings", "W0000001", "--text", "--qr", qr.to_str().unwrap()];
        let shown = place.good(&[&settings[..], &origin[..]].concat());
        assert_eq!(shown["registration_code"].as_str().unwrap().len(), 21);
        assert_eq!(shown["jws"].as_str().unwrap().split('.').count(), 3);
        assert!(std::fs::read(&qr).unwrap().starts_with(b"\x89PNG"));
        // Without --text nothing secret is printed.
        let quiet =
            place.good(&[&["settings", "W0000001", "--qr", qr.to_str().unwrap()], &origin[..]].concat());
        assert!(quiet.get("registration_code").is_none() && quiet.get("jws").is_none());
        place.good(&["account", "revoke", "W0000002"]);
        let refused = place.admin(&["account", "resume", "W0000002"]);
        assert_eq!(refused.status, 1);
        assert!(refused.json["error"]["detail"].as_str().unwrap().contains("失効"));
        let listed = place.good(&["account", "list", "--institution", "1310112345"]);
        assert_eq!(listed["accounts"][1]["state"], "revoked");
    });
}

#[test]
fn notices_staff_and_history_are_what_an_operator_says() {
    on_both_engines(|place| {
        place.good(&["institution", "add", "1310112345", "青葉医院"]);
        let all = place.good(&["notice", "put", "今夜0時から停止します"]);
        let one = place.good(&["notice", "put", "来週の点検", "--institution", "1310112345"]);
        assert_eq!((&all["institution"], &one["institution"]), (&Value::Null, &Value::from("1310112345")));
        let id = all["id"].as_str().unwrap();
        assert!(place.good(&["notice", "withdraw", id])["ends_at"].is_u64());
        assert_eq!(place.admin(&["notice", "withdraw", id]).status, 1, "it is not up any more");
        assert_eq!(place.admin(&["notice", "put", "誰", "--institution", "1330131234"]).status, 1);
        for text in ["", "二行\nある", &"長".repeat(201)] {
            assert_eq!(place.admin(&["notice", "put", text]).status, 1, "{text}");
        }
        let listed = place.good(&["notice", "list"]);
        let up = listed["notices"].as_array().unwrap().iter().filter(|notice| notice["ends_at"].is_null());
        assert_eq!(up.map(|notice| notice["text"].as_str().unwrap()).collect::<Vec<_>>(), ["来週の点検"]);
        place.good(&["staff", "add", "1310112345", "受付 一郎"]);
        let staff = place.good(&["staff", "add", "1310112345", "受付 二郎"]);
        assert_eq!(staff["staff"], serde_json::json!(["受付 一郎", "受付 二郎"]));
        assert_eq!(place.admin(&["staff", "add", "1310112345", "受付 一郎"]).status, 1);
        assert_eq!(place.admin(&["staff", "add", "1310112345", " "]).status, 1);
        assert_eq!(place.good(&["staff", "remove", "1310112345", "受付 一郎"])["staff"][0], "受付 二郎");
        assert_eq!(place.admin(&["staff", "remove", "1310112345", "受付 一郎"]).status, 1);
        assert_eq!(place.good(&["institution", "history", "1310112345", "on"])["history"], true);
        assert_eq!(place.good(&["institution", "history", "1310112345", "off"])["history"], false);
    });
}

#[test]
fn a_test_institution_needs_the_flag_and_is_never_live() {
    on_both_engines(|place| {
        assert_eq!(place.admin(&["institution", "add", "4810000001", "動作確認"]).status, 1);
        place.good(&["institution", "add", "4810000001", "動作確認", "--test"]);
        assert_eq!(place.admin(&["phase", "4810000001", "--live-from", "2099-01-01"]).status, 1);
        assert_eq!(place.admin(&["institution", "add", "1310112346", "検証番号違い"]).status, 1);
        let listed = place.good(&["institution", "list"]);
        assert_eq!(listed["institutions"].as_array().unwrap().len(), 1);
        assert_eq!(
            (&listed["institutions"][0]["test"], &listed["institutions"][0]["phase"]),
            (&true.into(), &"trial".into())
        );
    });
}

#[test]
fn an_import_names_every_bad_row_and_takes_nothing_of_it() {
    on_both_engines(|place| {
        let header = "Person,Enrolled,IssuerKeyId,Serial,InsurerNumber,Name,Birthdate";
        let good = "p1,1,aa,01,06130488,資格 太郎,1980-01-02";
        let bad = place
            .file("bad.csv", format!("{header}\n{good}\np2,1,aa,02,06130489,資格 花子,1980-01-02\np3\n"));
        let refused = place.admin(&["registry", "import", bad.to_str().unwrap(), "--mode", "replace"]);
        assert_eq!(refused.status, 1);
        let rows = refused.json["error"]["rows"].as_array().unwrap();
        assert_eq!(rows.iter().map(|row| row["line"].as_u64().unwrap()).collect::<Vec<_>>(), [3, 4]);
        assert!(refused.told.contains("3行目: InsurerNumber") && !refused.told.contains("花子"));
        let file = place.file("good.csv", format!("{header}\n{good}\n"));
        let done = place.good(&["registry", "import", file.to_str().unwrap(), "--mode", "merge"]);
        assert_eq!(done["imported"]["persons"], 1);
        let renewals =
            place.file("renewed.jsonl", r#"{"IssuerKeyId":"aa","OldSerial":"01","NewSerial":"02"}"#);
        let done = place.good(&["certificates", "import", renewals.to_str().unwrap()]);
        assert_eq!(done["imported"]["certificates"], 1);
    });
}

#[test]
fn anchors_crls_and_terms_are_loaded_from_files() {
    on_both_engines(|place| {
        let root = place.file("root.der", ROOT);
        assert_eq!(place.good(&["anchor", "add", root.to_str().unwrap()])["added"], true);
        assert_eq!(place.good(&["anchor", "add", root.to_str().unwrap()])["added"], false);
        assert_eq!(place.good(&["anchor", "list"])["anchors"].as_array().unwrap().len(), 4);
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
        let crl = place.file("list.crl", shikaku_virtual_card::issue::issue_crl(now, &[]).unwrap());
        assert_eq!(place.good(&["crl", "load", crl.to_str().unwrap()])["entries"], 1);
        assert_eq!(place.admin(&["crl", "load", root.to_str().unwrap()]).status, 1);
        assert_eq!(place.good(&["crl", "list"])["crls"].as_array().unwrap().len(), 1);
        let terms = place.file("terms.txt", "\u{feff}第1条");
        assert_eq!(place.good(&["terms", "add", terms.to_str().unwrap()])["version"], 1);
    });
}

#[test]
fn the_audit_names_the_operator_and_is_verified_against_a_checkpoint() {
    on_both_engines(|place| {
        place.good(&["institution", "add", "1310112345", "青葉医院"]);
        place.good(&["account", "issue", "1310112345"]);
        let kept = place.folder.path().join("checkpoint");
        place.good(&["audit", "checkpoint", kept.to_str().unwrap()]);
        let report = place.good(&["audit", "verify", "--checkpoint", kept.to_str().unwrap()]);
        assert_eq!((&report["whole"], &report["chains"][0]["good_rows"]), (&true.into(), &2.into()));
        place.good(&["keys", "announce", "service"]);
        place.good(&["keys", "take-over", "service"]);
        // A checkpoint by the former key is still believed.
        assert_eq!(place.good(&["audit", "verify", "--checkpoint", kept.to_str().unwrap()])["whole"], true);
        let forged = place.file("forged", "a.b.c");
        assert_eq!(place.admin(&["audit", "verify", "--checkpoint", forged.to_str().unwrap()]).status, 1);
        assert_eq!(place.good(&["outbox"])["outbox"], serde_json::json!([]));
    });
}

#[test]
fn a_line_that_cannot_be_read_is_told_in_json_where_json_is_wanted() {
    for line in [&["check", "--json", "--no-such-option"][..], &["answer", "verify", "--json"], &["--json"]] {
        let done = Command::new(env!("CARGO_BIN_EXE_shikaku")).args(line).output().unwrap();
        // 2 says that there is a code; there is none for a slip of the operator's.
        assert_eq!(done.status.code(), Some(1), "{line:?}");
        let told: Value = serde_json::from_slice(&done.stdout).unwrap();
        assert_eq!(told["error"]["code"], Value::Null, "{line:?}");
        assert!(told["error"]["detail"].as_str().unwrap().contains("Usage"), "{told}");
    }
}

#[test]
fn help_and_version_are_told_in_words_and_are_no_failure() {
    for line in [["--help", "--json"], ["check", "--help"], ["--version", "--json"]] {
        let done = Command::new(env!("CARGO_BIN_EXE_shikaku")).args(line).output().unwrap();
        assert_eq!(done.status.code(), Some(0), "{line:?}");
        assert!(String::from_utf8(done.stdout).unwrap().contains("shikaku"), "{line:?}");
    }
}

#[test]
fn a_database_that_does_not_open_says_why() {
    let folder = Folder::new();
    for command in [&["serve"][..], &["admin", "institution", "list"]] {
        let done = Command::new(env!("CARGO_BIN_EXE_shikaku"))
            .args(command)
            .args(["--json", "--database-url", "postgres://nobody@127.0.0.1:1/nothing", "--data"])
            .arg(folder.path().join("data"))
            .output()
            .unwrap();
        assert_eq!(done.status.code(), Some(1), "{command:?}");
        let told: Value = serde_json::from_slice(&done.stdout).unwrap();
        let detail = told["error"]["detail"].as_str().unwrap();
        assert!(detail.contains("Connection refused"), "{command:?}: {detail}");
    }
}

#[cfg(feature = "virtual")]
#[test]
fn of_standard_input_one_line_is_taken_for_the_pin_and_no_octet_more() {
    use std::io::Seek as _;
    let folder = Folder::new();
    let path = folder.path().join("input");
    std::fs::write(&path, "1234\nfor somebody else\n").unwrap();
    let mut input = std::fs::File::open(&path).unwrap();
    let done = Command::new(env!("CARGO_BIN_EXE_shikaku"))
        .args(["card", "bench", "--reader", "virtual", "-n", "1", "--pin-stdin", "--json"])
        .stdin(input.try_clone().unwrap())
        .output()
        .unwrap();
    assert_eq!(done.status.code(), Some(0), "{}", String::from_utf8_lossy(&done.stdout));
    assert_eq!(input.stream_position().unwrap(), 5);
}
