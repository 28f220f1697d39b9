//! The front door.

use crate::{
    Container, Flaw, Limits,
    layer::{Layer, Next},
    zip::Entry,
};

/// The longest piece that comes out of a container: one block of LZ4.
pub const MAX_PIECE_BYTES: usize = 4 << 20;

/// Opens a file as its bytes arrive, however many containers are around its contents; also one that has none.
///
/// The first piece handed on has at least [`crate::FRONT_BYTES`], unless the contents are shorter: enough to tell what they are.
/// Pieces from a container have at most [`MAX_PIECE_BYTES`], and what comes out is the same however it was pushed.
#[derive(Debug)]
pub struct Unpacker {
    limits: Limits,
    outer: Next,
    taken: u64,
    given: u64,
    finished: bool,
}

impl Unpacker {
    /// For a file that is pushed from its first byte.
    pub fn new(limits: Limits) -> Self {
        Self::with(Next::Front(Vec::new()), limits)
    }

    /// For one file of an archive, pushed from its [`Entry::header_offset`] up to [`Entry::end_offset`] or until it
    /// [`Self::is_done`].
    pub fn zip_entry(entry: &Entry, limits: Limits) -> Self {
        Self::with(Next::Inner(Box::new(Layer::zip_entry(entry, limits))), limits)
    }

    fn with(outer: Next, limits: Limits) -> Self {
        Self { limits, outer, taken: 0, given: 0, finished: false }
    }

    /// Takes the next bytes; contents go to `sink`.
    pub fn push(&mut self, bytes: &[u8], sink: &mut dyn FnMut(&[u8])) {
        self.taken += bytes.len() as u64;
        let given = &mut self.given;
        self.outer.push(bytes, 0, self.limits, &mut |piece| {
            *given += piece.len() as u64;
            sink(piece);
        });
    }

    /// No more bytes come: the last contents go to `sink`, and what is missing becomes a flaw. A second time does nothing.
    pub fn finish(&mut self, sink: &mut dyn FnMut(&[u8])) {
        if core::mem::replace(&mut self.finished, true) {
            return;
        }
        let given = &mut self.given;
        self.outer.finish(0, self.limits, &mut |piece| {
            *given += piece.len() as u64;
            sink(piece);
        });
    }

    /// Would more bytes change nothing?
    pub fn is_done(&self) -> bool {
        self.finished || self.layer().is_some_and(Layer::is_done)
    }

    /// The containers, the outermost first; none for a plain file. Final after [`Self::finish`].
    pub fn layers(&self) -> Vec<Container> {
        self.chain().map(Layer::container).collect()
    }

    /// What is wrong with the containers, the outermost first. Final after [`Self::finish`].
    pub fn flaws(&self) -> Vec<Flaw> {
        self.chain().flat_map(Layer::flaws).cloned().collect()
    }

    /// The name the contents have in the innermost container that names them.
    pub fn name_inside(&self) -> Option<String> {
        self.chain().filter_map(Layer::name_inside).last()
    }

    /// Bytes taken so far.
    pub fn bytes_taken(&self) -> u64 {
        self.taken
    }

    /// Bytes of contents handed on so far.
    pub fn bytes_inside(&self) -> u64 {
        self.given
    }

    fn layer(&self) -> Option<&Layer> {
        match &self.outer {
            Next::Inner(layer) => Some(layer),
            _ => None,
        }
    }

    fn chain(&self) -> impl Iterator<Item = &Layer> {
        core::iter::successors(self.layer(), |layer| layer.inner())
    }
}
