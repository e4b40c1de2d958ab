use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use compression_codecs::brotli::params::EncoderParams;
use compression_codecs::core::Level;
use compression_codecs::flate::params::FlateEncoderParams;
use compression_codecs::{BrotliEncoder, DeflateEncoder, EncodeV2, GzipEncoder, ZlibEncoder, ZstdEncoder};

use super::*;

/// Packs pieces so that each can be read before the next one is there.
fn pack(mut encoder: impl EncodeV2, pieces: &[&[u8]]) -> Vec<Vec<u8>> {
    let mut packed = Vec::new();
    let mut room = vec![0; 4 << 20];
    for (at, piece) in pieces.iter().enumerate() {
        let mut output = WriteBuffer::new_initialized(&mut room);
        let mut input = PartialBuffer::new(*piece);
        while !input.unwritten().is_empty() {
            encoder.encode(&mut input, &mut output).unwrap();
        }
        assert!(encoder.flush(&mut output).unwrap());
        if at + 1 == pieces.len() {
            assert!(encoder.finish(&mut output).unwrap());
        }
        packed.push(output.written().to_vec());
    }
    packed
}

fn flate_level() -> FlateEncoderParams {
    Level::Default.into()
}

/// The pieces in every encoding, each with a label that servers use for it.
fn packed(pieces: &[&[u8]]) -> Vec<(&'static str, Vec<Vec<u8>>)> {
    let gzip = || pack(GzipEncoder::new(flate_level()), pieces);
    let zlib = || pack(ZlibEncoder::new(flate_level()), pieces);
    let zstd = || pack(ZstdEncoder::new(1), pieces);
    vec![
        ("gzip", gzip()),
        ("X-GZip", gzip()),
        ("", gzip()),
        ("br", gzip()),
        ("deflate", zlib()),
        ("", zlib()),
        ("Deflate", pack(DeflateEncoder::new(flate_level()), pieces)),
        ("BR", pack(BrotliEncoder::new(brotli_level()), pieces)),
        ("zstd", zstd()),
        ("", zstd()),
        ("gzip", zstd()),
    ]
}

fn brotli_level() -> EncoderParams {
    EncoderParams::default()
}

fn of(label: &str) -> Unpacker {
    Unpacker::new(label.split(',').filter_map(Label::named).rev().collect())
}

/// Unpacks a body that comes in these pieces, to its end.
fn unpack<'a>(label: &str, pieces: impl IntoIterator<Item = &'a [u8]>) -> Result<Vec<u8>, Fault> {
    let mut unpacker = of(label);
    let mut out = BytesMut::new();
    for piece in pieces {
        unpacker.push(&Bytes::copy_from_slice(piece));
        unpacker.pull(&mut out, usize::MAX, false)?;
    }
    unpacker.pull(&mut out, usize::MAX, true)?;
    unpacker.finish()?;
    Ok(out.to_vec())
}

/// Bytes as an answer has them: words, then base64 of what no compressor can shorten.
fn answer(length: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_u32;
    let mut noise = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state.to_le_bytes()[0]
    };
    let noise: Vec<u8> = (0..length).map(|_| noise()).collect();
    let mut body = b"data: {\"data\":\"".to_vec();
    body.extend(BASE64_STANDARD.encode(noise).bytes());
    body.truncate(length.max(15));
    body
}

#[test]
fn each_event_comes_out_as_soon_as_it_is_there() {
    let pieces: Vec<Vec<u8>> = (1..=5)
        .map(|at| format!("data: {{\"at\":{at}}}\n\n").into_bytes())
        .collect();
    let pieces: Vec<&[u8]> = pieces.iter().map(Vec::as_slice).collect();
    for (label, packed) in packed(&pieces) {
        let mut unpacker = of(label);
        for (piece, packed) in pieces.iter().zip(&packed) {
            let mut out = BytesMut::new();
            for byte in packed.chunks(1) {
                unpacker.push(&Bytes::copy_from_slice(byte));
                unpacker.pull(&mut out, usize::MAX, false).unwrap();
            }
            assert_eq!(out, *piece, "{label}");
        }
        assert_eq!(unpacker.finish(), Ok(()), "{label}");
    }
}

#[test]
fn any_length_comes_out_whole_in_any_pieces() {
    for length in [
        15,
        100,
        STEP_BYTES - 1,
        STEP_BYTES,
        STEP_BYTES + 1,
        2 * STEP_BYTES,
        300_000,
    ] {
        let body = answer(length);
        let zeros = vec![b'x'; length];
        for body in [&body, &zeros] {
            for (label, packed) in packed(&[body]) {
                for size in [1000, 65_536, usize::MAX] {
                    let pieces = packed[0].chunks(size.min(packed[0].len()));
                    let unpacked = unpack(label, pieces).unwrap();
                    assert!(
                        unpacked == *body,
                        "{label} {length} {size}: {} bytes",
                        unpacked.len()
                    );
                }
            }
        }
    }
}

#[test]
fn several_encodings_are_undone_and_members_follow_each_other() {
    let body = answer(100_000);
    let gzip = |bytes: &[u8]| pack(GzipEncoder::new(flate_level()), &[bytes]).concat();
    let zstd = |bytes: &[u8]| pack(ZstdEncoder::new(1), &[bytes]).concat();
    let brotli = |bytes: &[u8]| pack(BrotliEncoder::new(brotli_level()), &[bytes]).concat();
    for (label, packed) in [
        ("br, gzip", gzip(&brotli(&body))),
        ("gzip,zstd, identity", zstd(&gzip(&body))),
        ("gzip", gzip(&gzip(&body))),
        ("", gzip(&zstd(&body))),
        ("gzip", [gzip(&body[..5000]), gzip(&body[5000..])].concat()),
        ("zstd", [zstd(&body[..5000]), zstd(&body[5000..])].concat()),
        ("gzip", [gzip(&body), b"\0\0\0".to_vec()].concat()),
        (
            "zstd",
            [b"\x5f\x2a\x4d\x18\x02\0\0\0hi".to_vec(), zstd(&body)].concat(),
        ),
        (
            "zstd",
            [zstd(&body), b"\x50\x2a\x4d\x18\0\0\0\0".to_vec()].concat(),
        ),
    ] {
        assert!(unpack(label, packed.chunks(7000)).unwrap() == body, "{label}");
    }
    let onion = (0..8).fold(b"data: x".to_vec(), |inner, _| gzip(&inner));
    assert_eq!(unpack("", [&onion[..]]), Err(Fault::TooDeep));
}

#[test]
fn what_is_not_packed_stays_as_it_is_whatever_its_label_says() {
    for body in [
        &b"data: {\"x\":1}\n\n"[..],
        b"{\"candidates\":[]}",
        b"[{\"candidates\":[]}]",
        b"{\n  \"error\": {}}",
        b": PING\n\n",
        b"event: error\n",
        b"<!doctype html>",
        b"",
    ] {
        for label in [
            "", "gzip", "deflate", "br", "zstd", "utf-8", "identity", "made-up",
        ] {
            assert_eq!(unpack(label, body.chunks(1)).as_deref(), Ok(body), "{label}");
        }
    }
    for body in [
        &b"x"[..],
        b"xylophone",
        b"(hm)",
        b"\x1f",
        b"\x28\xb5",
        b"\x78\x5e plain",
    ] {
        assert_eq!(unpack("", body.chunks(1)).as_deref(), Ok(body), "{body:?}");
    }
}

#[test]
fn what_cannot_be_undone_is_named() {
    let lzw = b"\x1f\x9d\x90d\xc2";
    let unknown = Fault::Unknown("compress".to_owned());
    assert_eq!(
        unpack("X-Compress", [&lzw[..]]),
        Err(Fault::Unknown("x-compress".to_owned()))
    );
    assert_eq!(unpack("compress", [&lzw[..]]), Err(unknown));
    let body = answer(50_000);
    for (label, packed) in packed(&[&body]) {
        let packed = &packed[0];
        for end in [20, packed.len() / 2, packed.len() - 1] {
            let broken = unpack(label, [&packed[..end]]);
            assert!(
                matches!(broken, Err(Fault::BrokenOff(_))),
                "{label} {end}: {broken:?}"
            );
        }
        // Brotli and zstd have no sum by which to tell.
        if packed.starts_with(&[0x1f]) || packed.starts_with(&[0x78]) {
            let mut damaged = packed.clone();
            let middle = damaged.len() / 2;
            damaged[middle..middle + 40].fill(0xff);
            let damaged = unpack(label, [&damaged[..]]).map(|_| ());
            assert!(matches!(damaged, Err(Fault::Damaged(_))), "{label}: {damaged:?}");
        }
    }
}

#[test]
fn a_bomb_gives_no_more_at_once_than_it_is_asked_for() {
    let zeros = vec![0; 3 << 20];
    for (label, packed) in packed(&[&zeros]) {
        if label.is_empty() || packed[0].len() > 10_000 {
            continue;
        }
        let mut unpacker = of(label);
        unpacker.push(&Bytes::from(packed.concat()));
        let mut total = 0;
        loop {
            let mut out = BytesMut::new();
            unpacker.pull(&mut out, 1000, true).unwrap();
            assert!(out.len() <= 1000 + STEP_BYTES, "{label}: {}", out.len());
            let waiting: usize = unpacker.stages.iter().map(|stage| stage.input.len()).sum();
            assert!(
                waiting <= BETWEEN_BYTES + STEP_BYTES + 10_000,
                "{label}: {waiting}"
            );
            if out.is_empty() {
                break;
            }
            total += out.len();
        }
        assert_eq!(total, zeros.len(), "{label}");
        assert_eq!(unpacker.finish(), Ok(()));
    }
}

#[test]
fn the_head_s_labels_are_read_in_every_spelling() {
    let read = |lines: &[(&'static str, &'static str)]| {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, value.parse().unwrap());
        }
        labels(&headers)
    };
    assert_eq!(read(&[("content-encoding", "GZIP")]), [Label::Gzip]);
    assert_eq!(
        read(&[("content-encoding", "br,\tx-gzip"), ("content-encoding", "ZSTD")]),
        [Label::Zstd, Label::Gzip, Label::Brotli]
    );
    assert_eq!(
        read(&[
            ("transfer-encoding", "gzip, chunked"),
            ("content-encoding", "deflate")
        ]),
        [Label::Gzip, Label::Deflate]
    );
    assert_eq!(
        read(&[("content-encoding", "identity"), ("transfer-encoding", "chunked")]),
        []
    );
    assert_eq!(
        read(&[("content-encoding", "dcb")]),
        [Label::Unknown("dcb".to_owned())]
    );
}
