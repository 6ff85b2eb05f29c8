//! Commands, responses, status words, and the only printer of their bytes.
