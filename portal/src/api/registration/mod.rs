//! `POST /v1/registrations/nonce` and `POST /v1/registrations`: a device is bound to an account (初期登録).

mod bind;
mod nonce;
mod proof;
mod register;
mod tell;

pub(crate) use nonce::NonceKey;
pub(in crate::api) use nonce::{__path_nonce, nonce};
pub(in crate::api) use register::{__path_register, register};
