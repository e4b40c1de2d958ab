//! Pixels in memory, the one form that every encoder here reads. It knows no file format.

use super::Window;

/// A picture as plain sRGB, without alpha.
#[derive(Clone, PartialEq, Eq)]
pub struct Pixmap {
    pub width: u32,
    pub height: u32,
    /// Three bytes a pixel, row by row from the top: `width * height * 3` of them.
    pub rgb: Vec<u8>,
}

impl Pixmap {
    /// A picture of one colour.
    pub fn filled(width: u32, height: u32, colour: [u8; 3]) -> Self {
        let pixels = width as usize * height as usize;
        let rgb = if colour == [0; 3] {
            vec![0; pixels * 3]
        } else {
            colour.repeat(pixels)
        };
        Self { width, height, rgb }
    }

    /// The picture that these bytes are, unless there are too few or too many of them.
    pub fn from_rgb(width: u32, height: u32, rgb: Vec<u8>) -> Option<Self> {
        let pixels = u64::from(width) * u64::from(height);
        (rgb.len() as u64 == pixels * 3).then_some(Self { width, height, rgb })
    }

    /// Width and height.
    pub fn size(&self) -> (u32, u32) {
        (self.width, self.height)
    }

    /// A part of the picture; see [`Window::within`] for one that reaches over its edges.
    #[must_use]
    pub fn crop(&self, window: Window) -> Self {
        if self.rgb.is_empty() {
            return self.clone();
        }
        let Window { x, y, width, height } = window.within(self.size());
        let (from, length) = (x as usize * 3, width as usize * 3);
        let rows = self.rgb.chunks_exact(self.stride().max(3));
        let mut rgb = Vec::with_capacity(length * height as usize);
        for row in rows.skip(y as usize).take(height as usize) {
            rgb.extend_from_slice(&row[from..from + length]);
        }
        Self { width, height, rgb }
    }

    /// Bytes of one row.
    pub(super) fn stride(&self) -> usize {
        self.width as usize * 3
    }
}

impl From<Pixmap> for image::DynamicImage {
    /// For whoever prints with another's library.
    fn from(picture: Pixmap) -> Self {
        let Pixmap { width, height, rgb } = picture;
        image::RgbImage::from_raw(width, height, rgb)
            .unwrap_or_default()
            .into()
    }
}

impl std::fmt::Debug for Pixmap {
    /// Without the pixels: a failed assertion must stay readable.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Pixmap({} by {})", self.width, self.height)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(x: u32, y: u32, width: u32, height: u32) -> Window {
        Window { x, y, width, height }
    }

    #[test]
    fn a_crop_is_the_pixels_of_its_window() {
        let rgb = (0..6 * 4 * 3).collect();
        let picture = Pixmap::from_rgb(6, 4, rgb).unwrap();
        let part = picture.crop(window(2, 1, 2, 3));
        assert_eq!(part.size(), (2, 3));
        assert_eq!(
            part.rgb,
            [
                24, 25, 26, 27, 28, 29, 42, 43, 44, 45, 46, 47, 60, 61, 62, 63, 64, 65
            ]
        );
        assert_eq!(picture.crop(Window::whole((6, 4))), picture);
        assert_eq!(
            Pixmap::filled(0, 0, [0; 3]).crop(window(1, 1, 1, 1)).size(),
            (0, 0)
        );
    }
}
