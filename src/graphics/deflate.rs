//! A zlib stream for filtered PNG rows, made fast: Huffman codes fitted to each block, and no matches but runs of
//! zeros, which is where such rows repeat themselves. It undoes nothing.

use simd_adler32::Adler32;

/// Input bytes per block: large enough for the cost of a code table to vanish, small enough to follow a picture
/// that changes from sky to grass.
const BLOCK: usize = 128 * 1024;

/// A run of fewer zeros is cheaper as literals.
const SHORTEST_RUN: usize = 8;
const LONGEST_RUN: usize = 258;

/// The code lengths of the distances 1 and 2. Only the first is used; some decoders refuse a code that is not
/// complete.
const DISTANCES: [u8; 2] = [1, 1];

const END_OF_BLOCK: usize = 256;
/// Literals, the end of a block, and 29 lengths.
const SYMBOLS: usize = 286;
/// Four codes of this length and the bits that were left over fit in 64 bits.
const LONGEST_CODE: u8 = 13;

/// The order in which a block tells the lengths of the codes for code lengths (RFC 1951, 3.2.7).
const LENGTH_ORDER: [usize; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/// The shortest run of each length symbol from 257 on; the next one's bounds it.
const RUN_BASE: [u16; 29] = [
    3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195,
    227, 258,
];
const RUN_EXTRA_BITS: [u8; 29] = [
    0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0,
];

/// `data` as a zlib stream.
pub(super) fn compress(data: &[u8], out: &mut Vec<u8>) {
    let mut checksum = Adler32::new();
    checksum.write(data);
    // Deflate, a 32 KiB window, no dictionary, fastest level.
    out.extend_from_slice(&[0x78, 0x01]);
    let mut bits = Bits {
        out,
        held: 0,
        count: 0,
    };
    let mut blocks = data.chunks(BLOCK).peekable();
    if blocks.peek().is_none() {
        block(&[], true, &mut bits);
    }
    while let Some(bytes) = blocks.next() {
        block(bytes, blocks.peek().is_none(), &mut bits);
    }
    bits.finish();
    out.extend_from_slice(&checksum.finish().to_be_bytes());
}

/// One block with its own codes.
fn block(bytes: &[u8], last: bool, bits: &mut Bits) {
    let mut counts = [0_u32; SYMBOLS];
    tokens(bytes, |token| match token {
        Token::Literals(run) => run.iter().for_each(|&byte| counts[usize::from(byte)] += 1),
        Token::Zeros(length) => counts[257 + run_symbol(length)] += 1,
    });
    counts[END_OF_BLOCK] = 1;
    let lengths = code_lengths(&counts, LONGEST_CODE);
    header(&lengths, last, bits);
    let codes = codes(&lengths);
    tokens(bytes, |token| match token {
        Token::Literals(run) => literals(run, &codes, bits),
        Token::Zeros(length) => {
            let symbol = run_symbol(length);
            bits.put(codes[257 + symbol]);
            // The extra bits, then the one distance there is: the byte before.
            let extra = length - usize::from(RUN_BASE[symbol]);
            #[expect(clippy::cast_possible_truncation, reason = "at most five bits")]
            bits.put(Code {
                bits: extra as u32,
                length: u32::from(RUN_EXTRA_BITS[symbol]) + 1,
            });
        }
    });
    bits.put(codes[END_OF_BLOCK]);
}

enum Token<'a> {
    Literals(&'a [u8]),
    /// Zeros after a zero, at least three of them.
    Zeros(usize),
}

/// Cuts bytes into literals and runs of zeros; each run's first zero is a literal that the run repeats.
fn tokens(bytes: &[u8], mut each: impl FnMut(Token<'_>)) {
    let mut start = 0;
    let mut at = 0;
    while let Some(eight) = bytes.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
        let word = u64::from_le_bytes(*eight);
        if word != 0 {
            // Past the last byte that is not zero: a run can only begin there.
            at += 8 - word.leading_zeros() as usize / 8;
            continue;
        }
        let zeros = bytes[at..]
            .iter()
            .position(|&byte| byte != 0)
            .unwrap_or(bytes.len() - at);
        if zeros > SHORTEST_RUN {
            each(Token::Literals(&bytes[start..=at]));
            let mut left = zeros - 1;
            while left > 0 {
                // No rest of one or two, which no length symbol stands for.
                let most = if left > LONGEST_RUN && left < LONGEST_RUN + 3 {
                    LONGEST_RUN - 3
                } else {
                    LONGEST_RUN
                };
                let length = left.min(most);
                each(Token::Zeros(length));
                left -= length;
            }
            start = at + zeros;
        }
        at += zeros;
    }
    each(Token::Literals(&bytes[start..]));
}

/// Which length symbol, counted from 257, stands for a run.
fn run_symbol(length: usize) -> usize {
    RUN_BASE
        .partition_point(|&base| usize::from(base) <= length)
        .saturating_sub(1)
}

fn literals(bytes: &[u8], codes: &[Code; SYMBOLS], bits: &mut Bits) {
    let (fours, rest) = bytes.as_chunks::<4>();
    for four in fours {
        let codes = four.map(|byte| codes[usize::from(byte)]);
        let mut packed = 0_u64;
        let mut length = 0;
        for code in codes {
            packed |= u64::from(code.bits) << length;
            length += code.length;
        }
        bits.put_long(packed, length);
    }
    for &byte in rest {
        bits.put(codes[usize::from(byte)]);
    }
}

/// The block's type and its code lengths.
fn header(lengths: &[u8; SYMBOLS], last: bool, bits: &mut Bits) {
    let mut put = |value: u32, length: u32| bits.put(Code { bits: value, length });
    put(u32::from(last), 1);
    put(2, 2);
    put(286 - 257, 5);
    put(2 - 1, 5);
    put(19 - 4, 4);
    let mut counts = [0; 19];
    for &length in lengths.iter().chain(&DISTANCES) {
        counts[usize::from(length)] += 1;
    }
    let outer = code_lengths(&counts, 7);
    for symbol in LENGTH_ORDER {
        put(u32::from(outer[symbol]), 3);
    }
    let codes = codes(&outer);
    for &length in lengths.iter().chain(&DISTANCES) {
        bits.put(codes[usize::from(length)]);
    }
}

/// Huffman code lengths for these counts, none above `longest`, 0 for what does not occur. At least two symbols
/// get a code, so that it is complete.
fn code_lengths<const N: usize>(counts: &[u32; N], longest: u8) -> [u8; N] {
    let mut lengths = [0; N];
    let mut leaves: Vec<(u32, usize)> = (0_usize..)
        .zip(counts)
        .map(|(symbol, &count)| (count, symbol))
        .collect();
    leaves.sort_unstable();
    let unused = leaves.iter().take_while(|(count, _)| *count == 0).count();
    leaves.drain(..unused.min(N - 2));
    let mut per_length = lengths_of(&leaves);
    limit(&mut per_length, usize::from(longest));
    // The rarest symbols come first and get the longest codes.
    let mut symbols = leaves.iter().map(|&(_, symbol)| symbol);
    for (length, &count) in (0_u8..64).zip(&per_length).rev() {
        for symbol in symbols.by_ref().take(count) {
            lengths[symbol] = length;
        }
    }
    lengths
}

/// How many leaves of Huffman's tree lie at each depth; the leaves come by rising weight.
fn lengths_of(leaves: &[(u32, usize)]) -> [usize; 64] {
    let count = leaves.len();
    // Two queues, both by rising weight: leaves, then the nodes made of them in the order in which they were made.
    let mut weights: Vec<u64> = leaves.iter().map(|&(weight, _)| u64::from(weight)).collect();
    let mut parents = vec![0; count * 2];
    let (mut leaf, mut node) = (0, count);
    while weights.len() < count * 2 - 1 {
        let made = weights.len();
        let mut take = || {
            let from_leaves = leaf < count && (node >= made || weights[leaf] <= weights[node]);
            let index = if from_leaves { &mut leaf } else { &mut node };
            let taken = *index;
            *index += 1;
            parents[taken] = made;
            weights[taken]
        };
        let weight = take() + take();
        weights.push(weight);
    }
    let root = count * 2 - 2;
    let mut depths = vec![0_usize; count * 2 - 1];
    let mut per_length = [0; 64];
    for index in (0..root).rev() {
        depths[index] = depths[parents[index]] + 1;
        if index < count {
            per_length[depths[index].min(63)] += 1;
        }
    }
    per_length
}

/// Shortens codes beyond `longest` and lengthens others until the code is complete again.
fn limit(per_length: &mut [usize; 64], longest: usize) {
    let (kept, beyond) = per_length.split_at_mut(longest + 1);
    kept[longest] += beyond.iter().sum::<usize>();
    beyond.fill(0);
    let mut used: usize = (1..=longest)
        .map(|length| kept[length] << (longest - length))
        .sum();
    while used > 1 << longest {
        let Some(shorter) = (1..longest).rev().find(|&length| kept[length] > 0) else {
            return;
        };
        // A leaf becomes a node with itself and one of the longest below it.
        kept[shorter] -= 1;
        kept[shorter + 1] += 2;
        kept[longest] -= 1;
        used -= 1;
    }
}

#[derive(Clone, Copy, Default)]
struct Code {
    /// Lowest bit first on the wire.
    bits: u32,
    length: u32,
}

/// The canonical codes of these lengths (RFC 1951, 3.2.2).
fn codes<const N: usize>(lengths: &[u8; N]) -> [Code; N] {
    let mut per_length = [0_u32; 16];
    for &length in lengths {
        per_length[usize::from(length)] += 1;
    }
    per_length[0] = 0;
    let mut next = [0_u32; 16];
    for length in 1..16 {
        next[length] = (next[length - 1] + per_length[length - 1]) << 1;
    }
    let mut codes = [Code::default(); N];
    for (code, &length) in codes.iter_mut().zip(lengths) {
        if length > 0 {
            let value = &mut next[usize::from(length)];
            *code = Code {
                bits: value.reverse_bits() >> (32 - u32::from(length)),
                length: u32::from(length),
            };
            *value += 1;
        }
    }
    codes
}

/// Bits on their way into bytes, fewer than eight of them held back.
struct Bits<'a> {
    out: &'a mut Vec<u8>,
    held: u64,
    count: u32,
}

impl Bits<'_> {
    fn put(&mut self, code: Code) {
        self.put_long(u64::from(code.bits), code.length);
    }

    /// At most 56 bits.
    fn put_long(&mut self, bits: u64, length: u32) {
        self.held |= bits << self.count;
        self.count += length;
        let whole = self.count / 8;
        self.out
            .extend_from_slice(&self.held.to_le_bytes()[..whole as usize]);
        self.held = self.held.checked_shr(whole * 8).unwrap_or(0);
        self.count %= 8;
    }

    fn finish(self) {
        if self.count > 0 {
            self.out.extend_from_slice(&self.held.to_le_bytes()[..1]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What an inflater that is not ours makes of the stream, wrapped as the one row of a grey PNG.
    fn inflated(data: &[u8]) -> Vec<u8> {
        let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
        let mut chunk = |kind: &[u8; 4], data: &[u8]| {
            png.extend_from_slice(&u32::try_from(data.len()).unwrap().to_be_bytes());
            png.extend_from_slice(kind);
            png.extend_from_slice(data);
            png.extend_from_slice(&crc32fast::hash(&[kind, data].concat()).to_be_bytes());
        };
        let width = u32::try_from(data.len()).unwrap().to_be_bytes();
        chunk(b"IHDR", &[&width[..], &[0, 0, 0, 1, 8, 0, 0, 0, 0]].concat());
        let mut stream = Vec::new();
        compress(&[&[0], data].concat(), &mut stream);
        chunk(b"IDAT", &stream);
        chunk(b"IEND", &[]);
        let mut reader = png::Decoder::new(std::io::Cursor::new(png)).read_info().unwrap();
        let mut row = vec![0; data.len()];
        reader.next_frame(&mut row).unwrap();
        row
    }

    #[test]
    fn runs_of_every_length_come_back() {
        for zeros in (1..40)
            .chain(250..280)
            .chain(510..530)
            .chain([1031, BLOCK, BLOCK + 1, 3 * BLOCK])
        {
            for before in [&b""[..], b"7", b"1234567", b"\x009\0\0\x008"] {
                let data = [before, &vec![0; zeros], b"\x01\x02"].concat();
                assert_eq!(inflated(&data), data, "{zeros} zeros after {before:?}");
            }
        }
    }

    #[test]
    fn counts_that_would_need_long_codes_come_back() {
        // Fibonacci's numbers make the deepest tree there is.
        let (mut one, mut other) = (1, 1);
        let mut data = Vec::new();
        for byte in 1..=23 {
            data.extend(std::iter::repeat_n(byte, one));
            (one, other) = (other, one + other);
        }
        data.reverse();
        assert_eq!(inflated(&data), data);
        let all: Vec<u8> = (0..=255).cycle().take(5000).collect();
        assert_eq!(inflated(&all), all);
    }

    #[test]
    fn code_lengths_make_a_complete_code() {
        let mut counts = [0; SYMBOLS];
        for (rank, count) in counts.iter_mut().enumerate().step_by(3) {
            *count = 1 << (rank / 3 % 30);
        }
        for counts in [counts, [0; SYMBOLS], [9; SYMBOLS]] {
            let lengths = code_lengths(&counts, LONGEST_CODE);
            let space: u32 = lengths
                .iter()
                .filter(|length| **length > 0)
                .map(|length| 1 << (13 - length))
                .sum();
            assert_eq!(space, 1 << 13);
            assert!(
                counts
                    .iter()
                    .zip(lengths)
                    .all(|(count, length)| *count == 0 || length > 0)
            );
        }
    }
}
