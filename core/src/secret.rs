//! Secrets: redacted, wiped, neither cloned nor serialised.
