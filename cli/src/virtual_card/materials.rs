//! What a service needs to know the virtual cards: their root, a CRL of today, a registry.

use std::path::Path;

use serde_json::json;
use shikaku::certificate::Certificate;
use shikaku::client::World as _;
use shikaku_virtual_card::issue::{Authority, SurfaceAuthority, issue_crl};
use shikaku_virtual_card::{CARDS, Card};

use crate::failure::Failure;
use crate::screen::hex;
use crate::terminal::{Machine, write_private};

/// Files for `shikaku admin anchor add`, `crl load` and `registry import`, for a test institution.
pub(crate) struct Materials {
    /// Root of the virtual cards, DER. Its key lies open in the source: it proves nothing about anybody.
    pub(crate) root: Vec<u8>,
    /// CRL, DER, good for a week from now.
    pub(crate) crl: Vec<u8>,
    /// The key behind the virtual cards' faces, as 281 octets. It lies open as the root's does.
    pub(crate) surface: Vec<u8>,
    /// Registry, JSON lines: one made-up person who holds every virtual card.
    pub(crate) registry: String,
}

impl Materials {
    /// Makes them.
    pub(crate) fn make() -> Result<Self, Failure> {
        let authority = Authority::test().map_err(Failure::plain)?;
        Ok(Self {
            root: authority.certificate().to_vec(),
            surface: SurfaceAuthority::test().map_err(Failure::plain)?.root(),
            crl: issue_crl(Machine.now().0, &[]).map_err(Failure::plain)?,
            registry: registry()?,
        })
    }

    /// Writes them into a folder that is there, over nothing: `root.der`, `surface-root.cv`, `crl.der`,
    /// `registry.jsonl`.
    pub(super) fn write(&self, folder: &Path) -> Result<(), Failure> {
        write_private(&folder.join("root.der"), &self.root)?;
        write_private(&folder.join("surface-root.cv"), &self.surface)?;
        write_private(&folder.join("crl.der"), &self.crl)?;
        write_private(&folder.join("registry.jsonl"), self.registry.as_bytes())
    }
}

/// The registry as JSON lines: one person, insured today, who holds every virtual card that has a certificate.
fn registry() -> Result<String, Failure> {
    let mut certificates = Vec::new();
    for name in CARDS {
        let card = Card::from_name(name).map_err(Failure::plain)?;
        if let Some(der) = card.certificate() {
            let certificate = named(der)?;
            if !certificates.contains(&certificate) {
                certificates.push(certificate);
            }
        }
    }
    let person = json!({
        "Person": "1",
        "Enrolled": true,
        "Certificates": certificates,
        "Qualifications": [{
            "InsurerNumber": "01130012",
            "InsurerName": "全国健康保険協会東京支部",
            "InsuredCardSymbol": "１２３４５",
            "InsuredIdentificationNumber": "６７８９０",
            "InsuredBranchNumber": "01",
            "InsuredCardClassification": "01",
            "PersonalFamilyClassification": "1",
            "Name": "資格 太郎",
            "NameKana": "ｼｶｸ ﾀﾛｳ",
            "Sex1": "1",
            "Birthdate": "1980-01-02",
            "PostNumber": "100-0001",
            "Address": "東京都千代田区千代田１－１",
            "QualificationDate": "2020-04-01",
            "InsuredPartialContributionRatio": "030",
        }],
    });
    Ok(person.to_string())
}

/// How a registry names a certificate: by its issuer's key id and its serial number.
fn named(der: &[u8]) -> Result<serde_json::Value, Failure> {
    let certificate = Certificate::from_der(der).map_err(Failure::plain)?;
    Ok(json!({ "IssuerKeyId": hex(certificate.issuer_key_id()), "Serial": hex(certificate.serial()) }))
}
