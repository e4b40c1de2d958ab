//! Pictures as a user meets them: files of every kind decode, bombs are refused, what goes to a terminal is well
//! formed, and a picture that is still arriving looks the same however its bytes are cut.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

#[path = "graphics/alpha.rs"]
mod alpha;
#[path = "graphics/container.rs"]
mod container;
#[path = "stage/photo.rs"]
mod photo;
#[path = "graphics/upright.rs"]
mod upright;

use std::io::Cursor;

use tintype::error::Kind;
use tintype::graphics::develop::Developing;
use tintype::graphics::kitty::{self, Placement, Upload, Wrap};
use tintype::graphics::{Pixmap, decode, decode_over, dimensions, dimensions_in, is_image, shrink};

/// A picture in which every pixel differs from its neighbours.
fn pattern(width: u32, height: u32) -> Pixmap {
    let pixel = |x: u32, y: u32| [x * 7 + y, y * 5, x ^ (y * 3)].map(|value| value.to_le_bytes()[0]);
    let rgb = (0..height)
        .flat_map(|y| (0..width).flat_map(move |x| pixel(x, y)))
        .collect();
    Pixmap::from_rgb(width, height, rgb).unwrap()
}

fn png(size: (u32, u32), colour: png::ColorType, depth: png::BitDepth, data: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, size.0, size.1);
    encoder.set_color(colour);
    encoder.set_depth(depth);
    if colour == png::ColorType::Indexed {
        encoder.set_palette(&[10, 20, 30, 200, 100, 50][..]);
        encoder.set_trns(&[255, 0][..]);
    }
    encoder.write_header().unwrap().write_image_data(data).unwrap();
    out
}

fn rgb_png(picture: &Pixmap) -> Vec<u8> {
    png(
        picture.size(),
        png::ColorType::Rgb,
        png::BitDepth::Eight,
        &picture.rgb,
    )
}

mod decoding {
    use super::*;

    #[test]
    fn every_kind_of_png_becomes_plain_pixels() {
        use png::{BitDepth, ColorType};
        let picture = pattern(33, 9);
        assert_eq!(decode(&rgb_png(&picture)).unwrap(), picture);
        let wide: Vec<u8> = picture.rgb.iter().flat_map(|&byte| [byte, 0x5a]).collect();
        assert_eq!(
            decode(&png((33, 9), ColorType::Rgb, BitDepth::Sixteen, &wide)).unwrap(),
            picture
        );
        let gray = png(
            (2, 2),
            ColorType::Grayscale,
            BitDepth::One,
            &[0b1000_0000, 0b0100_0000],
        );
        assert_eq!(
            decode(&gray).unwrap().rgb,
            [[255; 3], [0; 3], [0; 3], [255; 3]].concat()
        );
        let alpha = png((1, 1), ColorType::GrayscaleAlpha, BitDepth::Eight, &[100, 128]);
        assert_eq!(decode(&alpha).unwrap().rgb, [50, 50, 50]);
        let palette = png((3, 1), ColorType::Indexed, BitDepth::One, &[0b0100_0000]);
        assert_eq!(
            decode_over(&palette, [1, 2, 3]).unwrap().rgb,
            [10, 20, 30, 1, 2, 3, 10, 20, 30]
        );
        let rgba = png(
            (2, 1),
            ColorType::Rgba,
            BitDepth::Eight,
            &[200, 100, 0, 255, 9, 9, 9, 0],
        );
        assert_eq!(
            decode_over(&rgba, [255; 3]).unwrap().rgb,
            [200, 100, 0, 255, 255, 255]
        );
    }

    #[test]
    fn jpeg_and_webp_decode_too() {
        let picture = Pixmap::filled(40, 30, [200, 60, 20]);
        for format in [image::ImageFormat::Jpeg, image::ImageFormat::WebP] {
            let mut file = Cursor::new(Vec::new());
            let source = image::RgbImage::from_raw(40, 30, picture.rgb.clone()).unwrap();
            source.write_to(&mut file, format).unwrap();
            let file = file.into_inner();
            let back = decode(&file).unwrap();
            assert_eq!((back.size(), dimensions(&file)), ((40, 30), Some((40, 30))));
            assert!(
                back.rgb
                    .iter()
                    .zip(&picture.rgb)
                    .all(|(one, other)| one.abs_diff(*other) < 5)
            );
        }
    }

    #[test]
    fn a_photograph_stands_upright_as_its_camera_says() {
        let mut file = Vec::new();
        let encoder = image::codecs::jpeg::JpegEncoder::new(&mut file);
        let half =
            image::RgbImage::from_fn(64, 32, |x, _| image::Rgb(if x < 32 { [255; 3] } else { [0; 3] }));
        half.write_with_encoder(encoder).unwrap();
        // EXIF: one entry, orientation 6, which is a quarter turn clockwise.
        let exif = b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
        let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
        file.splice(2..2, [&[0xff, 0xe1], &length[..], exif].concat());
        let turned = decode(&file).unwrap();
        assert_eq!(turned.size(), (32, 64));
        let last = turned.rgb.len() - 1;
        assert!(
            turned.rgb[0] > 200 && turned.rgb[last] < 50,
            "the left side is now on top"
        );
    }

    #[test]
    fn the_largest_pictures_of_any_model_pass() {
        for size in [(12_288, 1536), (6336, 2688)] {
            let data = vec![0x55; size.0 as usize * size.1 as usize];
            let file = png(size, png::ColorType::Grayscale, png::BitDepth::Eight, &data);
            assert_eq!(decode(&file).unwrap().size(), size);
        }
    }

    #[test]
    fn bombs_are_refused_before_memory_is_taken() {
        let header = |width: u32, height: u32| {
            let mut file = png((1, 1), png::ColorType::Rgb, png::BitDepth::Eight, &[1, 2, 3]);
            file[16..20].copy_from_slice(&width.to_be_bytes());
            file[20..24].copy_from_slice(&height.to_be_bytes());
            file
        };
        let jpeg = b"\xff\xd8\xff\xc0\0\x11\x08\xff\xff\xff\xff\x03\x01\x22\0\x02\x11\x01\x03\x11\x01";
        for file in [
            header(100_000, 100_000),
            header(u32::MAX >> 1, 1),
            header(9000, 9000),
            jpeg.to_vec(),
        ] {
            assert_eq!(decode(&file).unwrap_err().kind, Kind::BadInput);
        }
        let error = decode(&header(20_000, 10_000)).unwrap_err();
        assert!(error.message.contains("20000 × 10000"), "{error}");
    }

    #[test]
    fn what_is_no_picture_or_a_broken_one_is_said_to_be() {
        let whole = rgb_png(&pattern(50, 50));
        let half = &whole[..whole.len() / 2];
        let broken: [&[u8]; 6] = [
            b"",
            b"hello",
            b"GIF89a\x01\0\x01\0",
            half,
            b"\xff\xd8\xff\xe0",
            b"RIFF\0\0\0\0WEBPVP8 ",
        ];
        for file in broken {
            let error = decode(file).unwrap_err();
            assert_eq!(error.kind, Kind::BadInput);
            assert!(!error.message.is_empty());
        }
        assert!(is_image(&whole) && is_image(b"GIF89a") && !is_image(b"<html>") && !is_image(b""));
    }

    #[test]
    fn a_size_is_found_behind_any_amount_of_metadata() {
        let mut jpeg = vec![0xff, 0xd8];
        for _ in 0..12 {
            jpeg.extend_from_slice(&[0xff, 0xe1, 0xff, 0xff]);
            jpeg.extend_from_slice(&vec![0xff; 65_533]);
        }
        jpeg.extend_from_slice(b"\xff\xff\xc4\0\x04aa\xff\xc2\0\x0b\x08\x03\x00\x05\x40\x01\x01\x11\0");
        assert_eq!(dimensions(&jpeg), Some((1344, 768)));
        assert_eq!(dimensions_in(&mut Cursor::new(&jpeg)), Some((1344, 768)));
        assert_eq!(dimensions(&jpeg[..1000]), None);
        assert_eq!(dimensions(b"GIF89a\x10\x02\x20\x01"), Some((528, 288)));
        assert_eq!(dimensions(&rgb_png(&pattern(5, 3))[..24]), Some((5, 3)));
        assert_eq!(dimensions(&rgb_png(&pattern(5, 3))[..23]), None);
        let lossy = b"RIFF\0\0\0\0WEBPVP8 \0\0\0\0\0\0\0\x9d\x01\x2a\x40\x05\x00\x03";
        assert_eq!(dimensions(lossy), Some((1344, 768)));
        let extended = b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\x10\0\0\0\x3f\x05\0\xff\x02\0";
        assert_eq!(dimensions(extended), Some((1344, 768)));
    }
}

mod uploads {
    use super::*;

    const UPLOAD: Upload = Upload {
        id: 42,
        cols: 20,
        rows: 7,
        placement: Placement::Virtual,
        wrap: Wrap::None,
        step: 6,
    };

    /// The control data and the payload of one sequence, which must be whole.
    fn parse(sequence: &[u8]) -> (String, String) {
        let body = sequence
            .strip_prefix(b"\x1b_G")
            .unwrap()
            .strip_suffix(b"\x1b\\")
            .unwrap();
        let text = std::str::from_utf8(body).unwrap();
        let (control, payload) = text.split_once(';').unwrap();
        (control.to_owned(), payload.to_owned())
    }

    fn unwrapped(sequence: &[u8]) -> Vec<u8> {
        let inner = sequence
            .strip_prefix(b"\x1bPtmux;")
            .unwrap()
            .strip_suffix(b"\x1b\\")
            .unwrap();
        let plain: Vec<_> = String::from_utf8(inner.to_vec())
            .unwrap()
            .replace("\x1b\x1b", "\x1b")
            .into();
        assert_eq!(
            plain.len() + 2,
            inner.len(),
            "exactly the two escapes are doubled"
        );
        plain
    }

    #[test]
    fn a_picture_goes_out_in_whole_sequences_and_comes_back() {
        let picture = pattern(200, 140);
        let sequences = UPLOAD.encode(&picture);
        assert!(sequences.len() > 3);
        let mut base64 = String::new();
        for (index, sequence) in sequences.iter().enumerate() {
            let (control, payload) = parse(sequence);
            assert!(payload.len() <= 4096 && payload.len() % 4 == 0);
            let more = u8::from(index + 1 < sequences.len());
            let expected = if index == 0 {
                format!("a=T,U=1,f=100,i=42,c=20,r=7,q=2,m={more}")
            } else {
                format!("m={more},q=2")
            };
            assert_eq!(control, expected);
            base64 += &payload;
        }
        let file = base64_simd::STANDARD.decode_to_vec(base64).unwrap();
        let back = decode(&file).unwrap();
        assert!(
            back.rgb
                .iter()
                .zip(&picture.rgb)
                .all(|(one, other)| one.abs_diff(*other) <= 3)
        );
    }

    #[test]
    fn inside_tmux_each_sequence_is_wrapped_by_itself() {
        let picture = pattern(200, 140);
        let plain = UPLOAD.encode(&picture);
        let wrapped = Upload {
            wrap: Wrap::Tmux,
            ..UPLOAD
        }
        .encode(&picture);
        assert_eq!(
            wrapped
                .iter()
                .map(|sequence| unwrapped(sequence))
                .collect::<Vec<_>>(),
            plain
        );
        assert_eq!(
            unwrapped(&kitty::place(3, 4, 5, Wrap::Tmux)),
            kitty::place(3, 4, 5, Wrap::None)
        );
    }

    #[test]
    fn a_small_picture_is_one_sequence() {
        let sequences = Upload {
            placement: Placement::AtCursor,
            ..UPLOAD
        }
        .encode(&pattern(4, 4));
        assert_eq!(sequences.len(), 1);
        assert!(parse(&sequences[0]).0.starts_with("a=t,f=100,i=42,q=2,m=0"));
    }

    #[test]
    fn a_first_paint_is_small_on_the_wire() {
        let cell = tintype::graphics::CellSize {
            width: 10,
            height: 20,
        };
        let picture = pattern(1024, 1024);
        let small = tintype::graphics::first_paint(&picture, 80, 40, cell);
        let bytes: usize = Upload { step: 8, ..UPLOAD }
            .encode(&small)
            .iter()
            .map(Vec::len)
            .sum();
        assert!(bytes <= 60_000, "{bytes}");
        assert_eq!(shrink(&picture, 80, 40, cell).size(), (800, 800));
    }
}

mod developing {
    use super::*;

    /// Feeds the file in pieces of this many bytes; checks that rows only ever grow.
    fn develop(file: &[u8], piece: usize, least: (u32, u32)) -> Developing {
        let mut picture = Developing::new(least.0, least.1);
        let mut rows = 0;
        for bytes in file.chunks(piece) {
            picture.push(bytes);
            let news = picture.develop();
            assert_eq!(news, picture.rows() > rows);
            rows = picture.rows();
        }
        picture
    }

    #[test]
    fn the_whole_file_is_the_whole_picture_however_it_is_cut() {
        let whole = pattern(61, 47);
        let file = rgb_png(&whole);
        for piece in (1..40).chain([100, 1000, file.len()]) {
            let picture = develop(&file, piece, (u32::MAX, u32::MAX));
            assert_eq!((picture.size(), picture.rows()), (Some((61, 47)), 47));
            assert_eq!(picture.pixmap().unwrap(), &whole, "pieces of {piece}");
        }
    }

    #[test]
    fn half_a_file_shows_its_upper_rows_and_nothing_else() {
        let whole = pattern(300, 200);
        let file = rgb_png(&whole);
        let half = &file[..file.len() / 2];
        let rows = [1, 13, 999, half.len()].map(|piece| {
            let picture = develop(half, piece, (u32::MAX, u32::MAX));
            let painted = picture.rows() as usize * 900;
            let pixels = &picture.pixmap().unwrap().rgb;
            assert_eq!(pixels[..painted], whole.rgb[..painted]);
            assert!(pixels[painted..].iter().all(|byte| *byte == 0));
            picture.rows()
        });
        // The decoder keeps its last few bits until it sees what follows, which may be a row's end.
        assert!(
            rows.iter()
                .all(|count| (20..180).contains(count) && count.abs_diff(rows[0]) <= 1),
            "{rows:?}"
        );
    }

    fn jpeg(picture: &Pixmap, sampling: jpeg_encoder::SamplingFactor, restart: u16) -> Vec<u8> {
        let [width, height] = [picture.width, picture.height].map(|side| u16::try_from(side).unwrap());
        let mut bytes = Vec::new();
        let mut encoder = jpeg_encoder::Encoder::new(&mut bytes, 90);
        encoder.set_sampling_factor(sampling);
        if restart > 0 {
            encoder.set_restart_interval(restart);
        }
        encoder
            .encode(&picture.rgb, width, height, jpeg_encoder::ColorType::Rgb)
            .unwrap();
        bytes
    }

    /// Whatever has arrived of a JPEG, its rows are those of the whole, and all come in the end.
    fn check_every_prefix(file: &[u8], what: &str) {
        let whole = decode(file).unwrap();
        let stride = whole.width as usize * 3;
        let (mut most, mut stages) = (0, 0);
        for end in 0..=file.len() {
            let picture = develop(&file[..end], file.len(), (u32::MAX, u32::MAX));
            let painted = picture.rows() as usize * stride;
            assert!(picture.rows() >= most, "{what}: rows go away at {end}");
            stages += u32::from(picture.rows() > most);
            most = picture.rows();
            if let Some(pixels) = picture.pixmap() {
                assert_eq!(pixels.rgb[..painted], whole.rgb[..painted], "{what}, {end} bytes");
            }
            assert_eq!(
                tintype::graphics::breaks_off(&file[..end]),
                (3..file.len()).contains(&end),
                "{what} {end}"
            );
        }
        assert_eq!(most, whole.height, "{what}");
        assert!(stages >= whole.height / 16 - 1, "{what}: only {stages} stages");
    }

    #[test]
    fn every_beginning_of_a_jpeg_shows_its_rows_and_nothing_else() {
        use jpeg_encoder::SamplingFactor::{F_1_1, F_1_2, F_2_1, F_2_2};
        for sampling in [F_1_1, F_1_2, F_2_1, F_2_2] {
            for (picture, restart) in [
                (pattern(47, 70), 0),
                (pattern(47, 70), 2),
                (pattern(9, 130), 1),
                (Pixmap::filled(16, 128, [90, 60, 30]), 0),
                (Pixmap::filled(1, 64, [0; 3]), 0),
            ] {
                let file = jpeg(&picture, sampling, restart);
                check_every_prefix(&file, &format!("{sampling:?}, {:?}, {restart}", picture.size()));
            }
        }
        let gray =
            image::GrayImage::from_fn(40, 80, |x, y| image::Luma([u8::try_from(x * y % 251).unwrap()]));
        let mut bytes = Cursor::new(Vec::new());
        gray.write_to(&mut bytes, image::ImageFormat::Jpeg).unwrap();
        check_every_prefix(&bytes.into_inner(), "gray");
    }

    #[test]
    fn a_jpeg_in_several_scans_waits_until_it_is_whole() {
        let picture = pattern(64, 64);
        let mut bytes = Vec::new();
        let mut encoder = jpeg_encoder::Encoder::new(&mut bytes, 90);
        encoder.set_progressive(true);
        encoder
            .encode(&picture.rgb, 64, 64, jpeg_encoder::ColorType::Rgb)
            .unwrap();
        let scans = develop(&bytes, 50, (64, 64));
        assert!(scans.pixmap().is_none());

        let plain = jpeg(&picture, jpeg_encoder::SamplingFactor::F_2_2, 0);
        assert_eq!(develop(&plain, 50, (64, 64)).rows(), 64);
    }

    #[test]
    fn a_large_picture_is_kept_small() {
        let whole = Pixmap::filled(1003, 507, [90, 60, 30]);
        let picture = develop(&rgb_png(&whole), 333, (100, 100));
        assert_eq!((picture.size(), picture.rows()), (Some((1003, 507)), 507));
        let small = picture.pixmap().unwrap();
        assert_eq!(small.size(), (201, 102));
        assert!(small.rgb.chunks(3).all(|pixel| pixel == [90, 60, 30]));
    }

    #[test]
    fn what_cannot_develop_stays_blank_and_harms_nothing() {
        let mut interlaced = rgb_png(&pattern(20, 20));
        interlaced[28] = 1;
        let mut huge = rgb_png(&pattern(20, 20));
        huge[16..24].fill(0x7f);
        let files: [&[u8]; 6] = [
            &interlaced,
            &huge,
            b"\xff\xd8\xff\xe0 a JPEG",
            b"",
            b"\x89PNG\r\n\x1a\nIDAT",
            &[0; 100],
        ];
        for file in files {
            let picture = develop(file, 7, (800, 800));
            assert_eq!((picture.rows(), picture.pixmap().is_none()), (0, true));
        }
        let mut damaged = rgb_png(&pattern(300, 300));
        let middle = damaged.len() / 2;
        damaged[middle..middle + 64].fill(0xff);
        let picture = develop(&damaged, 100, (u32::MAX, u32::MAX));
        assert!(
            picture.rows() < 300 && picture.pixmap().is_some(),
            "what came before the damage stays"
        );
    }
}
