//! The bytes of the contents of a source, from any place on.

use snaptape_unpack::Unpacker;

use crate::{ReadRequest, Source};

/// Reads the contents of a source. One that is packed is unpacked from its front for every place that lies before the last one.
#[derive(Debug)]
pub(super) struct Contents {
    source: Source,
    unpacker: Option<Unpacker>,
    /// Offset in the input of the next byte, where it is packed.
    next: u64,
    /// Offset in the contents of the next byte that is wanted.
    at: u64,
    ended: bool,
}

impl Contents {
    pub(super) fn new(source: &Source) -> Self {
        Self { unpacker: source.unpacker(), next: source.start, source: source.clone(), at: 0, ended: false }
    }

    /// The next read, of at most `window` bytes; nothing at the end.
    pub(super) fn next_read(&self, window: usize) -> Option<ReadRequest> {
        if self.ended {
            return None;
        }
        let offset =
            if self.unpacker.is_some() { self.next } else { self.source.start.saturating_add(self.at) };
        let left = usize::try_from(self.source.end.saturating_sub(offset)).unwrap_or(usize::MAX);
        Some(ReadRequest { file: self.source.file, offset, len: left.min(window) })
    }

    /// Takes the answer to the last request. `sink` gets the place in the contents of what it is given, and whether that is all; it
    /// answers where it wants to go on.
    pub(super) fn feed(&mut self, bytes: &[u8], short: bool, sink: &mut dyn FnMut(u64, &[u8], bool) -> u64) {
        let Some(unpacker) = &mut self.unpacker else {
            let end = self.source.start.saturating_add(self.at).saturating_add(bytes.len() as u64);
            let is_last = short || end >= self.source.end;
            let before = self.at;
            self.at = sink(self.at, bytes, is_last);
            // At the end it may still want to go somewhere else.
            self.ended = is_last && self.at >= before.saturating_add(bytes.len() as u64);
            return;
        };
        self.next += bytes.len() as u64;
        let mut start = unpacker.bytes_inside();
        let at = &mut self.at;
        let mut deliver = |piece: &[u8]| {
            let end = start + piece.len() as u64;
            while let Some(rest) = at
                .checked_sub(start)
                .and_then(|skip| piece.get(usize::try_from(skip).ok()?..))
                .filter(|rest| !rest.is_empty())
            {
                *at = sink(*at, rest, false);
            }
            start = end;
        };
        unpacker.push(bytes, &mut deliver);
        let is_last = short || self.next >= self.source.end || unpacker.is_done();
        if is_last {
            unpacker.finish(&mut deliver);
        }
        let inside = unpacker.bytes_inside();
        if is_last && self.at >= inside {
            self.at = sink(self.at, &[], true);
        }
        if self.at < inside {
            // Somewhere before what came last: from the front again.
            self.unpacker = self.source.unpacker();
            self.next = self.source.start;
        } else {
            self.ended = is_last;
        }
    }
}
