//! The commands of a visual check (目視確認). Standing of the facts: one thorough survey of J-LIS test cards
//! (myna-card 3.3.4), unless a constructor says otherwise.

use super::Command;
use crate::secret::{BirthDateKey, CodeB};
use crate::transcript::VisualTranscript;

impl Command {
    /// VERIFY of the selected birth-date key (EF 0011 of 券面事項確認AP): `00200080 06 YYMMDD`, ASCII. **Spends a try**
    /// unless the answer is 9000.
    pub(crate) fn verify_birth_date(birth_date: &BirthDateKey) -> Self {
        Self { secret: true, ..Self::plain([0x00, 0x20, 0x00, 0x80], birth_date.expose()) }
    }

    /// VERIFY of the selected 照合番号B (EF 0012 of 券面事項確認AP, EF 0015 of 券面入力補助AP): `00200080 0E …`, ASCII.
    /// **Spends a try** unless the answer is 9000.
    pub(crate) fn verify_code_b(code: &CodeB) -> Self {
        Self { secret: true, ..Self::plain([0x00, 0x20, 0x00, 0x80], code.expose()) }
    }

    /// PERFORM SECURITY OPERATION, compute digital signature, with the key that 券面事項確認AP signs with when none is
    /// named: `802A0000 33 DigestInfo 00` → 256 octets. Needs no credential.
    pub(crate) fn sign_visual(transcript: &VisualTranscript) -> Self {
        let mut command = Self::plain([0x80, 0x2a, 0x00, 0x00], &transcript.digest_info());
        command.octets.push(0x00);
        Self { ends_in_le: true, ..command }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identifier::Date;

    #[test]
    fn a_printed_number_is_sent_as_it_is_and_shown_masked() {
        let today: Date = "2026-11-22".parse().unwrap();
        let birth_date = Command::verify_birth_date(&BirthDateKey::new(b"550217", today).unwrap());
        let code = Command::verify_code_b(&CodeB::new(b"55021720352285", today).unwrap());
        assert!(birth_date.is_secret() && code.is_secret());
        assert_eq!(format!("{birth_date:?}"), "Command(0020008006????????????)");
        for octets in 0..=u8::MAX {
            assert!(
                birth_date.with_exact_length(octets).is_none() && code.with_exact_length(octets).is_none()
            );
        }
        assert_eq!(
            birth_date.into_octets().to_vec(),
            [&[0x00, 0x20, 0x00, 0x80, 0x06][..], &b"550217"[..]].concat()
        );
        assert_eq!(
            code.into_octets().to_vec(),
            [&[0x00, 0x20, 0x00, 0x80, 0x0e][..], &b"55021720352285"[..]].concat()
        );
    }
}
