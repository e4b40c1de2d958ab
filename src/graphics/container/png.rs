//! PNG: chunks with checksums.

use super::{Found, Malformed, orientation_alone};
use crate::domain::Header;

const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

/// Optional chunks that say what the pixels mean, or how they move. Chunks that are not optional begin with a capital.
const KEPT: [&[u8; 4]; 17] = [
    b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"cICP", b"mDCV", b"cLLI", b"sBIT", b"bKGD", b"pHYs",
    b"hIST", b"sPLT", b"acTL", b"fcTL", b"fdAT", b"sTER",
];

struct Chunk<'a> {
    kind: [u8; 4],
    body: &'a [u8],
    /// With length, kind and checksum.
    whole: &'a [u8],
}

/// The chunks up to the last one, or as far as they are whole.
fn chunks(bytes: &[u8]) -> impl Iterator<Item = Chunk<'_>> {
    let mut rest = bytes.strip_prefix(SIGNATURE).unwrap_or_default();
    std::iter::from_fn(move || {
        let [l3, l2, l1, l0, kind @ ..] = *rest.first_chunk::<8>()?;
        let length = usize::try_from(u32::from_be_bytes([l3, l2, l1, l0])).ok()?;
        let (whole, behind) = rest.split_at_checked(length.checked_add(12)?)?;
        rest = if &kind == b"IEND" { &[] } else { behind };
        Some(Chunk {
            kind,
            body: &whole[8..length + 8],
            whole,
        })
    })
}

pub(super) fn is_whole(bytes: &[u8]) -> bool {
    chunks(bytes).last().is_some_and(|last| &last.kind == b"IEND")
}

/// The EXIF block.
pub(super) fn exif(bytes: &[u8]) -> Option<&[u8]> {
    Some(chunks(bytes).find(|chunk| &chunk.kind == b"eXIf")?.body)
}

/// The file with this block behind its header.
pub(super) fn with_exif(bytes: &[u8], exif: &[u8]) -> Vec<u8> {
    let mut out = SIGNATURE.to_vec();
    for Chunk { kind, whole, .. } in chunks(bytes) {
        out.extend_from_slice(whole);
        if &kind == b"IHDR" {
            chunk(&mut out, *b"eXIf", exif);
        }
    }
    out
}

pub(super) fn strip(bytes: &[u8]) -> Result<(Vec<u8>, Found), Malformed> {
    let orientation = Header::of(bytes)
        .map(|header| header.orientation)
        .unwrap_or_default();
    let mut found = Found::default();
    let mut out = Vec::with_capacity(bytes.len());
    out.extend_from_slice(SIGNATURE);
    let (mut read, mut ends) = (SIGNATURE.len(), false);
    for Chunk { kind, body, whole } in chunks(bytes) {
        read += whole.len();
        ends = &kind == b"IEND";
        if kind[0].is_ascii_uppercase() || KEPT.contains(&&kind) {
            out.extend_from_slice(whole);
        } else {
            note(kind, body, &mut found);
        }
        if &kind == b"IHDR" && !orientation.is_upright() {
            chunk(&mut out, *b"eXIf", &orientation_alone(orientation));
        }
    }
    found.other |= read < bytes.len();
    if ends { Ok((out, found)) } else { Err(Malformed) }
}

fn note(kind: [u8; 4], body: &[u8], found: &mut Found) {
    match &kind {
        b"eXIf" => found.exif(body),
        b"tEXt" | b"zTXt" | b"iTXt" => {
            let keyword = body.split(|byte| *byte == 0).next().unwrap_or_default();
            found.text(keyword);
            if keyword == b"XML:com.adobe.xmp" {
                found.xmp(body);
            }
        }
        _ => found.other = true,
    }
}

fn chunk(out: &mut Vec<u8>, kind: [u8; 4], body: &[u8]) {
    let named = [&kind[..], body].concat();
    out.extend(u32::try_from(body.len()).unwrap_or(u32::MAX).to_be_bytes());
    out.extend_from_slice(&named);
    out.extend(crc32fast::hash(&named).to_be_bytes());
}
