//! Streams, which stay when they are empty, arrays, and what modules write.

use super::{
    access::charge,
    extent::Extent,
    state::{Expiry, Presence, State, Value},
    table::Kind,
    words::{Words, is},
};

impl State {
    /// XADD k options id f v...
    pub(super) fn xadd(&mut self, words: &Words<'_>) {
        // Options stand before the ID, which is none of them.
        let mut at = 2;
        let mut if_there = false;
        while let Some(word) = words.get(at) {
            if is(word, b"NOMKSTREAM") {
                if_there = true;
            } else if [&b"MAXLEN"[..], b"MINID", b"LIMIT", b"IDMPAUTO"].iter().any(|option| is(word, option))
            {
                at += 1;
                if matches!(words.bytes(at), b"=" | b"~") {
                    at += 1;
                }
            } else if is(word, b"IDMP") {
                at += 2;
            } else if ![&b"KEEPREF"[..], b"DELREF", b"ACKED"].iter().any(|option| is(word, option)) {
                break;
            }
            at += 1;
        }
        if if_there {
            self.edit(words, 1, Kind::Stream, |_, _| {});
        } else {
            self.write(words, 1, Kind::Stream, |_, _| {});
        }
    }

    /// XGROUP CREATE k g id [MKSTREAM] and the others.
    pub(super) fn xgroup(&mut self, words: &Words<'_>) {
        if words.is(1, b"CREATE") && words.has(4, b"MKSTREAM") {
            self.write(words, 2, Kind::Stream, |_, _| {});
        } else {
            self.edit(words, 2, Kind::Stream, |_, _| {});
        }
    }

    /// ARSET, ARMSET, ARINSERT, ARRING: at most so many elements more, and at least one there.
    pub(super) fn array_put(&mut self, words: &Words<'_>, most: u64) {
        self.write(words, 1, Kind::Array, |state, cell| {
            cell.value = Value::Extent(state.extent(cell).plus(0, most).at_least(1));
        });
    }

    /// ARDEL k at..., ARDELRANGE k from to...: it was written down, so it removed something.
    pub(super) fn array_remove(&mut self, words: &Words<'_>, most: u64) {
        self.edit(words, 1, Kind::Array, |state, cell| {
            cell.value = Value::Extent(state.extent(cell).minus(1, most));
        });
    }

    /// A command of a module that makes a key.
    pub(super) fn module_write(&mut self, words: &Words<'_>) {
        let Some(name) = words.get(1) else { return };
        let Some(mut cell) = self.open(name) else { return };
        if cell.is_absent() {
            self.set(&mut cell, Kind::Module, Extent::SOME);
        } else {
            if cell.kind == Kind::Unknown {
                cell.kind = Kind::Module;
            }
            cell.presence = Presence::Certain;
        }
        charge(&mut cell, words, 1);
        self.close(cell);
    }

    /// A command of a module that may remove a key.
    pub(super) fn module_remove(&mut self, words: &Words<'_>) {
        let Some(name) = words.get(1) else { return };
        let Some(mut cell) = self.open(name) else { return };
        if !cell.is_absent() {
            cell.presence = Presence::Perhaps;
            if cell.expiry == Expiry::Yes {
                cell.expiry = Expiry::Perhaps;
            }
        }
        self.close(cell);
    }
}
