//! Certificates of the card: profile, chain to pinned roots, revocation.
