//! Keeps rows of keys as long as there is room, and those that come first where there is not.

use snaptape_analysis::filter::{KeyCells, KeyTest};

use super::{KeySums, best::Best, column::KeySort, query::KeyQuery, rows::KeyRows};

/// Rows that are kept where there is no room for all.
pub(super) const KEPT: usize = 10_000;

/// Rows of keys within a budget.
#[derive(Debug)]
pub struct KeyKeep {
    /// Only keys it takes are kept.
    gate: Option<KeyTest>,
    sort: KeySort,
    pub(super) seen: KeySums,
    pub(super) found: KeySums,
    pub(super) rows: KeyRows,
    holds_all: bool,
    /// How many were found when rows were put in order last.
    settled: u64,
    best: Best,
    budget_bytes: usize,
}

impl KeyKeep {
    /// Keeps what `gate` takes, up to `budget_bytes`; beyond that, the first 10,000 in the order of `sort`.
    pub fn new(gate: Option<KeyTest>, sort: KeySort, budget_bytes: usize) -> Self {
        Self {
            gate,
            sort,
            seen: KeySums::default(),
            found: KeySums::default(),
            rows: KeyRows::default(),
            holds_all: true,
            settled: 0,
            best: Best::new(sort, KEPT),
            budget_bytes,
        }
    }

    /// Keeps the first `most` in the order of `sort` and no others.
    pub fn first(gate: Option<KeyTest>, sort: KeySort, most: usize) -> Self {
        Self { best: Best::new(sort, most.max(1)), holds_all: false, ..Self::new(gate, sort, 0) }
    }

    /// Takes the next key.
    pub fn push(&mut self, key: &KeyCells<'_>) {
        self.seen.add(key);
        if self.gate.as_ref().is_some_and(|gate| !gate.takes(key)) {
            return;
        }
        let before = self.found.keys;
        self.found.add(key);
        let is_first = self.best.add(self.rows.len(), before, key);
        if self.holds_all {
            if self.rows.push(key) && self.rows.held_bytes() <= self.budget_bytes {
                if is_first && self.best.is_full() {
                    self.best.settle();
                }
                return;
            }
            self.holds_all = false;
            self.keep_best();
        } else if is_first {
            self.rows.push(key);
            if self.best.is_full() {
                self.keep_best();
            }
        }
    }

    /// Are all keys held that the gate took?
    pub fn holds_all(&self) -> bool {
        self.holds_all
    }

    /// Sums over the keys the gate took.
    pub fn found(&self) -> KeySums {
        self.found
    }

    /// Hands on what is held, in order.
    pub fn in_order(mut self, mut each: impl FnMut(&KeyCells<'_>)) {
        if !self.holds_all {
            self.settle(true);
            self.rows.scan(0, u64::MAX, |_, _, cells| each(&cells));
            return;
        }
        let mut query = KeyQuery::new(None, self.sort);
        while !query.work(&self.rows, true) {}
        for row in (0..query.ready()).filter_map(|place| query.row(place)) {
            self.rows.get(row).iter().for_each(&mut each);
        }
    }

    /// Are the rows that come first those of this order?
    pub(super) fn is_in(&self, sort: KeySort) -> bool {
        self.sort == sort
    }

    pub(super) fn set_gate(&mut self, gate: Option<KeyTest>) {
        self.gate = gate;
    }

    /// Where not all rows are held: puts those that are in order, so that row and place are the same. While more come (`whole` is not set), only
    /// once there is something to see.
    pub(super) fn settle(&mut self, whole: bool) {
        let is_due = whole || self.found.keys >= self.settled + self.settled / 16;
        if !self.holds_all && !self.best.is_settled() && is_due {
            self.keep_best();
        }
    }

    /// Rows that are in order: all places up to there can be shown.
    pub(super) fn settled_rows(&self) -> u64 {
        self.best.settled_rows()
    }

    /// Drops the rows that are not among the first, and puts those in order.
    fn keep_best(&mut self) {
        let many = self.best.settle();
        let mut kept = KeyRows::default();
        let places = 0..many as u64;
        for row in places.filter_map(|place| self.best.get(place)).filter_map(|row| self.rows.get(row)) {
            kept.push(&row);
        }
        self.rows = kept;
        self.settled = self.found.keys;
        self.best.renumber();
    }
}
