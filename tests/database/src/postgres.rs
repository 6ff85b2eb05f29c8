//! A PostgreSQL server for this test process.

use std::io::Read as _;
use std::path::PathBuf;
use std::process::{ChildStdin, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

/// The running server: where it listens and who keeps it alive.
struct Cluster {
    /// URL without database.
    url: String,
    /// When this closes, which the kernel does when the process ends, the guard stops the server.
    _lifeline: Option<ChildStdin>,
}

static CLUSTER: OnceLock<Cluster> = OnceLock::new();
static DURABLE: OnceLock<Cluster> = OnceLock::new();
static COUNT: AtomicU64 = AtomicU64::new(0);

/// Makes an empty database and answers its URL.
pub(crate) fn create_database() -> String {
    create_on(&CLUSTER.get_or_init(|| Cluster::start("off")).url)
}

/// The same on a server that does not answer before the disk has it.
pub(crate) fn create_durable_database() -> String {
    create_on(&DURABLE.get_or_init(|| Cluster::start("on")).url)
}

fn create_on(server: &str) -> String {
    let name = format!("test_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    sql(server, "postgres", &format!("CREATE DATABASE {name}"));
    with_database(server, &name)
}

/// The same database under another login.
pub(crate) fn url_as(url: &str, login: &str) -> String {
    let server = &CLUSTER.get_or_init(|| Cluster::start("off")).url;
    let make = format!(
        "DO $$ BEGIN CREATE ROLE {login} LOGIN IN ROLE shikaku_service; \
         EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
    );
    sql(server, "postgres", &make);
    let (scheme, rest) = url.split_once("://").expect("a URL");
    let (_, place) = rest.split_once('@').expect("a URL with a user");
    format!("{scheme}://{login}@{place}")
}

impl Cluster {
    fn start(fsync: &str) -> Self {
        if let Ok(url) = std::env::var("SHIKAKU_TEST_POSTGRES") {
            return Self { url, _lifeline: None };
        }
        let folder = std::env::temp_dir().join(format!("shikaku-postgres-{}-{fsync}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder for the server");
        let guard = std::fs::read_to_string("/proc/self/status").map_or_else(
            |_| Command::new("sh"),
            |status| if runs_as_root(&status) { as_postgres(&folder) } else { Command::new("sh") },
        );
        let lifeline = run_guard(guard, &folder, fsync);
        let url = format!("postgres://postgres@localhost?host={}", folder.join("socket").display());
        // Roles belong to the server, not to a database: one for all tests.
        sql(&url, "postgres", "CREATE ROLE shikaku_service NOLOGIN");
        Self { url, _lifeline: Some(lifeline) }
    }
}

/// Starts the server, answers when it takes connections, and stops it when the lifeline closes.
const GUARD: &str = r#"
trap '' INT
cd "$1" || exit 1
"$2/initdb" -D data -U postgres -A trust -E UTF8 --no-locale --no-sync >initdb.log 2>&1 || exit 1
mkdir -p socket
"$2/pg_ctl" -D data -w -l server.log -o "-c listen_addresses='' -c unix_socket_directories='$1/socket' -c fsync=$3 -c max_connections=300" start >start.log 2>&1 || exit 1
echo ready
cat >/dev/null
"$2/pg_ctl" -D data -m immediate -w stop >/dev/null 2>&1
cd / && rm -rf "$1"
"#;

#[expect(clippy::zombie_processes, reason = "the guard outlives this process: that is its duty")]
fn run_guard(mut guard: Command, folder: &std::path::Path, fsync: &str) -> ChildStdin {
    let mut child = guard
        .args(["-c", GUARD, "guard"])
        .arg(folder)
        .arg(programs())
        .arg(fsync)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("a shell that starts PostgreSQL");
    let mut ready = [0; 6];
    let answered = child.stdout.take().expect("its output").read_exact(&mut ready);
    assert!(answered.is_ok() && &ready == b"ready\n", "PostgreSQL did not start: see {}", folder.display());
    child.stdin.take().expect("its input")
}

fn runs_as_root(status: &str) -> bool {
    status.lines().any(|line| line.starts_with("Uid:\t0\t"))
}

/// PostgreSQL refuses to run as root: its own user owns the folder then.
fn as_postgres(folder: &std::path::Path) -> Command {
    let given = Command::new("chown").arg("postgres:").arg(folder).status();
    assert!(given.is_ok_and(|status| status.success()), "the user postgres takes the folder");
    let mut command = Command::new("setpriv");
    command.args(["--reuid", "postgres", "--regid", "postgres", "--init-groups", "sh"]);
    command
}

/// Debian keeps the server's programs by version.
fn programs() -> PathBuf {
    let debian = PathBuf::from("/usr/lib/postgresql");
    let newest = std::fs::read_dir(debian).ok().and_then(|versions| {
        versions
            .flatten()
            .map(|version| version.path().join("bin"))
            .filter(|bin| bin.join("initdb").exists())
            .max()
    });
    newest.unwrap_or_else(|| PathBuf::from("/usr/bin"))
}

fn with_database(server: &str, name: &str) -> String {
    match server.split_once('?') {
        Some((server, options)) => format!("{server}/{name}?{options}"),
        None => format!("{server}/{name}"),
    }
}

fn sql(server: &str, database: &str, statement: &str) {
    let done = Command::new(programs().join("psql"))
        .args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-c", statement])
        .arg(with_database(server, database))
        .output()
        .expect("psql");
    assert!(done.status.success(), "{statement}: {}", String::from_utf8_lossy(&done.stderr));
}
