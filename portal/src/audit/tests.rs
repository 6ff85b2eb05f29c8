//! The audit on both engines: appended, walked, tampered with.

use shikaku::http::SoftwareKey;
use shikaku_test_database::{Database, on_both_engines};
use sqlx::{AnyConnection, Connection as _, Executor as _};

use super::*;
use crate::store::Store;

fn node() -> NodeId {
    NodeId::from_random([1; 8])
}

fn service_key() -> SoftwareKey {
    SoftwareKey::from_random(&[7; 32]).unwrap()
}

async fn append_one(store: &Store, node: &NodeId, outcome: &str) -> u64 {
    let mut transaction = store.begin().await.unwrap();
    let entry = Entry { device: "d1", staff: "職員", ..Entry::new(UnixTime(5), "pin", outcome) };
    let place = append(&mut transaction, node, &entry).await.unwrap();
    transaction.commit().await.unwrap();
    place
}

/// Someone with the database's own powers: triggers off, then the statement.
async fn tamper(database: &Database, statement: &'static str) {
    let mut owner = AnyConnection::connect(database.url()).await.unwrap();
    let off: &[&'static str] = if database.is_postgres() {
        &["ALTER TABLE audit DISABLE TRIGGER ALL"]
    } else {
        &["DROP TRIGGER audit_is_never_updated", "DROP TRIGGER audit_is_never_deleted"]
    };
    for statement in off.iter().chain([&statement]) {
        owner.execute(*statement).await.unwrap();
    }
    owner.close().await.unwrap();
}

async fn chain_of_five(database: &Database) -> Store {
    let store = Store::open(database.url()).await.unwrap();
    for outcome in ["one", "two", "three", "four", "five"] {
        append_one(&store, &node(), outcome).await;
    }
    store
}

async fn flaw(store: &Store, checkpoints: &[Checkpoint]) -> Option<Flaw> {
    verify(store, checkpoints).await.unwrap().chains[0].flaw
}

on_both_engines! {
    async fn rows_are_counted_from_one_and_the_chain_is_whole(database: Database) {
        let store = chain_of_five(&database).await;
        assert_eq!(append_one(&store, &node(), "six").await, 6);
        let report = verify(&store, &[]).await.unwrap();
        assert!(report.is_whole());
        assert_eq!((report.chains.len(), report.chains[0].good_rows), (1, 6));
    }

    async fn each_node_has_its_own_chain(database: Database) {
        let store = chain_of_five(&database).await;
        assert_eq!(append_one(&store, &NodeId::from_random([2; 8]), "one").await, 1);
        let report = verify(&store, &[]).await.unwrap();
        assert!(report.is_whole());
        assert_eq!(report.chains.len(), 2);
    }

    async fn a_rolled_back_row_leaves_no_gap(database: Database) {
        let store = chain_of_five(&database).await;
        let mut transaction = store.begin().await.unwrap();
        append(&mut transaction, &node(), &Entry::new(UnixTime(5), "pin", "never")).await.unwrap();
        transaction.rollback().await.unwrap();
        assert_eq!(append_one(&store, &node(), "six").await, 6);
        assert!(verify(&store, &[]).await.unwrap().is_whole());
    }

    async fn many_writers_of_one_node_make_one_chain(database: Database) {
        let store = Store::open(database.url()).await.unwrap();
        let mut writers = tokio::task::JoinSet::new();
        for _ in 0..30 {
            let store = store.clone();
            writers.spawn(async move { append_one(&store, &node(), "x").await });
        }
        let mut places = writers.join_all().await;
        places.sort_unstable();
        assert_eq!(places, (1..=30).collect::<Vec<_>>());
        assert!(verify(&store, &[]).await.unwrap().is_whole());
    }

    async fn a_changed_row_is_the_first_bad_row(database: Database) {
        let store = chain_of_five(&database).await;
        tamper(&database, "UPDATE audit SET outcome = 'other' WHERE sequence = 3").await;
        assert_eq!(flaw(&store, &[]).await, Some(Flaw::Changed { sequence: 3 }));
    }

    async fn a_row_taken_out_of_the_middle_is_missed(database: Database) {
        let store = chain_of_five(&database).await;
        tamper(&database, "DELETE FROM audit WHERE sequence = 2").await;
        assert_eq!(flaw(&store, &[]).await, Some(Flaw::Missing { sequence: 2 }));
    }

    async fn a_cut_off_end_shows_only_against_a_checkpoint(database: Database) {
        let store = chain_of_five(&database).await;
        let signed = take_checkpoint(&store, &service_key(), UnixTime(9)).await.unwrap();
        let checkpoint = Checkpoint::verify(&signed, &[service_key().public().clone()]).unwrap();
        assert_eq!(flaw(&store, std::slice::from_ref(&checkpoint)).await, None);
        tamper(&database, "DELETE FROM audit WHERE sequence > 3").await;
        assert_eq!(flaw(&store, &[]).await, None);
        assert_eq!(flaw(&store, &[checkpoint]).await, Some(Flaw::CutOff { sequence: 5 }));
    }

    async fn a_chain_that_is_gone_altogether_shows_against_a_checkpoint(database: Database) {
        let store = chain_of_five(&database).await;
        let signed = take_checkpoint(&store, &service_key(), UnixTime(9)).await.unwrap();
        let checkpoint = Checkpoint::verify(&signed, &[service_key().public().clone()]).unwrap();
        tamper(&database, "DELETE FROM audit").await;
        assert_eq!(flaw(&store, &[checkpoint]).await, Some(Flaw::CutOff { sequence: 5 }));
    }

    async fn a_chain_written_anew_is_not_that_of_the_checkpoint(database: Database) {
        let store = chain_of_five(&database).await;
        let signed = take_checkpoint(&store, &service_key(), UnixTime(9)).await.unwrap();
        let checkpoint = Checkpoint::verify(&signed, &[service_key().public().clone()]).unwrap();
        tamper(&database, "DELETE FROM audit").await;
        tamper_heads(&database).await;
        for outcome in ["one", "two", "another", "four", "five"] {
            append_one(&store, &node(), outcome).await;
        }
        assert_eq!(flaw(&store, &[]).await, None);
        assert_eq!(flaw(&store, &[checkpoint]).await, Some(Flaw::Rewritten { sequence: 5 }));
    }

    async fn a_checkpoint_by_another_key_is_not_believed(database: Database) {
        let store = chain_of_five(&database).await;
        let other = SoftwareKey::from_random(&[8; 32]).unwrap();
        let signed = take_checkpoint(&store, &other, UnixTime(9)).await.unwrap();
        let refused = Checkpoint::verify(&signed, &[service_key().public().clone()]);
        assert!(matches!(refused, Err(CheckpointError::Signature(_))));
    }
}

async fn tamper_heads(database: &Database) {
    let mut owner = AnyConnection::connect(database.url()).await.unwrap();
    owner.execute("DELETE FROM audit_heads").await.unwrap();
}

#[test]
fn the_same_certificate_hashes_alike_under_one_key_only() {
    let key = |octet| AuditKey::new(Zeroizing::new([octet; 32]));
    assert_eq!(key(1).certificate_hash(b"a"), key(1).certificate_hash(b"a"));
    assert_ne!(key(1).certificate_hash(b"a"), key(1).certificate_hash(b"b"));
    assert_ne!(key(1).certificate_hash(b"a"), key(2).certificate_hash(b"a"));
}
