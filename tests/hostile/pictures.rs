//! Pictures that claim more than a machine has: what they cost is measured from outside, on the real binary.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use base64::Engine as _;

use crate::server::Echo;
use crate::terminal::{Like, Start};
use crate::{below, tintype};

/// The mark: a bomb costs less memory than this,
const MEMORY_KB: u64 = 300_000;
/// and less time.
const TIME: Duration = Duration::from_secs(2);

/// A whole picture of noise-free red.
pub(crate) fn png(width: u32, height: u32) -> Vec<u8> {
    let picture = image::RgbImage::from_pixel(width, height, image::Rgb([180, 60, 20]));
    let mut bytes = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}

fn chunk(png: &mut Vec<u8>, kind: [u8; 4], data: &[u8]) {
    png.extend(u32::try_from(data.len()).unwrap().to_be_bytes());
    let begin = png.len();
    png.extend(kind);
    png.extend(data);
    let sum = crc32fast::hash(&png[begin..]);
    png.extend(sum.to_be_bytes());
}

/// A zlib stream of this many zero bytes, as small as deflate makes it: one fixed block whose matches are 258 long.
fn zeros(bytes: u64) -> Vec<u8> {
    let mut bits = Bits::default();
    bits.put(0b1, 1);
    bits.put(0b01, 2);
    // The literal 0, then copies of what stands one byte before: length code 285 (8 bits, 11000101), distance code 0.
    bits.code(0b0011_0000, 8);
    let copies = bytes.saturating_sub(1) / 258;
    for _ in 0..copies {
        bits.code(0b1100_0101, 8);
        bits.code(0, 5);
    }
    for _ in 0..bytes.saturating_sub(1) % 258 {
        bits.code(0b0011_0000, 8);
    }
    bits.code(0, 7);
    let mut stream = vec![0x78, 0xda];
    stream.extend(bits.end());
    let rest = u32::try_from(bytes % 65_521).unwrap();
    stream.extend((rest << 16 | 1).to_be_bytes());
    stream
}

#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    held: u64,
    count: u32,
}

impl Bits {
    fn put(&mut self, value: u64, count: u32) {
        self.held |= value << self.count;
        self.count += count;
        while self.count >= 8 {
            self.bytes.push(self.held.to_le_bytes()[0]);
            self.held >>= 8;
            self.count -= 8;
        }
    }

    /// Huffman codes stand with their first bit first.
    fn code(&mut self, code: u64, count: u32) {
        self.put(code.reverse_bits() >> (64 - count), count);
    }

    fn end(mut self) -> Vec<u8> {
        self.put(0, 7);
        self.bytes
    }
}

fn header(width: u32, height: u32, depth: u8, colour: u8, interlaced: u8) -> Vec<u8> {
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut data = width.to_be_bytes().to_vec();
    data.extend(height.to_be_bytes());
    data.extend([depth, colour, 0, 0, interlaced]);
    chunk(&mut png, *b"IHDR", &data);
    png
}

/// A PNG that comes to its end with next to no pixels.
fn pixelless(width: u32, height: u32, depth: u8, colour: u8, interlaced: u8) -> Vec<u8> {
    let mut png = header(width, height, depth, colour, interlaced);
    chunk(&mut png, *b"IDAT", &zeros(1));
    chunk(&mut png, *b"IEND", b"");
    png
}

/// A PNG whose pixels are all there, and zero.
fn hollow(width: u32, height: u32, depth: u8, colour: u8, interlaced: u8) -> Vec<u8> {
    let samples = [1, 0, 3, 1, 2, 0, 4][usize::from(colour)];
    let row = (u64::from(width) * u64::from(depth) * samples).div_ceil(8) + 1;
    let mut png = header(width, height, depth, colour, interlaced);
    chunk(&mut png, *b"IDAT", &zeros(row * u64::from(height)));
    chunk(&mut png, *b"IEND", b"");
    png
}

/// A small whole picture with a chunk before its pixels.
fn with_chunk(kind: [u8; 4], data: &[u8]) -> Vec<u8> {
    let mut png = header(8, 8, 8, 2, 0);
    chunk(&mut png, kind, data);
    chunk(&mut png, *b"IDAT", &zeros(25 * 8));
    chunk(&mut png, *b"IEND", b"");
    png
}

/// Name and bytes of every bomb.
fn bombs() -> Vec<(&'static str, Vec<u8>)> {
    let mut packed = b"x\0\0".to_vec();
    packed.extend(zeros(2_000_000_000));
    let mut profile = b"icc\0\0".to_vec();
    profile.extend(zeros(2_000_000_000));
    let mut gif =
        b"GIF89a\xff\xff\xff\xff\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\xff\xff\xff\xff\0\x02\x02L\x01\0;"
            .to_vec();
    gif.extend([0; 64]);
    let mut jpeg = b"\xff\xd8\xff\xc2\0\x11\x08\xff\xff\xff\xff\x03\x01\x22\0\x02\x11\0\x03\x11\0".to_vec();
    jpeg.extend(b"\xff\xda\0\x0c\x03\x01\0\x02\0\x03\0\0\x3f\0");
    jpeg.extend([0; 64]);
    jpeg.extend(b"\xff\xd9");
    let mut bmp = b"BM\0\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0".to_vec();
    bmp.extend(50_000_u32.to_le_bytes());
    bmp.extend(50_000_u32.to_le_bytes());
    bmp.extend(b"\x01\0\x18\0");
    bmp.extend([0; 64]);
    let mut webp = b"RIFF\x40\0\0\0WEBPVP8X\x0a\0\0\0\x10\0\0\0\xfe\xff\xff\xfe\xff\xff".to_vec();
    webp.extend([0; 64]);
    // A whole VP8L header: 16,384 by 16,384.
    let mut lossless = b"RIFF\x40\0\0\0WEBPVP8L\x30\0\0\0\x2f\xff\xff\xff\x0f".to_vec();
    lossless.extend([0; 64]);
    vec![
        ("one-bit.png", hollow(50_000, 50_000, 1, 0, 0)),
        ("just-below.png", hollow(8_900, 8_900, 1, 0, 0)),
        ("interlaced.png", pixelless(8_000, 8_000, 8, 6, 1)),
        ("deep.png", hollow(8_000, 8_000, 16, 6, 0)),
        ("wide.png", hollow(70_000_000, 1, 1, 0, 0)),
        ("endless.png", pixelless(0x7fff_ffff, 0x7fff_ffff, 16, 6, 0)),
        ("too-much.png", {
            let mut png = header(64, 64, 8, 2, 0);
            chunk(&mut png, *b"IDAT", &zeros(2_000_000_000));
            chunk(&mut png, *b"IEND", b"");
            png
        }),
        ("text.png", with_chunk(*b"zTXt", &packed)),
        ("profile.png", with_chunk(*b"iCCP", &profile)),
        ("frames.gif", gif),
        ("progressive.jpg", jpeg),
        ("rows.bmp", bmp),
        ("strips.tif", tiff()),
        ("canvas.webp", webp),
        ("lossless.webp", lossless),
        ("plain.ppm", b"P6 60000 60000 255\n".to_vec()),
        ("farb.ff", b"farbfeld\0\0\xff\xff\0\0\xff\xff".to_vec()),
        ("quite.qoi", b"qoif\0\0\xea\x60\0\0\xea\x60\x03\0".to_vec()),
    ]
}

/// Rows of 60,000 by 60,000 in one strip.
fn tiff() -> Vec<u8> {
    let mut bytes = b"II\x2a\0\x08\0\0\0".to_vec();
    let entries: [(u16, u16, u32); 9] = [
        (256, 4, 60_000),
        (257, 4, 60_000),
        (258, 3, 8),
        (259, 3, 1),
        (262, 3, 1),
        (273, 4, 8),
        (277, 3, 1),
        (278, 4, 60_000),
        (279, 4, 3_600_000_000),
    ];
    bytes.extend(u16::try_from(entries.len()).unwrap().to_le_bytes());
    for (tag, kind, value) in entries {
        bytes.extend(tag.to_le_bytes());
        bytes.extend(kind.to_le_bytes());
        bytes.extend(1_u32.to_le_bytes());
        bytes.extend(value.to_le_bytes());
    }
    bytes.extend([0; 64]);
    bytes
}

/// The most memory that a living process has had.
fn peak_kb(pid: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// Runs a command to its end; its exit code, its peak and its time.
pub(crate) fn measured(mut child: Child) -> (Option<i32>, u64, Duration) {
    let begun = Instant::now();
    let mut peak = 0;
    loop {
        peak = peak_kb(child.id()).unwrap_or(0).max(peak);
        if let Some(status) = child.try_wait().unwrap() {
            return (status.code(), peak, begun.elapsed());
        }
        assert!(begun.elapsed() < crate::PATIENCE, "it never ends");
        std::thread::sleep(Duration::from_millis(2));
    }
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.join(name);
    std::fs::File::create(&path).unwrap().write_all(bytes).unwrap();
    path
}

/// A model that takes nothing but small JPEGs has every reference decoded here.
const STRICT: &str = "[providers.relay]\nbase_url = 'URL'\nauth = 'none'\n[[providers.relay.models]]\n\
    name = 'm'\nlike = 'gemini-3.1-flash-image'\n";

#[test]
fn a_bomb_as_a_reference_costs_little() {
    let home = tempfile::tempdir().unwrap();
    let server = Echo::start();
    server.answer_with("HTTP/1.1 400 No\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    let config = write(
        home.path(),
        "config.toml",
        STRICT.replace("URL", &server.base_url).as_bytes(),
    );
    for (name, mut bytes) in bombs() {
        // Too heavy to be sent as it is: it has to be read.
        bytes.resize(bytes.len().max(7_200_000), 0);
        let path = write(home.path(), name, &bytes);
        let mut command = tintype(
            home.path(),
            &[
                "-p",
                "relay",
                "-m",
                "m",
                "generate",
                "a fox",
                "-q",
                "--retries",
                "0",
                "-i",
            ],
        );
        command
            .arg(&path)
            .arg("--config")
            .arg(&config)
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let (code, peak, time) = measured(command.spawn().unwrap());
        assert!(matches!(code, Some(2 | 5)), "{name}: {code:?}");
        assert!(peak < MEMORY_KB, "{name} takes {peak} KB");
        assert!(time < TIME, "{name} takes {time:?}");
        std::fs::remove_file(path).unwrap();
    }
}

#[test]
fn a_bomb_from_a_server_is_saved_and_its_preview_costs_little() {
    let home = tempfile::tempdir().unwrap();
    let server = Echo::start();
    let mut ids = Vec::new();
    for (name, bytes) in bombs() {
        let data = base64::engine::general_purpose::STANDARD.encode(&bytes);
        let event = format!(
            "{{\"candidates\":[{{\"content\":{{\"parts\":[{{\"inlineData\":{{\"mimeType\":\"image/png\",\"data\":\"{data}\"}}}}]}},\"finishReason\":\"STOP\"}}]}}"
        );
        let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";
        server.answer_with(format!("{head}data: {event}\n\n"));
        let args = [
            "-p",
            "demo",
            "--base-url",
            &server.base_url,
            "generate",
            name,
            "--json",
        ];
        let mut command = tintype(home.path(), &args);
        let child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let pid = child.id();
        let output = child.wait_with_output().unwrap();
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
            panic!(
                "{name} ({pid}): {error}: {}",
                String::from_utf8_lossy(&output.stderr)
            )
        });
        assert_eq!(report["status"], "finished", "{name}: {report}");
        let path = report["images"][0]["path"].as_str().unwrap();
        assert_eq!(
            std::fs::read(path).unwrap(),
            bytes,
            "{name} was not kept as it came"
        );
        ids.push((name, report["session"].as_str().unwrap().to_owned()));
    }
    for (name, id) in ids {
        let begun = Instant::now();
        let mut terminal = Start::new(home.path())
            .like(Like::Kitty)
            .demo("0")
            .args(&["--session", &id])
            .run();
        terminal.wait_start();
        // Either it is shown after all, or the reason is: the session opens in any case.
        let shown = [
            "just-below.png",
            "deep.png",
            "too-much.png",
            "text.png",
            "profile.png",
        ]
        .contains(&name);
        if shown {
            terminal.wait("the picture", |screen| screen.contains('\u{10eeee}'));
        } else {
            terminal.wait_text("The file is kept");
        }
        let time = begun.elapsed();
        terminal.wait_text(name);
        let peak = peak_kb(terminal.pid().as_raw_nonzero().get().unsigned_abs()).unwrap();
        terminal.keys("\x11");
        assert_eq!(terminal.exit(), 0, "{name}");
        assert!(peak < MEMORY_KB, "{name} takes {peak} KB");
        assert!(time < TIME * 2, "{name} takes {time:?}");
    }
    assert!(
        below(home.path())
            .iter()
            .all(|path| !path.to_string_lossy().contains("panic-"))
    );
}
