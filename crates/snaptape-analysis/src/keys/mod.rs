//! Folds keys into a [`Dataset`].

mod instance;
mod pattern;
mod tree;

use std::{cmp::Reverse, collections::BTreeMap, collections::BinaryHeap};

use snaptape_rdb::LogicalType;
use snaptape_report::{ByRelease, Dataset, Group, KeyName, KeyRow, Reconciliation, Tally, TypeName};

use self::{instance::InstanceFold, tree::PatternTree};

/// Number of logical types.
pub(crate) const TYPE_COUNT: usize = LogicalType::ALL.len();

/// The name of the `i`th logical type.
pub(crate) fn type_name(i: usize) -> &'static str {
    LogicalType::ALL.get(i).map_or("unknown", |t| t.name())
}

/// Everything known of one key; borrows its name.
#[derive(Debug, Clone, Copy)]
pub struct KeyFacts<'a> {
    /// Database number.
    pub db: u64,
    /// Its name.
    pub name: &'a [u8],
    /// Its logical type.
    pub logical: LogicalType,
    /// The word TYPE answers: for modules the module's name.
    pub type_name: &'a str,
    /// The word OBJECT ENCODING uses.
    pub encoding: &'static str,
    /// STRLEN, LLEN and so on; `None` for modules and values too long to look into.
    pub elements: Option<u64>,
    /// Absolute expiry, Unix milliseconds.
    pub expires_at_ms: Option<i64>,
    /// Had it passed when the file was saved?
    pub expired_at_save: bool,
    /// Has it passed now?
    pub expired_now: bool,
    /// Bytes of the entry in the file.
    pub file_bytes: u64,
    /// Key and element bytes.
    pub payload_bytes: u64,
    /// Estimated RAM.
    pub memory_bytes: u64,
    /// The same in every release the memory model describes.
    pub memory_by_release: ByRelease,
    /// What the allocator hands out for it in every release, the tables of the keyspace apart.
    pub allocated_by_release: ByRelease,
    /// The release of `memory_bytes` among those that are described.
    pub release: usize,
    /// Offset of the entry.
    pub offset: u64,
    /// The hash slot the file says the key belongs to.
    pub announced_slot: Option<u16>,
    /// Digest of the canonical value, where asked for.
    pub value_sha256: Option<[u8; 32]>,
}

impl Default for KeyFacts<'_> {
    fn default() -> Self {
        Self {
            db: 0,
            name: &[],
            logical: LogicalType::String,
            type_name: "string",
            encoding: "raw",
            elements: None,
            expires_at_ms: None,
            expired_at_save: false,
            expired_now: false,
            file_bytes: 0,
            payload_bytes: 0,
            memory_bytes: 0,
            memory_by_release: ByRelease::default(),
            allocated_by_release: ByRelease::default(),
            release: 0,
            offset: 0,
            announced_slot: None,
            value_sha256: None,
        }
    }
}

impl KeyFacts<'_> {
    /// Adds this key to a sum.
    pub(crate) fn add_to(&self, tally: &mut Tally) {
        tally.keys += 1;
        // A string counts as one element, however long.
        tally.elements += match self.logical {
            LogicalType::String => 1,
            _ => self.elements.unwrap_or(0),
        };
        tally.file_bytes += self.file_bytes;
        tally.payload_bytes += self.payload_bytes;
        tally.memory_bytes += self.memory_bytes;
        tally.memory_by_release.add(&self.memory_by_release);
        tally.with_ttl += u64::from(self.expires_at_ms.is_some());
        tally.expired_at_save += u64::from(self.expired_at_save);
        tally.expired_now += u64::from(self.expired_now);
        tally.largest_memory_bytes = tally.largest_memory_bytes.max(self.memory_bytes);
    }

    /// The same as a row that owns its parts.
    pub fn to_row(&self, file: Option<&str>) -> KeyRow {
        KeyRow {
            db: self.db,
            name: KeyName::new(self.name),
            type_name: TypeName(self.type_name.into()),
            encoding: self.encoding.into(),
            elements: self.elements,
            expires_at_ms: self.expires_at_ms,
            file_bytes: self.file_bytes,
            payload_bytes: self.payload_bytes,
            memory_bytes: self.memory_bytes,
            offset: self.offset,
            file: file.map(Into::into),
            value_sha256: self.value_sha256.map(|digest| hex(&digest)),
        }
    }
}

/// Lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    use core::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
        // Writing to a string cannot fail.
        let _ = write!(out, "{byte:02x}");
        out
    })
}

/// A big key, ordered by memory, then by where it stands: equal sizes rank the same in any order of folding.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Big {
    memory_bytes: u64,
    place: Reverse<(Option<String>, u64)>,
    row: KeyRow,
}

impl Ord for Big {
    fn cmp(&self, other: &Self) -> core::cmp::Ordering {
        (self.memory_bytes, &self.place).cmp(&(other.memory_bytes, &other.place))
    }
}

impl PartialOrd for Big {
    fn partial_cmp(&self, other: &Self) -> Option<core::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// Sums over keys, in bounded memory. `merge` of two folds equals one fold over both.
#[derive(Debug, Clone, Default)]
pub struct DatasetFold {
    totals: Tally,
    databases: BTreeMap<u64, Tally>,
    types: BTreeMap<String, Tally>,
    encodings: Vec<((LogicalType, &'static str), Tally)>,
    patterns: PatternTree,
    biggest: BinaryHeap<Reverse<Big>>,
    used_memory_bytes: Option<u64>,
    instance: InstanceFold,
}

/// Longest name kept with a big key: a hundred names of megabytes each would be no list.
const MAX_BIG_NAME: usize = 1024;
/// Most databases listed one by one: a hostile file can select any number.
const MAX_DATABASES: usize = 4096;
/// Most types listed one by one: a hostile file can name any module.
const MAX_TYPES: usize = 256;

impl DatasetFold {
    /// Adds a key. `file` names its file where there are several.
    pub fn add(&mut self, key: &KeyFacts<'_>, file: Option<&str>) {
        key.add_to(&mut self.totals);
        self.instance.add(key);
        if let Some(tally) = self.databases.get_mut(&key.db) {
            key.add_to(tally);
        } else {
            let db = if self.databases.len() < MAX_DATABASES { key.db } else { u64::MAX };
            key.add_to(self.databases.entry(db).or_default());
        }
        if let Some(tally) = self.types.get_mut(key.type_name) {
            key.add_to(tally);
        } else {
            let name = if self.types.len() < MAX_TYPES { key.type_name } else { "(other)" };
            key.add_to(self.types.entry(name.into()).or_default());
        }
        let kind = (key.logical, key.encoding);
        if let Some((_, tally)) = self.encodings.iter_mut().find(|(k, _)| *k == kind) {
            key.add_to(tally);
        } else {
            let mut tally = Tally::default();
            key.add_to(&mut tally);
            self.encodings.push((kind, tally));
        }
        self.patterns.add(key);
        let full = self.biggest.len() >= Dataset::MAX_BIGGEST;
        if !full || self.biggest.peek().is_some_and(|Reverse(least)| key.memory_bytes >= least.memory_bytes) {
            let short = KeyFacts { name: key.name.get(..MAX_BIG_NAME).unwrap_or(key.name), ..*key };
            let row = short.to_row(file);
            self.push_big(Big {
                memory_bytes: key.memory_bytes,
                place: Reverse((row.file.clone(), key.offset)),
                row,
            });
        }
    }

    fn push_big(&mut self, big: Big) {
        self.biggest.push(Reverse(big));
        if self.biggest.len() > Dataset::MAX_BIGGEST {
            self.biggest.pop();
        }
    }

    /// Notes what the writer of a file said it used.
    pub fn add_used_memory(&mut self, bytes: u64) {
        let sum = self.used_memory_bytes.unwrap_or(0).saturating_add(bytes);
        self.used_memory_bytes = Some(sum);
    }

    /// Adds everything another fold has seen.
    pub fn merge(&mut self, other: Self) {
        self.totals.merge(&other.totals);
        for (db, tally) in other.databases {
            let known = self.databases.contains_key(&db) || self.databases.len() < MAX_DATABASES;
            self.databases.entry(if known { db } else { u64::MAX }).or_default().merge(&tally);
        }
        for (name, tally) in other.types {
            let known = self.types.contains_key(&name) || self.types.len() < MAX_TYPES;
            self.types.entry(if known { name } else { "(other)".into() }).or_default().merge(&tally);
        }
        for (kind, tally) in other.encodings {
            match self.encodings.iter_mut().find(|(k, _)| *k == kind) {
                Some((_, sum)) => sum.merge(&tally),
                None => self.encodings.push((kind, tally)),
            }
        }
        self.patterns.merge(&other.patterns);
        self.instance.merge(&other.instance);
        for Reverse(big) in other.biggest {
            self.push_big(big);
        }
        if let Some(bytes) = other.used_memory_bytes {
            self.add_used_memory(bytes);
        }
    }

    /// Keys seen so far.
    pub fn keys(&self) -> u64 {
        self.totals.keys
    }

    /// The result.
    pub fn finish(self) -> Dataset {
        let (mut patterns, mut other_patterns) = self.patterns.groups();
        let cut = patterns.len().min(Dataset::MAX_PATTERNS);
        let folded = patterns.split_off(cut);
        for group in &folded {
            other_patterns.merge(&group.tally);
        }
        let mut types: Vec<Group> = self
            .types
            .into_iter()
            .map(|(name, tally)| Group { type_name: name.clone(), name, tally })
            .collect();
        let mut encodings: Vec<Group> = self
            .encodings
            .into_iter()
            .map(|((logical, name), tally)| Group {
                name: name.into(),
                type_name: logical.name().into(),
                tally,
            })
            .collect();
        for groups in [&mut types, &mut encodings] {
            groups.sort_by(|a, b| {
                (b.tally.memory_bytes, &a.type_name, &a.name).cmp(&(
                    a.tally.memory_bytes,
                    &b.type_name,
                    &b.name,
                ))
            });
        }
        let biggest = self.biggest.into_sorted_vec().into_iter().map(|Reverse(big)| big.row).collect();
        Dataset {
            instance: self.instance.finish(&self.databases),
            releases: snaptape_memory::RELEASES.iter().map(|layout| layout.release.to_string()).collect(),
            totals: self.totals,
            databases: self
                .databases
                .into_iter()
                .map(|(db, tally)| Group {
                    name: if db == u64::MAX { "(other)".into() } else { db.to_string() },
                    type_name: String::new(),
                    tally,
                })
                .collect(),
            types,
            encodings,
            patterns,
            other_patterns,
            other_patterns_count: folded.len() as u64,
            biggest,
            reconciliation: self.used_memory_bytes.map(|used| Reconciliation {
                memory_bytes: self.totals.memory_bytes,
                used_memory_bytes: used,
            }),
        }
    }
}
