//! The contents of a file of the set from an offset on, packed or not.

use crate::{
    ReadRequest, Source,
    unpacked::{Unpacked, Unpacking},
};

/// Reads the contents of a source front to back from some offset on; may be told to step over bytes.
#[derive(Debug)]
pub(crate) struct Contents {
    source: Source,
    /// What stands between the input and the contents, if anything does.
    packed: Option<Unpacking>,
    /// What else was unpacked.
    kept: Unpacked,
    /// Offset in the input of the next byte to be read, where it is not packed.
    next: u64,
    /// Offset in the contents of the next byte that is wanted.
    at: u64,
    /// Where the contents end.
    end: u64,
    ended: bool,
}

impl Contents {
    pub(crate) fn new(source: &Source, at: u64, end: u64) -> Self {
        Self::going_on(source, at, end, Unpacked::default())
    }

    /// The same, from where an earlier reader of a packed source stopped, where that helps. Follow it with [`Self::replay`].
    pub(crate) fn going_on(source: &Source, at: u64, end: u64, mut kept: Unpacked) -> Self {
        let packed = kept.take(source, at).or_else(|| Unpacking::front(source));
        Self { source: source.clone(), packed, kept, next: source.start + at, at, end, ended: false }
    }

    /// What the next reader can go on from.
    pub(crate) fn into_unpacked(mut self) -> Unpacked {
        if let Some(packed) = self.packed {
            self.kept.put(packed);
        }
        self.kept
    }

    /// Goes on from a place that an earlier reader left, where that is nearer to `at`: of a long value its front is wanted, and then
    /// what lies far inside. Follow it with [`Self::replay`] where it says so.
    pub(crate) fn hop(&mut self, at: u64) -> bool {
        let Some(packed) = &mut self.packed else { return false };
        // What came out last is wanted: that is as near as it gets.
        if at < packed.bytes_inside() {
            return false;
        }
        let Some(nearer) = self.kept.take_nearer(&self.source, at, packed.bytes_inside()) else {
            return false;
        };
        self.kept.put(core::mem::replace(packed, nearer));
        self.at = self.at.max(at);
        true
    }

    /// How much of the contents came out so far, where they are packed.
    pub(crate) fn unpacked_bytes(&self) -> Option<u64> {
        self.packed.as_ref().map(Unpacking::bytes_inside)
    }

    /// The next read, so that the contents from `at` on come; nothing where there are none. The offset never goes back.
    pub(crate) fn next_read(&mut self, at: u64, window: usize) -> Option<ReadRequest> {
        if self.ended || at >= self.end {
            return None;
        }
        self.at = self.at.max(at);
        let end = if let Some(packed) = &self.packed {
            self.next = packed.next();
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

    /// Hands on what is still there of what an earlier reader had unpacked. Have the contents come to an end before they should?
    pub(crate) fn replay(&mut self, mut sink: impl FnMut(u64, &[u8])) -> bool {
        let Some(packed) = &self.packed else { return false };
        let (at, bytes) = packed.since(self.at);
        if !bytes.is_empty() {
            sink(at, bytes);
        }
        self.ended = packed.has_ended();
        self.ended && packed.bytes_inside() < self.end
    }

    /// Hands on what was read, with its offset in the contents; `short` where there were fewer bytes than asked for. Have the
    /// contents come to an end before they should? `sink` says whether it wants more.
    pub(crate) fn feed(
        &mut self,
        bytes: &[u8],
        short: bool,
        mut sink: impl FnMut(u64, &[u8]) -> bool,
    ) -> bool {
        let Some(packed) = &mut self.packed else {
            self.next += bytes.len() as u64;
            sink(self.at, bytes);
            self.at += bytes.len() as u64;
            self.ended = short;
            return short;
        };
        packed.feed(bytes, short, &mut sink);
        self.next = packed.next();
        self.ended = packed.has_ended();
        self.ended && packed.bytes_inside() < self.end
    }
}
