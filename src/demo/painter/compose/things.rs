//! Where the things of a plan stand, float and fly.

use super::super::brush::Brush;
use super::super::frame::Frame;
use super::super::light::Light;
use super::super::noise::Dice;
use super::super::objects::{self, Home};
use super::super::plan::{Placed, Plan};
use super::super::scene::Depth;
use super::super::shape::Item;
use super::super::words::{Land, Thing};
use super::Builder;

/// What has been placed where.
pub(super) struct Placement {
    pub(super) afloat: Vec<Item>,
    pub(super) near: Vec<Item>,
}

impl Builder<'_> {
    pub(super) fn things(&mut self, placed: &mut Placement, waterline: f32) {
        let frame = self.frame;
        let mut dice = Dice::new(self.plan.seed ^ 0x0b9);
        let mut taken = 0;
        for thing in &self.plan.things {
            let home = objects::home(thing.thing);
            if thing.thing == Thing::Flower && thing.count > 1 {
                self.meadow(thing, &mut placed.near);
                continue;
            }
            for number in 0..thing.count.clamp(1, 9) {
                let spread = if number == 0 { 0.0 } else { dice.range(-1.0, 1.0) };
                let alone = if number == 0 { 1.0 } else { dice.range(0.6, 0.95) };
                let size = objects::height(thing.thing) * thing.size * alone * frame.u;
                // The first thing stands on a line of thirds, away from the light; the next ones find room.
                let slot = [0.17, -0.21, -0.02, 0.36, -0.38, 0.27][taken % 6] * -self.light.side;
                let x = frame.w * (0.5 + slot) + spread * frame.w.min(frame.u * 1.5) * 0.3;
                let x = x.clamp(frame.w * 0.06, frame.w * 0.94);
                let at = self.foot(home, x, size, number, waterline, &mut dice);
                let items = match home {
                    Home::Water if self.water.is_some() => &mut placed.afloat,
                    _ => &mut placed.near,
                };
                let before = items.len();
                let mut brush = Brush {
                    items,
                    light: &self.light,
                    at,
                    size,
                    flip: if thing.count > 1 {
                        dice.chance(0.5)
                    } else {
                        self.light.side > 0.0
                    },
                    haze: if home == Home::Air { 0.1 } else { 0.02 },
                };
                objects::draw(thing.thing, &mut brush, thing.colour, &mut dice);
                if home == Home::Water && self.water.is_some() {
                    let mirrored: Vec<_> = items[before..]
                        .iter()
                        .filter_map(|item| item.reflected(at[1], frame.u * 0.012, 0.45))
                        .collect();
                    items.splice(before..before, mirrored);
                }
            }
            taken += 1;
        }
    }

    /// Many flowers over the near ground, larger the nearer they are.
    fn meadow(&self, thing: &Placed, items: &mut Vec<Item>) {
        let frame = self.frame;
        let mut dice = Dice::new(self.plan.seed ^ 0xf10);
        let far = self.line + 0.09;
        let count = (frame.w / frame.u * 34.0) as usize;
        let mut depths: Vec<f32> = (0..count).map(|_| dice.unit()).collect();
        depths.sort_by(f32::total_cmp);
        for depth in depths {
            let size = objects::height(Thing::Flower) * thing.size * frame.u * (0.12 + 0.9 * depth * depth);
            let at = [dice.unit() * frame.w, frame.h * (far + (1.02 - far) * depth)];
            let haze = 0.3 * (1.0 - depth);
            let mut brush = Brush {
                items,
                light: &self.light,
                at,
                size,
                flip: dice.chance(0.5),
                haze,
            };
            objects::draw(Thing::Flower, &mut brush, thing.colour, &mut dice);
        }
    }

    /// Where a thing's foot is, in pixels.
    fn foot(&self, home: Home, x: f32, size: f32, number: u32, waterline: f32, dice: &mut Dice) -> [f32; 2] {
        let frame = self.frame;
        match home {
            Home::Air => [
                x + dice.range(-0.1, 0.1) * frame.u,
                frame.h * dice.range(0.26, 0.4) + size * 0.5,
            ],
            Home::Water if self.water.is_some() => {
                let depth = 0.09 + 0.12 * dice.unit() + 0.02 * number as f32;
                [x, waterline + depth * frame.u]
            }
            Home::Water | Home::Ground => {
                let near = |depths: &[Depth]| {
                    depths.iter().rev().find_map(|depth| match depth {
                        Depth::Land(layer) => Some(layer.ground(x)),
                        Depth::City(_) => None,
                    })
                };
                let ground = near(&self.before)
                    .or_else(|| near(&self.behind))
                    .unwrap_or(frame.h * 0.8);
                let wanted = frame.h * (0.84 + 0.03 * number as f32 % 0.09);
                let shore = if self.has(Land::Beach) { 0.075 } else { 0.025 };
                let y = if self.before.is_empty() {
                    wanted.max(ground + frame.u * 0.015)
                } else {
                    ground + frame.u * shore
                };
                [x, y.min(frame.h * 0.97)]
            }
        }
    }
}

/// Whether things of the plan stand in the picture that were not there before: for changes to a given picture.
pub(in super::super) fn added(plan: &Plan, frame: Frame, light: &Light, ground: f32) -> Vec<Item> {
    let mut items = Vec::new();
    let mut dice = Dice::new(plan.seed ^ 0x0b9);
    for (index, thing) in plan.things.iter().enumerate() {
        for number in 0..thing.count.clamp(1, 9) {
            let size = objects::height(thing.thing) * thing.size * frame.u;
            let spread = if number == 0 { 0.0 } else { dice.range(-0.3, 0.3) };
            let x = frame.w * (0.5 - light.side * 0.2 + 0.18 * index as f32 + spread).clamp(0.08, 0.92);
            let y = match objects::home(thing.thing) {
                Home::Air => frame.h * dice.range(0.22, 0.34) + size * 0.5,
                Home::Water | Home::Ground => frame.h * (ground + 0.02 * number as f32),
            };
            let mut brush = Brush {
                items: &mut items,
                light,
                at: [x, y],
                size,
                flip: light.side > 0.0,
                haze: 0.04,
            };
            objects::draw(thing.thing, &mut brush, thing.colour, &mut dice);
        }
    }
    items
}
