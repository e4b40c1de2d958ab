//! A skyline: rows of buildings with roofs of several kinds and windows, some of them lit.

use super::colour::{Rgb, hex, mix, multiply, scale};
use super::frame::{Frame, Row, lay};
use super::light::Light;
use super::noise::{Dice, TILE, scramble};

#[derive(Clone, Copy, PartialEq)]
enum Roof {
    Flat,
    /// Narrower storeys on top.
    Steps,
    Spire,
    Slant,
    Mast,
}

impl Roof {
    /// Any of them; spires only where the city is high.
    fn some(dice: &mut Dice, near: f32) -> Self {
        match dice.below(9) {
            0 | 1 => Self::Steps,
            2 if near > 0.5 => Self::Spire,
            3 => Self::Slant,
            4 | 5 => Self::Mast,
            _ => Self::Flat,
        }
    }
}

/// The colours of lit windows; one to a building.
const LAMPS: [Rgb; 4] = [hex(0xff_d9_8a), hex(0xff_e9_b8), hex(0xff_c0_72), hex(0xbf_e4_ff)];

struct Building {
    left: f32,
    right: f32,
    top: f32,
    roof: Roof,
    seed: u64,
    tone: f32,
    /// Lit windows are of this colour.
    lamp: Rgb,
}

pub(super) struct City {
    buildings: Vec<Building>,
    /// The building in each column, counted from 1.
    index: Vec<u16>,
    base: f32,
    pub(super) highest: f32,
    haze: f32,
    light: Light,
    colour: Rgb,
    lamps: f32,
    window: f32,
}

impl City {
    /// A row of buildings on `base` (a row of pixels), as high as `height` parts of the unit.
    pub(super) fn new(
        seed: u64,
        base: f32,
        height: f32,
        haze: f32,
        colour: Rgb,
        light: &Light,
        frame: &Frame,
    ) -> Self {
        let mut dice = Dice::new(seed);
        let mut buildings = Vec::new();
        let mut index = vec![0u16; frame.columns()];
        let mut x = -frame.u * 0.05;
        let centre = frame.w * dice.range(0.35, 0.65);
        while x < frame.w {
            let width = frame.u * dice.range(0.045, 0.115) * (1.2 - haze * 0.5);
            // Downtown is somewhere, and it is higher.
            let near = 1.0 - ((x + width / 2.0 - centre) / (frame.w * 0.5)).abs().min(1.0);
            let tall =
                height * frame.u * (0.28 + 0.45 * near + 0.5 * near * dice.unit()) * dice.range(0.55, 1.1);
            buildings.push(Building {
                left: x.round(),
                right: (x + width).round(),
                top: base - tall,
                roof: Roof::some(&mut dice, near),
                seed: dice.bits(),
                tone: dice.range(0.82, 1.18),
                lamp: LAMPS[dice.below(4)],
            });
            let number = u16::try_from(buildings.len()).unwrap_or(u16::MAX);
            let (from, to) = (x.round().max(0.0) as usize, (x + width).round().max(0.0) as usize);
            let to = to.min(index.len());
            index[from.min(to)..to].fill(number);
            x += width
                + if dice.chance(0.25) {
                    frame.u * dice.range(0.004, 0.03)
                } else {
                    0.0
                };
        }
        let highest = buildings
            .iter()
            .map(|building| building.top)
            .fold(f32::MAX, f32::min)
            - frame.u * 0.14;
        Self {
            buildings,
            index,
            base,
            highest,
            haze,
            light: light.clone(),
            colour,
            lamps: if light.dark { 0.46 } else { 0.05 },
            window: frame.u * (0.0125 - haze * 0.004),
        }
    }

    pub(super) fn row(&self, y: f32, frame: &Frame, row: &mut Row) {
        if y < self.highest || y > self.base {
            return;
        }
        for (x, pixel) in row.iter_mut().enumerate() {
            let number = usize::from(self.index[x]);
            let Some(building) = number.checked_sub(1).and_then(|index| self.buildings.get(index)) else {
                continue;
            };
            let coverage = building.coverage(x as f32 + 0.5, y, frame);
            if coverage > 0.0 {
                let colour = self.wall(building, x as f32, y, frame);
                lay(pixel, colour, coverage);
            }
        }
    }

    fn wall(&self, building: &Building, x: f32, y: f32, frame: &Frame) -> Rgb {
        let across = (x - building.left) / (building.right - building.left);
        let down = ((y - building.top) / (self.base - building.top).max(1.0)).clamp(0.0, 1.0);
        let turn = if self.light.side < 0.0 {
            1.0 - across
        } else {
            across
        };
        let wall = multiply(scale(self.colour, building.tone), self.light.ambient);
        let lit = mix(wall, self.light.sun, 0.14);
        // Two faces meet at an edge: it gives a flat front its body.
        let face = if turn > 0.62 { 1.0 } else { 0.0 };
        let grime = TILE.at(x / frame.u * 3.0, y / frame.u * 2.0) * 0.05;
        let mut colour = scale(
            mix(mix(wall, self.light.shade, 0.52), lit, face * 0.75),
            1.0 + grime,
        );
        colour = self.windows(building, x, y, colour);
        mix(
            colour,
            self.light.haze,
            self.haze + (1.0 - self.haze) * down * down * 0.38,
        )
    }

    fn windows(&self, building: &Building, x: f32, y: f32, wall: Rgb) -> Rgb {
        let pitch = self.window;
        let (dx, dy) = (x - building.left - pitch * 0.5, y - building.top - pitch * 1.2);
        if dy < 0.0 || dx < 0.0 || x > building.right - pitch * 0.6 {
            return wall;
        }
        let (column, floor) = ((dx / pitch).floor(), (dy / (pitch * 1.35)).floor());
        let (fx, fy) = (dx - column * pitch, dy - floor * pitch * 1.35);
        let edge =
            |at: f32, from: f32, to: f32| (at - from + 0.5).clamp(0.0, 1.0) * (to - at + 0.5).clamp(0.0, 1.0);
        let pane = edge(fx, pitch * 0.22, pitch * 0.78) * edge(fy, pitch * 0.25, pitch * 1.02);
        if pane <= 0.0 {
            return wall;
        }
        let chance = scramble(building.seed ^ (column as u64) << 20 ^ floor as u64);
        let draw = (chance >> 40) as f32 / 16_777_216.0;
        let bright = 0.55 + 0.45 * ((chance & 0xff) as f32 / 255.0);
        let glass = mix(scale(wall, 0.7), self.light.stops[2], 0.22);
        // Some floors work late, some sleep.
        let floors = (scramble(building.seed ^ floor as u64 ^ 0x55) & 3) as f32 * 0.12;
        let colour = if draw < self.lamps - 0.2 + floors {
            mix(glass, building.lamp, bright)
        } else {
            glass
        };
        mix(wall, colour, pane)
    }
}

impl Building {
    fn coverage(&self, x: f32, y: f32, frame: &Frame) -> f32 {
        let width = self.right - self.left;
        let across = ((x - self.left) / width).clamp(0.0, 1.0);
        let middle = (across - 0.5).abs();
        let top = match self.roof {
            Roof::Steps if middle < 0.18 => self.top - width * 0.62,
            Roof::Steps if middle < 0.33 => self.top - width * 0.32,
            Roof::Spire => self.top - width * 1.5 * (1.0 - middle * 2.0).powi(3),
            Roof::Slant => self.top - width * 0.4 * across,
            Roof::Mast if middle * width < (frame.u * 0.0016).max(0.6) => self.top - width * 0.9,
            Roof::Flat | Roof::Steps | Roof::Mast => self.top,
        };
        (y + 0.5 - top + 0.5).clamp(0.0, 1.0)
    }
}
