//! Every code: what it means and what the staff does next, in Japanese and English.
//!
//! Wherever something ends otherwise than well (at the card, on the network, at the service, in the
//! answer) it ends in a [`Code`], and each code has one [`Guide`]. `docs/codes.md` is written from here.

mod answer;
mod card;
mod certificate;
mod code;
mod handbook;
mod network;
mod pin;
mod reader;
mod registration;
mod service;
mod settings;
mod state;

pub use code::{Code, UnknownCode};
pub use handbook::handbook;

/// What a code means and what the staff does next. Sentences, ready for the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Guide {
    /// What happened, in Japanese, as staff speak of it.
    pub cause_ja: &'static str,
    /// What to do next, in Japanese.
    pub remedy_ja: &'static str,
    /// What happened, in English.
    pub cause_en: &'static str,
    /// What to do next, in English.
    pub remedy_en: &'static str,
}

/// A guide, its four sentences in the order of the fields.
const fn says(
    cause_ja: &'static str,
    remedy_ja: &'static str,
    cause_en: &'static str,
    remedy_en: &'static str,
) -> Guide {
    Guide { cause_ja, remedy_ja, cause_en, remedy_en }
}
