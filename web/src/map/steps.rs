//! Going about a map by keyboard, and zooming.

use snaptape_report::MapMeasure;

use super::{Drawing, Tree};

/// A step from one part to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The next larger one beside it.
    Before,
    /// The next smaller one beside it.
    Behind,
    /// The largest one beside it.
    First,
    /// The smallest one beside it.
    Last,
    /// What it is within.
    Out,
    /// The largest one within it.
    In,
}

impl Step {
    /// The step of a key.
    pub fn of_key(key: &str) -> Option<Self> {
        Some(match key {
            "ArrowLeft" => Self::Before,
            "ArrowRight" => Self::Behind,
            "ArrowUp" => Self::Out,
            "ArrowDown" => Self::In,
            "Home" => Self::First,
            "End" => Self::Last,
            _ => return None,
        })
    }
}

/// Where a step leads, among what is drawn; nowhere else where there is nothing. What is shown is `root`.
pub fn step(
    tree: &Tree,
    drawing: &Drawing,
    root: usize,
    from: usize,
    step: Step,
    measure: MapMeasure,
) -> usize {
    let drawn = |around: usize| {
        let mut within = tree.within(around, measure);
        within.retain(|part| drawing.tile(*part).is_some());
        within
    };
    if step == Step::In {
        return drawn(from).first().copied().unwrap_or(from);
    }
    let Some(parent) = tree.parent(from).filter(|_| from != root) else { return from };
    if step == Step::Out {
        return parent;
    }
    let beside = drawn(parent);
    let at = beside.iter().position(|part| *part == from).unwrap_or(0);
    let to = match step {
        Step::Before => at.saturating_sub(1),
        Step::Behind => at + 1,
        Step::First => 0,
        _ => beside.len().saturating_sub(1),
    };
    beside.get(to).copied().unwrap_or(from)
}

/// What to zoom to when a part is chosen: itself, or where nothing is within it, one step towards it. Nothing where that is shown.
pub fn towards(tree: &Tree, root: usize, part: usize) -> Option<usize> {
    if !tree.is_leaf(part) {
        return Some(part).filter(|part| *part != root);
    }
    let way = tree.way(part);
    let at = way.iter().position(|step| *step == root)?;
    way.get(at + 1).copied().filter(|next| *next != part)
}

#[cfg(test)]
mod tests {
    use super::super::tree::tests::sample;
    use super::super::{MapStyle, draw};
    use super::*;

    #[test]
    fn arrows_lead_to_every_part() {
        let tree = sample();
        let drawing = draw(&tree, 0, MapMeasure::Memory, MapStyle::Treemap, 900.0);
        let go =
            |from, key| step(&tree, &drawing, 0, from, Step::of_key(key).expect(key), MapMeasure::Memory);
        assert_eq!(go(0, "ArrowDown"), 1);
        assert_eq!((go(1, "ArrowRight"), go(5, "ArrowLeft"), go(1, "End"), go(6, "Home")), (5, 1, 6, 1));
        assert_eq!((go(1, "ArrowDown"), go(3, "ArrowUp"), go(1, "ArrowUp")), (2, 1, 0));
        // There is nothing further.
        assert_eq!(
            (go(1, "ArrowLeft"), go(6, "ArrowRight"), go(2, "ArrowDown"), go(0, "ArrowUp")),
            (1, 6, 2, 0)
        );
        assert_eq!(Step::of_key("a"), None);
    }

    #[test]
    fn a_choice_zooms_one_step_at_least() {
        let tree = sample();
        assert_eq!(towards(&tree, 0, 1), Some(1));
        assert_eq!(towards(&tree, 0, 3), Some(1));
        assert_eq!(towards(&tree, 1, 3), None);
        assert_eq!(towards(&tree, 0, 5), None);
        assert_eq!(towards(&tree, 1, 1), None);
    }
}
