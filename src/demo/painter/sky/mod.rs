//! The sky: its gradient, the sun or the moon with their glow, stars, clouds, aurora, rainbow, lightning.

mod lights;

use super::colour::{Rgb, hex, hsl, mix, scale, screen, smoothstep};
use super::frame::{Frame, Row, lay};
use super::light::Light;
use super::noise::{Dice, TILE};
use super::plan::{Orb, Plan};
use super::words::{Land, Time};
use lights::{Disc, Star, bolts, curtain, curtains, scatter, strike};

pub(super) struct Sky {
    light: Light,
    horizon: f32,
    discs: Vec<Disc>,
    /// Where the light glows, whether or not a disc is there.
    glow: Option<([f32; 2], Rgb, f32)>,
    stars: Vec<Star>,
    milky: f32,
    clouds: f32,
    storm: bool,
    /// Where the curtains of an aurora end below, in each column.
    aurora: Option<[Vec<f32>; 3]>,
    rainbow: bool,
    bolts: Vec<Vec<[f32; 2]>>,
    seed: f32,
}

impl Sky {
    /// The sky of a scene whose horizon lies at this row.
    pub(super) fn new(plan: &Plan, light: &Light, frame: &Frame, horizon: f32) -> Self {
        let mut dice = Dice::new(plan.seed ^ 0x5c1);
        let night = plan.time == Some(Time::Night) || plan.lands.contains(&Land::Space);
        let centre = frame.w * (0.5 + light.side * dice.range(0.14, 0.3));
        let open = !plan.lands.contains(&Land::Space);
        let sun_shows = !night
            && (plan.sun.is_some()
                || (matches!(plan.time, Some(Time::Dawn | Time::Sunset))
                    && !plan.storm
                    && plan.moon.is_none())
                || (plan.time == Some(Time::Noon) && plan.clouds.is_none() && dice.chance(0.5)));
        let mut discs = Vec::new();
        let mut glow = None;
        if !night {
            let y = horizon * (1.0 - light.height.min(0.8)) - frame.u * 0.02;
            glow = Some(([centre, y], light.sun, light.glow));
            if sun_shows {
                let orb = plan.sun.unwrap_or(Orb::PLAIN);
                let colour = orb.colour.unwrap_or(light.sun);
                discs.push(Disc::sun(orb, colour, [centre, y], horizon, frame));
                glow = Some(([centre, y], colour, light.glow.max(0.5)));
            }
        }
        let unasked = night && !plan.storm && dice.chance(0.55) && open;
        if let Some(orb) = plan.moon.or(unasked.then_some(Orb::PLAIN)) {
            let x = if sun_shows { frame.w - centre } else { centre };
            let moon = Disc::moon(orb, [x, horizon * dice.range(0.26, 0.38)], frame);
            if night || glow.is_none() {
                let halo = mix(moon.colour, hex(0x9f_bb_ea), 0.5);
                glow = Some((moon.at, halo, 0.42 + 0.1 * orb.size));
            }
            discs.push(moon);
        }
        let stars = plan.stars.unwrap_or(match plan.time {
            _ if plan.storm => 0.0,
            _ if night => 1.0,
            Some(Time::Dusk) => 0.35,
            _ => 0.0,
        });
        let clouds = clouds(plan, &mut dice);
        Self {
            light: light.clone(),
            horizon,
            discs,
            glow,
            stars: scatter(&mut dice, frame, horizon, stars),
            milky: if night && stars >= 1.0 { 0.8 } else { 0.0 },
            clouds,
            storm: plan.storm,
            aurora: plan.aurora.then(|| curtains(&mut dice, frame, horizon)),
            rainbow: plan.rainbow,
            bolts: if plan.lightning || (plan.storm && night) {
                bolts(&mut dice, frame, horizon)
            } else {
                Vec::new()
            },
            seed: dice.unit() * 7.0,
        }
    }

    /// Only what a change puts into somebody's picture: no gradient and no glow that was not asked for.
    pub(super) fn lights(plan: &Plan, light: &Light, frame: &Frame) -> Self {
        let mut sky = Self::new(plan, light, frame, frame.h * 0.75);
        sky.discs.retain(|disc| {
            if disc.moon {
                plan.moon.is_some()
            } else {
                plan.sun.is_some()
            }
        });
        sky.glow = sky.discs.first().map(|disc| (disc.at, disc.colour, 0.55));
        if plan.stars.is_none() && plan.time != Some(Time::Night) {
            sky.stars.clear();
        }
        sky.milky = 0.0;
        sky.clouds = plan.clouds.unwrap_or(0.0);
        if !plan.lightning {
            sky.bolts.clear();
        }
        sky
    }

    pub(super) fn sun_x(&self) -> Option<(f32, Rgb)> {
        self.glow.map(|(at, colour, _)| (at[0], colour))
    }

    /// Paints the whole row.
    pub(super) fn row(&self, y: f32, frame: &Frame, row: &mut Row) {
        row.fill(self.gradient(y));
        self.shine(y, frame, row);
        self.over(y, frame, row, 1.0);
    }

    /// Paints everything but the gradient, where `keep` says how much of it shows.
    pub(super) fn over(&self, y: f32, frame: &Frame, row: &mut Row, keep: f32) {
        self.starlight(y, frame, row, keep);
        if let Some(feet) = &self.aurora {
            curtain(y, frame, row, feet);
        }
        for disc in &self.discs {
            disc.row(y, &self.light, row);
        }
        if self.rainbow {
            self.bow(y, frame, row);
        }
        if self.clouds > 0.02 {
            self.cover(y, frame, row);
        }
        for bolt in &self.bolts {
            strike(bolt, y, frame, row);
        }
    }

    fn gradient(&self, y: f32) -> Rgb {
        let at = (y / self.horizon).clamp(0.0, 1.0) * 4.0;
        let index = (at as usize).min(3);
        let t = at - index as f32;
        // Half way to a smoothstep: no visible stop, no flat band either.
        let t = t * 0.5 + t * t * (3.0 - 2.0 * t) * 0.5;
        mix(self.light.stops[index], self.light.stops[index + 1], t)
    }

    pub(super) fn shine(&self, y: f32, frame: &Frame, row: &mut Row) {
        let Some((at, colour, strength)) = self.glow else {
            return;
        };
        let inverse = 1.0 / frame.u;
        let dy = (y - at[1]) * inverse;
        for (x, pixel) in row.iter_mut().enumerate() {
            let dx = (x as f32 - at[0]) * inverse;
            let near = 1.0 / (1.0 + (dx * dx + dy * dy) * 90.0);
            let wide = 1.0 / (1.0 + (dx * dx * 2.2 + dy * dy * 9.0) * 1.6);
            let light = strength * (near * 0.6 + wide * wide * 0.45);
            *pixel = screen(*pixel, scale(colour, light));
        }
    }

    fn starlight(&self, y: f32, frame: &Frame, row: &mut Row, keep: f32) {
        let fade = 1.0 - smoothstep(self.horizon * 0.75, self.horizon, y);
        if self.milky > 0.0 && fade > 0.0 {
            for (x, pixel) in row.iter_mut().enumerate() {
                let (px, py) = (x as f32 / frame.u, y / frame.u);
                let across = (px - 0.3 - py * 0.8 - self.seed * 0.05) * 2.6;
                let band = 1.0 / (1.0 + across * across * across * across * 4.0);
                if band > 0.03 {
                    let dust = TILE.fine(px * 0.7 + self.seed, py * 0.7) * 0.5 + 0.5;
                    let light = band * dust * dust * self.milky * fade * 0.32;
                    *pixel = screen(*pixel, [light * 0.75, light * 0.85, light]);
                }
            }
        }
        for star in &self.stars {
            let dy = (y - star.at[1]) / star.radius;
            if dy.abs() > 2.5 {
                continue;
            }
            let left = (star.at[0] - star.radius * 2.5).max(0.0) as usize;
            let right = ((star.at[0] + star.radius * 2.5) as usize + 1).min(row.len());
            for (x, pixel) in row.iter_mut().enumerate().take(right).skip(left) {
                let dx = (x as f32 + 0.5 - star.at[0]) / star.radius;
                let light = (-(dx * dx + dy * dy) * 1.1).exp() * fade * keep;
                *pixel = screen(*pixel, scale(star.colour, light));
            }
        }
    }

    fn cover(&self, y: f32, frame: &Frame, row: &mut Row) {
        // Clouds lie on a plane overhead: they shrink towards the horizon.
        let depth = 1.0 / ((self.horizon - y) / frame.u + 0.16).max(0.02);
        let fade = smoothstep(0.0, 0.09, (self.horizon - y) / frame.u);
        if fade <= 0.0 {
            return;
        }
        let threshold = 0.52 - self.clouds * 0.72;
        let toward = self.glow.map_or(0.0, |(at, ..)| at[0]);
        let top = self.light.stops[1];
        let (lit, dark) = if self.storm {
            (
                mix(self.light.stops[3], [0.8; 3], 0.1),
                scale(self.light.stops[0], 0.65),
            )
        } else if self.light.dark {
            (
                mix(self.light.stops[4], self.light.sun, 0.35),
                mix(top, self.light.stops[2], 0.45),
            )
        } else {
            (
                [0.99, 0.985, 0.97],
                mix(self.light.stops[2], self.light.shade, 0.25),
            )
        };
        let v = depth * 0.34 + self.seed;
        for (x, pixel) in row.iter_mut().enumerate() {
            let along = (x as f32 - frame.w * 0.5) / frame.u;
            let u = along * depth * 0.24 + self.seed * 1.7;
            let density = TILE.at(u, v) * 0.75 + TILE.at(u * 3.7, v * 3.1) * 0.25;
            let body = smoothstep(threshold, threshold + 0.42, density);
            if body <= 0.002 {
                continue;
            }
            let side = ((toward - x as f32) / frame.u * 4.0).clamp(-1.0, 1.0) * 0.02;
            let facing = density - TILE.at(u + side, v - 0.03);
            let shine = (0.55 + facing * 1.9 - body * 0.22).clamp(0.0, 1.0);
            lay(pixel, mix(dark, lit, shine), body * fade * 0.9);
        }
    }

    fn bow(&self, y: f32, frame: &Frame, row: &mut Row) {
        let centre = [frame.w * 0.5, self.horizon + frame.u * 0.12];
        let (inner, width) = (frame.u * 0.56, frame.u * 0.075);
        for (x, pixel) in row.iter_mut().enumerate() {
            let (dx, dy) = (x as f32 - centre[0], y - centre[1]);
            let across = ((dx * dx + dy * dy).sqrt() - inner) / width;
            if (0.0..1.0).contains(&across) {
                let light = (across * std::f32::consts::PI).sin() * 0.42;
                *pixel = screen(*pixel, scale(hsl((1.0 - across) * 0.76, 0.9, 0.55), light));
            }
        }
    }
}

/// How much of the sky is clouded.
fn clouds(plan: &Plan, dice: &mut Dice) -> f32 {
    plan.clouds.unwrap_or_else(|| match plan.time {
        _ if plan.storm => 1.0,
        _ if plan.fog > 0.0 => 0.3,
        _ if plan.lands.contains(&Land::Space) => 0.0,
        Some(Time::Overcast) => 0.85,
        Some(Time::Night) => dice.range(0.0, 0.35),
        _ => dice.range(0.25, 0.55),
    })
}
