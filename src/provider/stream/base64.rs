//! Base64 as servers really send it, decoded as it arrives: either alphabet, padding or none, blanks and line breaks inside,
//! groups padded one by one. Clean text takes the vector path; only a block that is odd is looked at byte by byte.

use base64_simd::{AsOut, STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// Characters decoded at once; a multiple of four, small enough that input and output stay in the first cache.
const BLOCK: usize = 16 * 1024;

/// What a byte is to base64.
const BLANK: u8 = 64;
const PAD: u8 = 65;
const ALIEN: u8 = 66;

const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

const TABLE: [u8; 256] = {
    let mut table = [ALIEN; 256];
    let mut value: u8 = 0;
    while value < 64 {
        table[LETTERS[value as usize] as usize] = value;
        value += 1;
    }
    table[b'-' as usize] = 62;
    table[b'_' as usize] = 63;
    table[b'=' as usize] = PAD;
    table[b' ' as usize] = BLANK;
    table[b'\t' as usize] = BLANK;
    table[b'\r' as usize] = BLANK;
    table[b'\n' as usize] = BLANK;
    table
};

/// Whether the byte is one of base64's 64 characters, of either alphabet, or its padding.
pub(crate) fn is_base64(byte: u8) -> bool {
    TABLE[usize::from(byte)] < 64 || byte == b'='
}

/// Whether the byte can stand in wrapped base64.
pub(crate) fn is_base64_or_blank(byte: u8) -> bool {
    TABLE[usize::from(byte)] != ALIEN
}

/// The decoder of one string.
#[derive(Debug, Default)]
pub(crate) struct Base64 {
    /// The characters of an unfinished group; for a moment a whole block, sifted.
    clean: Vec<u8>,
    scratch: Vec<u8>,
    /// The characters of the group that padding has closed, until others follow.
    padded: Option<Vec<u8>>,
    /// The alphabet that fitted last.
    url_safe: bool,
    broken: bool,
}

impl Base64 {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Decodes the next characters. After one that cannot be in base64, the rest is ignored.
    pub(crate) fn push(&mut self, mut text: &[u8], out: &mut dyn FnMut(&[u8])) {
        // No larger than what comes: an event may hold a hundred thousand short strings.
        let most = text.len().clamp(4, BLOCK);
        if self.scratch.len() < most {
            self.scratch.resize(most, 0);
        }
        while !text.is_empty() && !self.broken {
            let used = if !self.clean.is_empty() || text.len() < 4 {
                // Only to the end of the group, so that the vector path goes on from there.
                self.sift(text, true, out)
            } else {
                let block = &text[..text.len().min(BLOCK) & !3];
                if !self.vector(block, out) {
                    self.sift(block, false, out);
                }
                block.len()
            };
            text = &text[used..];
        }
    }

    /// The characters at the end that are no whole group of four, in the standard alphabet: at most three, and a `=` behind
    /// them where padding closed the group. [`Base64::finish`] decodes them as far as that goes.
    pub(crate) fn rest(&self) -> String {
        match &self.padded {
            Some(letters) if self.clean.is_empty() || self.broken => {
                format!("{}=", String::from_utf8_lossy(letters))
            }
            _ => String::from_utf8_lossy(&self.clean).into_owned(),
        }
    }

    /// The string is complete. False if it broke off at a character that cannot be in base64.
    #[must_use]
    pub(crate) fn finish(mut self, out: &mut dyn FnMut(&[u8])) -> bool {
        let dangling = self.clean.len() == 1;
        self.close_group(out);
        !self.broken && !dangling
    }

    /// Decodes a block of whole groups if it is clean; with nothing said if it is not.
    fn vector(&mut self, block: &[u8], out: &mut dyn FnMut(&[u8])) -> bool {
        for url_safe in [self.url_safe, !self.url_safe] {
            let alphabet = if url_safe {
                URL_SAFE_NO_PAD
            } else {
                STANDARD_NO_PAD
            };
            if let Ok(bytes) = alphabet.decode(block, self.scratch.as_mut_slice().as_out()) {
                self.url_safe = url_safe;
                self.padded = None;
                out(bytes);
                return true;
            }
        }
        false
    }

    /// Sorts out blanks, padding and alphabets byte by byte, then decodes what is left. Returns how much it used: all,
    /// unless it was to stop behind a group or the text is no base64.
    fn sift(&mut self, text: &[u8], one_group: bool, out: &mut dyn FnMut(&[u8])) -> usize {
        let mut used = 0;
        while used < text.len() && !self.broken {
            let room = if one_group {
                4 - self.clean.len()
            } else {
                usize::MAX
            };
            let near = &text[used..text.len().min(used.saturating_add(room))];
            let odd = near.iter().position(|&byte| TABLE[usize::from(byte)] >= 64);
            let run = &near[..odd.unwrap_or(near.len())];
            self.clean.extend(run.iter().map(|&byte| match byte {
                b'-' => b'+',
                b'_' => b'/',
                plain => plain,
            }));
            used += run.len() + usize::from(odd.is_some());
            if !run.is_empty() {
                self.padded = None;
            }
            if odd.is_some_and(|at| near[at] == b'=') && self.padded.is_none() {
                let whole = self.clean.len() & !3;
                self.padded = Some(self.clean[whole..].to_vec());
            }
            match odd.map(|at| TABLE[usize::from(near[at])]) {
                Some(PAD) if self.clean.len() % 4 != 1 => self.close_group(out),
                Some(PAD | ALIEN) => self.broken = true,
                _ => {}
            }
            if one_group && self.clean.len() == 4 {
                break;
            }
        }
        self.drain(out);
        used
    }

    /// Decodes the whole groups among the sifted characters.
    fn drain(&mut self, out: &mut dyn FnMut(&[u8])) {
        let whole = self.clean.len() & !3;
        for block in self.clean[..whole].chunks(BLOCK) {
            if let Ok(bytes) = STANDARD_NO_PAD.decode(block, self.scratch.as_mut_slice().as_out()) {
                out(bytes);
            }
        }
        self.clean.drain(..whole);
    }

    /// Decodes everything, a last group of two or three characters too.
    fn close_group(&mut self, out: &mut dyn FnMut(&[u8])) {
        self.drain(out);
        let mut bits = 0;
        for &letter in &self.clean {
            bits = bits << 6 | u32::from(TABLE[usize::from(letter)]);
        }
        let [_, first, second, _] = (bits << (24 - 6 * self.clean.len())).to_be_bytes();
        match self.clean.len() {
            2 => out(&[first]),
            3 => out(&[first, second]),
            _ => {}
        }
        self.clean.clear();
    }
}

/// The bits that are left over where base64 that was cut anywhere is decoded piece by piece: at most six, which the next piece
/// begins with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bits {
    bits: u32,
    count: u32,
}

impl Bits {
    /// Those of a piece that ends with these characters, which are no group of four; its whole bytes are decoded already.
    /// Padding means that the sender meant none.
    pub fn after(rest: &str) -> Self {
        if rest.ends_with('=') {
            Self::default()
        } else {
            Self::of(rest)
        }
    }

    fn of(rest: &str) -> Self {
        let rest = rest.trim_end_matches('=');
        let count = match rest.len() {
            1 => 6,
            2 => 4,
            3 => 2,
            _ => 0,
        };
        let last = rest.bytes().last().map_or(0, |letter| TABLE[usize::from(letter)]);
        Self {
            bits: u32::from(last) & ((1 << count) - 1),
            count,
        }
    }

    /// Gives out the bytes of the next piece, which was decoded by itself and ends with the characters `rest`.
    pub fn append(&mut self, bytes: &[u8], rest: &str, out: &mut dyn FnMut(&[u8])) {
        if self.count == 0 {
            out(bytes);
        } else {
            let shifted: Vec<u8> = bytes.iter().map(|byte| self.shift(u32::from(*byte), 8)).collect();
            out(&shifted);
        }
        let last = Self::of(rest);
        if self.count + last.count < 8 {
            self.bits = self.bits << last.count | last.bits;
            self.count += last.count;
        } else {
            let byte = self.shift(last.bits, last.count);
            out(&[byte]);
        }
        if rest.ends_with('=') {
            *self = Self::default();
        }
    }

    /// Takes in a few bits, with which there are at least eight; the first eight of them.
    fn shift(&mut self, bits: u32, count: u32) -> u8 {
        let all = self.bits << count | bits;
        self.count = self.count + count - 8;
        self.bits = all & ((1 << self.count) - 1);
        // At most six bits are left, so this is the byte before them.
        u8::try_from(all >> self.count & 0xff).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_that_were_decoded_by_themselves_join_to_what_the_whole_decodes_to() {
        let bytes: Vec<u8> = (0..=255).collect();
        for (length, size) in (250..=256).flat_map(|length| (1..40).map(move |size| (length, size))) {
            let bytes = &bytes[..length];
            let text = base64_simd::STANDARD.encode_to_string(bytes);
            let (mut joined, mut bits) = (Vec::new(), Bits::default());
            for piece in text.as_bytes().chunks(size) {
                let (mut own, mut decoder) = (Vec::new(), Base64::new());
                decoder.push(piece, &mut |part| own.extend_from_slice(part));
                let rest = decoder.rest();
                let _dangling = decoder.finish(&mut |part| own.extend_from_slice(part));
                bits.append(&own, &rest, &mut |part| joined.extend_from_slice(part));
            }
            assert_eq!(joined, bytes, "{length} bytes in pieces of {size}");
        }
    }

    fn decoded(cuts: &[&[u8]]) -> (Vec<u8>, bool) {
        let mut bytes = Vec::new();
        let mut decoder = Base64::new();
        for cut in cuts {
            decoder.push(cut, &mut |part| bytes.extend_from_slice(part));
        }
        let whole = decoder.finish(&mut |part| bytes.extend_from_slice(part));
        (bytes, whole)
    }

    #[test]
    fn every_spelling_of_the_same_bytes_decodes_alike_however_cut() {
        let bytes: Vec<u8> = (0..=255).cycle().take(1000).collect();
        let standard = base64_simd::STANDARD.encode_to_string(&bytes);
        let safe = base64_simd::URL_SAFE_NO_PAD.encode_to_string(&bytes);
        let lines: Vec<&[u8]> = standard.as_bytes().chunks(76).collect();
        let wrapped = String::from_utf8(lines.join(&b"\r\n"[..])).unwrap();
        let grouped: String = bytes
            .chunks(100)
            .map(|part| base64_simd::STANDARD.encode_to_string(part))
            .collect();
        let mixed = format!("{}{}", &standard[..400], &safe[400..]);
        for text in [&standard, &safe, &wrapped, &grouped, &mixed] {
            for size in [1, 2, 3, 5, 7, 64, 401, 5000] {
                let cuts: Vec<&[u8]> = text.as_bytes().chunks(size).collect();
                assert_eq!(decoded(&cuts), (bytes.clone(), true), "{size} {text}");
            }
        }
    }

    #[test]
    fn what_is_no_base64_ends_the_bytes_and_says_so() {
        assert_eq!(decoded(&[b"QUJD!QUJD"]), (b"ABC".to_vec(), false));
        assert_eq!(decoded(&[b"QUJDQ"]), (b"ABC".to_vec(), false));
        assert_eq!(decoded(&[b"QUJDRA"]), (b"ABCD".to_vec(), true));
        assert_eq!(decoded(&[b"QUJDRB=="]), (b"ABCD".to_vec(), true));
        assert_eq!(decoded(&[b"Q="]), (Vec::new(), false));
        assert_eq!(decoded(&[]), (Vec::new(), true));
    }
}
