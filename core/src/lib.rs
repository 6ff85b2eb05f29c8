//! Qualification check with a My Number Card.
