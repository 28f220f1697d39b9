//! Where the memory is, as a tree: keys nested by what they are called, what they are, and where they stand.

use core::fmt::Write as _;

use borsh::{BorshDeserialize, BorshSerialize};
use serde::{Deserialize, Serialize};

use crate::units;

/// Something keys can be nested by.
#[derive(
    Debug,
    Clone,
    Copy,
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
pub enum MapDimension {
    /// The segments of their names, each a level.
    Pattern,
    /// Their type, as TYPE says it.
    Type,
    /// Their encoding, as OBJECT ENCODING says it.
    Encoding,
    /// Their database.
    Database,
    /// Their hash slot: 256 slots, 16 of those, one of those.
    Slot,
    /// The file they stand in: a shard.
    File,
}

impl MapDimension {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Pattern, Self::Type, Self::Encoding, Self::Database, Self::Slot, Self::File];

    /// Its word in addresses and on the command line.
    pub fn id(self) -> &'static str {
        match self {
            Self::Pattern => "pattern",
            Self::Type => "type",
            Self::Encoding => "encoding",
            Self::Database => "database",
            Self::Slot => "slot",
            Self::File => "file",
        }
    }

    /// The one of that word; a file may also be called a shard.
    pub fn from_id(id: &str) -> Option<Self> {
        let id = if id == "shard" { "file" } else { id };
        Self::ALL.into_iter().find(|dimension| dimension.id() == id)
    }
}

/// In which order keys are nested; at least by one thing, and by none twice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
#[serde(transparent)]
pub struct MapNesting(Vec<MapDimension>);

impl Default for MapNesting {
    /// By pattern: that map is there without reading the files a second time.
    fn default() -> Self {
        Self(vec![MapDimension::Pattern])
    }
}

impl MapNesting {
    /// # Errors
    /// What is wrong with it, in words.
    pub fn new(dimensions: Vec<MapDimension>) -> Result<Self, String> {
        if dimensions.is_empty() {
            return Err("a map needs something to nest keys by".into());
        }
        if let Some(twice) =
            dimensions.iter().enumerate().find(|(i, d)| dimensions.iter().take(*i).any(|e| e == *d))
        {
            return Err(format!("keys can be nested by {} only once", twice.1.id()));
        }
        Ok(Self(dimensions))
    }

    /// Reads `pattern,type`.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn parse(words: &str) -> Result<Self, String> {
        let dimension = |word: &str| {
            MapDimension::from_id(word.trim()).ok_or_else(|| {
                let known = MapDimension::ALL.map(MapDimension::id).join(", ");
                format!("keys cannot be nested by \"{}\"; there are {known}", word.trim())
            })
        };
        Self::new(words.split(',').map(dimension).collect::<Result<_, _>>()?)
    }

    /// `pattern,type`.
    pub fn words(&self) -> String {
        let mut out = String::new();
        for (i, dimension) in self.0.iter().enumerate() {
            // Writing to a string cannot fail.
            let _ = write!(out, "{}{}", if i > 0 { "," } else { "" }, dimension.id());
        }
        out
    }

    /// From the outside in.
    pub fn dimensions(&self) -> &[MapDimension] {
        &self.0
    }
}

/// What the parts of a map are as large as.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum MapMeasure {
    /// Estimated RAM.
    #[default]
    Memory,
    /// Bytes in the file.
    FileBytes,
    /// Key and element bytes.
    PayloadBytes,
    /// How many keys.
    Keys,
    /// How many keys that never expire.
    WithoutTtl,
}

impl MapMeasure {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Memory, Self::FileBytes, Self::PayloadBytes, Self::Keys, Self::WithoutTtl];

    /// Its word in addresses and on the command line.
    pub fn id(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::FileBytes => "file",
            Self::PayloadBytes => "payload",
            Self::Keys => "keys",
            Self::WithoutTtl => "no-ttl",
        }
    }

    /// The one of that word.
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|measure| measure.id() == id)
    }

    /// As a heading.
    pub fn title(self) -> &'static str {
        match self {
            Self::Memory => "Memory",
            Self::FileBytes => "In file",
            Self::PayloadBytes => "Payload",
            Self::Keys => "Keys",
            Self::WithoutTtl => "Without TTL",
        }
    }

    /// What a share is a share of: `12 % of memory`.
    pub fn whole(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::FileBytes => "bytes in the file",
            Self::PayloadBytes => "payload",
            Self::Keys => "keys",
            Self::WithoutTtl => "keys without TTL",
        }
    }

    /// Is it counted in bytes?
    pub fn is_bytes(self) -> bool {
        !matches!(self, Self::Keys | Self::WithoutTtl)
    }

    /// A value of it in words.
    pub fn text(self, value: u64) -> String {
        if self.is_bytes() { units::bytes(value) } else { units::count(value) }
    }
}

/// Sums over the keys of a part of a map.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize,
)]
pub struct MapSums {
    /// Keys.
    pub keys: u64,
    /// Keys that never expire.
    pub without_ttl: u64,
    /// Estimated RAM.
    pub memory_bytes: u64,
    /// Bytes in the file.
    pub file_bytes: u64,
    /// Key and element bytes.
    pub payload_bytes: u64,
}

impl MapSums {
    /// Adds another set of keys to this one.
    #[inline]
    pub fn merge(&mut self, other: &Self) {
        self.keys += other.keys;
        self.without_ttl += other.without_ttl;
        self.memory_bytes = self.memory_bytes.saturating_add(other.memory_bytes);
        self.file_bytes = self.file_bytes.saturating_add(other.file_bytes);
        self.payload_bytes = self.payload_bytes.saturating_add(other.payload_bytes);
    }

    /// One of them.
    pub fn by(&self, measure: MapMeasure) -> u64 {
        match measure {
            MapMeasure::Memory => self.memory_bytes,
            MapMeasure::FileBytes => self.file_bytes,
            MapMeasure::PayloadBytes => self.payload_bytes,
            MapMeasure::Keys => self.keys,
            MapMeasure::WithoutTtl => self.without_ttl,
        }
    }
}

/// What the keys of a part have in common.
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
pub enum MapKind {
    /// Nothing: they are all keys.
    #[default]
    All,
    /// Segments of their names, the separator in front; what stands before are the patterns around it.
    Pattern,
    /// A template or a group of the regular expression.
    Group,
    /// Their names end where the pattern around it ends.
    Itself,
    /// Their type.
    Type,
    /// Their encoding.
    Encoding,
    /// Their database.
    Database,
    /// Their hash slots.
    Slots,
    /// Their file.
    File,
    /// They were counted together because there are too many different ones.
    Rest,
    /// They are parts too small to be listed.
    Others,
}

/// A part of a map.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct MapNode {
    /// The part around it, by its place in the list; the first one is all keys, and around itself.
    pub parent: u32,
    /// What its keys have in common.
    pub kind: MapKind,
    /// Its name among the parts beside it: `:{int}:profile`, `hash`, `db0`.
    pub name: String,
    /// The type most of its memory belongs to.
    pub type_name: String,
    /// Do its keys have several types?
    pub mixed: bool,
    /// Its keys. Those of the parts within it add up to the same.
    pub sums: MapSums,
}

impl MapNode {
    /// What it is called among the parts beside it.
    pub fn label(&self) -> &str {
        match self.kind {
            MapKind::All => "all keys",
            MapKind::Itself => "names that end here",
            _ if self.name.is_empty() => "(empty)",
            _ => &self.name,
        }
    }

    /// The type of its keys: `hash`, or `mostly hash` where there are others.
    pub fn types(&self) -> String {
        let mostly = if self.mixed { "mostly " } else { "" };
        format!("{mostly}{}", self.type_name)
    }
}

/// Keys nested in each other by what they have in common.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct MemoryMap {
    /// `snaptape/map/1`.
    pub schema: String,
    /// The release the memory is estimated for.
    pub target: String,
    /// What they are nested by, from the outside in.
    pub nesting: MapNesting,
    /// The parts: each before what is within it, those within one part by memory, most first.
    pub nodes: Vec<MapNode>,
    /// What is not shown one by one.
    pub folding: MapFolding,
}

/// What of a map was counted together so that it fits fixed budgets.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize,
)]
pub struct MapFolding {
    /// Places where different words are counted together as `{word}`, because there are too many of them.
    pub folded_words: u64,
    /// Places below which everything is counted together as `{rest}`.
    pub cut: u64,
    /// Keys that are counted there.
    pub cut_keys: u64,
    /// Parts too small to be listed.
    pub unlisted: u64,
}

impl MemoryMap {
    /// Most parts that are listed, those that hold what is too small apart.
    pub const MAX_NODES: usize = 4096;

    /// What is not shown one by one, and why; nothing where everything is. The same words everywhere.
    pub fn sentences(&self) -> Vec<String> {
        let folding = &self.folding;
        let mut sentences = Vec::new();
        if folding.folded_words > 0 {
            sentences.push(format!(
                "In {} there are too many different words to list: they are {{word}}.",
                units::plural(folding.folded_words, "place", "places")
            ));
        }
        if folding.cut_keys > 0 {
            sentences.push(format!(
                "The budget of parts is spent: below {} {} are counted together as {{rest}}.",
                units::plural(folding.cut, "place", "places"),
                units::plural(folding.cut_keys, "key", "keys")
            ));
        }
        if folding.unlisted > 0 {
            sentences.push(format!(
                "{} too small to be listed: the map shows the largest {}.",
                units::plural(folding.unlisted, "part is", "parts are"),
                units::count(Self::MAX_NODES as u64)
            ));
        }
        sentences
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nestings_are_read_and_written() {
        for words in ["pattern", "pattern,type", "file,slot,database,encoding,type,pattern"] {
            assert_eq!(MapNesting::parse(words).expect(words).words(), words);
        }
        assert_eq!(MapNesting::parse(" shard , type").expect("an alias").words(), "file,type");
        for wrong in ["", "pattern,", "type,type", "size"] {
            assert!(MapNesting::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn every_measure_comes_back() {
        for measure in MapMeasure::ALL {
            assert_eq!(MapMeasure::from_id(measure.id()), Some(measure));
        }
    }
}
