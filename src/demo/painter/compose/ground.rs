//! Which layers of ground a plan has: behind the water, before it, and where there is none.

use super::super::brush::{ellipse, smooth};
use super::super::city::City;
use super::super::colour::{Rgb, hex, hsl, mix, scale};
use super::super::land::{Ground, Rise};
use super::super::objects::{self, Home};
use super::super::scene::Depth;
use super::super::shape::{Fill, Item, Shape};
use super::super::words::{self, Land};
use super::Builder;

impl Builder<'_> {
    pub(super) fn far(&mut self) {
        let line = self.line;
        if self.has(Land::Space) {
            self.planets();
            return;
        }
        if self.has(Land::Mountain) {
            self.push_far(Ground::Rock, line + 0.01, 0.46, 1.0, 0.66);
            self.push_far(Ground::Rock, line + 0.02, 0.50, 1.3, 0.36);
            self.push_far(Ground::Rock, line + 0.02, 0.24, 2.0, 0.22);
        }
        if self.has(Land::Hill) || self.has(Land::Field) || self.has(Land::Snow) && !self.has(Land::Mountain)
        {
            self.push_far(Ground::Slope, line - 0.06, 0.13, 0.9, 0.68);
            self.push_far(Ground::Slope, line - 0.02, 0.12, 1.3, 0.46);
        }
        if self.has(Land::Desert) && !self.has(Land::Mountain) {
            self.push_far(Ground::Rock, line, 0.12, 1.2, 0.72);
        }
        if self.has(Land::Forest) || (self.has(Land::Mountain) && !self.has(Land::Desert)) {
            if !self.has(Land::Mountain) {
                self.push_far(Ground::Slope, line - 0.05, 0.14, 1.0, 0.7);
                self.push_far(Ground::Woods, line - 0.01, 0.09, 1.3, 0.5);
            }
            self.push_far(Ground::Woods, line + 0.025, 0.045, 1.6, 0.34);
        }
        if self.has(Land::City) {
            for (height, haze) in [(0.52, 0.58), (0.5, 0.33), (0.40, 0.10)] {
                let colour = hsl(self.dice.range(0.55, 0.66), 0.14, 0.42);
                let seed = self.dice.bits();
                let city = City::new(
                    seed,
                    (line + 0.02) * self.frame.h,
                    height,
                    haze,
                    colour,
                    &self.light,
                    &self.frame,
                );
                self.behind.push(Depth::City(city));
            }
        }
        let coast = matches!(self.water, Some(words::Water::Sea)) && self.behind.is_empty();
        if coast && !self.has(Land::Island) && self.dice.chance(0.7) {
            self.headland(0.5);
        }
        if self.has(Land::Island) {
            self.island();
        }
        if self.behind.is_empty() && self.water.is_none() {
            self.push_far(Ground::Slope, line - 0.03, 0.12, 1.1, 0.6);
        }
    }

    /// A cape far off, on the side that the light leaves free.
    fn headland(&mut self, haze: f32) {
        let (w, u) = (self.frame.w, self.frame.u);
        let rise = Rise {
            centre: w * (0.5 - self.light.side * 0.52),
            half: w * 0.42,
            height: u * 0.085,
        };
        let cape = self.rise(Ground::Slope, self.line + 0.018, haze, rise);
        self.behind.push(cape);
    }

    fn island(&mut self) {
        self.headland(0.66);
        let (w, u) = (self.frame.w, self.frame.u);
        let rise = Rise {
            centre: w * (0.5 - self.light.side * 0.08),
            half: w.min(u * 1.5) * 0.26,
            height: u * 0.12,
        };
        let island = self.rise(Ground::Woods, self.line + 0.018, 0.18, rise);
        self.behind.push(island);
    }

    pub(super) fn near(&mut self) {
        let line = self.line;
        match self.water {
            Some(words::Water::River) => self.plain(line),
            Some(_) => self.bank(),
            None if self.has(Land::Space) => {}
            None => self.plain(line),
        }
    }

    /// Ground down to our feet.
    fn plain(&mut self, line: f32) {
        if self.has(Land::Snow) {
            self.push_far(Ground::Snow, line + 0.06, 0.07, 0.9, 0.36);
            if self.has(Land::Forest) {
                self.push_far(Ground::Woods, line + 0.08, 0.05, 1.4, 0.16);
            }
            self.push_far(Ground::Snow, line + 0.20, 0.11, 0.7, 0.1);
        } else if self.has(Land::Desert) {
            self.push_far(Ground::Dune, line + 0.06, 0.14, 1.5, 0.48);
            self.push_far(Ground::Dune, line + 0.18, 0.2, 1.0, 0.22);
            self.push_far(Ground::Dune, line + 0.42, 0.28, 0.6, 0.0);
        } else if self.has(Land::Field) || self.has(Land::City) {
            self.push_far(Ground::Woods, line + 0.015, 0.02, 1.4, 0.42);
            self.push_far(Ground::Grass, line + 0.045, 0.02, 0.6, 0.0);
        } else if self.has(Land::Forest) {
            self.push_far(Ground::Woods, line + 0.10, 0.06, 1.5, 0.2);
            self.push_far(Ground::Woods, line + 0.22, 0.08, 1.1, 0.08);
            self.push_far(Ground::Slope, line + 0.40, 0.10, 0.8, 0.0);
        } else {
            self.push_far(Ground::Slope, line + 0.06, 0.10, 1.1, 0.3);
            if self.has(Land::Mountain) {
                self.push_far(Ground::Woods, line + 0.13, 0.08, 1.2, 0.16);
            }
            self.push_far(Ground::Slope, line + 0.18, 0.12, 0.8, 0.14);
            self.push_far(Ground::Slope, line + 0.40, 0.16, 0.55, 0.0);
        }
    }

    /// The near shore, in a corner: it frames the water and carries what stands on land.
    fn bank(&mut self) {
        let (w, u, side) = (self.frame.w, self.frame.u, self.light.side);
        let stands = self
            .plan
            .things
            .iter()
            .any(|placed| objects::home(placed.thing) == Home::Ground);
        let centre = w * (0.5 - side * 0.55);
        let wild = self.has(Land::Mountain) || self.has(Land::Forest);
        let (ground, half, height) = if self.has(Land::Beach) {
            (Ground::Sand, w * 1.05, u * 0.29)
        } else if self.has(Land::Snow) {
            (Ground::Snow, w * 0.95, u * 0.22)
        } else if stands && self.water == Some(words::Water::Sea) {
            (Ground::Slope, w * 0.78, u * 0.25)
        } else if stands {
            (Ground::Slope, w * 0.85, u * 0.22)
        } else if wild {
            (Ground::Woods, w * 0.6, u * 0.15)
        } else {
            return;
        };
        let bank = self.rise(ground, 1.005, 0.0, Rise { centre, half, height });
        self.before.push(bank);
    }

    fn planets(&mut self) {
        let (w, h, u, side) = (self.frame.w, self.frame.h, self.frame.u, self.light.side);
        let hue = self.dice.unit();
        let body = self.plan.land_tint.unwrap_or_else(|| hsl(hue, 0.5, 0.5));
        let mut ball = |at: [f32; 2], radius: f32, colour: Rgb, dark: Rgb| {
            let rim = mix(colour, [1.0; 3], 0.4);
            self.far_items.push(Item::Glow {
                at,
                radius: radius * 0.98,
                colour: rim,
                strength: 0.5,
            });
            let fill = Fill::Linear {
                from: [at[0] + side * radius * 0.75, at[1] - radius * 0.75],
                to: [at[0] - side * radius * 0.35, at[1] + radius * 0.55],
                colours: [mix(colour, [1.0; 3], 0.25), dark],
            };
            self.far_items.push(Item::Shape(Shape::new(
                smooth(&ellipse(at, [radius, radius])),
                fill,
            )));
        };
        let night = scale(mix(body, hex(0x0a_10_24), 0.85), 0.6);
        ball(
            [w * (0.5 + side * 0.27), h * 0.27],
            u * 0.075,
            hsl(hue + 0.42, 0.3, 0.62),
            hex(0x14_16_26),
        );
        ball(
            [w * (0.5 - side * 0.12), h * 0.5 + u * 0.75],
            u * 0.72,
            body,
            night,
        );
    }
}
