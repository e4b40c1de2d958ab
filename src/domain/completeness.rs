//! Whether the bytes of an image are all of it, judged by their own structure as they arrive: the mark or the length by which
//! each format tells its end. It decodes no pixels and checks no checksum.

use super::Mime;

/// A scan over the bytes of one image, in pieces however cut. It keeps no more than a few of them.
///
/// Bytes behind the end of an image do not matter. A format whose end its structure does not tell (TIFF, and the rare ones)
/// counts as whole, as do bytes that are no known image: nobody can say what they lack.
#[derive(Clone, Debug, Default)]
pub struct Completeness {
    /// `None` until the first bytes tell the format.
    scan: Option<Scan>,
    /// The beginning of a header that is cut.
    held: Vec<u8>,
    /// The number of bytes to come that need no look.
    skip: u64,
    /// The image ends with the bytes that are skipped.
    is_last: bool,
    /// Something that can be seen has begun: more than a header.
    has_pixels: bool,
    has_ended: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scan {
    Png,
    Webp,
    Gif(Gif),
    Bmp,
    /// AVIF, HEIC and HEIF.
    Boxes,
    Jpeg(Jpeg),
    /// A format that does not tell its end, or no image.
    Untold,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Gif {
    Header,
    Block,
    /// Pieces of at most 255 bytes, each behind its length.
    Data,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Jpeg {
    Marker,
    /// Compressed pixels, in which `ff` is a marker unless `00` or the number of a restart follows.
    Pixels,
}

/// The first bytes of a file that are enough to tell its type.
const HEAD: usize = 16;

impl Completeness {
    /// Takes in the next bytes.
    pub fn push(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() && !self.has_ended && self.scan != Some(Scan::Untold) {
            if self.skip > 0 {
                let skipped = usize::try_from(self.skip).unwrap_or(usize::MAX).min(bytes.len());
                self.skip -= skipped as u64;
                bytes = &bytes[skipped..];
            } else if self.held.is_empty() && self.scan == Some(Scan::Jpeg(Jpeg::Pixels)) && bytes[0] != 0xff
            {
                // Most of a JPEG: straight to what may be a marker.
                bytes = &bytes[memchr::memchr(0xff, bytes).unwrap_or(bytes.len())..];
            } else {
                self.held.push(bytes[0]);
                bytes = &bytes[1..];
                self.look();
            }
            self.has_ended |= self.is_last && self.skip == 0;
        }
    }

    /// Whether all of the image is there.
    pub fn is_whole(&self) -> bool {
        match self.scan {
            Some(Scan::Untold) => true,
            // The boxes have no end mark: they end where none is cut.
            Some(Scan::Boxes) => self.has_pixels && self.skip == 0 && self.held.is_empty(),
            Some(_) => self.has_ended,
            None => matches!(Mime::sniff(&self.held), Mime::Tiff | Mime::Other | Mime::Unknown),
        }
    }

    /// Looks at the header that is held, and goes on behind it once it is there.
    fn look(&mut self) {
        let Some(scan) = self.scan else {
            if self.held.len() == HEAD {
                self.begin();
            }
            return;
        };
        let length = match scan {
            Scan::Png => self.png(),
            Scan::Webp => self.webp(),
            Scan::Gif(state) => self.gif(state),
            Scan::Bmp => self.bmp(),
            Scan::Boxes => self.boxes(),
            Scan::Jpeg(state) => self.jpeg(state),
            Scan::Untold => None,
        };
        if let Some(length) = length {
            self.skip = length.saturating_sub(self.held.len() as u64);
            self.held.clear();
        }
    }

    fn begin(&mut self) {
        let head = std::mem::take(&mut self.held);
        let (scan, signature) = match Mime::sniff(&head) {
            Mime::Png => (Scan::Png, 8),
            Mime::Jpeg => (Scan::Jpeg(Jpeg::Marker), 2),
            Mime::Webp => (Scan::Webp, 0),
            Mime::Gif => (Scan::Gif(Gif::Header), 0),
            Mime::Bmp => (Scan::Bmp, 0),
            Mime::Avif | Mime::Heic | Mime::Heif => (Scan::Boxes, 0),
            Mime::Tiff | Mime::Other | Mime::Unknown => (Scan::Untold, 0),
        };
        self.scan = Some(scan);
        self.push(&head[signature..]);
    }

    // Each of these returns the length of what begins with the held bytes, once they tell it.

    fn png(&mut self) -> Option<u64> {
        let [a, b, c, d, kind @ ..] = self.held.first_chunk::<8>()?;
        self.has_pixels |= kind == b"IDAT";
        self.is_last = kind == b"IEND" && self.has_pixels;
        Some(12 + u64::from(u32::from_be_bytes([*a, *b, *c, *d])))
    }

    fn webp(&mut self) -> Option<u64> {
        let head = self.held.first_chunk::<20>()?;
        let length = u32::from_le_bytes([head[4], head[5], head[6], head[7]]);
        // The format's name and the header of its first chunk are no image yet.
        self.is_last = head[12..15] == *b"VP8" && length > 12;
        Some(8 + u64::from(length))
    }

    fn gif(&mut self, state: Gif) -> Option<u64> {
        let palette = |flags: u8| {
            if flags & 0x80 == 0 {
                0
            } else {
                3 << ((flags & 7) + 1)
            }
        };
        let (next, length) = match (state, self.held.as_slice()) {
            (Gif::Header, held) => (Gif::Block, 13 + palette(held.first_chunk::<13>()?[10])),
            // An image, its palette, and the size of its codes.
            (Gif::Block, [0x2c, ..]) => {
                let flags = self.held.first_chunk::<10>()?[9];
                self.has_pixels = true;
                (Gif::Data, 11 + palette(flags))
            }
            (Gif::Block, [0x21, _]) => (Gif::Data, 2),
            (Gif::Block, [0x21]) => return None,
            (Gif::Block, [0x3b]) => {
                self.is_last = self.has_pixels;
                (Gif::Block, 1)
            }
            (Gif::Data, [length]) if *length > 0 => (Gif::Data, 1 + u64::from(*length)),
            (Gif::Block | Gif::Data, _) => (Gif::Block, 1),
        };
        self.scan = Some(Scan::Gif(next));
        Some(length)
    }

    fn bmp(&mut self) -> Option<u64> {
        let head = self.held.first_chunk::<6>()?;
        let length = u32::from_le_bytes([head[2], head[3], head[4], head[5]]);
        // Some writers leave the length out.
        if length <= 54 {
            self.scan = Some(Scan::Untold);
        }
        self.is_last = true;
        Some(length.into())
    }

    fn boxes(&mut self) -> Option<u64> {
        let [a, b, c, d, kind @ ..] = self.held.first_chunk::<8>()?;
        let length = match u32::from_be_bytes([*a, *b, *c, *d]) {
            1 => u64::from_be_bytes(*self.held.get(8..)?.first_chunk::<8>()?),
            short => short.into(),
        };
        self.has_pixels |= kind == b"mdat";
        // One that goes on to the end of the file, or makes no sense.
        if length < 8 {
            self.scan = Some(Scan::Untold);
        }
        Some(length)
    }

    fn jpeg(&mut self, state: Jpeg) -> Option<u64> {
        let (next, length) = match (state, self.held.as_slice()) {
            (_, [0xff]) => return None,
            // A fill byte; the second may begin a marker.
            (_, [0xff, 0xff]) => {
                self.held.pop();
                return None;
            }
            (Jpeg::Pixels, [0xff, 0x00 | 0xd0..=0xd7]) | (Jpeg::Marker, [0xff, 0x01 | 0xd0..=0xd8]) => {
                (state, 2)
            }
            (_, [0xff, 0xd9]) => {
                self.is_last = self.has_pixels;
                (state, 2)
            }
            (_, [0xff, kind, rest @ ..]) => {
                let length = 2 + u64::from(u16::from_be_bytes(*rest.first_chunk::<2>()?));
                self.has_pixels |= *kind == 0xda;
                let next = if *kind == 0xda { Jpeg::Pixels } else { Jpeg::Marker };
                (next, length)
            }
            _ => (state, 1),
        };
        self.scan = Some(Scan::Jpeg(next));
        Some(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunk(kind: [u8; 4], data: &[u8]) -> Vec<u8> {
        let length = u32::try_from(data.len()).unwrap().to_be_bytes();
        [&length, kind.as_slice(), data, &[0; 4]].concat()
    }

    fn png() -> Vec<u8> {
        let parts = [
            chunk(*b"IHDR", &[1; 13]),
            chunk(*b"IDAT", &[7; 300]),
            chunk(*b"IEND", &[]),
        ];
        [b"\x89PNG\r\n\x1a\n".to_vec(), parts.concat()].concat()
    }

    fn jpeg() -> Vec<u8> {
        // A preview with an end mark of its own, tables, pixels with a restart, a second scan, the end.
        let preview = b"\xff\xe1\x00\x10Exif\0\0\xff\xd8\xff\xda\xff\xd9\0\0";
        let scan = b"\xff\xda\x00\x04\x01\x02pix\xff\x00els\xff\xd0more\xff\xff\xc4\x00\x05abc";
        [
            b"\xff\xd8".as_slice(),
            preview,
            scan,
            b"\xff\xda\x00\x02z\xff\xd9",
        ]
        .concat()
    }

    fn webp() -> Vec<u8> {
        [b"RIFF\x18\0\0\0WEBPVP8L\x0c\0\0\0", [9; 12].as_slice()].concat()
    }

    fn gif() -> Vec<u8> {
        let head = b"GIF89a\x01\0\x01\0\x80\0\0abcdef\x21\xf9\x04\0\0\0\0\0";
        [head.as_slice(), b"\x2c\0\0\0\0\x01\0\x01\0\0\x02\x03;;;\x00\x3b"].concat()
    }

    fn avif() -> Vec<u8> {
        b"\0\0\0\x10ftypavif\0\0\0\0\0\0\0\x0cmeta1234\0\0\0\x0bmdatxyz".to_vec()
    }

    fn is_whole(pieces: &[&[u8]]) -> bool {
        let mut scan = Completeness::default();
        for piece in pieces {
            scan.push(piece);
        }
        scan.is_whole()
    }

    #[test]
    fn an_image_is_whole_at_its_last_byte_and_not_before_however_it_is_cut() {
        for (name, image) in [
            ("png", png()),
            ("jpeg", jpeg()),
            ("webp", webp()),
            ("gif", gif()),
            ("avif", avif()),
        ] {
            assert!(is_whole(&[&image]), "{name}");
            let bytes: Vec<&[u8]> = image.chunks(1).collect();
            assert!(is_whole(&bytes), "{name}");
            assert!(is_whole(&[&image, b"behind it"]) || name == "avif", "{name}");
            for end in 4..image.len() {
                let (front, back) = image.split_at(end);
                assert!(is_whole(&[front, back]), "{name} cut at {end}");
                let known = Mime::sniff(front) != Mime::Unknown;
                assert!(!is_whole(&[front]) || !known, "{name} at {end}");
            }
        }
    }

    #[test]
    fn a_header_alone_is_no_image() {
        let header = [
            b"\x89PNG\r\n\x1a\n".to_vec(),
            chunk(*b"IHDR", &[1; 13]),
            chunk(*b"IEND", &[]),
        ]
        .concat();
        assert!(!is_whole(&[&header]));
        assert!(!is_whole(&[
            b"\xff\xd8\xff\xe0\x00\x04xx\xff\xd9and some more bytes"
        ]));
        assert!(!is_whole(&[b"RIFF\x0c\0\0\0WEBPVP8L\0\0\0\0"]));
    }

    #[test]
    fn what_tells_no_end_lacks_nothing() {
        assert!(is_whole(&[b"II*\0 and whatever else there may be"]));
        assert!(is_whole(&[b"these bytes are no image at all"]));
        assert!(is_whole(&[]));
    }
}
