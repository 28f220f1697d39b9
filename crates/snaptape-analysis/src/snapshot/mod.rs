//! Reads one snapshot to its end: what it says of itself, its keys, what is wrong with it.

mod aid;
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
pub(crate) use self::integrity::excerpt;
use self::{aid::Met, state::State};
pub use self::{
    aid::SnapshotAid,
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
    /// What only some snapshots need, where it was handed in.
    aid: Option<SnapshotAid>,
    /// What it met that takes an aid it does not have.
    met: Option<Met>,
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
        Self::with_aid(file, options, Some(SnapshotAid::whole()))
    }

    /// The same with what only some snapshots need, or without. Without it a scan reads what is whole, and gives no digests; of
    /// anything else it says [`Self::wants_aid`] and stops.
    pub fn with_aid(file: &str, options: SnapshotOptions, aid: Option<SnapshotAid>) -> Self {
        Self {
            aid,
            met: None,
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
            state: State::new(file, options.clone(), aid),
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
        self.feed_to(window, eof, &mut sink);
    }

    /// Not generic, so that it is compiled once, and as fast as this crate is.
    fn feed_to(&mut self, window: &[u8], eof: bool, sink: &mut dyn FnMut(&KeyFacts<'_>)) {
        let start = self.position;
        let end = start + window.len() as u64;
        if let Some(met) = self.met.take() {
            let Some(aid) = self.aid else {
                self.met = Some(met);
                return;
            };
            // Everything in this window was read.
            self.position = end;
            (aid.meet)(self, met);
            if self.position == end && !eof {
                return;
            }
        }
        while !self.is_done() && self.met.is_none() {
            let Some(rest) =
                self.position.checked_sub(start).and_then(|n| window.get(usize::try_from(n).ok()?..))
            else {
                return;
            };
            match (&self.mode, self.aid) {
                (Mode::Reading, _) => self.read(rest, eof, sink),
                (_, Some(aid)) => (aid.go_on)(self, rest, eof),
                (_, None) => return,
            }
            if self.position == end && !eof {
                return;
            }
        }
    }

    fn read(&mut self, rest: &[u8], eof: bool, sink: &mut dyn FnMut(&KeyFacts<'_>)) {
        let position = self.position;
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
        let met = match result {
            Ok(()) if swallowed.is_some() => Met::Swallowed(swallowed.unwrap_or_default()),
            Err(error) if self.state.header.is_none() && self.options.file_bytes.is_some() => {
                Met::NoHeader(error)
            }
            Ok(()) if self.reader.ended() && self.is_proven() => {
                self.mode = Mode::Done;
                return;
            }
            Ok(()) if self.reader.ended() => Met::Doubt,
            Ok(()) => return,
            Err(error) => Met::Damage(error),
        };
        if let Some(aid) = self.aid {
            (aid.meet)(self, met);
        } else {
            // The same window is fed again.
            self.position = position;
            self.met = Some(met);
        }
    }

    /// Behind the end: is nothing wrong, not even the checksum?
    fn is_proven(&self) -> bool {
        let stored = self.state.stored_checksum.filter(|stored| *stored != 0);
        let agrees = stored.is_none_or(|stored| stored == self.reader.checksum());
        self.error.is_none() && self.holes.is_empty() && agrees
    }

    /// Did it meet something it cannot read without a [`SnapshotAid`]? With one, it goes on with the window it had last.
    pub fn wants_aid(&self) -> bool {
        self.met.is_some() && self.aid.is_none()
    }

    /// Hands that in.
    pub fn take_aid(&mut self, aid: SnapshotAid) {
        self.aid = Some(aid);
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
