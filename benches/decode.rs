//! How fast an answer is decoded in memory, beside the floor: the same base64 decoded in one go.
//!
//! One event on one `data:` line with a picture of the given size, in reads of 16 KiB and of one network packet.

use std::hint::black_box;

use divan::counter::BytesCount;
use divan::{Bencher, main as divan_main};
use tintype::provider::stream::{Decoder, Output};

fn main() {
    divan_main();
}

/// PNG sizes of 1K, 2K and 4K pictures.
const PICTURES: [usize; 3] = [2_000_000, 6_900_000, 22_300_000];

fn base64(length: usize) -> String {
    let mut state: u64 = 0x2545_f491_4f6c_dd1d;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    };
    let bytes: Vec<u8> = (0..length).map(|_| next()).collect();
    base64_simd::STANDARD.encode_to_string(bytes)
}

fn event(data: &str) -> Vec<u8> {
    let before = r#"data: {"candidates":[{"content":{"role":"model","parts":[{"inlineData":{"mimeType":"image/png","data":""#;
    let after = r#""}}]},"finishReason":"STOP"}],"modelVersion":"gemini-3-pro-image"}"#;
    format!("{before}{data}{after}\r\n\r\n").into_bytes()
}

fn decode(bencher: Bencher, body: &[u8], cut: usize) {
    bencher.counter(BytesCount::new(body.len())).bench_local(|| {
        let mut decoder = Decoder::new();
        let mut total = 0;
        let mut take = |output: Output<'_>| {
            if let Output::BlobBytes { bytes, .. } = output {
                total += black_box(bytes).len();
            }
        };
        for cut in body.chunks(cut) {
            decoder.push(cut, &mut take);
        }
        black_box(decoder.finish(&mut take));
        total
    });
}

#[divan::bench(args = PICTURES)]
fn floor_whole_buffer(bencher: Bencher, length: usize) {
    let text = base64(length);
    let mut decoded = vec![0; length + 3];
    bencher.counter(BytesCount::new(text.len())).bench_local(|| {
        use base64_simd::AsOut;
        let out = decoded.as_mut_slice().as_out();
        black_box(
            base64_simd::STANDARD
                .decode(text.as_bytes(), out)
                .map(|bytes| bytes.len()),
        )
    });
}

#[divan::bench(args = PICTURES)]
fn cuts_of_16_kib(bencher: Bencher, length: usize) {
    decode(bencher, &event(&base64(length)), 16 * 1024);
}

#[divan::bench(args = PICTURES)]
fn cuts_of_256_kib(bencher: Bencher, length: usize) {
    decode(bencher, &event(&base64(length)), 256 * 1024);
}

#[divan::bench(args = PICTURES)]
fn cuts_of_1400_bytes(bencher: Bencher, length: usize) {
    decode(bencher, &event(&base64(length)), 1400);
}

/// Go's encoder and PHP's escape characters within base64.
#[divan::bench(args = PICTURES)]
fn escaped_slashes_in_16_kib(bencher: Bencher, length: usize) {
    decode(bencher, &event(&base64(length).replace('/', r"\/")), 16 * 1024);
}

#[divan::bench(args = PICTURES)]
fn url_safe_in_16_kib(bencher: Bencher, length: usize) {
    decode(
        bencher,
        &event(&base64(length).replace('/', "_").replace('+', "-")),
        16 * 1024,
    );
}

#[divan::bench(args = PICTURES)]
fn wrapped_in_16_kib(bencher: Bencher, length: usize) {
    let lines: Vec<String> = base64(length)
        .as_bytes()
        .chunks(76)
        .map(|line| String::from_utf8_lossy(line).into_owned())
        .collect();
    decode(bencher, &event(&lines.join(r"\n")), 16 * 1024);
}

#[divan::bench(args = PICTURES)]
fn data_url_in_text_in_16_kib(bencher: Bencher, length: usize) {
    let text = format!("![image](data:image/png;base64,{})", base64(length));
    let body = String::from_utf8(event(&text)).unwrap_or_default();
    decode(
        bencher,
        body.replacen(r#""data":"#, r#""text":"#, 1).as_bytes(),
        16 * 1024,
    );
}
