//! What falls and drifts between us and the scene: snow, rain, fog.

use super::colour::{mix, screen, smoothstep};
use super::frame::{Frame, Row, lay};
use super::light::Light;
use super::noise::{Dice, TILE};
use super::plan::Plan;

struct Flake {
    at: [f32; 2],
    radius: f32,
    alpha: f32,
}

pub(super) struct Weather {
    flakes: Vec<Flake>,
    rain: f32,
    fog: f32,
    light: Light,
}

impl Weather {
    pub(super) fn new(plan: &Plan, light: &Light, frame: &Frame) -> Self {
        let mut dice = Dice::new(plan.seed ^ 0xf1a);
        let area = frame.w * frame.h / (frame.u * frame.u);
        let count = (area * 620.0 * plan.snow).min(4000.0) as usize;
        let mut flakes: Vec<Flake> = (0..count)
            .map(|_| {
                let near = dice.unit().powi(6);
                Flake {
                    at: [dice.unit() * frame.w, dice.unit() * frame.h],
                    radius: frame.u * (0.0016 + 0.0022 * dice.unit() + 0.012 * near),
                    alpha: (0.85 - near * 0.5) * dice.range(0.5, 1.0),
                }
            })
            .collect();
        flakes.sort_by(|one, other| one.at[1].total_cmp(&other.at[1]));
        Self {
            flakes,
            rain: plan.rain,
            fog: plan.fog,
            light: light.clone(),
        }
    }

    pub(super) fn row(&self, y: f32, frame: &Frame, row: &mut Row) {
        if self.fog > 0.0 {
            self.mist(y, frame, row);
        }
        if self.rain > 0.0 {
            self.streaks(y, frame, row);
        }
        self.fall(y, frame, row);
    }

    fn mist(&self, y: f32, frame: &Frame, row: &mut Row) {
        let (colour, py) = (self.light.haze, y / frame.u);
        let rise = smoothstep(0.15, 0.72, y / frame.h) * (1.0 - 0.45 * smoothstep(0.75, 1.0, y / frame.h));
        for (x, pixel) in row.iter_mut().enumerate() {
            let px = x as f32 / frame.u;
            let banks = TILE.at(px * 0.34 + 0.2, py * 1.3) * 0.7 + TILE.at(px * 1.1, py * 3.1 + 0.6) * 0.3;
            let thick = (0.6 + banks * 0.6).clamp(0.0, 1.0) * rise * self.fog;
            lay(pixel, colour, thick.min(0.93));
        }
    }

    fn streaks(&self, y: f32, frame: &Frame, row: &mut Row) {
        let grey = mix(self.light.stops[4], [0.9; 3], 0.3);
        for pixel in row.iter_mut() {
            *pixel = mix(*pixel, grey, self.rain * 0.07);
        }
        for (lanes, strength) in [(210.0, 0.13), (120.0, 0.20), (66.0, 0.20)] {
            // The rain leans: a lane is a strip of the picture that drifts to the left as it falls.
            let (wide, lean) = (frame.u / lanes, y * 0.22);
            let first = (lean / wide) as u32;
            let last = ((row.len() as f32 + lean) / wide) as u32;
            for lane in first..=last {
                // Each lane is looked up along its own line of the noise.
                let phase = (lane.wrapping_mul(0x9e37_79b9) >> 16) as f32 / 65_536.0;
                let length = TILE.at(phase, y / frame.u * lanes * 0.0045 + phase * 7.0) * 1.1;
                let light = smoothstep(0.2, 0.75, length) * strength * self.rain;
                if light <= 0.0 {
                    continue;
                }
                let left = lane as f32 * wide - lean;
                let from = left.max(0.0) as usize;
                let to = ((left + wide).max(0.0) as usize).min(row.len());
                for (x, pixel) in row.iter_mut().enumerate().take(to).skip(from) {
                    let across = 1.0 - ((x as f32 - left) / wide * 2.0 - 1.0).abs();
                    let drop = (light * across * across * across).max(0.0);
                    *pixel = screen(*pixel, grey.map(|channel| channel * drop));
                }
            }
        }
    }

    fn fall(&self, y: f32, frame: &Frame, row: &mut Row) {
        let reach = frame.u * 0.018;
        let from = self.flakes.partition_point(|flake| flake.at[1] < y - reach);
        let white = mix([1.0, 1.0, 1.0], self.light.ambient, 0.35);
        for flake in self.flakes[from..]
            .iter()
            .take_while(|flake| flake.at[1] <= y + reach)
        {
            let dy = y + 0.5 - flake.at[1];
            let radius = flake.radius.max(0.7);
            let left = (flake.at[0] - radius - 1.0).max(0.0) as usize;
            let right = ((flake.at[0] + radius + 2.0).max(0.0) as usize).min(row.len());
            for (x, pixel) in row.iter_mut().enumerate().take(right).skip(left) {
                let dx = x as f32 + 0.5 - flake.at[0];
                let d2 = (dx * dx + dy * dy) / (radius * radius);
                if d2 < 1.0 {
                    let soft = 1.0 - d2;
                    lay(pixel, white, soft * flake.alpha);
                }
            }
        }
    }
}
