//! Keys that stand twice in one database: every server aborts over them when it starts, and its check tool sees nothing.
//!
//! A table of all hashes would cost the processor a wait for memory with every key. Instead the hashes are written down one
//! after the other, and a small Bloom filter says which of them *may* have been there before: about one in a hundred. Those are
//! looked up in what was written down, many at a time. The filter, too, is asked for many keys at a time: then the processor waits
//! for all its words together.

use std::{collections::VecDeque, ops::Range};

use snaptape_sort::Sort as _;

use super::hash::hash;

/// Most keys that are all compared; of more, a sample is. They take 10 bytes each.
const MAX_KEYS: usize = 3 << 20;
/// How many of the last keys can be taken back; the writer of the copy can take back no more.
const RECENT: usize = 32;
/// Keys for which the filter is asked together.
const BATCH: usize = 64;
/// Suspects that are looked up together.
const MAX_SUSPECTS: usize = 1 << 14;
/// How much of a name is kept for a message.
const EXCERPT: usize = 96;
/// Keys that share a word of the filter, on average: their four bits each leave three quarters of it empty.
const KEYS_PER_WORD: usize = 4;
const FIRST_WORDS: usize = 1 << 10;

/// Compares every key with all before it, by hashes of 64 bits.
#[derive(Debug)]
pub(super) struct Duplicates {
    /// One word of the filter for each place; a power of two, or none.
    filter: Vec<u64>,
    /// The hashes, in the order of the file. The lowest bit is not part of the hash: such a key may never be loaded.
    hashes: Vec<u64>,
    /// Keys the filter has not been asked for, and the fronts of their names.
    waiting: Vec<Waiting>,
    names: Vec<u8>,
    suspects: Vec<Suspect>,
    /// Where the last keys before these begin, and their hashes.
    recent: VecDeque<(u64, u64)>,
    /// Only hashes whose bits 1 to this one are zero are looked at.
    sample_bits: u32,
    max_keys: usize,
}

/// A key that waits for its turn.
#[derive(Debug)]
struct Waiting {
    hash: u64,
    span: Range<u64>,
    db: u64,
    name: Range<usize>,
    has_expiry: bool,
    droppable: bool,
}

/// A key that may have stood there before.
#[derive(Debug)]
struct Suspect {
    /// Index of its hash.
    index: usize,
    span: Range<u64>,
    db: u64,
    name: Vec<u8>,
    has_expiry: bool,
}

/// A key that stood there before.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Duplicate {
    /// Its entry, attributes included.
    pub(super) span: Range<u64>,
    pub(super) db: u64,
    /// The front of its name.
    pub(super) name: Vec<u8>,
    pub(super) has_expiry: bool,
    /// One of the two may never reach a server's database: it has expired, or holds nothing.
    pub(super) droppable: bool,
}

/// A key to compare.
#[derive(Debug)]
pub(super) struct Named<'a> {
    pub(super) db: u64,
    pub(super) name: &'a [u8],
    /// Its entry, attributes included.
    pub(super) span: Range<u64>,
    pub(super) has_expiry: bool,
    pub(super) droppable: bool,
}

impl Duplicates {
    pub(super) fn new() -> Self {
        Self::of_at_most(MAX_KEYS)
    }

    fn of_at_most(max_keys: usize) -> Self {
        Self {
            filter: Vec::new(),
            hashes: Vec::new(),
            waiting: Vec::with_capacity(BATCH),
            names: Vec::new(),
            suspects: Vec::new(),
            recent: VecDeque::with_capacity(RECENT + 1),
            sample_bits: 0,
            max_keys,
        }
    }

    fn mask(&self) -> u64 {
        ((1 << self.sample_bits) - 1) << 1
    }

    /// Takes a key. When this says so, it is time to [`Self::look_up`].
    #[inline]
    pub(super) fn add(&mut self, key: &Named<'_>) -> bool {
        let hash = hash(key.db, key.name) & !1;
        if hash & self.mask() != 0 {
            return false;
        }
        let start = self.names.len();
        self.names.extend_from_slice(key.name.get(..EXCERPT).unwrap_or(key.name));
        self.waiting.push(Waiting {
            hash,
            span: key.span.clone(),
            db: key.db,
            name: start..self.names.len(),
            has_expiry: key.has_expiry,
            droppable: key.droppable,
        });
        self.waiting.len() >= BATCH && self.ask()
    }

    /// Asks the filter for all that wait. Are there many suspects?
    fn ask(&mut self) -> bool {
        if self.hashes.len() + self.waiting.len() > self.filter.len() * KEYS_PER_WORD {
            self.grow();
        }
        let Self { filter, hashes, waiting, names, suspects, recent, .. } = self;
        touch(filter, waiting.iter().map(|key| key.hash));
        for key in waiting.iter() {
            hashes.push(key.hash | u64::from(key.droppable));
            if put(filter, key.hash) {
                suspects.push(Suspect {
                    index: hashes.len() - 1,
                    span: key.span.clone(),
                    db: key.db,
                    name: names.get(key.name.clone()).unwrap_or_default().to_vec(),
                    has_expiry: key.has_expiry,
                });
            }
        }
        for key in waiting.iter().rev().take(RECENT).rev() {
            if recent.len() == RECENT {
                recent.pop_front();
            }
            recent.push_back((key.span.start, key.hash));
        }
        waiting.clear();
        names.clear();
        suspects.len() >= MAX_SUSPECTS
    }

    /// Makes the filter fit for more keys; the hashes fill it again.
    #[cold]
    fn grow(&mut self) {
        let words =
            (self.filter.len() * 2).max(FIRST_WORDS).min((self.max_keys / KEYS_PER_WORD).next_power_of_two());
        if words <= self.filter.len() {
            return;
        }
        self.filter = vec![0; words];
        self.refill();
    }

    fn refill(&mut self) {
        for hashes in self.hashes.chunks(BATCH) {
            touch(&self.filter, hashes.iter().copied());
            for hash in hashes {
                put(&mut self.filter, *hash);
            }
        }
    }

    /// Looks which of the suspects did stand there before. Those that can still be taken back wait, unless it is about `all`.
    pub(super) fn look_up(&mut self, all: bool) -> Vec<Duplicate> {
        if all {
            self.ask();
        }
        let certain = self.recent.front().filter(|_| !all).map_or(u64::MAX, |(start, _)| *start);
        let n = self.suspects.partition_point(|suspect| suspect.span.start < certain);
        let suspects: Vec<Suspect> = self.suspects.drain(..n).collect();
        let mut wanted: Vec<u64> = suspects
            .iter()
            .filter_map(|suspect| self.hashes.get(suspect.index))
            .map(|hash| hash & !1)
            .collect();
        wanted.order();
        wanted.dedup();
        let mut filter = vec![0; FIRST_WORDS * 16];
        for hash in &wanted {
            put(&mut filter, *hash);
        }
        // Where each of their hashes was first.
        let mut first: Vec<Option<usize>> = vec![None; wanted.len()];
        let place = |hash: u64| wanted.binary_search(&(hash & !1)).ok();
        for (index, hash) in self.hashes.iter().enumerate() {
            if has(&filter, hash & !1)
                && let Some(found) = place(*hash).and_then(|place| first.get_mut(place))
            {
                found.get_or_insert(index);
            }
        }
        let flag = |index: usize| self.hashes.get(index).is_some_and(|hash| hash & 1 == 1);
        let mut duplicates = Vec::new();
        for Suspect { index, span, db, name, has_expiry } in suspects {
            let first = self.hashes.get(index).and_then(|hash| *first.get(place(*hash)?)?);
            if let Some(first) = first.filter(|first| *first < index) {
                let droppable = flag(first) || flag(index);
                duplicates.push(Duplicate { span, db, name, has_expiry, droppable });
            }
        }
        duplicates
    }

    /// Are there so many keys that only a sample of them can be kept? Then [`Self::halve`], when nothing waits to be looked up.
    #[inline]
    pub(super) fn is_full(&self) -> bool {
        self.hashes.len() >= self.max_keys
    }

    /// Keeps every second hash, and looks at every second key only from now on.
    #[cold]
    pub(super) fn halve(&mut self) {
        self.sample_bits += 1;
        let mask = self.mask();
        self.hashes.retain(|hash| hash & mask == 0);
        self.recent.retain(|(_, hash)| hash & mask == 0);
        self.filter.fill(0);
        self.refill();
    }

    /// Forgets the keys that begin at `start` or behind it, as far as they are among the last ones. The filter does not forget: it
    /// will suspect more.
    pub(super) fn take_back(&mut self, start: u64) {
        while self.waiting.pop_if(|key| key.span.start >= start).is_some() {}
        while self.recent.pop_back_if(|(at, _)| *at >= start).is_some() {
            self.hashes.pop();
        }
        self.suspects.retain(|suspect| suspect.span.start < start);
    }

    /// One key in so many was compared; 1 for all of them.
    pub(super) fn one_in(&self) -> u64 {
        1 << self.sample_bits
    }
}

/// The place of a hash in a filter and its four bits there.
#[inline]
fn place(words: usize, hash: u64) -> (usize, u64) {
    let bit = |shift: u32| 1 << (hash >> shift & 63);
    let top = usize::try_from(hash >> 40).unwrap_or(0);
    (top & words.wrapping_sub(1), bit(34) | bit(28) | bit(22) | bit(16))
}

/// Puts a hash in; says if it may have been in before.
#[inline]
fn put(filter: &mut [u64], hash: u64) -> bool {
    let (at, bits) = place(filter.len(), hash);
    let Some(word) = filter.get_mut(at) else { return true };
    let known = *word & bits == bits;
    *word |= bits;
    known
}

/// Brings the words of some hashes near the processor. Nothing depends on one of these reads, so that all are under way at once.
#[inline]
fn touch(filter: &[u64], hashes: impl Iterator<Item = u64>) {
    let word = |hash| filter.get(place(filter.len(), hash).0).copied().unwrap_or(0);
    core::hint::black_box(hashes.map(word).fold(0, |all, word| all | word));
}

/// May it be in?
#[inline]
fn has(filter: &[u64], hash: u64) -> bool {
    let (at, bits) = place(filter.len(), hash);
    filter.get(at).is_none_or(|word| word & bits == bits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(db: u64, name: &[u8], start: u64, droppable: bool) -> Named<'_> {
        Named { db, name, span: start..start + 1, has_expiry: false, droppable }
    }

    /// Adds a key as its owner does.
    fn add(keys: &mut Duplicates, key: &Named<'_>, found: &mut Vec<Duplicate>) {
        if keys.add(key) {
            found.extend(keys.look_up(false));
        }
        if keys.is_full() {
            found.extend(keys.look_up(true));
            keys.halve();
        }
    }

    /// Feeds names `0..n`, then some of them again in another and in the same database; returns those found.
    fn run(n: u64, again: impl Iterator<Item = u64>, max_keys: usize) -> (Vec<String>, Duplicates, u64) {
        let mut keys = Duplicates::of_at_most(max_keys);
        let mut found = vec![];
        for n in 0..n {
            add(&mut keys, &key(0, format!("user:{n}").as_bytes(), n, false), &mut found);
        }
        keys.ask();
        let suspects = keys.suspects.len() as u64;
        found.extend(keys.look_up(true));
        assert_eq!(found, []);
        for n in again {
            let name = format!("user:{n}");
            add(&mut keys, &key(1, name.as_bytes(), n, false), &mut found);
            add(&mut keys, &key(0, name.as_bytes(), n, false), &mut found);
        }
        found.extend(keys.look_up(true));
        assert!(found.iter().all(|key| key.db == 0));
        let names = found.into_iter().map(|key| String::from_utf8(key.name).unwrap()).collect();
        (names, keys, suspects)
    }

    #[test]
    fn the_second_of_two_is_found_in_its_database() {
        let (found, keys, _) = run(1000, [3, 999].into_iter(), MAX_KEYS);
        assert_eq!(found, ["user:3", "user:999"]);
        assert_eq!(keys.one_in(), 1);
    }

    #[test]
    fn every_second_one_is_found_and_few_are_suspected_for_nothing() {
        let n = 100_000;
        let (found, keys, suspects) = run(n, 0..n, MAX_KEYS);
        assert_eq!(found.len() as u64, n);
        assert!(suspects < n / 50, "{suspects}");
        assert!(keys.filter.len() * 8 + keys.hashes.len() * 8 < 4 << 20);
    }

    #[test]
    fn one_that_may_be_dropped_is_marked() {
        let mut keys = Duplicates::new();
        for (start, (name, droppable)) in
            [(b"a", false), (b"a", true), (b"a", false), (b"b", true), (b"b", false)].into_iter().enumerate()
        {
            assert!(!keys.add(&key(0, name, start as u64, droppable)));
        }
        let found: Vec<_> = keys.look_up(true).iter().map(|key| (key.span.start, key.droppable)).collect();
        assert_eq!(found, [(1, true), (2, false), (4, true)]);
    }

    #[test]
    fn what_is_taken_back_may_come_again() {
        let mut keys = Duplicates::new();
        for (start, name) in [(0, b"a"), (10, b"b"), (20, b"a"), (30, b"c")] {
            keys.add(&key(0, name, start, false));
        }
        keys.take_back(20);
        for (start, name) in [(25, b"c"), (26, b"a"), (27, b"b")] {
            keys.add(&key(0, name, start, false));
        }
        let found: Vec<_> = keys.look_up(true).iter().map(|key| key.span.start).collect();
        assert_eq!(found, [26, 27]);
    }

    #[test]
    fn beyond_the_bound_a_sample_is_compared() {
        let n = 100_000;
        let (found, keys, _) = run(n, 0..n, 6000);
        // Databases 0 and 1 hold 200,000 keys.
        assert!(keys.one_in() >= 32 && keys.hashes.len() <= 6000, "{keys:?}");
        assert!(keys.filter.len() <= 2048);
        let expected = usize::try_from(n / keys.one_in()).unwrap();
        assert!((expected / 2..expected * 4).contains(&found.len()), "{} of {expected}", found.len());
        keys_taken_back_behind_a_halving();
    }

    fn keys_taken_back_behind_a_halving() {
        let mut keys = Duplicates::of_at_most(1000);
        let mut found = vec![];
        for n in 0..1024_u64 {
            add(&mut keys, &key(0, &n.to_le_bytes(), n, false), &mut found);
        }
        assert_eq!(keys.one_in(), 2);
        keys.take_back(1000);
        for n in 1000..1024_u64 {
            add(&mut keys, &key(0, &n.to_le_bytes(), n, false), &mut found);
        }
        assert_eq!(keys.look_up(true), []);
    }
}
