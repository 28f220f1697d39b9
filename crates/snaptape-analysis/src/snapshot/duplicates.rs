//! Keys that stand twice in one database: every server aborts over them when it starts, and its check tool sees nothing.

use std::collections::VecDeque;

use super::hashes::{Hashes, Inserted, hash};

/// What the hashes may take. Three million keys are compared exactly; of more keys, a sample.
const MAX_BYTES: usize = 32 << 20;
/// How many of the last keys can be taken back; the writer of the copy can take back no more.
const RECENT: usize = 32;

/// Compares every key with all before it, by hashes of 64 bits.
#[derive(Debug)]
pub(super) struct Duplicates {
    seen: Hashes,
    /// The last keys: where they begin, and what they have put in.
    recent: VecDeque<(u64, Option<u64>)>,
    /// Only hashes whose bits 1 to this one are zero are looked at.
    sample_bits: u32,
}

/// A key that stood there before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Duplicate {
    /// One of the two may never reach a server's database: it has expired, or holds nothing.
    pub(super) droppable: bool,
}

impl Duplicates {
    pub(super) fn new() -> Self {
        Self::within(MAX_BYTES)
    }

    fn within(max_bytes: usize) -> Self {
        Self { seen: Hashes::within(max_bytes), recent: VecDeque::with_capacity(RECENT + 1), sample_bits: 0 }
    }

    fn mask(&self) -> u64 {
        ((1 << self.sample_bits) - 1) << 1
    }

    /// Takes the key whose entry begins at `start`; says if it stood there before.
    #[inline]
    pub(super) fn add(&mut self, db: u64, name: &[u8], start: u64, droppable: bool) -> Option<Duplicate> {
        let hash = hash(db, name);
        let found = loop {
            if hash & self.mask() != 0 {
                return None;
            }
            match self.seen.insert(hash, droppable) {
                Inserted::New => break None,
                Inserted::Known { flag } => break Some(Duplicate { droppable: flag || droppable }),
                Inserted::Full => self.halve(),
            }
        };
        if self.recent.len() == RECENT {
            self.recent.pop_front();
        }
        self.recent.push_back((start, found.is_none().then_some(hash)));
        found
    }

    #[cold]
    fn halve(&mut self) {
        self.sample_bits += 1;
        let mask = self.mask();
        self.seen.retain(|hash| hash & mask == 0);
    }

    /// Forgets the keys that begin at `start` or behind it, as far as they are among the last ones.
    pub(super) fn take_back(&mut self, start: u64) {
        while let Some((_, hash)) = self.recent.pop_back_if(|(at, _)| *at >= start) {
            if let Some(hash) = hash {
                self.seen.remove(hash);
            }
        }
    }

    /// One key in so many was compared; 1 for all of them.
    pub(super) fn one_in(&self) -> u64 {
        1 << self.sample_bits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Feeds names `0..n`, then some of them again in another and in the same database; returns those found.
    fn run(n: u64, again: impl Iterator<Item = u64>, max_bytes: usize) -> (Vec<u64>, u64, usize) {
        let mut keys = Duplicates::within(max_bytes);
        for n in 0..n {
            assert_eq!(keys.add(0, format!("user:{n}").as_bytes(), n, false), None);
        }
        let mut found = vec![];
        for n in again {
            let name = format!("user:{n}");
            assert_eq!(keys.add(1, name.as_bytes(), n, false), None);
            if keys.add(0, name.as_bytes(), n, false).is_some() {
                found.push(n);
            }
        }
        (found, keys.one_in(), keys.seen.len())
    }

    #[test]
    fn the_second_of_two_is_found_in_its_database() {
        assert_eq!(run(1000, [3, 999].into_iter(), 1 << 20), (vec![3, 999], 1, 1002));
    }

    #[test]
    fn one_that_may_be_dropped_is_marked() {
        let mut keys = Duplicates::new();
        assert_eq!(keys.add(0, b"a", 0, false), None);
        assert_eq!(keys.add(0, b"a", 1, true), Some(Duplicate { droppable: true }));
        assert_eq!(keys.add(0, b"a", 2, false), Some(Duplicate { droppable: false }));
        assert_eq!(keys.add(0, b"b", 3, true), None);
        assert_eq!(keys.add(0, b"b", 4, false), Some(Duplicate { droppable: true }));
    }

    #[test]
    fn what_is_taken_back_may_come_again() {
        let mut keys = Duplicates::new();
        for (start, name) in [(0, b"a"), (10, b"b"), (20, b"a"), (30, b"c")] {
            keys.add(0, name, start, false);
        }
        keys.take_back(20);
        assert_eq!(keys.add(0, b"c", 25, false), None);
        // That it stood there twice is forgotten, that it stands there is not.
        assert_eq!(keys.add(0, b"a", 26, false), Some(Duplicate { droppable: false }));
        assert_eq!(keys.add(0, b"b", 27, false), Some(Duplicate { droppable: false }));
    }

    #[test]
    fn beyond_the_bound_a_sample_is_compared() {
        let n = 100_000;
        let (found, one_in, held) = run(n, 0..n, 64 << 10);
        // 6144 hashes fit. Databases 0 and 1 hold 200,000 keys.
        assert!(one_in >= 32 && held <= 6144, "{one_in} {held}");
        let expected = usize::try_from(n / one_in).unwrap();
        assert!((expected / 2..expected * 4).contains(&found.len()), "{} of {expected}", found.len());
    }
}
