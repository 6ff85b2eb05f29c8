//! The core through uniffi: mirrors of its types, and nothing that decides.
//!
//! One object a tap; the shell pumps bytes. Everything that can go wrong comes back as data with a code of
//! the guide, never as a panic.

mod ccid;
#[cfg(feature = "replay")]
mod replay;
mod tap;

uniffi::setup_scaffolding!();
