//! Rectangles within rectangles.
//!
//! The crate streemap cuts one level: it is the squarified algorithm and nothing else, as generic code of a few hundred bytes. Of the
//! others that were looked at, treemap 0.3 cuts by halves, which makes longer rectangles, and wants each part to keep its rectangle
//! itself; dumap-layout 1.1 brings a walker of file systems with threads.

use core::cmp::Ordering;
use std::collections::BinaryHeap;

use snaptape_report::MapMeasure;
use streemap::Rect;

use super::draw::{LEAST_PX, MAX_TILES};
use super::{Drawing, Tile, Tree};

/// Height of the head of a part that has others drawn within it, px.
const HEAD_PX: f64 = 17.0;
/// Room around the parts within another, px.
const PAD_PX: f64 = 2.0;
/// A part smaller than this is drawn as one rectangle, px.
const OPEN_PX: (f64, f64) = (44.0, 40.0);

/// A tile that may be opened; the largest first.
struct Closed {
    area: f64,
    tile: usize,
}

impl PartialEq for Closed {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl Eq for Closed {}
impl PartialOrd for Closed {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Closed {
    fn cmp(&self, other: &Self) -> Ordering {
        self.area.total_cmp(&other.area).then(other.tile.cmp(&self.tile))
    }
}

pub(super) fn draw(tree: &Tree, root: usize, measure: MapMeasure, width_px: f64) -> Drawing {
    let width = width_px.max(0.0).floor();
    // Narrow screens are high.
    let height =
        if width < 560.0 { (width * 1.2).round() } else { (width * 0.62).clamp(380.0, 640.0).round() };
    let all = Tile { node: root, depth: 0, open: false, x: 0.0, y: 0.0, width, height };
    let mut tiles = vec![all];
    let mut closed = BinaryHeap::from([Closed { area: width * height, tile: 0 }]);
    // The largest are opened first, so that what there is no room for is small.
    while let Some(Closed { tile: at, .. }) = closed.pop() {
        let Some(tile) = tiles.get(at).copied() else { continue };
        let Some(room) = room(&tile).filter(|_| !tree.is_leaf(tile.node)) else { continue };
        let parts = split(tree, tile.node, measure, room);
        let drawn: Vec<Tile> = parts
            .into_iter()
            .filter(|(_, rect)| rect.w >= LEAST_PX && rect.h >= LEAST_PX)
            .map(|(node, rect)| Tile {
                node,
                depth: tile.depth + 1,
                open: false,
                x: rect.x,
                y: rect.y,
                width: rect.w,
                height: rect.h,
            })
            .collect();
        if drawn.is_empty() || tiles.len() + drawn.len() > MAX_TILES {
            continue;
        }
        if let Some(tile) = tiles.get_mut(at) {
            tile.open = true;
        }
        for tile in drawn {
            closed.push(Closed { area: tile.width * tile.height, tile: tiles.len() });
            tiles.push(tile);
        }
    }
    Drawing { width, height, tiles }
}

/// The room for what is within a tile; nothing where it is too small to be opened.
fn room(tile: &Tile) -> Option<Rect<f64>> {
    if tile.depth == 0 {
        return Some(Rect { x: tile.x, y: tile.y, w: tile.width, h: tile.height });
    }
    if tile.width < OPEN_PX.0 || tile.height < OPEN_PX.1 {
        return None;
    }
    Some(Rect {
        x: tile.x + PAD_PX,
        y: tile.y + HEAD_PX,
        w: tile.width - 2.0 * PAD_PX,
        h: tile.height - HEAD_PX - PAD_PX,
    })
}

/// Cuts a rectangle into the parts of a node.
fn split(tree: &Tree, node: usize, measure: MapMeasure, room: Rect<f64>) -> Vec<(usize, Rect<f64>)> {
    let none = Rect { x: 0.0, y: 0.0, w: 0.0, h: 0.0 };
    let within = tree.within(node, measure).into_iter();
    // The algorithm divides by sizes.
    let mut parts: Vec<(usize, Rect<f64>)> =
        within.filter(|part| tree.value(*part, measure) > 0).map(|part| (part, none)).collect();
    streemap::squarify(
        room,
        &mut parts,
        |(part, _)| tree.value(*part, measure) as f64,
        |(_, place), rect| *place = rect,
    );
    parts
}

#[cfg(test)]
mod tests {
    use snaptape_report::MapKind;

    use super::super::tree::tests::{sample, tree};
    use super::*;

    fn overlap(a: &Rect<f64>, b: &Rect<f64>) -> bool {
        const EDGE: f64 = 1e-6;
        a.x + a.w > b.x + EDGE && b.x + b.w > a.x + EDGE && a.y + a.h > b.y + EDGE && b.y + b.h > a.y + EDGE
    }

    #[test]
    fn areas_are_exact_and_nothing_overlaps() {
        // Sizes as data sets have them: a few large ones, a long tail.
        let parts: Vec<(u32, MapKind, &str, u64)> = core::iter::once((0, MapKind::All, "", 0))
            .chain((1..400).map(|i| (0, MapKind::Type, "x", 1 + 1_000_000_000 / (i * i))))
            .collect();
        let tree = tree(&parts);
        for (w, h) in [(1000.0, 600.0), (320.0, 900.0), (37.5, 11.0)] {
            let room = Rect { x: 3.0, y: 5.0, w, h };
            let rects = split(&tree, 0, MapMeasure::Memory, room);
            assert_eq!(rects.len(), 399);
            let whole = tree.value(0, MapMeasure::Memory) as f64;
            for (part, rect) in &rects {
                let share = tree.value(*part, MapMeasure::Memory) as f64 / whole;
                assert!((rect.w * rect.h - share * w * h).abs() < 1e-6 * w * h, "{part}: {rect:?}");
                assert!(rect.x >= 3.0 - 1e-6 && rect.x + rect.w <= 3.0 + w + 1e-6, "{rect:?}");
                assert!(rect.y >= 5.0 - 1e-6 && rect.y + rect.h <= 5.0 + h + 1e-6, "{rect:?}");
            }
            for (i, (_, a)) in rects.iter().enumerate() {
                assert!(!rects.iter().skip(i + 1).any(|(_, b)| overlap(a, b)), "{a:?}");
            }
        }
    }

    #[test]
    fn parts_of_one_size_are_nearly_square() {
        let parts: Vec<(u32, MapKind, &str, u64)> = core::iter::once((0, MapKind::All, "", 0))
            .chain((0..24).map(|_| (0, MapKind::Type, "x", 100)))
            .collect();
        let rects = split(&tree(&parts), 0, MapMeasure::Memory, Rect { x: 0.0, y: 0.0, w: 900.0, h: 600.0 });
        for (_, rect) in rects {
            assert!((rect.w / rect.h).max(rect.h / rect.w) < 1.6, "{rect:?}");
        }
    }

    #[test]
    fn parts_are_within_what_they_belong_to() {
        let tree = sample();
        let drawing = draw(&tree, 0, MapMeasure::Memory, 900.0);
        assert_eq!(drawing.tiles.len(), tree.len());
        for tile in drawing.tiles.iter().filter(|tile| tile.depth > 0) {
            let around = drawing.tile(tree.parent(tile.node).expect("not all keys")).expect("drawn");
            assert!(around.open);
            assert!(tile.x >= around.x && tile.x + tile.width <= around.x + around.width + 1e-6);
            assert!(tile.y >= around.y && tile.y + tile.height <= around.y + around.height + 1e-6);
            // Its middle leads to it, unless others are drawn there.
            if !tile.open {
                let middle = (tile.x + tile.width / 2.0, tile.y + tile.height / 2.0);
                assert_eq!(drawing.at(middle.0, middle.1), Some(tile.node));
            }
        }
        assert_eq!(drawing.at(-1.0, 0.0), None);
    }

    #[test]
    fn there_are_never_too_many() {
        let mut parts: Vec<(u32, MapKind, &str, u64)> = vec![(0, MapKind::All, "", 0)];
        for i in 0..60_u32 {
            parts.push((0, MapKind::Type, "x", 0));
            let parent = 1 + i * 41;
            parts.extend((0..40).map(|n| (parent, MapKind::Type, "y", 10 + n)));
        }
        let tree = tree(&parts);
        let drawing = draw(&tree, 0, MapMeasure::Memory, 1400.0);
        assert!(drawing.tiles.len() <= MAX_TILES && drawing.tiles.len() > 300, "{}", drawing.tiles.len());
        // No keys without TTL, so nothing of that measure; no width, so nothing at all.
        assert_eq!(draw(&tree, 0, MapMeasure::WithoutTtl, 1400.0).tiles.len(), 1);
        assert_eq!(draw(&tree, 0, MapMeasure::Memory, 0.0).tiles.len(), 1);
    }
}
