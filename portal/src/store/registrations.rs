//! The statements of a registration: one transaction that a single device wins.

use shikaku::guide::Code;
use shikaku::identifier::AccountId;
use shikaku::instant::UnixTime;
use shikaku::registration::{DeviceId, Platform};

use super::columns::{Columns as _, time};
use super::{Connection, StoreError, Transaction};

/// A code that was used or has expired, still sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpentCode {
    /// [`crate::sealing::Place::SpentCode`].
    pub sealed: Vec<u8>,
    /// What became of it.
    pub reason: SpentReason,
}

/// What became of a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpentReason {
    /// A device was bound with it.
    Used,
    /// Its time was over.
    Expired,
}

/// A text is no reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a code is spent because it was used or has expired")]
pub struct SpentReasonError;

impl SpentReason {
    /// What the holder of the right code is told.
    pub const fn code(self) -> Code {
        match self {
            Self::Used => Code::RegistrationUsed,
            Self::Expired => Code::RegistrationExpired,
        }
    }

    const fn as_str(self) -> &'static str {
        match self {
            Self::Used => "used",
            Self::Expired => "expired",
        }
    }
}

impl std::str::FromStr for SpentReason {
    type Err = SpentReasonError;

    fn from_str(text: &str) -> Result<Self, SpentReasonError> {
        [Self::Used, Self::Expired].into_iter().find(|this| this.as_str() == text).ok_or(SpentReasonError)
    }
}

/// A device that is being bound.
#[derive(Debug)]
pub struct NewDevice<'a> {
    /// Its new name at the service.
    pub id: DeviceId,
    /// The account it is bound to.
    pub account: &'a AccountId,
    /// What the institution calls it.
    pub name: &'a str,
    /// What it runs on.
    pub platform: Platform,
    /// The terms that were consented to.
    pub terms_version: u32,
    /// What its key store said of its key, as received: JSON.
    pub attestation: Option<&'a [u8]>,
}

/// The spent codes of an account, the newest first.
pub async fn spent_codes(
    connection: &mut Connection,
    account: &AccountId,
) -> Result<Vec<SpentCode>, StoreError> {
    let rows = sqlx::query(
        "SELECT sealed, reason FROM spent_codes WHERE account = $1 ORDER BY spent_at DESC LIMIT 8",
    )
    .bind(account.as_str())
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| Ok(SpentCode { sealed: row.octets("sealed")?, reason: row.parsed("reason")? }))
        .collect()
}

/// Uses up exactly this live code of an account; `false` if somebody else was first or another one was issued.
pub async fn use_code(
    transaction: &mut Transaction,
    account: &AccountId,
    sealed: &[u8],
) -> Result<bool, StoreError> {
    let used = sqlx::query("DELETE FROM registration_codes WHERE account = $1 AND sealed = $2")
        .bind(account.as_str())
        .bind(sealed)
        .execute(&mut **transaction)
        .await?;
    Ok(used.rows_affected() == 1)
}

/// Remembers a spent code until `forget_at`, so that its holder learns what became of it.
pub async fn remember_spent(
    transaction: &mut Transaction,
    account: &AccountId,
    code: &SpentCode,
    now: UnixTime,
    forget_at: UnixTime,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO spent_codes (account, spent_at, sealed, reason, forget_at) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (account, spent_at) DO UPDATE SET sealed = excluded.sealed, reason = excluded.reason, \
         forget_at = excluded.forget_at",
    )
    .bind(account.as_str())
    .bind(time(now)?)
    .bind(code.sealed.as_slice())
    .bind(code.reason.as_str())
    .bind(time(forget_at)?)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// Forgets dead codes whose time is over; answers how many.
pub async fn forget_spent(transaction: &mut Transaction, now: UnixTime) -> Result<u64, StoreError> {
    let forgotten = sqlx::query("DELETE FROM spent_codes WHERE forget_at <= $1")
        .bind(time(now)?)
        .execute(&mut **transaction)
        .await?;
    Ok(forgotten.rows_affected())
}

/// Adds a device, bound to its account. A device that is bound already refuses it by
/// [`super::Constraint::OneBoundDevice`].
pub async fn bind_device(
    transaction: &mut Transaction,
    device: &NewDevice<'_>,
    now: UnixTime,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO devices (id, account, name, platform, terms_version, attestation, registered_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(device.id.to_string())
    .bind(device.account.as_str())
    .bind(device.name)
    .bind(platform(device.platform))
    .bind(i64::from(device.terms_version))
    .bind(device.attestation)
    .bind(time(now)?)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

const fn platform(platform: Platform) -> &'static str {
    match platform {
        Platform::Android => "android",
        Platform::Ios => "ios",
        Platform::Windows => "windows",
        Platform::Macos => "macos",
        Platform::Linux => "linux",
    }
}
