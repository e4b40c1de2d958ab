//! What shines in a sky: sun and moon, stars, the feet of an aurora, lightning.

use super::super::colour::{Rgb, hex, hsl, mix, scale, screen, smoothstep};
use super::super::frame::{Frame, Row, lay};
use super::super::light::Light;
use super::super::noise::{Dice, TILE, line};
use super::super::plan::Orb;

/// A disc in the sky.
pub(super) struct Disc {
    pub(super) at: [f32; 2],
    pub(super) radius: f32,
    pub(super) colour: Rgb,
    pub(super) moon: bool,
    pub(super) crescent: bool,
}

pub(super) struct Star {
    pub(super) at: [f32; 2],
    pub(super) radius: f32,
    pub(super) colour: Rgb,
}

impl Disc {
    /// The sun, low enough to be the light there is, and no lower than half set.
    pub(super) fn sun(orb: Orb, colour: Rgb, at: [f32; 2], horizon: f32, frame: &Frame) -> Self {
        let radius = frame.u * 0.052 * orb.size;
        Self {
            at: [at[0], at[1].min(horizon - radius * 0.35)],
            radius,
            colour: mix(colour, [1.0; 3], 0.25),
            moon: false,
            crescent: false,
        }
    }

    /// The moon, never higher than its own size allows.
    pub(super) fn moon(orb: Orb, at: [f32; 2], frame: &Frame) -> Self {
        let radius = frame.u * 0.05 * orb.size;
        Self {
            at: [at[0], at[1].max(radius * 1.2)],
            radius,
            colour: orb.colour.unwrap_or(hex(0xf3_ee_dc)),
            moon: true,
            crescent: orb.crescent,
        }
    }

    pub(super) fn row(&self, y: f32, light: &Light, row: &mut Row) {
        let dy = y + 0.5 - self.at[1];
        if dy.abs() > self.radius + 1.0 {
            return;
        }
        let left = (self.at[0] - self.radius - 1.0).max(0.0) as usize;
        let right = ((self.at[0] + self.radius + 2.0).max(0.0) as usize).min(row.len());
        for (x, pixel) in row.iter_mut().enumerate().take(right).skip(left) {
            let dx = x as f32 + 0.5 - self.at[0];
            let mut inside = (self.radius - (dx * dx + dy * dy).sqrt() + 0.5).clamp(0.0, 1.0);
            if self.crescent {
                let (ox, oy) = (dx - self.radius * 0.42 * light.side, dy + self.radius * 0.16);
                inside *= ((ox * ox + oy * oy).sqrt() - self.radius * 0.88).clamp(0.0, 1.0);
            }
            if inside <= 0.0 {
                continue;
            }
            let mut colour = self.colour;
            if self.moon {
                let (px, py) = (dx / self.radius, dy / self.radius);
                let seas = smoothstep(-0.12, 0.42, TILE.at(px * 0.17 + 0.52, py * 0.17 + 0.11))
                    * (1.0 - (px * px + py * py) * 0.45);
                let craters = TILE.fine(px * 0.8, py * 0.8 + 0.4) * 0.05;
                let limb = 1.0 - 0.16 * (px * px + py * py);
                colour = scale(mix(colour, scale(colour, 0.76), seas), limb + craters);
            }
            lay(pixel, colour, inside);
        }
    }
}

pub(super) fn curtains(dice: &mut Dice, frame: &Frame, horizon: f32) -> [Vec<f32>; 3] {
    let phase = dice.range(0.0, 9.0);
    std::array::from_fn(|index| {
        let index = index as f32;
        let foot = |x: usize| {
            let wave = line(7, x as f32 / frame.u * 1.6 + phase + index * 3.0);
            horizon * (0.62 - index * 0.13) + wave * frame.u * 0.12
        };
        (0..frame.columns()).map(foot).collect()
    })
}

pub(super) fn scatter(dice: &mut Dice, frame: &Frame, horizon: f32, amount: f32) -> Vec<Star> {
    let area = frame.w * horizon / (frame.u * frame.u);
    let count = (area * 330.0 * amount).min(2600.0) as usize;
    (0..count)
        .map(|_| {
            let bright = dice.unit().powi(5);
            let warm = dice.unit();
            let light = 0.35 + 0.65 * bright;
            Star {
                at: [dice.unit() * frame.w, dice.unit() * horizon],
                radius: (frame.u * (0.0007 + 0.0017 * bright)).max(0.55),
                colour: scale(mix(hex(0xbf_d4_ff), hex(0xff_ec_d0), warm), light),
            }
        })
        .collect()
}

pub(super) fn bolts(dice: &mut Dice, frame: &Frame, horizon: f32) -> Vec<Vec<[f32; 2]>> {
    let x = frame.w
        * if dice.chance(0.5) {
            dice.range(0.12, 0.35)
        } else {
            dice.range(0.65, 0.88)
        };
    let mut points = vec![[x, horizon * 0.12]];
    let steps = 14;
    for step in 1..=steps {
        let last = points[points.len() - 1];
        let y = horizon * (0.12 + 0.86 * step as f32 / steps as f32);
        points.push([last[0] + dice.range(-0.035, 0.035) * frame.u, y]);
    }
    let mut branch = vec![points[5]];
    for step in 1..6 {
        let last = branch[branch.len() - 1];
        branch.push([
            last[0] + dice.range(0.0, 0.05) * frame.u,
            last[1] + horizon * 0.05 * (1.0 - step as f32 * 0.08),
        ]);
    }
    vec![points, branch]
}

/// A stroke of lightning with its glow, along a line of points that goes down.
pub(super) fn strike(bolt: &[[f32; 2]], y: f32, frame: &Frame, row: &mut Row) {
    let reach = frame.u * 0.14;
    let (top, bottom) = (bolt[0][1], bolt[bolt.len() - 1][1]);
    if y < top - reach || y > bottom + reach {
        return;
    }
    let near = |pair: &&[[f32; 2]]| y > pair[0][1] - reach && y < pair[1][1] + reach;
    let pairs: Vec<&[[f32; 2]]> = bolt.windows(2).filter(near).collect();
    let edge = |pick: fn(f32, f32) -> f32, start: f32| {
        pairs
            .iter()
            .flat_map(|pair| [pair[0][0], pair[1][0]])
            .fold(start, pick)
    };
    let left = (edge(f32::min, f32::MAX) - reach).clamp(0.0, frame.w) as usize;
    let right = (edge(f32::max, f32::MIN) + reach).clamp(0.0, frame.w) as usize;
    for (x, pixel) in row.iter_mut().enumerate().take(right).skip(left) {
        let distance = pairs
            .iter()
            .map(|pair| apart([x as f32 + 0.5, y], pair[0], pair[1]))
            .fold(f32::MAX, f32::min);
        let d = distance / frame.u;
        if d < 0.14 {
            let halo = 0.34 / (1.0 + (d * 42.0).powi(2)) * (1.0 - d / 0.14);
            let light = (-(d * 560.0).powi(2)).exp() + halo;
            *pixel = screen(*pixel, scale([0.88, 0.92, 1.0], light));
        }
    }
}

/// How far a point is from a stretch of line.
fn apart(point: [f32; 2], from: [f32; 2], to: [f32; 2]) -> f32 {
    let (dx, dy) = (to[0] - from[0], to[1] - from[1]);
    let t = ((point[0] - from[0]) * dx + (point[1] - from[1]) * dy) / (dx * dx + dy * dy).max(1e-6);
    let t = t.clamp(0.0, 1.0);
    let (ox, oy) = (point[0] - from[0] - dx * t, point[1] - from[1] - dy * t);
    (ox * ox + oy * oy).sqrt()
}

/// An aurora that hangs down to its feet.
pub(super) fn curtain(y: f32, frame: &Frame, row: &mut Row, feet: &[Vec<f32>; 3]) {
    for (index, (feet, hue)) in feet.iter().zip([0.40f32, 0.47, 0.78]).enumerate() {
        let reach = 1.0 / (frame.u * 0.38);
        let (foot, crown) = (hsl(hue, 0.85, 0.58), hsl(hue + 0.16, 0.85, 0.58));
        for (x, pixel) in row.iter_mut().enumerate() {
            let above = (feet[x] - y) * reach;
            if !(-0.05..2.2).contains(&above) {
                continue;
            }
            let along = x as f32 / frame.u;
            let rays = 0.6 + 0.55 * TILE.at(along * 0.9 + index as f32 * 0.3, above * 0.03);
            let fall = 1.0 / (1.0 + above.max(0.0) * 1.3);
            let light = smoothstep(-0.05, 0.04, above) * (fall * fall * fall - 0.018) * rays * 0.62;
            *pixel = screen(*pixel, scale(mix(foot, crown, above.min(1.0)), light));
        }
    }
}
