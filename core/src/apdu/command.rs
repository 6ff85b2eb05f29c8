//! Every APDU that this program can send, each a named constructor with its source.
//!
//! Logical channel 0, no secure messaging. Standing of the facts: *seen* by several independent clients on
//! real cards, unless a constructor says otherwise. Nothing outside the core can make a command, and the
//! only things that a card can be asked to sign are a [`Transcript`] and a
//! [`VisualTranscript`](crate::transcript::VisualTranscript).

mod surface;

use zeroize::Zeroizing;

use crate::secret::Pin;
use crate::transcript::Transcript;

/// Application identifier. The ones in use stand in the card profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Aid(pub(crate) &'static [u8]);

/// Identifier of an elementary file (EF). The ones in use stand in the card profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FileId(pub(crate) u16);

/// Short identifier of an EF, 01 to 1E: names a file of the selected application in the command itself, with no
/// SELECT before it (ISO 7816-4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ShortId(u8);

impl FileId {
    /// The low five bits of the identifier, as this card has it (OpenSC's EF table, two contact ATRs that declare
    /// the form). Standing: declared. A test of the profile holds all files to 01 to 1E.
    pub(crate) const fn short(self) -> ShortId {
        let [_, low] = self.0.to_be_bytes();
        ShortId(low & 0x1f)
    }
}

impl ShortId {
    /// In P1 of READ BINARY and in P2 of VERIFY and of signing: bit 8 and the identifier.
    const fn octet(self) -> u8 {
        0x80 | self.0
    }
}

/// P1 and P2 of a signature: what is given to the card, and which key it takes.
const DIGEST_INFO: u8 = 0x00;
const BARE_HASH: u8 = 0x02;
const SELECTED: u8 = 0x80;

/// Most octets that one read in the short form can bring.
pub(crate) const SHORT_READ: u16 = 256;

/// Most octets that one read in the extended form asks for: what a card that declares the form has been seen to
/// answer, and well below what readers carry.
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

    /// READ BINARY of the selected EF with extended Le: `00B0 hi lo 00 hh ll`, 15-bit offset; `length` is 1 to 2,048,
    /// other values count as the nearest of these: 0000 would ask for 65,536. Standing: declared by one contact ATR
    /// and denied by another, shipped by two apps, denied by two sources; so only behind a probe.
    pub(crate) fn read_extended(offset: u16, length: u16) -> Self {
        let [high, low] = offset.min(0x7fff).to_be_bytes();
        let [more, less] = length.clamp(1, EXTENDED_READ).to_be_bytes();
        Self::open(&[0x00, 0xb0, high, low, 0x00, more, less])
    }

    /// READ BINARY of the beginning of a file named by its short id, which becomes the selected one:
    /// `00B0 80|id 00 Le`; `length` as for [`Command::read`]. Standing: declared in two contact ATRs; so only behind
    /// a probe.
    pub(crate) fn read_by_short_id(file: ShortId, length: u16) -> Self {
        let [_, le] = length.clamp(1, SHORT_READ).to_be_bytes();
        Self { ends_in_le: true, ..Self::open(&[0x00, 0xb0, file.octet(), 0x00, le]) }
    }

    /// As [`Command::read_by_short_id`] with extended Le: `00B0 80|id 00 00 hh ll`, the certificate in one exchange
    /// and no SELECT before it; `length` as for [`Command::read_extended`]. Standing: that of both forms together, so
    /// only where the extended Le has worked.
    pub(crate) fn read_extended_by_short_id(file: ShortId, length: u16) -> Self {
        let [more, less] = length.clamp(1, EXTENDED_READ).to_be_bytes();
        Self::open(&[0x00, 0xb0, file.octet(), 0x00, 0x00, more, less])
    }

    /// Tries left of the selected PIN EF: `00200080`, exactly four octets (with an Le the card says 6700) →
    /// `63Cx`. Spends nothing. Source: JPKI clients, lulitech's jpki-signer-android.
    pub(crate) fn tries_left() -> Self {
        Self::open(&[0x00, 0x20, 0x00, 0x80])
    }

    /// Tries left of the PIN named by its short id: `002000 80|id`, exactly four octets. Spends nothing. Standing:
    /// unknown (ISO 7816-4 has the form, no client is known to use it); an answer counts only as a full counter.
    pub(crate) fn tries_left_by_short_id(pin_file: ShortId) -> Self {
        Self::open(&[0x00, 0x20, 0x00, pin_file.octet()])
    }

    /// VERIFY of the selected PIN EF: `00200080 04 PIN`, ASCII, unpadded. **Spends a try** unless the answer
    /// is 9000. Consumes the PIN, which then lives in this command alone. Source: JPKI clients.
    pub(crate) fn verify(pin: &Pin) -> Self {
        Self { secret: true, ..Self::plain([0x00, 0x20, 0x00, 0x80], pin.expose()) }
    }

    /// VERIFY of the PIN named by its short id: `002000 80|id 04 PIN`. **Spends a try** unless the answer is 9000, and
    /// an answer that this card does not give to VERIFY leaves open whether it did. Standing: unknown, as
    /// [`Command::tries_left_by_short_id`], without whose answer in the same session it is never made.
    pub(crate) fn verify_by_short_id(pin_file: ShortId, pin: &Pin) -> Self {
        Self { secret: true, ..Self::plain([0x00, 0x20, 0x00, pin_file.octet()], pin.expose()) }
    }

    /// PERFORM SECURITY OPERATION, compute digital signature, with the selected key EF:
    /// `802A0080 33 DigestInfo 00` → 256 octets, 6982 without PIN. Source: JPKI clients.
    pub(crate) fn sign(transcript: &Transcript) -> Self {
        Self::signature(DIGEST_INFO, SELECTED, &transcript.digest_info())
    }

    /// As [`Command::sign`], with the key named by its short id and no SELECT: `802A00 80|id 33 DigestInfo 00`.
    /// Standing: one client, a real card.
    pub(crate) fn sign_by_short_id(key: ShortId, transcript: &Transcript) -> Self {
        Self::signature(DIGEST_INFO, key.octet(), &transcript.digest_info())
    }

    /// As [`Command::sign`], given the bare SHA-256, of which the card makes the `DigestInfo`:
    /// `802A0280 20 hash 00`. Standing: one client, a real card.
    pub(crate) fn sign_hash(transcript: &Transcript) -> Self {
        Self::signature(BARE_HASH, SELECTED, &transcript.digest())
    }

    /// Both at once: `802A02 80|id 20 hash 00`. Standing: each form alone has one client, a real card.
    pub(crate) fn sign_hash_by_short_id(key: ShortId, transcript: &Transcript) -> Self {
        Self::signature(BARE_HASH, key.octet(), &transcript.digest())
    }

    /// Made by the constructors above alone: nothing but a transcript is ever signed.
    fn signature(form: u8, key: u8, input: &[u8]) -> Self {
        let mut command = Self::plain([0x80, 0x2a, form, key], input);
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
    use crate::card::profile::JPKI;
    use crate::instant::UnixTime;
    use crate::transcript::{Challenge, PendingTranscript, Purpose};

    fn transcript() -> Transcript {
        let (issued_at, expires_at) = (UnixTime(0), UnixTime(0));
        let challenge = Challenge { id: [1; 16], nonce: [2; 32], issued_at, expires_at };
        let (institution, origin) =
            ("1310112345".parse().unwrap(), "https://shikaku.example".parse().unwrap());
        PendingTranscript::new(&challenge, Purpose::Bench, b"key", &institution, &origin).bind(b"certificate")
    }

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
        let extended = |offset, length| octets(Command::read_extended(offset, length));
        assert_eq!(extended(0, 1592), [0x00, 0xb0, 0x00, 0x00, 0x00, 0x06, 0x38]);
        assert_eq!(extended(1592, 300), [0x00, 0xb0, 0x06, 0x38, 0x00, 0x01, 0x2c]);
        assert_eq!(extended(0, 0), [0x00, 0xb0, 0x00, 0x00, 0x00, 0x00, 0x01], "0000 would be 65,536");
        assert_eq!(extended(0, u16::MAX), [0x00, 0xb0, 0x00, 0x00, 0x00, 0x08, 0x00]);
        assert_eq!(octets(Command::tries_left()), [0x00, 0x20, 0x00, 0x80]);
        let pin = Pin::new(b"1234").unwrap();
        assert_eq!(octets(Command::verify(&pin)), [0x00, 0x20, 0x00, 0x80, 0x04, 0x31, 0x32, 0x33, 0x34]);
    }

    #[test]
    fn each_form_by_short_id_is_what_a_card_may_know() {
        let (certificate, key, pin_file) = (JPKI.certificate.short(), JPKI.key.short(), JPKI.pin.short());
        assert_eq!(octets(Command::read_by_short_id(certificate, 256)), [0x00, 0xb0, 0x8a, 0x00, 0x00]);
        assert_eq!(octets(Command::read_by_short_id(certificate, 20)), [0x00, 0xb0, 0x8a, 0x00, 0x14]);
        let extended = octets(Command::read_extended_by_short_id(certificate, 1592));
        assert_eq!(extended, [0x00, 0xb0, 0x8a, 0x00, 0x00, 0x06, 0x38]);
        assert_eq!(octets(Command::tries_left_by_short_id(pin_file)), [0x00, 0x20, 0x00, 0x98]);
        let verify = Command::verify_by_short_id(pin_file, &Pin::new(b"1234").unwrap());
        assert_eq!(octets(verify), [0x00, 0x20, 0x00, 0x98, 0x04, 0x31, 0x32, 0x33, 0x34]);
        let transcript = transcript();
        let (info, hash) = (transcript.digest_info(), transcript.digest());
        let signed = |header: [u8; 5], input: &[u8]| [&header[..], input, &[0x00]].concat();
        assert_eq!(octets(Command::sign(&transcript)), signed([0x80, 0x2a, 0x00, 0x80, 0x33], &info));
        let by_short_id = octets(Command::sign_by_short_id(key, &transcript));
        assert_eq!(by_short_id, signed([0x80, 0x2a, 0x00, 0x97, 0x33], &info));
        assert_eq!(octets(Command::sign_hash(&transcript)), signed([0x80, 0x2a, 0x02, 0x80, 0x20], &hash));
        let both = octets(Command::sign_hash_by_short_id(key, &transcript));
        assert_eq!(both, signed([0x80, 0x2a, 0x02, 0x97, 0x20], &hash));
    }

    /// A read names a file either by what was selected before it, whatever the offset, or by a short id, and then
    /// only the file that the constructor was given, from its beginning.
    #[test]
    fn a_read_names_a_file_by_short_id_only_where_it_says_so() {
        for offset in 0..=u16::MAX {
            assert!(octets(Command::read(offset, 1))[2] < 0x80);
            assert!(octets(Command::read_extended(offset, 1))[2] < 0x80);
        }
        for id in 0..=u16::MAX {
            let short = FileId(id).short();
            let named = 0x80 | id.to_be_bytes()[1] & 0x1f;
            assert_eq!(octets(Command::read_by_short_id(short, 256))[2..4], [named, 0]);
            assert_eq!(octets(Command::read_extended_by_short_id(short, 257))[2..4], [named, 0]);
        }
    }

    #[test]
    fn only_verify_is_secret_and_it_prints_masked() {
        let verify = Command::verify(&Pin::new(b"1234").unwrap());
        assert!(verify.is_secret());
        assert_eq!(format!("{verify:?}"), "Command(0020008004????????)");
        assert!(!Command::tries_left().is_secret());
        let pin_file = JPKI.pin.short();
        let verify = Command::verify_by_short_id(pin_file, &Pin::new(b"1234").unwrap());
        assert!(verify.is_secret());
        assert_eq!(format!("{verify:?}"), "Command(0020009804????????)");
        assert!(!Command::tries_left_by_short_id(pin_file).is_secret());
    }

    #[test]
    fn verify_is_never_asked_again_for_another_length() {
        let pin = Pin::new(b"1234").unwrap();
        for verify in [Command::verify(&pin), Command::verify_by_short_id(JPKI.pin.short(), &pin)] {
            for octets in 0..=u8::MAX {
                assert!(verify.with_exact_length(octets).is_none());
            }
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
