//! Where the memory of one key goes.

use crate::{Encoding, model::Models, value::Value};

/// What bytes of a key's memory are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The key's name, its entry and its object; with the text of a string that shares their allocation.
    Key,
    /// What the value has once: the structures at its front.
    Header,
    /// What holds the elements together: slots and entries of a table, levels of a skip list, nodes of a list, a radix tree.
    Table,
    /// The elements themselves, or what they are packed into.
    Elements,
    /// Consumer groups of a stream: their consumers, and what is pending.
    Groups,
}

impl Part {
    /// All, in order.
    pub const ALL: [Self; 5] = [Self::Key, Self::Header, Self::Table, Self::Elements, Self::Groups];
}

/// Where costs are added up.
pub(crate) trait Tally {
    /// What follows is for this.
    fn part(&mut self, part: Part);

    /// Bytes as `MEMORY USAGE` counts them, and as the allocator does.
    fn count(&mut self, memory_bytes: u64, allocated_bytes: u64);

    /// The same bytes for both.
    #[inline]
    fn both(&mut self, bytes: u64) {
        self.count(bytes, bytes);
    }
}

/// Adds up by part.
struct ByPart {
    at: Part,
    bytes: [u64; Part::ALL.len()],
}

impl Tally for ByPart {
    fn part(&mut self, part: Part) {
        self.at = part;
    }

    fn count(&mut self, memory_bytes: u64, _: u64) {
        let sum = &mut self.bytes[self.at as usize];
        *sum = sum.saturating_add(memory_bytes);
    }
}

impl Models {
    /// What each part of `value` takes in the `i`th of [`RELEASES`](crate::RELEASES), as `MEMORY USAGE` counts it: together its
    /// [`Cost::memory_bytes`](crate::Cost::memory_bytes).
    pub fn parts(&self, i: usize, value: &Value) -> (Encoding, [u64; Part::ALL.len()]) {
        let mut sums = ByPart { at: Part::Key, bytes: [0; _] };
        let encoding = self.tally(i, value, &self.get(i).0.limits, &mut sums);
        (encoding, sums.bytes)
    }
}
