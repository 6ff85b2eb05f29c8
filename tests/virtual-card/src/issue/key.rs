//! RSA keys of the test CA and its cards.

use rsa::pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _, LineEnding};
use rsa::rand_core::{CryptoRng, Error, RngCore};
use rsa::{Pkcs1v15Sign, RsaPrivateKey, RsaPublicKey, traits::PublicKeyParts as _};
use sha2::{Digest as _, Sha256};

use super::der;

/// `DigestInfo` of SHA-256 without its last field.
const SHA256_DIGEST_INFO: [u8; 19] = [
    0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00,
    0x04, 0x20,
];

/// Why nothing was issued.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IssueError {
    /// The key could not be made or could not sign.
    #[error("the key cannot be used")]
    Key(#[from] rsa::Error),
    /// The key is not PKCS #8 PEM.
    #[error("the key is not PKCS #8 PEM")]
    Encoding(#[from] rsa::pkcs8::Error),
}

/// An RSA-2048 key that follows from its label alone, so that the test data can be made again. Whoever
/// knows the label has the key: for test data only.
pub fn derive_key(label: &str) -> Result<RsaPrivateKey, IssueError> {
    let mut octets = Labelled { label: label.to_owned(), block: 0, left: Vec::new() };
    Ok(RsaPrivateKey::new(&mut octets, 2048)?)
}

/// Reads a key from PKCS #8 PEM.
pub fn key_from_pem(pem: &str) -> Result<RsaPrivateKey, IssueError> {
    Ok(RsaPrivateKey::from_pkcs8_pem(pem)?)
}

/// Writes a key as PKCS #8 PEM.
pub fn key_to_pem(key: &RsaPrivateKey) -> Result<String, IssueError> {
    Ok(key.to_pkcs8_pem(LineEnding::LF)?.to_string())
}

/// PKCS #1 v1.5 with SHA-256.
pub(super) fn sign(key: &RsaPrivateKey, message: &[u8]) -> Result<Vec<u8>, IssueError> {
    let input = [&SHA256_DIGEST_INFO, &Sha256::digest(message)[..]].concat();
    Ok(key.sign(Pkcs1v15Sign::new_unprefixed(), &input)?)
}

/// `AlgorithmIdentifier` of sha256WithRSAEncryption.
pub(super) fn signature_algorithm() -> Vec<u8> {
    der::sequence(&[der::oid(&[1, 2, 840, 113_549, 1, 1, 11]), der::null()])
}

/// `RSAPublicKey`.
fn public_key(key: &RsaPublicKey) -> Vec<u8> {
    der::sequence(&[unsigned(&key.n().to_bytes_be()), unsigned(&key.e().to_bytes_be())])
}

fn unsigned(octets: &[u8]) -> Vec<u8> {
    let sign: &[u8] = if octets.first().is_some_and(|first| first & 0x80 != 0) { &[0] } else { &[] };
    der::tlv(0x02, &[sign, octets].concat())
}

/// `SubjectPublicKeyInfo`.
pub(super) fn public_key_info(key: &RsaPublicKey) -> Vec<u8> {
    let algorithm = der::sequence(&[der::oid(&[1, 2, 840, 113_549, 1, 1, 1]), der::null()]);
    der::sequence(&[algorithm, der::bit_string(0, &public_key(key))])
}

/// Key identifier of 20 octets, the front of a SHA-256 over the public key (RFC 7093, method 1).
pub(super) fn identifier(key: &RsaPublicKey) -> Vec<u8> {
    Sha256::digest(public_key(key)).iter().take(20).copied().collect()
}

/// SHA-256 over label and block number, block after block.
struct Labelled {
    label: String,
    block: u64,
    left: Vec<u8>,
}

impl RngCore for Labelled {
    fn next_u32(&mut self) -> u32 {
        let mut octets = [0; 4];
        self.fill_bytes(&mut octets);
        u32::from_be_bytes(octets)
    }

    fn next_u64(&mut self) -> u64 {
        let mut octets = [0; 8];
        self.fill_bytes(&mut octets);
        u64::from_be_bytes(octets)
    }

    fn fill_bytes(&mut self, to: &mut [u8]) {
        for octet in to {
            if self.left.is_empty() {
                let block = [b"shikaku virtual card key: ", self.label.as_bytes(), &self.block.to_be_bytes()];
                self.left = Sha256::digest(block.concat()).to_vec();
                self.block += 1;
            }
            *octet = self.left.pop().unwrap_or_default();
        }
    }

    fn try_fill_bytes(&mut self, to: &mut [u8]) -> Result<(), Error> {
        self.fill_bytes(to);
        Ok(())
    }
}

/// Not at all random, which is the point; `RsaPrivateKey::new` asks for the mark.
impl CryptoRng for Labelled {}
