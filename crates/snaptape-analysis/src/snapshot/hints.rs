//! What the file says of its databases and slots, against what they hold.

use std::{collections::BTreeSet, ops::Range};

use snaptape_rdb::Event;
use snaptape_report::{FindingKind, Severity, units};
use snaptape_wire::Str;

use super::integrity::MAX_FINDINGS_PER_KIND;

/// What the server's `databases` is unless somebody set it.
const DEFAULT_DATABASES: u64 = 16;
/// Most databases that are remembered.
const MAX_DATABASES: usize = 4096;

type Note = (Severity, FindingKind, Range<u64>, String);

/// Counts keys and compares them with what was announced.
#[derive(Debug, Default)]
pub(super) struct Hints {
    /// What SELECTDB said last.
    selected: u64,
    /// The database of the last key.
    db: u64,
    database: Option<Announced>,
    slot: Option<(u64, Announced)>,
    /// Databases that hold keys.
    with_keys: BTreeSet<u64>,
    /// Does the current one, in this run?
    has_keys: bool,
    repeated: Vec<(u64, u64)>,
    n_repeated: u64,
    beyond_default: Option<(u64, u64)>,
    wrong_databases: u64,
    wrong_slots: u64,
    notes: Vec<Announced>,
    slot_notes: Vec<(u64, Announced)>,
}

/// What was promised, and what came.
#[derive(Debug, Clone, Copy)]
struct Announced {
    at: u64,
    db: u64,
    keys: u64,
    expires: u64,
    seen_keys: u64,
    seen_expires: u64,
}

impl Announced {
    fn new(at: u64, db: u64, keys: u64, expires: u64) -> Self {
        Self { at, db, keys, expires, seen_keys: 0, seen_expires: 0 }
    }

    fn count(&mut self, has_expiry: bool) {
        self.seen_keys += 1;
        self.seen_expires += u64::from(has_expiry);
    }

    fn is_right(&self) -> bool {
        (self.keys, self.expires) == (self.seen_keys, self.seen_expires)
    }

    /// `announces 3 keys, 1 of them with an expiry, and holds 2 and 1`.
    fn words(&self) -> String {
        format!(
            "announces {}, {} of them with an expiry, and holds {}, {} of them with one",
            units::plural(self.keys, "key", "keys"),
            units::count(self.expires),
            units::count(self.seen_keys),
            units::count(self.seen_expires)
        )
    }
}

impl Hints {
    /// A key has ended.
    #[inline]
    pub(super) fn key(&mut self, db: u64, has_expiry: bool) {
        if let Some(database) = &mut self.database {
            database.count(has_expiry);
        }
        if let Some((_, slot)) = &mut self.slot {
            slot.count(has_expiry);
        }
        if !self.has_keys {
            self.first_key(db);
        }
    }

    #[cold]
    fn first_key(&mut self, db: u64) {
        self.has_keys = true;
        self.db = db;
        if self.with_keys.contains(&db) {
            self.n_repeated += 1;
            if let Some((_, times)) = self.repeated.iter_mut().find(|(known, _)| *known == db) {
                *times += 1;
            } else if self.repeated.len() < MAX_DATABASES {
                self.repeated.push((db, 2));
            }
        } else if self.with_keys.len() < MAX_DATABASES {
            self.with_keys.insert(db);
        }
    }

    /// Something between the keys.
    pub(super) fn item(&mut self, span: &Range<u64>, event: &Event<'_>) {
        match event {
            Event::SelectDb { db } => {
                self.close_slot();
                self.close_database();
                self.selected = *db;
                // What the same database said again goes on where it stopped.
                if *db != self.db {
                    self.has_keys = false;
                }
                if *db >= DEFAULT_DATABASES && self.beyond_default.is_none_or(|(highest, _)| *db > highest) {
                    self.beyond_default = Some((*db, span.start));
                }
            }
            Event::ResizeDb { keys, expires } => {
                self.close_database();
                self.database = Some(Announced::new(span.start, self.selected, *keys, *expires));
            }
            Event::SlotInfo { slot, keys, expires } => {
                self.close_slot();
                self.slot = Some((*slot, Announced::new(span.start, self.selected, *keys, *expires)));
            }
            Event::Aux { name, value } => {
                if let Some((slot, keys, expires)) = slot_info(name, value) {
                    self.close_slot();
                    self.slot = Some((slot, Announced::new(span.start, self.selected, keys, expires)));
                }
            }
            _ => {}
        }
    }

    fn close_database(&mut self) {
        if let Some(database) = self.database.take()
            && !database.is_right()
        {
            self.wrong_databases += 1;
            if self.wrong_databases <= MAX_FINDINGS_PER_KIND {
                self.notes.push(database);
            }
        }
    }

    fn close_slot(&mut self) {
        if let Some((slot, announced)) = self.slot.take()
            && !announced.is_right()
        {
            self.wrong_slots += 1;
            if self.wrong_slots <= MAX_FINDINGS_PER_KIND {
                self.slot_notes.push((slot, announced));
            }
        }
    }

    /// What there is to say. Counts of what was cut off (not `complete`) are not held against the file.
    pub(super) fn finish(mut self, complete: bool, rdb_version: Option<u16>) -> Vec<Note> {
        if complete {
            self.close_slot();
            self.close_database();
        }
        let mut notes = Vec::new();
        for database in &self.notes {
            // Before RDB version 9 (Redis 5) expired keys were counted but not written.
            let fewer = database.seen_keys <= database.keys && database.seen_expires <= database.expires;
            let old = rdb_version.is_some_and(|version| version < 9) && fewer;
            let (severity, why) = if old {
                (Severity::Info, "Redis 4 and earlier count expired keys and leave them out.")
            } else {
                (Severity::Warning, "Servers take the numbers as hints only.")
            };
            let message = format!("Database {} {}. {why}", database.db, database.words());
            notes.push((severity, FindingKind::HintMismatch, database.at..database.at, message));
        }
        for (slot, announced) in &self.slot_notes {
            let message =
                format!("Slot {slot} {}. Servers take the numbers as hints only.", announced.words());
            notes.push((Severity::Warning, FindingKind::HintMismatch, announced.at..announced.at, message));
        }
        let more = [
            (self.wrong_databases, "databases announce other numbers of keys than they hold"),
            (self.wrong_slots, "slots announce other numbers of keys than they hold"),
        ];
        for (n, what) in more {
            if n > MAX_FINDINGS_PER_KIND {
                let message = format!("{} more {what}.", units::count(n - MAX_FINDINGS_PER_KIND));
                notes.push((Severity::Warning, FindingKind::HintMismatch, 0..0, message));
            }
        }
        if let Some((highest, at)) = self.beyond_default {
            let message = format!(
                "There is a database {highest}: a server needs databases {} or more in its configuration (the default is \
                 {DEFAULT_DATABASES}), else it refuses to start on this file.",
                units::count(highest.saturating_add(1))
            );
            notes.push((Severity::Warning, FindingKind::DatabaseOutOfRange, at..at, message));
        }
        if self.n_repeated > 0 {
            let list: Vec<_> = self
                .repeated
                .iter()
                .take(5)
                .map(|(db, times)| format!("database {db} in {times} places"))
                .collect();
            let dots = if self.repeated.len() > 5 { ", and so on" } else { "" };
            let message = format!(
                "Keys of one database stand apart: {}{dots}. Servers load this, but do not write it.",
                list.join(", ")
            );
            notes.push((Severity::Info, FindingKind::DatabaseRepeated, 0..0, message));
        }
        notes
    }
}

/// Valkey's AUX field between keys: `slot,keys,expires`, possibly with more behind it.
fn slot_info(name: &Str<'_>, value: &Str<'_>) -> Option<(u64, u64, u64)> {
    let (front, n) = name.prefix::<10>().ok()?;
    if !front.get(..n)?.eq_ignore_ascii_case(b"slot-info") {
        return None;
    }
    let (front, n) = value.prefix::<80>().ok()?;
    let mut numbers = core::str::from_utf8(front.get(..n)?).ok()?.split(',').map(str::parse);
    let mut next = || numbers.next()?.ok();
    Some((next()?, next()?, next()?))
}

#[cfg(test)]
mod tests {
    use snaptape_rdb::Reader;
    use snaptape_wire::Limits;

    use super::*;

    /// The notes on a file of version 11 with these bytes behind its header.
    fn notes(items: &[&[u8]]) -> Vec<(Severity, FindingKind, u64, String)> {
        let file = [b"REDIS0011".as_slice(), &items.concat(), b"\xff\0\0\0\0\0\0\0\0"].concat();
        let (mut hints, mut db, mut has_expiry) = (Hints::default(), 0, false);
        let mut reader = Reader::new(Limits::default());
        let result = reader.feed(&file, true, |span, event| match event {
            Event::Key(key) => (db, has_expiry) = (key.db, key.expires_at_ms.is_some()),
            Event::KeyEnd => hints.key(db, has_expiry),
            Event::Part(_) | Event::Expiry { .. } => {}
            _ => hints.item(&span, &event),
        });
        assert_eq!(result, Ok(()));
        hints
            .finish(reader.ended(), Some(11))
            .into_iter()
            .map(|(severity, kind, span, message)| (severity, kind, span.start, message))
            .collect()
    }

    const DB_0: &[u8] = b"\xfe\0";
    const DB_1: &[u8] = b"\xfe\x01";
    const KEY: &[u8] = b"\0\x01k\x01v";
    const EXPIRING_KEY: &[u8] = b"\xfc\0\0\0\0\0\0\0\x01\0\x01e\x01v";

    #[test]
    fn what_is_announced_right_needs_no_word() {
        assert_eq!(notes(&[DB_0, b"\xfb\x02\x01", KEY, EXPIRING_KEY, DB_1, b"\xfb\x01\0", KEY]), []);
        assert_eq!(notes(&[DB_0, b"\xf4\x07\x02\x01", KEY, EXPIRING_KEY, b"\xf4\x08\0\0"]), []);
        assert_eq!(notes(&[DB_0, b"\xfa\x09slot-info\x057,1,0", KEY]), []);
    }

    #[test]
    fn keys_and_expiries_are_compared() {
        let warning = Severity::Warning;
        let kind = FindingKind::HintMismatch;
        for (items, at, words) in [
            (&[DB_0, b"\xfb\x03\x01", KEY, EXPIRING_KEY][..], 11, "Database 0 announces 3 keys"),
            (&[DB_1, b"\xfb\x02\0", KEY, EXPIRING_KEY], 11, "Database 1 announces 2 keys, 0 of them"),
            (&[DB_0, b"\xf4\x07\x02\0", KEY, b"\xf4\x08\x01\0", KEY], 11, "Slot 7 announces 2 keys"),
            (&[DB_0, b"\xfa\x09slot-info\x057,1,1", KEY], 11, "Slot 7 announces 1 key, 1 of them"),
        ] {
            let [(severity, what, start, message)] = &notes(items)[..] else { panic!("{words}") };
            assert_eq!((*severity, *what, *start), (warning, kind, at), "{words}");
            assert!(message.starts_with(words), "{message}");
        }
    }

    #[test]
    fn databases_far_up_and_apart_are_told() {
        let far = notes(&[b"\xfe\x10", KEY]);
        assert!(matches!(&far[..], [(Severity::Warning, FindingKind::DatabaseOutOfRange, 9, message)]
            if message.contains("databases 17 or more")));
        assert_eq!(notes(&[b"\xfe\x0f", KEY]), []);
        let apart = notes(&[DB_0, KEY, DB_1, KEY, DB_0, KEY, DB_1, KEY, DB_0, KEY]);
        assert!(matches!(&apart[..], [(Severity::Info, FindingKind::DatabaseRepeated, 0, message)]
            if message.contains("database 0 in 3 places, database 1 in 2 places")));
        assert_eq!(notes(&[DB_0, KEY, DB_0, KEY]), []);
    }
}
