//! The keys of devices, with the device, account and institution that each stands for.

use shikaku::http::{KeyId, PublicKey};
use shikaku::identifier::AccountId;
use shikaku::instant::UnixTime;
use shikaku::registration::DeviceId;
use sqlx::any::AnyRow;

use super::accounts::AccountState;
use super::columns::{Columns as _, time};
use super::institutions::{self, Institution};
use super::{Connection, StoreError, Transaction};

/// A key of a device, and whom it stands for.
#[derive(Debug, Clone)]
pub struct Key {
    /// SHA-256 of the SPKI.
    pub id: KeyId,
    /// SPKI, DER.
    pub spki: Vec<u8>,
    /// Where it stands in a rotation.
    pub state: KeyState,
    /// The device that holds it.
    pub device: DeviceId,
    /// The device was released from its account: new settings were issued, or the account revoked.
    pub released: bool,
    /// The account it is, or was, bound to.
    pub account: AccountId,
    /// State of the account.
    pub account_state: AccountState,
    /// The institution of the account.
    pub institution: Institution,
}

/// Where a key stands in a rotation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyState {
    /// The device's key.
    Current,
    /// Announced by a rotation; its first request makes it current.
    Next,
    /// Replaced.
    Retired,
}

/// A text is no state of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a key is current, next or retired")]
pub struct KeyStateError;

impl std::str::FromStr for KeyState {
    type Err = KeyStateError;

    fn from_str(text: &str) -> Result<Self, KeyStateError> {
        match text {
            "current" => Ok(Self::Current),
            "next" => Ok(Self::Next),
            "retired" => Ok(Self::Retired),
            _ => Err(KeyStateError),
        }
    }
}

/// The key of this name.
pub async fn find(connection: &mut Connection, key: &KeyId) -> Result<Option<Key>, StoreError> {
    let row = sqlx::query(
        "SELECT k.keyid, k.spki, k.state AS key_state, d.id AS device, d.released_at, a.id AS account, \
         a.state AS account_state, i.code, i.name, i.is_test, i.live_from, i.ended_on, i.visual, i.history, \
         i.idle_lock_seconds, i.settings_version + s.settings_version AS changes \
         FROM device_keys k JOIN devices d ON d.id = k.device JOIN accounts a ON a.id = d.account \
         JOIN institutions i ON i.code = a.institution CROSS JOIN service_settings s WHERE k.keyid = $1",
    )
    .bind(key.0.as_slice())
    .fetch_optional(connection)
    .await?;
    row.as_ref().map(read).transpose()
}

/// Adds the key of a device that has just been registered.
pub async fn add(
    transaction: &mut Transaction,
    device: &DeviceId,
    key: &PublicKey,
    now: UnixTime,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO device_keys (keyid, device, spki, state, added_at) VALUES ($1, $2, $3, 'current', $4)",
    )
    .bind(key.id().0.as_slice())
    .bind(device.to_string())
    .bind(key.spki())
    .bind(time(now)?)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// Locks a key that may still act for its device; `false` if it was retired meanwhile.
pub async fn lock(transaction: &mut Transaction, key: &KeyId) -> Result<bool, StoreError> {
    let locked = sqlx::query("UPDATE device_keys SET state = state WHERE keyid = $1 AND state = 'current'")
        .bind(key.0.as_slice())
        .execute(&mut **transaction)
        .await?;
    Ok(locked.rows_affected() == 1)
}

/// Announces the key that shall replace the device's present one; another one that was announced and never used is
/// retired. `false` if the key is known already as anything but this device's announced one.
pub async fn announce(
    transaction: &mut Transaction,
    device: &DeviceId,
    next: &PublicKey,
    now: UnixTime,
) -> Result<bool, StoreError> {
    let (device, id) = (device.to_string(), next.id());
    sqlx::query(
        "UPDATE device_keys SET state = 'retired', retired_at = $3 \
         WHERE device = $1 AND state = 'next' AND keyid <> $2",
    )
    .bind(&device)
    .bind(id.0.as_slice())
    .bind(time(now)?)
    .execute(&mut **transaction)
    .await?;
    let added = sqlx::query(
        "INSERT INTO device_keys (keyid, device, spki, state, added_at) VALUES ($1, $2, $3, 'next', $4) \
         ON CONFLICT (keyid) DO UPDATE SET added_at = device_keys.added_at \
         WHERE device_keys.device = $2 AND device_keys.state = 'next'",
    )
    .bind(id.0.as_slice())
    .bind(&device)
    .bind(next.spki())
    .bind(time(now)?)
    .execute(&mut **transaction)
    .await?;
    Ok(added.rows_affected() == 1)
}

/// Makes the announced key the device's own, and retires the old one with its challenges. Repeated it changes
/// nothing.
pub async fn promote(transaction: &mut Transaction, key: &Key, now: UnixTime) -> Result<(), StoreError> {
    // First the current key's row, as a rotation locks it: who waited for one judges what it left, not what was there
    // before. A statement that waits inside itself sees the other keys as they stood when it began.
    sqlx::query("UPDATE device_keys SET state = state WHERE device = $1 AND state = 'current'")
        .bind(key.device.to_string())
        .execute(&mut **transaction)
        .await?;
    let retired = sqlx::query(
        "UPDATE device_keys SET state = 'retired', retired_at = $3 \
         WHERE device = $1 AND state = 'current' AND EXISTS \
         (SELECT 1 FROM device_keys n WHERE n.keyid = $2 AND n.state = 'next')",
    )
    .bind(key.device.to_string())
    .bind(key.id.0.as_slice())
    .bind(time(now)?)
    .execute(&mut **transaction)
    .await?;
    if retired.rows_affected() == 0 {
        return Ok(());
    }
    sqlx::query(
        "UPDATE challenges SET state = 'retired' WHERE state IN ('open', 'claimed', 'named') AND keyid IN \
         (SELECT keyid FROM device_keys WHERE device = $1 AND state = 'retired')",
    )
    .bind(key.device.to_string())
    .execute(&mut **transaction)
    .await?;
    sqlx::query("UPDATE device_keys SET state = 'current' WHERE keyid = $1 AND state = 'next'")
        .bind(key.id.0.as_slice())
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

fn read(row: &AnyRow) -> Result<Key, StoreError> {
    Ok(Key {
        id: KeyId(row.exactly("keyid")?),
        spki: row.octets("spki")?,
        state: row.parsed("key_state")?,
        device: row.parsed("device")?,
        released: row.optional_time("released_at")?.is_some(),
        account: row.parsed("account")?,
        account_state: row.parsed("account_state")?,
        institution: institutions::read(row)?,
    })
}

#[cfg(test)]
mod tests {
    use shikaku::http::SoftwareKey;
    use shikaku::registration::Platform;
    use shikaku_test_database::on_both_engines;
    use sqlx::{Executor as _, Row as _};
    use zeroize::Zeroizing;

    use super::*;
    use crate::store::registrations::{self, NewDevice};
    use crate::store::{Engine, Store};

    const DEVICE: DeviceId = DeviceId([1; 16]);
    const NOW: UnixTime = UnixTime(1);

    fn public(octet: u8) -> PublicKey {
        SoftwareKey::from_random(&Zeroizing::new([octet; 32])).unwrap().public().clone()
    }

    /// A device with a current key and a next one.
    async fn with_keys(store: &Store, current: &PublicKey, next: &PublicKey) {
        let mut transaction = store.begin().await.unwrap();
        for statement in [
            "INSERT INTO institutions (code, name, is_test, created_at) VALUES ('1310112345', 'A', 0, 1)",
            "INSERT INTO accounts (id, institution, state, issued_at, changed_at) \
             VALUES ('W0000001', '1310112345', 'registered', 1, 1)",
        ] {
            transaction.execute(statement).await.unwrap();
        }
        let account = "W0000001".parse().unwrap();
        let (id, platform) = (DEVICE, Platform::Linux);
        let device =
            NewDevice { id, account: &account, name: "", platform, terms_version: 1, attestation: None };
        registrations::bind_device(&mut transaction, &device, NOW).await.unwrap();
        add(&mut transaction, &DEVICE, current, NOW).await.unwrap();
        assert!(announce(&mut transaction, &DEVICE, next, NOW).await.unwrap());
        transaction.commit().await.unwrap();
    }

    async fn found(store: &Store, key: &PublicKey) -> Key {
        find(&mut store.read().await.unwrap(), &key.id()).await.unwrap().unwrap()
    }

    async fn promoted(store: Store, key: Key) {
        let mut transaction = store.begin().await.unwrap();
        promote(&mut transaction, &key, NOW).await.unwrap();
        transaction.commit().await.unwrap();
    }

    /// Returns when somebody waits for a row. SQLite lets its writers wait before they begin.
    async fn until_one_waits(store: &Store) {
        let waiting = "SELECT COUNT(*) AS n FROM pg_locks WHERE NOT granted AND pid IN (SELECT pid FROM pg_locks \
                       WHERE database = (SELECT oid FROM pg_database WHERE datname = current_database()))";
        while store.engine() == Engine::Postgres {
            let row = store.read().await.unwrap().fetch_one(waiting).await.unwrap();
            if row.get::<i64, _>("n") > 0 {
                return;
            }
            tokio::task::yield_now().await;
        }
    }

    on_both_engines! {
        async fn a_next_key_used_while_another_replaces_it_strands_no_device(database: Database) {
            let store = Store::open(database.url()).await.unwrap();
            let (current, next, other) = (public(1), public(2), public(3));
            with_keys(&store, &current, &next).await;
            let mut rotation = store.begin().await.unwrap();
            assert!(lock(&mut rotation, &current.id()).await.unwrap());
            assert!(announce(&mut rotation, &DEVICE, &other, NOW).await.unwrap());
            let used = tokio::spawn(promoted(store.clone(), found(&store, &next).await));
            until_one_waits(&store).await;
            rotation.commit().await.unwrap();
            used.await.unwrap();
            assert_eq!(found(&store, &current).await.state, KeyState::Current);
            assert_eq!(found(&store, &next).await.state, KeyState::Retired);
            promoted(store.clone(), found(&store, &other).await).await;
            assert_eq!(found(&store, &other).await.state, KeyState::Current);
        }
    }
}
