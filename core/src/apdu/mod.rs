//! Command and response APDUs, status words, and the only printer of bytes (it masks).
