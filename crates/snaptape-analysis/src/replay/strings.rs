//! Strings. Of their values only the length counts: BITOP over nothing but empty ones removes its destination.

use snaptape_aof::Argument;

use super::{
    access::{Reading, charge},
    extent::Extent,
    state::{Cell, Expiry, Presence, State, Value},
    table::Kind,
    words::{Words, is},
};

/// When a command that has a condition does its work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum When {
    Always,
    /// The key is not there.
    Missing,
    /// The key is there.
    There,
}

/// The longest text of a number.
const MAX_NUMBER: u64 = 21;
/// What a rewrite writes of a number beyond what INCR takes: SET has one argument more.
const NUMBER_BYTES: u64 = 40;

fn length(value: &Argument<'_>) -> Extent {
    Extent::exactly(value.len_bytes)
}

impl State {
    /// SET and its kin: the key holds this string from now on.
    fn overwrite(&mut self, cell: &mut Cell, words: &Words<'_>, value: Extent, expiry: Expiry, keys: u64) {
        self.set(cell, Kind::String, value);
        cell.expiry = expiry;
        charge(cell, words, keys);
    }

    /// May it work on this key? Says so where it cannot have.
    fn may(&mut self, when: When, cell: &Cell, words: &Words<'_>, name: &Argument<'_>) -> bool {
        let fails = match when {
            When::Always => false,
            When::Missing => cell.is_certain(),
            When::There => cell.is_absent(),
        };
        if fails {
            self.facts.no_effect(words, self.db, name);
        }
        !fails
    }

    /// SET k v and its options.
    pub(super) fn set_string(&mut self, words: &Words<'_>) {
        let (Some(name), Some(value)) = (words.get(1), words.get(2)) else { return };
        let (mut when, mut expires, mut keeps, mut gets) = (When::Always, false, false, false);
        let mut at = 3;
        while let Some(option) = words.get(at) {
            at += 1;
            if is(option, b"NX") {
                when = When::Missing;
            } else if is(option, b"XX") {
                when = When::There;
            } else if is(option, b"KEEPTTL") {
                keeps = true;
            } else if [&b"EX"[..], b"PX", b"EXAT", b"PXAT"].iter().any(|word| is(option, word)) {
                expires = true;
                at += 1;
            } else if is(option, b"IFEQ") || is(option, b"IFDEQ") {
                when = When::There;
                at += 1;
            } else if is(option, b"IFNE") || is(option, b"IFDNE") {
                at += 1;
            } else if is(option, b"GET") {
                gets = true;
            } else {
                // A syntax error: nothing happens.
                return;
            }
        }
        let Some(mut cell) = self.open(name) else { return };
        if gets && cell.is_certain() && !matches!(cell.kind, Kind::String | Kind::Unknown) {
            self.facts.wrong_type(words, self.db, name);
            return;
        }
        if self.may(when, &cell, words, name) {
            let expiry = match (expires, keeps) {
                (true, _) => Expiry::Yes,
                (false, true) => cell.expiry,
                (false, false) => Expiry::No,
            };
            self.overwrite(&mut cell, words, length(value), expiry, 1);
        }
        self.close(cell);
    }

    /// SETNX k v.
    pub(super) fn setnx(&mut self, words: &Words<'_>) {
        let (Some(name), Some(value)) = (words.get(1), words.get(2)) else { return };
        let Some(mut cell) = self.open(name) else { return };
        if self.may(When::Missing, &cell, words, name) {
            self.overwrite(&mut cell, words, length(value), Expiry::No, 1);
        }
        self.close(cell);
    }

    /// SETEX and PSETEX k time v.
    pub(super) fn setex(&mut self, words: &Words<'_>) {
        let (Some(name), Some(value)) = (words.get(1), words.get(3)) else { return };
        let Some(mut cell) = self.open(name) else { return };
        self.overwrite(&mut cell, words, length(value), Expiry::Yes, 1);
        self.close(cell);
    }

    /// GETSET k v.
    pub(super) fn getset(&mut self, words: &Words<'_>) {
        let (Some(name), Some(value)) = (words.get(1), words.get(2)) else { return };
        let Some(mut cell) = self.open(name) else { return };
        if self.want(&mut cell, Kind::String, words, name) {
            self.overwrite(&mut cell, words, length(value), Expiry::No, 1);
        }
        self.close(cell);
    }

    /// MSET and MSETNX k v...
    pub(super) fn mset(&mut self, words: &Words<'_>, if_missing: bool) {
        if if_missing && !self.all_missing(words, 1, usize::MAX) {
            return;
        }
        let pairs = words.behind(1) / 2;
        for pair in words.from(1).chunks_exact(2) {
            let [name, value] = pair else { continue };
            let Some(mut cell) = self.open(name) else { continue };
            self.overwrite(&mut cell, words, length(value), Expiry::No, pairs);
            self.close(cell);
        }
        self.lost_names(words);
    }

    /// Are the keys of these pairs all missing, as they must be for the command to do anything?
    fn all_missing(&mut self, words: &Words<'_>, from: usize, pairs: usize) -> bool {
        let names = words.from(from).iter().step_by(2).take(pairs);
        for name in names {
            let Some(cell) = self.open(name) else { continue };
            if cell.is_certain() {
                self.facts.no_effect(words, self.db, name);
                return false;
            }
        }
        true
    }

    /// MSETEX n k v... options.
    pub(super) fn msetex(&mut self, words: &Words<'_>) {
        let Some(pairs) = words.count(1) else { return };
        let options = pairs.saturating_mul(2).saturating_add(2);
        if words.has(options, b"NX") && !self.all_missing(words, 2, pairs) {
            return;
        }
        let keeps = words.has(options, b"KEEPTTL");
        let expires = [&b"EX"[..], b"PX", b"EXAT", b"PXAT"].iter().any(|option| words.has(options, option));
        if words.has(options, b"XX") {
            for name in words.from(2).iter().step_by(2).take(pairs) {
                if self.open(name).is_some_and(|cell| cell.is_absent()) {
                    self.facts.no_effect(words, self.db, name);
                    return;
                }
            }
        }
        for pair in words.from(2).chunks_exact(2).take(pairs) {
            let [name, value] = pair else { continue };
            let Some(mut cell) = self.open(name) else { continue };
            let expiry = if expires {
                Expiry::Yes
            } else if keeps {
                cell.expiry
            } else {
                Expiry::No
            };
            self.overwrite(&mut cell, words, length(value), expiry, pairs as u64);
            self.close(cell);
        }
        self.lost_names(words);
    }

    /// INCR and its kin: what was there before is void but for its name.
    pub(super) fn count_up(&mut self, words: &Words<'_>) {
        let Some(name) = words.get(1) else { return };
        let Some(mut cell) = self.open(name) else { return };
        if self.want(&mut cell, Kind::String, words, name) {
            cell.value = Value::Extent(Extent::between(1, MAX_NUMBER));
            charge(&mut cell, words, 1);
            let left = words.file_bytes() + NUMBER_BYTES;
            if cell.bytes > left && cell.commands > 1 {
                // A SET for the number, and a PEXPIREAT for the expiry there may be.
                let commands = if cell.expiry == Expiry::No { 1 } else { 2 };
                let expiry_bytes = if commands == 1 { 0 } else { 60 + name.len_bytes };
                let left = left + expiry_bytes;
                if cell.bytes > left && cell.commands > commands {
                    self.facts.void(cell.bytes - left, u64::from(cell.commands - commands));
                    (cell.bytes, cell.commands) = (left, commands);
                }
            }
        }
        self.close(cell);
    }

    /// INCREX k ...: a number; what becomes of its expiry depends.
    pub(super) fn increx(&mut self, words: &Words<'_>) {
        self.write(words, 1, Kind::String, |_, cell| {
            cell.value = Value::Extent(Extent::between(1, 400));
            cell.expiry = Expiry::Perhaps;
        });
    }

    /// INCRBYFLOAT k x.
    pub(super) fn incrbyfloat(&mut self, words: &Words<'_>) {
        self.write(words, 1, Kind::String, |_, cell| cell.value = Value::Extent(Extent::between(1, 5000)));
    }

    /// APPEND k v.
    pub(super) fn append(&mut self, words: &Words<'_>) {
        let more = words.get(2).map_or(0, |value| value.len_bytes);
        self.write(words, 1, Kind::String, |state, cell| {
            cell.value = Value::Extent(state.extent(cell).plus(more, more));
        });
    }

    /// SETRANGE k at v.
    pub(super) fn setrange(&mut self, words: &Words<'_>) {
        let more = words.get(3).map_or(0, |value| value.len_bytes);
        let Some(at) = words.int(2).and_then(|at| u64::try_from(at).ok()) else { return };
        let Some(name) = words.get(1) else { return };
        if more == 0 {
            // Nothing is written, but the type counts.
            self.read(&[Kind::String], words, name);
        } else {
            self.write(words, 1, Kind::String, |state, cell| {
                cell.value = Value::Extent(state.extent(cell).at_least(at.saturating_add(more)));
            });
        }
    }

    /// SETBIT and BITFIELD: a string with at least a byte.
    pub(super) fn set_bits(&mut self, words: &Words<'_>) {
        let at = if words.is(0, b"SETBIT") { words.int(2).unwrap_or(0) } else { 0 };
        let bytes = u64::try_from(at).unwrap_or(0) / 8 + 1;
        let exact = words.is(0, b"SETBIT");
        self.write(words, 1, Kind::String, |state, cell| {
            let extent = state.extent(cell).at_least(bytes);
            cell.value = Value::Extent(if exact { extent } else { Extent { hi: u32::MAX, ..extent } });
        });
    }

    /// PFADD, and PFMERGE's destination.
    pub(super) fn pfadd(&mut self, words: &Words<'_>) {
        self.write(words, 1, Kind::String, |_, cell| cell.value = Value::Extent(Extent::SOME));
    }

    /// PFMERGE dst k...
    pub(super) fn pfmerge(&mut self, words: &Words<'_>) {
        for name in words.from(2) {
            if matches!(self.read(&[Kind::String], words, name), Reading::Fails) {
                return;
            }
        }
        self.pfadd(words);
    }

    /// BITOP op dst k...: removes the destination where all sources are missing or empty.
    pub(super) fn bitop(&mut self, words: &Words<'_>) {
        let mut longest = Extent::NONE;
        for name in words.from(3) {
            match self.read(&[Kind::String], words, name) {
                Reading::Fails => return,
                Reading::NotFollowed => longest = Extent::between(longest.least(), u64::MAX),
                Reading::Cell(cell) => {
                    let extent = match cell.presence {
                        Presence::Absent => Extent::NONE,
                        Presence::Perhaps => Extent { lo: 0, ..self.extent(&cell) },
                        Presence::Certain => self.extent(&cell),
                    };
                    longest = Extent { lo: longest.lo.max(extent.lo), hi: longest.hi.max(extent.hi) };
                }
            }
        }
        let Some(name) = words.get(2) else { return };
        let Some(mut cell) = self.open(name) else { return };
        if longest.hi == 0 {
            self.erase(&mut cell);
        } else {
            self.overwrite(&mut cell, words, longest, Expiry::No, 1);
            if longest.lo == 0 {
                cell.presence = Presence::Perhaps;
            }
        }
        self.close(cell);
    }
}
