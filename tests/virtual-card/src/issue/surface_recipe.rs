//! What lies in `tests/data/surface` and beside the `card.json` files of cards that can be checked visually.

use super::key::{IssueError, derive_key, key_to_pem};
use super::recipe::DataFile;
use super::surface::{Holder, SurfaceAuthority};

/// What is particular to one card's face.
#[derive(Clone, Copy)]
enum Face {
    /// As it should be.
    Good,
    /// Another birth date than the registry's.
    OtherBirthDate,
    /// Signed by a stranger.
    Forged,
    /// Another card's records beside a key of its own.
    Copied,
    /// Another photo than the one that was signed.
    OtherPhoto,
    /// Another name in the text input application.
    OtherName,
}

const CARDS: [(&str, Face); 10] = [
    ("default", Face::Good),
    ("visual-foreign", Face::Good),
    ("visual-two-tries", Face::Good),
    ("visual-one-try", Face::Good),
    ("visual-blocked", Face::Good),
    ("visual-other-birth", Face::OtherBirthDate),
    ("visual-forged", Face::Forged),
    ("visual-copied", Face::Copied),
    ("visual-other-photo", Face::OtherPhoto),
    ("visual-other-name", Face::OtherName),
];

/// Keys of the test hierarchy, and the files of every card with a face. A card that is not the usual one has the usual
/// one's certificate, so that nothing but its face is particular.
pub(super) fn surface_data(usual: &[DataFile], files: &mut Vec<DataFile>) -> Result<(), IssueError> {
    let (root, issuer) = (derive_key("cv-root")?, derive_key("cv-issuer")?);
    files.push(("surface/cv-root.key".to_owned(), key_to_pem(&root)?.into_bytes()));
    files.push(("surface/cv-issuer.key".to_owned(), key_to_pem(&issuer)?.into_bytes()));
    let stranger = SurfaceAuthority::new(root.clone(), derive_key("cv-stranger")?);
    let authority = SurfaceAuthority::new(root, issuer);
    files.push(("surface/cv-root.cv".to_owned(), authority.root()));
    let (own, other) = (derive_key("card surface")?, derive_key("card surface other")?);
    for (card, face) in CARDS {
        let mut holder = Holder {
            name: "資格\u{3000}太郎",
            address: "東京都千代田区千代田１番地",
            birth_date: "19800102",
            expiry: "20360217",
            key: own.to_public_key(),
        };
        match face {
            Face::OtherBirthDate => holder.birth_date = "19810102",
            Face::OtherName => holder.name = "別人\u{3000}花子",
            _ => {}
        }
        let signing = if matches!(face, Face::Forged) { &stranger } else { &authority };
        let face_record = match face {
            Face::OtherPhoto => {
                signing.card_face_with(&holder, b"another photo", b"the photo that was signed")
            }
            _ => signing.card_face(&holder),
        };
        let path = |file: &str| format!("cards/{card}/{file}");
        files.push((path("surface-age.bin"), signing.age_record(&holder)?));
        files.push((path("surface-face.bin"), face_record?));
        files.push((path("surface-cv.bin"), authority.certificate()?));
        files.push((path("text.bin"), SurfaceAuthority::attributes(&holder)));
        let key = if matches!(face, Face::Copied) { &other } else { &own };
        files.push((path("surface.key"), key_to_pem(key)?.into_bytes()));
        if card != "default" {
            let copied = usual.iter().filter(|(name, _)| name.starts_with("cards/default/auth"));
            files.extend(copied.map(|(name, octets)| (name.replace("default", card), octets.clone())));
        }
    }
    Ok(())
}
