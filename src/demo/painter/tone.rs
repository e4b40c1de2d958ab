//! Changes of colour that need one pixel at a time: seasons, warmth, black and white, the light of another hour.

use super::colour::{Rgb, hex, hsl, luma, mix, multiply, saturate, scale, screen, smoothstep, tint};
use super::frame::{Frame, Row};
use super::noise::Dice;
use super::plan::Plan;
use super::words::{Filter, Time};

/// Applies the filters that are changes of tone.
pub(super) fn row(filters: &[Filter], row: &mut Row) {
    for filter in filters {
        if let Filter::Grade(seed) = filter {
            let grade = Grade::new(*seed);
            for pixel in row.iter_mut() {
                *pixel = grade.apply(*pixel);
            }
            continue;
        }
        if let Some(tone) = tone(*filter) {
            for pixel in row.iter_mut() {
                *pixel = tone(*pixel);
            }
        }
    }
}

fn tone(filter: Filter) -> Option<fn(Rgb) -> Rgb> {
    Some(match filter {
        Filter::Mono => |c| contrast([luma(c); 3], 1.12),
        Filter::Sepia => |c| {
            let light = luma(contrast(c, 1.1));
            [light * 1.04 + 0.06, light * 0.90 + 0.035, light * 0.70 + 0.02]
        },
        Filter::Brighter => |c| c.map(|v| 1.0 - (1.0 - v.clamp(0.0, 1.0)).powf(1.45)),
        Filter::Darker => |c| c.map(|v| v.clamp(0.0, 1.0).powf(1.5) * 0.9),
        Filter::Colder => |c| saturate(multiply(c, [0.84, 0.97, 1.16]), 0.95),
        Filter::Warmer => |c| multiply(screen(c, [0.05, 0.02, 0.0]), [1.10, 0.98, 0.80]),
        Filter::Vivid => |c| contrast(saturate(c, 1.6), 1.08),
        Filter::Muted => |c| mix(saturate(c, 0.45), [0.62, 0.6, 0.58], 0.16),
        Filter::Contrast => |c| contrast(c, 1.42),
        Filter::Invert => |c| c.map(|v| 1.0 - v),
        Filter::Poster => |c| saturate(c.map(|v| (v * 5.0).round() / 5.0), 1.2),
        Filter::Autumn => |c| leaves(c, hex(0xc0_6a_24)),
        Filter::Spring => |c| leaves(saturate(screen(c, [0.04; 3]), 1.1), hex(0x8c_c8_54)),
        _ => return None,
    })
}

fn contrast(colour: Rgb, amount: f32) -> Rgb {
    colour.map(|v| (v - 0.5) * amount + 0.5)
}

/// Turns what is green into another colour and leaves the rest.
fn leaves(colour: Rgb, into: Rgb) -> Rgb {
    let green = colour[1] - (colour[0] * 0.62 + colour[2] * 0.38);
    tint(colour, into, smoothstep(0.0, 0.12, green) * 0.85)
}

/// A colour grade from a seed: shadows towards one hue, lights towards another.
struct Grade {
    shadows: Rgb,
    lights: Rgb,
}

impl Grade {
    fn new(seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let hue = dice.unit();
        Self {
            shadows: hsl(hue, 0.6, 0.32),
            lights: hsl(hue + dice.range(0.35, 0.65), 0.7, 0.62),
        }
    }

    fn apply(&self, colour: Rgb) -> Rgb {
        let light = luma(colour);
        let hue = mix(self.shadows, self.lights, smoothstep(0.15, 0.85, light));
        tint(colour, hue, 0.42)
    }
}

/// Puts a picture into the light of another hour, as far as its pixels allow.
pub(super) fn relight(plan: &Plan, y: f32, frame: &Frame, row: &mut Row) {
    let up = 1.0 - y / frame.h;
    if plan.storm {
        let gloom = [0.66, 0.71, 0.76];
        for pixel in row.iter_mut() {
            *pixel = multiply(saturate(*pixel, 0.5), gloom);
        }
    }
    // Stars need a sky that lets them be seen.
    let asked = plan.stars.is_some_and(|stars| stars > 0.0).then_some(Time::Dusk);
    let Some(time) = plan.time.or(asked) else { return };
    for pixel in row.iter_mut() {
        *pixel = match time {
            Time::Night => night(*pixel, up),
            Time::Dusk => mix(multiply(*pixel, [0.62, 0.52, 0.78]), hex(0x3a_2c_66), 0.18 * up),
            Time::Sunset => screen(
                multiply(*pixel, [1.02, 0.74, 0.62]),
                scale(hex(0xff_8a_3c), 0.26 * (1.0 - (up - 0.5).abs() * 2.0).max(0.0)),
            ),
            Time::Dawn => screen(
                multiply(*pixel, [0.98, 0.86, 0.88]),
                scale(hex(0xff_c8_a4), 0.22 * up),
            ),
            Time::Morning => screen(multiply(*pixel, [1.03, 1.0, 0.93]), [0.05, 0.045, 0.03]),
            Time::Noon => saturate(pixel.map(|v| 1.0 - (1.0 - v.clamp(0.0, 1.0)).powf(1.3)), 1.15),
            Time::Overcast => mix(saturate(*pixel, 0.45), [0.7, 0.73, 0.76], 0.2),
            Time::Storm => *pixel,
        };
    }
}

fn night(pixel: Rgb, up: f32) -> Rgb {
    let light = luma(pixel);
    // A bright sky must fall further than bright windows near the ground.
    let fall = 0.52 - 0.14 * up;
    let dark = multiply(saturate(pixel, 0.6), [fall * 0.72, fall * 0.95, fall * 1.5]);
    let lamps = smoothstep(0.72, 0.98, light)
        * (1.0 - up * 1.7).clamp(0.0, 1.0)
        * smoothstep(0.05, 0.3, pixel[0] - pixel[2]);
    mix(mix(dark, hex(0x0b_16_34), 0.22), pixel, lamps * 0.8)
}
