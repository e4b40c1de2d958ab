//! HEIC, HEIF and AVIF: the boxes of ISO 14496-12. Nothing can be taken out without moving what the others point to, so
//! metadata is overwritten where it lies. Which way up the image stands is said by a box of its own and stays.

use super::{Found, Malformed};

/// An EXIF item that states nothing: the distance to the block, and an empty directory.
const NOTHING: [u8; 18] = *b"\0\0\0\0MM\0\x2a\0\0\0\x08\0\0\0\0\0\0";

/// A box: its kind, where its body lies in the file.
#[derive(Clone, Copy, Debug)]
struct Place {
    kind: [u8; 4],
    from: usize,
    to: usize,
}

/// The boxes between two places, and whether they fill the room exactly.
fn boxes(bytes: &[u8], mut at: usize, end: usize) -> (Vec<Place>, bool) {
    let mut places = Vec::new();
    while let Some(head) = bytes.get(at..end).and_then(<[u8]>::first_chunk::<8>) {
        let [s3, s2, s1, s0, kind @ ..] = *head;
        let (size, head) = match u32::from_be_bytes([s3, s2, s1, s0]) {
            0 => (end - at, 8),
            1 => {
                let Some(size) = bytes.get(at + 8..end).and_then(<[u8]>::first_chunk::<8>) else {
                    return (places, false);
                };
                (
                    usize::try_from(u64::from_be_bytes(*size)).unwrap_or(usize::MAX),
                    16,
                )
            }
            size => (usize::try_from(size).unwrap_or(usize::MAX), 8),
        };
        let to = at.saturating_add(size);
        if size < head || to > end {
            return (places, false);
        }
        places.push(Place {
            kind,
            from: at + head,
            to,
        });
        at = to;
    }
    (places, at == end)
}

pub(super) fn is_whole(bytes: &[u8]) -> bool {
    let (top, fills) = boxes(bytes, 0, bytes.len());
    let meta = top.iter().find(|place| &place.kind == b"meta");
    // A file may be cut between two boxes.
    let is_there = |meta: &Place| {
        let items = Items::of(bytes, *meta);
        items.is_none_or(|items| items.places.iter().all(|(_, _, to)| *to <= bytes.len()))
    };
    fills && meta.is_none_or(is_there)
}

pub(super) fn strip(bytes: &[u8]) -> Result<(Vec<u8>, Found), Malformed> {
    let (top, true) = boxes(bytes, 0, bytes.len()) else {
        return Err(Malformed);
    };
    let mut out = bytes.to_vec();
    let mut found = Found::default();
    for place in &top {
        match &place.kind {
            b"ftyp" | b"mdat" | b"free" | b"skip" | b"moof" | b"mfra" | b"sidx" => {}
            b"meta" => items(&mut out, *place, &mut found)?,
            b"moov" => {
                // What a sequence says of itself, such as its position, stands beside its tracks.
                for inner in boxes(bytes, place.from, place.to).0 {
                    if matches!(&inner.kind, b"udta" | b"meta" | b"uuid") {
                        found.other = true;
                        blank(&mut out, inner);
                    }
                }
            }
            _ => {
                found.other = true;
                blank(&mut out, *place);
            }
        }
    }
    Ok((out, found))
}

/// Makes a box one that is to be skipped.
fn blank(out: &mut [u8], place: Place) {
    let kind = place.from
        - if out[place.from - 4..place.from] == place.kind {
            4
        } else {
            12
        };
    out[kind..kind + 4].copy_from_slice(b"free");
    out[place.from..place.to].fill(0);
}

/// The items that a file's `meta` box lists.
struct Items {
    /// Their kinds, where they have one.
    infos: Option<Place>,
    /// Where each lies: its number, from one byte of the file to another, once for each piece.
    places: Vec<(u32, usize, usize)>,
}

impl Items {
    fn of(bytes: &[u8], meta: Place) -> Option<Self> {
        // Version and flags come first.
        let (inner, _) = boxes(bytes, meta.from + 4, meta.to);
        let the = |kind: &[u8; 4]| inner.iter().find(|place| place.kind == *kind).copied();
        let data = the(b"idat").map(|data| data.from);
        let places = the(b"iloc").map_or(Some(Vec::new()), |table| {
            locations(&bytes[table.from..table.to], data)
        });
        Some(Self {
            infos: the(b"iinf"),
            places: places?,
        })
    }
}

/// Overwrites the items of a file's `meta` box that hold EXIF, XMP or other texts.
fn items(out: &mut [u8], meta: Place, found: &mut Found) -> Result<(), Malformed> {
    let items = Items::of(out, meta).ok_or(Malformed)?;
    let Some(infos) = items.infos else { return Ok(()) };
    for (item, is_exif) in doomed(out, infos).ok_or(Malformed)? {
        let mut places = items.places.iter().filter(|(of, _, _)| *of == item).peekable();
        if places.peek().is_none() {
            return Err(Malformed);
        }
        for (_, from, to) in places {
            let body = out.get_mut(*from..*to).ok_or(Malformed)?;
            if is_exif {
                // Its first four bytes say how far behind them the block begins.
                let skip = body.first_chunk().map_or(0, |skip| u32::from_be_bytes(*skip));
                let at = usize::try_from(skip).unwrap_or(usize::MAX).saturating_add(4);
                found.exif(body.get(at..).unwrap_or_default());
            } else {
                found.xmp(body);
            }
            body.fill(0);
            if is_exif && body.len() >= NOTHING.len() {
                body[..NOTHING.len()].copy_from_slice(&NOTHING);
            }
        }
    }
    Ok(())
}

/// The numbers of the items that are to go, and whether each is EXIF.
fn doomed(bytes: &[u8], infos: Place) -> Option<Vec<(u32, bool)>> {
    let wide = *bytes.get(infos.from)? > 0;
    let first = infos.from + if wide { 8 } else { 6 };
    let mut doomed = Vec::new();
    for info in boxes(bytes, first, infos.to).0 {
        let body = &bytes[info.from..info.to];
        let (number, kind) = match *body.first()? {
            2 => (u32::try_from(be(body, 4, 2)?).ok()?, 8),
            3 => (u32::try_from(be(body, 4, 4)?).ok()?, 10),
            _ => continue,
        };
        match body.get(kind..kind + 4)? {
            b"Exif" => doomed.push((number, true)),
            b"mime" | b"uri " => doomed.push((number, false)),
            _ => {}
        }
    }
    Some(doomed)
}

/// Where the items lie.
fn locations(table: &[u8], data: Option<usize>) -> Option<Vec<(u32, usize, usize)>> {
    let version = *table.first()?;
    let [sizes, more] = *table.get(4..6)?.first_chunk::<2>()?;
    let [offset, length, base] = [sizes >> 4, sizes & 15, more >> 4].map(usize::from);
    let index = if version > 0 { usize::from(more & 15) } else { 0 };
    let wide = if version < 2 { 2 } else { 4 };
    let mut at = 6;
    let mut next = |size: usize| {
        let number = be(table, at, size)?;
        at += size;
        Some(number)
    };
    let count = next(wide)?;
    let mut places = Vec::new();
    for _ in 0..count {
        let item = u32::try_from(next(wide)?).ok()?;
        let method = if version > 0 { next(2)? & 15 } else { 0 };
        // Which other file it lies in: none but this one can be written here.
        let is_here = next(2)? == 0;
        let base = next(base)?;
        for _ in 0..next(2)? {
            next(index)?;
            let (offset, length) = (next(offset)?, next(length)?);
            let start = match method {
                0 => 0,
                1 => data?,
                _ => usize::MAX,
            };
            let from = usize::try_from(base.checked_add(offset)?)
                .ok()?
                .saturating_add(start);
            if is_here {
                places.push((item, from, from.saturating_add(usize::try_from(length).ok()?)));
            }
        }
    }
    Some(places)
}

/// A big-endian number of none to eight bytes.
fn be(bytes: &[u8], at: usize, size: usize) -> Option<u64> {
    let digits = bytes.get(at..at.checked_add(size)?)?;
    (size <= 8).then(|| {
        digits
            .iter()
            .fold(0, |number, digit| number << 8 | u64::from(*digit))
    })
}
