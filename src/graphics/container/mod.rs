//! Image files as containers: walked from part to part, and written again without what a camera or a program has put
//! beside the pixels. Pixels are copied as they are and never decoded.
//!
//! `img-parts` reads and writes the same containers. It keeps what follows the first scan of a JPEG as one piece, with
//! the preview images and videos that cameras append, each with a position of its own; here a part stays only if it is
//! known to be needed for the pixels or their colors.

mod boxes;
mod found;
mod gif;
mod jpeg;
mod png;
mod tiff;
mod webp;

use image::metadata;

use crate::domain::{Mime, Orientation};

pub use found::Found;

/// A file without its metadata.
#[derive(Clone, PartialEq, Eq)]
pub struct Stripped {
    /// `None` where the file had none, and stays as it is.
    pub bytes: Option<Vec<u8>>,
    /// What was left out.
    pub found: Found,
}

impl std::fmt::Debug for Stripped {
    /// Without the bytes: a failed assertion must stay readable.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let length = self.bytes.as_ref().map(Vec::len);
        write!(f, "Stripped({length:?} bytes, {:?})", self.found)
    }
}

/// The container is not as its type's standard has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

/// The file without position, camera, software, texts and previews. Pixels, color profile and orientation stay. Types
/// that hold no such thing, or cannot be written here, come back as they are.
pub fn strip(bytes: &[u8]) -> Result<Stripped, Malformed> {
    let (stripped, found) = match Mime::sniff(bytes) {
        Mime::Jpeg => jpeg::strip(bytes)?,
        Mime::Png => png::strip(bytes)?,
        Mime::Webp => webp::strip(bytes)?,
        Mime::Gif => gif::strip(bytes)?,
        Mime::Avif | Mime::Heic | Mime::Heif => boxes::strip(bytes)?,
        Mime::Tiff => tiff::strip(bytes)?,
        Mime::Bmp | Mime::Other | Mime::Unknown => (bytes.to_vec(), Found::default()),
    };
    Ok(Stripped {
        bytes: (stripped != bytes).then_some(stripped),
        found,
    })
}

/// An upright PNG or JPEG with the EXIF block of the image that it was made of, which says now that it is upright. It
/// stays as it is where that had none.
pub fn with_exif_of(original: &[u8], made: Vec<u8>) -> Vec<u8> {
    let exif = match Mime::sniff(original) {
        Mime::Jpeg => jpeg::exif(original),
        Mime::Png => png::exif(original),
        Mime::Webp => webp::exif(original),
        _ => None,
    };
    let Some(exif) = exif else { return made };
    let mut exif = exif.strip_prefix(b"Exif\0\0").unwrap_or(exif).to_vec();
    let _stated_nothing = metadata::Orientation::remove_from_exif_chunk(&mut exif);
    match Mime::sniff(&made) {
        Mime::Jpeg => jpeg::with_exif(&made, &exif),
        Mime::Png => png::with_exif(&made, &exif),
        _ => made,
    }
}

/// Whether the file comes to its end; bytes behind that are no fault.
pub(super) fn is_whole(bytes: &[u8]) -> bool {
    match Mime::sniff(bytes) {
        Mime::Jpeg => !super::develop::breaks_off(bytes),
        Mime::Png => png::is_whole(bytes),
        Mime::Webp => webp::is_whole(bytes),
        Mime::Gif => gif::is_whole(bytes),
        Mime::Avif | Mime::Heic | Mime::Heif => boxes::is_whole(bytes),
        Mime::Bmp | Mime::Tiff | Mime::Other | Mime::Unknown => true,
    }
}

/// An EXIF block that states an orientation and nothing else.
fn orientation_alone(orientation: Orientation) -> [u8; 26] {
    let mut block = *b"MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x01\0\0\0\0\0\0";
    block[19] = orientation.exif();
    block
}
