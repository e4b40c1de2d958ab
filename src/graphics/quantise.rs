//! A picture in few colours: a palette fitted to it, and for each pixel the number of the colour that looks nearest.
//! It does not dither: flat areas stay flat, which is what makes the result short on the wire.

use super::Pixmap;
use super::palette::oklab;

/// Of a pixel's 24 bits, those that choose its bin: five, six and five. The palette is fitted to the bins' means, so
/// that the picture is gone through once for counting and once for looking up.
const BINS: usize = 1 << 16;

/// Rounds of moving each colour to the middle of the bins that are nearest to it. More change next to nothing.
const ROUNDS: usize = 3;

/// Beyond this many bins a picture is too rich for the rounds to pay: what they improve is not seen.
const MOST_DISTANCES: usize = 2_500_000;

/// A picture as numbers of colours.
pub(super) struct Quantised {
    /// The most frequent first.
    pub(super) colours: Vec<[u8; 3]>,
    /// Row by row, one for each pixel.
    pub(super) indices: Vec<u8>,
}

/// The picture in at most `most` colours, 2 to 256.
pub(super) fn quantise(picture: &Pixmap, most: usize) -> Quantised {
    let (pixels, _) = picture.rgb.as_chunks::<3>();
    let mut bins = Bin::of(pixels);
    let centres = fitted(&mut bins, most.clamp(2, 256));
    let (colours, numbers) = named(&bins, centres.count);
    let mut table = vec![0; BINS];
    for bin in &bins {
        table[bin.index] = numbers[usize::from(bin.nearest)];
    }
    let indices = pixels.iter().map(|&pixel| table[index(pixel)]).collect();
    Quantised { colours, indices }
}

fn index([red, green, blue]: [u8; 3]) -> usize {
    usize::from(red >> 3) << 11 | usize::from(green >> 2) << 5 | usize::from(blue >> 3)
}

/// Pixels that are almost the same.
struct Bin {
    index: usize,
    count: u32,
    /// Their mean.
    rgb: [f32; 3],
    lab: [f32; 3],
    /// The colour that they get.
    nearest: u8,
}

impl Bin {
    /// The bins that have pixels.
    fn of(pixels: &[[u8; 3]]) -> Vec<Self> {
        // Counts, and sums of what the index leaves out: those of the widest picture fit.
        let mut sums = vec![[0_u32; 4]; BINS];
        for &pixel in pixels {
            let [red, green, blue] = pixel.map(u32::from);
            let sum = &mut sums[index(pixel)];
            sum[0] += 1;
            sum[1] += red & 7;
            sum[2] += green & 3;
            sum[3] += blue & 7;
        }
        let bins = sums.iter().enumerate().filter(|(_, sum)| sum[0] > 0);
        bins.map(|(index, &sum)| Self::new(index, sum)).collect()
    }

    fn new(index: usize, [count, red, green, blue]: [u32; 4]) -> Self {
        let base = [index >> 11 << 3, (index >> 5 & 63) << 2, (index & 31) << 3];
        let low = [red, green, blue];
        let rgb = std::array::from_fn(|channel| float(base[channel]) + ratio(low[channel], count));
        Self {
            index,
            count,
            rgb,
            lab: oklab(rgb.map(byte)),
            nearest: 0,
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "weights, not amounts that are told")]
fn ratio(part: u32, whole: u32) -> f32 {
    part as f32 / whole as f32
}

#[expect(clippy::cast_precision_loss, reason = "at most 255")]
fn float(value: usize) -> f32 {
    value as f32
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float becomes the nearest byte that there is"
)]
fn byte(value: f32) -> u8 {
    value.round() as u8
}

/// What bins add up to.
#[derive(Clone, Copy, Default)]
struct Total {
    weight: f64,
    sums: [f64; 3],
    squares: [f64; 3],
}

impl Total {
    fn of<'a>(bins: impl IntoIterator<Item = &'a Bin>) -> Self {
        let mut total = Self::default();
        bins.into_iter().for_each(|bin| total.add(bin));
        total
    }

    fn add(&mut self, bin: &Bin) {
        let weight = f64::from(bin.count);
        self.weight += weight;
        for (axis, value) in bin.lab.into_iter().map(f64::from).enumerate() {
            self.sums[axis] += weight * value;
            self.squares[axis] += weight * value * value;
        }
    }

    fn mean(&self) -> [f32; 3] {
        #[expect(clippy::cast_possible_truncation, reason = "a mean of singles")]
        self.sums.map(|sum| (sum / self.weight.max(1.0)) as f32)
    }

    /// How far the bins lie apart along each axis, all told.
    fn spread(&self, axis: usize) -> f64 {
        self.squares[axis] - self.sums[axis] * self.sums[axis] / self.weight.max(1.0)
    }

    /// The axis along which they lie farthest apart, and how far.
    fn widest(&self) -> (usize, f64) {
        let axes = (0..3).map(|axis| (axis, self.spread(axis)));
        axes.max_by(|one, other| one.1.total_cmp(&other.1))
            .unwrap_or((0, 0.0))
    }
}

/// Finds the colours: always splits the box that is farthest from being of one colour, at its mean, then moves each
/// colour to the middle of what is nearest to it. Each bin then knows its colour.
fn fitted(bins: &mut [Bin], most: usize) -> Centres {
    let mut boxes: Vec<(&mut [Bin], Total)> = Vec::with_capacity(most);
    let total = Total::of(bins.iter());
    boxes.push((&mut *bins, total));
    while boxes.len() < most {
        let spread = |total: &Total| (0..3).map(|axis| total.spread(axis)).sum::<f64>();
        let worst = (0..boxes.len())
            .filter(|&at| boxes[at].0.len() > 1)
            .max_by(|&one, &other| spread(&boxes[one].1).total_cmp(&spread(&boxes[other].1)));
        let Some(worst) = worst else { break };
        let (bins, total) = boxes.swap_remove(worst);
        let (axis, _) = total.widest();
        let below = partition(bins, axis, total.mean()[axis]);
        let (low, high) = bins.split_at_mut(below);
        let (low_total, high_total) = (Total::of(low.iter()), Total::of(high.iter()));
        boxes.push((low, low_total));
        boxes.push((high, high_total));
    }
    let mut centres = Centres::new(boxes.iter().map(|(_, total)| total.mean()));
    drop(boxes);
    let rounds = if bins.len() * centres.count > MOST_DISTANCES {
        1
    } else {
        ROUNDS
    };
    for _ in 0..rounds {
        let mut totals = vec![Total::default(); centres.count];
        for bin in bins.iter() {
            totals[centres.nearest(bin.lab)].add(bin);
        }
        for (at, total) in totals.iter().enumerate().filter(|(_, total)| total.weight > 0.0) {
            centres.set(at, total.mean());
        }
    }
    for bin in bins {
        bin.nearest = u8::try_from(centres.nearest(bin.lab)).unwrap_or(0);
    }
    centres
}

/// Moves the bins below `mean` to the front; says how many those are, never none and never all.
fn partition(bins: &mut [Bin], axis: usize, mean: f32) -> usize {
    let mut low = 0;
    for at in 0..bins.len() {
        if bins[at].lab[axis] < mean {
            bins.swap(low, at);
            low += 1;
        }
    }
    low.clamp(1, bins.len() - 1)
}

/// Colours to look among, laid out so that the machine compares several at once.
struct Centres {
    axes: [Vec<f32>; 3],
    count: usize,
}

impl Centres {
    fn new(colours: impl Iterator<Item = [f32; 3]>) -> Self {
        let mut axes = [const { Vec::new() }; 3];
        for colour in colours {
            (0..3).for_each(|axis| axes[axis].push(colour[axis]));
        }
        let count = axes[0].len();
        Self { axes, count }
    }

    fn set(&mut self, at: usize, colour: [f32; 3]) {
        (0..3).for_each(|axis| self.axes[axis][at] = colour[axis]);
    }

    /// The number of the nearest colour. Distances are compared as whole numbers, whose order is the same for what is
    /// not negative, with the colour's number in the last bits.
    fn nearest(&self, lab: [f32; 3]) -> usize {
        let [one, two, three] = &self.axes;
        let colours = one.iter().zip(two).zip(three).zip(0_i32..);
        let keys = colours.map(|(((one, two), three), number)| {
            let (one, two, three) = (lab[0] - one, lab[1] - two, lab[2] - three);
            let distance = one * one + two * two + three * three;
            distance.to_bits().cast_signed() & !0xff | number
        });
        keys.min().map_or(0, |key| (key & 0xff).unsigned_abs() as usize)
    }
}

/// The colours that have pixels, the most frequent first, and the number that each centre became.
fn named(bins: &[Bin], count: usize) -> (Vec<[u8; 3]>, Vec<u8>) {
    let mut sums = vec![(0_u64, [0.0_f64; 3]); count];
    for bin in bins {
        let (weight, sum) = &mut sums[usize::from(bin.nearest)];
        *weight += u64::from(bin.count);
        for (sum, value) in sum.iter_mut().zip(bin.rgb) {
            *sum += f64::from(value) * f64::from(bin.count);
        }
    }
    let mut order: Vec<usize> = (0..count).filter(|&at| sums[at].0 > 0).collect();
    order.sort_by_key(|&at| std::cmp::Reverse(sums[at].0));
    let mut numbers = vec![0; count];
    let mut colours = Vec::with_capacity(order.len());
    for (number, &at) in order.iter().enumerate() {
        numbers[at] = u8::try_from(number).unwrap_or(u8::MAX);
        let (weight, sum) = sums[at];
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            reason = "a mean of bytes"
        )]
        colours.push(sum.map(|sum| byte((sum / weight as f64) as f32)));
    }
    (colours, numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(quantised: &Quantised) -> Vec<u8> {
        let colours = quantised
            .indices
            .iter()
            .map(|&index| quantised.colours[usize::from(index)]);
        colours.flatten().collect()
    }

    #[test]
    fn few_colours_are_kept_as_they_are() {
        let colours = [[255, 255, 255], [0, 0, 0], [200, 30, 30], [17, 120, 201]];
        let rgb: Vec<u8> = (0..400).flat_map(|at| colours[at * at % 7 % 4]).collect();
        let picture = Pixmap::from_rgb(20, 20, rgb).unwrap();
        let few = quantise(&picture, 16);
        assert_eq!(shown(&few), picture.rgb);
        assert!(few.colours.len() <= 4);
    }

    #[test]
    fn a_gradient_is_never_far_off() {
        let byte = |value: usize| u8::try_from(value).unwrap();
        let rgb: Vec<u8> = (0..256 * 64)
            .flat_map(|at| [byte(at % 256), byte(at / 256 * 4), 90])
            .collect();
        let picture = Pixmap::from_rgb(256, 64, rgb).unwrap();
        for (most, mean) in [(16, 16), (64, 9), (256, 5)] {
            let few = quantise(&picture, most);
            assert!(few.colours.len() <= most && few.colours.len() > most / 2);
            let shown = shown(&few);
            let apart = shown
                .iter()
                .zip(&picture.rgb)
                .map(|(one, other)| usize::from(one.abs_diff(*other)));
            let sum: usize = apart.sum();
            assert!(sum <= mean * shown.len(), "{most} colours: {}", sum / shown.len());
        }
    }

    #[test]
    fn the_most_frequent_colour_has_the_shortest_number() {
        let mut picture = Pixmap::filled(30, 30, [10, 200, 10]);
        picture.rgb[..3].fill(0);
        let few = quantise(&picture, 64);
        assert_eq!(few.colours, [[10, 200, 10], [0, 0, 0]]);
        assert_eq!(quantise(&Pixmap::filled(0, 0, [0; 3]), 64).colours.len(), 0);
    }
}
