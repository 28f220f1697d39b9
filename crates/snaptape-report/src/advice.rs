//! What would save memory.

use snaptape_sort::Sort as _;
use std::collections::BTreeMap;

use borsh::{BorshDeserialize, BorshSerialize};
use serde::{Deserialize, Serialize};

use crate::KeyName;

/// Something that would save memory, or that holds memory nobody may want held.
///
/// Figures are those of the target release with the limits of its default configuration. An item is only given where its bytes
/// reach [`Advice::LEAST_PER_MILLE`] of all memory and [`Advice::LEAST_BYTES`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct Advice {
    /// What it is about.
    pub kind: AdviceKind,
    /// What `used_memory` would shrink by; `None` where that hangs on what the keys are for, or is not known.
    pub saved_bytes: Option<u64>,
    /// What the sum of `MEMORY USAGE` over all keys would shrink by, where it was worked out. The command counts some things
    /// otherwise than the allocator does: a table's entries, say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub saved_memory_usage_bytes: Option<u64>,
    /// `memory_bytes` of the keys it is about; of a sample, scaled up.
    pub affected_bytes: u64,
    /// The keys it is about; of a sample, scaled up.
    pub keys: u64,
    /// The setting to change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub setting: Option<AdvisedSetting>,
    /// The pattern the keys have, where it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pattern: Option<String>,
    /// Some of the keys, names cut at 128 bytes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub examples: Vec<KeyName>,
    /// One in so many was looked at; 1 where all were.
    pub one_in: u64,
    /// What there is, and what would be saved by what, in a sentence.
    pub sentence: String,
    /// What that would cost, in a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<String>,
}

/// A line for the configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct AdvisedSetting {
    /// Its name: `hash-max-listpack-entries`.
    pub name: String,
    /// What it should be.
    pub value: u64,
    /// What it is by default.
    pub default: u64,
}

/// What advice is about.
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
#[serde(rename_all = "snake_case")]
pub enum AdviceKind {
    /// Values just above the limit up to which they would be packed.
    AboveLimit,
    /// Strings that the file's own compression makes much shorter.
    CompressibleStrings,
    /// One key takes a good part of everything.
    DominatingKey,
    /// One key takes most of its hash slot, which no other node can relieve.
    DominatingKeyOfSlot,
    /// Long strings that stand there more than once.
    DuplicatedValues,
    /// Keys that had expired when the file was saved, and are still there.
    ExpiredKeys,
    /// Names of keys that repeat the same long text.
    LongNames,
    /// Keys without TTL among many that have one.
    MissingTtl,
}

impl Advice {
    /// Most items that are given.
    pub const MAX: usize = 12;
    /// Most items of one kind, but for limits: each setting is one of its own.
    pub const MAX_OF_KIND: usize = 3;
    /// Most examples of an item.
    pub const MAX_EXAMPLES: usize = 3;
    /// What is less than this share of all memory, in thousandths, is not said.
    pub const LEAST_PER_MILLE: u64 = 5;
    /// Nor what is less than this.
    pub const LEAST_BYTES: u64 = 64_000;

    /// What was looked for: the words for where nothing was found.
    pub const NOTHING: &str = "Nothing that would save half a per cent and 64 KB: no values just above an encoding limit, no keys without TTL \
        among many that have one, no long values that stand there twice, no long texts repeated in key names, no strings that \
        compress well, no key that takes a fifth of everything or most of a slot, no expired keys.";

    /// What it is ranked by: bytes saved, or else those of the keys it is about.
    pub fn bytes(&self) -> u64 {
        self.saved_bytes.unwrap_or(self.affected_bytes)
    }

    /// Names of keys it is about, where the sentence does not name them.
    pub fn examples_text(&self) -> Option<String> {
        let names: Vec<String> = self.examples.iter().map(KeyName::display).collect();
        let names: Vec<&str> =
            names.iter().map(String::as_str).filter(|name| !self.sentence.contains(name)).collect();
        (!names.is_empty()).then(|| format!("For example {}.", names.join(", ")))
    }

    /// Is it enough to be said, of so much memory in all?
    pub fn is_worth_saying(bytes: u64, all_bytes: u64) -> bool {
        let share = u128::from(all_bytes) * u128::from(Self::LEAST_PER_MILLE);
        bytes >= Self::LEAST_BYTES && u128::from(bytes) * 1000 >= share
    }

    /// Most bytes first, and no more than are given.
    pub fn order(advice: &mut Vec<Self>) {
        advice.order_by(|a, b| {
            (b.bytes(), a.kind, &a.pattern, &a.sentence).cmp(&(a.bytes(), b.kind, &b.pattern, &b.sentence))
        });
        let mut of_kind = BTreeMap::new();
        advice.retain(|advice| {
            let n: &mut usize = of_kind.entry(advice.kind).or_default();
            *n += 1;
            advice.kind == AdviceKind::AboveLimit || *n <= Self::MAX_OF_KIND
        });
        advice.truncate(Self::MAX);
    }
}

impl AdvisedSetting {
    /// As it stands in a configuration file: `hash-max-listpack-entries 640`.
    pub fn line(&self) -> String {
        format!("{} {}", self.name, self.value)
    }
}
