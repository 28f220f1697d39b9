//! Many deletes close together.
//!
//! A run gains one with each DEL or UNLINK and loses one with each other command, so that it holds more deletes than others. It ends
//! when it has nothing left, after many others in a row, after a pause, and with its file.

use core::cmp::Reverse;

use snaptape_report::{DestructiveEvent, DestructiveKind, KeyName, KeyRange, Tape};

use super::{
    event::{Event, Names},
    place::Moved,
    table::Name,
};

/// From so many keys on a run is worth telling.
const LEAST_KEYS: u64 = 100;
/// After so many other commands in a row a run is over.
const MOST_BETWEEN: u64 = 16;
/// After so many seconds a run is over.
const LONGEST_PAUSE_S: u64 = 5;

/// One DEL or UNLINK.
#[derive(Debug, Clone, Copy)]
pub(super) struct Delete {
    /// How many commands stand before it.
    pub(super) at: u64,
    pub(super) file: u32,
    pub(super) start: u64,
    pub(super) end: u64,
    pub(super) db: u64,
    pub(super) time_s: Option<i64>,
    /// The same as far as its own file tells.
    pub(super) file_time_s: Option<i64>,
    pub(super) keys: u64,
    pub(super) unlink: bool,
}

#[derive(Debug, Clone)]
struct Run {
    file: u32,
    start: u64,
    end: u64,
    /// Commands before its first delete, and before what follows its last.
    from: u64,
    to: u64,
    db: u64,
    time_s: Option<i64>,
    end_time_s: Option<i64>,
    /// Its first and its last time as far as its own file tells: a pause is one whatever stands before the file.
    file_times_s: (Option<i64>, Option<i64>),
    score: u64,
    commands: u64,
    unlinks: u64,
    keys: u64,
    expired: u64,
    names: Names,
}

impl Run {
    fn of(delete: &Delete) -> Self {
        Self {
            file: delete.file,
            start: delete.start,
            end: delete.end,
            from: delete.at,
            to: delete.at + 1,
            db: delete.db,
            time_s: delete.time_s,
            end_time_s: delete.time_s,
            file_times_s: (delete.file_time_s, delete.file_time_s),
            score: 1,
            commands: 1,
            unlinks: u64::from(delete.unlink),
            keys: delete.keys,
            expired: 0,
            names: Names::default(),
        }
    }

    /// What is left of its score if it goes on with another one; nothing where it cannot.
    fn joins(&self, later: &Self) -> Option<u64> {
        let between = later.from.saturating_sub(self.to);
        let paused = matches!((self.file_times_s.1, later.file_times_s.0), (Some(a), Some(b)) if a.abs_diff(b) > LONGEST_PAUSE_S);
        let score = self.score.checked_sub(between).filter(|score| *score > 0 || between == 0)?;
        (self.file == later.file && between <= MOST_BETWEEN && !paused).then_some(score)
    }

    fn extend(&mut self, later: Self, score: u64) {
        self.score = score + later.score;
        (self.end, self.to, self.end_time_s) = (later.end, later.to, later.end_time_s);
        self.file_times_s.1 = later.file_times_s.1;
        self.commands += later.commands;
        self.unlinks += later.unlinks;
        self.keys += later.keys;
        self.expired += later.expired;
        self.names.append(later.names);
    }

    fn rank(&self) -> (Reverse<u64>, u32, u64) {
        (Reverse(self.keys), self.file, self.start)
    }

    fn moved(self, by: Moved) -> Self {
        Self {
            file: self.file.saturating_add(by.files),
            from: self.from + by.commands,
            to: self.to + by.commands,
            time_s: self.time_s.or(by.time_s),
            end_time_s: self.end_time_s.or(by.time_s),
            ..self
        }
    }

    fn event(self) -> Event {
        let storm = self.expired * 2 > self.keys;
        let event = DestructiveEvent {
            name: if self.unlinks * 2 > self.commands { "UNLINK" } else { "DEL" }.into(),
            kind: if storm { DestructiveKind::ExpiryStorm } else { DestructiveKind::DeleteBurst },
            offset: self.start,
            end: self.end,
            db: self.db,
            time_s: self.time_s,
            end_time_s: self.end_time_s,
            commands: self.commands,
            commands_before: self.from,
            // A key may be named that is not there.
            keys: Some(KeyRange { min: 0, max: Some(self.keys), estimated: false }),
            expired_keys: self.expired,
            patterns: self.names.patterns(),
            examples: self.names.0.iter().take(Names::SHOWN).map(|name| KeyName::new(name)).collect(),
            ..DestructiveEvent::default()
        };
        Event { file: self.file, within: self.to - self.from, what: event }
    }
}

/// The runs of a stretch of tape.
#[derive(Debug, Clone, Default)]
pub(super) struct Runs {
    /// The first one, which may go on a run before the stretch.
    first: Option<Run>,
    /// The last one, where it is not the first.
    last: Option<Run>,
    /// Those that have ended, most keys first.
    kept: Vec<Run>,
    total: u64,
}

impl Runs {
    /// A delete. Its keys follow.
    pub(super) fn add(&mut self, delete: &Delete) {
        self.put(Run::of(delete));
    }

    /// A key of the delete just added.
    pub(super) fn key(&mut self, name: &Name<'_>, expired: bool) {
        if let Some(run) = self.last.as_mut().or(self.first.as_mut()) {
            run.expired += u64::from(expired);
            // One key alone is no burst: that spares most tapes the copies.
            if run.commands > 8 || run.keys > 8 {
                run.names.offer(name.bytes);
            }
        }
    }

    fn put(&mut self, run: Run) {
        let Some(open) = self.last.as_mut().or(self.first.as_mut()) else {
            self.first = Some(run);
            return;
        };
        if let Some(score) = open.joins(&run) {
            open.extend(run, score);
        } else if let Some(ended) = self.last.replace(run) {
            self.keep(ended);
        }
    }

    fn keep(&mut self, run: Run) {
        if run.keys < LEAST_KEYS {
            return;
        }
        self.total += 1;
        self.list(run);
    }

    fn list(&mut self, run: Run) {
        let at = self.kept.partition_point(|known| known.rank() < run.rank());
        if at < Tape::MAX_EVENTS {
            self.kept.insert(at, run);
            self.kept.truncate(Tape::MAX_EVENTS);
        }
    }

    /// The file ends, and with it what is open.
    pub(super) fn end_file(&mut self) {
        for run in [self.first.take(), self.last.take()].into_iter().flatten() {
            self.keep(run);
        }
    }

    /// Adds a later stretch, which is then empty.
    pub(super) fn append(&mut self, later: &mut Self, by: Moved) {
        if later.first.is_none() && later.total == 0 {
            return;
        }
        let later = core::mem::take(later);
        for run in [later.first, later.last].into_iter().flatten() {
            self.put(run.moved(by));
        }
        for run in later.kept {
            self.list(run.moved(by));
        }
        self.total += later.total;
    }

    /// The runs that stand out from a tape of so many commands, and how many more there are.
    pub(super) fn finish(mut self, commands: u64) -> (Vec<Event>, u64) {
        self.end_file();
        let mut total = self.total;
        let mut kept = self.kept;
        kept.retain(|run| {
            let within = run.to - run.from;
            // Where most of the tape is like that, it is how the application works, unless there is nothing but deletes.
            let stands_out = within <= commands / 2 || run.commands >= within - within / 10;
            total -= u64::from(!stands_out);
            stands_out
        });
        (kept.into_iter().map(Run::event).collect(), total)
    }
}
