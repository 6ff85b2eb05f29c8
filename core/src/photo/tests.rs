use proptest::prelude::*;

use super::*;

const PHOTO: &[u8] = include_bytes!("../../../tests/data/surface/photo.jp2");

fn png(jp2: &[u8]) -> Result<Zeroizing<Vec<u8>>, PhotoError> {
    Photo::new(Zeroizing::new(jp2.to_vec())).png()
}

/// Where the codestream begins.
fn start() -> usize {
    PHOTO.windows(4).position(|four| four == [0xff, 0x4f, 0xff, 0x51]).unwrap()
}

fn pixels(file: &[u8]) -> (u32, u32, Vec<u8>) {
    let mut reader = png::Decoder::new(std::io::Cursor::new(file)).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    assert_eq!((info.color_type, info.bit_depth), (png::ColorType::Grayscale, png::BitDepth::Eight));
    (info.width, info.height, pixels)
}

#[test]
fn the_photo_on_the_screen_is_the_one_that_was_drawn() {
    let (width, height, pixels) = pixels(&png(PHOTO).unwrap());
    assert_eq!((width, height), (378, 472));
    // Background, hair, eye, face, shoulders, as the lines in tests/data/surface/README.md draw them.
    for (x, y, drawn) in [(5, 5, 225), (189, 100, 45), (152, 210, 30), (189, 330, 178), (189, 440, 70)] {
        let shown = pixels[y * 378 + x];
        assert!(shown.abs_diff(drawn) < 12, "{x},{y}: {shown} for {drawn}");
    }
}

#[test]
fn what_is_not_the_photo_of_a_card_is_refused_before_it_is_decoded() {
    let at = start();
    // Offset in the codestream, new octets: width, height, tile, components, depth, decompositions, precincts,
    // code blocks, tile number, a tile-part that ends early, a second part.
    let changes: [(usize, &[u8]); 12] = [
        (8, &[0, 0, 0x7f, 0xff]),
        (12, &[0, 1, 0, 0]),
        (8, &[0, 0, 0, 0]),
        (24, &[0, 0, 0, 1]),
        (40, &[0, 3]),
        (42, &[15]),
        (43, &[2]),
        (49, &[1]),
        (54, &[32]),
        (55, &[9]),
        (16, &[0, 0, 0, 1]),
        (4, &[0, 40]),
    ];
    for (offset, octets) in changes {
        let mut forged = PHOTO.to_vec();
        forged[at + offset..at + offset + octets.len()].copy_from_slice(octets);
        assert!(bounded(&forged[at..]).is_err(), "{offset}");
        assert!(png(&forged).is_err(), "{offset}");
    }
    let sot = at + PHOTO[at..].windows(2).position(|two| two == [0xff, 0x90]).unwrap();
    for (offset, octet) in [(5, 1), (9, 1), (10, 1), (11, 2)] {
        let mut forged = PHOTO.to_vec();
        forged[sot + offset] = octet;
        assert!(bounded(&forged[at..]).is_err(), "{offset} of the tile-part");
    }
}

#[test]
fn what_is_cut_or_too_long_is_refused() {
    for length in (0..PHOTO.len() - 1).step_by(31) {
        assert!(png(&PHOTO[..length]).is_err(), "{length}");
    }
    assert_eq!(png(&[PHOTO, &vec![0; MAX_LENGTH]].concat()), Err(PhotoError::Form));
    assert_eq!(png(b"\x89PNG\r\n\x1a\n"), Err(PhotoError::Malformed));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_octets_break_the_decoder(changes in prop::collection::vec((0_usize..1989, any::<u8>()), 1..6)) {
        let mut forged = PHOTO.to_vec();
        for (at, octet) in changes {
            forged[at] = octet;
        }
        if let Ok(file) = png(&forged) {
            prop_assert!(file.starts_with(b"\x89PNG"));
        }
    }
}
