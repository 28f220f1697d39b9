//! Commands about whole keys and whole databases.

use snaptape_aof::Argument;
use snaptape_report::{KeyRange, RemovalKind};

use super::{
    access::{Reading, charge},
    extent::Extent,
    facts::Removed,
    members::Members,
    spaces::Counts,
    state::{Cell, Expiry, Presence, State, Value},
    table::Kind,
    words::{Words, int},
};

/// A value on its way to another key.
struct Moved {
    kind: Kind,
    presence: Presence,
    expiry: Expiry,
    extent: Extent,
    members: Option<Members>,
}

impl State {
    /// SELECT db.
    pub(super) fn select_word(&mut self, words: &Words<'_>) {
        if let Some(db) = words.int(1).and_then(|db| u64::try_from(db).ok()) {
            self.select(db);
        }
    }

    /// DEL, UNLINK k...
    pub(super) fn delete(&mut self, words: &Words<'_>) {
        self.delete_keys(words, words.from(1));
        self.lost_names(words);
    }

    /// GETDEL k, and DELEX k: it was written down, so its condition held.
    pub(super) fn delete_one(&mut self, words: &Words<'_>) {
        let Some(name) = words.get(1) else { return };
        if !matches!(self.read(&[Kind::String], words, name), Reading::Fails) {
            self.delete_keys(words, core::slice::from_ref(name));
        }
    }

    fn delete_keys(&mut self, words: &Words<'_>, names: &[Argument<'_>]) {
        let (mut least, mut most) = (0, 0);
        let mut all_missing = true;
        for name in names {
            let Some(mut cell) = self.open(name) else {
                all_missing = false;
                continue;
            };
            match cell.presence {
                Presence::Absent => continue,
                Presence::Perhaps => {}
                Presence::Certain => least += 1,
            }
            all_missing = false;
            most += 1;
            self.erase(&mut cell);
            charge(&mut cell, words, names.len() as u64);
            self.close(cell);
        }
        if words.is_cut() {
            all_missing = false;
        }
        self.facts.deletes(words.span.start, self.db, least, most);
        if let (true, Some(name)) = (all_missing, names.first()) {
            self.facts.no_effect(words, self.db, name);
        }
    }

    /// Some names of a command were not held: any key of the database may have been meant.
    pub(super) fn lost_names(&mut self, words: &Words<'_>) {
        if words.is_cut() {
            self.spaces.doubt_all(self.space, true);
        }
    }

    /// EXPIRE and its kin. Nothing expires while a server loads.
    pub(super) fn expire(&mut self, words: &Words<'_>) {
        self.any_key(words, 1, |cell| cell.expiry = Expiry::Yes);
    }

    /// PERSIST k.
    pub(super) fn persist(&mut self, words: &Words<'_>) {
        self.any_key(words, 1, |cell| cell.expiry = Expiry::No);
    }

    /// GETEX k options.
    pub(super) fn getex(&mut self, words: &Words<'_>) {
        if words.has(2, b"PERSIST") {
            self.persist(words);
        } else if words.get(2).is_some() {
            self.expire(words);
        }
    }

    fn any_key(&mut self, words: &Words<'_>, index: usize, change: impl FnOnce(&mut Cell)) {
        let Some(name) = words.get(index) else { return };
        let Some(mut cell) = self.open(name) else { return };
        if self.need(&mut cell, None, words, name) {
            change(&mut cell);
            charge(&mut cell, words, 1);
        }
        self.close(cell);
    }

    /// Takes the value out of a cell, or a copy of it.
    fn lift(&mut self, cell: &mut Cell, copy: bool) -> Moved {
        let extent = self.extent(cell);
        let members = match cell.value {
            Value::Members(at) if copy => {
                let n = self.pool.get(at).map_or(0, Members::len);
                if self.afford(n) { self.pool.get(at).cloned() } else { None }
            }
            Value::Members(at) => {
                cell.value = Value::Extent(extent);
                self.pool.take(at)
            }
            Value::Extent(_) => None,
        };
        Moved { kind: cell.kind, presence: cell.presence, expiry: cell.expiry, extent, members }
    }

    /// Puts it into another, whatever that holds.
    fn drop_into(&mut self, cell: &mut Cell, moved: Moved) {
        let Moved { kind, presence, expiry, extent, members } = moved;
        match members {
            Some(members) => self.set_members(cell, kind, members),
            None => self.set(cell, kind, extent),
        }
        (cell.presence, cell.expiry) = (presence, expiry);
    }

    fn note_over(&mut self, kind: RemovalKind, words: &Words<'_>, cell: &Cell) {
        if !cell.is_absent() {
            let removed = Removed { keys_min: u64::from(cell.is_certain()), keys_max: 1, estimated: false };
            self.facts.removal(kind, words.span.start, self.db, removed);
        }
    }

    /// RENAME, RENAMENX a b.
    pub(super) fn rename(&mut self, words: &Words<'_>, if_missing: bool) {
        let (Some(from), Some(to)) = (words.get(1), words.get(2)) else { return };
        self.carry(words, (self.space, from), (self.space, to), if_missing, RemovalKind::RenameOver);
    }

    /// MOVE k db.
    pub(super) fn move_key(&mut self, words: &Words<'_>) {
        let Some(name) = words.get(1) else { return };
        let Some(db) = words.int(2).and_then(|db| u64::try_from(db).ok()) else { return };
        let space = self.space_of(db);
        if space != self.space {
            self.carry(words, (self.space, name), (space, name), true, RemovalKind::RenameOver);
        }
    }

    fn carry(
        &mut self,
        words: &Words<'_>,
        from: (u16, &Argument<'_>),
        to: (u16, &Argument<'_>),
        if_missing: bool,
        over: RemovalKind,
    ) {
        let source = self.open_in(from.0, from.1);
        let target = self.open_in(to.0, to.1);
        let (moved, bytes, commands) = match source {
            None => (None, 0, 0),
            Some(mut cell) => {
                if !self.need(&mut cell, None, words, from.1) {
                    self.close(cell);
                    return;
                }
                let same = target.as_ref().is_some_and(|target| target.is_same(&cell));
                if same || target.as_ref().is_some_and(|target| if_missing && target.is_certain()) {
                    self.close(cell);
                    if !same {
                        self.facts.no_effect(words, self.db, to.1);
                    }
                    return;
                }
                let moved = self.lift(&mut cell, false);
                // What was written to it is needed as before.
                let (bytes, commands) = (cell.bytes, cell.commands);
                (cell.bytes, cell.commands) = (0, 0);
                self.erase(&mut cell);
                self.close(cell);
                (Some(moved), bytes, commands)
            }
        };
        let Some(mut cell) = target else { return };
        self.note_over(over, words, &cell);
        if let Some(moved) = moved {
            self.drop_into(&mut cell, moved);
        } else {
            self.erase(&mut cell);
            self.lose(&mut cell);
            cell.presence = Presence::Certain;
        }
        (cell.bytes, cell.commands) = (bytes, commands);
        charge(&mut cell, words, 1);
        self.close(cell);
    }

    /// COPY a b [DB n] [REPLACE].
    pub(super) fn copy(&mut self, words: &Words<'_>) {
        let (Some(from), Some(to)) = (words.get(1), words.get(2)) else { return };
        let (mut space, mut replace) = (self.space, false);
        let mut at = 3;
        while words.get(at).is_some() {
            if words.is(at, b"REPLACE") {
                replace = true;
            } else if words.is(at, b"DB") {
                at += 1;
                let Some(db) = words.int(at).and_then(|db| u64::try_from(db).ok()) else { return };
                space = self.space_of(db);
            } else {
                return;
            }
            at += 1;
        }
        let source = self.open(from);
        let target = self.open_in(space, to);
        let moved = match source {
            None => None,
            Some(mut cell) => {
                if !self.need(&mut cell, None, words, from) {
                    self.close(cell);
                    return;
                }
                let same = target.as_ref().is_some_and(|target| target.is_same(&cell));
                let fails = target.as_ref().is_some_and(|target| target.is_certain() && !replace);
                if same || fails {
                    self.close(cell);
                    if !same {
                        self.facts.no_effect(words, self.db, to);
                    }
                    return;
                }
                let moved = self.lift(&mut cell, true);
                self.close(cell);
                Some(moved)
            }
        };
        let Some(mut cell) = target else { return };
        self.note_over(RemovalKind::CopyOver, words, &cell);
        if let Some(moved) = moved {
            self.drop_into(&mut cell, moved);
        } else {
            self.erase(&mut cell);
            self.lose(&mut cell);
            cell.presence = Presence::Certain;
        }
        charge(&mut cell, words, 1);
        self.close(cell);
    }

    /// RESTORE, RESTORE-ASKING k ttl payload options.
    pub(super) fn restore(&mut self, words: &Words<'_>) {
        let (Some(name), Some(ttl), Some(payload)) = (words.get(1), words.int(2), words.get(3)) else {
            return;
        };
        let replace = words.has(4, b"REPLACE");
        let Some(mut cell) = self.open(name) else { return };
        if cell.is_certain() && !replace {
            self.facts.no_effect(words, self.db, name);
            return;
        }
        if replace {
            self.note_over(RemovalKind::RestoreOver, words, &cell);
        }
        let kind = payload.bytes.first().map_or(Kind::Unknown, |byte| kind_of_type(*byte));
        self.set(&mut cell, kind, Extent::SOME);
        if kind == Kind::String {
            cell.value = Value::Extent(Extent::ANY);
        }
        cell.expiry = if ttl > 0 { Expiry::Yes } else { Expiry::No };
        charge(&mut cell, words, 1);
        self.close(cell);
    }

    fn removed(&self, counts: &Counts, estimated: bool) -> Removed {
        let one_in = self.table.one_in();
        Removed {
            keys_min: counts.certain * one_in,
            keys_max: (counts.certain + counts.perhaps) * one_in,
            estimated: estimated || one_in > 1,
        }
    }

    /// Keys that are there, in one database or all. Nothing for more databases than are added up: it is asked at every flush.
    pub(super) fn held(&self, db: Option<u64>) -> Option<KeyRange> {
        const MOST_DATABASES: usize = 256;
        let mut counts = Counts::default();
        let mut vague = self.spaces.open;
        if let Some(db) = db {
            if let Some(space) = self.spaces.known(db).and_then(|at| self.spaces.get(at)) {
                (counts, vague) = (space.counts, space.open || space.blurred);
            }
        } else {
            for (at, (_, space)) in self.spaces.iter().enumerate() {
                if at == MOST_DATABASES {
                    return None;
                }
                counts.merge(&space.counts);
                vague |= space.open || space.blurred;
            }
        }
        let Removed { keys_min: min, keys_max, estimated } = self.removed(&counts, vague);
        Some(KeyRange { min, max: Some(keys_max), estimated })
    }

    /// FLUSHDB.
    pub(super) fn flushdb(&mut self, words: &Words<'_>) {
        let flushed = self.spaces.flush(self.db);
        let (counts, vague) =
            flushed.map_or((Counts::default(), true), |space| (space.counts, space.open || space.blurred));
        let removed = self.removed(&counts, vague);
        self.flushed(words, &counts, removed);
    }

    /// FLUSHALL.
    pub(super) fn flushall(&mut self, words: &Words<'_>) {
        let mut counts = Counts::default();
        let mut vague = self.spaces.open;
        self.spaces.flush_all(|space| {
            counts.merge(&space.counts);
            vague |= space.open || space.blurred;
        });
        let removed = self.removed(&counts, vague);
        self.flushed(words, &counts, removed);
    }

    fn flushed(&mut self, words: &Words<'_>, counts: &Counts, removed: Removed) {
        self.facts.void(
            counts.bytes.saturating_mul(self.table.one_in()),
            counts.commands.saturating_mul(self.table.one_in()),
        );
        self.facts.void(words.file_bytes(), 1);
        self.facts.removal(RemovalKind::Flush, words.span.start, self.db, removed);
        self.space = self.space_of(self.db);
    }

    /// SWAPDB a b.
    pub(super) fn swapdb(&mut self, words: &Words<'_>) {
        let number = |at| words.int(at).and_then(|db| u64::try_from(db).ok());
        let (Some(a), Some(b)) = (number(1), number(2)) else { return };
        let mut counts = Counts::default();
        let mut vague = false;
        for db in [a, b] {
            let space = self.space_of(db);
            if let Some(space) = self.spaces.get(space).filter(|_| a != b) {
                counts.merge(&space.counts);
                vague |= space.open || space.blurred;
            }
        }
        let removed = self.removed(&counts, vague);
        self.facts.removal(RemovalKind::Swap, words.span.start, self.db, removed);
        self.spaces.swap(a, b);
        self.space = self.space_of(self.db);
    }

    /// SFLUSH, TRIMSLOTS RANGES n first last...: removes the keys of hash slots. Which slot a key is in is not kept.
    pub(super) fn flush_slots(&mut self, words: &Words<'_>) {
        let numbers: Vec<i64> = words.from(1).iter().filter_map(|word| int(word.bytes)).collect();
        let from = usize::from(words.is(0, b"TRIMSLOTS"));
        let ranges = numbers.get(from..).unwrap_or_default();
        if let [0, 16383] = ranges {
            self.flushdb(words);
            return;
        }
        let space = self.spaces.get(self.space).copied().unwrap_or_default();
        let counts = Counts { perhaps: space.counts.certain + space.counts.perhaps, ..Counts::default() };
        let removed = self.removed(&counts, space.open || space.blurred);
        self.facts.removal(RemovalKind::Flush, words.span.start, self.db, removed);
        self.spaces.doubt_all(self.space, false);
    }

    /// A command nobody here can replay, on this key.
    pub(super) fn doubt_key(&mut self, name: &Argument<'_>) {
        let Some(mut cell) = self.open(name) else { return };
        self.lose(&mut cell);
        self.close(cell);
    }
}

/// The type of a serialised value, by its first byte. Source: rdb.h, RDB_TYPE_*.
fn kind_of_type(byte: u8) -> Kind {
    match byte {
        0 => Kind::String,
        1 | 10 | 14 | 18 => Kind::List,
        2 | 11 | 20 => Kind::Set,
        3 | 5 | 12 | 17 => Kind::Zset,
        4 | 9 | 13 | 16 | 22..=25 => Kind::Hash,
        6 | 7 => Kind::Module,
        15 | 19 | 21 => Kind::Stream,
        _ => Kind::Unknown,
    }
}
