//! The chunks of PNG and of WebP, walked for the one that holds EXIF.

use std::io::{Read, Seek, SeekFrom};

use super::{Orientation, block, le16};

/// The orientation of a PNG. Its chunk may stand before or behind the pixels.
pub(super) fn of_png(file: &mut (impl Read + Seek)) -> Orientation {
    find(
        file,
        8,
        |[l3, l2, l1, l0, kind @ ..]| {
            // Type and checksum are not counted.
            (kind, u32::from_be_bytes([l3, l2, l1, l0]), 4)
        },
        *b"eXIf",
        *b"IEND",
    )
}

/// The orientation of a WebP.
pub(super) fn of_webp(file: &mut (impl Read + Seek)) -> Orientation {
    find(
        file,
        12,
        |[k0, k1, k2, k3, length @ ..]| {
            let length = u32::from_le_bytes(length);
            // Chunks of an odd length are padded.
            ([k0, k1, k2, k3], length, length & 1)
        },
        *b"EXIF",
        [0; 4],
    )
}

/// Walks from chunk to chunk; `about` tells a chunk's kind, its length, and the bytes behind it.
fn find(
    file: &mut (impl Read + Seek),
    first: u64,
    about: impl Fn([u8; 8]) -> ([u8; 4], u32, u32),
    wanted: [u8; 4],
    last: [u8; 4],
) -> Orientation {
    let mut start = [0; 8];
    if file.seek(SeekFrom::Start(first)).is_err() {
        return Orientation::UPRIGHT;
    }
    while file.read_exact(&mut start).is_ok() {
        let (kind, length, behind) = about(start);
        if kind == wanted {
            return block(file, length).map_or(Orientation::UPRIGHT, |exif| Orientation::of_exif(&exif));
        }
        let next = i64::from(length) + i64::from(behind);
        if kind == last || file.seek(SeekFrom::Current(next)).is_err() {
            break;
        }
    }
    Orientation::UPRIGHT
}

/// Width and height of a WebP from its first 30 bytes.
pub(super) fn webp_size(head: &[u8]) -> Option<(u32, u32)> {
    match head.get(12..16)? {
        b"VP8X" => {
            let three = |at: usize| Some(le16(head, at)? | u32::from(*head.get(at + 2)?) << 16);
            Some((three(24)? + 1, three(27)? + 1))
        }
        b"VP8 " => Some((le16(head, 26)? & 0x3fff, le16(head, 28)? & 0x3fff)),
        b"VP8L" => {
            let bits = le16(head, 21)? | le16(head, 23)? << 16;
            Some(((bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1))
        }
        _ => None,
    }
}
