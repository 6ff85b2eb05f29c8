//! Qualification check with a My Number Card (マイナンバーカードによる資格確認).
//!
//! The core holds everything that decides: the card's dialogue, the signed check, the registration
//! of a device, the answer and its exports. It touches no socket (but behind the feature `client`),
//! no file, no clock and no randomness: shells hand those in, so that a recorded tap replays byte
//! for byte. `ARCHITECTURE.md` says which room may use which.

pub mod apdu;
pub mod card;
pub mod ccid;
pub mod certificate;
pub mod check;
#[cfg(feature = "client")]
pub mod client;
pub mod evidence;
pub mod flow;
pub mod guide;
pub mod http;
pub mod identifier;
pub mod instant;
pub mod jws;
pub mod photo;
pub mod qualification;
pub mod registration;
#[cfg(feature = "replay")]
pub mod replay;
pub mod secret;
pub mod settings;
pub mod tap;
#[cfg(feature = "client")]
pub mod terminal;
pub mod terms;
pub mod transcript;
pub mod trust;
pub mod vault;
