//! The real `shikaku serve`, as a process of its own that can be killed.

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use shikaku::trust::{TestEntries, TrustEntry, TrustList};

/// SIGABRT, by which a fail point ends the process.
const ABORTED: i32 = 6;

/// A program that was built for these tests.
pub(crate) struct Program(PathBuf);

impl Program {
    /// `shikaku` with fail points; built once, and put where no later build replaces it.
    pub(crate) fn with_fail_points() -> &'static Self {
        static BUILT: OnceLock<Program> = OnceLock::new();
        BUILT.get_or_init(|| {
            Self(build(
                &["--package", "shikaku-cli", "--features", "fail-points"],
                "shikaku-with-fail-points",
            ))
        })
    }

    /// The same service behind a gateway, with fail points: `examples/service_behind_gateway.rs`.
    pub(crate) fn behind_a_gateway() -> &'static Self {
        static BUILT: OnceLock<Program> = OnceLock::new();
        BUILT.get_or_init(|| {
            let example = ["--package", "shikaku-tests", "--example", "service_behind_gateway"];
            let arguments: Vec<_> = example.into_iter().chain(["--features", "fail-points"]).collect();
            Self(build(&arguments, "service-behind-gateway"))
        })
    }

    /// `shikaku` as everybody builds it.
    pub(crate) fn plain() -> &'static Self {
        static BUILT: OnceLock<Program> = OnceLock::new();
        BUILT.get_or_init(|| Self(build(&["--package", "shikaku-cli"], "shikaku-plain")))
    }

    /// Whether a text stands anywhere in the program.
    pub(crate) fn contains(&self, text: &str) -> bool {
        let program = std::fs::read(&self.0).unwrap();
        program.windows(text.len()).any(|window| window == text.as_bytes())
    }

    /// Serves `data` and `database` on a port; when this returns, it answers.
    pub(crate) fn serve(&self, data: &Path, database: &str, port: u16, fail_point: Option<&str>) -> Served {
        self.serve_with(data, database, port, fail_point, &[])
    }

    /// The same, with more arguments.
    pub(crate) fn serve_with(
        &self,
        data: &Path,
        database: &str,
        port: u16,
        fail_point: Option<&str>,
        more: &[&str],
    ) -> Served {
        let mut command = Command::new(&self.0);
        command.arg("serve").arg("--data").arg(data).args(["--database-url", database, "--json"]);
        command.args(["--listen", &format!("127.0.0.1:{port}")]).args(more);
        command.env_remove("SHIKAKU_FAIL_POINT").stdout(Stdio::piped()).stderr(Stdio::null());
        if let Some(point) = fail_point {
            command.env("SHIKAKU_FAIL_POINT", point);
        }
        let mut child = command.spawn().unwrap();
        let mut announced = String::new();
        for line in BufReader::new(child.stdout.take().unwrap()).lines() {
            let line = line.unwrap();
            announced += &line;
            if line == "}" {
                break;
            }
        }
        let announced: serde_json::Value = serde_json::from_str(&announced).unwrap();
        let trust = TrustList::from_json(&announced["trust"].to_string(), TestEntries::Allow).unwrap();
        Served { child, trust: trust.entries()[0].clone() }
    }
}

/// A process that serves; killed when dropped.
pub(crate) struct Served {
    child: Child,
    pub(crate) trust: TrustEntry,
}

impl Served {
    /// `kill -9`.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Waits until the process has died at its fail point.
    pub(crate) fn died_at_its_point(mut self) {
        assert_eq!(self.child.wait().unwrap().signal(), Some(ABORTED));
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A port that nobody listens on.
pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Builds a program by the same Cargo into the same target folder, and puts it beside under this name.
fn build(arguments: &[&str], name: &str) -> PathBuf {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--quiet", "--message-format", "json"]).args(arguments);
    cargo.current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")).stderr(Stdio::inherit());
    let output = cargo.output().unwrap();
    assert!(output.status.success(), "{name} does not build");
    let messages = String::from_utf8(output.stdout).unwrap();
    let built = messages.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let program =
        built.filter_map(|message| message["executable"].as_str().map(PathBuf::from)).next_back().unwrap();
    let copy = program.with_file_name(name);
    let _ = std::fs::remove_file(&copy);
    // A link and no copy: a file that was just written cannot be executed while another thread forks.
    std::fs::hard_link(&program, &copy).unwrap();
    copy
}
