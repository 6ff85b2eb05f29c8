//! Imports and look-ups on both engines.

use shikaku::instant::UnixTime;
use shikaku::qualification::Qualification;
use shikaku_test_database::on_both_engines;
use sqlx::{Executor as _, Row as _};

use super::*;
use crate::audit::{Entry, NodeId};
use crate::clock::Clock;
use crate::store::Store;

fn qualification(name: &str) -> Qualification {
    let insurer = "06130488".parse().unwrap();
    Qualification::new(insurer, name.parse().unwrap(), "1980-01-02".parse().unwrap())
}

fn key(serial: u8) -> CertificateKey {
    CertificateKey { issuer_key_id: vec![0xaa; 20], serial: vec![serial] }
}

fn person(line: u64, person: &str, serials: &[u8], names: &[&str]) -> PersonRow {
    PersonRow {
        line,
        person: person.to_owned(),
        enrolled: true,
        certificates: serials.iter().map(|serial| key(*serial)).collect(),
        qualifications: names.iter().map(|name| qualification(name)).collect(),
    }
}

async fn begin(store: &Store, now: u64) -> Result<Import, WriteError> {
    Import::begin(store, &Clock::held_at(UnixTime(now)), format!("token {now}")).await
}

async fn switch_on(mut import: Import, mode: Mode) {
    assert_eq!(import.write().await.unwrap(), []);
    let entry = Entry::new(UnixTime(1), "operator", "registry-imported");
    import.switch_on(mode, &NodeId::from_random([1; 8]), &entry).await.unwrap();
}

async fn import(store: &Store, mode: Mode, persons: Vec<PersonRow>) {
    let mut import = begin(store, 1).await.unwrap();
    for person in persons {
        assert_eq!(import.add_person(person).await.unwrap(), []);
    }
    switch_on(import, mode).await;
    clean_up(store).await.unwrap();
}

async fn names(store: &Store, serial: u8) -> Vec<String> {
    let mut reader = store.read().await.unwrap();
    match holder(&mut reader, &[0xaa; 20], &[serial]).await.unwrap() {
        Holder::Enrolled(qualifications) => qualifications.iter().map(|one| one.name.to_string()).collect(),
        Holder::NotEnrolled => vec!["not enrolled".to_owned()],
        Holder::Unlinked => vec!["unlinked".to_owned()],
    }
}

async fn count(store: &Store, statement: &'static str) -> i64 {
    store.read().await.unwrap().fetch_one(statement).await.unwrap().get(0)
}

on_both_engines! {
    async fn a_certificate_leads_to_all_qualifications_of_its_holder(database: Database) {
        let store = Store::open(database.url()).await.unwrap();
        let mut other = person(3, "p2", &[2], &["資格 花子"]);
        other.enrolled = false;
        let none = person(4, "p3", &[3], &[]);
        import(&store, Mode::Replace, vec![person(1, "p1", &[1, 9], &["資格 太郎", "資格 太郎（旧）"]), other, none]).await;
        // The phone's certificate is another of the same person.
        for serial in [1, 9] {
            assert_eq!(names(&store, serial).await, ["資格 太郎", "資格 太郎（旧）"]);
        }
        assert_eq!(names(&store, 2).await, ["not enrolled"]);
        assert!(names(&store, 3).await.is_empty());
        assert_eq!(names(&store, 4).await, ["unlinked"]);
        let mut reader = store.read().await.unwrap();
        // The same serial by another issuer is another certificate.
        assert_eq!(holder(&mut reader, &[0xbb; 20], &[1]).await.unwrap(), Holder::Unlinked);
    }

    async fn nothing_is_seen_before_the_switch_and_all_after_it(database: Database) {
        let store = Store::open(database.url()).await.unwrap();
        import(&store, Mode::Replace, vec![person(1, "p1", &[1], &["前"])]).await;
        let mut second = begin(&store, 2).await.unwrap();
        second.add_person(person(1, "p2", &[2], &["後"])).await.unwrap();
        second.write().await.unwrap();
        assert_eq!((names(&store, 1).await, names(&store, 2).await), (vec!["前".to_owned()], vec!["unlinked".to_owned()]));
        switch_on(second, Mode::Replace).await;
        assert_eq!((names(&store, 1).await, names(&store, 2).await), (vec!["unlinked".to_owned()], vec!["後".to_owned()]));
    }

    async fn replaced_rows_are_swept_away(database: Database) {
        let store = Store::open(database.url()).await.unwrap();
        import(&store, Mode::Replace, vec![person(1, "p1", &[1], &["前"]), person(2, "p2", &[2], &["前"])]).await;
        import(&store, Mode::Replace, vec![person(1, "p1", &[1], &["後"])]).await;
        for (statement, due) in [
            ("SELECT COUNT(*) FROM persons", 1),
            ("SELECT COUNT(*) FROM certificates", 1),
            ("SELECT COUNT(*) FROM qualifications", 1),
        ] {
            assert_eq!(count(&store, statement).await, due, "{statement}");
        }
        assert_eq!(names(&store, 1).await, ["後"]);
    }

    async fn a_merge_changes_those_it_names_and_leaves_the_others(database: Database) {
        let store = Store::open(database.url()).await.unwrap();
        import(&store, Mode::Replace, vec![person(1, "p1", &[1], &["一", "二"]), person(2, "p2", &[2], &["他"])]).await;
        import(&store, Mode::Merge, vec![person(1, "p1", &[3], &["新"]), person(2, "p3", &[4], &["追加"])]).await;
        for serial in [1, 3] {
            assert_eq!(names(&store, serial).await, ["新"]);
        }
        assert_eq!(names(&store, 2).await, ["他"]);
        assert_eq!(names(&store, 4).await, ["追加"]);
        assert_eq!(count(&store, "SELECT COUNT(*) FROM persons").await, 3);
        assert_eq!(count(&store, "SELECT COUNT(*) FROM qualifications").await, 3);
        assert_eq!(count(&store, "SELECT COUNT(*) FROM certificates").await, 4);
    }

    async fn an_import_given_up_leaves_everything_as_it_was(database: Database) {
        let store = Store::open(database.url()).await.unwrap();
        import(&store, Mode::Replace, vec![person(1, "p1", &[1], &["前"])]).await;
        let mut second = begin(&store, 2).await.unwrap();
        second.add_person(person(1, "p1", &[1, 2], &["後"])).await.unwrap();
        second.write().await.unwrap();
        second.give_up().await.unwrap();
        assert_eq!(names(&store, 1).await, ["前"]);
        assert_eq!(names(&store, 2).await, ["unlinked"]);
        assert_eq!(count(&store, "SELECT COUNT(*) FROM certificates").await, 1);
        import(&store, Mode::Merge, vec![]).await;
        assert_eq!(names(&store, 2).await, ["unlinked"]);
    }

    async fn what_contradicts_an_earlier_row_is_named_by_its_line(database: Database) {
        let store = Store::open(database.url()).await.unwrap();
        let mut import = begin(&store, 1).await.unwrap();
        for row in [person(2, "p1", &[1], &[]), person(3, "p2", &[2], &[])] {
            assert_eq!(import.add_person(row).await.unwrap(), []);
        }
        assert_eq!(import.write().await.unwrap(), []);
        for row in [
            person(4, "p1", &[4], &[]),
            person(5, "p3", &[2], &[]),
            person(6, "p4", &[6], &[]),
            person(7, "p4", &[7], &[]),
            person(8, "p5", &[6], &[]),
        ] {
            import.add_person(row).await.unwrap();
        }
        let found: Vec<_> = import.write().await.unwrap().iter().map(|one| (one.line, one.what)).collect();
        let (person, certificate) = (DuplicateKind::Person, DuplicateKind::Certificate);
        assert_eq!(found, [(4, person), (5, certificate), (7, person), (8, certificate)]);
        import.add_renewal(Renewal { line: 9, old: key(1), new: key(20) }).await.unwrap();
        import.add_renewal(Renewal { line: 10, old: key(2), new: key(20) }).await.unwrap();
        assert_eq!(import.write().await.unwrap(), [Duplicate { line: 10, what: DuplicateKind::Successor }]);
    }

    async fn two_imports_do_not_run_at_once_but_a_dead_one_gives_way(database: Database) {
        let store = Store::open(database.url()).await.unwrap();
        let mut first = begin(&store, 1000).await.unwrap();
        first.add_person(person(1, "p1", &[1], &["死"])).await.unwrap();
        first.write().await.unwrap();
        assert!(matches!(begin(&store, 1500).await, Err(WriteError::Busy { since: UnixTime(1000) })));
        let second = begin(&store, 1600).await.unwrap();
        first.add_person(person(2, "p2", &[2], &["死"])).await.unwrap();
        assert!(matches!(first.write().await, Err(WriteError::Lost)));
        switch_on(second, Mode::Merge).await;
        assert_eq!(names(&store, 1).await, ["unlinked"]);
    }

    async fn a_renewed_certificate_leads_to_the_holder_of_the_old_one(database: Database) {
        let store = Store::open(database.url()).await.unwrap();
        import(&store, Mode::Replace, vec![person(1, "p1", &[1], &["資格 太郎"])]).await;
        let mut renewals = begin(&store, 2).await.unwrap();
        renewals.add_renewal(Renewal { line: 1, old: key(1), new: key(2) }).await.unwrap();
        renewals.add_renewal(Renewal { line: 2, old: key(2), new: key(3) }).await.unwrap();
        renewals.add_renewal(Renewal { line: 3, old: key(8), new: key(9) }).await.unwrap();
        // A circle ends.
        renewals.add_renewal(Renewal { line: 4, old: key(31), new: key(30) }).await.unwrap();
        renewals.add_renewal(Renewal { line: 5, old: key(30), new: key(31) }).await.unwrap();
        switch_on(renewals, Mode::Merge).await;
        for serial in [1, 2, 3] {
            assert_eq!(names(&store, serial).await, ["資格 太郎"]);
        }
        for serial in [9, 30] {
            assert_eq!(names(&store, serial).await, ["unlinked"]);
        }
        // A new registry that knows the person by another certificate keeps the renewals.
        import(&store, Mode::Replace, vec![person(1, "p1", &[2], &["資格 太郎（新）"])]).await;
        assert_eq!(names(&store, 3).await, ["資格 太郎（新）"]);
        assert_eq!(names(&store, 1).await, ["unlinked"]);
    }

    async fn a_known_good_name_outlives_an_import_with_black_circles(database: Database) {
        let store = Store::open(database.url()).await.unwrap();
        import(&store, Mode::Replace, vec![person(1, "p1", &[1], &["髙資格 太郎"])]).await;
        import(&store, Mode::Replace, vec![person(1, "p1", &[1], &["●資格 太郎"]), person(2, "p2", &[2], &["●田"])]).await;
        assert_eq!(names(&store, 1).await, ["髙資格 太郎"]);
        assert_eq!(names(&store, 2).await, ["●田"]);
    }

    async fn more_than_a_batch_goes_in_and_is_swept_in_steps(database: Database) {
        let store = Store::open(database.url()).await.unwrap();
        let many = |name: &'static str| {
            (0..11_000_u32).map(move |n| {
                let mut row = person(u64::from(n), &format!("p{n}"), &[], &[name]);
                row.certificates = vec![CertificateKey { issuer_key_id: vec![0xaa; 20], serial: n.to_be_bytes().to_vec() }];
                row
            }).collect::<Vec<_>>()
        };
        import(&store, Mode::Replace, many("前")).await;
        import(&store, Mode::Merge, many("後")).await;
        for statement in
            ["SELECT COUNT(*) FROM persons", "SELECT COUNT(*) FROM certificates", "SELECT COUNT(*) FROM qualifications"]
        {
            assert_eq!(count(&store, statement).await, 11_000, "{statement}");
        }
        assert_eq!(count(&store, "SELECT COUNT(*) FROM qualifications WHERE body LIKE '%前%'").await, 0);
    }
}
