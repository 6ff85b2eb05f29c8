//! The chip as its issuer sees it: what lies in the JPKI application, without asking for a PIN.

use rsa::RsaPublicKey;

use super::{Application, Chip, Content, File, JPKI_AID};

/// The user-authentication certificate.
const CERTIFICATE: u16 = 0x000a;
/// Its key.
const KEY: u16 = 0x0017;

impl Chip {
    /// Tries left of a credential of the JPKI application.
    pub(crate) fn tries(&self, id: u16) -> Option<u8> {
        self.tries_in(JPKI_AID, id)
    }

    /// The certificate without what lies behind it in the file.
    pub(crate) fn certificate(&self) -> Option<&[u8]> {
        match &self.jpki()?.files.get(&CERTIFICATE)?.content {
            Content::Data(octets) => octets.get(..der_length(octets)?),
            _ => None,
        }
    }

    pub(crate) fn public_key(&self) -> Option<RsaPublicKey> {
        match &self.jpki()?.files.get(&KEY)?.content {
            Content::Key(key) => Some(key.to_public_key()),
            _ => None,
        }
    }

    pub(crate) fn replace_certificate(&mut self, certificate: &[u8]) {
        self.replace_data(JPKI_AID, CERTIFICATE, certificate);
    }

    /// Tries left of a credential of any application.
    pub(crate) fn tries_in(&self, aid: &[u8], id: u16) -> Option<u8> {
        let application = self.applications.iter().find(|application| application.aid == aid)?;
        match &application.files.get(&id)?.content {
            Content::Secret(secret) => secret.tries.map(|tries| tries.left),
            _ => None,
        }
    }

    /// The content of a file of data of any application.
    pub(crate) fn data_in(&self, aid: &[u8], id: u16) -> Option<&[u8]> {
        let application = self.applications.iter().find(|application| application.aid == aid)?;
        match &application.files.get(&id)?.content {
            Content::Data(octets) => Some(octets),
            _ => None,
        }
    }

    /// Writes another content into a file of data of any application.
    pub(crate) fn replace_data(&mut self, aid: &[u8], id: u16, content: &[u8]) {
        let application = self.applications.iter_mut().find(|application| application.aid == aid);
        if let Some(File { content: Content::Data(octets), .. }) =
            application.and_then(|application| application.files.get_mut(&id))
        {
            let length = octets.len().max(content.len());
            *octets = content.to_vec();
            octets.resize(length, 0xff);
        }
    }

    fn jpki(&self) -> Option<&Application> {
        self.applications.iter().find(|application| application.aid == JPKI_AID)
    }
}

/// Length of the SEQUENCE at the front, its header included, if its length field has two octets, as that of
/// every certificate has.
fn der_length(octets: &[u8]) -> Option<usize> {
    match *octets {
        [0x30, 0x82, high, low, ..] => Some(4 + usize::from(u16::from_be_bytes([high, low]))),
        _ => None,
    }
}
