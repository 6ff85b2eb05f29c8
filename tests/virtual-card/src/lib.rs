//! A My Number Card in software.
