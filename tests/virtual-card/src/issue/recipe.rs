//! What lies in `tests/data/ca` and beside the `card.json` files, made again octet for octet.

use super::authority::Authority;
use super::key::{IssueError, derive_key, key_to_pem};
use super::leaf::{Leaf, Policy};
use super::name::Name;
use super::surface_recipe::surface_data;

/// End of the day in Japan on 2024-02-17.
const ENDED: u64 = 1_708_181_999;
/// 2019-04-01T00:00:00Z.
const LONG_AGO: u64 = 1_554_076_800;
/// 2022-04-01T00:00:00Z.
const EARLIER: u64 = 1_648_771_200;
/// End of the day in Japan on 2036-02-17, as all others.
const FAR: u64 = 2_086_873_199;

/// One file: its path below `tests/data` and its octets.
pub type DataFile = (String, Vec<u8>);

/// All keys and certificates of the test CA and the embedded cards. Takes seconds, for it makes the keys anew
/// from their labels.
pub fn test_data() -> Result<Vec<DataFile>, IssueError> {
    let mut files = Vec::new();
    let usual = root("root", Name::authentication_ca(), 0x21_0001, &mut files)?;
    let other = root("other-root", Name::authentication_ca(), 0x21_0002, &mut files)?;
    let signature = root("sign-root", Name::signature_ca(), 0x21_0003, &mut files)?;
    for recipe in RECIPES {
        recipe.make(if recipe.by_other_root { &other } else { &usual }, &mut files)?;
    }
    signing_half("default", 0x22_9f00, &signature, &mut files)?;
    files.push(("cards/no-certificate/auth-ca.der".to_owned(), usual.certificate().to_vec()));
    let usual = files.clone();
    surface_data(&usual, &mut files)?;
    Ok(files)
}

fn root(file: &str, name: Name, serial: u32, files: &mut Vec<DataFile>) -> Result<Authority, IssueError> {
    let key = derive_key(file)?;
    files.push((format!("ca/{file}.key"), key_to_pem(&key)?.into_bytes()));
    let authority = Authority::new(name, key, serial)?;
    files.push((format!("ca/{file}.der"), authority.certificate().to_vec()));
    Ok(authority)
}

/// The particulars of one card's user-authentication certificate.
struct Recipe {
    name: &'static str,
    serial: u32,
    validity: Option<(u64, u64)>,
    policy: Policy,
    by_other_root: bool,
}

const fn usual(name: &'static str, serial: u32) -> Recipe {
    Recipe { name, serial, validity: None, policy: Policy::Test, by_other_root: false }
}

const RECIPES: &[Recipe] = &[
    usual("default", 0x22_9000),
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
    Recipe { validity: Some((EARLIER, FAR)), ..usual("renewed-old", 0x22_900c) },
    usual("renewed-new", 0x22_900d),
];

impl Recipe {
    fn make(&self, authority: &Authority, files: &mut Vec<DataFile>) -> Result<(), IssueError> {
        let key = derive_key(&format!("card {}", self.name))?;
        let mut leaf = Leaf::new(self.serial, key.to_public_key());
        leaf.policy = self.policy;
        if let Some((not_before, not_after)) = self.validity {
            (leaf.not_before, leaf.not_after) = (not_before, not_after);
        }
        let path = |file: &str| format!("cards/{}/{file}", self.name);
        files.push((path("auth.key"), key_to_pem(&key)?.into_bytes()));
        files.push((path("auth.der"), authority.issue(&leaf)?));
        files.push((path("auth-ca.der"), authority.certificate().to_vec()));
        Ok(())
    }
}

/// Key and certificate for signatures (署名用), which only foreign clients touch.
fn signing_half(
    card: &str,
    serial: u32,
    authority: &Authority,
    files: &mut Vec<DataFile>,
) -> Result<(), IssueError> {
    let key = derive_key(&format!("card {card} signature"))?;
    let leaf = Leaf::new(serial, key.to_public_key());
    files.push((format!("cards/{card}/sign.key"), key_to_pem(&key)?.into_bytes()));
    files.push((format!("cards/{card}/sign.der"), authority.issue_for_signatures(&leaf)?));
    files.push((format!("cards/{card}/sign-ca.der"), authority.certificate().to_vec()));
    Ok(())
}
