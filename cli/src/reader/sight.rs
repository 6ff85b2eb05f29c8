//! What is seen of a reader without touching the card in it.

#[cfg(any(feature = "pcsc", feature = "nfc"))]
use shikaku::guide::Code;

/// One reader, or the reason why there is none of its sort.
#[derive(Debug, Clone)]
pub(crate) struct Sight {
    /// As `--reader` takes it.
    pub(crate) reader: String,
    /// The card that lies there, if that can be seen from outside.
    pub(crate) card: Option<CardSight>,
    /// Whether it can be used.
    pub(crate) standing: Standing,
}

/// A card, by what it says to power.
#[derive(Debug, Clone)]
pub(crate) struct CardSight {
    /// For programs.
    pub(crate) kind: &'static str,
    /// For people.
    pub(crate) title: &'static str,
    /// Answer to reset, where there is one.
    pub(crate) atr: Option<Vec<u8>>,
    /// It does not answer.
    pub(crate) is_mute: bool,
}

/// Whether a reader can be used.
#[derive(Debug, Clone)]
pub(crate) enum Standing {
    /// It can.
    Usable,
    /// It cannot.
    Unusable {
        /// Why: a code of the guide, or `not-built`.
        code: &'static str,
        /// What to do.
        advice: String,
    },
}

impl Standing {
    /// Not usable, for a reason that the guide knows.
    #[cfg(any(feature = "pcsc", feature = "nfc"))]
    pub(super) fn unusable(code: Code, advice: impl Into<String>) -> Self {
        Self::Unusable { code: code.as_str(), advice: advice.into() }
    }
}

impl Sight {
    /// A sort of readers of which none can be used.
    #[cfg(any(feature = "pcsc", feature = "nfc"))]
    pub(super) fn none_of(kind: &str, code: Code, advice: impl Into<String>) -> Self {
        Self { reader: kind.to_owned(), card: None, standing: Standing::unusable(code, advice) }
    }

    /// A sort of readers that this build is without.
    #[cfg(not(all(feature = "virtual", feature = "pcsc", feature = "nfc")))]
    pub(super) fn not_built(kind: &str) -> Self {
        let has = [
            ("virtual", cfg!(feature = "virtual")),
            ("pcsc", cfg!(feature = "pcsc")),
            ("nfc", cfg!(feature = "nfc")),
        ];
        let features: Vec<_> =
            has.iter().filter(|(name, built)| *built || *name == kind).map(|(name, _)| *name).collect();
        let advice = format!(
            "このプログラムは {kind} を含みません。`cargo build --release --features {}` で作り直してください",
            features.join(",")
        );
        Self {
            reader: kind.to_owned(),
            card: None,
            standing: Standing::Unusable { code: "not-built", advice },
        }
    }
}
