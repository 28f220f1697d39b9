//! The first rows of an order, while rows still come.

use snaptape_analysis::filter::KeyCells;

use super::column::{KeyColumn, KeySort};

/// Keeps the rows that come first.
#[derive(Debug)]
pub(super) struct Best {
    sort: KeySort,
    most: usize,
    /// In order up to `sorted`; at most twice as many as are kept.
    entries: Vec<Entry>,
    sorted: usize,
    /// What does not come before this one is none of them.
    worst: Option<Entry>,
}

/// One of them. In the order of rows, then as they came.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    number: u64,
    name: Box<[u8]>,
    row: u64,
}

impl Best {
    pub(super) fn new(sort: KeySort, most: usize) -> Self {
        Self { sort, most, entries: Vec::new(), sorted: 0, worst: None }
    }

    /// Takes row number `row` into account, before which `before` have come. True if it is one of them for now.
    pub(super) fn add(&mut self, row: u64, before: u64, cells: &KeyCells<'_>) -> bool {
        let number = if self.sort.column == KeyColumn::Offset {
            if self.sort.descending { !before } else { before }
        } else {
            self.sort.number(cells)
        };
        let name = if self.sort.is_by_name() { cells.name } else { &[] };
        if let Some(worst) = &self.worst
            && !self.comes_before((number, name), worst)
        {
            return false;
        }
        self.entries.push(Entry { number, name: name.into(), row });
        true
    }

    /// Are there so many that [`Self::settle`] should be called?
    pub(super) fn is_full(&self) -> bool {
        self.entries.len() >= 2 * self.most
    }

    /// Puts them in order, and drops what is not among the first. Gives back how many there are.
    pub(super) fn settle(&mut self) -> usize {
        if self.sorted < self.entries.len() {
            let descending = self.sort.descending;
            self.entries.sort_unstable_by(|a, b| {
                let by_name = a.name.cmp(&b.name);
                let by_name = if descending { by_name.reverse() } else { by_name };
                a.number.cmp(&b.number).then(by_name).then(a.row.cmp(&b.row))
            });
            self.entries.truncate(self.most);
            self.sorted = self.entries.len();
            if self.sorted == self.most {
                self.worst = self.entries.last().cloned();
            }
        }
        self.sorted
    }

    /// Is there nothing to settle?
    pub(super) fn is_settled(&self) -> bool {
        self.sorted == self.entries.len()
    }

    /// How many have a place.
    pub(super) fn settled_rows(&self) -> u64 {
        self.sorted as u64
    }

    /// The row at a place, as of the last [`Self::settle`].
    pub(super) fn get(&self, place: u64) -> Option<u64> {
        let place = usize::try_from(place).ok().filter(|place| *place < self.sorted)?;
        self.entries.get(place).map(|entry| entry.row)
    }

    /// The rows have other numbers now: theirs, in this order.
    pub(super) fn renumber(&mut self) {
        for (row, entry) in (0..).zip(&mut self.entries) {
            entry.row = row;
        }
    }

    /// Later rows never come before one that is the same in everything.
    fn comes_before(&self, (number, name): (u64, &[u8]), worst: &Entry) -> bool {
        if number != worst.number {
            return number < worst.number;
        }
        if self.sort.descending { name > &*worst.name } else { name < &*worst.name }
    }
}
