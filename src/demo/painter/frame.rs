//! The measures of a picture and the row that is being painted: everything is placed in parts of the frame, so that
//! the same picture comes out at every size.

use super::colour::{Rgb, mix};

/// The size of a picture in pixels, and the unit that things are measured in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    pub(super) w: f32,
    pub(super) h: f32,
    /// About the shorter side: what a thing of size 1 is high.
    pub(super) u: f32,
}

impl Frame {
    pub(super) fn new(width: u32, height: u32) -> Self {
        let (w, h) = (width as f32, height as f32);
        Self {
            w,
            h,
            u: h.min(w * 1.1),
        }
    }

    pub(super) fn columns(&self) -> usize {
        self.w as usize
    }
}

/// One row of pixels.
pub(super) type Row = [Rgb];

/// Lays `colour` over a pixel by its coverage.
#[inline]
pub(super) fn lay(pixel: &mut Rgb, colour: Rgb, coverage: f32) {
    *pixel = mix(*pixel, colour, coverage);
}
