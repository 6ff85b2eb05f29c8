//! The answer (資格情報) and its exports.
