//! Folds the commands of one or more tapes.

mod activity;
mod buckets;
mod event;
mod expiry;
mod keyed;
mod names;
mod part;
mod place;
mod report;
mod runs;
mod seconds;
mod shape;
mod sort;
mod table;

use core::ops::Range;

use snaptape_aof::{Command, CommandSink};
use snaptape_report::{Checkpoint, TapeFile};

pub use self::sort::destructive_kind;
use self::{
    expiry::Known,
    names::Names,
    part::{Part, Seen},
    place::{Checkpoints, Moved},
    sort::Effect,
};

/// Adds up the commands of tapes, in the order a server loads them. [`Self::begin_file`] before each file.
///
/// Commands of a MULTI block count once its EXEC was seen. Two folds over consecutive files of a set join with [`Self::append`].
/// Memory is bounded whatever the commands are: see `part.rs` and what it is made of.
///
/// ```
/// use snaptape_analysis::TapeFold;
/// use snaptape_aof::TapeScan;
/// use snaptape_wire::{Limits, Release};
///
/// let file = b"#TS:1700000000\r\n*2\r\n$6\r\nSELECT\r\n$1\r\n3\r\n*1\r\n$7\r\nflushdb\r\n";
/// let mut fold = TapeFold::default();
/// fold.begin_file("appendonly.aof");
/// let mut scan = TapeScan::new(0, file.len() as u64, Release::redis(7, 4), Limits::default());
/// scan.feed(file, &mut fold);
/// scan.finish(&mut fold);
/// let tape = fold.finish();
/// assert_eq!(tape.commands, 2);
/// assert_eq!((tape.destructive[0].name.as_str(), tape.destructive[0].db), ("FLUSHDB", 3));
/// ```
#[derive(Debug, Clone, Default)]
pub struct TapeFold {
    /// All files so far; the last one is at hand.
    files: Vec<TapeFile>,
    /// The database selected.
    db: u64,
    time_s: Option<i64>,
    /// The same as far as the file at hand tells.
    file_time_s: Option<i64>,
    names: Names,
    good: Part,
    /// What the open MULTI block would add.
    block: Part,
    /// Is one open, and what is there to go back to?
    before_block: Option<Before>,
    known: Known,
    checkpoints: Checkpoints,
}

/// What there is to go back to.
#[derive(Debug, Clone, Copy)]
struct Before {
    offset: u64,
    db: u64,
    time_s: Option<i64>,
    file_time_s: Option<i64>,
}

impl TapeFold {
    /// The commands that follow come from this file. Every file starts in database 0, whatever was selected before.
    pub fn begin_file(&mut self, path: &str) {
        self.end_file();
        self.files.push(TapeFile { file: path.into(), ..TapeFile::default() });
        (self.db, self.file_time_s) = (0, None);
        self.checkpoints.begin_file();
    }

    fn end_file(&mut self) {
        self.rollback();
        self.good.runs.end_file();
        let here = core::mem::take(&mut self.good.here);
        if let Some(file) = self.files.last_mut()
            && !here.is_empty()
        {
            here.describe(file);
        }
    }

    /// Adds what was folded from files that are loaded after these. A block that is open in either is dropped: none reaches over
    /// the end of a file.
    ///
    /// The sums are those of one fold over all files. Only which deletes are those of expired keys is judged by the files of each
    /// part alone, and of tapes with very many keys the busiest are as exact as they themselves say.
    pub fn append(&mut self, mut later: Self) {
        self.end_file();
        later.end_file();
        let by = Moved {
            files: u32::try_from(self.files.len()).unwrap_or(u32::MAX),
            commands: self.good.commands,
            time_s: self.time_s,
        };
        self.names.append(&later.names);
        self.good.append(&mut later.good, by);
        self.checkpoints.append(later.checkpoints, by);
        self.known.append(later.known);
        self.files.append(&mut later.files);
        self.time_s = later.time_s.or(self.time_s);
        (self.db, self.file_time_s) = (later.db, later.file_time_s);
    }

    /// Number of the file at hand.
    fn file(&self) -> u32 {
        u32::try_from(self.files.len().saturating_sub(1)).unwrap_or(u32::MAX)
    }

    /// Where a command or a line belongs: to the good ones, or to the block that is open (or opens with it).
    #[inline]
    fn open_block(&mut self, offset: u64) {
        let before = self.before(offset);
        self.before_block.get_or_insert(before);
    }

    fn before(&self, offset: u64) -> Before {
        Before { offset, db: self.db, time_s: self.time_s, file_time_s: self.file_time_s }
    }

    #[cold]
    fn add_checkpoint(&mut self, before: Before) {
        self.checkpoints.add(Checkpoint {
            file: self.file(),
            offset: before.offset,
            command: self.good.commands,
            db: before.db,
            time_s: before.time_s,
        });
    }
}

impl CommandSink for TapeFold {
    #[inline]
    fn command(&mut self, command: &Command<'_>) {
        let span = &command.span;
        if command.in_multi {
            // Before anything in it changes what it must go back to.
            self.open_block(span.start);
        } else if self.checkpoints.wants(span.start) {
            self.add_checkpoint(self.before(span.start));
        }
        let sort = self.names.add(command.name(), command.spec, (1, span.end - span.start), command.in_multi);
        if sort.effect == Effect::Select {
            self.db = sort::number(command.argument(1)).unwrap_or(self.db);
        }
        let (time_s, file_time_s) = (self.time_s, self.file_time_s);
        let seen = Seen { command, sort, file: self.file(), db: self.db, time_s, file_time_s };
        let part = if command.in_multi { &mut self.block } else { &mut self.good };
        part.add(&seen, &mut self.known);
    }

    fn annotation(&mut self, span: Range<u64>, line: &[u8], in_multi: bool) {
        if in_multi {
            self.open_block(span.start);
        }
        let time_s = line.strip_prefix(b"#TS:").map(<[u8]>::trim_ascii_end);
        let time_s = time_s.and_then(|text| core::str::from_utf8(text).ok()?.parse().ok());
        self.time_s = time_s.or(self.time_s);
        self.file_time_s = time_s.or(self.file_time_s);
        let file = self.file();
        let part = if in_multi { &mut self.block } else { &mut self.good };
        part.annotate(file, (span.start, span.end), time_s);
    }

    fn commit(&mut self) {
        let Some(before) = self.before_block.take() else { return };
        self.names.settle(true);
        self.known.settle(true);
        if self.checkpoints.wants(before.offset) {
            self.add_checkpoint(before);
        }
        let file = self.file();
        self.good.commit(&mut self.block, file, before.offset, before.time_s);
    }

    fn rollback(&mut self) {
        if let Some(before) = self.before_block.take() {
            self.names.settle(false);
            self.known.settle(false);
            self.block = Part::default();
            (self.db, self.time_s, self.file_time_s) = (before.db, before.time_s, before.file_time_s);
        }
    }
}

#[cfg(test)]
mod tests;
