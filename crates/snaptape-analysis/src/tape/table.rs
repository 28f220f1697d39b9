//! Sums by name in a table that does not grow, whatever the names are.

use core::hash::Hasher as _;

use hashbrown::HashTable;
use rustc_hash::FxHasher;

use crate::keys::{Merge, front};

/// Longest name that is compared; names that agree up to here and are equally long count as one.
const MAX_NAME: usize = 512;

/// A name as it came: its length, and its front.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Name<'a> {
    pub(super) db: u64,
    pub(super) len_bytes: u64,
    pub(super) bytes: &'a [u8],
}

impl Name<'_> {
    pub(super) fn hash(&self) -> u64 {
        let mut hasher = FxHasher::default();
        hasher.write(self.bytes);
        hasher.write_u64(self.len_bytes ^ self.db << 32);
        hasher.finish()
    }
}

/// One name and its sums.
#[derive(Debug, Clone)]
pub(super) struct Entry<V> {
    hash: u64,
    db: u64,
    len_bytes: u64,
    /// Where the front of the name stands in the store of names.
    start: u32,
    kept: u32,
    pub(super) value: V,
}

/// Sums by name. The names stand behind each other in one piece of memory.
#[derive(Debug, Clone)]
pub(super) struct NameTable<V> {
    index: HashTable<u32>,
    entries: Vec<Entry<V>>,
    names: Vec<u8>,
}

impl<V> Default for NameTable<V> {
    fn default() -> Self {
        Self { index: HashTable::new(), entries: Vec::new(), names: Vec::new() }
    }
}

impl<V: Default> NameTable<V> {
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn name<'a>(&'a self, entry: &Entry<V>) -> Name<'a> {
        let bytes = (entry.start as usize)..(entry.start + entry.kept) as usize;
        Name { db: entry.db, len_bytes: entry.len_bytes, bytes: self.names.get(bytes).unwrap_or_default() }
    }

    /// Where a name stands, if it is there.
    #[inline]
    fn position(&self, name: &Name<'_>, hash: u64) -> Option<usize> {
        let (entries, names) = (&self.entries, &self.names);
        self.index.find(hash, |at| is(entries, names, *at, name, hash)).map(|at| *at as usize)
    }

    /// The sums of a name, if it is there.
    #[inline]
    pub(super) fn find(&mut self, name: &Name<'_>, hash: u64) -> Option<&mut V> {
        let at = self.position(name, hash)?;
        self.entries.get_mut(at).map(|entry| &mut entry.value)
    }

    /// Adds a name that is not there yet.
    pub(super) fn insert(&mut self, name: &Name<'_>, hash: u64, value: V) -> &mut V {
        let bytes = front(name.bytes, MAX_NAME);
        let at = self.entries.len();
        // A table has some thousands of names of at most 512 bytes.
        let small = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let (start, kept) = (small(self.names.len()), small(bytes.len()));
        self.names.extend_from_slice(bytes);
        self.entries.push(Entry { hash, db: name.db, len_bytes: name.len_bytes, start, kept, value });
        let entries = &self.entries;
        self.index
            .insert_unique(hash, small(at), |at| entries.get(*at as usize).map_or(0, |entry| entry.hash));
        &mut self.entries[at].value
    }

    /// All names, in the order they came.
    pub(super) fn iter(&self) -> impl Iterator<Item = (Name<'_>, &V)> {
        self.entries.iter().map(|entry| (self.name(entry), &entry.value))
    }

    pub(super) fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.entries.iter_mut().map(|entry| &mut entry.value)
    }

    /// Lets go of the names that do not please.
    pub(super) fn retain(&mut self, mut keep: impl FnMut(&Name<'_>, &V) -> bool) {
        let entries = core::mem::take(&mut self.entries);
        let names = core::mem::take(&mut self.names);
        self.index.clear();
        for entry in entries {
            let bytes = (entry.start as usize)..(entry.start + entry.kept) as usize;
            let name = Name {
                db: entry.db,
                len_bytes: entry.len_bytes,
                bytes: names.get(bytes).unwrap_or_default(),
            };
            if keep(&name, &entry.value) {
                self.insert(&name, entry.hash, entry.value);
            }
        }
    }

    /// Forgets everything, and gives back the room if there is much.
    pub(super) fn clear(&mut self) {
        if self.entries.capacity() > 64 {
            *self = Self::default();
        } else {
            self.index.clear();
            self.entries.clear();
            self.names.clear();
        }
    }
}

#[inline]
fn is<V>(entries: &[Entry<V>], names: &[u8], at: u32, name: &Name<'_>, hash: u64) -> bool {
    entries.get(at as usize).is_some_and(|entry| {
        let bytes = (entry.start as usize)..(entry.start + entry.kept) as usize;
        entry.hash == hash
            && entry.db == name.db
            && entry.len_bytes == name.len_bytes
            && names.get(bytes) == Some(name.bytes)
    })
}

/// What can lead in two ways.
pub(super) trait Weighed {
    /// How heavy it is in either.
    fn weights(&self) -> [u64; 2];
}

/// Sums and what may be missing of them.
#[derive(Debug, Clone, Default)]
pub(super) struct Kept<V> {
    pub(super) value: V,
    /// At most so much was counted before the name was kept.
    pub(super) missed: [u64; 2],
}

/// The names that lead, and at least half of the room for others. When it is full, those go that are light in both ways; how heavy they
/// were at most is remembered, and bounds what may be missing of a name that comes (again) later. As long as all names fit, nothing is
/// missing.
#[derive(Debug, Clone)]
pub(super) struct Leading<V> {
    max: usize,
    table: NameTable<Kept<V>>,
    missed: [u64; 2],
}

impl<V: Merge + Weighed + Default> Leading<V> {
    pub(super) fn new(max: usize) -> Self {
        Self { max, table: NameTable::default(), missed: [0; 2] }
    }

    /// The sums of a name. Names that must go for it are shown to `gone`.
    #[inline]
    pub(super) fn at(&mut self, name: &Name<'_>, gone: impl FnMut(&Name<'_>, &V)) -> &mut V {
        self.at_hash(name, name.hash(), gone)
    }

    /// The same for a name whose hash is known.
    #[inline]
    pub(super) fn at_hash(&mut self, name: &Name<'_>, hash: u64, gone: impl FnMut(&Name<'_>, &V)) -> &mut V {
        &mut self.kept(name, hash, gone).value
    }

    #[inline]
    fn kept(&mut self, name: &Name<'_>, hash: u64, gone: impl FnMut(&Name<'_>, &V)) -> &mut Kept<V> {
        let name = Name { bytes: front(name.bytes, MAX_NAME), ..*name };
        if let Some(at) = self.table.position(&name, hash) {
            return &mut self.table.entries[at].value;
        }
        if self.table.len() >= self.max {
            self.let_go(gone);
        }
        let value = Kept { value: V::default(), missed: self.missed };
        self.table.insert(&name, hash, value)
    }

    #[cold]
    fn let_go(&mut self, mut gone: impl FnMut(&Name<'_>, &V)) {
        let bound = [0, 1].map(|way| {
            let mut weights: Vec<u64> =
                self.table.iter().map(|(_, kept)| kept.value.weights()[way]).collect();
            let at = (weights.len() * 3 / 4).min(weights.len().saturating_sub(1));
            *weights.select_nth_unstable(at).1
        });
        let mut heaviest = [0; 2];
        self.table.retain(|name, kept| {
            let weights = kept.value.weights();
            let stays = weights[0] > bound[0] || weights[1] > bound[1];
            if !stays {
                heaviest = [heaviest[0].max(weights[0]), heaviest[1].max(weights[1])];
                gone(name, &kept.value);
            }
            stays
        });
        self.missed = [self.missed[0] + heaviest[0], self.missed[1] + heaviest[1]];
    }

    /// Adds those of a later part, changed by `moved`; it is then empty.
    pub(super) fn append(
        &mut self,
        later: &mut Self,
        mut moved: impl FnMut(V) -> V,
        mut gone: impl FnMut(&Name<'_>, &V),
    ) where
        V: Clone,
    {
        if later.missed != [0; 2] {
            for kept in self.table.values_mut() {
                kept.missed = [kept.missed[0] + later.missed[0], kept.missed[1] + later.missed[1]];
            }
        }
        for entry in &later.table.entries {
            let (name, hash, theirs) = (later.table.name(entry), entry.hash, &entry.value);
            let known = self.table.position(&name, hash).is_some();
            let kept = self.kept(&name, hash, &mut gone);
            kept.value.merge(&moved(theirs.value.clone()));
            // What they may have let go of a name they have is not the most they let go of any.
            let less = if known { later.missed } else { [0; 2] };
            kept.missed = [0, 1].map(|way| kept.missed[way] + theirs.missed[way] - less[way]);
        }
        self.missed = [self.missed[0] + later.missed[0], self.missed[1] + later.missed[1]];
        later.clear();
    }

    pub(super) fn clear(&mut self) {
        self.table.clear();
        self.missed = [0; 2];
    }

    /// What may be missing of a name that is not there.
    pub(super) fn missed(&self) -> [u64; 2] {
        self.missed
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (Name<'_>, &Kept<V>)> {
        self.table.iter()
    }
}
