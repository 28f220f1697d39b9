//! Finds where a snapshot goes on behind damage.
//!
//! An entry has no length of its own, so what follows a damaged one has to be found by its shape. From every byte behind the last
//! good entry a [`Parser`] is started; nearly all fail at once. One that reads entry after entry, with evidence that this is no
//! coincidence (packed values that hold together, names people could have given, the end of the file where it must be), has found
//! the way back. Chains that meet are followed once.
//!
//! What is found this way is a guess, and a good one: see [`ENOUGH`].

mod before;
mod better;
mod chain;
mod near;
mod text;

use alloc::{collections::BTreeSet, vec::Vec};
use core::ops::Range;

use snaptape_wire::{ErrorKind, Limits};

use crate::{
    Event, ObjectType, Parser, Step,
    evidence::{Evidence, Weigher},
    opcode::op,
};

pub use self::text::TextMarks;
use self::{before::is_sibling, chain::Chain};

/// Evidence that lets a chain count as found: about three ordinary entries, or one and the end of the file.
const ENOUGH: i32 = 10;
/// The same for a file of which nothing is known: rubbish reads as an entry or two here and there.
const ENOUGH_OF_UNKNOWN: i32 = 40;
/// So much evidence needs no way beyond the place where reading failed: one wrong length may have swallowed half a file, and more
/// damage with it.
const BEYOND_DOUBT: i32 = 60;
/// Fewer zero bytes in a row are nothing special.
const MIN_ZEROS: u64 = 64;
/// An entry does not begin with as many zeros: a string without a name and a value, and the next, and the next.
const NO_ENTRY: [u8; 16] = [0; 16];
/// Runs of zeros that are remembered.
const MAX_ZERO_RUNS: usize = 64;
/// At this, a chain is given up although it could still be read: zeros, for example, read as keys without a name.
const HOPELESS: i32 = -3;
/// Evidence of an ordinary entry: a name people could have given.
const PLAUSIBLE_ENTRY: i32 = 3;
/// Chains under way at once. More than this wait for bytes only where the damage lies in noise.
const MAX_CHAINS: usize = 64;
/// Fields a chain steps over.
const MAX_FIELDS: usize = 1 << 16;
/// Entries a chain remembers: all it may walk through again.
const MAX_ENTRIES: usize = 1 << 20;
/// Starts that are known to lead nowhere.
const MAX_DEAD: usize = 1 << 20;
/// Pieces all chains together may read for each byte that is searched: bytes that read as entries from every place (runs of ones,
/// say) would take for ever otherwise. Ordinary files need less than two.
const STEPS_PER_BYTE: u64 = 24;
const MIN_STEPS: u64 = 2_000_000;
/// Bytes that are kept behind the start of the search for a closer look.
const MAX_KEPT_BYTES: u64 = 64 << 10;
/// Unread bytes at the front of the buffer that are worth moving the rest.
const MIN_DRAIN_BYTES: usize = 1 << 20;
/// From here on numbers are opcodes, as far as servers write them.
const LOWEST_OPCODE: u8 = 242;
/// Bytes the chains are advanced by at a time.
const STEP_BYTES: usize = 64 << 10;
/// Longer strings pass through a chain in pieces.
const MAX_INLINE_BYTES: u64 = 1 << 20;

/// What the search is about.
#[derive(Debug, Clone)]
pub struct Lost<'a> {
    /// The parser that failed, or one of the same file: its version and what else the file said of itself count.
    pub parser: &'a Parser,
    /// Offsets of the last entries that could be read, ascending, the one that failed (or the place where it should begin) last.
    /// An entry before the failure may have swallowed its neighbours: the search begins inside the first of these.
    pub starts: Vec<u64>,
    /// Offset where reading failed.
    pub failed_at: u64,
    /// Length of the file.
    pub file_bytes: u64,
    /// Look for [`Found::near_misses`], which takes some milliseconds.
    pub closer_look: bool,
    /// Is nothing known of the file but its bytes? Then it takes more to believe that it holds entries.
    pub unknown: bool,
    /// Are the names of its keys words, as far as is known?
    pub words: bool,
    /// Look at no place from here on: only an entry that could be read is in doubt.
    pub until: Option<u64>,
}

/// The way back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// How many of [`Lost::starts`] are good entries; what begins at the next one is damaged.
    pub good_starts: usize,
    /// Offset where an item begins again.
    pub resume: u64,
    /// A SELECTDB with its RESIZEDB that stands inside the damage: what follows probably belongs to this database.
    pub select: Option<SelectDb>,
    /// Could a SELECTDB stand inside the damage? Then the database of what follows is not certain.
    pub may_select: bool,
    /// Changes of one bit that make the damaged entry whole, ending where the next one begins.
    pub near_misses: Vec<NearMiss>,
    /// The longest run of zero bytes in the damage: a block that was never written.
    pub zeros: Option<Range<u64>>,
}

/// A database that is selected inside the damage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SelectDb {
    /// Offset of the opcode.
    pub offset: u64,
    /// The database.
    pub db: u64,
}

/// A change of one bit that makes a damaged entry readable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NearMiss {
    /// Offset of the byte.
    pub offset: u64,
    /// What stands there.
    pub byte: u8,
    /// What would have to.
    pub instead: u8,
    /// The name of the key it gives, its first bytes.
    pub key: Vec<u8>,
}

/// What a window led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Search {
    /// Feed the next window.
    Going,
    /// Found.
    Found(Found),
    /// The file ended, or looking further would take too long: nothing behind the damage can be read.
    NotFound,
}

/// A search under way.
#[derive(Debug)]
pub struct Searcher {
    /// What every chain starts from.
    template: Parser,
    known: Vec<u64>,
    failed_at: u64,
    file_bytes: u64,
    closer_look: bool,
    /// See [`Parser::like_strings`].
    like_strings: u64,
    /// How the names of the known entries begin.
    siblings: Vec<[u8; 3]>,
    /// Bytes of the file from `base` on.
    buffer: Vec<u8>,
    base: u64,
    /// Bytes at the end of the buffer that no chain has seen.
    staged: usize,
    /// The next offset a chain is started at.
    next: u64,
    /// Chains that wait for bytes, by where they begin.
    waiting: Vec<Chain>,
    /// Entries that are known to lead nowhere.
    dead: BTreeSet<u64>,
    /// Pieces read so far.
    steps: u64,
    selects: Vec<SelectDb>,
    weigher: Weigher,
    enough: i32,
    /// No place from here on is tried.
    until: u64,
    /// Zero bytes that the last window ended in.
    zeros_so_far: u64,
    /// Longer runs of them.
    zeros: Vec<Range<u64>>,
    /// Offset behind the last byte that was fed.
    fed_up_to: u64,
    text: TextMarks,
    /// For each known entry, the evidence of those before it, as far as they have been seen.
    before: Vec<i32>,
    /// Have all been seen?
    seen_all: bool,
}

enum Run {
    Failed,
    More,
    Enough,
}

impl Searcher {
    /// A search for what follows the damage. The first window begins at [`Self::start`].
    pub fn new(lost: &Lost<'_>) -> Self {
        let first = lost.starts.first().copied().unwrap_or(lost.failed_at);
        let limits = Limits { max_inline_bytes: MAX_INLINE_BYTES, max_name_bytes: MAX_INLINE_BYTES };
        Self {
            template: lost.parser.quiet(limits),
            known: lost.starts.clone(),
            failed_at: lost.failed_at,
            file_bytes: lost.file_bytes,
            closer_look: lost.closer_look,
            like_strings: lost.parser.like_strings(),
            siblings: Vec::new(),
            buffer: Vec::new(),
            base: first,
            staged: 0,
            next: first,
            waiting: Vec::new(),
            dead: BTreeSet::new(),
            steps: 0,
            selects: Vec::new(),
            weigher: Weigher { words: lost.words, ..Weigher::default() },
            until: lost.until.unwrap_or(u64::MAX),
            enough: if lost.unknown { ENOUGH_OF_UNKNOWN } else { ENOUGH },
            zeros_so_far: 0,
            zeros: Vec::new(),
            fed_up_to: first,
            text: TextMarks::default(),
            before: Vec::new(),
            seen_all: false,
        }
    }

    /// Offset of the first byte it wants; further windows follow without gap.
    pub fn start(&self) -> u64 {
        self.base
    }

    /// Takes the next window. What is found does not depend on how the bytes are cut into windows.
    pub fn feed(&mut self, mut window: &[u8], eof: bool) -> Search {
        // Chains race each other, so all of them are advanced by steps of the same length. Small ones: what is searched for is
        // mostly near.
        loop {
            let missing = STEP_BYTES.saturating_sub(self.staged);
            let (front, rest) = window.split_at(window.len().min(missing));
            self.buffer.extend_from_slice(front);
            self.note_zeros(front);
            self.text.look_at(front);
            self.staged += front.len();
            window = rest;
            let last = eof && window.is_empty();
            if self.staged < STEP_BYTES && !last {
                return Search::Going;
            }
            self.staged = 0;
            if self.like_strings > 0 && self.siblings.is_empty() {
                self.meet_siblings();
            }
            if !self.seen_all {
                self.before = self.evidence_before();
                self.seen_all = self.known.last().is_none_or(|start| *start < self.fed_up_to);
            }
            if let Some(chain) = self.advance_waiting(last).or_else(|| self.try_places(last)) {
                if !self.is_better_than_one(&chain) {
                    return Search::NotFound;
                }
                let chain = self.better(chain).without_weak_front();
                return Search::Found(self.found(&chain));
            }
            let is_through = self.next >= self.until && self.waiting.is_empty();
            if last || is_through || self.is_exhausted() {
                return Search::NotFound;
            }
            self.forget();
        }
    }

    fn advance_waiting(&mut self, eof: bool) -> Option<Chain> {
        for mut chain in core::mem::take(&mut self.waiting) {
            match self.run(&mut chain, eof) {
                Run::Enough => return Some(chain),
                Run::More => self.wait(chain),
                Run::Failed => {}
            }
        }
        None
    }

    fn try_places(&mut self, eof: bool) -> Option<Chain> {
        loop {
            let place = self.next;
            if place >= self.until {
                return None;
            }
            let rest = self.at(place)?;
            let (byte, zeros) = (*rest.first()?, rest.starts_with(&NO_ENTRY));
            self.next += 1;
            if zeros {
                continue;
            }
            if self.known.binary_search(&place).is_ok() || self.dead.remove(&place) {
                continue;
            }
            if byte == op::SELECTDB {
                self.note_select(place);
            }
            // Opcodes are the highest numbers.
            let (magic, version) = (self.template.magic(), self.template.version());
            if byte < LOWEST_OPCODE && ObjectType::in_file(byte, magic, version).is_none() {
                continue;
            }
            let mut parser = self.template.clone();
            parser.move_to(place, 0);
            let mut chain = Chain {
                start: place,
                parser,
                evidence: Evidence::default(),
                entries: Vec::new(),
                fields: Vec::new(),
                in_field: false,
            };
            match self.run(&mut chain, eof) {
                Run::Enough => return Some(chain),
                Run::More => self.wait(chain),
                Run::Failed => {}
            }
        }
    }

    /// The buffered bytes from `offset` on.
    fn at(&self, offset: u64) -> Option<&[u8]> {
        self.buffer.get(usize::try_from(offset.checked_sub(self.base)?).ok()?..)
    }

    fn wait(&mut self, chain: Chain) {
        if self.waiting.len() >= MAX_CHAINS {
            // The least likely one makes room; of equals the one that has waited least.
            let weakest = (0..self.waiting.len()).min_by_key(|&i| {
                self.waiting.get(i).map(|chain| (chain.evidence.score(), core::cmp::Reverse(chain.start)))
            });
            match weakest {
                Some(i)
                    if self.waiting.get(i).is_some_and(|w| w.evidence.score() < chain.evidence.score()) =>
                {
                    self.waiting.remove(i);
                }
                _ => return,
            }
        }
        self.waiting.push(chain);
    }

    /// Follows a chain as far as the bytes go.
    fn run(&mut self, chain: &mut Chain, eof: bool) -> Run {
        loop {
            self.steps += 1;
            if self.is_exhausted() {
                return Run::Failed;
            }
            let at = chain.parser.offset();
            let Some(rest) = at
                .checked_sub(self.base)
                .and_then(|from| usize::try_from(from).ok())
                .and_then(|from| self.buffer.get(from..))
            else {
                return if eof { Run::Failed } else { Run::More };
            };
            let (event, end) = match chain.parser.step(rest, eof) {
                Ok(Step::Event { event, span, .. }) => (event, span.end),
                Ok(Step::NeedMore { hint }) => {
                    // Nothing is longer than the file.
                    let reach = at.saturating_add(rest.len() as u64).saturating_add(hint);
                    return if reach > self.file_bytes { self.end_inside(chain) } else { Run::More };
                }
                Ok(Step::End) => return Run::Failed,
                Err(error) if matches!(error.kind(), ErrorKind::UnexpectedEnd { .. }) => {
                    return self.end_inside(chain);
                }
                Err(_) if self.is_beyond_doubt(chain, true) => return Run::Enough,
                Err(_) => return self.bury(chain),
            };
            if let Event::Key(key) = &event {
                if self.known.binary_search(&key.offset).is_ok() || self.dead.contains(&key.offset) {
                    return self.bury(chain);
                }
                chain.in_field = (chain.fields.len() as u64) < self.like_strings
                    && chain.fields.len() < MAX_FIELDS
                    && key.object == ObjectType::String
                    && key.offset == at
                    && !is_sibling(&self.siblings, key);
                if chain.entries.len() < MAX_ENTRIES {
                    chain.entries.push((key.offset, chain.evidence.settled()));
                }
            }
            let is_eof = matches!(event, Event::Eof);
            if self.weigher.weigh(&mut chain.evidence, &event).is_err() || chain.evidence.score() <= HOPELESS
            {
                return self.bury(chain);
            }
            if chain.in_field && matches!(event, Event::KeyEnd) {
                chain.fields.push(core::mem::replace(&mut chain.start, end));
                chain.evidence = Evidence::default();
                chain.entries.clear();
                chain.in_field = false;
            }
            if is_eof {
                // The bare end is found as such, last of all; a chain of fields that leads there may have missed keys.
                let says_something = chain.evidence.score() > 0 || chain.fields.is_empty();
                return if says_something && self.is_end(end) { Run::Enough } else { self.bury(chain) };
            }
            if chain.evidence.score() >= self.enough
                && chain.evidence.entries() >= 2
                && (end > self.failed_at || self.is_beyond_doubt(chain, false))
            {
                return Run::Enough;
            }
        }
    }

    /// Does a chain say so much that it need not reach beyond the place where reading failed? One wrong length may have swallowed
    /// half a file, and more damage with it. A chain that has `ended` in damage may begin inside entries that could be read, if it
    /// says far more than they; a snapshot inside a value ends differently.
    fn is_beyond_doubt(&self, chain: &Chain, ended: bool) -> bool {
        let settled = chain.evidence.settled();
        let enough = BEYOND_DOUBT.max(self.enough);
        if settled < enough || chain.entries.len() <= 2 {
            return false;
        }
        let i = self.known.partition_point(|start| *start < chain.start);
        if i == self.known.len() {
            return true;
        }
        if !ended {
            return false;
        }
        let all = self.before.last().copied().unwrap_or(0);
        let kept = i.checked_sub(1).and_then(|i| self.before.get(i)).copied().unwrap_or(0);
        settled >= enough + 2 * (all - kept)
    }

    /// Has the search cost more than it may?
    fn is_exhausted(&self) -> bool {
        let searched = self.next - self.known.first().copied().unwrap_or(self.failed_at).min(self.next);
        self.steps > MIN_STEPS + STEPS_PER_BYTE * searched
    }

    /// The file ends inside the chain: fine for one that lost its tail and has been read well so far.
    fn end_inside(&mut self, chain: &Chain) -> Run {
        let read_well = chain.evidence.entries() >= 2 && chain.evidence.score() >= self.enough / 2;
        if read_well && chain.parser.offset() > self.failed_at { Run::Enough } else { self.bury(chain) }
    }

    /// Can the snapshot end here? At the end of the file, or where commands begin.
    fn is_end(&self, end: u64) -> bool {
        let checksum = if self.template.version() >= 5 { 8 } else { 0 };
        let behind = end + checksum;
        behind == self.file_bytes
            || self.at(behind).is_some_and(|rest| follows_an_end(rest, self.file_bytes - behind))
    }

    fn note_zeros(&mut self, bytes: &[u8]) {
        for run in bytes.chunk_by(|a, b| (*a == 0) == (*b == 0)) {
            let at = self.fed_up_to;
            self.fed_up_to += run.len() as u64;
            if run.first() != Some(&0) {
                self.zeros_so_far = 0;
                continue;
            }
            let start = at - self.zeros_so_far;
            self.zeros_so_far = self.fed_up_to - start;
            if self.zeros_so_far < MIN_ZEROS {
                continue;
            }
            if let Some(last) = self.zeros.last_mut().filter(|last| last.start == start) {
                last.end = self.fed_up_to;
            } else if self.zeros.len() < MAX_ZERO_RUNS {
                self.zeros.push(start..self.fed_up_to);
            }
        }
    }

    /// What the bytes that were searched show of somebody who took them for text.
    pub fn text_marks(&self) -> TextMarks {
        self.text
    }

    /// Nobody needs to follow its entries again.
    fn bury(&mut self, chain: &Chain) -> Run {
        if self.dead.len() >= MAX_DEAD {
            return Run::Failed;
        }
        let starts = chain.entries.iter().map(|(start, _)| start).chain(&chain.fields).copied();
        self.dead.extend(starts.filter(|start| *start >= self.next));
        Run::Failed
    }

    fn note_select(&mut self, place: u64) {
        let Some(rest) = self.at(place) else { return };
        let mut parser = self.template.clone();
        parser.move_to(place, 0);
        let Ok(Step::Event { consumed, event: Event::SelectDb { db }, .. }) = parser.step(rest, false) else {
            return;
        };
        let resize = parser.step(rest.get(consumed..).unwrap_or_default(), false);
        let sane = |keys, expires| expires <= keys && keys < self.file_bytes;
        if let Ok(Step::Event { event: Event::ResizeDb { keys, expires }, .. }) = resize
            && sane(keys, expires)
            && db < 65_536
        {
            self.selects.push(SelectDb { offset: place, db });
        }
    }

    /// Lets go of bytes that no chain needs and no closer look either.
    fn forget(&mut self) {
        let first = self.known.first().copied().unwrap_or(self.failed_at);
        let needed =
            self.waiting.iter().map(|chain| chain.parser.offset()).min().unwrap_or(self.next).min(self.next);
        if needed - first <= MAX_KEPT_BYTES {
            return;
        }
        let n = usize::try_from(needed.saturating_sub(self.base)).unwrap_or(0);
        if n >= MIN_DRAIN_BYTES {
            self.buffer.drain(..n);
            self.base = needed;
        }
    }

    fn found(&mut self, chain: &Chain) -> Found {
        // Which of the last entries that could be read is the damaged one? Whichever is, what begins before it stays, and of the chain
        // what begins behind it: the choice that keeps most evidence wins, and of equals the last. An entry inside which a good one
        // begins has swallowed it, and speaks for nothing.
        let before = core::mem::take(&mut self.before);
        let start_of = |i: usize| self.known.get(i).copied().unwrap_or(self.failed_at);
        let mut kept_before = 0;
        let mut damaged = (0, i32::MIN);
        for i in 0..self.known.len() {
            let resume = chain.resume_behind(start_of(i));
            let kept = kept_before + chain.evidence_from(resume);
            if start_of(i) < resume && kept >= damaged.1 {
                damaged = (i, kept);
            }
            if let (Some(own), Some(with)) = (before.get(i), before.get(i + 1))
                && !chain.has_good_start(start_of(i), start_of(i + 1))
            {
                kept_before += with - own;
            }
        }
        let mut damaged = damaged.0;
        // Zeros that go on behind an entry begin in it, or right behind it.
        for run in &self.zeros {
            let i = self.known.partition_point(|start| *start <= run.start).saturating_sub(1);
            let next = self.known.get(i + 1).copied();
            if self.known.get(i).is_some_and(|start| *start <= run.start)
                && next.is_some_and(|next| run.end > next)
            {
                // Where the run begins with the entry after this one, this one is whole.
                damaged = damaged.min(if next == Some(run.start) { i + 1 } else { i });
            }
        }
        let hole_start = self.known.get(damaged).copied().unwrap_or(self.failed_at);
        let resume = chain.resume_behind(hole_start);
        let select = self.selects.iter().rev().find(|s| (hole_start..resume).contains(&s.offset)).copied();
        // No byte of the opcode, no opcode.
        let may_select = self.hole(hole_start, resume).is_none_or(|hole| hole.contains(&op::SELECTDB));
        let near_misses = self.near_misses(hole_start, resume);
        let zeros = self.zeros_in(hole_start..resume);
        Found { good_starts: damaged, resume, select, may_select, near_misses, zeros }
    }

    /// The longest run of zeros between these offsets.
    pub fn zeros_in(&self, span: Range<u64>) -> Option<Range<u64>> {
        let inside = |run: &Range<u64>| run.start.max(span.start)..run.end.min(span.end);
        let runs = self.zeros.iter().map(inside).filter(|run| run.end.saturating_sub(run.start) >= MIN_ZEROS);
        runs.max_by_key(|run| run.end - run.start)
    }
}

/// Are these bytes, with so many left in the file, something that stands behind the end of a snapshot: commands, another
/// snapshot, or the mark that ends a transfer to a replica?
pub fn follows_an_end(rest: &[u8], left: u64) -> bool {
    const MARK_BYTES: u64 = 40;
    match rest {
        [b'*', b'1'..=b'9', b'\r', b'\n', b'$', ..] => true,
        [b'*', b'1'..=b'9', b'0'..=b'9', b'\r', b'\n', b'$', ..] => true,
        [b'R', b'E', b'D', b'I', b'S', digits @ ..] => digits.iter().take(4).all(u8::is_ascii_digit),
        [b'V', b'A', b'L', b'K', b'E', b'Y', digits @ ..] => digits.iter().take(3).all(u8::is_ascii_digit),
        rest if left == MARK_BYTES => rest.iter().all(u8::is_ascii_hexdigit),
        rest => rest.starts_with(b"#TS:"),
    }
}
