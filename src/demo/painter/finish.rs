//! The last touch of every row: a fall of light to the corners, grain, and eight bits.

use super::colour::{Rgb, luma};
use super::frame::{Frame, Row};
use super::noise::scramble;

/// Half the height of the grain, in parts of the whole range.
const GRAIN: f32 = 0.026;

/// Writes a painted row as bytes.
pub(super) fn row(y: usize, frame: &Frame, seed: u64, vignette: f32, row: &Row, bytes: &mut [u8]) {
    let mut state = scramble(seed ^ (y as u64) << 20);
    let dy = (y as f32 / frame.h - 0.5) * 1.9;
    let step = 1.9 / frame.w;
    let mut dx = -0.95;
    for (pixel, out) in row.iter().zip(bytes.chunks_exact_mut(3)) {
        let corner = (dx * dx + dy * dy) * 0.5;
        let shade = 1.0 - vignette * corner * corner;
        dx += step;
        state = state
            .wrapping_mul(0x5851_f42d_4c95_7f2d)
            .wrapping_add(0x1405_7b7e_f767_814f);
        // Two uniform numbers make a triangle.
        let bits = (state >> 32) as u32;
        let (one, other) = ((bits & 0xffff) as f32, (bits >> 16) as f32);
        let grain = (one + other) / 65_536.0 - 1.0;
        put(*pixel, shade, grain, out);
    }
}

#[inline]
fn put(pixel: Rgb, shade: f32, grain: f32, out: &mut [u8]) {
    let light = luma(pixel).clamp(0.0, 1.0);
    let grain = grain * GRAIN * (0.45 + 2.2 * light * (1.0 - light));
    for (channel, byte) in pixel.iter().zip(out) {
        *byte = ((channel * shade + grain) * 255.0 + 0.5).clamp(0.0, 255.0) as u8;
    }
}
