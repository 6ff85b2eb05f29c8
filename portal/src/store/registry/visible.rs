//! What is there already: for names that must not get worse, and for rows that contradict each other.

use shikaku::identifier::PersonName;
use shikaku::qualification::Qualification;

use super::rows::{CertificateKey, PersonRow};
use crate::store::columns::Columns as _;
use crate::store::{Connection, StoreError};

/// Whether the source could not write one of the names.
pub(super) fn has_unknown_characters(one: &Qualification) -> bool {
    let names = [&one.insured_name, &one.name_of_other, &one.name_kana, &one.name_of_other_kana];
    names.into_iter().flatten().chain([&one.name]).any(PersonName::has_unknown_character)
}

/// Puts good names that are known of the person in place of those that arrive with ●.
pub(super) async fn keep_good_names(
    connection: &mut Connection,
    person: &mut PersonRow,
) -> Result<(), StoreError> {
    let known = qualifications(connection, &person.person).await?;
    for one in &mut person.qualifications {
        // The same qualification if there is one, else any of the person: it is the same person's name.
        let same = known.iter().find(|known| is_same(known, one)).or(known.first());
        if let Some(known) = same {
            *one = one.clone().keeping_good_names_of(known);
        }
    }
    Ok(())
}

fn is_same(known: &Qualification, one: &Qualification) -> bool {
    known.insurer_number == one.insurer_number
        && known.insured_card_symbol == one.insured_card_symbol
        && known.insured_identification_number == one.insured_identification_number
        && known.insured_branch_number == one.insured_branch_number
}

async fn qualifications(connection: &mut Connection, person: &str) -> Result<Vec<Qualification>, StoreError> {
    let rows = sqlx::query(
        "SELECT q.body FROM registry_state s CROSS JOIN qualifications q WHERE q.person = $1 AND q.generation = ( \
         SELECT MAX(p.generation) FROM persons p \
         WHERE p.person = $1 AND p.generation BETWEEN s.base AND s.current) ORDER BY q.ordinal",
    )
    .bind(person)
    .fetch_all(connection)
    .await?;
    let read = |row| -> Result<Qualification, StoreError> {
        let row: &sqlx::any::AnyRow = row;
        serde_json::from_str(&row.text("body")?).map_err(|_| StoreError::Damaged("body"))
    };
    rows.iter().map(read).collect()
}

pub(super) async fn has_person(
    connection: &mut Connection,
    person: &str,
    generation: i64,
) -> Result<bool, StoreError> {
    let row = sqlx::query("SELECT person FROM persons WHERE person = $1 AND generation = $2")
        .bind(person)
        .bind(generation)
        .fetch_optional(connection)
        .await?;
    Ok(row.is_some())
}

/// Whether this generation has a row of the certificate: who holds it.
pub(super) async fn has_certificate(
    connection: &mut Connection,
    key: &CertificateKey,
    generation: i64,
) -> Result<bool, StoreError> {
    let statement = "SELECT generation FROM certificates \
                     WHERE issuer_key_id = $1 AND serial = $2 AND generation = $3";
    has_key(connection, statement, key, generation).await
}

/// Whether this generation has a row of the certificate: which one it renews.
pub(super) async fn has_renewal(
    connection: &mut Connection,
    key: &CertificateKey,
    generation: i64,
) -> Result<bool, StoreError> {
    let statement = "SELECT generation FROM certificate_links \
                     WHERE issuer_key_id = $1 AND serial = $2 AND generation = $3";
    has_key(connection, statement, key, generation).await
}

async fn has_key(
    connection: &mut Connection,
    statement: &'static str,
    key: &CertificateKey,
    generation: i64,
) -> Result<bool, StoreError> {
    let row = sqlx::query(statement)
        .bind(key.issuer_key_id.as_slice())
        .bind(key.serial.as_slice())
        .bind(generation)
        .fetch_optional(connection)
        .await?;
    Ok(row.is_some())
}
