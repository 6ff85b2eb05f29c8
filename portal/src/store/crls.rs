//! CRLs as loaded: one for each issuer and partition, side by side.

use shikaku::instant::UnixTime;

use super::columns::{Columns as _, time};
use super::{Connection, StoreError};

/// Which CRL: who signed it, and the partition it speaks of.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CrlKey {
    /// Key id of the root that signed it; a certificate names it as its AKI.
    pub issuer_key_id: Vec<u8>,
    /// DER of the `Name` in the distribution point.
    pub partition: Vec<u8>,
}

/// What is known of a stored CRL without reading it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredCrl {
    /// Which one.
    pub key: CrlKey,
    /// SHA-256 of its DER.
    pub sha256: [u8; 32],
    /// From when on it speaks.
    pub this_update: UnixTime,
    /// Until when it speaks.
    pub next_update: UnixTime,
    /// When it was loaded.
    pub loaded_at: UnixTime,
}

/// Keeps a CRL in place of an older one of the same key; `false` if the one that is there is newer.
pub async fn put(connection: &mut Connection, crl: &StoredCrl, der: &[u8]) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "INSERT INTO crls (issuer_key_id, partition, sha256, der, this_update, next_update, loaded_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (issuer_key_id, partition) DO UPDATE SET \
         sha256 = excluded.sha256, der = excluded.der, this_update = excluded.this_update, \
         next_update = excluded.next_update, loaded_at = excluded.loaded_at \
         WHERE crls.this_update <= excluded.this_update",
    )
    .bind(crl.key.issuer_key_id.as_slice())
    .bind(crl.key.partition.as_slice())
    .bind(crl.sha256.as_slice())
    .bind(der)
    .bind(time(crl.this_update)?)
    .bind(time(crl.next_update)?)
    .bind(time(crl.loaded_at)?)
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The digest of the CRL that is now there.
pub async fn digest(connection: &mut Connection, key: &CrlKey) -> Result<Option<[u8; 32]>, StoreError> {
    let row = sqlx::query("SELECT sha256 FROM crls WHERE issuer_key_id = $1 AND partition = $2")
        .bind(key.issuer_key_id.as_slice())
        .bind(key.partition.as_slice())
        .fetch_optional(connection)
        .await?;
    row.map(|row| row.exactly("sha256")).transpose()
}

/// The DER of a CRL, and its digest.
pub async fn der(
    connection: &mut Connection,
    key: &CrlKey,
) -> Result<Option<([u8; 32], Vec<u8>)>, StoreError> {
    let row = sqlx::query("SELECT sha256, der FROM crls WHERE issuer_key_id = $1 AND partition = $2")
        .bind(key.issuer_key_id.as_slice())
        .bind(key.partition.as_slice())
        .fetch_optional(connection)
        .await?;
    row.map(|row| Ok((row.exactly("sha256")?, row.octets("der")?))).transpose()
}

/// All CRLs.
pub async fn all(connection: &mut Connection) -> Result<Vec<StoredCrl>, StoreError> {
    let rows = sqlx::query(
        "SELECT issuer_key_id, partition, sha256, this_update, next_update, loaded_at FROM crls \
         ORDER BY issuer_key_id, partition",
    )
    .fetch_all(connection)
    .await?;
    let read = |row| -> Result<StoredCrl, StoreError> {
        let row: &sqlx::any::AnyRow = row;
        Ok(StoredCrl {
            key: CrlKey { issuer_key_id: row.octets("issuer_key_id")?, partition: row.octets("partition")? },
            sha256: row.exactly("sha256")?,
            this_update: row.time("this_update")?,
            next_update: row.time("next_update")?,
            loaded_at: row.time("loaded_at")?,
        })
    };
    rows.iter().map(read).collect()
}
