//! Keys by the shape of their names.

use borsh::{BorshDeserialize, BorshSerialize};
use serde::{Deserialize, Serialize};

use crate::{KeyName, Quantiles, Tally, units};

/// How key names are put into groups. The first of these that fits a name decides: a template, the regular expression, the
/// automatic folding of segments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct PatternOptions {
    /// The characters between segments; ASCII, at most [`PatternOptions::MAX_SEPARATORS`].
    #[serde(default = "PatternOptions::default_separators")]
    pub separators: String,
    /// Shapes of one's own, the first that fits wins: `*` stands for any characters within a segment, `**` for any at all.
    #[serde(default)]
    pub templates: Vec<String>,
    /// A regular expression; what its first group has found names the group of keys, or what all of it has found.
    #[serde(default)]
    pub regex: Option<String>,
    /// Leave the first segment out: a tenant, an application.
    #[serde(default)]
    pub skip_first_segment: bool,
}

impl PatternOptions {
    /// Most separators.
    pub const MAX_SEPARATORS: usize = 16;
    /// Most templates.
    pub const MAX_TEMPLATES: usize = 64;

    fn default_separators() -> String {
        ":/|#,".into()
    }
}

impl Default for PatternOptions {
    fn default() -> Self {
        Self {
            separators: Self::default_separators(),
            templates: Vec::new(),
            regex: None,
            skip_first_segment: false,
        }
    }
}

/// What put keys into a group of [`PatternGroup`].
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    BorshSerialize,
    BorshDeserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum PatternSource {
    /// The segments of their names, identifiers folded.
    #[default]
    Segments,
    /// A template of the user's.
    Template,
    /// The user's regular expression.
    Regex,
}

/// The keys whose names have one shape.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct PatternGroup {
    /// The shape, identifiers folded: `user:{int}:profile`.
    pub pattern: String,
    /// What made it a group.
    #[serde(default)]
    pub source: PatternSource,
    /// The type most of its memory belongs to.
    pub type_name: String,
    /// Sums.
    #[serde(flatten)]
    pub tally: Tally,
    /// Memory of its keys that never expire.
    #[serde(default)]
    pub without_ttl_memory_bytes: u64,
    /// Its strings of at least 64 bytes.
    #[serde(default)]
    pub texts: Texts,
    /// The earliest and the latest expiry among its keys, Unix milliseconds.
    pub expires_ms: Option<(i64, i64)>,
    /// Its largest key, the name cut at 128 bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub largest: Option<KeyName>,
    /// Quantiles of the memory of its keys; absent where the tree is so wide that there was no room for a histogram.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantiles: Option<Quantiles>,
}

/// Strings that are not short, as values and as they are stored.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize,
)]
pub struct Texts {
    /// How many.
    pub keys: u64,
    /// Their lengths.
    pub len_bytes: u64,
    /// What is stored of them in the file: less where the writer compressed them.
    pub stored_bytes: u64,
}

impl Texts {
    /// Adds those of another set of keys.
    pub fn merge(&mut self, other: &Self) {
        self.keys += other.keys;
        self.len_bytes = self.len_bytes.saturating_add(other.len_bytes);
        self.stored_bytes = self.stored_bytes.saturating_add(other.stored_bytes);
    }
}

/// How the names were put into patterns, and what was folded away so that the patterns fit a fixed budget.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct PatternFolding {
    /// What was asked for.
    pub options: PatternOptions,
    /// Segments in use, each a node of a tree.
    pub nodes: u64,
    /// How many there can be.
    pub max_nodes: u64,
    /// Places where different words are counted together as `{word}`, because there are too many of them.
    pub folded_words: u64,
    /// Places below which everything is counted together as `{rest}`, because the budget of nodes does not reach further.
    pub cut: u64,
    /// Keys that are counted there.
    pub cut_keys: u64,
    /// Their memory.
    pub cut_memory_bytes: u64,
    /// Keys whose group of the regular expression is not kept, because it gives too many.
    pub other_regex_keys: u64,
    /// The first segment that (nearly) all keys share: one that says nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shared_first_segment: Option<SharedSegment>,
}

impl PatternFolding {
    /// What was folded away and why, of a data set of so many keys; nothing where nothing was. The same words everywhere.
    pub fn sentences(&self, all_keys: u64) -> Vec<String> {
        let mut sentences = Vec::new();
        if let Some(shared) = &self.shared_first_segment {
            sentences.push(format!(
                "{} of the keys begin with {}: that segment tells nothing.",
                units::percent(shared.keys, all_keys),
                units::printable(shared.segment.as_bytes())
            ));
        }
        if self.folded_words > 0 {
            sentences.push(format!(
                "In {} there are too many different words to list: they are {{word}}.",
                units::plural(self.folded_words, "place", "places")
            ));
        }
        if self.cut_keys > 0 {
            sentences.push(format!(
                "The budget of {} segments is spent: below {} {} are counted together as {{rest}}.",
                units::count(self.max_nodes),
                units::plural(self.cut, "place", "places"),
                units::plural(self.cut_keys, "key", "keys")
            ));
        }
        if self.other_regex_keys > 0 {
            sentences.push(format!(
                "The regular expression gives more groups than are kept: {} are in none of them.",
                units::plural(self.other_regex_keys, "key", "keys")
            ));
        }
        sentences
    }
}

/// A first segment that at least [`SharedSegment::LEAST_PERCENT`] of the keys begin with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct SharedSegment {
    /// The segment, without separator.
    pub segment: String,
    /// How many keys begin with it.
    pub keys: u64,
}

impl SharedSegment {
    /// From this share on a first segment is called shared.
    pub const LEAST_PERCENT: u64 = 90;
}
