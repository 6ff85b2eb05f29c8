//! Sealed state: AES-256-GCM, octets in and octets out.
//!
//! The shell keeps the files (temporary file, fsync, rename, fsync of the folder) and the data key, which its
//! platform's key store wraps. Each record has two files, written in turn, so that a write that was cut off
//! leaves the one before. What is authenticated with the octets names where they belong: device, record, schema
//! and generation, so that no file can be put in another's place.

use core::fmt;

use aes_gcm::aead::consts::U12;
use aes_gcm::aead::{Aead as _, KeyInit as _, Payload};
use aes_gcm::{AesGcm, Nonce};
use zeroize::{ZeroizeOnDrop, Zeroizing};

use crate::guide::Code;

/// GCM over the block cipher of the crate `aes`, with a 96-bit nonce and a 128-bit tag (NIST SP 800-38D).
type Aes256Gcm = AesGcm<aes::Aes256, U12>;

/// First octets of a sealed record: what it is, and the version of this form.
const MAGIC: &[u8; 5] = b"SHKV\x01";
/// Octets before the ciphertext: magic, generation, nonce.
const HEAD: usize = MAGIC.len() + 8 + 12;
/// Largest sealed record that is opened, in octets.
pub const RECORD_LIMIT: usize = 4 * 1024 * 1024;

/// The random key that seals a device's records; wiped when dropped, never shown.
#[derive(ZeroizeOnDrop)]
pub struct DataKey([u8; 32]);

impl DataKey {
    /// A key from 32 octets of the shell's randomness, or from where the platform keeps it.
    pub const fn new(octets: [u8; 32]) -> Self {
        Self(octets)
    }
}

impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DataKey(not shown)")
    }
}

/// Where a record belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place<'a> {
    /// Names the device: the key id of its first key, or anything that stays.
    pub device: &'a str,
    /// Names the record.
    pub record: &'a str,
    /// Version of the record's form.
    pub schema: u32,
}

/// Why a record could not be sealed or opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VaultError {
    /// Too large, or the cipher refused.
    #[error("the state could not be sealed")]
    Seal,
    /// Nothing was ever sealed here.
    #[error("there is no state")]
    Absent,
    /// There is something, but no generation of it opens: changed, cut off, of another place or under another key.
    #[error("the state is damaged")]
    Damaged,
    /// It opens, but is older than what the platform remembers: somebody put an old copy back.
    #[error("the state has generation {found}, and {floor} was written already")]
    RolledBack {
        /// The newest generation that opens.
        found: u64,
        /// The generation that was written already.
        floor: u64,
    },
}

impl VaultError {
    /// The code that says it to the staff.
    pub const fn code(&self) -> Code {
        match self {
            Self::Absent => Code::NotRegistered,
            Self::Seal | Self::Damaged => Code::StateDamaged,
            Self::RolledBack { .. } => Code::StateRolledBack,
        }
    }
}

/// What was opened.
#[derive(PartialEq, Eq)]
pub struct Opened {
    /// Generation of the record; the next one to seal is one higher.
    pub generation: u64,
    /// The octets; wiped when dropped.
    pub octets: Zeroizing<Vec<u8>>,
    /// Whether the other file was there but did not open: the newest write may be lost.
    pub other_damaged: bool,
}

impl fmt::Debug for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Opened(generation {}, {} octets not shown)", self.generation, self.octets.len())
    }
}

/// Seals `octets` as one generation of a record. `nonce` must never be used twice under one key: 12 octets of the
/// shell's randomness, fresh for each call.
pub fn seal(
    key: &DataKey,
    place: &Place<'_>,
    generation: u64,
    nonce: [u8; 12],
    octets: &[u8],
) -> Result<Vec<u8>, VaultError> {
    if octets.len() > RECORD_LIMIT - HEAD - 16 {
        return Err(VaultError::Seal);
    }
    let aad = associated(place, generation);
    let payload = Payload { msg: octets, aad: &aad };
    let sealed = cipher(key).encrypt(&Nonce::from(nonce), payload).map_err(|_| VaultError::Seal)?;
    Ok([MAGIC.as_slice(), &generation.to_be_bytes(), &nonce, &sealed].concat())
}

/// Opens the newest of the two files of a record. `floor` is the last generation that the platform remembers to
/// have been written, 0 where it can remember none; one below it is good when the newer file is damaged, as after
/// a write that was cut off.
pub fn open(
    key: &DataKey,
    place: &Place<'_>,
    files: [Option<&[u8]>; 2],
    floor: u64,
) -> Result<Opened, VaultError> {
    let present = files.iter().flatten().count();
    if present == 0 {
        return Err(if floor == 0 { VaultError::Absent } else { VaultError::RolledBack { found: 0, floor } });
    }
    let opened = files.into_iter().flatten().filter_map(|file| open_one(key, place, file));
    let opened: Vec<(u64, Zeroizing<Vec<u8>>)> = opened.collect();
    let other_damaged = opened.len() < present;
    let newest = opened.into_iter().max_by_key(|(generation, _)| *generation);
    let (generation, octets) = newest.ok_or(VaultError::Damaged)?;
    let reached = generation.saturating_add(u64::from(other_damaged));
    if reached < floor {
        return Err(VaultError::RolledBack { found: generation, floor });
    }
    Ok(Opened { generation, octets, other_damaged })
}

fn open_one(key: &DataKey, place: &Place<'_>, file: &[u8]) -> Option<(u64, Zeroizing<Vec<u8>>)> {
    let rest = file.strip_prefix(MAGIC).filter(|_| file.len() <= RECORD_LIMIT)?;
    let (generation, rest) = rest.split_first_chunk::<8>()?;
    let (nonce, sealed) = rest.split_first_chunk::<12>()?;
    let generation = u64::from_be_bytes(*generation);
    let aad = associated(place, generation);
    let payload = Payload { msg: sealed, aad: &aad };
    let octets = cipher(key).decrypt(&Nonce::from(*nonce), payload).ok()?;
    Some((generation, Zeroizing::new(octets)))
}

fn cipher(key: &DataKey) -> Aes256Gcm {
    Aes256Gcm::new((&key.0).into())
}

/// What is authenticated beside the octets: device and record, each with its length before it, schema, generation.
fn associated(place: &Place<'_>, generation: u64) -> Vec<u8> {
    let mut aad = MAGIC.to_vec();
    for text in [place.device, place.record] {
        aad.extend_from_slice(&(text.len() as u64).to_be_bytes());
        aad.extend_from_slice(text.as_bytes());
    }
    aad.extend_from_slice(&place.schema.to_be_bytes());
    aad.extend_from_slice(&generation.to_be_bytes());
    aad
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACE: Place<'static> = Place { device: "device", record: "state", schema: 1 };

    fn key() -> DataKey {
        DataKey::new([7; 32])
    }

    fn sealed(generation: u64) -> Vec<u8> {
        seal(&key(), &PLACE, generation, [3; 12], format!("state {generation}").as_bytes()).unwrap()
    }

    fn opened(files: [Option<&[u8]>; 2], floor: u64) -> Result<(u64, bool), VaultError> {
        open(&key(), &PLACE, files, floor).map(|opened| (opened.generation, opened.other_damaged))
    }

    /// NIST CAVS gcmEncryptExtIV256: Count 0 of the case with 128 bits of plaintext, no AAD, 96-bit IV.
    #[test]
    fn the_cipher_is_aes_256_gcm() {
        let key = DataKey::new([
            0x31, 0xbd, 0xad, 0xd9, 0x66, 0x98, 0xc2, 0x04, 0xaa, 0x9c, 0xe1, 0x44, 0x8e, 0xa9, 0x4a, 0xe1,
            0xfb, 0x4a, 0x9a, 0x0b, 0x3c, 0x9d, 0x77, 0x3b, 0x51, 0xbb, 0x18, 0x22, 0x66, 0x6b, 0x8f, 0x22,
        ]);
        let nonce = [0x0d, 0x18, 0xe0, 0x6c, 0x7c, 0x72, 0x5a, 0xc9, 0xe3, 0x62, 0xe1, 0xce];
        let plain =
            [0x2d, 0xb5, 0x16, 0x8e, 0x93, 0x25, 0x56, 0xf8, 0x08, 0x9a, 0x06, 0x22, 0x98, 0x1d, 0x01, 0x7d];
        let sealed = cipher(&key).encrypt(&Nonce::from(nonce), plain.as_slice()).unwrap();
        assert_eq!(
            sealed,
            [
                0xfa, 0x43, 0x62, 0x18, 0x96, 0x61, 0xd1, 0x63, 0xfc, 0xd6, 0xa5, 0x6d, 0x8b, 0xf0, 0x40,
                0x5a, 0xd6, 0x36, 0xac, 0x1b, 0xbe, 0xdd, 0x5c, 0xc3, 0xee, 0x72, 0x7d, 0xc2, 0xab, 0x4a,
                0x94, 0x89
            ]
        );
    }

    #[test]
    fn the_newer_of_two_generations_is_opened_whichever_file_it_is_in() {
        let (old, new) = (sealed(4), sealed(5));
        assert_eq!(opened([Some(&old), Some(&new)], 5), Ok((5, false)));
        assert_eq!(opened([Some(&new), Some(&old)], 5), Ok((5, false)));
        assert_eq!(opened([Some(&new), None], 5), Ok((5, false)));
        let read = open(&key(), &PLACE, [Some(&new), None], 0).unwrap();
        assert_eq!(read.octets.as_slice(), b"state 5");
        assert_eq!(format!("{read:?}"), "Opened(generation 5, 7 octets not shown)");
    }

    #[test]
    fn a_write_that_was_cut_off_leaves_the_generation_before() {
        let (old, new) = (sealed(4), sealed(5));
        for cut in [0, 1, HEAD, new.len() - 1] {
            assert_eq!(opened([Some(&old), Some(&new[..cut])], 5), Ok((4, true)), "{cut}");
        }
    }

    #[test]
    fn an_old_copy_that_was_put_back_is_recognised() {
        let (oldest, old) = (sealed(3), sealed(4));
        assert_eq!(
            opened([Some(&oldest), Some(&old)], 5),
            Err(VaultError::RolledBack { found: 4, floor: 5 })
        );
        assert_eq!(
            opened([Some(&oldest), Some(b"x")], 5),
            Err(VaultError::RolledBack { found: 3, floor: 5 })
        );
        assert_eq!(opened([None, None], 5), Err(VaultError::RolledBack { found: 0, floor: 5 }));
        assert_eq!(opened([None, None], 0), Err(VaultError::Absent));
    }

    #[test]
    fn every_changed_octet_is_damage() {
        let good = sealed(1);
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 1;
            assert_eq!(opened([Some(&bad), None], 0), Err(VaultError::Damaged), "octet {at}");
        }
    }

    #[test]
    fn a_record_opens_in_its_own_place_only() {
        let good = sealed(1);
        let places = [
            Place { device: "other", ..PLACE },
            Place { record: "other", ..PLACE },
            Place { schema: 2, ..PLACE },
            Place { device: "devices", record: "tate", schema: 1 },
        ];
        for place in places {
            assert_eq!(open(&key(), &place, [Some(&good), None], 0), Err(VaultError::Damaged));
        }
        assert_eq!(open(&DataKey::new([8; 32]), &PLACE, [Some(&good), None], 0), Err(VaultError::Damaged));
    }
}
