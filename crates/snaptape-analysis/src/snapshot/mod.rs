//! Reads one snapshot to its end: what it says of itself, its keys, what is wrong with it.

mod deep;
mod digest;
mod duplicates;
mod encoding;
mod features;
mod forks;
mod hash;
mod hashes;
mod header;
mod held;
mod hints;
mod integrity;
mod modules;
mod one_key;
mod places;
mod recovery;
mod state;
mod stored;
mod strangers;
mod stream_entries;
mod templates;
mod unfit;
mod value;

use std::{collections::BTreeSet, ops::Range, sync::Arc};

use snaptape_memory::Allocator;
use snaptape_rdb::{
    Found, Lost, MAX_REDIS_VERSION, MAX_VALKEY_VERSION, Magic, Numbers, Parser, Reader, Search as Searching,
    Searcher, TextMarks, Vocabulary, Writer, follows_an_end,
};
use snaptape_report::{Checksum, Finding, SnapshotInfo, units};
use snaptape_sort::Sort as _;
use snaptape_wire::{Burst, Error, ErrorKind, Limits, Product, Release};

pub(crate) use self::hash::hash;
use self::header::guess_lost_header;
pub(crate) use self::integrity::excerpt;
use self::state::State;
pub use self::{
    deep::Harm,
    features::{Features, ModuleUse, ObjectUse, Sightings},
    header::guess_header,
    one_key::{OneKey, OneKeySums},
    recovery::{Behind, Hole, Mending, Recovery},
    stored::StoredText,
    stream_entries::walk as walk_stream_node,
    templates::{Names as TemplateNames, Templates as HashTemplates},
    unfit::{Unfit, UnfitReason},
};
use crate::KeyFacts;

/// What to look for.
#[derive(Debug, Clone, Default)]
pub struct SnapshotOptions {
    /// Bounds on what is held.
    pub limits: Limits,
    /// The release to answer for; default the one that wrote the file.
    pub target: Option<Release>,
    /// The allocator to assume; default the one each release was checked with.
    pub allocator: Option<Allocator>,
    /// The time now, Unix milliseconds.
    pub now_ms: i64,
    /// Compute the digest of every value.
    pub digest: bool,
    /// Decode every value and look whether it contradicts itself.
    pub deep: bool,
    /// Length of the file. With it, reading goes on behind damage.
    pub file_bytes: Option<u64>,
}

/// What is looked at to guess a damaged header.
const GUESS_BYTES: usize = 4096;
/// Where a snapshot is looked for that does not begin its file.
const SEEK_BYTES: usize = 1 << 20;
/// Where entries are looked for that have no header.
const SEEK_ENTRIES_BYTES: u64 = 16 << 20;
/// The version entries are read by whose header is lost.
const ASSUMED_VERSION: u16 = 12;
/// The opcode that ends the keys.
const END: u8 = 0xff;
/// What is looked at behind an end.
const FRONT_BYTES: usize = 64;
/// Most places where reading goes on.
const MAX_HOLES: usize = 4096;
/// Most of them that are looked at closely.
const MAX_CLOSE_LOOKS: usize = 64;
/// An entry is doubted when it began this little before the damage was noticed, and is among the last sixteen.
const MAX_DOUBT_BYTES: u64 = 1 << 20;
const CHECKSUM_BYTES: u64 = 8;

/// What may be looked for in a file that does not begin as a snapshot does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LostHead {
    /// A header further on.
    pub header: bool,
    /// Entries, where there is none.
    pub entries: bool,
}

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
    /// What it asks of the server that is to load it.
    pub features: Features,
    /// What is wrong or worth knowing.
    pub findings: Vec<Finding>,
    /// Whole entries that should not go into a copy, in file order.
    pub unfit: Vec<Unfit>,
    /// Were there more of them than are kept?
    pub unfit_truncated: bool,
    /// What can be got out of it.
    pub recovery: Recovery,
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
    looked_at: Vec<u8>,
    /// Damaged entries that were searched for others.
    looks: usize,
    /// Where entries may be looked for that have no header.
    lost_head: LostHead,
    /// Where the snapshot begins.
    begins_at: u64,
    assumes_version: bool,
    mending: Option<Mending>,
    checksum_agrees: bool,
    text: TextMarks,
    state: State,
}

#[derive(Debug)]
enum Mode {
    /// Item after item.
    Reading,
    /// The header cannot be read: gathering what the file begins with, to guess it.
    Guessing {
        front: Vec<u8>,
        error: Error,
    },
    /// The file does not begin as a snapshot: looking for one behind what it begins with.
    Seeking {
        front: Vec<u8>,
        error: Error,
    },
    /// It has no header anywhere: does it end as a snapshot?
    Tail {
        error: Error,
    },
    /// Behind what says that it is the end: what the file goes on with.
    Ending {
        front: Vec<u8>,
    },
    /// Behind damage, looking for the next entry.
    Searching(Box<Search>),
    /// Nothing more can be read: what is left only goes into the checksum.
    Covering,
    /// The checksum has told where the damage is: what stands there?
    Looking(Burst),
    Done,
}

/// A search and what led to it.
#[derive(Debug)]
struct Search {
    searcher: Searcher,
    starts: Vec<u64>,
    error: Error,
    doubt: Doubt,
    /// What the rest of the file is held to from here on.
    vocabulary: Option<Arc<Vocabulary>>,
}

/// What is searched for, apart from the next entry.
#[derive(Debug, Clone, Copy)]
enum Doubt {
    /// Reading failed.
    None,
    /// An end is doubted: where nothing follows, it is one.
    End,
    /// An entry that ends here is: where nothing stands inside it, it is one.
    Entry(u64),
    /// Everything is: perhaps these are no entries at all.
    Head,
}

impl SnapshotScan {
    /// A scan at the start of a snapshot; findings will name `file`.
    pub fn new(file: &str, options: SnapshotOptions) -> Self {
        Self {
            reader: Reader::new(options.limits),
            file: file.into(),
            mode: Mode::Reading,
            position: 0,
            error: None,
            holes: Vec::new(),
            last_bytes: Vec::new(),
            looked_at: Vec::new(),
            looks: 0,
            lost_head: LostHead::default(),
            begins_at: 0,
            assumes_version: false,
            mending: None,
            checksum_agrees: false,
            text: TextMarks::default(),
            state: State::new(file, options.clone()),
            options,
        }
    }

    /// The same for a file that does not begin as a snapshot does: what may be looked for in it.
    #[must_use]
    pub fn behind(self, lost_head: LostHead) -> Self {
        Self { lost_head, ..self }
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
                Mode::Guessing { .. } => self.guess(rest, eof),
                Mode::Seeking { .. } => self.seek(rest, eof),
                Mode::Tail { .. } => self.look_at_end(rest, eof),
                Mode::Ending { .. } => self.doubt(rest, eof),
                Mode::Searching(_) => self.search(rest, eof),
                Mode::Covering => self.cover(rest, eof),
                Mode::Looking(burst) => {
                    let burst = *burst;
                    self.look(burst, rest, eof);
                }
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
        let result = reader.feed_while(rest, eof, |span, event| {
            state.event(span, &event, holes, sink);
            state.swallowed.is_none()
        });
        let swallowed = self.state.swallowed.take();
        match result {
            Ok(()) if swallowed.is_some() => self.look_inside(swallowed.unwrap_or_default()),
            Err(error) if self.state.header.is_none() && self.options.file_bytes.is_some() => {
                self.position = 0;
                self.mode = Mode::Guessing { front: Vec::new(), error };
            }
            Ok(()) if self.reader.ended() => self.end(),
            Ok(()) => {}
            Err(error) => self.lose(error),
        }
    }

    /// Not even the header could be read: perhaps it is only damaged.
    fn guess(&mut self, rest: &[u8], eof: bool) {
        let Mode::Guessing { front, error } = &mut self.mode else { return };
        let missing = GUESS_BYTES.saturating_sub(front.len());
        front.extend_from_slice(rest.get(..missing.min(rest.len())).unwrap_or_default());
        self.position += rest.len() as u64;
        if front.len() < GUESS_BYTES && !eof {
            return;
        }
        let (guess, error) = (guess_header(front), error.clone());
        let Some((magic, version)) = guess else {
            if let Some((magic, version)) = guess_lost_header(front).filter(|_| self.lost_head.header) {
                let note =
                    "The nine bytes of the header are missing; what follows says which release wrote it.";
                self.begin_at(0, magic, version, error, note.into());
                return;
            }
            let front = core::mem::take(front);
            self.position = front.len() as u64;
            self.mode = Mode::Seeking { front, error };
            if eof {
                self.seek(&[], true);
            }
            return;
        };
        self.reader = Reader::behind_header(self.options.limits, magic, version);
        self.state.header = Some((magic, version));
        self.state.copy.header(magic, version);
        self.step_over(0..self.reader.offset(), error.clone(), 0, None);
        self.error = Some(error);
        self.position = 0;
        self.mode = Mode::Reading;
    }

    /// Looks for a whole snapshot behind something else, then for entries.
    fn seek(&mut self, rest: &[u8], eof: bool) {
        let Mode::Seeking { front, error } = &mut self.mode else { return };
        if !self.lost_head.header {
            let error = error.clone();
            self.lose(error);
            return;
        }
        let missing = SEEK_BYTES.saturating_sub(front.len());
        front.extend_from_slice(rest.get(..missing.min(rest.len())).unwrap_or_default());
        self.position += rest.len() as u64;
        if front.len() < SEEK_BYTES && !eof {
            return;
        }
        let error = error.clone();
        if let Some(at) = header::find_header(front) {
            let at = at as u64;
            let mut hole = Hole::new(0..at, error.clone());
            hole.note =
                Some(format!("A snapshot begins at offset {}, behind something else.", units::offset(at)));
            self.holes.push(hole);
            self.error = Some(error);
            self.reader = Reader::at(self.options.limits, at);
            (self.begins_at, self.position) = (at, at);
            self.mode = Mode::Reading;
            return;
        }
        let last = self.options.file_bytes.and_then(|bytes| bytes.checked_sub(CHECKSUM_BYTES + 1));
        if let Some(last) = last.filter(|_| self.lost_head.entries) {
            self.position = last;
            self.mode = Mode::Tail { error };
        } else {
            self.lose(error);
        }
    }

    /// Whoever finds entries in something unknown has to have an end for them, too: tables of numbers read as entries for long.
    fn look_at_end(&mut self, rest: &[u8], eof: bool) {
        let Mode::Tail { error } = &self.mode else { return };
        let (Some(&last), error) = (rest.first(), error.clone()) else {
            self.position += u64::from(eof);
            return;
        };
        let file_bytes = self.options.file_bytes.unwrap_or(0);
        if last != END {
            self.lose(error);
            return;
        }
        let mut parser = Parser::behind_header(self.options.limits, Magic::Redis, ASSUMED_VERSION);
        let numbers = Numbers::of(Magic::Redis, ASSUMED_VERSION, false);
        let vocabulary = Arc::new(Vocabulary { numbers, modules: Some(Vec::new()), highest_db: 15 });
        parser.hold_to(Arc::clone(&vocabulary));
        let searcher = Searcher::new(&Lost {
            parser: &parser,
            starts: Vec::new(),
            failed_at: 0,
            file_bytes,
            closer_look: false,
            unknown: true,
            words: true,
            until: Some(SEEK_ENTRIES_BYTES),
        });
        self.position = 0;
        let vocabulary = Some(vocabulary);
        let search = Search { searcher, starts: Vec::new(), error, doubt: Doubt::Head, vocabulary };
        self.mode = Mode::Searching(Box::new(search));
    }

    /// Goes on with items at `offset`, as those of a file with this header.
    fn begin_at(&mut self, offset: u64, magic: Magic, version: u16, error: Error, note: String) {
        self.reader = Reader::headless(self.options.limits, magic, version, offset);
        self.state.begin_headless(magic, version);
        let mut hole = Hole::new(0..offset, error.clone());
        hole.note = Some(note);
        self.holes.push(hole);
        self.error = Some(error);
        self.begins_at = offset;
        self.position = offset;
        self.mode = Mode::Reading;
    }

    /// Something says that this is the end. An end that nothing confirms may be damage.
    fn end(&mut self) {
        let end = self.reader.offset();
        let left = self.options.file_bytes.map_or(0, |bytes| bytes.saturating_sub(end));
        let stored = self.state.stored_checksum;
        let agrees = stored == Some(self.reader.checksum());
        // Without a checksum servers believe any end; so do we, as long as nothing is wrong.
        let is_sound = self.holes.is_empty() && stored.is_none_or(|stored| stored == 0);
        if left == 0 || agrees || is_sound || self.holes.len() >= MAX_HOLES {
            self.conclude();
            return;
        }
        self.position = end;
        self.mode = Mode::Ending { front: Vec::new() };
    }

    fn doubt(&mut self, rest: &[u8], eof: bool) {
        let Mode::Ending { front } = &mut self.mode else { return };
        let missing = FRONT_BYTES.saturating_sub(front.len());
        front.extend_from_slice(rest.get(..missing.min(rest.len())).unwrap_or_default());
        self.position += rest.len() as u64;
        if front.len() < FRONT_BYTES && !eof {
            return;
        }
        let end = self.reader.offset();
        let file_bytes = self.options.file_bytes.unwrap_or(end);
        if follows_an_end(front, file_bytes - end) {
            self.conclude();
            return;
        }
        let checksum = if self.state.stored_checksum.is_some() { CHECKSUM_BYTES } else { 0 };
        let opcode = end - checksum - 1;
        let what = "end of the snapshot: entries follow it";
        self.search_from(
            opcode,
            end,
            file_bytes,
            Error::new(ErrorKind::Invalid { what }, opcode),
            Doubt::End,
        );
    }

    /// An entry can be read, but its value is damaged: perhaps its length is, and other entries stand inside it.
    fn look_inside(&mut self, entry: Range<u64>) {
        let end = self.reader.offset();
        self.position = end;
        self.reader.move_to(end, self.reader.parser().db());
        self.looks += 1;
        let Some(file_bytes) = self.options.file_bytes.filter(|_| self.looks <= MAX_CLOSE_LOOKS) else {
            return;
        };
        let what = "value: other entries stand inside it";
        let error = Error::new(ErrorKind::Invalid { what }, entry.start);
        self.search_from(entry.start, end, file_bytes, error, Doubt::Entry(end));
    }

    /// Reading failed: look for what follows, where that can be done.
    fn lose(&mut self, error: Error) {
        self.error.get_or_insert_with(|| error.clone());
        let begun = self.state.entry_start.unwrap_or(self.reader.offset());
        let can_search = self.state.header.is_some() && self.holes.len() < MAX_HOLES;
        let Some(file_bytes) = self.options.file_bytes.filter(|_| can_search) else {
            let end = self.options.file_bytes.unwrap_or(error.offset()).max(begun);
            self.step_over(begun..end, error, 0, None);
            self.mode = Mode::Done;
            return;
        };
        self.search_from(begun, self.reader.offset(), file_bytes, error, Doubt::None);
    }

    /// Looks for what follows the entry that begins at `begun`, which could not be read beyond `failed_at`.
    fn search_from(&mut self, begun: u64, failed_at: u64, file_bytes: u64, error: Error, doubt: Doubt) {
        // What stands before the last hole was good when that was found.
        let first =
            begun.saturating_sub(MAX_DOUBT_BYTES).max(self.holes.last().map_or(0, |hole| hole.span.end));
        let mut starts: Vec<u64> =
            self.state.copy.recent().filter(|&start| (first..begun).contains(&start)).collect();
        if matches!(doubt, Doubt::Entry(_)) {
            // What stands before is not in doubt.
            starts.clear();
        }
        starts.push(begun);
        let mut parser = self.reader.parser().clone();
        let first = starts.first().copied().unwrap_or(begun);
        let vocabulary = if parser.is_held() { None } else { self.state.vocabulary(first).map(Arc::new) };
        if let Some(vocabulary) = &vocabulary {
            parser.hold_to(Arc::clone(vocabulary));
        }
        let searcher = Searcher::new(&Lost {
            parser: &parser,
            starts: starts.clone(),
            failed_at,
            file_bytes,
            closer_look: self.holes.len() < MAX_CLOSE_LOOKS,
            unknown: false,
            words: self.state.has_words(),
            until: if let Doubt::Entry(end) = doubt { Some(end) } else { None },
        });
        self.position = searcher.start();
        self.mode = Mode::Searching(Box::new(Search { searcher, starts, error, doubt, vocabulary }));
    }

    fn search(&mut self, rest: &[u8], eof: bool) {
        let Mode::Searching(search) = &mut self.mode else { return };
        self.position += rest.len() as u64;
        let found = match search.searcher.feed(rest, eof) {
            Searching::Going => return,
            Searching::Found(found) => Some(found),
            Searching::NotFound => None,
        };
        self.text = self.text.and(search.searcher.text_marks());
        match (search.doubt, &found) {
            (Doubt::Head, None) => {
                let error = search.error.clone();
                self.lose(error);
                return;
            }
            (Doubt::Head, Some(found)) => {
                let (error, resume, vocabulary) =
                    (search.error.clone(), found.resume, search.vocabulary.clone());
                let db = found.select.map_or(0, |select| select.db);
                let note =
                    "The header is lost, and what stood before the first key that can be found.".into();
                self.begin_at(resume, Magic::Redis, ASSUMED_VERSION, error, note);
                self.reader.move_to(resume, db);
                if let Some(vocabulary) = vocabulary {
                    self.reader.hold_to(vocabulary);
                }
                self.assumes_version = true;
                return;
            }
            (Doubt::End, None) => {
                self.conclude();
                return;
            }
            (Doubt::Entry(end), found) if found.as_ref().is_none_or(|found| found.resume >= end) => {
                self.position = end;
                self.mode = Mode::Reading;
                return;
            }
            _ => {}
        }
        if let Some(vocabulary) = &search.vocabulary {
            self.reader.hold_to(Arc::clone(vocabulary));
        }
        let zeros = search.searcher.zeros_in(search.starts.last().copied().unwrap_or(0)..u64::MAX);
        let error = search.error.clone();
        let good = found.as_ref().map_or(search.starts.len() - 1, |found| found.good_starts);
        let start = search.starts.get(good).copied().unwrap_or(self.reader.offset());
        let doubtful = self.state.copy.take_back(start);
        self.state.give_up(doubtful, start);
        self.error.get_or_insert_with(|| error.clone());
        self.state.stored_checksum = None;
        if let Some(found) = found {
            let db = found.select.map_or(self.state.copy.db(), |select| select.db);
            let resume = found.resume;
            self.step_over(start..resume, error, doubtful, Some((found, db)));
            self.position = self.reader.hashed_up_to().min(resume);
            self.reader.move_to(resume, db);
            self.mode = Mode::Reading;
        } else {
            self.step_over(start..self.options.file_bytes.unwrap_or(start), error, doubtful, None);
            if let Some(hole) = self.holes.last_mut() {
                hole.zeros = zeros;
            }
            self.position = self.reader.hashed_up_to();
            self.mode = Mode::Covering;
        }
    }

    /// Notes damage, and where reading goes on behind it.
    fn step_over(
        &mut self,
        span: Range<u64>,
        error: Error,
        doubtful_keys: u64,
        behind: Option<(Found, u64)>,
    ) {
        let mut hole = Hole::new(span, error);
        hole.keys_before = self.state.n_keys;
        hole.doubtful_keys = doubtful_keys;
        hole.last_key = self.state.last_key(doubtful_keys);
        if let Some((found, db)) = behind {
            hole.behind = Some(Behind { db, certain: !found.may_select, first_key: None });
            hole.near_misses = found.near_misses;
            hole.zeros = found.zeros;
        }
        self.holes.push(hole);
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
            self.conclude();
        }
    }

    /// Everything was read. Where the checksum does not agree, perhaps it tells what is wrong.
    fn conclude(&mut self) {
        self.mode = Mode::Done;
        let computed = self.reader.checksum();
        let stored = stored_checksum(&self.state, &self.last_bytes).filter(|stored| *stored != 0);
        self.checksum_agrees = self.error.is_some() && self.begins_at == 0 && stored == Some(computed);
        let burst = stored
            .filter(|_| !self.assumes_version && self.begins_at == 0)
            .and_then(|stored| Burst::locate(computed, stored, self.reader.hashed_up_to()));
        if let Some(burst) = burst.filter(|_| self.options.file_bytes.is_some()) {
            self.position = burst.start;
            self.mode = Mode::Looking(burst);
        }
    }

    fn look(&mut self, burst: Burst, rest: &[u8], eof: bool) {
        let have = burst.len.saturating_sub(self.looked_at.len());
        let taken = rest.get(..have.min(rest.len())).unwrap_or_default();
        self.looked_at.extend_from_slice(taken);
        self.position += taken.len() as u64;
        if self.looked_at.len() == burst.len {
            let instead = self.looked_at.iter().zip(burst.xor).map(|(byte, xor)| byte ^ xor).collect();
            let bytes = core::mem::take(&mut self.looked_at);
            self.mending = Some(Mending { start: burst.start, bytes, instead });
        }
        if eof || self.mending.is_some() {
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

    /// Is there a header, or one that must have been there?
    pub fn has_header(&self) -> bool {
        self.state.header.is_some()
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
        let Self {
            reader,
            file,
            error,
            mut state,
            options,
            holes,
            mending,
            checksum_agrees,
            text,
            assumes_version,
            ..
        } = self;
        let complete = reader.ended();
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
        let end = reader.offset();
        state.judge_checksum(&checksum, end);
        let version = state.header.map(|(_, version)| version);
        let mut verdicts = state.integrity.finish(complete && holes.is_empty(), version);
        state.findings.append(&mut verdicts.findings);
        state.copy.remove(&verdicts.duplicates);
        verdicts.unfit.extend(state.leave_out_bad_items());
        // What this build cannot read is no damage, and what stands beside it is of the same writer.
        let unknown =
            error.as_ref().is_some_and(|error| matches!(error.kind(), ErrorKind::Unsupported { .. }));
        let is_damaged = error.is_some() || matches!(checksum, Checksum::Mismatch { .. });
        if mending.is_none() && is_damaged && !unknown {
            verdicts.unfit.extend(state.leave_out_strangers());
        }
        verdicts.unfit.order_by_key(|unfit| (unfit.span.start, unfit.reason));
        verdicts.unfit.dedup_by_key(|unfit| unfit.span.start);
        // A version nobody has written yet, by a writer that is known: the number is wrong.
        if let (Some((magic, version)), Some(release)) = (state.header, state.release)
            && version > MAX_REDIS_VERSION.max(MAX_VALKEY_VERSION)
        {
            state.copy.header(magic, header::version_of(release));
        }
        if assumes_version {
            // The first version that has everything, and no older one than 5.0 writes: nobody uses those.
            let needed =
                state.features.objects.iter().filter_map(|known| Numbers::since(known.type_byte)).max();
            let version = needed.unwrap_or(0).max(9);
            state.header = Some((Magic::Redis, version));
            state.features.header = state.header;
            state.copy.header(Magic::Redis, version);
        }
        let mut writer = state.release.unwrap_or_else(|| state.release_of_version());
        if state.product() == "KeyDB" {
            // It calls its own version redis-ver.
            writer.product = Product::KeyDb;
        }
        let release = options.target.unwrap_or(writer);
        let recovery = Recovery {
            keys_behind: state.keys_behind,
            announced_keys: state.announced_keys,
            copied_keys: state.copy.kept().0,
            copy: core::mem::replace(&mut state.copy, Writer::new(Magic::Redis, 0)).finish(),
            mending,
            checksum_agrees,
            assumed_version: state.header.map(|(_, version)| version).filter(|_| assumes_version),
            text,
            holes,
        };
        state.findings.extend(recovery.findings(&file));
        let sound_up_to = match recovery.holes.first() {
            Some(hole) => hole.span.start,
            None if complete => end,
            None => state.sound_up_to,
        };
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
                places: state.places.finish(),
            }),
            release,
            error,
            complete,
            end,
            sound_up_to,
            keys: state.n_keys - state.keys_behind.min(state.n_keys),
            features: state.features.finish(verdicts.harms, verdicts.twice),
            findings: state.findings,
            unfit: verdicts.unfit,
            unfit_truncated: verdicts.unfit_truncated,
            recovery,
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
