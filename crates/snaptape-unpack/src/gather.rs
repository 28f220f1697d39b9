//! Collects the few bytes a header needs across the borders of pieces.

/// Input of a layer: what is left of a piece, and where it stands.
#[derive(Debug)]
pub(crate) struct Input<'a> {
    pub(crate) bytes: &'a [u8],
    /// Offset of the first of them in the bytes of the layer.
    pub(crate) at: u64,
}

impl<'a> Input<'a> {
    /// Takes `n` bytes off the front, or all there are.
    pub(crate) fn take(&mut self, n: u64) -> &'a [u8] {
        let n = usize::try_from(n).unwrap_or(usize::MAX).min(self.bytes.len());
        let (front, rest) = self.bytes.split_at(n);
        self.bytes = rest;
        self.at += n as u64;
        front
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }
}

/// What is held of an item that is not complete.
#[derive(Debug, Default)]
pub(crate) struct Gather(Vec<u8>);

impl Gather {
    /// Fills up to `want` bytes; true when they are there. No more than arrives is ever allocated.
    pub(crate) fn fill(&mut self, input: &mut Input<'_>, want: usize) -> bool {
        let missing = want.saturating_sub(self.0.len());
        self.0.extend_from_slice(input.take(missing as u64));
        self.0.len() >= want
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// A little-endian number of up to eight bytes at `at`; bytes that are not there count as 0.
    pub(crate) fn number(&self, at: usize, n_bytes: usize) -> u64 {
        number(&self.0, at, n_bytes)
    }
}

/// A little-endian number of up to eight bytes at `at`; bytes that are not there count as 0.
pub(crate) fn number(bytes: &[u8], at: usize, n_bytes: usize) -> u64 {
    let field = bytes.get(at..at + n_bytes).unwrap_or_default();
    field.iter().rev().fold(0, |value, &byte| value << 8 | u64::from(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_gathered_across_borders() {
        let mut gather = Gather::default();
        let mut input = Input { bytes: &[1, 2], at: 10 };
        assert!(!gather.fill(&mut input, 3));
        let mut input = Input { bytes: &[3, 4], at: 12 };
        assert!(gather.fill(&mut input, 3));
        assert_eq!((input.bytes, input.at, gather.number(0, 3)), (&[4][..], 13, 0x03_02_01));
        assert_eq!(number(&[1], 0, 4), 0, "a field that is not all there");
    }
}
