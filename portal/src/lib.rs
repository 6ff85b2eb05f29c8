//! The service and its operators.
