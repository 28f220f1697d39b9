//! What is kept and what is left out, with the transactions and databases in mind.

mod end;
mod list;
mod places;

use alloc::{sync::Arc, vec::Vec};
use core::ops::Range;
use snaptape_sort::Sort as _;

use snaptape_wire::Release;

use self::places::Places;
use super::{
    block::{Block, Shapes},
    book::{Book, How, time_of},
    known::{Fit, first_key, fit},
    present::{Present, Words},
    stretch::{Assumed, Behind, DropReason, Place, Run, Salvage, Stretch},
};
use crate::{
    command::{Argument, Block as Kind},
    commands::CommandSpec,
};

const EXEC: &[u8] = b"*1\r\n$4\r\nEXEC\r\n";

/// What was counted so far.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Counts {
    kept: u64,
    lost: u64,
    mended: u64,
    reframed: u64,
    refused: u64,
    failing: u64,
    closed: u64,
    abandoned: u64,
    stray_execs: u64,
    doubled: u64,
    assumed: Option<Assumed>,
}

#[derive(Debug, Clone)]
pub(crate) struct Ledger {
    release: Release,
    stretches: Vec<Stretch>,
    /// The next stretch is not joined to the last one.
    sealed: bool,
    /// Everything before this offset is accounted for.
    at: u64,
    /// From here on nothing is kept.
    full: Option<u64>,
    counts: Counts,
    db: u64,
    /// Was any selected in this file?
    selected: bool,
    /// `false` where a SELECT may have been lost.
    certain: bool,
    block: Option<Block>,
    /// Buffers for the next block.
    buffers: Vec<Vec<u8>>,
    /// Transactions that were whole, and how many commands the longest of them holds.
    whole_blocks: u64,
    shapes: Shapes,
    longest_block: u64,
    holes: u64,
    runs: Vec<Run>,
    run: Option<Run>,
    lost_keys: Vec<Vec<u8>>,
    /// Shared with a second reading of a long command, which changes it hardly ever.
    present: Arc<Present>,
    behind: Behind,
    behind_from: Option<u64>,
    /// The last `#TS:`.
    time_s: Option<i64>,
    places: Places,
    /// Where the last of the commands behind the damage ends, or a line after it.
    behind_to: u64,
}

impl Ledger {
    pub(super) fn new(start: u64, release: Release) -> Self {
        Self {
            release,
            stretches: Vec::new(),
            sealed: false,
            at: start,
            full: None,
            counts: Counts::default(),
            db: 0,
            selected: false,
            certain: true,
            block: None,
            buffers: Vec::new(),
            whole_blocks: 0,
            shapes: Shapes::default(),
            longest_block: 0,
            holes: 0,
            runs: Vec::new(),
            run: None,
            lost_keys: Vec::new(),
            present: Arc::default(),
            behind: Behind::default(),
            behind_from: None,
            time_s: None,
            places: Places::default(),
            behind_to: u64::MAX,
        }
    }

    /// What was made by the files before.
    pub(super) fn set_present(&mut self, present: Present) {
        self.present = Arc::new(present);
    }

    #[cold]
    fn is_behind(&mut self, span: &Range<u64>) {
        if self.behind_from.is_none_or(|from| span.start < from) {
            return;
        }
        let place = Place {
            offset: span.start,
            db: self.certain.then_some(self.db),
            time_s: self.time_s,
            in_multi: self.block.is_some(),
        };
        self.places.note(place);
        self.behind.commands += 1;
        self.behind.bytes += span.end - span.start;
        self.behind.first.get_or_insert(span.start);
        self.behind.runs += u64::from(self.behind_to != span.start);
        self.behind_to = span.end;
    }

    /// A command that makes sense as it stands: one the release knows, with as many words as it takes. All of them.
    #[inline]
    pub(super) fn good(
        &mut self,
        span: Range<u64>,
        spec: &'static CommandSpec,
        words: &[Argument<'_>],
        kind: Kind,
    ) {
        let words = Words { spec: Some(spec), argc: words.len() as u64, list: words, raw: &[] };
        // Most commands of most tapes.
        if kind == Kind::Neither
            && self.block.is_none()
            && self.certain
            && self.full.is_none()
            && self.behind_from.is_none()
            && !is_select(words.list)
        {
            return self.run_and_keep(span, &words, How::Plain);
        }
        if self.counts_for_nothing(&span) {
            return;
        }
        self.known(span, &words, How::Plain, kind);
    }

    /// Is a command certain to fail? If not, what it makes is noted.
    #[inline]
    fn fails(&mut self, words: &Words<'_>) -> bool {
        let in_block = self.block.is_some();
        !self.present.ignores(words) && Arc::make_mut(&mut self.present).take(words, self.db, in_block)
    }

    /// Keeps a command if it is not certain to fail.
    #[inline]
    fn run_and_keep(&mut self, span: Range<u64>, words: &Words<'_>, how: How<'_>) {
        if self.fails(words) {
            self.counts.failing += 1;
            return self.leave_out(span, DropReason::FailsWithoutLost, words.list);
        }
        self.keep(span, how);
    }

    /// Counts a command as one behind the damage, where it is, and as lost, where the list is full.
    fn counts_for_nothing(&mut self, span: &Range<u64>) -> bool {
        if self.behind_from.is_some() {
            self.is_behind(span);
        }
        let full = self.full.is_some();
        if full {
            self.counts.lost += 1;
            self.at = span.end;
        }
        full
    }

    /// A command that fits.
    fn known(&mut self, span: Range<u64>, words: &Words<'_>, how: How<'_>, kind: Kind) {
        let kept = words.list;
        match kind {
            Kind::Neither if is_select(kept) => self.select(span, kept, how),
            Kind::Neither => {
                if self.fails(words) {
                    self.counts.failing += 1;
                    return self.leave_out(span, DropReason::FailsWithoutLost, kept);
                }
                self.mark_shape(span.start);
                if let Some(block) = &mut self.block {
                    block.add(kept.first().copied().unwrap_or_default().bytes);
                    if let Some(key) = key_of(kept, self.release) {
                        block.note_key(key);
                    }
                }
                if !self.certain {
                    let (db, from) = (self.db, span.start);
                    self.counts.assumed.get_or_insert(Assumed { db, from, commands: 0 }).commands += 1;
                }
                self.keep(span, how);
            }
            Kind::Multi => self.multi(span, kept, how),
            Kind::Exec => self.exec(span, kept, how),
            Kind::Discard => self.discard(span, kept),
        }
    }

    fn multi(&mut self, span: Range<u64>, kept: &[Argument<'_>], how: How<'_>) {
        match &self.block {
            Some(block) if block.commands == 0 && block.hole.is_none() && block.restart.is_none() => {
                self.counts.doubled += 1;
                return self.leave_out(span, DropReason::DoubledMulti, kept);
            }
            Some(_) => self.close_block(),
            None => {}
        }
        let mark = self.mark(span.start);
        let buffers = core::mem::take(&mut self.buffers);
        self.block = Some(Block::new(mark, buffers));
        self.keep(span, how);
    }

    fn exec(&mut self, span: Range<u64>, kept: &[Argument<'_>], how: How<'_>) {
        let Some(block) = self.block.take() else {
            self.counts.stray_execs += 1;
            if let Some(run) = &mut self.run {
                run.begins_in_multi = true;
            }
            return self.leave_out(span, DropReason::StrayExec, kept);
        };
        self.keep(span, how);
        Arc::make_mut(&mut self.present).commit();
        self.whole_blocks += 1;
        self.longest_block = self.longest_block.max(block.commands);
        block.teach(&mut self.shapes);
        let marks = [block.shape, block.restart, block.later, block.hole, Some(block.start)];
        let mut places: Vec<usize> = marks.into_iter().flatten().map(|mark| mark.stretches).collect();
        places.order();
        for place in places.into_iter().rev() {
            self.rejoin(place);
        }
        self.buffers = block.into_buffers();
    }

    fn select(&mut self, span: Range<u64>, kept: &[Argument<'_>], how: How<'_>) {
        let number =
            kept.get(1).filter(|db| db.is_whole()).and_then(|db| core::str::from_utf8(db.bytes).ok());
        let number = number.and_then(|text| text.parse::<u32>().ok()).map(u64::from);
        let again = self.selected && self.certain && number == Some(self.db);
        let wants_mark =
            again && self.block.as_ref().is_some_and(|block| block.commands > 0 && block.restart.is_none());
        if wants_mark {
            // A line with the time directly before it belongs to the new start.
            let later = self
                .block
                .as_ref()
                .and_then(|block| block.later)
                .filter(|later| later.counts.kept == self.counts.kept);
            let mark = later.unwrap_or_else(|| self.mark(span.start));
            if let Some(block) = &mut self.block {
                block.restart = Some(mark);
            }
        }
        if !again && self.block.as_ref().is_some_and(|block| block.commands > 0 && block.later.is_none()) {
            let mark = self.mark(span.start);
            if let Some(block) = &mut self.block {
                block.later = Some(mark);
            }
        }
        self.mark_shape(span.start);
        if let Some(block) = &mut self.block {
            block.add(b"SELECT");
        }
        if let Some(db) = number {
            (self.db, self.selected, self.certain) = (db, true, true);
        }
        let start = span.start;
        self.keep(span, how);
        if let Some(run) = &mut self.run {
            run.first_select.get_or_insert(start);
        }
    }

    /// It takes a transaction back: a server that reads it runs nothing of it.
    fn discard(&mut self, span: Range<u64>, kept: &[Argument<'_>]) {
        self.leave_out(span.clone(), DropReason::Discarded, kept);
        if let Some(block) = self.block.take() {
            self.db = block.start.db;
            self.withdraw(&block.start, span.end, DropReason::Discarded);
            self.name_lost(block.keys());
            self.buffers = block.into_buffers();
        }
    }

    fn leave_out(&mut self, span: Range<u64>, why: DropReason, kept: &[Argument<'_>]) {
        if matches!(why, DropReason::UnknownCommand | DropReason::WrongArity) {
            Arc::make_mut(&mut self.present).lose();
        }
        self.counts.lost += 1;
        self.name_lost_key(kept);
        self.push_drop(span, why);
    }

    fn name_lost_key(&mut self, kept: &[Argument<'_>]) {
        if self.lost_keys.len() < Salvage::MAX_KEYS
            && let Some(key) = key_of(kept, self.release)
            && self.lost_keys.iter().all(|known| known != key)
        {
            self.lost_keys.push(key.to_vec());
        }
    }

    fn name_lost(&mut self, keys: &[Vec<u8>]) {
        for key in keys {
            if self.lost_keys.len() < Salvage::MAX_KEYS && !self.lost_keys.contains(key) {
                self.lost_keys.push(key.clone());
            }
        }
    }

    #[inline]
    fn keep(&mut self, span: Range<u64>, how: How<'_>) {
        let (db, db_certain) = (self.db, self.certain);
        let run = self.run.get_or_insert_with(|| Run {
            span: span.clone(),
            commands: 0,
            begins_in_multi: false,
            ends_in_multi: false,
            db,
            db_certain,
            first_select: None,
        });
        run.commands += 1;
        run.span.end = span.end;
        self.counts.kept += 1;
        match how {
            How::Plain => {}
            How::Reframed { .. } => self.counts.reframed += 1,
            How::Mended(_) => self.counts.mended += 1,
        }
        self.put(span, how);
    }
}

impl Book for Ledger {
    fn count_behind(&mut self, from: u64) {
        self.behind_from = Some(from);
    }

    fn command(&mut self, span: Range<u64>, argc: u64, words: &[Argument<'_>], raw: &[u8], how: How<'_>) {
        if self.counts_for_nothing(&span) {
            return;
        }
        let spec = match fit(words, argc, self.release) {
            (Fit::Good, spec) => spec,
            (unfit, _) => {
                let why =
                    if unfit == Fit::Unknown { DropReason::UnknownCommand } else { DropReason::WrongArity };
                self.counts.refused += 1;
                return self.leave_out(span, why, words);
            }
        };
        let kind = Kind::of(words.first().copied().unwrap_or_default().bytes);
        self.known(span, &Words { spec, argc, list: words, raw }, how, kind);
    }

    fn annotation(&mut self, span: Range<u64>, line: &[u8]) {
        let time_s = time_of(line);
        self.time_s = time_s.or(self.time_s);
        if self.behind_to == span.start {
            self.behind_to = span.end;
        }
        if !self.release.at_least_redis(7, 0) {
            self.push_drop(span, DropReason::Annotation);
            return;
        }
        let is_time = line.starts_with(b"#TS:");
        if is_time && self.block.as_ref().is_some_and(|block| block.later.is_none() && block.commands > 0) {
            let mark = self.mark(span.start);
            if let Some(block) = &mut self.block {
                block.later = Some(mark);
            }
        }
        let bytes = span.end - span.start;
        let how = match self.stretches.last() {
            Some(Stretch::Reframe { span: before, from, .. }) if before.end == span.start => {
                How::Reframed { from: *from, new_bytes: bytes }
            }
            _ => How::Plain,
        };
        self.put(span, how);
    }

    fn hole(&mut self, span: Range<u64>, why: DropReason, hurts: bool) {
        if hurts {
            Arc::make_mut(&mut self.present).lose();
            self.holes += 1;
            if let Some(mut run) = self.run.take() {
                run.ends_in_multi = self.block.is_some();
                if self.runs.len() < Salvage::MAX_RUNS {
                    self.runs.push(run);
                }
            }
            if self.block.as_ref().is_some_and(|block| block.hole.is_none()) {
                let mark = self.mark(span.start);
                if let Some(block) = &mut self.block {
                    block.hole = Some(mark);
                }
            }
            self.certain = false;
        }
        self.push_drop(span, why);
    }

    fn damaged(&mut self, front: &[Argument<'_>]) {
        self.counts.lost += 1;
        self.name_lost_key(front);
    }
}

#[inline]
fn is_select(kept: &[Argument<'_>]) -> bool {
    kept.first().is_some_and(|name| name.bytes.len() == 6 && name.bytes.eq_ignore_ascii_case(b"SELECT"))
}

/// The first key of a command, if it stands among the words at hand.
fn key_of<'a>(kept: &[Argument<'a>], release: Release) -> Option<&'a [u8]> {
    let at = first_key(kept.first()?.bytes, release)?;
    kept.get(at).map(|key| key.bytes).filter(|key| !key.is_empty())
}
