//! Every APDU that this program can send, each a named constructor with its source.
//!
//! Logical channel 0, no secure messaging. Standing of the facts: *seen* by several independent clients on
//! real cards, unless a constructor says otherwise. Nothing outside the core can make a command, and the
//! only thing that a card can be asked to sign is a [`Transcript`].

use zeroize::Zeroizing;

use crate::secret::Pin;
use crate::transcript::Transcript;

/// Application identifier. The ones in use stand in the card profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Aid(pub(crate) &'static [u8]);

/// Identifier of an elementary file (EF). The ones in use stand in the card profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FileId(pub(crate) u16);

/// Most octets that one read in the short form can bring.
pub(crate) const SHORT_READ: u16 = 256;

/// The one length asked for in the extended form: enough for any user-authentication certificate, and what
/// a card that declares the form has been seen to answer.
pub(crate) const EXTENDED_READ: u16 = 0x0800;

/// A command APDU. Wiped on drop.
pub(crate) struct Command {
    octets: Zeroizing<Vec<u8>>,
    secret: bool,
    /// Whether the last octet is an expected length in the short form.
    ends_in_le: bool,
}

impl Command {
    /// SELECT by AID, no answer wanted: `00A4040C Lc AID` → 9000, 6A82 if absent. Source: ISO 7816-4; JPKI
    /// clients.
    pub(crate) fn select_application(aid: Aid) -> Self {
        Self::plain([0x00, 0xa4, 0x04, 0x0c], aid.0)
    }

    /// SELECT of an EF under the current application: `00A4020C 02 id` → 9000, 6A82. Source: JPKI clients.
    pub(crate) fn select_file(file: FileId) -> Self {
        Self::plain([0x00, 0xa4, 0x02, 0x0c], &file.0.to_be_bytes())
    }

    /// READ BINARY of the selected EF: `00B0 hi lo Le`, 15-bit offset; `length` is 1 to 256 and written 00
    /// for 256. Larger values of either are cut down. Source: JPKI clients.
    pub(crate) fn read(offset: u16, length: u16) -> Self {
        let [high, low] = offset.min(0x7fff).to_be_bytes();
        let [_, le] = length.clamp(1, SHORT_READ).to_be_bytes();
        Self { octets: Zeroizing::new(vec![0x00, 0xb0, high, low, le]), secret: false, ends_in_le: true }
    }

    /// READ BINARY from the beginning with extended Le: `00B00000 00 0800`. Standing: declared by one
    /// contact ATR and denied by another, shipped by two apps, denied by two sources; so only behind a probe.
    pub(crate) fn read_extended() -> Self {
        let [high, low] = EXTENDED_READ.to_be_bytes();
        Self::open(&[0x00, 0xb0, 0x00, 0x00, 0x00, high, low])
    }

    /// Tries left of the selected PIN EF: `00200080`, exactly four octets (with an Le the card says 6700) →
    /// `63Cx`. Spends nothing. Source: JPKI clients, lulitech's jpki-signer-android.
    pub(crate) fn tries_left() -> Self {
        Self::open(&[0x00, 0x20, 0x00, 0x80])
    }

    /// VERIFY of the selected PIN EF: `00200080 04 PIN`, ASCII, unpadded. **Spends a try** unless the answer
    /// is 9000. Consumes the PIN, which then lives in this command alone. Source: JPKI clients.
    pub(crate) fn verify(pin: &Pin) -> Self {
        Self { secret: true, ..Self::plain([0x00, 0x20, 0x00, 0x80], pin.expose()) }
    }

    /// PERFORM SECURITY OPERATION, compute digital signature, with the selected key EF:
    /// `802A0080 33 DigestInfo 00` → 256 octets, 6982 without PIN. Source: JPKI clients.
    pub(crate) fn sign(transcript: &Transcript) -> Self {
        let mut command = Self::plain([0x80, 0x2a, 0x00, 0x80], &transcript.digest_info());
        command.octets.push(0x00);
        Self { ends_in_le: true, ..command }
    }

    /// GET RESPONSE: `00C00000 Le`. Source: ISO 7816-4; no JPKI card has been seen to need it.
    pub(super) fn get_response(octets: u8) -> Self {
        Self { ends_in_le: true, ..Self::open(&[0x00, 0xc0, 0x00, 0x00, octets]) }
    }

    /// The same question with the expected length that a 6Cxx names, if that is another question. Never for
    /// a command with a PIN.
    pub(super) fn with_exact_length(&self, octets: u8) -> Option<Self> {
        let (last, rest) = self.octets.split_last()?;
        if self.secret || !self.ends_in_le || *last == octets {
            return None;
        }
        let mut again = rest.to_vec();
        again.push(octets);
        Some(Self { octets: Zeroizing::new(again), secret: false, ends_in_le: true })
    }

    /// Whether it carries a PIN: sent once, whatever happens.
    pub(super) const fn is_secret(&self) -> bool {
        self.secret
    }

    /// The octets; nothing of them stays behind.
    pub(super) fn into_octets(mut self) -> Zeroizing<Vec<u8>> {
        core::mem::take(&mut self.octets)
    }

    /// A copy of the octets of a command that is not secret.
    pub(super) fn to_octets(&self) -> Zeroizing<Vec<u8>> {
        self.octets.clone()
    }

    fn open(octets: &[u8]) -> Self {
        Self { octets: Zeroizing::new(octets.to_vec()), secret: false, ends_in_le: false }
    }

    /// Header, Lc, data. Everything that is ever put here is far shorter than 255 octets.
    fn plain(header: [u8; 4], data: &[u8]) -> Self {
        let length = u8::try_from(data.len()).unwrap_or(u8::MAX);
        // Room for header, Lc, data and Le at once: a vector that grows would leave a copy of the PIN behind.
        let mut octets = Zeroizing::new(Vec::with_capacity(header.len() + data.len() + 2));
        octets.extend_from_slice(&header);
        octets.push(length);
        octets.extend(data.iter().take(usize::from(length)));
        Self { octets, secret: false, ends_in_le: false }
    }
}

/// A command prints as a trace prints it: a PIN is masked.
impl core::fmt::Debug for Command {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Command({})", super::trace::command(&self.octets))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn octets(command: Command) -> Vec<u8> {
        command.into_octets().to_vec()
    }

    #[test]
    fn each_command_is_what_the_card_knows() {
        assert_eq!(
            octets(Command::select_application(Aid(&[0xd3, 0x92]))),
            [0x00, 0xa4, 0x04, 0x0c, 0x02, 0xd3, 0x92]
        );
        assert_eq!(octets(Command::select_file(FileId(0x000a))), [0x00, 0xa4, 0x02, 0x0c, 0x02, 0x00, 0x0a]);
        assert_eq!(octets(Command::read(0, 256)), [0x00, 0xb0, 0x00, 0x00, 0x00]);
        assert_eq!(octets(Command::read(0x0600, 54)), [0x00, 0xb0, 0x06, 0x00, 0x36]);
        assert_eq!(octets(Command::read_extended()), [0x00, 0xb0, 0x00, 0x00, 0x00, 0x08, 0x00]);
        assert_eq!(octets(Command::tries_left()), [0x00, 0x20, 0x00, 0x80]);
        let pin = Pin::new(b"1234").unwrap();
        assert_eq!(octets(Command::verify(&pin)), [0x00, 0x20, 0x00, 0x80, 0x04, 0x31, 0x32, 0x33, 0x34]);
    }

    #[test]
    fn a_read_never_names_a_file_by_short_id() {
        for offset in 0..=u16::MAX {
            assert!(octets(Command::read(offset, 1))[2] < 0x80);
        }
    }

    #[test]
    fn only_verify_is_secret_and_it_prints_masked() {
        let verify = Command::verify(&Pin::new(b"1234").unwrap());
        assert!(verify.is_secret());
        assert_eq!(format!("{verify:?}"), "Command(0020008004????????)");
        assert!(!Command::tries_left().is_secret());
    }

    #[test]
    fn verify_is_never_asked_again_for_another_length() {
        let verify = Command::verify(&Pin::new(b"1234").unwrap());
        for octets in 0..=u8::MAX {
            assert!(verify.with_exact_length(octets).is_none());
        }
    }

    #[test]
    fn asking_again_is_always_another_command() {
        assert!(Command::read(0, 256).with_exact_length(0).is_none());
        assert_eq!(
            octets(Command::read(0, 256).with_exact_length(0x36).unwrap()),
            [0x00, 0xb0, 0x00, 0x00, 0x36]
        );
        assert!(Command::select_file(FileId(1)).with_exact_length(7).is_none());
        assert!(Command::tries_left().with_exact_length(7).is_none());
    }
}
