//! One question to rows of keys: which of them, and in which order.

use snaptape_analysis::filter::{KeyCells, KeyTest};

use super::{
    best::Best,
    column::KeySort,
    rows::KeyRows,
    sorter::{Items, Sorter},
};

/// Rows that are shown before everything is in order.
const SHOWN_EARLY: usize = 1_000;
/// What one call of [`KeyQuery::work`] does at most: some five milliseconds.
const ROWS_AT_ONCE: u64 = 65_536;

/// Sums over keys.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct KeySums {
    /// How many.
    pub keys: u64,
    /// Estimated memory of them all.
    pub memory_bytes: u64,
    /// Their bytes in the files.
    pub file_bytes: u64,
    /// Their payload.
    pub payload_bytes: u64,
}

impl KeySums {
    pub(super) fn add(&mut self, key: &KeyCells<'_>) {
        self.keys += 1;
        self.memory_bytes = self.memory_bytes.saturating_add(key.memory_bytes);
        self.file_bytes = self.file_bytes.saturating_add(key.file_bytes);
        self.payload_bytes = self.payload_bytes.saturating_add(key.payload_bytes);
    }
}

/// A question under way.
#[derive(Debug)]
pub(super) struct KeyQuery {
    /// None where every row is one.
    test: Option<KeyTest>,
    sort: KeySort,
    /// What the test says of each kind of rows, once it was asked.
    kinds: Vec<Option<bool>>,
    sums: KeySums,
    scanned: u64,
    matches: Items,
    best: Best,
    sorter: Option<Sorter>,
    order: Option<Vec<u32>>,
}

impl KeyQuery {
    pub(super) fn new(test: Option<KeyTest>, sort: KeySort) -> Self {
        Self {
            matches: if test.is_some() { Items::Some(Vec::new()) } else { Items::All(0) },
            test,
            sort,
            kinds: Vec::new(),
            sums: KeySums::default(),
            scanned: 0,
            best: Best::new(sort, SHOWN_EARLY),
            sorter: None,
            order: None,
        }
    }

    /// Does a part of the work. `whole` says that no more rows come. True once there is nothing to do (for now, or at all).
    pub(super) fn work(&mut self, rows: &KeyRows, whole: bool) -> bool {
        if self.scanned < rows.len() {
            self.scan(rows);
            return self.scanned >= rows.len() && !whole;
        }
        if !whole || self.is_done(rows, whole) {
            return true;
        }
        let (matches, sort) = (&mut self.matches, self.sort);
        let sorter =
            self.sorter.get_or_insert_with(|| Sorter::new(sort, core::mem::replace(matches, Items::All(0))));
        let amount = usize::try_from(ROWS_AT_ONCE).unwrap_or(usize::MAX);
        if sorter.advance(rows, amount)
            && let Some(sorter) = self.sorter.take()
        {
            let (order, matches) = sorter.finish();
            self.matches = matches;
            self.order = Some(order);
            return true;
        }
        false
    }

    fn scan(&mut self, rows: &KeyRows) {
        self.kinds.resize(rows.kinds().max(self.kinds.len()), None);
        let Self { test, kinds, sums, matches, best, sort, .. } = self;
        self.scanned = rows.scan(self.scanned, ROWS_AT_ONCE, |row, cursor, cells| {
            if let Some(test) = test {
                let taken = match kinds.get_mut(cursor.kind()) {
                    Some(kind) => *kind.get_or_insert_with(|| test.takes_kind(&cells)),
                    None => test.takes_kind(&cells),
                };
                if !taken || !test.takes_key(&cells) {
                    return;
                }
            }
            sums.add(&cells);
            match matches {
                Items::All(rows) => *rows = row + 1,
                Items::Some(rows) => rows.push(u32::try_from(row).unwrap_or(u32::MAX)),
            }
            if !sort.is_as_they_stand() {
                best.add(row, row, &cells);
                if best.is_full() {
                    best.settle();
                }
            }
        });
        self.best.settle();
    }

    /// The files have other paths now; those that rows were seen of have the same.
    pub(super) fn set_test(&mut self, test: Option<KeyTest>) {
        self.test = test;
    }

    /// Is everything found and in order?
    pub(super) fn is_done(&self, rows: &KeyRows, whole: bool) -> bool {
        whole && self.scanned >= rows.len() && (self.sort.is_as_they_stand() || self.order.is_some())
    }

    /// Is everything found, and being put in order?
    pub(super) fn is_sorting(&self) -> bool {
        self.sorter.is_some()
    }

    pub(super) fn sums(&self) -> KeySums {
        self.sums
    }

    /// How many places have a row by now.
    pub(super) fn ready(&self) -> u64 {
        match &self.order {
            Some(order) => order.len() as u64,
            None if self.sort.is_as_they_stand() => self.matches.len(),
            None => self.sums.keys.min(SHOWN_EARLY as u64),
        }
    }

    /// The row at a place.
    pub(super) fn row(&self, place: u64) -> Option<u64> {
        match &self.order {
            Some(order) => order.get(usize::try_from(place).ok()?).map(|row| u64::from(*row)),
            None if self.sort.is_as_they_stand() => self.matches.get(place),
            None => self.best.get(place),
        }
    }

    /// Bytes it holds.
    pub(super) fn held_bytes(&self) -> usize {
        let matches = match &self.matches {
            Items::All(_) => 0,
            Items::Some(rows) => rows.capacity() * 4,
        };
        matches
            + self.order.as_ref().map_or(0, |order| order.capacity() * 4)
            + self.sorter.as_ref().map_or(0, Sorter::held_bytes)
    }
}
