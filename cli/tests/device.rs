//! A PC as a device, from the command line: the real program against a real service over TLS, with a virtual card.
#![cfg(feature = "virtual")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of a test fail by panicking"
)]

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use shikaku::certificate::Certificate;
use shikaku::identifier::{AccountId, InstitutionCode};
use shikaku::trust::{TestEntries, TrustList};
use shikaku_portal::admin::Operator;
use shikaku_portal::import::{BadRow, Format, Watch, registry};
use shikaku_portal::serve::{Options, Running};
use shikaku_portal::store::institutions::NewInstitution;
use shikaku_portal::store::registry::Mode;
use shikaku_virtual_card::issue::{Authority, CrlRequest};
use tokio::runtime::Runtime;

const ROOT: &[u8] = include_bytes!("../../tests/data/ca/root.der");
const CARD: &[u8] = include_bytes!("../../tests/data/cards/default/auth.der");

/// A service with one test institution, one account and one insured person, and the folder of everything.
struct World {
    folder: PathBuf,
    runtime: Runtime,
    running: Option<Running>,
    address: SocketAddr,
    account: AccountId,
}

/// What the program ended with.
struct Ended {
    status: i32,
    json: Value,
    text: String,
}

impl Ended {
    fn code(&self) -> &str {
        self.json["error"]["code"].as_str().unwrap_or_else(|| panic!("no failure: {}", self.text))
    }

    fn detail(&self) -> &str {
        self.json["error"]["detail"].as_str().unwrap()
    }
}

impl World {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("shikaku-device-{}-{name}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        let runtime = Runtime::new().unwrap();
        let (address, running, account) = runtime.block_on(Self::set_up(&folder));
        Self { folder, runtime, running: Some(running), address, account }
    }

    async fn set_up(folder: &Path) -> (SocketAddr, Running, AccountId) {
        let data = folder.join("service");
        let operator = Operator::open(&data, None, "test").await.unwrap();
        let code = shikaku::identifier::InstitutionCode::parse_test("48-1-0000001").unwrap();
        let institution = NewInstitution { code: code.clone(), name: "動作確認".to_owned() };
        operator.add_institution(&institution).await.unwrap();
        let account = operator.issue_accounts(&code, 1, "受付", "", 3600).await.unwrap().remove(0);
        operator.add_terms("利用規約").await.unwrap();
        operator.add_anchor(ROOT).await.unwrap();
        let crl = CrlRequest::new(now(), &[]);
        operator.load_crl(Authority::test().unwrap().crl(&crl).unwrap()).await.unwrap();
        registry(&operator, insured().as_bytes(), Format::Csv, Mode::Replace, &mut Nobody).await.unwrap();
        let running = Running::start(options(&data, SocketAddr::from(([127, 0, 0, 1], 0)))).await.unwrap();
        let trust = running.trust().clone();
        let settings = operator.user_settings(&account, &trust.origin).await.unwrap();
        std::fs::write(folder.join("settings"), settings.jws.as_bytes()).unwrap();
        let list = TrustList::new(vec![trust], TestEntries::Allow).unwrap();
        std::fs::write(folder.join("trust.json"), list.to_json()).unwrap();
        (running.address(), running, account)
    }

    fn path(&self, name: &str) -> String {
        self.folder.join(name).to_str().unwrap().to_owned()
    }

    /// Runs the program with these arguments, `--json`, and these lines on standard input.
    fn run(arguments: &[&str], input: &str) -> Ended {
        let mut child = Command::new(env!("CARGO_BIN_EXE_shikaku"))
            .args(arguments)
            .arg("--json")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A program that needs no input may be gone already.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        let output = child.wait_with_output().unwrap();
        let text =
            format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        let json =
            serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("not one JSON object: {text}"));
        Ended { status: output.status.code().unwrap(), json, text }
    }

    fn register(&self) -> Ended {
        let (trust, settings, device) = (self.path("trust.json"), self.path("settings"), self.path("device"));
        let arguments =
            ["register", "--test", "--trust", &trust, "--settings", &settings, "--device", &device];
        Self::run(&[&arguments[..], &["--accept-terms", "1"]].concat(), "")
    }

    /// Names of the files in the device's folder.
    fn left_of_the_device(&self) -> Vec<std::ffi::OsString> {
        let files = std::fs::read_dir(self.folder.join("device")).unwrap();
        files.map(|entry| entry.unwrap().file_name()).collect()
    }

    fn check(&self, card: &str, more: &[&str], pins: &str) -> Ended {
        let (device, reader) = (self.path("device"), format!("virtual:{card}"));
        let arguments = ["check", "--pin-stdin", "--reader", &reader, "--device", &device];
        Self::run(&[&arguments[..], more].concat(), pins)
    }

    fn device(&self, command: &str) -> Ended {
        Self::run(&["device", command, "--device", &self.path("device")], "")
    }

    /// Changes the key, and kills the program as soon as this file of the device appears or is another.
    fn rotate_until(&self, file: &str) {
        let path = self.folder.join("device").join(file);
        let before = std::fs::read(&path).ok();
        let mut child = Command::new(env!("CARGO_BIN_EXE_shikaku"))
            .args(["device", "rotate-key", "--json", "--device", &self.path("device")])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        while child.try_wait().unwrap().is_none() && std::fs::read(&path).ok() == before {
            std::thread::yield_now();
        }
        let _ = child.kill();
        child.wait().unwrap();
        assert_ne!(std::fs::read(&path).ok(), before, "{file}");
    }

    fn operate<T>(&self, act: impl AsyncFnOnce(&Operator) -> T) -> T {
        let data = self.folder.join("service");
        self.runtime.block_on(async { act(&Operator::open(&data, None, "test").await.unwrap()).await })
    }

    fn stop(&mut self) {
        self.runtime.block_on(self.running.take().unwrap().stop()).unwrap();
    }

    fn start_again(&mut self) {
        let options = options(&self.folder.join("service"), self.address);
        self.running = Some(self.runtime.block_on(Running::start(options)).unwrap());
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

struct Nobody;

impl Watch for Nobody {
    fn read(&mut self, _: u64) {}

    fn bad_row(&mut self, row: &BadRow) {
        panic!("{row:?}");
    }
}

fn options(data: &Path, listen: SocketAddr) -> Options {
    Options { listen, ..Options::new(data.to_owned()) }
}

fn now() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs()
}

/// One insured person with the default card.
fn insured() -> String {
    let card = Certificate::from_der(CARD).unwrap();
    let hex = |octets: &[u8]| octets.iter().fold(String::new(), |text, octet| text + &format!("{octet:02x}"));
    format!(
        "Person,Enrolled,IssuerKeyId,Serial,InsurerNumber,Name,Birthdate,QualificationDate\n\
         10001,1,{},{},06130488,資格 太郎,1980-01-02,2020-04-01\n",
        hex(card.issuer_key_id()),
        hex(card.serial())
    )
}

#[test]
fn a_registered_pc_checks_a_person_and_keeps_evidence() {
    let world = World::new("whole");
    assert_eq!(world.check("default", &[], "1234\n").code(), "not-registered");
    let registered = world.register();
    assert_eq!(registered.json["institution"], "4810000001", "{}", registered.text);
    let (evidence, text) = (world.path("one.shikaku"), world.path("one.txt"));
    let checked = world.check("default", &["--evidence", &evidence, "--text", &text], "1234\n");
    assert_eq!(
        (checked.status, &checked.json["code"]),
        (0, &Value::from("qualification-valid")),
        "{}",
        checked.text
    );
    assert_eq!(checked.json["marking"], "運用テスト（参考情報）");
    assert!(std::fs::read_to_string(&text).unwrap().contains("資格 太郎"));
    let verify = |trust: &str| World::run(&["answer", "verify", &evidence, "--trust", trust, "--test"], "");
    let verified = verify(&world.path("trust.json"));
    assert_eq!(verified.json["answer"], checked.json["answer"], "{}", verified.text);
    let refused = World::run(&["answer", "verify", &evidence, "--trust", &world.path("trust.json")], "");
    assert_eq!(refused.code(), "trust-list");
    let mut changed = std::fs::read_to_string(&evidence).unwrap();
    changed.insert(changed.len() / 2, 'A');
    std::fs::write(&evidence, changed).unwrap();
    assert_eq!(verify(&world.path("trust.json")).code(), "answer-signature");
    // Nothing of the person or the PIN stays on the device.
    for entry in std::fs::read_dir(world.folder.join("device")).unwrap() {
        let octets = std::fs::read(entry.unwrap().path()).unwrap();
        assert!(!octets.windows(CARD.len()).any(|window| window == CARD));
    }
}

#[test]
fn a_wrong_pin_is_told_and_none_is_tried_twice() {
    let world = World::new("pin");
    world.register();
    let wrong = world.check("default", &[], "4321\n");
    assert_eq!((wrong.status, wrong.code()), (2, "pin-wrong"), "{}", wrong.text);
    assert!(!wrong.text.contains("4321"));
    assert_eq!(world.check("default", &[], "12345\n").code(), "pin-form");
    assert_eq!(world.check("default", &[], "12345\n1234\n").code(), "pin-form");
    assert_eq!(world.check("default", &[], "").code(), "pin-form");
    assert_eq!(world.check("blocked", &[], "1234\n").code(), "pin-blocked");
}

#[test]
fn two_tries_want_a_warning_and_the_last_one_consent_for_this_card() {
    let world = World::new("tries");
    world.register();
    assert_eq!(world.check("two-tries", &[], "1234\n").code(), "pin-warn-needed");
    let warned = world.check("two-tries", &["--warned"], "1234\n");
    assert_eq!(warned.status, 0, "{}", warned.text);
    let asked = world.check("one-try", &[], "1234\n");
    assert_eq!(asked.code(), "pin-consent-needed", "{}", asked.text);
    let card = asked.detail().rsplit(' ').next().unwrap();
    let elsewhere = "A".repeat(43);
    assert_eq!(world.check("one-try", &["--last-try", &elsewhere], "1234\n").code(), "card-changed");
    let agreed = world.check("one-try", &["--last-try", card], "1234\n");
    assert_eq!(agreed.status, 0, "{}", agreed.text);
}

#[test]
fn a_check_that_did_not_reach_the_service_is_sent_by_the_next_run_without_a_card() {
    let mut world = World::new("kept");
    world.register();
    world.stop();
    let kept = world.check("default", &[], "1234\n");
    assert_eq!((kept.status, kept.code()), (2, "network-unreachable"), "{}", kept.text);
    assert!(!kept.text.contains("資格 太郎"));
    assert_eq!(world.check("default", &[], "").code(), "network-unreachable");
    world.start_again();
    let sent = world.check("default", &[], "");
    assert_eq!((sent.status, &sent.json["kept"]), (0, &Value::from(true)), "{}", sent.text);
    assert_eq!(
        (&sent.json["code"], &sent.json["exchanges"]),
        (&Value::from("qualification-valid"), &Value::from(0))
    );
    let next = world.check("default", &[], "1234\n");
    assert_eq!((next.status, &next.json["kept"]), (0, &Value::from(false)), "{}", next.text);
}

#[test]
fn a_suspended_device_waits_and_a_revoked_one_forgets() {
    let world = World::new("stopped");
    world.register();
    world.operate(async |operator| operator.suspend_account(&world.account).await).unwrap();
    assert_eq!(world.check("default", &[], "1234\n").code(), "device-suspended");
    world.operate(async |operator| operator.resume_account(&world.account).await).unwrap();
    let resumed = world.check("default", &[], "1234\n");
    assert_eq!(resumed.status, 0, "{}", resumed.text);
    world.operate(async |operator| operator.revoke_account(&world.account).await).unwrap();
    assert_eq!(world.check("default", &[], "1234\n").code(), "device-revoked");
    assert_eq!(world.left_of_the_device(), ["lock"]);
}

#[test]
fn a_device_of_an_ended_institution_forgets() {
    let world = World::new("ended");
    world.register();
    world
        .operate(async |operator| {
            let code = InstitutionCode::admitted("4810000001").unwrap();
            operator.end_institution(&code, operator.today()).await
        })
        .unwrap();
    assert_eq!(world.check("default", &[], "1234\n").code(), "institution-ended");
    assert_eq!(world.left_of_the_device(), ["lock"]);
}

#[test]
fn a_device_changes_its_key_and_says_what_it_is() {
    let mut world = World::new("rotation");
    assert_eq!(world.device("info").code(), "not-registered");
    world.register();
    let info = world.device("info");
    assert_eq!((&info.json["institution_name"], &info.json["phase"]), (&"動作確認".into(), &"test".into()));
    assert_eq!((&info.json["open_challenges"], &info.json["unsent_checks"]), (&4.into(), &0.into()));
    let rotated = world.device("rotate-key");
    assert_eq!(rotated.status, 0, "{}", rotated.text);
    assert_eq!(rotated.json["old_key_id"], info.json["key_id"]);
    let after = world.device("info");
    assert_eq!(
        (&after.json["key_id"], &after.json["device_id"]),
        (&rotated.json["key_id"], &info.json["device_id"])
    );
    assert_ne!(after.json["key_id"], info.json["key_id"]);
    assert_eq!(world.check("default", &[], "1234\n").status, 0);
    // A check without an answer keeps the key, and the service that is not there changes nothing.
    world.stop();
    assert_eq!(world.device("rotate-key").code(), "network-unreachable");
    assert_eq!(world.check("default", &[], "1234\n").code(), "network-unreachable");
    assert_eq!(world.device("info").json["key_id"], after.json["key_id"]);
    world.start_again();
    assert_eq!(world.check("default", &[], "1234\n").status, 0);
    world.stop();
    assert_eq!(world.check("default", &[], "1234\n").code(), "network-unreachable");
    let refused = world.device("rotate-key");
    assert_eq!((refused.status, &refused.json["error"]["code"]), (1, &Value::Null), "{}", refused.text);
    assert_eq!(world.device("info").json["unsent_checks"], 1);
    assert_eq!(world.device("wipe").status, 0);
    assert_eq!(world.device("info").code(), "not-registered");
}

#[test]
fn a_rotation_that_is_killed_between_its_steps_strands_nobody() {
    // That a rotation is due is kept first, then the next key is made; the old one goes once the new one is kept.
    for file in ["generation", "device-2", "device-1"] {
        let world = World::new(&format!("killed-{}", file.replace('.', "-")));
        world.register();
        let first = world.device("info").json["key_id"].clone();
        world.rotate_until(file);
        let checked = world.check("default", &[], "1234\n");
        assert_eq!(checked.status, 0, "{file}: {}", checked.text);
        let again = world.device("rotate-key");
        assert_eq!(again.status, 0, "{file}: {}", again.text);
        assert_ne!(again.json["key_id"], first);
        assert_eq!(world.check("default", &[], "1234\n").status, 0, "{file}");
    }
}

#[test]
fn a_service_under_another_root_is_not_believed_nor_what_it_says_under_another_name() {
    let (world, other) = (World::new("root"), World::new("other-root"));
    let list = |world: &World| -> Value {
        serde_json::from_str(&std::fs::read_to_string(world.path("trust.json")).unwrap()).unwrap()
    };
    let good = list(&world);
    let mut changed = good.clone();
    changed["entries"][0]["tls_roots"] = list(&other)["entries"][0]["tls_roots"].clone();
    std::fs::write(world.path("trust.json"), changed.to_string()).unwrap();
    assert_eq!(world.register().code(), "tls-untrusted");
    changed = good;
    changed["entries"][0]["origin"] = format!("https://127.0.0.1:{}", world.address.port()).into();
    std::fs::write(world.path("trust.json"), changed.to_string()).unwrap();
    assert_eq!(world.register().code(), "network-in-the-way");
}

#[test]
fn a_registration_needs_the_flag_the_right_terms_and_an_unused_code() {
    let world = World::new("register");
    let (trust, settings, device) = (world.path("trust.json"), world.path("settings"), world.path("device"));
    let base = ["register", "--trust", &trust, "--settings", &settings, "--device", &device];
    assert_eq!(World::run(&[&base[..], &["--accept-terms", "1"]].concat(), "").code(), "trust-list");
    assert_eq!(
        World::run(&[&base[..], &["--test", "--accept-terms", "9"]].concat(), "").code(),
        "terms-outdated"
    );
    assert_eq!(world.register().status, 0);
    assert_eq!(world.register().status, 1);
    let other = world.path("other");
    let again = ["register", "--test", "--trust", &trust, "--settings", &settings, "--device", &other];
    let used = World::run(&[&again[..], &["--accept-terms", "1"]].concat(), "");
    assert_eq!(used.code(), "registration-used", "{}", used.text);
}
