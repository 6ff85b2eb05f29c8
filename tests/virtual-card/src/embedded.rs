//! The usual cards, compiled in so that nobody needs a path.

type Files = &'static [(&'static str, &'static [u8])];

macro_rules! cards {
    ($($name:literal: $($file:literal)*;)*) => {
        /// Names of the embedded cards; `tests/data/cards/README.md` says what each is.
        pub const CARDS: &[&str] = &[$($name),*];

        /// The files of a card.
        pub(crate) fn files(name: &str) -> Option<Files> {
            match name {
                $($name => Some(&[$((
                    $file,
                    include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/../data/cards/", $name, "/", $file)),
                )),*]),)*
                _ => None,
            }
        }
    };
}

cards! {
    "default": "card.json" "auth-ca.der" "auth.der" "auth.key" "sign-ca.der" "sign.der" "sign.key"
        "surface-age.bin" "surface-face.bin" "surface-cv.bin" "surface.key" "text.bin";
    "no-extended": "card.json" "auth-ca.der" "auth.der" "auth.key";
    "everything": "card.json" "auth-ca.der" "auth.der" "auth.key";
    "slow": "card.json" "auth-ca.der" "auth.der" "auth.key";
    "small-frames": "card.json" "auth-ca.der" "auth.der" "auth.key";
    "expired": "card.json" "auth-ca.der" "auth.der" "auth.key";
    "wrong-issuer": "card.json" "auth-ca.der" "auth.der" "auth.key";
    "revoked": "card.json" "auth-ca.der" "auth.der" "auth.key";
    "renewed-old": "card.json" "auth-ca.der" "auth.der" "auth.key";
    "renewed-new": "card.json" "auth-ca.der" "auth.der" "auth.key";
    "blocked": "card.json" "auth-ca.der" "auth.der" "auth.key";
    "one-try": "card.json" "auth-ca.der" "auth.der" "auth.key";
    "two-tries": "card.json" "auth-ca.der" "auth.der" "auth.key";
    "no-certificate": "card.json" "auth-ca.der";
    "visual-foreign": "card.json" "auth-ca.der" "auth.der" "auth.key"
        "surface-age.bin" "surface-face.bin" "surface-cv.bin" "surface.key" "text.bin";
    "visual-two-tries": "card.json" "auth-ca.der" "auth.der" "auth.key"
        "surface-age.bin" "surface-face.bin" "surface-cv.bin" "surface.key" "text.bin";
    "visual-one-try": "card.json" "auth-ca.der" "auth.der" "auth.key"
        "surface-age.bin" "surface-face.bin" "surface-cv.bin" "surface.key" "text.bin";
    "visual-blocked": "card.json" "auth-ca.der" "auth.der" "auth.key"
        "surface-age.bin" "surface-face.bin" "surface-cv.bin" "surface.key" "text.bin";
    "visual-other-birth": "card.json" "auth-ca.der" "auth.der" "auth.key"
        "surface-age.bin" "surface-face.bin" "surface-cv.bin" "surface.key" "text.bin";
    "visual-forged": "card.json" "auth-ca.der" "auth.der" "auth.key"
        "surface-age.bin" "surface-face.bin" "surface-cv.bin" "surface.key" "text.bin";
    "visual-copied": "card.json" "auth-ca.der" "auth.der" "auth.key"
        "surface-age.bin" "surface-face.bin" "surface-cv.bin" "surface.key" "text.bin";
    "visual-other-photo": "card.json" "auth-ca.der" "auth.der" "auth.key"
        "surface-age.bin" "surface-face.bin" "surface-cv.bin" "surface.key" "text.bin";
    "visual-other-name": "card.json" "auth-ca.der" "auth.der" "auth.key"
        "surface-age.bin" "surface-face.bin" "surface-cv.bin" "surface.key" "text.bin";
    "phone-android": "card.json" "auth-ca.der" "auth.der" "auth.key";
    "phone-iphone": "card.json";
    "juki": "card.json";
    "driving-licence": "card.json";
}
