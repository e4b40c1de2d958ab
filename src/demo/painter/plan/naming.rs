//! What naming, resizing, colouring and removing a thing does to a plan.

use super::super::colour::Rgb;
use super::super::words::{Meaning, Sky, Thing, Time, Weather};
use super::grammar::{Noun, Pending};
use super::{Orb, Placed, Plan};

impl Plan {
    pub(super) fn name(&mut self, meaning: Meaning, pending: &Pending) -> Option<Noun> {
        let noun = match meaning {
            Meaning::Time(time) => {
                self.light(time);
                return None;
            }
            Meaning::Land(land) => {
                if !self.lands.contains(&land) {
                    self.lands.push(land);
                }
                Noun::Land
            }
            Meaning::Water(water) => {
                self.water = Some(water);
                Noun::Water
            }
            Meaning::Thing(thing) => {
                let known = self.things.iter().position(|placed| placed.thing == thing);
                let index = known.unwrap_or_else(|| {
                    let count = if matches!(thing, Thing::Flower | Thing::Bird | Thing::Pine) {
                        5
                    } else {
                        1
                    };
                    self.things.push(Placed {
                        thing,
                        colour: None,
                        size: 1.0,
                        count,
                    });
                    self.things.len() - 1
                });
                if let Some(count) = pending.count {
                    self.things[index].count = count;
                }
                Noun::Thing(index)
            }
            Meaning::Sky(sky) => self.name_sky(sky, pending),
            Meaning::Weather(weather) => self.name_weather(weather),
            _ => return None,
        };
        if let Some(factor) = pending.factor {
            self.resize(noun, factor);
        }
        if let Some(colour) = pending.colour {
            self.colour(noun, colour);
        }
        Some(noun)
    }

    fn light(&mut self, time: Time) {
        if time == Time::Storm {
            self.storm = true;
            self.rain = self.rain.max(0.7);
        } else {
            self.time = Some(time);
        }
        if matches!(time, Time::Morning | Time::Noon | Time::Dawn) {
            self.moon = None;
        }
        if time == Time::Night {
            self.sun = None;
        }
    }

    fn name_sky(&mut self, sky: Sky, pending: &Pending) -> Noun {
        match sky {
            Sky::Sun => {
                self.sun.get_or_insert(Orb::PLAIN);
                Noun::Sun
            }
            Sky::Moon => {
                self.moon.get_or_insert(Orb::PLAIN).crescent |= pending.crescent;
                Noun::Moon
            }
            Sky::Stars => {
                self.stars.get_or_insert(1.0);
                Noun::Stars
            }
            Sky::Clouds => {
                self.clouds.get_or_insert(0.6);
                Noun::Clouds
            }
            Sky::Aurora => {
                self.aurora = true;
                Noun::Sky
            }
            Sky::Rainbow => {
                self.rainbow = true;
                Noun::Sky
            }
        }
    }

    fn name_weather(&mut self, weather: Weather) -> Noun {
        match weather {
            Weather::Snow => {
                self.snow = self.snow.max(0.6);
                Noun::Snow
            }
            Weather::Rain => {
                self.rain = self.rain.max(0.7);
                Noun::Rain
            }
            Weather::Fog => {
                self.fog = self.fog.max(0.6);
                Noun::Fog
            }
            Weather::Lightning => {
                self.lightning = true;
                self.storm = true;
                Noun::Sky
            }
        }
    }

    pub(super) fn resize(&mut self, noun: Noun, factor: f32) {
        let grow = |orb: &mut Option<Orb>| {
            let orb = orb.get_or_insert(Orb::PLAIN);
            orb.size = (orb.size * factor).clamp(0.25, 4.5);
        };
        match noun {
            Noun::Thing(index) => {
                let placed = &mut self.things[index];
                placed.size = (placed.size * factor.sqrt().clamp(0.7, 1.35)).clamp(0.3, 2.4);
            }
            Noun::Sun => grow(&mut self.sun),
            Noun::Moon => grow(&mut self.moon),
            Noun::Stars => self.stars = Some(self.stars.unwrap_or(1.0) * factor),
            Noun::Clouds => self.clouds = Some((self.clouds.unwrap_or(0.5) * factor).min(1.0)),
            Noun::Snow => self.snow = (self.snow * factor).min(1.5),
            Noun::Rain => self.rain = (self.rain * factor).min(1.5),
            Noun::Fog => self.fog = (self.fog * factor).min(1.2),
            Noun::Sky | Noun::Land | Noun::Water => {}
        }
    }

    pub(super) fn colour(&mut self, noun: Noun, colour: Rgb) {
        let dye = |orb: &mut Option<Orb>| orb.get_or_insert(Orb::PLAIN).colour = Some(colour);
        match noun {
            Noun::Thing(index) => self.things[index].colour = Some(colour),
            Noun::Sun => dye(&mut self.sun),
            Noun::Moon => dye(&mut self.moon),
            Noun::Land | Noun::Snow => self.land_tint = Some(colour),
            Noun::Water => self.water_tint = Some(colour),
            Noun::Sky | Noun::Stars | Noun::Clouds | Noun::Rain | Noun::Fog => self.sky_tint = Some(colour),
        }
    }

    pub(super) fn remove(&mut self, meaning: Meaning) {
        match meaning {
            Meaning::Thing(thing) => self.things.retain(|placed| placed.thing != thing),
            Meaning::Land(land) => self.lands.retain(|known| *known != land),
            Meaning::Water(_) => self.water = None,
            Meaning::Sky(Sky::Sun) => self.sun = None,
            Meaning::Sky(Sky::Moon) => self.moon = None,
            Meaning::Sky(Sky::Stars) => self.stars = Some(0.0),
            Meaning::Sky(Sky::Clouds) => self.clouds = Some(0.0),
            Meaning::Sky(Sky::Aurora) => self.aurora = false,
            Meaning::Sky(Sky::Rainbow) => self.rainbow = false,
            Meaning::Weather(Weather::Snow) => self.snow = 0.0,
            Meaning::Weather(Weather::Rain) => self.rain = 0.0,
            Meaning::Weather(Weather::Fog) => self.fog = 0.0,
            Meaning::Weather(Weather::Lightning) => self.lightning = false,
            Meaning::Time(Time::Storm) => {
                self.storm = false;
                self.rain = 0.0;
            }
            _ => {}
        }
    }
}
