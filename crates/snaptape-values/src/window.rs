//! A window of one string of an element, and a string as bits.

use snaptape_report::{BitFacts, TextWindow};

use crate::Piece;

/// Gathers a window of one string.
#[derive(Debug)]
pub struct Window {
    element: u64,
    text: u64,
    /// Strings of the element so far.
    seen: u64,
    /// Where the next bytes stand in the string.
    at: u64,
    len: usize,
    found: TextWindow,
    is_full: bool,
}

impl Window {
    /// Bytes `from..from + len` of the `text`th string of the `element`th element.
    pub fn new(element: u64, text: u64, from: u64, len: usize) -> Self {
        let found = TextWindow { len_bytes: None, from, bytes: Vec::new(), look: None, stopped: None };
        Self { element, text, seen: 0, at: 0, len, found, is_full: false }
    }

    /// Takes the next piece.
    pub fn piece(&mut self, element: u64, piece: Piece<'_>) {
        if element != self.element {
            self.is_full |= element > self.element;
            return;
        }
        match piece {
            Piece::Text(len) => {
                self.seen += 1;
                self.at = 0;
                if self.seen == self.text + 1 {
                    self.found.len_bytes = Some(len);
                }
            }
            Piece::Bytes(bytes) if self.seen == self.text + 1 => {
                let start = self.found.from.saturating_add(self.found.bytes.len() as u64);
                let skip = usize::try_from(start.saturating_sub(self.at)).unwrap_or(usize::MAX);
                let room = self.len - self.found.bytes.len();
                let wanted = bytes.get(skip..).unwrap_or_default();
                self.found.bytes.extend_from_slice(wanted.get(..room.min(wanted.len())).unwrap_or_default());
                self.at += bytes.len() as u64;
                self.is_full |= self.found.bytes.len() == self.len;
            }
            Piece::TextEnd if self.seen == self.text + 1 => self.is_full = true,
            Piece::End => self.is_full = true,
            _ => {}
        }
    }

    /// Is all of it there?
    pub fn is_full(&self) -> bool {
        self.is_full
    }

    /// The window.
    pub fn finish(self) -> TextWindow {
        self.found
    }
}

/// Counts the bits of a string.
#[derive(Debug)]
pub struct Bits {
    facts: BitFacts,
    /// Bytes of a cell.
    cell_bytes: u64,
    at: u64,
}

/// Cells of the picture.
const CELLS: u64 = 512;

impl Bits {
    /// Of the string that comes.
    pub fn new() -> Self {
        Self { facts: BitFacts::default(), cell_bytes: 1, at: 0 }
    }

    /// Takes the next piece.
    pub fn piece(&mut self, piece: Piece<'_>) {
        match piece {
            Piece::Text(len) => {
                self.facts = BitFacts { bits: len.saturating_mul(8), ..BitFacts::default() };
                self.cell_bytes = len.div_ceil(CELLS).max(1);
                self.facts.cell_bits = self.cell_bytes * 8;
                self.at = 0;
            }
            Piece::Bytes(bytes) => self.count(bytes),
            _ => {}
        }
    }

    fn count(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let left = self.cell_bytes - self.at % self.cell_bytes;
            let n = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len());
            let (front, rest) = bytes.split_at(n);
            let set: u64 = front.iter().map(|byte| u64::from(byte.count_ones())).sum();
            let cell = usize::try_from(self.at / self.cell_bytes).unwrap_or(usize::MAX);
            if cell < self.facts.cells.len() + 1 && cell < 2 * 512 {
                if cell == self.facts.cells.len() {
                    self.facts.cells.push(0);
                }
                if let Some(sum) = self.facts.cells.get_mut(cell) {
                    *sum += set;
                }
            }
            self.facts.set += set;
            if set > 0 {
                if self.facts.first_set.is_none() {
                    self.facts.first_set = front
                        .iter()
                        .position(|byte| *byte != 0)
                        .and_then(|i| Some((i, u64::from(front.get(i)?.leading_zeros()))))
                        .map(|(i, bit)| (self.at + i as u64) * 8 + bit);
                }
                self.facts.last_set = front
                    .iter()
                    .rposition(|byte| *byte != 0)
                    .and_then(|i| Some((i, u64::from(front.get(i)?.trailing_zeros()))))
                    .map(|(i, bit)| (self.at + i as u64) * 8 + 7 - bit);
            }
            self.at += n as u64;
            bytes = rest;
        }
    }

    /// What was counted.
    pub fn finish(self) -> BitFacts {
        self.facts
    }
}

impl Default for Bits {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_cut_out_of_pieces() {
        let text = b"0123456789";
        for step in 1..=10 {
            for (from, len, expected) in
                [(0, 3, "012"), (4, 4, "4567"), (8, 9, "89"), (10, 5, ""), (99, 5, "")]
            {
                let mut window = Window::new(1, 1, from, len);
                for element in 0..3 {
                    for _ in 0..2 {
                        window.piece(element, Piece::Text(10));
                        text.chunks(step).for_each(|piece| window.piece(element, Piece::Bytes(piece)));
                        window.piece(element, Piece::TextEnd);
                    }
                    window.piece(element, Piece::End);
                }
                assert!(window.is_full());
                let found = window.finish();
                assert_eq!(found.len_bytes, Some(10));
                assert_eq!(found.bytes, expected.as_bytes(), "{from} {len} {step}");
            }
        }
    }

    #[test]
    fn bits_are_those_of_the_server() {
        // SETBIT b 7 1; SETBIT b 100003 1: BITCOUNT 2, BITPOS 7.
        let mut text = vec![0_u8; 12_501];
        (text[0], text[12_500]) = (1, 0x10);
        for step in [1, 100, 20_000] {
            let mut bits = Bits::new();
            bits.piece(Piece::Text(text.len() as u64));
            text.chunks(step).for_each(|piece| bits.piece(Piece::Bytes(piece)));
            let facts = bits.finish();
            assert_eq!((facts.bits, facts.set), (100_008, 2));
            assert_eq!((facts.first_set, facts.last_set), (Some(7), Some(100_003)));
            assert_eq!(facts.cells.iter().sum::<u64>(), 2);
            assert_eq!(facts.cells.len() as u64, 12_501_u64.div_ceil(facts.cell_bits / 8));
        }
    }
}
