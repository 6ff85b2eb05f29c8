//! A card in somebody's hand: commands in, responses out, power on and off.

use std::path::Path;
use std::thread;
use std::time::Duration;

use rsa::RsaPublicKey;

use crate::chip::{Capabilities, Chip};
use crate::definition::{CardError, Definition};
use crate::journal::{Exchange, Journal};
use crate::timing::Timing;

/// AID of the card face application (券面事項確認AP).
const SURFACE_AID: &[u8] = &[0xd3, 0x92, 0x10, 0x00, 0x31, 0x00, 0x01, 0x01, 0x04, 0x02];
/// AID of the text input application (券面入力補助AP).
const TEXT_AID: &[u8] = &[0xd3, 0x92, 0x10, 0x00, 0x31, 0x00, 0x01, 0x01, 0x04, 0x08];

/// Whether the card answers as fast as it can, or takes the time that its data models.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Pace {
    /// Modelled times are only reported.
    #[default]
    FullSpeed,
    /// Each answer waits for its modelled time.
    RealTime,
}

/// One virtual card, with its counters, its security status and the journal of what it was asked.
///
/// The counters live as long as the value: a blocked PIN stays blocked through power off, like the real one.
#[derive(Debug, Clone)]
pub struct Card {
    chip: Chip,
    atr: Vec<u8>,
    timing: Timing,
    pace: Pace,
    journal: Journal,
}

impl Card {
    /// One of the embedded cards, see [`CARDS`](crate::CARDS); `default` has the PIN 1234.
    pub fn from_name(name: &str) -> Result<Self, CardError> {
        Definition::embedded(name).map(Self::from_definition)
    }

    /// A card from a folder with `card.json` and the files it names.
    pub fn load(folder: &Path) -> Result<Self, CardError> {
        Definition::folder(folder).map(Self::from_definition)
    }

    fn from_definition(definition: Definition) -> Self {
        let Definition { atr, timing, capabilities, applications } = definition;
        Self {
            chip: Chip::new(capabilities, applications),
            atr,
            timing,
            pace: Pace::default(),
            journal: Journal::default(),
        }
    }

    /// The same card at another pace; full speed if never said.
    #[must_use]
    pub fn at_pace(self, pace: Pace) -> Self {
        Self { pace, ..self }
    }

    /// The same card with other commands understood, or misunderstood.
    #[must_use]
    pub const fn with_capabilities(mut self, capabilities: Capabilities) -> Self {
        self.chip.set_capabilities(capabilities);
        self
    }

    /// The same card, which signs the same only once, and so do its clones: for tests that tap it very often.
    #[must_use]
    pub fn remembering_signatures(mut self) -> Self {
        self.chip.remember_signatures();
        self
    }

    /// What it understands beyond the common commands.
    pub const fn capabilities(&self) -> Capabilities {
        self.chip.capabilities()
    }

    /// Answers one command APDU: data and two octets of status. Never panics, whatever comes. How long a real
    /// card would have taken stands in the [journal](Self::journal), and is waited for at [`Pace::RealTime`].
    pub fn transmit(&mut self, command: &[u8]) -> Vec<u8> {
        let (data, status, effort) = self.chip.answer(command);
        let mut response = data;
        response.extend_from_slice(&status.0.to_be_bytes());
        let micros = self.timing.exchange(command.len(), response.len(), effort);
        self.journal.note(Exchange::new(command, response.len(), status, micros));
        if self.pace == Pace::RealTime {
            thread::sleep(Duration::from_micros(micros));
        }
        response
    }

    /// Power lost, or a cold reset: selection and security status are gone, counters stay.
    pub fn power_off(&mut self) {
        self.chip.power_off();
    }

    /// Reset under power. Selection is gone; security status is **not** (card.md), until another
    /// application is selected.
    pub fn warm_reset(&mut self) {
        self.chip.warm_reset();
    }

    /// Answer to reset; for a contactless card the one that a PC/SC reader makes up from its ATQB.
    pub fn atr(&self) -> &[u8] {
        &self.atr
    }

    /// Tries left of the user authentication PIN (EF 0018 of the JPKI application); `None` if the card has
    /// no such PIN or it may be tried without end.
    pub fn tries(&self) -> Option<u8> {
        self.chip.tries(0x0018)
    }

    /// Tries left of the signature password (EF 001B of the JPKI application); `None` as for [`tries`](Self::tries).
    pub fn signature_tries(&self) -> Option<u8> {
        self.chip.tries(0x001b)
    }

    /// The user-authentication certificate, DER without the FF behind it, as a registry would know it;
    /// `None` if the card has none.
    pub fn certificate(&self) -> Option<&[u8]> {
        self.chip.certificate()
    }

    /// The user-authentication public key; `None` if the card has none. What
    /// [`Leaf::new`](crate::issue::Leaf::new) needs for another certificate.
    pub fn public_key(&self) -> Option<RsaPublicKey> {
        self.chip.public_key()
    }

    /// Writes another user-authentication certificate, as the issuer would: for tests of expired, renewed or
    /// foreign ones. The file keeps its length where the certificate leaves it. Nothing happens on a card
    /// without such a file.
    pub fn replace_certificate(&mut self, certificate: &[u8]) {
        self.chip.replace_certificate(certificate);
    }

    /// Tries left of a printed number: EF 0011 (birth date) and 0012 (照合番号B) of 券面事項確認AP.
    pub fn surface_tries(&self, file: u16) -> Option<u8> {
        self.chip.tries_in(SURFACE_AID, file)
    }

    /// Tries left of 照合番号B in 券面入力補助AP (EF 0015).
    pub fn text_tries(&self) -> Option<u8> {
        self.chip.tries_in(TEXT_AID, 0x0015)
    }

    /// Writes another content into a file of 券面事項確認AP, as the issuer would, or a forger with a card of his own.
    pub fn replace_surface(&mut self, file: u16, octets: &[u8]) {
        self.chip.replace_data(SURFACE_AID, file, octets);
    }

    /// The content of a file of 券面事項確認AP as its issuer wrote it, whatever its condition.
    pub fn surface_data(&self, file: u16) -> Option<&[u8]> {
        self.chip.data_in(SURFACE_AID, file)
    }

    /// What the card was asked.
    pub fn journal(&self) -> &Journal {
        &self.journal
    }

    /// Forgets what the card was asked; state and counters stay.
    pub fn clear_journal(&mut self) {
        self.journal.clear();
    }
}
