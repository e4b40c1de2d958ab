//! Images with alpha become plain pixels: composed over what shows through them. Every protocol is given the result, so
//! that an image looks the same on every terminal.

use png::ColorType;

/// The two shades of the checkerboard: black lines are seen on both, and white ones on the darker.
const LIGHT: [u8; 3] = [0xf2; 3];
const SHADE: [u8; 3] = [0xcc; 3];

/// Squares along the longer side of an image.
const SQUARES: u32 = 32;

/// What shows through an image where it is transparent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Backdrop {
    /// One colour: the terminal's background, where it is known.
    Colour([u8; 3]),
    /// A light checkerboard, which looks like nothing that an image might show by itself.
    Checkerboard,
}

impl Backdrop {
    pub const BLACK: Self = Self::Colour([0; 3]);
    pub const WHITE: Self = Self::Colour([255; 3]);

    /// The terminal's background, if it has told it.
    pub fn of_terminal(background: Option<[u8; 3]>) -> Self {
        background.map_or(Self::Checkerboard, Self::Colour)
    }

    /// The colour of what has not arrived yet: the background, or black where it is unknown.
    pub fn blank(self) -> [u8; 3] {
        match self {
            Self::Colour(colour) => colour,
            Self::Checkerboard => [0; 3],
        }
    }

    /// The backdrop laid out behind an image of this size.
    pub(super) fn behind(self, (width, height): (u32, u32)) -> Ground {
        Ground {
            backdrop: self,
            square: (width.max(height) / SQUARES).max(1) as usize,
        }
    }
}

impl From<[u8; 3]> for Backdrop {
    fn from(colour: [u8; 3]) -> Self {
        Self::Colour(colour)
    }
}

/// A backdrop behind an image of a certain size.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ground {
    backdrop: Backdrop,
    /// Pixels along a square of the checkerboard.
    square: usize,
}

impl Ground {
    fn at(self, x: usize, y: usize) -> [u8; 3] {
        match self.backdrop {
            Backdrop::Colour(colour) => colour,
            Backdrop::Checkerboard if (x / self.square + y / self.square).is_multiple_of(2) => LIGHT,
            Backdrop::Checkerboard => SHADE,
        }
    }
}

/// The samples of a decoded pixel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    Gray,
    GrayAlpha,
    Rgb,
    Rgba,
}

impl Layout {
    pub(super) fn of(colour: ColorType) -> Self {
        match colour {
            ColorType::Grayscale => Self::Gray,
            ColorType::GrayscaleAlpha => Self::GrayAlpha,
            // A palette was expanded by the transformation.
            ColorType::Rgb | ColorType::Indexed => Self::Rgb,
            ColorType::Rgba => Self::Rgba,
        }
    }

    /// Composes the row `y` of such pixels over the ground, into a row of plain ones.
    pub(super) fn compose(self, row: &[u8], target: &mut [u8], ground: Ground, y: usize) {
        let (pixels, _) = target.as_chunks_mut::<3>();
        match self {
            Self::Gray => pixels
                .iter_mut()
                .zip(row)
                .for_each(|(pixel, &gray)| *pixel = [gray; 3]),
            Self::GrayAlpha => {
                for ((x, pixel), &[gray, alpha]) in pixels.iter_mut().enumerate().zip(row.as_chunks::<2>().0)
                {
                    *pixel = over([gray; 3], alpha, || ground.at(x, y));
                }
            }
            Self::Rgb => {
                let bytes = row.len().min(target.len());
                target[..bytes].copy_from_slice(&row[..bytes]);
            }
            Self::Rgba => {
                let row = row.as_chunks::<4>().0;
                for ((x, pixel), &[red, green, blue, alpha]) in pixels.iter_mut().enumerate().zip(row) {
                    *pixel = over([red, green, blue], alpha, || ground.at(x, y));
                }
            }
        }
    }
}

/// A pixel that is not premultiplied over one that is opaque, in gamma-encoded light as every viewer composes.
fn over(colour: [u8; 3], alpha: u8, under: impl FnOnce() -> [u8; 3]) -> [u8; 3] {
    if alpha == u8::MAX {
        return colour;
    }
    let under = under();
    std::array::from_fn(|channel| {
        let alpha = u32::from(alpha);
        let sum = u32::from(colour[channel]) * alpha + u32::from(under[channel]) * (255 - alpha) + 127;
        u8::try_from(sum / 255).unwrap_or(u8::MAX)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checkerboard_has_as_many_squares_on_every_image() {
        for side in [64_u32, 4096] {
            let ground = Backdrop::Checkerboard.behind((side, side / 2));
            let row: Vec<_> = (0..side as usize).map(|x| ground.at(x, 0)).collect();
            let changes = row.windows(2).filter(|pair| pair[0] != pair[1]).count();
            assert_eq!(changes, 31, "{side}");
            assert_ne!(ground.at(0, 0), ground.at(0, side as usize / 32));
        }
        assert_ne!(
            Backdrop::Checkerboard.behind((1, 2)).at(0, 0),
            Backdrop::Checkerboard.behind((1, 2)).at(0, 1)
        );
    }
}
