//! Sums over equal stretches that become longer where there are too many.

use std::collections::BTreeMap;

use snaptape_report::Tape;

use super::activity::Stretch;
use crate::keys::Merge as _;

/// A file (0 where there are none) and the number of a stretch in it.
type Cell = (u32, i64);

/// Sums by stretch. Stretches are `2^shift` long, the shortest length with which all that are occupied fit the bound: that depends on
/// what was added alone, so tables join in any split.
#[derive(Debug, Clone)]
pub(super) struct Buckets {
    least_shift: u32,
    shift: u32,
    max: usize,
    /// The one last added to is kept apart, off the map.
    cell: Option<Cell>,
    current: Stretch,
    others: BTreeMap<Cell, Stretch>,
}

/// The longest a stretch can be: of a signed number only the sign is left.
const MOST_SHIFT: u32 = 63;

impl Buckets {
    pub(super) fn new(least_shift: u32) -> Self {
        Self {
            least_shift,
            shift: least_shift,
            max: Tape::MAX_BUCKETS,
            cell: None,
            current: Stretch::default(),
            others: BTreeMap::new(),
        }
    }

    /// The sums of the stretch that `at` lies in.
    #[inline]
    pub(super) fn at(&mut self, file: u32, at: i64) -> &mut Stretch {
        let (file, at) = within_bounds(file, at);
        let cell = (file, at >> self.shift);
        if self.cell != Some(cell) {
            self.turn_to(cell);
        }
        &mut self.current
    }

    fn turn_to(&mut self, cell: Cell) {
        self.settle();
        self.current = self.others.remove(&cell).unwrap_or_default();
        self.cell = Some(cell);
        while self.others.len() + 1 > self.max && self.shift < MOST_SHIFT {
            self.widen(self.shift + 1);
        }
    }

    fn settle(&mut self) {
        if let Some(cell) = self.cell.take() {
            let current = core::mem::take(&mut self.current);
            add(&mut self.others, cell, current);
        }
    }

    /// Makes stretches longer.
    fn widen(&mut self, shift: u32) {
        let by = shift - self.shift;
        self.shift = shift;
        for ((file, at), value) in core::mem::take(&mut self.others) {
            add(&mut self.others, (file, at >> by), value);
        }
        if let Some((file, at)) = self.cell {
            let cell = (file, at >> by);
            if let Some(value) = self.others.remove(&cell) {
                self.current.merge(&value);
            }
            self.cell = Some(cell);
        }
    }

    /// Adds those of a later part, whose files come behind `files` others; it is then empty.
    pub(super) fn append(&mut self, later: &mut Self, files: u32) {
        if later.cell.is_none() && later.others.is_empty() {
            return;
        }
        if later.shift > self.shift {
            self.widen(later.shift);
        }
        let by = self.shift - later.shift;
        let moved = |(file, at): Cell| {
            let (file, at) = within_bounds(file.saturating_add(files), at);
            (file, at >> by)
        };
        if later.others.is_empty()
            && let Some(cell) = later.cell
            && self.cell == Some(moved(cell))
        {
            // As after nearly every MULTI block.
            self.current.merge(&later.current);
            later.current.clear();
        } else {
            self.settle();
            later.settle();
            for (cell, value) in core::mem::take(&mut later.others) {
                add(&mut self.others, moved(cell), value);
            }
            while self.others.len() > self.max && self.shift < MOST_SHIFT {
                self.widen(self.shift + 1);
            }
        }
        (later.cell, later.shift) = (None, later.least_shift);
    }

    /// How long stretches are, and where each begins, in order.
    pub(super) fn finish(mut self) -> (u64, Vec<(u32, i64, Stretch)>) {
        self.settle();
        let shift = self.shift;
        let rows = self.others.into_iter().map(|((file, at), value)| (file, at << shift, value));
        (1 << shift, rows.collect())
    }
}

/// All files beyond those that are described share one place.
fn within_bounds(file: u32, at: i64) -> (u32, i64) {
    let last = u32::try_from(Tape::MAX_FILES).unwrap_or(u32::MAX);
    if file < last { (file, at) } else { (last, 0) }
}

fn add(others: &mut BTreeMap<Cell, Stretch>, cell: Cell, value: Stretch) {
    match others.entry(cell) {
        std::collections::btree_map::Entry::Vacant(free) => {
            free.insert(value);
        }
        std::collections::btree_map::Entry::Occupied(mut known) => known.get_mut().merge(&value),
    }
}
