//! 資格確認アカウント: one per device, and the registration code by which a device is bound to it.
//!
//! States: 発行済 → 登録済 → 停止 ⇄ 登録済 → 失効. Every change is a conditional `UPDATE`: who finds the account in
//! another state has come too late.

use core::fmt;
use core::str::FromStr;

use shikaku::identifier::{AccountId, InstitutionCode};
use shikaku::instant::UnixTime;
use sqlx::any::AnyRow;

use super::columns::{Columns as _, time};
use super::{Connection, StoreError};

/// Where an account stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum AccountState {
    /// 発行済: has a registration code, no device yet.
    Issued,
    /// 登録済: a device is bound.
    Registered,
    /// 停止.
    Suspended,
    /// 失効: for good.
    Revoked,
}

/// An account as stored.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Account {
    /// `W` and seven digits.
    pub id: AccountId,
    /// Whose it is.
    pub institution: InstitutionCode,
    /// What the institution calls it.
    pub name: String,
    /// Where its device stands.
    pub place: String,
    /// Where it stands.
    pub state: AccountState,
    /// When it was issued.
    pub issued_at: UnixTime,
    /// When its state last changed.
    pub changed_at: UnixTime,
}

/// The live registration code of an account, still sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedCode {
    /// [`crate::sealing::Place::RegistrationCode`].
    pub sealed: Vec<u8>,
    /// When it was issued.
    pub issued_at: UnixTime,
    /// From when on it is dead.
    pub expires_at: UnixTime,
}

impl AccountState {
    /// As the column has it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Issued => "issued",
            Self::Registered => "registered",
            Self::Suspended => "suspended",
            Self::Revoked => "revoked",
        }
    }

    /// As the portal's screens have it.
    pub const fn label_ja(self) -> &'static str {
        match self {
            Self::Issued => "発行済",
            Self::Registered => "登録済",
            Self::Suspended => "停止",
            Self::Revoked => "失効",
        }
    }
}

impl fmt::Display for AccountState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text is no state of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an account is issued, registered, suspended or revoked")]
pub struct AccountStateError;

impl FromStr for AccountState {
    type Err = AccountStateError;

    fn from_str(text: &str) -> Result<Self, AccountStateError> {
        [Self::Issued, Self::Registered, Self::Suspended, Self::Revoked]
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or(AccountStateError)
    }
}

/// The account with this id.
pub async fn find(connection: &mut Connection, id: &AccountId) -> Result<Option<Account>, StoreError> {
    let row = sqlx::query("SELECT * FROM accounts WHERE id = $1")
        .bind(id.as_str())
        .fetch_optional(connection)
        .await?;
    row.as_ref().map(read).transpose()
}

/// An institution's accounts, or all, in order of their ids.
pub async fn all(
    connection: &mut Connection,
    institution: Option<&InstitutionCode>,
) -> Result<Vec<Account>, StoreError> {
    let rows = match institution {
        Some(code) => {
            sqlx::query("SELECT * FROM accounts WHERE institution = $1 ORDER BY id")
                .bind(code.as_str())
                .fetch_all(connection)
                .await?
        }
        None => sqlx::query("SELECT * FROM accounts ORDER BY id").fetch_all(connection).await?,
    };
    rows.iter().map(read).collect()
}

/// Makes an account with the next free id, in state 発行済.
pub async fn add(
    connection: &mut Connection,
    institution: &InstitutionCode,
    name: &str,
    place: &str,
    now: UnixTime,
) -> Result<AccountId, StoreError> {
    let row =
        sqlx::query("UPDATE service_settings SET last_account = last_account + 1 RETURNING last_account")
            .fetch_one(&mut *connection)
            .await?;
    let number = u32::try_from(row.number("last_account")?).map_err(|_| StoreError::Range)?;
    let id = AccountId::from_number(number).ok_or(StoreError::Range)?;
    sqlx::query(
        "INSERT INTO accounts (id, institution, name, place, state, issued_at, changed_at) \
         VALUES ($1, $2, $3, $4, 'issued', $5, $5)",
    )
    .bind(id.as_str())
    .bind(institution.as_str())
    .bind(name)
    .bind(place)
    .bind(time(now)?)
    .execute(connection)
    .await?;
    Ok(id)
}

/// Moves an account from one state to another and locks it; `false` if it is not, or no longer, in the first.
pub async fn change_state(
    connection: &mut Connection,
    id: &AccountId,
    from: AccountState,
    to: AccountState,
    now: UnixTime,
) -> Result<bool, StoreError> {
    let done = sqlx::query("UPDATE accounts SET state = $3, changed_at = $4 WHERE id = $1 AND state = $2")
        .bind(id.as_str())
        .bind(from.as_str())
        .bind(to.as_str())
        .bind(time(now)?)
        .execute(connection)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Locks an account until the transaction ends and answers it as it now is.
pub async fn lock(connection: &mut Connection, id: &AccountId) -> Result<Option<Account>, StoreError> {
    let row = sqlx::query("UPDATE accounts SET state = state WHERE id = $1 RETURNING *")
        .bind(id.as_str())
        .fetch_optional(connection)
        .await?;
    row.as_ref().map(read).transpose()
}

/// Releases the device bound to an account, if one is, and retires its challenges.
pub async fn release_device(
    connection: &mut Connection,
    id: &AccountId,
    now: UnixTime,
) -> Result<(), StoreError> {
    retire_challenges(connection, id).await?;
    sqlx::query("UPDATE devices SET released_at = $2 WHERE account = $1 AND released_at IS NULL")
        .bind(id.as_str())
        .bind(time(now)?)
        .execute(connection)
        .await?;
    Ok(())
}

/// Retires the challenges of the device bound to an account, claimed ones too: what a source still answers is told to
/// nobody then.
pub async fn retire_challenges(connection: &mut Connection, id: &AccountId) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE challenges SET state = 'retired' WHERE state IN ('open', 'claimed', 'named') AND keyid IN \
         (SELECT k.keyid FROM device_keys k JOIN devices d ON d.id = k.device WHERE d.account = $1 AND d.released_at IS NULL)",
    )
    .bind(id.as_str())
    .execute(connection)
    .await?;
    Ok(())
}

/// The live code of an account, sealed. It may have expired and not been swept yet.
pub async fn code(connection: &mut Connection, id: &AccountId) -> Result<Option<SealedCode>, StoreError> {
    let row = sqlx::query("SELECT sealed, issued_at, expires_at FROM registration_codes WHERE account = $1")
        .bind(id.as_str())
        .fetch_optional(connection)
        .await?;
    row.map(|row| {
        Ok(SealedCode {
            sealed: row.octets("sealed")?,
            issued_at: row.time("issued_at")?,
            expires_at: row.time("expires_at")?,
        })
    })
    .transpose()
}

/// Accounts whose code has expired and lies there still, a thousand at most.
pub async fn with_expired_code(
    connection: &mut Connection,
    now: UnixTime,
) -> Result<Vec<AccountId>, StoreError> {
    let rows = sqlx::query("SELECT account FROM registration_codes WHERE expires_at <= $1 LIMIT 1000")
        .bind(time(now)?)
        .fetch_all(connection)
        .await?;
    rows.iter().map(|row| row.parsed("account")).collect()
}

/// Puts a code in place of whatever code the account has.
pub async fn put_code(
    connection: &mut Connection,
    id: &AccountId,
    code: &SealedCode,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO registration_codes (account, sealed, issued_at, expires_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (account) DO UPDATE SET sealed = excluded.sealed, issued_at = excluded.issued_at, \
         expires_at = excluded.expires_at",
    )
    .bind(id.as_str())
    .bind(code.sealed.as_slice())
    .bind(time(code.issued_at)?)
    .bind(time(code.expires_at)?)
    .execute(connection)
    .await?;
    Ok(())
}

/// Erases the code of an account; `false` if somebody else was first.
pub async fn erase_code(connection: &mut Connection, id: &AccountId) -> Result<bool, StoreError> {
    let done = sqlx::query("DELETE FROM registration_codes WHERE account = $1")
        .bind(id.as_str())
        .execute(connection)
        .await?;
    Ok(done.rows_affected() == 1)
}

fn read(row: &AnyRow) -> Result<Account, StoreError> {
    let institution = InstitutionCode::admitted(&row.text("institution")?)
        .map_err(|_| StoreError::Damaged("institution"))?;
    Ok(Account {
        id: row.parsed("id")?,
        institution,
        name: row.text("name")?,
        place: row.text("place")?,
        state: row.parsed("state")?,
        issued_at: row.time("issued_at")?,
        changed_at: row.time("changed_at")?,
    })
}

#[cfg(test)]
mod tests {
    use shikaku_test_database::on_both_engines;

    use super::*;
    use crate::store::Store;
    use crate::store::institutions::{self, NewInstitution};

    async fn with_institution(url: &str) -> (Store, InstitutionCode) {
        let store = Store::open(url).await.unwrap();
        let code: InstitutionCode = "1310112345".parse().unwrap();
        let mut transaction = store.begin().await.unwrap();
        let new = NewInstitution { code: code.clone(), name: "青葉医院".to_owned() };
        institutions::add(&mut transaction, &new, UnixTime(1)).await.unwrap();
        transaction.commit().await.unwrap();
        (store, code)
    }

    on_both_engines! {
        async fn accounts_are_numbered_without_gap_or_double(database: Database) {
            let (store, code) = with_institution(database.url()).await;
            let mut issuers = tokio::task::JoinSet::new();
            for _ in 0..12 {
                let (store, code) = (store.clone(), code.clone());
                issuers.spawn(async move {
                    let mut transaction = store.begin().await.unwrap();
                    let id = add(&mut transaction, &code, "受付", "", UnixTime(1)).await.unwrap();
                    transaction.commit().await.unwrap();
                    id
                });
            }
            let mut ids: Vec<_> = issuers.join_all().await;
            ids.sort();
            let due: Vec<_> = (1..=12).map(|number| AccountId::from_number(number).unwrap()).collect();
            assert_eq!(ids, due);
        }

        async fn of_two_who_change_a_state_one_comes_too_late(database: Database) {
            let (store, code) = with_institution(database.url()).await;
            let mut transaction = store.begin().await.unwrap();
            let id = add(&mut transaction, &code, "", "", UnixTime(1)).await.unwrap();
            transaction.commit().await.unwrap();
            let mut racers = tokio::task::JoinSet::new();
            for _ in 0..8 {
                let (store, id) = (store.clone(), id.clone());
                racers.spawn(async move {
                    let mut transaction = store.begin().await.unwrap();
                    let (from, to) = (AccountState::Issued, AccountState::Registered);
                    let won = change_state(&mut transaction, &id, from, to, UnixTime(2)).await.unwrap();
                    transaction.commit().await.unwrap();
                    won
                });
            }
            assert_eq!(racers.join_all().await.into_iter().filter(|won| *won).count(), 1);
        }

        async fn a_new_code_takes_the_place_of_the_old_one(database: Database) {
            let (store, code) = with_institution(database.url()).await;
            let mut transaction = store.begin().await.unwrap();
            let id = add(&mut transaction, &code, "", "", UnixTime(1)).await.unwrap();
            let code_of = |sealed: &[u8]| {
                SealedCode { sealed: sealed.to_vec(), issued_at: UnixTime(1), expires_at: UnixTime(9) }
            };
            put_code(&mut transaction, &id, &code_of(b"old")).await.unwrap();
            put_code(&mut transaction, &id, &code_of(b"new")).await.unwrap();
            assert_eq!(super::code(&mut transaction, &id).await.unwrap(), Some(code_of(b"new")));
            assert!(erase_code(&mut transaction, &id).await.unwrap());
            assert!(!erase_code(&mut transaction, &id).await.unwrap());
            assert_eq!(super::code(&mut transaction, &id).await.unwrap(), None);
        }
    }
}
