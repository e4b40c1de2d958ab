//! A plan to a scene: which layers lie where, and what stands on them.

mod ground;
mod things;

use super::colour::{Rgb, hex, mix, tint};
use super::frame::Frame;
use super::land::{Ground, Layer, Recipe, Rise};
use super::light::Light;
use super::noise::Dice;
use super::plan::Plan;
use super::scene::{Depth, Scene};
use super::shape::Item;
use super::sky::Sky;
use super::water::{Bed, Water};
use super::weather::Weather;
use super::words::{self, Filter, Land, Time};
use things::Placement;

pub(super) use things::added;

/// Places the things of a plan and the layers below them.
struct Builder<'a> {
    plan: &'a Plan,
    light: Light,
    frame: Frame,
    dice: Dice,
    /// The horizon, in parts of the height.
    line: f32,
    behind: Vec<Depth>,
    before: Vec<Depth>,
    far_items: Vec<Item>,
    water: Option<words::Water>,
}

/// The scene of a plan.
pub(super) fn scene(plan: &Plan, frame: Frame) -> Scene {
    let light = Light::of(plan);
    let mut dice = Dice::new(plan.seed ^ 0x5ce);
    let line = dice.range(0.55, 0.63);
    let mut water = plan.water;
    // A skyline deserves something to be mirrored in.
    if plan.lands == [Land::City] && water.is_none() {
        water = Some(words::Water::Lake);
    }
    if plan
        .lands
        .iter()
        .any(|land| matches!(land, Land::Beach | Land::Island))
        && water.is_none()
    {
        water = Some(words::Water::Sea);
    }
    let mut builder = Builder {
        plan,
        light,
        frame,
        dice,
        line,
        behind: Vec::new(),
        before: Vec::new(),
        far_items: Vec::new(),
        water,
    };
    builder.far();
    builder.near();
    builder.finish()
}

impl Builder<'_> {
    fn has(&self, land: Land) -> bool {
        self.plan.lands.contains(&land)
    }

    fn colour(&self, ground: Ground) -> Rgb {
        let autumn = self.plan.filters.contains(&Filter::Autumn);
        let winter = self.has(Land::Snow);
        let colour = hex(match ground {
            Ground::Rock => 0x6a_6f_7b,
            Ground::Slope if winter => 0xc9_d6_e2,
            Ground::Slope if autumn => 0xb0_7a_38,
            Ground::Slope => 0x66_8f_4c,
            Ground::Woods if autumn => 0xb0_5c_2a,
            Ground::Woods if winter => 0x5b_74_7c,
            Ground::Woods => 0x35_62_45,
            Ground::Dune => 0xdf_a5_62,
            Ground::Grass if autumn => 0xb8_8d_42,
            Ground::Grass => 0x7d_a5_48,
            Ground::Sand => 0xe8_d2_a4,
            Ground::Snow => 0xee_f2_f7,
        });
        match self.plan.land_tint {
            Some(dye) => tint(colour, dye, 0.75),
            None => colour,
        }
    }

    /// A layer by its ground, foot, height, waves, haze.
    fn recipe(&mut self, ground: Ground, base: f32, height: f32, frequency: f32, haze: f32) -> Recipe {
        Recipe {
            ground,
            seed: self.dice.bits(),
            base,
            height,
            frequency,
            colour: self.colour(ground),
            haze,
            snow: if self.has(Land::Snow) || self.plan.snow > 0.0 {
                0.12
            } else {
                0.5
            },
            rise: None,
        }
    }

    /// A layer without waves of its own that rises around a column.
    fn rise(&mut self, ground: Ground, base: f32, haze: f32, rise: Rise) -> Depth {
        let mut recipe = self.recipe(ground, base, 0.0, 1.0, haze);
        recipe.rise = Some(rise);
        if ground == Ground::Slope && self.water == Some(words::Water::Sea) && self.plan.land_tint.is_none() {
            // Cliffs by the sea are bare.
            recipe.colour = mix(recipe.colour, hex(0x5c_5f_66), 0.7);
        }
        Depth::Land(Layer::new(recipe, &self.light, &self.frame))
    }

    fn push_far(&mut self, ground: Ground, base: f32, height: f32, frequency: f32, haze: f32) {
        let recipe = self.recipe(ground, base, height, frequency, haze);
        self.behind
            .push(Depth::Land(Layer::new(recipe, &self.light, &self.frame)));
    }

    fn finish(mut self) -> Scene {
        let (plan, frame) = (self.plan, self.frame);
        let horizon = if self.has(Land::Space) {
            frame.h
        } else {
            self.line * frame.h
        };
        let sky = Sky::new(plan, &self.light, &frame, horizon);
        let mut hidden = vec![f32::MAX; frame.columns()];
        for depth in self.behind.iter_mut().rev() {
            if let Depth::Land(layer) = depth {
                layer.hide(&mut hidden);
            }
        }
        let top = (self.line + 0.018) * frame.h;
        let sparkle = sky
            .sun_x()
            .filter(|_| !plan.storm || plan.time == Some(Time::Night));
        let water = self.water.map(|kind| {
            Water::new(
                kind,
                top.floor(),
                &self.light,
                sparkle,
                plan.storm,
                plan.water_tint,
                plan.seed,
            )
        });
        let river = self.water == Some(words::Water::River);
        let bed = river.then(|| Bed::new(((self.line + 0.05) * frame.h).floor(), plan.seed));
        let mut placed = Placement {
            afloat: Vec::new(),
            near: Vec::new(),
        };
        self.things(&mut placed, top);
        Scene {
            frame,
            sky,
            behind: self.behind,
            far_items: self.far_items,
            water,
            bed,
            afloat: placed.afloat,
            before: self.before,
            near_items: placed.near,
            weather: Weather::new(plan, &self.light, &frame),
        }
    }
}
