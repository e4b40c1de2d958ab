//! The ground in layers: each is an outline along the columns and a way to colour what lies under it, paler the
//! farther away it is.

mod outline;

use super::colour::{Rgb, mix, multiply, scale, smoothstep};
use super::frame::{Frame, Row, lay};
use super::light::Light;
use super::noise::TILE;
use outline::{outline, raised, spires};

/// What a layer is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ground {
    /// Rock with lit and shaded faces, snow above a line.
    Rock,
    /// Soft slopes.
    Slope,
    /// Slopes with spires of trees on them.
    Woods,
    Dune,
    Grass,
    Sand,
    Snow,
}

/// How to make a layer; lengths are parts of the frame's unit, `base` of its height.
#[derive(Clone, Copy, Debug)]
pub(super) struct Recipe {
    pub(super) ground: Ground,
    pub(super) seed: u64,
    /// Where its foot is.
    pub(super) base: f32,
    /// How far its highest points reach above the foot.
    pub(super) height: f32,
    /// Waves to a unit of length.
    pub(super) frequency: f32,
    pub(super) colour: Rgb,
    /// Share of the distance's colour.
    pub(super) haze: f32,
    /// Where snow begins, in parts of the height; above 1 there is none.
    pub(super) snow: f32,
    /// A rise in the outline: an island, a shore.
    pub(super) rise: Option<Rise>,
}

/// A rise in an outline, in pixels.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rise {
    pub(super) centre: f32,
    /// Half its width.
    pub(super) half: f32,
    pub(super) height: f32,
}

pub(super) struct Layer {
    recipe: Recipe,
    top: Vec<f32>,
    /// The outline without its small teeth: what the light falls on.
    coarse: Vec<f32>,
    slope: Vec<f32>,
    /// Where, in each column, nearer layers hide everything.
    hidden: Vec<f32>,
    pub(super) highest: f32,
    pub(super) lowest: f32,
    base: f32,
    height: f32,
    lit: Rgb,
    dark: Rgb,
    /// What white looks like in this light.
    white: Rgb,
    air: Rgb,
    side: f32,
}

impl Layer {
    pub(super) fn new(recipe: Recipe, light: &Light, frame: &Frame) -> Self {
        let base = recipe.base * frame.h;
        let height = recipe.height * frame.u + recipe.rise.map_or(0.0, |rise| rise.height);
        let at = |x: f32| x / frame.u * recipe.frequency + (recipe.seed % 977) as f32;
        let columns = frame.columns();
        let waves = recipe.height * frame.u;
        let line = |teeth: bool| -> Vec<f32> {
            (0..columns)
                .map(|x| {
                    base - waves * outline(&recipe, at(x as f32), teeth)
                        - raised(&recipe, x as f32, frame, teeth)
                })
                .collect()
        };
        let coarse = line(false);
        let mut top = line(true);
        if recipe.ground == Ground::Woods {
            spires(&mut top, &recipe, frame);
        }
        let reach = ((frame.u * 0.006) as usize).max(1);
        let slope = (0..columns)
            .map(|x| {
                let (left, right) = (x.saturating_sub(reach), (x + reach).min(columns - 1));
                (coarse[right] - coarse[left]) / (right - left).max(1) as f32
            })
            .collect();
        let (lit, dark) = tones(&recipe, light);
        Self {
            hidden: vec![f32::MAX; columns],
            highest: top.iter().copied().fold(f32::MAX, f32::min),
            lowest: top.iter().copied().fold(f32::MIN, f32::max),
            top,
            coarse,
            slope,
            base,
            height,
            lit,
            dark,
            white: light.ambient,
            air: light.haze,
            side: light.side,
            recipe,
        }
    }

    /// Where the ground begins in this column.
    pub(super) fn ground(&self, x: f32) -> f32 {
        let index = (x.max(0.0) as usize).min(self.coarse.len() - 1);
        self.coarse[index]
    }

    /// Takes note of what nearer layers hide, and adds what this one hides of those behind it.
    pub(super) fn hide(&mut self, hidden: &mut [f32]) {
        self.hidden.copy_from_slice(hidden);
        for (x, edge) in hidden.iter_mut().enumerate() {
            *edge = edge.min(self.top[x] + 2.0 + self.steep(x));
        }
    }

    /// How far the outline moves up or down from this column to the next.
    fn steep(&self, x: usize) -> f32 {
        (self.top[(x + 1).min(self.top.len() - 1)] - self.top[x]).abs()
    }

    pub(super) fn row(&self, y: f32, frame: &Frame, row: &mut Row) {
        if y + 1.0 < self.highest {
            return;
        }
        for (x, pixel) in row.iter_mut().enumerate() {
            let below = y + 0.5 - self.top[x];
            if below <= -0.5 || y > self.hidden[x] {
                continue;
            }
            let coverage = (below / (1.0 + self.steep(x) * 0.7) + 0.5).clamp(0.0, 1.0);
            let colour = self.colour(x, y, frame);
            lay(pixel, colour, coverage);
        }
    }

    fn colour(&self, x: usize, y: f32, frame: &Frame) -> Rgb {
        let (px, py) = (x as f32 / frame.u, y / frame.u);
        let below = (y - self.coarse[x]).max(0.0);
        let colour = match self.recipe.ground {
            Ground::Rock => self.rock(x, px, py, below),
            Ground::Dune => self.dune(x, px, py, below, frame),
            Ground::Slope => self.slopes(px, py, below / frame.u),
            Ground::Woods => self.woods(px, py, below / frame.u),
            Ground::Grass => self.grass(px, py, y, frame),
            Ground::Sand => self.sand(px, py, below / frame.u),
            Ground::Snow => self.drift(x, px, py, below / frame.u),
        };
        // Air gathers at the foot of a far layer: this is what sets the layers apart.
        let foot = smoothstep(0.0, 1.0, below / (self.height * 1.15).max(1.0));
        let air =
            self.recipe.haze + (1.0 - self.recipe.haze) * foot * foot * self.recipe.haze.min(0.62) * 0.9;
        mix(colour, self.air, air)
    }

    fn rock(&self, x: usize, px: f32, py: f32, below: f32) -> Rgb {
        let seed = (self.recipe.seed % 61) as f32 * 0.13;
        let depth = (below / self.height.max(1.0)).min(1.0);
        let warp = TILE.at(px * 0.7 + seed, py * 0.6);
        // Spurs run down from the crest, leaning to both sides: crests of noise, seen from the side of the light.
        let (sx, sy) = (px * 0.85 + warp * 0.16 + seed, py * 0.42 + seed);
        let crest = |x: f32| 1.0 - TILE.at(x, sy).abs();
        let spurs = (crest(sx - 0.012) - crest(sx + 0.012)) * 4.2;
        let teeth = TILE.at(px * 4.3, py * 3.1 + seed);
        let shift = warp * self.height * (0.1 + depth * 0.5);
        let from = ((x as f32 + shift).max(0.0) as usize).min(self.slope.len() - 1);
        let near = 1.0 - depth;
        let facing =
            (-self.slope[from] * near * 0.9 - spurs * (0.35 + 0.65 * depth)) * self.side + teeth * 0.16;
        let lit = smoothstep(-0.30, 0.34, facing);
        let fine = TILE.at(px * 13.0 + seed, py * 9.0) * 0.07;
        let rock = scale(mix(self.dark, self.lit, lit), 1.0 + fine + teeth * 0.06);
        let altitude = (self.base - self.coarse[x]) / self.height.max(1.0) - depth;
        let line = self.recipe.snow + warp * 0.13 + teeth * 0.09 + (0.5 - lit) * 0.10;
        let snow = smoothstep(line - 0.02, line + 0.03, altitude);
        if snow <= 0.0 {
            return rock;
        }
        let bright = multiply([1.0, 0.985, 0.97], mix(self.white, [1.0; 3], 0.25));
        let shaded = mix(multiply([0.66, 0.74, 0.92], self.white), self.dark, 0.2);
        mix(
            rock,
            scale(mix(shaded, bright, lit), 1.0 + fine * 0.6),
            snow * 0.95,
        )
    }

    fn dune(&self, x: usize, px: f32, py: f32, below: f32, frame: &Frame) -> Rgb {
        let depth = below / frame.u;
        let warp = TILE.at(px * 0.6, py * 1.1 + (self.recipe.seed % 31) as f32 * 0.17);
        let shift = (depth * 0.9 + warp * 0.03) * frame.u;
        let from = ((x as f32 - shift * self.side).max(0.0) as usize).min(self.slope.len() - 1);
        let lit = smoothstep(-0.05, 0.12, -self.slope[from] * self.side + 0.02);
        let wind =
            ((py * 210.0 + px * 26.0 + warp * 11.0).sin() * 0.5 + 0.5) * 0.05 * (1.0 - self.recipe.haze);
        let grain = TILE.at(px * 19.0, py * 23.0) * 0.035;
        let rim = fade(depth * 34.0) * 0.12;
        scale(
            mix(self.dark, self.lit, 0.18 + 0.82 * lit),
            0.96 + wind + grain + rim,
        )
    }

    fn slopes(&self, px: f32, py: f32, depth: f32) -> Rgb {
        let seed = (self.recipe.seed % 53) as f32 * 0.21;
        let folds = TILE.at(px * 0.8 + seed, py * 1.7);
        let tufts = TILE.at(px * 9.0, py * 15.0 + seed);
        let fine = TILE.at(px * 31.0 + seed, py * 47.0);
        let rim = fade(depth * 26.0);
        let lit = (0.42 + folds * 0.34 + rim * 0.35).clamp(0.0, 1.0);
        let near = 1.0 - self.recipe.haze;
        scale(
            mix(self.dark, self.lit, lit),
            1.0 + (tufts * 0.09 + fine * 0.07) * near,
        )
    }

    fn woods(&self, px: f32, py: f32, depth: f32) -> Rgb {
        let seed = (self.recipe.seed % 47) as f32 * 0.19;
        let crowns = TILE.at(px * 8.0 + seed, py * 5.0);
        let needles = TILE.at(px * 34.0, py * 21.0 + seed);
        let rim = fade(depth * 18.0);
        let lit = (0.22 + crowns * 0.34 + rim * 0.3).clamp(0.0, 1.0);
        scale(
            mix(self.dark, self.lit, lit),
            1.0 + needles * 0.14 * (1.0 - self.recipe.haze),
        )
    }

    fn grass(&self, px: f32, py: f32, y: f32, frame: &Frame) -> Rgb {
        // A plane seen from a person's height: everything shrinks towards its far edge.
        let far = self.highest;
        let depth = ((y - far) / (frame.h - far).max(1.0)).clamp(0.004, 1.0);
        let spread = 0.35 / (depth + 0.06);
        let across = (px - frame.w / frame.u * 0.5) * spread;
        let swathes = TILE.at(across * 0.35 + 0.2, spread * 0.8);
        let tufts = TILE.at(across * 3.2, spread * 5.0);
        let blades =
            TILE.at(px * (13.0 + 20.0 * (1.0 - depth)), py * 3.0 + tufts * 0.15) * (0.25 + depth * 0.75);
        let lit = (0.5 + swathes * 0.34 + tufts * 0.14 + blades * 0.3).clamp(0.0, 1.0);
        let colour = mix(self.dark, self.lit, lit);
        mix(colour, self.air, (1.0 - depth).powi(5) * 0.55)
    }

    fn sand(&self, px: f32, py: f32, depth: f32) -> Rgb {
        let dunes = TILE.at(px * 0.45, py * 1.3 + 0.4);
        let ripples = TILE.at(px * 3.0 + dunes * 0.1, py * 17.0);
        let grain = TILE.at(px * 43.0, py * 43.0);
        let dry = mix(
            self.dark,
            self.lit,
            (0.86 + dunes * 0.16 - depth * 0.2).clamp(0.0, 1.0),
        );
        let dry = scale(dry, 1.0 + ripples * 0.05 + grain * 0.05);
        // Foam, then wet sand, then dry.
        let edge = depth + ripples * 0.004 + TILE.at(px * 2.1, 0.3) * 0.012;
        let wet = mix(mix(self.dark, self.lit, 0.35), self.air, 0.25);
        let foam = 1.0 - smoothstep(0.010, 0.017, edge + TILE.at(px * 11.0, py * 13.0) * 0.006);
        let shore = mix(wet, dry, smoothstep(0.02, 0.085, edge));
        mix(shore, mix(self.white, [1.0; 3], 0.3), foam * 0.9)
    }

    fn drift(&self, x: usize, px: f32, py: f32, depth: f32) -> Rgb {
        let seed = (self.recipe.seed % 43) as f32 * 0.23;
        let folds = TILE.at(px * 0.55 + seed, py * 1.3);
        let wind = TILE.at(px * 3.0 + folds * 0.2, py * 9.0 + seed);
        let grain = TILE.at(px * 39.0, py * 39.0);
        let facing = -self.slope[x] * self.side * 1.6;
        let lit = (0.6 + folds * 0.42 + wind * 0.1 + facing * 0.5 + fade(depth * 22.0) * 0.3).clamp(0.0, 1.0);
        scale(mix(self.dark, self.lit, lit), 1.0 + grain * 0.03)
    }
}

/// From 1 down to 0, like a falling exponential but cheaper.
fn fade(value: f32) -> f32 {
    let t = 1.0 / (1.0 + value * 0.5);
    t * t
}

fn tones(recipe: &Recipe, light: &Light) -> (Rgb, Rgb) {
    let ambient = multiply(recipe.colour, light.ambient);
    let lit = mix(
        ambient,
        multiply(mix(recipe.colour, [1.0; 3], 0.22), light.sun),
        if light.dark { 0.22 } else { 0.5 },
    );
    let dark = mix(scale(ambient, 0.52), light.shade, 0.42);
    (lit, dark)
}
