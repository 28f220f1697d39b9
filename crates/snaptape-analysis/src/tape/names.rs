//! Counts by name.

use snaptape_sort::Sort as _;
use std::collections::BTreeMap;

use snaptape_aof::{CommandSpec, commands};
use snaptape_report::CommandCount;

use super::sort::{Sort, UNKNOWN, sort_of};

/// How many different command names are counted apart. Servers know about 250, modules add a few dozen; a hostile tape may
/// invent millions.
pub(super) const MAX_NAMES: usize = 1_000;
/// The longest name that gets a line of its own.
const MAX_NAME_BYTES: usize = 32;
/// What is beyond those bounds, or is no name at all.
pub(super) const OTHER_NAME: &str = "(other)";

/// A name, upper case, in one comparable number of bytes.
type Key = [u8; MAX_NAME_BYTES];

/// Counts by name.
#[derive(Debug, Clone, Default)]
pub(super) struct Names {
    rows: Vec<Row>,
    index: BTreeMap<Key, u16>,
    /// Which row a command of the table has, once it was seen.
    by_spec: Vec<Option<u16>>,
    /// Rows with something staged.
    staged: Vec<u16>,
}

#[derive(Debug, Clone, Copy)]
struct Row {
    key: Key,
    len: usize,
    sort: Sort,
    good: (u64, u64),
    /// What an open block would add.
    staged: (u64, u64),
}

impl Row {
    fn name(&self) -> &[u8] {
        self.key.get(..self.len).unwrap_or_default()
    }
}

impl Names {
    /// The row of a name, and what is known of it.
    #[inline]
    fn row(&mut self, name: &[u8], spec: Option<&CommandSpec>) -> (u16, Sort) {
        let Some(spec) = spec else { return self.look_up(name) };
        if let Some(Some(row)) = self.by_spec.get(spec.row())
            && let Some(known) = self.rows.get(usize::from(*row))
        {
            return (*row, known.sort);
        }
        let (row, sort) = self.look_up(name);
        if self.by_spec.is_empty() {
            self.by_spec = vec![None; commands::all().len()];
        }
        // Not where it shares a row with others: that knows nothing of any.
        let is_its_own = self.rows.get(usize::from(row)).is_some_and(|known| known.sort == sort);
        if let Some(known) = self.by_spec.get_mut(spec.row()).filter(|_| is_its_own) {
            *known = Some(row);
        }
        (row, sort)
    }

    fn look_up(&mut self, name: &[u8]) -> (u16, Sort) {
        let (mut key, mut len) = key_of(name);
        let text = core::str::from_utf8(key.get(..len).unwrap_or_default()).unwrap_or(OTHER_NAME);
        let sort = if text == OTHER_NAME { UNKNOWN } else { sort_of(text) };
        // What a command does, it does also where its name has no line of its own any more.
        if self.index.len() >= MAX_NAMES && !self.index.contains_key(&key) {
            (key, len) = key_of(OTHER_NAME.as_bytes());
        }
        let rows = &mut self.rows;
        let row = *self.index.entry(key).or_insert_with(|| {
            let sort = if key.get(..len) == Some(OTHER_NAME.as_bytes()) { UNKNOWN } else { sort };
            rows.push(Row { key, len, sort, good: (0, 0), staged: (0, 0) });
            u16::try_from(rows.len() - 1).expect("there are at most MAX_NAMES and one")
        });
        (row, sort)
    }

    /// Counts, and says what is known of the name.
    #[inline]
    pub(super) fn add(
        &mut self,
        name: &[u8],
        spec: Option<&CommandSpec>,
        (commands, file_bytes): (u64, u64),
        stage: bool,
    ) -> Sort {
        let (index, sort) = self.row(name, spec);
        let row = &mut self.rows[usize::from(index)];
        let sums = if stage { &mut row.staged } else { &mut row.good };
        let first = sums.0 == 0;
        sums.0 += commands;
        sums.1 += file_bytes;
        if stage && first {
            self.staged.push(index);
        }
        sort
    }

    pub(super) fn settle(&mut self, good: bool) {
        for index in self.staged.drain(..) {
            let row = &mut self.rows[usize::from(index)];
            let (commands, file_bytes) = core::mem::take(&mut row.staged);
            if good {
                row.good.0 += commands;
                row.good.1 += file_bytes;
            }
        }
    }

    pub(super) fn append(&mut self, later: &Self) {
        for row in later.rows.iter().filter(|row| row.good.0 > 0) {
            self.add(row.name(), None, row.good, false);
        }
    }

    /// Most frequent first.
    pub(super) fn finish(&self) -> Vec<CommandCount> {
        let rows = self.rows.iter().filter(|row| row.good.0 > 0);
        let mut by_name: Vec<_> = rows
            .map(|row| CommandCount {
                name: String::from_utf8_lossy(row.name()).into_owned(),
                commands: row.good.0,
                file_bytes: row.good.1,
            })
            .collect();
        by_name.order_by(|a, b| b.commands.cmp(&a.commands).then_with(|| a.name.cmp(&b.name)));
        by_name
    }
}

/// The name in upper case, or [`OTHER_NAME`] where it is no name.
fn key_of(name: &[u8]) -> (Key, usize) {
    let other = OTHER_NAME.as_bytes();
    let is_name = matches!(name.len(), 1..=MAX_NAME_BYTES) && name.iter().all(u8::is_ascii_graphic);
    let name = if is_name { name } else { other };
    let mut key = [0; MAX_NAME_BYTES];
    for (to, from) in key.iter_mut().zip(name) {
        *to = if name == other { *from } else { from.to_ascii_uppercase() };
    }
    (key, name.len())
}
