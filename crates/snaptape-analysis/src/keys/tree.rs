//! Sums per key pattern, in a tree of segments, within a fixed budget whatever the keys are called.
//!
//! A node with too many different literal children folds them all into one, `{word}`: they are identifiers that look like
//! words. Whether that happens depends on the set of keys alone, not on their order, so trees can be merged. Only when the
//! whole budget of nodes is spent (an adversary's doing) are further patterns counted together as "other".

use hashbrown::HashMap;
use rustc_hash::FxBuildHasher;
use snaptape_report::{PatternGroup, Tally};

use super::{KeyFacts, TYPE_COUNT, pattern};

/// Most different literal segments below one node before they are folded: at the top, and further down.
const MAX_LITERALS: [usize; 2] = [512, 96];
/// Most nodes in all; each takes some 300 bytes.
const MAX_NODES: usize = 50_000;

const ROOT: usize = 0;

/// Sums per key pattern.
#[derive(Debug, Clone)]
pub(crate) struct PatternTree {
    nodes: Vec<Node>,
    free: Vec<usize>,
    other: Leaf,
    token: String,
}

#[derive(Debug, Clone, Default)]
struct Node {
    children: HashMap<Box<str>, usize, FxBuildHasher>,
    /// Children that are words of their own, not classes.
    literals: usize,
    folded: bool,
    depth: usize,
    leaf: Leaf,
}

/// Sums of the keys that end at a node.
#[derive(Debug, Clone, Copy, Default)]
struct Leaf {
    tally: Tally,
    memory_by_type: [u64; TYPE_COUNT],
    expires_ms: Option<(i64, i64)>,
}

impl Leaf {
    fn add(&mut self, key: &KeyFacts<'_>) {
        key.add_to(&mut self.tally);
        if let Some(memory) = self.memory_by_type.get_mut(key.logical as usize) {
            *memory += key.memory_bytes;
        }
        if let Some(at) = key.expires_at_ms {
            self.expires_ms = join(self.expires_ms, Some((at, at)));
        }
    }

    fn merge(&mut self, other: &Self) {
        self.tally.merge(&other.tally);
        for (a, b) in self.memory_by_type.iter_mut().zip(other.memory_by_type) {
            *a += b;
        }
        self.expires_ms = join(self.expires_ms, other.expires_ms);
    }
}

fn join(a: Option<(i64, i64)>, b: Option<(i64, i64)>) -> Option<(i64, i64)> {
    match (a, b) {
        (Some(a), Some(b)) => Some((a.0.min(b.0), a.1.max(b.1))),
        (a, b) => a.or(b),
    }
}

/// Is a segment nothing but one class? Everything else can be made up at will and counts as a literal.
fn is_class(token: &str) -> bool {
    let segment = token.trim_start_matches([':', '/', '|', '#', ',']);
    segment
        .strip_prefix('{')
        .and_then(|s| s.strip_suffix('}'))
        .is_some_and(|name| pattern::CLASSES.contains(&name))
}

/// The token all literals with this separator are folded into.
fn folded_token(token: &str) -> &'static str {
    match token.as_bytes().first() {
        Some(b':') => ":{word}",
        Some(b'/') => "/{word}",
        Some(b'|') => "|{word}",
        Some(b'#') => "#{word}",
        Some(b',') => ",{word}",
        _ => "{word}",
    }
}

impl Default for PatternTree {
    fn default() -> Self {
        Self { nodes: vec![Node::default()], free: Vec::new(), other: Leaf::default(), token: String::new() }
    }
}

impl PatternTree {
    /// Adds a key.
    pub(crate) fn add(&mut self, key: &KeyFacts<'_>) {
        let mut at = Some(ROOT);
        let mut token = core::mem::take(&mut self.token);
        pattern::segments(key.name, &mut token, |segment| {
            at = at.and_then(|node| self.child(node, segment));
            at.is_some()
        });
        self.token = token;
        match at.and_then(|at| self.nodes.get_mut(at)) {
            Some(node) => node.leaf.add(key),
            None => self.other.add(key),
        }
    }

    /// The child for a segment, made where it is missing; `None` when the budget is spent.
    fn child(&mut self, node: usize, token: &str) -> Option<usize> {
        let token = if self.nodes[node].folded && !is_class(token) { folded_token(token) } else { token };
        if let Some(child) = self.nodes[node].children.get(token) {
            return Some(*child);
        }
        if !is_class(token) {
            let max = MAX_LITERALS[usize::from(self.nodes[node].depth > 0)];
            if self.nodes[node].literals >= max {
                self.fold(node);
                return self.child(node, token);
            }
        }
        let child = self.new_node(self.nodes[node].depth + 1)?;
        let parent = &mut self.nodes[node];
        parent.literals += usize::from(!is_class(token));
        parent.children.insert(token.into(), child);
        Some(child)
    }

    fn new_node(&mut self, depth: usize) -> Option<usize> {
        if let Some(at) = self.free.pop() {
            self.nodes[at] = Node { depth, ..Node::default() };
            return Some(at);
        }
        if self.nodes.len() >= MAX_NODES {
            return None;
        }
        self.nodes.push(Node { depth, ..Node::default() });
        Some(self.nodes.len() - 1)
    }

    /// Folds all literal children of a node into one.
    fn fold(&mut self, node: usize) {
        self.nodes[node].folded = true;
        self.nodes[node].literals = 0;
        let literals: Vec<(Box<str>, usize)> =
            self.nodes[node].children.extract_if(|token, _| !is_class(token)).collect();
        // One node became free for each, so that there is room for the one they become.
        for (token, child) in literals {
            let taken = core::mem::take(&mut self.nodes[child]);
            self.free.push(child);
            if let Some(target) = self.child(node, folded_token(&token)) {
                self.absorb(target, taken);
            }
        }
    }

    /// Merges a node of this tree, already taken out of it, into another.
    fn absorb(&mut self, into: usize, from: Node) {
        self.nodes[into].leaf.merge(&from.leaf);
        if from.folded && !self.nodes[into].folded {
            self.fold(into);
        }
        for (token, child) in sorted(from.children) {
            let taken = core::mem::take(&mut self.nodes[child]);
            self.free.push(child);
            match self.child(into, &token) {
                Some(target) => self.absorb(target, taken),
                None => self.drop_into_other(taken),
            }
        }
    }

    fn drop_into_other(&mut self, node: Node) {
        self.other.merge(&node.leaf);
        for (_, child) in sorted(node.children) {
            let taken = core::mem::take(&mut self.nodes[child]);
            self.free.push(child);
            self.drop_into_other(taken);
        }
    }

    /// Adds all keys of another tree.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.other.merge(&other.other);
        self.merge_node(ROOT, other, ROOT);
    }

    fn merge_node(&mut self, into: usize, other: &Self, from: usize) {
        let source = &other.nodes[from];
        self.nodes[into].leaf.merge(&source.leaf);
        if source.folded && !self.nodes[into].folded {
            self.fold(into);
        }
        for (token, child) in sorted(source.children.clone()) {
            match self.child(into, &token) {
                Some(target) => self.merge_node(target, other, child),
                None => other.add_up(child, &mut self.other),
            }
        }
    }

    fn add_up(&self, node: usize, sum: &mut Leaf) {
        sum.merge(&self.nodes[node].leaf);
        for (_, child) in sorted(self.nodes[node].children.clone()) {
            self.add_up(child, sum);
        }
    }

    /// All patterns, most memory first, and the keys that belong to none of them.
    pub(crate) fn groups(&self) -> (Vec<PatternGroup>, Tally) {
        let mut groups = Vec::new();
        self.collect(ROOT, &mut String::new(), &mut groups);
        groups.sort_by(|a, b| (b.tally.memory_bytes, &a.pattern).cmp(&(a.tally.memory_bytes, &b.pattern)));
        (groups, self.other.tally)
    }

    fn collect(&self, node: usize, path: &mut String, groups: &mut Vec<PatternGroup>) {
        let node = &self.nodes[node];
        if node.leaf.tally.keys > 0 {
            let most = node
                .leaf
                .memory_by_type
                .iter()
                .enumerate()
                .max_by_key(|(i, memory)| (**memory, usize::MAX - i));
            groups.push(PatternGroup {
                pattern: path.clone(),
                type_name: super::type_name(most.map_or(0, |(i, _)| i)).into(),
                tally: node.leaf.tally,
                expires_ms: node.leaf.expires_ms,
            });
        }
        for (token, child) in sorted(node.children.clone()) {
            let len = path.len();
            path.push_str(&token);
            self.collect(child, path, groups);
            path.truncate(len);
        }
    }
}

/// Children in an order that does not depend on the table.
fn sorted(children: HashMap<Box<str>, usize, FxBuildHasher>) -> Vec<(Box<str>, usize)> {
    let mut children: Vec<_> = children.into_iter().collect();
    children.sort_unstable();
    children
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree<'a>(names: impl IntoIterator<Item = &'a str>) -> PatternTree {
        let mut tree = PatternTree::default();
        for name in names {
            tree.add(&KeyFacts { name: name.as_bytes(), memory_bytes: 1, ..KeyFacts::default() });
        }
        tree
    }

    fn counts(tree: &PatternTree) -> Vec<(String, u64)> {
        let mut counts: Vec<_> = tree.groups().0.into_iter().map(|g| (g.pattern, g.tally.keys)).collect();
        counts.sort();
        counts
    }

    #[test]
    fn few_words_stay_and_many_are_folded() {
        let few = tree(["user:ann:cart", "user:bob:cart", "user:7:cart"]);
        assert_eq!(counts(&few).len(), 3);
        let names: Vec<String> = (0..1000).map(|i| format!("user:{}:cart", word(i))).collect();
        let many = tree(names.iter().map(String::as_str));
        assert_eq!(counts(&many), [("user:{word}:cart".to_owned(), 1000)]);
    }

    #[test]
    fn order_and_split_do_not_matter() {
        let mut names: Vec<String> = (0..300).map(|i| format!("u:{}:p{}", word(i), i % 3)).collect();
        names.extend((0..50).map(|i| format!("v:{}", word(i))));
        let whole = counts(&tree(names.iter().map(String::as_str)));
        let reversed = counts(&tree(names.iter().rev().map(String::as_str)));
        assert_eq!(whole, reversed);
        for cut in [1, 90, 96, 97, 200, 349] {
            let mut a = tree(names[..cut].iter().map(String::as_str));
            let b = tree(names[cut..].iter().map(String::as_str));
            a.merge(&b);
            assert_eq!(counts(&a), whole, "cut at {cut}");
        }
    }

    #[test]
    fn an_adversary_stays_within_the_budget() {
        let mut tree = PatternTree::default();
        let mut name = String::new();
        let n = 200_000;
        for i in 0..n {
            use core::fmt::Write as _;
            name.clear();
            let _ = write!(
                name,
                "{}:{}:{}:{}",
                word(i % 90),
                word(i / 90 % 90),
                word(i / 8100 % 90),
                word(i % 7)
            );
            tree.add(&KeyFacts { name: name.as_bytes(), memory_bytes: 1, ..KeyFacts::default() });
        }
        assert!(tree.nodes.len() <= MAX_NODES);
        let (groups, other) = tree.groups();
        assert_eq!(groups.iter().map(|g| g.tally.keys).sum::<u64>() + other.keys, n);
        assert!(other.keys > 0);
    }

    /// A word without digits for each number.
    fn word(mut n: u64) -> String {
        let mut out = String::from("w");
        loop {
            out.push(char::from(b'g' + u8::try_from(n % 20).unwrap()));
            n /= 20;
            if n == 0 {
                return out;
            }
        }
    }
}
