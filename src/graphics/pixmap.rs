//! Pixels in memory, the one form that every encoder here reads. It knows no file format.

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

    /// Bytes of one row.
    pub(super) fn stride(&self) -> usize {
        self.width as usize * 3
    }
}

impl std::fmt::Debug for Pixmap {
    /// Without the pixels: a failed assertion must stay readable.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Pixmap({} by {})", self.width, self.height)
    }
}
