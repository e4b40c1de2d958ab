//! iTerm2's inline pictures: files of JPEG or PNG within an escape sequence, drawn at the cursor. It makes the bytes of
//! whole strips; where and when they are written is decided elsewhere.

use super::kitty::{Wrap, wrapped};
use super::{CellSize, Pixmap, Strip, Window, near_lossless, scale};

/// From this quality on colours are as sharp as the light.
const SHARP: u8 = 90;

/// Bytes of a file in one sequence inside tmux, which drops sequences of a megabyte. A longer file goes in parts, which
/// fewer terminals know.
const PART: usize = 144 * 1024;

/// How a picture is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Of the JPEG, 1 to 100; nothing keeps every pixel, as PNG.
    pub quality: Option<u8>,
    /// Rows of cells in a strip; [`u16::MAX`] makes one strip of all.
    pub rows: u16,
    pub wrap: Wrap,
}

/// The picture for `cols` by `rows` cells: scaled to their pixels where it has more, and fewer where it has fewer, which
/// the terminal enlarges.
pub fn encode(picture: &Pixmap, cols: u16, rows: u16, cell: CellSize, options: &Options) -> Vec<Strip> {
    let (cols, rows) = (cols.max(1), rows.max(1));
    let cell = enough(picture, cols, rows, cell);
    let pixels = |cells: u16, pixels: u16| u32::from(cells) * u32::from(pixels);
    let (width, line) = (pixels(cols, cell.width), u32::from(cell.height));
    let small = scale(picture, width, pixels(rows, cell.height));
    let step = options.rows.max(1);
    let strip = |row: u16| {
        let rows = step.min(rows - row);
        let part = small.crop(Window {
            x: 0,
            y: u32::from(row) * line,
            width,
            height: u32::from(rows) * line,
        });
        let bytes = sequences(&file(&part, options.quality), cols, rows, options.wrap);
        Strip { row, rows, bytes }
    };
    (0..rows).step_by(usize::from(step)).map(strip).collect()
}

/// The pixels of a cell that are worth sending: no more than the picture has, and as many in each cell.
fn enough(picture: &Pixmap, cols: u16, rows: u16, cell: CellSize) -> CellSize {
    let (width, height) = (cell.width.max(1), cell.height.max(1));
    let share = |own: u32, cells: u16, pixels: u16| f64::from(own) / (f64::from(cells) * f64::from(pixels));
    let factor = share(picture.width, cols, width).max(share(picture.height, rows, height));
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a fraction of a u16"
    )]
    let pixels = |whole: u16| (f64::from(whole) * factor.min(1.0)).ceil().max(1.0) as u16;
    CellSize {
        width: pixels(width),
        height: pixels(height),
    }
}

/// What the terminal decodes. A picture that JPEG cannot hold is PNG.
fn file(picture: &Pixmap, quality: Option<u8>) -> Vec<u8> {
    quality
        .and_then(|quality| jpeg(picture, quality.clamp(1, 100)))
        .unwrap_or_else(|| near_lossless::encode(picture, 1))
}

fn jpeg(picture: &Pixmap, quality: u8) -> Option<Vec<u8>> {
    use jpeg_encoder::{ColorType, Encoder, SamplingFactor};
    let (width, height) = (
        u16::try_from(picture.width).ok()?,
        u16::try_from(picture.height).ok()?,
    );
    let mut bytes = Vec::with_capacity(picture.rgb.len() / 8);
    let mut encoder = Encoder::new(&mut bytes, quality);
    encoder.set_sampling_factor(if quality < SHARP {
        SamplingFactor::F_2_2
    } else {
        SamplingFactor::F_1_1
    });
    // Tables of its own would save a twentieth and cost a scan for each colour, which `zune-jpeg`, and so WezTerm, decodes
    // to green where colours are halved.
    encoder.set_optimized_huffman_tables(false);
    encoder.encode(&picture.rgb, width, height, ColorType::Rgb).ok()?;
    Some(bytes)
}

/// A file as the sequences that show it in so many cells.
fn sequences(file: &[u8], cols: u16, rows: u16, wrap: Wrap) -> Vec<u8> {
    let size = file.len();
    // WezTerm would else move the cursor, and scroll at the end of the screen.
    let shape =
        format!("inline=1;size={size};width={cols};height={rows};preserveAspectRatio=0;doNotMoveCursor=1");
    if wrap == Wrap::None || size <= PART {
        return sequence(&format!("File={shape}:"), file, wrap);
    }
    let mut bytes = sequence(&format!("MultipartFile={shape}"), &[], wrap);
    for part in file.chunks(PART) {
        bytes.extend(sequence("FilePart=", part, wrap));
    }
    bytes.extend(sequence("FileEnd", &[], wrap));
    bytes
}

fn sequence(control: &str, payload: &[u8], wrap: Wrap) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(payload.len() / 3 * 4 + control.len() + 16);
    bytes.extend_from_slice(b"\x1b]1337;");
    bytes.extend_from_slice(control.as_bytes());
    base64_simd::STANDARD.encode_append(payload, &mut bytes);
    bytes.push(0x07);
    wrapped(bytes, wrap)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graphics::decode;

    const CELL: CellSize = CellSize {
        width: 10,
        height: 20,
    };

    fn sample(width: u32, height: u32) -> Pixmap {
        let mut noise = 1_u32;
        let mut rgb = Vec::new();
        for at in 0..width * height {
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let [x, y] = [at % width, at / width].map(|value| u8::try_from(value * 255 / 1000).unwrap());
            rgb.extend([x, y, noise.to_be_bytes()[0] / 4]);
        }
        Pixmap::from_rgb(width, height, rgb).unwrap()
    }

    /// The arguments and the file of each sequence of a strip, and the sequences' names.
    fn read(bytes: &[u8]) -> (Vec<String>, String, Vec<u8>) {
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        let (mut names, mut arguments, mut file) = (Vec::new(), String::new(), Vec::new());
        for sequence in text.split_terminator('\x07') {
            let body = sequence.strip_prefix("\x1b]1337;").unwrap();
            let (name, value) = body.split_once('=').unwrap_or((body, ""));
            names.push(name.to_owned());
            let payload = match name {
                "File" => value
                    .split_once(':')
                    .map(|(shape, payload)| (shape.to_owned(), payload)),
                "MultipartFile" => Some((value.to_owned(), "")),
                _ => Some((arguments.clone(), value)),
            };
            let (shape, payload) = payload.unwrap();
            arguments = shape;
            file.extend(base64_simd::STANDARD.decode_to_vec(payload).unwrap());
        }
        (names, arguments, file)
    }

    #[test]
    fn strips_put_together_are_the_picture() {
        let picture = sample(1000, 700);
        let options = Options {
            quality: None,
            rows: 6,
            wrap: Wrap::None,
        };
        let strips = encode(&picture, 50, 20, CELL, &options);
        let places: Vec<_> = strips.iter().map(|strip| (strip.row, strip.rows)).collect();
        assert_eq!(places, [(0, 6), (6, 6), (12, 6), (18, 2)]);
        let mut rgb = Vec::new();
        for strip in &strips {
            let (names, arguments, file) = read(&strip.bytes);
            assert_eq!(names, ["File"]);
            let shape = format!(
                "inline=1;size={};width=50;height={};preserveAspectRatio=0;doNotMoveCursor=1",
                file.len(),
                strip.rows
            );
            assert_eq!(arguments, shape);
            rgb.extend(decode(&file).unwrap().rgb);
        }
        assert_eq!(rgb, scale(&picture, 500, 400).rgb);
    }

    #[test]
    fn a_small_picture_is_not_sent_larger_than_it_is() {
        let options = Options {
            quality: Some(85),
            rows: u16::MAX,
            wrap: Wrap::None,
        };
        let strips = encode(&sample(160, 160), 80, 40, CELL, &options);
        let (_, _, file) = read(&strips[0].bytes);
        assert_eq!((strips.len(), decode(&file).unwrap().size()), (1, (160, 160)));
        assert!(strips[0].bytes.len() < 20_000);
    }

    #[test]
    fn a_finer_quality_keeps_colours_sharp_and_is_longer() {
        let picture = sample(400, 400);
        let lengths = [60, 85, 92].map(|quality| file(&picture, Some(quality)).len());
        assert!(lengths.is_sorted());
        let sampling = |quality| {
            let bytes = file(&picture, Some(quality));
            let frame = bytes.windows(2).position(|pair| pair == [0xff, 0xc0]).unwrap();
            bytes[frame + 11]
        };
        assert_eq!((sampling(85), sampling(90)), (0x22, 0x11));
        let scans = |bytes: &[u8]| bytes.windows(2).filter(|pair| *pair == [0xff, 0xda]).count();
        assert_eq!(scans(&file(&picture, Some(85))), 1);
    }

    #[test]
    fn inside_tmux_no_sequence_is_too_long_to_pass() {
        let options = Options {
            quality: None,
            rows: u16::MAX,
            wrap: Wrap::Tmux,
        };
        let strips = encode(&sample(1000, 700), 80, 40, CELL, &options);
        let open = b"\x1bPtmux;";
        let text = &strips[0].bytes;
        let mut plain = Vec::new();
        for sequence in text[open.len()..].split(|byte| *byte == 0x07) {
            assert!(sequence.len() < 200_000);
            let start = sequence.iter().position(|byte| *byte == b']');
            let Some(start) = start else { break };
            assert!(sequence[..start].ends_with(b"\x1b\x1b"));
            plain.extend([b"\x1b", &sequence[start..], b"\x07"].concat());
        }
        let (names, _, file) = read(&plain);
        assert_eq!(names.first().map(String::as_str), Some("MultipartFile"));
        assert_eq!(names.last().map(String::as_str), Some("FileEnd"));
        assert_eq!(decode(&file).unwrap().size(), (800, 800));
        let small = encode(&sample(100, 70), 80, 40, CELL, &options);
        assert!(small[0].bytes.starts_with(b"\x1bPtmux;\x1b\x1b]1337;File="));
        assert!(small[0].bytes.ends_with(b"\x07\x1b\\"));
    }
}
