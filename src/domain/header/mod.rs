//! The size of an image and which way up it stands, from the header of its file. It decodes no pixels.
//!
//! Sizes are always those of the upright image: a camera stores a portrait lying on its side and says so in EXIF.

mod chunks;
mod jpeg;
mod tiff;

use std::io::{Cursor, Read, Seek, SeekFrom};

use super::Mime;

/// How stored pixels have to be turned to stand upright, as EXIF's tag 0x0112 counts it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Orientation(u8);

impl Orientation {
    /// The pixels are stored as they are seen.
    pub const UPRIGHT: Self = Self(1);

    /// The orientation of this number, 1 to 8.
    pub fn from_exif(number: u32) -> Option<Self> {
        let number = u8::try_from(number).ok()?;
        (1..=8).contains(&number).then_some(Self(number))
    }

    /// EXIF's number, 1 to 8.
    pub fn exif(self) -> u8 {
        self.0
    }

    pub fn is_upright(self) -> bool {
        self == Self::UPRIGHT
    }

    /// A size once the pixels are turned: a quarter turn swaps the sides.
    pub fn turned(self, (width, height): (u32, u32)) -> (u32, u32) {
        if self.0 >= 5 {
            (height, width)
        } else {
            (width, height)
        }
    }

    /// The orientation that an EXIF block states; the block may still begin with `Exif\0\0`, which some writers of
    /// WebP and PNG leave there. [`Orientation::UPRIGHT`] where it states none.
    pub fn of_exif(block: &[u8]) -> Self {
        let entries = entries(block).unwrap_or_default();
        let number = tiff::number(&entries, tiff::ORIENTATION);
        number.and_then(Self::from_exif).unwrap_or(Self::UPRIGHT)
    }
}

/// The tags in the first directory of an EXIF block, which may still begin with `Exif\0\0`; `None` where it is none.
pub fn exif_tags(block: &[u8]) -> Option<Vec<u16>> {
    Some(entries(block)?.into_iter().map(|entry| entry.tag).collect())
}

fn entries(exif: &[u8]) -> Option<Vec<tiff::Entry>> {
    let block = exif.strip_prefix(b"Exif\0\0").unwrap_or(exif);
    tiff::entries(&mut Cursor::new(block))
}

impl Default for Orientation {
    fn default() -> Self {
        Self::UPRIGHT
    }
}

/// What the header of an image file says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// Width and height of the pixels as they are stored.
    pub stored: (u32, u32),
    pub orientation: Orientation,
}

impl Header {
    /// Reads the header of a PNG, JPEG, WebP, GIF, BMP or TIFF file; no more of the file than needed. `None` for other
    /// files and for those that are cut before their size.
    pub fn read(file: &mut (impl Read + Seek)) -> Option<Self> {
        let mut head = [0; 30];
        file.rewind().ok()?;
        let length = read_up_to(file, &mut head)?;
        let head = &head[..length];
        let plain = |stored| Self {
            stored,
            orientation: Orientation::UPRIGHT,
        };
        let header = match Mime::sniff(head) {
            Mime::Png => Self {
                stored: (be32(head, 16)?, be32(head, 20)?),
                orientation: chunks::of_png(file),
            },
            Mime::Webp => Self {
                stored: chunks::webp_size(head)?,
                orientation: chunks::of_webp(file),
            },
            Mime::Jpeg => jpeg::read(file)?,
            Mime::Gif => plain((le16(head, 6)?, le16(head, 8)?)),
            Mime::Bmp => plain(bmp_size(head)?),
            Mime::Tiff => {
                let entries = tiff::entries(file)?;
                let number = |tag| tiff::number(&entries, tag);
                let orientation = number(tiff::ORIENTATION).and_then(Orientation::from_exif);
                Self {
                    stored: (number(tiff::WIDTH)?, number(tiff::HEIGHT)?),
                    orientation: orientation.unwrap_or_default(),
                }
            }
            Mime::Avif | Mime::Heic | Mime::Heif | Mime::Other | Mime::Unknown => return None,
        };
        (header.stored.0 > 0 && header.stored.1 > 0).then_some(header)
    }

    /// As [`Header::read`], of bytes in memory.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        Self::read(&mut Cursor::new(bytes))
    }

    /// Width and height of the upright image.
    pub fn size(&self) -> (u32, u32) {
        self.orientation.turned(self.stored)
    }
}

/// From the header behind the file's own 14 bytes: the old one has 16-bit sides, and a negative height means rows from
/// the top.
fn bmp_size(head: &[u8]) -> Option<(u32, u32)> {
    if le32(head, 14)? == 12 {
        return Some((le16(head, 18)?, le16(head, 20)?));
    }
    let side = |at| le32(head, at).map(|side| side.cast_signed().unsigned_abs());
    Some((side(18)?, side(22)?))
}

fn be32(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn le32(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn le16(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from(u16::from_le_bytes(*bytes.get(at..)?.first_chunk()?)))
}

/// How many bytes could be had; `None` where the file cannot be read.
fn read_up_to(file: &mut impl Read, buffer: &mut [u8]) -> Option<usize> {
    let mut length = 0;
    while length < buffer.len() {
        match file.read(&mut buffer[length..]) {
            Ok(0) => break,
            Ok(count) => length += count,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(_) => return None,
        }
    }
    Some(length)
}

/// A block of this many bytes from here on; none is longer than an EXIF block may be, which is 64 KB in a JPEG.
fn block(file: &mut (impl Read + Seek), length: u32) -> Option<Vec<u8>> {
    const LONGEST: u32 = 1 << 20;
    let mut block = vec![0; usize::try_from(length.min(LONGEST)).ok()?];
    file.read_exact(&mut block).ok()?;
    let rest = i64::from(length - length.min(LONGEST));
    file.seek(SeekFrom::Current(rest)).ok()?;
    Some(block)
}

#[cfg(test)]
mod tests;
