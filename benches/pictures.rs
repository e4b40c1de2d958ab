//! What it costs to show a picture once in 80 by 40 cells of 10 by 20 pixels: bytes to the terminal, CPU time from the
//! file to those bytes, and peak memory, for each protocol beside named floors. Each case runs in a process of its own.
//!
//! `chafa`, `timg` and `img2sixel` are measured too where they are on `PATH`; their memory is not.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench makes its pictures, measures, reports, and has nothing to measure if it cannot start"
)]

mod photograph;

use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use photograph::photograph;
use tintype::graphics::kitty::{self, Placement, Upload, Wrap};
use tintype::graphics::{
    CellSize, Pixmap, decode, first_paint, halfblocks, iterm2, near_lossless, shrink, sixel,
};

const COLS: u16 = 80;
const ROWS: u16 = 40;
const CELL: CellSize = CellSize {
    width: 10,
    height: 20,
};
/// The best of so many is told: what else the machine did is not ours.
const RUNS: usize = 5;
/// Set for a child: the case and the file.
const CASE: &str = "TINTYPE_BENCH_CASE";
const FILE: &str = "TINTYPE_BENCH_FILE";

/// What is measured of a picture file: the name in the table, and the bytes that are sent.
type Case = (&'static str, fn(Vec<u8>) -> usize);

const CASES: &[Case] = &[
    ("kitty, near-lossless", |file| upload(&shrunk(file), 6)),
    ("kitty, lossless", |file| upload(&shrunk(file), 1)),
    ("kitty, first paint", |file| {
        upload(&first_paint(&decoded(file), COLS, ROWS, CELL), 8)
    }),
    ("iTerm2, JPEG 85", |file| jpeg(file, u16::MAX)),
    ("iTerm2, strips of 4 rows", |file| jpeg(file, 4)),
    ("sixel, 64 colours", |file| sixels(file, 64, u16::MAX)),
    ("sixel 64, strips of 3 rows", |file| sixels(file, 64, 3)),
    ("sixel, 256 colours", |file| sixels(file, 256, u16::MAX)),
    ("half blocks", |file| blocks(&decoded(file))),
    ("floor: raw RGBA", |file| raw(&shrunk(file))),
    ("floor: PNG by png, fast", |file| {
        total(&uploaded(6).send(&fast_png(&shrunk(file))))
    }),
];

/// Of a preview that was kept, instead of the picture.
const KEPT: &[Case] = &[
    ("kitty, from the cache", |file| total(&uploaded(6).send(&file))),
    ("kitty, shown again", |_| placeholders()),
];

/// Programs that do the same, with their arguments before the file.
const PEERS: &[(&str, &str, &[&str])] = &[
    ("peer: chafa, kitty", "chafa", &["-f", "kitty", "-s", "80x40"]),
    ("peer: chafa, sixel", "chafa", &["-f", "sixel", "-s", "80x40"]),
    ("peer: timg, kitty", "timg", &["-pk", "--compress", "-g80x40"]),
    ("peer: timg, iTerm2", "timg", &["-pi", "--compress", "-g80x40"]),
    ("peer: img2sixel", "img2sixel", &["-w800", "-d", "none"]),
];

fn main() {
    if let (Ok(case), Ok(file)) = (std::env::var(CASE), std::env::var(FILE)) {
        return child(&case, Path::new(&file));
    }
    let folder = tempfile::tempdir().unwrap();
    for (name, file, kept) in pictures(folder.path()) {
        let length = fs::metadata(&file).unwrap().len();
        println!("\n{name}, {length} bytes");
        println!("{:<28}{:>12}{:>9}{:>9}", "", "bytes", "CPU ms", "MB");
        for (case, _) in CASES {
            measure(case, &file);
        }
        for (case, _) in KEPT {
            measure(case, &kept);
        }
        for (case, program, arguments) in PEERS {
            peer(case, program, arguments, &file);
        }
    }
}

/// The pictures, each with its name, its file, and the preview that is kept of it.
fn pictures(folder: &Path) -> Vec<(&'static str, PathBuf, PathBuf)> {
    let mut all = Vec::new();
    let mut keep = |name: &'static str, bytes: &[u8]| {
        let [file, kept] = ["", ".preview"].map(|end| folder.join(format!("{}{end}", all.len())));
        fs::write(&file, bytes).unwrap();
        fs::write(&kept, near_lossless::encode(&shrunk(bytes.to_vec()), 6)).unwrap();
        all.push((name, file, kept));
    };
    for (name, side) in [
        ("photograph 1K, PNG", 1024),
        ("photograph 2K, PNG", 2048),
        ("photograph 4K, PNG", 4096),
    ] {
        let picture = photograph(side);
        keep(name, &near_lossless::encode(&picture, 1));
        match side {
            1024 => keep("photograph 1K, JPEG", &written_jpeg(&picture)),
            4096 => keep("photograph 4K, JPEG", &written_jpeg(&picture)),
            _ => {}
        }
    }
    keep(
        "grainy photograph 1K, PNG",
        &near_lossless::encode(&grainy(1024), 1),
    );
    keep("drawing 1K, PNG", &near_lossless::encode(&drawing(1024), 1));
    all
}

/// A photograph with as much fine detail as sand: about twice as long as others.
fn grainy(side: u32) -> Pixmap {
    let mut picture = photograph(side);
    let mut noise = 1_u32;
    for pixel in picture.rgb.as_chunks_mut::<3>().0 {
        noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let grain = noise.to_be_bytes()[0] % 32;
        *pixel = pixel.map(|byte| byte.saturating_sub(16).saturating_add(grain));
    }
    picture
}

/// Flat areas with sharp edges, as in a drawing.
fn drawing(side: u32) -> Pixmap {
    const INKS: [[u8; 3]; 6] = [
        [250, 246, 238],
        [31, 41, 55],
        [217, 79, 48],
        [242, 183, 5],
        [32, 118, 140],
        [250, 246, 238],
    ];
    let ink = |x: u32, y: u32| {
        let rings = (x.abs_diff(side / 3).pow(2) + y.abs_diff(side / 2).pow(2)) / (side * 9);
        let lines = (x + 2 * y) / (side / 11);
        INKS[((rings / 3 + lines / 2) % 6) as usize]
    };
    let rgb = (0..side).flat_map(|y| (0..side).flat_map(move |x| ink(x, y)));
    Pixmap::from_rgb(side, side, rgb.collect()).unwrap()
}

fn written_jpeg(picture: &Pixmap) -> Vec<u8> {
    let mut bytes = Vec::new();
    let side = |side: u32| u16::try_from(side).unwrap();
    jpeg_encoder::Encoder::new(&mut bytes, 92)
        .encode(
            &picture.rgb,
            side(picture.width),
            side(picture.height),
            jpeg_encoder::ColorType::Rgb,
        )
        .unwrap();
    bytes
}

/// Runs a case in a child, and prints its line.
fn measure(case: &str, file: &Path) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    let output = command.env(CASE, case).env(FILE, file).output().unwrap();
    print!("{case:<28}{}", String::from_utf8_lossy(&output.stdout));
}

fn child(case: &str, file: &Path) {
    let (_, run) = CASES.iter().chain(KEPT).find(|(name, _)| *name == case).unwrap();
    let (mut best, mut bytes) = (f64::MAX, 0);
    for _ in 0..RUNS {
        let before = cpu();
        bytes = black_box(run(fs::read(file).unwrap()));
        best = best.min(cpu() - before);
    }
    println!("{bytes:>12}{best:>9.1}{:>9.1}", peak());
}

/// Milliseconds that this process has worked; it has one thread.
fn cpu() -> f64 {
    let schedule = fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    let spent = schedule
        .split(' ')
        .next()
        .and_then(|spent| spent.parse::<f64>().ok());
    spent.unwrap_or(0.0) / 1e6
}

/// The most memory that this process has had, in MB.
fn peak() -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<f64>().ok());
    kilobytes.unwrap_or(0.0) * 1024.0 / 1e6
}

fn peer(case: &str, program: &str, arguments: &[&str], file: &Path) {
    let start = Instant::now();
    let mut command = Command::new(program);
    command
        .args(arguments)
        .arg(file)
        .stdin(Stdio::null())
        .stderr(Stdio::null());
    if let Ok(output) = command.output() {
        let spent = start.elapsed().as_secs_f64() * 1e3;
        println!("{case:<28}{:>12}{spent:>9.1}  by the clock", output.stdout.len());
    }
}

/// The file is let go as soon as it is decoded, as the program does.
#[expect(clippy::needless_pass_by_value, reason = "what is let go cannot be borrowed")]
fn decoded(file: Vec<u8>) -> Pixmap {
    decode(&file).unwrap()
}

fn shrunk(file: Vec<u8>) -> Pixmap {
    shrink(&decoded(file), COLS, ROWS, CELL)
}

fn total(sequences: &[Vec<u8>]) -> usize {
    sequences.iter().map(Vec::len).sum()
}

fn uploaded(step: u8) -> Upload {
    Upload {
        id: 1,
        cols: COLS,
        rows: ROWS,
        placement: Placement::Virtual,
        wrap: Wrap::None,
        step,
    }
}

fn upload(picture: &Pixmap, step: u8) -> usize {
    total(&uploaded(step).encode(picture))
}

fn jpeg(file: Vec<u8>, rows: u16) -> usize {
    let options = iterm2::Options {
        quality: Some(85),
        rows,
        wrap: Wrap::None,
    };
    let strips = iterm2::encode(&decoded(file), COLS, ROWS, CELL, &options);
    strips.iter().map(|strip| strip.bytes.len()).sum()
}

fn sixels(file: Vec<u8>, colours: u16, rows: u16) -> usize {
    let options = sixel::Options {
        colours,
        rows,
        wrap: Wrap::None,
    };
    let strips = sixel::encode(&decoded(file), COLS, ROWS, CELL, &options);
    strips.iter().map(|strip| strip.bytes.len()).sum()
}

/// As the screen writes them: a colour is told when it changes.
fn blocks(picture: &Pixmap) -> usize {
    let mut bytes = 0;
    let mut last = None;
    for (top, bottom) in halfblocks::encode(picture, COLS, ROWS).cells {
        let [r, g, b] = top;
        if last.map(|(top, _)| top) != Some(top) {
            bytes += format!("\x1b[38;2;{r};{g};{b}m").len();
        }
        let [r, g, b] = bottom;
        if last.map(|(_, bottom)| bottom) != Some(bottom) {
            bytes += format!("\x1b[48;2;{r};{g};{b}m").len();
        }
        bytes += halfblocks::UPPER_HALF.len_utf8();
        last = Some((top, bottom));
    }
    bytes
}

fn placeholders() -> usize {
    let row = |row: u16| {
        let cells: usize = (0..COLS).map(|col| kitty::placeholder(row, col).len()).sum();
        cells + format!("\x1b[{};1H\x1b[38;5;1m", row + 1).len()
    };
    (0..ROWS).map(row).sum()
}

/// kitty's `f=32`, as ratatui-image, viuer and chafa send it.
fn raw(picture: &Pixmap) -> usize {
    let rgba: Vec<u8> = picture
        .rgb
        .as_chunks::<3>()
        .0
        .iter()
        .flat_map(|[red, green, blue]| [*red, *green, *blue, 255])
        .collect();
    total(&uploaded(1).send(&rgba))
}

fn fast_png(picture: &Pixmap) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, picture.width, picture.height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Fast);
    encoder
        .write_header()
        .unwrap()
        .write_image_data(&picture.rgb)
        .unwrap();
    bytes
}
