//! The shape of a radix tree of stream IDs, from the IDs in ascending order and nothing held of them.
//!
//! A tree's shape depends on its keys alone: a node where keys part, one for each run of bytes they share, a leaf for each key.
//! Source: rax.c, `raxGenericInsert`; `raxNodeCurrentLength` for the bytes of a node.

use crate::{Allocator, model::MAX_ALLOCATORS};

/// Bytes of an ID.
const KEY: usize = 16;

/// A tree that is being filled.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Radix {
    keys: u64,
    last: [u8; KEY],
    /// How many branches the node at each depth of the current path has; 0 where keys do not part.
    branches: [u16; KEY],
    closed: Shape,
}

/// What a tree's memory depends on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Shape {
    /// Keys.
    pub keys: u64,
    /// Nodes.
    pub nodes: u64,
    /// Allocations of the nodes, by allocator.
    pub allocated: [u64; MAX_ALLOCATORS],
}

impl Radix {
    /// Adds the next ID. One that does not ascend is left out: the server refuses it.
    pub(crate) fn push(&mut self, ms: u64, seq: u64, allocators: &[Allocator]) {
        let mut key = [0; KEY];
        key[..8].copy_from_slice(&ms.to_be_bytes());
        key[8..].copy_from_slice(&seq.to_be_bytes());
        if self.keys > 0 {
            if key <= self.last {
                return;
            }
            let shared = key.iter().zip(self.last).take_while(|(a, b)| **a == *b).count().min(KEY - 1);
            self.close(shared, allocators);
            self.branches[shared] = self.branches[shared].max(1) + 1;
        }
        self.keys += 1;
        self.last = key;
    }

    /// Closes what hangs below depth `shared` of the path to the last key.
    fn close(&mut self, shared: usize, allocators: &[Allocator]) {
        // The leaf, and the run of bytes before it down from the node it hangs at.
        let mut below = KEY;
        self.closed.leaf(allocators);
        for depth in (shared + 1..KEY).rev() {
            if self.branches[depth] > 0 {
                self.closed.run(below - depth - 1, allocators);
                self.closed.branch(u64::from(self.branches[depth]), allocators);
                self.branches[depth] = 0;
                below = depth;
            }
        }
        self.closed.run(below - shared - 1, allocators);
    }

    /// What came of it; starts anew.
    pub(crate) fn take(&mut self, allocators: &[Allocator]) -> Shape {
        let mut shape = self.closed;
        shape.keys = self.keys;
        if self.keys == 0 {
            // The empty node at the top.
            shape.node(0, 0, false, allocators);
        } else {
            let mut below = KEY;
            shape.leaf(allocators);
            for depth in (0..KEY).rev() {
                if self.branches[depth] > 0 {
                    shape.run(below - depth - 1, allocators);
                    shape.branch(u64::from(self.branches[depth]), allocators);
                    below = depth;
                }
            }
            shape.run(below, allocators);
        }
        *self = Self::default();
        shape
    }
}

impl Shape {
    fn leaf(&mut self, allocators: &[Allocator]) {
        self.node(0, 0, true, allocators);
    }

    /// A run of `bytes` that all keys below share; none if there are no bytes.
    fn run(&mut self, bytes: usize, allocators: &[Allocator]) {
        if bytes > 0 {
            self.node(bytes as u64, 1, false, allocators);
        }
    }

    fn branch(&mut self, children: u64, allocators: &[Allocator]) {
        self.node(children, children, false, allocators);
    }

    /// A node of a header, its bytes, padding, and pointers to children and value.
    fn node(&mut self, bytes: u64, children: u64, has_value: bool, allocators: &[Allocator]) {
        self.nodes += 1;
        let len = (4 + bytes).next_multiple_of(8) + 8 * children + 8 * u64::from(has_value);
        for (sum, allocator) in self.allocated.iter_mut().zip(allocators) {
            *sum += allocator.usable(len);
        }
    }

    /// Adds another tree.
    pub(crate) fn add(&mut self, other: &Self) {
        self.keys += other.keys;
        self.nodes += other.nodes;
        for (sum, bytes) in self.allocated.iter_mut().zip(other.allocated) {
            *sum += bytes;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{BTreeMap, BTreeSet};

    const ALLOCATORS: [Allocator; 1] = [Allocator::JemallocBundled];

    /// Counts the nodes of the tree of `keys` from its definition.
    fn nodes(keys: &BTreeSet<[u8; KEY]>, depth: usize) -> u64 {
        if keys.is_empty() || depth == KEY {
            return 1;
        }
        let mut children: BTreeMap<u8, BTreeSet<[u8; KEY]>> = BTreeMap::new();
        for key in keys {
            children.entry(key[depth]).or_default().insert(*key);
        }
        if children.len() > 1 {
            return 1 + children.values().map(|below| nodes(below, depth + 1)).sum::<u64>();
        }
        // A run: as far as there is one way only.
        let mut end = depth;
        while end < KEY && keys.iter().map(|key| key[end]).collect::<BTreeSet<_>>().len() == 1 {
            end += 1;
        }
        1 + nodes(keys, end)
    }

    #[test]
    fn shape_is_that_of_the_definition() {
        let mut seed = 1_u64;
        let mut random = move || {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            seed >> 33
        };
        for round in 0..300 {
            let count = random() % 40;
            let ids: BTreeSet<(u64, u64)> = (0..count)
                .map(|_| match round % 3 {
                    0 => (1_700_000_000_000 + random() % 100_000, 0),
                    1 => (1_700_000_000_000, random() % 1_000),
                    _ => (random() << 32 | random(), random() << 40),
                })
                .collect();
            let keys = ids
                .iter()
                .map(|(ms, seq)| {
                    let mut key = [0; KEY];
                    key[..8].copy_from_slice(&ms.to_be_bytes());
                    key[8..].copy_from_slice(&seq.to_be_bytes());
                    key
                })
                .collect();
            let mut tree = Radix::default();
            for (ms, seq) in &ids {
                tree.push(*ms, *seq, &ALLOCATORS);
            }
            let shape = tree.take(&ALLOCATORS);
            assert_eq!((shape.keys, shape.nodes), (ids.len() as u64, nodes(&keys, 0)), "{ids:?}");
            assert_eq!(tree.take(&ALLOCATORS).nodes, 1);
        }
    }
}
