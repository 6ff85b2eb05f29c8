//! Makes keys and certificates of the test CA and the cards again, octet for octet:
//! `cargo run -p shikaku-virtual-card --example generate`. `card.json` files are written by hand.

use std::path::{Path, PathBuf};

use shikaku_virtual_card::issue::{
    Authority, IssueError, Leaf, Name, Partition, Policy, derive_key, key_to_pem,
};

/// End of the day in Japan on 2024-02-17.
const ENDED: u64 = 1_708_181_999;
/// 2019-04-01T00:00:00Z.
const LONG_AGO: u64 = 1_554_076_800;
/// 2022-04-01T00:00:00Z.
const EARLIER: u64 = 1_648_771_200;

/// What could not be made.
#[derive(Debug, thiserror::Error)]
enum GenerateError {
    #[error("cannot write {path}")]
    Write { path: PathBuf, source: std::io::Error },
    #[error("cannot issue")]
    Issue(#[from] IssueError),
}

fn main() -> Result<(), GenerateError> {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../data");
    let roots = Roots::make(&data.join("ca"))?;
    for card in CARDS {
        card.make(&roots, &data.join("cards").join(card.name))?;
    }
    write(&data.join("cards/no-certificate/auth-ca.der"), roots.usual.certificate())
}

struct Roots {
    usual: Authority,
    other: Authority,
    signature: Authority,
}

impl Roots {
    fn make(folder: &Path) -> Result<Self, GenerateError> {
        let root = |file: &str, name: Name, serial| -> Result<Authority, GenerateError> {
            let key = derive_key(file)?;
            write(&folder.join(format!("{file}.key")), key_to_pem(&key)?.as_bytes())?;
            let authority = Authority::new(name, key, serial)?;
            write(&folder.join(format!("{file}.der")), authority.certificate())?;
            Ok(authority)
        };
        Ok(Self {
            usual: root("root", Name::authentication_ca(), 0x21_0001)?,
            other: root("other-root", Name::authentication_ca(), 0x21_0002)?,
            signature: root("sign-root", Name::signature_ca(), 0x21_0003)?,
        })
    }
}

/// One card's user-authentication certificate, and whether it has one for signatures too.
struct Recipe {
    name: &'static str,
    serial: u32,
    validity: Option<(u64, u64)>,
    policy: Policy,
    by_other_root: bool,
    signs: bool,
}

const fn usual(name: &'static str, serial: u32) -> Recipe {
    Recipe { name, serial, validity: None, policy: Policy::Test, by_other_root: false, signs: false }
}

const CARDS: &[Recipe] = &[
    Recipe { signs: true, ..usual("default", 0x22_9000) },
    usual("revoked", 0x22_9001),
    usual("everything", 0x22_9002),
    usual("no-extended", 0x22_9003),
    usual("slow", 0x22_9004),
    usual("small-frames", 0x22_9005),
    Recipe { validity: Some((LONG_AGO, ENDED)), ..usual("expired", 0x22_9006) },
    Recipe { by_other_root: true, ..usual("wrong-issuer", 0x22_9007) },
    usual("blocked", 0x22_9008),
    usual("one-try", 0x22_9009),
    usual("two-tries", 0x22_900a),
    Recipe { policy: Policy::MobileUnknown, ..usual("phone-android", 0x22_900b) },
    Recipe { validity: Some((EARLIER, 2_086_873_199)), ..usual("renewed-old", 0x22_900c) },
    usual("renewed-new", 0x22_900d),
];

impl Recipe {
    fn make(&self, roots: &Roots, folder: &Path) -> Result<(), GenerateError> {
        let authority = if self.by_other_root { &roots.other } else { &roots.usual };
        let key = derive_key(&format!("card {}", self.name))?;
        let mut leaf = Leaf::new(self.serial, key.to_public_key());
        leaf.policy = self.policy;
        leaf.partition = Partition::usual();
        if let Some((not_before, not_after)) = self.validity {
            (leaf.not_before, leaf.not_after) = (not_before, not_after);
        }
        write(&folder.join("auth.key"), key_to_pem(&key)?.as_bytes())?;
        write(&folder.join("auth.der"), &authority.issue(&leaf)?)?;
        write(&folder.join("auth-ca.der"), authority.certificate())?;
        if self.signs { self.make_signature(roots, folder) } else { Ok(()) }
    }

    fn make_signature(&self, roots: &Roots, folder: &Path) -> Result<(), GenerateError> {
        let key = derive_key(&format!("card {} signature", self.name))?;
        let leaf = Leaf::new(self.serial + 0xf00, key.to_public_key());
        write(&folder.join("sign.key"), key_to_pem(&key)?.as_bytes())?;
        write(&folder.join("sign.der"), &roots.signature.issue_for_signatures(&leaf)?)?;
        write(&folder.join("sign-ca.der"), roots.signature.certificate())
    }
}

fn write(path: &Path, octets: &[u8]) -> Result<(), GenerateError> {
    std::fs::write(path, octets).map_err(|source| GenerateError::Write { path: path.to_owned(), source })
}
