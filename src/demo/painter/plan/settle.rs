//! What a prompt leaves open: a place and a light, from what it says and, where it says nothing, from its seed.

use super::super::colour::hsl;
use super::super::noise::Dice;
use super::super::words::{Land, Thing, Time, Water};
use super::{Orb, Plan};

impl Plan {
    /// Completes what the first text left open, from what it said and, where it said nothing, from its seed.
    pub(super) fn settle(&mut self) {
        let mut dice = Dice::new(self.seed);
        let has =
            |plan: &Self, things: &[Thing]| plan.things.iter().any(|placed| things.contains(&placed.thing));
        if self.snow > 0.0 && !self.lands.contains(&Land::Snow) {
            self.lands.push(Land::Snow);
        }
        if has(self, &[Thing::Lighthouse]) && self.water.is_none() {
            self.water = Some(Water::Sea);
        }
        let nowhere = self.lands.is_empty() && self.water.is_none();
        if nowhere && !self.things.is_empty() && self.sun.is_none() && self.moon.is_none() {
            use Thing as T;
            let still = [
                T::Square,
                T::Circle,
                T::Triangle,
                T::Star,
                T::Heart,
                T::Cup,
                T::Apple,
                T::Robot,
                T::Mushroom,
            ];
            self.studio |= self.time.is_none() && has(self, &still);
        }
        if nowhere && !self.studio {
            self.place(&mut dice);
        }
        if self.time.is_none() && !self.studio {
            let night = self.moon.is_some() || self.aurora || self.stars.is_some_and(|stars| stars > 0.0);
            let grey = self.rain > 0.0 || self.fog > 0.0;
            self.time = Some(if night || self.lands.contains(&Land::Space) {
                Time::Night
            } else if self.storm {
                Time::Storm
            } else if grey {
                Time::Overcast
            } else {
                let city = self.lands.contains(&Land::City);
                let choice = [
                    Time::Dawn,
                    Time::Morning,
                    Time::Sunset,
                    Time::Dusk,
                    Time::Morning,
                    Time::Noon,
                ];
                choice[dice.below(if city { 4 } else { 6 })]
            });
        }
    }

    /// Chooses a place for a prompt that names none.
    fn place(&mut self, dice: &mut Dice) {
        use Thing as T;
        let is = |thing: T| self.things.iter().any(|placed| placed.thing == thing);
        if is(T::Sailboat) || is(T::Ship) || is(T::Whale) || is(T::Fish) || is(T::Lighthouse) {
            self.water = Some(Water::Sea);
        } else if is(T::Palm) {
            self.lands.push(Land::Beach);
        } else if is(T::Cactus) {
            self.lands.push(Land::Desert);
        } else if is(T::Pine) || is(T::Owl) || is(T::Bear) || is(T::Wolf) {
            self.lands.push(Land::Forest);
        } else if is(T::Rocket) {
            self.lands.push(Land::Desert);
        } else if is(T::Castle) || is(T::Bridge) {
            self.lands.extend([Land::Mountain, Land::Hill]);
        } else if !self.things.is_empty() {
            self.lands
                .push(if dice.chance(0.5) { Land::Hill } else { Land::Field });
        } else {
            let lands = [
                Land::Mountain,
                Land::Hill,
                Land::Desert,
                Land::Forest,
                Land::Field,
                Land::Space,
                Land::Island,
            ];
            self.lands.push(lands[dice.below(lands.len())]);
            if dice.chance(0.45) {
                self.water = Some([Water::Lake, Water::Sea, Water::River][dice.below(3)]);
            }
            // A prompt without a known word still gets a light that is its own.
            if self.nouns.is_empty() && self.sky_tint.is_none() {
                let hue = dice.unit();
                self.sky_tint = Some(hsl(hue, 0.55, 0.55));
                if dice.chance(0.5) {
                    let moon = dice.chance(0.5);
                    let orb = Orb {
                        size: dice.range(1.0, 3.0),
                        ..Orb::PLAIN
                    };
                    if moon {
                        self.moon = Some(orb);
                    } else {
                        self.sun = Some(orb);
                    }
                }
            }
        }
    }
}
