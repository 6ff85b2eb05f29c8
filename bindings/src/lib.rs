//! The core through uniffi: mirrors of its types, and nothing that decides.
//!
//! A `Terminal` is the device as a whole; one `Tap` a card; the shell pumps octets.
//! Everything that can go wrong comes back as data with a code of the guide, never as a panic.

mod call;
mod ccid;
mod platform;
#[cfg(feature = "replay")]
mod replay;
mod screen;
mod shelter;
mod tap;
mod terminal;
mod wiping;

uniffi::setup_scaffolding!();
