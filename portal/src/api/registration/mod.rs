//! `POST /v1/registrations/nonce` and `POST /v1/registrations`: a device is bound to an account (初期登録).

mod bind;
mod nonce;
mod proof;
mod register;
mod tell;

use serde::de::DeserializeOwned;
use shikaku::http::Request;
use shikaku::instant::UnixTime;

use super::exchange::read_body;
use super::refusal::Refusal;
use crate::limits::{Peer, Quota};

pub(crate) use nonce::NonceKey;
pub(in crate::api) use nonce::{__path_nonce, nonce};
pub(in crate::api) use register::{__path_register, register};

/// What a request of somebody who is not registered begins with: the quota of his address, the body.
fn begin<T: DeserializeOwned>(
    request: &Request,
    quota: &Quota<Peer>,
    peer: Peer,
    now: UnixTime,
) -> Result<T, Refusal> {
    quota.take(peer, now)?;
    read_body(request)
}
