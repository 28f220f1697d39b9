//! What is known of a key, and the folds over keys.
//!
//! Each fold is bounded, and depends on the set of keys alone: merging two of them gives what one over both would.

mod access;
mod advice;
mod bounded;
mod expiry;
mod fold;
pub(crate) mod grouping;
mod instance;
mod kinds;
mod leaf;
mod map;
pub(crate) mod pattern;
pub(crate) mod patterns;
mod regex;
mod sketch;
mod template;
mod top;
pub(crate) mod tree;

use snaptape_memory::Raised;
use snaptape_rdb::LogicalType;
use snaptape_report::{ByRelease, KeyName, KeyRow, Tally, TypeName};

pub(crate) use self::top::front;
pub use self::{
    advice::slot_advice,
    fold::DatasetFold,
    map::MapFold,
    regex::{Finds, MakeRegex, make_regex},
};
use crate::StoredText;

/// Sums that can be added to each other.
pub(crate) trait Merge {
    /// Adds what the other has seen.
    fn merge(&mut self, other: &Self);
}

impl Merge for Tally {
    fn merge(&mut self, other: &Self) {
        Self::merge(self, other);
    }
}

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
    /// The longest single element: member, field, value, list item, string.
    pub largest_element_bytes: u64,
    /// Seconds since its last access, where the writer's policy was LRU.
    pub idle_s: Option<u64>,
    /// LFU counter, where the writer's policy was LFU.
    pub freq: Option<u8>,
    /// Offset of the entry.
    pub offset: u64,
    /// The hash slot the file says the key belongs to.
    pub announced_slot: Option<u16>,
    /// The limit of the target that keeps its value from being packed, where raising that one would help.
    pub raised: Option<Raised>,
    /// A string's text as it is stored, unless it is short.
    pub stored: Option<StoredText>,
    /// Is any part of its value compressed in the file?
    pub is_compressed: bool,
    /// Digest of the canonical value, where asked for.
    pub value_sha256: Option<[u8; 32]>,
    /// Does its snapshot say that it is the front of a tape?
    pub in_tape: bool,
    /// Is it a hash of which fields expire on their own?
    pub expires_fields: bool,
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
            largest_element_bytes: 0,
            idle_s: None,
            freq: None,
            offset: 0,
            announced_slot: None,
            raised: None,
            stored: None,
            is_compressed: false,
            value_sha256: None,
            in_tape: false,
            expires_fields: false,
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
        tally.name_bytes += self.name.len() as u64;
        if self.expired_at_save {
            tally.expired_at_save_memory_bytes += self.memory_bytes;
        }
        if self.expired_now {
            tally.expired_now_memory_bytes += self.memory_bytes;
        }
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
            memory_by_release: None,
            largest_element_bytes: Some(self.largest_element_bytes).filter(|bytes| *bytes > 0),
            idle_s: self.idle_s,
            freq: self.freq,
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
