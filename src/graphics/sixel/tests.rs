use super::*;

const CELL: CellSize = CellSize {
    width: 10,
    height: 20,
};

fn options(colours: u16, rows: u16) -> Options {
    Options {
        colours,
        rows,
        wrap: Wrap::None,
    }
}

/// Smooth, sharp, flat and random parts.
fn sample(width: u32, height: u32) -> Pixmap {
    let mut noise = 12_345_u32;
    let mut rgb = Vec::new();
    for y in 0..height {
        for x in 0..width {
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let random = noise.to_be_bytes();
            rgb.extend(match (x / 50 + y / 50) % 4 {
                0 => [x * 5, y * 3, x + y].map(|value| value.to_le_bytes()[0]),
                1 => [random[0], random[1], random[2]],
                2 => [[0; 3], [255; 3]][(x / 9 + y / 8) as usize % 2],
                _ => [77, random[1] % 4, 77],
            });
        }
    }
    Pixmap::from_rgb(width, height, rgb).unwrap()
}

/// What a terminal shows of a sequence: for each pixel the colour in per cent, or nothing where none was set.
struct Canvas {
    size: (usize, usize),
    pixels: Vec<Option<[u32; 3]>>,
    /// Pixels set below or beside what the raster attributes tell.
    outside: usize,
    colours: usize,
}

fn drawn(bytes: &[u8]) -> Canvas {
    let body = bytes.strip_prefix(b"\x1bP0;1;0q\"1;1;").unwrap();
    let body = std::str::from_utf8(body.strip_suffix(b"\x1b\\").unwrap()).unwrap();
    let mut rest = body;
    let number = |rest: &mut &str| -> usize {
        let length = rest.find(|c: char| !c.is_ascii_digit()).unwrap();
        let (digits, after) = rest.split_at(length);
        *rest = after;
        digits.parse().unwrap()
    };
    let width = number(&mut rest);
    rest = &rest[1..];
    let height = number(&mut rest);
    let mut canvas = Canvas {
        size: (width, height),
        pixels: vec![None; width * height],
        outside: 0,
        colours: 0,
    };
    let mut palette = vec![None; 256];
    let (mut x, mut y, mut colour, mut repeat) = (0, 0, None, 1);
    while let Some(character) = rest.chars().next() {
        rest = &rest[1..];
        match character {
            '#' => {
                let index = number(&mut rest);
                if rest.starts_with(";2;") {
                    rest = &rest[2..];
                    palette[index] = Some([0; 3].map(|_| {
                        rest = &rest[1..];
                        u32::try_from(number(&mut rest)).unwrap()
                    }));
                    canvas.colours += 1;
                }
                colour = palette[index];
                assert!(colour.is_some(), "colour {index} was not told");
            }
            '!' => repeat = number(&mut rest),
            '$' => x = 0,
            '-' => (x, y) = (0, y + BAND),
            '?'..='~' => {
                let bits = u32::from(character) - 63;
                for column in x..x + repeat {
                    for row in (0..BAND).filter(|row| bits >> row & 1 == 1) {
                        if column < width && y + row < height {
                            canvas.pixels[(y + row) * width + column] = colour;
                        } else {
                            canvas.outside += 1;
                        }
                    }
                }
                (x, repeat) = (x + repeat, 1);
            }
            other => panic!("{other:?} is no sixel"),
        }
    }
    canvas
}

fn per_cent(colour: [u8; 3]) -> [u32; 3] {
    colour.map(|byte| (u32::from(byte) * 100 + 127) / 255)
}

#[test]
fn strips_put_together_are_the_picture_in_few_colours() {
    let picture = sample(400, 340);
    for (colours, step) in [(16, 4), (64, u16::MAX), (64, 1), (256, 5)] {
        let (cols, rows) = (40, 17);
        let strips = encode(&picture, cols, rows, CELL, &options(colours, step));
        let wanted = quantise(&picture, usize::from(colours));
        let (mut row, mut pixels) = (0, Vec::new());
        for strip in &strips {
            assert_eq!((strip.row, strip.rows), (row, step.min(rows - row)));
            row += strip.rows;
            let canvas = drawn(&strip.bytes);
            assert_eq!(canvas.size, (400, usize::from(strip.rows) * 20));
            assert_eq!(canvas.outside, 0, "nothing of a strip lies outside of its cells");
            assert!(canvas.colours <= usize::from(colours));
            pixels.extend(canvas.pixels);
        }
        assert_eq!(row, rows);
        let shown = wanted
            .indices
            .iter()
            .map(|&index| Some(per_cent(wanted.colours[usize::from(index)])));
        assert!(
            pixels.into_iter().eq(shown),
            "{colours} colours, {step} rows a strip"
        );
    }
}

#[test]
fn a_strip_tells_only_the_colours_that_it_has_and_ends_on_its_last_row() {
    let mut picture = Pixmap::filled(100, 100, [255, 0, 0]);
    picture.rgb[..100 * 20 * 3].fill(0);
    let strips = encode(&picture, 10, 5, CELL, &options(64, 1));
    let first = drawn(&strips[0].bytes);
    assert_eq!(first.colours, 1);
    assert!(first.pixels.iter().all(|pixel| *pixel == Some([0; 3])));
    let text = String::from_utf8(strips[1].bytes.clone()).unwrap();
    // Three whole bands and two rows of a fourth, without a step to a fifth.
    assert_eq!(
        text,
        "\x1bP0;1;0q\"1;1;100;20#0;2;100;0;0#0!100~-#0!100~-#0!100~-#0!100B\x1b\\"
    );
}

#[test]
fn what_stands_before_a_background_does_not_cut_it() {
    let mut picture = Pixmap::filled(100, 20, [0, 0, 255]);
    for at in (0..100 * 20).step_by(7) {
        picture.rgb[at * 3..at * 3 + 3].copy_from_slice(&[255, 255, 0]);
    }
    let strips = encode(&picture, 10, 1, CELL, &options(16, 1));
    let text = String::from_utf8(strips[0].bytes.clone()).unwrap();
    assert!(text.contains("#0!100~$#1"), "{text}");
}

#[test]
fn no_strip_is_too_long_for_tmux_and_each_is_wrapped_whole() {
    let mut noise = 1_u64;
    let mut random = || {
        noise = noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        noise.to_be_bytes()[0]
    };
    let picture = Pixmap::from_rgb(1200, 800, (0..1200 * 800 * 3).map(|_| random()).collect()).unwrap();
    let wrap = Options {
        wrap: Wrap::Tmux,
        ..options(256, u16::MAX)
    };
    let strips = encode(&picture, 120, 40, CELL, &wrap);
    assert!(strips.len() > 1);
    let mut row = 0;
    for strip in &strips {
        assert_eq!(strip.row, row);
        row += strip.rows;
        assert!(strip.bytes.len() < 1_000_000);
        assert!(strip.bytes.starts_with(b"\x1bPtmux;\x1b\x1bP0;1;0q"));
        assert!(strip.bytes.ends_with(b"\x1b\x1b\\\x1b\\"));
    }
    assert_eq!(row, 40);
}
