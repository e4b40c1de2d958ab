//! JPEG: segments, and the pixels of one or several scans between them.

use memchr::memchr;

use super::{Found, Malformed, orientation_alone};
use crate::domain::{Header, Orientation};

const SOI: [u8; 2] = [0xff, 0xd8];
const EOI: [u8; 2] = [0xff, 0xd9];

/// A part of the file.
enum Part<'a> {
    /// A segment with its kind and body.
    Segment(u8, &'a [u8]),
    /// Pixels, with restart markers among them.
    Pixels(&'a [u8]),
}

/// The parts from the beginning to the end mark; what follows that belongs to other images.
struct Parts<'a> {
    rest: &'a [u8],
    is_over: bool,
    /// A scan has begun: pixels may follow a segment.
    in_pixels: bool,
}

impl<'a> Iterator for Parts<'a> {
    type Item = Result<Part<'a>, Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_over {
            return None;
        }
        let part = self.part();
        self.is_over |= part.is_err();
        part.transpose()
    }
}

impl<'a> Parts<'a> {
    fn part(&mut self) -> Result<Option<Part<'a>>, Malformed> {
        if std::mem::take(&mut self.in_pixels) {
            let end = pixels_end(self.rest).ok_or(Malformed)?;
            let (pixels, rest) = self.rest.split_at(end);
            self.rest = rest;
            return Ok(Some(Part::Pixels(pixels)));
        }
        loop {
            match *self.rest {
                // Any number of fill bytes may precede a marker.
                [0xff, 0xff, ..] => self.rest = &self.rest[1..],
                // These stand alone, and mean nothing here.
                [0xff, 0x01 | 0xd0..=0xd8, ..] => self.rest = &self.rest[2..],
                [0xff, 0xd9, ..] => {
                    self.is_over = true;
                    return Ok(None);
                }
                [0xff, kind, l1, l0, ..] => {
                    let length = usize::from(u16::from_be_bytes([l1, l0]));
                    let body = self.rest.get(4..length + 2).ok_or(Malformed)?;
                    self.rest = &self.rest[length + 2..];
                    self.in_pixels = kind == 0xda;
                    return Ok(Some(Part::Segment(kind, body)));
                }
                _ => return Err(Malformed),
            }
        }
    }
}

/// Where the pixels of a scan end: at the first marker that is neither a stuffed byte nor a restart.
fn pixels_end(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        at += memchr(0xff, bytes.get(at..)?)?;
        match bytes.get(at + 1)? {
            0x00 | 0xd0..=0xd7 => at += 2,
            0xff => at += 1,
            _ => return Some(at),
        }
    }
}

impl<'a> Parts<'a> {
    fn of(bytes: &'a [u8]) -> Result<Self, Malformed> {
        Ok(Self {
            rest: bytes.strip_prefix(&SOI).ok_or(Malformed)?,
            is_over: false,
            in_pixels: false,
        })
    }
}

/// The EXIF block.
pub(super) fn exif(bytes: &[u8]) -> Option<&[u8]> {
    Parts::of(bytes).ok()?.find_map(|part| match part {
        Ok(Part::Segment(0xe1, body)) => body.strip_prefix(b"Exif\0\0"),
        _ => None,
    })
}

/// The file with this block behind JFIF's own segment; as it is where the block is too long for one.
pub(super) fn with_exif(bytes: &[u8], exif: &[u8]) -> Vec<u8> {
    let body = [b"Exif\0\0", exif].concat();
    let jfif = match bytes.get(2..6) {
        Some([0xff, 0xe0, l1, l0]) => 2 + usize::from(u16::from_be_bytes([*l1, *l0])),
        _ => 0,
    };
    let Some((head, rest)) = bytes.split_at_checked(2 + jfif) else {
        return bytes.to_vec();
    };
    let mut out = head.to_vec();
    if u16::try_from(body.len() + 2).is_ok() {
        segment(&mut out, 0xe1, &body);
    }
    out.extend_from_slice(rest);
    out
}

pub(super) fn strip(bytes: &[u8]) -> Result<(Vec<u8>, Found), Malformed> {
    let mut parts = Parts::of(bytes)?;
    let orientation = Header::of(bytes)
        .map(|header| header.orientation)
        .unwrap_or_default();
    let mut found = Found::default();
    let mut out = Vec::with_capacity(bytes.len());
    out.extend(SOI);
    let mut is_stated = orientation.is_upright();
    for part in parts.by_ref() {
        match part? {
            Part::Pixels(pixels) => out.extend_from_slice(pixels),
            Part::Segment(kind, body) => {
                let kept = kept(kind, body, &mut found);
                // Behind JFIF's own segment, which has to be the first one.
                if !is_stated && kind != 0xe0 {
                    state(&mut out, orientation);
                    is_stated = true;
                }
                if let Some(body) = kept {
                    segment(&mut out, kind, body);
                }
            }
        }
    }
    out.extend(EOI);
    found.other |= parts.rest.len() > EOI.len();
    Ok((out, found))
}

/// As much of a segment's body as stays; `None` where all of it goes.
fn kept<'a>(kind: u8, body: &'a [u8], found: &mut Found) -> Option<&'a [u8]> {
    match (kind, body) {
        // Version and density; the preview behind them may show what was cut away from the image.
        (0xe0, [b'J', b'F', b'I', b'F', 0, ..]) if body.len() == 14 && body[12..] == [0, 0] => Some(body),
        // The color profile, and how the colors were transformed.
        (0xe2, body) if body.starts_with(b"ICC_PROFILE\0") => Some(body),
        (0xee, body) if body.starts_with(b"Adobe") => Some(body),
        (0xe1, body) => {
            if let Some(exif) = body.strip_prefix(b"Exif\0\0") {
                found.exif(exif);
            } else {
                found.xmp(body);
            }
            None
        }
        (0xfe, _) => {
            found.texts = true;
            None
        }
        (0xe0..=0xef, _) => {
            found.other = true;
            None
        }
        (_, body) => Some(body),
    }
}

fn state(out: &mut Vec<u8>, orientation: Orientation) {
    let exif = [&b"Exif\0\0"[..], &orientation_alone(orientation)].concat();
    segment(out, 0xe1, &exif);
}

fn segment(out: &mut Vec<u8>, kind: u8, body: &[u8]) {
    let length = u16::try_from(body.len() + 2).unwrap_or(u16::MAX);
    out.extend([0xff, kind]);
    out.extend(length.to_be_bytes());
    out.extend_from_slice(body);
}
