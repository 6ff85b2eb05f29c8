//! A certification authority: its name, its key, its own certificate.

use rsa::{RsaPrivateKey, RsaPublicKey};

use super::der;
use super::key::{self, IssueError};
use super::name::Name;

/// 2023-01-01T00:00:00Z, from when on the roots are good.
const ROOT_NOT_BEFORE: u64 = 1_672_531_200;
/// 2043-12-31T14:59:59Z, the end of that day in Japan.
const ROOT_NOT_AFTER: u64 = 2_335_186_799;

/// One certification authority with its secret key.
#[derive(Debug, Clone)]
pub struct Authority {
    pub(super) name: Name,
    pub(super) key: RsaPrivateKey,
    pub(super) serial: u32,
    certificate: Vec<u8>,
}

impl Authority {
    /// The user-authentication CA of the embedded cards: the anchor to trust in tests.
    pub fn test() -> Result<Self, IssueError> {
        let key = key::key_from_pem(include_str!("../../../data/ca/root.key"))?;
        Self::new(Name::authentication_ca(), key, 0x21_0001)
    }

    /// Another CA of the very same name with another key, as the generations of the real one: what it signs
    /// must not pass for the first one's.
    pub fn other() -> Result<Self, IssueError> {
        let key = key::key_from_pem(include_str!("../../../data/ca/other-root.key"))?;
        Self::new(Name::authentication_ca(), key, 0x21_0002)
    }

    /// The CA of the signature certificates (署名用), which the product never touches.
    pub fn signature() -> Result<Self, IssueError> {
        let key = key::key_from_pem(include_str!("../../../data/ca/sign-root.key"))?;
        Self::new(Name::signature_ca(), key, 0x21_0003)
    }

    /// A self-signed CA. `serial` is its own certificate's.
    pub fn new(name: Name, key: RsaPrivateKey, serial: u32) -> Result<Self, IssueError> {
        let mut authority = Self { name, key, serial, certificate: Vec::new() };
        authority.certificate = authority.root_certificate()?;
        Ok(authority)
    }

    /// Its own certificate, DER.
    pub fn certificate(&self) -> &[u8] {
        &self.certificate
    }

    /// Its key identifier, 20 octets: what AKI names.
    pub fn key_id(&self) -> Vec<u8> {
        key::identifier(&RsaPublicKey::from(&self.key))
    }

    /// Puts the signature behind what was to be signed.
    pub(super) fn seal(&self, to_be_signed: Vec<u8>) -> Result<Vec<u8>, IssueError> {
        let signature = key::sign(&self.key, &to_be_signed)?;
        Ok(der::sequence(&[to_be_signed, key::signature_algorithm(), der::bit_string(0, &signature)]))
    }

    /// The same extensions in the same order as the roots of the J-LIS test hierarchy.
    fn root_certificate(&self) -> Result<Vec<u8>, IssueError> {
        let public = RsaPublicKey::from(&self.key);
        let alternative = der::sequence(&[Name::authority_in_japanese().directory_name()]);
        let point = der::sequence(&[der::sequence(&[self.name.distribution_point()])]);
        let extensions = der::sequence(&[
            extension(15, true, &der::bit_string(1, &[0x06])),
            extension(17, false, &alternative),
            extension(19, true, &der::sequence(&[der::boolean_true()])),
            extension(31, false, &point),
            extension(14, false, &der::octet_string(&self.key_id())),
        ]);
        self.seal(der::sequence(&[
            der::explicit(0, &der::integer(2)),
            der::integer(self.serial),
            key::signature_algorithm(),
            self.name.der(),
            der::sequence(&[der::time(ROOT_NOT_BEFORE), der::time(ROOT_NOT_AFTER)]),
            self.name.der(),
            key::public_key_info(&public),
            der::explicit(3, &extensions),
        ]))
    }
}

/// An extension `2.5.29.number`.
pub(super) fn extension(number: u32, critical: bool, content: &[u8]) -> Vec<u8> {
    extension_by_oid(&[2, 5, 29, number], critical, content)
}

pub(super) fn extension_by_oid(oid: &[u32], critical: bool, content: &[u8]) -> Vec<u8> {
    let mut parts = vec![der::oid(oid)];
    if critical {
        parts.push(der::boolean_true());
    }
    parts.push(der::octet_string(content));
    der::sequence(&parts)
}
