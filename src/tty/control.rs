//! A control sequence (CSI) taken apart: marker, numbers, intermediate, final byte. Says nothing of their meaning.

/// The parts of one control sequence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Control {
    /// `?`, `>`, `<` or `=`, else 0.
    pub(super) prefix: u8,
    /// The parameters, each with its subparameters after `:`; an empty one is `None`.
    pub(super) fields: Vec<Vec<Option<u32>>>,
    /// The last intermediate byte, such as `$`, else 0.
    pub(super) intermediate: u8,
    pub(super) last: u8,
}

impl Control {
    /// Takes apart what stands between `ESC [` and the final byte; never fails, since framing has made sure of
    /// the byte ranges.
    pub(super) fn parse(body: &[u8], last: u8) -> Self {
        let (prefix, rest) = match body.split_first() {
            Some((&marker @ b'<'..=b'?', rest)) => (marker, rest),
            _ => (0, body),
        };
        let digits = rest
            .iter()
            .position(|byte| !matches!(byte, b'0'..=b';'))
            .unwrap_or(rest.len());
        let (numbers, intermediates) = rest.split_at(digits);
        let fields = if numbers.is_empty() {
            Vec::new()
        } else {
            numbers
                .split(|byte| *byte == b';')
                .map(|field| field.split(|byte| *byte == b':').map(number).collect())
                .collect()
        };
        Self {
            prefix,
            fields,
            intermediate: intermediates.last().copied().unwrap_or(0),
            last,
        }
    }

    /// Returns whether terminals send such a sequence: a reply, a mouse report, a key. With a few characters behind ESC a hand
    /// can come to one as well, so what no terminal sends is told from it.
    pub(super) fn is_sent(&self) -> bool {
        let first = self.get(0);
        match (self.prefix, self.intermediate, self.last) {
            (b'?', 0, b'c' | b'n' | b'u' | b'R' | b'S')
            | (b'>', 0, b'c' | b'm')
            | (b'<', 0, b'M' | b'm')
            | (b'?' | 0, b'$', b'y')
            | (0, 0, b'u' | b'~') => first.is_some(),
            (0, 0, b'n') => matches!(first, Some(0 | 3)),
            (0, 0, b't') => matches!(first, Some(1..=9)) && self.fields.len() > 1,
            (0, 0, b'R') => self.fields.len() == 2 || self.fields.is_empty(),
            (0, 0, b'A'..=b'F' | b'H' | b'P' | b'Q' | b'S') => matches!(first, None | Some(1)),
            (0, 0, b'I' | b'O' | b'Z' | b'M') => self.fields.is_empty(),
            _ => false,
        }
    }

    /// The first value of a parameter.
    pub(super) fn get(&self, index: usize) -> Option<u32> {
        self.sub(index, 0)
    }

    /// A subparameter.
    pub(super) fn sub(&self, index: usize, sub: usize) -> Option<u32> {
        self.fields.get(index)?.get(sub).copied().flatten()
    }

    /// The first value of every parameter.
    pub(super) fn numbers(&self) -> Vec<Option<u32>> {
        self.fields
            .iter()
            .map(|field| field.first().copied().flatten())
            .collect()
    }
}

/// Digits as a number; too large a one saturates rather than vanishes.
fn number(digits: &[u8]) -> Option<u32> {
    if digits.is_empty() {
        return None;
    }
    let fold = |value: u32, digit: &u8| {
        value
            .saturating_mul(10)
            .saturating_add(u32::from(digit.saturating_sub(b'0')))
    };
    Some(digits.iter().fold(0, fold))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_fields_and_subfields_keep_their_places() {
        let control = Control::parse(b"?1;;3:4::5$", b'y');
        assert_eq!((control.prefix, control.intermediate), (b'?', b'$'));
        assert_eq!(control.numbers(), vec![Some(1), None, Some(3)]);
        assert_eq!(control.sub(2, 3), Some(5));
        assert_eq!(control.sub(2, 2), None);
        assert_eq!(Control::parse(b"", b'A').fields.len(), 0);
        assert_eq!(Control::parse(b"99999999999999", b'u').get(0), Some(u32::MAX));
    }
}
