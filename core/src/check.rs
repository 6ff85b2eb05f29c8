//! A check: challenge, tap, signed check, answer, as pure steps and the types that cross the wire.
