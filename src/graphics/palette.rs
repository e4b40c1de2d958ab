//! Colours for terminals that have no true colour: the nearest of xterm's 256 or of the 16 named ones. It reads no
//! terminal: the 16 are xterm's defaults, since what a theme made of them is not known.

use std::sync::LazyLock;

/// A fixed set of colours, each with the index that a terminal knows it by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Palette {
    /// The 6×6×6 cube and the greys, 16 to 255; below 16 themes paint what they like.
    Xterm256,
    /// 0 to 15, as xterm paints them.
    Ansi16,
}

/// xterm's own sixteen.
const ANSI: [[u8; 3]; 16] = [
    [0, 0, 0],
    [205, 0, 0],
    [0, 205, 0],
    [205, 205, 0],
    [0, 0, 238],
    [205, 0, 205],
    [0, 205, 205],
    [229, 229, 229],
    [127, 127, 127],
    [255, 0, 0],
    [0, 255, 0],
    [255, 255, 0],
    [92, 92, 255],
    [255, 0, 255],
    [0, 255, 255],
    [255, 255, 255],
];

static CUBE_AND_GREYS: LazyLock<Vec<Entry>> = LazyLock::new(|| (16..=255).map(Entry::new).collect());
static SIXTEEN: LazyLock<Vec<Entry>> = LazyLock::new(|| (0..16).map(Entry::new).collect());

struct Entry {
    index: u8,
    rgb: [u8; 3],
    lab: [f32; 3],
}

impl Entry {
    fn new(index: u8) -> Self {
        let rgb = Palette::rgb(index);
        Self {
            index,
            rgb,
            lab: oklab(rgb),
        }
    }
}

impl Palette {
    /// The index of the colour that looks nearest.
    pub fn nearest(self, colour: [u8; 3]) -> u8 {
        let lab = oklab(colour);
        let distance = |entry: &Entry| -> f32 {
            lab.iter()
                .zip(entry.lab)
                .map(|(one, other)| (one - other) * (one - other))
                .sum()
        };
        let entries = self.entries().iter();
        entries
            .min_by(|one, other| distance(one).total_cmp(&distance(other)))
            .map_or(0, |entry| entry.index)
    }

    /// The index of the colour with the nearest amounts of light: for dithering, whose errors are amounts of light
    /// and add up for ever where another measure decides.
    pub(super) fn nearest_light(self, colour: [i16; 3]) -> u8 {
        let distance = |entry: &Entry| -> i32 {
            let apart = |channel: usize| i32::from(colour[channel]) - i32::from(entry.rgb[channel]);
            let [red, green, blue] = [0, 1, 2].map(apart);
            2 * red * red + 4 * green * green + 3 * blue * blue
        };
        self.entries()
            .iter()
            .min_by_key(|entry| distance(entry))
            .map_or(0, |entry| entry.index)
    }

    fn entries(self) -> &'static [Entry] {
        match self {
            Self::Xterm256 => &CUBE_AND_GREYS,
            Self::Ansi16 => &SIXTEEN,
        }
    }

    /// What xterm paints for an index.
    pub fn rgb(index: u8) -> [u8; 3] {
        let level = |step: u8| if step == 0 { 0 } else { 55 + 40 * step };
        match index {
            0..=15 => ANSI[usize::from(index)],
            16..=231 => {
                let cube = index - 16;
                [level(cube / 36), level(cube / 6 % 6), level(cube % 6)]
            }
            232..=255 => [8 + 10 * (index - 232); 3],
        }
    }
}

/// Björn Ottosson's Oklab, in which equal distances look about equal.
pub(super) fn oklab(colour: [u8; 3]) -> [f32; 3] {
    let [red, green, blue] = colour.map(|byte| {
        let value = f32::from(byte) / 255.0;
        if value <= 0.040_45 {
            value / 12.92
        } else {
            ((value + 0.055) / 1.055).powf(2.4)
        }
    });
    let long = (0.412_221_46 * red + 0.536_332_55 * green + 0.051_445_995 * blue).cbrt();
    let medium = (0.211_903_5 * red + 0.680_699_5 * green + 0.107_396_96 * blue).cbrt();
    let short = (0.088_302_46 * red + 0.281_718_85 * green + 0.629_978_7 * blue).cbrt();
    [
        0.210_454_26 * long + 0.793_617_8 * medium - 0.004_072_047 * short,
        1.977_998_5 * long - 2.428_592_2 * medium + 0.450_593_7 * short,
        0.025_904_037 * long + 0.782_771_77 * medium - 0.808_675_77 * short,
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_palette_colour_is_its_own_nearest() {
        for index in 16..=255 {
            let found = Palette::Xterm256.nearest(Palette::rgb(index));
            assert_eq!(Palette::rgb(found), Palette::rgb(index), "{index}");
        }
        for index in 0..16 {
            assert_eq!(Palette::Ansi16.nearest(Palette::rgb(index)), index);
        }
    }

    #[test]
    fn hues_stay_themselves() {
        assert_eq!(Palette::Ansi16.nearest([180, 20, 30]), 1);
        assert_eq!(Palette::Ansi16.nearest([30, 30, 200]), 4);
        assert_eq!(Palette::Ansi16.nearest([120, 130, 125]), 8);
        assert_eq!(Palette::Xterm256.nearest([128, 128, 128]), 244);
        assert_eq!(Palette::Xterm256.nearest([250, 5, 4]), 196);
    }
}
