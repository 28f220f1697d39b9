//! Puts millions of rows in order, a little at a time.
//!
//! A radix sort, because it can stop anywhere, is stable, and skips the digits that all numbers share. Names are sorted seven bytes at a time: rows
//! that agree in those are a group, and are sorted by the next seven.

use super::{
    column::{KeyColumn, KeySort},
    rows::KeyRows,
};

/// Values of a digit: eleven bits.
const DIGIT_BITS: u32 = 11;
const BINS: usize = 1 << DIGIT_BITS;
/// Digits of a number.
const DIGITS: usize = 6;
/// Groups up to this are sorted at once.
const SMALL: usize = 16_384;
/// Bytes of a name in a number; the last byte of the number says how many there are.
const CHUNK: usize = 7;

/// A sort under way.
#[derive(Debug)]
pub(super) struct Sorter {
    sort: KeySort,
    /// Numbers of the rows, in their order: all rows below this where there is no list.
    items: Items,
    /// What each item is sorted by for now.
    keys: Vec<u64>,
    /// Where the name of each item is.
    names: Vec<u64>,
    order: Vec<u32>,
    spare: Vec<u32>,
    groups: Vec<Group>,
    step: Step,
}

/// Which rows.
#[derive(Debug, Clone)]
pub(super) enum Items {
    /// All below this number.
    All(u64),
    /// These, in ascending order.
    Some(Vec<u32>),
}

impl Items {
    pub(super) fn len(&self) -> u64 {
        match self {
            Self::All(rows) => *rows,
            Self::Some(rows) => rows.len() as u64,
        }
    }

    pub(super) fn get(&self, at: u64) -> Option<u64> {
        match self {
            Self::All(rows) => (at < *rows).then_some(at),
            Self::Some(rows) => rows.get(usize::try_from(at).ok()?).map(|row| u64::from(*row)),
        }
    }
}

/// Items that agree in the first `depth` bytes of their names.
#[derive(Debug, Clone, Copy)]
struct Group {
    start: usize,
    end: usize,
    depth: usize,
}

#[derive(Debug)]
enum Step {
    /// Reading the rows, from this one on.
    Rows {
        row: u64,
        counts: Counts,
    },
    /// Taking the next bytes of the names of the last group.
    Bytes {
        at: usize,
        counts: Counts,
    },
    /// Sorting the last group by a digit.
    Digit {
        digit: usize,
        at: usize,
        counts: Counts,
    },
    /// Looking for what is still the same in the last group.
    Runs {
        at: usize,
        run: usize,
        group: Group,
    },
    /// The next group.
    Next,
    Done,
}

/// How many items have each value of each digit.
type Counts = Vec<[u32; BINS]>;

impl Sorter {
    pub(super) fn new(sort: KeySort, items: Items) -> Self {
        let len = usize::try_from(items.len()).unwrap_or(usize::MAX);
        Self {
            sort,
            items,
            keys: Vec::with_capacity(len),
            names: Vec::with_capacity(if sort.is_by_name() { len } else { 0 }),
            order: Vec::new(),
            spare: Vec::new(),
            groups: Vec::new(),
            step: Step::Rows { row: 0, counts: no_counts() },
        }
    }

    /// Works on about `amount` items. True once everything is in order.
    pub(super) fn advance(&mut self, rows: &KeyRows, amount: usize) -> bool {
        let mut left = amount;
        while left > 0 && !matches!(self.step, Step::Done) {
            left = left.saturating_sub(self.one_step(rows, left).max(1));
        }
        matches!(self.step, Step::Done)
    }

    /// The numbers of the rows in their order, and which rows they are.
    pub(super) fn finish(self) -> (Vec<u32>, Items) {
        let mut order = self.order;
        if let Items::Some(rows) = &self.items {
            for item in &mut order {
                *item = rows.get(place(*item)).copied().unwrap_or_default();
            }
        }
        (order, self.items)
    }

    /// Bytes it holds.
    pub(super) fn held_bytes(&self) -> usize {
        (self.keys.capacity() + self.names.capacity()) * 8
            + (self.order.capacity() + self.spare.capacity()) * 4
    }

    fn one_step(&mut self, rows: &KeyRows, amount: usize) -> usize {
        match core::mem::replace(&mut self.step, Step::Done) {
            Step::Rows { row, counts } => self.read_rows(rows, row, amount, counts),
            Step::Bytes { at, counts } => self.read_bytes(rows, at, amount, counts),
            Step::Digit { digit, at, counts } => self.sort_digit(digit, at, amount, counts),
            Step::Runs { at, run, group } => self.find_runs(at, run, group, amount),
            Step::Next => self.next_group(rows),
            Step::Done => 0,
        }
    }

    fn read_rows(&mut self, rows: &KeyRows, row: u64, amount: usize, mut counts: Counts) -> usize {
        let Self { sort, items, keys, names, .. } = self;
        let (mut next, mut done) = (row, 0);
        // Blocks without any of them are not looked at.
        while done < amount as u64
            && let Some(wanted) = items.get(keys.len() as u64)
        {
            let from = next.max(wanted);
            next = rows.scan(from, 1, |number, cursor, cells| {
                // Both are in ascending order.
                if items.get(keys.len() as u64) == Some(number) {
                    let key = sort.number(&cells);
                    count(&mut counts, key);
                    keys.push(key);
                    if sort.is_by_name() {
                        names.push(cursor.name_place());
                    }
                }
            });
            if next == from {
                break;
            }
            done += next - from;
        }
        let done = usize::try_from(done).unwrap_or(usize::MAX);
        if done >= amount {
            self.step = Step::Rows { row: next, counts };
            return done;
        }
        self.order = (0..u32::try_from(self.keys.len()).unwrap_or(u32::MAX)).collect();
        self.spare = vec![0; self.keys.len()];
        let group = Group { start: 0, end: self.keys.len(), depth: 0 };
        if self.sort.is_by_name() {
            self.groups.push(group);
            self.step = Step::Next;
        } else if self.sort.column == KeyColumn::Offset {
            if self.sort.descending {
                self.order.reverse();
            }
        } else {
            self.groups.push(group);
            self.step = Step::Digit { digit: 0, at: 0, counts };
        }
        done + 1
    }

    fn next_group(&mut self, rows: &KeyRows) -> usize {
        let Some(group) = self.groups.last().copied() else { return 0 };
        let len = group.end - group.start;
        if len > SMALL {
            self.step = Step::Bytes { at: group.start, counts: no_counts() };
            return 1;
        }
        self.groups.pop();
        self.step = Step::Next;
        self.sort_small(rows, group);
        len
    }

    /// Sorts a group at once.
    fn sort_small(&mut self, rows: &KeyRows, group: Group) {
        let Some(part) = self.order.get_mut(group.start..group.end) else { return };
        let names = &self.names;
        let name = |item: u32| {
            let name = rows.name(names.get(place(item)).copied().unwrap_or_default());
            name.get(group.depth..).unwrap_or_default()
        };
        // Most are told apart by their next bytes, which need not be fetched for each comparison.
        let mut keyed: Vec<(u64, u32)> = part.iter().map(|item| (chunk(name(*item)), *item)).collect();
        keyed.sort_unstable_by(|(a_key, a), (b_key, b)| {
            let by_name = a_key.cmp(b_key).then_with(|| name(*a).cmp(name(*b)));
            let by_name = if self.sort.descending { by_name.reverse() } else { by_name };
            by_name.then(a.cmp(b))
        });
        for (to, (_, item)) in part.iter_mut().zip(keyed) {
            *to = item;
        }
    }

    fn read_bytes(&mut self, rows: &KeyRows, at: usize, amount: usize, mut counts: Counts) -> usize {
        let Some(group) = self.groups.last().copied() else { return 0 };
        let end = group.end.min(at.saturating_add(amount));
        for item in self.order.get(at..end).unwrap_or_default() {
            let name = rows.name(self.names.get(place(*item)).copied().unwrap_or_default());
            let key = chunk(name.get(group.depth..).unwrap_or_default());
            let key = if self.sort.descending { !key } else { key };
            if let Some(slot) = self.keys.get_mut(place(*item)) {
                *slot = key;
            }
            count(&mut counts, key);
        }
        self.step = if end < group.end {
            Step::Bytes { at: end, counts }
        } else {
            Step::Digit { digit: 0, at: group.start, counts }
        };
        end - at
    }

    /// One pass of the radix sort, or a part of it. `counts` of this digit become the places to write to once it begins.
    fn sort_digit(&mut self, digit: usize, at: usize, amount: usize, mut counts: Counts) -> usize {
        let Some(group) = self.groups.last().copied() else { return 0 };
        let Some(bins) = counts.get_mut(digit) else {
            self.groups.pop();
            self.step = if self.sort.is_by_name() {
                Step::Runs { at: group.start, run: group.start, group }
            } else {
                Step::Done
            };
            return 1;
        };
        let len = group.end - group.start;
        if at == group.start {
            if bins.iter().any(|count| place(*count) == len) {
                // All the same.
                self.step = Step::Digit { digit: digit + 1, at: group.start, counts };
                return 1;
            }
            let mut next = 0;
            for bin in bins.iter_mut() {
                next += core::mem::replace(bin, next);
            }
        }
        let end = group.end.min(at.saturating_add(amount));
        let (from, keys) = (self.order.get(at..end).unwrap_or_default(), &self.keys);
        let to = self.spare.get_mut(group.start..group.end).unwrap_or_default();
        for item in from {
            let key = keys.get(place(*item)).copied().unwrap_or_default();
            let next = &mut bins[bin(key, digit)];
            if let Some(slot) = to.get_mut(place(*next)) {
                *slot = *item;
            }
            *next += 1;
        }
        if end < group.end {
            self.step = Step::Digit { digit, at: end, counts };
        } else {
            if len == self.order.len() {
                core::mem::swap(&mut self.order, &mut self.spare);
            } else if let (Some(to), Some(from)) =
                (self.order.get_mut(group.start..group.end), self.spare.get(group.start..group.end))
            {
                to.copy_from_slice(from);
            }
            self.step = Step::Digit { digit: digit + 1, at: group.start, counts };
        }
        end - at
    }

    /// Finds the items of a sorted group that are still the same and have more bytes.
    fn find_runs(&mut self, at: usize, run: usize, group: Group, amount: usize) -> usize {
        let end = group.end.min(at.saturating_add(amount));
        let key = |at: usize| self.order.get(at).and_then(|item| self.keys.get(place(*item))).copied();
        let mut run = run;
        for at in at..end {
            if at + 1 < group.end && key(at + 1) == key(run) {
                continue;
            }
            let bytes = key(run).map_or(0, |key| if self.sort.descending { !key } else { key } & 0xff);
            if at > run && bytes > CHUNK as u64 {
                self.groups.push(Group { start: run, end: at + 1, depth: group.depth + CHUNK });
            }
            run = at + 1;
        }
        self.step = if end < group.end { Step::Runs { at: end, run, group } } else { Step::Next };
        end - at
    }
}

/// The next bytes of a name, and how many those are; one more where they are not the last. In the order of names.
fn chunk(name: &[u8]) -> u64 {
    let mut bytes = [0; 8];
    let taken = name.len().min(CHUNK);
    bytes[..taken].copy_from_slice(&name[..taken]);
    bytes[CHUNK] = u8::try_from(name.len().min(CHUNK + 1)).unwrap_or(u8::MAX);
    u64::from_be_bytes(bytes)
}

fn no_counts() -> Counts {
    vec![[0; BINS]; DIGITS]
}

#[inline]
fn bin(key: u64, digit: usize) -> usize {
    let shift = DIGIT_BITS as usize * digit;
    usize::try_from(key >> shift & (BINS as u64 - 1)).unwrap_or_default()
}

#[inline]
fn count(counts: &mut [[u32; BINS]], key: u64) {
    for (digit, bins) in counts.iter_mut().enumerate() {
        bins[bin(key, digit)] += 1;
    }
}

fn place(item: u32) -> usize {
    usize::try_from(item).unwrap_or(usize::MAX)
}
