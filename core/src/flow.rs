//! What is on the screen and what may be done next, as a pure state machine.
