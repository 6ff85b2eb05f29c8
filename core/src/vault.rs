//! Sealed state on the device: AES-256-GCM, two generations.
