//! The card: one profile table, and the dialogue of each application.
