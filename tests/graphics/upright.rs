//! Every way a photograph can be stored, seen upright by everything that looks at one.

use tintype::graphics::develop::Developing;
use tintype::graphics::{Pixmap, Wish, convert, decode, dimensions, thumbnail};

use crate::photo::{self, TYPES, chunk, differs, photograph, upright};

fn is_it(picture: &Pixmap, what: &str) {
    let seen = upright(picture.width, picture.height);
    assert!(
        !differs(&picture.rgb, seen.as_raw()),
        "{what} is seen from another side"
    );
}

#[test]
fn every_type_is_upright_in_every_orientation() {
    for kind in TYPES {
        for orientation in 1..=8 {
            let what = format!("{kind}, orientation {orientation}");
            let file = photograph(&upright(96, 64), kind, orientation);
            assert_eq!(dimensions(&file), Some((96, 64)), "{what}");
            let picture = decode(&file).unwrap();
            assert_eq!(picture.size(), (96, 64), "{what}");
            is_it(&picture, &what);
            let small = thumbnail(&file).unwrap();
            assert_eq!(small.size(), (240, 160), "{what}");
            is_it(&small, &what);
            let wish = Wish {
                may: &[tintype::domain::Mime::Png],
                longest: Some(48),
                quality: 90,
            };
            let made = convert(&file, &wish).unwrap();
            assert_eq!((made.from, made.size), ((96, 64), (48, 32)), "{what}");
            is_it(&decode(&made.bytes).unwrap(), &what);
        }
    }
}

#[test]
fn an_orientation_behind_the_pixels_of_a_png_counts_too() {
    let mut lying = photograph(&upright(60, 40), "png", 6);
    let exif = chunk(*b"eXIf", &photo::exif(6));
    lying.drain(33..33 + exif.len());
    assert_eq!(dimensions(&lying), Some((40, 60)));
    let start = lying.len() - 12;
    lying.splice(start..start, exif);
    assert_eq!(dimensions(&lying), Some((60, 40)));
    is_it(&decode(&lying).unwrap(), "a PNG with its orientation at the end");
}

#[test]
fn what_develops_on_its_side_is_seen_upright_while_it_does() {
    for kind in ["jpg", "png"] {
        for orientation in 1..=8 {
            let what = format!("{kind}, orientation {orientation}");
            let file = photograph(&upright(160, 96), kind, orientation);
            let mut developing = Developing::new(u32::MAX, u32::MAX);
            let mut bytes = file.iter();
            while developing.rows() * 2 < developing.stored_rows().max(1) {
                developing.push(&[*bytes.next().unwrap()]);
                developing.develop();
            }
            assert_eq!(developing.size(), Some((160, 96)), "{what}");
            let half = developing.picture([9; 3]).unwrap();
            assert_eq!(half.size(), (160, 96), "{what}");
            let share = developing.rows() * 100 / developing.stored_rows();
            let blank = half.rgb.chunks(3).filter(|pixel| *pixel == [9; 3]).count();
            let blank = u32::try_from(blank).unwrap() * 100 / (160 * 96);
            assert!(blank.abs_diff(100 - share) < 3, "{what}: {blank} % of {share}");
            developing.push(bytes.as_slice());
            developing.develop();
            is_it(&developing.picture([9; 3]).unwrap(), &what);
            assert_eq!(developing.is_upright(), orientation == 1, "{what}");
        }
    }
}
