//! Opening the store: which engine, how its connections behave, the migrations.

use std::sync::Arc;
use std::time::Duration;

use sqlx::any::AnyPoolOptions;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AnyConnection, AnyPool, Connection as _, Executor as _};
use tokio::sync::Semaphore;

use super::error::StoreError;
use super::migrations;
use super::transaction::{Reader, Transaction};

/// Connections of one process.
const CONNECTIONS: u32 = 8;

/// How long a caller waits for a connection before it hears that the service is busy.
const PATIENCE: Duration = Duration::from_secs(20);

/// What every SQLite connection sets. A used challenge must never reopen after a power cut, so commits are synced;
/// what is deleted is overwritten; nothing is written beside the database; another process's commit is waited for.
const SQLITE_SESSION: &[&str] = &[
    "PRAGMA busy_timeout = 15000",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA trusted_schema = OFF",
];

/// What every PostgreSQL connection sets: the role that cannot change audit rows, and an end for stuck writers.
const POSTGRES_SESSION: &[&str] = &[
    "SET ROLE shikaku_service",
    "SET lock_timeout = '15s'",
    "SET idle_in_transaction_session_timeout = '60s'",
];

/// Which database lies below.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// The embedded default: one file, one machine.
    Sqlite,
    /// A server, for several nodes.
    Postgres,
}

/// The store: a handle that is cheap to clone.
#[derive(Debug, Clone)]
pub struct Store {
    pool: AnyPool,
    engine: Engine,
    /// SQLite has one writer at a time: those of this process queue here, in order and without polling.
    writer: Option<Arc<Semaphore>>,
}

/// Why a store did not open.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The URL names neither engine.
    #[error("the database URL must begin with sqlite: or postgres:")]
    Url,
    /// The database has migrations that this program does not know: it is older than the database.
    #[error("the database is newer than this program")]
    Newer,
    /// The database file cannot be made.
    #[error("the database file could not be made")]
    File(#[source] std::io::Error),
    /// A migration did not apply, or one that was applied has been changed since.
    #[error("the database could not be migrated")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// The database could not be reached or refused us.
    #[error("the database could not be opened")]
    Database(#[from] sqlx::Error),
}

impl Store {
    /// Opens the database, makes it if it is an SQLite file that does not exist, and migrates it.
    ///
    /// `url` is `sqlite:PATH` or `postgres://user@host/database` (`?host=/folder` for a socket). On PostgreSQL the
    /// owner of the tables must have migrated before another login opens it.
    pub async fn open(url: &str) -> Result<Self, OpenError> {
        sqlx::any::install_default_drivers();
        let engine = Engine::of(url)?;
        let url = engine.complete(url);
        if engine == Engine::Sqlite {
            make_file(&url).map_err(OpenError::File)?;
        }
        let mut first = AnyConnection::connect(&url).await?;
        if engine == Engine::Sqlite {
            prepare(&mut first, engine).await?;
        }
        migrations::run(&mut first, engine).await?;
        first.close().await?;
        let pool = AnyPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(PATIENCE)
            .after_connect(move |connection, _| Box::pin(prepare(connection, engine)))
            .connect(&url)
            .await?;
        let writer = (engine == Engine::Sqlite).then(|| Arc::new(Semaphore::new(1)));
        Ok(Self { pool, engine, writer })
    }

    /// The embedded database in a data folder.
    pub fn url_in(folder: &std::path::Path) -> String {
        let path = folder.join("shikaku.db").display().to_string();
        format!("sqlite:{}", path.replace('%', "%25").replace('?', "%3F"))
    }

    /// Which engine lies below.
    pub const fn engine(&self) -> Engine {
        self.engine
    }

    /// Begins a writing transaction; dropped without [`Transaction::commit`] it leaves nothing behind.
    pub async fn begin(&self) -> Result<Transaction, StoreError> {
        let turn = match &self.writer {
            // The semaphore is never closed; if it were, the engine's own lock would still order the writers.
            Some(writer) => Arc::clone(writer).acquire_owned().await.ok(),
            None => None,
        };
        let statement = match self.engine {
            Engine::Sqlite => "BEGIN IMMEDIATE",
            Engine::Postgres => "BEGIN ISOLATION LEVEL READ COMMITTED",
        };
        Ok(Transaction::new(self.pool.begin_with(statement).await?, self.engine, turn))
    }

    /// A connection for single reading statements, each consistent in itself.
    pub async fn read(&self) -> Result<Reader, StoreError> {
        Ok(Reader::new(self.pool.acquire().await?))
    }

    /// Whether the database answers.
    pub async fn is_alive(&self) -> Result<(), StoreError> {
        self.read().await?.execute("SELECT 1").await?;
        Ok(())
    }

    /// Folds SQLite's write-ahead log into the file and empties it, so that nothing that was erased lies on in it.
    ///
    /// Waits for nobody: while somebody reads an older state the log stays, and the next call does it. Nothing to do on
    /// PostgreSQL, whose log is the administrator's.
    pub async fn fold_log(&self) -> Result<(), StoreError> {
        if self.engine == Engine::Sqlite {
            self.read().await?.execute("PRAGMA wal_checkpoint(TRUNCATE)").await?;
        }
        Ok(())
    }

    /// Closes all connections; on SQLite the write-ahead log is then folded into the file.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

impl Engine {
    fn of(url: &str) -> Result<Self, OpenError> {
        match url.split_once(':') {
            Some(("sqlite", _)) => Ok(Self::Sqlite),
            Some(("postgres" | "postgresql", _)) => Ok(Self::Postgres),
            _ => Err(OpenError::Url),
        }
    }

    /// An SQLite file is made when it is not there.
    fn complete(self, url: &str) -> String {
        match self {
            Self::Sqlite if !url.contains('?') => format!("{url}?mode=rwc"),
            _ => url.to_owned(),
        }
    }
}

/// Makes an empty file that its owner alone may read; SQLite gives its journal the same mode.
fn make_file(url: &str) -> std::io::Result<()> {
    let options: SqliteConnectOptions = url.parse().map_err(std::io::Error::other)?;
    let path = options.get_filename();
    if url.starts_with("sqlite::memory:") || url.contains("mode=memory") {
        return Ok(());
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(|_| ())
}

async fn prepare(connection: &mut AnyConnection, engine: Engine) -> Result<(), sqlx::Error> {
    let session = match engine {
        Engine::Sqlite => SQLITE_SESSION,
        Engine::Postgres => POSTGRES_SESSION,
    };
    for statement in session {
        connection.execute(*statement).await?;
    }
    Ok(())
}
