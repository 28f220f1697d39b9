//! Reads one snapshot to its end: what it says of itself, its keys, what is wrong with it.

mod digest;
mod encoding;
mod forks;
mod hole;
mod state;
mod stream_entries;
mod templates;
mod value;

use std::collections::BTreeSet;

use snaptape_rdb::{Chunk, Lost, Magic, Reader, Search as Searching, Searcher};
use snaptape_report::{Checksum, Finding, SnapshotInfo};
use snaptape_wire::{Burst, Error, Limits, Release};

pub use self::hole::{Behind, Hole};
use self::state::{State, finding_of};
use crate::KeyFacts;

/// What to look for.
#[derive(Debug, Clone, Default)]
pub struct SnapshotOptions {
    /// Bounds on what is held.
    pub limits: Limits,
    /// The release to answer for; default the one that wrote the file.
    pub target: Option<Release>,
    /// The time now, Unix milliseconds.
    pub now_ms: i64,
    /// Compute the digest of every value.
    pub digest: bool,
    /// Length of the file. With it, reading goes on behind damage.
    pub file_bytes: Option<u64>,
}

/// Most places where reading goes on.
const MAX_HOLES: usize = 4096;
/// An entry is doubted when it began this little before the damage was noticed, and is among the last sixteen.
const MAX_DOUBT_BYTES: u64 = 1 << 20;
/// Bytes a search takes at a time.
const SEARCH_STEP_BYTES: usize = 64 << 10;
const CHECKSUM_BYTES: u64 = 8;

/// Everything found out about one snapshot.
#[derive(Debug, Clone)]
pub struct SnapshotResult {
    /// What it says of itself; `None` when not even its header could be read.
    pub info: Option<SnapshotInfo>,
    /// The release that wrote it, as far as it says; else the first one that wrote its version.
    pub release: Release,
    /// Why it could not be read to its end.
    pub error: Option<Error>,
    /// Was its end reached?
    pub complete: bool,
    /// Offset after its checksum, or where reading stopped.
    pub end: u64,
    /// End of the last whole key or item.
    pub sound_up_to: u64,
    /// Whole keys.
    pub keys: u64,
    /// What is wrong or worth knowing.
    pub findings: Vec<Finding>,
    /// Damage that was stepped over, or behind which nothing was found, in file order.
    pub holes: Vec<Hole>,
    /// Whole keys behind the first of them.
    pub keys_behind: u64,
    /// Keys the file announces, as far as its announcements could be read; `None` where it has none.
    pub announced_keys: Option<u64>,
    /// A snapshot made of every entry that is whole.
    pub copy: Vec<Chunk>,
    /// The keys it has.
    pub copied_keys: u64,
    /// The damage, where it is so small that the checksum tells what it was.
    pub burst: Option<Burst>,
}

/// Reads a snapshot window by window.
///
/// With [`SnapshotOptions::file_bytes`] it does not give up at damage: it looks for the next entry and reads on. For that it may
/// have to see bytes again: the next window has to begin at [`Self::position`].
#[derive(Debug)]
pub struct SnapshotScan {
    options: SnapshotOptions,
    file: String,
    reader: Reader,
    mode: Mode,
    /// Offset of the next byte it wants.
    position: u64,
    /// The first error.
    error: Option<Error>,
    holes: Vec<Hole>,
    /// The bytes before the end of the file, where reading did not get there: is a checksum among them?
    last_bytes: Vec<u8>,
    state: State,
}

#[derive(Debug)]
enum Mode {
    /// Item after item.
    Reading,
    /// Behind damage, looking for the next entry.
    Searching(Box<Search>),
    /// Nothing more can be read: what is left only goes into the checksum.
    Covering,
    Done,
}

/// A search and what led to it.
#[derive(Debug)]
struct Search {
    searcher: Searcher,
    starts: Vec<u64>,
    error: Error,
}

impl SnapshotScan {
    /// A scan at the start of a snapshot; findings will name `file`.
    pub fn new(file: &str, options: SnapshotOptions) -> Self {
        Self::with_reader(file, Reader::new(options.limits), options)
    }

    /// A scan of a snapshot whose first nine bytes are damaged, and which must have had this header.
    pub fn behind_header(
        file: &str,
        magic: Magic,
        version: u16,
        error: Error,
        options: SnapshotOptions,
    ) -> Self {
        let reader = Reader::behind_header(options.limits, magic, version);
        let mut scan = Self::with_reader(file, reader, options);
        scan.state.header = Some((magic, version));
        scan.state.copy.header(magic, version);
        scan.holes.push(Hole::new(0..scan.reader.offset(), error.clone(), Vec::new()));
        scan.error = Some(error);
        scan
    }

    fn with_reader(file: &str, reader: Reader, options: SnapshotOptions) -> Self {
        Self {
            reader,
            file: file.into(),
            mode: Mode::Reading,
            position: 0,
            error: None,
            holes: Vec::new(),
            last_bytes: Vec::new(),
            state: State::new(file, options.clone()),
            options,
        }
    }

    /// Takes the next window, which begins at [`Self::position`]; every whole key goes to `sink`. Afterwards the position may be
    /// anywhere: behind the window, or before it. Once it [is done](Self::is_done), windows are ignored.
    pub fn feed(&mut self, window: &[u8], eof: bool, mut sink: impl FnMut(&KeyFacts<'_>)) {
        let start = self.position;
        let end = start + window.len() as u64;
        while !self.is_done() {
            let Some(rest) =
                self.position.checked_sub(start).and_then(|n| window.get(usize::try_from(n).ok()?..))
            else {
                return;
            };
            match &self.mode {
                Mode::Reading => self.read(rest, eof, &mut sink),
                Mode::Searching(_) => self.search(rest, eof),
                Mode::Covering => self.cover(rest, eof),
                Mode::Done => return,
            }
            if self.position == end && !eof {
                return;
            }
        }
    }

    fn read(&mut self, rest: &[u8], eof: bool, sink: &mut impl FnMut(&KeyFacts<'_>)) {
        // Damage is not parsed, but the checksum covers it.
        let skipped = self.reader.offset().saturating_sub(self.position).min(rest.len() as u64);
        let (damage, rest) = rest.split_at(usize::try_from(skipped).unwrap_or(0));
        self.reader.cover(self.position, damage);
        self.position += (damage.len() + rest.len()) as u64;
        if rest.is_empty() && !eof {
            return;
        }
        let Self { reader, state, holes, .. } = self;
        let result = reader.feed(rest, eof, |span, event| state.event(span, &event, holes, sink));
        match result {
            Ok(()) if self.reader.ended() => self.mode = Mode::Done,
            Ok(()) => {}
            Err(error) => self.lose(error),
        }
    }

    /// Reading failed: look for what follows, where that can be done.
    fn lose(&mut self, error: Error) {
        self.error.get_or_insert_with(|| error.clone());
        self.mode = Mode::Done;
        let Some(file_bytes) = self.options.file_bytes else { return };
        if self.state.header.is_none() || self.holes.len() >= MAX_HOLES {
            return;
        }
        let begun = self.state.entry_start.unwrap_or(self.reader.offset());
        let mut starts: Vec<u64> = self
            .state
            .copy
            .recent()
            .filter(|&start| start < begun && begun - start <= MAX_DOUBT_BYTES)
            .collect();
        starts.push(begun);
        let lost = Lost {
            parser: self.reader.parser(),
            starts: starts.clone(),
            failed_at: self.reader.offset(),
            file_bytes,
        };
        let searcher = Searcher::new(&lost);
        self.position = searcher.start();
        self.mode = Mode::Searching(Box::new(Search { searcher, starts, error }));
    }

    fn search(&mut self, rest: &[u8], eof: bool) {
        let Mode::Searching(search) = &mut self.mode else { return };
        // In small steps: most of what is searched for is near, and what is behind it will be read anyway.
        let (step, more) = rest.split_at(rest.len().min(SEARCH_STEP_BYTES));
        self.position += step.len() as u64;
        let (found, error) = match search.searcher.feed(step, eof && more.is_empty()) {
            Searching::Going => return,
            Searching::Found(found) => (Some(found), search.error.clone()),
            Searching::NotFound => (None, search.error.clone()),
        };
        let good = found.as_ref().map_or(search.starts.len() - 1, |found| found.good_starts);
        let start = search.starts.get(good).copied().unwrap_or(self.reader.offset());
        let doubtful = self.state.copy.take_back(start);
        self.state.give_up(doubtful);
        match found {
            Some(found) => {
                let db = found.select.map_or(self.state.copy.db(), |select| select.db);
                let mut hole = Hole::new(start..found.resume, error, found.near_misses);
                hole.doubtful_keys = doubtful;
                hole.last_key = self.state.last_key(doubtful);
                hole.behind = Some(Behind { db, certain: !found.may_select, first_key: None });
                self.holes.push(hole);
                self.position = self.reader.hashed_up_to().min(found.resume);
                self.reader.move_to(found.resume, db);
                self.mode = Mode::Reading;
            }
            None => {
                let end = self.options.file_bytes.unwrap_or(start);
                let mut hole = Hole::new(start..end, error, Vec::new());
                hole.doubtful_keys = doubtful;
                hole.last_key = self.state.last_key(doubtful);
                self.holes.push(hole);
                self.position = self.reader.hashed_up_to();
                self.mode = Mode::Covering;
            }
        }
    }

    /// Everything but the last eight bytes goes into the checksum, as if the file ended where it should.
    fn cover(&mut self, rest: &[u8], eof: bool) {
        let covered_end = self.options.file_bytes.unwrap_or(0).saturating_sub(CHECKSUM_BYTES);
        let n =
            usize::try_from(covered_end.saturating_sub(self.position)).unwrap_or(usize::MAX).min(rest.len());
        self.reader.cover(self.position, rest.get(..n).unwrap_or_default());
        self.position += rest.len() as u64;
        self.last_bytes.extend_from_slice(rest.get(rest.len().saturating_sub(9)..).unwrap_or_default());
        let surplus = self.last_bytes.len().saturating_sub(9);
        self.last_bytes.drain(..surplus);
        if eof {
            self.mode = Mode::Done;
        }
    }

    /// Offset of the next byte it wants to be fed.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// Is there nothing more to learn from further windows?
    pub fn is_done(&self) -> bool {
        matches!(self.mode, Mode::Done)
    }

    /// Was the end of the snapshot reached? What follows begins at [`Self::offset`].
    pub fn ended(&self) -> bool {
        self.reader.ended()
    }

    /// Offset behind what was read.
    pub fn offset(&self) -> u64 {
        self.reader.offset()
    }

    /// The result.
    pub fn finish(self) -> SnapshotResult {
        let Self { reader, file, error, mut state, options, holes, last_bytes, .. } = self;
        let complete = reader.ended();
        state.close_database(complete);
        let computed = reader.checksum();
        let checksum = match (state.header, complete, state.stored_checksum) {
            (Some((_, version)), true, None) if version < 5 => Checksum::Absent,
            (_, true, Some(0)) => Checksum::NotComputed,
            (_, true, Some(stored)) if stored == computed => Checksum::Verified,
            (_, true, Some(stored)) => {
                Checksum::Mismatch { stored: format!("{stored:016x}"), computed: format!("{computed:016x}") }
            }
            _ => Checksum::NotReached,
        };
        let burst = stored_checksum(&state, &last_bytes)
            .filter(|stored| *stored != 0 && (error.is_some() || *stored != computed))
            .and_then(|stored| Burst::locate(computed, stored, reader.hashed_up_to()));
        let end = reader.offset();
        state.judge_checksum(&checksum, end);
        state.judge_totals();
        if let Some(error) = &error {
            state.findings.push(finding_of(error, &file, state.n_keys - state.keys_behind));
        }
        let release = options.target.or(state.release).unwrap_or_else(|| state.release_of_version());
        SnapshotResult {
            info: state.header.map(|(magic, version)| SnapshotInfo {
                magic: match magic {
                    Magic::Redis => "REDIS".into(),
                    Magic::Valkey => "VALKEY".into(),
                },
                rdb_version: version,
                product: state.product().into(),
                release: state.aux_value("valkey-ver").or_else(|| state.aux_value("redis-ver")),
                bits: state.aux_value("redis-bits").and_then(|bits| bits.parse().ok()),
                saved_at_s: state.saved_at_s,
                used_memory_bytes: state.aux_value("used-mem").and_then(|bytes| bytes.parse().ok()),
                checksum,
                functions: state.functions,
                modules: state
                    .modules
                    .iter()
                    .map(|id| String::from_utf8_lossy(&id.name()).into_owned())
                    .collect::<BTreeSet<_>>()
                    .into_iter()
                    .collect(),
                aux: core::mem::take(&mut state.aux),
                bytes: end,
            }),
            release,
            error,
            complete,
            end,
            sound_up_to: if complete { end } else { state.sound_up_to },
            keys: state.n_keys - state.keys_behind.min(state.n_keys),
            findings: state.findings,
            holes,
            keys_behind: state.keys_behind,
            announced_keys: state.announced_keys,
            copied_keys: state.copy.kept().0,
            copy: state.copy.finish(),
            burst,
        }
    }
}

/// The checksum the file ends with: read where it belongs, or standing behind an end opcode at the end of a file that could not be
/// read so far.
fn stored_checksum(state: &State, last_bytes: &[u8]) -> Option<u64> {
    match (state.stored_checksum, last_bytes) {
        (Some(stored), _) => Some(stored),
        (None, [0xff, checksum @ ..]) if state.header.is_some_and(|(_, version)| version >= 5) => {
            checksum.try_into().ok().map(u64::from_le_bytes)
        }
        _ => None,
    }
}
