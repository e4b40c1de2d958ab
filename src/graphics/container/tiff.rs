//! TIFF: directories of tags that point at their values. Nothing can be moved without changing every pointer, so the tags
//! that go leave their directory, and whatever no kept tag points at is overwritten.

use std::collections::HashSet;
use std::ops::Range;

use super::{Found, Malformed};

/// Tags (TIFF 6.0 and its supplements) that say how the pixels lie, how they are packed, and what their colors mean.
const KEPT: [u16; 49] = [
    254, 255, 256, 257, 258, 259, 262, 266, 273, 274, 277, 278, 279, 280, 281, 282, 283, 284, 286, 287, 290,
    291, 292, 293, 296, 297, 301, 317, 318, 319, 320, 321, 322, 323, 324, 325, 332, 334, 336, 338, 339, 340,
    341, 347, 529, 530, 531, 532, 34675,
];

/// Tags whose values say where the pixels lie, each with the one that says how many bytes there are.
const PIXELS: [(u16, u16); 2] = [(273, 279), (324, 325)];

/// An entry of a directory.
#[derive(Clone, Copy)]
struct Entry {
    tag: u16,
    /// Bytes of one value, by its type.
    size: usize,
    count: usize,
    /// The first of its twelve bytes in the file.
    at: usize,
}

impl Entry {
    fn is_kept(&self) -> bool {
        KEPT.contains(&self.tag)
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    is_little: bool,
}

impl<'a> Reader<'a> {
    /// Reads the header. A `BigTIFF` has another one and is not written here.
    fn new(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let is_little = match bytes.get(..4) {
            Some(b"II\x2a\0") => true,
            Some(b"MM\0\x2a") => false,
            _ => return Err(Malformed),
        };
        Ok(Self { bytes, is_little })
    }

    /// A number of one, two or four bytes.
    fn number(&self, at: usize, size: usize) -> Result<usize, Malformed> {
        let end = at.checked_add(size).ok_or(Malformed)?;
        let bytes = self.bytes.get(at..end).ok_or(Malformed)?;
        let add = |number: usize, byte: &u8| number << 8 | usize::from(*byte);
        Ok(if self.is_little {
            bytes.iter().rev().fold(0, add)
        } else {
            bytes.iter().fold(0, add)
        })
    }

    fn entry(&self, at: usize) -> Result<Entry, Malformed> {
        let size = match self.number(at + 2, 2)? {
            3 | 8 => 2,
            4 | 9 | 11 | 13 => 4,
            5 | 10 | 12 => 8,
            _ => 1,
        };
        Ok(Entry {
            tag: u16::try_from(self.number(at, 2)?).map_err(|_| Malformed)?,
            size,
            count: self.number(at + 4, 4)?,
            at,
        })
    }

    /// The bytes of the file that hold the values.
    fn values(&self, entry: Entry) -> Result<Range<usize>, Malformed> {
        let length = entry.size.checked_mul(entry.count).ok_or(Malformed)?;
        let from = if length <= 4 {
            entry.at + 8
        } else {
            self.number(entry.at + 8, 4)?
        };
        let to = from.checked_add(length).filter(|to| *to <= self.bytes.len());
        Ok(from..to.ok_or(Malformed)?)
    }

    fn numbers(&self, entry: Entry) -> Result<Vec<usize>, Malformed> {
        if entry.size > 4 {
            return Err(Malformed);
        }
        let values = self.values(entry)?;
        values
            .step_by(entry.size)
            .map(|at| self.number(at, entry.size))
            .collect()
    }
}

/// The file as it is written anew.
struct Writer<'a> {
    reader: Reader<'a>,
    out: Vec<u8>,
    /// Bytes that may still be copied: directories that point at the same bytes again and again are no image.
    budget: usize,
}

impl Writer<'_> {
    fn copy(&mut self, range: Range<usize>) -> Result<(), Malformed> {
        self.budget = self.budget.checked_sub(range.len()).ok_or(Malformed)?;
        let source = self.reader.bytes.get(range.clone()).ok_or(Malformed)?;
        self.out[range].copy_from_slice(source);
        Ok(())
    }

    /// Writes a directory with what its kept tags point at; returns the place of the next one, which is 0 for none.
    fn directory(&mut self, at: usize, found: &mut Found) -> Result<usize, Malformed> {
        let count = self.reader.number(at, 2)?;
        let first = at + 2;
        let behind = first + count * 12;
        let next = self.reader.number(behind, 4)?;
        let entries = (0..count).map(|index| self.reader.entry(first + index * 12));
        let entries: Vec<Entry> = entries.collect::<Result<_, _>>()?;
        let kept: Vec<Entry> = entries.iter().filter(|entry| entry.is_kept()).copied().collect();
        for entry in entries.iter().filter(|entry| !entry.is_kept()) {
            self.note(*entry, found);
        }
        let wide = if self.reader.is_little { 0..2 } else { 2..4 };
        let number = |number: usize| {
            let number = u32::try_from(number).unwrap_or(u32::MAX);
            if self.reader.is_little {
                number.to_le_bytes()
            } else {
                number.to_be_bytes()
            }
        };
        let (length, next_bytes) = (number(kept.len()), number(next));
        self.out[at..first].copy_from_slice(&length[wide]);
        for (index, entry) in kept.iter().enumerate() {
            let to = first + index * 12;
            let bytes = self.reader.bytes.get(entry.at..entry.at + 12).ok_or(Malformed)?;
            self.out[to..to + 12].copy_from_slice(bytes);
            let values = self.reader.values(*entry)?;
            if values.len() > 4 {
                self.copy(values)?;
            }
        }
        let behind = first + kept.len() * 12;
        self.out[behind..behind + 4].copy_from_slice(&next_bytes);
        self.pixels(&kept)?;
        Ok(next)
    }

    fn pixels(&mut self, kept: &[Entry]) -> Result<(), Malformed> {
        let the = |tag: u16| kept.iter().find(|entry| entry.tag == tag).copied();
        for (offsets, lengths) in PIXELS {
            let (Some(offsets), Some(lengths)) = (the(offsets), the(lengths)) else {
                continue;
            };
            let lengths = self.reader.numbers(lengths)?;
            for (from, length) in self.reader.numbers(offsets)?.into_iter().zip(lengths) {
                self.copy(from..from.checked_add(length).ok_or(Malformed)?)?;
            }
        }
        Ok(())
    }

    /// Notes what a tag is that goes.
    fn note(&self, entry: Entry, found: &mut Found) {
        if entry.tag == 700 {
            let packet = self.reader.values(entry).ok();
            found.xmp(
                packet
                    .and_then(|range| self.reader.bytes.get(range))
                    .unwrap_or_default(),
            );
        } else {
            found.tag(entry.tag);
        }
    }
}

pub(super) fn strip(bytes: &[u8]) -> Result<(Vec<u8>, Found), Malformed> {
    let reader = Reader::new(bytes)?;
    let mut writer = Writer {
        budget: bytes.len().saturating_mul(2),
        out: vec![0; bytes.len()],
        reader,
    };
    writer.copy(0..8)?;
    let mut found = Found::default();
    let mut seen = HashSet::new();
    let mut at = writer.reader.number(4, 4)?;
    while at != 0 {
        if !seen.insert(at) {
            return Err(Malformed);
        }
        at = writer.directory(at, &mut found)?;
    }
    if seen.is_empty() {
        return Err(Malformed);
    }
    found.other |= found.is_empty() && writer.out != bytes;
    Ok((writer.out, found))
}
