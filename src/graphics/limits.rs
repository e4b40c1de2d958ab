//! What a picture may cost: checked from what it claims, before memory is taken for it. It measures nothing by itself.

use image::ImageFormat;

use crate::error::{Error, Kind, Result};

/// The most pixels a picture may have: four times what the largest of any model has (12,288 by 1,536).
pub(super) const MAX_PIXELS: u64 = 80_000_000;

/// The longest side: what JPEG can have. A row of more would take memory by itself.
pub(super) const MAX_SIDE: u32 = 65_535;

/// The most memory that decoding may take, file and pixels together.
pub(super) const MEMORY: u64 = 250_000_000;

/// The longest file that is read whole to be decoded. What is sent or saved may be longer.
pub const READABLE: u64 = 150_000_000;

pub(super) fn check_size((width, height): (u32, u32)) -> Result<()> {
    if width == 0 || height == 0 {
        return Err(Error::new(Kind::BadInput, "The picture has no pixels"));
    }
    let message =
        || format!("The picture says that it has {width} × {height} pixels, more than can be shown here");
    if u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(Error::new(Kind::BadInput, message())
            .hint(format!("At most {} million pixels can", MAX_PIXELS / 1_000_000)));
    }
    if width.max(height) > MAX_SIDE {
        return Err(
            Error::new(Kind::BadInput, message()).hint(format!("A side of at most {MAX_SIDE} pixels can"))
        );
    }
    Ok(())
}

/// Whether so many bytes may be taken for a picture, all told.
pub(super) fn check_memory(bytes: u64) -> Result<()> {
    if bytes <= MEMORY {
        return Ok(());
    }
    let need = crate::domain::amount(bytes);
    let message = format!("The picture would take {need} of memory, more than is given to one");
    Err(Error::new(Kind::BadInput, message).hint("Open it in an image viewer, or make it smaller"))
}

/// What `image` and a decoder behind it take: the pixels as they are decoded, what it needs meanwhile, and what they are
/// turned into. A progressive JPEG is held as coefficients of two bytes until it is whole.
pub(super) fn decoding(
    (width, height): (u32, u32),
    decoded: u64,
    format: ImageFormat,
    progressive: bool,
    alpha: bool,
) -> u64 {
    let pixels = u64::from(width) * u64::from(height);
    let plain = decoded == pixels * 3 && !alpha;
    decoded + meanwhile(pixels, decoded, format, progressive) + if plain { 0 } else { pixels * 3 }
}

/// What a decoder keeps beside the pixels that it gives.
pub(super) fn meanwhile(pixels: u64, decoded: u64, format: ImageFormat, progressive: bool) -> u64 {
    match format {
        ImageFormat::Jpeg if progressive => pixels * 6,
        // Row by row, or a strip at a time.
        ImageFormat::Jpeg | ImageFormat::Png | ImageFormat::Tiff | ImageFormat::Bmp => 0,
        _ => decoded,
    }
}

/// The limits that `image` keeps for itself: what it takes beside the pixels, as for profiles and strips.
pub(super) fn of_image() -> image::Limits {
    let mut limits = image::Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MEMORY);
    limits
}

/// Whether the first frame header of a JPEG is of a kind that comes in several scans.
pub(super) fn is_progressive(jpeg: &[u8]) -> bool {
    let mut at = 2;
    while let Some(&[0xff, kind]) = jpeg.get(at..).and_then(<[u8]>::first_chunk::<2>) {
        match kind {
            0xff => at += 1,
            0x01 | 0xd0..=0xd8 => at += 2,
            0xc0 | 0xc1 | 0xd9 | 0xda => return false,
            0xc2 | 0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf => return true,
            _ => {
                let length = jpeg.get(at + 2..).and_then(<[u8]>::first_chunk::<2>);
                let Some(length) = length else { return false };
                at += 2 + usize::from(u16::from_be_bytes(*length));
            }
        }
    }
    false
}
