//! A scene: layers of ground, water between them, things on both, and how one row of it is painted.
//! What goes where is [`super::compose`]'s.

use super::city::City;
use super::colour::Rgb;
use super::frame::{Frame, Row, lay};
use super::land::Layer;
use super::shape::Item;
use super::sky::Sky;
use super::water::{Bed, Water};
use super::weather::Weather;

/// One layer of the ground, far ones first.
pub(super) enum Depth {
    Land(Layer),
    City(City),
}

impl Depth {
    fn row(&self, y: f32, frame: &Frame, row: &mut Row) {
        match self {
            Self::Land(layer) => layer.row(y, frame, row),
            Self::City(city) => city.row(y, frame, row),
        }
    }

    /// The row below which nothing behind it can be seen.
    fn covers(&self) -> f32 {
        match self {
            Self::Land(layer) => layer.lowest + 2.0,
            Self::City(_) => f32::MAX,
        }
    }
}

pub(super) struct Scene {
    pub(super) frame: Frame,
    pub(super) sky: Sky,
    /// What stands behind the water or the near ground.
    pub(super) behind: Vec<Depth>,
    pub(super) far_items: Vec<Item>,
    pub(super) water: Option<Water>,
    /// Where the water runs, when it does not fill its rows.
    pub(super) bed: Option<Bed>,
    /// What floats on the water.
    pub(super) afloat: Vec<Item>,
    pub(super) before: Vec<Depth>,
    pub(super) near_items: Vec<Item>,
    pub(super) weather: Weather,
}

/// Buffers of one row, so that no row allocates them again.
pub(super) struct Scratch {
    above: Vec<Rgb>,
    mirror: Vec<Rgb>,
    pub(super) shape: Vec<f32>,
}

impl Scratch {
    pub(super) fn new(frame: &Frame) -> Self {
        let empty = || vec![[0.0; 3]; frame.columns()];
        Self {
            above: empty(),
            mirror: empty(),
            shape: Vec::new(),
        }
    }
}

impl Scene {
    /// Paints a row of the scene.
    pub(super) fn row(&self, y: usize, scratch: &mut Scratch, row: &mut Row) {
        let (frame, at) = (&self.frame, y as f32);
        match &self.water {
            Some(water) if self.bed.is_none() && at >= water.top => {
                let mirrored = water.mirror(at, frame);
                self.above(mirrored, &mut scratch.shape, &mut scratch.above);
                water.row(at, frame, &scratch.above, row);
            }
            _ => self.above(at, &mut scratch.shape, row),
        }
        for item in &self.afloat {
            item.row(y, frame, &mut scratch.shape, row);
        }
        for depth in &self.before {
            depth.row(at, frame, row);
        }
        if let (Some(bed), Some(water)) = (&self.bed, &self.water) {
            self.river(bed, water, at, scratch, row);
        }
        for item in &self.near_items {
            item.row(y, frame, &mut scratch.shape, row);
        }
        self.weather.row(at, frame, row);
    }

    /// Everything but the water and what is before it; `at` may lie between two rows.
    fn above(&self, at: f32, shape: &mut Vec<f32>, row: &mut Row) {
        let hidden = self.behind.iter().rposition(|depth| at > depth.covers());
        if hidden.is_none() {
            self.sky.row(at, &self.frame, row);
        }
        for depth in &self.behind[hidden.unwrap_or(0)..] {
            depth.row(at, &self.frame, row);
        }
        for item in &self.far_items {
            item.row(at as usize, &self.frame, shape, row);
        }
    }

    fn river(&self, bed: &Bed, water: &Water, at: f32, scratch: &mut Scratch, row: &mut Row) {
        if at < bed.top {
            return;
        }
        let mirrored = (bed.top * 2.0 - at).clamp(0.0, bed.top - 1.0);
        self.above(mirrored, &mut scratch.shape, &mut scratch.above);
        water.row(at, &self.frame, &scratch.above, &mut scratch.mirror);
        for (x, pixel) in row.iter_mut().enumerate() {
            let coverage = bed.coverage(x as f32, at, &self.frame);
            if coverage > 0.0 {
                lay(pixel, scratch.mirror[x], coverage);
            }
        }
    }
}
