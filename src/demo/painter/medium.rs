//! Treatments of the whole picture that need a pixel's neighbours: watercolour, oil, pencil, blur, mirrors, blocks.
//! They work at a fixed small size and are brought back up with a texture, so that they look the same at every size.

use super::Picture;
use super::colour::{Rgb, hex, luma, mix, saturate, scale, smoothstep};
use super::edit::fit;
use super::frame::Frame;
use super::noise::TILE;
use super::words::Filter;

/// The longer side of the small picture that a medium is worked out on.
const WORKING: u32 = 760;

/// Applies the filters that need neighbours.
pub(super) fn apply(filters: &[Filter], mut picture: Picture) -> Picture {
    for filter in filters {
        match filter {
            Filter::Watercolour => picture = watercolour(&picture),
            Filter::Oil => picture = oil(&picture),
            Filter::Sketch => picture = sketch(&picture),
            Filter::Blur => picture = soften(&picture),
            Filter::Sharpen => picture = sharpen(&picture),
            Filter::Pixels => picture = blocks(&picture),
            Filter::Mirror => {
                for row in picture.rgb.chunks_exact_mut(picture.width as usize * 3) {
                    let pixels = row.as_chunks_mut::<3>().0;
                    pixels.reverse();
                }
            }
            Filter::UpsideDown => picture.rgb.as_chunks_mut::<3>().0.reverse(),
            _ => {}
        }
    }
    picture
}

/// A small picture in floats.
struct Small {
    w: usize,
    h: usize,
    pixels: Vec<Rgb>,
}

impl Small {
    fn of(picture: &Picture, longest: u32) -> Self {
        let long = picture.width.max(picture.height);
        let side =
            |length: u32| (u64::from(length) * u64::from(longest.min(long)) / u64::from(long)).max(1) as u32;
        let small = fit(picture, side(picture.width), side(picture.height), 1.0);
        let pixels = small
            .rgb
            .chunks_exact(3)
            .map(|p| [0, 1, 2].map(|c| f32::from(p[c]) / 255.0));
        Self {
            w: small.width as usize,
            h: small.height as usize,
            pixels: pixels.collect(),
        }
    }

    fn get(&self, x: isize, y: isize) -> Rgb {
        let x = x.clamp(0, self.w.cast_signed() - 1) as usize;
        let y = y.clamp(0, self.h.cast_signed() - 1) as usize;
        self.pixels[y * self.w + x]
    }

    /// Between pixels; `x` and `y` go from 0 to 1.
    fn at(&self, x: f32, y: f32) -> Rgb {
        let (x, y) = (x * self.w as f32 - 0.5, y * self.h as f32 - 0.5);
        let (left, top) = (x.floor(), y.floor());
        let (tx, ty) = (x - left, y - top);
        let (left, top) = (left as isize, top as isize);
        let upper = mix(self.get(left, top), self.get(left + 1, top), tx);
        let lower = mix(self.get(left, top + 1), self.get(left + 1, top + 1), tx);
        mix(upper, lower, ty)
    }

    /// Flattens what is alike and keeps edges: of four neighbourhoods, the calmest gives its mean (Kuwahara).
    fn flattened(&self, reach: isize) -> Self {
        let mut pixels = Vec::with_capacity(self.pixels.len());
        for y in 0..self.h.cast_signed() {
            for x in 0..self.w.cast_signed() {
                let mut best = (f32::MAX, [0.0; 3]);
                for (from_x, from_y) in [(-reach, -reach), (0, -reach), (-reach, 0), (0, 0)] {
                    let (mut sum, mut sum_light, mut squares) = ([0.0; 3], 0.0, 0.0);
                    for dy in 0..=reach {
                        for dx in 0..=reach {
                            let pixel = self.get(x + from_x + dx, y + from_y + dy);
                            let light = luma(pixel);
                            sum_light += light;
                            squares += light * light;
                            for (total, channel) in sum.iter_mut().zip(pixel) {
                                *total += channel;
                            }
                        }
                    }
                    let count = ((reach + 1) * (reach + 1)) as f32;
                    let spread = squares / count - (sum_light / count).powi(2);
                    if spread < best.0 {
                        best = (spread, scale(sum, 1.0 / count));
                    }
                }
                pixels.push(best.1);
            }
        }
        Self {
            w: self.w,
            h: self.h,
            pixels,
        }
    }

    /// A box blur, twice, along both axes.
    fn blurred(&self, reach: isize) -> Self {
        let mut small = Self {
            w: self.w,
            h: self.h,
            pixels: self.pixels.clone(),
        };
        for (dx, dy) in [(1, 0), (0, 1), (1, 0), (0, 1)] {
            let mut pixels = Vec::with_capacity(small.pixels.len());
            for y in 0..small.h.cast_signed() {
                for x in 0..small.w.cast_signed() {
                    let mut sum = [0.0; 3];
                    for step in -reach..=reach {
                        let pixel = small.get(x + dx * step, y + dy * step);
                        for (total, channel) in sum.iter_mut().zip(pixel) {
                            *total += channel;
                        }
                    }
                    pixels.push(scale(sum, 1.0 / (2 * reach + 1) as f32));
                }
            }
            small.pixels = pixels;
        }
        small
    }

    /// How much the light changes at each pixel, as grey.
    fn edges(&self) -> Self {
        let mut pixels = Vec::with_capacity(self.pixels.len());
        for y in 0..self.h.cast_signed() {
            for x in 0..self.w.cast_signed() {
                let light = |dx, dy| luma(self.get(x + dx, y + dy));
                let dx = light(1, 0) - light(-1, 0);
                let dy = light(0, 1) - light(0, -1);
                pixels.push([(dx * dx + dy * dy).sqrt(); 3]);
            }
        }
        Self {
            w: self.w,
            h: self.h,
            pixels,
        }
    }
}

/// Makes a picture from what a function says of each point: its place in units of length, and from 0 to 1.
fn each(like: &Picture, mut colour: impl FnMut(f32, f32, f32, f32) -> Rgb) -> Picture {
    let frame = Frame::new(like.width, like.height);
    let mut rgb = Vec::with_capacity(like.rgb.len());
    for y in 0..like.height {
        for x in 0..like.width {
            let (x, y) = (x as f32, y as f32);
            let pixel = colour(x / frame.u, y / frame.u, (x + 0.5) / frame.w, (y + 0.5) / frame.h);
            rgb.extend(pixel.map(|channel| (channel * 255.0 + 0.5).clamp(0.0, 255.0) as u8));
        }
    }
    Picture {
        width: like.width,
        height: like.height,
        rgb,
    }
}

fn watercolour(picture: &Picture) -> Picture {
    let washes = Small::of(picture, WORKING).flattened(5).flattened(3);
    let rims = washes.edges().blurred(1);
    let paper = hex(0xfa_f6_ec);
    let aspect = picture.width as f32 / picture.height as f32;
    each(picture, |px, py, x, y| {
        // Wet edges wander.
        let bleed = TILE.at(px * 1.7, py * 1.7) * 0.006 + TILE.at(px * 7.0 + 0.3, py * 7.0) * 0.0022;
        let drift =
            TILE.at(px * 1.9 + 0.5, py * 1.9 + 0.2) * 0.006 + TILE.at(px * 7.0, py * 7.0 + 0.6) * 0.0022;
        let (sx, sy) = (x + bleed / aspect.max(1.0), y + drift * aspect.min(1.0));
        let wash = washes.at(sx, sy);
        let rim = (rims.at(sx, sy)[0] * 5.0).min(1.0);
        let pool = TILE.at(px * 0.8 + 0.7, py * 0.8) * 0.16 + TILE.at(px * 3.1, py * 3.1) * 0.07;
        let tooth = TILE.at(px * 15.0, py * 15.0) * 0.6 + TILE.at(px * 37.0, py * 37.0) * 0.5;
        let thin = (0.76 + pool + rim * 0.22 - tooth.max(0.0) * 0.07).clamp(0.0, 1.0);
        let pigment = saturate(scale(wash, 1.0 - rim * 0.30), 1.22);
        let mut colour = mix(paper, pigment, thin);
        // Unpainted paper around an uneven edge.
        let border = x.min(1.0 - x).min((y.min(1.0 - y)) / aspect.max(0.4))
            + TILE.at(px * 1.3, py * 1.3 + 0.4) * 0.016
            + TILE.at(px * 6.0, py * 6.0) * 0.006;
        colour = mix(paper, colour, smoothstep(0.018, 0.032, border));
        scale(colour, 1.0 + tooth * 0.028)
    })
}

fn oil(picture: &Picture) -> Picture {
    let strokes = Small::of(picture, WORKING).flattened(6).flattened(4);
    each(picture, |px, py, x, y| {
        let swirl = TILE.at(px * 1.1, py * 1.1) * 3.0;
        let (c, s) = (swirl.cos(), swirl.sin());
        let along = TILE.at((px * c + py * s) * 2.2, (py * c - px * s) * 26.0);
        let colour = strokes.at(x + along * 0.005 * c, y + along * 0.005 * s);
        let canvas = TILE.at(px * 31.0, py * 31.0) * 0.03;
        saturate(scale(colour, 1.0 + along * 0.13 + canvas), 1.28)
    })
}

fn sketch(picture: &Picture) -> Picture {
    let small = Small::of(picture, 1100);
    let (near, far) = (small.blurred(1), small.blurred(6));
    let lines = near.edges();
    let paper = hex(0xf3_ee_e2);
    let graphite = hex(0x2e_2c_30);
    each(picture, |px, py, x, y| {
        let wander = TILE.at(px * 5.0, py * 5.0) * 0.0012;
        let light = luma(near.at(x, y));
        let hollow = (luma(far.at(x, y)) - light).max(0.0) * 3.2;
        let line = (lines.at(x + wander, y + wander)[0] * 6.5).min(1.0);
        let hatch = |lean: f32, pitch: f32| {
            let at = (px * lean + py) * pitch + TILE.at(px * 2.0, py * 2.0) * 1.6;
            smoothstep(0.15, 0.9, at.sin())
        };
        let dark = 1.0 - light;
        let tone = smoothstep(0.35, 0.75, dark) * hatch(0.9, 330.0) * 0.5
            + smoothstep(0.62, 0.95, dark) * hatch(-0.8, 300.0) * 0.45;
        let tooth = TILE.at(px * 29.0, py * 29.0) * 0.5 + 0.62;
        let lead = ((line + hollow) * 0.9 + tone * tooth + dark * 0.14).min(0.94);
        mix(paper, graphite, lead * (0.75 + 0.3 * tooth).min(1.0))
            .map(|c| c + TILE.at(px * 43.0, py * 43.0) * 0.012)
    })
}

fn soften(picture: &Picture) -> Picture {
    let small = Small::of(picture, 600).blurred(4);
    each(picture, |_, _, x, y| small.at(x, y))
}

fn sharpen(picture: &Picture) -> Picture {
    let blurred = Small::of(picture, 1400).blurred(1);
    let width = picture.width as usize;
    each(picture, |_, _, x, y| {
        let column = ((x * width as f32) as usize).min(width - 1);
        let row = ((y * picture.height as f32) as usize).min(picture.height as usize - 1);
        let at = (row * width + column) * 3;
        let soft = blurred.at(x, y);
        std::array::from_fn(|channel| {
            let value = f32::from(picture.rgb[at + channel]) / 255.0;
            value + (value - soft[channel]) * 0.9
        })
    })
}

fn blocks(picture: &Picture) -> Picture {
    let small = Small::of(picture, 96);
    each(picture, |_, _, x, y| {
        let column = (x * small.w as f32) as isize;
        let row = (y * small.h as f32) as isize;
        small
            .get(column, row)
            .map(|channel| (channel * 12.0).round() / 12.0)
    })
}
