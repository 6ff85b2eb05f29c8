//! Nothing here: the tests lie in `tests/`.
