//! The card face in the chip: card-verifiable certificate and signed records, under a test key of our own, with the
//! layout of the published J-LIS test card (`tests/data/jpki/surface`).

use rsa::traits::PublicKeyParts as _;
use rsa::{Pkcs1v15Sign, RsaPrivateKey, RsaPublicKey};
use sha2::{Digest as _, Sha256};

use super::key::{self, IssueError};

/// A `DigestInfo` of SHA-256 whose octet string has 96 octets: what signs the card face.
const THREE_DIGESTS: [u8; 19] = [
    0x30, 0x71, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00,
    0x04, 0x60,
];

/// Key id of the test key: no id of the real hierarchies, 5000023 and 6000023.
const AUTHORITY: &[u8; 16] = b"6900023\x08\x05001\0\0\0\0";
/// Key id of the municipality that issues the records.
const ISSUER: &[u8; 16] = b"6913101\x08\x05001\0\0\0\0";

/// The photo of nobody, drawn by a script; `tests/data/surface/README.md`.
const PHOTO: &[u8] = include_bytes!("../../../data/surface/photo.jp2");
/// A white image in place of a printed text.
const BLANK: &[u8] = include_bytes!("../../../data/surface/blank.png");

/// What the records say of a card's holder. Days are eight digits `YYYYMMDD`.
#[derive(Debug, Clone)]
pub struct Holder {
    /// 氏名.
    pub name: &'static str,
    /// 住所.
    pub address: &'static str,
    /// 生年月日.
    pub birth_date: &'static str,
    /// The day on which the card ends.
    pub expiry: &'static str,
    /// The public half of the card's own key.
    pub key: RsaPublicKey,
}

/// Who issues card faces: a key in place of 6000023, and a municipality under it.
#[derive(Debug, Clone)]
pub struct SurfaceAuthority {
    root: RsaPrivateKey,
    issuer: RsaPrivateKey,
}

impl SurfaceAuthority {
    /// The one of the embedded cards. Its keys lie open in the repository.
    pub fn test() -> Result<Self, IssueError> {
        Ok(Self::new(
            key::key_from_pem(include_str!("../../../data/surface/cv-root.key"))?,
            key::key_from_pem(include_str!("../../../data/surface/cv-issuer.key"))?,
        ))
    }

    /// Another one, from its two keys.
    pub const fn new(root: RsaPrivateKey, issuer: RsaPrivateKey) -> Self {
        Self { root, issuer }
    }

    /// The root as an anchor: key id, then the key as certificates carry it, 281 octets.
    pub fn root(&self) -> Vec<u8> {
        [AUTHORITY.as_slice(), &public_key(&self.root.to_public_key())].concat()
    }

    /// The municipality's card-verifiable certificate (EF 0004).
    pub fn certificate(&self) -> Result<Vec<u8>, IssueError> {
        let body = [AUTHORITY.as_slice(), ISSUER, &public_key(&self.issuer.to_public_key())].concat();
        let signature = key::sign(&self.root, &body)?;
        Ok(object(0x7f21, &[object(0x5f4e, &body), object(0x5f37, &signature)].concat()))
    }

    /// The age record (EF 0001).
    pub fn age_record(&self, holder: &Holder) -> Result<Vec<u8>, IssueError> {
        let signed =
            [object(0xdf11, holder.birth_date.as_bytes()), object(0xdf12, &public_key(&holder.key))].concat();
        let signature = key::sign(&self.issuer, &signed)?;
        Ok(object(0xff10, &[signed, object(0xdf13, &signature)].concat()))
    }

    /// The card face (EF 0002), with the usual photo.
    pub fn card_face(&self, holder: &Holder) -> Result<Vec<u8>, IssueError> {
        self.card_face_with(holder, PHOTO, PHOTO)
    }

    /// The card face with one photo in it and another one signed.
    pub fn card_face_with(
        &self,
        holder: &Holder,
        photo: &[u8],
        signed: &[u8],
    ) -> Result<Vec<u8>, IssueError> {
        let person = [
            object(0xdf22, holder.birth_date.as_bytes()),
            object(0xdf23, b"1"),
            object(0xdf24, &public_key(&holder.key)),
        ];
        let printed = [object(0xdf25, BLANK), object(0xdf26, BLANK)];
        let digests = [person.concat(), printed.concat(), object(0xdf27, signed)].map(Sha256::digest);
        let input = [THREE_DIGESTS.as_slice(), &digests.concat()].concat();
        let signature = self.issuer.sign(Pkcs1v15Sign::new_unprefixed(), &input)?;
        let [birth_date, sex, own_key] = person;
        let [name, address] = printed;
        Ok(with_offsets(
            0xff20,
            &[
                birth_date,
                sex,
                own_key,
                name,
                address,
                object(0xdf27, photo),
                object(0xdf28, &signature),
                object(0xdf29, holder.expiry.as_bytes()),
                object(0xdf2a, BLANK),
            ],
        ))
    }

    /// Name, address, birth date and sex of the text input application (its EF 0002). Not signed.
    pub fn attributes(holder: &Holder) -> Vec<u8> {
        let fields = [
            object(0xdf22, holder.name.as_bytes()),
            object(0xdf23, holder.address.as_bytes()),
            object(0xdf24, holder.birth_date.as_bytes()),
            object(0xdf25, b"1"),
        ];
        with_offsets(0xff20, &fields)
    }
}

/// `90` exponent, `91` modulus.
fn public_key(key: &RsaPublicKey) -> Vec<u8> {
    let before_modulus = [0x90, 0x03, 0x01, 0x00, 0x01, 0x91, 0x82, 0x01, 0x00];
    [before_modulus.as_slice(), &key.n().to_bytes_be()].concat()
}

/// An object with a tag of two octets and the shortest length.
fn object(tag: u16, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).unwrap_or(u16::MAX);
    let [high, low] = length.to_be_bytes();
    let length: &[u8] = match length {
        0..=0x7f => &[low],
        0x80..=0xff => &[0x81, low],
        _ => &[0x82, high, low],
    };
    [&tag.to_be_bytes(), length, content].concat()
}

/// The objects behind a table (DF21) of where each begins, counted from the front of the file.
fn with_offsets(tag: u16, fields: &[Vec<u8>]) -> Vec<u8> {
    let table = object(0xdf21, &vec![0; 2 * fields.len()]).len();
    let body = table + fields.iter().map(Vec::len).sum::<usize>();
    let header = match body {
        0..=0x7f => 3,
        0x80..=0xff => 4,
        _ => 5,
    };
    let mut offset = header + table;
    let offsets = fields.iter().flat_map(|field| {
        let here = u16::try_from(offset).unwrap_or(u16::MAX);
        offset += field.len();
        here.to_be_bytes()
    });
    let table = object(0xdf21, &offsets.collect::<Vec<_>>());
    object(tag, &[table, fields.concat()].concat())
}
