//! Deflate, in pieces.

use flate2::{Decompress, FlushDecompress, Status};

/// One piece of output. The decoder itself works in 32 KiB.
const PIECE_BYTES: usize = 64 << 10;

/// A raw deflate stream.
#[derive(Debug)]
pub(crate) struct Inflater {
    stream: Decompress,
    piece: Vec<u8>,
}

/// What became of a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Inflated {
    /// All of it is used, and more must come.
    More,
    /// The stream ends behind so many bytes of it.
    End(usize),
    /// It cannot be read any further; so many bytes were used.
    Broken(usize),
}

impl Inflater {
    pub(crate) fn new() -> Self {
        Self { stream: Decompress::new(false), piece: vec![0; PIECE_BYTES] }
    }

    /// To the start of another stream.
    pub(crate) fn reset(&mut self) {
        self.stream.reset(false);
    }

    pub(crate) fn push(&mut self, window: &[u8], out: &mut dyn FnMut(&[u8])) -> Inflated {
        let mut used = 0;
        loop {
            let (before_in, before_out) = (self.stream.total_in(), self.stream.total_out());
            let rest = window.get(used..).unwrap_or_default();
            let status = self.stream.decompress(rest, &mut self.piece, FlushDecompress::None);
            let took = usize::try_from(self.stream.total_in() - before_in).unwrap_or(usize::MAX);
            let gave = usize::try_from(self.stream.total_out() - before_out).unwrap_or(usize::MAX);
            used += took;
            if let Some(piece) = self.piece.get(..gave).filter(|piece| !piece.is_empty()) {
                out(piece);
            }
            match status {
                Err(_) => return Inflated::Broken(used),
                Ok(Status::StreamEnd) => return Inflated::End(used),
                // Bytes may still be held back while the window is used up: until nothing moves, there is more.
                Ok(_) if took == 0 && gave == 0 => return Inflated::More,
                Ok(_) => {}
            }
        }
    }
}
