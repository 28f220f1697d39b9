//! How sizes, times and names are spread over the keys.

use borsh::{BorshDeserialize, BorshSerialize};
use serde::{Deserialize, Serialize};

use crate::{KeyName, KeyRow};

/// Quantiles of `memory_bytes` over a set of keys, from a histogram of bounded error.
///
/// A quantile `q` of `n` keys is the size of the key of rank `ceil(q * n)`, counted from the smallest. The figure given is never
/// below that size and at most [`Self::error_per_mille`] thousandths above it; `max` is exact.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize,
)]
pub struct Quantiles {
    /// Half of the keys take at most so many bytes.
    pub p50: u64,
    /// Nine of ten do.
    pub p90: u64,
    /// 99 of 100 do.
    pub p99: u64,
    /// All do.
    pub max: u64,
    /// How many thousandths the three may lie too high.
    pub error_per_mille: u32,
}

/// The keys between one power of two bytes of memory and the next.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize,
)]
pub struct SizeClass {
    /// The least `memory_bytes` that belongs to it; what is twice that does not.
    pub from_bytes: u64,
    /// Keys.
    pub keys: u64,
    /// Their memory.
    pub memory_bytes: u64,
}

/// What the names of the keys cost.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct Names {
    /// The longest names, longest first; at most [`Names::MAX_LONGEST`].
    pub longest: Vec<LongName>,
}

impl Names {
    /// How many long names are listed.
    pub const MAX_LONGEST: usize = 20;
}

/// A key with a long name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct LongName {
    /// Length of its whole name.
    pub name_bytes: u64,
    /// The key; its name is cut at 1,024 bytes.
    pub key: KeyRow,
}

/// When keys were used last, or how often: as far as the writer kept account of it (its `maxmemory-policy` decides which).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct Access {
    /// Time since the last access when the file was saved, shortest first; empty where the file does not say.
    pub idle: Vec<AccessGroup>,
    /// LFU counters, lowest first; empty where the file does not say.
    pub frequency: Vec<AccessGroup>,
    /// Keys of which it says neither.
    pub unknown_keys: u64,
    /// The keys in use: shortest idle time or highest counter first, larger ones before smaller ones; at most
    /// [`Access::MAX_LISTED`].
    pub hottest: Vec<KeyRow>,
    /// The keys nobody asks for: longest idle time or lowest counter first, larger ones before smaller ones.
    pub coldest: Vec<KeyRow>,
}

impl Access {
    /// How many hot and cold keys are listed.
    pub const MAX_LISTED: usize = 20;

    /// Memory of keys that were idle for at least so many seconds. Exact where `seconds` is the [`AccessGroup::from`] of a group,
    /// else that of the groups that lie above it as a whole.
    pub fn idle_at_least(&self, seconds: u64) -> u64 {
        self.idle.iter().filter(|group| group.from >= seconds).map(|group| group.memory_bytes).sum()
    }
}

/// Keys with similar idle times (seconds) or LFU counters (0 to 255).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct AccessGroup {
    /// In words: `1 min - 1 h`, `11 - 50`.
    pub name: String,
    /// The least value that belongs to it.
    pub from: u64,
    /// Keys.
    pub keys: u64,
    /// Their memory.
    pub memory_bytes: u64,
    /// Those of them that never expire.
    #[serde(default)]
    pub without_ttl_keys: u64,
    /// Memory of these.
    #[serde(default)]
    pub without_ttl_memory_bytes: u64,
}

/// What is in each of the hash slots, by the number of the slot. In JSON each list is one text, the numbers separated by spaces.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct SlotLoads {
    /// Keys.
    #[serde(with = "numbers")]
    pub keys: Vec<u64>,
    /// Their memory.
    #[serde(with = "numbers")]
    pub memory_bytes: Vec<u64>,
}

mod numbers {
    //! One text in place of 16,384 lines.

    use core::fmt::Write as _;

    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

    pub(super) fn serialize<S: Serializer>(numbers: &[u64], serializer: S) -> Result<S::Ok, S::Error> {
        let mut text = String::with_capacity(numbers.len() * 4);
        for (i, number) in numbers.iter().enumerate() {
            // Writing to a String cannot fail.
            let _ = write!(text, "{}{number}", if i == 0 { "" } else { " " });
        }
        serializer.serialize_str(&text)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u64>, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.split_ascii_whitespace().map(|number| number.parse().map_err(D::Error::custom)).collect()
    }
}

/// A hash slot and what is in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct SlotLoad {
    /// 0 to 16,383.
    pub slot: u16,
    /// Its keys.
    pub keys: u64,
    /// Their memory.
    pub memory_bytes: u64,
    /// The largest of them, its name cut at 128 bytes.
    pub largest: KeyName,
    /// What that one takes.
    pub largest_memory_bytes: u64,
}
