//! Where the keys and the bytes of a snapshot are.

use serde::{Deserialize, Serialize};

use crate::KeyRow;

/// How many releases the memory model describes.
pub const RELEASES: usize = 10;

/// Bytes of RAM in each release the memory model describes, in the order of [`Dataset::releases`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
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
        self.largest_memory_bytes = self.largest_memory_bytes.max(other.largest_memory_bytes);
    }
}

/// The keys that share one property.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// Its value: `0` (a database), `hash` (a type), `listpack` (an encoding).
    pub name: String,
    /// For encodings, the type they belong to; else the same as `name` or empty.
    pub type_name: String,
    /// Sums.
    #[serde(flatten)]
    pub tally: Tally,
}

/// The keys whose names have one shape.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PatternGroup {
    /// The shape, identifiers folded: `user:{int}:profile`.
    pub pattern: String,
    /// The type most of its memory belongs to.
    pub type_name: String,
    /// Sums.
    #[serde(flatten)]
    pub tally: Tally,
    /// The earliest and the latest expiry among its keys, Unix milliseconds.
    pub expires_ms: Option<(i64, i64)>,
}

/// The estimate beside what the writer said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reconciliation {
    /// Our estimate for all keys.
    pub memory_bytes: u64,
    /// `used-mem` of the file(s).
    pub used_memory_bytes: u64,
}

/// What a server's `used_memory` grows by when it loads the data set. Keys whose time has come are not loaded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
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
}

/// Everything about the keys.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dataset {
    /// The releases of [`ByRelease`], as `--target` takes them: `redis-7.4`.
    pub releases: Vec<String>,
    /// Sums over all keys.
    pub totals: Tally,
    /// What a server needs for all of it.
    pub instance: Instance,
    /// By database number, ascending.
    pub databases: Vec<Group>,
    /// By type, most memory first.
    pub types: Vec<Group>,
    /// By type and encoding, most memory first.
    pub encodings: Vec<Group>,
    /// By key pattern, most memory first; at most [`Dataset::MAX_PATTERNS`].
    pub patterns: Vec<PatternGroup>,
    /// Keys whose pattern is not listed, and how many patterns that are.
    pub other_patterns: Tally,
    /// Number of patterns behind `other_patterns`.
    pub other_patterns_count: u64,
    /// The keys with the most memory, most first; at most [`Dataset::MAX_BIGGEST`], names cut at 1,024 bytes.
    pub biggest: Vec<KeyRow>,
    /// The estimate beside the writer's own figure, where the file has one.
    pub reconciliation: Option<Reconciliation>,
}

impl Dataset {
    /// How many patterns are listed.
    pub const MAX_PATTERNS: usize = 200;
    /// How many big keys are listed.
    pub const MAX_BIGGEST: usize = 100;
}
