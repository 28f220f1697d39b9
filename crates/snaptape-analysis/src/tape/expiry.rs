//! When keys expire: which deletes are those of expired keys, and whether many keys expire at once.

use hashbrown::HashMap;
use rustc_hash::FxBuildHasher;
use snaptape_report::{DestructiveEvent, DestructiveKind, KeyName, KeyRange, Tape};
use snaptape_sort::Sort as _;

use super::{
    event::{Event, Names},
    place::Moved,
    table::{Leading, Name, Weighed},
};
use crate::keys::Merge;

/// Of so many keys it is remembered when they expire.
const MAX_KNOWN: usize = 1 << 16;

/// When keys expire, by the hash of their names. Of a tape with more of them than fit, the later ones are not known.
#[derive(Debug, Clone, Default)]
pub(super) struct Known {
    at_ms: HashMap<u64, i64, FxBuildHasher>,
    /// The key of the last command, where that was no expiry.
    written: Option<u64>,
    /// What an open MULTI block would change.
    staged: Vec<(u64, Option<i64>)>,
}

impl Known {
    pub(super) fn is_empty(&self) -> bool {
        self.at_ms.is_empty()
    }

    pub(super) fn set(&mut self, key: u64, at_ms: Option<i64>, stage: bool) {
        if stage {
            if self.staged.len() < MAX_KNOWN {
                self.staged.push((key, at_ms));
            }
            return;
        }
        match at_ms {
            None => {
                self.at_ms.remove(&key);
            }
            Some(at_ms) if self.at_ms.len() < MAX_KNOWN || self.at_ms.contains_key(&key) => {
                self.at_ms.insert(key, at_ms);
            }
            Some(_) => {}
        }
    }

    /// Notes the first key of a command that gives no expiry to a key it leaves as it is.
    pub(super) fn wrote(&mut self, key: Option<u64>) {
        if key.is_some() {
            self.written = key;
        }
    }

    /// Was the command before about this key? Then its expiry is a part of writing it: servers before 7.0 write SETEX as SET and PEXPIREAT.
    pub(super) fn just_wrote(&self, key: u64) -> bool {
        self.written == Some(key)
    }

    /// Had a key's time come in this second?
    pub(super) fn had_expired(&self, key: u64, time_s: Option<i64>) -> bool {
        let (Some(at_ms), Some(time_s)) = (self.at_ms.get(&key), time_s) else { return false };
        *at_ms < time_s.saturating_add(1).saturating_mul(1_000)
    }

    pub(super) fn settle(&mut self, good: bool) {
        for (key, at_ms) in core::mem::take(&mut self.staged) {
            if good {
                self.set(key, at_ms, false);
            }
        }
    }

    pub(super) fn append(&mut self, mut later: Self) {
        later.settle(false);
        self.written = later.written.or(self.written);
        let mut entries: Vec<_> = later.at_ms.into_iter().collect();
        entries.sort_unstable();
        for (key, at_ms) in entries {
            self.set(key, Some(at_ms), false);
        }
    }
}

/// Seconds for which it is counted how many keys expire in them.
const MAX_SECONDS: usize = 4_096;
/// From so many keys in one second on it is worth telling.
const LEAST_KEYS: u64 = 100;
/// A time that is no further ahead than this, in seconds, or past, comes before anybody notices.
const NEAR_S: i64 = 3_600;
/// So many times more than in other seconds.
const LEAST_RATIO: u64 = 10;

/// Keys that expire in one second.
#[derive(Debug, Clone, Default)]
struct Second {
    commands: u64,
    /// One bit for each hash: so many different keys there are at least.
    bits: [u64; 16],
    first: Mark,
    last: Mark,
    span_ms: (i64, i64),
    names: Names,
}

/// Where a command stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) file: u32,
    pub(super) start: u64,
    pub(super) end: u64,
    /// Commands before it.
    pub(super) at: u64,
    pub(super) time_s: Option<i64>,
}

impl Mark {
    fn moved(self, by: Moved) -> Self {
        Self {
            file: self.file.saturating_add(by.files),
            at: self.at + by.commands,
            time_s: self.time_s.or(by.time_s),
            ..self
        }
    }
}

impl Merge for Second {
    /// Adds what stands behind it.
    fn merge(&mut self, other: &Self) {
        if self.commands == 0 {
            *self = other.clone();
            return;
        }
        self.commands += other.commands;
        for (a, b) in self.bits.iter_mut().zip(other.bits) {
            *a |= b;
        }
        self.last = other.last;
        self.span_ms = (self.span_ms.0.min(other.span_ms.0), self.span_ms.1.max(other.span_ms.1));
        self.names.append(other.names.clone());
    }
}

impl Weighed for Second {
    fn weights(&self) -> [u64; 2] {
        [self.commands, 0]
    }
}

impl Second {
    fn keys(&self) -> KeyRange {
        let min = self.bits.iter().map(|bits| u64::from(bits.count_ones())).sum();
        KeyRange { min, max: Some(self.commands), estimated: false }
    }
}

/// How many keys expire in which second.
#[derive(Debug, Clone)]
pub(super) struct Expiring {
    seconds: Leading<Second>,
    total: u64,
}

impl Default for Expiring {
    fn default() -> Self {
        Self { seconds: Leading::new(MAX_SECONDS), total: 0 }
    }
}

impl Expiring {
    /// Would a key that is told so expire soon? Where the tape has no times, nobody can say.
    pub(super) fn is_near(at_ms: i64, time_s: Option<i64>) -> bool {
        time_s.is_none_or(|now| at_ms <= now.saturating_add(NEAR_S).saturating_mul(1_000))
    }

    /// A key that was there is told to expire soon.
    pub(super) fn add(&mut self, name: &Name<'_>, hash: u64, at_ms: i64, mark: Mark) {
        self.total += 1;
        let second = at_ms.div_euclid(1_000).to_le_bytes();
        let second = self.seconds.at(&Name { db: name.db, len_bytes: 8, bytes: &second }, |_, _| {});
        if second.commands == 0 {
            (second.first, second.span_ms) = (mark, (at_ms, at_ms));
        }
        second.commands += 1;
        second.last = mark;
        second.span_ms = (second.span_ms.0.min(at_ms), second.span_ms.1.max(at_ms));
        if let Some(bits) = second.bits.get_mut((hash >> 60) as usize) {
            *bits |= 1 << (hash >> 54 & 63);
        }
        if second.commands > 8 {
            second.names.offer(name.bytes);
        }
    }

    /// Adds a later stretch, which is then empty.
    pub(super) fn append(&mut self, later: &mut Self, by: Moved) {
        if later.total == 0 {
            return;
        }
        let moved =
            |second: Second| Second { first: second.first.moved(by), last: second.last.moved(by), ..second };
        self.seconds.append(&mut later.seconds, moved, |_, _| {});
        self.total += core::mem::take(&mut later.total);
    }

    /// The seconds that stand out; neighbours are one event.
    pub(super) fn finish(&self) -> Vec<Event> {
        let mut seconds: Vec<(u64, i64, &Second)> = self
            .seconds
            .iter()
            .map(|(name, kept)| {
                let second = name.bytes.try_into().map_or(0, i64::from_le_bytes);
                (name.db, second, &kept.value)
            })
            .collect();
        seconds.order_by_key(|(db, second, _)| (*db, *second));
        let others = (seconds.len() as u64).saturating_sub(1).max(1);
        seconds.retain(|(_, _, second)| {
            let rest = self.total - second.commands;
            second.commands >= LEAST_KEYS && second.commands / LEAST_RATIO >= rest / others
        });
        let joined = seconds.chunk_by(|a, b| a.0 == b.0 && b.1 == a.1 + 1);
        let mut events: Vec<Event> = joined.filter_map(event).collect();
        events.order_by_key(|event| (core::cmp::Reverse(event.what.commands), event.file, event.what.offset));
        events.truncate(Tape::MAX_EVENTS);
        events
    }
}

fn event(seconds: &[(u64, i64, &Second)]) -> Option<Event> {
    let (db, _, first) = seconds.first()?;
    let mut all = (*first).clone();
    let (mut keys, mut from, mut to) = (first.keys(), first.first, first.last);
    for (_, _, second) in seconds.iter().skip(1) {
        all.merge(second);
        let more = second.keys();
        // A key may have been moved from one second to the next.
        keys = KeyRange {
            min: keys.min.max(more.min),
            max: keys.max.zip(more.max).map(|(a, b)| a + b),
            estimated: false,
        };
        if (second.first.file, second.first.start) < (from.file, from.start) {
            from = second.first;
        }
        if (second.last.file, second.last.start) > (to.file, to.start) {
            to = second.last;
        }
    }
    let event = DestructiveEvent {
        name: "PEXPIREAT".into(),
        kind: DestructiveKind::MassExpiry,
        offset: from.start,
        // It may go on in later files: then only its start is told.
        end: if to.file == from.file { to.end } else { from.end },
        db: *db,
        time_s: from.time_s,
        end_time_s: to.time_s,
        commands: all.commands,
        commands_before: from.at,
        keys: Some(keys),
        expires_ms: Some(all.span_ms),
        patterns: all.names.patterns(),
        examples: all.names.0.iter().take(Names::SHOWN).map(|name| KeyName::new(name)).collect(),
        ..DestructiveEvent::default()
    };
    Some(Event { file: from.file, within: to.at + 1 - from.at, what: event })
}
