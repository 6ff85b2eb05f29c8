//! Attacks and accidents against the running service: real TLS, real signatures, a virtual card, both engines.
//!
//! Every test starts a service of its own on an empty database. What comes back is believed only with the service's
//! signature, as a device would.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "all of this is a test, and a test that fails says so by panicking"
)]

mod device;
mod face;
mod hostile;
mod process;
mod site;

mod accounts;
mod captive;
mod cards;
mod checks;
mod kill;
mod openapi;
mod quotas;
mod registration;
mod replay;
mod revocation;
mod rotation;
mod signatures;
mod sizes;
mod source;
mod terminal;
mod terminal_visual;
mod tls;
mod visual;
mod visual_attacks;
