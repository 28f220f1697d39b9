//! Members and fields that stand in a value twice.

use snaptape_rdb::{LogicalType, ObjectType};

use super::{Harm, Violation};
use crate::snapshot::{
    hash::hash,
    hashes::{Hashes, Inserted},
    integrity::excerpt,
};

/// What the hashes of one value may take: a million members and more.
const MAX_BYTES: usize = 16 << 20;
/// Beyond these a server loads a hash into a table, and compares as it does so. Defaults of `hash-max-listpack-entries` and
/// `hash-max-listpack-value`.
const MAX_LISTPACK_ENTRIES: u64 = 512;
const MAX_LISTPACK_VALUE: usize = 64;

/// Members or fields of the current value.
#[derive(Debug)]
pub(super) struct Members {
    object: Option<ObjectType>,
    seen: Hashes,
    gave_up: bool,
    /// The first ones that were there before: where, and their names.
    twice: Vec<(u64, String)>,
    n_twice: u64,
    /// Will it be a table in the server's memory?
    is_table: bool,
}

impl Default for Members {
    fn default() -> Self {
        Self {
            object: None,
            seen: Hashes::within(MAX_BYTES),
            gave_up: false,
            twice: Vec::new(),
            n_twice: 0,
            is_table: false,
        }
    }
}

impl Members {
    pub(super) fn begin(&mut self, object: ObjectType) {
        self.object = Some(object);
        if self.seen.len() > 0 {
            self.seen.clear();
        }
        self.gave_up = false;
        self.is_table = false;
    }

    /// So many are to come.
    pub(super) fn count(&mut self, count: u64) {
        self.is_table |= count > MAX_LISTPACK_ENTRIES;
    }

    /// A member or field that stands at `at`.
    pub(super) fn add(&mut self, name: &[u8], at: u64) {
        self.is_table |= name.len() > MAX_LISTPACK_VALUE;
        match self.seen.insert(hash(0, name)) {
            Inserted::New => {}
            Inserted::Full => self.gave_up = true,
            Inserted::Known => {
                self.n_twice += 1;
                if self.twice.len() < 2 {
                    self.twice.push((at, excerpt(name)));
                }
            }
        }
    }

    /// The value of a field, so long.
    pub(super) fn other(&mut self, len: usize) {
        self.is_table |= len > MAX_LISTPACK_VALUE;
    }

    /// Were there too many to compare?
    pub(super) fn gave_up(&self) -> bool {
        self.gave_up
    }

    /// That was all.
    pub(super) fn end(&mut self, found: &mut dyn FnMut(Violation)) {
        if self.n_twice == 0 {
            return;
        }
        let (Some(object), n) = (self.object, core::mem::take(&mut self.n_twice)) else { return };
        let what = if object.logical() == LogicalType::Hash { "field" } else { "member" };
        let harm = harm(object, self.is_table);
        let listed = self.twice.len() as u64;
        for (i, (at, name)) in self.twice.drain(..).enumerate() {
            let more = if n > listed && i as u64 + 1 == listed {
                format!(", and so do {} others", n - listed)
            } else {
                String::new()
            };
            found(Violation { at, rule: format!("{what} \"{name}\" stands in it twice{more}"), harm });
        }
    }
}

/// Who minds. Source: rdb.c; seen with eight releases.
fn harm(object: ObjectType, is_table: bool) -> Harm {
    use ObjectType as O;
    match object {
        // Compared while it is put into a table, or into what becomes one.
        O::Set | O::Zset | O::Zset2 | O::HashZipmap => Harm::Refused { major: 6, minor: 2 },
        O::Hash => {
            if is_table {
                Harm::Refused { major: 0, minor: 0 }
            } else {
                Harm::Sanitized
            }
        }
        O::HashMetadata | O::HashMetadataPreGa if !is_table => Harm::Sanitized,
        O::HashMetadata | O::HashMetadataPreGa | O::Hash2 => Harm::Refused { major: 7, minor: 4 },
        O::ZsetZiplist | O::HashZiplist => Harm::Converted,
        _ => Harm::Sanitized,
    }
}
