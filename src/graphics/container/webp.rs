//! WebP: the chunks of a RIFF file.

use super::{Found, Malformed, orientation_alone};
use crate::domain::Header;

/// Bits of the first chunk that say which others there are.
const HAS_EXIF: u8 = 0x08;
const HAS_XMP: u8 = 0x04;

struct Chunk<'a> {
    kind: [u8; 4],
    body: &'a [u8],
}

/// The length that the file says it has.
fn length(bytes: &[u8]) -> Option<usize> {
    let length = u32::from_le_bytes(*bytes.get(4..)?.first_chunk()?);
    usize::try_from(length).ok()?.checked_add(8)
}

/// The chunks, as far as they are whole, and whether they come to the end that the file says.
fn chunks(bytes: &[u8]) -> (Vec<Chunk<'_>>, bool) {
    let end = length(bytes).unwrap_or(0);
    let mut rest = bytes.get(12..end.min(bytes.len())).unwrap_or_default();
    let mut chunks = Vec::new();
    while let Some([k0, k1, k2, k3, length @ ..]) = rest.first_chunk::<8>().copied() {
        let length = usize::try_from(u32::from_le_bytes(length)).unwrap_or(usize::MAX);
        let Some(body) = rest.get(8..).and_then(|behind| behind.get(..length)) else {
            return (chunks, false);
        };
        chunks.push(Chunk {
            kind: [k0, k1, k2, k3],
            body,
        });
        // Odd lengths are padded, the last one not by every writer.
        rest = rest.get(8 + length + length % 2..).unwrap_or_default();
    }
    let is_whole = !chunks.is_empty();
    (chunks, is_whole)
}

pub(super) fn is_whole(bytes: &[u8]) -> bool {
    // One byte may be missing: the padding of the last chunk.
    length(bytes).is_some_and(|length| length <= bytes.len() + 1) && chunks(bytes).1
}

/// The EXIF block.
pub(super) fn exif(bytes: &[u8]) -> Option<&[u8]> {
    let exif = chunks(bytes).0.into_iter().find(|chunk| &chunk.kind == b"EXIF");
    exif.map(|chunk| chunk.body)
}

pub(super) fn strip(bytes: &[u8]) -> Result<(Vec<u8>, Found), Malformed> {
    let (chunks, true) = chunks(bytes) else {
        return Err(Malformed);
    };
    let orientation = Header::of(bytes)
        .map(|header| header.orientation)
        .unwrap_or_default();
    let mut found = Found::default();
    let mut out = b"RIFF\0\0\0\0WEBP".to_vec();
    out.reserve(bytes.len());
    for Chunk { kind, body } in &chunks {
        match kind {
            b"VP8X" => {
                let mut body = body.to_vec();
                if let Some(flags) = body.first_mut() {
                    *flags &= !(HAS_EXIF | HAS_XMP);
                    *flags |= if orientation.is_upright() { 0 } else { HAS_EXIF };
                }
                chunk(&mut out, *kind, &body);
            }
            b"ICCP" | b"ANIM" | b"ANMF" | b"ALPH" | b"VP8 " | b"VP8L" => chunk(&mut out, *kind, body),
            b"EXIF" => found.exif(body),
            b"XMP " => found.xmp(body),
            _ => found.other = true,
        }
    }
    if !orientation.is_upright() {
        chunk(&mut out, *b"EXIF", &orientation_alone(orientation));
    }
    found.other |= length(bytes).is_some_and(|length| length < bytes.len());
    let riff = u32::try_from(out.len() - 8).map_err(|_| Malformed)?;
    out[4..8].copy_from_slice(&riff.to_le_bytes());
    Ok((out, found))
}

fn chunk(out: &mut Vec<u8>, kind: [u8; 4], body: &[u8]) {
    out.extend(kind);
    out.extend(u32::try_from(body.len()).unwrap_or(u32::MAX).to_le_bytes());
    out.extend_from_slice(body);
    out.resize(out.len() + body.len() % 2, 0);
}
