//! Removes rows that can no longer be seen, in steps small enough that no check waits for long.

use sqlx::AssertSqlSafe;

use crate::store::columns::{Columns as _, number};
use crate::store::{Store, StoreError};

/// Keys that one step passes.
const STEP: i64 = 5000;

/// What becomes of rows above the current generation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unfinished {
    /// They belong to an import that may be at work.
    Keep,
    /// They are remains; the caller holds the right to write.
    Remove,
}

/// A table whose key begins with the person.
const OF_PERSONS: [&str; 2] = ["qualifications", "persons"];

/// A table whose key begins with the certificate, and whether `replace` empties it.
const OF_CERTIFICATES: [(&str, bool); 2] = [("certificates", true), ("certificate_links", false)];

/// Removes what newer rows cover and what lies below the base, and the remains of an import if asked to.
pub(super) async fn sweep(store: &Store, unfinished: Unfinished) -> Result<(), StoreError> {
    for table in OF_PERSONS {
        // What covers a qualification is a newer row of its person; those go last, or nothing would cover it.
        let invisible = invisible(table, "persons", "n.person = t.person", true, unfinished);
        by_person(store, table, &invisible).await?;
    }
    for (table, is_replaced) in OF_CERTIFICATES {
        let same = "n.issuer_key_id = t.issuer_key_id AND n.serial = t.serial";
        by_certificate(store, table, &invisible(table, table, same, is_replaced, unfinished)).await?;
    }
    Ok(())
}

/// The condition by which a row `t` goes; `$1` is the base, `$2` the current generation.
fn invisible(
    table: &str,
    covering: &str,
    same_key: &str,
    is_replaced: bool,
    unfinished: Unfinished,
) -> String {
    let below = if is_replaced { "t.generation < $1" } else { "t.generation < 0 * $1" };
    let above = match unfinished {
        Unfinished::Keep => "",
        Unfinished::Remove => " OR t.generation > $2",
    };
    format!(
        "DELETE FROM {table} AS t WHERE ({below}{above} OR (t.generation < $2 AND EXISTS (SELECT 1 FROM {covering} n \
         WHERE {same_key} AND n.generation > t.generation AND n.generation <= $2)))"
    )
}

async fn by_person(store: &Store, table: &str, invisible: &str) -> Result<(), StoreError> {
    let mut after = String::new();
    loop {
        let next = format!("SELECT person FROM {table} WHERE person > $1 ORDER BY person LIMIT 1 OFFSET $2");
        let mut reader = store.read().await?;
        let next =
            sqlx::query(AssertSqlSafe(next)).bind(&after).bind(STEP).fetch_optional(&mut *reader).await?;
        drop(reader);
        let until = next.map(|row| row.text("person")).transpose()?;
        let range = if until.is_some() { "t.person > $3 AND t.person <= $4" } else { "t.person > $3" };
        let mut transaction = store.begin().await?;
        let (base, current) = generations(&mut transaction).await?;
        let statement = AssertSqlSafe(format!("{invisible} AND {range}"));
        let mut query = sqlx::query(statement).bind(base).bind(current).bind(&after);
        if let Some(until) = &until {
            query = query.bind(until);
        }
        query.execute(&mut *transaction).await?;
        transaction.commit().await?;
        match until {
            Some(until) => after = until,
            None => return Ok(()),
        }
    }
}

async fn by_certificate(store: &Store, table: &str, invisible: &str) -> Result<(), StoreError> {
    let mut after: (Vec<u8>, Vec<u8>) = Default::default();
    loop {
        let next = format!(
            "SELECT issuer_key_id, serial FROM {table} WHERE (issuer_key_id, serial) > ($1, $2) \
             ORDER BY issuer_key_id, serial LIMIT 1 OFFSET $3"
        );
        let mut reader = store.read().await?;
        let next = sqlx::query(AssertSqlSafe(next))
            .bind(after.0.as_slice())
            .bind(after.1.as_slice())
            .bind(STEP)
            .fetch_optional(&mut *reader)
            .await?;
        drop(reader);
        let until =
            next.map(|row| Ok::<_, StoreError>((row.octets("issuer_key_id")?, row.octets("serial")?)));
        let until = until.transpose()?;
        let range = match until {
            Some(_) => "(t.issuer_key_id, t.serial) > ($3, $4) AND (t.issuer_key_id, t.serial) <= ($5, $6)",
            None => "(t.issuer_key_id, t.serial) > ($3, $4)",
        };
        let mut transaction = store.begin().await?;
        let (base, current) = generations(&mut transaction).await?;
        let statement = AssertSqlSafe(format!("{invisible} AND {range}"));
        let mut query =
            sqlx::query(statement).bind(base).bind(current).bind(after.0.as_slice()).bind(after.1.as_slice());
        if let Some((issuer_key_id, serial)) = &until {
            query = query.bind(issuer_key_id.as_slice()).bind(serial.as_slice());
        }
        query.execute(&mut *transaction).await?;
        transaction.commit().await?;
        match until {
            Some(until) => after = until,
            None => return Ok(()),
        }
    }
}

/// Base and current generation.
async fn generations(connection: &mut crate::store::Connection) -> Result<(i64, i64), StoreError> {
    let row = sqlx::query("SELECT base, current FROM registry_state").fetch_one(connection).await?;
    Ok((number(row.number("base")?)?, number(row.number("current")?)?))
}
