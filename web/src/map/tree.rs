//! A map with ways to go about it.

use snaptape_report::{MapKind, MapMeasure, MapNode, MemoryMap};
use snaptape_sort::Sort as _;

/// A map, and what is within what.
#[derive(Debug)]
pub struct Tree {
    map: MemoryMap,
    within: Vec<Vec<usize>>,
}

impl Tree {
    /// The part everything is within.
    pub const ALL: usize = 0;

    /// Of a map.
    pub fn new(map: MemoryMap) -> Self {
        let mut within = vec![Vec::new(); map.nodes.len()];
        for (i, node) in map.nodes.iter().enumerate().skip(1) {
            if let Some(within) = usize::try_from(node.parent).ok().and_then(|parent| within.get_mut(parent))
            {
                within.push(i);
            }
        }
        Self { map, within }
    }

    /// The map.
    pub fn map(&self) -> &MemoryMap {
        &self.map
    }

    /// How many parts there are.
    pub fn len(&self) -> usize {
        self.map.nodes.len()
    }

    /// Is there nothing?
    pub fn is_empty(&self) -> bool {
        self.map.nodes.first().is_none_or(|all| all.sums.keys == 0)
    }

    /// A part.
    pub fn node(&self, at: usize) -> Option<&MapNode> {
        self.map.nodes.get(at)
    }

    /// How large a part is.
    pub fn value(&self, at: usize, measure: MapMeasure) -> u64 {
        self.node(at).map_or(0, |node| node.sums.by(measure))
    }

    /// The part around another one; nothing is around all keys.
    pub fn parent(&self, at: usize) -> Option<usize> {
        if at == Self::ALL {
            return None;
        }
        usize::try_from(self.node(at)?.parent).ok()
    }

    /// Is anything within it?
    pub fn is_leaf(&self, at: usize) -> bool {
        self.within.get(at).is_none_or(Vec::is_empty)
    }

    /// What is within a part.
    pub fn parts(&self, at: usize) -> impl Iterator<Item = usize> {
        self.within.get(at).into_iter().flatten().copied()
    }

    /// What is within a part, largest first.
    pub fn within(&self, at: usize, measure: MapMeasure) -> Vec<usize> {
        let mut within = self.within.get(at).cloned().unwrap_or_default();
        // Stable: they come by memory, what is too small to be listed last.
        within.order_by_key(|part| core::cmp::Reverse(self.value(*part, measure)));
        within
    }

    /// The way to a part, from all keys to itself.
    pub fn way(&self, at: usize) -> Vec<usize> {
        let mut way = vec![at];
        while let Some(parent) = way.last().and_then(|last| self.parent(*last)) {
            way.push(parent);
        }
        way.reverse();
        way
    }

    /// Its words in the address: the names on the way to it.
    pub fn names(&self, at: usize) -> Vec<String> {
        let way = self.way(at).into_iter().skip(1);
        way.filter_map(|part| self.node(part)).map(|node| node.name.clone()).collect()
    }

    /// The part of these names, as far as there is one.
    pub fn find(&self, names: &[String]) -> usize {
        let mut at = Self::ALL;
        for name in names {
            let within = self.within.get(at).into_iter().flatten();
            let mut fits = within.filter(|part| self.node(**part).is_some_and(|node| node.name == *name));
            let Some(next) = fits.next() else { break };
            at = *next;
        }
        at
    }

    /// What a part is called where it stands alone: of a pattern all segments up to it.
    pub fn title(&self, at: usize) -> String {
        let Some(node) = self.node(at) else { return String::new() };
        let of_parent = || self.parent(at).map(|parent| self.segments(parent)).unwrap_or_default();
        match node.kind {
            MapKind::Pattern => {
                let title = self.segments(at);
                if title.is_empty() { node.label().into() } else { title }
            }
            MapKind::Itself => format!("{} itself", of_parent()),
            MapKind::Rest => format!("{}{}", of_parent(), node.label()),
            _ => node.label().into(),
        }
    }

    /// The segments up to a part, as far as it and what is around it are segments.
    fn segments(&self, at: usize) -> String {
        let way = self.way(at);
        let is_pattern = |part: &&usize| self.node(**part).is_some_and(|node| node.kind == MapKind::Pattern);
        let mut segments: Vec<&str> = Vec::new();
        for part in way.iter().rev().take_while(is_pattern) {
            segments.extend(self.node(*part).map(|node| node.name.as_str()));
        }
        segments.reverse();
        segments.concat()
    }
}

#[cfg(test)]
pub(super) mod tests {
    use snaptape_report::MapSums;

    use super::*;

    /// A tree of `(parent, kind, name, memory)`; parts with others within them get the sum.
    pub(crate) fn tree(parts: &[(u32, MapKind, &str, u64)]) -> Tree {
        let mut nodes: Vec<MapNode> = parts
            .iter()
            .map(|&(parent, kind, name, memory_bytes)| MapNode {
                parent,
                kind,
                name: name.into(),
                type_name: "hash".into(),
                mixed: false,
                sums: MapSums { keys: 1, memory_bytes, ..MapSums::default() },
            })
            .collect();
        for i in (1..nodes.len()).rev() {
            let (sums, parent) = (nodes[i].sums, usize::try_from(nodes[i].parent).expect("small"));
            nodes[parent].sums.merge(&sums);
        }
        Tree::new(MemoryMap { nodes, ..MemoryMap::default() })
    }

    /// Names of users and sessions.
    pub(crate) fn sample() -> Tree {
        tree(&[
            (0, MapKind::All, "", 0),
            (0, MapKind::Pattern, "user:{int}", 0),
            (1, MapKind::Pattern, ":profile", 60),
            (1, MapKind::Pattern, ":cart", 10),
            (1, MapKind::Itself, "", 5),
            (0, MapKind::Pattern, "session:{hex}", 20),
            (0, MapKind::Others, "7 smaller parts", 5),
        ])
    }

    #[test]
    fn names_lead_to_parts_and_back() {
        let tree = sample();
        for at in 0..tree.len() {
            assert_eq!(tree.find(&tree.names(at)), at);
        }
        assert_eq!(tree.find(&["user:{int}".into(), "gone".into(), ":cart".into()]), 1);
        assert_eq!(tree.find(&["gone".into()]), Tree::ALL);
        assert_eq!(tree.way(3), [0, 1, 3]);
    }

    #[test]
    fn titles_are_whole_patterns() {
        let tree = sample();
        let titles: Vec<String> = (0..tree.len()).map(|at| tree.title(at)).collect();
        assert_eq!(
            titles,
            [
                "all keys",
                "user:{int}",
                "user:{int}:profile",
                "user:{int}:cart",
                "user:{int} itself",
                "session:{hex}",
                "7 smaller parts"
            ]
        );
        // Below a type the segments begin anew, and a type below a pattern is a type.
        let tree = tests::tree(&[
            (0, MapKind::All, "", 0),
            (0, MapKind::Type, "hash", 0),
            (1, MapKind::Pattern, "", 0),
            (2, MapKind::Encoding, "listpack", 3),
        ]);
        assert_eq!((tree.title(2), tree.title(3)), ("(empty)".into(), "listpack".into()));
    }

    #[test]
    fn the_largest_comes_first_in_any_measure() {
        let tree = sample();
        assert_eq!(tree.within(0, MapMeasure::Memory), [1, 5, 6]);
        assert_eq!(tree.within(1, MapMeasure::Memory), [2, 3, 4]);
        assert_eq!(tree.value(0, MapMeasure::Memory), 100);
    }
}
