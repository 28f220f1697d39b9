//! The largest parts of a tree as a list that fits a bound, whatever the tree; the rest of it summed up beside them.

use std::collections::BinaryHeap;

use snaptape_report::{
    MAP_SCHEMA, MapFolding, MapKind, MapMeasure, MapNesting, MapNode, MapSums, MemoryMap, PatternFolding,
    units,
};
use snaptape_sort::Sort as _;

use super::mark;
use crate::keys::{
    Merge, TYPE_COUNT,
    grouping::Grouping,
    pattern,
    tree::{NodeSums, PatternTree, ROOT},
    type_name,
};

/// Sums that can be shown in a map.
pub(crate) trait Measured {
    /// The sums.
    fn sums(&self) -> MapSums;
    /// The memory of each type.
    fn memory_by_type(&self) -> &[u64; TYPE_COUNT];
}

/// Everything at and below a node.
#[derive(Debug, Clone, Default)]
struct Total {
    sums: MapSums,
    memory_by_type: [u64; TYPE_COUNT],
}

impl Total {
    fn add<L: Measured>(&mut self, leaf: &L) {
        self.merge(&Self { sums: leaf.sums(), memory_by_type: *leaf.memory_by_type() });
    }

    /// The largest of its shares in the whole, so that nothing is left out that is large in any measure.
    fn weight(&self, whole: &MapSums) -> u64 {
        let shares = MapMeasure::ALL.into_iter().filter_map(|measure| {
            let share =
                (u128::from(self.sums.by(measure)) << 40).checked_div(u128::from(whole.by(measure)))?;
            u64::try_from(share).ok()
        });
        shares.max().unwrap_or(0)
    }

    fn node(&self, parent: u32, kind: MapKind, name: String) -> MapNode {
        let types = self.memory_by_type.iter().enumerate();
        let most = types.clone().max_by_key(|(i, memory)| (**memory, usize::MAX - i));
        let type_name = most.filter(|_| self.sums.keys > 0).map_or("", |(i, _)| type_name(i));
        let mixed = types.filter(|(_, memory)| **memory > 0).count() > 1;
        MapNode { parent, kind, name, type_name: type_name.into(), mixed, sums: self.sums }
    }
}

impl Merge for Total {
    fn merge(&mut self, other: &Self) {
        self.sums.merge(&other.sums);
        for (a, b) in self.memory_by_type.iter_mut().zip(other.memory_by_type) {
            *a = a.saturating_add(b);
        }
    }
}

/// What a part is.
#[derive(Debug, Clone, Copy)]
enum What {
    /// A node of the tree, and those above it that hold nothing else.
    Node { first: usize, last: usize },
    /// The keys at a node, which has others below it.
    Itself(usize),
    /// One of the groups beside the tree.
    Beside(usize),
}

/// A part that is listed, or may be.
#[derive(Debug)]
struct Part<'a> {
    what: What,
    token: &'a str,
    within: Vec<usize>,
    is_listed: bool,
}

/// The parts of a tree.
pub(crate) struct List<'a, L> {
    tree: &'a PatternTree<L>,
    /// What the user's own groups hold, where that is not in the tree.
    beside: Vec<(String, &'a L)>,
    folding: PatternFolding,
    totals: Vec<Total>,
    parts: Vec<Part<'a>>,
    unlisted: u64,
}

impl<'a, L: NodeSums + Measured> List<'a, L> {
    pub(crate) fn new(tree: &'a PatternTree<L>, beside: Vec<(String, &'a L)>, grouping: &Grouping) -> Self {
        let mut list = Self {
            tree,
            beside,
            folding: tree.folding(grouping),
            totals: vec![Total::default(); tree.len()],
            parts: Vec::new(),
            unlisted: 0,
        };
        list.add_up(ROOT);
        for (_, leaf) in &list.beside {
            if let Some(total) = list.totals.get_mut(ROOT) {
                total.add(*leaf);
            }
        }
        list
    }

    /// Fills in the totals of a node and of all below it. No tree is deeper than names have segments, and a few more.
    fn add_up(&mut self, at: usize) -> Total {
        let mut total = Total::default();
        if let Some(leaf) = self.tree.sums(at) {
            total.add(leaf);
        }
        for (_, child) in self.tree.below(at) {
            total.merge(&self.add_up(child));
        }
        if let Some(place) = self.totals.get_mut(at) {
            place.clone_from(&total);
        }
        total
    }

    fn total(&self, what: What) -> Total {
        let leaf = match what {
            What::Node { last, .. } => return self.totals.get(last).cloned().unwrap_or_default(),
            What::Itself(at) => self.tree.sums(at),
            What::Beside(at) => self.beside.get(at).map(|(_, leaf)| *leaf),
        };
        let mut total = Total::default();
        if let Some(leaf) = leaf {
            total.add(leaf);
        }
        total
    }

    fn has_keys(&self, at: usize) -> bool {
        self.totals.get(at).is_some_and(|total| total.sums.keys > 0)
    }

    /// Are there keys at a node itself, and what is below it and holds any?
    fn look(&self, at: usize) -> (bool, Vec<(&'a str, usize)>) {
        let mut below = self.tree.below(at);
        below.retain(|(_, child)| self.has_keys(*child));
        (self.tree.sums(at).is_some_and(|leaf| leaf.keys() > 0), below)
    }

    /// A node for a token, and as far below it as there is nothing but one segment after the other.
    fn chain(&self, token: &str, first: usize) -> What {
        let mut last = first;
        if kind(token) == MapKind::Pattern {
            while let (false, children) = self.look(last)
                && let [(token, child)] = children.as_slice()
                && kind(token) == MapKind::Pattern
            {
                last = *child;
            }
        }
        What::Node { first, last }
    }

    /// Puts what is within a part behind it.
    fn open(&mut self, part: usize) -> Vec<usize> {
        let Some(What::Node { last, .. }) = self.parts.get(part).map(|part| part.what) else {
            return Vec::new();
        };
        let (itself, children) = self.look(last);
        let mut within: Vec<(What, &'a str)> =
            children.iter().map(|(token, child)| (self.chain(token, *child), *token)).collect();
        if last == ROOT {
            within.extend((0..self.beside.len()).map(|at| (What::Beside(at), "")));
            within.retain(|(what, _)| self.total(*what).sums.keys > 0);
        }
        if itself && !within.is_empty() {
            within.push((What::Itself(last), ""));
        }
        let first = self.parts.len();
        self.parts.extend(within.into_iter().map(|(what, token)| Part {
            what,
            token,
            within: Vec::new(),
            is_listed: false,
        }));
        (first..self.parts.len()).collect()
    }

    /// Lists the largest parts, each after what it is within.
    fn choose(&mut self) {
        let whole = self.totals.first().cloned().unwrap_or_default().sums;
        self.parts.push(Part {
            what: What::Node { first: ROOT, last: ROOT },
            token: "",
            within: Vec::new(),
            is_listed: false,
        });
        // The number breaks ties. It follows from the parts before, not from how the tree came about.
        let mut largest = BinaryHeap::from([(u64::MAX, core::cmp::Reverse(0_usize))]);
        let mut listed = 0;
        while listed <= MemoryMap::MAX_NODES
            && let Some((_, core::cmp::Reverse(part))) = largest.pop()
        {
            listed += 1;
            let within = self.open(part);
            for next in &within {
                let weight = self.parts.get(*next).map_or(0, |part| self.total(part.what).weight(&whole));
                largest.push((weight, core::cmp::Reverse(*next)));
            }
            if let Some(part) = self.parts.get_mut(part) {
                (part.is_listed, part.within) = (true, within);
            }
        }
    }

    fn name(&self, part: &Part<'_>) -> (MapKind, String) {
        match part.what {
            What::Itself(_) => (MapKind::Itself, String::new()),
            What::Beside(at) => {
                let name = self.beside.get(at).map(|(name, _)| name.as_str()).unwrap_or_default();
                let kind = if name == pattern::REST { MapKind::Rest } else { MapKind::Group };
                (kind, units::printable(name.as_bytes()))
            }
            What::Node { first, last } => {
                let kind = kind(part.token);
                let text = pattern::marked(part.token).map_or(part.token, |(_, text)| text);
                let mut name = String::from(text);
                let mut at = first;
                while at != last
                    && let Some(&(token, child)) = self.look(at).1.first()
                {
                    name.push_str(token);
                    at = child;
                }
                let name = if kind == MapKind::Slots { slots(&name) } else { name };
                (kind, units::printable(name.as_bytes()))
            }
        }
    }

    /// Writes a part down, and what is within it.
    fn write(&mut self, part: usize, parent: u32, nodes: &mut Vec<MapNode>) {
        let Some(this) = self.parts.get(part) else { return };
        let ((kind, name), total) = (self.name(this), self.total(this.what));
        let at = u32::try_from(nodes.len()).unwrap_or(u32::MAX);
        let kind = if part == 0 { MapKind::All } else { kind };
        nodes.push(total.node(parent, kind, name));
        let within = this.within.clone();
        let (mut listed, small): (Vec<usize>, Vec<usize>) =
            within.into_iter().partition(|part| self.parts.get(*part).is_some_and(|part| part.is_listed));
        let memory =
            |part: &usize| self.parts.get(*part).map_or(0, |part| self.total(part.what).sums.memory_bytes);
        // Stable: what is as large stays in the order of its names.
        listed.order_by_key(|part| core::cmp::Reverse(memory(part)));
        for part in listed {
            self.write(part, at, nodes);
        }
        match small.as_slice() {
            [] => {}
            // It takes no more room than a part that stands for others.
            [one] => self.write(*one, at, nodes),
            many => {
                let mut total = Total::default();
                for part in many {
                    if let Some(part) = self.parts.get(*part) {
                        total.merge(&self.total(part.what));
                    }
                }
                self.unlisted += many.len() as u64;
                let name = units::plural(many.len() as u64, "smaller part", "smaller parts");
                nodes.push(total.node(at, MapKind::Others, name));
            }
        }
    }

    /// The list.
    pub(crate) fn map(&mut self, target: &str, nesting: MapNesting) -> MemoryMap {
        self.choose();
        let mut nodes = Vec::new();
        self.write(0, 0, &mut nodes);
        let folding = MapFolding {
            folded_words: self.folding.folded_words,
            cut: self.folding.cut,
            cut_keys: self.folding.cut_keys,
            unlisted: self.unlisted,
        };
        MemoryMap { schema: MAP_SCHEMA.into(), target: target.into(), nesting, nodes, folding }
    }
}

fn kind(token: &str) -> MapKind {
    match pattern::marked(token).map(|(mark, _)| mark) {
        None if token == pattern::REST => MapKind::Rest,
        None => MapKind::Pattern,
        Some(mark::TYPE) => MapKind::Type,
        Some(mark::ENCODING) => MapKind::Encoding,
        Some(mark::DATABASE) => MapKind::Database,
        Some(mark::SLOTS) => MapKind::Slots,
        Some(mark::FILE) => MapKind::File,
        Some(_) => MapKind::Group,
    }
}

fn slots(text: &str) -> String {
    if text.contains('-') { format!("slots {text}") } else { format!("slot {text}") }
}
