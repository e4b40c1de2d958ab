//! Two pictures in one: where they differ, and one beside the other along a movable edge. It decides neither what is
//! compared nor where it is shown.

use super::{Pixmap, scale};

/// Differences are looked for in at most this many pixels; more show nothing that a terminal can.
const MOST_PIXELS: f64 = 1_500_000.0;

/// A pixel is compared as the mean of the square that reaches this far around it: what JPEG does to a picture cancels
/// itself out within that, what a painter does stays.
const REACH: usize = 2;

/// Of 255: differences below are not seen when two pictures take turns.
const VISIBLE: i32 = 11;

/// Differences from here on are as bright as any.
const FULL: i32 = 90;

/// Where a picture differs from another.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// The later picture in grey, with what differs in colours from red to yellow. It has the later picture's shape, and
    /// fewer pixels where that has very many.
    pub picture: Pixmap,
    /// The share of pixels that look different, 0 to 1.
    pub changed: f64,
}

/// Where `after` differs from `before`, which is scaled to its size.
pub fn difference(before: &Pixmap, after: &Pixmap) -> Difference {
    let (width, height) = (f64::from(after.width.max(1)), f64::from(after.height.max(1)));
    let factor = (MOST_PIXELS / (width * height)).sqrt().min(1.0);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a fraction of a u32"
    )]
    let pixels = |length: f64| (length * factor).round() as u32;
    let size = (pixels(width), pixels(height));
    let (before, after) = (scale(before, size.0, size.1), scale(after, size.0, size.1));
    let mut window = Window::new(&before, &after);
    let mut picture = after.clone();
    let stride = picture.stride().max(3);
    let mut changed = 0_u32;
    for (y, row) in picture.rgb.chunks_exact_mut(stride).enumerate() {
        window.move_to(y);
        for (pixel, apart) in row.as_chunks_mut::<3>().0.iter_mut().zip(window.means()) {
            changed += u32::from(apart > VISIBLE);
            *pixel = heat(grey(*pixel), apart);
        }
    }
    Difference {
        picture,
        changed: f64::from(changed) / (f64::from(after.width) * f64::from(after.height)).max(1.0),
    }
}

/// `right`, with `left` in its place up to `edge`, a share of its width from 0 to 1, and a line between them.
pub fn wipe(left: &Pixmap, right: &Pixmap, edge: f64) -> Pixmap {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share of a u32"
    )]
    let columns = (f64::from(right.width) * edge.clamp(0.0, 1.0)).round() as usize;
    let mut wiped = right.clone();
    if columns == 0 || right.rgb.is_empty() {
        return wiped;
    }
    let scaled = (left.size() != right.size()).then(|| scale(left, right.width, right.height));
    let left = scaled.as_ref().unwrap_or(left);
    let stride = right.stride();
    let rows = wiped
        .rgb
        .chunks_exact_mut(stride)
        .zip(left.rgb.chunks_exact(stride));
    let width = stride / 3;
    // Black on one side and white on the other: seen on every picture, and still there when it is shown small.
    let line = if columns < width { width.div_ceil(300) } else { 0 };
    for (row, left) in rows {
        row[..columns * 3].copy_from_slice(&left[..columns * 3]);
        row[columns.saturating_sub(line) * 3..columns * 3].fill(0);
        row[columns * 3..(columns + line).min(width) * 3].fill(255);
    }
    wiped
}

fn grey([red, green, blue]: [u8; 3]) -> u8 {
    let light = (2 * u32::from(red) + 5 * u32::from(green) + u32::from(blue)) / 8;
    u8::try_from(light).unwrap_or(u8::MAX)
}

/// A grey pixel, dimmed where nothing differs and glowing where much does.
fn heat(grey: u8, apart: i32) -> [u8; 3] {
    let base = i32::from(grey) * 5 / 8;
    let mixed = if apart > VISIBLE {
        let strength = (apart - VISIBLE).min(FULL) * 256 / FULL;
        // From red to yellow, more and more instead of the picture.
        let share = 140 + strength * 116 / 256;
        let glow = [255, 40 + strength * 190 / 256, 30];
        glow.map(|glow| (glow * share + base * (256 - share)) / 256)
    } else {
        [base; 3]
    };
    mixed.map(|value| u8::try_from(value).unwrap_or(u8::MAX))
}

/// Sums of differences over some rows, column by column, while going down two pictures of one size.
struct Window<'a> {
    before: &'a [u8],
    after: &'a [u8],
    stride: usize,
    height: usize,
    /// The rows that are in the sums.
    from: usize,
    to: usize,
    /// Of light, and of blue and red beside it.
    sums: Vec<[i32; 3]>,
}

impl<'a> Window<'a> {
    fn new(before: &'a Pixmap, after: &'a Pixmap) -> Self {
        Self {
            before: &before.rgb,
            after: &after.rgb,
            stride: after.stride(),
            height: after.height as usize,
            from: 0,
            to: 0,
            sums: vec![[0; 3]; after.width as usize],
        }
    }

    /// Lets the window reach as far above and below this row; rows only ever go down.
    fn move_to(&mut self, row: usize) {
        while self.to < (row + REACH + 1).min(self.height) {
            self.add(self.to, 1);
            self.to += 1;
        }
        while self.from + REACH < row {
            self.add(self.from, -1);
            self.from += 1;
        }
    }

    fn add(&mut self, row: usize, sign: i32) {
        let place = row * self.stride..(row + 1) * self.stride;
        let before = self.before[place.clone()].as_chunks::<3>().0;
        let after = self.after[place].as_chunks::<3>().0;
        for ((sums, before), after) in self.sums.iter_mut().zip(before).zip(after) {
            let apart = |channel: usize| i32::from(after[channel]) - i32::from(before[channel]);
            let [red, green, blue] = [apart(0), apart(1), apart(2)];
            let light = 2 * red + 5 * green + blue;
            sums[0] += sign * light;
            sums[1] += sign * (8 * blue - light);
            sums[2] += sign * (8 * red - light);
        }
    }

    /// How far apart each column's surroundings are, of 255.
    fn means(&self) -> impl Iterator<Item = i32> {
        let rows = i32::try_from(self.to - self.from).unwrap_or(1);
        let width = self.sums.len();
        let mut around = [0; 3];
        let mut count = 0;
        for sums in &self.sums[..REACH.min(width)] {
            (0..3).for_each(|channel| around[channel] += sums[channel]);
            count += 1;
        }
        (0..width).map(move |column| {
            if let Some(sums) = self.sums.get(column + REACH) {
                (0..3).for_each(|channel| around[channel] += sums[channel]);
                count += 1;
            }
            if let Some(gone) = column.checked_sub(REACH + 1) {
                (0..3).for_each(|channel| around[channel] -= self.sums[gone][channel]);
                count -= 1;
            }
            // A change of hue is seen half as well as one of light.
            let [light, blue, red] = around.map(i32::abs);
            (light + blue / 4 + red / 2) / (8 * rows * count.max(1))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graphics::decode;

    /// Hills, edges and grain, with a square of another colour at `x`.
    fn scene(side: u32, x: u32) -> Pixmap {
        let mut noise = 7_u32;
        let mut rgb = Vec::new();
        for at in 0..side * side {
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let (column, row) = (at % side, at / side);
            let wave = f64::from(column * 7 + row * 3) / f64::from(side) * 6.0;
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "within a byte"
            )]
            let hill = (wave.sin() * 60.0 + 120.0) as u8 + noise.to_be_bytes()[0] / 16;
            let stripe = if (column / 37 + row / 53) % 5 == 0 { 60 } else { 0 };
            let inside = (x..x + side / 8).contains(&column) && (side / 4..side / 2).contains(&row);
            rgb.extend(if inside {
                [200, 40, 60]
            } else {
                [hill, hill / 2 + stripe, 180 - hill / 2]
            });
        }
        Pixmap::from_rgb(side, side, rgb).unwrap()
    }

    fn jpeg(picture: &Pixmap, quality: u8) -> Pixmap {
        let mut bytes = Vec::new();
        let side = u16::try_from(picture.width).unwrap();
        let encoder = jpeg_encoder::Encoder::new(&mut bytes, quality);
        encoder
            .encode(&picture.rgb, side, side, jpeg_encoder::ColorType::Rgb)
            .unwrap();
        decode(&bytes).unwrap()
    }

    #[test]
    fn what_jpeg_does_is_no_difference() {
        let picture = scene(512, 40);
        assert!(difference(&picture, &picture).changed.abs() < f64::EPSILON);
        let changed = difference(&jpeg(&picture, 85), &jpeg(&picture, 92)).changed;
        assert!(changed < 0.01, "{changed}");
        let changed = difference(&picture, &jpeg(&picture, 75)).changed;
        assert!(changed < 0.02, "{changed}");
    }

    #[test]
    fn a_square_that_moved_glows_in_both_places() {
        let (before, after) = (scene(512, 40), scene(512, 300));
        let Difference { picture, changed } = difference(&jpeg(&before, 85), &jpeg(&after, 85));
        let square = 2.0 * (512.0 / 8.0) * (512.0 / 4.0) / (512.0 * 512.0);
        assert!((changed - square).abs() < 0.01, "{changed} of {square}");
        assert_eq!(picture.size(), after.size());
        let pixel = |x: usize, y: usize| picture.rgb.as_chunks::<3>().0[y * 512 + x];
        for (x, y, glows) in [
            (70, 200, true),
            (330, 200, true),
            (200, 200, false),
            (70, 400, false),
        ] {
            let [red, green, blue] = pixel(x, y);
            assert_eq!(red > 150 && blue < red, glows, "{x},{y}: {red} {green} {blue}");
            assert!(glows || (red == green && green == blue));
        }
    }

    #[test]
    fn pictures_of_other_sizes_are_compared_and_large_ones_reduced() {
        let (small, large) = (scene(400, 30), scene(800, 60));
        let Difference { picture, changed } = difference(&scale(&large, 400, 400), &large);
        assert!(changed < 0.05 && picture.size() == (800, 800), "{changed}");
        assert_eq!(difference(&large, &small).picture.size(), (400, 400));
        let huge = difference(&small, &Pixmap::filled(3000, 1500, [9, 9, 9]))
            .picture
            .size();
        assert_eq!(huge, (1732, 866));
        let none = Pixmap::filled(0, 0, [0; 3]);
        assert_eq!(difference(&none, &none).picture.size(), (1, 1));
    }

    #[test]
    fn a_wipe_shows_the_left_up_to_the_edge() {
        let (left, right) = (Pixmap::filled(50, 30, [1; 3]), Pixmap::filled(10, 4, [2; 3]));
        for (edge, columns) in [(-1.0, 0), (0.0, 0), (0.3, 3), (1.0, 10), (7.0, 10)] {
            let wiped = wipe(&left, &right, edge);
            assert_eq!(wiped.size(), (10, 4));
            let line = usize::from(0 < columns && columns < 10);
            let expected = [
                vec![1; (columns - line) * 3],
                vec![0; line * 3],
                vec![255; line * 3],
                vec![2; (10 - columns - line) * 3],
            ];
            for row in wiped.rgb.chunks(30) {
                assert_eq!(row, expected.concat(), "{edge}");
            }
        }
    }
}
