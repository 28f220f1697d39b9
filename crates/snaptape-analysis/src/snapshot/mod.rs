//! Reads one snapshot to its end: what it says of itself, its keys, what is wrong with it.

mod behind;
mod deep;
mod digest;
mod duplicates;
mod encoding;
mod features;
mod finish;
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

use std::sync::Arc;

use snaptape_memory::Allocator;
use snaptape_rdb::{Reader, Searcher, TextMarks, Vocabulary};
use snaptape_report::{Finding, SnapshotInfo};
use snaptape_wire::{Burst, Error, Limits, Release};

pub(crate) use self::hash::hash;
use self::header::guess_lost_header;
pub(crate) use self::integrity::excerpt;
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
use self::{finish::stored_checksum, state::State};
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
}
