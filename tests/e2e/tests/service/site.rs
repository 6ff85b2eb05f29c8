//! A running service with an institution, terms, a registry and a CRL; and whoever sends something to it.

use std::io::Cursor;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use serde::de::DeserializeOwned;
use shikaku::certificate::Certificate;
use shikaku::client::Transport;
use shikaku::http::problem::{Problem, Retry};
use shikaku::http::signature::{AnswerSignature, verify_answer};
use shikaku::http::{Headers, Request, Response};
use shikaku::identifier::{AccountId, InstitutionCode};
use shikaku::instant::UnixTime;
use shikaku::settings::UserSettings;
use shikaku::trust::TrustEntry;
use shikaku_portal::Service;
use shikaku_portal::admin::{CODE_LIFE, Operator};
use shikaku_portal::clock::Clock;
use shikaku_portal::import::{self, BadRow, Format, Watch};
use shikaku_portal::serve::{Options, Running};
use shikaku_portal::store::institutions::NewInstitution;
use shikaku_portal::store::registry::Mode;
use shikaku_test_database::Database;
use shikaku_tests::gateway::hex;
use shikaku_virtual_card::Card;
use shikaku_virtual_card::issue::{Authority, SurfaceAuthority, issue_crl};

/// When every test begins: 2026-09-21, 22:13:20 in Japan.
pub(crate) const NOW: UnixTime = UnixTime(1_790_000_000);
/// The institution that the tests belong to, a test institution.
pub(crate) const TEST_INSTITUTION: &str = "4810000001";
/// An institution like any other.
pub(crate) const INSTITUTION: &str = "1310112345";

/// A service that runs.
pub(crate) struct Site {
    running: Option<Running>,
    database: String,
    tls: Option<(PathBuf, PathBuf)>,
    trust: TrustEntry,
    pub(crate) operator: Operator,
    pub(crate) clock: Clock,
    folder: Folder,
    pub(crate) transport: Transport,
}

impl Site {
    /// A service on this database.
    pub(crate) async fn start(database: &Database) -> Self {
        Self::start_with(database, |_| {}).await
    }

    /// A service whose options are changed before it starts.
    pub(crate) async fn start_with(database: &Database, change: impl FnOnce(&mut Options)) -> Self {
        let folder = Folder::new();
        let clock = Clock::held_at(NOW);
        let mut operator = Operator::open(&folder.0, Some(database.url()), "test").await.unwrap();
        operator.clock = clock.clone();
        furnish(&operator).await;
        let mut options = Options {
            database: Some(database.url().to_owned()),
            listen: "127.0.0.1:0".parse().unwrap(),
            clock: clock.clone(),
            ..Options::new(folder.0.clone())
        };
        change(&mut options);
        let tls = options.tls.clone();
        let running = Running::start(options).await.unwrap();
        let trust = running.trust().clone();
        let (transport, database) = (Transport::new(&trust).unwrap(), database.url().to_owned());
        Self { running: Some(running), database, tls, trust, operator, clock, folder, transport }
    }

    /// The service that another process runs on this database and folder, furnished, by the machine's clock.
    pub(crate) async fn elsewhere(database: &Database, folder: Folder, trust: TrustEntry) -> Self {
        let operator = Operator::open(&folder.0, Some(database.url()), "test").await.unwrap();
        furnish(&operator).await;
        let transport = Transport::new(&trust).unwrap();
        let (clock, database) = (Clock::system(), database.url().to_owned());
        Self { running: None, database, tls: None, trust, operator, clock, folder, transport }
    }

    /// Ends the service; its port is free then.
    pub(crate) async fn stop(&mut self) -> SocketAddr {
        let running = self.running.take().unwrap();
        let address = running.address();
        running.stop().await.unwrap();
        address
    }

    /// Serves again on the same port, with the same keys and database.
    pub(crate) async fn serve_again(&mut self, listen: SocketAddr) {
        let options = Options {
            database: Some(self.database.clone()),
            listen,
            tls: self.tls.clone(),
            clock: self.clock.clone(),
            ..Options::new(self.folder.0.clone())
        };
        self.running = Some(Running::start(options).await.unwrap());
    }

    /// Trusts the service as it now presents itself, as an app of a newer version does.
    pub(crate) fn trust_anew(&mut self) {
        self.trust = self.running.as_ref().unwrap().trust().clone();
    }

    /// What an app trusts.
    pub(crate) const fn trust(&self) -> &TrustEntry {
        &self.trust
    }

    /// The service itself, if it runs in this process.
    pub(crate) fn service(&self) -> &Service {
        self.running.as_ref().unwrap().service()
    }

    /// Switches 目視確認 on or off for an institution.
    pub(crate) async fn switch_visual(&self, institution: &str, on: bool) {
        self.operator.set_visual(&InstitutionCode::admitted(institution).unwrap(), on).await.unwrap();
    }

    /// Switches a day's history on or off for an institution.
    pub(crate) async fn switch_history(&self, institution: &str, on: bool) {
        self.operator.set_history(&InstitutionCode::admitted(institution).unwrap(), on).await.unwrap();
    }

    /// Moves the service's clock.
    pub(crate) fn wait(&self, seconds: u64) {
        self.clock.set(self.clock.now().plus(seconds));
    }

    /// A new account of an institution, and its settings.
    pub(crate) async fn account_of(&self, institution: &str) -> UserSettings {
        let code = InstitutionCode::admitted(institution).unwrap();
        let issued = self.operator.issue_accounts(&code, 1, "受付", "1階", CODE_LIFE).await.unwrap();
        self.settings_of(&issued[0]).await
    }

    /// The settings of an account, as an institution takes them from the portal.
    pub(crate) async fn settings_of(&self, account: &AccountId) -> UserSettings {
        self.operator.user_settings(account, &self.trust().origin).await.unwrap().settings
    }

    /// Sends a request as it stands; the answer must be signed for it.
    pub(crate) async fn send(&self, request: &Request) -> Answered {
        let answered = self.send_anyhow(request).await;
        assert!(answered.signature.is_some(), "not signed: {} {}", answered.status, answered.text());
        answered
    }

    /// Sends a request as it stands, whether or not the answer is signed.
    pub(crate) async fn send_anyhow(&self, request: &Request) -> Answered {
        let response = self.transport.send(request).await.unwrap();
        let signature = verify_answer(&response, request, &self.trust().service_keys).ok();
        let Response { status, headers, body } = response;
        Answered { status, headers, body, signature }
    }

    /// How many rows a table has.
    pub(crate) async fn count(&self, table: &str) -> i64 {
        let statement = format!("SELECT COUNT(*) FROM {table}");
        let mut reader = self.operator.store.read().await.unwrap();
        let statement = sqlx::query_scalar(sqlx::AssertSqlSafe(statement));
        statement.fetch_one(&mut *reader).await.unwrap()
    }

    /// How many checks stand in the audit.
    pub(crate) async fn audited_checks(&self) -> i64 {
        self.count("audit WHERE mode = 'pin'").await
    }
}

/// What came back.
#[derive(Debug, Clone)]
pub(crate) struct Answered {
    pub(crate) status: u16,
    pub(crate) headers: Headers,
    pub(crate) body: Vec<u8>,
    pub(crate) signature: Option<AnswerSignature>,
}

impl Answered {
    /// The body, which must be of this type.
    pub(crate) fn read<T: DeserializeOwned>(&self) -> T {
        assert_eq!(self.status, 200, "{}", self.text());
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The code of a refusal; of an answer, that of its outcome.
    pub(crate) fn code(&self) -> String {
        let value: serde_json::Value = serde_json::from_slice(&self.body).unwrap_or_default();
        value["code"]
            .as_str()
            .unwrap_or_else(|| panic!("no code: {} {}", self.status, self.text()))
            .to_owned()
    }

    /// What may be done after a refusal.
    pub(crate) fn retry(&self) -> Retry {
        serde_json::from_slice::<Problem>(&self.body).unwrap().retry
    }

    /// The body as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// A folder that goes when dropped.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("shikaku-service-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        Self(std::env::temp_dir().join(name))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Two institutions, the terms, the test root, its CRL, and the holder of the usual card.
async fn furnish(operator: &Operator) {
    for (code, name) in [(TEST_INSTITUTION, "動作確認_医科"), (INSTITUTION, "青葉医院")] {
        let code = InstitutionCode::admitted(code).unwrap();
        operator.add_institution(&NewInstitution { code, name: name.to_owned() }).await.unwrap();
    }
    operator.add_terms("利用規約 第1版").await.unwrap();
    operator.add_anchor(Authority::test().unwrap().certificate()).await.unwrap();
    operator.add_anchor(&SurfaceAuthority::test().unwrap().root()).await.unwrap();
    operator.load_crl(issue_crl(operator.clock.now().0, &[]).unwrap()).await.unwrap();
    import_registry(operator, &[person("1", "default", "資格 太郎")]).await;
}

/// A line of the registry: the holder of a card, with one qualification in force.
pub(crate) fn person(id: &str, card: &str, name: &str) -> String {
    let card = Card::from_name(card).unwrap();
    let certificate = Certificate::from_der(card.certificate().unwrap()).unwrap();
    serde_json::json!({
        "Person": id,
        "Enrolled": true,
        "Certificates": [{ "IssuerKeyId": hex(certificate.issuer_key_id()), "Serial": hex(certificate.serial()) }],
        "Qualifications": [{
            "InsurerNumber": "06130488",
            "Name": name,
            "Birthdate": "1980-01-02",
            "QualificationDate": "2020-04-01",
        }],
    })
    .to_string()
}

/// Replaces the registry.
pub(crate) async fn import_registry(operator: &Operator, lines: &[String]) {
    struct Quiet;
    impl Watch for Quiet {
        fn read(&mut self, _: u64) {}
        fn bad_row(&mut self, row: &BadRow) {
            panic!("{row:?}");
        }
    }
    let file = Cursor::new(lines.join("\n").into_bytes());
    import::registry(operator, file, Format::JsonLines, Mode::Replace, &mut Quiet).await.unwrap();
}
