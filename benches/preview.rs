//! What a preview costs: decode, scale and encode pictures as models make them, for 80 by 40 cells of 10 by 20
//! pixels.

use divan::Bencher;
use divan::counter::BytesCount;
use tintype::graphics::develop::Developing;
use tintype::graphics::kitty::{Placement, Upload, Wrap};
use tintype::graphics::{CellSize, Palette, Pixmap, decode, first_paint, halfblocks, shrink};

const COLS: u16 = 80;
const ROWS: u16 = 40;
const CELL: CellSize = CellSize {
    width: 10,
    height: 20,
};

fn main() {
    divan::main();
}

/// Layers of smooth noise, each twice as fine and half as strong as the last, with a grain on top: about as hard to
/// compress as a photograph.
fn photograph(side: u32) -> Pixmap {
    let hash = |x: u32, y: u32, seed: u32| {
        let mut bits =
            x.wrapping_mul(0x9e37_79b1) ^ y.wrapping_mul(0x85eb_ca77) ^ seed.wrapping_mul(0xc2b2_ae3d);
        bits = (bits ^ (bits >> 15)).wrapping_mul(0x2c1b_3c6d);
        f64::from((bits ^ (bits >> 12)) & 0xffff) / 65_535.0
    };
    let smooth = |x: f64, y: f64, seed: u32| {
        let (left, top) = (x.floor(), y.floor());
        let ease = |t: f64| t * t * (3.0 - 2.0 * t);
        let (across, down) = (ease(x - left), ease(y - top));
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a grid of at most 4096"
        )]
        let corner = |dx: u32, dy: u32| hash(left as u32 + dx, top as u32 + dy, seed);
        let row = |dy: u32| corner(0, dy) + (corner(1, dy) - corner(0, dy)) * across;
        row(0) + (row(1) - row(0)) * down
    };
    let pixel = |x: u32, y: u32| {
        let (mut light, mut hue, mut strength) = (0.0, 0.0, 0.5);
        for octave in 0..8_u32 {
            let scale = f64::from(1 << octave) * 3.0 / f64::from(side);
            let (x, y) = (f64::from(x) * scale, f64::from(y) * scale);
            light += smooth(x, y, octave) * strength;
            hue += smooth(x, y, octave + 100) * strength;
            strength *= 0.55;
        }
        let grain = hash(x, y, 999) * 6.0;
        [(1.0, 0.5), (0.8, 0.0), (0.5, -0.5)].map(|(gain, shift)| {
            let value = (light * gain + hue * shift) * 210.0 + grain;
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "clamped to a byte's range"
            )]
            let byte = value.clamp(0.0, 255.0) as u8;
            byte
        })
    };
    let rgb = (0..side)
        .flat_map(|y| (0..side).flat_map(move |x| pixel(x, y)))
        .collect();
    Pixmap {
        width: side,
        height: side,
        rgb,
    }
}

fn file(side: u32) -> Vec<u8> {
    tintype::graphics::near_lossless::encode(&photograph(side), 1)
}

fn upload(step: u8) -> Upload {
    Upload {
        id: 1,
        cols: COLS,
        rows: ROWS,
        placement: Placement::Virtual,
        wrap: Wrap::None,
        step,
    }
}

#[divan::bench(args = [1024, 4096], sample_count = 10)]
fn decode_png(bencher: Bencher, side: u32) {
    let file = file(side);
    bencher
        .counter(BytesCount::new(file.len()))
        .bench(|| decode(&file));
}

#[divan::bench(args = [1024, 4096], sample_count = 20)]
fn scale_to_pane(bencher: Bencher, side: u32) {
    let picture = photograph(side);
    bencher.bench(|| shrink(&picture, COLS, ROWS, CELL));
}

/// The counter shows the bytes on the wire.
#[divan::bench(args = [1, 4, 6, 8], sample_count = 20)]
fn encode_kitty(bencher: Bencher, step: u8) {
    let picture = shrink(&photograph(1024), COLS, ROWS, CELL);
    let wire: usize = upload(step).encode(&picture).iter().map(Vec::len).sum();
    bencher
        .counter(BytesCount::new(wire))
        .bench(|| upload(step).encode(&picture));
}

#[divan::bench(sample_count = 50)]
fn encode_first_paint(bencher: Bencher) {
    let picture = first_paint(&photograph(1024), COLS, ROWS, CELL);
    let wire: usize = upload(8).encode(&picture).iter().map(Vec::len).sum();
    bencher
        .counter(BytesCount::new(wire))
        .bench(|| upload(8).encode(&picture));
}

#[divan::bench(args = [1024, 4096], sample_count = 20)]
fn half_blocks(bencher: Bencher, side: u32) {
    let picture = photograph(side);
    bencher.bench(|| halfblocks::encode(&picture, COLS, ROWS));
}

#[divan::bench(sample_count = 20)]
fn half_blocks_in_256_colours(bencher: Bencher) {
    let blocks = halfblocks::encode(&photograph(1024), COLS, ROWS);
    bencher.bench(|| blocks.indexed(Palette::Xterm256));
}

/// From the file to what a terminal is sent: the whole cost of showing a picture once.
#[divan::bench(args = [1024, 2048, 4096], sample_count = 10)]
fn file_to_kitty(bencher: Bencher, side: u32) {
    let file = file(side);
    bencher.bench(|| {
        let picture = decode(&file).map(|picture| shrink(&picture, COLS, ROWS, CELL));
        picture.map(|picture| upload(6).encode(&picture))
    });
}

#[divan::bench(args = [1024, 4096], sample_count = 10)]
fn develop_in_64_kib_pieces(bencher: Bencher, side: u32) {
    let file = file(side);
    bencher.bench(|| {
        let mut picture = Developing::new(800, 800);
        file.chunks(64 * 1024).for_each(|bytes| {
            picture.push(bytes);
            picture.develop();
        });
        picture.rows()
    });
}
