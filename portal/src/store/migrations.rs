//! The two small sets of migrations, built into the program.

use sqlx::AnyConnection;
use sqlx::SqlSafeStr as _;
use sqlx::migrate::{Migrate as _, Migration, MigrationType, Migrator};

use super::connect::{Engine, OpenError};

/// Number, name, and the same step in both dialects.
const STEPS: &[(i64, &str, &str, &str)] = &[(
    1,
    "store",
    include_str!("../../migrations/sqlite/0001_store.sql"),
    include_str!("../../migrations/postgres/0001_store.sql"),
)];

/// Where the engine keeps what was applied.
const TABLE: &str = "_sqlx_migrations";

/// Applies what is missing. A login that does not own the tables finds nothing missing, or fails.
pub(super) async fn run(connection: &mut AnyConnection, engine: Engine) -> Result<(), OpenError> {
    let steps = steps(engine);
    if is_complete(connection, &steps).await? {
        return Ok(());
    }
    let migrator = Migrator::with_migrations(steps.clone());
    match migrator.run_direct(None, connection, false).await {
        Ok(()) => Ok(()),
        // Another process that started at the same moment applied them first.
        Err(_) if is_complete(connection, &steps).await? => Ok(()),
        Err(error) => Err(error.into()),
    }
}

async fn is_complete(connection: &mut AnyConnection, steps: &[Migration]) -> Result<bool, OpenError> {
    // An error: there is no such table yet, nothing was ever applied.
    let applied = connection.list_applied_migrations(TABLE).await.unwrap_or_default();
    if applied.iter().any(|old| steps.iter().all(|step| step.version != old.version)) {
        return Err(OpenError::Newer);
    }
    Ok(steps
        .iter()
        .all(|step| applied.iter().any(|old| old.version == step.version && old.checksum == step.checksum)))
}

fn steps(engine: Engine) -> Vec<Migration> {
    let step = |&(version, name, sqlite, postgres): &(i64, &'static str, &'static str, &'static str)| {
        let sql = match engine {
            Engine::Sqlite => sqlite,
            Engine::Postgres => postgres,
        };
        Migration::new(version, name.into(), MigrationType::Simple, sql.into_sql_str(), false)
    };
    STEPS.iter().map(step).collect()
}
