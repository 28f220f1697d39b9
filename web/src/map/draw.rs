//! Where the parts of a map are drawn.

use snaptape_report::MapMeasure;

use super::{MapStyle, Tree, icicle, treemap};

/// A rectangle of a part.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tile {
    /// The part.
    pub node: usize,
    /// How deep it is below what is shown; that itself has 0.
    pub depth: usize,
    /// Are parts drawn within it? Then only its head is its own.
    pub open: bool,
    /// Left edge, px.
    pub x: f64,
    /// Upper edge, px.
    pub y: f64,
    /// Width, px.
    pub width: f64,
    /// Height, px.
    pub height: f64,
}

impl Tile {
    fn covers(&self, x: f64, y: f64) -> bool {
        (self.x..self.x + self.width).contains(&x) && (self.y..self.y + self.height).contains(&y)
    }
}

/// A picture of a part and what is within it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Drawing {
    /// Its width, px.
    pub width: f64,
    /// Its height, px.
    pub height: f64,
    /// The rectangles, each before those within it.
    pub tiles: Vec<Tile>,
}

/// What is narrower or lower than this cannot be seen, px.
pub(super) const LEAST_PX: f64 = 3.0;
/// Most rectangles: a browser draws so many without effort.
pub(super) const MAX_TILES: usize = 700;

impl Drawing {
    /// The innermost part at a point.
    pub fn at(&self, x: f64, y: f64) -> Option<usize> {
        self.tiles.iter().rev().find(|tile| tile.covers(x, y)).map(|tile| tile.node)
    }

    /// Where a part is drawn.
    pub fn tile(&self, node: usize) -> Option<&Tile> {
        self.tiles.iter().find(|tile| tile.node == node)
    }
}

/// Draws a part of a map in so many px of width.
pub fn draw(tree: &Tree, root: usize, measure: MapMeasure, style: MapStyle, width_px: f64) -> Drawing {
    match style {
        MapStyle::Treemap => treemap::draw(tree, root, measure, width_px),
        MapStyle::Icicle => icicle::draw(tree, root, measure, width_px),
        MapStyle::Table => Drawing::default(),
    }
}
