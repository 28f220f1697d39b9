//! Where the keys and the bytes of a snapshot are.

use borsh::{BorshDeserialize, BorshSerialize};
use serde::{Deserialize, Serialize};
use snaptape_sort::Sort as _;

use crate::{Access, Advice, KeyRow, Names, PatternFolding, PatternGroup, Quantiles, SizeClass, units};

/// How many releases the memory model describes.
pub const RELEASES: usize = 10;

/// Bytes of RAM in each release the memory model describes, in the order of [`Dataset::releases`].
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize,
)]
#[serde(transparent)]
pub struct ByRelease(pub [u64; RELEASES]);

impl ByRelease {
    /// Adds the bytes of another set of keys.
    #[inline]
    pub fn add(&mut self, other: &Self) {
        for (sum, bytes) in self.0.iter_mut().zip(other.0) {
            *sum = sum.saturating_add(bytes);
        }
    }
}

/// Sums over a set of keys. Sizes are named as everywhere: in the file, payload, memory.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize,
)]
pub struct Tally {
    /// Keys.
    pub keys: u64,
    /// Elements of those keys (strings count one each).
    pub elements: u64,
    /// Bytes their entries take in the file.
    pub file_bytes: u64,
    /// Key and element bytes, logical.
    pub payload_bytes: u64,
    /// Estimated RAM after loading into the target release.
    pub memory_bytes: u64,
    /// The same in every release.
    pub memory_by_release: ByRelease,
    /// Keys that have an expiry.
    pub with_ttl: u64,
    /// Keys whose expiry had passed when the file was saved.
    pub expired_at_save: u64,
    /// Keys whose expiry has passed now.
    pub expired_now: u64,
    /// Memory of the keys whose expiry had passed when the file was saved.
    #[serde(default)]
    pub expired_at_save_memory_bytes: u64,
    /// Memory of the keys whose expiry has passed now.
    #[serde(default)]
    pub expired_now_memory_bytes: u64,
    /// Bytes of their names; `payload_bytes` counts them too.
    #[serde(default)]
    pub name_bytes: u64,
    /// The largest `memory_bytes` of one key.
    pub largest_memory_bytes: u64,
}

impl Tally {
    /// Keys that never expire.
    pub fn without_ttl(&self) -> u64 {
        self.keys - self.with_ttl
    }

    /// Adds another set of keys to this one.
    pub fn merge(&mut self, other: &Self) {
        self.keys += other.keys;
        self.elements += other.elements;
        self.file_bytes += other.file_bytes;
        self.payload_bytes += other.payload_bytes;
        self.memory_bytes += other.memory_bytes;
        self.memory_by_release.add(&other.memory_by_release);
        self.with_ttl += other.with_ttl;
        self.expired_at_save += other.expired_at_save;
        self.expired_now += other.expired_now;
        self.expired_at_save_memory_bytes += other.expired_at_save_memory_bytes;
        self.expired_now_memory_bytes += other.expired_now_memory_bytes;
        self.name_bytes += other.name_bytes;
        self.largest_memory_bytes = self.largest_memory_bytes.max(other.largest_memory_bytes);
    }
}

/// The keys that share one property.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct Group {
    /// Its value: `0` (a database), `hash` (a type), `listpack` (an encoding).
    pub name: String,
    /// For encodings, the type they belong to; else the same as `name` or empty.
    pub type_name: String,
    /// Sums.
    #[serde(flatten)]
    pub tally: Tally,
    /// Quantiles of the memory of its keys; absent where there are too many groups to keep a histogram for each.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantiles: Option<Quantiles>,
}

/// The keys of one type, one encoding and one span of time left.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct KindGroup {
    /// The type, as in [`Dataset::encodings`].
    pub type_name: String,
    /// The encoding.
    pub encoding: String,
    /// The time left: one of [`Dataset::EXPIRIES`].
    pub expires: String,
    /// Keys.
    pub keys: u64,
    /// Their memory.
    pub memory_bytes: u64,
}

/// A setting that decides up to where values of a type are packed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct PackLimit {
    /// The type: `hash`.
    pub type_name: String,
    /// The setting: `hash-max-listpack-entries`.
    pub setting: String,
    /// Its default in the target release.
    pub value: u64,
    /// Does it limit the length of elements (in bytes), not their number?
    pub is_length: bool,
}

/// The estimate beside what the writer said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct Reconciliation {
    /// Our estimate for all keys and their tables in the release that wrote them, expired ones included.
    pub memory_bytes: u64,
    /// `used-mem` of the file(s).
    pub used_memory_bytes: u64,
}

impl Reconciliation {
    /// What the estimate explains, and what the rest is.
    pub fn sentence(&self) -> String {
        let Self { memory_bytes, used_memory_bytes } = *self;
        let used = units::bytes(used_memory_bytes);
        let explained = units::percent(memory_bytes, used_memory_bytes);
        if memory_bytes > used_memory_bytes {
            let more = units::bytes(memory_bytes - used_memory_bytes);
            return format!(
                "The writer reported {used} in use; the estimate for it is {explained} of that, {more} more: another \
                 allocator or other encoding limits than assumed, or values that shared memory."
            );
        }
        let rest = units::bytes(used_memory_bytes - memory_bytes);
        format!(
            "The writer reported {used} in use; the estimate explains {explained} of it. The rest, {rest}, is the server \
             itself (about 1 MB when empty), buffers of clients and replicas, scripts, and room that values keep which grew."
        )
    }
}

/// What a server's `used_memory` grows by when it loads the data set. Keys whose time has come are not loaded.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize,
)]
pub struct Instance {
    /// The release of the sizes here, by its place in [`Dataset::releases`].
    pub release: usize,
    /// Keys and values, as the allocator hands out memory for them.
    pub keys_bytes: u64,
    /// The tables of keys and of expiries.
    pub tables_bytes: u64,
    /// Both.
    pub dataset_bytes: u64,
    /// Both in every release.
    pub by_release: ByRelease,
    /// The tables in every release.
    pub tables_by_release: ByRelease,
}

/// Everything about the keys.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct Dataset {
    /// The releases of [`ByRelease`], as `--target` takes them: `redis-7.4`.
    pub releases: Vec<String>,
    /// Sums over all keys.
    pub totals: Tally,
    /// What a server needs for all of it.
    pub instance: Instance,
    /// Quantiles of the memory of all keys.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantiles: Option<Quantiles>,
    /// By database number, ascending; of more than 4,096 those with the highest numbers are counted together as `(other)`.
    pub databases: Vec<Group>,
    /// By type, most memory first.
    pub types: Vec<Group>,
    /// By type and encoding, most memory first.
    pub encodings: Vec<Group>,
    /// By the time left until they expire, counted from [`Dataset::as_of_ms`]; only those with keys, in the order of
    /// [`Dataset::EXPIRIES`].
    #[serde(default)]
    pub expiries: Vec<Group>,
    /// The same keys by type, encoding and time left together, in the order of [`Dataset::encodings`] and [`Dataset::EXPIRIES`]. All
    /// module types are one type here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kinds: Vec<KindGroup>,
    /// Up to where the target packs values, with its default configuration.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub limits: Vec<PackLimit>,
    /// The time that "now" is in this report, Unix milliseconds.
    #[serde(default)]
    pub as_of_ms: i64,
    /// By memory of the key, powers of two, ascending; only those with keys.
    #[serde(default)]
    pub size_classes: Vec<SizeClass>,
    /// By key pattern, most memory first; at most [`Dataset::MAX_PATTERNS`].
    pub patterns: Vec<PatternGroup>,
    /// Keys whose pattern is not listed, and how many patterns that are.
    pub other_patterns: Tally,
    /// Number of patterns behind `other_patterns`.
    pub other_patterns_count: u64,
    /// How the patterns were made.
    #[serde(default)]
    pub folding: PatternFolding,
    /// The keys with the most memory, most first in the target release; names cut at 1,024 bytes. For each release the
    /// [`Dataset::MAX_BIGGEST`] biggest are among them.
    pub biggest: Vec<KeyRow>,
    /// The collections with the most elements, most first; at most [`Dataset::MAX_TOP`].
    #[serde(default)]
    pub most_elements: Vec<KeyRow>,
    /// The keys with the longest single element (member, field, value, list item, string), longest first; at most
    /// [`Dataset::MAX_TOP`].
    #[serde(default)]
    pub largest_elements: Vec<KeyRow>,
    /// What the names of the keys cost.
    #[serde(default)]
    pub names: Names,
    /// When keys were used last, or how often, where a file says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access: Option<Access>,
    /// Hashes stored so that fields can expire on their own, whether or not the key does. Redis keeps a small one so when the last
    /// of its fields has lost its expiry.
    #[serde(default)]
    pub with_field_ttl: u64,
    /// The estimate beside the writer's own figure, where the file has one.
    pub reconciliation: Option<Reconciliation>,
    /// What would save memory, most bytes first; empty where nothing was found. See [`Advice`] for what is not said.
    #[serde(default)]
    pub advice: Vec<Advice>,
}

impl Dataset {
    /// The same for another release, as far as that follows from what was added up: sums, groups, the biggest keys and what an
    /// instance needs. Quantiles, size classes and encodings do not; they are gone until the files are read for that release.
    #[must_use]
    pub fn in_release(mut self, release: usize) -> Self {
        let bytes = |by: &ByRelease| by.0.get(release).copied().unwrap_or_default();
        let switch = |tally: &mut Tally| {
            tally.memory_bytes = bytes(&tally.memory_by_release);
            // What is only known of the release the files were read for.
            tally.largest_memory_bytes = 0;
            tally.expired_at_save_memory_bytes = 0;
            tally.expired_now_memory_bytes = 0;
        };
        switch(&mut self.totals);
        switch(&mut self.other_patterns);
        self.quantiles = None;
        self.size_classes.clear();
        self.encodings.clear();
        self.kinds.clear();
        self.limits.clear();
        self.access = None;
        self.advice.clear();
        for groups in [&mut self.databases, &mut self.types, &mut self.expiries] {
            for group in groups {
                switch(&mut group.tally);
                group.quantiles = None;
            }
        }
        self.types.order_by(|a, b| (b.tally.memory_bytes, &a.name).cmp(&(a.tally.memory_bytes, &b.name)));
        for group in &mut self.patterns {
            switch(&mut group.tally);
            group.quantiles = None;
            group.largest = None;
        }
        self.patterns
            .order_by(|a, b| (b.tally.memory_bytes, &a.pattern).cmp(&(a.tally.memory_bytes, &b.pattern)));
        for row in &mut self.biggest {
            if let Some(by) = &row.memory_by_release {
                row.memory_bytes = bytes(by);
            }
        }
        self.biggest.order_by_key(|row| core::cmp::Reverse(row.memory_bytes));
        if let Some(largest) = self.biggest.first() {
            self.totals.largest_memory_bytes = largest.memory_bytes;
        }
        self.instance.release = release;
        self.instance.dataset_bytes = bytes(&self.instance.by_release);
        self.instance.tables_bytes = bytes(&self.instance.tables_by_release);
        self.instance.keys_bytes = self.instance.dataset_bytes.saturating_sub(self.instance.tables_bytes);
        self
    }

    /// How many patterns are listed.
    pub const MAX_PATTERNS: usize = 200;
    /// How many big keys are listed for a release.
    pub const MAX_BIGGEST: usize = 100;
    /// How many keys the other lists hold.
    pub const MAX_TOP: usize = 20;
    /// The names of [`Dataset::expiries`]. What had expired when the file was saved is not counted again as expired by now.
    pub const EXPIRIES: [&str; 10] = [
        "never",
        "expired when saved",
        "expired since",
        "within 1 min",
        "within 1 h",
        "within 1 day",
        "within 1 week",
        "within 30 days",
        "within 1 year",
        "later",
    ];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rest_of_used_memory_is_named() {
        let less = Reconciliation { memory_bytes: 970_000, used_memory_bytes: 1_000_000 }.sentence();
        assert!(less.contains("explains 97 %") && less.contains("The rest, 30 KB"), "{less}");
        let more = Reconciliation { memory_bytes: 1_100_000, used_memory_bytes: 1_000_000 }.sentence();
        assert!(more.contains("110 %") && more.contains("100 KB more"), "{more}");
        for sentence in [less, more] {
            assert!(!sentence.contains("  "), "{sentence}");
        }
    }

    #[test]
    fn another_release_follows_from_the_sums() {
        let tally = |a, b| {
            let mut by = ByRelease::default();
            (by.0[0], by.0[1]) = (a, b);
            Tally { keys: 1, memory_bytes: a, memory_by_release: by, ..Tally::default() }
        };
        let group = |name: &str, tally| Group { name: name.into(), tally, ..Group::default() };
        let dataset = Dataset {
            totals: tally(30, 50),
            types: vec![group("hash", tally(20, 10)), group("string", tally(10, 40))],
            instance: Instance { by_release: tally(33, 55).memory_by_release, ..Instance::default() },
            ..Dataset::default()
        };
        let other = dataset.clone().in_release(1);
        assert_eq!((other.totals.memory_bytes, other.instance.dataset_bytes), (50, 55));
        assert_eq!(
            other.types.iter().map(|group| group.name.as_str()).collect::<Vec<_>>(),
            ["string", "hash"]
        );
        assert_eq!(other.in_release(0).types, dataset.types);
    }
}
