//! The keys, by hash.

use hashbrown::{HashTable, hash_table::Entry as Place};

/// The table is kept in so many parts: one at a time grows, and then holds its contents twice.
const SHARDS: usize = 16;

/// The type of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Kind {
    String,
    List,
    Set,
    Zset,
    Hash,
    Stream,
    /// Redis 8.8.
    Array,
    Module,
    /// Of a key written by something nobody can replay.
    Unknown,
}

impl Kind {
    pub(super) const ALL: [Self; 9] = [
        Self::String,
        Self::List,
        Self::Set,
        Self::Zset,
        Self::Hash,
        Self::Stream,
        Self::Array,
        Self::Module,
        Self::Unknown,
    ];

    /// The word TYPE answers.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::List => "list",
            Self::Set => "set",
            Self::Zset => "zset",
            Self::Hash => "hash",
            Self::Stream => "stream",
            Self::Array => "array",
            Self::Module => "module",
            Self::Unknown => "unknown",
        }
    }

    /// Does a key of this type vanish with its last element?
    pub(super) fn vanishes(self) -> bool {
        matches!(self, Self::List | Self::Set | Self::Zset | Self::Hash | Self::Array)
    }
}

/// Is a key there for certain? If not, it may be.
pub(super) const CERTAIN: u8 = 1;
/// Has it an expiry?
pub(super) const EXPIRES: u8 = 2;
/// May it have one?
pub(super) const MAY_EXPIRE: u8 = 4;
/// Are its members in the pool, at `lo`?
pub(super) const IN_POOL: u8 = 8;
/// The rest of the flags is the doubt the key was written in.
pub(super) const DOUBT_SHIFT: u32 = 4;

/// A key that is there, or may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) hash: u64,
    /// Bytes that were written to it since it came to be.
    pub(super) bytes: u64,
    pub(super) lo: u32,
    pub(super) hi: u32,
    /// Commands that were.
    pub(super) commands: u32,
    /// The keyspace it lives in.
    pub(super) space: u16,
    pub(super) kind: Kind,
    pub(super) flags: u8,
}

impl Entry {
    pub(super) fn doubt(&self) -> u8 {
        self.flags >> DOUBT_SHIFT
    }
}

/// Entries by hash, up to a number of them; then only those whose hash is in the sample.
#[derive(Debug, Clone)]
pub(super) struct Table {
    shards: Vec<HashTable<Entry>>,
    len: usize,
    max: usize,
    sample: Sample,
}

/// Which keys are followed.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sample {
    bits: u32,
}

impl Sample {
    #[inline]
    pub(super) fn has(self, hash: u64) -> bool {
        hash >> SAMPLE_SHIFT & ((1 << self.bits) - 1) == 0
    }
}

/// Where the bits are that decide about the sample: neither those that choose a place in the table nor those that choose the shard.
const SAMPLE_SHIFT: u32 = 36;
const MAX_SAMPLE_BITS: u32 = 20;
const SHARD_SHIFT: u32 = 32;

fn shard(hash: u64) -> usize {
    usize::try_from(hash >> SHARD_SHIFT).unwrap_or(0) % SHARDS
}

impl Table {
    pub(super) fn new(max: usize) -> Self {
        Self {
            shards: (0..SHARDS).map(|_| HashTable::new()).collect(),
            len: 0,
            max,
            sample: Sample::default(),
        }
    }

    #[inline]
    pub(super) fn sample(&self) -> Sample {
        self.sample
    }

    #[inline]
    pub(super) fn get(&self, hash: u64) -> Option<Entry> {
        self.shards.get(shard(hash))?.find(hash, |entry| entry.hash == hash).copied()
    }

    #[inline]
    pub(super) fn put(&mut self, entry: Entry) {
        let Some(shard) = self.shards.get_mut(shard(entry.hash)) else { return };
        match shard.entry(entry.hash, |other| other.hash == entry.hash, |other| other.hash) {
            Place::Occupied(mut place) => *place.get_mut() = entry,
            Place::Vacant(place) => {
                place.insert(entry);
                self.len += 1;
            }
        }
    }

    #[inline]
    pub(super) fn remove(&mut self, hash: u64) {
        let Some(shard) = self.shards.get_mut(shard(hash)) else { return };
        if let Ok(place) = shard.find_entry(hash, |entry| entry.hash == hash) {
            place.remove();
            self.len -= 1;
        }
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn is_full(&self) -> bool {
        self.len >= self.max
    }

    /// Is it fuller than any honest sample makes it?
    #[inline]
    pub(super) fn is_crowded(&self) -> bool {
        self.len >= self.max + self.max / 4
    }

    /// From now on every second of the keys that were followed is.
    pub(super) fn halve(&mut self) {
        self.sample.bits = (self.sample.bits + 1).min(MAX_SAMPLE_BITS);
    }

    pub(super) fn one_in(&self) -> u64 {
        1 << self.sample.bits
    }

    pub(super) fn retain(&mut self, mut keep: impl FnMut(&Entry) -> bool) {
        self.len = 0;
        for shard in &mut self.shards {
            shard.retain(|entry| keep(entry));
            self.len += shard.len();
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Entry> {
        self.shards.iter().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_small() {
        assert_eq!(size_of::<Entry>(), 32);
    }
}
