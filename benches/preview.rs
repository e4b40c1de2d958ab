//! What a preview costs: decode, scale and encode pictures as models make them, for 80 by 40 cells of 10 by 20
//! pixels.

mod photograph;

use divan::Bencher;
use divan::counter::BytesCount;
use photograph::photograph;
use tintype::graphics::develop::Developing;
use tintype::graphics::kitty::{Placement, Upload, Wrap};
use tintype::graphics::{CellSize, Palette, decode, first_paint, halfblocks, shrink};

const COLS: u16 = 80;
const ROWS: u16 = 40;
const CELL: CellSize = CellSize {
    width: 10,
    height: 20,
};

fn main() {
    divan::main();
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
