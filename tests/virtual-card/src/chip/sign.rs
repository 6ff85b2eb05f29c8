//! COMPUTE DIGITAL SIGNATURE.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use rsa::traits::PublicKeyParts as _;
use rsa::{Pkcs1v15Sign, RsaPrivateKey};

use super::read::short_id;
use super::{Chip, Content, NamedKey};
use crate::apdu::Command;
use crate::status::Status;
use crate::timing::Effort;

/// P2: the key in the selected file.
const SELECTED: u8 = 0x80;
/// P2: the key that the application signs with when none is named.
const APPLICATIONS_OWN: u8 = 0x00;
/// Octets of an RSA-2048 signature.
const SIGNATURE_LENGTH: usize = 256;
/// PKCS #1 v1.5 needs eleven octets around what it pads.
const LONGEST_INPUT: usize = SIGNATURE_LENGTH - 11;

/// What comes before a SHA-256 in a `DigestInfo` (RFC 8017, section 9.2, note 1).
const SHA256_HEADER: [u8; 19] = [
    0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00,
    0x04, 0x20,
];

/// Signatures by modulus and what was signed.
pub(super) type Remembered = Arc<Mutex<BTreeMap<(Vec<u8>, Vec<u8>), Vec<u8>>>>;

impl Chip {
    /// `802A0080 Lc <DigestInfo> 00` with the key selected, `802A0000` with the application's own. Like the real card a blind signer: it pads and
    /// signs whatever it is given, once the PIN was right.
    pub(super) fn sign(&mut self, command: &Command<'_>) -> Result<(Vec<u8>, Status, Effort), Status> {
        let input = self.signature_input(command)?;
        let quirk = self
            .capabilities
            .quirks
            .named_key
            .filter(|_| ![SELECTED, APPLICATIONS_OWN].contains(&command.p2));
        let key = match (self.allowed_key(command.p2)?, quirk) {
            (_, Some(NamedKey::Another(id))) | (id, _) => self.key(id)?,
        };
        if command.le.is_none_or(|le| le.limit() < SIGNATURE_LENGTH) {
            return Err(Status::WRONG_LENGTH);
        }
        let mut signature = self.signature(key, &input)?;
        if quirk == Some(NamedKey::Garbage) {
            signature = signature.iter().map(|octet| !octet).collect();
        }
        Ok((signature, Status::DONE, Effort::Signed))
    }

    /// The card signs the same only once, clones included: signing costs more than all the rest of a tap.
    pub(crate) fn remember_signatures(&mut self) {
        self.remembered = Some(Remembered::default());
    }

    fn signature(&self, key: &RsaPrivateKey, input: &[u8]) -> Result<Vec<u8>, Status> {
        // The key is sound and the input short enough, so this cannot fail; a chip would answer so if it did.
        let sign = || key.sign(Pkcs1v15Sign::new_unprefixed(), input).map_err(|_| Status::CONDITIONS);
        let Some(remembered) = &self.remembered else { return sign() };
        // No entry is ever half made.
        let mut remembered = remembered.lock().unwrap_or_else(PoisonError::into_inner);
        let name = (key.n().to_bytes_be(), input.to_vec());
        if let Some(signature) = remembered.get(&name) {
            return Ok(signature.clone());
        }
        let signature = sign()?;
        remembered.insert(name, signature.clone());
        Ok(signature)
    }

    fn signature_input(&self, command: &Command<'_>) -> Result<Vec<u8>, Status> {
        match command.p1 {
            0x00 if (1..=LONGEST_INPUT).contains(&command.data.len()) => Ok(command.data.to_vec()),
            0x00 => Err(Status::WRONG_LENGTH),
            0x02 if !self.capabilities.sign_bare_hash => Err(Status::WRONG_PARAMETERS),
            0x02 if self.capabilities.quirks.pads_bare_hash => Ok(command.data.to_vec()),
            0x02 if command.data.len() == 32 => Ok([&SHA256_HEADER, command.data].concat()),
            0x02 => Err(Status::WRONG_DATA),
            _ => Err(Status::WRONG_PARAMETERS),
        }
    }

    /// The file of the key, its condition met; named in P2, it is selected.
    fn allowed_key(&mut self, reference: u8) -> Result<u16, Status> {
        if reference == APPLICATIONS_OWN {
            let id = self.current_application().and_then(|application| application.default_key);
            let id = id.ok_or(Status::WRONG_PARAMETERS)?;
            self.allow(self.file(id).ok_or(Status::NOT_FOUND)?.access)?;
            return Ok(id);
        }
        if reference != SELECTED {
            let named = (reference & 0x80 != 0).then_some(reference & 0x7f);
            let id = named.and_then(short_id).filter(|_| self.capabilities.sign_by_short_id);
            let id = id.ok_or(Status::WRONG_PARAMETERS)?;
            self.file(id).ok_or(Status::NOT_FOUND)?;
            self.session.file = Some(id);
        }
        let (id, file) = self.selected()?;
        self.key(id)?;
        self.allow(file.access)?;
        Ok(id)
    }

    fn key(&self, id: u16) -> Result<&RsaPrivateKey, Status> {
        match &self.file(id).ok_or(Status::NOT_FOUND)?.content {
            Content::Key(key) => Ok(key),
            _ => Err(Status::WRONG_FILE_KIND),
        }
    }
}
