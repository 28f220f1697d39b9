//! LZF that arrives in pieces: a match looks back 8 KiB at most, so that no more has to be held.

use alloc::vec::Vec;

use crate::{Error, ErrorKind};

/// How far a match can look back.
const HISTORY: usize = 8192;
/// How much is made before it is handed on.
const PIECE: usize = 64 << 10;

/// Unpacks a compressed string piece by piece.
#[derive(Debug, Clone)]
pub struct LzfStream {
    len: u64,
    read: u64,
    written: u64,
    next: Next,
    /// What was made last: up to `HISTORY` bytes that were handed on, and those that were not yet.
    made: Vec<u8>,
    /// Where the latter begin.
    fresh: usize,
}

/// What the next byte is.
#[derive(Debug, Clone, Copy)]
enum Next {
    Control,
    Literal(usize),
    MoreLen { high: usize },
    Low { high: usize, n: usize },
}

impl LzfStream {
    /// For data that should unpack to `len` bytes.
    pub fn new(len: u64) -> Self {
        Self { len, read: 0, written: 0, next: Next::Control, made: Vec::new(), fresh: 0 }
    }

    /// Takes the next piece; what it unpacks to goes to `sink`.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidLzf`] near the control byte, within the compressed data, that is wrong.
    pub fn push(&mut self, piece: &[u8], sink: &mut dyn FnMut(&[u8])) -> Result<(), Error> {
        let mut rest = piece;
        while let Some((&byte, behind)) = rest.split_first() {
            let wide = usize::from(byte);
            let mut used = 1;
            self.next = match self.next {
                Next::Control if wide < 32 => Next::Literal(wide + 1),
                Next::Control if wide >> 5 == 7 => Next::MoreLen { high: wide & 0x1f },
                Next::Control => Next::Low { high: wide & 0x1f, n: (wide >> 5) + 2 },
                Next::Literal(left) => {
                    used = left.min(rest.len());
                    self.made.extend_from_slice(rest.get(..used).unwrap_or_default());
                    self.written += used as u64;
                    if left == used { Next::Control } else { Next::Literal(left - used) }
                }
                Next::MoreLen { high } => Next::Low { high, n: 9 + wide },
                Next::Low { high, n } => {
                    self.repeat((high << 8 | wide) + 1, n)?;
                    Next::Control
                }
            };
            self.read += used as u64;
            if self.written > self.len {
                return Err(self.wrong("holds more than its length"));
            }
            rest = if used == 1 { behind } else { rest.get(used..).unwrap_or_default() };
            if self.made.len() >= self.fresh + PIECE {
                self.hand_on(sink);
            }
        }
        self.hand_on(sink);
        Ok(())
    }

    fn repeat(&mut self, distance: usize, n: usize) -> Result<(), Error> {
        let Some(from) = self.made.len().checked_sub(distance) else {
            return Err(self.wrong("refers to before its beginning"));
        };
        // A match may overlap what it makes.
        for i in from..from + n {
            let byte = self.made.get(i).copied().unwrap_or_default();
            self.made.push(byte);
        }
        self.written += n as u64;
        Ok(())
    }

    fn hand_on(&mut self, sink: &mut dyn FnMut(&[u8])) {
        if let Some(fresh) = self.made.get(self.fresh..).filter(|fresh| !fresh.is_empty()) {
            sink(fresh);
        }
        // Twice as much before it is moved: not for every piece.
        if self.made.len() > 2 * HISTORY {
            self.made.drain(..self.made.len() - HISTORY);
        }
        self.fresh = self.made.len();
    }

    #[cold]
    fn wrong(&self, why: &'static str) -> Error {
        Error::new(ErrorKind::InvalidLzf { why }, self.read)
    }

    /// That was all.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidLzf`] where something is missing.
    pub fn finish(&self) -> Result<(), Error> {
        match self.next {
            Next::Control if self.written == self.len => Ok(()),
            Next::Control => Err(self.wrong("holds less than its length")),
            Next::Literal(_) => Err(self.wrong("ends inside a run of literal bytes")),
            Next::MoreLen { .. } | Next::Low { .. } => Err(self.wrong("ends inside a match")),
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;
    use crate::lzf;

    /// Random control bytes with what belongs to them: nonsense that unpacks.
    fn packed(seed: u64, items: usize) -> (Vec<u8>, u64) {
        let mut state = seed;
        let mut random = move || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(state >> 40).unwrap_or(0)
        };
        let (mut out, mut written) = (vec![3, b'a', b'b', b'c', b'd'], 4);
        for _ in 0..items {
            let distance = random() % written.min(HISTORY);
            let (high, low) = (distance >> 8, distance & 0xff);
            match random() % 3 {
                0 => {
                    let n = random() % 32;
                    out.push(u8::try_from(n).unwrap_or(0));
                    out.extend((0..=n).map(|i| u8::try_from(i).unwrap_or(0)));
                    written += n + 1;
                }
                1 => {
                    let n = 1 + random() % 6;
                    out.extend([n << 5 | high, low].map(|b| u8::try_from(b).unwrap_or(0)));
                    written += n + 2;
                }
                _ => {
                    let n = random() % 256;
                    out.extend([7 << 5 | high, n, low].map(|b| u8::try_from(b).unwrap_or(0)));
                    written += n + 9;
                }
            }
        }
        (out, written as u64)
    }

    #[test]
    fn pieces_unpack_to_the_whole() {
        for (seed, items) in [(1, 0), (2, 50), (3, 5000)] {
            let (packed, len) = packed(seed, items);
            let mut whole = vec![];
            lzf::decode(&packed, len, &mut whole).unwrap();
            for step in [1, 7, 4096, packed.len()] {
                let (mut stream, mut got) = (LzfStream::new(len), vec![]);
                for piece in packed.chunks(step) {
                    stream.push(piece, &mut |bytes| got.extend_from_slice(bytes)).unwrap();
                    assert!(stream.made.len() <= 2 * HISTORY + PIECE + 300, "{}", stream.made.len());
                }
                stream.finish().unwrap();
                assert!(got == whole, "seed {seed}, step {step}");
            }
        }
    }

    #[test]
    fn what_is_wrong_is_wrong_in_pieces_too() {
        for packed in [&[0x05, 1, 2][..], &[0x00, 1, 0x20], &[0x00, 1, 0x20, 1], &[0x00, 1], &[2, 1, 2, 3]] {
            let mut stream = LzfStream::new(2);
            let pushed = packed.iter().try_for_each(|byte| stream.push(&[*byte], &mut |_| ()));
            assert!(pushed.and_then(|()| stream.finish()).is_err(), "{packed:?}");
        }
    }
}
