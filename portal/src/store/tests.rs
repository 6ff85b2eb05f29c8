//! What holds for every room of the store, on both engines.

use std::collections::BTreeSet;

use shikaku_test_database::on_both_engines;
use sqlx::{Executor as _, Row as _};

use super::{Constraint, Engine, OpenError, Store, StoreError};

/// One institution with one registered device and an open challenge, all columns by hand.
const DEVICE: &[&str] = &[
    "INSERT INTO institutions (code, name, is_test, created_at) VALUES ('1310112345', 'A', 0, 1)",
    "INSERT INTO accounts (id, institution, state, issued_at, changed_at) VALUES ('W0000001', '1310112345', 'registered', 1, 1)",
    "INSERT INTO devices (id, account, name, platform, terms_version, registered_at) VALUES ('d1', 'W0000001', '', '', 1, 1)",
];

async fn with_device(store: &Store) {
    let mut transaction = store.begin().await.unwrap();
    for statement in DEVICE {
        transaction.execute(*statement).await.unwrap();
    }
    transaction.commit().await.unwrap();
}

async fn refused(store: &Store, statement: &'static str) -> Option<Constraint> {
    let mut transaction = store.begin().await.unwrap();
    match transaction.execute(statement).await.map_err(StoreError::from) {
        Ok(_) => {
            transaction.commit().await.unwrap();
            None
        }
        Err(StoreError::Constraint(constraint)) => Some(constraint),
        Err(other) => panic!("{other}: {other:?}"),
    }
}

on_both_engines! {
    async fn a_store_opens_again_with_what_was_committed(database: Database) {
        let store = Store::open(database.url()).await.unwrap();
        with_device(&store).await;
        store.close().await;
        let store = Store::open(database.url()).await.unwrap();
        let mut reader = store.read().await.unwrap();
        let row = reader.fetch_one("SELECT COUNT(*) AS n FROM devices").await.unwrap();
        assert_eq!(row.get::<i64, _>("n"), 1);
    }

    async fn a_dropped_transaction_leaves_nothing(database: Database) {
        let store = Store::open(database.url()).await.unwrap();
        let mut transaction = store.begin().await.unwrap();
        transaction.execute(DEVICE[0]).await.unwrap();
        drop(transaction);
        with_device(&store).await;
    }

    async fn constraints_are_known_by_name(database: Database) {
        let store = Store::open(database.url()).await.unwrap();
        with_device(&store).await;
        for (statement, expected) in [
            (DEVICE[0], Constraint::Institution),
            (DEVICE[1], Constraint::Account),
            (
                "INSERT INTO devices (id, account, name, platform, terms_version, registered_at) VALUES ('d2', 'W0000001', '', '', 1, 1)",
                Constraint::OneBoundDevice,
            ),
            (
                "INSERT INTO institutions (code, name, is_test, live_from, created_at) VALUES ('4810000001', 'T', 1, '2026-01-01', 1)",
                Constraint::TestNeverLive,
            ),
            (
                "INSERT INTO accounts (id, institution, state, issued_at, changed_at) VALUES ('W0000002', '9999999999', 'issued', 1, 1)",
                Constraint::Reference,
            ),
            (
                "INSERT INTO accounts (id, institution, state, issued_at, changed_at) VALUES ('W0000002', '1310112345', 'lost', 1, 1)",
                Constraint::Other,
            ),
        ] {
            assert_eq!(refused(&store, statement).await, Some(expected), "{statement}");
        }
    }

    async fn a_fault_of_the_database_names_the_engines_code_and_quotes_nothing(database: Database) {
        let store = Store::open(database.url()).await.unwrap();
        let mut reader = store.read().await.unwrap();
        let fault = StoreError::from(reader.execute("SELECT nothing FROM nowhere").await.unwrap_err()).to_string();
        let code = if store.engine() == Engine::Postgres { "42P01" } else { "1" };
        assert_eq!(fault, format!("the database failed (code {code})"));
    }

    async fn a_second_outcome_loses_by_the_operation_or_by_the_challenge(database: Database) {
        let store = Store::open(database.url()).await.unwrap();
        macro_rules! outcome {
            ($key:literal, $challenge:literal) => {
                concat!(
                    "INSERT INTO outcomes (keyid, idempotency_key, path, request_sha256, challenge, status, code, ",
                    "content_type, answer_sha256, stored_at, erase_at, forget_at) ",
                    "SELECT sha256, sha256, '/v1/checks', sha256, sha256, 200, '', '', sha256, 1, 1, 1 FROM anchors WHERE ",
                    $key, $challenge
                )
            };
        }
        // Octets without a literal that both engines would read.
        let mut transaction = store.begin().await.unwrap();
        for octets in [b"a".as_slice(), b"b"] {
            sqlx::query("INSERT INTO anchors (sha256, der, added_at) VALUES ($1, $1, 1)")
                .bind(octets).execute(&mut *transaction).await.unwrap();
        }
        transaction.commit().await.unwrap();
        let first = outcome!("sha256 = (SELECT sha256 FROM anchors ORDER BY sha256 LIMIT 1)", "");
        let same_challenge = concat!(
            "INSERT INTO outcomes (keyid, idempotency_key, path, request_sha256, challenge, status, code, content_type, ",
            "answer_sha256, stored_at, erase_at, forget_at) SELECT b.sha256, a.sha256, '', a.sha256, a.sha256, 200, '', '', ",
            "a.sha256, 1, 1, 1 FROM anchors a, anchors b WHERE a.sha256 < b.sha256"
        );
        assert_eq!(refused(&store, first).await, None);
        assert_eq!(refused(&store, first).await, Some(Constraint::Outcome));
        assert_eq!(refused(&store, same_challenge).await, Some(Constraint::OutcomeOfChallenge));
    }

    async fn audit_rows_and_checkpoints_cannot_be_changed_or_deleted(database: Database) {
        let store = Store::open(database.url()).await.unwrap();
        let mut transaction = store.begin().await.unwrap();
        sqlx::query("INSERT INTO audit (node, sequence, at, device, institution, staff, mode, challenge, outcome, \
            certificate_hash, request_sha256, answer_sha256, phase, hash) \
            VALUES ('n', 1, 1, '', '', '', '', $1, '', $1, $1, $1, '', $1)")
            .bind(b"x".as_slice()).execute(&mut *transaction).await.unwrap();
        transaction.execute("INSERT INTO checkpoints (sha256, at, signed) SELECT hash, 1, '' FROM audit").await.unwrap();
        transaction.commit().await.unwrap();
        for statement in [
            "UPDATE audit SET outcome = 'other'",
            "DELETE FROM audit",
            "UPDATE checkpoints SET signed = 'other'",
            "DELETE FROM checkpoints",
        ] {
            let mut transaction = store.begin().await.unwrap();
            let error = StoreError::from(transaction.execute(statement).await.unwrap_err());
            match store.engine() {
                Engine::Sqlite => assert!(error.is(Constraint::AuditAppendOnly), "{error:?}"),
                // The role may not even try.
                Engine::Postgres => assert!(format!("{error:?}").contains("permission denied"), "{error:?}"),
            }
        }
    }

    async fn writers_wait_for_each_other_and_all_get_through(database: Database) {
        let store = Store::open(database.url()).await.unwrap();
        let mut writers = tokio::task::JoinSet::new();
        for _ in 0..40 {
            let store = store.clone();
            writers.spawn(async move {
                let mut transaction = store.begin().await.unwrap();
                transaction.execute("UPDATE service_settings SET settings_version = settings_version + 1").await.unwrap();
                transaction.commit().await.unwrap();
            });
        }
        writers.join_all().await;
        let mut reader = store.read().await.unwrap();
        let row = reader.fetch_one("SELECT settings_version AS n FROM service_settings").await.unwrap();
        assert_eq!(row.get::<i64, _>("n"), 41);
    }

    async fn a_database_of_a_newer_program_is_refused(database: Database) {
        drop(Store::open(database.url()).await.unwrap());
        sqlx::any::install_default_drivers();
        let mut owner = <sqlx::AnyConnection as sqlx::Connection>::connect(database.url()).await.unwrap();
        owner.execute("UPDATE _sqlx_migrations SET version = 9999").await.unwrap();
        assert!(matches!(Store::open(database.url()).await, Err(OpenError::Newer)));
    }
}

#[tokio::test]
async fn a_login_that_owns_nothing_serves_but_cannot_change_the_audit() {
    let database = shikaku_test_database::Database::postgres();
    drop(Store::open(database.url()).await.unwrap());
    let url = database.url_as("service_login");
    let store = Store::open(&url).await.unwrap();
    with_device(&store).await;
    let mut own = <sqlx::AnyConnection as sqlx::Connection>::connect(&url).await.unwrap();
    for statement in [
        "DELETE FROM audit",
        "UPDATE audit SET outcome = ''",
        "TRUNCATE audit",
        "DROP TRIGGER audit_is_never_changed ON audit",
    ] {
        let error = own.execute(statement).await.unwrap_err().to_string();
        assert!(
            error.contains("permission denied") || error.contains("must be owner"),
            "{statement}: {error}"
        );
    }
}

#[tokio::test]
async fn even_the_owner_meets_the_trigger() {
    let database = shikaku_test_database::Database::postgres();
    drop(Store::open(database.url()).await.unwrap());
    let mut owner = <sqlx::AnyConnection as sqlx::Connection>::connect(database.url()).await.unwrap();
    for statement in ["DELETE FROM audit", "UPDATE audit SET outcome = ''", "TRUNCATE audit"] {
        let error = owner.execute(statement).await.unwrap_err().to_string();
        assert!(error.contains("audit_append_only"), "{statement}: {error}");
    }
}

#[tokio::test]
async fn both_engines_have_the_same_tables_and_columns() {
    let sqlite = shikaku_test_database::Database::sqlite();
    let postgres = shikaku_test_database::Database::postgres();
    let sqlite = Store::open(sqlite.url()).await.unwrap();
    let postgres = Store::open(postgres.url()).await.unwrap();
    let of_sqlite = columns(
        &sqlite,
        "SELECT m.name AS t, c.name AS c, CASE c.type WHEN 'INTEGER' THEN 'bigint' WHEN 'BLOB' THEN 'bytea' ELSE 'text' END AS k, \
         CAST(c.\"notnull\" AS TEXT) AS n FROM sqlite_master m, pragma_table_info(m.name) c \
         WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' AND m.name NOT LIKE '\\_%' ESCAPE '\\'",
    )
    .await;
    let of_postgres = columns(
        &postgres,
        "SELECT table_name::text AS t, column_name::text AS c, data_type::text AS k, \
         CASE is_nullable WHEN 'NO' THEN '1' ELSE '0' END AS n FROM information_schema.columns \
         WHERE table_schema = 'public' AND table_name NOT LIKE '\\_%'",
    )
    .await;
    assert!(of_sqlite.len() > 100);
    assert_eq!(of_sqlite, of_postgres);
}

async fn columns(store: &Store, statement: &'static str) -> BTreeSet<[String; 4]> {
    let mut reader = store.read().await.unwrap();
    let rows = reader.fetch_all(statement).await.unwrap();
    rows.iter().map(|row| [row.get("t"), row.get("c"), row.get("k"), row.get("n")]).collect()
}

#[tokio::test]
async fn the_database_lies_in_the_data_folder_whatever_the_folder_is_called() {
    let folder = shikaku_test_database::Folder::new();
    for name in ["a%20b", "a?b", "a b#c", "日本"] {
        let data = folder.path().join(name);
        std::fs::create_dir(&data).unwrap();
        let store = Store::open(&Store::url_in(&data)).await.unwrap();
        store.is_alive().await.unwrap();
        store.close().await;
        assert!(data.join("shikaku.db").exists(), "{name}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 4);
}
