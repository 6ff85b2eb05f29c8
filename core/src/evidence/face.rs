//! EF 0002, the card face: birth date, sex and key in one group, the printed name and address in a second, the photo in
//! a third; one signature over the digests of all three, so that the first can be shown without the others.

use core::fmt;

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::person::{Person, date, key};
use super::tlv::{self, Reader};
use super::{MAX_CARD_FACE_LENGTH, MAX_FACE_GROUP_LENGTH, SurfaceError};
use crate::certificate::signature::{PublicKey, SIGNATURE_LENGTH};

/// What the service may see of the card face: the objects DF22 (birth date), DF23 (sex) and DF24 (the card's key), and
/// the digests of the groups that it does not see.
///
/// The signature is PKCS #1 v1.5 with a SHA-256 `DigestInfo` whose octet string has 96 octets:
/// SHA-256(DF22 ‖ DF23 ‖ DF24) ‖ SHA-256(DF25 ‖ DF26) ‖ SHA-256(DF27).
#[derive(Clone, PartialEq, Eq)]
pub struct FaceGroup {
    octets: Box<[u8]>,
    person: Person,
    others: [[u8; 32]; 2],
    signature: [u8; SIGNATURE_LENGTH],
}

impl FaceGroup {
    /// Reads the three objects one behind the other, nothing behind them, at most [`MAX_FACE_GROUP_LENGTH`] octets.
    /// Nothing of it is believed yet.
    pub fn parse(
        octets: &[u8],
        others: [[u8; 32]; 2],
        signature: [u8; SIGNATURE_LENGTH],
    ) -> Result<Self, SurfaceError> {
        if octets.len() > MAX_FACE_GROUP_LENGTH {
            return Err(SurfaceError::Malformed);
        }
        let mut reader = Reader::new(octets);
        let birth_date = date(reader.exactly(0xdf22)?)?;
        let _sex: [u8; 1] = reader.exactly(0xdf23)?;
        let key = key(reader.object(0xdf24)?.content)?;
        reader.end()?;
        Ok(Self { octets: octets.into(), person: Person { birth_date, key }, others, signature })
    }

    /// The octets of the three objects.
    pub fn octets(&self) -> &[u8] {
        &self.octets
    }

    /// SHA-256 of printed name and address, and of the photo.
    pub const fn others(&self) -> &[[u8; 32]; 2] {
        &self.others
    }

    /// The signature over the three digests.
    pub const fn signature(&self) -> &[u8; SIGNATURE_LENGTH] {
        &self.signature
    }

    pub(super) const fn person(&self) -> &Person {
        &self.person
    }

    pub(super) fn verify(&self, issuer: &PublicKey) -> Result<(), SurfaceError> {
        let mut digests = [0; 96];
        let own: [u8; 32] = Sha256::digest(&self.octets).into();
        for (to, from) in digests.iter_mut().zip(own.iter().chain(self.others.as_flattened())) {
            *to = *from;
        }
        issuer.verify_three(&digests, &self.signature).map_err(|_| SurfaceError::RecordSignature)
    }
}

/// The group is a person's and stays out of logs.
impl fmt::Debug for FaceGroup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FaceGroup({} octets)", self.octets.len())
    }
}

/// `FF20 {DF21 offsets · DF22 birth date · DF23 sex · DF24 key · DF25 name · DF26 address · DF27 photo · DF28 signature ·
/// DF29 expiry · DF2A security code}`: the whole card face, for the device alone. DF29 and DF2A are not signed.
pub struct CardFace {
    group: FaceGroup,
    photo: Zeroizing<Vec<u8>>,
}

impl CardFace {
    /// Tag of the record.
    pub(crate) const TAG: u16 = 0xff20;

    /// Reads a record of at most [`MAX_CARD_FACE_LENGTH`] octets, nothing behind it. Nothing of it is believed yet; name
    /// and address, which are images, are hashed and passed over.
    pub fn parse(octets: &[u8]) -> Result<Self, SurfaceError> {
        if octets.len() > MAX_CARD_FACE_LENGTH {
            return Err(SurfaceError::Malformed);
        }
        let mut reader = Reader::new(tlv::whole(octets, Self::TAG)?);
        reader.object(0xdf21)?;
        let first =
            [reader.object(0xdf22)?, reader.object(0xdf23)?, reader.object(0xdf24)?].map(|object| object.raw);
        let second = [reader.object(0xdf25)?, reader.object(0xdf26)?].map(|object| object.raw);
        let photo = reader.object(0xdf27)?;
        let signature = reader.exactly(0xdf28)?;
        reader.object(0xdf29)?;
        reader.object(0xdf2a)?;
        reader.end()?;
        let others = [Sha256::digest(second.concat()).into(), Sha256::digest(photo.raw).into()];
        let group = FaceGroup::parse(&first.concat(), others, signature)?;
        Ok(Self { group, photo: Zeroizing::new(photo.content.to_vec()) })
    }

    /// What the service may see.
    pub const fn group(&self) -> &FaceGroup {
        &self.group
    }

    /// The photo, JPEG 2000 in a JP2 file, grey. Never leaves the device.
    pub fn photo(&self) -> &[u8] {
        &self.photo
    }

    /// Both, the photo wiped when it is dropped.
    pub(crate) fn into_parts(self) -> (FaceGroup, Zeroizing<Vec<u8>>) {
        (self.group, self.photo)
    }
}

/// The face is a person's and stays out of logs.
impl fmt::Debug for CardFace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CardFace")
    }
}
