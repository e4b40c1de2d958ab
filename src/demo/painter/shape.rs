//! Things as outlines: polygons with soft edges, gradients, glows and shadows, painted row by row.

use super::colour::{Rgb, mix, screen};
use super::frame::{Frame, Row, lay};
use super::noise::{TILE, line};

/// What a polygon is filled with.
#[derive(Clone, Copy, Debug)]
pub(super) enum Fill {
    Flat(Rgb),
    /// From one point to another.
    Linear {
        from: [f32; 2],
        to: [f32; 2],
        colours: [Rgb; 2],
    },
}

/// A polygon in pixels.
#[derive(Clone, Debug)]
pub(super) struct Shape {
    points: Vec<[f32; 2]>,
    low: [f32; 2],
    high: [f32; 2],
    fill: Fill,
    alpha: f32,
    /// How far rows are shifted at random, in pixels: what a reflection does.
    wobble: f32,
    /// Strength of the texture.
    texture: f32,
}

/// Anything that is painted over a row.
#[derive(Clone, Debug)]
pub(super) enum Item {
    Shape(Shape),
    /// Light that falls off around a point.
    Glow {
        at: [f32; 2],
        radius: f32,
        colour: Rgb,
        strength: f32,
    },
    /// A soft dark ellipse on the ground.
    Shadow {
        at: [f32; 2],
        radii: [f32; 2],
        colour: Rgb,
        strength: f32,
    },
}

/// Lines of samples in a pixel's height.
const SAMPLES: usize = 5;

impl Shape {
    pub(super) fn new(points: Vec<[f32; 2]>, fill: Fill) -> Self {
        let fold = |pick: fn(f32, f32) -> f32, start: f32, axis: usize| {
            points.iter().fold(start, |value, point| pick(value, point[axis]))
        };
        let low = [fold(f32::min, f32::MAX, 0), fold(f32::min, f32::MAX, 1)];
        let high = [fold(f32::max, f32::MIN, 0), fold(f32::max, f32::MIN, 1)];
        Self {
            points,
            low,
            high,
            fill,
            alpha: 1.0,
            wobble: 0.0,
            texture: 0.05,
        }
    }

    /// Its mirror image below a waterline.
    fn reflected(&self, waterline: f32, wobble: f32, alpha: f32) -> Self {
        let flip = |point: [f32; 2]| [point[0], waterline * 2.0 - point[1]];
        let fill = match self.fill {
            Fill::Flat(colour) => Fill::Flat(colour),
            Fill::Linear { from, to, colours } => Fill::Linear {
                from: flip(from),
                to: flip(to),
                colours,
            },
        };
        let mut mirrored = Self::new(self.points.iter().map(|point| flip(*point)).collect(), fill);
        mirrored.alpha = self.alpha * alpha;
        mirrored.wobble = wobble;
        mirrored
    }

    fn colour(&self, x: f32, y: f32) -> Rgb {
        match self.fill {
            Fill::Flat(colour) => colour,
            Fill::Linear { from, to, colours } => {
                let (dx, dy) = (to[0] - from[0], to[1] - from[1]);
                let share = ((x - from[0]) * dx + (y - from[1]) * dy) / (dx * dx + dy * dy).max(1e-6);
                mix(colours[0], colours[1], share.clamp(0.0, 1.0))
            }
        }
    }

    fn row(&self, y: usize, frame: &Frame, scratch: &mut Vec<f32>, row: &mut Row) {
        let top = y as f32;
        if top + 1.0 < self.low[1] || top > self.high[1] {
            return;
        }
        let shift = if self.wobble > 0.0 {
            line(91, top / frame.u * 90.0)
                * self.wobble
                * ((top - self.low[1]) / frame.u * 9.0).clamp(0.15, 1.0)
        } else {
            0.0
        };
        let left = (self.low[0] + shift - 1.0).clamp(0.0, frame.w) as usize;
        let right = ((self.high[0] + shift + 2.0).max(0.0) as usize).min(row.len());
        if left >= right {
            return;
        }
        scratch.clear();
        scratch.resize(right - left, 0.0);
        let mut crossings: Vec<f32> = Vec::with_capacity(8);
        for sample in 0..SAMPLES {
            let at = top + (sample as f32 + 0.5) / SAMPLES as f32;
            self.crossings(at, &mut crossings);
            for span in crossings.chunks_exact(2) {
                cover(
                    scratch,
                    span[0] + shift - left as f32,
                    span[1] + shift - left as f32,
                );
            }
        }
        for (index, coverage) in scratch.iter().enumerate() {
            if *coverage > 0.0 {
                let x = (left + index) as f32;
                let mut colour = self.colour(x - shift, top);
                if self.texture > 0.0 {
                    let grain = TILE.fine(x / frame.u * 2.3 + 0.17, top / frame.u * 2.9) * self.texture;
                    colour = colour.map(|channel| channel * (1.0 + grain * 1.6));
                }
                lay(&mut row[left + index], colour, coverage.min(1.0) * self.alpha);
            }
        }
    }

    fn crossings(&self, at: f32, crossings: &mut Vec<f32>) {
        crossings.clear();
        let mut previous = self.points[self.points.len() - 1];
        for point in &self.points {
            let (one, other) = (previous, *point);
            if (one[1] <= at) != (other[1] <= at) {
                crossings.push(one[0] + (at - one[1]) / (other[1] - one[1]) * (other[0] - one[0]));
            }
            previous = other;
        }
        crossings.sort_unstable_by(f32::total_cmp);
    }
}

/// Adds the coverage of a span to a row of coverages, with its ends in parts of a pixel.
fn cover(scratch: &mut [f32], from: f32, to: f32) {
    const WEIGHT: f32 = 1.0 / SAMPLES as f32;
    let from = from.max(0.0);
    let to = to.min(scratch.len() as f32);
    if to <= from {
        return;
    }
    let (first, last) = (from as usize, (to as usize).min(scratch.len() - 1));
    if first == last {
        scratch[first] += (to - from) * WEIGHT;
        return;
    }
    scratch[first] += (first as f32 + 1.0 - from) * WEIGHT;
    for value in &mut scratch[first + 1..last] {
        *value += WEIGHT;
    }
    scratch[last] += (to - last as f32) * WEIGHT;
}

impl Item {
    /// Paints what it covers of a row.
    pub(super) fn row(&self, y: usize, frame: &Frame, scratch: &mut Vec<f32>, row: &mut Row) {
        let top = y as f32 + 0.5;
        match self {
            Self::Shape(shape) => shape.row(y, frame, scratch, row),
            Self::Glow {
                at,
                radius,
                colour,
                strength,
            } => {
                let reach = radius * 3.5;
                let dy = top - at[1];
                each(at[0], reach, dy, row, |pixel, dx| {
                    let d2 = (dx * dx + dy * dy) / (radius * radius);
                    let edge = (1.0 - d2 / 12.25).max(0.0);
                    let light = strength * edge * edge / (1.0 + d2 * 2.5);
                    *pixel = screen(*pixel, colour.map(|channel| channel * light));
                });
            }
            Self::Shadow {
                at,
                radii,
                colour,
                strength,
            } => {
                let dy = (top - at[1]) / radii[1];
                if dy.abs() > 1.0 {
                    return;
                }
                each(at[0], radii[0], 0.0, row, |pixel, dx| {
                    let d2 = (dx / radii[0]).powi(2) + dy * dy;
                    let dark = (1.0 - d2).max(0.0);
                    lay(pixel, *colour, dark * dark * strength);
                });
            }
        }
    }

    /// The mirror image below a waterline; lights and shadows have none.
    pub(super) fn reflected(&self, waterline: f32, wobble: f32, alpha: f32) -> Option<Self> {
        match self {
            Self::Shape(shape) => Some(Self::Shape(shape.reflected(waterline, wobble, alpha))),
            Self::Glow { .. } | Self::Shadow { .. } => None,
        }
    }
}

/// Every pixel of a row within reach of a point, with its distance along the row.
fn each(centre: f32, reach: f32, dy: f32, row: &mut Row, mut paint: impl FnMut(&mut Rgb, f32)) {
    let half = (reach * reach - dy * dy).max(0.0).sqrt();
    let left = (centre - half).clamp(0.0, row.len() as f32) as usize;
    let right = (centre + half + 1.0).clamp(0.0, row.len() as f32) as usize;
    for (index, pixel) in row[left.min(right)..right].iter_mut().enumerate() {
        paint(pixel, (left + index) as f32 + 0.5 - centre);
    }
}
