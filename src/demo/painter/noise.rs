//! Chance that is not chance: numbers from hashes, and smooth noise of one and two dimensions. The same seed gives
//! the same picture on every machine and at every size.

use std::sync::LazyLock;

/// Scrambles 64 bits (the finaliser of `SplitMix64`).
pub(super) fn scramble(value: u64) -> u64 {
    let mut z = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A hash of text that is the same everywhere and for ever (FNV-1a, scrambled).
pub(super) fn hash_text(text: &str) -> u64 {
    let fold = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    scramble(text.bytes().fold(0xcbf2_9ce4_8422_2325, fold))
}

/// A row of numbers from a seed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(scramble(seed))
    }

    pub(super) fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(1);
        scramble(self.0)
    }

    /// From 0 up to 1.
    pub(super) fn unit(&mut self) -> f32 {
        (self.bits() >> 40) as f32 / 16_777_216.0
    }

    pub(super) fn range(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.unit()
    }

    pub(super) fn below(&mut self, count: usize) -> usize {
        (self.bits() % count.max(1) as u64) as usize
    }

    pub(super) fn chance(&mut self, share: f32) -> bool {
        self.unit() < share
    }
}

fn lattice(seed: u64, index: i64) -> f32 {
    (scramble(seed ^ (index as u64).wrapping_mul(0x2545_f491_4f6c_dd1d)) >> 40) as f32 / 8_388_608.0 - 1.0
}

/// Smooth noise along a line, -1 to 1.
pub(super) fn line(seed: u64, at: f32) -> f32 {
    let cell = at.floor();
    let t = at - cell;
    let t = t * t * t * (t * (t * 6.0 - 15.0) + 10.0);
    let (left, right) = (lattice(seed, cell as i64), lattice(seed, cell as i64 + 1));
    left + (right - left) * t
}

/// Noise along a line in octaves, about -1 to 1.
pub(super) fn rough(seed: u64, at: f32, octaves: u32) -> f32 {
    let (mut sum, mut weight, mut frequency, mut total) = (0.0, 1.0, 1.0, 0.0);
    for octave in 0..octaves {
        sum += weight * line(seed.wrapping_add(u64::from(octave) * 77), at * frequency);
        total += weight;
        weight *= 0.5;
        frequency *= 2.03;
    }
    sum / total * 1.4
}

/// Noise along a line with sharp crests, 0 to 1.
pub(super) fn ridged(seed: u64, at: f32, octaves: u32) -> f32 {
    let (mut sum, mut weight, mut frequency, mut total) = (0.0, 1.0, 1.0, 0.0);
    for octave in 0..octaves {
        let value = 1.0 - line(seed.wrapping_add(u64::from(octave) * 131), at * frequency).abs();
        sum += weight * value * value;
        total += weight;
        weight *= 0.48;
        frequency *= 2.07;
    }
    sum / total
}

/// `f32::floor` is a call into the C library on plain x86-64; this is not.
#[inline]
fn floor(value: f32) -> i32 {
    let whole = value as i32;
    whole - i32::from(value < whole as f32)
}

const SIDE: usize = 256;

/// A square of fractal noise that repeats without a seam: every texture of a picture is looked up in it.
pub(super) struct Tile {
    /// Rows of a length that is part of their type, so that looking into one needs no check.
    rows: Vec<[f32; SIDE]>,
}

/// The one tile there is: seeds move where it is looked at, not what is in it.
pub(super) static TILE: LazyLock<Tile> = LazyLock::new(Tile::new);

impl Tile {
    fn new() -> Self {
        let mut values = vec![0.0f32; SIDE * SIDE];
        let (mut cells, mut weight, mut total) = (4usize, 1.0f32, 0.0f32);
        for octave in 0..6u64 {
            let lattice = |column: usize, row: usize| {
                let key = octave << 40 | ((row % cells) << 16 | (column % cells)) as u64;
                (scramble(key) >> 40) as f32 / 8_388_608.0 - 1.0
            };
            let step = SIDE / cells;
            for (index, value) in values.iter_mut().enumerate() {
                let (column, row) = (index % SIDE, index / SIDE);
                let smooth = |t: f32| t * t * t * (t * (t * 6.0 - 15.0) + 10.0);
                let (x, y) = (column / step, row / step);
                let tx = smooth((column % step) as f32 / step as f32);
                let ty = smooth((row % step) as f32 / step as f32);
                let top = lattice(x, y) + (lattice(x + 1, y) - lattice(x, y)) * tx;
                let bottom = lattice(x, y + 1) + (lattice(x + 1, y + 1) - lattice(x, y + 1)) * tx;
                *value += weight * (top + (bottom - top) * ty);
            }
            total += weight;
            weight *= 0.55;
            cells *= 2;
        }
        for value in &mut values {
            *value /= total * 0.55;
        }
        Self {
            rows: values.as_chunks().0.to_vec(),
        }
    }

    /// Noise at a point, about -1 to 1; the tile is one unit wide and repeats.
    #[inline]
    pub(super) fn at(&self, x: f32, y: f32) -> f32 {
        let (x, y) = (x * SIDE as f32, y * SIDE as f32);
        let (cell_x, cell_y) = (floor(x), floor(y));
        let (tx, ty) = (x - cell_x as f32, y - cell_y as f32);
        let (tx, ty) = (tx * tx * (3.0 - 2.0 * tx), ty * ty * (3.0 - 2.0 * ty));
        let (left, top) = (cell_x as usize & (SIDE - 1), cell_y as usize & (SIDE - 1));
        let (right, bottom) = ((left + 1) & (SIDE - 1), (top + 1) & (SIDE - 1));
        let (above, below) = (&self.rows[top], &self.rows[bottom]);
        let upper = above[left] + (above[right] - above[left]) * tx;
        let lower = below[left] + (below[right] - below[left]) * tx;
        upper + (lower - upper) * ty
    }

    /// The same with finer detail on top, for what is looked at closely.
    #[inline]
    pub(super) fn fine(&self, x: f32, y: f32) -> f32 {
        self.at(x, y) * 0.8 + self.at(x * 5.3 + 0.37, y * 5.3 + 0.71) * 0.25
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_is_smooth_and_repeats_without_a_seam() {
        for step in 0..100 {
            let at = step as f32 / 100.0;
            assert!((TILE.at(at, 0.3) - TILE.at(at + 0.0005, 0.3)).abs() < 0.2);
            assert!((TILE.at(at, 0.3) - TILE.at(at + 1.0, -0.7)).abs() < 0.02);
            assert!((line(5, at * 9.0) - line(5, at * 9.0 + 0.001)).abs() < 0.02);
        }
    }

    #[test]
    fn seeds_differ() {
        assert_ne!(hash_text("a fox"), hash_text("a box"));
        assert_ne!(Dice::new(1).bits(), Dice::new(2).bits());
    }
}
