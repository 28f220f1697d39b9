//! Opening a key for a command, and what it says of the tape when the key is not as the command needs it.

use snaptape_aof::Argument;

use super::{
    extent::Extent,
    state::{Cell, Presence, State, Value},
    table::Kind,
    words::Words,
};

impl State {
    /// Changes the key named by an argument, which must be of this type and is created if it is not there. `change` may leave it empty.
    pub(super) fn write(
        &mut self,
        words: &Words<'_>,
        index: usize,
        kind: Kind,
        change: impl FnOnce(&mut Self, &mut Cell),
    ) {
        let Some(name) = words.get(index) else { return };
        let Some(mut cell) = self.open(name) else { return };
        if self.want(&mut cell, kind, words, name) {
            change(self, &mut cell);
            charge(&mut cell, words, 1);
        }
        self.close(cell);
    }

    /// Changes the key named by an argument, which must be there and of this type.
    pub(super) fn edit(
        &mut self,
        words: &Words<'_>,
        index: usize,
        kind: Kind,
        change: impl FnOnce(&mut Self, &mut Cell),
    ) {
        let Some(name) = words.get(index) else { return };
        let Some(mut cell) = self.open(name) else { return };
        if self.need(&mut cell, Some(kind), words, name) {
            change(self, &mut cell);
            charge(&mut cell, words, 1);
        }
        self.close(cell);
    }

    /// The key is of this type, or created. False if it is of another.
    pub(super) fn want(
        &mut self,
        cell: &mut Cell,
        kind: Kind,
        words: &Words<'_>,
        name: &Argument<'_>,
    ) -> bool {
        match cell.presence {
            Presence::Absent => {
                self.create(cell, kind);
                true
            }
            Presence::Certain if cell.kind != kind && cell.kind != Kind::Unknown => {
                self.facts.wrong_type(words, self.db, name);
                false
            }
            // It was written down, so it did not fail: then the key was not there.
            Presence::Perhaps if cell.kind != kind && cell.kind != Kind::Unknown => {
                self.erase(cell);
                self.create(cell, kind);
                self.blur(cell);
                cell.value = Value::Extent(Extent::ANY);
                true
            }
            Presence::Perhaps | Presence::Certain => {
                if cell.kind == Kind::Unknown {
                    cell.kind = kind;
                    self.blur(cell);
                    cell.value = Value::Extent(if cell.is_certain() { Extent::SOME } else { Extent::ANY });
                }
                cell.presence = Presence::Certain;
                true
            }
        }
    }

    /// The key is there, and of this type if one is named. False if not: then the command does nothing.
    pub(super) fn need(
        &mut self,
        cell: &mut Cell,
        kind: Option<Kind>,
        words: &Words<'_>,
        name: &Argument<'_>,
    ) -> bool {
        if cell.is_absent() {
            self.facts.no_effect(words, self.db, name);
            return false;
        }
        if let Some(kind) = kind {
            if cell.kind == Kind::Unknown {
                self.blur(cell);
                cell.kind = kind;
                cell.value = Value::Extent(Extent::ANY);
            } else if cell.kind != kind {
                if cell.is_certain() {
                    self.facts.wrong_type(words, self.db, name);
                }
                return false;
            }
        }
        // It was written down, so it was there.
        make_certain(cell);
        true
    }

    /// A key that is read, as one of these types.
    pub(super) fn read(&mut self, kinds: &[Kind], words: &Words<'_>, name: &Argument<'_>) -> Reading {
        let Some(cell) = self.open(name) else { return Reading::NotFollowed };
        if cell.is_certain() && cell.kind != Kind::Unknown && !kinds.contains(&cell.kind) {
            self.facts.wrong_type(words, self.db, name);
            return Reading::Fails;
        }
        Reading::Cell(cell)
    }
}

/// What comes of reading a key.
pub(super) enum Reading {
    /// Its type makes the command fail.
    Fails,
    /// It is not in the sample.
    NotFollowed,
    Cell(Cell),
}

/// The key is there after all.
fn make_certain(cell: &mut Cell) {
    cell.presence = Presence::Certain;
    if let (true, Value::Extent(extent)) = (cell.kind.vanishes(), cell.value) {
        cell.value = Value::Extent(extent.at_least(1));
    }
}

/// Notes what the command wrote to the key, which is one of so many.
pub(super) fn charge(cell: &mut Cell, words: &Words<'_>, keys: u64) {
    cell.bytes = cell.bytes.saturating_add(words.file_bytes() / keys.max(1));
    if keys == 1 {
        cell.commands = cell.commands.saturating_add(1);
    }
}
