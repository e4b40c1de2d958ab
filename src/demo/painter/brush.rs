//! A brush: puts the parts of one thing into the picture, in the thing's own measures (x to the right, y up, its
//! foot at 0,0 and its height about 1), in the light of the place where it stands.

use super::colour::{Rgb, mix, multiply, scale};
use super::light::Light;
use super::shape::{Fill, Item, Shape};

pub(super) struct Brush<'a> {
    pub(super) items: &'a mut Vec<Item>,
    pub(super) light: &'a Light,
    /// Where the foot stands, in pixels.
    pub(super) at: [f32; 2],
    /// Pixels of a height of 1.
    pub(super) size: f32,
    /// Mirrored, so that not everything looks the same way.
    pub(super) flip: bool,
    /// How much air lies before it.
    pub(super) haze: f32,
}

impl Brush<'_> {
    fn pixel(&self, point: [f32; 2]) -> [f32; 2] {
        let x = if self.flip { -point[0] } else { point[0] };
        [self.at[0] + x * self.size, self.at[1] - point[1] * self.size]
    }

    /// A colour in the light of this place.
    pub(super) fn lit(&self, colour: Rgb) -> Rgb {
        // Eyes adapt: a thing that is looked at is never as dark as its light says.
        let ambient = mix(self.light.ambient, [1.0; 3], 0.22);
        mix(multiply(colour, ambient), self.light.haze, self.haze)
    }

    pub(super) fn push(&mut self, points: &[[f32; 2]], fill: Fill) {
        let points = points.iter().map(|point| self.pixel(*point)).collect();
        self.items.push(Item::Shape(Shape::new(points, fill)));
    }

    /// A polygon with a light side and a dark one.
    pub(super) fn poly(&mut self, points: &[[f32; 2]], colour: Rgb) {
        let fill = self.shaded(points, colour, 0.18);
        self.push(points, fill);
    }

    pub(super) fn flat(&mut self, points: &[[f32; 2]], colour: Rgb) {
        self.push(points, Fill::Flat(self.lit(colour)));
    }

    /// A closed curve through the points.
    pub(super) fn curve(&mut self, points: &[[f32; 2]], colour: Rgb) {
        let points = smooth(points);
        self.poly(&points, colour);
    }

    pub(super) fn ellipse(&mut self, centre: [f32; 2], radii: [f32; 2], colour: Rgb) {
        let points = ellipse(centre, radii);
        self.poly(&points, colour);
    }

    /// A rectangle by its left, bottom, right and top.
    pub(super) fn rect(&mut self, sides: [f32; 4], colour: Rgb) {
        let [l, b, r, t] = sides;
        self.poly(&[[l, b], [r, b], [r, t], [l, t]], colour);
    }

    /// A stroke of even width along a line of points.
    pub(super) fn stroke(&mut self, points: &[[f32; 2]], width: f32, colour: Rgb) {
        for pair in points.windows(2) {
            let (dx, dy) = (pair[1][0] - pair[0][0], pair[1][1] - pair[0][1]);
            let length = (dx * dx + dy * dy).sqrt().max(1e-5);
            let (nx, ny) = (-dy / length * width / 2.0, dx / length * width / 2.0);
            let [a, b] = [pair[0], pair[1]];
            let quad = [
                [a[0] + nx, a[1] + ny],
                [b[0] + nx, b[1] + ny],
                [b[0] - nx, b[1] - ny],
                [a[0] - nx, a[1] - ny],
            ];
            self.flat(&quad, colour);
        }
    }

    /// Something that shines by itself; by day it hardly does.
    pub(super) fn lamp(&mut self, points: &[[f32; 2]], colour: Rgb) {
        let shine = if self.light.dark { 1.0 } else { 0.25 };
        let colour = mix(self.lit(scale(colour, 0.6)), colour, shine);
        self.push(points, Fill::Flat(colour));
    }

    pub(super) fn glow(&mut self, at: [f32; 2], radius: f32, colour: Rgb, strength: f32) {
        let strength = if self.light.dark {
            strength
        } else {
            strength * 0.25
        };
        let (at, radius) = (self.pixel(at), radius * self.size);
        self.items.push(Item::Glow {
            at,
            radius,
            colour,
            strength,
        });
    }

    /// The shadow on the ground under something of this half width.
    pub(super) fn shadow(&mut self, half: f32) {
        let reach = half * self.size;
        self.items.push(Item::Shadow {
            at: [self.at[0] - self.light.side * reach * 0.35, self.at[1]],
            radii: [reach * 1.5, reach * 0.3],
            colour: scale(self.light.shade, 0.5),
            strength: 0.62 * (1.0 - self.haze),
        });
    }

    fn shaded(&self, points: &[[f32; 2]], colour: Rgb, depth: f32) -> Fill {
        let fold = |pick: fn(f32, f32) -> f32, start: f32, axis: usize| {
            points.iter().fold(start, |value, point| pick(value, point[axis]))
        };
        let (left, right) = (fold(f32::min, f32::MAX, 0), fold(f32::max, f32::MIN, 0));
        let (bottom, top) = (fold(f32::min, f32::MAX, 1), fold(f32::max, f32::MIN, 1));
        let bright = mix(scale(colour, 1.0 + depth), self.light.sun, depth * 0.6);
        let colours = [self.lit(bright), self.lit(scale(colour, 1.0 - depth))];
        let side = if self.flip {
            -self.light.side
        } else {
            self.light.side
        };
        let (lit, dark) = if side < 0.0 { (left, right) } else { (right, left) };
        Fill::Linear {
            from: self.pixel([lit, top]),
            to: self.pixel([dark, bottom]),
            colours,
        }
    }
}

/// The points of an ellipse.
pub(super) fn ellipse(centre: [f32; 2], radii: [f32; 2]) -> Vec<[f32; 2]> {
    (0..72u8)
        .map(|step| {
            let angle = f32::from(step) / 72.0 * std::f32::consts::TAU;
            [
                centre[0] + radii[0] * angle.cos(),
                centre[1] + radii[1] * angle.sin(),
            ]
        })
        .collect()
}

/// A closed Catmull-Rom curve through the points.
pub(super) fn smooth(points: &[[f32; 2]]) -> Vec<[f32; 2]> {
    const STEPS: u8 = 8;
    let count = points.len();
    let mut curve = Vec::with_capacity(count * usize::from(STEPS));
    for index in 0..count {
        let p = |offset: usize| points[(index + count + offset - 1) % count];
        let (a, b, c, d) = (p(0), p(1), p(2), p(3));
        for step in 0..STEPS {
            let t = f32::from(step) / f32::from(STEPS);
            curve.push(std::array::from_fn(|axis| {
                0.5 * (2.0 * b[axis]
                    + (c[axis] - a[axis]) * t
                    + (2.0 * a[axis] - 5.0 * b[axis] + 4.0 * c[axis] - d[axis]) * t * t
                    + (3.0 * b[axis] - a[axis] - 3.0 * c[axis] + d[axis]) * t * t * t)
            }));
        }
    }
    curve
}

/// Both halves of something that is the same left and right: the points of the right half, top to bottom.
pub(super) fn both(half: &[[f32; 2]]) -> Vec<[f32; 2]> {
    let left = half
        .iter()
        .rev()
        .filter(|point| point[0] > 0.001)
        .map(|point| [-point[0], point[1]]);
    half.iter().copied().chain(left).collect()
}
