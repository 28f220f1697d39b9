//! Keys nested in each other by whatever the user chooses, in one tree within a fixed budget.
//!
//! The tree is that of the key patterns: segments of names are its tokens as they are, everything else is a token with a mark in
//! front. So a map keeps the promises of that tree: what it looks like depends on the set of keys alone, and maps merge in any split
//! and order, also when the budget is spent.

mod list;

use core::fmt::Write as _;

use snaptape_report::{MapDimension, MapNesting, MapSums, MemoryMap, PatternOptions};

pub(super) use self::list::{List, Measured};
use super::{
    KeyFacts, Merge, TYPE_COUNT,
    grouping::{Grouping, Named},
    pattern,
    tree::{Bounds, NodeSums, PatternTree},
};
use crate::slots::key_slot;

/// At most some 60 MB, if somebody names his keys so that everything is spent. At the top there is room for every shard of a large
/// cluster.
const BOUNDS: Bounds = Bounds { nodes: 1 << 17, words: [512, 96], sketch: u32::MAX };

/// The marks of tokens that are no segments.
mod mark {
    pub(super) const GROUP: u8 = 0;
    pub(super) const TYPE: u8 = 1;
    pub(super) const ENCODING: u8 = 2;
    pub(super) const DATABASE: u8 = 3;
    pub(super) const SLOTS: u8 = 4;
    pub(super) const FILE: u8 = 5;
}

/// Sums over keys in a tree, in bounded memory. `merge` of two folds equals one fold over both, in any split and any order.
#[derive(Debug, Clone)]
pub struct MapFold {
    nesting: MapNesting,
    grouping: Grouping,
    tree: PatternTree<Leaf>,
    token: String,
}

/// Sums of the keys at a node.
#[derive(Debug, Clone, Default)]
struct Leaf {
    sums: MapSums,
    memory_by_type: [u64; TYPE_COUNT],
}

impl MapFold {
    /// A fold that nests keys so, and groups names as `patterns` says.
    ///
    /// # Errors
    /// What is wrong with the patterns, in words.
    pub fn new(nesting: MapNesting, patterns: PatternOptions) -> Result<Self, String> {
        let grouping = Grouping::new(patterns)?;
        Ok(Self { nesting, grouping, tree: PatternTree::new(BOUNDS), token: String::new() })
    }

    /// Adds a key of a file.
    pub fn add(&mut self, key: &KeyFacts<'_>, file: &str) {
        let Self { nesting, grouping, tree, token } = self;
        let mut walk = tree.walk(grouping);
        for dimension in nesting.dimensions() {
            token.clear();
            let goes_on = match dimension {
                MapDimension::Pattern => match grouping.named(key.name) {
                    Named::Segments => {
                        let mut goes_on = true;
                        pattern::segments(key.name, grouping, token, |segment| {
                            goes_on = walk.step(segment);
                            goes_on
                        });
                        goes_on
                    }
                    Named::Template(at) => {
                        let template = grouping.options.templates.get(at).map_or("", String::as_str);
                        walk.step(marked(token, mark::GROUP, template))
                    }
                    Named::Regex(found) => {
                        walk.step(marked(token, mark::GROUP, super::patterns::regex_group(found)))
                    }
                },
                MapDimension::Type => walk.step(marked(token, mark::TYPE, key.type_name)),
                MapDimension::Encoding => walk.step(marked(token, mark::ENCODING, key.encoding)),
                MapDimension::Database => {
                    token.push(pattern::mark(mark::DATABASE));
                    // Writing to a string cannot fail, here and below.
                    let _ = write!(token, "db{}", key.db);
                    walk.step(token)
                }
                MapDimension::Slot => {
                    let slot = key_slot(key.name);
                    // Three steps, because no node could have a child for every slot.
                    [8, 4, 0].into_iter().all(|bits| {
                        token.clear();
                        token.push(pattern::mark(mark::SLOTS));
                        let first = slot >> bits << bits;
                        let _ = match bits {
                            0 => write!(token, "{first}"),
                            _ => write!(token, "{first}-{}", first + (1 << bits) - 1),
                        };
                        walk.step(token)
                    })
                }
                MapDimension::File => walk.step(marked(token, mark::FILE, file)),
            };
            if !goes_on {
                break;
            }
        }
        let leaf = walk.sums();
        leaf.sums.merge(&MapSums {
            keys: 1,
            without_ttl: u64::from(key.expires_at_ms.is_none()),
            memory_bytes: key.memory_bytes,
            file_bytes: key.file_bytes,
            payload_bytes: key.payload_bytes,
        });
        if let Some(memory) = leaf.memory_by_type.get_mut(key.logical as usize) {
            *memory = memory.saturating_add(key.memory_bytes);
        }
    }

    /// Adds everything another fold has seen, which was made with the same nesting and the same patterns.
    pub fn merge(&mut self, other: &Self) {
        self.tree.merge(&other.tree, &self.grouping);
    }

    /// The result, for whatever release the keys were measured for.
    pub fn finish(&self, target: &str) -> MemoryMap {
        let mut list = List::new(&self.tree, Vec::new(), &self.grouping);
        list.map(target, self.nesting.clone())
    }
}

/// A token that is no segment.
fn marked<'a>(token: &'a mut String, mark: u8, text: &str) -> &'a str {
    token.push(pattern::mark(mark));
    token.push_str(text);
    token
}

impl NodeSums for Leaf {
    fn with_room() -> Self {
        Self::default()
    }

    fn give_up_room(&mut self) {}

    fn keys(&self) -> u64 {
        self.sums.keys
    }

    fn memory_bytes(&self) -> u64 {
        self.sums.memory_bytes
    }
}

impl Merge for Leaf {
    fn merge(&mut self, other: &Self) {
        self.sums.merge(&other.sums);
        for (a, b) in self.memory_by_type.iter_mut().zip(other.memory_by_type) {
            *a = a.saturating_add(b);
        }
    }
}

impl Measured for Leaf {
    fn sums(&self) -> MapSums {
        self.sums
    }

    fn memory_by_type(&self) -> &[u64; TYPE_COUNT] {
        &self.memory_by_type
    }
}
