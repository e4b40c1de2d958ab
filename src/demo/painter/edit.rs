//! A picture that somebody gave, changed as the words say: its own pixels in another light, with what is added
//! painted into it.

use fast_image_resize as fir;

use super::Picture;
use super::colour::{Rgb, luma, mix, scale, tint};
use super::compose;
use super::frame::{Frame, Row, lay};
use super::light::Light;
use super::plan::Plan;
use super::shape::Item;
use super::sky::Sky;
use super::tone;
use super::weather::Weather;
use super::words::{Filter, Time};

pub(super) struct Edit<'a> {
    plan: &'a Plan,
    base: Picture,
    frame: Frame,
    sky: Option<Sky>,
    items: Vec<Item>,
    weather: Weather,
}

impl<'a> Edit<'a> {
    pub(super) fn new(plan: &'a Plan, given: &Picture, width: u32, height: u32) -> Self {
        let frame = Frame::new(width, height);
        let base = fit(
            given,
            width,
            height,
            if plan.filters.contains(&Filter::Zoom) {
                0.66
            } else {
                1.0
            },
        );
        let light = Light::in_picture(mean(&base), plan);
        let lights = plan.sun.is_some()
            || plan.moon.is_some()
            || plan.stars.is_some()
            || plan.time == Some(Time::Night);
        let sky = lights || plan.clouds.is_some() || plan.aurora || plan.rainbow || plan.lightning;
        Self {
            sky: sky.then(|| Sky::lights(plan, &light, &frame)),
            items: compose::added(plan, frame, &light, 0.88),
            weather: Weather::new(plan, &light, &frame),
            plan,
            base,
            frame,
        }
    }

    pub(super) fn row(&self, y: usize, scratch: &mut Vec<f32>, row: &mut Row) {
        let at = y as f32;
        let bytes = &self.base.rgb[y * row.len() * 3..][..row.len() * 3];
        for (pixel, byte) in row.iter_mut().zip(bytes.chunks_exact(3)) {
            *pixel = std::array::from_fn(|channel| f32::from(byte[channel]) / 255.0);
        }
        tone::relight(self.plan, at, &self.frame, row);
        self.dye(at, row);
        if let Some(sky) = &self.sky {
            sky.shine(at, &self.frame, row);
            sky.over(at, &self.frame, row, 1.0);
        }
        if self.plan.snow > 0.0 {
            self.frost(at, row);
        }
        for item in &self.items {
            item.row(y, &self.frame, scratch, row);
        }
        self.weather.row(at, &self.frame, row);
    }

    /// Colours that were named for the sky, the land or the water go to where those are likely to be.
    fn dye(&self, at: f32, row: &mut Row) {
        let down = at / self.frame.h;
        for (colour, share) in [
            (
                self.plan.sky_tint,
                if self.plan.nouns.is_empty() {
                    0.6
                } else {
                    0.75 * (1.0 - down * 1.4).max(0.0)
                },
            ),
            (self.plan.land_tint, 0.7 * down),
            (self.plan.water_tint, 0.7 * down),
        ] {
            if let Some(colour) = colour {
                for pixel in row.iter_mut() {
                    *pixel = tint(*pixel, colour, share);
                }
            }
        }
    }

    /// Snow that has settled: what is light and lies low turns white.
    fn frost(&self, at: f32, row: &mut Row) {
        let down = (at / self.frame.h - 0.3).clamp(0.0, 0.6) * 1.35;
        for pixel in row.iter_mut() {
            let light = luma(*pixel);
            let white = scale([0.95, 0.97, 1.0], 0.55 + light * 0.6);
            lay(pixel, white, (down * (0.45 + light)).min(0.72));
        }
    }
}

fn mean(picture: &Picture) -> Rgb {
    let mut sum = [0.0f64; 3];
    let step = (picture.rgb.len() / 3 / 4096).max(1);
    let mut count = 0.0;
    for pixel in picture.rgb.chunks_exact(3).step_by(step) {
        for (total, byte) in sum.iter_mut().zip(pixel) {
            *total += f64::from(*byte) / 255.0;
        }
        count += 1.0;
    }
    mix([0.0; 3], sum.map(|total| (total / count) as f32), 1.0)
}

/// The picture at another size: the largest part of it with the wanted proportions, from its middle.
pub(super) fn fit(given: &Picture, width: u32, height: u32, part: f64) -> Picture {
    let scaled = resize(given, width, height, part);
    // Sizes that the scaler refuses do not come from the table of ratios; a flat field is still an answer.
    let rgb = scaled.unwrap_or_else(|| vec![128; width as usize * height as usize * 3]);
    Picture { width, height, rgb }
}

fn resize(given: &Picture, width: u32, height: u32, part: f64) -> Option<Vec<u8>> {
    let source =
        fir::images::ImageRef::new(given.width, given.height, &given.rgb, fir::PixelType::U8x3).ok()?;
    let mut target = fir::images::Image::new(width, height, fir::PixelType::U8x3);
    let (w, h) = (f64::from(given.width), f64::from(given.height));
    let ratio = f64::from(width) / f64::from(height);
    let (cut_w, cut_h) = if w / h > ratio {
        (h * ratio * part, h * part)
    } else {
        (w * part, w / ratio * part)
    };
    let options = fir::ResizeOptions::new()
        .resize_alg(fir::ResizeAlg::Convolution(fir::FilterType::CatmullRom))
        .crop((w - cut_w) / 2.0, (h - cut_h) / 2.0, cut_w, cut_h);
    fir::Resizer::new().resize(&source, &mut target, &options).ok()?;
    Some(target.into_vec())
}
