//! A rectangle of a picture's pixels. It is plain numbers and cuts nothing itself.

/// A rectangle of pixels, counted from the picture's upper left corner.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Window {
    pub x: u32,
    pub y: u32,
    pub width: u32,
    pub height: u32,
}

impl Window {
    /// All of a picture of this size.
    pub fn whole((width, height): (u32, u32)) -> Self {
        Self {
            x: 0,
            y: 0,
            width,
            height,
        }
    }

    /// The same rectangle moved, and where that does not do cut, so that it lies within a picture of this size. It
    /// has at least one pixel.
    #[must_use]
    pub fn within(self, (width, height): (u32, u32)) -> Self {
        let (width, height) = (width.max(1), height.max(1));
        let (own_width, own_height) = (self.width.clamp(1, width), self.height.clamp(1, height));
        Self {
            x: self.x.min(width - own_width),
            y: self.y.min(height - own_height),
            width: own_width,
            height: own_height,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_moved_before_it_is_cut() {
        let window = |x, y, width, height| Window { x, y, width, height };
        assert_eq!(window(90, 5, 20, 10).within((100, 50)), window(80, 5, 20, 10));
        assert_eq!(window(90, 5, 200, 0).within((100, 50)), window(0, 5, 100, 1));
        assert_eq!(window(3, 3, 3, 3).within((0, 0)), window(0, 0, 1, 1));
        assert_eq!(Window::whole((7, 9)).within((7, 9)), window(0, 0, 7, 9));
    }
}
