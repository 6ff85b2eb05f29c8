//! What goes in time: registration codes that expired, dead codes that nobody asks for any more, claims that nobody
//! resumes.
//!
//! On SQLite deleted rows are overwritten (`secure_delete`) and the write-ahead log is folded away afterwards
//! ([`Store::fold_log`]), so that nothing erased lies on in the file. On PostgreSQL what is erased was sealed, and its
//! remains in pages and log go with vacuum and log rotation.

use shikaku::identifier::{AccountId, Date};
use shikaku::instant::UnixTime;

use crate::audit::{self, Entry, NodeId};
use crate::randomness::Randomness;
use crate::sealing::{Place, SealingKey};
use crate::store::claims::{self as claimed, Forsaken};
use crate::store::registrations::{self, SpentCode, SpentReason};
use crate::store::{Store, StoreError, accounts, institutions};

/// Seconds for which an expired code is remembered, so that who holds it learns that it has expired.
const REMEMBERED: u64 = 30 * 86_400;

/// Seconds for which a claim can be resumed: as long as the design has an operation remembered.
const RESUMABLE: u64 = 86_400;
/// Seconds for which a claim that was answered is known, so that a source's own record can be laid beside it.
const CLAIM_KEPT: u64 = 2 * 86_400;

/// Gives up the claims that nobody has resumed for a day, or can resume because their challenge was retired with their
/// device or has ended in a visual check, each with an audit row, and forgets those that were answered long ago.
///
/// Answers how many rows went. A row that is damaged keeps none of the others; the first such fault is answered at the end.
pub async fn claims(store: &Store, node: &NodeId, now: UnixTime) -> Result<u64, StoreError> {
    let (mut gone, mut fault) = (0, None);
    let forsaken = claimed::forsaken(&mut *store.read().await?, now.minus(RESUMABLE), now).await?;
    for claim in forsaken {
        let given_up = match claim {
            Ok(claim) => give_up(store, node, &claim, now).await,
            Err(damaged) => Err(damaged),
        };
        match given_up {
            Ok(is_gone) => gone += u64::from(is_gone),
            Err(error) => fault = fault.or(Some(error)),
        }
    }
    let mut transaction = store.begin().await?;
    let forgotten = claimed::forget_closed(&mut transaction, now.minus(CLAIM_KEPT)).await?;
    transaction.commit().await?;
    fault.map_or(Ok(gone + forgotten), Err)
}

/// `false` if the claim was closed meanwhile.
async fn give_up(
    store: &Store,
    node: &NodeId,
    forsaken: &Forsaken,
    now: UnixTime,
) -> Result<bool, StoreError> {
    let mut transaction = store.begin().await?;
    if !claimed::give_up(&mut transaction, forsaken).await? {
        transaction.rollback().await?;
        return Ok(false);
    }
    let Forsaken { claim, challenge, mode, device, institution, .. } = forsaken;
    let known = institutions::find(&mut transaction, institution).await?;
    let phase = known.map_or("", |institution| institution.phase_on(Date::of(claim.asked_at)).as_str());
    let entry = Entry {
        device: &device.to_string(),
        institution: institution.as_str(),
        challenge,
        request_sha256: &claim.request_sha256,
        phase,
        ..Entry::new(now, mode, audit::ABANDONED)
    };
    audit::append(&mut transaction, node, &entry).await?;
    transaction.commit().await?;
    Ok(true)
}

/// Turns expired codes into dead ones, which nothing can show, and forgets dead ones whose time is over.
///
/// Answers how many rows went.
pub async fn codes(
    store: &Store,
    sealing: &SealingKey,
    randomness: &Randomness,
    now: UnixTime,
) -> Result<u64, StoreError> {
    let mut gone = 0;
    let expired = accounts::with_expired_code(&mut *store.read().await?, now).await?;
    for account in expired {
        gone += u64::from(expire(store, sealing, randomness, &account, now).await?);
    }
    let mut transaction = store.begin().await?;
    let forgotten = registrations::forget_spent(&mut transaction, now).await?;
    transaction.commit().await?;
    Ok(gone + forgotten)
}

/// `false` if the code was used or re-issued meanwhile.
async fn expire(
    store: &Store,
    sealing: &SealingKey,
    randomness: &Randomness,
    account: &AccountId,
    now: UnixTime,
) -> Result<bool, StoreError> {
    let mut transaction = store.begin().await?;
    let Some(code) = accounts::code(&mut transaction, account).await? else { return Ok(false) };
    if code.expires_at > now || !registrations::use_code(&mut transaction, account, &code.sealed).await? {
        return Ok(false);
    }
    // A code that does not open, or cannot be sealed anew, is erased all the same: it only says less later.
    let opened = sealing.open(Place::RegistrationCode(account), &code.sealed);
    let sealed = opened.and_then(|plain| sealing.seal(Place::SpentCode(account), &plain, randomness));
    if let Ok(sealed) = sealed {
        let spent = SpentCode { sealed, reason: SpentReason::Expired };
        registrations::remember_spent(&mut transaction, account, &spent, now, now.plus(REMEMBERED)).await?;
    }
    transaction.commit().await?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use shikaku::http::{IdempotencyKey, KeyId};
    use shikaku::identifier::InstitutionCode;
    use shikaku_test_database::{Database, on_both_engines};
    use sqlx::Row as _;

    use super::*;
    use crate::admin::tests::{NOW, operator};
    use crate::admin::{AdminError, CODE_LIFE, Operator};
    use crate::import::{self, BadRow, Format, Watch};
    use crate::store::institutions::NewInstitution;
    use crate::store::outcomes::{self, Keeping, Outcome};
    use crate::store::registry::Mode;

    const PERSON: &str = "鹿覚寺 探太郎";

    struct Silent;

    impl Watch for Silent {
        fn read(&mut self, _: u64) {}

        fn bad_row(&mut self, row: &BadRow) {
            panic!("{row:?}");
        }
    }

    async fn with_account(operator: &Operator) -> AccountId {
        let code: InstitutionCode = "1310112345".parse().unwrap();
        let new = NewInstitution { code: code.clone(), name: "青葉医院".to_owned() };
        operator.add_institution(&new).await.unwrap();
        operator.issue_accounts(&code, 1, "", "", CODE_LIFE).await.unwrap().remove(0)
    }

    async fn import(operator: &Operator, name: &str) {
        let text = format!(
            "Person,Enrolled,IssuerKeyId,Serial,InsurerNumber,Name,Birthdate\np1,1,aa,01,06130488,{name},1980-01-02\n"
        );
        import::registry(operator, text.as_bytes(), Format::Csv, Mode::Replace, &mut Silent).await.unwrap();
    }

    /// Stores a sealed answer that names the person, as a check does.
    async fn store_answer(operator: &Operator) -> Vec<u8> {
        let (key, operation) = (KeyId([1; 32]), IdempotencyKey([2; 16]));
        let place = Place::Answer { key_id: &key.0, idempotency_key: &operation.0 };
        let body = format!("{{\"Name\":\"{PERSON}\"}}");
        let sealed = operator.keys.sealing.seal(place, body.as_bytes(), &operator.randomness).unwrap();
        let outcome = Outcome {
            path: "/v1/checks".to_owned(),
            request_sha256: [3; 32],
            status: 200,
            code: "qualification-valid".to_owned(),
            content_type: "application/json".to_owned(),
            answer_sha256: [4; 32],
            answer_sealed: Some(sealed.clone()),
        };
        let at = |seconds| UnixTime(NOW + seconds);
        let keeping = Keeping { stored_at: at(0), erase_at: at(900), forget_at: at(86_400) };
        let mut transaction = operator.store.begin().await.unwrap();
        outcomes::store(&mut transaction, &key, &operation, None, &outcome, keeping).await.unwrap();
        transaction.commit().await.unwrap();
        sealed
    }

    /// Everything that the database holds: the files, free pages and log included; on PostgreSQL every row.
    async fn everything(database: &Database, store: &Store) -> Vec<u8> {
        if let Some(folder) = database.folder() {
            let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
            return files.flat_map(|file| std::fs::read(file).unwrap()).collect();
        }
        let mut reader = store.read().await.unwrap();
        let tables =
            "SELECT table_name::text AS t FROM information_schema.tables WHERE table_schema = 'public'";
        let tables = sqlx::query(tables).fetch_all(&mut *reader).await.unwrap();
        let mut everything = Vec::new();
        for table in tables {
            let rows = format!("SELECT r::text AS r FROM {} r", table.get::<String, _>("t"));
            for row in sqlx::query(sqlx::AssertSqlSafe(rows)).fetch_all(&mut *reader).await.unwrap() {
                everything.extend(row.get::<String, _>("r").into_bytes());
            }
        }
        everything
    }

    fn holds(everything: &[u8], wanted: &[u8]) -> bool {
        everything.windows(wanted.len()).any(|window| window == wanted)
    }

    /// The octets as the files hold them, or as PostgreSQL writes them out.
    fn as_stored(database: &Database, octets: &[u8]) -> Vec<u8> {
        if database.is_postgres() {
            octets.iter().flat_map(|octet| format!("{octet:02x}").into_bytes()).collect()
        } else {
            octets.to_vec()
        }
    }

    on_both_engines! {
        async fn after_the_sweep_the_database_holds_nothing_of_the_person(database: Database) {
            let (_folder, operator) = operator(&database).await;
            let store = &operator.store;
            import(&operator, PERSON).await;
            let sealed = as_stored(&database, &store_answer(&operator).await);
            let before = everything(&database, store).await;
            assert!(holds(&before, PERSON.as_bytes()) && holds(&before, &sealed));
            import(&operator, "別の 人").await;
            let mut transaction = store.begin().await.unwrap();
            assert_eq!(outcomes::sweep(&mut transaction, UnixTime(NOW + 900)).await.unwrap(), 1);
            transaction.commit().await.unwrap();
            store.fold_log().await.unwrap();
            let after = everything(&database, store).await;
            assert!(!holds(&after, PERSON.as_bytes()));
            assert!(!holds(&after, &sealed));
            // Digest and outcome stay.
            let kept = outcomes::find(&mut store.read().await.unwrap(), &KeyId([1; 32]), &IdempotencyKey([2; 16])).await;
            let kept = kept.unwrap().unwrap();
            assert_eq!((kept.answer_sha256, kept.code.as_str(), kept.answer_sealed), ([4; 32], "qualification-valid", None));
        }

        async fn an_expired_code_dies_and_is_forgotten_in_time(database: Database) {
            let (_folder, operator) = operator(&database).await;
            let (store, sealing, randomness) = (&operator.store, &operator.keys.sealing, &operator.randomness);
            let id = with_account(&operator).await;
            let origin = "https://shikaku.example".parse().unwrap();
            let code = operator.user_settings(&id, &origin).await.unwrap().settings.code;
            let end = UnixTime(NOW + CODE_LIFE);
            assert_eq!(codes(store, sealing, randomness, end.minus(1)).await.unwrap(), 0);
            assert_eq!(codes(store, sealing, randomness, end).await.unwrap(), 1);
            assert_eq!(codes(store, sealing, randomness, end).await.unwrap(), 0);
            assert!(matches!(operator.user_settings(&id, &origin).await, Err(AdminError::NoCode(_))));
            let mut spent = registrations::spent_codes(&mut store.read().await.unwrap(), &id).await.unwrap();
            let spent = spent.remove(0);
            assert_eq!(spent.reason, SpentReason::Expired);
            let opened = sealing.open(Place::SpentCode(&id), &spent.sealed).unwrap();
            assert_eq!(opened.as_slice(), code.octets());
            assert!(sealing.open(Place::RegistrationCode(&id), &spent.sealed).is_err());
            assert_eq!(codes(store, sealing, randomness, end.plus(REMEMBERED)).await.unwrap(), 1);
            assert!(registrations::spent_codes(&mut store.read().await.unwrap(), &id).await.unwrap().is_empty());
        }
    }
}
