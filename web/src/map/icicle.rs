//! Rows, each part below what it is within and as wide as its share.

use snaptape_report::MapMeasure;

use super::draw::{LEAST_PX, MAX_TILES};
use super::{Drawing, Tile, Tree};

/// Height of a row, px: at least that of a name with its figure below it.
const ROW_PX: f64 = 40.0;
/// A picture of few rows fills so much, px, with rows of at most [`TALL_PX`].
const FEW_PX: f64 = 240.0;
const TALL_PX: f64 = 56.0;

pub(super) fn draw(tree: &Tree, root: usize, measure: MapMeasure, width_px: f64) -> Drawing {
    let width = width_px.max(0.0).floor();
    let mut tiles = vec![Tile { node: root, depth: 0, open: false, x: 0.0, y: 0.0, width, height: ROW_PX }];
    let mut at = 0;
    // Row by row, so that what there is no room for is deep.
    while let Some(tile) = tiles.get(at).copied() {
        let whole = tree.value(tile.node, measure) as f64;
        let mut before = 0.0;
        let mut drawn = Vec::new();
        for node in tree.within(tile.node, measure) {
            let value = tree.value(node, measure) as f64;
            let part = Tile {
                node,
                depth: tile.depth + 1,
                open: false,
                x: tile.x + tile.width * before / whole.max(1.0),
                y: tile.y + ROW_PX,
                width: tile.width * value / whole.max(1.0),
                height: ROW_PX,
            };
            before += value;
            // They come by size.
            if part.width < LEAST_PX || tiles.len() + drawn.len() >= MAX_TILES {
                break;
            }
            drawn.push(part);
        }
        if let Some(tile) = tiles.get_mut(at) {
            tile.open = !drawn.is_empty();
        }
        tiles.extend(drawn);
        at += 1;
    }
    let rows = tiles.iter().map(|tile| tile.depth + 1).max().unwrap_or(1) as f64;
    let row_px = (FEW_PX / rows).clamp(ROW_PX, TALL_PX).floor();
    for tile in &mut tiles {
        (tile.y, tile.height) = (tile.depth as f64 * row_px, row_px);
    }
    Drawing { width, height: rows * row_px, tiles }
}

#[cfg(test)]
mod tests {
    use super::super::tree::tests::sample;
    use super::*;

    #[test]
    fn each_part_is_below_its_own_and_as_wide_as_its_share() {
        let tree = sample();
        let drawing = draw(&tree, 0, MapMeasure::Memory, 1000.0);
        assert_eq!(drawing.tiles.len(), tree.len());
        // Few rows are high ones.
        assert_eq!((drawing.width, drawing.height), (1000.0, 3.0 * TALL_PX));
        assert!(drawing.tiles.iter().all(|tile| tile.y <= drawing.height - tile.height));
        for tile in &drawing.tiles {
            let expected = tree.value(tile.node, MapMeasure::Memory) as f64 * 10.0;
            assert!((tile.width - expected).abs() < 1e-6, "{tile:?}");
            if let Some(parent) = tree.parent(tile.node).and_then(|parent| drawing.tile(parent)) {
                assert!(tile.x >= parent.x && tile.x + tile.width <= parent.x + parent.width + 1e-6);
            }
        }
        // Zoomed in, a part has all the room.
        let zoomed = draw(&tree, 1, MapMeasure::Memory, 750.0);
        assert_eq!(zoomed.tiles.iter().map(|tile| tile.node).collect::<Vec<_>>(), [1, 2, 3, 4]);
        // What is too narrow is not drawn.
        assert_eq!(draw(&tree, 0, MapMeasure::Memory, 59.0).tiles.len(), 5);
        assert_eq!(draw(&tree, 0, MapMeasure::WithoutTtl, 1000.0).tiles.len(), 1);
    }
}
