//! Sums per key pattern: the user's own groups, and the tree of segments for everything else.

use snaptape_report::{
    Dataset, MapNesting, MemoryMap, PatternFolding, PatternGroup, PatternOptions, PatternSource, Tally,
};
use snaptape_sort::Sort as _;

use super::{
    KeyFacts, Merge as _,
    bounded::Bounded,
    grouping::{Grouping, Named},
    leaf::Leaf,
    map::List,
    regex::MakeRegex,
    tree::PatternTree,
};

/// Most groups of the regular expression; beyond that, those last in order are counted together.
const MAX_REGEX_GROUPS: usize = 2048;
/// Longest name of one.
const MAX_REGEX_GROUP_BYTES: usize = 128;

/// The group of what a regular expression has found.
pub(crate) fn regex_group(found: &str) -> &str {
    &found[..found.floor_char_boundary(MAX_REGEX_GROUP_BYTES)]
}

/// Sums per key pattern.
#[derive(Debug, Clone)]
pub(crate) struct PatternFold {
    grouping: Grouping,
    templates: Vec<Leaf>,
    regex: Bounded<String, RegexLeaf>,
    tree: PatternTree,
}

/// A [`Leaf`] with a histogram.
#[derive(Debug, Clone)]
struct RegexLeaf(Leaf);

impl Default for RegexLeaf {
    fn default() -> Self {
        Self(Leaf::with_sketch())
    }
}

impl super::Merge for RegexLeaf {
    fn merge(&mut self, other: &Self) {
        self.0.merge(&other.0);
    }
}

/// The rows of the report, and what they leave out.
pub(crate) struct PatternRows {
    pub(crate) listed: Vec<PatternGroup>,
    pub(crate) other: Tally,
    pub(crate) other_count: u64,
    pub(crate) folding: PatternFolding,
}

impl Default for PatternFold {
    fn default() -> Self {
        Self::with(Grouping::default())
    }
}

impl PatternFold {
    /// # Errors
    /// What is wrong with the options, in words.
    pub(crate) fn new(options: PatternOptions, make_regex: Option<MakeRegex>) -> Result<Self, String> {
        Grouping::with_regex(options, make_regex).map(Self::with)
    }

    fn with(grouping: Grouping) -> Self {
        Self {
            templates: grouping.options.templates.iter().map(|_| Leaf::with_sketch()).collect(),
            regex: Bounded::new(MAX_REGEX_GROUPS),
            tree: PatternTree::default(),
            grouping,
        }
    }

    #[inline]
    pub(crate) fn add(&mut self, key: &KeyFacts<'_>) {
        match self.grouping.named(key.name) {
            Named::Segments => self.tree.add(key, &self.grouping),
            Named::Template(at) => {
                if let Some(leaf) = self.templates.get_mut(at) {
                    leaf.add(key);
                }
            }
            Named::Regex(found) => {
                self.regex.row(regex_group(found)).0.add(key);
            }
        }
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        for (leaf, theirs) in self.templates.iter_mut().zip(&other.templates) {
            leaf.merge(theirs);
        }
        self.regex.merge(&other.regex);
        self.tree.merge(&other.tree, &self.grouping);
    }

    /// The tree as a map, whose parts are as listed as they can be.
    pub(crate) fn map(&self, target: &str) -> MemoryMap {
        let templates = self.grouping.options.templates.iter().cloned().zip(&self.templates);
        let regex = self.regex.rows().map(|(name, leaf)| (name.clone(), &leaf.0));
        let other = [(super::pattern::REST.into(), &self.regex.other().0)];
        let beside = templates.chain(regex).chain(other).collect();
        List::new(&self.tree, beside, &self.grouping).map(target, MapNesting::default())
    }

    /// The rows, most memory first. What the user named is always among them.
    pub(crate) fn finish(&self) -> PatternRows {
        let options = &self.grouping.options;
        let mut listed: Vec<PatternGroup> = options
            .templates
            .iter()
            .zip(&self.templates)
            .map(|(text, leaf)| leaf.group(text, PatternSource::Template))
            .collect();
        let mut others: Vec<PatternGroup> =
            self.regex.rows().map(|(name, leaf)| leaf.0.group(name, PatternSource::Regex)).collect();
        others.extend(self.tree.groups());
        let by_memory = |a: &PatternGroup, b: &PatternGroup| {
            (b.tally.memory_bytes, a.source, &a.pattern).cmp(&(a.tally.memory_bytes, b.source, &b.pattern))
        };
        others.order_by(by_memory);
        let cut = others.len().min(Dataset::MAX_PATTERNS.saturating_sub(listed.len()));
        let mut other = *self.regex.other().0.tally();
        let folding = PatternFolding { other_regex_keys: other.keys, ..self.tree.folding(&self.grouping) };
        let not_listed = others.split_off(cut);
        for group in &not_listed {
            other.merge(&group.tally);
        }
        listed.extend(others);
        listed.order_by(by_memory);
        PatternRows { listed, other, other_count: not_listed.len() as u64, folding }
    }
}
