//! Photographs as cameras store them: an image that looks different from every side, lying as each orientation has it, in
//! each type that can say so. It checks nothing.

#![allow(dead_code, reason = "each suite takes what it needs")]

use std::io::Cursor;

use image::metadata::Orientation;
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};

/// The types that can state an orientation.
pub(crate) const TYPES: [&str; 4] = ["jpg", "png", "webp", "tiff"];

/// The image that is seen: a quarter each of red, green, blue and yellow, the upper left one with a black corner, and
/// shades in all of them, so that it has more colors than a drawing.
pub(crate) fn upright(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let shade = u8::try_from((x * 16 / width.max(1)) + (y * 16 / height.max(1))).unwrap();
        let plain = match (x < width / 2, y < height / 2) {
            (true, true) if x < width / 4 && y < height / 4 => [0; 3],
            (true, true) => [190, 30, 30],
            (false, true) => [30, 190, 30],
            (true, false) => [30, 30, 190],
            (false, false) => [200, 190, 30],
        };
        Rgb(plain.map(|part: u8| part + shade))
    })
}

/// An EXIF block that states this orientation, and after it whatever else.
pub(crate) fn exif(orientation: u8) -> Vec<u8> {
    let mut block = b"MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x01\0\0\0\0\0\0".to_vec();
    block[19] = orientation;
    block
}

/// The file of an image that is stored in this type and orientation.
pub(crate) fn photograph(seen: &RgbImage, kind: &str, orientation: u8) -> Vec<u8> {
    let inverse = match orientation {
        6 => 8,
        8 => 6,
        other => other,
    };
    let mut stored = DynamicImage::from(seen.clone());
    stored.apply_orientation(Orientation::from_exif(inverse).unwrap());
    let written = |format| {
        let mut file = Cursor::new(Vec::new());
        stored.write_to(&mut file, format).unwrap();
        file.into_inner()
    };
    let block = exif(orientation);
    match kind {
        "jpg" => {
            let mut file = written(ImageFormat::Jpeg);
            file.splice(2..2, segment(0xe1, &[b"Exif\0\0", &block[..]].concat()));
            file
        }
        "png" => {
            let mut file = written(ImageFormat::Png);
            file.splice(33..33, chunk(*b"eXIf", &block));
            file
        }
        "webp" => webp(&written(ImageFormat::WebP), &[(b"EXIF", &block)]),
        "tiff" => tiff(&stored.into_rgb8(), orientation),
        _ => unreachable!("no such type: {kind}"),
    }
}

pub(crate) fn segment(kind: u8, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len() + 2).unwrap().to_be_bytes();
    [&[0xff, kind], &length[..], body].concat()
}

pub(crate) fn chunk(kind: [u8; 4], body: &[u8]) -> Vec<u8> {
    let named = [&kind[..], body].concat();
    let length = u32::try_from(body.len()).unwrap().to_be_bytes();
    [&length[..], &named, &crc32fast::hash(&named).to_be_bytes()].concat()
}

pub(crate) fn riff_chunk(kind: [u8; 4], body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).unwrap().to_le_bytes();
    let padding = &[0][..body.len() % 2];
    [&kind[..], &length, body, padding].concat()
}

/// A simple WebP made an extended one, with these chunks behind its pixels.
pub(crate) fn webp(simple: &[u8], more: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
    let (width, height) = tintype::graphics::dimensions(simple).unwrap();
    let has = |kind: &[u8; 4]| more.iter().any(|(there, _)| *there == kind);
    let flags = u8::from(has(b"EXIF")) << 3 | u8::from(has(b"XMP ")) << 2 | u8::from(has(b"ICCP")) << 5;
    let canvas = [
        &[flags, 0, 0, 0],
        &(width - 1).to_le_bytes()[..3],
        &(height - 1).to_le_bytes()[..3],
    ]
    .concat();
    let mut body = [b"WEBP", &riff_chunk(*b"VP8X", &canvas)[..]].concat();
    let (profiles, rest): (Vec<_>, Vec<_>) = more.iter().partition(|(kind, _)| *kind == b"ICCP");
    for (kind, profile) in profiles {
        body.extend(riff_chunk(*kind, profile));
    }
    body.extend_from_slice(&simple[12..]);
    for (kind, extra) in rest {
        body.extend(riff_chunk(*kind, extra));
    }
    riff_chunk(*b"RIFF", &body)
}

/// An uncompressed TIFF of one strip.
fn tiff(stored: &RgbImage, orientation: u8) -> Vec<u8> {
    let (width, height) = stored.dimensions();
    let long = |tag: u16, value: u32| {
        let [t0, t1] = tag.to_le_bytes();
        let [v0, v1, v2, v3] = value.to_le_bytes();
        [t0, t1, 4, 0, 1, 0, 0, 0, v0, v1, v2, v3]
    };
    let short = |tag: u16, value: u8| {
        let [t0, t1] = tag.to_le_bytes();
        [t0, t1, 3, 0, 1, 0, 0, 0, value, 0, 0, 0]
    };
    let bytes = u32::try_from(stored.as_raw().len()).unwrap();
    let entries = [
        long(256, width),
        long(257, height),
        // Three samples of 8 bits; the numbers stand behind the directory.
        {
            let mut bits = short(258, 0);
            bits[4] = 3;
            bits[8] = 8 + 2 + 10 * 12 + 4;
            bits
        },
        short(259, 1),
        short(262, 2),
        long(273, 8 + 2 + 10 * 12 + 4 + 6),
        short(274, orientation),
        short(277, 3),
        long(278, height),
        long(279, bytes),
    ];
    let mut file = b"II\x2a\0\x08\0\0\0\x0a\0".to_vec();
    file.extend(entries.concat());
    file.extend([0; 4]);
    file.extend([8, 0, 8, 0, 8, 0]);
    file.extend_from_slice(stored.as_raw());
    file
}

/// Where two images differ by more than compression makes them; they have one size.
pub(crate) fn differs(one: &[u8], other: &[u8]) -> bool {
    let far = one
        .iter()
        .zip(other)
        .filter(|(one, other)| one.abs_diff(**other) > 40)
        .count();
    one.len() != other.len() || far * 25 > one.len()
}
