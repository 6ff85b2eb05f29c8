//! The stepper: a tap as data.
