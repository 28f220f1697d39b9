//! A sample by hash: what is in it depends on the set of hashes alone, not on their order.

use hashbrown::HashMap;
use rustc_hash::FxBuildHasher;
use snaptape_sort::Sort as _;

/// Values by hash, of those hashes whose lowest bits are zero: as many bits as it takes to keep no more than `max` of them. More
/// hashes only ever take more bits, so samples can be merged.
#[derive(Debug, Clone)]
pub(super) struct Sample<V> {
    max: usize,
    bits: u32,
    rows: HashMap<u64, V, FxBuildHasher>,
}

impl<V: Clone> Sample<V> {
    pub(super) fn new(max: usize) -> Self {
        Self { max: max.max(1), bits: 0, rows: HashMap::default() }
    }

    /// One in so many is in it.
    pub(super) fn one_in(&self) -> u64 {
        1 << self.bits
    }

    #[inline]
    fn is_in(&self, hash: u64) -> bool {
        hash & (self.one_in() - 1) == 0
    }

    /// Adds a value, or `join`s it with the one that is there.
    #[inline]
    pub(super) fn add(&mut self, hash: u64, value: impl FnOnce() -> V, join: impl FnOnce(&mut V)) {
        if !self.is_in(hash) {
            return;
        }
        if let Some(row) = self.rows.get_mut(&hash) {
            join(row);
            return;
        }
        self.rows.insert(hash, value());
        self.shrink();
    }

    fn shrink(&mut self) {
        while self.rows.len() > self.max && self.bits < 63 {
            self.narrow(self.bits + 1);
        }
    }

    fn narrow(&mut self, bits: u32) {
        self.bits = self.bits.max(bits);
        let mask = self.one_in() - 1;
        self.rows.retain(|hash, _| hash & mask == 0);
    }

    pub(super) fn merge(&mut self, other: &Self, join: impl Fn(&mut V, &V)) {
        self.narrow(other.bits);
        for (hash, value) in other.sorted() {
            self.add(hash, || value.clone(), |row| join(row, value));
        }
    }

    pub(super) fn get(&self, hash: u64) -> Option<&V> {
        self.rows.get(&hash)
    }

    /// What is in it, in the order of the hashes.
    pub(super) fn sorted(&self) -> Vec<(u64, &V)> {
        let mut rows: Vec<(u64, &V)> = self.rows.iter().map(|(hash, value)| (*hash, value)).collect();
        rows.order_by_key(|(hash, _)| *hash);
        rows
    }
}
