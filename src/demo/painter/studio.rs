//! A quiet backdrop with the subject on it: for logos, icons and single things.

use super::brush::Brush;
use super::colour::{Rgb, hsl, luma, mix, scale, smoothstep};
use super::frame::{Frame, Row};
use super::light::Light;
use super::noise::{Dice, TILE};
use super::objects::{self, Home};
use super::plan::Plan;
use super::shape::Item;

pub(super) struct Studio {
    frame: Frame,
    wall: Rgb,
    floor: Rgb,
    spot: [f32; 2],
    items: Vec<Item>,
}

impl Studio {
    pub(super) fn new(plan: &Plan, frame: Frame) -> Self {
        let mut dice = Dice::new(plan.seed ^ 0x57d);
        let subject = plan.things.first().and_then(|thing| thing.colour);
        let hue = dice.unit();
        let mut wall = hsl(hue, dice.range(0.22, 0.42), dice.range(0.62, 0.8));
        if let Some(colour) = subject {
            // Opposite in hue and in lightness, so that the subject stands out.
            let opposite = [1.0 - colour[0], 1.0 - colour[1], 1.0 - colour[2]];
            let light = if luma(colour) > 0.6 { 0.34 } else { 0.84 };
            wall =
                mix([light; 3], scale(opposite, light / luma(opposite).max(0.1)), 0.28).map(|c| c.min(0.96));
        }
        if let Some(colour) = plan.sky_tint.or(plan.land_tint) {
            wall = colour;
        }
        let mut light = Light::of(plan);
        light.ambient = [1.0; 3];
        light.haze = wall;
        light.side = -1.0;
        light.dark = luma(wall) < 0.3;
        light.sun = [1.0, 0.98, 0.94];
        light.shade = scale(wall, 0.42);
        let mut items = Vec::new();
        let count: u32 = plan.things.iter().map(|thing| thing.count.clamp(1, 9)).sum();
        let mut number = 0;
        for thing in &plan.things {
            for _ in 0..thing.count.clamp(1, 9) {
                let room = if count > 1 { 0.62 } else { 1.0 };
                let tall = match objects::home(thing.thing) {
                    Home::Air | Home::Ground => 0.60,
                    Home::Water => 0.40,
                };
                let size = frame.u * tall * room * thing.size.min(1.5);
                let x = frame.w * (number as f32 + 1.0) / (count as f32 + 1.0);
                let at = [x, frame.h * 0.5 + frame.u * 0.30 * room.max(0.8)];
                let mut brush = Brush {
                    items: &mut items,
                    light: &light,
                    at,
                    size,
                    flip: false,
                    haze: 0.0,
                };
                objects::draw(thing.thing, &mut brush, thing.colour, &mut dice);
                number += 1;
            }
        }
        Self {
            floor: mix(wall, [1.0; 3], 0.16),
            wall,
            spot: [frame.w * 0.36, frame.h * 0.3],
            items,
            frame,
        }
    }

    pub(super) fn row(&self, y: usize, scratch: &mut Vec<f32>, row: &mut Row) {
        let (frame, at) = (&self.frame, y as f32);
        let ground = smoothstep(frame.h * 0.5 + frame.u * 0.16, frame.h * 0.5 + frame.u * 0.34, at);
        let base = mix(self.wall, self.floor, ground);
        for (x, pixel) in row.iter_mut().enumerate() {
            let (dx, dy) = ((x as f32 - self.spot[0]) / frame.u, (at - self.spot[1]) / frame.u);
            let lit = 1.0 / (1.0 + (dx * dx + dy * dy) * 1.4);
            let plaster = TILE.fine(x as f32 / frame.u * 0.9, at / frame.u * 0.9) * 0.022
                + TILE.at(x as f32 / frame.u * 11.0, at / frame.u * 11.0) * 0.014;
            *pixel = scale(base, 0.80 + 0.27 * lit + plaster);
        }
        for item in &self.items {
            item.row(y, frame, scratch, row);
        }
    }
}
