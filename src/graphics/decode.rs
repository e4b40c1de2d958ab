//! Bytes of a picture file to pixels, upright, and the size from its first bytes. What a picture claims is checked
//! against limits before memory is taken for it; colour profiles are not applied.

use std::io::{Cursor, Read, Seek};

use image::metadata;
use image::{DynamicImage, ImageDecoder, ImageFormat};

use super::backdrop::Layout;
use super::limits::{MAX_PIXELS, MAX_SIDE, check_memory, check_size, decoding, is_progressive, of_image};
use super::{Backdrop, Pixmap, container};
use crate::domain::{Header, Mime, Orientation, clean_line};
use crate::error::{Error, Kind, Result};

/// No deflate stream grows more than this much when it is undone.
const DEFLATE_LIMIT: u64 = 1032;

/// Whether the first bytes of a file are those of a picture, of any type known here; 16 bytes are enough.
pub fn is_image(head: &[u8]) -> bool {
    Mime::sniff(head) != Mime::Unknown
}

/// Whether an image file lacks its end, so that it is at best the beginning of an image: [`super::develop`] shows the
/// rows of PNG and JPEG. Bytes behind the end are no fault. Ask before [`decode`], which makes up what a JPEG lacks.
pub fn breaks_off(bytes: &[u8]) -> bool {
    !container::is_whole(bytes)
}

/// Checks that an image comes to its end and has no more pixels than may be, as far as its container tells. An error is the
/// end of a sentence that says why not.
pub fn look_over(bytes: &[u8]) -> Result<(), String> {
    if Mime::sniff(bytes) == Mime::Unknown {
        return Err("it is not an image".to_owned());
    }
    if breaks_off(bytes) {
        return Err("it breaks off: its end is missing".to_owned());
    }
    match Header::of(bytes).map(|header| header.stored) {
        Some((width, height)) if check_size((width, height)).is_err() => Err(too_many(width, height)),
        _ => Ok(()),
    }
}

/// [`look_over`], and whether every pixel can be read: what is to be sent to a server that is paid for looking at it.
/// Types that cannot be decoded here pass, and so do images that would take more memory than may be had.
pub fn examine(bytes: &[u8]) -> Result<(), String> {
    look_over(bytes)?;
    let mime = Mime::sniff(bytes);
    if matches!(mime, Mime::Avif | Mime::Heic | Mime::Heif) {
        return Ok(());
    }
    match pixels(bytes, mime, Backdrop::BLACK) {
        Ok(_) | Err(Fault::Memory(_)) => Ok(()),
        Err(Fault::Broken(reason)) => Err(format!("it cannot be read: {reason}")),
        Err(Fault::Size((width, height), _)) => Err(too_many(width, height)),
    }
}

/// Says that an image has more pixels than can be read here, or none.
pub(super) fn too_many(width: u32, height: u32) -> String {
    if width == 0 || height == 0 {
        return "it has no pixels".to_owned();
    }
    let most = if width.max(height) > MAX_SIDE {
        format!("a side of at most {MAX_SIDE}")
    } else {
        format!("at most {} million", MAX_PIXELS / 1_000_000)
    };
    format!("it has {width}\u{d7}{height} pixels, and {most} can be read here")
}

/// The upright pixels of a picture file, over black where it is transparent.
pub fn decode(bytes: &[u8]) -> Result<Pixmap> {
    decode_over(bytes, Backdrop::BLACK)
}

/// The upright pixels of a picture file, composed over a backdrop where it is transparent.
pub fn decode_over(bytes: &[u8], backdrop: impl Into<Backdrop>) -> Result<Pixmap> {
    let mime = Mime::sniff(bytes);
    match mime {
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
        mime => pixels(bytes, mime, backdrop.into()).map_err(|fault| match fault {
            Fault::Size(_, error) | Fault::Memory(error) => error,
            Fault::Broken(reason) => {
                let name = match mime {
                    Mime::Other => String::new(),
                    known => format!("{} ", known.name()),
                };
                let message = format!("The {name}picture cannot be read: {reason}");
                Error::new(Kind::BadInput, message)
            }
        }),
    }
}

/// Why a file has no pixels here.
enum Fault {
    Size((u32, u32), Error),
    Memory(Error),
    Broken(String),
}

impl Fault {
    fn broken(error: &dyn std::fmt::Display) -> Self {
        Self::Broken(clean_line(&error.to_string()))
    }
}

/// [`check_size`] and [`check_memory`], with which of them it was.
fn check(size: (u32, u32)) -> Result<(), Fault> {
    check_size(size).map_err(|error| Fault::Size(size, error))
}

fn afford(bytes: u64) -> Result<(), Fault> {
    check_memory(bytes).map_err(Fault::Memory)
}

/// The upright pixels of a file of this type, one that can be decoded here.
fn pixels(bytes: &[u8], mime: Mime, backdrop: Backdrop) -> Result<Pixmap, Fault> {
    let header = Header::of(bytes);
    if let Some(header) = &header {
        check(header.stored)?;
    }
    let orientation = header.map(|header| header.orientation).unwrap_or_default();
    if mime == Mime::Png {
        png_pixels(bytes, backdrop, orientation)
    } else {
        other_pixels(bytes, backdrop, orientation)
    }
}

fn png_pixels(bytes: &[u8], backdrop: Backdrop, orientation: Orientation) -> Result<Pixmap, Fault> {
    let broken = |error: png::DecodingError| Fault::broken(&error);
    let mut reader = png_reader(Cursor::new(bytes)).map_err(broken)?;
    let (width, height) = reader.info().size();
    check((width, height))?;
    let raw = reader.info().raw_bytes() as u64;
    if raw / DEFLATE_LIMIT > bytes.len() as u64 {
        let why = "it is cut short or claims a size that it cannot have";
        return Err(Fault::Broken(why.to_owned()));
    }
    let whole = reader.info().interlaced.then(|| reader.output_buffer_size());
    let whole = whole.map_or(0, |size| size.map_or(u64::MAX, |size| size as u64));
    let plain = u64::from(width) * u64::from(height) * 3;
    afford(whole.saturating_add(plain).saturating_add(bytes.len() as u64))?;
    let layout = Layout::of(reader.output_color_type().0);
    let ground = backdrop.behind((width, height));
    let mut picture = Pixmap::filled(width, height, [0; 3]);
    let stride = picture.stride();
    if reader.info().interlaced {
        let mut whole = vec![0; reader.output_buffer_size().unwrap_or(0)];
        let line = reader.next_frame(&mut whole).map_err(broken)?.line_size;
        let rows = whole.chunks_exact(line.max(1));
        for (y, (row, target)) in rows.zip(picture.rgb.chunks_exact_mut(stride)).enumerate() {
            layout.compose(row, target, ground, y);
        }
        drop(whole);
        return Ok(upright(picture, orientation));
    }
    let mut line = vec![0; reader.output_line_size(width).unwrap_or(0)];
    for (y, target) in picture.rgb.chunks_exact_mut(stride).enumerate() {
        let read = if layout == Layout::Rgb {
            reader.read_row(target).map_err(broken)?
        } else {
            let read = reader.read_row(&mut line).map_err(broken)?;
            layout.compose(&line, target, ground, y);
            read
        };
        if read.is_none() {
            break;
        }
    }
    Ok(upright(picture, orientation))
}

/// The picture turned as its file says. A quarter turn takes the memory of the pixels once more for a moment, which the
/// limits do not count: by then what the decoder needed is free.
pub(super) fn upright(picture: Pixmap, orientation: Orientation) -> Pixmap {
    if orientation.is_upright() {
        return picture;
    }
    let mut turned = DynamicImage::from(picture);
    turned.apply_orientation(turning(orientation));
    let (width, height) = (turned.width(), turned.height());
    Pixmap {
        width,
        height,
        rgb: turned.into_rgb8().into_raw(),
    }
}

/// What `image` has to do for that.
pub(super) fn turning(orientation: Orientation) -> metadata::Orientation {
    metadata::Orientation::from_exif(orientation.exif()).unwrap_or(metadata::Orientation::NoTransforms)
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

/// What `image` decodes, turned as its EXIF says.
fn other_pixels(bytes: &[u8], backdrop: Backdrop, orientation: Orientation) -> Result<Pixmap, Fault> {
    let failed = |error: image::ImageError| Fault::broken(&error);
    let mut reader = image::ImageReader::new(Cursor::new(bytes))
        .with_guessed_format()
        .map_err(|error| Fault::broken(&error))?;
    reader.limits(of_image());
    let format = reader.format().unwrap_or(ImageFormat::Png);
    let decoder = reader.into_decoder().map_err(failed)?;
    let size = decoder.dimensions();
    check(size)?;
    let alpha = decoder.color_type().has_alpha();
    let cost = decoding(size, decoder.total_bytes(), format, is_progressive(bytes), alpha);
    afford(cost.saturating_add(bytes.len() as u64))?;
    let mut picture = DynamicImage::from_decoder(decoder).map_err(failed)?;
    picture.apply_orientation(turning(orientation));
    let (width, height) = (picture.width(), picture.height());
    if !picture.color().has_alpha() {
        return Ok(Pixmap {
            width,
            height,
            rgb: picture.into_rgb8().into_raw(),
        });
    }
    let mut flat = Pixmap::filled(width, height, [0; 3]);
    let (ground, stride) = (backdrop.behind((width, height)), flat.stride());
    let rgba = picture.into_rgba8();
    let rows = rgba.as_raw().chunks_exact(stride.max(3) / 3 * 4);
    for (y, (row, target)) in rows.zip(flat.rgb.chunks_exact_mut(stride.max(3))).enumerate() {
        Layout::Rgba.compose(row, target, ground, y);
    }
    Ok(flat)
}

/// Width and height of the upright image, from the first bytes of its file. A JPEG's may stand after hundreds of
/// kilobytes of metadata: use [`dimensions_in`] on a file.
pub fn dimensions(head: &[u8]) -> Option<(u32, u32)> {
    dimensions_in(&mut Cursor::new(head))
}

/// Width and height of the upright image in a file, reading no more of it than needed; see [`Header::read`] for the
/// types.
pub fn dimensions_in(file: &mut (impl Read + Seek)) -> Option<(u32, u32)> {
    Header::read(file).map(|header| header.size())
}
