//! Distinguished names: country as `PrintableString`, all else as `UTF8String`, like the real ones.

use super::der;

/// `2.5.4.x`: the attribute types in use.
const COUNTRY: u32 = 6;
const ORGANIZATION: u32 = 10;
const UNIT: u32 = 11;
const COMMON_NAME: u32 = 3;

/// A distinguished name under `C=JP`, in encoding order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    attributes: Vec<(u32, String)>,
}

impl Name {
    /// The user-authentication CA. Both its roots bear this one name, as the real generations do.
    pub fn authentication_ca() -> Self {
        Self::japan()
            .with(ORGANIZATION, "SHIKAKU-TEST")
            .with(UNIT, "JPKI for user authentication")
            .with(UNIT, "Virtual cards of Shikaku, test only, proves nothing")
    }

    /// The digital-signature CA, for foreign clients that read that certificate too.
    pub fn signature_ca() -> Self {
        Self::japan()
            .with(ORGANIZATION, "SHIKAKU-TEST")
            .with(UNIT, "JPKI for digital signature")
            .with(UNIT, "Virtual cards of Shikaku, test only, proves nothing")
    }

    /// The CA's Japanese name, as alternative name of issuer and subject.
    pub(super) fn authority_in_japanese() -> Self {
        Self::japan()
            .with(ORGANIZATION, "資格・試験用認証サービス")
            .with(UNIT, "仮想カード利用者証明用")
            .with(UNIT, "本物の証明ではありません")
    }

    /// The holder: `common_name` is 14 characters, five digits of the municipality, four characters.
    pub fn holder(common_name: &str) -> Self {
        Self::japan().with(COMMON_NAME, common_name)
    }

    fn japan() -> Self {
        Self { attributes: vec![(COUNTRY, "JP".to_owned())] }
    }

    fn with(mut self, attribute: u32, value: &str) -> Self {
        self.attributes.push((attribute, value.to_owned()));
        self
    }

    pub(super) fn der(&self) -> Vec<u8> {
        let parts: Vec<Vec<u8>> =
            self.attributes.iter().map(|(kind, value)| attribute(*kind, value)).collect();
        der::sequence(&parts)
    }

    /// As a `GeneralName` of the kind directoryName, which is explicitly tagged.
    pub(super) fn directory_name(&self) -> Vec<u8> {
        der::explicit(4, &self.der())
    }

    /// `DistributionPointName` with this one full name.
    pub(super) fn distribution_point(&self) -> Vec<u8> {
        der::explicit(0, &der::explicit(0, &self.directory_name()))
    }
}

fn attribute(kind: u32, value: &str) -> Vec<u8> {
    let value = if kind == COUNTRY { der::printable(value) } else { der::utf8(value) };
    der::set(&[der::sequence(&[der::oid(&[2, 5, 4, kind]), value])])
}

/// A part of the revocation list: the real CA has one CRL for each municipality, named without any URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Partition {
    prefecture: String,
    municipality: String,
}

impl Partition {
    /// `prefecture` and `municipality` in Latin letters, such as `Tokyo-to` and `Chiyoda-ku`.
    pub fn new(prefecture: &str, municipality: &str) -> Self {
        Self { prefecture: prefecture.to_owned(), municipality: municipality.to_owned() }
    }

    /// Where the holders of the embedded cards live.
    pub fn usual() -> Self {
        Self::new("Tokyo-to", "Chiyoda-ku")
    }

    /// Another place.
    pub fn elsewhere() -> Self {
        Self::new("Hokkaido", "Sapporo-shi")
    }

    /// The name of the distribution point.
    pub fn name(&self) -> Name {
        Name::japan()
            .with(ORGANIZATION, "SHIKAKU-TEST")
            .with(UNIT, "JPKI for user authentication")
            .with(UNIT, "CRL Distribution Points")
            .with(UNIT, &self.prefecture)
            .with(COMMON_NAME, &format!("{} CRLDP", self.municipality))
    }
}
