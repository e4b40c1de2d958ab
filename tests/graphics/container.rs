//! Files without what their makers put beside the pixels.

use image::{DynamicImage, ImageFormat};
use memchr::memmem;
use tintype::domain::Header;
use tintype::graphics::{breaks_off, decode, examine, strip};

use crate::photo::{TYPES, chunk, differs, photograph, riff_chunk, segment, upright, webp};

/// Words that must not leave the machine.
const SECRETS: [&str; 8] = [
    "ACME",
    "Phone 9",
    "48.85",
    "a prompt of another tool",
    "Photo Wonder 7",
    "<x:xmpmeta",
    "Jane Doe",
    "IPTC",
];
const PROFILE: &[u8] = b"ICC_PROFILE\0\x01\x01 the colors of this file";

/// An EXIF block with a camera, a program, a position, and this orientation.
fn telling(orientation: u8) -> Vec<u8> {
    let texts = b"ACME\0\0Phone 9\0Photo Wonder 7\0Jane Doe\0\x30\0\x48.85 2.35";
    let from = 8 + 2 + 6 * 12 + 4;
    let text = |tag: u16, at: usize, length: u8| {
        let [t0, t1] = tag.to_be_bytes();
        [
            t0,
            t1,
            0,
            2,
            0,
            0,
            0,
            length,
            0,
            0,
            0,
            u8::try_from(from + at).unwrap(),
        ]
    };
    let mut block = b"MM\0\x2a\0\0\0\x08\0\x06".to_vec();
    block.extend(text(0x010f, 0, 5));
    block.extend(text(0x0110, 6, 8));
    block.extend([1, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0]);
    block.extend(text(0x0131, 14, 15));
    block.extend(text(0x013b, 29, 9));
    block.extend([0x88, 0x25, 0, 4, 0, 0, 0, 1, 0, 0, 0, 40]);
    block.extend([0; 4]);
    block.extend(texts);
    block
}

fn has(file: &[u8], words: &str) -> bool {
    memmem::find(file, words.as_bytes()).is_some()
}

/// A photograph of this type with everything that can be hung on to it.
fn talkative(kind: &str, orientation: u8) -> Vec<u8> {
    let plain = photograph(&upright(96, 64), kind, orientation);
    let exif = telling(orientation);
    let xmp = b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>exif:GPSLatitude 48.85</x:xmpmeta>";
    match kind {
        "jpg" => {
            // Its own EXIF stands behind the first two bytes.
            let rest = &plain[2 + 2 + 2 + 6 + 26..];
            let mut file = vec![0xff, 0xd8];
            file.extend(segment(0xe0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0"));
            file.extend(segment(0xe1, &[b"Exif\0\0", &exif[..]].concat()));
            file.extend(segment(0xe1, xmp));
            file.extend(segment(0xe2, PROFILE));
            file.extend(segment(0xe2, b"MPF\0 a second image"));
            file.extend(segment(0xed, b"Photoshop 3.0\08BIM IPTC"));
            file.extend(segment(0xfe, b"a prompt of another tool"));
            file.extend_from_slice(rest);
            // What phones append: another image with a position of its own.
            file.extend(segment(0xe1, b"ACME 48.85"));
            file
        }
        "png" => {
            let mut file = plain[..33].to_vec();
            file.extend(chunk(*b"iCCP", b"icc\0\0the colors of this file"));
            file.extend(chunk(*b"eXIf", &exif));
            file.extend(chunk(*b"tEXt", b"parameters\0a prompt of another tool"));
            file.extend(chunk(*b"tEXt", b"Software\0Photo Wonder 7"));
            file.extend(chunk(*b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0<x:xmpmeta>"));
            file.extend(chunk(*b"zTXt", b"Raw profile type iptc\0\0IPTC"));
            file.extend(chunk(*b"tIME", &[7, 0xe8, 1, 1, 1, 1, 1]));
            file.extend(chunk(*b"caBX", b"ACME"));
            file.extend_from_slice(&plain[33 + 12 + 26..]);
            file.extend(b"Jane Doe");
            file
        }
        "webp" => {
            let lying = photograph(&upright(96, 64), "webp", orientation);
            // The pixels of the extended file, as a simple one.
            let at = memmem::find(&lying, b"VP8L").unwrap();
            let length = u32::from_le_bytes(*lying[at + 4..].first_chunk().unwrap());
            let length = usize::try_from(length + 8 + length % 2).unwrap();
            let simple = riff_chunk(*b"RIFF", &[b"WEBP", &lying[at..at + length]].concat());
            let mut file = webp(
                &simple,
                &[
                    (b"ICCP", PROFILE),
                    (b"EXIF", &exif),
                    (b"XMP ", &xmp[29..]),
                    (b"JUNK", b"ACME"),
                ],
            );
            file.extend(b"Jane Doe");
            file
        }
        _ => unreachable!("no such type: {kind}"),
    }
}

#[test]
fn what_was_hung_on_goes_and_pixels_profile_and_orientation_stay() {
    for kind in ["jpg", "png", "webp"] {
        for orientation in 1..=8 {
            let what = format!("{kind}, orientation {orientation}");
            let file = talkative(kind, orientation);
            assert_eq!(examine(&file), Ok(()), "{what}");
            assert!(SECRETS.iter().any(|secret| has(&file, secret)), "{what}");
            let stripped = strip(&file).unwrap();
            let bytes = stripped.bytes.unwrap();
            for secret in SECRETS {
                assert!(!has(&bytes, secret), "{what} still has {secret}");
            }
            assert!(has(&bytes, "the colors of this file"), "{what}");
            assert_eq!(Header::of(&bytes), Header::of(&file), "{what}");
            assert!(decode(&bytes).unwrap() == decode(&file).unwrap(), "{what}");
            assert_eq!(
                stripped.found.words(),
                "position, camera, software and texts",
                "{what}"
            );
            // What is clean stays as it is.
            let again = strip(&bytes).unwrap();
            assert_eq!((again.bytes, again.found.is_empty()), (None, true), "{what}");
        }
    }
}

/// A TIFF with a second directory in the place of its own, which has all that a camera and its programs write.
fn talkative_tiff(orientation: u8) -> Vec<u8> {
    let mut file = photograph(&upright(96, 64), "tiff", orientation);
    let own = file[10..10 + 10 * 12].to_vec();
    let mut texts: Vec<(u16, u8, &[u8])> = vec![
        (270, 2, b"a prompt of another tool\0"),
        (271, 2, b"ACME\0"),
        (272, 2, b"Phone 9\0"),
        (305, 2, b"Photo Wonder 7\0"),
        (315, 2, b"Jane Doe\0"),
        (700, 1, b"<x:xmpmeta>exif:GPSLatitude 48.85</x:xmpmeta>"),
        (33723, 7, b"IPTC of this image"),
        (34675, 7, PROFILE),
    ];
    // A directory of its own, with a text behind it.
    let gps = b"\x01\0\x01\0\x02\0\x02\0\0\0N\0\0\0\0\0\0\0 48.85, 2.35".to_vec();
    texts.push((34853, 4, &gps));
    let mut entries: Vec<Vec<u8>> = own.chunks(12).map(<[u8]>::to_vec).collect();
    for (tag, kind, value) in texts {
        let at = u32::try_from(file.len()).unwrap().to_le_bytes();
        let count = if kind == 4 {
            1
        } else {
            u32::try_from(value.len()).unwrap()
        };
        file.extend_from_slice(value);
        entries.push([&tag.to_le_bytes()[..], &[kind, 0], &count.to_le_bytes(), &at].concat());
    }
    entries.sort_by_key(|entry| u16::from_le_bytes([entry[0], entry[1]]));
    let at = u32::try_from(file.len()).unwrap().to_le_bytes();
    file[4..8].copy_from_slice(&at);
    file.extend(u16::try_from(entries.len()).unwrap().to_le_bytes());
    file.extend(entries.concat());
    file.extend([0; 4]);
    file.extend(b"Jane Doe");
    file
}

#[test]
fn a_tiff_keeps_what_its_pixels_need_where_it_lies() {
    for orientation in 1..=8 {
        let file = talkative_tiff(orientation);
        assert_eq!(examine(&file), Ok(()));
        let stripped = strip(&file).unwrap();
        let bytes = stripped.bytes.unwrap();
        assert_eq!(bytes.len(), file.len(), "nothing may move");
        for secret in SECRETS {
            assert!(has(&file, secret) && !has(&bytes, secret), "{secret}");
        }
        assert!(has(&bytes, "the colors of this file"));
        assert_eq!(Header::of(&bytes), Header::of(&file));
        assert!(decode(&bytes).unwrap() == decode(&file).unwrap());
        assert_eq!(stripped.found.words(), "position, camera, software and texts");
        assert_eq!(strip(&bytes).unwrap().bytes, None);
        for end in 0..file.len() {
            let _may_fail = strip(&file[..end]);
        }
    }
    // One whose directories point at each other, and one of more than 4 GB.
    let mut circle = talkative_tiff(1);
    let at = u32::from_le_bytes(*circle[4..].first_chunk().unwrap());
    let end = circle.len() - 12;
    circle[end..end + 4].copy_from_slice(&at.to_le_bytes());
    assert!(strip(&circle).is_err());
    assert!(strip(b"II\x2b\0\x08\0\0\0\x10\0\0\0\0\0\0\0").is_err());
}

#[test]
fn a_file_without_metadata_keeps_its_bytes() {
    for format in [
        ImageFormat::Png,
        ImageFormat::Jpeg,
        ImageFormat::WebP,
        ImageFormat::Gif,
        ImageFormat::Bmp,
        ImageFormat::Tiff,
    ] {
        let mut file = std::io::Cursor::new(Vec::new());
        DynamicImage::from(upright(40, 30))
            .write_to(&mut file, format)
            .unwrap();
        let stripped = strip(&file.into_inner()).unwrap();
        assert_eq!(
            (stripped.bytes, stripped.found.is_empty()),
            (None, true),
            "{format:?}"
        );
    }
}

#[test]
fn a_jpeg_in_many_scans_with_restarts_keeps_its_pixels() {
    let picture = upright(96, 64);
    for (progressive, restart) in [(true, 0), (false, 2), (true, 3)] {
        let mut file = Vec::new();
        let mut encoder = jpeg_encoder::Encoder::new(&mut file, 90);
        encoder.set_progressive(progressive);
        encoder.set_restart_interval(restart);
        encoder
            .encode(picture.as_raw(), 96, 64, jpeg_encoder::ColorType::Rgb)
            .unwrap();
        // Between two scans as well.
        let scan = memmem::rfind(&file, b"\xff\xda").unwrap();
        file.splice(scan..scan, segment(0xfe, b"a prompt of another tool"));
        let stripped = strip(&file).unwrap().bytes.unwrap();
        assert!(!has(&stripped, "a prompt"));
        assert!(
            !differs(&decode(&stripped).unwrap().rgb, picture.as_raw()),
            "{progressive} {restart}"
        );
    }
}

#[test]
fn a_gif_loses_its_comments_and_goes_on_moving() {
    let mut file = b"GIF89a\x02\0\x01\0\x80\0\0\0\0\0\xff\xff\xff".to_vec();
    file.extend(b"\x21\xff\x0bNETSCAPE2.0\x03\x01\0\0\0");
    file.extend(b"\x21\xfe\x18a prompt of another tool\0");
    file.extend(b"\x21\xff\x0bXMP DataXMP\x0a<x:xmpmeta\0");
    for _ in 0..2 {
        file.extend(b"\x21\xf9\x04\0\x05\0\0\0\x2c\0\0\0\0\x02\0\x01\0\0\x02\x02\x44\x0a\0");
    }
    file.push(0x3b);
    let bytes = strip(&file).unwrap().bytes.unwrap();
    assert!(!has(&bytes, "prompt") && !has(&bytes, "xmpmeta") && has(&bytes, "NETSCAPE"));
    assert_eq!(memmem::find_iter(&bytes, b"\x2c\0\0\0\0\x02").count(), 2);
    assert_eq!(
        (examine(&bytes), breaks_off(&file[..file.len() - 1])),
        (Ok(()), true)
    );
}

fn bits(kind: [u8; 4], body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 8).unwrap().to_be_bytes();
    [&length[..], &kind, body].concat()
}

/// A HEIC file as a phone lays it out, without any image in its pixels: they are not looked at.
fn heic() -> Vec<u8> {
    let exif = [b"\0\0\0\x06Exif\0\0", &telling(6)[..]].concat();
    let xmp = b"<x:xmpmeta>48.85</x:xmpmeta>";
    let pixels = b"the pixels of this file";
    let info = |number: u8, kind: &[u8; 4]| {
        bits(
            *b"infe",
            &[&[2, 0, 0, 0, 0, number, 0, 0], &kind[..], b"\0"].concat(),
        )
    };
    let infos = bits(
        *b"iinf",
        &[
            &[0, 0, 0, 0, 0, 3][..],
            &info(1, b"hvc1"),
            &info(2, b"Exif"),
            &info(3, b"mime"),
        ]
        .concat(),
    );
    let table = |start: usize| {
        let mut table = vec![1, 0, 0, 0, 0x44, 0x00, 0, 3];
        let mut at = start;
        for (number, length) in [(1_u8, pixels.len()), (2, exif.len()), (3, xmp.len())] {
            table.extend([0, number, 0, 0, 0, 0, 0, 1]);
            table.extend(u32::try_from(at).unwrap().to_be_bytes());
            table.extend(u32::try_from(length).unwrap().to_be_bytes());
            at += length;
        }
        bits(*b"iloc", &table)
    };
    let head = |start: usize| {
        let meta = bits(*b"meta", &[&[0; 4][..], &infos, &table(start)].concat());
        let kind = bits(*b"ftyp", b"heic\0\0\0\0mif1heic");
        [kind, bits(*b"uuid", b"ACME Jane Doe"), meta].concat()
    };
    let start = head(0).len() + 8;
    let data = bits(*b"mdat", &[pixels, &exif[..], xmp].concat());
    [head(start), data].concat()
}

#[test]
fn what_a_phone_says_in_a_heic_is_overwritten_where_it_lies() {
    let file = heic();
    assert_eq!(examine(&file), Ok(()));
    let stripped = strip(&file).unwrap();
    let bytes = stripped.bytes.unwrap();
    assert_eq!(bytes.len(), file.len(), "nothing may move");
    for secret in SECRETS {
        assert!(!has(&bytes, secret), "{secret}");
    }
    assert!(has(&bytes, "the pixels of this file"));
    assert_eq!(stripped.found.words(), "position, camera, software and texts");
    assert_eq!(strip(&bytes).unwrap().bytes, None);
    for end in 17..file.len() {
        assert!(breaks_off(&file[..end]) || strip(&file[..end]).is_ok(), "{end}");
    }
    assert!(breaks_off(&file[..file.len() - 1]));
}

#[test]
fn no_beginning_of_a_file_panics_or_passes_for_the_whole() {
    for kind in ["jpg", "png", "webp"] {
        let file = talkative(kind, 6);
        let whole = photograph(&upright(96, 64), kind, 6);
        for end in 16..whole.len() - 1 {
            // The last byte of a WebP may be padding.
            assert!(breaks_off(&whole[..end]), "{kind}, {end} of {}", whole.len());
            assert!(examine(&whole[..end]).is_err());
        }
        for end in 0..file.len() {
            let _may_fail = strip(&file[..end]);
            let _may_be_known = Header::of(&file[..end]);
        }
    }
    for kind in TYPES {
        assert!(!breaks_off(&photograph(&upright(20, 10), kind, 3)), "{kind}");
    }
}

#[test]
fn why_a_file_cannot_be_used_is_said() {
    let png = photograph(&upright(96, 64), "png", 1);
    let cut = examine(&png[..png.len() / 2]).unwrap_err();
    assert_eq!(cut, "it breaks off: its end is missing");
    assert_eq!(examine(b"<html>").unwrap_err(), "it is not an image");
    let mut huge = png.clone();
    huge[16..24].copy_from_slice(&[0, 0, 0x4e, 0x20, 0, 0, 0x4e, 0x20]);
    assert_eq!(
        examine(&huge).unwrap_err(),
        "it has 20000\u{d7}20000 pixels, and at most 80 million can be read here"
    );
    let mut damaged = png;
    let middle = damaged.len() / 2;
    damaged[middle..middle + 40].fill(0xff);
    assert!(examine(&damaged).unwrap_err().starts_with("it cannot be read: "));
}
