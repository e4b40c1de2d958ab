//! A picture of any kind that can be read here to one that a model takes: another type, fewer pixels. Bytes in, bytes
//! out; it decides neither what a model takes nor when a picture is too large.

use std::collections::HashSet;
use std::io::Cursor;

use fast_image_resize as fir;
use image::codecs::png::PngEncoder;
use image::{
    ColorType, DynamicImage, ExtendedColorType, ImageDecoder, ImageEncoder, ImageFormat, ImageReader,
};

use super::decode::{too_many, turning};
use super::limits;
use crate::domain::{Header, Mime, amount, clean_line};

/// A picture of at most this many pixels is small enough to be kept without loss.
const SMALL: u64 = 256 * 256;

/// A picture of at most this many colours is drawn, not photographed: JPEG would smear its edges.
const FLAT: usize = 64;

/// What a picture is to become.
#[derive(Clone, Copy, Debug)]
pub struct Wish<'a> {
    /// The types it may have; PNG and JPEG are the ones that can be written here.
    pub may: &'a [Mime],
    /// The most pixels of its longer side.
    pub longest: Option<u32>,
    /// Of a JPEG, 1 to 100.
    pub quality: u8,
}

/// What it became.
#[derive(Clone, PartialEq, Eq)]
pub struct Converted {
    pub bytes: Vec<u8>,
    pub mime: Mime,
    /// Its pixels before, upright as its EXIF says, and now.
    pub from: (u32, u32),
    pub size: (u32, u32),
}

impl std::fmt::Debug for Converted {
    /// Without the bytes: a failed assertion must stay readable.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Converted({} {:?}, {} bytes)",
            self.mime,
            self.size,
            self.bytes.len()
        )
    }
}

/// Makes PNG or JPEG of a picture: PNG where it has holes, is small or has few colours, else JPEG. An error is the end
/// of a sentence that says what cannot be used.
pub fn convert(bytes: &[u8], wish: &Wish<'_>) -> Result<Converted, String> {
    // No JPEG is longer.
    let most = wish.longest.unwrap_or(u32::MAX).min(u32::from(u16::MAX));
    let (picture, from) = read(bytes, most)?;
    let has_holes = picture.has_holes();
    let [png, jpeg] = [Mime::Png, Mime::Jpeg].map(|mime| wish.may.contains(&mime));
    let (mime, bytes) = if png && (!jpeg || has_holes || picture.is_small() || picture.is_flat()) {
        (Mime::Png, picture.png(has_holes)?)
    } else if jpeg {
        (Mime::Jpeg, picture.jpeg(wish.quality)?)
    } else {
        return Err("it would have to be PNG or JPEG, and neither is taken".to_owned());
    };
    Ok(Converted {
        bytes,
        mime,
        from,
        size: picture.size,
    })
}

/// Decoded pixels, four bytes each.
struct Pixels {
    size: (u32, u32),
    rgba: Vec<u8>,
    /// The profile that says what their numbers mean, where it is one of RGB.
    profile: Option<Vec<u8>>,
}

/// The pixels of a picture, upright, its longer side at most so long; and its size before that. What can be scaled as it
/// was decoded is: a photograph of 50 million pixels would take twice the memory otherwise.
fn read(bytes: &[u8], most: u32) -> Result<(Pixels, (u32, u32)), String> {
    let broken = |error: image::ImageError| format!("it cannot be read: {}", clean_line(&error.to_string()));
    let mut reader = ImageReader::new(Cursor::new(bytes))
        .with_guessed_format()
        .map_err(|error| broken(error.into()))?;
    reader.limits(limits::of_image());
    let format = reader.format().unwrap_or(ImageFormat::Png);
    let mut decoder = reader.into_decoder().map_err(broken)?;
    let (width, height) = decoder.dimensions();
    check(&decoder, bytes, format, width.max(height) > most)?;
    let orientation = Header::of(bytes)
        .map(|header| header.orientation)
        .unwrap_or_default();
    let profile = decoder.icc_profile().ok().flatten();
    let mut picture = DynamicImage::from_decoder(decoder).map_err(broken)?;
    if width.max(height) > most {
        picture = shortened(picture, most)?;
    }
    picture.apply_orientation(turning(orientation));
    let pixels = Pixels {
        size: (picture.width(), picture.height()),
        rgba: picture.into_rgba8().into_raw(),
        // Its numbers are RGB from here on: a profile of greys or inks would turn them into something else.
        profile: profile.filter(|profile| profile.get(16..20) == Some(b"RGB ")),
    };
    let from = orientation.turned((width, height));
    Ok((pixels, from))
}

/// Whether the picture may be decoded, from what it claims.
fn check(decoder: &impl ImageDecoder, bytes: &[u8], format: ImageFormat, scaled: bool) -> Result<(), String> {
    let (width, height) = decoder.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    if pixels == 0 || pixels > limits::MAX_PIXELS || width.max(height) > limits::MAX_SIDE {
        return Err(too_many(width, height));
    }
    let colour = decoder.color_type();
    let raw = decoder.total_bytes();
    let progressive = limits::is_progressive(bytes);
    let as_it_is = scaled && matches!(colour, ColorType::Rgb8 | ColorType::Rgba8);
    let meanwhile = limits::meanwhile(pixels, raw, format, progressive);
    let cost = if as_it_is {
        raw + meanwhile
    } else {
        // Four bytes a pixel, and three more while a JPEG is written.
        (raw + meanwhile + pixels * 4).max(pixels * 8)
    };
    limits::check_memory(cost.saturating_add(bytes.len() as u64)).map_err(|_| {
        format!(
            "to read its {width}\u{d7}{height} pixels would take {} of memory, and it may take {}",
            amount(cost),
            amount(limits::MEMORY)
        )
    })
}

/// The picture with its longer side this long.
fn shortened(picture: DynamicImage, most: u32) -> Result<DynamicImage, String> {
    let (width, height) = (picture.width(), picture.height());
    let longest = width.max(height);
    let scaled = |side: u32| {
        let side = (u64::from(side) * u64::from(most) + u64::from(longest) / 2) / u64::from(longest);
        u32::try_from(side).unwrap_or(most).max(1)
    };
    let to = (scaled(width), scaled(height));
    let failed = || "it cannot be scaled".to_owned();
    if let DynamicImage::ImageRgb8(picture) = picture {
        let pixels = resized(picture.into_raw(), (width, height), to, fir::PixelType::U8x3)?;
        let picture = image::RgbImage::from_raw(to.0, to.1, pixels).ok_or_else(failed)?;
        return Ok(DynamicImage::ImageRgb8(picture));
    }
    let pixels = resized(
        picture.into_rgba8().into_raw(),
        (width, height),
        to,
        fir::PixelType::U8x4,
    )?;
    let picture = image::RgbaImage::from_raw(to.0, to.1, pixels).ok_or_else(failed)?;
    Ok(DynamicImage::ImageRgba8(picture))
}

fn resized(
    mut pixels: Vec<u8>,
    from: (u32, u32),
    to: (u32, u32),
    kind: fir::PixelType,
) -> Result<Vec<u8>, String> {
    let failed = |error: &dyn std::fmt::Display| format!("it cannot be scaled: {error}");
    let source = fir::images::Image::from_slice_u8(from.0, from.1, &mut pixels, kind);
    let source = source.map_err(|error| failed(&error))?;
    let mut target = fir::images::Image::new(to.0, to.1, kind);
    let filter = fir::ResizeAlg::Convolution(fir::FilterType::Lanczos3);
    let options = fir::ResizeOptions::new().resize_alg(filter);
    fir::Resizer::new()
        .resize(&source, &mut target, &options)
        .map_err(|error| failed(&error))?;
    Ok(target.into_vec())
}

impl Pixels {
    fn pixels(&self) -> impl Iterator<Item = &[u8; 4]> {
        self.rgba.as_chunks::<4>().0.iter()
    }

    fn has_holes(&self) -> bool {
        self.pixels().any(|&[_, _, _, alpha]| alpha < u8::MAX)
    }

    fn is_small(&self) -> bool {
        u64::from(self.size.0) * u64::from(self.size.1) <= SMALL
    }

    fn is_flat(&self) -> bool {
        let mut colours = HashSet::new();
        let mut last = None;
        for pixel in self.pixels() {
            if last != Some(pixel) {
                last = Some(pixel);
                if colours.insert(*pixel) && colours.len() > FLAT {
                    return false;
                }
            }
        }
        true
    }

    /// Three bytes a pixel; what shows through its holes is white.
    fn rgb(&self) -> Vec<u8> {
        let mut rgb = Vec::with_capacity(self.rgba.len() / 4 * 3);
        for &[red, green, blue, alpha] in self.pixels() {
            let over = |colour: u8| {
                let sum = u32::from(colour) * u32::from(alpha) + 255 * (255 - u32::from(alpha)) + 127;
                u8::try_from(sum / 255).unwrap_or(u8::MAX)
            };
            rgb.extend([red, green, blue].map(over));
        }
        rgb
    }

    fn png(&self, has_holes: bool) -> Result<Vec<u8>, String> {
        let mut bytes = Vec::new();
        let mut encoder = PngEncoder::new(&mut bytes);
        if let Some(profile) = &self.profile {
            // A picture without its profile is only a little off.
            let _pale = encoder.set_icc_profile(profile.clone());
        }
        let (width, height) = self.size;
        let written = if has_holes {
            encoder.write_image(&self.rgba, width, height, ExtendedColorType::Rgba8)
        } else {
            encoder.write_image(&self.rgb(), width, height, ExtendedColorType::Rgb8)
        };
        written.map_err(|error| format!("it cannot be written as PNG: {error}"))?;
        Ok(bytes)
    }

    fn jpeg(&self, quality: u8) -> Result<Vec<u8>, String> {
        let failed = |error: &dyn std::fmt::Display| format!("it cannot be written as JPEG: {error}");
        let side = |side: u32| u16::try_from(side).map_err(|error| failed(&error));
        let (width, height) = (side(self.size.0)?, side(self.size.1)?);
        let mut bytes = Vec::new();
        let mut encoder = jpeg_encoder::Encoder::new(&mut bytes, quality);
        encoder.set_sampling_factor(jpeg_encoder::SamplingFactor::F_1_1);
        if let Some(profile) = &self.profile {
            let _pale = encoder.add_icc_profile(profile);
        }
        encoder
            .encode(&self.rgb(), width, height, jpeg_encoder::ColorType::Rgb)
            .map_err(|error| failed(&error))?;
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use image::{ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};

    use super::*;

    const BOTH: Wish<'_> = Wish {
        may: &[Mime::Png, Mime::Jpeg],
        longest: None,
        quality: 92,
    };

    fn written(picture: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        picture.into().write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    /// A photograph, as far as an encoder can tell.
    fn photo(width: u32, height: u32) -> RgbImage {
        RgbImage::from_fn(width, height, |x, y| {
            let [low, high] = [x * 255 / width, y * 255 / height].map(|value| u8::try_from(value).unwrap());
            Rgb([low, high, low / 2 + high / 2])
        })
    }

    #[test]
    fn every_kind_that_can_be_read_becomes_one_that_is_taken() {
        for format in [
            ImageFormat::Gif,
            ImageFormat::Bmp,
            ImageFormat::Tiff,
            ImageFormat::Qoi,
            ImageFormat::Ico,
            ImageFormat::Pnm,
            ImageFormat::WebP,
            ImageFormat::Png,
        ] {
            // Icons hold their transparency in every case.
            let photo = DynamicImage::from(photo(40, 20)).into_rgba8();
            let bytes = match format {
                ImageFormat::Ico => written(photo, format),
                _ => written(DynamicImage::from(photo).into_rgb8(), format),
            };
            assert_ne!(Mime::sniff(&bytes), Mime::Unknown, "{format:?}");
            let small = convert(&bytes, &BOTH).unwrap();
            assert_eq!((small.mime, small.size), (Mime::Png, (40, 20)), "{format:?}");
            assert_eq!(Mime::sniff(&small.bytes), Mime::Png);
        }
        for format in [ImageFormat::Bmp, ImageFormat::Tiff, ImageFormat::Qoi] {
            let large = convert(&written(photo(400, 300), format), &BOTH).unwrap();
            assert_eq!((large.mime, large.size), (Mime::Jpeg, (400, 300)), "{format:?}");
            let there = image::load_from_memory(&large.bytes).unwrap().into_rgb8();
            let (one, other) = (there.get_pixel(200, 150), *photo(400, 300).get_pixel(200, 150));
            for (one, other) in one.0.into_iter().zip(other.0) {
                assert!(one.abs_diff(other) < 12, "{one} {other}");
            }
        }
    }

    #[test]
    fn holes_and_few_colours_stay_sharp_where_png_is_taken() {
        let hole = RgbaImage::from_fn(400, 300, |x, y| {
            Rgba([
                255,
                0,
                0,
                if x < 200 {
                    u8::try_from(y % 256).unwrap()
                } else {
                    255
                },
            ])
        });
        let bytes = written(hole, ImageFormat::Tiff);
        let png = convert(&bytes, &BOTH).unwrap();
        assert_eq!(png.mime, Mime::Png);
        assert_eq!(
            image::load_from_memory(&png.bytes)
                .unwrap()
                .to_rgba8()
                .get_pixel(0, 7)
                .0[3],
            7
        );
        let only = Wish {
            may: &[Mime::Jpeg],
            ..BOTH
        };
        let flat = convert(&bytes, &only).unwrap();
        assert_eq!(flat.mime, Mime::Jpeg);
        let white = image::load_from_memory(&flat.bytes).unwrap().to_rgb8();
        assert!(white.get_pixel(0, 0).0.iter().all(|&channel| channel > 230));

        let drawn = RgbImage::from_fn(400, 300, |x, y| {
            if (x / 9 + y / 9) % 2 == 0 {
                Rgb([0; 3])
            } else {
                Rgb([255; 3])
            }
        });
        assert_eq!(
            convert(&written(drawn, ImageFormat::Bmp), &BOTH).unwrap().mime,
            Mime::Png
        );
        let neither = Wish {
            may: &[Mime::Webp],
            ..BOTH
        };
        assert!(
            convert(&bytes, &neither)
                .unwrap_err()
                .contains("neither is taken")
        );
    }

    #[test]
    fn a_large_picture_keeps_its_shape_and_a_small_one_its_size() {
        let wish = Wish {
            longest: Some(100),
            ..BOTH
        };
        let scaled = convert(&written(photo(450, 300), ImageFormat::Png), &wish).unwrap();
        assert_eq!((scaled.from, scaled.size), ((450, 300), (100, 67)));
        let thin = convert(&written(photo(1000, 2), ImageFormat::Png), &wish).unwrap();
        assert_eq!(thin.size, (100, 1));
        let same = convert(&written(photo(100, 80), ImageFormat::Png), &wish).unwrap();
        assert_eq!(same.size, (100, 80));
    }

    #[test]
    fn a_camera_held_upright_gives_an_upright_picture() {
        let mut jpeg = written(photo(300, 260), ImageFormat::Jpeg);
        // EXIF, orientation 6: turned a quarter.
        let exif =
            b"\xff\xe1\x00\x22Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
        jpeg.splice(2..2, exif.iter().copied());
        let png = Wish {
            may: &[Mime::Png],
            ..BOTH
        };
        assert_eq!(convert(&jpeg, &png).unwrap().size, (260, 300));
    }

    #[test]
    fn broken_and_enormous_pictures_are_refused_before_memory_is_taken() {
        for bytes in [
            &b"GIF89a\x01\0\x01\0\0\0\0;"[..],
            b"",
            b"<html>",
            b"II\x2a\0\xff\xff\xff\xff",
        ] {
            let error = convert(bytes, &BOTH).unwrap_err();
            assert!(error.starts_with("it cannot be read: "), "{error}");
        }
        let mut cut = written(photo(300, 300), ImageFormat::Png);
        cut.truncate(cut.len() / 2);
        assert!(convert(&cut, &BOTH).is_err());
        let huge = b"P6 20000 20000 255\n";
        assert_eq!(
            convert(huge, &BOTH).unwrap_err(),
            "it has 20000\u{d7}20000 pixels, and at most 80 million can be read here"
        );
    }
}
