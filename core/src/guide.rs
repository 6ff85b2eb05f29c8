//! Every code: what it means and what the staff does next, in Japanese and English.
