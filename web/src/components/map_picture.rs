//! The rectangles of a map.
//!
//! SVG, not canvas: a few hundred rectangles that stay while the pointer moves over them cost nothing, each can be named to a reader, and
//! styles, forced colours and printing work as everywhere.

use snaptape_report::{MapMeasure, units};
use yew::prelude::*;

use super::bar::type_class;
use crate::map::{CHAR_PX, Drawing, Found, MapStyle, Standing, Tile, Tree, clip};
use crate::state::Shared;

/// Properties of [`MapPicture`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct MapPictureProps {
    /// The map.
    pub tree: Shared<Tree>,
    /// Where its parts are.
    pub drawing: Shared<Drawing>,
    /// What they are as large as.
    pub measure: MapMeasure,
    /// How they are drawn.
    pub style: MapStyle,
    /// What is looked for.
    pub found: Option<Shared<Found>>,
}

/// Drawn once for each change of the map: what the pointer and the cursor are on is drawn over it.
#[component]
pub fn MapPicture(props: &MapPictureProps) -> Html {
    let drawing = &props.drawing;
    html! {
        <svg class="mapPicture" width={px(drawing.width)} height={px(drawing.height)} role="none" focusable="false">
            <defs>{ hatches() }</defs>
            { for drawing.tiles.iter().map(|tile| html! {
                <>
                    { rectangle(props, tile) }
                    { label(props, tile) }
                </>
            }) }
        </svg>
    }
}

/// The id of the rectangle of a part.
pub fn tile_id(node: usize) -> String {
    format!("map-part-{node}")
}

fn px(n: f64) -> String {
    format!("{n:.1}")
}

fn rectangle(props: &MapPictureProps, tile: &Tile) -> Html {
    let tree = &props.tree;
    let Some(node) = tree.node(tile.node) else { return Html::default() };
    let value = tree.value(tile.node, props.measure);
    let whole = tree.value(Tree::ALL, props.measure);
    // A gap between parts, as far as they are large enough for one.
    let gap = if tile.width > 6.0 && tile.height > 6.0 { 1.0 } else { 0.5 };
    let words = format!(
        "{}, {} of {}, {}, {}, {}",
        tree.title(tile.node),
        units::percent(value, whole),
        props.measure.whole(),
        units::bytes(node.sums.memory_bytes),
        units::plural(node.sums.keys, "key", "keys"),
        node.types()
    );
    let standing = props.found.as_ref().map(|found| found.standing(tile.node));
    let dimmed = standing.is_some_and(|standing| standing == Standing::Outside);
    let found = standing.is_some_and(|standing| standing == Standing::Found);
    // In rows every part is one rectangle, whether or not there are others below it.
    let around = tile.open && props.style == MapStyle::Treemap;
    html! {
        <rect id={tile_id(tile.node)} class={classes!("mapTile", type_class(&node.type_name), node.mixed.then_some("mapTileMixed"), around.then_some("mapTileAround"), dimmed.then_some("mapTileDimmed"), found.then_some("mapTileFound"))}
            x={px(tile.x)} y={px(tile.y)} width={px((tile.width - gap).max(1.0))} height={px((tile.height - gap).max(1.0))} rx="2"
            role="treeitem" aria-level={(tile.depth + 1).to_string()} aria-label={words}
            aria-expanded={(!tree.is_leaf(tile.node)).then(|| tile.open.to_string())}
            data-node={tile.node.to_string()} data-value={value.to_string()} />
    }
}

/// Its name, and its size where there is room.
fn label(props: &MapPictureProps, tile: &Tile) -> Html {
    const EDGE: f64 = 6.0;
    let treemap = props.style == MapStyle::Treemap;
    // All that is shown stands above the picture.
    if treemap && tile.depth == 0 || tile.height < 14.0 {
        return Html::default();
    }
    let Some(node) = props.tree.node(tile.node) else { return Html::default() };
    let room = tile.width - 2.0 * EDGE;
    let Some(name) = clip(node.label(), room) else { return Html::default() };
    let value = props.measure.text(props.tree.value(tile.node, props.measure));
    let beside = room - (name.chars().count() + value.chars().count() + 2) as f64 * CHAR_PX;
    // What is around others has only a line above them.
    let line = treemap && tile.open;
    let below = !line && tile.height >= 36.0 && room >= (value.chars().count() as f64) * CHAR_PX;
    let types = node.types();
    let with_type = room >= (value.chars().count() + types.chars().count() + 1) as f64 * CHAR_PX;
    let y = tile.y + if line { 12.5 } else { 15.0 };
    let standing = props.found.as_ref().map(|found| found.standing(tile.node));
    let dimmed = standing == Some(Standing::Outside);
    html! {
        <g class={classes!("mapLabel", line.then_some("mapLabelHead"), dimmed.then_some("mapLabelDimmed"))} aria-hidden="true">
            <text x={px(tile.x + EDGE)} y={px(y)}>{ name }</text>
            if line && beside > 0.0 {
                <text class="mapLabelValue" x={px(tile.x + tile.width - EDGE - 1.0)} y={px(y)} text-anchor="end">{ value.clone() }</text>
            }
            if below {
                <text class="mapLabelValue" x={px(tile.x + EDGE)} y={px(y + 15.0)}>{ if with_type { format!("{value} {types}") } else { value } }</text>
            }
        </g>
    }
}

/// A texture for each type, so that colour is not all that tells them apart.
fn hatches() -> Html {
    const HATCHES: [(&str, &str, &str); 7] = [
        ("string", "typeString", "M0 0"),
        ("hash", "typeHash", "M0 4H8M4 0V8"),
        ("zset", "typeZset", "M2 0V8M6 0V8"),
        ("set", "typeSet", "M1 2h1M5 6h1"),
        ("list", "typeList", "M0 2H8M0 6H8"),
        ("stream", "typeStream", "M0 8 8 0M-2 2 2 -2M6 10 10 6"),
        ("module", "typeModule", "M0 0 8 8M6 -2 10 2M-2 6 2 10"),
    ];
    HATCHES
        .iter()
        .map(|(id, class, path)| {
            html! {
                <pattern id={format!("map-hatch-{id}")} class={*class} width="8" height="8" patternUnits="userSpaceOnUse">
                    <rect class="mapHatchGround" width="8" height="8" />
                    <path class="mapHatchLines" d={*path} />
                </pattern>
            }
        })
        .collect()
}
