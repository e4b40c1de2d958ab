//! PNG for the wire: any decoder reads it, and the pixels may be a little off so that it is half as long. It writes
//! what a terminal is sent and nothing that is kept.

use super::{Pixmap, deflate};

/// The picture as PNG. With `step` 1 (or 0) the pixels are kept exactly; with a larger one each byte of each pixel
/// may be off by half of it: 6 halves the length and is not seen.
///
/// What PNG stores of a pixel is its difference from a guess made of its neighbours. Here that difference is rounded
/// to a multiple of `step`, and the next guess is made of what the decoder will see, so errors never add up.
pub fn encode(picture: &Pixmap, step: u8) -> Vec<u8> {
    if picture.rgb.is_empty() {
        // There is no PNG without pixels.
        return encode(&Pixmap::filled(1, 1, [0; 3]), 1);
    }
    let filtered = filter(picture, step.max(1));
    let mut png = Vec::with_capacity(filtered.len() / 2 + 1024);
    png.extend_from_slice(b"\x89PNG\r\n\x1a\n");
    chunk(&mut png, *b"IHDR", |data| {
        data.extend_from_slice(&picture.width.to_be_bytes());
        data.extend_from_slice(&picture.height.to_be_bytes());
        // 8 bits, RGB, deflate, adaptive filters, not interlaced.
        data.extend_from_slice(&[8, 2, 0, 0, 0]);
    });
    chunk(&mut png, *b"IDAT", |data| deflate::compress(&filtered, data));
    chunk(&mut png, *b"IEND", |_| ());
    png
}

fn chunk(png: &mut Vec<u8>, kind: [u8; 4], fill: impl FnOnce(&mut Vec<u8>)) {
    let start = png.len();
    png.extend_from_slice(&[0; 4]);
    png.extend_from_slice(&kind);
    fill(png);
    let length = u32::try_from(png.len() - start - 8).unwrap_or(u32::MAX);
    png[start..start + 4].copy_from_slice(&length.to_be_bytes());
    let checksum = crc32fast::hash(&png[start + 4..]);
    png.extend_from_slice(&checksum.to_be_bytes());
}

/// How a byte is guessed from those of the pixels to its left, above, and above left; PNG's own four and numbers.
#[derive(Clone, Copy)]
enum Guess {
    Left = 1,
    Above = 2,
    Average = 3,
    Paeth = 4,
}

/// The rows as PNG filters them, each after the number of its guess.
fn filter(picture: &Pixmap, step: u8) -> Vec<u8> {
    let stride = picture.stride().max(3);
    let rounded = Rounding::new(step);
    let mut out = Vec::with_capacity((stride + 1) * picture.height as usize);
    // What the decoder will see, of the row above and of this one.
    let (mut above, mut seen) = (vec![0; stride], vec![0; stride]);
    let mut source_above: &[u8] = &above.clone();
    for row in picture.rgb.chunks_exact(stride) {
        let guess = best(row, source_above);
        out.push(guess as u8);
        match guess {
            Guess::Left => rounded.row(row, &above, &mut seen, &mut out, left),
            Guess::Above => rounded.row(row, &above, &mut seen, &mut out, up),
            Guess::Average => rounded.row(row, &above, &mut seen, &mut out, average),
            Guess::Paeth => rounded.row(row, &above, &mut seen, &mut out, paeth),
        }
        std::mem::swap(&mut above, &mut seen);
        source_above = row;
    }
    out
}

fn left(left: u8, _: u8, _: u8) -> u8 {
    left
}

fn up(_: u8, above: u8, _: u8) -> u8 {
    above
}

fn average(left: u8, above: u8, _: u8) -> u8 {
    left.midpoint(above)
}

fn paeth(left: u8, above: u8, corner: u8) -> u8 {
    let [a, b, c] = [left, above, corner].map(i16::from);
    let (to_left, to_above, to_corner) = ((b - c).abs(), (a - c).abs(), (a + b - 2 * c).abs());
    if to_left <= to_above && to_left <= to_corner {
        left
    } else if to_above <= to_corner {
        above
    } else {
        corner
    }
}

/// The guess that leaves the smallest differences. It looks at the source, not at what the decoder will see, so that
/// all four can be tried at little cost; the difference is small against `step`.
fn best(row: &[u8], above: &[u8]) -> Guess {
    fn total(row: &[u8], above: &[u8], guess: impl Fn(u8, u8, u8) -> u8) -> u32 {
        let bytes = row
            .iter()
            .zip(&above[3..])
            .zip(&above[..above.len() - 3])
            .zip(&row[3..]);
        bytes
            .map(|(((&left, &above), &corner), &byte)| {
                u32::from(
                    byte.wrapping_sub(guess(left, above, corner))
                        .cast_signed()
                        .unsigned_abs(),
                )
            })
            .sum()
    }
    let totals = [
        (total(row, above, average), Guess::Average),
        (total(row, above, up), Guess::Above),
        (total(row, above, left), Guess::Left),
        (total(row, above, paeth), Guess::Paeth),
    ];
    totals
        .into_iter()
        .min_by_key(|(total, _)| *total)
        .map_or(Guess::Average, |(_, guess)| guess)
}

/// Each difference of two bytes, rounded to a multiple of the step.
struct Rounding([i16; 512]);

impl Rounding {
    fn new(step: u8) -> Self {
        let step = i16::from(step);
        let mut table = [0; 512];
        for (rounded, difference) in table.iter_mut().zip(-255_i16..) {
            // A tie goes towards zero: small differences are the most frequent and thus the cheapest.
            *rounded = (difference.abs() + (step - 1) / 2) / step * step * difference.signum();
        }
        Self(table)
    }

    /// Filters one row onto the end of `out`, and notes in `seen` what a decoder will make of it.
    fn row(
        &self,
        row: &[u8],
        above: &[u8],
        seen: &mut [u8],
        out: &mut Vec<u8>,
        guess: impl Fn(u8, u8, u8) -> u8,
    ) {
        let start = out.len();
        out.resize(start + row.len(), 0);
        let (mut left, mut corner) = ([0; 3], [0; 3]);
        let pixels = row.as_chunks::<3>().0.iter().zip(above.as_chunks::<3>().0);
        let targets = seen
            .as_chunks_mut::<3>()
            .0
            .iter_mut()
            .zip(out[start..].as_chunks_mut::<3>().0);
        for ((pixel, above), (seen, out)) in pixels.zip(targets) {
            for channel in 0..3 {
                let guessed = guess(left[channel], above[channel], corner[channel]);
                let value = self.rounded(pixel[channel], guessed);
                out[channel] = value.wrapping_sub(guessed);
                left[channel] = value;
            }
            *seen = left;
            corner = *above;
        }
    }

    /// The value nearest to `byte` among those whole steps away from `guessed`, or the end of the range between.
    fn rounded(&self, byte: u8, guessed: u8) -> u8 {
        let index = 255 + usize::from(byte) - usize::from(guessed);
        let value = i16::from(guessed) + self.0[index & 511];
        #[expect(clippy::cast_sign_loss, reason = "clamped to a byte's range")]
        let value = value.clamp(0, 255) as u8;
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graphics::decode;

    /// Smooth, sharp, flat and random parts, with values at both ends of the range.
    fn sample(width: u32, height: u32) -> Pixmap {
        let mut noise = 12_345_u32;
        let mut rgb = Vec::new();
        for y in 0..height {
            for x in 0..width {
                noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let random = noise.to_be_bytes();
                rgb.extend(match (x / 16 + y / 16) % 4 {
                    0 => [x * 5, y * 3, x + y].map(|value| value.to_le_bytes()[0]),
                    1 => [random[0], random[1], random[2]],
                    2 => [[0; 3], [255; 3]][(x / 3 + y / 2) as usize % 2],
                    _ => [252 + random[0] % 4, random[1] % 4, 77],
                });
            }
        }
        Pixmap::from_rgb(width, height, rgb).unwrap()
    }

    #[test]
    fn no_byte_is_off_by_more_than_half_a_step() {
        for (width, height) in [(1, 1), (2, 1), (1, 7), (3, 3), (97, 41), (640, 80)] {
            let picture = sample(width, height);
            for step in [0, 1, 2, 3, 4, 5, 6, 8, 13, 32] {
                let back = decode(&encode(&picture, step)).unwrap();
                assert_eq!(back.size(), picture.size());
                let worst = back
                    .rgb
                    .iter()
                    .zip(&picture.rgb)
                    .map(|(one, other)| one.abs_diff(*other))
                    .max();
                assert!(
                    worst <= Some(step / 2),
                    "{width}×{height}, step {step}: off by {worst:?}"
                );
            }
        }
    }

    #[test]
    fn larger_steps_make_smaller_files_and_flat_pictures_tiny_ones() {
        let picture = sample(400, 300);
        let lengths = [1, 4, 6, 8, 12].map(|step| encode(&picture, step).len());
        assert!(lengths.is_sorted_by(|one, other| one > other), "{lengths:?}");
        let flat = encode(&Pixmap::filled(1000, 1000, [40, 80, 120]), 6);
        assert!(flat.len() < 20_000, "{}", flat.len());
    }

    #[test]
    fn a_picture_without_pixels_is_still_a_file() {
        let back = decode(&encode(&Pixmap::filled(0, 0, [0; 3]), 6)).unwrap();
        assert_eq!(back.size(), (1, 1));
    }
}
