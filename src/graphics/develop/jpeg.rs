//! The rows of a JPEG of which only the beginning is here, and what its first segments say. It keeps nothing: each time
//! the beginning is decoded again, which for a baseline JPEG takes little longer than to scale it.

use memchr::memmem;
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::{ZByteIoError, ZByteReaderTrait, ZCursor, ZSeekFrom};
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use super::Found;
use crate::graphics::backdrop::{Backdrop, Layout};
use crate::graphics::limits::is_progressive;

/// What stands at the beginning of each row until it is decoded; no row begins so unless by a rare chance, and then
/// it is shown a moment later.
const UNTOUCHED: [u8; 16] = *b"\xb1\x4e\xe3\x05\x9a\x77\x2c\xd8\x61\xfe\x13\x88\x40\xc9\x36\xaf";

/// Whether the bytes reach into the pixels of a JPEG that comes row by row from the top.
pub(super) fn first_pixels(head: &[u8]) -> Found {
    match pixels_at(head) {
        Ok(None) => Found::NotYet,
        Ok(Some(at)) => match head.get(..at) {
            None => Found::NotYet,
            Some(head) if !is_progressive(head) && has_rows(head) => Found::Here,
            Some(_) => Found::Never,
        },
        Err(Never) => Found::Never,
    }
}

/// Whether a JPEG begins and does not come to its end mark. Some have more behind that, as previews of their own.
pub(in crate::graphics) fn breaks_off(jpeg: &[u8]) -> bool {
    match pixels_at(jpeg) {
        Ok(None) => true,
        Ok(Some(at)) => memmem::rfind(jpeg.get(at..).unwrap_or_default(), b"\xff\xd9").is_none(),
        Err(Never) => false,
    }
}

/// There are no pixels where they should be.
struct Never;

/// Where the pixels of the first scan begin, once the header before them is here.
fn pixels_at(jpeg: &[u8]) -> Result<Option<usize>, Never> {
    let mut at = 2;
    loop {
        let pair = |at: usize| jpeg.get(at..).and_then(<[u8]>::first_chunk::<2>);
        match pair(at) {
            None => return Ok(None),
            // Any number of fill bytes may precede a marker.
            Some([0xff, 0xff]) => at += 1,
            Some([0xff, 0x01 | 0xd0..=0xd8]) => at += 2,
            Some([0xff, 0xd9]) => return Err(Never),
            Some([0xff, kind]) => {
                let Some(length) = pair(at + 2) else {
                    return Ok(None);
                };
                at += 2 + usize::from(u16::from_be_bytes(*length));
                if *kind == 0xda {
                    return Ok(Some(at));
                }
            }
            Some(_) => return Err(Never),
        }
    }
}

/// Whether its rows come in colours that are known here.
fn has_rows(head: &[u8]) -> bool {
    let mut decoder = JpegDecoder::new_with_options(Prefix::of(head), options(ColorSpace::RGB));
    if decoder.decode_headers().is_err() {
        return false;
    }
    let colours = decoder.input_colorspace();
    matches!(
        colours,
        Some(ColorSpace::YCbCr | ColorSpace::RGB | ColorSpace::Luma)
    )
}

fn options(colours: ColorSpace) -> DecoderOptions {
    DecoderOptions::default()
        // It stops where the bytes end, and paints nothing of what it does not have.
        .set_strict_mode(true)
        .set_max_width(usize::from(u16::MAX))
        .set_max_height(usize::from(u16::MAX))
        .jpeg_set_out_colorspace(colours)
}

/// Decodes what there is and hands out, from the row `from` on, the rows that are as they will be in the end.
pub(super) fn rows(bytes: &[u8], from: u32, mut take: impl FnMut(&[u8])) {
    let mut decoder = JpegDecoder::new_with_options(Prefix::of(certain(bytes)), options(ColorSpace::RGB));
    if decoder.decode_headers().is_err() {
        return;
    }
    let (Some((width, height)), Some(colours)) = (decoder.dimensions(), decoder.input_colorspace()) else {
        return;
    };
    let (colours, layout, channels) = if colours == ColorSpace::Luma {
        (ColorSpace::Luma, Layout::Gray, 1)
    } else {
        (ColorSpace::RGB, Layout::Rgb, 3)
    };
    decoder.set_options(options(colours));
    let stride = width * channels;
    let mut pixels = vec![0; stride * height];
    let marks = UNTOUCHED.len().min(stride);
    for row in pixels.chunks_exact_mut(stride) {
        row[..marks].copy_from_slice(&UNTOUCHED[..marks]);
    }
    let is_whole = decoder.decode_into(&mut pixels).is_ok();
    let untouched = |row: &&[u8]| row[..marks] == UNTOUCHED[..marks];
    let missing = pixels.chunks_exact(stride).rev().take_while(untouched).count();
    let there = if is_whole { height } else { height - missing };
    let mut line = vec![0; width * 3];
    // There is no alpha in a JPEG.
    let ground = Backdrop::BLACK.behind((0, 0));
    for row in pixels.chunks_exact(stride).take(there).skip(from as usize) {
        layout.compose(row, &mut line, ground, 0);
        take(&line);
    }
}

/// The bytes whose meaning what follows cannot change: not half a marker, and where there are restart markers, nothing
/// behind the last of them, for the decoder looks for the next one and goes on without it.
fn certain(bytes: &[u8]) -> &[u8] {
    let halves = bytes.iter().rev().take_while(|byte| **byte == 0xff).count();
    let bytes = &bytes[..bytes.len() - halves];
    let Ok(Some(at)) = pixels_at(bytes) else {
        return bytes;
    };
    let has_end = |pixels: &[u8]| memmem::rfind(pixels, b"\xff\xd9").is_some();
    let Some(pixels) = bytes.get(at..).filter(|pixels| !has_end(pixels)) else {
        return bytes;
    };
    let restart = |(at, pair): (usize, &[u8])| matches!(pair, [0xff, 0xd0..=0xd7]).then_some(at + 2);
    let last = pixels.windows(2).enumerate().rev().find_map(restart);
    match last {
        Some(end) => &bytes[..at + end],
        None if has_restarts(&bytes[..at]) => &bytes[..at],
        None => bytes,
    }
}

/// Whether the header says that the pixels are in pieces with markers between.
fn has_restarts(head: &[u8]) -> bool {
    let told = memmem::rfind(head, b"\xff\xdd\x00\x04");
    told.is_some_and(|at| head.get(at + 4..).is_some_and(|rest| !rest.starts_with(&[0, 0])))
}

/// Bytes whose end is an error: what comes behind it is not known, and is not zeros.
struct Prefix<'a> {
    cursor: ZCursor<&'a [u8]>,
    /// Whether more was asked for than there is.
    is_over: bool,
}

impl<'a> Prefix<'a> {
    fn of(bytes: &'a [u8]) -> Self {
        Self {
            cursor: ZCursor::new(bytes),
            is_over: false,
        }
    }
}

impl ZByteReaderTrait for Prefix<'_> {
    #[inline]
    fn read_byte_no_error(&mut self) -> u8 {
        let mut byte = [0];
        self.is_over |= self.cursor.read_exact_bytes(&mut byte).is_err();
        byte[0]
    }

    #[inline]
    fn read_exact_bytes(&mut self, buffer: &mut [u8]) -> Result<(), ZByteIoError> {
        self.cursor.read_exact_bytes(buffer)
    }

    fn read_bytes(&mut self, buffer: &mut [u8]) -> Result<usize, ZByteIoError> {
        self.cursor.read_bytes(buffer)
    }

    fn peek_bytes(&mut self, buffer: &mut [u8]) -> Result<usize, ZByteIoError> {
        self.cursor.peek_bytes(buffer)
    }

    fn peek_exact_bytes(&mut self, buffer: &mut [u8]) -> Result<(), ZByteIoError> {
        self.cursor.peek_exact_bytes(buffer)
    }

    fn z_seek(&mut self, from: ZSeekFrom) -> Result<u64, ZByteIoError> {
        self.cursor.z_seek(from)
    }

    #[inline]
    fn is_eof(&mut self) -> Result<bool, ZByteIoError> {
        if self.is_over {
            return Err(ZByteIoError::Generic("the rest has not arrived"));
        }
        Ok(false)
    }

    fn z_position(&mut self) -> Result<u64, ZByteIoError> {
        self.cursor.z_position()
    }

    fn read_remaining(&mut self, sink: &mut Vec<u8>) -> Result<usize, ZByteIoError> {
        self.cursor.read_remaining(sink)
    }
}
