//! A map as a table: the rows that are open.

use std::collections::BTreeSet;

use snaptape_report::MapMeasure;

use super::{Found, Standing, Tree};

/// Most rows within one part, until more are asked for.
pub(super) const STEP: usize = 100;

/// A row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Row {
    /// A part, and how deep it is below what is shown.
    Part {
        /// The part.
        node: usize,
        /// Its depth; that of what is shown is 0.
        depth: usize,
        /// Are the parts within it shown? Nothing where there are none.
        open: Option<bool>,
        /// Its place among the parts beside it, from 1.
        place: usize,
        /// How many there are beside it, itself among them.
        beside: usize,
    },
    /// More parts than are shown.
    More {
        /// What they are within.
        around: usize,
        /// How deep they are.
        depth: usize,
        /// How many.
        parts: usize,
    },
}

/// The rows of what is shown: all parts within those that are open, largest first. While something is looked for, only what is found and
/// what is around it, all of it open. `long` are the parts of which everything is shown.
pub fn rows(
    tree: &Tree,
    root: usize,
    measure: MapMeasure,
    open: &BTreeSet<usize>,
    long: &BTreeSet<usize>,
    found: Option<&Found>,
) -> Vec<Row> {
    let mut rows = Vec::new();
    let is_shown = |node: usize| match found.map(|found| found.standing(node)) {
        Some(Standing::Outside) => false,
        Some(Standing::Within) => tree.way(node).iter().any(|part| open.contains(part)),
        _ => true,
    };
    let mut waiting = vec![Row::Part { node: root, depth: 0, open: None, place: 1, beside: 1 }];
    while let Some(row) = waiting.pop() {
        let Row::Part { node, depth, place, beside, .. } = row else {
            rows.push(row);
            continue;
        };
        let is_around = found.is_some_and(|found| found.standing(node) == Standing::Around);
        let is_open = node == root || is_around || open.contains(&node);
        let is_leaf = tree.is_leaf(node);
        rows.push(Row::Part { node, depth, open: (!is_leaf).then_some(is_open), place, beside });
        if !is_open || is_leaf {
            continue;
        }
        let mut within = tree.within(node, measure);
        within.retain(|part| is_shown(*part));
        let all = within.len();
        if !long.contains(&node) {
            within.truncate(STEP);
        }
        if within.len() < all {
            waiting.push(Row::More { around: node, depth: depth + 1, parts: all - within.len() });
        }
        let parts = within.into_iter().enumerate().rev();
        waiting.extend(parts.map(|(i, node)| Row::Part {
            node,
            depth: depth + 1,
            open: None,
            place: i + 1,
            beside: all,
        }));
    }
    rows
}

#[cfg(test)]
mod tests {
    use snaptape_report::MapKind;

    use super::super::find;
    use super::super::tree::tests::{sample, tree};
    use super::*;

    fn nodes(rows: &[Row]) -> Vec<usize> {
        rows.iter()
            .filter_map(|row| match row {
                Row::Part { node, .. } => Some(*node),
                Row::More { .. } => None,
            })
            .collect()
    }

    #[test]
    fn what_is_open_is_shown() {
        let tree = sample();
        let show = |root, open: &[usize], text: Option<&str>| {
            let found = text.map(|text| find(&tree, text));
            let open = open.iter().copied().collect();
            nodes(&rows(&tree, root, MapMeasure::Memory, &open, &BTreeSet::new(), found.as_ref()))
        };
        assert_eq!(show(0, &[], None), [0, 1, 5, 6]);
        assert_eq!(show(0, &[1], None), [0, 1, 2, 3, 4, 5, 6]);
        assert_eq!(show(1, &[], None), [1, 2, 3, 4]);
        assert_eq!(show(0, &[], Some("cart")), [0, 1, 3]);
        assert_eq!(show(0, &[], Some("user")), [0, 1]);
        assert_eq!(show(0, &[1], Some("user")), [0, 1, 2, 3, 4]);
    }

    #[test]
    fn long_lists_come_in_steps() {
        let parts: Vec<(u32, MapKind, &str, u64)> = core::iter::once((0, MapKind::All, "", 0))
            .chain((0..250).map(|i| (0, MapKind::Type, "x", 1000 - i)))
            .collect();
        let tree = tree(&parts);
        let none = BTreeSet::new();
        let some = rows(&tree, 0, MapMeasure::Memory, &none, &none, None);
        assert_eq!(some.len(), 1 + STEP + 1);
        assert_eq!(some.last(), Some(&Row::More { around: 0, depth: 1, parts: 150 }));
        assert_eq!(rows(&tree, 0, MapMeasure::Memory, &none, &BTreeSet::from([0]), None).len(), 251);
    }
}
