//! Drives the signed requests over HTTPS with reqwest and our own roots.
