//! The contents of a file of the set from an offset on, packed or not.

use snaptape_unpack::Unpacker;

use crate::{ReadRequest, Source};

/// Reads the contents of a source front to back from some offset on; may be told to step over bytes.
#[derive(Debug)]
pub(crate) struct Contents {
    source: Source,
    /// What stands between the input and the contents, if anything does.
    unpacker: Option<Unpacker>,
    /// Offset in the input of the next byte to be read.
    next: u64,
    /// Offset in the contents of the next byte that is wanted.
    at: u64,
    /// Where the contents end.
    end: u64,
    ended: bool,
}

impl Contents {
    pub(crate) fn new(source: &Source, at: u64, end: u64) -> Self {
        let unpacker = source.unpacker();
        let next = source.start + if unpacker.is_some() { 0 } else { at };
        Self { source: source.clone(), unpacker, next, at, end, ended: false }
    }

    /// The next read, so that the contents from `at` on come; nothing where there are none. The offset never goes back.
    pub(crate) fn next_read(&mut self, at: u64, window: usize) -> Option<ReadRequest> {
        if self.ended || at >= self.end {
            return None;
        }
        self.at = self.at.max(at);
        let end = if self.unpacker.is_some() {
            self.source.end
        } else {
            self.next = self.source.start + self.at;
            self.source.end.min(self.source.start + self.end)
        };
        let left = usize::try_from(end.saturating_sub(self.next)).unwrap_or(usize::MAX);
        let len = left.min(window);
        (len > 0).then_some(ReadRequest { file: self.source.file, offset: self.next, len })
    }

    /// Is this an answer to what was asked?
    pub(crate) fn expects(&self, request: &ReadRequest) -> bool {
        !self.ended && request.file == self.source.file && request.offset == self.next
    }

    /// Hands on what was read, with its offset in the contents; `short` where there were fewer bytes than asked for. Have the
    /// contents come to an end before they should?
    pub(crate) fn feed(&mut self, bytes: &[u8], short: bool, mut sink: impl FnMut(u64, &[u8])) -> bool {
        self.next += bytes.len() as u64;
        let Some(unpacker) = &mut self.unpacker else {
            sink(self.at, bytes);
            self.at += bytes.len() as u64;
            self.ended = short;
            return short;
        };
        let mut inside = unpacker.bytes_inside();
        let mut deliver = |piece: &[u8]| {
            let start = inside;
            inside += piece.len() as u64;
            sink(start, piece);
        };
        unpacker.push(bytes, &mut deliver);
        if short || self.next >= self.source.end || unpacker.is_done() {
            unpacker.finish(&mut deliver);
            self.ended = true;
        }
        self.ended && inside < self.end
    }
}
