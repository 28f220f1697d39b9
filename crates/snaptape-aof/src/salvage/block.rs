//! The transaction at hand.

use alloc::vec::Vec;

use super::{ledger::Counts, stretch::Salvage};

/// A place in the list of stretches.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark {
    /// So many stretches stand before it; the next one is not joined to them.
    pub(super) stretches: usize,
    /// Its offset.
    pub(super) at: u64,
    pub(super) counts: Counts,
    pub(super) db: u64,
}

/// A MULTI that has not seen its EXEC.
#[derive(Debug, Clone)]
pub(super) struct Block {
    /// Before the MULTI.
    pub(super) start: Mark,
    /// Before the first hole in it: its EXEC may be lost there.
    pub(super) hole: Option<Mark>,
    /// Before the first `#TS:` line in it (inside a transaction time stands still), or before a SELECT behind other commands (few
    /// clients change the database inside a transaction): it is likely to have ended before.
    pub(super) later: Option<Mark>,
    /// Before a SELECT of the database that is selected already: a server writes that after a start, so it is a new start, and
    /// the transaction was never run.
    pub(super) restart: Option<Mark>,
    /// Behind commands that were a whole transaction every time before.
    pub(super) shape: Option<Mark>,
    /// The names so far, in one number.
    names: u64,
    /// That number where `shape` is.
    shape_names: u64,
    /// Commands in it.
    pub(super) commands: u64,
    /// First keys of some of them, for which buffers are kept.
    keys: Vec<Vec<u8>>,
    used: usize,
}

impl Block {
    /// One that begins here, with buffers of one before.
    pub(super) fn new(start: Mark, keys: Vec<Vec<u8>>) -> Self {
        Self {
            start,
            hole: None,
            later: None,
            restart: None,
            shape: None,
            names: 0,
            shape_names: 0,
            commands: 0,
            keys,
            used: 0,
        }
    }

    /// Is what it holds a whole transaction, by what was seen before? Then, if another command follows, its EXEC may be lost here.
    #[inline]
    pub(super) fn is_like_a_whole_one(&self, shapes: &Shapes) -> bool {
        self.shape.is_none() && self.commands > 0 && shapes.is_whole(self.names)
    }

    pub(super) fn mark_shape(&mut self, mark: Mark) {
        self.shape = Some(mark);
        self.shape_names = self.names;
    }

    /// One more command.
    #[inline]
    pub(super) fn add(&mut self, name: &[u8]) {
        self.commands += 1;
        let mut hash = self.names ^ 0xcbf2_9ce4_8422_2325;
        for byte in name {
            hash = (hash ^ u64::from(byte.to_ascii_uppercase())).wrapping_mul(0x0100_0000_01b3);
        }
        self.names = hash ^ (hash >> 29);
    }

    /// Its EXEC was seen.
    pub(super) fn teach(&self, shapes: &mut Shapes) {
        if self.shape.is_some() {
            shapes.goes_on(self.shape_names);
        }
        shapes.ends(self.names);
    }

    pub(super) fn note_key(&mut self, key: &[u8]) {
        if self.used >= Salvage::MAX_KEYS || self.restart.is_some() {
            return;
        }
        match self.keys.get_mut(self.used) {
            Some(buffer) => {
                buffer.clear();
                buffer.extend_from_slice(key);
            }
            None => self.keys.push(key.to_vec()),
        }
        self.used += 1;
    }

    pub(super) fn keys(&self) -> &[Vec<u8>] {
        self.keys.get(..self.used).unwrap_or_default()
    }

    /// The buffers, for the next one.
    pub(super) fn into_buffers(self) -> Vec<Vec<u8>> {
        self.keys
    }
}

/// How many sequences of names are remembered; one pushes out another.
const SHAPES: usize = 256;
/// A sequence that was a whole transaction so often, and never the front of a longer one, is taken for one.
const ENOUGH: u32 = 3;

#[derive(Debug, Clone, Copy, Default)]
struct Shape {
    names: u64,
    ended: u32,
    went_on: bool,
}

/// Which sequences of commands were whole transactions. Applications have a few kinds of them.
#[derive(Debug, Clone)]
pub(super) struct Shapes(Vec<Shape>);

impl Default for Shapes {
    fn default() -> Self {
        Self(alloc::vec![Shape::default(); SHAPES])
    }
}

impl Shapes {
    #[inline]
    fn slot(names: u64) -> usize {
        usize::try_from(names % SHAPES as u64).unwrap_or(0)
    }

    #[inline]
    fn is_whole(&self, names: u64) -> bool {
        self.0
            .get(Self::slot(names))
            .is_some_and(|shape| shape.names == names && shape.ended >= ENOUGH && !shape.went_on)
    }

    fn ends(&mut self, names: u64) {
        if let Some(shape) = self.0.get_mut(Self::slot(names)) {
            if shape.names != names {
                *shape = Shape { names, ..Shape::default() };
            }
            shape.ended = shape.ended.saturating_add(1);
        }
    }

    fn goes_on(&mut self, names: u64) {
        if let Some(shape) = self.0.get_mut(Self::slot(names)).filter(|shape| shape.names == names) {
            shape.went_on = true;
        }
    }
}
