//! The core through uniffi.
uniffi::setup_scaffolding!();
