//! Checkpoints: where every chain stands, signed by the service key, to be kept off the machine.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use shikaku::http::{PublicKey, Signer, SignerFault};
use shikaku::instant::UnixTime;
use shikaku::jws::{self, JwsError};

use crate::store::columns::{Columns as _, time};
use crate::store::{Store, StoreError};

/// `typ` of the JWS.
const TYPE: &str = "shikaku-audit-checkpoint+jws";

/// Where every chain stood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Checkpoint {
    /// When it was taken.
    pub at: UnixTime,
    /// One per node.
    pub chains: Vec<ChainEnd>,
}

/// The end of one chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChainEnd {
    /// The node.
    pub node: String,
    /// Rows so far.
    pub sequence: u64,
    /// Hash of the last one.
    #[serde(with = "shikaku::identifier::octets")]
    pub hash: [u8; 32],
}

/// Why a checkpoint was not taken or not believed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CheckpointError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The service key did not sign.
    #[error(transparent)]
    Signer(#[from] SignerFault),
    /// The text is no checkpoint of this service.
    #[error("this is not a checkpoint that this service signed: {0}")]
    Signature(#[from] JwsError),
    /// Signed by this service, but not readable as a checkpoint.
    #[error("the checkpoint is malformed")]
    Form(#[from] serde_json::Error),
}

/// Signs where every chain stands and keeps a copy; answers the JWS that is to leave the machine.
pub async fn take(store: &Store, service_key: &dyn Signer, now: UnixTime) -> Result<String, CheckpointError> {
    let mut transaction = store.begin().await?;
    let rows = sqlx::query(
        "SELECT a.node, a.sequence, a.hash FROM audit a WHERE a.sequence = \
         (SELECT MAX(b.sequence) FROM audit b WHERE b.node = a.node) ORDER BY a.node",
    )
    .fetch_all(&mut *transaction)
    .await
    .map_err(StoreError::from)?;
    let end = |row| -> Result<ChainEnd, StoreError> {
        let row: &sqlx::any::AnyRow = row;
        Ok(ChainEnd {
            node: row.text("node")?,
            sequence: row.number("sequence")?,
            hash: row.exactly("hash")?,
        })
    };
    let chains = rows.iter().map(end).collect::<Result<_, _>>()?;
    let signed = jws::sign(TYPE, &serde_json::to_vec(&Checkpoint { at: now, chains })?, service_key)?;
    sqlx::query(
        "INSERT INTO checkpoints (sha256, at, signed) VALUES ($1, $2, $3) ON CONFLICT (sha256) DO NOTHING",
    )
    .bind(Sha256::digest(&signed).as_slice())
    .bind(time(now)?)
    .bind(&signed)
    .execute(&mut *transaction)
    .await
    .map_err(StoreError::from)?;
    transaction.commit().await?;
    Ok(signed)
}

impl Checkpoint {
    /// Reads a checkpoint that one of the service's keys signed.
    pub fn verify(text: &str, service_keys: &[PublicKey]) -> Result<Self, CheckpointError> {
        let verified = jws::verify(text.trim_end(), TYPE, service_keys)?;
        Ok(serde_json::from_slice(&verified.payload)?)
    }
}
