//! Bytes of a picture file to pixels, and the size from its first bytes. What a picture claims is checked against
//! limits before memory is taken for it; colour profiles are not applied.

use std::io::{Cursor, Read, Seek, SeekFrom};

use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat};

use super::Pixmap;
use super::limits::{check_memory, check_size, decoding, is_progressive, of_image};
use crate::domain::Mime;
use crate::error::{Error, Kind, Result};

/// No deflate stream grows more than this much when it is undone.
const DEFLATE_LIMIT: u64 = 1032;

/// Whether the first bytes of a file are those of a picture, of any type known here; 16 bytes are enough.
pub fn is_image(head: &[u8]) -> bool {
    Mime::sniff(head) != Mime::Unknown
}

/// Whether a PNG or JPEG lacks its end, so that it is at best the beginning of a picture: [`super::develop`] shows its
/// rows. Ask before [`decode`], which makes up what a JPEG lacks.
pub fn breaks_off(bytes: &[u8]) -> bool {
    match Mime::sniff(bytes) {
        Mime::Png => !bytes.ends_with(b"\0\0\0\0IEND\xae\x42\x60\x82"),
        Mime::Jpeg => super::develop::breaks_off(bytes),
        _ => false,
    }
}

/// The pixels of a picture file, over black where it is transparent.
pub fn decode(bytes: &[u8]) -> Result<Pixmap> {
    decode_over(bytes, [0; 3])
}

/// The pixels of a picture file, over `background` where it is transparent.
pub fn decode_over(bytes: &[u8], background: [u8; 3]) -> Result<Pixmap> {
    let mime = Mime::sniff(bytes);
    if let Some(size) = dimensions(bytes) {
        check_size(size)?;
    }
    match mime {
        Mime::Png => png_pixels(bytes, background),
        Mime::Jpeg | Mime::Webp | Mime::Gif | Mime::Bmp | Mime::Tiff | Mime::Other => {
            other_pixels(bytes, mime, background)
        }
        Mime::Avif | Mime::Heic | Mime::Heif => {
            let name = mime.name();
            Err(
                Error::new(Kind::BadInput, format!("A {name} picture cannot be shown here"))
                    .hint("Open the file in an image viewer, or convert it to PNG or JPEG"),
            )
        }
        Mime::Unknown => Err(
            Error::new(Kind::BadInput, "This is not a picture that can be shown here")
                .hint("PNG, JPEG and WebP can"),
        ),
    }
}

fn png_pixels(bytes: &[u8], background: [u8; 3]) -> Result<Pixmap> {
    let broken = |error: png::DecodingError| broken(Mime::Png, &error);
    let mut reader = png_reader(Cursor::new(bytes)).map_err(broken)?;
    let (width, height) = reader.info().size();
    check_size((width, height))?;
    let raw = reader.info().raw_bytes() as u64;
    if raw / DEFLATE_LIMIT > bytes.len() as u64 {
        return Err(Error::new(
            Kind::BadInput,
            "The PNG picture is cut short or claims a size that it cannot have",
        ));
    }
    let whole = reader.info().interlaced.then(|| reader.output_buffer_size());
    let whole = whole.map_or(0, |size| size.map_or(u64::MAX, |size| size as u64));
    let plain = u64::from(width) * u64::from(height) * 3;
    check_memory(whole.saturating_add(plain).saturating_add(bytes.len() as u64))?;
    let layout = Layout::of(reader.output_color_type().0);
    let mut picture = Pixmap::filled(width, height, [0; 3]);
    let stride = picture.stride();
    if reader.info().interlaced {
        let mut whole = vec![0; reader.output_buffer_size().unwrap_or(0)];
        let line = reader.next_frame(&mut whole).map_err(broken)?.line_size;
        for (row, target) in whole
            .chunks_exact(line.max(1))
            .zip(picture.rgb.chunks_exact_mut(stride))
        {
            layout.flatten(row, target, background);
        }
        return Ok(picture);
    }
    let mut line = vec![0; reader.output_line_size(width).unwrap_or(0)];
    for target in picture.rgb.chunks_exact_mut(stride) {
        let read = if layout == Layout::Rgb {
            reader.read_row(target).map_err(broken)?
        } else {
            let read = reader.read_row(&mut line).map_err(broken)?;
            layout.flatten(&line, target, background);
            read
        };
        if read.is_none() {
            break;
        }
    }
    Ok(picture)
}

/// A reader that yields 8 bits a sample, no palette, and believes checksums unseen: a wrong one would show a
/// damaged picture, which is better than none.
pub(super) fn png_reader<R: std::io::BufRead + Seek>(
    source: R,
) -> Result<png::Reader<R>, png::DecodingError> {
    let mut decoder = png::Decoder::new(source);
    decoder.ignore_checksums(true);
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    decoder.read_info()
}

/// The samples of a decoded pixel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    Gray,
    GrayAlpha,
    Rgb,
    Rgba,
}

impl Layout {
    pub(super) fn of(colour: png::ColorType) -> Self {
        match colour {
            png::ColorType::Grayscale => Self::Gray,
            png::ColorType::GrayscaleAlpha => Self::GrayAlpha,
            // A palette was expanded by the transformation.
            png::ColorType::Rgb | png::ColorType::Indexed => Self::Rgb,
            png::ColorType::Rgba => Self::Rgba,
        }
    }

    /// A row of such pixels over a background, into a row of plain ones.
    pub(super) fn flatten(self, row: &[u8], target: &mut [u8], background: [u8; 3]) {
        let (pixels, _) = target.as_chunks_mut::<3>();
        match self {
            Self::Gray => pixels
                .iter_mut()
                .zip(row)
                .for_each(|(pixel, &gray)| *pixel = [gray; 3]),
            Self::GrayAlpha => {
                for (pixel, &[gray, alpha]) in pixels.iter_mut().zip(row.as_chunks::<2>().0) {
                    *pixel = over([gray; 3], alpha, background);
                }
            }
            Self::Rgb => {
                let bytes = row.len().min(target.len());
                target[..bytes].copy_from_slice(&row[..bytes]);
            }
            Self::Rgba => {
                for (pixel, &[red, green, blue, alpha]) in pixels.iter_mut().zip(row.as_chunks::<4>().0) {
                    *pixel = over([red, green, blue], alpha, background);
                }
            }
        }
    }
}

fn over(colour: [u8; 3], alpha: u8, background: [u8; 3]) -> [u8; 3] {
    std::array::from_fn(|channel| {
        let alpha = u32::from(alpha);
        let sum = u32::from(colour[channel]) * alpha + u32::from(background[channel]) * (255 - alpha) + 127;
        u8::try_from(sum / 255).unwrap_or(u8::MAX)
    })
}

/// What `image` decodes, turned as its EXIF says.
fn other_pixels(bytes: &[u8], mime: Mime, background: [u8; 3]) -> Result<Pixmap> {
    let failed = |error: image::ImageError| broken(mime, &error);
    let mut reader = image::ImageReader::new(Cursor::new(bytes))
        .with_guessed_format()
        .map_err(|error| broken(mime, &error))?;
    reader.limits(of_image());
    let format = reader.format().unwrap_or(ImageFormat::Png);
    let mut decoder = reader.into_decoder().map_err(failed)?;
    let size = decoder.dimensions();
    check_size(size)?;
    let alpha = decoder.color_type().has_alpha();
    let cost = decoding(size, decoder.total_bytes(), format, is_progressive(bytes), alpha);
    check_memory(cost.saturating_add(bytes.len() as u64))?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut picture = DynamicImage::from_decoder(decoder).map_err(failed)?;
    picture.apply_orientation(orientation);
    let (width, height) = (picture.width(), picture.height());
    if !picture.color().has_alpha() {
        return Ok(Pixmap {
            width,
            height,
            rgb: picture.into_rgb8().into_raw(),
        });
    }
    let mut flat = Pixmap::filled(width, height, background);
    Layout::Rgba.flatten(picture.into_rgba8().as_raw(), &mut flat.rgb, background);
    Ok(flat)
}

fn broken(mime: Mime, error: &dyn std::fmt::Display) -> Error {
    let name = match mime {
        Mime::Other | Mime::Unknown => String::new(),
        known => format!("{} ", known.name()),
    };
    let reason = crate::domain::clean_line(&error.to_string());
    Error::new(
        Kind::BadInput,
        format!("The {name}picture cannot be read: {reason}"),
    )
}

/// Width and height from the first bytes of a PNG, JPEG, WebP or GIF file. A JPEG's may stand after hundreds of
/// kilobytes of metadata: use [`dimensions_in`] on a file.
pub fn dimensions(head: &[u8]) -> Option<(u32, u32)> {
    dimensions_in(&mut Cursor::new(head))
}

/// Width and height of a PNG, JPEG, WebP or GIF file, reading no more of it than needed.
pub fn dimensions_in(file: &mut (impl Read + Seek)) -> Option<(u32, u32)> {
    let mut head = [0; 30];
    let length = read_up_to(file, &mut head)?;
    let head = &head[..length];
    let size = match Mime::sniff(head) {
        Mime::Png => (be32(head, 16)?, be32(head, 20)?),
        Mime::Gif => (le16(head, 6)?, le16(head, 8)?),
        Mime::Webp => webp_size(head)?,
        Mime::Jpeg => jpeg_size(file)?,
        Mime::Avif | Mime::Heic | Mime::Heif | Mime::Bmp | Mime::Tiff | Mime::Other | Mime::Unknown => {
            return None;
        }
    };
    (size.0 > 0 && size.1 > 0).then_some(size)
}

/// From the frame header, found by stepping over the segments before it.
fn jpeg_size(file: &mut (impl Read + Seek)) -> Option<(u32, u32)> {
    file.seek(SeekFrom::Start(2)).ok()?;
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
            0x01 | 0xd0..=0xd8 => continue,
            // The end, or pixels before any frame header.
            0xd9 | 0xda => return None,
            _ => {}
        }
        let mut segment = [0; 2];
        file.read_exact(&mut segment).ok()?;
        let length = i64::from(u16::from_be_bytes(segment));
        if matches!(kind, 0xc0..=0xcf) && !matches!(kind, 0xc4 | 0xc8 | 0xcc) {
            let mut frame = [0; 5];
            file.read_exact(&mut frame).ok()?;
            let [_, rest @ ..] = frame;
            let [h1, h0, w1, w0] = rest.map(u32::from);
            return Some((w1 << 8 | w0, h1 << 8 | h0));
        }
        file.seek(SeekFrom::Current((length - 2).max(0))).ok()?;
    }
}

fn webp_size(head: &[u8]) -> Option<(u32, u32)> {
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

fn be32(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn le16(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from(u16::from_le_bytes(*bytes.get(at..)?.first_chunk()?)))
}

/// How many bytes could be had; nothing where the file cannot be read.
fn read_up_to(file: &mut impl Read, buffer: &mut [u8]) -> Option<usize> {
    let mut length = 0;
    while length < buffer.len() {
        match file.read(&mut buffer[length..]) {
            Ok(0) => break,
            Ok(count) => length += count,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(_) => return None,
        }
    }
    Some(length)
}
