//! The audit: append-only rows, one hash chain per node, checkpoints that leave the machine.
//!
//! A row holds no name of a patient, no PIN, no certificate and no insurance number. On PostgreSQL the service's
//! role cannot change rows; on SQLite triggers refuse it, which is weaker. Rows cut off at the end show only against
//! a [`Checkpoint`] that was kept elsewhere.

mod chain;
mod checkpoint;
mod list;
mod verify;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use shikaku::instant::UnixTime;
use zeroize::Zeroizing;

use crate::failpoint::fail_point;
use crate::store::columns::{Columns as _, number, time};
use crate::store::{StoreError, Transaction};

pub use checkpoint::{ChainEnd, Checkpoint, CheckpointError, take as take_checkpoint};
pub use list::{VisualRow, visual_checks};
pub use verify::{ChainReport, Flaw, Report, verify};

/// Outcome of the row that is written before a remote source is asked. The row that closes the claim has the outcome's
/// own code, as the row of any check.
pub const ASKED: &str = "asked";
/// Outcome of the row that the first step of a visual check writes: the name was shown, and nothing else of the person.
pub const NAME_SHOWN: &str = "name-shown";
/// Outcome of the row that gives a claim up which nobody resumed: what the source may have answered was told to nobody,
/// but for the name where a [`NAME_SHOWN`] of the same challenge stands before it.
pub const ABANDONED: &str = "abandoned";

/// Name of a service node, 16 hexadecimal digits: its rows form a chain of their own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(String);

/// The key under which certificates are hashed, so that the audit names a card without telling whose it is.
pub struct AuditKey(Zeroizing<[u8; 32]>);

/// What happened. Fields that a row has no value for stay empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry<'a> {
    /// When, by the service's clock.
    pub at: UnixTime,
    /// The device's id, or the account's where there is no device.
    pub device: &'a str,
    /// 医療機関コード.
    pub institution: &'a str,
    /// Staff member, if the request named one; the operator for an operator's act.
    pub staff: &'a str,
    /// `pin`, `visual`, `registration`, `operator`, `calendar` for what happens by itself on its day …
    pub mode: &'a str,
    /// The challenge's id.
    pub challenge: &'a [u8],
    /// The outcome's code.
    pub outcome: &'a str,
    /// [`AuditKey::certificate_hash`].
    pub certificate_hash: &'a [u8],
    /// SHA-256 of the request's body.
    pub request_sha256: &'a [u8],
    /// SHA-256 of the answer's body.
    pub answer_sha256: &'a [u8],
    /// `live` or `trial` (運用テスト).
    pub phase: &'a str,
}

impl NodeId {
    /// A name from 8 random octets.
    pub fn from_random(octets: [u8; 8]) -> Self {
        Self(format!("{:016x}", u64::from_be_bytes(octets)))
    }

    /// Reads the 16 digits.
    pub fn parse(text: &str) -> Option<Self> {
        let is_digit = |b: u8| matches!(b, b'0'..=b'9' | b'a'..=b'f');
        (text.len() == 16 && text.bytes().all(is_digit)).then(|| Self(text.to_owned()))
    }

    /// The 16 digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl AuditKey {
    /// A key from 32 random octets.
    pub const fn new(octets: Zeroizing<[u8; 32]>) -> Self {
        Self(octets)
    }

    /// HMAC-SHA-256 of a certificate (DER): the same card gives the same hash, and without the key nobody can try.
    pub fn certificate_hash(&self, certificate: &[u8]) -> [u8; 32] {
        // HMAC takes keys of any length; the other arm cannot be reached.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&*self.0) else { return [0; 32] };
        mac.update(certificate);
        mac.finalize().into_bytes().into()
    }
}

impl std::fmt::Debug for AuditKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AuditKey(not shown)")
    }
}

impl<'a> Entry<'a> {
    /// An entry of which nothing is known but when, how and what.
    pub const fn new(at: UnixTime, mode: &'a str, outcome: &'a str) -> Self {
        Self {
            at,
            device: "",
            institution: "",
            staff: "",
            mode,
            challenge: &[],
            outcome,
            certificate_hash: &[],
            request_sha256: &[],
            answer_sha256: &[],
            phase: "",
        }
    }
}

/// Adds a row to the chain of `node`, in the caller's transaction; call it last, all writers of the node wait here.
///
/// Answers the row's place in the chain, counted from 1.
pub async fn append(
    transaction: &mut Transaction,
    node: &NodeId,
    entry: &Entry<'_>,
) -> Result<u64, StoreError> {
    let (sequence, previous) = lock_head(transaction, node).await?;
    fail_point!("audit-head-locked");
    let hash = chain::next(&previous, entry);
    let place = number(sequence)?;
    sqlx::query(
        "INSERT INTO audit (node, sequence, at, device, institution, staff, mode, challenge, outcome, \
         certificate_hash, request_sha256, answer_sha256, phase, hash) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
    )
    .bind(node.as_str())
    .bind(place)
    .bind(time(entry.at)?)
    .bind(entry.device)
    .bind(entry.institution)
    .bind(entry.staff)
    .bind(entry.mode)
    .bind(entry.challenge)
    .bind(entry.outcome)
    .bind(entry.certificate_hash)
    .bind(entry.request_sha256)
    .bind(entry.answer_sha256)
    .bind(entry.phase)
    .bind(hash.as_slice())
    .execute(&mut **transaction)
    .await?;
    fail_point!("audit-row-written");
    sqlx::query("UPDATE audit_heads SET hash = $2 WHERE node = $1")
        .bind(node.as_str())
        .bind(hash.as_slice())
        .execute(&mut **transaction)
        .await?;
    fail_point!("audit-head-moved");
    Ok(sequence)
}

/// Takes the next place of the chain and locks its head until the transaction ends.
async fn lock_head(transaction: &mut Transaction, node: &NodeId) -> Result<(u64, [u8; 32]), StoreError> {
    for _ in 0..2 {
        let head = sqlx::query(
            "UPDATE audit_heads SET sequence = sequence + 1 WHERE node = $1 RETURNING sequence, hash",
        )
        .bind(node.as_str())
        .fetch_optional(&mut **transaction)
        .await?;
        if let Some(head) = head {
            return Ok((head.number("sequence")?, head.exactly("hash")?));
        }
        sqlx::query(
            "INSERT INTO audit_heads (node, sequence, hash) VALUES ($1, 0, $2) ON CONFLICT (node) DO NOTHING",
        )
        .bind(node.as_str())
        .bind(chain::genesis(node.as_str()).as_slice())
        .execute(&mut **transaction)
        .await?;
    }
    Err(StoreError::Damaged("audit_heads"))
}

#[cfg(test)]
mod tests;
