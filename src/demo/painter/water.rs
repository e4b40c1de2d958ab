//! Water: what stands above it upside down, broken by ripples, with a path of light under the sun.

use super::colour::{Rgb, mix, multiply, scale, screen, smoothstep, tint};
use super::frame::{Frame, Row};
use super::light::Light;
use super::noise::TILE;
use super::words;

pub(super) struct Water {
    /// The row where it begins.
    pub(super) top: f32,
    body: Rgb,
    light: Light,
    sparkle: Option<(f32, Rgb)>,
    /// How high the waves go: 0 is a mirror, 1 a storm.
    rough: f32,
    dye: Option<Rgb>,
    seed: f32,
}

impl Water {
    pub(super) fn new(
        kind: words::Water,
        top: f32,
        light: &Light,
        sparkle: Option<(f32, Rgb)>,
        storm: bool,
        dye: Option<Rgb>,
        seed: u64,
    ) -> Self {
        let body = multiply(
            match kind {
                words::Water::Sea => [0.09, 0.30, 0.42],
                words::Water::Lake | words::Water::River => [0.12, 0.29, 0.36],
            },
            light.ambient,
        );
        Self {
            top,
            body: mix(body, light.stops[1], 0.3),
            light: light.clone(),
            sparkle,
            rough: match kind {
                words::Water::Sea if storm => 1.0,
                words::Water::Sea => 0.45,
                words::Water::Lake => 0.10,
                words::Water::River => 0.2,
            },
            dye,
            seed: (seed % 89) as f32 * 0.31,
        }
    }

    /// The row above the water that this row mirrors.
    pub(super) fn mirror(&self, y: f32, frame: &Frame) -> f32 {
        let below = y - self.top;
        let depth = below / frame.u;
        let jitter =
            TILE.at(0.31 + self.seed, depth * 4.0 + 1.0 / (depth + 0.05)) * self.rough * frame.u * 0.05;
        let stretch = 1.0 - 0.12 * self.rough;
        (self.top - below * stretch - 1.0 + jitter * (depth * 6.0).min(1.0)).clamp(0.0, self.top - 1.0)
    }

    /// Paints a row of water from the row that it mirrors.
    pub(super) fn row(&self, y: f32, frame: &Frame, above: &Row, row: &mut Row) {
        let depth = ((y - self.top) / frame.u).max(0.0);
        // Seen flat, water mirrors; seen from above, it shows its own colour.
        let own = (0.10 + depth * 0.75 + self.rough * 0.28).clamp(0.0, 0.82);
        let spread = 1.0 / (depth + 0.035);
        let swing = frame.u * (0.003 + 0.022 * self.rough + 0.012 * depth);
        let columns = row.len() as f32 - 1.0;
        for (x, pixel) in row.iter_mut().enumerate() {
            let across = (x as f32 - frame.w * 0.5) / frame.u;
            let u = across * (0.5 + spread * 0.10) + self.seed;
            let v = spread * 0.42 + self.seed;
            let swell = TILE.at(u * 0.6, v * 1.7);
            let ripple = TILE.at(u * 2.6 + 0.4, v * 5.1);
            let from = (x as f32 + (swell * 0.7 + ripple) * swing).clamp(0.0, columns) as usize;
            let wave = swell * 0.6 + ripple * 0.55;
            let mut colour = mix(above[from], self.body, own);
            colour = scale(colour, 1.0 + wave * (0.07 + 0.24 * self.rough));
            colour = self.glint(colour, x as f32, wave, ripple, depth, frame);
            if self.rough > 0.9 {
                let foam = smoothstep(0.5, 0.78, swell * 0.55 + ripple * 0.55 + 0.12);
                colour = mix(
                    colour,
                    mix(self.light.stops[4], [0.9; 3], 0.4),
                    foam * (0.35 + depth).min(0.8),
                );
            }
            if let Some(dye) = self.dye {
                colour = tint(colour, dye, 0.6);
            }
            *pixel = colour;
        }
    }

    fn glint(&self, colour: Rgb, x: f32, wave: f32, ripple: f32, depth: f32, frame: &Frame) -> Rgb {
        let Some((sun, light)) = self.sparkle else {
            return colour;
        };
        let width = 0.05 + depth * (0.22 + 0.3 * self.rough);
        let off = (x - sun) / frame.u / width;
        if off.abs() > 3.0 {
            return colour;
        }
        let path = (-off * off * 1.4).exp();
        let facet = smoothstep(0.34 - path * 0.42, 0.62, ripple * 0.8 + wave * 0.35);
        let strength = path * (0.12 + facet * 0.72) * (0.5 + 0.5 * (1.0 - depth).max(0.0));
        screen(
            colour,
            scale(light, strength * if self.rough > 0.9 { 0.35 } else { 0.8 }),
        )
    }
}

/// A river: where it runs in each row of the ground before us.
pub(super) struct Bed {
    pub(super) top: f32,
    seed: f32,
}

impl Bed {
    pub(super) fn new(top: f32, seed: u64) -> Self {
        Self {
            top,
            seed: (seed % 71) as f32 * 0.37,
        }
    }

    /// How much of a pixel is river.
    pub(super) fn coverage(&self, x: f32, y: f32, frame: &Frame) -> f32 {
        let depth = ((y - self.top) / (frame.h - self.top).max(1.0)).clamp(0.0, 1.0);
        let far = 1.0 / (depth + 0.16);
        let bend = (far * 1.35 + self.seed).sin() * 0.33 + (far * 0.5 + self.seed * 2.0).sin() * 0.12;
        let centre = frame.w * 0.5 + bend * frame.u * (0.16 + depth * 0.75);
        let half = frame.u * (0.006 + depth * depth * 0.36 + depth * 0.05);
        let edge = TILE.at(x / frame.u * 3.0, y / frame.u * 5.0) * half * 0.14;
        let soft = (frame.u * 0.004).max(1.0);
        ((half + edge - (x - centre).abs()) / soft + 0.5).clamp(0.0, 1.0)
    }
}
