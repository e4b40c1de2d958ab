use super::*;

/// An EXIF block with an orientation and nothing else.
fn exif(number: u8, little: bool) -> Vec<u8> {
    if little {
        let mut block = b"II\x2a\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".to_vec();
        block.extend([number, 0, 0, 0, 0, 0, 0, 0]);
        block
    } else {
        let mut block = b"MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01".to_vec();
        block.extend([0, number, 0, 0, 0, 0, 0, 0]);
        block
    }
}

fn png(chunks: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    let header = b"\0\0\0\x05\0\0\0\x03\x08\x02\0\0\0";
    for (kind, body) in [(b"IHDR", &header[..])].iter().chain(chunks) {
        file.extend(u32::try_from(body.len()).unwrap().to_be_bytes());
        file.extend_from_slice(*kind);
        file.extend_from_slice(body);
        file.extend([0; 4]);
    }
    file
}

fn webp(chunks: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
    let mut file = b"RIFF\0\0\0\0WEBP".to_vec();
    let canvas = b"\x08\0\0\0\x04\0\0\x02\0\0";
    for (kind, body) in [(b"VP8X", &canvas[..])].iter().chain(chunks) {
        file.extend_from_slice(*kind);
        file.extend(u32::try_from(body.len()).unwrap().to_le_bytes());
        file.extend_from_slice(body);
        file.extend(vec![0; body.len() % 2]);
    }
    file
}

fn jpeg(segments: &[(u8, &[u8])]) -> Vec<u8> {
    let mut file = vec![0xff, 0xd8];
    for (kind, body) in segments {
        file.extend([0xff, *kind]);
        file.extend(u16::try_from(body.len() + 2).unwrap().to_be_bytes());
        file.extend_from_slice(body);
    }
    file
}

const FRAME: (u8, &[u8]) = (0xc0, b"\x08\0\x03\0\x05\x01\x01\x11\0");
const SCAN: (u8, &[u8]) = (0xda, b"\x01\x01\0\0\x3f\0");

#[test]
fn every_orientation_is_read_from_every_container() {
    for number in 1..=8 {
        for little in [false, true] {
            let block = exif(number, little);
            let named = [b"Exif\0\0", &block[..]].concat();
            let mut tiff = block.clone();
            // The two sides before it in the directory.
            let entry = |tag: u8, value: u8| {
                if little {
                    [tag, 1, 3, 0, 1, 0, 0, 0, value, 0, 0, 0]
                } else {
                    [1, tag, 0, 3, 0, 0, 0, 1, 0, value, 0, 0]
                }
            };
            tiff[8..10].copy_from_slice(if little { &[3, 0] } else { &[0, 3] });
            tiff.splice(10..10, [entry(0, 5), entry(1, 3)].concat());
            for (name, file) in [
                (
                    "PNG",
                    png(&[(b"eXIf", &block), (b"IDAT", b"pixels"), (b"IEND", b"")]),
                ),
                (
                    "PNG, behind the pixels",
                    png(&[(b"IDAT", b"pixels"), (b"eXIf", &named), (b"IEND", b"")]),
                ),
                ("WebP", webp(&[(b"VP8 ", b"odd"), (b"EXIF", &block)])),
                ("WebP with a name", webp(&[(b"EXIF", &named), (b"VP8 ", b"odd")])),
                ("JPEG", jpeg(&[(0xe0, b"JFIF\0"), (0xe1, &named), FRAME, SCAN])),
                (
                    "JPEG, XMP first",
                    jpeg(&[(0xe1, b"http://ns"), FRAME, (0xe1, &named), SCAN]),
                ),
                ("TIFF", tiff),
            ] {
                let header = Header::of(&file).unwrap();
                assert_eq!(header.stored, (5, 3), "{name}");
                assert_eq!(header.orientation.exif(), number, "{name}");
                let upright = if number < 5 { (5, 3) } else { (3, 5) };
                assert_eq!(header.size(), upright, "{name}");
            }
        }
    }
}

#[test]
fn what_states_nothing_that_can_be_meant_is_upright() {
    for number in [0, 9, 255] {
        assert!(Orientation::of_exif(&exif(number, true)).is_upright(), "{number}");
    }
    let whole = exif(6, false);
    for length in 0..18 {
        assert!(Orientation::of_exif(&whole[..length]).is_upright(), "{length}");
    }
    let far = b"II\x2a\0\xff\xff\xff\xff";
    assert!(Orientation::of_exif(far).is_upright());
    // Behind the end of a PNG nothing is meant.
    let late = png(&[(b"IEND", b""), (b"eXIf", &whole)]);
    assert!(Header::of(&late).unwrap().orientation.is_upright());
}

#[test]
fn a_bitmap_may_stand_on_its_head() {
    let mut file = b"BM\0\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\x05\0\0\0".to_vec();
    file.extend((-3_i32).to_le_bytes());
    file.extend([1, 0, 24, 0]);
    assert_eq!(Header::of(&file).unwrap().size(), (5, 3));
    let old = b"BM\0\0\0\0\0\0\0\0\x1a\0\0\0\x0c\0\0\0\x05\0\x03\0\x01\0\x18\0";
    assert_eq!(Header::of(old).unwrap().size(), (5, 3));
}
