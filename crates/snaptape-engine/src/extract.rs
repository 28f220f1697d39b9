//! Gets spans of contents out of a packed source, for whoever carries out a plan.

use core::ops::Range;
use std::collections::VecDeque;

use snaptape_unpack::Unpacker;

use crate::{ReadRequest, Source};

/// Unpacks a source again and hands on the spans that a plan keeps of it.
///
/// Spans are served in their order. One that begins before the end of the one before it costs another pass from the front.
///
/// ```
/// # use snaptape_engine::{Extract, InputFile, Job, Options};
/// # fn keep(sources: &[snaptape_engine::Source], files: &[Vec<u8>]) -> Option<Vec<u8>> {
/// let mut copy = Vec::new();
/// let mut extract = Extract::new(&sources[0], [0..100, 200..300])?;
/// while let Some(request) = extract.next_read(1 << 20) {
///     let start = request.offset as usize;
///     extract.feed(&files[request.file][start..start + request.len], |_span, bytes| copy.extend_from_slice(bytes));
/// }
/// assert!(extract.is_complete(), "the file has become shorter");
/// # Some(copy)
/// # }
/// ```
#[derive(Debug)]
pub struct Extract {
    source: Source,
    unpacker: Unpacker,
    /// Offset in the input of the next byte to be read.
    next: u64,
    ended: bool,
    /// What is still wanted, with its number.
    wanted: VecDeque<(usize, Range<u64>)>,
}

impl Extract {
    /// Spans of the contents of `source`; nothing where it is not packed, and they are spans of the input.
    pub fn new(source: &Source, spans: impl IntoIterator<Item = Range<u64>>) -> Option<Self> {
        let wanted = spans.into_iter().enumerate().filter(|(_, span)| span.start < span.end).collect();
        let unpacker = source.unpacker()?;
        Some(Self { source: source.clone(), unpacker, next: source.start, ended: false, wanted })
    }

    /// The next read, of at most `window_bytes`; nothing once all is served or the source is at its end.
    pub fn next_read(&self, window_bytes: usize) -> Option<ReadRequest> {
        if self.wanted.is_empty() || self.ended {
            return None;
        }
        let left = usize::try_from(self.source.end.saturating_sub(self.next)).unwrap_or(usize::MAX);
        Some(ReadRequest { file: self.source.file, offset: self.next, len: left.min(window_bytes.max(1)) })
    }

    /// Takes what was read; kept bytes go to `sink` with the number of their span. Fewer bytes than asked for end it.
    pub fn feed(&mut self, bytes: &[u8], mut sink: impl FnMut(usize, &[u8])) {
        self.next += bytes.len() as u64;
        let mut at = self.unpacker.bytes_inside();
        let wanted = &mut self.wanted;
        let mut serve = |piece: &[u8]| {
            let (start, end) = (at, at + piece.len() as u64);
            at = end;
            while let Some((number, span)) = wanted.front_mut() {
                let from = span.start.checked_sub(start).and_then(|n| usize::try_from(n).ok());
                let Some(rest) = from.and_then(|from| piece.get(from..)).filter(|rest| !rest.is_empty())
                else {
                    return;
                };
                let len = usize::try_from(span.end - span.start).unwrap_or(usize::MAX).min(rest.len());
                sink(*number, rest.get(..len).unwrap_or(rest));
                span.start += len as u64;
                if span.start < span.end {
                    return;
                }
                wanted.pop_front();
            }
        };
        self.unpacker.push(bytes, &mut serve);
        if bytes.is_empty() || self.next >= self.source.end || self.unpacker.is_done() {
            self.unpacker.finish(&mut serve);
            self.ended = true;
        }
        if self.wanted.front().is_some_and(|(_, span)| span.start < at)
            && let Some(unpacker) = self.source.unpacker()
        {
            self.unpacker = unpacker;
            self.next = self.source.start;
            self.ended = false;
        }
    }

    /// Was everything served?
    pub fn is_complete(&self) -> bool {
        self.wanted.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::How;

    #[test]
    fn spans_come_in_their_order() {
        // Stored gzip of the bytes 0..=99.
        let inside: Vec<u8> = (0..100).collect();
        let mut packed = b"\x1f\x8b\x08\0\0\0\0\0\0\x03\x01\x64\0\x9b\xff".to_vec();
        packed.extend(&inside);
        let source = Source { how: How::Packed, ..Source::whole("x", 0, packed.len() as u64) };
        let spans = [10..20, 20..20, 20..21, 90..100, 5..15, 0..100];
        for window_bytes in [1, 7, 1000] {
            let mut served = vec![Vec::new(); spans.len()];
            let mut order = Vec::new();
            let mut extract = Extract::new(&source, spans.clone()).unwrap();
            while let Some(request) = extract.next_read(window_bytes) {
                let start = usize::try_from(request.offset).unwrap();
                extract.feed(&packed[start..start + request.len], |number, bytes| {
                    served[number].extend_from_slice(bytes);
                    order.push(number);
                });
            }
            assert!(extract.is_complete());
            order.dedup();
            assert_eq!(order, [0, 2, 3, 4, 5]);
            for (span, bytes) in spans.iter().zip(&served) {
                let range = usize::try_from(span.start).unwrap()..usize::try_from(span.end).unwrap();
                assert_eq!(bytes, &inside[range], "{span:?}");
            }
            // What is not there any more is missed.
            let mut extract = Extract::new(&source, core::iter::once(50..200)).unwrap();
            while let Some(request) = extract.next_read(window_bytes) {
                let start = usize::try_from(request.offset).unwrap();
                extract.feed(&packed[start..start + request.len], |_, _| {});
            }
            assert!(!extract.is_complete());
        }
    }
}
