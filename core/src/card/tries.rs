//! When the PIN may be tried. Nobody can be asked in the middle of a tap, so what the patient has agreed to
//! comes with the tap, and a tap without enough of it ends before the PIN is sent.

/// What the patient was told and has agreed to before this tap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consent {
    /// Nothing: enough while three tries are left.
    None,
    /// The patient knows that two tries are left.
    Warned,
    /// The patient wants the last try to be used, on this card and no other.
    LastTry {
        /// SHA-256 of the certificate that the tap before this one read.
        certificate_sha256: [u8; 32],
    },
}

/// Tries left, as the counter says: 1 to the number of the profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TriesLeft(u8);

/// Leave to send one VERIFY. Made by [`TriesLeft::permit`] alone, used up by VERIFY.
#[derive(Debug)]
pub(crate) struct Permit(());

/// Why there is no leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hold {
    /// The consent was given for another card.
    OtherCard,
    /// Two are left and the patient does not know.
    Warn,
    /// One is left and the patient has not agreed to use it.
    Consent,
    /// One is left, on a phone: its certificate is not readable before the PIN, so no consent can be held to it.
    LastOnPhone,
}

impl Permit {
    /// Leave for a credential whose counter says that it has no limit (6300): no try can be lost.
    pub(super) const fn without_limit() -> Self {
        Self(())
    }
}

impl TriesLeft {
    /// `left` as read; `None` for zero and for more than a fresh counter of this `limit` can show.
    pub(crate) fn new(left: u8, limit: u8) -> Option<Self> {
        (1..=limit).contains(&left).then_some(Self(left))
    }

    pub(crate) const fn count(self) -> u8 {
        self.0
    }

    /// Three: go. Two: only if warned. One: only with consent for this card, whose certificate has the SHA-256
    /// `certificate`; on a phone it is not known yet. A consent for another card is refused however many are left.
    pub(crate) fn permit(self, consent: Consent, certificate: Option<[u8; 32]>) -> Result<Permit, Hold> {
        if let Consent::LastTry { certificate_sha256 } = consent
            && certificate.is_none_or(|certificate| certificate != certificate_sha256)
        {
            return Err(if certificate.is_none() && self.0 == 1 {
                Hold::LastOnPhone
            } else {
                Hold::OtherCard
            });
        }
        match (self.0, consent) {
            (1, Consent::LastTry { .. }) | (2, Consent::Warned | Consent::LastTry { .. }) | (3.., _) => {
                Ok(Permit(()))
            }
            (1, _) if certificate.is_none() => Err(Hold::LastOnPhone),
            (0 | 1, _) => Err(Hold::Consent),
            (2, Consent::None) => Err(Hold::Warn),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CARD: [u8; 32] = [7; 32];
    const LAST_TRY: Consent = Consent::LastTry { certificate_sha256: CARD };

    fn decide(left: u8, consent: Consent, certificate: Option<[u8; 32]>) -> Option<Hold> {
        TriesLeft::new(left, 3).unwrap().permit(consent, certificate).err()
    }

    #[test]
    fn the_whole_table_of_consent() {
        use Consent::{None as Nothing, Warned};
        let table = [
            (3, Nothing, None),
            (3, Warned, None),
            (3, LAST_TRY, None),
            (2, Nothing, Some(Hold::Warn)),
            (2, Warned, None),
            (2, LAST_TRY, None),
            (1, Nothing, Some(Hold::Consent)),
            (1, Warned, Some(Hold::Consent)),
            (1, LAST_TRY, None),
        ];
        for (left, consent, hold) in table {
            assert_eq!(decide(left, consent, Some(CARD)), hold, "{left} left, {consent:?}");
        }
    }

    #[test]
    fn consent_for_another_card_is_refused_however_many_tries_are_left() {
        for left in 1..=3 {
            assert_eq!(decide(left, LAST_TRY, Some([8; 32])), Some(Hold::OtherCard));
        }
    }

    #[test]
    fn the_last_try_of_a_phone_is_never_used() {
        for consent in [Consent::None, Consent::Warned, LAST_TRY] {
            assert_eq!(decide(1, consent, None), Some(Hold::LastOnPhone));
        }
        assert_eq!(decide(2, Consent::Warned, None), None);
    }

    #[test]
    fn a_counter_that_this_card_cannot_have_is_no_counter() {
        assert_eq!(TriesLeft::new(0, 3), None);
        for left in 4..=15 {
            assert_eq!(TriesLeft::new(left, 3), None);
        }
    }
}
