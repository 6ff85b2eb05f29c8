//! Walks the chains and names the first row that does not fit.

use core::fmt;

use sqlx::any::AnyRow;

use super::checkpoint::Checkpoint;
use super::{Entry, chain};
use crate::store::columns::{Columns as _, number};
use crate::store::{Connection, Store, StoreError};

/// Rows read at a time.
const PAGE: i64 = 2000;

/// What the walk found, one report per node.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Report {
    /// In order of the nodes' names.
    pub chains: Vec<ChainReport>,
}

/// One node's chain.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct ChainReport {
    /// The node.
    pub node: String,
    /// Rows that fit, counted from the first.
    pub good_rows: u64,
    /// The first thing that does not fit.
    pub flaw: Option<Flaw>,
}

/// What does not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Flaw {
    /// The row at this place is missing; there are later ones.
    Missing {
        /// Place in the chain, from 1.
        sequence: u64,
    },
    /// This row, or the hash of the row before it, was changed.
    Changed {
        /// Place in the chain, from 1.
        sequence: u64,
    },
    /// The chain is shorter than a checkpoint says: rows were cut off at its end.
    CutOff {
        /// The last place that the checkpoint knows.
        sequence: u64,
    },
    /// The chain has this row, but not with the hash that a checkpoint knows: it was written anew.
    Rewritten {
        /// The place that the checkpoint knows.
        sequence: u64,
    },
}

impl Report {
    /// Whether every chain is whole.
    pub fn is_whole(&self) -> bool {
        self.chains.iter().all(|chain| chain.flaw.is_none())
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { sequence } => write!(f, "row {sequence} is missing"),
            Self::Changed { sequence } => write!(f, "row {sequence} was changed"),
            Self::CutOff { sequence } => write!(f, "the chain ends before row {sequence} of the checkpoint"),
            Self::Rewritten { sequence } => write!(f, "row {sequence} is not the one of the checkpoint"),
        }
    }
}

/// Walks every chain; `checkpoints` were verified before and say how far each chain must reach at least.
pub async fn verify(store: &Store, checkpoints: &[Checkpoint]) -> Result<Report, StoreError> {
    let mut reader = store.read().await?;
    let mut chains = Vec::new();
    for node in nodes(&mut reader, checkpoints).await? {
        let known: Vec<_> = checkpoints
            .iter()
            .flat_map(|checkpoint| &checkpoint.chains)
            .filter(|end| end.node == node)
            .map(|end| (end.sequence, end.hash))
            .collect();
        chains.push(walk(&mut reader, node, &known).await?);
    }
    Ok(Report { chains })
}

async fn nodes(connection: &mut Connection, checkpoints: &[Checkpoint]) -> Result<Vec<String>, StoreError> {
    let rows = sqlx::query("SELECT DISTINCT node FROM audit").fetch_all(connection).await?;
    let mut nodes: Vec<_> = rows.iter().map(|row| row.text("node")).collect::<Result<_, _>>()?;
    nodes.extend(checkpoints.iter().flat_map(|checkpoint| &checkpoint.chains).map(|end| end.node.clone()));
    nodes.sort();
    nodes.dedup();
    Ok(nodes)
}

async fn walk(
    connection: &mut Connection,
    node: String,
    known: &[(u64, [u8; 32])],
) -> Result<ChainReport, StoreError> {
    let mut hash = chain::genesis(&node);
    let mut good_rows = 0;
    loop {
        let page = page(connection, &node, good_rows).await?;
        if page.is_empty() {
            let flaw = known.iter().map(|end| end.0).filter(|sequence| *sequence > good_rows).min();
            let flaw = flaw.map(|sequence| Flaw::CutOff { sequence });
            return Ok(ChainReport { node, good_rows, flaw });
        }
        for row in page {
            let flaw = match judge(&row, good_rows + 1, &hash, known)? {
                Ok(next) => {
                    hash = next;
                    good_rows += 1;
                    continue;
                }
                Err(flaw) => flaw,
            };
            return Ok(ChainReport { node, good_rows, flaw: Some(flaw) });
        }
    }
}

async fn page(connection: &mut Connection, node: &str, after: u64) -> Result<Vec<AnyRow>, StoreError> {
    let page =
        sqlx::query("SELECT * FROM audit WHERE node = $1 AND sequence > $2 ORDER BY sequence LIMIT $3")
            .bind(node)
            .bind(number(after)?)
            .bind(PAGE)
            .fetch_all(connection)
            .await?;
    Ok(page)
}

/// The row's hash if it is the one due at `sequence` behind `previous`.
fn judge(
    row: &AnyRow,
    sequence: u64,
    previous: &[u8; 32],
    known: &[(u64, [u8; 32])],
) -> Result<Result<[u8; 32], Flaw>, StoreError> {
    if row.number("sequence")? != sequence {
        return Ok(Err(Flaw::Missing { sequence }));
    }
    let texts = ["device", "institution", "staff", "mode", "outcome", "phase"];
    let [device, institution, staff, mode, outcome, phase] = &texts.map(|column| row.text(column));
    let octets = ["challenge", "certificate_hash", "request_sha256", "answer_sha256"];
    let [challenge, certificate_hash, request_sha256, answer_sha256] =
        &octets.map(|column| row.octets(column));
    let (Ok(device), Ok(institution), Ok(staff), Ok(mode), Ok(outcome), Ok(phase)) =
        (device, institution, staff, mode, outcome, phase)
    else {
        return Ok(Err(Flaw::Changed { sequence }));
    };
    let (Ok(challenge), Ok(certificate_hash), Ok(request_sha256), Ok(answer_sha256), Ok(at)) =
        (challenge, certificate_hash, request_sha256, answer_sha256, row.time("at"))
    else {
        return Ok(Err(Flaw::Changed { sequence }));
    };
    let entry = Entry {
        at,
        device,
        institution,
        staff,
        mode,
        challenge,
        outcome,
        certificate_hash,
        request_sha256,
        answer_sha256,
        phase,
    };
    let due = chain::next(previous, &entry);
    if row.octets("hash")? != due {
        return Ok(Err(Flaw::Changed { sequence }));
    }
    if known.iter().any(|(place, hash)| *place == sequence && *hash != due) {
        return Ok(Err(Flaw::Rewritten { sequence }));
    }
    Ok(Ok(due))
}
