//! The photo of the card face: JPEG 2000 from the chip, PNG for the screen, wiped when dropped.
//!
//! Only the form that the photo of a published card has is decoded, bounded before anything is allocated: one grey
//! component of eight bits, one tile that is the whole picture, one tile-part, nothing in its headers that could make
//! little input into much work. The decoder gets the codestream alone.
//!
//! File, pixels and PNG are wiped here. What decoder and encoder hold in between (samples, coefficients, the compressor's
//! window) lies in buffers of theirs that nobody outside can reach; a program that shows photos has an allocator that
//! wipes what is freed, as `bindings` and `cli` do.

use core::fmt;

use hayro_jpeg2000::{DecodeSettings, DecoderContext, Image};
use zeroize::Zeroizing;

use crate::guide::Code;

/// Longest side, in pixels; a published photo has 378 × 472.
pub const MAX_SIDE: u32 = 640;
/// Longest file, in octets; a published photo has 1854.
pub const MAX_LENGTH: usize = 16_384;

/// Most decompositions of the wavelet; `OpenJPEG` makes five.
const MAX_DECOMPOSITIONS: u8 = 10;

/// The photo of a card's holder, as the chip holds it. Never sent, never stored.
pub struct Photo(Zeroizing<Vec<u8>>);

/// The picture as it is drawn: grey with eight bits, rows from the top. Wiped when dropped.
pub struct Pixels {
    /// Width in pixels, 1 to [`MAX_SIDE`].
    pub width: u32,
    /// Height in pixels, 1 to [`MAX_SIDE`].
    pub height: u32,
    /// One octet a pixel, 0 is black.
    pub grey: Zeroizing<Vec<u8>>,
}

/// Why there is no picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PhotoError {
    /// Not a JP2 file with a codestream, or cut short.
    #[error("this is not a JPEG 2000 file")]
    Malformed,
    /// Not one grey picture of eight bits within the bounds.
    #[error("the picture is of another form or size than the photo of a card")]
    Form,
    /// The decoder or the encoder refused.
    #[error("the picture cannot be decoded")]
    Undecodable,
}

impl PhotoError {
    /// What to tell.
    pub const fn code(self) -> Code {
        Code::SurfacePhoto
    }
}

impl Photo {
    /// Octets of a JP2 file. Nothing of it is looked at yet.
    pub const fn new(jp2: Zeroizing<Vec<u8>>) -> Self {
        Self(jp2)
    }

    /// The picture as PNG, grey with eight bits, wiped when dropped.
    pub fn png(&self) -> Result<Zeroizing<Vec<u8>>, PhotoError> {
        encode(&self.pixels()?)
    }

    /// The picture, for a shell that draws it itself.
    pub fn pixels(&self) -> Result<Pixels, PhotoError> {
        let codestream = codestream(&self.0)?;
        let (width, height) = bounded(codestream)?;
        let settings = DecodeSettings { strict: true, ..DecodeSettings::default() };
        let image = Image::new(codestream, &settings).map_err(|_| PhotoError::Undecodable)?;
        let mut context = DecoderContext::default();
        let grey = Zeroizing::new(image.decode(&mut context).map_err(|_| PhotoError::Undecodable)?.data_u8());
        let sides = (image.width(), image.height());
        if sides != (width, height) || grey.len() as u64 != u64::from(width) * u64::from(height) {
            return Err(PhotoError::Form);
        }
        Ok(Pixels { width, height, grey })
    }
}

/// The photo is a person's and stays out of logs.
impl fmt::Debug for Photo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Photo")
    }
}

/// So does the picture.
impl fmt::Debug for Pixels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pixels")
    }
}

fn encode(pixels: &Pixels) -> Result<Zeroizing<Vec<u8>>, PhotoError> {
    // Room for the uncompressed picture and more, so that the vector does not grow and leave copies behind.
    let mut file = Zeroizing::new(Vec::with_capacity(2 * pixels.grey.len() + 1024));
    let mut encoder = png::Encoder::new(&mut *file, pixels.width, pixels.height);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header().map_err(|_| PhotoError::Undecodable)?;
    writer.write_image_data(&pixels.grey).map_err(|_| PhotoError::Undecodable)?;
    writer.finish().map_err(|_| PhotoError::Undecodable)?;
    Ok(file)
}

/// The codestream in the first `jp2c` box of a JP2 file (ISO/IEC 15444-1, annex I).
fn codestream(jp2: &[u8]) -> Result<&[u8], PhotoError> {
    if jp2.len() > MAX_LENGTH {
        return Err(PhotoError::Form);
    }
    let mut rest = jp2.strip_prefix(b"\0\0\0\x0cjP  \r\n\x87\n").ok_or(PhotoError::Malformed)?;
    loop {
        let (header, behind) = rest.split_first_chunk::<8>().ok_or(PhotoError::Malformed)?;
        let (length, kind) = header.split_first_chunk::<4>().ok_or(PhotoError::Malformed)?;
        let content = match u32::from_be_bytes(*length) {
            // To the end of the file.
            0 => behind.len(),
            length => usize::try_from(length)
                .ok()
                .and_then(|length| length.checked_sub(header.len()))
                .ok_or(PhotoError::Malformed)?,
        };
        let (content, next) = behind.split_at_checked(content).ok_or(PhotoError::Malformed)?;
        if kind == b"jp2c" {
            return Ok(content);
        }
        rest = next;
    }
}

/// Reads numbers of a codestream's headers.
struct Headers<'a>(&'a [u8]);

impl<'a> Headers<'a> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], PhotoError> {
        let (taken, rest) = self.0.split_first_chunk::<N>().ok_or(PhotoError::Malformed)?;
        self.0 = rest;
        Ok(*taken)
    }

    fn word(&mut self) -> Result<u16, PhotoError> {
        self.take().map(u16::from_be_bytes)
    }

    fn long(&mut self) -> Result<u32, PhotoError> {
        self.take().map(u32::from_be_bytes)
    }

    /// The content of a marker segment, its length field consumed.
    fn segment(&mut self) -> Result<Headers<'a>, PhotoError> {
        let length = usize::from(self.word()?).checked_sub(2).ok_or(PhotoError::Malformed)?;
        let (content, rest) = self.0.split_at_checked(length).ok_or(PhotoError::Malformed)?;
        self.0 = rest;
        Ok(Headers(content))
    }
}

/// Width and height of a codestream of the one form that is decoded (ISO/IEC 15444-1, annex A).
fn bounded(codestream: &[u8]) -> Result<(u32, u32), PhotoError> {
    let mut headers = Headers(codestream);
    if headers.take()? != [0xff, 0x4f, 0xff, 0x51] {
        return Err(PhotoError::Malformed);
    }
    let sides = size(headers.segment()?)?;
    loop {
        match headers.word()? {
            // COD: no precincts of its own, few decompositions, code blocks of the usual size.
            0xff52 => {
                let [style, _progression, _, _, _transform, decompositions, width, height] =
                    headers.segment()?.take()?;
                let usual = (2..=4).contains(&width) && (2..=4).contains(&height);
                if style & 0x01 != 0 || decompositions > MAX_DECOMPOSITIONS || !usual {
                    return Err(PhotoError::Form);
                }
            }
            // QCD, COM.
            0xff5c | 0xff64 => {
                headers.segment()?;
            }
            0xff90 => break,
            _ => return Err(PhotoError::Form),
        }
    }
    // SOT: the one tile-part of the one tile, up to the end, with no header of its own.
    let behind = headers.0.len() + 2;
    let mut part = headers.segment()?;
    let (tile, length) = (part.word()?, part.long()?);
    let [index, count] = part.take()?;
    let ends = [0, behind.saturating_sub(2)].iter().any(|end| u32::try_from(*end) == Ok(length));
    if tile != 0 || index != 0 || count > 1 || !ends || headers.word()? != 0xff93 {
        return Err(PhotoError::Form);
    }
    Ok(sides)
}

/// SIZ: one component of eight unsigned bits, one tile that is the picture, everything at the origin.
fn size(mut siz: Headers<'_>) -> Result<(u32, u32), PhotoError> {
    let _profile = siz.word()?;
    let (width, height) = (siz.long()?, siz.long()?);
    let (left, top) = (siz.long()?, siz.long()?);
    let tile = (siz.long()?, siz.long()?, siz.long()?, siz.long()?);
    let components = siz.word()?;
    let component: [u8; 3] = siz.take()?;
    let in_bounds = (1..=MAX_SIDE).contains(&width) && (1..=MAX_SIDE).contains(&height);
    let one_tile = (left, top) == (0, 0) && tile == (width, height, 0, 0);
    if in_bounds && one_tile && components == 1 && component == [7, 1, 1] {
        Ok((width, height))
    } else {
        Err(PhotoError::Form)
    }
}

#[cfg(test)]
mod tests;
