//! Empty databases for tests, on both engines.
//!
//! Every service test runs on SQLite and on PostgreSQL:
//!
//! ```text
//! on_both_engines! {
//!     /// A used challenge stays used.
//!     async fn a_used_challenge_stays_used(database: Database) {
//!         let store = Store::open(database.url()).await.unwrap();
//!     }
//! }
//! ```
//!
//! A PostgreSQL server is started once per test process in a folder of its own, listens on a socket in that folder
//! and on no port, and goes with the process, however the process ends. `SHIKAKU_TEST_POSTGRES` (a URL without
//! database, such as `postgres://postgres@localhost?host=/folder`) names a running one instead.

#![expect(clippy::expect_used, reason = "a test without its database has failed")]

mod folder;
mod postgres;

pub use folder::Folder;

/// An empty database; gone when dropped.
#[derive(Debug)]
pub struct Database {
    url: String,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Sqlite(Folder),
    Postgres,
}

impl Database {
    /// An SQLite file in a folder of its own.
    pub fn sqlite() -> Self {
        let folder = Folder::new();
        let url = format!("sqlite:{}", folder.path().join("test.db").display());
        Self { url, kind: Kind::Sqlite(folder) }
    }

    /// A database on this process's PostgreSQL.
    pub fn postgres() -> Self {
        Self { url: postgres::create_database(), kind: Kind::Postgres }
    }

    /// A database on a PostgreSQL of this process that writes durably, for figures: [`Database::postgres`] trades that
    /// for speed.
    pub fn durable_postgres() -> Self {
        Self { url: postgres::create_durable_database(), kind: Kind::Postgres }
    }

    /// What `Store::open` and `--database-url` take.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The same database as another login, which is made if it is not there; PostgreSQL only.
    ///
    /// # Panics
    /// On SQLite, which has no logins.
    pub fn url_as(&self, login: &str) -> String {
        assert!(self.is_postgres(), "SQLite has no logins");
        postgres::url_as(&self.url, login)
    }

    /// Whether this is PostgreSQL.
    pub const fn is_postgres(&self) -> bool {
        matches!(self.kind, Kind::Postgres)
    }

    /// The folder of the SQLite file, which nothing else lies in; none on PostgreSQL.
    pub fn folder(&self) -> Option<&std::path::Path> {
        match &self.kind {
            Kind::Sqlite(folder) => Some(folder.path()),
            Kind::Postgres => None,
        }
    }
}

/// The same test on both engines: `module::sqlite` and `module::postgresql`. The calling crate needs `tokio` with
/// `macros` and `rt-multi-thread`.
#[macro_export]
macro_rules! on_both_engines {
    ($($(#[$note:meta])* async fn $name:ident($database:ident: Database) $body:block)+) => {
        $(
            $(#[$note])*
            mod $name {
                #[allow(unused_imports)]
                use super::*;

                async fn run($database: $crate::Database) $body

                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn sqlite() {
                    run($crate::Database::sqlite()).await;
                }

                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn postgresql() {
                    run($crate::Database::postgres()).await;
                }
            }
        )+
    };
}
