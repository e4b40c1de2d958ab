//! Pixels to files: PNG in many small chunks, top to bottom, so that it develops as it arrives; baseline JPEG.

use std::io::Write;

use super::Picture;

/// How many bytes of compressed pixels go into one IDAT chunk.
const CHUNK: usize = 16 << 10;

pub(super) fn png(picture: &Picture) -> Result<Vec<u8>, png::EncodingError> {
    let mut file = Vec::with_capacity(picture.rgb.len() * 2 / 3);
    let mut encoder = png::Encoder::new(&mut file, picture.width, picture.height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Fast);
    encoder.set_source_srgb(png::SrgbRenderingIntent::Perceptual);
    encoder.add_text_chunk("Software".to_owned(), "tintype demo provider".to_owned())?;
    let mut header = encoder.write_header()?;
    let mut rows = header.stream_writer_with_size(CHUNK)?;
    rows.write_all(&picture.rgb)?;
    rows.finish()?;
    header.finish()?;
    Ok(file)
}

pub(super) fn jpeg(picture: &Picture, quality: u8) -> Option<Vec<u8>> {
    let mut file = Vec::with_capacity(picture.rgb.len() / 5);
    let mut encoder = jpeg_encoder::Encoder::new(&mut file, quality);
    encoder.set_sampling_factor(jpeg_encoder::SamplingFactor::F_1_1);
    let (width, height) = (
        u16::try_from(picture.width).ok()?,
        u16::try_from(picture.height).ok()?,
    );
    encoder
        .encode(&picture.rgb, width, height, jpeg_encoder::ColorType::Rgb)
        .ok()?;
    Some(file)
}
