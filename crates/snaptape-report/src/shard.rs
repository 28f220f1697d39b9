//! Several snapshots as one data set, and the hash slots of a cluster.

use borsh::{BorshDeserialize, BorshSerialize};
use serde::{Deserialize, Serialize};

use crate::{SlotLoad, SlotLoads, units};

/// Hash slots of a cluster that follow each other.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    BorshSerialize,
    BorshDeserialize,
)]
pub struct SlotRange {
    /// The first, 0 - 16,383.
    pub first: u16,
    /// The last, included.
    pub last: u16,
}

impl SlotRange {
    /// How many slots.
    pub fn slots(self) -> u32 {
        u32::from(self.last).saturating_sub(u32::from(self.first)) + 1
    }
}

impl core::fmt::Display for SlotRange {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        if self.first == self.last {
            write!(f, "{}", self.first)
        } else {
            write!(f, "{}-{}", self.first, self.last)
        }
    }
}

/// One snapshot of several.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct Shard {
    /// Path as it was given.
    pub file: String,
    /// The release that wrote it, if the file says: `7.4.1`.
    pub release: Option<String>,
    /// Keys.
    pub keys: u64,
    /// Length of the file.
    pub file_bytes: u64,
    /// Key and element bytes, logical.
    pub payload_bytes: u64,
    /// Estimated RAM of its keys.
    pub memory_bytes: u64,
    /// Slots its keys fall into.
    pub slots: u32,
    /// From the first to the last of them, in ranges: gaps that chance explains (few keys fall into few slots) do not interrupt a
    /// range.
    pub ranges: Vec<SlotRange>,
}

/// Which hash slots the keys fall into.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct SlotCoverage {
    /// Slots that hold a key, of 16,384.
    pub covered: u32,
    /// Slots in ranges without a key that are too long for chance: a shard is likely not there.
    pub missing_slots: u32,
    /// Those ranges, at most [`SlotCoverage::MAX_RANGES`].
    pub missing: Vec<SlotRange>,
    /// Slots with keys in more than one shard.
    pub doubled_slots: u32,
    /// Those slots, at most [`SlotCoverage::MAX_RANGES`] ranges.
    pub doubled: Vec<SlotRange>,
    /// Keys that stand in more than one shard; where `one_in` is more than 1, of those that were compared.
    pub shared_keys: u64,
    /// One key in so many was compared with those of other shards; 1 for all of them.
    pub one_in: u64,
    /// Keys that stand under another slot than their own.
    pub misplaced_keys: u64,
    /// The slots with the most memory, most first; at most [`SlotCoverage::MAX_HEAVIEST`].
    #[serde(default)]
    pub heaviest: Vec<SlotLoad>,
    /// What is in each slot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub loads: Option<SlotLoads>,
}

impl Shard {
    /// Its ranges in one line: `0-5460`. The first few; few keys make many ranges.
    pub fn ranges_text(&self) -> String {
        const MAX: usize = 4;
        let some: Vec<String> = self.ranges.iter().take(MAX).map(ToString::to_string).collect();
        let more = if self.ranges.len() > some.len() { ", ..." } else { "" };
        format!("{}{more}", some.join(", "))
    }
}

impl SlotCoverage {
    /// In one line: `10,922 of 16,384 hash slots hold keys, 5,462 missing`.
    pub fn summary(&self) -> String {
        let slots = |n: u32| units::count(u64::from(n));
        let mut parts =
            vec![format!("{} of {} hash slots hold keys", slots(self.covered), slots(Self::SLOTS))];
        for (n, what) in [(self.missing_slots, "missing"), (self.doubled_slots, "in more than one file")] {
            if n > 0 {
                parts.push(format!("{} {what}", slots(n)));
            }
        }
        parts.join(", ")
    }

    /// Slots of a cluster.
    pub const SLOTS: u32 = 16_384;
    /// Most ranges that are listed.
    pub const MAX_RANGES: usize = 256;
    /// How many heavy slots are listed.
    pub const MAX_HEAVIEST: usize = 20;
}
