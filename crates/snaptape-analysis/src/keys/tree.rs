//! Sums per key pattern, in a tree of segments, within a fixed budget whatever the keys are called.
//!
//! What the tree looks like depends on the set of names alone, not on their order or on how they were split: trees can be merged,
//! also when the budget is spent. That is so because it is folded by rules that never take anything back:
//!
//! * The root may have [`Bounds::nodes`] nodes below it. Every node passes its share on to its children, in equal parts; more
//!   children make the parts smaller, never larger.
//! * A node with too many children, for its share or at all, folds those that are words into one, `{word}`. From then on its
//!   children get a fixed part, which is smaller than any they had before.
//! * If it still has too many, everything below it is counted together, `{rest}`.
//!
//! So more names only ever mean more children, smaller shares, more folding. Whatever was folded on the way would have been folded
//! in the end, and what is folded in the end has forgotten nothing that would still be shown.

use hashbrown::HashMap;
use rustc_hash::FxBuildHasher;
use snaptape_report::{PatternFolding, PatternGroup, PatternSource, SharedSegment};
use snaptape_sort::Sort as _;

use super::{KeyFacts, Merge, grouping::Grouping, leaf::Leaf, pattern};

/// How far the tree may grow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bounds {
    /// Nodes below the root, not counting the one `{rest}` that each may have.
    pub(crate) nodes: u32,
    /// Most different words below one node before they are folded: at the top, and further down.
    pub(crate) words: [u32; 2],
    /// A node with a smaller share has no histogram: at most twelve times `nodes / sketch` have one.
    pub(crate) sketch: u32,
}

impl Default for Bounds {
    /// A few hundred bytes a pattern; some 130 MB if somebody names his keys so that everything is spent.
    fn default() -> Self {
        Self { nodes: 1 << 18, words: [448, 96], sketch: 1 << 7 }
    }
}

/// What is added up at the nodes of a tree.
pub(crate) trait NodeSums: Merge + Clone + Default {
    /// For a node with so much room that more than sums may be kept.
    fn with_room() -> Self;
    /// Gives up what is more than sums.
    fn give_up_room(&mut self);
    /// Keys so far.
    fn keys(&self) -> u64;
    /// Their memory.
    fn memory_bytes(&self) -> u64;
}

/// Names of this many keys or fewer share a first segment by chance.
const FEW_KEYS: u64 = 20;

/// Where every walk begins.
pub(crate) const ROOT: usize = 0;

/// Sums per key pattern.
#[derive(Debug, Clone)]
pub(crate) struct PatternTree<L = Leaf> {
    bounds: Bounds,
    nodes: Vec<Node<L>>,
    free: Vec<usize>,
    token: String,
}

/// What happened to the children of a node. The order is that in which it happens.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Folding {
    #[default]
    Open,
    /// Those that are words are one.
    Words,
    /// All of them are one.
    Cut,
}

type Children = HashMap<Box<str>, usize, FxBuildHasher>;

#[derive(Debug, Clone)]
struct Node<L> {
    children: Children,
    /// Children that are words of their own, not classes.
    words: u32,
    folding: Folding,
    depth: u8,
    /// How many nodes may be below it.
    share: u32,
    leaf: Option<Box<L>>,
}

impl<L> Default for Node<L> {
    fn default() -> Self {
        Self {
            children: Children::default(),
            words: 0,
            folding: Folding::Open,
            depth: 0,
            share: 0,
            leaf: None,
        }
    }
}

/// For a share of `2^n` up to twice that: how many children it allows, as a power of two. Neither this nor what is left for each
/// child may fall where the share grows: more names must never unfold anything.
const MOST_CHILDREN: [u32; 19] = [0, 1, 2, 2, 3, 4, 4, 5, 6, 6, 7, 7, 7, 8, 8, 9, 9, 9, 9];

/// How many children a share allows, and the share of each if there are as many: what a child gets whose parent is folded.
fn most_children(share: u32) -> (u32, u32) {
    let Some(n) = share.checked_ilog2() else { return (0, 0) };
    let most = usize::try_from(n).ok().and_then(|n| MOST_CHILDREN.get(n)).copied().unwrap_or(9);
    (1 << most, (1 << (n - most)) - 1)
}

impl<L> Node<L> {
    /// The share of each child.
    fn part(&self) -> u32 {
        match (self.folding, u32::try_from(self.children.len())) {
            (Folding::Open, Ok(children @ 1..)) => (self.share / children).saturating_sub(1),
            (Folding::Cut, _) => 0,
            _ => most_children(self.share).1,
        }
    }
}

impl<L: NodeSums> Default for PatternTree<L> {
    fn default() -> Self {
        Self::new(Bounds::default())
    }
}

impl PatternTree {
    /// Adds a key.
    pub(crate) fn add(&mut self, key: &KeyFacts<'_>, grouping: &Grouping) {
        self.at(key.name, grouping).add(key);
    }

    /// All patterns.
    pub(crate) fn groups(&self) -> Vec<PatternGroup> {
        let mut groups = Vec::new();
        self.each(|path, leaf| groups.push(leaf.group(path, PatternSource::Segments)));
        groups
    }
}

impl<L: NodeSums> PatternTree<L> {
    pub(crate) fn new(bounds: Bounds) -> Self {
        let root = Node { share: bounds.nodes, ..Node::default() };
        Self { bounds, nodes: vec![root], free: Vec::new(), token: String::new() }
    }

    /// The sums a name belongs to.
    pub(crate) fn at(&mut self, name: &[u8], grouping: &Grouping) -> &mut L {
        let mut token = core::mem::take(&mut self.token);
        let mut walk = self.walk(grouping);
        pattern::segments(name, grouping, &mut token, |segment| walk.step(segment));
        let at = walk.at;
        self.token = token;
        self.leaf(at)
    }

    /// A walk from the root.
    pub(crate) fn walk<'a>(&'a mut self, grouping: &'a Grouping) -> Walk<'a, L> {
        Walk { tree: self, grouping, at: ROOT, ended: false }
    }

    /// The sums at a node.
    fn leaf(&mut self, at: usize) -> &mut L {
        let has_sketch = self.nodes[at].share >= self.bounds.sketch;
        self.nodes[at]
            .leaf
            .get_or_insert_with(|| Box::new(if has_sketch { L::with_room() } else { L::default() }))
    }

    /// The child for a segment, made where it is missing.
    fn child(&mut self, at: usize, token: &str, grouping: &Grouping) -> usize {
        let node = &self.nodes[at];
        let folded;
        let token = match node.folding {
            Folding::Open => token,
            Folding::Words if pattern::is_class(token, grouping) => token,
            Folding::Words => {
                folded = folded_token(token, grouping);
                folded.as_str()
            }
            Folding::Cut => pattern::REST,
        };
        if let Some(child) = node.children.get(token) {
            return *child;
        }
        let is_word = !pattern::is_class(token, grouping);
        let child = self.new_node(at);
        let node = &mut self.nodes[at];
        node.words += u32::from(is_word);
        node.children.insert(token.into(), child);
        self.settle(at, grouping);
        // It may have been folded: then the token leads to what it became a part of.
        self.child(at, token, grouping)
    }

    fn new_node(&mut self, parent: usize) -> usize {
        let depth = self.nodes[parent].depth.saturating_add(1);
        // Settling the parent makes its share smaller.
        let node = Node { depth, share: self.nodes[parent].share, ..Node::default() };
        if let Some(at) = self.free.pop() {
            self.nodes[at] = node;
            return at;
        }
        self.nodes.push(node);
        self.nodes.len() - 1
    }

    /// Applies the rules to a node that has got a child or a smaller share, and to what they change below it.
    fn settle(&mut self, at: usize, grouping: &Grouping) {
        loop {
            let node = &self.nodes[at];
            let has_too_many = node.children.len() > most_children(node.share).0 as usize;
            let most_words = self.bounds.words[usize::from(node.depth > 0)];
            match node.folding {
                Folding::Open if has_too_many || node.words > most_words => self.fold_words(at, grouping),
                Folding::Words if has_too_many => self.cut(at, grouping),
                _ => break,
            }
        }
        let part = self.nodes[at].part();
        let children: Vec<usize> = self.nodes[at].children.values().copied().collect();
        for child in children {
            let node = &mut self.nodes[child];
            if node.share > part {
                node.share = part;
                if part < self.bounds.sketch
                    && let Some(leaf) = &mut node.leaf
                {
                    leaf.give_up_room();
                }
                self.settle(child, grouping);
            }
        }
    }

    /// Folds all children of a node that are words into one.
    fn fold_words(&mut self, at: usize, grouping: &Grouping) {
        let node = &mut self.nodes[at];
        node.folding = Folding::Words;
        node.words = 0;
        let words = node.children.extract_if(|token, _| !pattern::is_class(token, grouping)).collect();
        for (token, child) in sorted(words) {
            let taken = self.take(child);
            self.put(at, &token, taken, grouping);
        }
    }

    /// Makes one of everything below a node.
    fn cut(&mut self, at: usize, grouping: &Grouping) {
        let node = &mut self.nodes[at];
        node.folding = Folding::Cut;
        node.words = 0;
        let children = core::mem::take(&mut node.children);
        for (token, child) in sorted(children) {
            let taken = self.take(child);
            self.put(at, &token, taken, grouping);
        }
    }

    fn take(&mut self, at: usize) -> Node<L> {
        self.free.push(at);
        core::mem::take(&mut self.nodes[at])
    }

    /// Puts a node that was taken out of the tree below another one.
    fn put(&mut self, parent: usize, token: &str, node: Node<L>, grouping: &Grouping) {
        let target = self.child(parent, token, grouping);
        if let Some(leaf) = &node.leaf {
            self.leaf(target).merge(leaf);
        }
        if self.nodes[parent].folding == Folding::Cut {
            self.flatten(target, node.children);
            return;
        }
        self.fold_as_far_as(target, node.folding, grouping);
        for (token, child) in sorted(node.children) {
            let taken = self.take(child);
            self.put(target, &token, taken, grouping);
        }
    }

    fn fold_as_far_as(&mut self, at: usize, folding: Folding, grouping: &Grouping) {
        if folding >= Folding::Words && self.nodes[at].folding < Folding::Words {
            self.fold_words(at, grouping);
        }
        if folding >= Folding::Cut && self.nodes[at].folding < Folding::Cut {
            self.cut(at, grouping);
        }
        self.settle(at, grouping);
    }

    /// Adds all keys below these nodes, which were taken out of the tree, to one.
    fn flatten(&mut self, into: usize, children: Children) {
        for (_, child) in sorted(children) {
            let taken = self.take(child);
            if let Some(leaf) = &taken.leaf {
                self.leaf(into).merge(leaf);
            }
            self.flatten(into, taken.children);
        }
    }

    /// Adds all keys of another tree, which was made with the same bounds and the same grouping.
    pub(crate) fn merge(&mut self, other: &Self, grouping: &Grouping) {
        self.merge_node(ROOT, other, ROOT, grouping);
    }

    fn merge_node(&mut self, into: usize, other: &Self, from: usize, grouping: &Grouping) {
        let source = &other.nodes[from];
        if let Some(leaf) = &source.leaf {
            self.leaf(into).merge(leaf);
        }
        self.fold_as_far_as(into, source.folding, grouping);
        for (token, child) in sorted(source.children.clone()) {
            let target = self.child(into, &token, grouping);
            if self.nodes[into].folding == Folding::Cut {
                self.flatten_from(target, other, child);
            } else {
                self.merge_node(target, other, child, grouping);
            }
        }
    }

    fn flatten_from(&mut self, into: usize, other: &Self, from: usize) {
        let source = &other.nodes[from];
        if let Some(leaf) = &source.leaf {
            self.leaf(into).merge(leaf);
        }
        for (_, child) in sorted(source.children.clone()) {
            self.flatten_from(into, other, child);
        }
    }

    /// Hands out all patterns that have keys.
    pub(crate) fn each(&self, mut each: impl FnMut(&str, &L)) {
        self.visit(ROOT, &mut String::new(), &mut each);
    }

    fn visit(&self, at: usize, path: &mut String, each: &mut impl FnMut(&str, &L)) {
        let node = &self.nodes[at];
        if let Some(leaf) = node.leaf.as_ref().filter(|leaf| leaf.keys() > 0) {
            each(path, leaf);
        }
        for (token, child) in sorted(node.children.clone()) {
            let len = path.len();
            path.push_str(&token);
            self.visit(child, path, each);
            path.truncate(len);
        }
    }

    /// How far it had to be folded.
    pub(crate) fn folding(&self, grouping: &Grouping) -> PatternFolding {
        let mut folding = PatternFolding {
            options: grouping.options.clone(),
            nodes: (self.nodes.len() - self.free.len() - 1) as u64,
            max_nodes: u64::from(self.bounds.nodes) * 2,
            shared_first_segment: self.shared_first_segment(grouping),
            ..PatternFolding::default()
        };
        // Nodes that are free are like new.
        for node in &self.nodes {
            folding.folded_words += u64::from(node.folding == Folding::Words);
            if node.folding == Folding::Cut {
                folding.cut += 1;
                let rest = node.children.get(pattern::REST).and_then(|rest| self.nodes[*rest].leaf.as_ref());
                if let Some(leaf) = rest {
                    folding.cut_keys += leaf.keys();
                    folding.cut_memory_bytes += leaf.memory_bytes();
                }
            }
        }
        folding
    }

    /// The first segment nearly all keys share, where it is a word and other segments follow it.
    fn shared_first_segment(&self, grouping: &Grouping) -> Option<SharedSegment> {
        if grouping.options.skip_first_segment {
            return None;
        }
        let all = self.keys(ROOT);
        let mut firsts = sorted(self.nodes[ROOT].children.clone()).into_iter().map(|(token, child)| {
            let own = self.nodes[child].leaf.as_ref().map_or(0, |leaf| leaf.keys());
            (token, self.keys(child) - own)
        });
        let (segment, keys) = firsts.find(|(token, keys)| {
            !token.contains('{')
                && u128::from(*keys) * 100 >= u128::from(all) * u128::from(SharedSegment::LEAST_PERCENT)
        })?;
        (keys > FEW_KEYS).then(|| SharedSegment { segment: segment.into(), keys })
    }

    /// The sums of a node itself, without those below it.
    pub(crate) fn sums(&self, at: usize) -> Option<&L> {
        self.nodes.get(at)?.leaf.as_deref()
    }

    /// What is right below a node, in the order of the tokens.
    pub(crate) fn below(&self, at: usize) -> Vec<(&str, usize)> {
        let children = self.nodes.get(at).map(|node| &node.children);
        let mut below: Vec<(&str, usize)> =
            children.into_iter().flatten().map(|(token, child)| (&**token, *child)).collect();
        below.order();
        below
    }

    /// How many nodes there may be: one more than the highest.
    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Keys at and below a node.
    fn keys(&self, at: usize) -> u64 {
        let node = &self.nodes[at];
        let own = node.leaf.as_ref().map_or(0, |leaf| leaf.keys());
        own + node.children.values().map(|child| self.keys(*child)).sum::<u64>()
    }
}

/// A way down the tree, step by step.
#[derive(Debug)]
pub(crate) struct Walk<'a, L> {
    tree: &'a mut PatternTree<L>,
    grouping: &'a Grouping,
    at: usize,
    ended: bool,
}

impl<'a, L: NodeSums> Walk<'a, L> {
    /// Goes to the child for a token; false where it leads no further down.
    #[inline]
    pub(crate) fn step(&mut self, token: &str) -> bool {
        if self.ended {
            return false;
        }
        let parent = self.at;
        self.at = self.tree.child(parent, token, self.grouping);
        // This very token may have cut it.
        self.ended = self.tree.nodes[parent].folding == Folding::Cut;
        !self.ended
    }

    /// The sums where it has come to.
    pub(crate) fn sums(self) -> &'a mut L {
        self.tree.leaf(self.at)
    }
}

/// The token all words with this separator are folded into.
fn folded_token(token: &str, grouping: &Grouping) -> String {
    let mut folded = String::from(pattern::separator_of(token, grouping));
    folded.push_str(pattern::WORD);
    folded
}

/// Children in an order that does not depend on the table.
fn sorted(children: Children) -> Vec<(Box<str>, usize)> {
    let mut children: Vec<_> = children.into_iter().collect();
    children.order();
    children
}

#[cfg(test)]
mod tests;
