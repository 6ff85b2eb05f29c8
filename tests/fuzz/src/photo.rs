//! The photo of the card face: JPEG 2000 from the chip becomes a small picture, or nothing.

use shikaku::photo::{MAX_LENGTH, MAX_SIDE, Photo};
use shikaku_virtual_card::Card;

/// The octets as the photo of a card face, and as a codestream behind a good file's header. What takes the fuzzer's
/// ten seconds or its half gigabyte is a find.
pub fn photo(octets: &[u8]) {
    decode(octets);
    decode(&[HEADER, octets].concat());
}

/// Signature box, and the beginning of a codestream box that goes to the end of the file.
const HEADER: &[u8] = b"\0\0\0\x0cjP  \r\n\x87\n\0\0\0\0jp2c";

fn decode(octets: &[u8]) {
    let photo = Photo::new(octets.to_vec().into());
    assert_eq!(format!("{photo:?}"), "Photo");
    let Ok(png) = photo.png() else { return };
    assert!(octets.len() <= MAX_LENGTH, "a longer file than is looked at");
    let sides = png.get(16..24).and_then(|sides| sides.split_first_chunk::<4>()).unwrap();
    let sides = [*sides.0, sides.1.try_into().unwrap()].map(u32::from_be_bytes);
    assert!(
        png.starts_with(b"\x89PNG") && sides.iter().all(|side| (1..=MAX_SIDE).contains(side)),
        "{sides:?}"
    );
    // No bigger than its pixels and what surrounds them.
    assert!(png.len() <= 2 * (MAX_SIDE * MAX_SIDE) as usize);
}

/// The photo on the default card.
pub(super) fn usual() -> Vec<u8> {
    let card = Card::from_name("default").unwrap();
    let face = card.surface_data(0x0002).unwrap();
    let begin = face.windows(2).position(|tag| tag == [0xdf, 0x27]).unwrap();
    let [_, _, 0x82, high, low, photo @ ..] = &face[begin..] else { panic!("a photo is a long object") };
    photo[..usize::from(u16::from_be_bytes([*high, *low]))].to_vec()
}
