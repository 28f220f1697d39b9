//! Everything that is added up over a stretch of tape.

use snaptape_aof::Command;
use snaptape_report::{DestructiveEvent, DestructiveKind, LargeTransaction, Tape};

use super::{
    activity::{Databases, Stretch},
    buckets::Buckets,
    event::{Event, shown},
    expiry::{Expiring, Known, Mark},
    keyed::Keyed,
    place::{Extent, Moved, Paths},
    runs::{Delete, Runs},
    seconds::Seconds,
    sort::{self, Effect, NewExpiry, Sort},
    table::Name,
};
use crate::keys::Merge as _;

/// The shortest stretches: of offset `2^n` bytes, of time `2^n` seconds.
const LEAST_SHIFTS: (u32, u32) = (6, 0);

/// How many RENAME, COPY and RESTORE are kept until somebody says which of them replaced a key.
const MAX_CANDIDATES: usize = 1_000;

/// A command, and what was worked out from those before it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen<'c, 'a> {
    pub(super) command: &'c Command<'a>,
    pub(super) sort: Sort,
    pub(super) file: u32,
    pub(super) db: u64,
    pub(super) time_s: Option<i64>,
    /// The same as far as its own file tells.
    pub(super) file_time_s: Option<i64>,
}

impl<'a> Seen<'_, 'a> {
    fn name(&self, argument: snaptape_aof::Argument<'a>) -> Name<'a> {
        Name { db: self.db, len_bytes: argument.len_bytes, bytes: argument.bytes }
    }
}

/// A MULTI block that was committed.
#[derive(Debug, Clone, Copy)]
struct Large {
    file: u32,
    offset: u64,
    end: u64,
    time_s: Option<i64>,
    commands: u64,
}

/// Sums over a stretch of tape.
#[derive(Debug, Clone)]
pub(super) struct Part {
    pub(super) commands: u64,
    pub(super) file_bytes: u64,
    pub(super) databases: Databases,
    pub(super) annotations: u64,
    pub(super) transactions: u64,
    pub(super) transaction_commands: u64,
    pub(super) first_time_s: Option<i64>,
    pub(super) last_time_s: Option<i64>,
    /// Of the file at hand.
    pub(super) here: Extent,
    pub(super) offsets: Buckets,
    pub(super) times: Buckets,
    /// Before the first `#TS:`.
    pub(super) untimed: Stretch,
    pub(super) seconds: Seconds,
    pub(super) keyed: Keyed,
    pub(super) runs: Runs,
    pub(super) expiring: Expiring,
    pub(super) events: Vec<Event>,
    pub(super) events_total: u64,
    /// RENAME, COPY and RESTORE that may have replaced a key.
    pub(super) candidates: Vec<Event>,
    largest: Vec<Large>,
}

impl Default for Part {
    fn default() -> Self {
        Self {
            commands: 0,
            file_bytes: 0,
            databases: Databases::default(),
            annotations: 0,
            transactions: 0,
            transaction_commands: 0,
            first_time_s: None,
            last_time_s: None,
            here: Extent::default(),
            offsets: Buckets::new(LEAST_SHIFTS.0),
            times: Buckets::new(LEAST_SHIFTS.1),
            untimed: Stretch::default(),
            seconds: Seconds::default(),
            keyed: Keyed::default(),
            runs: Runs::default(),
            expiring: Expiring::default(),
            events: Vec::new(),
            events_total: 0,
            candidates: Vec::new(),
            largest: Vec::new(),
        }
    }
}

impl Part {
    #[inline]
    pub(super) fn add(&mut self, seen: &Seen<'_, '_>, known: &mut Known) {
        let span = &seen.command.span;
        let file_bytes = span.end - span.start;
        let family = seen.sort.family;
        self.databases.add(seen.db, 1, file_bytes);
        self.here.add(span.start, span.end, 1);
        let offset = i64::try_from(span.start).unwrap_or(i64::MAX);
        self.offsets.at(seen.file, offset).add(family, seen.db, file_bytes);
        match seen.time_s {
            Some(time_s) => self.times.at(0, time_s).add(family, seen.db, file_bytes),
            None => self.untimed.add(family, seen.db, file_bytes),
        }
        let first_key = self.add_keys(seen, file_bytes);
        if seen.sort.effect != Effect::Nothing {
            self.add_effect(seen, first_key, known);
        }
        if !matches!(seen.sort.effect, Effect::ExpireAt | Effect::PexpireAt) {
            known.wrote(first_key.map(|(_, hash)| hash));
        }
        self.commands += 1;
        self.file_bytes += file_bytes;
    }

    /// The first key comes back, with its hash: what follows needs it again.
    #[inline]
    fn add_keys<'a>(&mut self, seen: &Seen<'_, 'a>, file_bytes: u64) -> Option<(Name<'a>, u64)> {
        let keys = sort::key_count(seen.command, seen.sort.keys);
        let each = file_bytes.checked_div(keys)?;
        let mut more = file_bytes % keys;
        let mut first = None;
        sort::each_key(seen.command, seen.sort.keys, |key| {
            let name = seen.name(key);
            let hash = name.hash();
            first.get_or_insert((name, hash));
            self.keyed.add(&name, hash, each + core::mem::take(&mut more));
        });
        first
    }

    fn add_effect(&mut self, seen: &Seen<'_, '_>, first_key: Option<(Name<'_>, u64)>, known: &mut Known) {
        let command = seen.command;
        match seen.sort.effect {
            Effect::Nothing | Effect::Select => {}
            Effect::Flushall => self.destroys(seen, DestructiveKind::Flushall, |_| {}),
            Effect::Flushdb => self.destroys(seen, DestructiveKind::Flushdb, |_| {}),
            Effect::Swapdb => {
                let swapped = sort::number(command.argument(1)).zip(sort::number(command.argument(2)));
                self.destroys(seen, DestructiveKind::Swapdb, |event| event.swapped = swapped);
            }
            Effect::Rename => self.may_replace(seen, 2),
            Effect::MayReplace(key) => {
                let replaces = |a: snaptape_aof::Argument<'_>| a.bytes.eq_ignore_ascii_case(b"REPLACE");
                if command.arguments().skip(3).any(replaces) {
                    self.may_replace(seen, key);
                }
            }
            Effect::Delete => self.deletes(seen, first_key, known),
            Effect::ExpireAt | Effect::PexpireAt | Effect::MayExpire(_) | Effect::Persist => {
                self.expires(seen, first_key, known);
            }
        }
    }

    fn event(&self, seen: &Seen<'_, '_>, kind: DestructiveKind) -> Event {
        let command = seen.command;
        let event = DestructiveEvent {
            name: String::from_utf8_lossy(command.name()).to_ascii_uppercase(),
            offset: command.span.start,
            end: command.span.end,
            db: seen.db,
            time_s: seen.time_s,
            commands_before: self.commands,
            ..DestructiveEvent::default()
        };
        Event::one(seen.file, kind, event)
    }

    fn destroys(
        &mut self,
        seen: &Seen<'_, '_>,
        kind: DestructiveKind,
        more: impl FnOnce(&mut DestructiveEvent),
    ) {
        self.events_total += 1;
        if self.events.len() < Tape::MAX_EVENTS {
            let mut event = self.event(seen, kind);
            more(&mut event.what);
            self.events.push(event);
        }
    }

    fn may_replace(&mut self, seen: &Seen<'_, '_>, key: usize) {
        if self.candidates.len() < MAX_CANDIDATES {
            let mut event = self.event(seen, DestructiveKind::RenameOver);
            event.what.examples.extend(seen.command.argument(key).map(|key| shown(key.bytes)));
            self.candidates.push(event);
        }
    }

    fn deletes(&mut self, seen: &Seen<'_, '_>, first_key: Option<(Name<'_>, u64)>, known: &mut Known) {
        let command = seen.command;
        self.runs.add(&Delete {
            at: self.commands,
            file: seen.file,
            start: command.span.start,
            end: command.span.end,
            db: seen.db,
            time_s: seen.time_s,
            file_time_s: seen.file_time_s,
            keys: command.argc.saturating_sub(1),
            unlink: command.name().first().is_some_and(|letter| letter.eq_ignore_ascii_case(&b'u')),
        });
        let nothing_expires = known.is_empty();
        let mut first_hash = first_key.map(|(_, hash)| hash);
        sort::each_key(command, seen.sort.keys, |key| {
            let name = seen.name(key);
            let mut expired = false;
            if !nothing_expires {
                let hash = first_hash.take().unwrap_or_else(|| name.hash());
                expired = known.had_expired(hash, seen.time_s);
                known.set(hash, None, command.in_multi);
            }
            self.runs.key(&name, expired);
        });
    }

    fn expires(&mut self, seen: &Seen<'_, '_>, first_key: Option<(Name<'_>, u64)>, known: &mut Known) {
        let command = seen.command;
        let at_ms = match sort::new_expiry(command, seen.sort.effect) {
            NewExpiry::Unknown => return,
            // Most tapes are full of plain SETs, and of keys that never had an expiry.
            NewExpiry::Never if known.is_empty() && !command.in_multi => return,
            NewExpiry::Never => None,
            NewExpiry::At(ms) => Some(ms),
        };
        // It is the argument behind the name.
        let Some((name, hash)) = first_key else { return };
        known.set(hash, at_ms, command.in_multi);
        if let Some(at_ms) = at_ms {
            let (start, end) = (command.span.start, command.span.end);
            let mark = Mark { file: seen.file, start, end, at: self.commands, time_s: seen.time_s };
            let told = matches!(seen.sort.effect, Effect::ExpireAt | Effect::PexpireAt);
            if told && !known.just_wrote(hash) && Expiring::is_near(at_ms, seen.time_s) {
                self.expiring.add(&name, hash, at_ms, mark);
            }
        }
    }

    /// A `#` line, with its time if it has one.
    pub(super) fn annotate(&mut self, file: u32, line: (u64, u64), time_s: Option<i64>) {
        self.annotations += 1;
        self.file_bytes += line.1 - line.0;
        self.here.add(line.0, line.1, 0);
        if let Some(time_s) = time_s {
            self.first_time_s.get_or_insert(time_s);
            self.last_time_s = Some(time_s);
            self.here.stamp(time_s);
            self.seconds.stamp(time_s, self.commands, file, line);
        }
    }

    /// Adds a MULTI block that is complete; it is then empty.
    pub(super) fn commit(&mut self, block: &mut Self, file: u32, offset: u64, time_s: Option<i64>) {
        let end = block.here.end();
        self.transactions += 1;
        let commands = block.commands.saturating_sub(2);
        self.transaction_commands += commands;
        self.keep_large(Large { file, offset, end, time_s, commands });
        self.here.append(&mut block.here);
        self.append(block, Moved { files: 0, commands: self.commands, time_s });
    }

    fn keep_large(&mut self, block: Large) {
        let rank = |block: &Large| (core::cmp::Reverse(block.commands), block.file, block.offset);
        let at = self.largest.partition_point(|known| rank(known) < rank(&block));
        if at < Tape::MAX_TRANSACTIONS {
            self.largest.insert(at, block);
            self.largest.truncate(Tape::MAX_TRANSACTIONS);
        }
    }

    /// Adds a later stretch, which is then empty. What it has of the file at hand is the caller's business.
    pub(super) fn append(&mut self, later: &mut Self, by: Moved) {
        for event in later.events.drain(..) {
            if self.events.len() < Tape::MAX_EVENTS {
                self.events.push(event.moved(by));
            }
        }
        for event in later.candidates.drain(..) {
            if self.candidates.len() < MAX_CANDIDATES {
                self.candidates.push(event.moved(by));
            }
        }
        self.events_total += core::mem::take(&mut later.events_total);
        self.databases.append(&mut later.databases);
        self.annotations += core::mem::take(&mut later.annotations);
        self.transactions += core::mem::take(&mut later.transactions);
        self.transaction_commands += core::mem::take(&mut later.transaction_commands);
        for block in later.largest.drain(..) {
            let time_s = block.time_s.or(by.time_s);
            self.keep_large(Large { file: block.file.saturating_add(by.files), time_s, ..block });
        }
        self.first_time_s = self.first_time_s.or(later.first_time_s.take());
        self.last_time_s = later.last_time_s.take().or(self.last_time_s);
        self.offsets.append(&mut later.offsets, by.files);
        self.times.append(&mut later.times, 0);
        if !later.untimed.is_empty() {
            match by.time_s {
                Some(time_s) => self.times.at(0, time_s).merge(&later.untimed),
                None => self.untimed.merge(&later.untimed),
            }
            later.untimed.clear();
        }
        self.seconds.append(&mut later.seconds, by);
        self.keyed.append(&mut later.keyed);
        self.runs.append(&mut later.runs, by);
        self.expiring.append(&mut later.expiring, by);
        self.commands += core::mem::take(&mut later.commands);
        self.file_bytes += core::mem::take(&mut later.file_bytes);
    }

    pub(super) fn largest(&self, paths: &Paths<'_>) -> Vec<LargeTransaction> {
        let rows = self.largest.iter();
        rows.map(|block| LargeTransaction {
            file: paths.path(block.file),
            offset: block.offset,
            end: block.end,
            time_s: block.time_s,
            commands: block.commands,
        })
        .collect()
    }
}
