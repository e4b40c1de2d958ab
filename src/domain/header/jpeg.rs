//! The segments of a JPEG before its pixels.

use std::io::{Read, Seek, SeekFrom};

use super::{Header, Orientation, block};

/// Size and orientation, found by stepping from segment to segment; the size alone where the file ends behind it.
pub(super) fn read(file: &mut (impl Read + Seek)) -> Option<Header> {
    file.seek(SeekFrom::Start(2)).ok()?;
    let (mut size, mut orientation) = (None, None);
    while let Some((kind, length)) = segment(file) {
        match kind {
            // A frame header; the others of this range hold tables.
            0xc0..=0xcf if !matches!(kind, 0xc4 | 0xc8 | 0xcc) && size.is_none() => {
                let Some([_, h1, h0, w1, w0]) = five(file) else {
                    break;
                };
                let [h1, h0, w1, w0] = [h1, h0, w1, w0].map(u32::from);
                size = Some((w1 << 8 | w0, h1 << 8 | h0));
                if file.seek(SeekFrom::Current(i64::from(length) - 5)).is_err() {
                    break;
                }
            }
            0xe1 if orientation.is_none() => {
                let Some(body) = block(file, length) else { break };
                let exif = body.strip_prefix(b"Exif\0\0");
                orientation = exif.map(Orientation::of_exif);
            }
            // The pixels begin, or there are none.
            0xd9 | 0xda => break,
            _ => {
                if file.seek(SeekFrom::Current(i64::from(length))).is_err() {
                    break;
                }
            }
        }
    }
    Some(Header {
        stored: size?,
        orientation: orientation.unwrap_or_default(),
    })
}

/// The kind of the next segment and the length of its body.
fn segment(file: &mut impl Read) -> Option<(u8, u32)> {
    loop {
        let mut marker = [0; 2];
        file.read_exact(&mut marker).ok()?;
        let [0xff, mut kind] = marker else { return None };
        // Any number of fill bytes may precede a marker.
        while kind == 0xff {
            let mut next = [0];
            file.read_exact(&mut next).ok()?;
            [kind] = next;
        }
        match kind {
            // These stand alone.
            0x01 | 0xd0..=0xd8 => {}
            0xd9 => return Some((kind, 0)),
            _ => {
                let mut length = [0; 2];
                file.read_exact(&mut length).ok()?;
                return Some((kind, u32::from(u16::from_be_bytes(length)).saturating_sub(2)));
            }
        }
    }
}

fn five(file: &mut impl Read) -> Option<[u8; 5]> {
    let mut frame = [0; 5];
    file.read_exact(&mut frame).ok()?;
    Some(frame)
}
