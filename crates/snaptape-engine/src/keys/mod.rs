//! A table over all keys of a data set: any order, any filter, any place of it.
//!
//! One walk over the files keeps a packed row of each key, as long as the budget lasts. Filters and orders are then worked out of the rows, a little
//! at a time, so that whoever drives it stays answerable. Where the budget does not last, each filter is a walk of its own that keeps what
//! it takes; and where even that is too much, the rows that come first, with the counts and sums of all.

mod best;
mod column;
mod export;
mod keep;
mod query;
mod rows;
mod sorter;
mod write;

use snaptape_analysis::filter::{FilterError, KeyCells, KeyFilter, KeyTest};

use self::query::KeyQuery;
pub use self::{
    column::{KeyColumn, KeySort},
    export::KeyExport,
    keep::KeyKeep,
    query::KeySums,
    rows::KeyRows,
    write::KeyFormat,
};
use crate::{InputFile, Job, JobError, Options, Progress, ReadRequest};

/// How far a table is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyStage {
    /// The files are being read.
    Reading,
    /// The rows are being looked through.
    Filtering,
    /// What was found is being put in order.
    Sorting,
    /// Everything is there.
    Done,
}

/// What a table knows by now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyStatus {
    /// What it is doing.
    pub stage: KeyStage,
    /// How much of the files was read.
    pub read: Progress,
    /// The keys that were read.
    pub seen: KeySums,
    /// Those among them that were looked at and match.
    pub found: KeySums,
    /// Places of the table that have a row now.
    pub ready: u64,
    /// Are there rows of all keys that match, or will be, within the budget?
    pub holds_all: bool,
    /// Is every filter a walk over the files, because rows of all keys do not fit?
    pub is_search: bool,
    /// Bytes the rows and their order take.
    pub held_bytes: usize,
}

/// The keys beside another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyBeside {
    /// Are they places of the table? Otherwise they are counted as the keys stand in the files.
    pub in_table: bool,
    /// The one before it.
    pub previous: Option<u64>,
    /// The one behind it.
    pub next: Option<u64>,
}

/// A table over all keys, without I/O of its own: as [`Job`], it says which bytes it wants next.
///
/// ```
/// use snaptape_engine::{InputFile, KeySort, KeyTable, Options};
/// use snaptape_analysis::filter::parse;
///
/// let file = b"REDIS0001\x00\x01k\x01v\x00\x02kk\x01v\xff";
/// let inputs = vec![InputFile { path: "dump.rdb".into(), bytes: file.len() as u64 }];
/// let mut table = KeyTable::new(inputs, Options::default(), KeyTable::BUDGET_BYTES)?;
/// table.ask(parse("match:kk").unwrap(), KeySort::parse("-memory").unwrap()).unwrap();
/// while let Some(request) = table.next_read() {
///     let start = usize::try_from(request.offset).unwrap();
///     table.feed(&request, &file[start..start + request.len]);
/// }
/// while !table.work() {}
/// assert_eq!((table.status().found.keys, table.status().seen.keys), (1, 2));
/// table.rows(0, 10, |key| assert_eq!(key.name, b"kk"));
/// # Ok::<(), snaptape_engine::JobError>(())
/// ```
#[derive(Debug)]
pub struct KeyTable {
    inputs: Vec<InputFile>,
    options: Options,
    budget_bytes: usize,
    filter: KeyFilter,
    sort: KeySort,
    job: Job,
    keep: KeyKeep,
    query: KeyQuery,
    /// Do the rows hold only what the filter takes?
    is_search: bool,
    /// Number of the walk under way.
    walk: u32,
    archives_opened: u32,
}

impl KeyTable {
    /// Room for ten million keys with names of ordinary length.
    pub const BUDGET_BYTES: usize = 512 << 20;

    /// A table over the keys of `inputs`: all of them, as they stand.
    ///
    /// # Errors
    /// As [`Job::new`].
    pub fn new(inputs: Vec<InputFile>, options: Options, budget_bytes: usize) -> Result<Self, JobError> {
        let options = Options { only_keys: true, ..options };
        let sort = KeySort::AS_THEY_STAND;
        Ok(Self {
            job: Job::new(inputs.clone(), options.clone())?,
            keep: KeyKeep::new(None, sort, budget_bytes),
            query: KeyQuery::new(None, sort),
            inputs,
            options,
            budget_bytes,
            filter: KeyFilter::default(),
            sort,
            is_search: false,
            walk: 0,
            archives_opened: 0,
        })
    }

    /// Asks for other keys, or another order.
    ///
    /// # Errors
    /// A regular expression that is none; then everything stays as it was.
    pub fn ask(&mut self, filter: KeyFilter, sort: KeySort) -> Result<(), FilterError> {
        let test = self.test(&filter)?;
        let (same_filter, same_sort) = (filter == self.filter, sort == self.sort);
        (self.filter, self.sort) = (filter, sort);
        if !self.keep.holds_all() {
            if !(same_filter && same_sort) {
                self.walk_again();
            }
        } else if !self.is_search {
            // The rows that come first are those of another order: they are needed only once the budget is spent.
            self.query = KeyQuery::new(test, sort);
        } else if same_filter {
            self.query = KeyQuery::new(None, sort);
        } else {
            self.walk_again();
        }
        Ok(())
    }

    /// The next read to start. Reads are fed in their order; those of an earlier [`Self::walk`] are not wanted any more.
    pub fn next_read(&mut self) -> Option<ReadRequest> {
        self.job.next_read()
    }

    /// Number of the walk under way. It changes where the files have to be read again.
    pub fn walk(&self) -> u32 {
        self.walk
    }

    /// Takes the bytes of a request.
    pub fn feed(&mut self, request: &ReadRequest, bytes: &[u8]) {
        let held_all = self.keep.holds_all();
        let keep = &mut self.keep;
        self.job.feed_rows(request, bytes, |key, file| {
            keep.push(&KeyCells::new(key, u32::try_from(file).unwrap_or(u32::MAX)));
        });
        if self.job.archives_opened() != self.archives_opened {
            self.archives_opened = self.job.archives_opened();
            // It was made once already, with other paths.
            let test = self.test(&self.filter).ok().flatten();
            if self.is_search { self.keep.set_gate(test) } else { self.query.set_test(test) }
        }
        if held_all && !self.keep.holds_all() && !self.is_search {
            let has_first = self.filter.takes_all() && self.keep.is_in(self.sort);
            if has_first {
                self.is_search = true;
            } else {
                self.walk_again();
            }
        }
    }

    /// Has everything been fed?
    pub fn is_read(&self) -> bool {
        self.job.is_done()
    }

    /// Does a part of the work that needs no bytes, some milliseconds of it. True once there is nothing to do before more is fed.
    pub fn work(&mut self) -> bool {
        if self.keep.holds_all() {
            let whole = self.job.is_done();
            return self.query.work(&self.keep.rows, whole);
        }
        self.keep.settle(self.job.is_done());
        true
    }

    /// What is known by now.
    pub fn status(&self) -> KeyStatus {
        let (read, holds_all) = (self.job.progress(), self.keep.holds_all());
        let is_done = if holds_all {
            self.query.is_done(&self.keep.rows, self.job.is_done())
        } else {
            self.job.is_done()
        };
        let stage = match () {
            () if !self.job.is_done() => KeyStage::Reading,
            () if is_done => KeyStage::Done,
            () if self.query.is_sorting() => KeyStage::Sorting,
            () => KeyStage::Filtering,
        };
        KeyStatus {
            stage,
            read,
            seen: self.keep.seen,
            found: if holds_all { self.query.sums() } else { self.keep.found },
            ready: if holds_all { self.query.ready() } else { self.keep.settled_rows() },
            holds_all,
            is_search: self.is_search,
            held_bytes: self.keep.rows.held_bytes() + self.query.held_bytes(),
        }
    }

    /// The rows at the places from `from` on, `most` at most, as far as they are [ready](KeyStatus::ready).
    pub fn rows(&self, from: u64, most: u64, mut each: impl FnMut(&KeyCells<'_>)) {
        for place in from..from.saturating_add(most) {
            let row = if self.keep.holds_all() {
                self.query.row(place)
            } else {
                Some(place).filter(|place| *place < self.keep.settled_rows())
            };
            let Some(key) = row.and_then(|row| self.keep.rows.get(row)) else { return };
            each(&key);
        }
    }

    /// What stands before and behind a key: in the table, where it is at `place` of it; else in the files, as far as rows of all keys are
    /// held.
    pub fn beside(&self, file: u32, offset: u64, place: u64) -> Option<KeyBeside> {
        let is_it = |key: &KeyCells<'_>| key.file == file && key.offset == offset;
        let mut is_there = false;
        self.rows(place, 1, |key| is_there = is_it(key));
        if is_there {
            let next = Some(place + 1).filter(|next| *next < self.status().ready);
            return Some(KeyBeside { in_table: true, previous: place.checked_sub(1), next });
        }
        if !self.keep.holds_all() || self.is_search {
            return None;
        }
        let mut at = None;
        self.keep.rows.scan(0, u64::MAX, |row, _, key| {
            if is_it(&key) {
                at = Some(row);
            }
        });
        let next = at.map(|at| at + 1).filter(|next| *next < self.keep.rows.len());
        Some(KeyBeside { in_table: false, previous: at?.checked_sub(1), next })
    }

    /// Hands out what [`Self::beside`] names.
    pub fn one_beside(&self, beside: &KeyBeside, place: u64, each: impl FnOnce(&KeyCells<'_>)) {
        let row = if beside.in_table && self.keep.holds_all() { self.query.row(place) } else { Some(place) };
        if let Some(key) = row.and_then(|row| self.keep.rows.get(row)) {
            each(&key);
        }
    }

    /// The paths of the files, by number.
    pub fn paths(&self) -> Vec<String> {
        self.job.sources().iter().map(|source| source.path.clone()).collect()
    }

    /// Writes rows down: those at these places (ends included), or all that match where there are none.
    pub fn export(&self, format: KeyFormat, places: Vec<(u64, u64)>) -> KeyExport {
        let status = self.status();
        if places.is_empty() && !(status.holds_all && status.stage == KeyStage::Done) {
            // They were made once already.
            let job = Job::new(self.inputs.clone(), self.options.clone()).ok();
            return KeyExport::walking(format, job, self.filter.clone(), &self.options);
        }
        let last = status.ready.saturating_sub(1);
        let places = if places.is_empty() { vec![(0, last)] } else { places };
        KeyExport::held(format, if status.ready == 0 { Vec::new() } else { places }, self.paths())
    }

    fn test(&self, filter: &KeyFilter) -> Result<Option<KeyTest>, FilterError> {
        if filter.takes_all() {
            return Ok(None);
        }
        KeyTest::new(filter, self.options.now_ms, &self.paths(), &self.options.patterns).map(Some)
    }

    /// The rows there are do not answer what is asked: reads the files again, and keeps what the filter takes.
    fn walk_again(&mut self) {
        // Both were made once already, of the same.
        let Ok(job) = Job::new(self.inputs.clone(), self.options.clone()) else { return };
        let gate = self.test(&self.filter).ok().flatten();
        self.job = job;
        self.archives_opened = 0;
        self.keep = KeyKeep::new(gate, self.sort, self.budget_bytes);
        self.query = KeyQuery::new(None, self.sort);
        self.is_search = true;
        self.walk += 1;
    }
}
