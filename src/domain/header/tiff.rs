//! The first directory of a TIFF file, which is also what an EXIF block is.

use std::io::{Read, Seek, SeekFrom};

/// No directory of a file that is well has more entries.
const MOST_ENTRIES: u16 = 4096;

pub(super) const WIDTH: u16 = 256;
pub(super) const HEIGHT: u16 = 257;
pub(super) const ORIENTATION: u16 = 0x0112;

/// An entry of the directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) tag: u16,
    /// What it says, where that is one short or long number.
    pub(super) number: Option<u32>,
}

/// The entries of the first directory of the TIFF that the file is; those that are there, where it is cut.
pub(super) fn entries(file: &mut (impl Read + Seek)) -> Option<Vec<Entry>> {
    file.rewind().ok()?;
    let mut head = [0; 8];
    file.read_exact(&mut head).ok()?;
    let [order @ .., p0, p1, p2, p3] = head;
    let little = match &order {
        b"II\x2a\0" => true,
        b"MM\0\x2a" => false,
        _ => return None,
    };
    let short = |bytes: [u8; 2]| {
        if little {
            u16::from_le_bytes(bytes)
        } else {
            u16::from_be_bytes(bytes)
        }
    };
    let long = |bytes: [u8; 4]| {
        if little {
            u32::from_le_bytes(bytes)
        } else {
            u32::from_be_bytes(bytes)
        }
    };
    let place = long([p0, p1, p2, p3]);
    file.seek(SeekFrom::Start(u64::from(place))).ok()?;
    let mut count = [0; 2];
    file.read_exact(&mut count).ok()?;
    let mut entries = Vec::new();
    for _ in 0..short(count).min(MOST_ENTRIES) {
        let mut entry = [0; 12];
        if file.read_exact(&mut entry).is_err() {
            break;
        }
        let [t0, t1, k0, k1, c0, c1, c2, c3, v0, v1, v2, v3] = entry;
        let number = match (short([k0, k1]), long([c0, c1, c2, c3])) {
            (3, 1) => Some(u32::from(short([v0, v1]))),
            (4, 1) => Some(long([v0, v1, v2, v3])),
            _ => None,
        };
        entries.push(Entry {
            tag: short([t0, t1]),
            number,
        });
    }
    Some(entries)
}

/// What the entry of this tag says.
pub(super) fn number(entries: &[Entry], tag: u16) -> Option<u32> {
    entries.iter().find(|entry| entry.tag == tag)?.number
}
