//! Images with holes, over what is behind them.

use png::{BitDepth, ColorType};
use tintype::graphics::develop::Developing;
use tintype::graphics::{Backdrop, decode_over, thumbnail};

use crate::{png, rgb_png};

/// A black line across nothing, in each form that a PNG can have.
fn lines() -> Vec<(&'static str, Vec<u8>)> {
    let is_line = |y: usize| (8..12).contains(&y);
    let pixels = |on: &[u8], off: &[u8]| -> Vec<u8> {
        (0..20 * 20)
            .flat_map(|at| {
                if is_line(at / 20) {
                    on.to_vec()
                } else {
                    off.to_vec()
                }
            })
            .collect()
    };
    let rgba = png(
        (20, 20),
        ColorType::Rgba,
        BitDepth::Eight,
        &pixels(&[0, 0, 0, 255], &[0; 4]),
    );
    let wide = png(
        (20, 20),
        ColorType::Rgba,
        BitDepth::Sixteen,
        &pixels(&[0, 0, 0, 0, 0, 0, 255, 255], &[0; 8]),
    );
    let gray = png(
        (20, 20),
        ColorType::GrayscaleAlpha,
        BitDepth::Eight,
        &pixels(&[0, 255], &[0, 0]),
    );
    let image = image::RgbaImage::from_raw(20, 20, pixels(&[0, 0, 0, 255], &[0; 4])).unwrap();
    let written = |format| {
        let mut file = std::io::Cursor::new(Vec::new());
        image.write_to(&mut file, format).unwrap();
        file.into_inner()
    };
    vec![
        ("RGBA", rgba),
        ("RGBA of 16 bits", wide),
        ("gray and alpha", gray),
        ("WebP", written(image::ImageFormat::WebP)),
        ("TIFF", written(image::ImageFormat::Tiff)),
        ("GIF", written(image::ImageFormat::Gif)),
    ]
}

#[test]
fn a_black_line_is_seen_on_every_background() {
    for (name, file) in lines() {
        for ground in [[255; 3], [0; 3], [0x28, 0x2c, 0x34]] {
            let picture = decode_over(&file, ground).unwrap();
            let at = |y: usize| &picture.rgb[(y * 20 + 10) * 3..][..3];
            assert_eq!((at(10), at(2)), (&[0; 3][..], &ground[..]), "{name}");
        }
        let unknown = decode_over(&file, Backdrop::Checkerboard).unwrap();
        let pixel = |at: usize| &unknown.rgb[at * 3..][..3];
        assert_eq!(pixel(10 * 20 + 10), [0; 3], "{name}");
        let shades: std::collections::BTreeSet<_> = (0..40).map(|at| pixel(at).to_vec()).collect();
        assert_eq!(shades.len(), 2, "{name}: {shades:?}");
        assert!(
            shades.iter().all(|shade| shade.iter().all(|part| *part > 190)),
            "{name}: {shades:?}"
        );
        // The contact sheet is paper.
        let small = thumbnail(&file).unwrap();
        assert!(small.rgb[..3].iter().all(|part| *part > 230), "{name}");
    }
}

#[test]
fn what_develops_and_what_is_done_look_alike() {
    let (_, file) = lines().remove(0);
    for backdrop in [
        Backdrop::WHITE,
        Backdrop::Checkerboard,
        Backdrop::Colour([3, 70, 9]),
    ] {
        let mut developing = Developing::new(u32::MAX, u32::MAX).over(backdrop);
        developing.push(&file);
        developing.develop();
        let done = decode_over(&file, backdrop).unwrap();
        assert_eq!(developing.pixmap(), Some(&done));
    }
    let opaque = tintype::graphics::Pixmap::filled(9, 9, [1, 2, 3]);
    assert_eq!(
        decode_over(&rgb_png(&opaque), Backdrop::Checkerboard).unwrap(),
        opaque
    );
}

#[test]
fn half_covered_pixels_are_mixed_with_what_is_behind() {
    let file = png(
        (1, 1),
        png::ColorType::Rgba,
        png::BitDepth::Eight,
        &[255, 0, 0, 128],
    );
    assert_eq!(decode_over(&file, [255; 3]).unwrap().rgb, [255, 127, 127]);
    assert_eq!(decode_over(&file, [0; 3]).unwrap().rgb, [128, 0, 0]);
}
